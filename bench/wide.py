#!/usr/bin/env python3
"""wide.py VECTORS OUTPUT WIDTH: a fixed random nonlinear map of word vectors, as wide as those of a language model: OUTPUT.npy and
OUTPUT.words. The scores mean nothing; the shape is what is timed."""
import gzip
import sys

import numpy as np


def main():
    source, output, width = sys.argv[1], sys.argv[2], int(sys.argv[3])
    with (gzip.open if source.endswith(".gz") else open)(source, "rt", encoding="utf-8") as file:
        rows = [line.rstrip("\n").split(" ") for line in file]
    rows = [r for r in rows if len(r) == len(rows[-1])]  # not a header of counts
    x = np.array([r[1:] for r in rows], dtype=float)
    rng = np.random.default_rng(1)
    x = (x - x.mean(0)) / x.std(0)
    spread = rng.normal(size=(x.shape[1], width)) / np.sqrt(x.shape[1])
    wide = np.tanh(1.5 * x @ spread + .3 * rng.normal(size=width))
    np.save(f"{output}.npy", wide.astype(np.float32))
    with open(f"{output}.words", "w", encoding="utf-8") as file:
        file.writelines(f"{r[0]}\n" for r in rows)


if __name__ == "__main__":
    main()
