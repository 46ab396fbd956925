"""The verdict on *information* (docs/methods.md#information) in NumPy: what the program says of the same worlds is compared with it.

Run: python tests/oracle/verdict_reference.py FOLDER...        (world folders: norms.csv, vectors.txt, categories.csv)
     python tests/oracle/verdict_reference.py --bench N [--seed S] [--kinds a,b] [--small] [--b 999]
         makes N worlds of every kind of bench/truth/worlds.py and counts what is supported.
One line of JSON a world. --stop ends a world at the first assumption that fails (the verdict is then known).
Set OPENBLAS_NUM_THREADS=1: the matrices are small.
"""
import argparse
import collections
import json
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

import agreement
import core
import reference

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "bench" / "truth"))


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


def read_out(A, Y):
    """The reader's leave-one-out predictions of the norms."""
    return A @ (Y - Y.mean(0)) + Y.mean(0)


def spelling_test(A, G, Y, names, dense, B, rng, covariates=()):
    """W: asked only if E1 with the spelling as vectors has p <= .05; holds if the vectors predict more than the spelling does."""
    Gw = agreement.gram(spelling_features(names))
    Z = agreement.dense_rows(Y, covariates=covariates) if dense else agreement.sparse_rows(Y, covariates)
    word = agreement.reader(Gw)
    p = agreement.Test(word, Z @ Z.T, [np.arange(len(Y))]).judge("E1", B, rng)["p"]
    out = {"id": "W", "p": p, "outcome": "holds"}
    if p <= 0.05:
        rows_of = core.spearman if dense else core.f1_at_10
        d = rows_of(read_out(A, Y), Y) - rows_of(read_out(word, Y), Y)
        d = d[~np.isnan(d)]
        draws = d[rng.integers(0, len(d), (2000, len(d)))].mean(1)
        low = d.mean() - 1.25 * (d.mean() - np.quantile(draws, 0.025))
        out.update(gain=d.mean(), low=low, outcome="holds" if low > 0 else "fails")
    return out


def verdict(e, B=999, seed=1, stop=False, covariates=()):
    """e: reference.Experiment; covariates: numbers of each of its concepts, one array each. Returns {verdict, decided_by, assumptions}."""
    keep = agreement.distinct(e.X, e.Y)
    X, Y, category = e.X[keep], e.Y[keep], e.category[keep]
    Y = Y[:, (Y != 0).any(0)]
    dense, rng, found = (Y != 0).mean() >= 0.5, np.random.default_rng([seed, 4]), []
    covariates = [np.asarray(c)[keep] for c in covariates]
    tests = agreement.tests(X, Y, category, dense, covariates=covariates)
    if "E4" in tests:
        del tests["E4-clusters"]
    for name, test in tests.items():
        found.append(test.judge(name, B, rng))
        if stop and found[-1]["outcome"] == "fails":
            break
    else:
        G = agreement.gram(X)
        found.append(spelling_test(agreement.reader(G), G, Y, [e.concepts[i] for i in keep], dense, B, rng, covariates))
    failed = [a["id"] for a in found if a["outcome"] == "fails"]
    open_ = [a["id"] for a in found if a["outcome"] == "undecided"]
    return {"verdict": "not supported" if failed else "undecided" if open_ else "supported",
            "decided_by": failed[0] if failed else open_[0] if open_ else None, "assumptions": found}


def experiment(folder):
    folder = Path(folder)
    norms = reference.read_norms(folder / "norms.csv")
    return reference.Experiment(norms, reference.read_vectors(folder / "vectors.txt"), {c: 0 for c in norms.concepts},
                                reference.read_pairs(folder / "categories.csv"))


def rounded(v):
    return {k: round(float(x), 6) if isinstance(x, (float, np.floating)) else int(x) if isinstance(x, np.integer) else x for k, x in v.items()}


def main():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument("folders", nargs="*")
    a.add_argument("--bench", type=int, default=0)
    a.add_argument("--seed", type=int, default=1)
    a.add_argument("--kinds")
    a.add_argument("--small", action="store_true")
    a.add_argument("--b", type=int, default=999)
    a.add_argument("--stop", action="store_true")
    o = a.parse_args()

    def jobs():
        for folder in o.folders:
            yield str(folder), json.loads((Path(folder) / "truth.json").read_text()), experiment(folder)
        if o.bench:
            import worlds
            for i in range(o.bench):
                for kind in o.kinds.split(",") if o.kinds else worlds.kinds():
                    with tempfile.TemporaryDirectory() as t:
                        made = worlds.make(kind, o.seed * 1000 + i, o.small)
                        worlds.write(t, *made)
                        yield f"{kind}-{i}", made[-1], experiment(t)

    count = collections.Counter()
    for name, truth, e in jobs():
        start = time.time()
        v = verdict(e, o.b, stop=o.stop)
        t = truth["claim"]["information"]
        count[t, v["verdict"]] += 1
        v["assumptions"] = [rounded(x) for x in v["assumptions"]]
        print(json.dumps({"world": name, "truth": t, **v, "seconds": round(time.time() - start, 1)}), flush=True)
    for t in ("false", "clear true", "true", "either"):
        total = sum(v for (a_, _), v in count.items() if a_ == t)
        print(f"{t}: {count[t, 'supported']} supported, {count[t, 'not supported']} not supported, {count[t, 'undecided']} undecided of {total}")


if __name__ == "__main__":
    main()
