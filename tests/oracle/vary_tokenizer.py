#!/usr/bin/env python3
"""Folders of tokenizers, varied at random key by key, beside what transformers makes of them: equal ids, or refused by name.

vary_tokenizer.py replay DUMP             compares with tests/golden/tokenizers.jsonl; needs nothing but Python
vary_tokenizer.py make                    writes that file; needs transformers (requirements-models.txt)
vary_tokenizer.py live DUMP FIRST N       compares N folders from seed FIRST on with transformers itself
vary_tokenizer.py show SEED FOLDER        writes the folder of a seed there
    DUMP   tests/text/dump_tokenizer

A folder is a small vocabulary in tokenizer.json, vocab.txt or both; config.json; and any of tokenizer_config.json,
special_tokens_map.json and added_tokens.json, whose keys are there or not, agree or contradict each other. Everything follows
from the seed by SHA-256, so that every Python makes the same folders. In a golden a folder is its seed, the digest of its
files and texts, and the ids of its texts (null: transformers raises).
"""
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
GOLDEN = os.path.join(ROOT, "tests", "golden", "tokenizers.jsonl")
GOLDEN_SEEDS = range(1, 401)
MOST_REFUSED = .15  # of the folders that transformers reads
FILES = ("config.json", "tokenizer.json", "vocab.txt", "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json")


class Chance:
    """Random choices that do not depend on the version of Python."""

    def __init__(self, seed):
        self.seed, self.n = seed, 0

    def below(self, n):
        self.n += 1
        return int.from_bytes(hashlib.sha256(f"{self.seed} {self.n}".encode()).digest()[:8], "big") % n

    def often(self, share):
        return self.below(1000) < 1000 * share

    def of(self, *choices):
        return choices[self.below(len(choices))]

    def weighted(self, **shares):
        at = self.below(sum(shares.values()))
        for name, share in shares.items():
            at -= share
            if at < 0:
                return name

    def some(self, items, share):
        return [x for x in items if self.often(share)]

    def shuffled(self, items):
        items = list(items)
        for i in range(len(items) - 1, 0, -1):
            j = self.below(i + 1)
            items[i], items[j] = items[j], items[i]
        return items


# ---- the vocabulary ----

BERT = dict(unk_token="[UNK]", sep_token="[SEP]", pad_token="[PAD]", cls_token="[CLS]", mask_token="[MASK]")
MPNET = dict(bos_token="<s>", eos_token="</s>", unk_token="[UNK]", sep_token="</s>", pad_token="<pad>", cls_token="<s>", mask_token="<mask>")
LETTERS = "abcdefghijklmnopqrstuvwxyzABCEHTXÄÉéäöøßñ中文国日本語がカ한ıİΣσς0123"
PUNCTUATION = "!#'(),-.:<=>?[]_«“…。@$/*+"
WORDS = ["the", "The", "cat", "Cat", "chat", "un", "able", "ing", "hello", "Hello", "HELLO", "naïve", "naive", "été", "ete", "Été", "strasse", "straße", "istanbul", "i\u0307stanbul",
         "σας", "중", "中文", "e\u0301", "unk", "mask", "cls", "pad", "foo", "Foo", "ent", "e", "E1", "e1", "s", "S", "two", "words"]
OWN = ["[E1]", "[E2]", "<ent>", "[unused0]", "Foo", "été", "Été", "STRASSE", "中文", "two words", "new", "e1x", "E1x", "ß", " pad", "x-y", "_", "##ing", "@x", "hello"]


def vocabulary(c, names):
    pieces = list(dict.fromkeys(c.shuffled(names.values()) if c.often(.2) else names.values()))
    if c.often(.1):
        pieces = pieces[:2] + [p for p in pieces[2:] if c.often(.7)]
    if names["unk_token"] not in pieces and not c.often(.2):
        pieces.append(names["unk_token"])
    if c.often(.2):
        pieces += [f"[unused{i}]" for i in range(c.below(5))]
    for x in c.some(LETTERS, .85):
        pieces += [x, "##" + x]
    pieces += c.some(PUNCTUATION, .8)
    for x in c.some(WORDS, .5):
        pieces += [x, "##" + x] if c.often(.5) else [x]
    if c.often(.3):
        pieces += c.some(OWN, .2)
    return list(dict.fromkeys(pieces))


# ---- added tokens ----

def switches(c, special=None):
    plain = c.often(.5)
    return dict(single_word=not plain and c.often(.3), lstrip=not plain and c.often(.3), rstrip=not plain and c.often(.3), normalized=not plain and c.often(.4),
                special=c.often(.6) if special is None else special)


def own_tokens(c, pieces):
    """Tokens of the folder's own and their ids: those that are pieces, and new ones behind the vocabulary, in order."""
    chosen = [t for t in c.shuffled(OWN) if c.often(.15)][:4]
    ids, n = {}, len(pieces)
    for t in chosen:
        ids[t] = pieces.index(t) if t in pieces else n
        n += t not in pieces
    return ids


def listed(c, names, pieces, own, special_share):
    """(content, id, switches) of the special tokens and of the first few of the folder's own."""
    tokens = [(n, pieces.index(n), switches(c, not c.often(.05))) for n in dict.fromkeys(names.values()) if n in pieces and c.often(special_share)]
    few = c.below(len(own) + 1) if c.often(.3) else len(own)
    tokens += [(t, i, switches(c)) for t, i in list(own.items())[:few]]
    if c.often(.02) and tokens:
        t, i, s = tokens.pop()
        tokens.append((t, i + 1 + c.below(3), s))
    return tokens


def some_keys(c, d, share):
    return {k: v for k, v in d.items() if not c.often(share)}


# ---- tokenizer.json ----

def normalizer(c, lower):
    kind = c.weighted(same=70, bert=20, null=5, untyped=2, sequence=2, other=1)
    bert = dict(type="BertNormalizer", clean_text=True, handle_chinese_chars=True, strip_accents=None, lowercase=lower)
    if kind == "null":
        return None
    if kind == "other":
        return c.of(dict(type="NFC"), dict(type="Lowercase"), dict(type="NFKC"))
    if kind != "same":
        bert.update(clean_text=c.often(.9), handle_chinese_chars=c.often(.6), strip_accents=c.of(None, None, True, False), lowercase=c.often(.5))
    if kind == "untyped":
        del bert["type"]
    return dict(type="Sequence", normalizers=[bert]) if kind == "sequence" else bert


def post_processor(c, names, pieces, mpnet):
    kind = c.weighted(usual=80, template=6, roberta=4, bert=4, null=5, other=1)
    if kind == "usual":
        kind = "roberta" if mpnet else "template"
    cls, sep = ([n, pieces.index(n) if n in pieces else 0] for n in (names["cls_token"], names["sep_token"]))
    if kind == "null":
        return None
    if kind == "other":
        return dict(type="ByteLevel", add_prefix_space=True, trim_offsets=False, use_regex=True)
    if kind == "bert":
        return dict(type="BertProcessing", sep=sep, cls=cls) if c.often(.7) else dict(sep=sep, cls=cls)
    if kind == "roberta":
        return dict(type="RobertaProcessing", sep=sep, cls=cls, trim_offsets=c.often(.8), add_prefix_space=c.often(.2))
    one, text = [dict(SpecialToken=dict(id=x[0], type_id=0)) for x in (cls, sep)], dict(Sequence=dict(id="A", type_id=0))
    single = [one[0], text, one[1]] if c.often(.9) else [text, one[1]]
    return dict(type="TemplateProcessing", single=single, pair=single[:2] + [dict(Sequence=dict(id="B", type_id=1))],
                special_tokens={x[0]: dict(id=x[0], ids=[x[1]], tokens=[x[0]]) for x in (cls, sep)})


def tokenizer_json(c, names, pieces, own, mpnet, lower):
    model = dict(type="WordPiece", unk_token=names["unk_token"], continuing_subword_prefix="##", max_input_chars_per_word=100, vocab={p: i for i, p in enumerate(pieces)})
    if c.often(.2):
        del model["type"]
        if c.often(.15):
            del model[c.of("continuing_subword_prefix", "max_input_chars_per_word")]
    if c.often(.08):
        model["continuing_subword_prefix"] = c.of("@@", "", "#")
    if c.often(.08):
        model["max_input_chars_per_word"] = c.of(3, 10, 200)
    if c.often(.04):
        model["unk_token"] = c.of("unk", "the", "[PAD]")
    if c.often(.1):
        model["vocab"] = dict(c.shuffled(model["vocab"].items()))
    added = [dict(id=i, content=t, **s) for t, i, s in listed(c, names, pieces, own, .9)]
    if c.often(.2):
        added = c.shuffled(added)
    root = dict(version="1.0", truncation=None, padding=None, added_tokens=added, normalizer=normalizer(c, lower), pre_tokenizer=dict(type="BertPreTokenizer"),
                post_processor=post_processor(c, names, pieces, mpnet), decoder=dict(type="WordPiece", prefix="##", cleanup=True), model=model)
    if c.often(.06):
        root["pre_tokenizer"] = c.of(None, None, dict(type="Sequence", pretokenizers=[dict(type="BertPreTokenizer")]), dict(type="Whitespace"))
    if c.often(.2):
        root["truncation"] = dict(direction="Right", max_length=c.of(4, 128), strategy="LongestFirst", stride=0)
    if c.often(.2):
        root["padding"] = dict(strategy=c.of("BatchLongest", dict(Fixed=16)), direction="Right", pad_to_multiple_of=None, pad_id=0, pad_type_id=0, pad_token=names["pad_token"])
    for key in c.some(["version", "truncation", "padding", "decoder", "normalizer", "post_processor"], .02):
        del root[key]
    return root


# ---- the small files ----

def as_token(c, content, where):
    """A role's token: its name, or an object."""
    if not c.often(.25):
        return content
    token = dict(content=content, **switches(c))
    if c.often(.8):
        del token["special"]
    if where == "config":
        if not c.often(.1):
            token["__type"] = "AddedToken"
    return token if c.often(.8) else {k: v for k, v in token.items() if k in ("content", "__type", "lstrip")}


def roles(c, names, pieces, own, where):
    out = {}
    for key, name in names.items():
        if not c.often(.6):
            continue
        if c.often(.05):
            name = c.of(*own, "[NEW]", "<s>", "[CLS]", "the", "hello")
        out[key] = as_token(c, name, where)
        if c.often(.01):
            out[key] = None
    if c.often(.08):
        out[c.of("bos_token", "eos_token", "image_token", "boa_token")] = as_token(c, c.of("<bos>", "[CLS]", "two", *own), where)
    return out


def extra(c, own, where):
    out = {}
    for key in ("additional_special_tokens", "extra_special_tokens"):
        if not c.often(.12):
            continue
        tokens = [t if c.often(.8) else dict(content=t, **switches(c), **(dict(__type="AddedToken") if where == "config" else {})) for t in c.some([*own, "<x1>", "the"], .5)]
        out[key] = tokens
        if key == "extra_special_tokens" and c.often(.2):
            out[key] = {f"own{i}_token" if c.often(.8) else f"own{i}": t for i, t in enumerate(tokens)}
    return out


CLASSES = dict(BertTokenizer=30, BertTokenizerFast=20, MPNetTokenizer=8, MPNetTokenizerFast=4, PreTrainedTokenizerFast=14, DistilBertTokenizer=4, DistilBertTokenizerFast=2, ElectraTokenizerFast=2,
               MobileBertTokenizer=1, LayoutLMTokenizerFast=1, LxmertTokenizer=1, SqueezeBertTokenizerFast=1, PreTrainedTokenizer=2, TokenizersBackend=3, RobertaTokenizerFast=1, FooTokenizer=1)


def tokenizer_config(c, names, pieces, own, lower):
    config = {}
    if c.often(.75):
        config["tokenizer_class"] = c.weighted(**CLASSES)
    if c.often(.65):
        config["do_lower_case"] = lower if c.often(.8) else not lower
    if c.often(.5):
        config["strip_accents"] = c.of(None, None, True, False)
    if c.often(.5):
        config["tokenize_chinese_chars"] = c.often(.7)
    if c.often(.01):
        config[c.of("do_lower_case", "tokenize_chinese_chars")] = c.of(None, 1, "true")
    config.update(roles(c, names, pieces, own, "config"))
    config.update(extra(c, own, "config"))
    if c.often(.4):
        config["added_tokens_decoder"] = {str(i): dict(content=t, **some_keys(c, s, .1 if c.often(.2) else 0)) for t, i, s in listed(c, names, pieces, own, .9)}
    if c.often(.05):
        config["split_special_tokens"] = c.often(.7)
    if c.often(.05):
        config[c.of("do_basic_tokenize", "never_split")] = c.of(False, None, ["the"])
    for key, value in dict(model_max_length=c.of(8, 512, 1e30), name_or_path="a/b", clean_up_tokenization_spaces=True, padding_side="right", truncation_side="right", special_tokens_map_file=None,
                           max_length=4, stride=0, backend="tokenizers", is_local=False, use_fast=c.often(.5), do_basic_tokenize=True, add_prefix_space=False, add_bos_token=c.often(.5)).items():
        if c.often(.15):
            config.setdefault(key, value)
    return dict(c.shuffled(config.items())) if c.often(.3) else config


def special_tokens_map(c, names, pieces, own):
    out = {**roles(c, names, pieces, own, "map"), **extra(c, own, "map")}
    if c.often(.02):
        out[c.of("do_lower_case", "strip_accents")] = c.often(.5)
    return out


def added_tokens(c, names, pieces, own):
    return {t: i for t, i, _ in c.shuffled(listed(c, names, pieces, own, .2))}


# ---- folders and texts ----

def folder(c):
    """The files' bytes by name."""
    mpnet = c.often(.25)
    names = dict(MPNET if mpnet != c.often(.05) else BERT)
    if c.often(.05):
        names[c.of(*names)] = c.of("<mine>", "[X]", "the")
    lower = c.often(.6)
    pieces = vocabulary(c, names)
    own = own_tokens(c, pieces)
    config = dict(model_type="mpnet" if mpnet else "bert", vocab_size=len(pieces))
    if c.often(.06):
        config["tokenizer_class"] = c.weighted(**CLASSES)
    if c.often(.1):
        config.update(bos_token_id=0, pad_token_id=1, eos_token_id=2)
    files = {"config.json": config}
    shape = c.weighted(json=35, both=50, txt=15)
    if shape != "txt":
        files["tokenizer.json"] = tokenizer_json(c, names, pieces, own, mpnet, lower)
    if c.often(.75):
        files["tokenizer_config.json"] = tokenizer_config(c, names, pieces, own, lower)
    if c.often(.45):
        files["special_tokens_map.json"] = special_tokens_map(c, names, pieces, own)
    if c.often(.2):
        files["added_tokens.json"] = added_tokens(c, names, pieces, own)
    out = {name: json.dumps(value, ensure_ascii=c.often(.5)).encode() for name, value in files.items()}
    if c.often(.01):
        name = c.of(*out)
        out[name] = b"\xef\xbb\xbf" + out[name]
    if shape != "json":
        lines = c.shuffled(pieces) if shape == "both" and c.often(.1) else list(pieces)
        if c.often(.05):
            lines.insert(c.below(len(lines)), c.of("", "", " ", lines[-1], c.of(*lines)))
        end = c.weighted(lf=80, crlf=8, blanks=6, none=6)
        text = "".join(p + {"lf": "\n", "crlf": "\r\n", "blanks": c.of("\n", " \n", "\t\n", "\u3000\n"), "none": "\n"}[end] for p in lines)
        out["vocab.txt"] = (text.rstrip("\n") if end == "none" else text + "\n" * c.below(3) if c.often(.08) else text).encode()
        if c.often(.01):
            out["vocab.txt"] = b"\xef\xbb\xbf" + out["vocab.txt"]
    tokens = [*dict.fromkeys([*names.values(), *own, "[NEW]", "<bos>", "<x1>", "[CLS]", "<s>", "[MASK]", "<mask>"])]
    return out, tokens


SEPARATORS = ["", "", " ", " ", "  ", "\t", "\n", "\u00a0", "\u3000", "\u200b", "\u0301"]


def texts(c, tokens):
    out = ["The cat, unable été ÉTÉ naïve Straße STRASSE 中文字 Hello HELLO."]
    fragments = WORDS + list(LETTERS) + list(PUNCTUATION) + ["q", "xq", "Q", "ZZ", "\u0301", "e\u0301", "\u0323", "İ", "unableing", "catcat", "abcdefghijkl" * 10, "😀", "\x07"]
    for _ in range(9):
        text = ""
        for _ in range(1 + c.below(8)):
            piece = c.of(*tokens) if c.often(.5) else c.of(*fragments)
            text += c.of(piece, piece, piece, piece.lower(), piece.upper(), piece.capitalize()) + c.of(*SEPARATORS)
        out.append(text)
    return out


def variation(seed):
    c = Chance(seed)
    files, tokens = folder(c)
    some = texts(c, tokens)
    digest = hashlib.sha256(repr((sorted(files.items()), some)).encode()).hexdigest()[:12]
    return files, some, digest


def write(files, where):
    for name in FILES:
        path = os.path.join(where, name)
        if name in files:
            with open(path, "wb") as file:
                file.write(files[name])
        elif os.path.exists(path):
            os.remove(path)


# ---- both sides ----

def ours(dump, where, some):
    """Ids of each text, or the refusal."""
    data = b"".join(b"%d\n%s\n" % (len(b), b) for b in (t.encode() for t in some))
    done = subprocess.run([dump, where], input=data, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    if done.returncode != 0:
        return done.stderr.decode(errors="replace").strip() or f"died with {done.returncode}"
    return [json.loads(line)[0] for line in done.stdout.decode().splitlines()]


def theirs(where, some):
    """Ids of each text, or the exception. Only for `make` and `live`."""
    from transformers import AutoTokenizer
    try:
        tokenizer = AutoTokenizer.from_pretrained(where)
        return [list(ids) for ids in tokenizer(some)["input_ids"]]
    except BaseException as e:
        return f"{type(e).__name__}: {e}"


class Tally:
    def __init__(self):
        self.equal = self.refused = self.raised = self.lenient = self.wrong = 0
        self.kinds = {}

    def add(self, seed, found, expected, some, where):
        """expected: ids, or None or a sentence where transformers raises."""
        names_file = isinstance(found, list) or any(name in found for name in FILES) or found.startswith(where)
        if isinstance(found, str):
            kind = re.sub(r'"[^"]*"|\d+', "_", found.replace(where + "/", ""))[:110]
            self.kinds.setdefault((kind, isinstance(expected, list)), []).append(seed)
        if isinstance(found, str) and (not names_file or "\n" in found):
            return self.fail(seed, f"a refusal that names no file: {found}")
        if not isinstance(expected, list):
            self.raised += 1
            self.lenient += isinstance(found, list)
        elif isinstance(found, str):
            self.refused += 1
        elif found == expected:
            self.equal += 1
        else:
            i = next(i for i in range(len(expected)) if found[i:i + 1] != [expected[i]])
            self.fail(seed, f"{some[i]!r}\n  expected {expected[i]}\n  found    {found[i:i + 1]}")

    def fail(self, seed, what):
        self.wrong += 1
        if self.wrong <= 5:
            print(f"seed {seed}: {what}")

    def say(self, kinds=False):
        read = self.equal + self.refused + self.wrong
        share = self.refused / read if read else 0
        for (kind, accepted), seeds in sorted(self.kinds.items(), key=lambda x: -len(x[1])):
            if kinds:
                print(f"{len(seeds):4d} {'refused ' if accepted else 'as theirs'} {kind}  (seed {seeds[0]})")
        print(f"{read + self.raised} folders: {self.equal} equal, {self.refused} refused by name ({100 * share:.1f} %), {self.wrong} DIFFER; "
              f"transformers raises at {self.raised}, of which {self.lenient} are read")
        return self.wrong == 0 and share <= MOST_REFUSED


def live(dump, first, n):
    tally = Tally()
    with tempfile.TemporaryDirectory() as where:
        for seed in range(first, first + n):
            files, some, _ = variation(seed)
            write(files, where)
            tally.add(seed, ours(dump, where, some), theirs(where, some), some, where)
    return tally.say(kinds=True)


def replay(dump):
    tally = Tally()
    with tempfile.TemporaryDirectory() as where, open(GOLDEN) as golden:
        head = json.loads(next(golden))
        print(head)
        for line in golden:
            seed, digest, expected = json.loads(line)
            files, some, now = variation(seed)
            if now != digest:
                sys.exit(f"seed {seed}: the generator is not that of the golden; make it anew: {head['made']}")
            write(files, where)
            tally.add(seed, ours(dump, where, some), expected, some, where)
    return tally.say()


def make():
    import tokenizers
    import transformers
    head = {"made": "tests/oracle/vary_tokenizer.py make", "transformers": transformers.__version__, "tokenizers": tokenizers.__version__}
    lines = [json.dumps(head)]
    with tempfile.TemporaryDirectory() as where:
        for seed in GOLDEN_SEEDS:
            files, some, digest = variation(seed)
            write(files, where)
            expected = theirs(where, some)
            lines.append(json.dumps([seed, digest, expected if isinstance(expected, list) else None], separators=(",", ":")))
    with open(GOLDEN, "w") as file:
        file.write("\n".join(lines) + "\n")
    return True


def show(seed, where):
    files, some, _ = variation(seed)
    os.makedirs(where, exist_ok=True)
    write(files, where)
    for text in some:
        print(repr(text))
    return True


if sys.argv[1] in ("live", "make"):
    os.environ["HF_HUB_OFFLINE"] = "1"
    try:
        import transformers
    except ImportError:
        print("skipped: this Python has no transformers (tests/oracle/requirements-models.txt)")
        sys.exit(77)
    transformers.logging.set_verbosity_error()
good = {"live": lambda: live(sys.argv[2], int(sys.argv[3]), int(sys.argv[4])), "replay": lambda: replay(sys.argv[2]), "make": make,
        "show": lambda: show(int(sys.argv[2]), sys.argv[3])}[sys.argv[1]]()
sys.exit(0 if good else 1)
