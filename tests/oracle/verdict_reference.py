"""The information verdict of docs/methods.md 3.1 in NumPy: E1 to E4 and W, written from the text alone.

It is what verdicts of the C program on the same worlds are compared with, and it judges the worlds themselves: a
generator whose false claims it supports, or whose clear true ones it does not, is a poor bench.

Run: python tests/oracle/verdict_reference.py FOLDER...            (world folders: norms.csv, vectors.txt, categories.csv)
     python tests/oracle/verdict_reference.py --bench N [--seed S] [--kinds a,b] [--small] [--mcrae F --vectors F] [--b 99]
         makes N worlds of every kind of bench/truth/worlds.py and counts what is supported.
One line of JSON a world. --stop ends a world at the first assumption that fails (the verdict is then known).
Set OPENBLAS_NUM_THREADS=1: the matrices are small.
"""
import argparse
import collections
import json
import sys
import time
from pathlib import Path

import numpy as np
import scipy.cluster.hierarchy as hierarchy
from scipy.linalg.lapack import dsyevr

import core
import reference

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "bench" / "truth"))

S, S_HELD_OUT, MARGIN, FEWEST = 12, 18, 0.01, 20


# ---------------------------------------------------------------- PLS in kernel form, refitted for many Y

class Folds:
    """For a fixed X and fixed folds: out-of-fold PLS predictions of any Y with the same rows."""

    def __init__(self, X, fold, components):
        self.components, self.parts = components, []
        for f in np.unique(fold):
            train, test = np.flatnonzero(fold != f), np.flatnonzero(fold == f)
            mean, scale = core.center_scale(X[train])
            Z = (X[train] - mean) / scale
            self.parts.append((train, test, Z, Z.T @ Z, (X[test] - mean) / scale))

    def predict(self, Y):
        out = np.empty_like(Y)
        for train, test, Z, A, Ztest in self.parts:
            T = Y[train]
            low = T.min(0)
            flat = T.max(0) == low
            mean = np.where(flat, low, T.mean(0))
            T = T - mean
            scale = np.where(flat, 1.0, np.sqrt((T * T).sum(0) / (len(train) - 1)))
            scale[flat] = 1.0
            seen = ~flat                       # constant columns predict their value and add nothing to S
            C = Z.T @ (T[:, seen] / scale[seen])
            M = C @ C.T
            # t = Z r, tt = t't, p = A r / tt, q = C'r / tt; M = C C' is deflated by itself: C q = M r / tt.
            # Deflation of Y is not needed: t is orthogonal to what went before.
            d = len(A)
            R, P, TT = np.zeros((d, self.components)), np.zeros((d, self.components)), np.ones(self.components)
            used, top = 0, None
            for k in range(self.components):
                values, vectors, _, _, info = dsyevr(M, range="I", il=d, iu=d, lower=1)
                assert info == 0
                if top is None:
                    top = values[0]
                if values[0] <= 1e-13 * top:   # in this form smaller ones are rounding
                    break
                w = vectors[:, 0]
                r = w - R[:, :k] @ (P[:, :k].T @ w)
                p = A @ r
                tt = r @ p
                p /= tt
                Mr = M @ r
                U = np.outer(p, Mr - 0.5 * (r @ Mr) * p)
                M = M - U - U.T
                R[:, k], P[:, k], TT[k] = r, p, tt
                used = k + 1
            pred = np.tile(mean, (len(test), 1))
            if used:
                R = R[:, :used]
                pred[:, seen] += ((Ztest @ R / TT[:used]) @ R.T) @ C * scale[seen]
            out[test] = pred
        return out


def f1_rows(pred, gold):
    """F1@10, ties to the lowest index; NaN without gold."""
    k = min(10, pred.shape[1])
    edge = -np.partition(-pred, k - 1, axis=1)[:, k - 1:k]
    above, tie = pred > edge, pred == edge
    chosen = above | (tie & (np.cumsum(tie, axis=1) <= k - above.sum(1, keepdims=True)))
    G = gold > 0
    count = G.sum(1)
    return np.where(count == 0, np.nan, 2 * (chosen & G).sum(1) / (k + count))


class Neighbours:
    """Out-of-fold kNN copy for a fixed X."""

    def __init__(self, X, fold, k=10):
        sim = core.unit_rows(X) @ core.unit_rows(X).T
        sim[fold[:, None] == fold[None, :]] = -np.inf
        self.near, self.k = np.argsort(-sim, axis=1, kind="stable")[:, :k], k

    def predict(self, Y):
        return sum(Y[self.near[:, j]] for j in range(self.near.shape[1])) / self.near.shape[1]


class Spelling:
    """Ridge from spelling to norms, penalty .3 x training rows: out of fold a fixed linear map of Y."""

    def __init__(self, names, fold):
        X = spelling_features(names)
        self.parts = []
        for f in np.unique(fold):
            train, test = np.flatnonzero(fold != f), np.flatnonzero(fold == f)
            mean, scale = core.center_scale(X[train])
            Z, T = (X[train] - mean) / scale, (X[test] - mean) / scale
            H = T @ np.linalg.solve(Z.T @ Z + 0.3 * len(train) * np.eye(Z.shape[1]), Z.T)
            self.parts.append((train, test, H))

    def predict(self, Y):
        out = np.empty_like(Y)
        for train, test, H in self.parts:
            mean = Y[train].mean(0)
            out[test] = H @ (Y[train] - mean) + mean
        return out


def spelling_features(names):
    """Length, counts of a-z, first and last letter one-hot; anything else than a-z only adds to the length."""
    F = np.zeros((len(names), 79))
    for i, word in enumerate(names):
        word = reference.lookup(word)
        letters = [ord(c) - 97 for c in word if "a" <= c <= "z"]
        F[i, 0] = len(word)
        for c in letters:
            F[i, 1 + c] += 1
        if letters:
            F[i, 27 + letters[0]] = F[i, 53 + letters[-1]] = 1
    return F


# ---------------------------------------------------------------- groups

def ward(rows, clusters):
    return hierarchy.fcluster(hierarchy.linkage(rows, "ward"), clusters, "maxclust")


def vector_rows(X):
    return core.unit_rows(X - X.mean(0))


def norm_rows(Y, dense):
    n = len(Y)
    df = (Y > 0).sum(0)
    if dense:
        # idf of a feature that all concepts have is 0, so the text's transform would leave nothing of dense norms:
        # standardised columns instead
        mean, scale = core.center_scale(Y)
        T = (Y - mean) / scale
    else:
        keep = df >= 2
        T = np.sqrt(np.maximum(Y[:, keep], 0)) * np.log(n / df[keep])
    T = core.unit_rows(T)
    U, s, _ = np.linalg.svd(T, full_matrices=False)
    k = max(5, min(25, n // 15))
    return core.unit_rows(U[:, :k] * s[:k])


def cells(X, Y, dense):
    n = len(Y)
    a, b = ward(vector_rows(X), max(1, n // S)), ward(norm_rows(Y, dense), max(1, n // S))
    return np.unique(a * (n + 1) + b, return_inverse=True)[1]


def held_out_folds(units, K):
    """Whole units to folds: from the largest, each into the smallest fold (ties: first appearance, lowest fold)."""
    count = collections.Counter()
    for u in units:
        count[u] += 1          # keeps the order of first appearance
    ordered = sorted(count, key=lambda u: -count[u])
    load = [0] * min(K, len(ordered))
    where = {}
    for u in ordered:
        f = load.index(min(load))
        where[u] = f
        load[f] += count[u]
    return np.array([where[u] for u in units])


# ---------------------------------------------------------------- tests

def permutation_within(groups, rng):
    """groups: arrays of rows; everything else stays."""
    def draw(n):
        p = np.arange(n)
        for rows in groups:
            p[rows] = rng.permutation(rows)
        return p
    return draw


def permutation_test(models, Y, groups, B, rng, rows_of, copy_targets=True):
    """observed and null of the mean over the rows that can move, for each model on the same permutations."""
    n = len(Y)
    movers = np.sort(np.concatenate(groups)) if groups else np.arange(0)
    if len(movers) < 2:
        return None
    draw = permutation_within(groups, rng)
    stat = lambda model, T: np.nanmean(rows_of(model.predict(T)[movers], T[movers]))
    observed = [stat(m, Y) for m in models]
    null = np.empty((B, len(models)))
    for b in range(B):
        T = Y[draw(n)]
        null[b] = [stat(m, T) for m in models]
    return observed, null, len(movers)


def judge(name, result, least=0):
    if result is None or result[2] < least:
        return {"id": name, "outcome": "undecided", "n": 0 if result is None else result[2], "why": "too few can move"}
    observed, null, n = result
    out = {"id": name, "n": n}
    for label, o, z in zip(("", "knn_"), observed, null.T):
        p = (1 + (z >= o).sum()) / (1 + len(z))
        out.update({label + "gain": round(o - z.mean(), 5), label + "p": round(p, 5)})
        if not label:
            sd = z.std(ddof=1)
            out.update(null_mean=round(z.mean(), 5), null_sd=round(sd, 5), mde=round(2.7 * sd, 5))
            out["outcome"] = "holds" if p <= 0.05 else "fails" if o - z.mean() + 1.645 * sd < MARGIN else "undecided"
    return out


def verdict(e, components=25, B=99, K=10, seed=1, stop=False, knn=True):
    """e: reference.Experiment; one concept is kept for each vector. Returns {verdict, decided_by, assumptions}."""
    first, keep = set(), []
    for i, x in enumerate(e.X):
        if x.tobytes() not in first:
            first.add(x.tobytes())
            keep.append(i)
    X, Y, category = e.X[keep], e.Y[keep], e.category[keep]
    names = [e.concepts[i] for i in keep]
    Y = Y[:, (Y != 0).any(0)]
    n, dense = len(Y), (Y != 0).mean() >= 0.5
    rows_of = core.spearman if dense else f1_rows
    rng = np.random.default_rng([seed, 4])
    fold = np.empty(n, int)
    fold[np.random.default_rng([seed, 3]).permutation(n)] = np.arange(n) % K

    members = {c: np.flatnonzero(category == c) for c in dict.fromkeys(category) if c != ""}
    big = [rows for rows in members.values() if len(rows) >= 5]
    usable = len(big) >= 1 and len(members) >= 4
    system = Folds(X, fold, components)
    both = lambda f, m=None: [m or Folds(X, f, components)] + ([Neighbours(X, f)] if knn else [])
    found = []

    def test(name, result, least=0):
        found.append(judge(name, result, least))
        return stop and found[-1]["outcome"] == "fails"

    def run():
        if test("E1", permutation_test(both(fold, system), Y, [np.arange(n)], B, rng, rows_of)):
            return
        cell = cells(X, Y, dense)
        groups = [r for r in (np.flatnonzero(cell == c) for c in np.unique(cell)) if len(r) > 1]
        if test("E3", permutation_test(both(fold, system), Y, groups, B, rng, rows_of), FEWEST):
            return
        if usable:
            if test("E2", permutation_test(both(fold, system), Y, big, B, rng, rows_of), FEWEST):
                return
            units = [c if c != "" else i for i, c in enumerate(category)]
            f4 = held_out_folds(units, K)
            if test("E4", permutation_test(both(f4), Y, big, B, rng, rows_of), FEWEST):
                return
        else:
            f4 = held_out_folds(list(ward(norm_rows(Y, dense), max(2, n // S_HELD_OUT))), K)
            if test("E4n", permutation_test(both(f4), Y, groups, B, rng, rows_of), FEWEST):
                return
        word = Spelling(names, fold)
        result = permutation_test([word], Y, [np.arange(n)], B, rng, rows_of)
        p = (1 + (result[1][:, 0] >= result[0][0]).sum()) / (1 + B)
        w = {"id": "W", "p": round(p, 5), "outcome": "holds"}
        if p <= 0.05:
            d = rows_of(system.predict(Y), Y) - rows_of(word.predict(Y), Y)
            d = d[~np.isnan(d)]
            draws = d[np.random.default_rng([seed, 5]).integers(0, len(d), (2000, len(d)))].mean(1)
            low = d.mean() - 1.25 * (d.mean() - np.quantile(draws, 0.025))
            w.update(gain=round(d.mean(), 5), low=round(low, 5), outcome="holds" if low > 0 else "fails")
        found.append(w)

    run()
    failed = [a["id"] for a in found if a["outcome"] == "fails"]
    open_ = [a["id"] for a in found if a["outcome"] == "undecided"]
    return {"verdict": "not supported" if failed else "undecided" if open_ else "supported",
            "decided_by": failed[0] if failed else open_[0] if open_ else None, "assumptions": found}


# ---------------------------------------------------------------- worlds

def experiment(folder):
    folder = Path(folder)
    norms = reference.read_norms(folder / "norms.csv")
    return reference.Experiment(norms, reference.read_vectors(folder / "vectors.txt"), {c: 0 for c in norms.concepts},
                                reference.read_pairs(folder / "categories.csv"))


def main():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument("folders", nargs="*")
    a.add_argument("--bench", type=int, default=0)
    a.add_argument("--seed", type=int, default=1)
    a.add_argument("--kinds")
    a.add_argument("--small", action="store_true")
    a.add_argument("--mcrae")
    a.add_argument("--vectors")
    a.add_argument("--b", type=int, default=99)
    a.add_argument("--components", type=int, default=25)
    a.add_argument("--stop", action="store_true")
    a.add_argument("--no-knn", action="store_true", help="leave out the neighbours that stand beside every test")
    o = a.parse_args()

    def jobs():
        for folder in o.folders:
            truth = json.loads((Path(folder) / "truth.json").read_text())
            yield str(folder), truth, experiment(folder)
        if o.bench:
            import tempfile
            import worlds
            chosen = o.kinds.split(",") if o.kinds else worlds.kinds(bool(o.mcrae))
            for i in range(o.bench):
                for kind in chosen:
                    with tempfile.TemporaryDirectory() as t:
                        made = worlds.make(kind, o.seed * 1000 + i, o.small, o.mcrae, o.vectors)
                        worlds.write(t, *made)
                        yield f"{kind}-{i}", made[-1], experiment(t)

    count = collections.Counter()
    for name, truth, e in jobs():
        start = time.time()
        v = verdict(e, o.components, o.b, stop=o.stop, knn=not o.no_knn)
        t = truth["claim"]["information"]
        count[t, v["verdict"]] += 1
        print(json.dumps({"world": name, "truth": t, **v, "seconds": round(time.time() - start, 1)}), flush=True)
    for t in ("false", "clear true", "true", "either"):
        total = sum(v for (a_, _), v in count.items() if a_ == t)
        print(f"{t}: {count[t, 'supported']} supported, {count[t, 'not supported']} not supported, "
              f"{count[t, 'undecided']} undecided of {total}")


if __name__ == "__main__":
    main()
