#!/usr/bin/env python3
"""peers.py FOLDER SHAPE: other implementations of partial least squares on the data that bench_plsr wrote there, and how far
their predictions are from ours. Every peer gets its best number of threads; ikpls its best algorithm as well. Timed like ours: from
raw rows to predicted test rows (the data are read, and Y made dense, before)."""
import json
import os
import shutil
import subprocess
import sys
import time
import warnings
from pathlib import Path

import numpy as np
import scipy.sparse
import sklearn
import ikpls
from ikpls.numpy import PLS
from sklearn.cross_decomposition import PLSRegression
from threadpoolctl import threadpool_info, threadpool_limits

EVERY = (25, 50, 100)
COUNTS = {"buchanan": (100,)}  # a fit of that shape takes a peer minutes
LEAST, ENOUGH = 3, 10  # repetitions; seconds of them
LONG = 20              # seconds after which once is enough
GIVE_UP = 300          # seconds after which R's run is stopped, and counts above are not tried
THREADS = (1, 2)


def read(folder, shape):
    part = {p: np.load(folder / f"{shape}.{p}.npy") for p in ("x", "start", "column", "value")}
    x = part["x"]
    test = np.arange(len(x)) % 10 == 1
    columns = json.loads((folder / f"{shape}.json").read_text())["features"]
    y = scipy.sparse.csr_array((part["value"], part["column"].astype(np.int64), part["start"]), shape=(len(x), columns)).toarray()
    return x[~test], y[~test], x[test]


def sklearn_default(x, y, x_test, count):
    return PLSRegression(n_components=count).fit(x, y).predict(x_test)


def ikpls_algorithm(algorithm):
    def run(x, y, x_test, count):
        model = PLS(algorithm=algorithm, ddof=1)
        model.fit(x, y, count)
        return model.predict(x_test, n_components=count)
    return run


def best(run, data, count):
    times, processor = [], []
    while len(times) < LEAST or sum(times) < ENOUGH:
        start, busy = time.perf_counter(), time.process_time()
        prediction = run(*data, count)
        times.append(time.perf_counter() - start)
        processor.append(time.process_time() - busy)
        if times[0] > LONG:
            break
        if len(times) >= 40:
            break
    return min(times), min(processor), len(times), prediction


def difference(prediction, ours):
    """The largest difference, relative to the largest prediction."""
    return float(np.abs(prediction - ours).max() / np.abs(ours).max())


def r_pls(folder, shape, count):
    if shutil.which("Rscript") is None:
        return None
    try:
        done = subprocess.run(["Rscript", Path(__file__).with_name("peers.R"), folder, shape, str(count)], capture_output=True,
                              text=True, timeout=GIVE_UP)
    except subprocess.TimeoutExpired:
        return {"peer": "R pls", "components": count, "stopped_after": GIVE_UP}
    if done.returncode != 0:
        print(f"R: {done.stderr.strip()[-200:]}", file=sys.stderr)
        return None
    return json.loads(done.stdout)


def main():
    folder, shape = Path(sys.argv[1]), sys.argv[2]
    warnings.filterwarnings("ignore")
    data = read(folder, shape)
    cores = sorted({p["architecture"] for p in threadpool_info() if "architecture" in p})
    peers = [("scikit-learn", "", sklearn_default)] + [("ikpls", f"algorithm {a}", ikpls_algorithm(a)) for a in (1, 2)]
    result = {"shape": shape, "versions": {"numpy": np.__version__, "scikit-learn": sklearn.__version__, "ikpls": ikpls.__version__},
              "blas": cores, "runs": [], "stopped": []}
    print(f"{shape}: BLAS of the peers: {', '.join(cores)}")
    hopeless = set()
    for count in COUNTS.get(shape, EVERY):
        ours = np.load(folder / f"{shape}.prediction-{count}.npy").T
        for name, setting, run in peers:
            alone = None
            for threads in (t for t in THREADS if t <= (os.cpu_count() or 1) and (name, setting, t) not in hopeless):
                with threadpool_limits(threads):
                    seconds, processor, repeats, prediction = best(run, data, count)
                row = {"peer": name, "setting": setting, "threads": threads, "components": count, "seconds": seconds,
                       "processor": processor, "repeats": repeats, "difference": difference(prediction, ours)}
                result["runs"].append(row)
                alone = alone or seconds
                if seconds > 3 * alone:  # more threads only hurt this one: not tried with more components
                    hopeless.add((name, setting, threads))
                print(f"{name:12} {setting:12} {threads} threads {count:4} components {seconds:9.4f} s, of processors "
                      f"{processor:.4f} (best of {repeats}), largest difference from ours {row['difference']:.1e}", flush=True)
        row = r_pls(folder, shape, count) if not result["stopped"] else None
        if row and "stopped_after" in row:
            result["stopped"].append(row)
            print(f"{row['peer']:12} {count:27} components: stopped after {GIVE_UP} s")
        elif row:
            result["runs"].append(row)
            print(f"{row['peer']:12} {row['setting']:12} {count:14} components {row['seconds']:9.4f} s (best of {row['repeats']})")
    # scikit-learn stops its inner iteration early; converged it must agree
    least = EVERY[0]
    ours = np.load(folder / f"{shape}.prediction-{least}.npy").T
    if len(data[0]) < 1000:
        tight = PLSRegression(n_components=least, tol=1e-13, max_iter=20000).fit(data[0], data[1]).predict(data[2])
        result["converged_difference"] = difference(tight, ours)
        print(f"scikit-learn converged (tol 1e-13), {least} components: largest difference from ours "
              f"{result['converged_difference']:.1e}")
    (folder / f"{shape}.peers.json").write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
