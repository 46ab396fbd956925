"""Runs `explaint infer` on small files made here and compares every value with reference.py.

Proves that reading, matching, dropping, folds, PLS, kNN, mean, upper, category-mean, taxonomic-drop and every
metric are as docs/methods.md says, to 1e-9 (neighbourhood accuracy: 3e-4, where rounding may decide a tie), for names
with commas and quotes, shared vectors, sense tags, missing vectors, upper case, BOM, CRLF, TSV, gzip, a header line or
none, .npy with a word list, wide files with missing cells, and McRae's own layout; and that the null distributions and p of
E1 and E2 are those of NumPy on the same permutations, and that shuffle, shuffle-rows, shuffle-upper and random, over seeds, have the
means of NumPy's own draws; that --pls sklearn predicts what scikit-learn with its defaults predicts, to 1e-9, by as many
iterations; and that --components auto chooses what reference.py chooses, in each permutation anew.

Run: python tests/oracle/check_cli.py EXPLAINT_BINARY [--keep FOLDER] [--only NAME]      (exit 1 on any difference)
     python tests/oracle/check_cli.py --self      (without a binary: only that the files are read as intended)
"""
import argparse
import csv
import gzip
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from scipy import optimize, special, stats

import agreement
import core
import hostile_worlds
import philox
import reference
import verdict_reference

COUNTS = [1, 3, 5]
BOOTSTRAP, SIGN_FLIPS, ONLINE = 9, 81, 82  # purposes
PERMUTE = 10  # purpose of E1's permutations; E2's is the next
failures = []


def fail(case, text):
    failures.append(f"{case}: {text}")
    print(f"FAIL {case}: {text}")


# ---------------------------------------------------------------- a small world

class World:
    def __init__(self, seed, concepts=64, d=9, dense=False):
        self.dense = dense
        rng = np.random.default_rng(seed)
        self.names = [f"thing{i}" for i in range(concepts)]
        special = ["bat_(animal)", "bat_(baseball)", "Dolphin", "UPPER", "rock'n,roll", '5"disk', "dunebuggy", "zz_missing",
                   "mouse_(computer)", "mouse"]
        for i, name in zip(range(3, concepts, 6), special):
            self.names[i] = name
        self.group = rng.integers(0, 5, concepts)
        latent = rng.normal(size=(5, 6))[self.group] + rng.normal(size=(concepts, 6))
        m = 12 if dense else 44
        drive = latent @ rng.normal(size=(6, m)) / 2.5
        if dense:
            self.Y = np.round(np.clip(3 + drive + 0.4 * rng.normal(size=drive.shape), 0, 6), 2)
        else:
            popularity = np.linspace(0.8, -2.2, m)
            self.Y = np.where(drive + popularity + 0.5 * rng.normal(size=drive.shape) > 0.9,
                              5 + rng.integers(0, 26, drive.shape), 0).astype(float)
            self.Y[rng.integers(0, concepts, 6), np.arange(m - 6, m)] = 7  # some features of one concept
            self.Y[self.Y.sum(1) == 0, 0] = 9
        self.X = np.round(latent @ rng.normal(size=(6, d)) + 0.7 * rng.normal(size=(concepts, d)), 6)
        self.features = [f"feature_{j}" for j in range(m)]
        self.features[1], self.features[2] = 'is "big", very', "has_legs,_e.g._4"
        self.vectors = {}
        for name, x in zip(self.names, self.X):
            if name not in ("dunebuggy", "zz_missing"):
                self.vectors.setdefault(reference.lookup(name), x)
        self.fold = {name: int(f) for name, f in zip(self.names, rng.permutation(concepts) % 5)}
        self.category = {name: ["animal", "tool", "", "none", "fruit, ripe"][g] for name, g in zip(self.names, self.group)}
        # a feature that only a concept without vector or a second twin has would change m between readings: share it
        self.loose = [i for i, n in enumerate(self.names) if n in ("bat_(baseball)", "mouse")]
        others = [i for i in range(concepts) if i not in self.loose and self.names[i] in self.vectors]
        for j in range(m):
            if not dense and self.Y[self.loose, j].any() and not self.Y[others, j].any():
                self.Y[others[j % len(others)], j] = 6


def write_rows(path, rows, delimiter=",", newline="\n", bom=False):
    with open(path, "w", encoding="utf-8-sig" if bom else "utf-8", newline="") as f:
        csv.writer(f, delimiter=delimiter, lineterminator=newline).writerows(rows)
    return path


def write_long(path, w, **form):
    rows = [["concept", "feature", "value"]]
    rows += [[c, w.features[j], f"{w.Y[i, j]:g}"] for i, c in enumerate(w.names) for j in np.flatnonzero(w.Y[i])]
    return write_rows(path, rows, **form)


def write_wide(path, w, missing=None, **form):
    words = ["na", "", "NA", "NaN"]
    cell = lambda i, j: words[(i + j) % 4] if missing is not None and missing[i, j] else f"{w.Y[i, j]:g}"
    rows = [["concept"] + w.features]
    rows += [[c] + [cell(i, j) for j in range(len(w.features))] for i, c in enumerate(w.names)]
    return write_rows(path, rows, **form)


def write_vectors(path, w, header=False, zipped=False, newline="\n"):
    words = sorted(w.vectors)
    lines = [f"{len(words) + 3} {w.X.shape[1]}"] if header else []
    lines += ["unused " + " ".join(["0.5"] * w.X.shape[1])]
    lines += [word + " " + " ".join(repr(float(x)) for x in w.vectors[word]) for word in words]
    lines += ["unused2 " + " ".join(["-1"] * w.X.shape[1])]
    first = words[len(words) // 2]
    lines += [first + " " + " ".join(["9"] * w.X.shape[1])]  # a word twice: the first is kept
    data = (newline.join(lines) + newline).encode()
    Path(path).write_bytes(gzip.compress(data) if zipped else data)
    return path


def write_npy(path, words_path, w):
    words = sorted(w.vectors, key=lambda s: s[::-1])
    np.save(path, np.array([w.vectors[k] for k in words]))
    Path(words_path).write_text("\n".join(words) + "\n")
    return path, words_path


def write_folds(path, w, extra=True):
    return write_rows(path, [["concept", "fold"]] + [[c, f] for c, f in w.fold.items()])


def write_mcrae(path, w):
    """McRae's columns that matter, among others; tab, CRLF; a duplicate pair with two counts."""
    rows = [["Concept", "Feature", "WB_Label", "WB_Maj", "WB_Min", "BR_Label", "Prod_Freq", "Rank_PF", "Sum_PF_No_Tax", "CPF"]]
    for i, c in enumerate(w.names):
        for j in np.flatnonzero(w.Y[i]):
            tax = j % 7 == 0
            wb = "superordinate" if tax and j % 14 == 0 else "similarity" if tax else "external_surface_feature"
            rows.append([c, f"feature_{j}", wb, "c", "h", "taxonomic" if tax else "function", f"{w.Y[i, j]:g}", 1,
                         "" if tax else 12, 4])
            if i == 1 and j == np.flatnonzero(w.Y[i])[-1]:
                rows.append(rows[-1][:6] + ["3"] + rows[-1][7:])  # the larger count is kept
    with open(path, "w", newline="") as f:
        f.write("".join("\t".join(map(str, r)) + "\r\n" for r in rows))
    return path


# ---------------------------------------------------------------- comparing

def explaint(case, binary, *arguments):
    command = [binary, "infer", *map(str, arguments), "--json", "--threads", "2"]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        fail(case, f"exit {done.returncode}: {done.stderr.strip()[:300]}\n     {' '.join(command)}")
        return None
    return json.loads(done.stdout)


def read_safetensors(path):
    data = Path(path).read_bytes()
    size = int.from_bytes(data[:8], "little")
    head = json.loads(data[8:8 + size])
    return {name: np.frombuffer(data[8 + size + t["data_offsets"][0]:8 + size + t["data_offsets"][1]], "<f8").reshape(t["shape"])
            for name, t in head.items() if name != "__metadata__"}


def compare_predictions(case, path, want):
    got, worst = read_safetensors(path), 0.0
    for name, (matrix, rows) in want.items():
        if name not in got or got[name].shape != matrix.shape:
            fail(case, f"{name}: {got[name].shape if name in got else 'none'}, want {matrix.shape}")
            continue
        error = np.abs(got[name][rows] - matrix[rows]) / np.maximum(1, np.abs(matrix[rows]))
        worst = max(worst, error.max(initial=0))
        if not error.max(initial=0) <= 1e-9:
            at = np.unravel_index(np.argmax(error), error.shape)
            fail(case, f"{name}: {got[name][rows][at]!r} at {at}, want {matrix[rows][at]!r}")
    return worst


def compare(case, document, rows, dropped):
    index = {}
    for r in document["rows"]:
        if r.get("fold") is None:
            index.setdefault((r["condition"], r.get("metric"), r.get("n_components")), []).append(r)
    worst, checked = 0.0, 0
    for want in rows:
        name = want["metric"]
        if name.startswith("na_at_10") and want["condition"] in ("mean", "category-mean"):
            continue  # equal predictions: rounding decides
        if want["value"] is None:
            continue
        found = index.get((want["condition"], name, want["n_components"]), [])
        if len(found) > 1:
            found = [r for r in found if r.get("target") == want["target"]]
        label = f"{want['condition']} {name} c={want['n_components']}"
        if len(found) != 1:
            fail(case, f"{label}: {len(found)} rows")
            continue
        got = found[0]
        checked += 1
        if got.get("value") is None:
            fail(case, f"{label}: no value, want {want['value']!r}")
            continue
        error = abs(got["value"] - want["value"])
        if name.startswith("na_at_10"):
            good = error <= 3e-4
        else:
            worst = max(worst, error / max(1, abs(want["value"])))
            good = error <= 1e-9 * max(1, abs(want["value"]))
        if not good:
            fail(case, f"{label}: {got['value']!r}, want {want['value']!r}")
        if got.get("undefined", 0) != want["undefined"]:
            fail(case, f"{label}: undefined {got.get('undefined')}, want {want['undefined']}")
        if got.get("n") not in (want["n"], want["n"] + want["undefined"]):
            fail(case, f"{label}: n {got.get('n')}, want {want['n']} (+ {want['undefined']} undefined)")
    wanted = {(r["condition"], r["n_components"]) for r in rows}
    for condition, count in sorted({(c, k) for c, _, k in index if k is not None} - wanted):
        fail(case, f"{condition}: a row for {count} components, which no fold has or nobody asked for")
    got = sorted(x["concept"] for x in document.get("dropped", []) if "concept" in x)
    if got != sorted(dropped):
        fail(case, f"dropped {got}, want {sorted(dropped)}")
    print(f"{case}: {checked} values, largest difference {worst:.1e}")


# ---------------------------------------------------------------- the permutation tests

def order_of(n, blocks, seed, purpose, number):
    """Which row each concept gets in a permutation: blocks in their order, each shuffled by one stream (docs/methods.md#randomness)."""
    stream, order = philox.Stream(seed, purpose, number), np.arange(n)
    for members in blocks:
        order[members] = stream.permutation(members)
    return order


def check_nulls(case, binary, folder, w, B=299, covariates=(), missing=None):
    """covariates: name -> numbers by concept, taken off the norms. r of every test, and of E1 and E2 every permutation, beside agreement.py; of the others what chance allows."""
    norms = write_long(folder / "norms.csv", w) if not w.dense else write_wide(folder / "norms.csv", w, missing)
    vectors = write_vectors(folder / "vectors.txt", w)
    categories = write_rows(folder / "categories.csv", [["concept", "category"]] + list(w.category.items()))
    na = "zero" if missing is None else "mask"
    e = reference.Experiment(reference.read_norms(norms), reference.read_vectors(vectors), {c: 0 for c in w.category}, reference.read_pairs(categories), na)
    keep = agreement.distinct(e.X, e.Y, e.observed)
    X, Y, category = e.X[keep], e.Y[keep], e.category[keep]
    observed = None if e.observed is None else e.observed[keep]
    numbers = [np.array([of[c] for c in e.concepts])[keep] for of in covariates.values()] if covariates else ()
    mine = agreement.tests(X, Y[:, (Y != 0).any(0)], category, e.dense(), observed, covariates=numbers)
    as_listed = list(dict.fromkeys(c for c in w.category.values() if c not in ("", "none")))
    purpose = {"E1": PERMUTE, "E2": PERMUTE + 1}
    blocks = {"E1": [np.arange(len(keep))], "E2": [np.flatnonzero(category == c) for c in as_listed if (category == c).sum() >= 5]}
    if "E4" in mine:
        del mine["E4-clusters"]
    if binary is None:
        return
    document = explaint(case, binary, "--norms", norms, "--embeddings", vectors, "--categories", categories, "--components", 3, "--conditions",
                        "system", "--permutations", B, "--refits", 0, "--seed", 5, "--na", na,
                        *(("--covariates", write_rows(folder / "covariates.csv", [["concept", *covariates]] + [[c, *(repr(float(of[c])) for of in covariates.values())]
                                                                                                            for c in w.names])) if covariates else ()))
    if document is None:
        return
    tests = {a["id"]: a for v in document.get("verdicts", []) if v["claim"] == "information" for a in v["assumptions"]}
    for name, test in mine.items():
        a = tests.get(name, {})
        if "r" not in a:
            fail(case, f"{name}: no r in the verdict's assumptions")
            continue
        exact = name in purpose
        draws = [order_of(len(keep), blocks[name], 5, purpose[name], b) for b in range(1, B + 1)] if exact else \
            [test.draw(np.random.default_rng([5, b])) for b in range(B)]
        null = np.array([test.raw(p) for p in draws]) / test.divisor
        sd = null.std(ddof=1)
        want = {"r": test.r(), "n": len(test.movable), "permutations": B, "mde": agreement.MDE[name] * a["null_sd"], "level": agreement.LEVEL[name],
                "gain": a["r"] - a["null_mean"], "upper": a["gain"] + 1.645 * a["null_sd"]}
        error = test.jackknife()
        want["ci"] = [a["gain"] - 1.96 * error, a["gain"] + 1.96 * error]
        if exact:
            want.update(null_mean=null.mean(), null_sd=sd, p=(1 + (null >= test.r() - 1e-12).sum()) / (1 + B))
        for key, value in want.items():
            if key in a and not np.allclose(a[key], value, 0, 1e-9):
                fail(case, f"{name}: {key} {a[key]!r}, want {value!r}")
        if abs(a["null_mean"] - null.mean()) > 4 * sd * np.sqrt(2 / B):
            fail(case, f"{name}: null mean {a['null_mean']!r}, NumPy's other permutations {null.mean()!r}")
        if test.flips is not None:
            t = test.flips.run(20000, np.random.default_rng(5))
            p = (t[1:] >= t[0]).mean()
            if abs(a["p"] - p) > 4 * np.sqrt(max(p * (1 - p), 1 / B) / B) + 1 / B or abs(a["z"] - (t[0] - t[1:].mean()) / t[1:].std()) > .35 + .1 * abs(a["z"]):
                fail(case, f"{name}: p {a['p']!r}, z {a['z']!r}, NumPy's flips {p!r}, {(t[0] - t[1:].mean()) / t[1:].std()!r}")
        print(f"{case}: {name} r {a['r']:.6f}, NumPy differs by {abs(a['r'] - test.r()):.1e}; null mean {a['null_mean']:.5f}, NumPy {null.mean():.5f}; p {a['p']:.4f}")


# ---------------------------------------------------------------- what a score is worth without vectors

def check_baseline(case, binary, folder, w, holes=None):
    """`norms baseline`: its rows beside reference.py with the spelling as vectors; chance, ceiling and the claim by hand."""
    rng = np.random.default_rng(31)
    named = {c: "".join(rng.choice(list("abcdefghijklmnopqrstuvwxyz"), rng.integers(3, 9))) for c in w.names}
    w.fold, w.category = ({named[c]: v for c, v in d.items()} for d in (w.fold, w.category))
    w.names = [named[c] for c in w.names]
    norms = write_wide(folder / "norms.csv", w, holes) if w.dense else write_long(folder / "norms.csv", w)
    categories = write_rows(folder / "categories.csv", [["concept", "category"]] + list(w.category.items()))
    folds, na = write_folds(folder / "folds.csv", w), "zero" if holes is None else "mask"
    letters = dict(zip(w.names, verdict_reference.spelling_features(w.names)))
    read = reference.read_norms(norms)
    e = reference.Experiment(read, letters, reference.read_pairs(folds), reference.read_pairs(categories), na)
    rows = [{**r, "condition": "word-form" if r["condition"] == "system" else r["condition"]}
            for r in reference.run(e, ("system", "mean", "upper", "category-mean"), [25])]
    metric, value = ("spearman", 0.6) if w.dense else ("f1_at_10", 0.55)
    if binary is None:
        return
    done = subprocess.run([binary, "norms", "baseline", norms, "--categories", categories, "--folds", folds, "--metrics", "all", "--na", na, "--claim",
                           f"{metric}={value}", "--json"], capture_output=True, text=True)
    if done.returncode != 0:
        fail(case, done.stderr.strip())
        return
    document = json.loads(done.stdout)
    if w.dense:  # 25 components of 12 features: no row of upper, and letters with what they have
        rows = [r for r in rows if r["n_components"] is None]
        document["rows"] = [r for r in document["rows"] if r["n_components"] is None]
    compare(case, document, rows, [])
    own = {(r["condition"], r["metric"], r["target"]): r["value"] for r in document["rows"]}
    gold, m = (e.Y > 0).sum(1), e.Y.shape[1]
    k = min(10, m)
    want = {"chance": 0, "ceiling": 1} if w.dense else \
        {"chance": np.mean(2 * k * gold / m / (k + gold)), "ceiling": np.mean(2 * np.minimum(k, gold) / (k + gold))}
    claim, mean = document["claim"], own["mean", metric, "norms"]
    want_claim = {**want, "mean": mean, "category_mean": own["category-mean", metric, "norms"], "in_category": int((e.category != "").sum()),
                  "share": (value - mean) / (want["ceiling"] - mean)}
    for place_, got, wanted in (("document", document, want), ("claim", claim, want_claim)):
        for key, number in wanted.items():
            if abs(got.get(key, np.nan) - number) > 1e-9 or key not in got:
                fail(case, f"{place_}: {key} {got.get(key)!r}, want {number!r}")
    if f"{100 * want_claim['share']:.0f} % of the way" not in claim["text"] or f"label alone reaches {want_claim['category_mean']:.3f}" not in claim["text"]:
        fail(case, f"the claim says: {claim['text']}")


def check_needs(case, binary, folder):
    """The gain in r that is found, by the number of concepts: beside the null's spread of NumPy's own permutations, of the vectors at hand."""
    w = World(33, concepts=240)
    norms, vectors = write_long(folder / "norms.csv", w), write_vectors(folder / "v.txt", w)
    categories = write_rows(folder / "categories.csv", [["concept", "category"]] + list(w.category.items()))
    if binary is None:
        return
    documents = []
    for threads in (1, 2):
        done = subprocess.run([binary, "infer", "--norms", norms, "--embeddings", vectors, "--categories", categories, "--dry-run", "--json", "--threads", str(threads)],
                              capture_output=True, text=True)
        documents.append(json.loads(done.stdout)["needs"])
    if documents[0] != documents[1]:
        fail(case, "other numbers with two threads")
    e = reference.Experiment(reference.read_norms(norms), reference.read_vectors(vectors), {c: 0 for c in w.category}, reference.read_pairs(categories))
    keep = agreement.distinct(e.X, e.Y)
    X, Y, category = e.X[keep], e.Y[keep], e.category[keep]
    needs = {(a["id"], a["n"]): a for a in documents[0]}
    rng = np.random.default_rng(34)
    for n in (len(keep), 150):
        mde = {}
        for part in range(1 if n == len(keep) else 4):
            i = np.sort(rng.permutation(len(keep))[:n])
            for name, test in agreement.tests(X[i], Y[i], category[i], e.dense()).items():
                spread = np.std([test.raw(test.draw(rng)) for _ in range(200)], ddof=1) / test.divisor
                mde.setdefault(name, []).append(agreement.MDE[name] * spread)
        for name, values in mde.items():
            if (name, n) in needs and abs(needs[name, n]["mde"] / np.mean(values) - 1) > .25:
                fail(case, f"{name} of {n}: {needs[name, n]['mde']!r}, NumPy {np.mean(values)!r}")
            elif (name, n) in needs:
                print(f"{case}: {name} of {n} concepts: {needs[name, n]['mde']:.4f}, NumPy {np.mean(values):.4f}")
    sizes = sorted({a["n"] for a in documents[0]})
    if sizes != sorted({100, 150, 200, len(keep), 300, 500}) or any(a["measured"] != (a["n"] <= len(keep)) for a in documents[0]):
        fail(case, f"sizes {sizes}")
    for name in {a["id"] for a in documents[0]}:
        if (name, 500) in needs and abs(needs[name, 500]["mde"] * 500 / (needs[name, len(keep)]["mde"] * len(keep)) - 1) > 1e-9:
            fail(case, f"{name}: not by 1/n beyond what was measured")


# ---------------------------------------------------------------- description length

def platt(score, positive):
    ones, n = positive.sum(), len(score)
    target = np.where(positive, (ones + 1) / (ones + 2), 1 / (n - ones + 2))
    centre, scale = score.mean(), score.std()
    z = (score - centre) / scale

    def loss(v):
        f = v[0] * z + v[1]
        rest = special.expit(f) - target
        return (np.logaddexp(0, f) - target * f).sum(), np.array([(rest * z).sum(), rest.sum()])

    slope, offset = optimize.minimize(loss, [0, 0], jac=True, method="BFGS", options={"gtol": 1e-11, "maxiter": 2000}).x
    return lambda s: slope * (s - centre) / scale + offset


def code_bits(e, predict, seed):
    """Bits by concept: blocks that double, the first two at a bit a cell, then Platt's probabilities of the block before."""
    n, m = e.Y.shape
    seen = np.ones(e.Y.shape, bool) if e.observed is None else e.observed
    order = np.array(philox.Stream(seed, ONLINE, 0).permutation(range(n)))
    ends = [int(np.floor(share * n + .5)) for share in (.05, .1, .2, .4, .8, 1)]
    bits, logit = np.zeros(n), lambda s: np.zeros(len(s))
    for b, end in enumerate(ends):
        start = ends[b - 1] if b else 0
        block = np.sort(order[start:end])
        scores = predict(np.sort(order[:start]), block) if b else np.zeros((len(block), m))
        for i, s in zip(block, scores):
            f = np.where(e.Y[i] > 0, -logit(s), logit(s))[seen[i]]
            bits[i] = np.logaddexp(0, f).sum() / np.log(2)
        if b:
            logit = platt(scores[seen[block]], (e.Y[block] > 0)[seen[block]])
    return bits


def check_length(case, binary, folder, w, components=3, seed=4):
    norms, vectors = write_long(folder / "norms.csv", w), write_vectors(folder / "vectors.txt", w)
    folds = write_folds(folder / "folds.csv", w)
    e = reference.Experiment(reference.read_norms(norms), reference.read_vectors(vectors), reference.read_pairs(folds))
    if binary is None:
        return

    def pls(train, test):
        model = core.Pls(e.X[train], e.Y[train], components)
        return model.predict(e.X[test], min(components, model.n_components))

    want = {"system": code_bits(e, pls, seed), "mean": code_bits(e, lambda train, test: np.tile(e.Y[train].mean(0), (len(test), 1)), seed),
            "uniform": np.full(len(e.Y), float(e.Y.shape[1]))}
    document = explaint(case, binary, "--norms", norms, "--embeddings", vectors, "--folds", folds, "--components", components, "--conditions",
                        "system", "--permutations", 0, "--seed", seed, "--metrics", "description_length")
    rows = {} if document is None else {r["condition"]: r for r in document["rows"] if r["metric"] == "description_length"}
    for name, bits in want.items():
        if name not in rows:
            fail(case, f"no row of {name}")
            continue
        print(f"{case}: {name} {rows[name]['value']:.6f} bits, NumPy differs by {abs(rows[name]['value'] - bits.mean()):.1e}")
        if abs(rows[name]["value"] - bits.mean()) > 1e-5 * bits.mean() or not rows[name]["ci"][0] <= rows[name]["value"] <= rows[name]["ci"][1]:
            fail(case, f"{name}: {rows[name]['value']} {rows[name].get('ci')}, want {bits.mean()}")


# ---------------------------------------------------------------- two runs side by side

def flips_p(d, draws, seed):
    """Two-sided p by sign flips: 64 signs to a random number, the lowest bit first, 1 as it is."""
    d = d[d != 0]
    if not len(d):
        return 1.0
    reached = 0
    for b in range(draws):
        stream, total = philox.Stream(seed, SIGN_FLIPS, b), 0.0
        for at in range(0, len(d), 64):
            bits = stream.bits()
            total += sum(v if bits >> k & 1 else -v for k, v in enumerate(d[at:at + 64]))
        reached += abs(total) >= abs(d.sum()) - 1e-12 * np.abs(d).sum()
    return (1 + reached) / (1 + draws)


def resampled(d, resamples, seed, widen):
    means = []
    for r in range(resamples):
        stream = philox.Stream(seed, BOOTSTRAP, r)
        means.append(np.mean([d[stream.below(len(d))] for _ in range(len(d))]))
    return d.mean() + widen * (np.quantile(means, [.025, .975]) - d.mean())


def check_compare(case, binary, folder, w, draws=199, resamples=100):
    """PLSR with 2 and with 4 components, and kNN: every score by concept; the tests of the vectors are the same."""
    norms, vectors = write_long(folder / "norms.csv", w), write_vectors(folder / "vectors.txt", w)
    folds = write_folds(folder / "folds.csv", w)
    categories = write_rows(folder / "categories.csv", [["concept", "category"]] + list(w.category.items()))
    e = reference.Experiment(reference.read_norms(norms), reference.read_vectors(vectors), reference.read_pairs(folds),
                             reference.read_pairs(categories))
    if binary is None:
        return
    ledger = folder / "runs.db"
    ledger.unlink(missing_ok=True)
    common = ("--norms", norms, "--embeddings", vectors, "--folds", folds, "--categories", categories, "--conditions", "system",
              "--permutations", 19, "--ledger", ledger)
    for options in (("--components", 2), ("--components", 4), ("--mapping", "knn", "--k", 3)):
        if explaint(case, binary, *common, *options) is None:
            return
    pls, train_mean = reference.out_of_fold(e.X, e.Y, e.fold, [2, 4])
    knn, _ = reference.out_of_fold(e.X, e.Y, e.fold, [None], mapping="knn", k=3)
    runs = [pls[2], pls[4], knn[None]]
    metrics = {"f1_at_10": core.f1_at_10, "spearman": core.spearman, "precision_at_r": core.precision_at_r, "map": core.average_precision,
               "cosine": core.cosine}
    for a, b in ((0, 1), (1, 2)):
        found = subprocess.run([binary, "compare", f"{ledger}:{a + 1}", f"{ledger}:{b + 1}", "--json", "--flips", str(draws), "--bootstrap",
                                str(resamples), "--seed", "3"], capture_output=True, text=True)
        if found.returncode != 0:
            fail(case, f"exit {found.returncode}: {found.stderr}")
            continue
        document = json.loads(found.stdout)
        rows = {r["metric"]: r for r in document["rows"] if r["condition"] == "system"}
        for metric in [*metrics, "mse", "r2"]:
            if metric in metrics:
                d = metrics[metric](runs[b], e.Y) - metrics[metric](runs[a], e.Y)
                if np.isnan(d).any():
                    fail(case, f"{metric}: a concept has no value in this world, change it")
            else:
                error = [((runs[k] - e.Y) ** 2).sum(1) for k in (a, b)]
                whole = e.Y.size if metric == "mse" else -((e.Y - train_mean) ** 2).sum()
                d = len(e.Y) * (error[1] - error[0]) / whole
            row = rows[metric]
            want = [d.mean(), *resampled(d, resamples, 3, 1.25), flips_p(d, draws, 3), len(d)]
            got = [row["difference"], *row["ci"], row["p"], row["n"]]
            if not np.allclose(got, want, 0, 1e-9) or abs(row["b"] - row["a"] - row["difference"]) > 1e-9:
                fail(case, f"{metric}: {got}, want {want}")
        print(f"{case}: runs {a + 1}, {b + 1}: {len(metrics) + 2} metrics, F1@10 {rows['f1_at_10']['difference']:+.4f} p {rows['f1_at_10']['p']:.3f}")
        tested = [r for r in document["rows"] if "p_adjusted" in r]
        want = stats.false_discovery_control([r["p"] for r in tested])
        if not tested or not np.allclose([r["p_adjusted"] for r in tested], want, 0, 1e-12):
            fail(case, "p_adjusted is not Benjamini-Hochberg's over the rows that differ")
        # the vectors are the same, and with them what they agree on
        for x in (x for v in document["verdicts"] if v["claim"] == "information" for x in v["assumptions"] if x["id"] in ("E1", "E2")):
            if (x["difference"], x["p"]) != (0, 1):
                fail(case, f"{x['id']}: differs by {x['difference']}, p {x['p']}, although the vectors are the same")


def check_two_sets(case, binary, folder, w, B=99):
    """E1 to E4 of three sets of vectors: the world's; with noise; with other noise and fewer words, whose permutations are other ones."""
    norms = write_long(folder / "norms.csv", w) if not w.dense else write_wide(folder / "norms.csv", w, None)
    categories = write_rows(folder / "categories.csv", [["concept", "category"]] + list(w.category.items()))
    if binary is None:
        return
    rng, ledger, runs = np.random.default_rng(4), folder / "runs.db", []
    ledger.unlink(missing_ok=True)
    for k, keep in enumerate((1, 1, .9)):
        path = folder / f"vectors{k}.txt"
        with open(path, "w") as f:
            for word, x in w.vectors.items():
                if rng.random() < keep:
                    f.write(word + " " + " ".join(f"{v:.6f}" for v in x + (k > 0) * rng.normal(size=len(x))) + "\n")
        document = explaint(case, binary, "--norms", norms, "--embeddings", path, "--categories", categories, "--components", 3, "--conditions", "system",
                            "--permutations", B, "--refits", 0, "--seed", 5, "--claim", "information", "--ledger", ledger)
        e = reference.Experiment(reference.read_norms(norms), reference.read_vectors(path), {c: 0 for c in w.category}, reference.read_pairs(categories))
        kept = agreement.distinct(e.X, e.Y)
        X, Y, category = e.X[kept], e.Y[kept], e.category[kept]
        tests = agreement.tests(X, Y[:, (Y != 0).any(0)], category, e.dense())
        as_listed = list(dict.fromkeys(c for c in w.category.values() if c not in ("", "none")))
        large = [np.flatnonzero(category == c) for c in as_listed if (category == c).sum() >= 5]
        runs.append(({a["id"]: a for a in document["verdicts"][0]["assumptions"]}, [e.concepts[i] for i in kept], tests,
                     {"E1": (PERMUTE, [np.arange(len(kept))]), "E2": (PERMUTE + 1, large), "E4": (PERMUTE + 3, large)}))
    for a, b, shared in ((0, 1, True), (0, 2, False), (2, 1, False)):
        done = subprocess.run([binary, "compare", f"{ledger}:{a + 1}", f"{ledger}:{b + 1}", "--json"], capture_output=True, text=True)
        if done.returncode != 0:
            fail(case, f"exit {done.returncode}: {done.stderr}")
            continue
        verdict = json.loads(done.stdout)["verdicts"][0]
        found = {x["id"]: x for x in verdict["assumptions"]}
        names = [c for c in runs[a][1] if c in runs[b][1]]
        for name in ("E1", "E2", "E3", "E4" if "E4" in found else "E4-clusters"):
            pseudo, nulls, exact = [], [], name in runs[a][3]
            for printed, concepts, tests, permuted in (runs[a], runs[b]):
                pseudo.append(tests[name].pseudo(printed[name]["gain"])[[concepts.index(c) for c in names]])
                if exact:
                    orders = [order_of(len(concepts), permuted[name][1], 5, permuted[name][0], i) for i in range(1, B + 1)]
                    nulls.append(np.array([tests[name].raw(p) for p in orders]) / tests[name].divisor)
            apart = [printed["null_sd"] ** 2 for printed in (runs[a][0][name], runs[b][0][name])]
            of_pairs = (nulls[1] - nulls[0]).var(ddof=1) if exact else sum(apart)
            difference, error, freedom = agreement.difference(*pseudo, *((of_pairs, of_pairs / B) if shared else (0, sum(apart) / B)))
            want = [difference, *difference + error * stats.t.ppf([.025, .975], freedom), 2 * stats.t.sf(abs(difference) / error, freedom), freedom + 1]
            x = found[name]
            got = [x["difference"], *x["ci"], x["p"], x["n"]]
            if not np.allclose(got[:3], want[:3], 0, 1e-9) or got[4] != want[4] or not np.allclose(got[3], want[3], 1e-6, 0):
                fail(case, f"{name}, runs {a + 1}, {b + 1}: {got}, want {want}")
            if shared and abs(x["gain_b"] - x["gain_a"] - x["difference"]) > 1e-12:
                fail(case, f"{name}: the difference {x['difference']} is not that of the gains")
            print(f"{case}: runs {a + 1}, {b + 1}: {name} difference {x['difference']:+.4f}, p {x['p']:.2g}, NumPy differs by {abs(got[3] - want[3]):.1e}")
        if ("agree better" in verdict["answer"]) != (found["E1"]["p"] <= .05 and found["E1"]["difference"] > 0):
            fail(case, f"the answer is not that of E1: {verdict['answer']}")


# ---------------------------------------------------------------- conditions with randomness

def check_random(case, binary, folder, w, seeds=10, draws=60, components=3):
    norms = write_long(folder / "norms.csv", w)
    vectors = write_vectors(folder / "vectors.txt", w)
    folds = write_folds(folder / "folds.csv", w)
    e = reference.Experiment(reference.read_norms(norms), reference.read_vectors(vectors), reference.read_pairs(folds))
    rng = np.random.default_rng(99)
    mine = {}
    for _ in range(draws):
        Z = reference.random_target("shuffle", e.Y, rng)
        runs = {("shuffle", "shuffle"): (e.X, Z), ("shuffle-upper", "shuffle"): (Z, Z), ("mean", "shuffle"): None}
        runs.update({(name, name): (e.X, reference.random_target(name, e.Y, rng)) for name in ("shuffle-rows", "random")})
        for key, xy in runs.items():
            if xy is None:
                pred, mean = reference.out_of_fold(e.X, Z, e.fold, [None], mapping="mean")
                pred, gold = pred[None], Z
            else:
                pred, mean = reference.out_of_fold(xy[0], xy[1], e.fold, [components])
                pred, gold = pred[components], xy[1]
            scores = reference.score(pred, gold, e.X, mean)
            for metric in ("f1_at_10", "spearman", "map") + (("r2",) if key[0] != "mean" else ()):  # the mean's R2 is 0
                mine.setdefault((*key, metric), []).append(scores[metric][0])
    for key, values in mine.items():
        if key[2] == "f1_at_10":
            print(f"{case}: {key[0]} on {key[1]} F1@10 {np.mean(values):.4f} sd {np.std(values, ddof=1):.4f}")
    if binary is None:
        return
    theirs = {}
    for seed in range(1, seeds + 1):
        document = explaint(case, binary, "--norms", norms, "--embeddings", vectors, "--folds", folds, "--components", components,
                            "--conditions", "mean,shuffle,shuffle-rows,shuffle-upper,random", "--permutations", 0,
                            "--metrics", "all", "--seed", seed)
        if document is None:
            return
        for row in document["rows"]:
            target = row.get("target") if row["condition"] == "mean" else None
            if row.get("fold") is None and row.get("value") is not None:
                theirs.setdefault((row["condition"], target, row["metric"]), []).append(row["value"])
    for (condition, target, metric), values in mine.items():
        found = theirs.get((condition, target if condition == "mean" else None, metric), [])
        label = f"{condition} {metric}" + (f" on {target}" if condition == "mean" else "")
        if len(found) != seeds:
            fail(case, f"{label}: {len(found)} values for {seeds} seeds")
            continue
        if len(set(found)) == 1:
            fail(case, f"{label}: the seed changes nothing")
        sd = np.std(values, ddof=1)
        z = (np.mean(found) - np.mean(values)) / (sd * np.sqrt(1 / seeds + 1 / draws))
        if abs(z) > 4.5:
            fail(case, f"{label}: mean {np.mean(found):.5f}, NumPy {np.mean(values):.5f} (sd {sd:.5f}), z {z:.1f}")


# ---------------------------------------------------------------- --pls sklearn, --components auto

def read_safetensors(path):
    data = Path(path).read_bytes()
    size = int.from_bytes(data[:8], "little")
    head = json.loads(data[8:8 + size])
    return {k: np.frombuffer(data[8 + size + v["data_offsets"][0]:8 + size + v["data_offsets"][1]], "<f8").reshape(v["shape"])
            for k, v in head.items() if k != "__metadata__"}


def targets_of(e, seed=1):
    """condition -> (input, its observed cells, target, its observed cells); random targets by Philox."""
    out = {"system": (e.X, None, e.Y, e.observed), "upper": (e.Y, e.observed, e.Y, e.observed)}
    if e.observed is None and not e.dense():
        Z = philox.shuffle(e.Y, seed)
        out.update({"shuffle": (e.X, None, Z, None), "shuffle-upper": (Z, None, Z, None),
                    "shuffle-rows": (e.X, None, philox.shuffle_rows(e.Y, seed), None),
                    "random": (e.X, None, philox.random(e.Y, seed), None)})
    return out


def small_world(folder, w, na="zero", missing=None):
    norms = write_wide(folder / "norms.csv", w, missing) if missing is not None else write_long(folder / "norms.csv", w)
    vectors, folds = write_vectors(folder / "v.txt", w), write_folds(folder / "folds.csv", w)
    e = reference.Experiment(reference.read_norms(norms), reference.read_vectors(vectors), reference.read_pairs(folds), None, na)
    arguments = ["--norms", norms, "--embeddings", vectors, "--folds", folds, "--permutations", 0]
    return e, arguments + (["--na", na] if na != "zero" else [])


def check_sklearn(case, binary, folder, w, most, na="zero", missing=None):
    """Predictions of every component count, fold by fold, to 1e-9 of the largest and on standardised targets; iterations are equal."""
    e, arguments = small_world(folder, w, na, missing)
    targets = targets_of(e)
    if binary is None:
        return
    document = explaint(case, binary, *arguments, "--pls", "sklearn", "--components", f"1-{most}", "--predictions",
                        folder / "p.safetensors", "--conditions", ",".join(targets))
    if document is None:
        return
    if document["settings"]["pls"] != "sklearn" or not f":{most}:sklearn|" in document["signature"]:
        fail(case, "settings and signature do not say sklearn")
    found = read_safetensors(folder / "p.safetensors")
    counted = {(r["condition"], r["fold"]): r for r in document["iterations"]}
    cut = lambda A, rows: None if A is None else A[rows]
    worst, worst_scaled, checked, iterations = 0, 0, 0, 0
    for condition, (X, x_observed, Y, y_observed) in targets.items():
        largest = max(np.abs(found[f"predictions.{condition}.{c}"]).max() for c in range(1, most + 1))
        for f in np.unique(e.fold):
            test, train = e.fold == f, e.fold != f
            model = reference.Sklearn(X[train], Y[train], most, cut(x_observed, train), cut(y_observed, train))
            scale = core.center_scale(Y[train], cut(y_observed, train))[1]
            r = counted[condition, int(f)]
            mine = {"components": model.n_components, "total": sum(model.iterations), "most": max(model.iterations),
                    "capped": sum(i == 500 for i in model.iterations)}
            iterations += mine["total"]
            for name, value in mine.items():
                if r[name] != value:
                    fail(case, f"{condition}, fold {f}: {name} {r[name]}, scikit-learn {value}")
            for c in range(1, most + 1):
                got = found[f"predictions.{condition}.{c}"][test]
                off = np.abs(got - model.predict(X[test], c, cut(x_observed, test)))
                worst, worst_scaled = max(worst, off.max() / largest), max(worst_scaled, (off / scale).max())
                checked += got.size
                if off.max() > 1e-9 * largest or (off / scale).max() > 1e-9:
                    fail(case, f"{condition}, fold {f}, {c} components: off by {off.max()} of {largest}")
    print(f"{case}: {checked} predictions, {iterations} iterations; largest difference {worst:.1e} of the largest prediction, "
          f"{worst_scaled:.1e} standardised")


def check_auto(case, binary, folder, w, candidates, pls="exact", na="zero", missing=None, seed=1):
    """The counts that folds choose, and every metric with them."""
    e, arguments = small_world(folder, w, na, missing)
    solver = reference.Sklearn if pls == "sklearn" else core.Pls
    metric = core.spearman if e.dense() else core.f1_at_10
    rows, chosen = [], {}
    for condition, (X, x_observed, Y, y_observed) in targets_of(e, seed).items():
        pred, mean, chosen[condition] = reference.out_of_fold_chosen(X, Y, e.fold, candidates, metric, seed, y_observed, x_observed, solver)
        for name, (value, n, undefined) in reference.score(pred, Y, X, mean, y_observed).items():
            rows.append({"condition": condition, "target": None, "metric": name, "n_components": None, "value": value, "n": n,
                         "undefined": undefined})
    print(f"{case}: " + ", ".join(f"{c} {list(k.values())}" for c, k in chosen.items()))
    if len({k for by_fold in chosen.values() for k in by_fold.values()}) < 2:
        fail(case, "every fold of every condition chooses the same count: this shows nothing")
    if binary is None:
        return
    document = explaint(case, binary, *arguments, "--components", "auto:" + ",".join(map(str, candidates)), "--metrics", "all",
                        "--conditions", ",".join(chosen), "--pls", pls, "--seed", seed)
    if document is None:
        return
    got = {}
    for r in document["components"]:
        got.setdefault(r["condition"], {})[r["fold"]] = r["asked"]
    if got != chosen:
        fail(case, f"chosen {got}, want {chosen}")
    settings = document["settings"]
    if (settings["n_components"], settings["candidates"], settings["inner_folds"]) != ("auto", list(candidates), 5):
        fail(case, f"settings {settings}")
    compare(case, document, rows, e.dropped)


# ---------------------------------------------------------------- the cases

def place(folder, name):
    (folder / name).mkdir(parents=True, exist_ok=True)
    return folder / name


def cases(folder):
    """name -> (arguments of explaint, keyword arguments of the reference)."""
    def case(name, norms, vectors, folds, words=None, categories=None, na="zero", conditions=("system", "mean", "upper"),
             mapping="plsr", k=None, components=tuple(COUNTS)):
        arguments = ["--norms", norms, "--embeddings", vectors, "--folds", folds, "--components", ",".join(map(str, components)),
                     "--permutations", 0, "--metrics", "all", "--conditions", ",".join(conditions)]
        for option, value in (("--words", words), ("--categories", categories), ("--k", k)):
            if value is not None:
                arguments += [option, value]
        if na != "zero":
            arguments += ["--na", na]
        if mapping != "plsr":
            arguments += ["--mapping", mapping]
        e = reference.Experiment(reference.read_norms(norms), reference.read_vectors(vectors, words), reference.read_pairs(folds),
                                 reference.read_pairs(categories) if categories else None, na)
        rows = reference.run(e, conditions, list(components), mapping, k or 10)
        return name, arguments, rows, e.dropped

    w, p = World(1), place(folder, "long")
    categories = write_rows(p / "categories.csv", [["concept", "category", "source"]] + [[c, g, "x"] for c, g in w.category.items()])
    yield case("long", write_long(p / "norms.csv", w), write_vectors(p / "v.txt", w), write_folds(p / "folds.csv", w),
               categories=categories, conditions=("system", "mean", "upper", "category-mean"))
    w, p = World(2), place(folder, "tsv")
    yield case("tsv, CRLF, BOM, gz with header", write_long(p / "norms.tsv", w, delimiter="\t", newline="\r\n", bom=True),
               write_vectors(p / "v.txt.gz", w, header=True, zipped=True), write_folds(p / "folds.csv", w))
    w, p = World(3), place(folder, "crlf")
    yield case("CRLF, header, CRLF vectors", write_long(p / "norms.csv", w, newline="\r\n"),
               write_vectors(p / "v.vec", w, header=True, newline="\r\n"), write_folds(p / "folds.csv", w))
    w, p = World(4), place(folder, "wide")
    vectors, words = write_npy(p / "v.npy", p / "words.txt", w)
    yield case("wide, npy", write_wide(p / "norms.csv", w, bom=True), vectors, write_folds(p / "folds.csv", w), words=words)
    w, p = World(5, dense=True), place(folder, "missing")
    missing = np.random.default_rng(55).random(w.Y.shape) < 0.15
    missing[:, :6] = False
    missing[:, 10] &= np.arange(len(w.names)) % 3 == 0
    norms = write_wide(p / "norms.csv", w, missing)
    vectors, folds = write_vectors(p / "v.txt", w), write_folds(p / "folds.csv", w)
    for na in ("zero", "drop-features", "mask"):
        yield case(f"missing cells, na={na}", norms, vectors, folds, na=na)
    w, p = World(6), place(folder, "mcrae")
    yield case("mcrae", write_mcrae(p / "CONCS_FEATS_concstats_brm.txt", w), write_vectors(p / "v.txt", w),
               write_folds(p / "folds.csv", w), conditions=("system", "mean", "upper", "taxonomic-drop"))
    w, p = World(7), place(folder, "mappings")
    norms, vectors, folds = write_long(p / "norms.csv", w), write_vectors(p / "v.txt", w), write_folds(p / "folds.csv", w)
    for k in (1, 5, 10):
        yield case(f"knn {k}", norms, vectors, folds, mapping="knn", k=k, conditions=("system",))
    yield case("more components than there are", norms, vectors, folds, components=(2, 9, 30), conditions=("system",))


# ---------------------------------------------------------------- hostile files

def hostile_files(folder, seeds):
    """(name, norms, arguments that go with them, the reference's arguments, world, conditions) of each seed."""
    for seed in seeds:
        kind = ["wide", "wide", "binder", "npy", "buchanan"][seed % 5]
        p = folder / f"hostile{seed}"
        p.mkdir(parents=True, exist_ok=True)
        large = {"concepts": 260, "dense": seed % 4 == 1} if seed % 10 == 1 else {}  # upper's fit without a Gram matrix
        w = hostile_worlds.World(seed, features=65, dense=True) if kind == "binder" else \
            hostile_worlds.World(seed, dense=False) if kind == "buchanan" else hostile_worlds.World(seed, **large)
        if kind == "wide":
            yield seed, kind, w, p, w.wide(p / "norms.csv"), [], {}
        elif kind == "binder":
            yield seed, kind, w, p, w.binder(p / "norms.tsv"), [], {}
        elif kind == "buchanan":
            how = ["last", "sum", "max"][seed // 5 % 3]
            yield seed, kind, w, p, w.buchanan(p / "norms.csv"), ["--pair-value", how], {"pair_value": how}
        else:
            names = {"concepts": p / "concepts.txt"} | ({"features": p / "features.txt"} if seed % 2 else {})
            norms = w.array(p / "norms.npy", names["concepts"], names.get("features"))
            yield seed, kind, w, p, norms, [x for k, v in names.items() for x in (f"--{k}", v)], names


def check_hostile(binary, folder, seeds):
    """Every mode of missing cells, every condition without randomness, every metric and every prediction, to 1e-9."""
    worst = 0.0
    for seed, kind, w, p, norms, extra, options in hostile_files(folder, seeds):
        vectors, folds, categories = w.others(p)
        own_labels = kind == "binder" and seed % 2 == 0
        for na in ("zero", "drop-features", "mask"):
            for mapping, conditions in (("plsr", ("system", "mean", "upper", "category-mean")), ("knn", ("system",))):
                case = f"hostile seed {seed}, {kind}, na={na}, {mapping}"
                read = reference.read_norms(norms, **options)
                labels = read.category if own_labels else reference.read_pairs(categories)
                e = reference.Experiment(read, reference.read_vectors(vectors), reference.read_pairs(folds), labels, na)
                arguments = ["--norms", norms, *extra, "--embeddings", vectors, "--folds", folds, "--na", na, "--metrics", "all",
                             "--permutations", 0, "--bootstrap", 100, "--conditions", ",".join(conditions), "--mapping", mapping]
                arguments += ["--components", "1,2,5"] if mapping == "plsr" else ["--k", 4]
                arguments += [] if own_labels else ["--categories", categories]
                if binary is None or hostile_worlds.refused(e):
                    if binary is not None:
                        check_refused(case, binary, arguments)
                    continue
                predictions = {}
                rows = reference.run(e, conditions, [1, 2, 5], mapping, 4, predictions=predictions, ties=False)
                document = explaint(case, binary, *arguments, "--predictions", p / "p.safetensors")
                if document is None:
                    continue
                ties = mapping == "knn" or e.Y.shape[1] < 8  # proportional rows have equal cosines: rounding decides
                compare(case, document, [r for r in rows if not (ties and r["metric"].startswith("na_at_10"))], e.dropped)
                worst = max(worst, compare_predictions(case, p / "p.safetensors", predictions))
                dense = "spearman" if e.dense() else "f1_at_10"
                if document["settings"]["verdict_metric"] != dense:
                    fail(case, f"the verdict's metric is {document['settings']['verdict_metric']}, want {dense}")
    print(f"hostile: seeds {seeds.start} to {seeds.stop - 1}, largest difference of a prediction {worst:.1e}")


def check_refused(case, binary, arguments):
    done = subprocess.run([binary, "infer", *map(str, arguments), "--json"], capture_output=True, text=True)
    if done.returncode != 3 or done.stdout or done.stderr.count("\n") != 1:
        fail(case, f"nothing to predict, and exit {done.returncode}: {done.stderr.strip()[:200]}")


def main():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument("binary", nargs="?")
    a.add_argument("--self", action="store_true", help="run the reference only")
    a.add_argument("--keep", help="write the files here and leave them")
    a.add_argument("--only", help="cases whose name contains this")
    a.add_argument("--hostile", default="1:11", metavar="FROM:TO", help="seeds of the hostile files")
    o = a.parse_args()
    if not o.binary and not o.self:
        a.error("EXPLAINT_BINARY or --self")
    binary = None if o.self else o.binary
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(o.keep or scratch)
        folder.mkdir(parents=True, exist_ok=True)
        for name, arguments, rows, dropped in cases(folder):
            if o.only and o.only not in name:
                continue
            if binary is None:
                f1 = [round(float(r["value"]), 4) for r in rows if r["metric"] == "f1_at_10"]
                print(f"{name}: {len(rows)} values; F1@10 {f1}; dropped {dropped}")
                continue
            document = explaint(name, binary, *arguments)
            if document is not None:
                skip = [r for r in rows if not (r["metric"].startswith("na_at_10") and name.startswith("knn"))]
                compare(name, document, skip, dropped)
        if not o.only or "nulls".startswith(o.only):
            check_nulls("nulls", binary, folder, World(8, concepts=90))
        if not o.only or "broken nulls".startswith(o.only):  # nothing to find: p in the middle, where one permutation more or less shows
            broken = World(8, concepts=90)
            broken.Y = broken.Y[np.random.default_rng(3).permutation(len(broken.Y))]
            check_nulls("broken nulls", binary, place(folder, "broken_nulls"), broken, B=99)
        for name, world, holes in (("sparse", World(17, concepts=90), None), ("dense", World(18, concepts=90, dense=True), None),
                                   ("na=mask", World(19, concepts=90, dense=True), np.random.default_rng(57).random((90, 12)) < 0.12)):
            if not o.only or o.only in f"covariates {name}":
                rng = np.random.default_rng(20)
                if name == "sparse":  # enough categories for E4
                    world.category = {c: f"kind {i % 9}" for i, c in enumerate(world.names)}
                numbers = {"log frequency": dict(zip(world.names, world.X[:, 0] + rng.normal(size=90))),
                           "length": {c: len(c) for c in world.names}, "huge": dict(zip(world.names, 1e9 * rng.normal(size=90) + 1e12))}
                check_nulls(f"covariates {name}", binary, place(folder, f"covariates_{name}"), world, 299, numbers, holes)
        if not o.only or "compare".startswith(o.only):
            check_compare("compare", binary, place(folder, "compare"), World(15, concepts=70))
        for name, world, holes in (("sparse", World(21, concepts=90), None), ("dense", World(22, concepts=80, dense=True), None),
                                   ("na=mask", World(23, concepts=80, dense=True), np.random.default_rng(58).random((80, 12)) < 0.12)):
            if not o.only or o.only in f"baseline {name}":
                check_baseline(f"baseline {name}", binary, place(folder, f"baseline_{name}"), world, holes)
        if not o.only or "needs".startswith(o.only):
            check_needs("needs", binary, place(folder, "needs"))
        for name, world in (("sparse", World(24, concepts=90)), ("dense", World(25, concepts=90, dense=True))):
            if not o.only or o.only in f"two sets {name}":
                world.category = {c: f"kind {i % 9}" for i, c in enumerate(world.names)}
                check_two_sets(f"two sets {name}", binary, place(folder, f"two_sets_{name}"), world)
        if not o.only or "length".startswith(o.only):
            check_length("length", binary, place(folder, "length"), World(16, concepts=120))
        if not o.only or "hostile".startswith(o.only):
            check_hostile(binary, folder, range(*map(int, o.hostile.split(":"))))
        if not o.only or "random".startswith(o.only):
            check_random("random", binary, folder, World(9))
        dense = World(11, dense=True)
        missing = np.random.default_rng(56).random(dense.Y.shape) < 0.15
        missing[:, :6] = False
        for name, world, most, holes in (("sparse", World(10), 9, {}), ("wide", World(12, d=80), 12, {}), ("dense", dense, 9, {}),
                                         ("na=mask", dense, 9, {"na": "mask", "missing": missing})):
            if not o.only or o.only in f"sklearn {name}":
                check_sklearn(f"sklearn {name}", binary, place(folder, f"sklearn_{name}"), world, most, **holes)
        for name, world, candidates, pls, holes in (
                ("sparse", World(13), tuple(range(1, 13)), "exact", {}), ("seed 7", World(13), (1, 2, 3, 5, 8), "exact", {"seed": 7}),
                ("sklearn", World(14), tuple(range(1, 10)), "sklearn", {}), ("dense", dense, tuple(range(1, 9)), "exact", {}),
                ("na=mask", dense, tuple(range(1, 9)), "exact", {"na": "mask", "missing": missing})):
            if not o.only or o.only in f"auto {name}":
                check_auto(f"auto {name}", binary, place(folder, f"auto_{name}"), world, candidates, pls, **holes)
    print(f"{len(failures)} differences" if failures else "no differences")
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
