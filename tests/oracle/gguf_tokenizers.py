"""Tokenizers in the metadata of GGUF files beside Hugging Face's: byte-level BPE that is trained here, with each pre-tokenizer that has a name, and
stories260K as SentencePiece with scores, beside its tokenizer.json. With files of real models: what their metadata say, built with the library."""
import json
import pathlib
import random
import subprocess

import gguf
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

ROOT = pathlib.Path(__file__).resolve().parents[2]
GPT2 = r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"
WORD = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|%s| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
CASED = (r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+%s"
         r"|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*%s|%s| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+")
SHORT = "(?i:'s|'t|'re|'ve|'m|'ll|'d)?"
NAMED = {"gpt-2": (GPT2,), "smollm": (None, GPT2), "starcoder": (None, GPT2), "llama-bpe": (WORD % r"\p{N}{1,3}",), "qwen2": (WORD % r"\p{N}",),
         "gpt-4o": (CASED % (SHORT, SHORT, r"\p{N}{1,3}"),), "tekken": (CASED % ("", "", r"\p{N}"),)}
WHOLE, BOS = {"llama-bpe", "tekken"}, {"llama-bpe", "tekken"}


def pre_tokenizer(name):
    steps = [pre_tokenizers.Digits(individual_digits=True) if p is None else pre_tokenizers.Split(Regex(p), "isolated") for p in NAMED[name]]
    return pre_tokenizers.Sequence(steps + [pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)])


def of_metadata(path):
    """What the metadata say, with the library."""
    fields = gguf.GGUFReader(path).fields
    get = lambda key, other=None: fields[f"tokenizer.ggml.{key}"].contents() if f"tokenizer.ggml.{key}" in fields else other
    tokens, kinds, name = get("tokens"), get("token_type"), get("pre")
    gemma = fields["general.architecture"].contents().startswith("gemma")
    if gemma:
        tokens = ["\u2581" * len(t) if len(t) > 1 and not t.strip(" ") else t for t in tokens]
    vocab = {token: i for i, token in enumerate(tokens)}
    if get("model") == "gpt2":
        merges = [tuple(m.split(" ")) for m in get("merges")]
        t = Tokenizer(models.BPE(vocab, merges, ignore_merges=name in WHOLE))
        t.pre_tokenizer = pre_tokenizer(name)
        if name == "qwen2":
            t.normalizer = normalizers.NFC()
        bos = get("add_bos_token", name in BOS)
    else:
        scores = [-i for i in range(len(tokens))] if gemma else get("scores")
        ways = []
        for i, token in enumerate(tokens):
            if kinds[i] in (1, 4):
                ways += [(-scores[i], i, at, (token[:at], token[at:])) for at in range(1, len(token)) if token[:at] in vocab and token[at:] in vocab]
        t = Tokenizer(models.BPE(vocab, [w[3] for w in sorted(ways)], unk_token=tokens[get("unknown_token_id")], fuse_unk=True, byte_fallback=6 in kinds))
        prefix = [normalizers.Prepend("\u2581")] if get("add_space_prefix", True) else []
        t.normalizer = normalizers.Sequence(prefix + [normalizers.Replace(" ", "\u2581")])
        bos = get("add_bos_token", True)
    for i, (token, kind) in enumerate(zip(tokens, kinds)):
        if kind in (3, 4) and not (gemma and token.startswith("\u2581\u2581")):
            (t.add_special_tokens if kind == 3 else t.add_tokens)([AddedToken(token, normalized=False, special=kind == 3)])
    if bos:
        first = tokens[get("bos_token_id")]
        t.post_processor = processors.TemplateProcessing(single=f"{first} $A", special_tokens=[(first, vocab[first])])
    return t


def texts(r, n, special):
    """Words, numbers, white space, marks, characters of anywhere, and special tokens in between."""
    pool = ["dog", "Dogs", "don't", "I'LL", "we\u017fve", "2026", "3.14", "\u0663\u0664", " ", "  ", "   ", "\n", "\r\n", "\t", "\u00a0", "\u2581", ".", "...", "--", "/*", "(", "na\u00efve", "e\u0301",
            "\u00c5", "\u4f60\u597d", "\u0939\u093f", "\U0001f469\u200d\U0001f680", "\ud7a3", "\u1e9b\u0323", "ABCdef", "x1y22z333", "_", "once upon a time", *special]
    for _ in range(n):
        parts = [r.choice(pool) if r.random() < .9 else chr(r.choice([r.randrange(32, 0x250), r.randrange(0x250, 0xd800), r.randrange(0xe000, 0x20000)]))
                 for _ in range(r.randrange(12))]
        yield ("" if r.random() < .3 else " ").join(parts)


def compare(dump, path, reference, n, special, seed=1):
    r = random.Random(seed)
    all_texts = [""] + list(texts(r, n, special))
    data = b"".join(b"%d\n%s\n" % (len(e), e) for e in (t.encode() for t in all_texts))
    done = subprocess.run([dump, path], input=data, capture_output=True)
    lines = done.stdout.splitlines()
    assert len(lines) == len(all_texts), done.stderr.decode()
    for text, line, right in zip(all_texts, lines, reference.encode_batch(all_texts)):
        ours = json.loads(line)
        assert ours[0] == right.ids, f"{path}: {text!r}: {ours[0]}, expected {right.ids}"
    return len(all_texts)


def write(path, arch, fill):
    writer = gguf.GGUFWriter(path, arch)
    fill(writer)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def add_byte_level(writer, name, trained):
    model = json.loads(trained.to_str())["model"]
    tokens = sorted(model["vocab"], key=model["vocab"].get) + ["<|start|>", "<|end|>", "<think>"]
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre(name)
    writer.add_token_list(tokens)
    writer.add_token_types([1] * len(model["vocab"]) + [3, 3, 4])
    writer.add_token_merges([" ".join(m) for m in model["merges"]])
    writer.add_bos_token_id(len(tokens) - 3)
    writer.add_eos_token_id(len(tokens) - 2)


def add_stories(writer):
    """Each piece has the score of the first merge that makes it."""
    file = json.loads((ROOT / "tests" / "data" / "models" / "stories260K" / "tokenizer.json").read_text())
    vocab = file["model"]["vocab"]
    tokens = sorted(vocab, key=vocab.get)
    rank = {}
    for i, merge in enumerate(file["model"]["merges"]):
        rank.setdefault("".join(merge.split(" ") if isinstance(merge, str) else merge), i)
    control = {t["content"] for t in file["added_tokens"]}
    writer.add_tokenizer_model("llama")
    writer.add_token_list(tokens)
    writer.add_token_scores([-float(rank.get(t, 0)) for t in tokens])
    writer.add_token_types([2 if t == "<unk>" else 3 if t in control else 6 if t.startswith("<0x") else 1 for t in tokens])
    writer.add_bos_token_id(vocab["<s>"])
    writer.add_eos_token_id(vocab["</s>"])
    writer.add_unk_token_id(vocab["<unk>"])


def check(dump, folder, n):
    trained = Tokenizer(models.BPE())
    trained.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    trained.train([str(p) for p in sorted((ROOT / "docs").glob("*.md"))[:3]],
                  trainers.BpeTrainer(vocab_size=700, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False))
    done = 0
    for name in NAMED:
        path = str(folder / f"{name}.gguf")
        write(path, "llama", lambda writer: add_byte_level(writer, name, trained))
        done += compare(dump, path, of_metadata(path), n, ["<|start|>", "<|end|>", "<think>"])
    path = str(folder / "stories.gguf")
    write(path, "llama", add_stories)
    done += compare(dump, path, Tokenizer.from_file(str(ROOT / "tests" / "data" / "models" / "stories260K" / "tokenizer.json")), n, ["<s>", "</s>"])
    done += compare(dump, path, of_metadata(path), n, ["<s>", "</s>"], 2)
    print(f"{done} texts, the ids of Hugging Face's tokenizers")
