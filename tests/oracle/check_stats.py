"""check_stats.py DUMP: the statistics of src/stats beside SciPy's, and beside second versions in NumPy on the same random draws."""
import subprocess
import sys

import numpy as np
from scipy import optimize, special, stats

import agreement
import philox

DUMP = sys.argv[1]
CLUSTERS, SIGN_FLIPS = 80, 81  # purposes, src/base/rng.h
failed = 0


def dump(*arguments, numbers=()):
    text = " ".join(repr(float(v)) for v in numbers)
    out = subprocess.run([DUMP, *map(str, arguments)], input=text, capture_output=True, text=True, check=True).stdout
    return np.array([float(v) for v in out.split()])


def check(name, got, want, tolerance):
    global failed
    difference = np.max(np.abs(np.asarray(got) - np.asarray(want)))
    print(f"{name}: {difference:.1e}")
    if not difference <= tolerance:
        print(f"FAILED {name}: {got} want {want}")
        failed += 1


rng = np.random.default_rng(1)
for n in (1, 2, 7, 40, 500):
    p = np.round(rng.uniform(size=n) ** 2, 2 if n > 7 else 5)  # ties among many
    check(f"Benjamini-Hochberg, {n}", dump("bh", numbers=p), stats.false_discovery_control(p), 1e-14)

for tests, B in ((1, 99), (4, 99), (13, 499)):
    s = rng.normal(size=(tests, B + 1)) * 10.0 ** rng.integers(-3, 3, (tests, 1)) + rng.normal(size=(tests, 1))
    s[0, 0] += 3 * s[0].std()
    z = (s - s.mean(1, keepdims=True)) / s.std(1, keepdims=True)
    want = [(z.max(0) >= z[t, 0]).mean() for t in range(tests)]
    check(f"max-T, {tests} tests", dump("maxt", tests, B, numbers=s.ravel()), want, 1e-15)


def signs(draw, n, seed):
    """64 to a random number, the lowest bit first; 1: as it is."""
    stream, bits = philox.Stream(seed, SIGN_FLIPS, draw), 0
    out = np.empty(n)
    for i in range(n):
        if i % 64 == 0:
            bits = stream.bits()
        out[i] = 1 if bits >> (i % 64) & 1 else -1
    return out


for n in (5, 11, 14):
    d = rng.normal(size=n) + .4
    exact = stats.permutation_test((d,), np.sum, permutation_type="samples", n_resamples=np.inf, alternative="two-sided")
    got = dump("flips", 99, 1, numbers=d)
    # SciPy's two-sided p is twice the smaller tail; the null is symmetric, so it is the share of |sum|
    check(f"sign flips, all 2^{n}", got, [d.mean(), exact.pvalue, 1], 1e-12)
for n, seed in ((40, 1), (150, 7)):
    d = rng.normal(size=n) + .2
    B = 300
    null = np.array([abs((signs(b, n, seed) * d).sum()) for b in range(B)])
    check(f"sign flips, drawn, {n}", dump("flips", B, seed, numbers=d), [d.mean(), (1 + (null >= abs(d.sum())).sum()) / (1 + B), 0], 1e-12)


for n, seed in ((30, 1), (90, 5)):
    label, value, R = rng.integers(-1, 7, n), rng.normal(size=n), 150
    names = {}
    cluster = [names.setdefault(("own", i) if l < 0 else l, len(names)) for i, l in enumerate(label)]
    C, means = len(names), []
    for r in range(R):
        stream = philox.Stream(seed, CLUSTERS, r)
        drawn = np.bincount([stream.below(C) for _ in range(C)], minlength=C)
        w = drawn[cluster]
        if w.sum() > 0:
            means.append((w * value).sum() / w.sum())
    check(f"cluster bootstrap, {C} clusters", dump("clusters", R, seed, numbers=np.column_stack([value, label]).ravel()),
          np.quantile(means, [.025, .975]), 1e-12)

for case in range(6):
    n = 300
    score = rng.normal(size=n) * 10.0 ** (case - 3)
    positive = rng.uniform(size=n) < special.expit((case - 1) * score / 10.0 ** (case - 3) - 2)
    if case == 5:
        positive = score > np.quantile(score, .9)  # separated
    ones = positive.sum()
    target = np.where(positive, (ones + 1) / (ones + 2), 1 / (n - ones + 2))
    z = (score - score.mean()) / score.std()

    def loss(v):
        f = v[0] * z + v[1]
        return (np.logaddexp(0, f) - target * f).sum(), np.array([((special.expit(f) - target) * z).sum(), (special.expit(f) - target).sum()])

    best = optimize.minimize(loss, [0, 0], jac=True, method="BFGS", options={"gtol": 1e-10, "maxiter": 1000}).x
    f = best[0] * z + best[1]
    bits = (np.logaddexp(0, np.where(positive, -f, f)) / np.log(2)).sum()
    got = dump("platt", numbers=np.column_stack([score, positive]).ravel())
    check(f"Platt, case {case}: slope, offset", [got[0] * score.std(), got[1] + got[0] * score.mean()], best, 1e-5 * (1 + abs(best).max()))
    check(f"Platt, case {case}: bits", got[2] / bits, 1, 1e-6)

pairs = [(t, f) for f in (1, 2, 3, 7.5, 19, 100, 530, 1e6) for t in (0, 1e-9, 1e-3, -.5, 1, 1.96, -3, 12, 40, 500)]
got, want = dump("student", numbers=np.ravel(pairs)), np.array([2 * stats.t.sf(abs(t), f) for t, f in pairs])
check("Student's t, relative", got[want > 1e-300] / want[want > 1e-300], 1, 1e-9)

for case, (n, missing, draws, spread) in enumerate(((40, 0, 50, .01), (150, 30, 99, .05), (25, 5, 0, 0), (60, 0, 20, 3))):
    pseudo = rng.normal(size=(2, n)) + [[0], [.4]]
    for row in pseudo:
        row[rng.permutation(n)[:missing]] = np.nan
    null = spread * rng.normal(size=(2, draws))
    d, error, freedom = agreement.difference(*pseudo, (null[1] - null[0]).var(ddof=1) if draws else 0, .0004)
    check(f"difference of jackknifed statistics, case {case}", dump("difference", draws, numbers=[*pseudo.ravel(), *null.ravel()]),
          [d, error, *d + error * stats.t.ppf([.025, .975], freedom), 2 * stats.t.sf(abs(d) / error, freedom), freedom + 1], 1e-9)

sys.exit(failed > 0)
