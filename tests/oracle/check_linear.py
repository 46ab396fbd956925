"""check_linear.py PROGRAM: the linear g of `explaint attend` beside a ridge regression in NumPy, on the states that `model dump` gives of the
small model of check_embed.py: penalty of each layer, recovered rows and mean ranks, true and shuffled pairs. Exits with 1 at the first difference."""
import json
import random
import shutil
import tempfile
from pathlib import Path

import numpy as np

import attention_reference as reference
from check_embed import GOLDEN, PIECES, explaint, safetensors
from philox import Stream

FIT_SPLIT, FIT_PAIRS = 61, 62  # purposes
PENALTIES = [1e-5, 1e-4, 1e-3, 1e-2, 1e-1]
WORDS = ["the", "dog", "cat", "ice", "cream", "this", "is", "see", "running", "bigger", "red", "acted", "dogs", "fat", ".", ",", "zzz", "bed"]


def dumped(folder, texts):
    """ids and states (layers, n, d) of each text."""
    (folder / "dumped.txt").write_text("".join(t + "\n" for t in texts))
    explaint("model", "dump", "--model", folder, "--texts", folder / "dumped.txt", "--output", folder / "dumped.safetensors")
    got, _ = safetensors(folder / "dumped.safetensors")
    return [(got[f"{i}.ids"], got[f"{i}.hidden_states"].astype(np.float64)) for i in range(len(texts))]


def ridge(x, y, penalty):
    """Both centred; the penalty is a share of the mean diagonal of x'x."""
    gram = x.T @ x
    return np.linalg.solve(gram + penalty * np.trace(gram) / len(gram) * np.eye(len(gram)), x.T @ y)


def fit(seen, words, seed):
    """Of each layer the penalty, and maps (of states to words) of true and of shuffled pairs."""
    split, pairs = Stream(seed, FIT_SPLIT, 0), Stream(seed, FIT_PAIRS, 0)
    chooses = [split.below(10) == 0 for _ in seen]
    chooses[0] = False
    inner = np.concatenate([np.full(len(ids), c) for (ids, _), c in zip(seen, chooses)])
    ids = np.concatenate([ids for ids, _ in seen])
    true, shuffled = words[ids], words[pairs.permutation(ids)]
    maps = []
    for layer in range(seen[0][1].shape[0]):
        x = np.concatenate([states[layer] for _, states in seen])
        mean, word = x[~inner].mean(0), true[~inner].mean(0)
        errors = [np.sum((true[inner] - word - (x[inner] - mean) @ ridge(x[~inner] - mean, true[~inner] - word, p)) ** 2) for p in PENALTIES]
        best = PENALTIES[int(np.argmin(errors))]
        maps.append([lambda h, y=y, m=x.mean(0), w=ridge(x - x.mean(0), y - y.mean(0), best): (h - m) @ w + y.mean(0) for y in (true, shuffled)])
    return maps


def check(folder, seed):
    words = safetensors(folder / "model.safetensors")[0]["embeddings.word_embeddings.weight"].astype(np.float64)
    rng = random.Random(seed)
    sentence = lambda: " ".join(rng.choices(WORDS, k=rng.randint(2, 7)))
    texts = list(dict.fromkeys(sentence() for _ in range(6)))
    # one text that is judged is among those to fit on, and has to be left out
    others = [t for t in dict.fromkeys(sentence() for _ in range(80)) if t not in texts]
    (folder / "texts.txt").write_text("".join(t + "\n" for t in texts))
    (folder / "fit.txt").write_text("".join(t + "\n" for t in [*others, texts[0]]))
    document = json.loads(explaint("attend", "--model", folder, "--texts", folder / "texts.txt", "--fit-texts", folder / "fit.txt",
                                   "--measures", "continuity", "--g", "linear", "--seed", seed, "--json"))
    rows = [r for r in document["rows"] if r.get("g") == "linear" and r.get("text") is None and r["rows"] == "all" and r.get("hit", "id") == "id"]
    seen, compared = dumped(folder, texts), 0
    for layer, maps in enumerate(fit(dumped(folder, others), words, seed)):
        for pairs, g in zip(("true", "shuffled"), maps):
            for distance in ("cosine", "l2"):
                ranks = []
                for ids, states in seen:
                    first, own = reference.first_occurrences(ids)
                    ranks += list(reference.ranks(reference.similarities(g(states[layer]), words[ids[first]], distance), own))
                for measure, want in (("identity_recovered", np.mean(np.array(ranks) == 1)), ("own_rank_mean", np.mean(ranks))):
                    [value] = [r["value"] for r in rows if r["layer"] == layer and r["measure"] == measure and r["distance"] == distance and
                               r["candidates"] == "sentence" and r["pairs"] == pairs]
                    assert abs(value - want) < 1e-12, (seed, layer, pairs, distance, measure, value, want)
                    compared += 1
    return compared


def main():
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for file in ("config.json", "model.safetensors"):
            shutil.copyfile(GOLDEN / "bert-gelu" / file, folder / file)
        (folder / "vocab.txt").write_text("".join(p + "\n" for p in PIECES))
        print(sum(check(folder, seed) for seed in range(1, 9)), "numbers of the linear g are NumPy's")


if __name__ == "__main__":
    main()
