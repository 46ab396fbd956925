"""An independent reading of docs/methods.md for files: what `explaint infer` should print.

Reads norms (long or wide CSV/TSV, or McRae's file), vectors (text, .gz, or .npy with a word list), a folds file,
and prints one JSON row a line: condition, target, metric, n_components, value, n, undefined.
Only conditions without randomness are run by the command; shuffle, shuffle-rows and random take their targets from
`random_target`, for comparing distributions.

Run: python tests/oracle/reference.py --norms F --embeddings F --folds F --components 1,3,5
         [--words F] [--categories F] [--conditions system,mean,upper,category-mean,taxonomic-drop]
         [--mapping plsr|knn|ridge] [--k 10] [--alpha 1] [--na zero|drop-features|mask]
"""
import argparse
import csv
import gzip
import io
import json
import re
import warnings
from pathlib import Path

import numpy as np

import core
import philox

MISSING = {"", "na", "nan"}


# ---------------------------------------------------------------- files

def table(path):
    """Rows of a CSV or TSV file; the delimiter is the one that the first line has more of."""
    data = Path(path).read_bytes()
    text = (gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data).decode("utf-8-sig")
    first = text.split("\n", 1)[0]
    delimiter = "\t" if first.count("\t") > first.count(",") else ","
    quoting = csv.QUOTE_NONE if delimiter == "\t" and '"' not in first and "Prod_Freq" in first else csv.QUOTE_MINIMAL
    return [row for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, quoting=quoting) if row]


class Norms:
    def __init__(self, concepts, features, values, taxonomic=None, superordinate=None):
        self.concepts, self.features, self.values = concepts, features, values  # NaN: missing
        self.taxonomic = taxonomic          # McRae: boolean by feature (BR_Label)
        self.superordinate = superordinate  # McRae: boolean by feature (WB_Label)
        self.category = None                # Binder: concept -> Super Category

    def take(self, rows, columns):
        pick = lambda flags: None if flags is None else flags[columns]
        return Norms([self.concepts[i] for i in rows], [self.features[j] for j in columns],
                     self.values[np.ix_(rows, columns)], pick(self.taxonomic), pick(self.superordinate))


BINDER = """Vision Bright Dark Color Pattern Large Small Motion Biomotion Fast Slow Shape Complexity Face Body Touch Temperature
Texture Weight Pain Audition Loud Low High Sound Music Speech Taste Smell Head UpperLimb LowerLimb Practice Landmark Path Scene Near
Toward Away Number Time Duration Long Short Caused Consequential Social Human Communication Self Cognition Benefit Harm Pleasant
Unpleasant Happy Sad Angry Disgusted Fearful Surprised Drive Needs Attention Arousal""".split()


def number(text):
    return np.nan if text.strip().lower() in MISSING else float(text)


def read_binder(rows):
    """rows[0] is the header. A word that stands there twice is named by its word class."""
    header = [h.strip() for h in rows[0]]
    words = [row[header.index("Word")].strip() for row in rows[1:]]
    tag = {"1": "noun", "2": "verb", "3": "adjective"}
    names = [w if words.count(w) == 1 else f"{w}_({tag[row[header.index('WC')].strip()]})" for w, row in zip(words, rows[1:])]
    columns = [k for k, h in enumerate(header) if h in BINDER]
    norms = Norms(names, [header[k] for k in columns], np.array([[number(row[k]) for k in columns] for row in rows[1:]]))
    if "Super Category" in header:
        norms.category = {c: row[header.index("Super Category")].strip() for c, row in zip(names, rows[1:])}
    return norms


def read_buchanan(rows, pair_value="last"):
    """One value for each (where, cue, translated), then one for each (cue, translated)."""
    header = rows[0]
    at = {name: header.index(name) for name in ("where", "cue", "translated", "normalized_translated")}
    concepts, features, cells = {}, {}, {}
    for row in rows[1:]:
        i = concepts.setdefault(row[at["cue"]], len(concepts))
        j = features.setdefault(row[at["translated"]], len(features))
        cells.setdefault((i, j), {}).setdefault(row[at["where"]], number(row[at["normalized_translated"]]))
    Y = np.zeros((len(concepts), len(features)))
    for (i, j), by_source in cells.items():
        values = [v for v in by_source.values() if not np.isnan(v)]
        Y[i, j] = {"last": lambda v: v[-1], "sum": sum, "max": max}[pair_value](values) if values else np.nan
    return Norms(list(concepts), list(features), Y)


def read_norms(path, pair_value="last", concepts=None, features=None):
    if str(path).endswith(".npy"):
        Y = np.load(path).astype(float)
        lines = lambda p: [x.rstrip("\r") for x in Path(p).read_text(encoding="utf-8-sig").rstrip("\n").split("\n")]
        return Norms(lines(concepts), lines(features) if features else [f"f{j}" for j in range(Y.shape[1])], Y)
    rows = table(path)
    header = [h.strip().lower() for h in rows[0]]
    if "normalized_translated" in header:
        return read_buchanan(rows, pair_value)
    if "word" in header and "arousal" in header:
        return read_binder(rows)
    mcrae = "prod_freq" in header
    if not mcrae and set(header) >= {"concept", "feature", "value"} or mcrae:
        c, f = header.index("concept"), header.index("feature")
        v = header.index("prod_freq" if mcrae else "value")
        concepts, features, cells, tax, sup = {}, {}, {}, {}, {}
        for row in rows[1:]:
            i = concepts.setdefault(row[c], len(concepts))
            j = features.setdefault(row[f], len(features))
            value = float(row[v])
            cells[i, j] = max(value, cells[i, j]) if mcrae and (i, j) in cells else value
            if mcrae:
                tax[j] = row[header.index("br_label")] == "taxonomic"
                sup[j] = row[header.index("wb_label")] == "superordinate"
        Y = np.zeros((len(concepts), len(features)))
        for (i, j), value in cells.items():
            Y[i, j] = value
        flags = lambda d: np.array([d[j] for j in range(len(features))]) if mcrae else None
        return Norms(list(concepts), list(features), Y, flags(tax), flags(sup))
    Y = np.array([[number(x) for x in row[1:]] for row in rows[1:]])
    return Norms([row[0] for row in rows[1:]], rows[0][1:], Y)


def read_vectors(path, words=None):
    """word -> vector; of a word that comes twice the first is kept."""
    path = str(path)
    if path.endswith(".npy"):
        names = Path(words).read_text(encoding="utf-8-sig").split("\n")
        names = [w.rstrip("\r") for w in names if w.rstrip("\r")]
        A = np.load(path).astype(float)
        assert len(names) == len(A), "one word per row"
    else:
        data = (gzip.open(path) if path.endswith(".gz") else open(path, "rb")).read().decode("utf-8-sig")
        lines = [line.rstrip("\r").rstrip(" ").split(" ") for line in data.split("\n") if line.strip()]
        if len(lines[0]) == 2:
            lines = lines[1:]
        d = min(len(x) for x in lines) - 1  # a word may hold spaces
        names, A = [" ".join(x[:-d]) for x in lines], [np.array(x[-d:], float) for x in lines]
    out = {}
    for w, a in zip(names, A):
        out.setdefault(w, a)
    return out


def read_pairs(path):
    rows = table(path)
    return {row[0]: row[1] for row in rows[1:]}


# ---------------------------------------------------------------- matching and dropping

def lookup(concept):
    """Sense tag and "(to)" stripped, underscores to spaces, blanks closed up, lower case."""
    untagged = re.sub(r"[_ ]\((?!to\)$)[^()]+\)$", "", concept)
    return " ".join(w for w in re.split(r"[_\s]+", untagged) if w and w != "(to)").lower()


class Experiment:
    """Kept concepts, their inputs, norms, missing cells, folds and categories."""

    def __init__(self, norms, vectors, folds, categories=None, na="zero"):
        self.dropped = [c for c in norms.concepts if lookup(c) not in vectors]
        rows = [i for i, c in enumerate(norms.concepts) if lookup(c) in vectors]
        norms = norms.take(rows, list(range(len(norms.features))))
        observed = ~np.isnan(norms.values)
        if na == "drop-features":
            keep = np.flatnonzero(observed.all(0))
            norms, observed = norms.take(range(len(rows)), keep), observed[:, keep]
        norms.values = np.where(observed, norms.values, 0.0)
        keep = np.flatnonzero((norms.values != 0).any(0))   # features that no kept concept has are dropped
        self.norms = norms.take(range(len(rows)), keep)
        self.Y = self.norms.values
        self.observed = observed[:, keep] if na == "mask" and not observed.all() else None
        self.X = np.array([vectors[lookup(c)] for c in self.norms.concepts])
        self.concepts = self.norms.concepts
        self.fold = np.array([int(folds[c]) for c in self.concepts])
        label = lambda c: "" if (categories or {}).get(c, "").lower() in ("", "none") else categories[c]
        self.category = np.array([label(c) for c in self.concepts], object)

    def dense(self):
        cells = self.Y[self.observed] if self.observed is not None else self.Y
        return np.mean(cells != 0) >= 0.5

    def mcrae_categories(self, smallest=5):
        """The taxonomic (superordinate) feature of highest frequency among those of >= 5 concepts."""
        size = (self.Y > 0).sum(0)
        eligible = np.flatnonzero(self.norms.superordinate & (size >= smallest))
        out = []
        for y in self.Y:
            have = [j for j in eligible if y[j] > 0]
            out.append(self.norms.features[min(have, key=lambda j: (-y[j], -size[j], j))] if have else "")
        return np.array([c if out.count(c) >= smallest else "" for c in out], object)  # 340 of 540, 19 categories


# ---------------------------------------------------------------- running a condition

def score(pred, gold, inputs, train_mean, observed=None, rows=None, ties=True):
    """Every metric over the given rows: name -> (value, n, undefined). ties=False: without those that rounding decides."""
    rows = np.arange(len(gold)) if rows is None else np.asarray(rows)
    seen = None if observed is None else observed[rows]
    p, g = pred[rows], gold[rows]
    by_row = {"f1_at_10": core.f1_at_10(p, g, seen), "spearman": core.spearman(p, g, seen),
              "precision_at_r": core.precision_at_r(p, g, seen), "map": core.average_precision(p, g, seen),
              "cosine": core.cosine(p, g, seen)}
    if len(rows) == len(gold):
        by_row.update(zip(("na_at_10_retrieval", "na_at_10_gold", "na_at_10_input"),
                          core.neighbourhood(p, g, inputs, seen, seen if inputs is gold else None)))
    out = {}
    for name, v in by_row.items():
        ok = ~np.isnan(v)
        out[name] = (v[ok].mean() if ok.any() else None, int(ok.sum()), int((~ok).sum()))
    gaps = np.diff(np.sort(p, axis=1), axis=1)
    copied = (np.abs(p - g).max(axis=1) < 1e-9).any()  # more components than rank: the zeros are equal but for rounding
    decimals = np.mean(4 * g == np.round(4 * g)) < 0.5  # of whole and quarter numbers equal sums are equal in every bit
    if not ties and (copied or ((gaps < 1e-9) & (decimals | (gaps > 0))).any()):  # rounding decides what ranks ask, unless ties do not matter
        for name in [name for name in out if inputs is gold and name.startswith("na_at_10")]:
            out.pop(name)
        close, lean = np.round(p, 8), 1e-7 * g / max(1, np.abs(g).max())  # for and against the gold
        for name, again in {"f1_at_10": core.f1_at_10, "spearman": core.spearman, "precision_at_r": core.precision_at_r,
                            "map": core.average_precision}.items():
            either = again(close + lean, g, seen), again(close - lean, g, seen)
            if not all(np.allclose(x, by_row[name], 0, 1e-12, equal_nan=True) for x in either):
                out.pop(name)
    some = len(rows) if seen is None else int(seen.any(1).sum())
    out["mse"] = (core.mse(p, g, seen), some, len(rows) - some)
    out["r2"] = (core.r2(p, g, train_mean[rows], seen), some, len(rows) - some)
    return out


def out_of_fold(X, Y, fold, counts, observed=None, x_observed=None, mapping="plsr", k=10, alpha=1.0):
    """Held-out predictions for every component count (None for mappings without), and the training means.

    A count that exceeds what every fold offers has no predictions (None)."""
    pred = {c: np.zeros_like(Y) for c in counts}
    used = {c: 0 for c in counts}
    train_mean = np.zeros_like(Y)
    cut = lambda A, rows: None if A is None else A[rows]
    for f in np.unique(fold):
        test, train = fold == f, fold != f
        train_mean[test] = core.center_scale(Y[train], cut(observed, train))[0]
        if mapping == "mean":
            pred[None][test] = train_mean[test]
        elif mapping == "knn":
            pred[None][test] = core.knn_predict(X[train], Y[train], X[test], k, cut(observed, train))
        elif mapping == "ridge":
            pred[None][test] = core.ridge_predict(X[train], Y[train], X[test], alpha)
        else:
            model = core.Pls(X[train], Y[train], max(counts), cut(x_observed, train), cut(observed, train))
            for c in counts:
                pred[c][test] = model.predict(X[test], c, cut(x_observed, test))
                used[c] = max(used[c], min(c, model.n_components))
    if mapping == "plsr":
        pred = {c: pred[c] for c in counts if used[c] == c}
    return pred, train_mean


class Sklearn:
    """core.Pls with the weights of scikit-learn's defaults. Missing cells: PLSRegression(scale=False) on matrices that are standardised
    over the observed cells and zero where one is missing."""

    def __init__(self, X, Y, components, x_observed=None, y_observed=None):
        from sklearn.cross_decomposition import PLSRegression
        self.masked = x_observed is not None or y_observed is not None
        key = Y if y_observed is None else np.vstack([np.where(y_observed, Y, 0.0), y_observed])
        _, first, expand = np.unique(key, axis=1, return_index=True, return_inverse=True)
        self.copy_of = first[expand.ravel()]  # equal columns: equal in every bit
        if self.masked:
            self.x_mean, self.x_scale = core.center_scale(X, x_observed)
            self.y_mean, self.y_scale = core.center_scale(Y, y_observed)
            X = core.scaled(X, self.x_mean, self.x_scale, x_observed)
            Y = core.scaled(Y, self.y_mean, self.y_scale, y_observed)
        rank = np.linalg.matrix_rank(X - X.mean(0))  # beyond it scikit-learn goes on with rounding
        self.n_components = min(components, rank)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            self.models = [PLSRegression(n_components=c, scale=not self.masked).fit(X, Y)
                           for c in range(1, self.n_components + 1)]
        self.iterations = [int(i) for i in self.models[-1].n_iter_]

    def predict(self, X, components, x_observed=None):
        model = self.models[min(components, self.n_components) - 1]
        if not self.masked:
            return model.predict(X)[:, self.copy_of]
        out = model.predict(core.scaled(X, self.x_mean, self.x_scale, x_observed))
        return (out * self.y_scale + self.y_mean)[:, self.copy_of]


def choose(X, Y, train, fold, candidates, metric, seed=1, observed=None, x_observed=None, pls=core.Pls):
    """The count of `--components auto`: five inner folds of the training concepts, concepts pooled, within 1e-12 of the best the fewest."""
    cut = lambda A, rows: None if A is None else A[rows]
    inner = philox.inner_folds([int(i) for i in train], seed, int(fold))
    scores = {c: [] for c in candidates}
    for g in range(5):
        a, b = train[inner != g], train[inner == g]
        model = pls(X[a], Y[a], max(candidates), cut(x_observed, a), cut(observed, a))
        for c in candidates:
            scores[c].append(metric(model.predict(X[b], c, cut(x_observed, b)), Y[b], cut(observed, b)))
    mean = {c: np.nanmean(np.concatenate(v)) for c, v in scores.items()}
    return min(c for c in candidates if mean[c] >= max(mean.values()) - 1e-12)


def out_of_fold_chosen(X, Y, fold, candidates, metric, seed=1, observed=None, x_observed=None, pls=core.Pls):
    """Held-out predictions, training means, and the count that each fold chose."""
    pred, train_mean, chosen = np.zeros_like(Y), np.zeros_like(Y), {}
    cut = lambda A, rows: None if A is None else A[rows]
    for f in np.unique(fold):
        test, train = np.flatnonzero(fold == f), np.flatnonzero(fold != f)
        train_mean[test] = core.center_scale(Y[train], cut(observed, train))[0]
        chosen[int(f)] = choose(X, Y, train, f, candidates, metric, seed, observed, x_observed, pls)
        model = pls(X[train], Y[train], chosen[int(f)], cut(x_observed, train), cut(observed, train))
        pred[test] = model.predict(X[test], chosen[int(f)], cut(x_observed, test))
    return pred, train_mean, chosen


def category_mean(Y, category, fold, train_mean, observed=None):
    pred = train_mean.copy()  # what no training member of the category has observed is the mean of all
    for i in range(len(Y)):
        mates = (category == category[i]) & (fold != fold[i])
        if not mates.any():
            continue
        held = np.full(Y.shape[1], mates.sum()) if observed is None else observed[mates].sum(0)
        pred[i] = np.where(held > 0, Y[mates].sum(0) / np.maximum(held, 1), pred[i])
    return pred


def random_target(name, Y, rng):
    """The target of a condition with randomness."""
    n, m = Y.shape
    if name == "shuffle":
        return np.column_stack([Y[rng.permutation(n), j] for j in range(m)])
    if name == "shuffle-rows":
        return Y[rng.permutation(n)]
    if name == "random" and np.mean(Y != 0) >= 0.5:
        return rng.uniform(Y.min(), Y.max(), Y.shape)
    if name == "random":
        R = np.zeros_like(Y)
        for i in range(n):
            values = Y[i, Y[i] > 0]
            R[i, rng.choice(m, len(values), replace=False)] = values
        return R
    raise ValueError(name)


def run(e, conditions, counts, mapping="plsr", k=10, alpha=1.0, predictions=None, ties=True):
    """predictions (a dictionary) is filled with name -> (matrix, rows that are predicted)."""
    rows = []

    def keep_predictions(condition, count, pred, have=None):
        if predictions is not None:
            name = f"predictions.{condition}" + ("" if count is None else f".{count}")
            predictions[name] = pred, np.arange(len(pred)) if have is None else have

    def emit(condition, target, count, scores):
        for metric, (value, n, undefined) in scores.items():
            rows.append({"condition": condition, "target": target, "metric": metric, "n_components": count,
                         "value": value, "n": n, "undefined": undefined})

    fitted = counts if mapping == "plsr" else [None]
    for condition in conditions:
        if condition == "system":
            pred, mean = out_of_fold(e.X, e.Y, e.fold, fitted, e.observed, None, mapping, k, alpha)
            for c in pred:
                emit(condition, "norms", c, score(pred[c], e.Y, e.X, mean, e.observed, ties=ties))
                keep_predictions(condition, c, pred[c])
        elif condition == "mean":
            pred, mean = out_of_fold(e.X, e.Y, e.fold, [None], e.observed, mapping="mean")
            emit(condition, "norms", None, score(pred[None], e.Y, e.X, mean, e.observed, ties=ties))
            keep_predictions(condition, None, pred[None])
        elif condition == "upper":
            pred, mean = out_of_fold(e.Y, e.Y, e.fold, counts, e.observed, e.observed)
            for c in pred:
                emit(condition, "norms", c, score(pred[c], e.Y, e.Y, mean, e.observed, ties=ties))
                keep_predictions(condition, c, pred[c])
        elif condition == "taxonomic-drop":
            keep = np.flatnonzero(~e.norms.taxonomic)
            pred, mean = out_of_fold(e.X, e.Y[:, keep], e.fold, fitted, None, None, mapping, k, alpha)
            for c in pred:
                emit(condition, condition, c, score(pred[c], e.Y[:, keep], e.X, mean, ties=ties))
        elif condition == "category-mean":
            mean = out_of_fold(e.X, e.Y, e.fold, [None], e.observed, mapping="mean")[1]
            have = np.flatnonzero(e.category != "")
            pred = category_mean(e.Y, e.category, e.fold, mean, e.observed)
            emit(condition, "norms", None, score(pred, e.Y, e.X, mean, e.observed, rows=have, ties=ties))
            keep_predictions(condition, None, pred, have)
        else:
            raise ValueError(condition)
    return rows


def main():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("--norms", "--embeddings", "--folds"):
        a.add_argument(name, required=True)
    a.add_argument("--words")
    a.add_argument("--categories")
    a.add_argument("--components", default="25")
    a.add_argument("--conditions", default="system,mean,upper")
    a.add_argument("--mapping", default="plsr", choices=["plsr", "knn", "ridge"])
    a.add_argument("--k", type=int, default=10)
    a.add_argument("--alpha", type=float, default=1.0)
    a.add_argument("--na", default="zero", choices=["zero", "drop-features", "mask"])
    o = a.parse_args()
    norms = read_norms(o.norms)
    e = Experiment(norms, read_vectors(o.embeddings, o.words), read_pairs(o.folds),
                   read_pairs(o.categories) if o.categories else None, o.na)
    if not o.categories and norms.superordinate is not None:
        e.category = e.mcrae_categories()
    counts = [int(c) for c in o.components.split(",")]
    for row in run(e, o.conditions.split(","), counts, o.mapping, o.k, o.alpha):
        print(json.dumps(row))


if __name__ == "__main__":
    main()
