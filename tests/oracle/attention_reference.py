"""A second reading of docs/attention.md in NumPy: token continuity and damage of attention maps, on matrices.

States are h[layer] of one text (n x d), maps are n x n, `special` says which pieces the template added."""
import numpy as np

MARGIN = 1e-6  # another candidate is nearer only by more than this


def similarities(rows, candidates, distance):
    """Larger is nearer: the cosine, or the Euclidean distance with a minus sign."""
    rows, candidates = np.asarray(rows, float), np.asarray(candidates, float)
    if distance == "cosine":
        a, b = np.linalg.norm(rows, axis=1), np.linalg.norm(candidates, axis=1)
        return rows @ candidates.T / np.outer(np.where(a > 0, a, 1), np.where(b > 0, b, 1))
    square = (rows ** 2).sum(1)[:, None] + (candidates ** 2).sum(1)[None] - 2 * rows @ candidates.T
    return -np.sqrt(np.maximum(square, 0))


def ranks(sims, own):
    """1 + the number of other candidates that are nearer than the own candidate."""
    return 1 + (sims > sims[np.arange(len(sims)), own][:, None] + MARGIN).sum(1)


def first_occurrences(ids):
    """One candidate per distinct id (its first row), and each row's candidate."""
    ids = list(ids)
    first = sorted({ids.index(i) for i in ids})
    return first, [first.index(ids.index(i)) for i in ids]


def identity(rows, reference, ids, distance):
    """Ranks of the own token (1: recovered), hits by row, and hits of the next token for rows 0..n-2. One candidate per token."""
    first, own = first_occurrences(ids)
    sims = similarities(rows, np.asarray(reference)[first], distance)
    rank = ranks(sims, own)
    next_rank = ranks(sims[:-1], own[1:])
    by_row = (rank == 1) & (np.asarray(first)[own] == np.arange(len(ids)))
    return rank, by_row, next_rank == 1, len(first)


def identity_among_rows(rows, reference, ids, distance):
    """The same where every row of the reference is a candidate: a token is as near as the nearest of its rows, and the first of those that
    are as near is the one that is hit."""
    sims, ids, n = similarities(rows, reference, distance), np.asarray(ids), len(ids)
    rank, by_row, following = np.zeros(n, int), np.zeros(n, bool), []
    for i in range(n):
        def wins(token):
            return sims[i][ids == token].max() + MARGIN
        rank[i] = 1 + (sims[i] > wins(ids[i])).sum()
        hit = next(k for k in range(n) if ids[k] == ids[i] and sims[i][k] >= sims[i][ids == ids[i]].max() - MARGIN)
        by_row[i] = rank[i] == 1 and hit == i
        if i + 1 < n: following.append(not (sims[i] > wins(ids[i + 1])).any())
    return rank, by_row, np.array(following, bool), n


def standardise(matrices):
    """Each dimension to mean 0 and standard deviation 1 over the rows of all texts."""
    everything = np.concatenate(matrices).astype(float)
    mean, sd = everything.mean(0), everything.std(0)
    return [(m - mean) / np.where(sd > 1e-12 * np.abs(mean), sd, 1) for m in matrices]


def cka(a, b):
    a, b = np.concatenate(a).astype(float), np.concatenate(b).astype(float)
    if len(a) == 0: return np.nan
    size = np.linalg.norm(a) * np.linalg.norm(b)
    a, b = a - a.mean(0), b - b.mean(0)
    if np.linalg.norm(a) * np.linalg.norm(b) <= 1e-12 * size: return np.nan
    return np.linalg.norm(a.T @ b) ** 2 / (np.linalg.norm(a.T @ a) * np.linalg.norm(b.T @ b))


def anisotropy(rows):
    """Mean cosine of any two rows of one text."""
    return pair_cosines([rows], [np.arange(len(rows))])[0] if len(rows) > 1 else np.nan


def pair_cosines(rows, ids):
    """Of rows of all texts: anisotropy (all pairs), random pairs (different texts), the same token in different texts at different
    places, the same place in different texts with different tokens."""
    text = np.concatenate([np.full(len(r), t) for t, r in enumerate(rows)])
    place = np.concatenate([np.arange(len(r)) for r in rows])
    word, unit = np.concatenate(ids), np.concatenate(rows).astype(float)
    unit = unit / np.maximum(np.linalg.norm(unit, axis=1), 1e-300)[:, None]
    cosine, upper = unit @ unit.T, np.triu(np.ones((len(unit), len(unit)), bool), 1)
    def equal(x): return x[:, None] == x[None]
    def mean(mask): return cosine[mask].mean() if mask.any() else np.nan
    apart = upper & ~equal(text)
    return (mean(upper), mean(apart), mean(apart & equal(word) & ~equal(place)), mean(apart & ~equal(word) & equal(place)))


# ---- damage ----

def reverse(h, special):
    content = np.flatnonzero(~special)
    order = np.arange(len(h))
    order[content] = content[::-1]
    return h[order], order


def next_rows(h, other):
    """Rows of the next text at the same place; where it has none the own row stays."""
    m = min(len(h), len(other))
    out = h.copy()
    out[:m] = other[:m]
    return out


def next_content_rows(h, special, other, other_special):
    here, there = np.flatnonzero(~special), np.flatnonzero(~other_special)
    m = min(len(here), len(there))
    out = h.copy()
    out[here[:m]] = other[there[:m]]
    return out


def undo(a, order):
    """Row i of the damaged map belongs to token order[i]: rows and columns back to the tokens' places."""
    out = np.empty_like(a)
    out[np.ix_(order, order)] = a
    return out


def scope(a, special, content):
    a = np.asarray(a, float)
    if not content: return a
    a = a[np.ix_(~special, ~special)]
    s = a.sum(1, keepdims=True)
    return a / np.where(s > 0, s, 1)


def pearson(a, b):
    ma, mb = a.mean(), b.mean()
    a, b = a.ravel() - ma, b.ravel() - mb
    na, nb = np.sqrt((a ** 2).mean()), np.sqrt((b ** 2).mean())
    return a @ b / len(a) / (na * nb) if na > 1e-5 * abs(ma) and nb > 1e-5 * abs(mb) else np.nan


def jsd(a, b):
    """Jensen-Shannon divergence in nats, the mean over rows."""
    m = (a + b) / 2
    def part(p): return np.where(p > 0, p * np.log(np.where(p > 0, p, 1) / np.where(m > 0, m, 1)), 0).sum(1)
    return ((part(a) + part(b)) / 2).mean()


def targets(a):
    return a.argmax(1)


def modal_share(a):
    return np.bincount(targets(a)).max() / len(a)


def pattern(a, special):
    """Of a map in its scope: uniform where the rows' entropy is at least .95 of the largest; else where the most mass lies."""
    n = len(a)
    if n < 2: return "diagonal"
    entropy = -(np.where(a > 0, a * np.log(np.where(a > 0, a, 1)), 0)).sum(1).mean() / np.log(n)
    if entropy >= .95: return "uniform"
    columns = a.mean(0)
    masses = {"diagonal": np.trace(a) / n, "previous": np.trace(a, -1) / (n - 1), "next": np.trace(a, 1) / (n - 1),
              "special": columns[special].sum() if special.any() else 0, "vertical": columns[~special].max() if (~special).any() else 0}
    return max(masses, key=masses.get)


def continuity(r, add):
    """All that continuity measures of g = identity: add(measure, value, **qualifiers). r: ids, special, states (layer by layer) of each text, n_layers,
    words (a row for each id; with r.vocabulary all of them are candidates, too)."""
    everything = np.concatenate(r.ids)
    kept = {"all": np.ones(len(everything), bool), "content": ~np.concatenate(r.special)}
    last = np.concatenate([np.arange(len(i)) == len(i) - 1 for i in r.ids])
    row_norms = np.linalg.norm(r.words.astype(float), axis=1)
    for layer in range(r.n_layers + 1):
        h = [s[layer] for s in r.states]
        for reference in ("word", "h0"):
            x = [r.words[i] if reference == "word" else s[0] for i, s in zip(r.ids, r.states)]
            for standardised in (False, True):
                a, b = (standardise(h), standardise(x)) if standardised else (h, x)
                for distance in ("cosine", "l2"):
                    each = [(identity if reference == "word" else identity_among_rows)(p, q, i, distance) for p, q, i in zip(a, b, r.ids)]
                    rank, by_row = np.concatenate([e[0] for e in each]), np.concatenate([e[1] for e in each])
                    following = np.concatenate([np.append(e[2], False) for e in each])
                    chance = np.concatenate([np.full(len(e[0]), 1 / e[3]) for e in each])
                    for rows, mask in kept.items():
                        q = dict(layer=layer, g="identity", candidates="sentence", reference=reference, distance=distance, standardised=standardised, rows=rows, model="trained")
                        add("identity_recovered", (rank[mask] == 1).mean(), hit="id", **q)
                        add("identity_recovered", by_row[mask].mean(), hit="row", **q)
                        add("own_rank_mean", rank[mask].mean(), **q)
                        add("own_rank_median", np.median(rank[mask]), **q)
                        add("next_recovered", following[mask & ~last].mean(), hit="id", **q)
                        add("chance", chance[mask].mean(), **q)
        for distance in ("cosine", "l2") if r.vocabulary else ():
            rank = []
            for states, ids in zip(h, r.ids):
                dot = states.astype(float) @ r.words.T.astype(float)
                if distance == "cosine": s = dot / np.linalg.norm(states.astype(float), axis=1)[:, None] / np.where(row_norms > 0, row_norms, 1)
                else: s = -np.sqrt(np.maximum((states.astype(float) ** 2).sum(1)[:, None] + row_norms ** 2 - 2 * dot, 0))
                rank.append(ranks(s, ids))
            rank = np.concatenate(rank)
            q = dict(layer=layer, g="identity", candidates="vocabulary", distance=distance, rows="all", model="trained")
            add("identity_recovered", (rank == 1).mean(), hit="id", **q)
            add("own_rank_mean", rank.mean(), vocabulary=True, **q)
        for standardised in (False, True):
            a = standardise(h) if standardised else h
            for rows in ("all", "content"):
                if rows == "all": values = pair_cosines(a, r.ids)
                else: # places count special pieces
                    unit = [np.where(s[:, None], np.nan, p) for p, s in zip(a, r.special)]
                    values = pair_cosines_without(unit, r.ids)
                for measure, value in zip(("anisotropy", "cosine_random_pairs", "cosine_same_token", "cosine_same_position"), values):
                    add(measure, value, layer=layer, rows=rows, standardised=standardised)
                for t, (p, s) in enumerate(zip(a, r.special)):
                    add("anisotropy", anisotropy(p[~s] if rows == "content" else p), text=t, layer=layer, rows=rows, standardised=standardised)
        if layer == 0: continue
        before = [s[layer - 1] for s in r.states]
        for standardised in (False, True):
            a, b = (standardise(h), standardise(before)) if standardised else (h, before)
            for rows in ("all", "content"):
                keep = [~s if rows == "content" else np.ones(len(s), bool) for s in r.special]
                add("cka_previous_layer", cka([x[k] for x, k in zip(a, keep)], [x[k] for x, k in zip(b, keep)]), layer=layer, rows=rows, standardised=standardised)
        for distance in ("cosine", "l2"):
            each = [ranks(similarities(p, q, distance), np.arange(len(p))) for p, q in zip(h, before)]
            rank = np.concatenate(each)
            for rows, mask in kept.items():
                add("previous_layer_recovered", (rank[mask] == 1).mean(), layer=layer, distance=distance, rows=rows)
                for t, (own, s) in enumerate(zip(each, r.special)):
                    own = own[~s] if rows == "content" else own
                    if len(own): add("previous_layer_recovered", (own == 1).mean(), text=t, layer=layer, distance=distance, rows=rows)


def pair_cosines_without(rows, ids):
    text = np.concatenate([np.full(len(x), t) for t, x in enumerate(rows)])
    place, word, unit = np.concatenate([np.arange(len(x)) for x in rows]), np.concatenate(ids), np.concatenate(rows).astype(float)
    keep = ~np.isnan(unit[:, 0])
    text, place, word, unit = text[keep], place[keep], word[keep], unit[keep]
    unit /= np.linalg.norm(unit, axis=1)[:, None]
    cosine, upper = unit @ unit.T, np.triu(np.ones((len(unit),) * 2, bool), 1)
    def equal(x): return x[:, None] == x[None]
    def mean(mask): return cosine[mask].mean() if mask.any() else np.nan
    apart = upper & ~equal(text)
    return mean(upper), mean(apart), mean(apart & equal(word) & ~equal(place)), mean(apart & ~equal(word) & equal(place))
