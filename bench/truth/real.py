"""Worlds of real norms and real vectors: subsets that are left as they are, and subsets whose vectors went to other concepts.

A kind is NORMS-SOURCE-SIZE (true: nothing is touched) or NORMS-SOURCE-WAY (false), such as mcrae-glove-160 and binder-mpnet-cluster:

  norms    mcrae, buchanan, binder                 DATA/mcrae, DATA/buchanan, DATA/binder
  source   glove, mpnet, minilm                    DATA/glove; two layers of each model in turn, LAYERS of this file
  size     100, 160, 300 concepts
  way      anyone     vectors given to other concepts at random
           category   ... within categories of 5 and more; all others among themselves
           cluster    ... within clusters of the norms of about 12
           swapped    a category's vectors with another category's norms

The norms are not part of this repository. Vectors of a model are made once, by `explaint embed`, and stay in the folder CACHE.
"""
import functools
import json
import struct
import subprocess
import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tests" / "oracle"))
import agreement  # noqa: E402
import reference  # noqa: E402

NORMS = {"mcrae": "CONCS_FEATS_concstats_brm.txt", "buchanan": "buchanan2019_final_words_2017.csv", "binder": "WordSet1_Ratings_535.tsv"}
MODELS = {"mpnet": "all-mpnet-base-v2", "minilm": "all-MiniLM-L6-v2"}
LAYERS = {"mpnet": (6, 11), "minilm": (3, 6)}
SIZES, WAYS = (100, 160, 300), ("anyone", "category", "cluster", "swapped")
SOURCES = ("glove", *MODELS)
KINDS = [f"{n}-{s}-{size}" for n in NORMS for s in SOURCES for size in SIZES] + \
        [f"{n}-{s}-{way}" for n in NORMS for s in SOURCES for way in WAYS if n != "buchanan" or way in ("anyone", "cluster")]


def safetensors(path):
    data = Path(path).read_bytes()
    size = struct.unpack("<Q", data[:8])[0]
    head = json.loads(data[8:8 + size])
    return {name: np.frombuffer(data[8 + size + t["data_offsets"][0]:8 + size + t["data_offsets"][1]],
                                {"F32": "<f4", "F64": "<f8"}[t["dtype"]]).reshape(t["shape"]) for name, t in head.items() if name != "__metadata__"}


def embedded(norms, source, layer, data, models, cache, explaint):
    """The words of a set of norms in a layer of a model: word -> vector."""
    out = Path(cache) / f"{norms}-{source}.safetensors"
    words = Path(cache) / f"{norms}-{source}.words"
    if not out.exists():
        Path(cache).mkdir(parents=True, exist_ok=True)
        subprocess.run([explaint, "embed", "--model", Path(models) / MODELS[source], "--norms", Path(data) / norms / NORMS[norms], "--template", "This is a {}.",
                        "--layers", ",".join(map(str, LAYERS[source])), "--output", out, "--quiet"], check=True)
    return dict(zip(words.read_text(encoding="utf-8").splitlines(), safetensors(out)[f"layer.{layer}"].astype(float)))


@functools.cache
def whole(norms, source, layer, data, models, cache, explaint):
    """Distinct concepts of one word: (names, X, Y, label by number, -1 none)."""
    read = reference.read_norms(Path(data) / norms / NORMS[norms])
    table = reference.read_vectors(Path(data) / "glove" / "glove.6B.100d.norm-vocabulary.txt.gz") if source == "glove" else \
        embedded(norms, source, layer, data, models, cache, explaint)
    categories = binder_categories(Path(data) / "binder" / NORMS["binder"]) if norms == "binder" else None
    e = reference.Experiment(read, table, {c: 0 for c in read.concepts}, categories)
    category = e.mcrae_categories() if norms == "mcrae" else e.category
    keep = [i for i in agreement.distinct(e.X, e.Y) if reference.lookup(e.concepts[i]).isalpha()]
    seen, single = set(), []
    for i in keep:  # two senses of a word would be one name
        word = reference.lookup(e.concepts[i])
        if word not in seen:
            seen.add(word)
            single.append(i)
    names = [reference.lookup(e.concepts[i]) for i in single]
    cats = {c: k for k, c in enumerate(sorted(set(category[single])))}
    label = np.array([-1 if c == "" else cats[c] for c in category[single]])
    return names, e.X[single], e.Y[single], label


def binder_categories(path):
    rows = reference.table(path)
    head = [h.strip().lower() for h in rows[0]]
    word, category = head.index("word"), head.index("super category")
    return {row[word]: row[category].strip() for row in rows[1:]}


def shuffled(rng, groups, n):
    source = np.arange(n)
    for rows in groups:
        source[rows] = rng.permutation(rows)
    return source


def make(kind, rng, number, data, models, cache, explaint):
    """X, Y, names, label, truth, why."""
    norms, source, what = kind.split("-")
    layer = LAYERS[source][number % 2] if source in LAYERS else None
    names, X, Y, label = whole(norms, source, layer, data, models, cache, explaint)
    size = int(what) if what.isdigit() else SIZES[number // 2 % 3]
    where = "real vectors" if layer is None else f"vectors of layer {layer}"
    if what == "swapped":
        groups = [rows for rows in (np.flatnonzero(label == g) for g in np.unique(label[label >= 0])) if len(rows) >= 5]
        groups.sort(key=lambda rows: -len(rows))
        given, taken = [], []
        for block in np.array_split(np.arange(len(groups)), max(1, len(groups) // 4)):
            for a, b in zip(block, np.roll(block, 1)):  # a cycle is a derangement
                given += list(groups[a])
                taken += list(np.resize(rng.permutation(groups[b]), len(groups[a])))
        order = rng.permutation(len(given))[:size]
        a, b = np.array(given)[order], np.array(taken)[order]
        return X[a], Y[b], [names[i] for i in a], label[a], "false", "a category's vectors with another category's norms: geometry, wrong meaning"
    use = np.sort(rng.permutation(len(names))[:size])
    X, Y, label, names = X[use], Y[use], label[use], [names[i] for i in use]
    n = len(use)
    if what.isdigit():
        return X, Y, names, label, "true", f"real norms of {n} concepts with {where}"
    if what == "anyone":
        groups = [np.arange(n)]
    elif what == "category":
        big = [rows for rows in (np.flatnonzero(label == g) for g in np.unique(label[label >= 0])) if len(rows) >= 5]
        rest = np.setdiff1d(np.arange(n), np.concatenate(big) if big else [])
        groups = big + [rest]
    else:
        cluster = agreement.ward(agreement.norm_rows(Y, norms == "binder"), max(1, n // agreement.S))
        groups = [np.flatnonzero(cluster == c) for c in np.unique(cluster)]
    return X[shuffled(rng, groups, n)], Y, names, label, "false", \
        f"{where}, given to other concepts {dict(anyone='at random', category='of the category', cluster='of the cluster of norms')[what]}"
