"""check_relate.py EXPLAINT: relations read from attention, on a model with a built relation head and on its twin without; features, folds, classifiers and
p beside NumPy, SciPy and scikit-learn; and the counterfactuals of hypernymy beside a second reading of WordNet's files, where they are installed."""
import collections
import json
import os
import struct
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from scipy.stats import rankdata
from sklearn.linear_model import LogisticRegression

import philox
import planted_relation as planted

EXPLAINT = str(Path(sys.argv[1]).resolve())
FOLDS, FLIPS, REFITS = 132, 133, 134  # purposes, src/base/rng.h
TEMPLATES = ["The {left} and the {right}.", "The {right} and the {left}."]
B, K, SEED, N_REFITS = 999, 5, 1, 5
failed = 0


def check(name, got, want, tolerance=0.0):
    global failed
    got, want = np.asarray(got, float), np.asarray(want, float)
    difference = np.max(np.abs(got - want)) if got.shape == want.shape else np.inf
    print(f"{name}: {difference:.1e}")
    if not difference <= tolerance:
        print(f"FAILED {name}")
        failed += 1


def require(name, truth):
    global failed
    print(f"{name}: {'yes' if truth else 'NO'}")
    failed += not truth


def run(*arguments):
    out = subprocess.run([EXPLAINT, *map(str, arguments)], capture_output=True, text=True)
    if out.returncode != 0:
        sys.exit(f"{' '.join(map(str, arguments))}: {out.stderr}")
    return out.stdout


def tensors(path):
    data = Path(path).read_bytes()
    size = struct.unpack("<Q", data[:8])[0]
    head = json.loads(data[8:8 + size])
    kinds = {"F32": "<f4", "F64": "<f8", "I64": "<i8"}
    return {k: np.frombuffer(data[8 + size + v["data_offsets"][0]:8 + size + v["data_offsets"][1]], kinds[v["dtype"]]).reshape(v["shape"])
            for k, v in head.items() if k != "__metadata__"}, head["__metadata__"]


def features(folder, model, pairs):
    """From the maps of `model dump`: mean over the pieces that look, sum over those that are looked at, mean over templates."""
    texts = [t.replace("{left}", p["left"]).replace("{right}", p["right"]) for p in pairs for t in TEMPLATES]
    (folder / "texts").write_text("\n".join(texts) + "\n")
    run("model", "dump", "--model", model, "--texts", folder / "texts", "--output", folder / "dump.safetensors")
    maps, notes = tensors(folder / "dump.safetensors")
    pieces, out, form = json.loads(notes["pieces"]), [], []
    stem = lambda w: [w.removesuffix("s")] + (["##s"] if w.endswith("s") else [])
    for i, p in enumerate(pairs):
        both, numbers = [], []
        for t in range(len(TEMPLATES)):
            n = i * len(TEMPLATES) + t
            at = {}
            for side in ("left", "right"):
                start = pieces[n].index(stem(p[side])[0])
                at[side] = list(range(start, start + len(stem(p[side]))))
            a = maps[f"{n}.attentions"].astype(float)
            look = lambda q, k: a[:, :, at[q]][:, :, :, at[k]].sum(3).mean(2)
            both.append(np.stack([look("left", "right"), look("right", "left")]))
            l, r = len(at["left"]), len(at["right"])
            numbers.append([l, r, np.log(l), np.log(r), l * r, at["left"][0], at["right"][0], len(pieces[n])])
        out.append(np.mean(both, 0))
        form.append(np.mean(numbers, 0))
    return np.array(out), np.array(form)


def word_folds(pairs):
    words = []
    for p in pairs:
        words += [w for w in (p["left"], p["right"]) if w not in words]
    order = philox.Stream(SEED, FOLDS, 0).permutation(range(len(words)))
    return {words[j]: rank % K for rank, j in enumerate(order)}


def held_out(x, label, left, right):
    """Scores of pairs whose words are of folds a and b, by a fit to those with a word of neither."""
    score = np.zeros(len(x))
    for a in range(K):
        for b in range(a, K):
            test = ((left == a) & (right == b)) | ((left == b) & (right == a))
            train = ~np.isin(left, (a, b)) & ~np.isin(right, (a, b))
            if not test.any() or len(set(label[train])) < 2:
                continue
            mean, sd = x[train].mean(0), x[train].std(0, ddof=1)
            sd[x[train].max(0) == x[train].min(0)] = 1
            fit = LogisticRegression(C=1, solver="newton-cholesky", tol=1e-12, max_iter=1000).fit((x[train] - mean) / sd, label[train])
            score[test] = fit.decision_function((x[test] - mean) / sd)
    return score


def accuracy(score, label):
    return np.mean(np.where(score == 0, .5, (score > 0) == (label > 0)))


def signs(draw, n, purpose):
    stream, out = philox.Stream(SEED, purpose, draw), []
    for i in range(n):
        if i % 64 == 0:
            bits = stream.bits()
        out.append(1 if bits & 1 else -1)
        bits >>= 1
    return np.array(out)


def gains(difference, group):
    """difference: tests x pairs. p and step-down max-T of sums of groups over the square root of their size, divided by their deviation over all signs."""
    sizes = np.bincount(group)
    sums = np.array([np.bincount(group, d) for d in difference]) / np.sqrt(sizes)
    all_signs = np.array([np.ones(len(sizes)), *(signs(b, len(sizes), FLIPS) for b in range(1, B + 1))])
    z = sums @ all_signs.T / np.sqrt((sums**2).sum(1, keepdims=True))
    p = (z >= z[:, :1] - 1e-12).mean(1)
    adjusted, left, least = np.empty(len(z)), list(range(len(z))), 0
    while left:  # the largest is compared with all that are left, and leaves
        first = max(left, key=lambda t: z[t, 0])
        least = adjusted[first] = max(least, (z[left].max(0) >= z[first, 0] - 1e-12).mean())
        left.remove(first)
    return p, adjusted


def take_off(rank, form):
    z = form - form.mean(0)
    z[:, form.max(0) == form.min(0)] = 0
    z /= np.where((z**2).sum(0) > 0, np.sqrt((z**2).sum(0)), 1)
    weight = np.linalg.solve(z.T @ z + 1e-6 * np.eye(z.shape[1]), z.T @ rank.T)
    return rank - (z @ weight).T


def one(doc, measure, control=None, layer=None, head=None, direction=None):
    v = [r["value"] for r in doc["rows"] if (r["measure"], r["control"], r["layer"], r["head"], r["direction"]) == (measure, control, layer, head, direction)]
    assert len(v) == 1, (measure, control, layer, head, direction, len(v))
    return v[0]


def relate(folder, name, model, *more):
    run("relate", "--model", model, "--pairs", folder / "pairs.csv", "--permutations", B, "--refits", N_REFITS, "--threads", 2, "--quiet",
        "--output", folder / f"{name}.json", "--features", folder / f"{name}.safetensors", *more)
    return json.loads((folder / f"{name}.json").read_text()), tensors(folder / f"{name}.safetensors")[0]


def check_numbers(folder, doc, kept):
    pairs = doc["pairs"]
    own, form = features(folder, folder / "planted", pairs)
    check("features", kept["features"], own, 1e-6)
    check("form", kept["form"], form, 1e-12)
    own, form = kept["features"].reshape(len(pairs), -1), kept["form"]
    fold = word_folds(pairs)
    left, right = np.array([fold[p["left"]] for p in pairs]), np.array([fold[p["right"]] for p in pairs])
    check("folds", [(p["left_fold"], p["right_fold"]) for p in pairs], np.column_stack([left, right]))
    label = np.array([p.get("counterfactuals") is None for p in pairs]).astype(int)
    check("accuracy of all heads", one(doc, "accuracy"), accuracy(held_out(own, label, left, right), label), 1e-12)
    check("accuracy of form", one(doc, "accuracy", "form"), accuracy(held_out(form, label, left, right), label), 1e-12)
    layer, head = planted.PLANTED
    half = own.shape[1] // 2
    at = (layer - 1) * planted.HEADS + head - 1
    check("accuracy of a head", one(doc, "accuracy", None, layer, head), accuracy(held_out(own[:, [at, half + at]], label, left, right), label), 1e-12)
    group = np.unique([p["right"] for p in pairs[::2]], return_index=True, return_inverse=True)
    order = np.argsort(np.argsort(group[1]))  # groups in the order of their first pair
    group = order[group[2]]
    flipped = [accuracy(held_out(own, y, left, right), y) for y in
               (np.where(np.repeat(signs(b, group.max() + 1, REFITS)[group] > 0, 2), label, 1 - label) for b in range(N_REFITS))]
    check("accuracy of permuted labels", one(doc, "accuracy", "permuted"), np.mean(flipped), 1e-12)

    def differences(x):
        rank = (np.array([rankdata(c) for c in x.T]) - (len(x) + 1) / 2) / len(x)
        rank = take_off(rank, form)
        return rank[:, ::2] - rank[:, 1::2]
    rank = np.array([rankdata(c) for c in own.T])
    n = len(own) // 2
    auc = ((rank * label).sum(1) - n * (n + 1) / 2) / n**2
    disorders = [k for k in kept if k.startswith("damaged")]
    check("orders of damaged rows", len(disorders), doc["settings"]["disorders"])
    damaged = np.mean([differences(kept[k].reshape(len(pairs), -1)) for k in disorders], 0)
    untrained = differences(kept["untrained"].reshape(len(pairs), -1)).reshape(-1, planted.HEADS, n)
    untrained = np.repeat(untrained.mean(1), planted.HEADS, 0)  # the mean over the heads of a layer
    mine = differences(own)
    p, adjusted = (x.reshape(3, -1) for x in gains(np.concatenate([mine, mine - untrained, mine - damaged]), group))
    got = lambda measure, control: [one(doc, measure, control, l + 1, h + 1, d) for d in ("left-to-right", "right-to-left")
                                    for l in range(planted.LAYERS) for h in range(planted.HEADS)]
    check("AUC of heads", got("auc", None), auc, 1e-12)
    for k, control in enumerate(("permuted", "untrained", "damaged")):
        check(f"p of heads, {control}", got("p", control), p[k], 1.5 / (B + 1))
        check(f"adjusted p of heads, {control}", got("p_adjusted", control), adjusted[k], 1.5 / (B + 1))


def check_planted(folder):
    (folder / "pairs.csv").write_text("left,right\n" + "".join(f"{l},{r}\n" for l, r in planted.words()))
    planted.write(folder / "planted", True)
    planted.write(folder / "twin", False)
    doc, kept = relate(folder, "planted", folder / "planted")
    held = [(h["layer"], h["head"], h["direction"]) for h in doc["heads"] if h["outcome"] == "holds"]
    print("  heads that hold:", held)
    require("the built head is found, and only it", held == [(*planted.PLANTED, "left-to-right")])
    require("the answer names it", f"Head {planted.PLANTED[0]}.{planted.PLANTED[1]} may be read" in doc["answer"])
    twin, _ = relate(folder, "twin", folder / "twin")
    require("its twin has none", all(h["outcome"] != "holds" for h in twin["heads"]))
    again, _ = relate(folder, "again", folder / "planted", "--threads", 1)
    require("threads change nothing", again == doc)
    check_numbers(folder, doc, kept)


# ---- WordNet ----

def wordnet(folder):
    above, words, senses = {}, {}, {}
    for line in (folder / "data.noun").read_text(encoding="latin-1").splitlines():
        if line.startswith("  "):
            continue
        f = line.split(" | ")[0].split()
        n = int(f[3], 16)
        words[f[0]] = f[4:4 + 2 * n:2]
        rest = f[5 + 2 * n:]
        above[f[0]] = [rest[i + 1] for i in range(0, len(rest) - 3, 4) if rest[i] in ("@", "@i")]
    for line in (folder / "index.noun").read_text(encoding="latin-1").splitlines():
        if not line.startswith("  "):
            f = line.split()
            senses[f[0]] = f[-int(f[2]):]
    return above, words, senses


def check_wordnet(folder):
    database = Path(os.environ.get("WORDNET_DB", "/usr/share/wordnet"))
    if not (database / "data.noun").exists():
        print("no WordNet database: install wordnet-base")
        return
    above, words, senses = wordnet(database)
    closure = {}

    def ancestors(s):
        if s not in closure:
            closure[s] = {s}.union(*(ancestors(a) for a in above[s]))
        return closure[s]
    depths = {}

    def depth(s):
        if s not in depths:
            depths[s] = 1 + min((depth(a) for a in above[s]), default=-1)
        return depths[s]
    noun = lambda w: senses[w.replace(" ", "_")]
    run("relate", "--model", folder / "hypernyms", "--wordnet", database, "--permutations", 99, "--refits", 0, "--most-pairs", "all", "--heads", "1.1", "--quiet",
        "--output", folder / "hypernyms.json")
    doc = json.loads((folder / "hypernyms.json").read_text())
    pairs = doc["pairs"]
    depth_wrong = related = strangers = 0
    use = collections.Counter()
    for true, abstract, similar in zip(pairs[::3], pairs[1::3], pairs[2::3]):
        all_above = set().union(*(ancestors(s) for s in noun(true["left"])))
        senses_right = [s for s in noun(true["right"]) if s in all_above] or noun(true["right"])[:1]
        depth_wrong += not {depth(s) for s in senses_right} & {depth(s) for s in noun(abstract["right"])}
        for other in (abstract["right"], similar["right"]):
            related += any(s in all_above or ancestors(s) & set(noun(true["left"])) - {s} for s in noun(other))
        strangers += not any(ancestors(s) & all_above & set().union(*(set(above[a]) | {a} for a in all_above)) for s in noun(similar["right"]))
        use[true["right"]] += 1
        use[abstract["right"]] -= 1
    print(f"  {len(pairs) // 3} pairs of hypernymy; words true more often than counterfactual, and the other way round:",
          sum(v for v in use.values() if v > 0))
    require("at least 400 pairs", len(pairs) >= 1200)
    require("counterfactuals are as abstract as what they stand for", depth_wrong == 0)
    require("no counterfactual is above or below the left word", related == 0)
    require("sisters have an ancestor in common", strangers == 0)


with tempfile.TemporaryDirectory() as scratch:
    scratch = Path(scratch)
    check_planted(scratch)
    check_wordnet_model = scratch / "hypernyms"
    letters = "abcdefghijklmnopqrstuvwxyz"
    planted.vocabulary = lambda: ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", ".", ",", "-", *letters, *("##" + c for c in letters)]
    planted.POSITIONS = 128
    planted.write(check_wordnet_model, False)
    check_wordnet(scratch)
sys.exit(failed > 0)
