"""check_looks.py PROGRAM MODEL...: the attention_ measures of `explaint attend`, which come from rows as they are made, beside NumPy on the
whole maps that `attend --maps` writes. Every row of the document; largest difference 1e-6."""
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

from check_embed import safetensors

TEXTS = ["Once upon a time there was a little dog, and it ran to the big red house.", "The cat sat.", "a"]


def entropy(a):
    return -np.sum(np.where(a > 0, a * np.log(np.where(a > 0, a, 1)), 0), -1)


def along(a, step):
    """What row i gives to row i + step; NaN where there is none."""
    beside = np.full(a.shape[:2], np.nan)
    rows = np.arange(max(0, -step), a.shape[1] - max(0, step))
    beside[:, rows] = a[:, rows, rows + step]
    return beside


# heads x rows, of maps (heads x rows x columns) and special pieces
MEASURES = {
    "entropy": lambda a, s: entropy(a), "max": lambda a, s: a.max(-1), "self": lambda a, s: along(a, 0), "first": lambda a, s: a[:, :, 0],
    "previous": lambda a, s: along(a, -1), "next": lambda a, s: along(a, 1), "last_special": lambda a, s: a[:, :, np.flatnonzero(s)[-1]],
    "special": lambda a, s: a[:, :, s].sum(-1), "top10": lambda a, s: np.sort(a, -1)[:, :, -10:].sum(-1),
}


def check(program, model, folder):
    (folder / "texts.txt").write_text("".join(t + "\n" for t in TEXTS))
    command = [program, "attend", "--model", model, "--texts", folder / "texts.txt", "--measures", "attention,damage_pearson", "--damage", "permute",
               "--by-head", "--by-text", "--maps", folder / "maps.safetensors", "--json", "--quiet", "--force"]
    rows = [r for r in json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)["rows"] if r["measure"].startswith("attention_")]
    maps, metadata = safetensors(folder / "maps.safetensors")
    maps = [maps[f"{t}.attention"].astype(np.float64) for t in range(len(TEXTS))]
    special = [np.array(s, bool) for s in json.loads(metadata["special"])]
    causal = all(not np.triu(a, 1).any() for a in maps)
    for s in special:
        s[0] |= causal
    worst = 0
    for row in rows:
        values = []
        for t, (a, s) in enumerate(zip(maps, special)):
            if row["text"] not in (None, t): continue
            heads = a[row["layer"] - 1] if row["head"] is None else a[row["layer"] - 1][[row["head"] - 1]]
            value = MEASURES[row["measure"].removeprefix("attention_")](heads, s).mean(0)
            values += [v for v, out in zip(value, s) if not np.isnan(v) and not (out and row["rows"] == "content")]
        assert len(values) == row["n"], (row, len(values))
        worst = max(worst, abs(np.mean(values) - row["value"]))
    expected = {f"attention_{m}" for m in MEASURES} - ({"attention_next"} if causal else set())
    assert {r["measure"] for r in rows} == expected, expected
    assert worst < 1e-6, worst
    print(f"{model}: {len(rows)} rows, largest difference {worst:.1e}")


if __name__ == "__main__":
    for model in sys.argv[2:]:
        with tempfile.TemporaryDirectory() as folder:
            check(sys.argv[1], model, Path(folder))
