"""Where rows come from, in NumPy and fp64, straight from the definitions (docs/attention.md#flow). What a block is comes from outside:

    x (n, d)          rows that come in           maps (H, n, n), values (H, n, head), with their bias
    output (H, head, d), bias (d)                 inner, after: norms (functions of a matrix of rows), or None
    rest              rows between the halves, and x, to those of the layer
"""
import numpy as np
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import maximum_flow


class Block:
    def __init__(self, x, maps, values, output, bias, rest, inner=None, after=None, causal=False):
        self.x, self.maps, self.values, self.output, self.bias = (np.asarray(a, np.float64) for a in (x, maps, values, output, bias))
        self.rest, self.inner, self.after, self.causal = rest, inner, after, causal
        self.n = len(self.x)

    def middle(self, values):
        """y for other values."""
        attention = np.einsum("hij,hjk,hkd->id", self.maps, values, self.output) + self.bias
        if self.inner: attention = self.inner(attention)
        y = self.x + attention
        return self.after(y) if self.after else y


class Norm:
    """weight * (rows - mean) / deviation + bias, or of the root of the mean square."""

    def __init__(self, weight, bias, eps, rms=False):
        self.weight, self.bias, self.eps, self.rms = np.asarray(weight, np.float64), np.asarray(bias, np.float64), eps, rms

    def centred(self, x): return x if self.rms else x - x.mean(-1, keepdims=True)

    def by(self, x): return 1 / np.sqrt((self.centred(x) ** 2).mean(-1, keepdims=True) + self.eps)

    def __call__(self, x): return self.centred(x) * self.by(x) * self.weight + self.bias


class Sides:
    """How maps of pieces are read: rows averaged, columns added up (docs/attention.md#level). groups: the pieces of each row; pieces in none are left
    out. special: of the rows."""

    def __init__(self, groups, n, special):
        self.groups, self.special, self.lacks = groups, np.asarray(special, bool), sum(map(len, groups)) < n
        self.columns = np.array([[float(i in g) for g in groups] for i in range(n)]).reshape(n, len(groups))
        self.rows = self.columns.T / self.columns.sum(0)[:, None]

    def sums(self, a): return self.rows @ a @ self.columns

    def __call__(self, a):
        a = self.sums(a)
        return a / a.sum(-1, keepdims=True) if self.lacks else a

    def mean(self, values): return self.rows @ values


def pieces(n, causal): return Sides([[i] for i in range(n)], n, [i == 0 or not causal and i == n - 1 for i in range(n)])


def words(names, special, by_word, out):
    """Of pieces by their names: ## goes on with a word, or what begins without a ▁ does."""
    groups, marks, wordpiece = [], [], not any(p.startswith("▁") for p in names)
    for i, (p, s) in enumerate(zip(names, special)):
        if s and out: continue
        goes_on = p.startswith("##") if wordpiece else not p.startswith("▁")
        if by_word and not s and i > 0 and not special[i - 1] and goes_on: groups[-1].append(i)
        else: groups.append([i]), marks.append(s)
    return Sides(groups, len(names), marks)


# ---- of maps ----

def mixed(attentions):
    return [a.astype(np.float64).mean(0) / 2 + np.eye(a.shape[-1]) / 2 for a in attentions]


def products(maps):
    out = [np.eye(len(maps[0]))]
    for a in maps: out.append(a @ out[-1])
    return out[1:]


def max_flow(maps):
    """SciPy's flows are of 32-bit integers: capacities are multiples of 2^-26."""
    layers, n = len(maps), len(maps[0])
    graph = np.zeros(((layers + 1) * n,) * 2, np.int32)
    for l, a in enumerate(maps): graph[(l + 1) * n:(l + 2) * n, l * n:(l + 1) * n] = np.rint(a * 2 ** 26)
    graph = csr_matrix(graph)
    return np.array([[maximum_flow(graph, layers * n + i, j).flow_value for j in range(n)] for i in range(n)]) / 2 ** 26


def uniform(n, causal):
    a = np.tril(np.ones((n, n))) if causal else np.ones((n, n))
    return a / a.sum(1, keepdims=True)


def entropy(a):
    return -np.where(a > 0, a * np.log(np.where(a > 0, a, 1)), 0).sum(1)


# ---- of blocks ----

def terms(b):
    """(i, j, d): before any norm, behind the inner norm with the row itself, behind both."""
    raw = np.einsum("hij,hjk,hkd->ijd", b.maps, b.values, b.output)
    attention, own = raw.sum(1) + b.bias, np.eye(b.n)[:, :, None] * b.x[:, None]
    part = raw
    if b.inner: part, attention = b.inner.centred(raw) * b.inner.by(attention)[:, None] * b.inner.weight, b.inner(attention)
    part = part + own
    if not b.after: return raw, part, part
    return raw, part, b.after.centred(part) * b.after.by(b.x + attention)[:, None] * b.after.weight


def mixing(b, sides):
    groups = [g for g in sides.groups if not b.causal or g != [0]]
    seen = np.concatenate(sides.groups)
    def share(parts):
        """Of each row: the mean over its pieces of the share of what other rows give."""
        kept = [[np.linalg.norm(parts[i][g].sum(0)) for i in g] for g in groups]
        taken = [[np.linalg.norm(parts[i][np.setdiff1d(seen, g)].sum(0)) for i in g] for g in groups]
        return np.array([np.mean(np.array(t) / (np.array(t) + np.array(k))) for t, k in zip(taken, kept)])
    raw, part, last = terms(b)
    weights = b.maps.mean(0)[:, :, None]
    out = {"mixing_attn_w": share(weights), "mixing_attn_n": share(raw), "mixing_attnres_n": share(part)}
    return {**out, "mixing_attnresln_n": share(last)} if b.after else out


def alti(b):
    y, last = b.middle(b.values), terms(b)[2]
    c = np.maximum(0, np.abs(y).sum(1)[:, None] - np.abs(y[:, None] - last).sum(2))
    if b.causal: c = np.tril(c)
    empty = c.sum(1) == 0
    c[empty] = np.eye(b.n)[empty]
    return c / c.sum(1, keepdims=True), empty


def value_zeroing(b):
    def unit(y):
        h = b.rest(y, b.x)
        return h / np.linalg.norm(h, axis=1, keepdims=True)
    intact, out = unit(b.middle(b.values)), np.zeros((b.n, b.n))
    for t in range(b.n):
        values = b.values.copy()
        values[:, t] = 0
        out[:, t] = ((intact - unit(b.middle(values))) ** 2).sum(1) / 2
    return np.tril(out) if b.causal else out


def zeroing_rows(b, s):
    """measure -> a value for each row that has one."""
    others = np.arange(len(s)) if b.causal else np.full(len(s), len(s) - 1)
    sums, own = s.sum(1), np.diag(s)
    return {"value_zeroing_own": own, "value_zeroing_other": (sums - own)[others > 0] / others[others > 0],
            "value_zeroing_own_normalised": (own / np.where(sums > 0, sums, 1))[sums > 0], "value_zeroing_max": s.max(1)}


def effective(b):
    """(ranks of all heads, share removed of each row of each head, E)."""
    ranks, removed, out = [], [], np.zeros_like(b.maps)
    for h in range(len(b.maps)):
        for i in range(b.n):
            rows = i + 1 if b.causal else b.n
            u, s, _ = np.linalg.svd(b.values[h][:rows], full_matrices=False)
            u = u[:, s > 1e-5 * s[0]]
            a = b.maps[h, i, :rows]
            out[h, i, :rows] = a if u.shape[1] == rows else u @ (u.T @ a)
            removed.append(1 - (out[h, i] ** 2).sum() / (a ** 2).sum())
        ranks.append(u.shape[1])
    return ranks, np.array(removed), out


# ---- from words ----

def attribution(states, words):
    """Shares, layers x n x n, of what `states` (rows of words -> states of all layers; batches of rows first) makes of words, by complex steps: a
    derivative without differences."""
    n, d = words.shape
    squares = []
    for j in range(n):
        moved = np.broadcast_to(words, (d, n, d)).astype(complex)
        moved[np.arange(d), j, np.arange(d)] += 1e-30j
        squares.append([((h.imag / 1e-30) ** 2).sum((0, 2)) for h in states(moved)])
    c = np.sqrt(np.array(squares).transpose(1, 2, 0))
    return c / c.sum(-1, keepdims=True)


def attribution_rows(maps, causal, sides=None):
    if sides:
        rows = attribution_rows([sides(a) for a in maps], causal)
        return rows if len(sides.groups) == len(maps[0]) else {k: v for k, v in rows.items() if k != "attribution_error"}
    rows = range(1 if causal else 0, len(maps[0]))
    return {"attribution_own": [np.array([a[i, i] for i in rows]) for a in maps],
            "attribution_own_not_largest": [np.array([float(a[i].max() > a[i, i]) for i in rows]) for a in maps],
            "attribution_error": [np.zeros(len(rows)) for _ in maps]}


# ---- all of a text ----

def of_text(blocks, flows=True, columns=(), sides=None):
    """measure -> layer -> a value for each row; measure -> layer -> a number of the text; maps."""
    attentions, causal = [b.maps for b in blocks], blocks[0].causal
    read = sides or pieces(blocks[0].n, causal)
    n = len(read.groups)
    a = mixed(attentions)
    rolled, even = products(a), products([uniform(blocks[0].n, causal) / 2 + np.eye(blocks[0].n) / 2] * len(a))
    shares = [alti(b) for b in blocks]
    multiplied, zeroed = products([c for c, _ in shares]), [value_zeroing(b) for b in blocks]
    effectives = [effective(b) for b in blocks]
    def removed(b, e): # of rows as they are read
        whole, left = (np.array([read.sums(a) for a in maps]) for maps in (b.maps, e))
        return (((whole - left) ** 2).sum(-1) / (whole ** 2).sum(-1)).ravel()
    rolled, even, multiplied = ([read(r) for r in maps] for maps in (rolled, even, multiplied))
    zeroed, single = [read.sums(s) for s in zeroed], [read(c) for c, _ in shares]
    rows = {"rollout_own": [np.diag(r) for r in rolled], "rollout_entropy": [entropy(r) for r in rolled], "rollout_first": [r[:, 0] for r in rolled],
            "rollout_uniform_first": [r[:, 0] for r in even],
            **{f"rollout_column {j}": [r[j if causal else 0:, j] for r in rolled] for j in columns if j < n},
            "alti_own": [np.diag(c) for c in single], "alti_entropy": [entropy(c) for c in single],
            "alti_product_own": [np.diag(c) for c in multiplied], "alti_product_entropy": [entropy(c) for c in multiplied],
            "effective_removed": [removed(b, e[2]) for b, e in zip(blocks, effectives)]}
    for b, s in zip(blocks, zeroed):
        for measure, values in {**mixing(b, read), **zeroing_rows(b, s)}.items(): rows.setdefault(measure, []).append(values)
    ordinary = np.flatnonzero(~read.special)
    rows["alti_product_own_largest"] = [np.array([c[i, i] > np.delete(c[i], i).max(initial=0) + 1e-6 for i in ordinary], float) for c in multiplied]
    numbers = {"alti_unit_rows": [e.sum() for _, e in shares], "value_zeroing_zero_rows": [(s.sum(1) == 0).sum() for s in zeroed],
               "effective_rank_min": [min(e[0]) for e in effectives], "effective_rank_max": [max(e[0]) for e in effectives]}
    maps = {"rollout": rolled[-1], "alti_product": multiplied[-1], "alti": np.array(single), "value_zeroing": np.array(zeroed)}
    if flows:
        each = [max_flow(a[:l + 1]) for l in range(len(a))]
        normalised = [read(f / f.sum(1, keepdims=True)) for f in each]
        rows["flow_own"] = [np.diag(f) for f in normalised]
        maps |= {"flow": read.sums(each[-1]), "flow_normalised": normalised[-1]}
    return rows, numbers, maps


def pooled(measure, values):
    """What texts have together, of rows or numbers of each."""
    if measure == "effective_rank_min": return min(values)
    if measure == "effective_rank_max": return max(values)
    return sum(values) if measure.endswith("_rows") else np.concatenate(values).mean()
