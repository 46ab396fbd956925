"""check_flow.py PROGRAM: where rows come from, as `explaint attend --measures flow` says it, beside NumPy and SciPy on the maps that `model dump`
gives of small models: rows by text and pooled, maps, laws. Exits with 1 if one differs by more than its bound."""
import json
import shutil
import sys
import tempfile
from pathlib import Path

import numpy as np
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import maximum_flow

from check_embed import GOLDEN, PIECES, explaint, safetensors

BOUND = 1e-5
STORIES = GOLDEN.parent.parent / "data" / "models" / "stories260K"
TEXTS = {"bert-gelu": ["the dog see the big cat", "a", "ice cream ice cream", "this is a b . , ! dogs running"],
         "stories260K": ["Once upon a time there was a cat.", "a", "no no no no", "The dog ran to the red house and saw Tim."]}


def rollout(mixed):
    out = [np.eye(len(mixed[0]))]
    for a in mixed: out.append(a @ out[-1])
    return out[1:]


def max_flow(mixed):
    """SciPy's flows are of 32-bit integers: capacities are multiples of 2^-26."""
    layers, n = len(mixed), len(mixed[0])
    graph = np.zeros(((layers + 1) * n,) * 2, np.int32)
    for l, a in enumerate(mixed): graph[(l + 1) * n:(l + 2) * n, l * n:(l + 1) * n] = np.rint(a * 2 ** 26)
    graph = csr_matrix(graph)
    return np.array([[maximum_flow(graph, layers * n + i, j).flow_value for j in range(n)] for i in range(n)]) / 2 ** 26


def uniform(n, causal):
    a = np.tril(np.ones((n, n))) if causal else np.ones((n, n))
    return a / a.sum(1, keepdims=True)


def entropy(a):
    return -np.where(a > 0, a * np.log(np.where(a > 0, a, 1)), 0).sum(1)


def flow_of_maps(attentions, causal):
    """measure -> layer -> a value for each row; and the maps of the last layer."""
    mixed = [a.astype(np.float64).mean(0) / 2 + np.eye(a.shape[-1]) / 2 for a in attentions]
    n, layers = len(mixed[0]), len(mixed)
    rolled, even = rollout(mixed), rollout([uniform(n, causal) / 2 + np.eye(n) / 2] * layers)
    flows = [max_flow(mixed[:l + 1]) for l in range(layers)]
    normalised = [f / f.sum(1, keepdims=True) for f in flows]
    rows = {"rollout_own": [np.diag(r) for r in rolled], "rollout_entropy": [entropy(r) for r in rolled], "rollout_first": [r[:, 0] for r in rolled],
            "rollout_uniform_first": [r[:, 0] for r in even], "flow_own": [np.diag(f) for f in normalised]}
    return rows, {"rollout": rolled[-1], "flow": flows[-1], "flow_normalised": normalised[-1]}


def laws(said, maps, name):
    assert abs(maps["rollout"].sum(1) - 1).max() < BOUND, f"{name}: rows of a rollout add up to 1"
    first = {m: said[m, 1, None][0] for m in ("rollout_own", "flow_own")}
    assert abs(first["rollout_own"] - first["flow_own"]) < BOUND, f"{name}: the flow of layer 1 is its rollout"


def check(name, folder, causal, worst):
    texts, work = TEXTS[name], folder.parent
    (work / "texts.txt").write_text("".join(t + "\n" for t in texts))
    explaint("model", "dump", "--model", folder, "--texts", work / "texts.txt", "--output", work / "dump.safetensors")
    got = explaint("attend", "--model", folder, "--texts", work / "texts.txt", "--measures", "flow", "--by-text", "--json", "--damage", "reverse",
                   "--maps", work / "maps.safetensors")
    said = {(r["measure"], r["layer"], r.get("text")): (r["value"], r["n"]) for r in json.loads(got)["rows"]}
    dump, maps = safetensors(work / "dump.safetensors")[0], safetensors(work / "maps.safetensors")[0]
    every = {}

    def compare(what, value, expected):
        gap = np.abs(value - expected).max()
        worst[what] = max(worst.get(what, 0), gap)
        if not gap < BOUND: sys.exit(f"{name}: {what}: {value} and {expected}")

    for t in range(len(texts)):
        rows, expected = flow_of_maps(dump[f"{t}.attentions"], causal)
        for what, values in expected.items(): compare("map " + what, maps[f"{t}.{what}"], values)
        for measure, layers in rows.items():
            for l, values in enumerate(layers):
                compare(measure, said.pop((measure, l + 1, t))[0], values.mean())
                every.setdefault((measure, l + 1), []).append(values)
        laws({k: v for k, v in said.items()}, {k: maps[f"{t}.{k}"] for k in expected}, name)
    for (measure, layer), values in every.items():
        value, n = said.pop((measure, layer, None))
        compare(measure, value, np.concatenate(values).mean())
        assert n == sum(map(len, values)), (measure, n)
    assert not said, f"{name}: more rows than expected: {said}"


def too_long(folder, pieces):
    """A maximum flow takes every pair by itself: a long text has none, and a note says so."""
    (folder.parent / "long.txt").write_text("a " * 2 * pieces + "\na\n")
    got = json.loads(explaint("attend", "--model", folder, "--texts", folder.parent / "long.txt", "--measures", "rollout_own,flow_own", "--layers", "1",
                              "--truncate", pieces, "--json"))
    n = {r["measure"]: r["n"] for r in got["rows"]}
    assert n["rollout_own"] - n["flow_own"] == pieces, n
    assert any("no maximum flow of 1 of 2 texts" in l["text"] for l in got["lints"]), got["lints"]


def main():
    worst = {}
    with tempfile.TemporaryDirectory() as scratch:
        for name, source, causal in (("bert-gelu", GOLDEN / "bert-gelu", False), ("stories260K", STORIES, True)):
            folder = Path(scratch) / name / "model"
            shutil.copytree(source, folder)
            if name == "bert-gelu": (folder / "vocab.txt").write_text("".join(p + "\n" for p in PIECES))
            check(name, folder, causal, worst)
            if causal: too_long(folder, 129)
    for what, gap in worst.items(): print(f"{what:24} {gap:.1e}")


if __name__ == "__main__": main()
