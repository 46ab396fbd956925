"""BPE and Unigram beside Hugging Face's tokenizers, live: ids, places, words and special tokens, and text from ids; equal, or this fails.

check_tokenizer_kinds.py DUMP [--quick | --files FILE...] [--seed N] [--n N]
    DUMP      tests/text/dump_tokenizer
    --quick   less of everything (for sanitizers)
    --files   tokenizer.json files of one's own, in place of what follows
    --seed    the first of --n random files (default 1, 300)

The layouts of the families of models around small trained models (tokenizer_layouts.py) with glosses of WordNet, hostile and random
texts; three of them, and normalizers and expressions alone, with every code point but the surrogates; files drawn at random.
"""
import json
import os
import random
import subprocess
import sys
import tempfile

try:
    import tokenizers
except ImportError:
    print("skipped: this Python has no tokenizers (tests/oracle/requirements.txt)")
    sys.exit(1 if os.environ.get("EXPLAINT_NO_SKIP") else 77)
import tokenizer_layouts as layouts
from tokenizer_compare import Comparison, glosses, points, refusal

dump, quick = sys.argv[1], "--quick" in sys.argv
comparison = Comparison(dump)
LONG = ["the little girl was happy and naïve ", "x" * 700, "été" * 300, " " * 500, "▁" * 200, "1234567890" * 60, "中文字符" * 150, "\u0301" * 300, "a\u0301" * 200, "👩‍👩‍👧‍👦" * 40, "\n" * 300 + "a", "ab" * 500, "-" * 400]
HOSTILE = ["", " ", "  ", "   a", "a   ", "\t", "\n", "\0", "a\0b", "\ufffd", "\u200d", "\u0301", "\u0301\u0323x", "e\u0301", "é", "it's IT'S it'ſ ſ", "don't I'll WE'VE", "a  b   c", "a\u00a0b\u3000c", "ﬁ\u0301 ﬁx", "①½Ⅷ²", "Å Å A\u030a",
           "x = 12345.678;\n\n\treturn  x;\r\n", "HTTPServer iPhone 東京2020年", "क्षत्रिय नमस्ते गा\u0301", "\u1112\u1161\u11ab 한국어", "ｱｶﾞ ﾊﾟ", "<s>a</s>", " <s> a </s> ", "<mask>x<mask> y", "the<|endoftext|>end", "<0x41>", "👍🏽 🇩🇪🇫🇷🇮 👩‍🚀", "▁a ▁▁b",
           "a.b,c!?", "[CLS] x [SEP]", "«»…“”", "\u2028\u2029\u0085", "\U00020000\U0002ebf0\U00031350", "İstanbul ẞ Σ ς ΑΣ", "\u0f73\u0f71\u0344\u0345", "ü\u0323\u0308\u0301", "\ud7b0\u1161\ua960", "A" * 40, "ab" * 20, "\n\n", "Été été", "ÉTÉ", "\u0130\u0307",
           "1,000 000٣٤५", "a_b-c", "ǅ ǆ Ǆ", "ﷺ", "\u115f\u1160", "\u0e01\u0e33", "\r\n\r", "\x01\x7f\x8f\u200b\ufeff", "0̸̷̶", "क्‍ष", "ക്ഷ", "\U0001163f\U00011630", "\U00011f02\U00011f04x"]
FRAGMENTS = ["the", "The", " ", " ", "  ", "\n", "\t", "a", "e", "s", "ing", "x", "z", "7", "42", "é", "e\u0301", "\u0301", "\u0323", "中", "文", "ﬁ", "①", "한", "\u1112", "\u1161", "\u11ab", "क", "्", "गा", "👍", "🏽", "\u200d", "👩", "🇩", "🇪", ".", ",", "'s", "'S", "-",
             "▁", "<s>", "</s>", "<mask>", "<pad>", "<|endoftext|>", "Été", "\u00a0", "\u3000", "\0", "\u200b", "ß", "İ", "ſ", "of a", "little", "\r\n", "_", "<0x41>", "ab", "\ufeff", "\U0001f1e6", "\u0600", "\u0915\u094d", "\u0e33", "ｶﾞ", "\U000e0020"]


def random_texts(c, n):
    return ["".join(c.choice(FRAGMENTS) for _ in range(c.randrange(1, 16))) for _ in range(n)]


def check(name, text, texts, work, decode=None):
    """A file's text, read by both."""
    path = os.path.join(work, "tokenizer.json")
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    try:
        oracle = tokenizers.Tokenizer.from_str(text)
    except BaseException as error:  # a panic of the library is none of Exception
        return comparison.fail(f"{name}: the oracle refuses it: {error}") if decode is None else None
    comparison.compare(name, oracle, path, texts)
    if decode:
        comparison.decode(name, oracle, path, decode)
    return oracle


def check_families(work, c):
    lines = glosses(300 if quick else 20000)
    for i, (name, make) in enumerate(layouts.FAMILIES.items()):
        text = json.dumps(make(), ensure_ascii=False)
        kind = make()["model"]["type"]
        whole = name in ("gpt2", "llama3", "llama", "xlm-roberta")  # each kind of model sees all lines
        texts = HOSTILE + LONG + random_texts(c, 100 if quick else 1500) + (lines if whole else lines[::20])
        oracle = check(f"{name} ({kind})", text, texts, work, decode=HOSTILE + lines[:100])
        if whole:
            comparison.compare(f"{name}, bare", oracle, os.path.join(work, "tokenizer.json"), HOSTILE, bare=True)
            comparison.compare(f"{name}, cut to 7", oracle, os.path.join(work, "tokenizer.json"), HOSTILE, truncate=7)


def packed(spell, some, n=60):
    """Many characters in a text."""
    return ["".join(map(spell, some[i:i + n])) for i in range(0, len(some), n)]


def check_points(work):
    """All that depends on what a character is: the models, each normalizer, each kind of cut and class of expressions, clusters. Characters one
    by one, but ideographs, private ones and what nobody assigned in long runs."""
    every = list(points(quick))
    bulk = [c for c in every if "\u3400" <= c < "\ua000" or "\ue000" <= c < "\uf900" or "\U00017000" <= c < "\U00018d00" or "\U00020000" <= c < "\U000e0000" or c >= "\U000e0200"]
    some = sorted(set(every) - set(bulk)) + bulk[::997]
    plain, bytes_last = layouts.plain, layouts.byte_level(use_regex=False)
    # one piece a character, or a run of them: what is cut where shows in places and words
    unknown = dict(type="BPE", unk_token="<unk>", fuse_unk=True, vocab={x: i for i, x in enumerate(["<unk>", "R", "t", "k", "S", "g", " ", "x", "\u0301"])}, merges=[])
    for name in ("llama3", "llama", "xlm-roberta"):
        texts = packed(lambda c: f"a{c}b {c} ", some) + packed(lambda c: c, bulk, 200)
        check(f"{name}, code points", json.dumps(layouts.FAMILIES[name]()), texts, work)
    kinds = ("NFC", "NFD", "NFKC", "NFKD", "Nmt", "StripAccents", "Lowercase")
    for kind in kinds:
        spell = (lambda c: f"e{c}\u0323\u0301{c}") if kind.startswith("NF") else (lambda c: f"{c} ")
        check(f"{kind}, code points", json.dumps(layouts.tokenizer(layouts.LEVEL, plain(kind), bytes_last)), packed(spell, some), work)
    check("normalizers, other code points", json.dumps(layouts.tokenizer(layouts.LEVEL, layouts.normalizers(*map(plain, kinds)), bytes_last)), packed(lambda c: c, bulk, 200), work)
    texts = packed(lambda c: f"{c} ", some) + packed(lambda c: c, bulk, 200)
    for kind in (dict(type="Whitespace"), dict(type="Digits", individual_digits=True), dict(type="Punctuation", behavior="Isolated")):
        check(f"{kind['type']}, code points", json.dumps(layouts.tokenizer(unknown, None, kind)), texts, work)
    for expression in (layouts.GPT2, layouts.GPT4O, r"\s", r"\w", r"\d", r"\p{Han}", r"\p{P}", r"\p{S}", r"\p{M}", r"\p{Z}|\p{C}", r"\p{Nd}|\p{Nl}", "(?i:[a-zſ]+)"):
        check(f"{expression[:20]}, code points", json.dumps(layouts.tokenizer(unknown, None, layouts.split(Regex=expression))), texts, work)
    clusters = layouts.precompiled({"x": "R", "\u0301": "t", "©": "S", "\u11a8": "k", "क": "k", "\U0001f600": "g"})
    for spell in (lambda c: f"x{c} {c}x {c}\u0301\u0301 ", lambda c: f"©{c}\u200d©\u0301 {c}\u200d©\u0301 ", lambda c: f"क{c}क\u0301 {c}\u094dक\u0301 क{c}\u094dक\u0301 ", lambda c: f"{c}\u1161\u0301 {c}\u11a8\u0301 \u1100{c}\u0301 \U0001f1e6{c}\u0301 "):
        check("clusters, code points", json.dumps(layouts.tokenizer(unknown, clusters)), packed(spell, some), work)


def check_random(work, first, n):
    refused = read = 0
    for seed in range(first, first + n):
        c = random.Random(seed)
        text = json.dumps(layouts.variation(c), ensure_ascii=c.random() < .5)
        texts = HOSTILE + random_texts(c, 40)
        path = os.path.join(work, "tokenizer.json")
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        said = refusal(dump, path)
        try:
            oracle = tokenizers.Tokenizer.from_str(text)
        except BaseException as error:
            if said is None:
                comparison.lenient += 1
            continue
        if said is not None:
            refused += 1
            print(f"seed {seed}: refused: {said}")
            continue
        read += 1
        comparison.compare(f"seed {seed}", oracle, path, texts, quiet=True)
        comparison.decode(f"seed {seed}", oracle, path, texts[:60], quiet=True)
    print(f"{n} random files: {read} compared, {refused} refused by name, {comparison.lenient} that the oracle refuses are read", flush=True)
    if refused > n // 20:
        comparison.fail("too many are refused")


def option(name, default):
    return int(sys.argv[sys.argv.index(name) + 1]) if name in sys.argv else default


print(f"tokenizers {tokenizers.__version__}")
with tempfile.TemporaryDirectory() as work:
    chance = random.Random(1)
    if "--files" in sys.argv:
        for path in sys.argv[sys.argv.index("--files") + 1:]:
            with open(path, encoding="utf-8") as file:
                check(path, file.read(), HOSTILE + LONG + random_texts(chance, 3000) + glosses(20000), work, decode=HOSTILE + glosses(500))
    else:
        if "--seed" not in sys.argv:
            check_families(work, chance)
            check_points(work)
        check_random(work, option("--seed", 1), option("--n", 40 if quick else 300))
sys.exit(1 if comparison.failures else 0)
