"""Ridge and label propagation, through the program, against scikit-learn and a plain reading of Modified Adsorption.

Every held-out prediction of every condition whose randomness is known, for sparse, wide, dense and missing norms: ridge with
scikit-learn's Ridge at given penalties and at the penalty that each fold chooses on an inner split, label propagation by the
updates of Talukdar & Crammer (2009) themselves, iterated until they stand still. To 1e-9 of the largest.

Run: python tests/oracle/check_mappings.py EXPLAINT_BINARY [--only NAME]      (exit 1 on any difference)
"""
import argparse
import sys
import tempfile
from pathlib import Path

import numpy as np
from sklearn.linear_model import Ridge

import check_cli
import core
import philox

PENALTIES = [1.0, 3.0, 10.0, 30.0, 100.0, 300.0, 1e3, 3e3, 1e4, 3e4, 1e5]
fail = check_cli.fail


def filled(A, train, observed):
    """A missing cell is the mean of the training concepts that have it."""
    if observed is None:
        return A
    return np.where(observed, A, core.center_scale(A[train], observed[train])[0])


def ridge(X, x_observed, Y, y_observed, train, test, alpha):
    X, Y = filled(X, train, x_observed), filled(Y, train, y_observed)
    mean, scale = core.center_scale(X[train])
    model = Ridge(alpha=alpha, solver="svd").fit((X[train] - mean) / scale, Y[train])
    return model.predict((X[test] - mean) / scale)


def label_propagation(X, x_observed, Y, y_observed, train, test, k, mu1=1.0, mu2=0.01, mu3=0.01, beta=2.0):
    """Labels of the test concepts, as shares of what the seeds give them; a concept that no seed reaches: the training mean."""
    node = np.concatenate([train, test])
    n, n_train = len(node), len(train)
    near = core.cosines(X[node], X[node], None if x_observed is None else x_observed[node],
                        None if x_observed is None else x_observed[node])
    W = np.zeros((n, n))
    for v in range(n):
        others = [u for u in np.argsort(-near[v], kind="stable") if u != v and near[v, u] > 0][:k]
        W[v, others] = near[v, others]
        W[others, v] = near[v, others]
    cont, inj = np.zeros(n), np.zeros(n)
    for v in range(n):
        p = W[v][W[v] > 0] / W[v].sum() if W[v].any() else np.array([1.0])
        H = max(-(p * np.log(p)).sum(), 0.0)
        c = np.log(beta) / np.log(beta + np.exp(H))
        d = (1 - c) * np.sqrt(H) if v < n_train else 0.0
        z = max(c + d, 1.0)
        cont[v], inj[v] = c / z, d / z
    seeds = filled(Y, train, y_observed)[train]
    seeds = np.hstack([seeds, np.ones((n_train, 1))])  # last: how much of a node's labels comes from seeds at all
    start = np.vstack([seeds, np.zeros((len(test), seeds.shape[1]))])
    A = cont[:, None] * W + cont[None, :] * W.T
    M = mu1 * inj + mu2 * A.sum(1) + mu3
    labels = start.copy()
    for _ in range(100000):
        new = (mu1 * inj[:, None] * start + mu2 * A @ labels) / M[:, None]
        step = np.abs(new - labels).max()
        labels = new
        if step < 1e-17 * np.abs(labels).max():
            break
    out, share = labels[n_train:, :-1], labels[n_train:, -1:]
    mean = core.center_scale(Y[train], None if y_observed is None else y_observed[train])[0]
    return np.where(share > 0, out / np.where(share > 0, share, 1), mean)


def choose(X, x_observed, Y, y_observed, train, f, dense, seed):
    inner = philox.inner_folds([int(i) for i in train], seed, int(f))
    metric = core.spearman if dense else core.f1_at_10
    mean = []
    for alpha in PENALTIES:
        scores = []
        for g in range(5):
            a, b = train[inner != g], train[inner == g]
            p = ridge(X, x_observed, Y, y_observed, a, b, alpha)
            scores.append(metric(p, Y[b], None if y_observed is None else y_observed[b]))
        mean.append(np.nanmean(np.concatenate(scores)))
    return min(a for a, m in zip(PENALTIES, mean) if m >= max(mean) - 1e-12)


def predictions(folder, case, binary, arguments, conditions, *more):
    document = check_cli.explaint(case, binary, *arguments, "--conditions", ",".join(conditions), "--predictions",
                                  folder / "p.safetensors", *more)
    return document, None if document is None else check_cli.read_safetensors(folder / "p.safetensors")


def compare(case, found, want):
    off, largest = np.abs(found - want), max(1.0, np.abs(want).max())
    if not off.max() <= 1e-9 * largest:
        fail(case, f"off by {off.max()} of {largest}")
    return off.max() / largest


def check(name, binary, folder, world, seed=1, penalties=(0.01, 5, 300, 20000), **holes):
    folder.mkdir(parents=True, exist_ok=True)
    e, arguments = check_cli.small_world(folder, world, **holes)
    arguments += ["--seed", seed]
    targets = check_cli.targets_of(e, seed)
    folds = [(int(f), np.flatnonzero(e.fold != f), np.flatnonzero(e.fold == f)) for f in np.unique(e.fold)]
    worst = {"ridge": 0.0, "auto": 0.0, "labelprop": 0.0}
    document, found = predictions(folder, name, binary, arguments, targets, "--mapping", "ridge", "--alpha",
                                  ",".join(map(str, penalties)))
    for condition, t in targets.items() if document else ():
        for alpha in penalties:
            got = found[f"predictions.{condition}.{alpha:g}"]
            for f, train, test in folds:
                want = ridge(*t, train, test, alpha)
                worst["ridge"] = max(worst["ridge"], compare(f"{name}, ridge {alpha}, {condition}, fold {f}", got[test], want))
    if document and {r["mapping"] for r in document["rows"] if r["condition"] == "system"} != {f"ridge:{a:g}" for a in penalties}:
        fail(name, "rows do not name their penalties")
    document, found = predictions(folder, name, binary, arguments, targets, "--mapping", "ridge")
    told = {(r["condition"], r["fold"]): r["alpha"] for r in document["penalties"]} if document else {}
    for condition, t in targets.items() if document else ():
        for f, train, test in folds:
            alpha = choose(*t, train, f, e.dense(), seed)
            if told.get((condition, f)) != alpha:
                fail(f"{name}, auto, {condition}, fold {f}", f"chose {told.get((condition, f))}, want {alpha}")
                continue
            worst["auto"] = max(worst["auto"], compare(f"{name}, auto, {condition}, fold {f}",
                                                       found[f"predictions.{condition}"][test], ridge(*t, train, test, alpha)))
    if len(set(told.values())) < 2:
        fail(name, "every fold of every condition chooses the same penalty: this shows nothing")
    for k in (None, 3):
        document, found = predictions(folder, name, binary, arguments, targets, "--mapping", "labelprop", *(["--k", k] if k else []))
        for condition, t in targets.items() if document else ():
            for f, train, test in folds:
                want = label_propagation(*t, train, test, k or 10)
                worst["labelprop"] = max(worst["labelprop"], compare(f"{name}, labelprop k={k}, {condition}, fold {f}",
                                                                     found[f"predictions.{condition}"][test], want))
    print(f"{name}: largest difference " + ", ".join(f"{m} {w:.1e}" for m, w in worst.items()))


def main():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument("binary")
    a.add_argument("--only", default="")
    o = a.parse_args()
    dense = check_cli.World(11, dense=True)
    missing = np.random.default_rng(56).random(dense.Y.shape) < 0.15
    missing[:, :6] = False
    with tempfile.TemporaryDirectory() as scratch:
        for name, world, holes in (("sparse", check_cli.World(13), {}), ("seed 7", check_cli.World(10), {"seed": 7}),
                                   ("wide", check_cli.World(12, d=80), {}), ("dense", dense, {}),
                                   ("na=mask", dense, {"na": "mask", "missing": missing})):
            if o.only in name:
                check(name, o.binary, Path(scratch) / name, world, **holes)
    print(f"{len(check_cli.failures)} differences" if check_cli.failures else "no differences")
    sys.exit(1 if check_cli.failures else 0)


if __name__ == "__main__":
    main()
