"""Planted worlds: small norms and vectors of which it is known whether a claim about them is true.

Each world is a folder: norms.csv (concept,feature,value), vectors.txt, categories.csv, truth.json. The claims:
  information  "beyond groups of about 12 concepts, concepts whose vectors differ alike differ alike in their properties, also in
               categories that were left out, and not by their spelling": about vectors, not about a mapping
  mapping      "this mapping recovers the properties": better than copying neighbours, the mean and a group label
truth.json: {kind, claim: {information: T, mapping: T}, why, dense, parameters}, T one of
  "true" "clear true" (enough of it that a good test should find it) "false" "either" (the claim's wording allows both).
The truth is declared from how a world is made, never from what a verdict says about it.

How a synthetic world is made. Concept i of category g has a category vector c_g and a vector of its own u_i (both Gaussian).
Sparse norms: a feature f has a popularity (Zipf), a weight on c and one on u; concept i takes its 5 to 25 features without
replacement with log odds popularity + weight_c.c + weight_u.u (Gumbel-top-k), up to 3 more that no other concept has, and
values 5..30 that grow with the odds. Dense norms: 65 ratings 0..6, linear in c and u with noise. Vectors: whatever the kind
says about c and u, turned by a random matrix, plus Gaussian noise with a falling spectrum.

real.py makes worlds of real norms and vectors.

Run: python bench/truth/worlds.py OUT --worlds N --seed S [--kinds a,b] [--small]
"""
import argparse
import csv
import functools
import json
import sys
import zlib
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tests" / "oracle"))
import reference  # noqa: E402

LETTERS = "abcdefghijklmnopqrstuvwxyz"


def words(rng, n):
    """Pronounceable words of 3 to 10 letters, all different."""
    out = {}
    while len(out) < n:
        length = rng.integers(3, 11)
        vowels = rng.integers(0, 2)
        w = "".join(rng.choice(list("aeiou" if (i + vowels) % 2 else "bcdfghjklmnprstvwz")) for i in range(length))
        out[w] = True
    return list(out)


def spelling(names):
    """Length, letter counts, first and last letter (one-hot)."""
    S = np.zeros((len(names), 1 + 3 * 26))
    for i, w in enumerate(names):
        S[i, 0] = len(w)
        for ch in w:
            S[i, 1 + LETTERS.index(ch)] += 1
        S[i, 27 + LETTERS.index(w[0])] = 1
        S[i, 53 + LETTERS.index(w[-1])] = 1
    return S


def unit_columns(A):
    A = A - A.mean(0)
    return A / np.maximum(A.std(0), 1e-12)


def sizes(rng, n, low, high):
    """Group sizes between low and high that add up to n."""
    out = []
    while sum(out) < n:
        out.append(int(rng.integers(low, high + 1)))
    out[-1] -= sum(out) - n
    if out[-1] < low and len(out) > 1:
        last = out.pop()
        out[-1] += last
    return out


def group_labels(rng, n, low, high):
    counts = sizes(rng, n, low, high)
    return np.repeat(np.arange(len(counts)), counts)


def sparse_norms(rng, drive, m, richness):
    """Gumbel-top-k features by drive + popularity; values 5..30."""
    n = len(drive)
    popularity = -0.9 * np.log(np.arange(1, m + 1)) + 0.9 * np.log(m)
    odds = drive + popularity[rng.permutation(m)]
    noisy = odds + rng.gumbel(size=odds.shape)
    Y = np.zeros((n, m))
    for i in range(n):
        top = np.argsort(-noisy[i])[:richness[i]]
        rank = np.argsort(np.argsort(-odds[i, top]))
        Y[i, top] = np.clip(5 + rng.exponential(7 + 4 * (rank < 4), len(top)).astype(int), 5, 30)
    return Y


def with_own_features(rng, Y):
    """Up to three features that no other concept has."""
    n = len(Y)
    own = rng.integers(0, 4, n)
    S = np.zeros((n, own.sum()))
    S[np.repeat(np.arange(n), own), np.arange(own.sum())] = np.clip(5 + rng.exponential(5, own.sum()).astype(int), 5, 30)
    return np.hstack([Y, S])


def dense_norms(rng, drive):
    Y = np.clip(2.2 + rng.normal(size=drive.shape[1]) + drive * 0.6 + 0.6 * rng.normal(size=drive.shape), 0, 6)
    return np.round(Y, 2)


def noise(rng, n, d):
    """Gaussian with a falling spectrum, total variance n*d."""
    s = np.arange(1, d + 1) ** -0.4
    s *= np.sqrt(d / (s ** 2).sum())
    return (rng.normal(size=(n, d)) * s) @ np.linalg.qr(rng.normal(size=(d, d)))[0]


def embed(rng, signal, d, r2, weight=1.0):
    """signal turned into d dimensions, r2 of the variance; the rest is noise."""
    S = (unit_columns(signal) * weight) @ rng.normal(size=(signal.shape[1], d))
    S *= np.sqrt(d / (S ** 2).sum(1).mean())
    return np.sqrt(r2) * S + np.sqrt(1 - r2) * noise(rng, len(signal), d)


class Draft:
    """What every synthetic world starts from."""

    def __init__(self, rng, small=False, dense=False, parts=1):
        self.rng, self.dense, self.own = rng, dense, parts == 1 and not dense
        self.n = 150 * parts if small else int(rng.integers(160, 301))
        self.d = 30 if small else int(rng.integers(30, 101))
        self.m = 65 if dense else 160 if small else int(rng.integers(150, 301))
        self.names = words(rng, self.n)
        self.group = group_labels(rng, self.n, 14, 28)
        self.q = 6
        self.C = rng.normal(size=(self.group.max() + 1, 8))[self.group]
        self.U = rng.normal(size=(self.n, self.q))
        self.richness = np.clip(np.round(rng.normal(11, 3, self.n)), 5, 25).astype(int)

    def drawn(self, drive):
        if self.dense:
            return dense_norms(self.rng, drive)
        Y = sparse_norms(self.rng, drive, self.m, self.richness)
        return with_own_features(self.rng, Y) if self.own else Y

    def norms(self, category=0.0, own=0.0, C=None, U=None):
        """Norms with the given strengths; each feature loads on c or on u, and a few on both."""
        C, U = self.C if C is None else C, self.U if U is None else U
        rng = self.rng
        side = rng.random(self.m)
        A = rng.normal(size=(C.shape[1], self.m)) * (side < 0.6) / np.sqrt(C.shape[1])
        B = rng.normal(size=(U.shape[1], self.m)) * (side > 0.4) / np.sqrt(U.shape[1])
        drive = category * 2.2 * C @ A + own * 2.2 * U @ B
        return self.drawn(drive)

    def profile_norms(self, group, strength=4.0):
        """Norms by group alone, every group its own set of preferred features: nothing carries over to a new group."""
        rng = self.rng
        prefer = (rng.random((group.max() + 1, self.m)) < 9 / self.m) * strength
        drive = prefer[group]
        return self.drawn(drive)


def split(rng, group, parts=2):
    return np.unique(group * parts + rng.integers(0, parts, len(group)), return_inverse=True)[1]


# ---------------------------------------------------------------- the kinds
# each returns X, Y, labels, (information, mapping), why; labels < 0: no category

def nothing(w):
    return embed(w.rng, np.hstack([w.rng.normal(size=(w.n, 14))]), w.d, 0.6), w.norms(1, 1), w.group, "false", \
        "vectors are drawn without a look at the norms"


def richness_only(w):
    w.richness = np.clip(np.round(np.exp(w.rng.normal(2.4, 0.45, w.n))), 3, 30).astype(int)
    X = embed(w.rng, np.c_[w.richness, w.rng.normal(size=(w.n, 9))], w.d, 0.7)
    return X, w.norms(1, 1), w.group, "false", "vectors know how many features a concept has, not which"


def category_only(labels, transfer):
    def make(w):
        rng = w.rng
        given = {"right": lambda: w.group,
                 "finer": lambda: split(rng, w.group),
                 "coarser": lambda: w.group // 2,
                 "noisy": lambda: np.where(rng.random(w.n) < 0.25, rng.integers(0, w.group.max() + 1, w.n), w.group),
                 "wrong": lambda: rng.permutation(w.group),
                 "none": lambda: np.full(w.n, -1)}[labels]()
        signal = w.C if transfer else rng.normal(size=(w.group.max() + 1, 10))[w.group]
        Y = w.norms(1.3, 0) if transfer else w.profile_norms(w.group)
        X = embed(rng, signal, w.d, rng.uniform(0.35, 0.8))
        return X, Y, given, "false", f"vectors and norms share the category (14 or more concepts) alone; labels {labels}"
    return make


def small_groups(least, most, transfer):
    def make(w):
        rng = w.rng
        fine = np.concatenate([group_labels(rng, (w.group == g).sum(), least, most) + 100 * g for g in np.unique(w.group)])
        fine = np.unique(fine, return_inverse=True)[1]
        V = rng.normal(size=(fine.max() + 1, 6))[fine]
        if transfer:
            Y = w.norms(0.8, 1.3, U=V)
            X = embed(rng, np.hstack([w.C, V]), w.d, 0.7)
            return X, Y, w.group, "either", f"hidden groups of {least} to {most} whose properties carry over to unseen categories"
        return embed(rng, V, w.d, 0.7), w.profile_norms(fine), w.group, "false", \
            f"hidden groups of {least} to {most}, each with features of its own: nothing carries over to an unseen category"
    return make


def own_relation(strength, r2):
    """What relates vectors and norms inside a category is drawn anew for every category: information, and nothing of it transfers."""
    def make(w):
        rng = w.rng
        side = rng.random(w.m)
        drive = 0.8 * 2.2 * w.C @ (rng.normal(size=(8, w.m)) * (side < 0.6) / np.sqrt(8))
        for g in np.unique(w.group):
            rows = w.group == g
            drive[rows] += strength * 2.2 * w.U[rows] @ (rng.normal(size=(w.q, w.m)) * (side > 0.4) / np.sqrt(w.q))
        return embed(rng, np.hstack([w.C, w.U]), w.d, r2), w.drawn(drive), w.group, "false", \
            "known inside categories, by a relation of each category's own: it does not carry over to categories that were left out"
    return make


def own_directions(latent, strength, r2):
    """As own_relation, but what the norms vary along is the same in every category, `latent` dimensions that many features share; which direction of
    the vectors it goes with is drawn anew for every category."""
    def make(w):
        rng = w.rng
        side = rng.random(w.m)
        drive = 0.8 * 2.2 * w.C @ (rng.normal(size=(8, w.m)) * (side < 0.6) / np.sqrt(8))
        shared = rng.normal(size=(latent, w.m)) * (side > 0.4) / np.sqrt(latent)
        for g in np.unique(w.group):
            rows = w.group == g
            drive[rows] += strength * 2.2 * w.U[rows] @ (rng.normal(size=(w.q, latent)) / np.sqrt(w.q)) @ shared
        return embed(rng, np.hstack([w.C, w.U]), w.d, r2), w.drawn(drive), w.group, "false", \
            "known inside categories, in a direction of each category's own: it does not carry over to categories that were left out"
    return make


def small_categories(informed):
    """Labels of categories of 2 to 4 alone."""
    def make(w):
        w.group = group_labels(w.rng, w.n, 2, 4)
        w.C = w.rng.normal(size=(w.group.max() + 1, 8))[w.group]
        if informed:
            return embed(w.rng, np.hstack([w.C, w.U]), w.d, 0.6), w.norms(0.9, 1.1), w.group, "true", "very small categories; linear in every concept's own properties"
        return embed(w.rng, np.hstack([w.rng.normal(size=(w.n, 14))]), w.d, 0.6), w.norms(0.9, 1.1), w.group, "false", \
            "very small categories; vectors are drawn without a look at the norms"
    return make


def word_form(w):
    S = unit_columns(spelling(w.names))
    S = S[:, (S != 0).any(0)]
    Y = w.norms(0, 1.4, U=unit_columns(S @ w.rng.normal(size=(S.shape[1], 6))))
    return embed(w.rng, S, w.d, 0.85), Y, w.group, "false", "norms follow the spelling, and vectors know nothing but spelling"


def spectrum_only(w):
    s = np.arange(1, w.d + 1) ** -w.rng.uniform(0.5, 1.2)
    X = w.rng.normal(size=(w.n, w.d)) * s
    if w.rng.random() < 0.5:
        X = X + 0.5 * s * w.rng.normal(size=(12, w.d))[w.rng.integers(0, 12, w.n)]
    return X, w.norms(1, 1), w.group, "false", "vectors have a shape (spectrum, clusters), drawn without a look at the norms"


def linear(r2):
    def make(w):
        X = embed(w.rng, np.hstack([w.C, w.U]), w.d, r2)
        truth = "clear true" if r2 >= 0.6 else "true"
        return X, w.norms(0.9, 1.1), w.group, truth, f"linear in every concept's own properties, r2 {r2}", \
            "true" if r2 >= 0.75 else "either"
    return make


def odd(w):
    X = embed(w.rng, np.hstack([w.C, w.U ** 3 / 4 + w.U]), w.d, 0.8)
    return X, w.norms(0.9, 1.1, U=np.tanh(2 * w.U) * 1.2), w.group, "clear true", "odd, monotone: most of it is linear"


def even(w):
    """An angle: vectors know (cos a, sin a), norms follow (cos 2a, sin 2a, cos 4a, sin 4a). Turning a by pi changes the
    sign of what the vectors know and nothing of the norms, and all angles are equally far from the middle."""
    a = w.rng.uniform(0, 2 * np.pi, w.n)
    X = embed(w.rng, np.c_[w.C, np.cos(a), np.sin(a)], w.d, 0.9, weight=np.r_[np.full(8, 0.5), 1.0, 1.0])
    U = np.sqrt(2) * np.c_[np.cos(2 * a), np.sin(2 * a), np.cos(4 * a), np.sin(4 * a)]
    return X, w.norms(0.8, 1.4, U=U), w.group, "either", \
        "beyond the category norms are an even function of what the vectors know: not to be found by a linear mapping", "false"


def even_square(w):
    """As even, with squares of Gaussians."""
    V = w.rng.normal(size=(w.n, 2))
    X = embed(w.rng, np.hstack([w.C, V]), w.d, 0.9, weight=np.r_[np.full(8, 0.4), 1.2, 1.2])
    return X, w.norms(0.8, 1.4, U=(V ** 2 - 1) / np.sqrt(2)), w.group, "either", \
        "beyond the category norms follow the square of what the vectors know: not to be found by a linear mapping", "false"


def known(share):
    def make(w):
        X = embed(w.rng, np.hstack([w.C, w.U]), w.d, 0.8)
        lost = w.rng.random(w.n) >= share
        X[lost] = noise(w.rng, lost.sum(), w.d)
        return X, w.norms(0.9, 1.1), w.group, "true", f"{100 * share:.0f} % of the concepts are known, the vectors of the others are noise"
    return make


LABELS = ("right", "finer", "coarser", "noisy", "wrong", "none")
SYNTHETIC = {
    "nothing": nothing, "richness": richness_only,
    **{f"category-{l}": category_only(l, False) for l in LABELS},
    **{f"category-linear-{l}": category_only(l, True) for l in LABELS},
    "groups-4-6": small_groups(4, 6, False), "groups-7-10": small_groups(7, 10, False),
    "own-relation": own_relation(1.3, 0.7), "own-relation-strong": own_relation(2.5, 0.9), "own-directions": own_directions(3, 2.5, 0.9),
    "groups-4-6-transfer": small_groups(4, 6, True), "groups-7-10-transfer": small_groups(7, 10, True),
    "word-form": word_form, "spectrum": spectrum_only, "small-categories-nothing": small_categories(False),
    **{f"linear-{int(100 * r):02d}": linear(r) for r in (0.05, 0.09, 0.15, 0.3, 0.45, 0.6, 0.75, 0.9)},
    "odd": odd, "even": even, "even-square": even_square, "half": known(0.5), "known-30": known(0.3), "small-categories": small_categories(True),
}
DENSE = {f"dense-{k}": SYNTHETIC[k] for k in (
    "nothing", *(f"category-{l}" for l in LABELS), *(f"category-linear-{l}" for l in LABELS), "groups-4-6", "groups-7-10", "own-relation", "own-directions",
    "linear-15", "linear-30", "linear-75", "odd", "half")}


def make(kind, seed, small=False):
    """X, Y, names, label (-1: none), truth dict."""
    rng = np.random.default_rng([zlib.crc32(kind.encode()), seed])
    w = Draft(rng, small, kind.startswith("dense-"))
    X, Y, label, truth, why, *rest = {**SYNTHETIC, **DENSE}[kind](w)
    mapping = "false" if truth == "false" else rest[0] if rest else "either"
    mix = rng.permutation(w.n)  # no order of the file may give a category away
    return finished(kind, X[mix], Y[mix], [w.names[i] for i in mix], np.asarray(label)[mix], truth, mapping, why, w.dense, seed)


def finished(kind, X, Y, names, label, truth, mapping, why, dense, seed):
    Y = Y[:, (Y != 0).any(0)]
    return X, Y, names, label, {"kind": kind, "claim": {"information": truth, "mapping": mapping}, "why": why, "dense": dense,
                                "seed": seed, "n": len(Y), "d": X.shape[1], "m": Y.shape[1]}


def make_real(kind, seed, *where):
    """where: the folders of data and models, that of vectors made before, and the program that makes them."""
    import real
    rng = np.random.default_rng([zlib.crc32(kind.encode()), seed])
    *made, truth, why = real.make(kind, rng, seed, *where)
    return finished(kind, *made, truth, "false" if truth == "false" else "either", why, kind.startswith("binder"), seed)


def by_mapping(kind, claim, mapping):
    """The truth of *mapping* is that of the mapping: what no linear one can find, neighbours and networks can."""
    if kind.startswith("even") and mapping in ("knn", "labelprop", "ffnn"):
        return {**claim, "mapping": "either"}
    return claim


@functools.cache
def population(kind, seed, parts):
    """One big small-sized world, cut into `parts` of about 150 concepts by whole categories: what they differ in is chance alone. A list of
    what make gives."""
    rng = np.random.default_rng([zlib.crc32(kind.encode()), seed])
    w = Draft(rng, True, kind.startswith("dense-"), parts)
    X, Y, label, truth, why, *_ = {**SYNTHETIC, **DENSE}[kind](w)
    begins = np.flatnonzero(np.diff(w.group, prepend=-1))
    ends = [int(begins[np.abs(begins - w.n * k // parts).argmin()]) for k in range(parts)] + [w.n]
    made = []
    for begin, end in zip(ends, ends[1:]):
        rows = begin + rng.permutation(end - begin)
        part = Y[rows] if w.dense else with_own_features(rng, Y[rows])
        made.append((X[rows], part[:, (part != 0).any(0)], [w.names[i] for i in rows], np.asarray(label)[rows],
                     {"kind": kind, "claim": {"information": truth, "mapping": "either"}, "why": why}))
    return made


def write(folder, X, Y, names, label, truth):
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / "norms.csv", "w", newline="") as f:
        out = csv.writer(f, lineterminator="\n")
        out.writerow(["concept", "feature", "value"])
        out.writerows([names[i], f"f{j}", f"{Y[i, j]:g}"] for i in range(len(Y)) for j in np.flatnonzero(Y[i]))
    with open(folder / "vectors.txt", "w") as f:
        f.writelines(reference.lookup(w) + " " + " ".join(f"{v:.7g}" for v in x) + "\n" for w, x in zip(names, X))
    with open(folder / "categories.csv", "w", newline="") as f:
        out = csv.writer(f, lineterminator="\n")
        out.writerow(["concept", "category"])
        out.writerows([w, "none" if l < 0 else f"cat{l}"] for w, l in zip(names, label))
    (folder / "truth.json").write_text(json.dumps(truth, indent=1) + "\n")
    return folder


def kinds(real_ones=False):
    import real
    return list(SYNTHETIC) + list(DENSE) + (real.KINDS if real_ones else [])


def main():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument("out")
    a.add_argument("--worlds", type=int, default=2, help="of each kind")
    a.add_argument("--seed", type=int, default=1)
    a.add_argument("--kinds")
    a.add_argument("--small", action="store_true")
    o = a.parse_args()
    for kind in o.kinds.split(",") if o.kinds else kinds():
        for i in range(o.worlds):
            print(write(Path(o.out) / f"{kind}-{i}", *make(kind, o.seed * 1000 + i, o.small)))


if __name__ == "__main__":
    main()
