"""The statistic "agreement" and the verdict on *information* that it decides, in NumPy, written from docs/methods.md alone.

Concepts whose vectors differ alike differ alike in their properties: a reader made from the vectors alone (leave-one-out ridge, as
a matrix A of weights between concepts) is laid beside the inner products L of the norms, T = sum_ij M_ij L_ij, where M is A less
the means of the blocks within which rows are exchanged. Nothing is refitted under a permutation.

Everything is the definition, written plainly; `fast` is the same sum by gathering. verdict_reference.py runs it on worlds.
"""
import numpy as np
import scipy.cluster.hierarchy as hierarchy

import core

PENALTY, S, S_HELD_OUT, FOLDS, FEWEST, MARGIN, NEAREST, GROUPS = 0.03, 12, 18, 10, 20, 0.02, 10, 48
LEVEL = {"E1": 0.05, "E2": 0.02, "E3": 0.005, "E4": 0.012, "E4-clusters": 0.03}
MDE = {"E1": 2.5, "E2": 2.9, "E3": 3.4, "E4": 3.1, "E4-clusters": 2.7}  # in null standard deviations


# ---------------------------------------------------------------- the reader: from the vectors alone

def gram(X):
    """G = VV': columns standardised, rows to length 1, columns centred."""
    mean, scale = core.center_scale(X)
    V = core.unit_rows((X - mean) / scale)
    V = V - V.mean(0)
    return V @ V.T


def smoother(G):
    n = len(G)
    return G @ np.linalg.inv(G + PENALTY * n * np.eye(n))


def reader(G):
    """A_ij = S_ij / (1 - S_ii): row i predicts concept i from all others."""
    A = smoother(G)
    A = A / (1 - np.diag(A))[:, None]
    np.fill_diagonal(A, 0)
    return A


def held_out_reader(G, fold):
    """Row i predicts concept i from the concepts outside of its fold."""
    A = np.zeros_like(G)
    for f in np.unique(fold):
        test, train = np.flatnonzero(fold == f), np.flatnonzero(fold != f)
        A[np.ix_(test, train)] = G[np.ix_(test, train)] @ np.linalg.inv(G[np.ix_(train, train)] + PENALTY * len(train) * np.eye(len(train)))
    return A


def held_out_units(G, unit):
    """The same with every unit held out by itself, the penalty that of all rows: from the inverse of G + penalty I by blocks."""
    n = len(G)
    H, A = np.linalg.inv(G + PENALTY * n * np.eye(n)), np.zeros_like(G)
    for u in np.unique(unit):
        rows = np.flatnonzero(unit == u)
        A[rows] = -np.linalg.solve(H[np.ix_(rows, rows)], H[rows])
        A[np.ix_(rows, rows)] = 0
    return A


# ---------------------------------------------------------------- the relation of the norms

def without(Z, *numbers):
    """What is left of every column after the regression on 1 and these numbers of the rows."""
    R = np.column_stack([np.ones(len(Z)), *numbers])
    R = R / np.abs(R).max(0)  # of any size: the regression is the same
    return Z - R @ np.linalg.lstsq(R, Z, rcond=1e-12)[0]


def sparse_rows(Y, covariates=()):
    """idf where present, unit rows; the regression on 1, k and ln(1 + k) is taken off, k the number of a concept's features, and on covariates
    (numbers of every concept, one array each)."""
    n, df, k = len(Y), (Y != 0).sum(0), (Y != 0).sum(1)
    use = (df >= 2) & (df < n)
    Z = core.unit_rows((Y[:, use] != 0) * np.log(n / df[use]))
    return without(Z, k, np.log1p(k), *covariates)


def dense_rows(Y, observed=None, covariates=()):
    mean, scale = core.center_scale(Y, observed)
    Z = core.scaled(Y, mean, scale, observed)
    seen = np.ones_like(Z) if observed is None else observed.astype(float)
    Z = (Z - (Z * seen).sum(1, keepdims=True) / np.maximum(seen.sum(1, keepdims=True), 1)) * seen
    return without(core.unit_rows(Z), *covariates)


# ---------------------------------------------------------------- blocks

def ward(rows, clusters):
    return hierarchy.fcluster(hierarchy.linkage(rows, "ward"), clusters, "maxclust")


def vector_rows(X):
    return core.unit_rows(X - X.mean(0))


def norm_rows(Y, dense, observed=None):
    n = len(Y)
    if dense:
        mean, scale = core.center_scale(Y, observed)
        T = core.scaled(Y, mean, scale, observed)
    else:
        df = (Y > 0).sum(0)
        T = np.sqrt(np.maximum(Y[:, df >= 2], 0)) * np.log(n / df[df >= 2])
    U, s, _ = np.linalg.svd(core.unit_rows(T), full_matrices=False)
    k = max(5, min(25, n // 15))
    return core.unit_rows(U[:, :k] * s[:k])


def cells(X, Y, dense, observed=None):
    n = len(Y)
    a, b = ward(vector_rows(X), max(1, n // S)), ward(norm_rows(Y, dense, observed), max(1, n // S))
    return np.unique(a * (n + 1) + b, return_inverse=True)[1]


def held_out_folds(unit, K=FOLDS):
    """Whole units: the largest first (ties: first appearance), each into the fold with the fewest concepts (ties: the lowest)."""
    members = {}
    for i, u in enumerate(unit):
        members.setdefault(u, []).append(i)
    fold, load = np.empty(len(unit), int), [0] * min(K, len(members))
    for rows in sorted(members.values(), key=lambda rows: -len(rows)):
        f = load.index(min(load))
        fold[rows] = f
        load[f] += len(rows)
    return fold


def blocks_of(label, least=2):
    """Arrays of rows that are exchanged; labels None or below 0 stay where they are."""
    kinds = dict.fromkeys(l for l in label if l is not None and not (isinstance(l, (int, np.integer)) and l < 0))
    found = [np.array([i for i, l in enumerate(label) if l == kind]) for kind in kinds]
    return [rows for rows in found if len(rows) >= max(2, least)]


# ---------------------------------------------------------------- the statistic

def block_centred(A, blocks):
    M = np.zeros_like(A)
    for rows in blocks:
        M[rows] = A[rows] - A[rows].mean(0)
    return M


class Test:
    """One of E1 to E4: T(pi) and r; where it is one of transfer, the sign flips that its p comes from."""

    def __init__(self, A, L, blocks, flips=None):
        self.L, self.blocks, self.flips = L, blocks, flips
        self.M = block_centred(A, blocks)
        np.fill_diagonal(self.M, 0)
        self.CL = block_centred(L, blocks)
        np.fill_diagonal(self.CL, 0)
        self.movable = np.sort(np.concatenate(blocks)) if blocks else np.arange(0)
        self.divisor = np.sqrt((self.M ** 2).sum() * (self.CL ** 2).sum())

    def raw(self, p):
        return float((self.M * self.L[np.ix_(p, p)]).sum())

    def draw(self, rng):
        p = np.arange(len(self.L))
        for rows in self.blocks:
            p[rows] = rng.permutation(rows)
        return p

    def r(self):
        return self.raw(np.arange(len(self.L))) / self.divisor

    def left_out(self):
        """r without each movable concept's row and column of M and CL."""
        n, values = len(self.L), []
        for i in self.movable:
            k = np.delete(np.arange(n), i)
            M, CL, L = (a[np.ix_(k, k)] for a in (self.M, self.CL, self.L))
            values.append((M * L).sum() / np.sqrt((M ** 2).sum() * (CL ** 2).sum()))
        return np.array(values)

    def jackknife(self):
        """The standard error of r."""
        values, m = self.left_out(), len(self.movable)
        return np.sqrt((m - 1) / m * ((values - values.mean()) ** 2).sum())

    def pseudo(self, gain):
        """By concept, NaN where it cannot move: pseudo-values whose mean is the gain."""
        values, out = self.left_out(), np.full(len(self.L), np.nan)
        out[self.movable] = gain + (len(values) - 1) * (values.mean() - values)
        return out

    def judge(self, name, B, rng):
        out = {"id": name, "n": len(self.movable)}
        if len(self.movable) < FEWEST and name != "E1":
            return {**out, "outcome": "undecided", "why": "too few can move"}
        r = np.array([self.raw(p) for p in [np.arange(len(self.L))] + [self.draw(rng) for _ in range(B)]]) / self.divisor
        gain, sd = r[0] - r[1:].mean(), r[1:].std(ddof=1)
        t = r if self.flips is None else self.flips.run(B, rng)
        p = (1 + (t[1:] >= t[0]).sum()) / (1 + B)
        cannot = LEVEL[name] < 1 / (1 + B)
        out.update(r=r[0], null_mean=r[1:].mean(), null_sd=sd, gain=gain, z=(t[0] - t[1:].mean()) / t[1:].std(ddof=1), p=p,
                   upper=gain + 1.645 * sd, mde=MDE[name] * sd,
                   outcome="holds" if p <= LEVEL[name] else "fails" if gain + 1.645 * sd < MARGIN and not cannot else "undecided")
        return out


def difference(a, b, of_pairs=0, of_draws=0):
    """Pseudo-values of two sets of vectors by concept, NaN: not in the test; of_pairs: the variance that permutations give the difference,
    of_draws: that of the means of permutations which were taken off. The difference of their means, its standard error and degrees of freedom (docs/methods.md#two-sets-of-vectors)."""
    d = np.nan_to_num((b - np.nanmean(b)) / np.isfinite(b).sum()) - np.nan_to_num((a - np.nanmean(a)) / np.isfinite(a).sum())
    m = (np.isfinite(a) | np.isfinite(b)).sum()
    twice = m / (m - 1) * (d ** 2).sum()
    return np.nanmean(b) - np.nanmean(a), np.sqrt(max(twice - of_pairs, min(of_pairs, twice)) + of_draws), m - 1


class Flips:
    """Does what relates vectors and norms inside of a unit stand in others too? Every unit is held out by itself. If its relation is its
    own, the part of its norms that differs within its cells could as well have the other sign, both where it is scored and where others learn
    from it, and so could each part of the features by itself: the principal components within cells that hold at least a
    sixteenth (at least the first), and the rest in 48 groups of features.
    T(s) = sum_ug s_ug R_ug + sum_uvg s_ug s_vg D_uvg."""

    def __init__(self, G, Z, unit, cells):
        n, m = Z.shape
        P = np.zeros((n, n))
        for rows in cells:
            P[np.ix_(rows, rows)] = np.eye(len(rows)) - 1 / len(rows)
        M = P @ held_out_units(G, unit)
        units = list(dict.fromkeys(unit[rows[0]] for rows in cells))
        member = np.zeros((n, len(units)))
        for rows in cells:
            member[rows, units.index(unit[rows[0]])] = 1
        W, beyond = P @ Z, Z - P @ Z
        _, size, axes = np.linalg.svd(W, full_matrices=False)
        axes = axes[:max(1, (size ** 2 >= (size ** 2).sum() / 16).sum())]
        rest = W - W @ axes.T @ axes
        parts = [(W @ a[:, None], beyond @ a[:, None]) for a in axes] + [(rest[:, g::GROUPS], beyond[:, g::GROUPS]) for g in range(min(GROUPS, m))]
        self.R = np.stack([(member.T @ (M * (w @ b.T))).sum(1) for w, b in parts])
        self.D = np.stack([member.T @ (M * (w @ w.T)) @ member for w, _ in parts])

    def run(self, B, rng):
        """T(s), the observed one first."""
        t = []
        for b in range(B + 1):
            s = rng.integers(0, 2, self.R.shape) * 2 - 1 if b > 0 else np.ones(self.R.shape)
            t.append((s * self.R).sum() + np.einsum("gu,guv,gv->", s, self.D, s))
        return np.array(t)


def peer(X, fold=None):
    """Copied neighbours in the place of A: 1/10 on the 10 nearest by cosine, outside of the row's fold where there are folds."""
    U = core.unit_rows(X)
    sim = U @ U.T
    np.fill_diagonal(sim, -np.inf)
    if fold is not None:
        sim[fold[:, None] == fold[None, :]] = -np.inf
    A = np.zeros_like(sim)
    near = np.argsort(-sim, axis=1, kind="stable")[:, :NEAREST]
    for i, rows in enumerate(near):
        A[i, rows[np.isfinite(sim[i, rows])]] = 1 / NEAREST
    return A


# ---------------------------------------------------------------- distinct concepts, and all tests

def distinct(X, Y, observed=None):
    """The rows that are kept: one for each vector, and none without a feature."""
    seen, keep = set(), []
    for i, x in enumerate(X):
        empty = not (Y[i] != 0).any() if observed is None else not observed[i].any()
        if not empty and x.tobytes() not in seen:
            seen.add(x.tobytes())
            keep.append(i)
    return np.array(keep, int)


def tests(X, Y, category, dense, observed=None, K=FOLDS, covariates=()):
    """name -> Test for distinct concepts. category: names, "" for none. E4 where there are categories for it, else E4-clusters."""
    n = len(X)
    G = gram(X)
    A = reader(G)
    Z = dense_rows(Y, observed, covariates) if dense else sparse_rows(Y, covariates)
    L = Z @ Z.T
    label = [c if c != "" else None for c in category]
    large, all_ = blocks_of(label, 5), blocks_of(label)
    by_cell = blocks_of(list(cells(X, Y, dense, observed)))
    found = {"E1": Test(A, L, [np.arange(n)])}
    if large:
        found["E2"] = Test(A, L, large)
    found["E3"] = Test(A, L, by_cell)
    if len(large) >= 4:
        unit = np.unique([f"c {c}" if c != "" else f"- {i}" for i, c in enumerate(category)], return_inverse=True)[1]
        fold = held_out_folds([c if c != "" else i for i, c in enumerate(category)], K)
        found["E4"] = Test(held_out_reader(G, fold), L, large, Flips(G, Z, unit, all_))
    rows = norm_rows(Y, dense, observed)
    fold = held_out_folds(list(ward(rows, max(2, n // S_HELD_OUT))), K)
    found["E4-clusters"] = Test(held_out_reader(G, fold), L, by_cell, Flips(G, Z, ward(rows, max(1, n // S)), by_cell))
    return found
