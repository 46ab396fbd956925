#!/usr/bin/env python3
"""check_ffnn.py FFNN_DUMP DATA WORK [--first N] [--seeds N] [--epochs N] [--recipe default|chronis2023] [--norms mcrae,binder] [--steps-only]

ffnn beside PyTorch on the real norms, by hand (needs PyTorch; not a test of ctest):
1. the losses of the first 50 steps from the same weights, batches and masks, 768 inputs;
2. the mean held-out metric over seeds (fold 0 of ten: F1@10 for McRae, Spearman for Binder), 100-dimensional GloVe, and how many standard
   errors of the difference lie between ours and PyTorch's. Each seed draws weights, development concepts, batches and masks by its own means.
DATA: folder with mcrae/, binder/ and glove/. WORK: a folder for what passes between the two programs."""
import argparse
import csv
import gzip
import subprocess
import sys
from pathlib import Path

import numpy as np
import torch

STEPS = 50


def vectors(data):
    found = {}
    with gzip.open(next((data / "glove").glob("*.txt.gz")), "rt") as file:
        for line in file:
            word, *values = line.split()
            if len(values) == 100:
                found[word] = np.array(values, float)
    return found


def mcrae(data):
    cells, concepts, features = {}, {}, {}
    with open(data / "mcrae/CONCS_FEATS_concstats_brm.txt", newline="", encoding="latin-1") as file:
        for row in csv.DictReader(file, delimiter="\t"):
            key = concepts.setdefault(row["Concept"], len(concepts)), features.setdefault(row["Feature"], len(features))
            cells[key] = max(cells.get(key, 0), float(row["Prod_Freq"]))
    y = np.zeros((len(concepts), len(features)))
    for key, value in cells.items():
        y[key] = value
    return [c.split("_(")[0].replace("_", " ") for c in concepts], y


def binder(data):
    with open(data / "binder/WordSet1_Ratings_535.tsv", newline="", encoding="utf-8") as file:
        rows = list(csv.reader(file, delimiter="\t"))
    first = rows[0].index("Vision")
    y = np.array([[0 if v in ("na", "") else float(v) for v in row[first:first + 65]] for row in rows[1:]])
    word = rows[0].index("Word")
    return [row[word].lower().replace("(to)", "").strip() for row in rows[1:]], y


def matched(data, norms):
    words, y = {"mcrae": mcrae, "binder": binder}[norms](data)
    known = vectors(data)
    kept = [i for i, w in enumerate(words) if w in known]
    y = y[kept]
    return np.stack([known[words[i]] for i in kept]), y[:, (y != 0).any(0)]


def f1_at_10(prediction, gold):
    top = np.argsort(-prediction, axis=1, kind="stable")[:, :10]
    hits = np.take_along_axis(gold > 0, top, 1).sum(1)
    return np.mean(2 * hits / (10 + (gold > 0).sum(1)))


def ranks(a):
    order = np.argsort(a, kind="stable")
    rank = np.empty(len(a))
    rank[order] = np.arange(len(a))
    for value in np.unique(a):
        rank[a == value] = rank[a == value].mean()
    return rank


def spearman(prediction, gold):
    return np.mean([np.corrcoef(ranks(p), ranks(g))[0, 1] for p, g in zip(prediction, gold)])


class Ours:
    def __init__(self, program, work):
        self.program, self.work = program, work

    def put(self, name, array, kind):
        np.ascontiguousarray(array, kind).tofile(self.work / name)

    def sizes(self, *all):
        (self.work / "sizes").write_text(" ".join(map(str, all)))

    def run(self, what):
        return subprocess.run([self.program, self.work, what], check=True, capture_output=True, text=True).stdout.split()


def settings(recipe, epochs):
    if recipe == "chronis2023":
        return dict(kind=1, h=300, batch=1, rate=1e-4, dropout=.2, epochs=epochs, patience=0)
    return dict(kind=0, h=300, batch=32, rate=1e-3, dropout=.2, epochs=epochs, patience=10)


def loss_of(net, x, y, published, mask):
    hidden = torch.tanh(torch.nn.functional.linear(x, net[0], net[1]))
    if mask is not None and not published:
        hidden = hidden * mask
    output = torch.nn.functional.linear(hidden, net[2], net[3])
    if mask is not None and published:
        output = output * mask
    squares = (output - y).square()
    return squares.sum() if published else squares.mean()


def same_steps(ours, norms, x, y, recipe):
    s, rng = settings(recipe, 50), np.random.default_rng(7)
    n, d, h, m = len(x), 768, s["h"], y.shape[1]
    x = np.float32(np.tanh(x @ rng.normal(size=(x.shape[1], d)) * .1))
    w1, w2 = (np.float32(rng.normal(size=a) * .05) for a in ((h, d + 1), (m, h + 1)))
    row = rng.integers(0, n, (STEPS, s["batch"]))
    mask = np.float32((rng.random((STEPS, s["batch"], m if s["kind"] else h)) >= s["dropout"]) / (1 - s["dropout"]))
    for name, array, kind in (("x", x, "f8"), ("y", y, "f8"), ("hidden", w1, "f4"), ("output", w2, "f4"), ("row", row, "u4"),
                              ("mask", mask, "f4")):
        ours.put(name, array, kind)
    ours.sizes(n, d, h, m, s["batch"], STEPS, s["kind"], s["rate"], s["dropout"], 1, 0, 0, 0, 0)
    found = np.array(ours.run("steps"), float)
    net = [torch.tensor(a, requires_grad=True) for a in (w1[:, :-1], w1[:, -1], w2[:, :-1], w2[:, -1])]
    adam, wanted = torch.optim.Adam(net, lr=s["rate"], fused=True), []
    for step in range(STEPS):
        loss = loss_of(net, torch.from_numpy(x[row[step]]), torch.from_numpy(np.float32(y[row[step]])), s["kind"],
                       torch.from_numpy(mask[step]))
        adam.zero_grad()
        loss.backward()
        adam.step()
        wanted.append(loss.item())
    worst = np.abs(found / wanted - 1).max()
    print(f"{norms} {d} > {h} > {m}, {recipe}: losses {wanted[0]:.6g} .. {wanted[-1]:.6g}, largest relative difference {worst:.1e}", flush=True)
    return worst < 1e-4


def torch_fit(x, y, train, test, s, seed):
    torch.manual_seed(seed)
    published, x, mean, unit = s["kind"] == 1, np.array(x), 0, 1
    if not published:
        x = (x - x[train].mean(0)) / x[train].std(0, ddof=1)
        mean = y[train].mean(0)
        unit = np.sqrt(((y[train] - mean) ** 2).mean())
    d, h, m = x.shape[1], s["h"], y.shape[1]
    net = [torch.zeros(h, d), torch.zeros(h), torch.zeros(m, h), torch.zeros(m)]
    if published:
        net[1].uniform_(-d**-.5, d**-.5)
        net[3].uniform_(-h**-.5, h**-.5)
    else:
        torch.nn.init.xavier_uniform_(net[0])
        torch.nn.init.xavier_uniform_(net[2])
        net[3].copy_(torch.from_numpy(mean / unit))
    for w in net:
        w.requires_grad_(True)
    order = train[torch.randperm(len(train)).numpy()]
    n_dev = -(-len(train) // 10) if s["patience"] else 0
    dev, fitted = order[:n_dev], order[n_dev:]
    xs, ys = torch.from_numpy(x).float(), torch.from_numpy(y / unit).float()
    adam = torch.optim.Adam(net, lr=s["rate"], fused=True)
    best, waited, kept = np.inf, 0, None
    for epoch in range(s["epochs"]):
        shuffled = fitted[torch.randperm(len(fitted)).numpy()]
        for at in range(0, len(fitted), s["batch"]):
            row = shuffled[at:at + s["batch"]]
            mask = None
            if not published or epoch == 0:
                mask = (torch.rand(len(row), m if published else h) >= s["dropout"]).float() / (1 - s["dropout"])
            loss = loss_of(net, xs[row], ys[row], published, mask)
            adam.zero_grad()
            loss.backward()
            adam.step()
        if n_dev:
            with torch.no_grad():
                now = loss_of(net, xs[dev], ys[dev], published, None).item()
            if now < best:
                best, waited, kept = now, 0, [w.detach().clone() for w in net]
            else:
                waited += 1
                if waited >= s["patience"]:
                    break
    last = kept or net
    with torch.no_grad():
        output = torch.tanh(xs[test] @ last[0].T + last[1]) @ last[2].T + last[3]
    return output.numpy().astype(float) * unit


def same_scores(ours, norms, x, y, recipe, first, seeds, epochs):
    s, metric = settings(recipe, epochs), f1_at_10 if norms == "mcrae" else spearman
    fold = np.random.default_rng(1).permutation(len(x)) % 10
    train, test = np.flatnonzero(fold != 0), np.flatnonzero(fold == 0)
    constant = y[train].max(0) == y[train].min(0)
    for name, array, kind in (("x", x, "f8"), ("y", y, "f8"), ("train", train, "u4"), ("test", test, "u4")):
        ours.put(name, array, kind)
    scores = [[], []]
    for seed in range(first, first + seeds):
        ours.sizes(len(x), x.shape[1], s["h"], y.shape[1], s["batch"], 0, s["kind"], s["rate"], s["dropout"], s["epochs"],
                   s["patience"], len(train), len(test), seed)
        ours.run("fit")
        scores[0].append(metric(np.fromfile(ours.work / "prediction").reshape(-1, len(test)).T, y[test]))
        prediction = torch_fit(x, y, train, test, s, seed)
        prediction[:, constant] = y[train][0, constant]
        scores[1].append(metric(prediction, y[test]))
    a, b = np.array(scores)
    error = np.sqrt(a.var(ddof=1) / seeds + b.var(ddof=1) / seeds)
    print(f"{norms}, {recipe}, {epochs} epochs, seeds {first}-{first + seeds - 1}, {len(train)} + {len(test)} concepts: {metric.__name__} ours {a.mean():.5f} (sd "
          f"{a.std(ddof=1):.5f}), PyTorch {b.mean():.5f} (sd {b.std(ddof=1):.5f}): {abs(a.mean() - b.mean()) / error:.2f} standard errors",
          flush=True)
    return abs(a.mean() - b.mean()) < 3 * error


def main():
    p = argparse.ArgumentParser()
    p.add_argument("program")
    p.add_argument("data", type=Path)
    p.add_argument("work", type=Path)
    p.add_argument("--seeds", type=int, default=20)
    p.add_argument("--first", type=int, default=1, help="the first seed")
    p.add_argument("--epochs", type=int, default=50)
    p.add_argument("--recipe", default="default,chronis2023")
    p.add_argument("--norms", default="mcrae,binder")
    p.add_argument("--steps-only", action="store_true")
    p.add_argument("--scores-only", action="store_true")
    a = p.parse_args()
    torch.set_num_threads(1)
    a.work.mkdir(parents=True, exist_ok=True)
    ours, good = Ours(a.program, a.work), True
    print(f"PyTorch {torch.__version__}, NumPy {np.__version__}")
    for norms in a.norms.split(","):
        x, y = matched(a.data, norms)
        for recipe in a.recipe.split(","):
            if not a.scores_only:
                good &= same_steps(ours, norms, x, y, recipe)
            if not a.steps_only:
                good &= same_scores(ours, norms, x, y, recipe, a.first, a.seeds, a.epochs)
    sys.exit(not good)


main()
