"""Makes document.json and rows.csv: what the sample of ../sample.h must be written as, by Python's json and csv.

    python3 document.py        (Python 3.11; no seed, no dependencies)
"""
import csv
import io
import json
import pathlib

here = pathlib.Path(__file__).parent
A, B = "a" * 64, "b" * 64
document = {
    "explaint": "0.1.0",
    "command": ["infer", "--norms", 'mc "rae"', "--embeddings", "glove\n.txt"],
    "inputs": [
        {"role": "norms", "name": "mcrae", "path": "norms/mc\\rae.csv", "sha256": A, "shape": [541, 2526], "nonzero": 7257},
        {"role": "embeddings", "name": "glove.100d", "path": b"glove\xff.txt".decode("utf-8", "replace"), "sha256": B, "shape": [540, 100]},
        {"role": "folds", "name": "folds", "sha256": A},
    ],
    "settings": {"mapping": "plsr", "n_components": [25], "folds": 10, "seed": 1},
    "dropped": [{"concept": "dunebuggy", "why": "no vector"}, {"concept": 'café, "le"', "why": "no vector"}],
    "norms": {"concepts": 540, "features": 2526, "chance": 0.0028, "ceiling": 0.81},
    "rows": [
        {"norms": "mcrae", "source": "glove.100d", "layer": None, "mapping": "plsr", "n_components": 25, "condition": "system",
         "target": "norms", "metric": "f1_at_10", "fold": None, "value": 0.2671, "n": 540, "undefined": 0, "ci": [0.256, 0.278]},
        {"norms": "mcrae", "source": "glove.100d", "layer": 3, "mapping": "plsr", "n_components": 25, "condition": "system",
         "target": "norms", "metric": "f1_at_10", "fold": 0, "value": 0.1 + 0.2, "n": 54, "undefined": 1},
        {"norms": "mcrae", "source": "glove.100d", "layer": None, "mapping": "plsr", "n_components": None, "condition": "mean",
         "target": "shuffle, rows", "metric": "f1_at_10", "fold": None, "n": 540, "undefined": 540},
        {"norms": "mcrae", "source": 'a "b", c', "layer": None, "mapping": "plsr", "n_components": 25, "condition": "random",
         "target": "norms", "metric": "spearman", "fold": None, "value": -1.5e-30, "n": 540, "undefined": 0},
    ],
    "components": [{"condition": "shuffle", "fold": 3, "asked": 25, "used": 24}],
    "lints": [{"id": "ceiling", "level": "note", "text": "F1@10 cannot be above .8"}],
    "verdicts": [
        {"claim": "information", "layers": 3, "best_layer": 5, "verdict": "undecided", "decided_by": "E2", "metric": "f1_at_10", "n_components": 25,
         "text": "The vectors may \x1b[31mcarry information.",
         "assumptions": [
             {"id": "E1", "outcome": "holds", "text": "there is anything", "why": "gain .169, p .001", "statistic": "agreement", "r": 0.274,
              "gain": 0.169, "ci": [0.15, 0.19], "p": 0.001, "p_adjusted": 0.004, "p_error": 0.0005, "z": 93.5, "level": 0.05, "upper": 0.172, "margin": 0.02,
              "mde": 0.0049, "observed": 0.274, "null_mean": 0.105, "null_sd": 0.0018, "peer_gain": 0.18, "peer_p": 0.001,
              "effect": 0.16, "effect_metric": "f1_at_10", "effect_refits": 19, "n": 531, "permutations": 999},
             {"id": "E2", "outcome": "not testable", "text": "beyond the categories", "why": "no categories"}]},
        {"claim": "mapping", "verdict": "not supported", "decided_by": None, "metric": "f1_at_10", "n_components": 25,
         "text": "This mapping does not recover the properties.", "assumptions": []},
    ],
    "signature": "explaint|0.1.0|mcrae:541x2526|glove.100d|plsr:25:exact|cv10:seed1",
}


def line(value):
    return json.dumps(value, ensure_ascii=False)


def block(value, indent, depth=0):
    """Objects and lists of objects over several lines, rows on one."""
    pad = " " * indent
    if isinstance(value, dict) and (depth == 0 or "assumptions" in value or depth == "settings"):
        members = [f"{pad}  {line(k)}: " + block(v, indent + 2, k) for k, v in value.items()]
        return "{\n" + ",\n".join(members) + f"\n{pad}}}"
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return "[\n" + ",\n".join(f"{pad}  " + block(v, indent + 2, 1) for v in value) + f"\n{pad}]"
    return line(value)


text = block(document, 0) + "\n"
assert json.loads(text) == document
(here / "document.json").write_text(text, encoding="utf-8")

columns = "norms source layer mapping n_components condition target metric fold value n undefined ci_low ci_high p p_adjusted mde sequential permutations p_interval_low p_interval_high".split()
out = io.StringIO()
writer = csv.DictWriter(out, columns, extrasaction="ignore")
writer.writeheader()
for row in document["rows"]:
    row = dict(row)
    row["ci_low"], row["ci_high"] = row.pop("ci", [None, None])
    writer.writerow(row)
(here / "rows.csv").write_bytes(out.getvalue().encode())
