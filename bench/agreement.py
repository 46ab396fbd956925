#!/usr/bin/env python3
"""agreement.py [CONCEPTS...]: T(pi) of the statistic "agreement" in NumPy, the peer of bench_agreement: a line of JSON for each number of concepts.

One permutation at a time, L[pi][:, pi] times M: for a stack of permutations NumPy needs the memory of as many matrices, and is slower."""
import json
import os
import sys
import time

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # its second thread only waits
import numpy as np  # noqa: E402

for n in [int(a) for a in sys.argv[1:]] or [100, 160, 300, 540, 4400]:
    rng = np.random.default_rng(1)
    relation = rng.random((n, n)) - 0.5
    relation += relation.T
    weight = rng.random((n, n)) - 0.5
    count = 2000 if n < 300 else 200 if n < 1000 else 4
    permutations = [rng.permutation(n) for _ in range(count)]
    best = np.inf
    for _ in range(3):
        begin = time.process_time()
        for p in permutations:
            np.vdot(weight, relation[p][:, p])
        best = min(best, time.process_time() - begin)
    print(json.dumps({"concepts": n, "permutations_a_second": float(f"{count / best:.4g}"), "numpy": np.__version__}), flush=True)
