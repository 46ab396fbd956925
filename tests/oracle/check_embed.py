"""check_embed.py PROGRAM: `explaint embed` and `explaint model` beside a BERT, a WordPiece and poolings written here in NumPy, on the small
model tests/golden/models/bert-gelu with a vocabulary of its own. Exits with 1 at the first difference."""
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from scipy.special import erf

PROGRAM = str(Path(sys.argv[1]).resolve())
GOLDEN = Path(__file__).resolve().parent.parent / "golden" / "models"
BOUND = 1e-5
SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
PIECES = SPECIAL + list("abcdefgst.,!") + ["the", "dog", "cat", "ice", "cream", "this", "is", "a b", "see", "run", "big", "red"] + \
    ["##" + c for c in "abcdefghmnorst"] + ["##ing", "##ed", "##og", "##at"]
PIECES += [f"[unused{i}]" for i in range(50 - len(PIECES))]


def safetensors(path):
    data = Path(path).read_bytes()
    length = int.from_bytes(data[:8], "little")
    head = json.loads(data[8:8 + length])
    notes = head.pop("__metadata__", {})
    kinds = {"F32": np.float32, "I64": np.int64}
    return {k: np.frombuffer(data[8 + length:][v["data_offsets"][0]:v["data_offsets"][1]], kinds[v["dtype"]]).reshape(v["shape"])
            for k, v in head.items()}, notes


def lines(path):
    return Path(path).read_text().split("\n")[:-1]


class Model:
    """BERT after Devlin et al. 2019, in fp64."""

    def __init__(self, folder):
        self.config = json.loads((folder / "config.json").read_text())
        self.w = {k: v.astype(np.float64) for k, v in safetensors(folder / "model.safetensors")[0].items() if v.dtype == np.float32}

    def norm(self, x, name):
        x = x - x.mean(-1, keepdims=True)
        return x / np.sqrt((x * x).mean(-1, keepdims=True) + self.config["layer_norm_eps"]) * self.w[name + ".weight"] + self.w[name + ".bias"]

    def linear(self, x, name):
        return x @ self.w[name + ".weight"].T + self.w[name + ".bias"]

    def run(self, ids):
        n, heads = len(ids), self.config["num_attention_heads"]
        e = "embeddings."
        x = self.w[e + "word_embeddings.weight"][ids] + self.w[e + "position_embeddings.weight"][:n] + self.w[e + "token_type_embeddings.weight"][0]
        x = self.norm(x, e + "LayerNorm")
        states, maps = [x], []
        for l in range(self.config["num_hidden_layers"]):
            p = f"encoder.layer.{l}."
            q, k, v = (self.linear(x, p + f"attention.self.{m}").reshape(n, heads, -1).transpose(1, 0, 2) for m in ("query", "key", "value"))
            s = q @ k.transpose(0, 2, 1) / np.sqrt(q.shape[-1])
            a = np.exp(s - s.max(-1, keepdims=True))
            a /= a.sum(-1, keepdims=True)
            context = (a @ v).transpose(1, 0, 2).reshape(n, -1)
            x = self.norm(x + self.linear(context, p + "attention.output.dense"), p + "attention.output.LayerNorm")
            y = self.linear(x, p + "intermediate.dense")
            y = y * (1 + erf(y / np.sqrt(2))) / 2
            x = self.norm(x + self.linear(y, p + "output.dense"), p + "output.LayerNorm")
            states.append(x)
            maps.append(a)
        return np.array(states), np.array(maps)


def encode(text, special=True):
    """Ids and places (characters; ASCII only) of WordPiece with lower case."""
    ids, places = [], []
    for m in re.finditer(r"[a-z0-9]+|[^a-z0-9\s]", text.lower()):
        word, at, pieces = m.group(), 0, []
        while at < len(word):
            end = len(word)
            while end > at and (word[at:end] if at == 0 else "##" + word[at:end]) not in PIECES:
                end -= 1
            if end == at:
                pieces = [(PIECES.index("[UNK]"), 0, len(word))]
                break
            pieces.append((PIECES.index(word[at:end] if at == 0 else "##" + word[at:end]), at, end))
            at = end
        ids += [p[0] for p in pieces]
        places += [(m.start() + p[1], m.start() + p[2]) for p in pieces]
    if special:
        ids, places = [PIECES.index("[CLS]"), *ids, PIECES.index("[SEP]")], [None, *places, None]
    return ids, places


def own(places, begin, end):
    return [i for i, p in enumerate(places) if p and p[0] < end and p[1] > begin]


def explaint(*arguments, code=0, of="stdout"):
    done = subprocess.run([PROGRAM, *map(str, arguments)], capture_output=True, text=True)
    assert done.returncode == code, (arguments, done.returncode, done.stderr)
    return getattr(done, of)


def close(name, got, want, bound=BOUND):
    off = np.abs(np.asarray(got, np.float64) - want).max()
    assert got.shape == want.shape and off <= bound, (name, got.shape, want.shape, off)
    return off


def word_vectors(model, words, texts_of, how="mean", special="seen"):
    """texts_of(word): texts and where the word stands. [layers, words, width]; words without a place are left out."""
    out, kept = [], []
    for word in words:
        rows = []
        for text, begin, end in texts_of(word):
            ids, places = encode(text, special != "none")
            mine = own(places, begin, end)
            mine = {"mean": mine, "first": mine[:1], "last": mine[-1:], "next": [i + 1 for i in mine[-1:]]}[how]
            if special == "pooled":
                mine = [0, *mine, len(ids) - 1]
            rows.append(model.run(ids)[0][:, mine].mean(1))
        if rows:
            out.append(np.mean(rows, 0))
            kept.append(word)
    return np.array(out).transpose(1, 0, 2), kept


def in_contexts(contexts):
    return lambda word: [(t, m.start(), m.end()) for t in contexts
                         for m in re.finditer(r"(?<!\w)" + re.escape(word.lower()) + r"(?!\w)", t.lower())]


def in_template(template):
    begin = template.index("{}")
    return lambda word: [(template.replace("{}", word), begin, begin + len(word))]


def check_words(folder, model, words):
    (folder / "words.txt").write_text("".join(w + "\n" for w in words))
    common = ["embed", "--model", folder, "--words", folder / "words.txt", "--output"]
    worst = 0
    for template in (None, "This is a {}.", "{}, the dog {{}}!".replace("{{}}", "{ }"), "the red{}ed dog"):
        for how in ("mean", "first", "last", "next"):
            for special in ("seen", "none", "pooled"):
                if special == "pooled" and how != "mean" or (how, special, template) == ("next", "none", None):
                    continue
                out = folder / "out.safetensors"
                explaint(*common, out, "--pieces", how, "--special-tokens", special, *(["--template", template] if template else []))
                want, kept = word_vectors(model, words, in_template(template or "{}"), how, special)
                got, notes = safetensors(out)
                assert list(got) == ["layer.0", "layer.1", "layer.2"] and lines(folder / "out.words") == kept, list(got)
                assert notes.get("template") == template and notes["pieces"] == how, notes
                worst = max([worst] + [close((template, how, special, l), got[f"layer.{l}"], want[l]) for l in range(3)])
    one = explaint(*common, folder / "a.npy", "--layers", "1", "--template", "a {}", "--json", "--threads", "1")
    assert explaint(*common, folder / "b.npy", "--layers", "1", "--template", "a {}", "--json", "--threads", "3") == one
    assert (folder / "a.npy").read_bytes() == (folder / "b.npy").read_bytes()
    got, want = np.load(folder / "a.npy"), word_vectors(model, words, in_template("a {}"))[0][1]
    assert got.dtype == np.float32
    close("npy", got, want)
    document = json.loads(one)
    assert document["words"] == document["rows"] == len(words) and document["layers"] == [1] and document["dropped"] == [], document
    several = sum(len(encode(w, False)[0]) > 1 for w in words)
    assert document["several_pieces"] == several and any(n.startswith(f"{several} of {len(words)} words") for n in document["notes"]), document
    assert any("unknown piece: zzz" in n for n in document["notes"]), document
    assert document["settings"]["checked"] == "no" and any(n.startswith("model check: there are no stored values") for n in document["notes"]), document
    trained = Path(os.environ.get("EXPLAINT_MODELS", GOLDEN.parents[2] / "build" / "models")) / "all-MiniLM-L6-v2"
    if trained.exists():
        document = json.loads(explaint("embed", "--model", trained, "--words", folder / "words.txt", "--output", folder / "c.csv", "--json"))
        assert document["settings"]["checked"] == "yes" and any("states within" in n for n in document["notes"]), document
    explaint(*common, folder / "c.csv", "--layers", "0,2", "--template", "a {}")
    rows = [line.rsplit(",", model.config["hidden_size"] + 1) for line in (folder / "c.csv").read_bytes().decode().split("\r\n")[1:-1]]
    table = np.array([[float(x) for x in r[2:]] for r in rows])
    both = word_vectors(model, words, in_template("a {}"))[0]
    close("csv", table, np.concatenate([both[0], both[2]]))
    assert [r[1] for r in rows] == ["0"] * len(words) + ["2"] * len(words)
    return worst


def check_contexts(folder, model, words):
    contexts = ["The DOG see a cat.", "ice cream, ice-cream icecream", "the dogs, the big dog!", "", "red big cat. Cat", "a.b a b", "dog's dog_s dog"]
    (folder / "contexts.txt").write_text("\r\n".join(contexts))
    words = words + ["ice cream", "a.b", "nowhere"]
    (folder / "words.txt").write_text("".join(w + "\n" for w in words))
    common = ["embed", "--model", folder, "--words", folder / "words.txt", "--contexts", folder / "contexts.txt"]
    out = folder / "out.safetensors"
    document = json.loads(explaint(*common, "--output", out, "--json"))
    want, kept = word_vectors(model, words, in_contexts(contexts))
    got, _ = safetensors(out)
    assert lines(folder / "out.words") == kept and "nowhere" not in kept and len(kept) > 5, kept
    assert [d["word"] for d in document["dropped"]] == [w for w in words if w not in kept], document["dropped"]
    worst = max(close(("contexts", l), got[f"layer.{l}"], want[l]) for l in range(3))
    # a sample: one context of each, drawn by the seed; some seed draws another, and the rest of the list changes nothing
    single = {w: [model.run(encode(t)[0])[0][:, own(encode(t)[1], b, e)].mean(1) for t, b, e in in_contexts(contexts)(w)] for w in kept}
    seen = set()
    for seed in range(8):
        explaint(*common, "--output", out, "--max-contexts", 1, "--seed", seed)
        got, _ = safetensors(out)
        for i, w in enumerate(kept):
            off = [max(np.abs(v[l] - got[f"layer.{l}"][i]).max() for l in range(3)) for v in single[w]]
            assert min(off) <= BOUND, (w, off)
            if w == "dog":
                seen.add(int(np.argmin(off)))
                dog = got["layer.2"][i]
        (folder / "one.txt").write_text("dog\n")
        explaint("embed", "--model", folder, "--words", folder / "one.txt", *common[5:], "--contexts", folder / "contexts.txt", "--output",
                 folder / "one.npy", "--layers", "last", "--max-contexts", 1, "--seed", seed)
        assert (np.load(folder / "one.npy")[0] == dog).all()
    assert len(seen) > 1, seen
    return worst


def check_prototypes(folder, model):
    """Every centre is the mean of the contexts next to it, and no split of few contexts in two is better."""
    contexts = ["the dog", "the dog.", "dog", "dog!", "red dog dog cat", "see the big red dog", "a dog, a cat", "dog, a cat"]
    (folder / "contexts.txt").write_text("".join(c + "\n" for c in contexts))
    (folder / "one.txt").write_text("dog\ncat\n")
    explaint("embed", "--model", folder, "--words", folder / "one.txt", "--contexts", folder / "contexts.txt", "--prototypes", 2, "--output",
             folder / "p.safetensors")
    got, _ = safetensors(folder / "p.safetensors")
    assert lines(folder / "p.words") == ["dog", "dog", "cat", "cat"]
    for word, first in (("dog", 0), ("cat", 2)):
        points = np.array([model.run(encode(t)[0])[0][:, own(encode(t)[1], b, e)].mean(1) for t, b, e in in_contexts(contexts)(word)])
        n = len(points)
        for l in range(3):
            x = points[:, l]
            cost = lambda mask: sum(((x[m] - x[m].mean(0)) ** 2).sum() for m in (mask, ~mask))
            splits = [np.array([k >> i & 1 for i in range(n)], bool) for k in range(1, 2 ** (n - 1))]
            best = min(splits, key=cost)
            large = best if best.sum() * 2 >= n else ~best
            want = np.array([x[large].mean(0), x[~large].mean(0)])
            mine = got[f"layer.{l}"][first:first + 2]
            if large.sum() * 2 == n and np.abs(mine - want).max() > np.abs(mine - want[::-1]).max():
                want = want[::-1]
            close(("prototypes", word, l), mine, want)


def check_transform(folder, model, words):
    (folder / "words.txt").write_text("".join(w + "\n" for w in words))
    (folder / "fit.txt").write_text("".join(w + "\n" for w in words[:7]))
    plain = word_vectors(model, words, in_template("{}"))[0]
    for fit, rows in ((["--fit-words", folder / "fit.txt"], 7), ([], len(words))):
        for standardise in (False, True):
            for top in (0, 2):
                if not standardise and top == 0:
                    continue
                out = folder / "t.safetensors"
                explaint("embed", "--model", folder, "--words", folder / "words.txt", "--output", out, "--remove-top", top, *fit,
                         *(["--standardise"] if standardise else []))
                got, _ = safetensors(out)
                for l in range(3):
                    x = plain[l] - plain[l][:rows].mean(0)
                    if standardise:
                        x = x / plain[l][:rows].std(0)
                    v = np.linalg.svd(x[:rows])[2][:top]
                    close(("transform", rows, standardise, top, l), got[f"layer.{l}"], x - x @ v.T @ v, 1e-4)


def check_texts(folder, model):
    texts = ["the dog is big", "", " cat ,  dog", "zzz!", "ice cream " * 8]
    (folder / "texts.json").write_text(json.dumps(texts))
    (folder / "modules.json").write_text(json.dumps([{"idx": 0, "path": "", "type": "sentence_transformers.models.Transformer"},
                                                     {"idx": 1, "path": "1_Pooling", "type": "sentence_transformers.models.Pooling"},
                                                     {"idx": 2, "path": "2_Normalize", "type": "sentence_transformers.models.Normalize"}]))
    (folder / "1_Pooling").mkdir()
    states = [model.run(encode(t)[0])[0] for t in texts]
    pools = {"mean": lambda h: h.mean(1), "cls": lambda h: h[:, 0], "max": lambda h: h.max(1)}
    for key, pool in (("mean_tokens", "mean"), ("cls_token", "cls"), ("max_tokens", "max")):
        (folder / "1_Pooling" / "config.json").write_text(json.dumps({"word_embedding_dimension": 20, "pooling_mode_" + key: True,
                                                                      "pooling_mode_mean_sqrt_len_tokens": False}))
        common = ["embed", "--model", folder, "--texts", folder / "texts.json", "--output"]
        want = np.array([pools[pool](h) for h in states]).transpose(1, 0, 2)
        explaint(*common, folder / "s.npy")
        close(("texts", pool), np.load(folder / "s.npy"), want[2] / np.linalg.norm(want[2], axis=1, keepdims=True))
        explaint(*common, folder / "s.safetensors", "--layers", "all", "--pooling", pool)
        got, _ = safetensors(folder / "s.safetensors")
        for l in range(3):
            close(("texts", pool, l), got[f"layer.{l}"], want[l])
    assert not (folder / "s.words").exists()


def check_dump(folder, model):
    texts = ["the dog, a cat!", "", "zzz", "ice cream " * 7]
    (folder / "texts.txt").write_text("\n".join(texts) + "\n")
    explaint("model", "dump", "--model", folder, "--texts", folder / "texts.txt", "--output", folder / "d.safetensors")
    got, notes = safetensors(folder / "d.safetensors")
    assert len(got) == 3 * len(texts) and json.loads(notes["pieces"]) == [[PIECES[i] for i in encode(t)[0]] for t in texts]
    worst = 0
    for i, t in enumerate(texts):
        ids = encode(t)[0]
        assert got[f"{i}.ids"].tolist() == ids and got[f"{i}.ids"].dtype == np.int64
        states, maps = model.run(ids)
        worst = max(worst, close(("states", i), got[f"{i}.hidden_states"], states), close(("maps", i), got[f"{i}.attentions"], maps))
    # what was dumped is a reference for the same weights, and no longer when a value in it is changed
    check = json.loads(explaint("model", "check", "--model", folder, "--reference", folder / "d.safetensors", "--json"))
    assert check["checked"] == "yes" and max(l["hidden"] for l in check["layers"]) == 0, check
    data = bytearray((folder / "d.safetensors").read_bytes())
    data[-2] ^= 0x40  # in the exponent of the last number, a map of layer 2
    (folder / "e.safetensors").write_bytes(data)
    check = json.loads(explaint("model", "check", "--model", folder, "--reference", folder / "e.safetensors", "--json", code=4))
    assert check["checked"] == "differs" and check["layers"][1]["attention"] == 0 and not check["layers"][2].get("attention", 1) < 1e-4, check
    # values that transformers made
    check = json.loads(explaint("model", "check", "--model", folder, "--reference", GOLDEN / "bert-gelu" / "expected.safetensors", "--json"))
    assert check["checked"] == "yes" and check["texts"] == 3, check
    assert "no stored values for these weights" in explaint("model", "check", "--model", folder, code=4)
    assert json.loads(explaint("model", "check", "--model", folder, "--json", "--allow-unchecked"))["checked"] == "no"
    lines = [line for line in (folder / "texts.txt").read_text().splitlines() if line]
    (folder / "lines.txt").write_text("\n".join(lines) + "\n")
    typed, filed = [word for line in lines for word in ("--text", line)], ["--texts", folder / "lines.txt"]
    for command, name in ((["model", "dump"], "typed.safetensors"), (["embed"], "typed.npy")):
        made = [explaint(*command, "--model", folder, *source, "--output", folder / name) and (folder / name).read_bytes() for source in (typed, filed)]
        assert made[0] and made[0] == made[1], command
    attended = [json.loads(explaint("attend", "--model", folder, *source, "--json")) for source in (typed, filed)]
    assert attended[0]["rows"] == attended[1]["rows"] and attended[0]["command"][4::2] == typed[1::2]
    assert [i["sha256"] for i in attended[0]["inputs"]] == [i["sha256"] for i in attended[1]["inputs"]]
    return worst


def check_decoder(folder):
    """Which row of a decoder stands for a word, beside the states of `model dump`; where the word stands, by the letters of the pieces."""
    small = Path(__file__).parents[1] / "data" / "models" / "stories260K"
    words = ["dog", "big", "accordion", "ice cream", "cat"]
    (folder / "words.txt").write_text("".join(w + "\n" for w in words))
    worst = 0
    for template, special in (("This is a {}.", "seen"), ("They saw a {}", "seen"), ("{} is a thing", "seen"), ("This is a {}.", "none")):
        (folder / "filled.json").write_text(json.dumps([template.replace("{}", w) for w in words]))
        explaint("model", "dump", "--model", small, "--texts", folder / "filled.json", "--output", folder / "d.safetensors")
        states, notes = safetensors(folder / "d.safetensors")
        for how in ("mean", "first", "last", "next"):
            if special == "none" and how != "last":
                continue
            common = ["embed", "--model", small, "--words", folder / "words.txt", "--template", template, "--pieces", how, "--special-tokens", special,
                      "--output", folder / "out.safetensors"]
            if how == "next" and template.endswith("{}"):
                failed = subprocess.run([PROGRAM, *map(str, common)], capture_output=True, text=True)
                assert failed.returncode == 3 and "put something after {} in the template" in failed.stderr, failed
                continue
            document = json.loads(explaint(*common, "--layers", "1,4,5", "--json"))
            got, made = safetensors(folder / "out.safetensors")
            assert made["pieces"] == how and made["bos"] == ("<s>" if special == "seen" else ""), made
            said = " / ".join(document["notes"])
            assert ("<s> is put before each text" if special == "seen" else "no piece is put before a text") in said and "a word is the " in said, said
            assert ("let the word come last" in said) == (template.startswith("{}") and how != "next"), said
            if special == "none":
                continue  # without <s> the states are others
            for i, (w, pieces) in enumerate(zip(words, json.loads(notes["pieces"]))):
                ends = np.cumsum([len(p) for p in pieces[1:]]) - 1  # a blank was put before the text
                begin = template.index("{}")
                ends[0] = max(ends[0], 1)  # of that blank the place is the first letter's
                mine = [k + 1 for k, end in enumerate(ends) if end > begin and end - len(pieces[k + 1]) < begin + len(w)]
                mine = {"mean": mine, "first": mine[:1], "last": mine[-1:], "next": [mine[-1] + 1]}[how]
                for layer in (1, 4):  # the last entry of a dump is behind the final norm
                    worst = max(worst, close((template, how, w, layer), got[f"layer.{layer}"][i], states[f"{i}.hidden_states"][layer][mine].mean(0)))
                worst = max(worst, close((template, how, w), got["layer.5"][i], states[f"{i}.hidden_last_raw"][mine].mean(0)))
    return worst


def check_inspect(folder):
    document = json.loads(explaint("model", "inspect", "--model", folder, "--json"))
    stored = safetensors(folder / "model.safetensors")[0]
    assert {t["name"]: t["shape"] for t in document["tensors"]} == {k: list(v.shape) for k, v in stored.items()}
    assert document["memory"]["stored"] == sum(v.nbytes for v in stored.values())
    assert document["model"]["width"] == 20 and document["tokenizer_pieces"] == 50, document["model"]
    text = explaint("model", "inspect", "--model", folder)
    assert all(k in text for k in stored) and "bert, 2 layers, 5 heads, width 20" in text, text


def check_infer(folder):
    """What embed writes, infer reads: the same scores as from a text file of the same numbers."""
    words = ["dog", "cat", "ice cream", "big", "red", "see", "run", "the", "cat dog", "is"]
    rows = [f"{w.replace(' ', '_')},f{j},{(3 * i + j) % 5 + 1}" for i, w in enumerate(words) for j in range(12) if (i * j + i) % 3 > 0 or j == i % 12]
    (folder / "norms.csv").write_text("concept,feature,value\n" + "\n".join(rows) + "\n")
    out = folder / "v.safetensors"
    explaint("embed", "--model", folder, "--norms", folder / "norms.csv", "--template", "This is a {}.", "--output", out)
    got, kept = safetensors(out)[0]["layer.1"], lines(folder / "v.words")
    assert kept == words, kept
    (folder / "v.txt").write_text("".join(" ".join([w.replace(" ", "_"), *(repr(float(x)) for x in row)]) + "\n" for w, row in zip(kept, got)))
    more = ["--norms", folder / "norms.csv", "--permutations", 0, "--folds", 5, "--components", 2, "--conditions", "system", "--csv"]
    score = lambda *source: explaint("infer", *source, *more).split("\n")[1].split(",")[9]
    assert score("--embeddings", out, "--tensor", "layer.1", "--words", folder / "v.words") == score("--embeddings", folder / "v.txt")


def check_layers(folder):
    """The layers of a file that embed wrote, and the same in an .npz with its words, are the model's: every row of the table."""
    out, norms = folder / "v.safetensors", folder / "norms.csv"
    tensors, words = safetensors(out)[0], lines(folder / "v.words")
    np.savez(folder / "v.npz", words=np.array(words), **{k.replace("layer.", "h_"): v for k, v in tensors.items()})
    more = ["--norms", norms, "--permutations", 39, "--folds", 5, "--components", 2, "--conditions", "all", "--json", "--quiet"]
    document = lambda *source: json.loads(explaint("infer", *source, *more))
    expected = document("--model", folder)
    assert {r["layer"] for r in expected["rows"]} == {None, 0, 1, 2}
    bare = lambda rows: [{k: v for k, v in row.items() if k not in ("source",)} for row in rows]
    for source, names in ((("--embeddings", out, "--words", folder / "v.words"), "layer."), (("--embeddings", folder / "v.npz"), "h_")):
        got = document(*source, "--tensor", "all")
        assert bare(got["rows"]) == bare(expected["rows"])
        assert got["verdicts"] == expected["verdicts"]
        assert got["settings"]["layers"] == [0, 1, 2] and got["settings"]["tensors"] == [f"{names}{l}" for l in range(3)], got["settings"]
        assert "tensor" not in got["settings"] and got["settings"]["adjust"] == expected["settings"]["adjust"]
        two = document(*source, "--tensor", f"{names}2,{names}0")
        assert two["settings"]["layers"] == [0, 2] and two["settings"]["tensors"] == [f"{names}0", f"{names}2"]
        key = lambda r: (r["layer"], r["condition"], r["target"], r["metric"])
        of = {key(r): r["value"] for r in expected["rows"]}
        assert all(r["value"] == of[key(r)] for r in two["rows"]) and {r["layer"] for r in two["rows"]} == {None, 0, 2}
    np.savez(folder / "w.npz", words=np.array(words), first=tensors["layer.1"], second=tensors["layer.0"])
    named = document("--embeddings", folder / "w.npz", "--tensor", "all")
    assert any("0 first, 1 second" in l["text"] for l in named["lints"]) and named["settings"]["tensors"] == ["first", "second"]
    swapped = {key(r): r["value"] for r in named["rows"]}
    assert all(swapped[(1 - r["layer"],) + key(r)[1:]] == r["value"] for r in expected["rows"] if r["layer"] in (0, 1))


def main():
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for file in ("config.json", "model.safetensors"):
            shutil.copyfile(GOLDEN / "bert-gelu" / file, folder / file)
        (folder / "vocab.txt").write_text("".join(p + "\n" for p in PIECES))
        model = Model(folder)
        words = ["dog", "cat", "DOG", "dogs", "seeing", "ice cream", "redder", "zzz", "a", "bigmost", "s,t", "cat dog"]
        print(f"words {check_words(folder, model, words):.1e}")
        print(f"contexts {check_contexts(folder, model, words):.1e}")
        check_prototypes(folder, model)
        check_transform(folder, model, words)
        check_texts(folder, model)
        print(f"dump {check_dump(folder, model):.1e}")
        print(f"rows of a decoder {check_decoder(folder):.1e}")
        check_inspect(folder)
        check_infer(folder)
        check_layers(folder)


if __name__ == "__main__":
    main()
