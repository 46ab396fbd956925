"""tokenizer.json as the families of models have it, around the small models of tests/golden/tokenizers, and parts of such files drawn at
random."""
import base64
import json
import os

from charsmap import charsmap

root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
MODELS = {}
for name in ("byte_level", "byte_fallback", "unigram"):
    with open(os.path.join(root, "tests", "golden", "tokenizers", f"{name}.json"), encoding="utf-8") as file:
        MODELS[name] = json.load(file)

# ---- parts ----

GPT2 = r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"
LLAMA3 = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
QWEN2 = LLAMA3.replace("{1,3}", "")
GPT4O = (r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*"
         r"(?i:'s|'t|'re|'ve|'m|'ll|'d)?|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+")
DEEPSEEK = r"[!\"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+| ?[\p{P}\p{S}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
RULES = {"\u00a0": " ", "\u3000": " ", "\u2028": " ", "ﬁ": "fi", "①": "1", "Å": "Å", "é": "e\u0301", "½": "1/2", "\u200b": "", "…": "...", "Ⅷ": "VIII", "ｱ": "ア", "ｶﾞ": "ガ", "a\u0308": "ä", "ß": "ss", "\t": " ",
         "x": "y", "😀": ":)", "₂": "2", "गा": "G", "क्": "K", "\u0301": "´"}


def seq(kind, key, *parts):
    return dict(type="Sequence", **{key: list(parts)})


def normalizers(*parts):
    return seq("normalizer", "normalizers", *parts)


def pre_tokenizers(*parts):
    return seq("pre_tokenizer", "pretokenizers", *parts)


def replace(content, **pattern):
    return dict(type="Replace", pattern=pattern, content=content)


def split(behavior="Isolated", invert=False, **pattern):
    return dict(type="Split", pattern=pattern, behavior=behavior, invert=invert)


def byte_level(add_prefix_space=False, trim_offsets=True, use_regex=True):
    return dict(type="ByteLevel", add_prefix_space=add_prefix_space, trim_offsets=trim_offsets, use_regex=use_regex)


def metaspace(scheme="always", split=True):
    return dict(type="Metaspace", replacement="▁", prepend_scheme=scheme, split=split)


def precompiled(rules):
    return dict(type="Precompiled", precompiled_charsmap=base64.b64encode(charsmap(rules)).decode())


PRECOMPILED = precompiled(RULES)


def plain(kind):
    return dict(type=kind)


def token(content, **switches):
    return dict(content=content, **{**dict(single_word=False, lstrip=False, rstrip=False, normalized=False, special=True), **switches})


def template(before, after, ids):
    def special(name):
        return {"SpecialToken": {"id": name, "type_id": 0}}
    single = [*map(special, before), {"Sequence": {"id": "A", "type_id": 0}}, *map(special, after)]
    return dict(type="TemplateProcessing", single=single, pair=[*single, {"Sequence": {"id": "B", "type_id": 1}}],
                special_tokens={name: {"id": name, "ids": [ids[name]], "tokens": [name]} for name in {*before, *after}})


def known_pieces(model):
    vocab = model["vocab"]
    return {p: i for i, (p, _) in enumerate(vocab)} if isinstance(vocab, list) else dict(vocab)


def tokenizer(model, normalizer=None, pre_tokenizer=None, post_processor=None, decoder=None, added=()):
    """post_processor may be a function of the ids of all pieces and added tokens."""
    ids = known_pieces(model)
    listed = []
    for t in added:
        ids.setdefault(t["content"], len(ids))
        listed.append(dict(id=ids[t["content"]], **t))
    return dict(version="1.0", truncation=None, padding=None, added_tokens=listed, normalizer=normalizer, pre_tokenizer=pre_tokenizer,
                post_processor=post_processor(ids) if callable(post_processor) else post_processor, decoder=decoder, model=model)


# ---- families ----

LEVEL, FALLBACK, UNIGRAM = MODELS["byte_level"], MODELS["byte_fallback"], MODELS["unigram"]
END, BOTH = [token("<|endoftext|>")], [token("<s>"), token("</s>"), token("<pad>"), token("<mask>", lstrip=True)]
LLAMA_DECODER = seq("decoder", "decoders", replace(" ", String="▁"), plain("ByteFallback"), plain("Fuse"), dict(type="Strip", content=" ", start=1, stop=0))


def bert_like(ids):
    return dict(type="RobertaProcessing", sep=["</s>", ids["</s>"]], cls=["<s>", ids["<s>"]], trim_offsets=True, add_prefix_space=False)


FAMILIES = {
    "gpt2": lambda: tokenizer(LEVEL, pre_tokenizer=byte_level(), post_processor=byte_level(trim_offsets=False), decoder=byte_level(), added=END),
    "gpt2, prefix": lambda: tokenizer(LEVEL, pre_tokenizer=byte_level(True), post_processor=byte_level(True), decoder=byte_level(), added=END),
    "roberta": lambda: tokenizer(LEVEL, pre_tokenizer=byte_level(), post_processor=bert_like, decoder=byte_level(), added=BOTH),
    "llama3": lambda: tokenizer({**LEVEL, "ignore_merges": True}, pre_tokenizer=pre_tokenizers(split(Regex=LLAMA3), byte_level(use_regex=False)),
                                post_processor=lambda ids: seq("", "processors", byte_level(), template(["<|begin|>"], [], ids)), decoder=byte_level(), added=[token("<|begin|>"), token("<|end|>")]),
    "qwen2": lambda: tokenizer(LEVEL, normalizer=plain("NFC"), pre_tokenizer=pre_tokenizers(split(Regex=QWEN2), byte_level(use_regex=False)), post_processor=byte_level(trim_offsets=False),
                               decoder=byte_level(), added=[token("<|im_start|>"), token("<tool>", special=False)]),
    "gpt-4o": lambda: tokenizer(LEVEL, pre_tokenizer=pre_tokenizers(split(Regex=GPT4O), byte_level(use_regex=False)), decoder=byte_level(), added=END),
    "deepseek": lambda: tokenizer(LEVEL, pre_tokenizer=pre_tokenizers(split(Regex=r"\p{N}{1,3}"), split(Regex=r"[一-龥぀-ゟ゠-ヿ]+"), split(Regex=DEEPSEEK), byte_level(use_regex=False)), decoder=byte_level(), added=END),
    "modernbert": lambda: tokenizer(LEVEL, normalizer=plain("NFC"), pre_tokenizer=byte_level(), post_processor=lambda ids: template(["[CLS]"], ["[SEP]"], ids), decoder=byte_level(),
                                    added=[token(" " * n, special=False, normalized=True) for n in range(6, 1, -1)] + [token("[CLS]"), token("[SEP]"), token("[MASK]", lstrip=True)]),
    "smollm": lambda: tokenizer(LEVEL, pre_tokenizer=pre_tokenizers(dict(type="Digits", individual_digits=True), byte_level()), decoder=byte_level(), added=END),
    "llama": lambda: tokenizer(FALLBACK, normalizer=normalizers(dict(type="Prepend", prepend="▁"), replace("▁", String=" ")), post_processor=lambda ids: template(["<s>"], [], ids), decoder=LLAMA_DECODER,
                               added=[token("<unk>"), token("<s>"), token("</s>", normalized=True)]),
    "llama, new": lambda: tokenizer(FALLBACK, pre_tokenizer=metaspace("first", split=False), post_processor=lambda ids: template(["<s>"], [], ids), decoder=LLAMA_DECODER, added=[token("<unk>"), token("<s>"), token("</s>")]),
    "gemma": lambda: tokenizer(FALLBACK, normalizer=replace("▁", String=" "), pre_tokenizer=split("MergedWithPrevious", String=" "), post_processor=lambda ids: template(["<s>"], [], ids),
                               decoder=seq("decoder", "decoders", replace(" ", String="▁"), plain("ByteFallback"), plain("Fuse")), added=[token("<s>"), token("\n\n", special=False), token("▁▁", special=False)]),
    "xlm-roberta": lambda: tokenizer(UNIGRAM, normalizer=PRECOMPILED, pre_tokenizer=pre_tokenizers(plain("WhitespaceSplit"), metaspace()), post_processor=bert_like, decoder=metaspace(), added=BOTH),
    "xlm-roberta, new": lambda: tokenizer(UNIGRAM, normalizer=normalizers(dict(type="Strip", strip_left=False, strip_right=True), replace("▁", Regex=" {2,}"), PRECOMPILED), pre_tokenizer=metaspace(),
                                          post_processor=lambda ids: template(["<s>"], ["</s>"], ids), decoder=metaspace(), added=BOTH),
    "albert": lambda: tokenizer(UNIGRAM, normalizer=normalizers(replace('"', String="``"), replace('"', String="''"), plain("NFKD"), plain("StripAccents"), plain("Lowercase"), PRECOMPILED),
                                pre_tokenizer=pre_tokenizers(plain("WhitespaceSplit"), metaspace()), post_processor=lambda ids: template(["[CLS]"], ["[SEP]"], ids), decoder=metaspace(),
                                added=[token("[CLS]"), token("[SEP]"), token("<unk>"), token("[MASK]", lstrip=True)]),
    "deberta-v2": lambda: tokenizer(UNIGRAM, normalizer=normalizers(dict(type="Strip", strip_left=True, strip_right=True), PRECOMPILED, replace(" ", Regex=" {2,}")), pre_tokenizer=pre_tokenizers(metaspace()),
                                    post_processor=lambda ids: template(["[CLS]"], ["[SEP]"], ids), decoder=metaspace(), added=[token("[CLS]"), token("[SEP]"), token("[MASK]")]),
    "t5": lambda: tokenizer({**UNIGRAM, "byte_fallback": False}, normalizer=normalizers(plain("Nmt"), plain("NFKC"), replace(" ", Regex=" {2,}")), pre_tokenizer=metaspace("first"),
                            post_processor=lambda ids: template([], ["</s>"], ids), decoder=metaspace(), added=[token("</s>"), token("<extra>", special=False)]),
    "whitespace": lambda: tokenizer(FALLBACK, normalizer=plain("NFD"), pre_tokenizer=plain("Whitespace"), added=[token("ab", single_word=True, special=False)]),
}


# ---- at random ----

REGEXES = [GPT2, LLAMA3, QWEN2, GPT4O, DEEPSEEK, r"\s", r"\s+", r"\d", r"\w+", r"(?<=[a-z])(?=[A-Z])", "", r"[^\w\s]", r"\p{Lu}", r"(?i:the)", r"(a)(b)?", r"x*", r"\b", r".", r"(?m:^.)", r"\p{Han}+", r"[\p{L}&&[^a-e]]+", r"\n|\r", r"$"]
STRINGS = [" ", "▁", "the", "e", "-", ".", "", "ing", "中", "\n", "a.b", "  ", "é", "[a]"]
EMPTY = ["", r"x*", r"\b", r"$", r"(?<=[a-z])(?=[A-Z])"]  # found where nothing is
BEHAVIOURS = ["Removed", "Isolated", "Contiguous", "MergedWithPrevious", "MergedWithNext"]


def pattern(c):
    return dict(Regex=c.choice(REGEXES)) if c.random() < .6 else dict(String=c.choice(STRINGS))


def normalizer(c):
    kind = c.choice(["NFC", "NFD", "NFKC", "NFKD", "Lowercase", "StripAccents", "Nmt", "ByteLevel", "Strip", "Replace", "Replace", "Prepend", "Precompiled", "Bert"])
    if kind == "Strip":
        return dict(type="Strip", strip_left=c.random() < .5, strip_right=c.random() < .5)
    if kind == "Replace":
        return replace(c.choice(["▁", " ", "", "xy", "中", "e\u0301", "\u0301"]), **pattern(c))
    if kind == "Prepend":
        return dict(type="Prepend", prepend=c.choice(["▁", " ", "ab", "\u0301", ""]))
    if kind == "Precompiled":
        return precompiled({k: v for k, v in RULES.items() if c.random() < .8} or {"a": "b"})
    if kind == "Bert":
        return dict(type="BertNormalizer", clean_text=c.random() < .5, handle_chinese_chars=c.random() < .5, strip_accents=c.choice([None, True, False]), lowercase=c.random() < .5)
    return plain(kind)


def pre_tokenizer(c, level):
    kind = c.choice(["Split", "Split", "Split", "Metaspace", "Whitespace", "WhitespaceSplit", "Punctuation", "Digits", "BertPreTokenizer", "CharDelimiterSplit", "FixedLength"] + ["ByteLevel"] * (4 if level else 1))
    if kind == "Split":
        return split(c.choice(BEHAVIOURS), c.random() < .3, **pattern(c))
    if kind == "Metaspace":
        return metaspace(c.choice(["always", "first", "never"]), c.random() < .7)
    if kind == "ByteLevel":
        return byte_level(c.random() < .4, c.random() < .5, c.random() < .6)
    if kind == "Punctuation":
        return dict(type=kind, behavior=c.choice(BEHAVIOURS))
    if kind == "Digits":
        return dict(type=kind, individual_digits=c.random() < .5)
    if kind == "CharDelimiterSplit":
        return dict(type=kind, delimiter=c.choice([" ", "e", "▁"]))
    if kind == "FixedLength":
        return dict(type=kind, length=c.choice([1, 2, 7]))
    return plain(kind)


def several(c, key, draw, most):
    n = c.choice([0, 1, 1, 2, 3][:most + 1])
    return None if n == 0 else draw() if n == 1 and c.random() < .7 else seq("", key, *(draw() for _ in range(n)))


def model(c):
    name = c.choice(["byte_level", "byte_level", "byte_fallback", "unigram"])
    m = dict(MODELS[name])
    if name == "unigram":
        m["byte_fallback"] = c.random() < .3
        if c.random() < .3:  # bytes of a two-byte letter
            m["vocab"] = m["vocab"] + [[f"<0x{b:02X}>", 0.0] for b in "é☃".encode()]
        if c.random() < .1:
            m["vocab"] = m["vocab"] + [["the", -1.0], ["xyz", -3.0]]
        if c.random() < .1:
            m["unk_id"] = None
    else:
        m["fuse_unk"], m["ignore_merges"] = c.random() < .5, c.random() < .3
        m["byte_fallback"] = c.random() < .5
        m["unk_token"] = c.choice([None, "<unk>", "e"])
        if m["unk_token"] == "<unk>" and name == "byte_level":
            m["vocab"] = {**m["vocab"], "<unk>": len(m["vocab"])}
        if c.random() < .5:
            m["merges"] = [" ".join(x) for x in m["merges"]]
        if c.random() < .2:
            m["merges"] = sorted(m["merges"], key=lambda _: c.random())
        if c.random() < .15 and not m["byte_fallback"]:
            m["end_of_word_suffix" if c.random() < .5 else "continuing_subword_prefix"] = c.choice(["e", "s", "</w>"])
            if "continuing_subword_prefix" in m:
                m["merges"] = []
        if c.random() < .1:  # a character less
            m["vocab"] = {p: i for i, p in enumerate(p for p in m["vocab"] if p not in "xz")}
            m["merges"] = [x for x in m["merges"] if not {"x", "z"} & set("".join(x))]
    return name, m


ADDED = ["<s>", "</s>", "<mask>", "the", " the", "ab", "▁x", "\n\n", "  ", "Été", "中", "<0x41>", "é"]


def added(c):
    return [token(t, **{key: c.random() < .3 for key in ("single_word", "lstrip", "rstrip", "normalized", "special")}) for t in ADDED if c.random() < .25]


def post_processor(c, tokens):
    names = [t["content"] for t in tokens]

    def draw(ids):
        kind = c.choice(["none", "level", "template", "roberta", "bert", "sequence"] if names else ["none", "level"])
        if kind == "none":
            return None
        level = byte_level(c.random() < .5, c.random() < .8)
        if kind == "level":
            return level
        a, b = c.choice(names), c.choice(names)
        pair = dict(sep=[a, ids[a]], cls=[b, ids[b]])
        one = template([a], [b] if c.random() < .5 else [], ids)
        if kind == "roberta":
            one = dict(type="RobertaProcessing", **pair, trim_offsets=c.random() < .8, add_prefix_space=c.random() < .5)
        elif kind == "bert":
            one = dict(type="BertProcessing", **pair)
        elif kind == "sequence":
            return seq("", "processors", *c.sample([level, one], 2))
        return one
    return draw


def decoder(c):
    def one():
        kind = c.choice(["ByteLevel", "Metaspace", "Replace", "ByteFallback", "Fuse", "Strip", "WordPiece"])
        if kind == "ByteLevel":
            return byte_level()
        if kind == "Metaspace":
            return metaspace(c.choice(["always", "never", "first"]))
        if kind == "Replace":
            return replace(c.choice([" ", "", "zz"]), **pattern(c))
        if kind == "Strip":
            return dict(type="Strip", content=c.choice([" ", "▁", "e"]), start=c.choice([0, 1, 2]), stop=0)
        if kind == "WordPiece":
            return dict(type="WordPiece", prefix=c.choice(["##", "e", ""]), cleanup=c.random() < .5)
        return plain(kind)
    return several(c, "decoders", one, 4)


def variation(c):
    """Of a random.Random."""
    name, m = model(c)
    tokens = added(c)
    before, cuts = several(c, "normalizers", lambda: normalizer(c), 4), several(c, "pretokenizers", lambda: pre_tokenizer(c, name == "byte_level"), 4)
    for step in (before or {}).get("normalizers", [before] if before else []):  # what is put in before a text makes the oracle miscount in the next step
        if step is (before.get("normalizers") or [before])[-1] and "ByteLevel" not in json.dumps(cuts):
            continue
        if step.get("prepend") == "":
            step["prepend"] = " "
        if step["type"] == "Replace" and list(step["pattern"].values())[0] in EMPTY:
            step["pattern"] = dict(String="e")
    return tokenizer(m, before, cuts, post_processor(c, tokens), decoder(c), tokens)
