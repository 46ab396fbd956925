"""Two sets of vectors on the same norms: does `explaint compare` find a difference where there is none, and where there is one?

The formulas of docs/methods.md#two-sets-of-vectors in NumPy (tests/oracle/agreement.py; tests/oracle/check_cli.py holds the program to them).

  planted   linear-45          both know every concept's own properties with r2 .45: one signal, two noises of one distribution
            linear-45-30       r2 .45 and .30: there is a difference
            half, nothing, dense-linear-45: as the kinds of worlds.py
  real      mcrae-halves       two random halves of GloVe's dimensions; binder, buchanan likewise
            mcrae-projections  two random projections of GloVe to 50 dimensions
            mcrae-mpnet        GloVe and layer 11 of MPNet; mcrae-mpnet-100: parts of 100 concepts
  Real norms are cut into disjoint parts of 177 concepts (Buchanan: 150), again and again, with other halves each time.

Printed for each test: the mean difference; the share of pairs in which the interval misses what it should hold (0; where the sets differ the mean over
worlds, with real norms over the parts of one cut); the printed standard error beside the deviation of the difference (above 1 it errs to the safe side); the
share with p <= .05.

    python bench/truth/two_sets.py [KIND ...] [--worlds 100] [--seed 1] [--data DATA --models MODELS --explaint BIN --cache DIR]
"""
import argparse
import math
import sys
import zlib
from pathlib import Path

import numpy as np
from scipy import stats

import real
import run
import worlds

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tests" / "oracle"))
import agreement  # noqa: E402

DIFFERENT = ("linear-45-30", "linear-60-45")
PLANTED = ("linear-15", "linear-45", "linear-75", "half", "nothing", "dense-linear-45", *DIFFERENT)
REAL = ("mcrae-halves", "mcrae-projections", "binder-halves", "buchanan-halves", "mcrae-mpnet", "mcrae-mpnet-100")
B = 100  # permutations: enough for a variance


# ---------------------------------------------------------------- pairs of sets: (X, X'), Y, label

def noise(rng, n, d, turn):
    s = np.arange(1, d + 1) ** -0.4
    return rng.normal(size=(n, d)) * s * np.sqrt(d / (s ** 2).sum()) @ turn


def planted(kind, rng):
    words = kind.removeprefix("dense-").split("-")
    w = worlds.Draft(rng, True, kind.startswith("dense-"))
    signal = rng.normal(size=(w.n, 14)) if words[0] == "nothing" else np.hstack([w.C, w.U])
    r2 = [int(words[1]) / 100, int(words[-1]) / 100] if words[0] == "linear" else [0.6, 0.6] if words[0] == "nothing" else [0.8, 0.8]
    S = worlds.unit_columns(signal) @ rng.normal(size=(signal.shape[1], w.d))
    S *= np.sqrt(w.d / (S ** 2).sum(1).mean())
    turn = np.linalg.qr(rng.normal(size=(w.d, w.d)))[0]
    X = [np.sqrt(r) * S + np.sqrt(1 - r) * noise(rng, w.n, w.d, turn) for r in r2]
    if words[0] == "half":
        for x in X:
            lost = rng.random(w.n) >= 0.5
            x[lost] = noise(rng, lost.sum(), w.d, turn)
    return X, w.norms(*((1, 1) if words[0] == "nothing" else (0.9, 1.1))), w.group


def parts(kind, rng, where):
    """One cut of real norms; real.whole keeps what it has read."""
    norms, how, *size = kind.split("-")
    names, X, Y, label = real.whole(norms, "glove", None, *where)
    if how == "halves":
        mix = rng.permutation(X.shape[1])
        X = X[:, mix[:50]], X[:, mix[50:]]
    elif how == "projections":
        X = [X @ rng.normal(size=(X.shape[1], 50)) for _ in range(2)]
    else:
        others, X2, *_ = real.whole(norms, how, 11, *where)
        at = {w: i for i, w in enumerate(others)}
        both = [i for i, w in enumerate(names) if w in at]
        X, Y, label = (X[both], X2[[at[names[i]] for i in both]]), Y[both], label[both]
    n, size = len(Y), int(size[0]) if size else 150 if norms == "buchanan" else 177
    order = rng.permutation(n)
    for k in range(min(n // size, 10)):
        use = np.sort(order[k * size:(k + 1) * size])
        y = Y[use]
        yield [x[use] for x in X], y[:, (y != 0).any(0)], label[use]


# ---------------------------------------------------------------- what the program does

def left_out(t):
    """agreement.Test.left_out by the sums that a row and a column have."""
    share = lambda a: (a.sum(0) + a.sum(1))[t.movable]
    TM, M2, C2 = t.M * t.L, t.M ** 2, t.CL ** 2
    return (TM.sum() - share(TM)) / np.sqrt((M2.sum() - share(M2)) * (C2.sum() - share(C2)))


def tests(X, Y, L, label, dense):
    """E1 to E4 as agreement.tests has them, without the sign flips, which make p of E4 alone."""
    G = agreement.gram(X)
    A, labels = agreement.reader(G), [g if g >= 0 else None for g in label]
    large = agreement.blocks_of(labels, 5)
    found = {"E1": agreement.Test(A, L, [np.arange(len(Y))]), "E3": agreement.Test(A, L, agreement.blocks_of(list(agreement.cells(X, Y, dense))))}
    if len(large) >= 4:
        found["E2"] = agreement.Test(A, L, large)
        fold = agreement.held_out_folds([g if g is not None else -1 - i for i, g in enumerate(labels)])
        found["E4"] = agreement.Test(agreement.held_out_reader(G, fold), L, large)
    return found


def compare(X, Y, label, dense, rng):
    """test -> gains, difference, error, p, t."""
    Z = agreement.dense_rows(Y) if dense else agreement.sparse_rows(Y)
    both, out = [tests(x, Y, Z @ Z.T, label, dense) for x in X], {}
    for name in ("E1", "E2", "E3", "E4"):
        if name not in both[0] or name not in both[1]:
            continue
        pair, pseudo, nulls = [b[name] for b in both], [], []
        orders = None
        for t in pair:
            own = orders if orders is not None and name != "E3" else [t.draw(rng) for _ in range(B)]
            orders = own
            nulls.append(np.array([t.raw(p) for p in own]) / t.divisor)
            values, full = left_out(t), np.full(len(Y), np.nan)
            full[t.movable] = t.r() - nulls[-1].mean() + (len(values) - 1) * (values.mean() - values)
            pseudo.append(full)
        of_pairs = nulls[0].var(ddof=1) + nulls[1].var(ddof=1) if name == "E3" else (nulls[1] - nulls[0]).var(ddof=1)
        d, error, freedom = agreement.difference(*pseudo, of_pairs)
        out[name] = [*map(np.nanmean, pseudo), d, error, 2 * stats.t.sf(abs(d) / error, freedom), stats.t.ppf(0.975, freedom)]
    return out


# ---------------------------------------------------------------- all of it

def say(kind, cuts):
    """A line of the table."""
    cells, n = [], 0
    for name in ("E1", "E2", "E3", "E4"):
        sets = [s for s in (np.array([r[name] for r in cut if name in r]) for cut in cuts) if len(s) > 1]
        if not sets:
            cells.append("")
            continue
        rows = np.vstack(sets)
        if kind in REAL:  # parts of one cut differ by chance alone: from their own mean, which takes one of them
            off = np.concatenate([(s[:, 2] - s[:, 2].mean()) * math.sqrt(len(s) / (len(s) - 1)) for s in sets])
        else:
            off = rows[:, 2] - (rows[:, 2].mean() if kind in DIFFERENT else 0)
        n = max(n, len(rows))
        error = math.sqrt((rows[:, 3] ** 2).mean() / (off ** 2).mean())
        missed, found = (abs(off) > rows[:, 5] * rows[:, 3]).mean(), (rows[:, 4] <= 0.05).mean()
        cells.append(f"{rows[:, 2].mean():+.3f}; {missed:.2f}, {error:.2f}, {found:.2f}")
    print(f"| {kind} | {n} | " + " | ".join(cells) + " |", flush=True)


def main():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument("kinds", nargs="*")
    a.add_argument("--worlds", type=int, default=100, help="of a planted kind; real: about as many parts")
    a.add_argument("--seed", type=int, default=1)
    a.add_argument("--data")
    a.add_argument("--models")
    a.add_argument("--explaint")
    a.add_argument("--cache", default="cache")
    o = a.parse_args()
    where = (o.data, o.models, o.cache, o.explaint)
    print("| sets | pairs | E1 | E2 | E3 | E4 |\n|---|---|---|---|---|---|")
    for kind in o.kinds or [*PLANTED, *(REAL if o.data else ())]:
        seed, cuts, count = [zlib.crc32(kind.encode()), o.seed], [], 0
        while count < o.worlds:
            rng = np.random.default_rng([*seed, count])
            made = parts(kind, rng, where) if kind in REAL else [planted(kind, rng)]
            cut = [compare(*m, kind.startswith(("dense", "binder")), rng) for m in made]
            count += len(cut)
            if kind in REAL:
                cuts.append(cut)
            else:
                cuts = [[*(cuts[0] if cuts else []), *cut]]
        say(kind, cuts)


if __name__ == "__main__":
    main()
