#!/usr/bin/env python3
"""concepts.py FOLDER: norms as large as anybody has: 5,000 concepts, 8,000 features of which each has some 17, vectors of 50 dimensions that know of
them, categories. For bench/concepts.js, which opens the page of a run on them:

    explaint infer --norms norms.csv --embeddings v.npy --words words.txt --categories categories.csv --permutations 0 --bootstrap 100 --output page.html
"""
import pathlib
import sys

import numpy as np

N, M, HAS, DIMENSIONS, GROUPS = 5000, 8000, 16, 50, 200
folder = pathlib.Path(sys.argv[1])
rng = np.random.default_rng(1)
word = [f"concept{i:05d}" for i in range(N)]
centre, group = rng.normal(size=(GROUPS, DIMENSIONS)), rng.integers(GROUPS, size=N)
vectors = centre[group] + .7 * rng.normal(size=(N, DIMENSIONS))
liking, common = rng.normal(size=(DIMENSIONS, M)) * .5, np.log(1 / np.arange(1, M + 1) ** .8)
lines = ["concept,feature,value"]
for i in range(N):
    order = np.argpartition(-(common + vectors[i] @ liking / 3 + rng.gumbel(size=M)), HAS)
    lines += [f"{word[i]},feature_number_{j:05d},{rng.integers(1, 30)}" for j in order[: rng.integers(4, 2 * HAS)]]
(folder / "norms.csv").write_text("\n".join(lines) + "\n")
np.save(folder / "v.npy", vectors.astype("f4"))
(folder / "words.txt").write_text("\n".join(word) + "\n")
(folder / "categories.csv").write_text("concept,category\n" + "".join(f"{w},category{g // 8}\n" for w, g in zip(word, group)))
