"""Pieces, places, words and special tokens beside Hugging Face's tokenizers, live: equal for every text, or this fails.

check_tokenizer.py DUMP [--quick]
    DUMP      tests/text/dump_tokenizer
    --quick   a sample of the code points, less of everything (for sanitizers)
Where scripts/get-models has been (EXPLAINT_MODELS, else build/models) MiniLM and MPNet are compared, too.

Tokenizers are invented here, with all the traps of the format, and met with hostile and random texts; two of them and both real
ones with every code point but the surrogates, alone and beside letters, spaces, marks and itself; the real ones with 20,000
glosses of WordNet.
"""
import itertools
import json
import os
import random
import sys
import tempfile
import unicodedata

try:
    import tokenizers
except ImportError:
    print("skipped: this Python has no tokenizers (tests/oracle/requirements.txt)")
    sys.exit(1 if os.environ.get("EXPLAINT_NO_SKIP") else 77)
from tokenizers import AddedToken, Tokenizer, models, normalizers, pre_tokenizers, processors

from tokenizer_compare import Comparison, glosses, points

dump = sys.argv[1]
root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
folder = os.environ.get("EXPLAINT_MODELS") or os.path.join(root, "build", "models")
quick = "--quick" in sys.argv
comparison = Comparison(dump)
compare = comparison.compare


# ---- invented tokenizers ----

LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789éèüößñåÅÉÜøæłđığşσςτаяйёЖ中文国ーかがカガ한국ᄒ ᅡ ᆫกำ़िَἀᾳẛẞﬁΣİIıſKÅĠ😀👍🏽€½²"
PUNCTUATION = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~«»“”…、。—"
WORDS = ["the", "cat", "un", "able", "ing", "hello", "Hello", "HELLO", "world", "naïve", "naive", "résumé", "resume", "été",
         "istanbul", "i\u0307stanbul", "İstanbul", "strasse", "straße", "σας", "σασ", "中文", "e\u0301", "o\u0308", "[unk", "unk", "mask", "foo",
         "\u1112\u1161\u11ab", "한", "ĠaĠ", "Ġa", "a b", " a", "b ", "x" * 40]
SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]


def vocabulary(prefix="##"):
    pieces = list(SPECIAL)
    for x in itertools.chain(PUNCTUATION, (c for c in LETTERS if c != " "), WORDS):
        pieces += [x, prefix + x] if x not in PUNCTUATION else [x]
    return {p: i for i, p in enumerate(dict.fromkeys(pieces))}


def token(content, id, **switches):
    usual = dict(single_word=False, lstrip=False, rstrip=False, normalized=False, special=True)
    return dict(id=id, content=content, **{**usual, **switches})


TRAPS = [("<m>", dict(lstrip=True)), ("<r>", dict(rstrip=True)), ("<b>", dict(lstrip=True, rstrip=True)), ("<w>", dict(single_word=True)),
         ("<m>x", dict(special=False)), ("wö", dict(single_word=True, special=False)), ("Foo", dict(normalized=True, special=False)),
         ("Été", dict(normalized=True, special=False, lstrip=True)), ("中", dict(normalized=True, special=False, rstrip=True)), ("a b", dict(normalized=True, single_word=True, special=False)),
         ("İx", dict(normalized=True)), ("two words", dict()), (" y", dict()), ("é\u0323q", dict(normalized=True))]


def bert(**switches):
    return dict(type="BertNormalizer", **{**dict(clean_text=True, handle_chinese_chars=True, strip_accents=None, lowercase=True), **switches})


TEMPLATE = dict(type="TemplateProcessing",
                single=[{"SpecialToken": {"id": "[CLS]", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}, {"SpecialToken": {"id": "[SEP]", "type_id": 0}}, {"SpecialToken": {"id": "both", "type_id": 0}}],
                pair=[{"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 1}}],
                special_tokens={"[CLS]": {"id": "[CLS]", "ids": [2], "tokens": ["[CLS]"]}, "[SEP]": {"id": "[SEP]", "ids": [3], "tokens": ["[SEP]"]},
                                "both": {"id": "both", "ids": [3, 4], "tokens": ["[SEP]", "[MASK]"]}})
SPLIT = dict(type="BertPreTokenizer")


def roberta(**switches):
    return dict(type="RobertaProcessing", sep=["[SEP]", 3], cls=["[CLS]", 2], **{**dict(trim_offsets=True, add_prefix_space=False), **switches})


def spec(normalizer=bert(), pre_tokenizer=SPLIT, post_processor=TEMPLATE, prefix="##", limit=100, traps=True, vocab=None):
    vocab = vocab or vocabulary(prefix)
    added = [token(s, vocab[s]) for s in SPECIAL]
    for content, switches in TRAPS if traps else []:
        added.append(token(content, vocab.get(content, len(vocab) + sum(t["id"] >= len(vocab) for t in added)), **switches))
    return dict(version="1.0", truncation=None, padding=None, added_tokens=added, normalizer=normalizer, pre_tokenizer=pre_tokenizer,
                post_processor=post_processor, decoder=None,
                model=dict(type="WordPiece", unk_token="[UNK]", continuing_subword_prefix=prefix, max_input_chars_per_word=limit, vocab=vocab))


SPECS = {
    "uncased": spec(),
    "cased": spec(normalizer=bert(lowercase=False)),
    "lower, accents kept": spec(normalizer=bert(strip_accents=False)),
    "cased, accents stripped": spec(normalizer=bert(lowercase=False, strip_accents=True)),
    "not cleaned": spec(normalizer=bert(clean_text=False)),
    "ideographs not apart": spec(normalizer=bert(handle_chinese_chars=False)),
    "no normalizer": spec(normalizer=None),
    "no words": spec(pre_tokenizer=None, post_processor=None),
    "nothing": spec(normalizer=None, pre_tokenizer=None, post_processor=roberta(), traps=False),
    "Sequence": spec(normalizer=dict(type="Sequence", normalizers=[bert(clean_text=False, strip_accents=False), bert(lowercase=False, strip_accents=True)]),
                     pre_tokenizer=dict(type="Sequence", pretokenizers=[SPLIT, SPLIT]), post_processor=dict(type="Sequence", processors=[TEMPLATE])),
    "accents twice": spec(normalizer=dict(type="Sequence", normalizers=[bert(clean_text=False), bert()])),
    "RobertaProcessing": spec(post_processor=roberta()),
    "RobertaProcessing, cased": spec(normalizer=bert(lowercase=False), post_processor=roberta(add_prefix_space=True)),
    "RobertaProcessing, no words": spec(normalizer=None, pre_tokenizer=None, post_processor=roberta(add_prefix_space=True)),
    "RobertaProcessing, not trimmed": spec(post_processor=roberta(trim_offsets=False)),
    "BertProcessing": spec(post_processor=dict(type="BertProcessing", sep=["[SEP]", 3], cls=["[CLS]", 2])),
    "words of 5": spec(limit=5),
    "words of 0": spec(limit=0),
    "no prefix": spec(prefix=""),
    "prefix é": spec(prefix="é"),
}

FRAGMENTS = (WORDS + SPECIAL + [t for t, _ in TRAPS] + ["<<m>", "<m>x", "< m>", "foo", "FOO", "ÉTÉ", "e\u0301te\u0301", "A B", "wöd", "WÖ", "i\u0307x", "yy"]
             + list(LETTERS) + list(PUNCTUATION)
             + [" ", "  ", "\t", "\n", "\r\n", "\u00a0", "\u2003", "\u2028", "\u0085", "\u3000", "\u200b", "\u200d", "\u200c", "\ufeff", "\u00ad", "\0", "\x01", "\x7f", "\ufffd", "\ue000",
                "\u0301", "\u0323", "\u0344", "\u0345", "\u0315", "\u0f73", "\u0f71", "\u302e", "\u0334", "\u05b0", "\U0001d165", "\U0001d15e", "\U0001d16e", "\u1dc4", "\u20d0", "\u06e2", "\u0c4d",
                "\u0390", "\u1f82", "\uac01", "\ufb1d", "\uf900", "\U0002f800", "\U00020000", "\U0002b820", "\U00010400", "\U0001e900", "\u212a", "\u1e9e", "ΟΔΟΣ", "Σ", "İ", "👩🏽‍🚀", "🇩🇪", "👍🏽"])
HOSTILE = ["", " ", "   ", "\t", "\n", "\0", "\ufffd", "\u200d", "\u0301", "\u0301\u0323", "a\tb", "a  b", "a\u00a0b", "x\u200dy", "👩‍👩‍👧‍👦 👍🏽", "中文字", "中 文", "\x01\x02", "a\0b", "a\ufffdb",
           "un" * 60, "a" * 100, "a" * 101, "é" * 100, "é" * 101, "e\u0301" * 100, "e\u0301" * 101, "中" * 200, "!" * 150, "z\u0301\u0323" * 80, "\u0301" * 300, "\u0345\u0334" * 200,
           "e\x01\u0301", "é\x01\u0323", "é\x01\u0323\x02\u0344", "İSTANBUL", "ὈΔΥΣΣΕΎΣ", "한국어", "각", "ﬁne", "Å", "don't", "U.S.A.", "3.14", "http://a.b/c?d=e&f", "[CLS] a [SEP]", "[ CLS ]", "[cls]", "[UNK][UNK]",
           "<s>a</s>", "<mask>", "a <mask> b", "a   <mask>   b", "<unk>", "<UNK>", "<pad><pad>", " [MASK] .", "[MASK]ing", " <m>a", "  <m>a", "\u3000 <b>  a", "a <b>  a", "ſt", "ΣΑΣ", "\u1e9e", "a\u0315\u0344", "\u0344\u0315"]

MODELS = ("all-MiniLM-L6-v2", "all-mpnet-base-v2")
chance = random.Random(1)


def random_texts(n):
    return ["".join(chance.choice(FRAGMENTS) for _ in range(chance.randrange(1, 14))) for _ in range(n)]


def beside(c):
    return f"a{c}b {c} {c}{c} e{c}\u0323\u0301{c} {c}\u0315 \u0301{c}. \u0345{c}\u0334"


def check_points(name, oracle, path):
    """Characters that mean something one by one; the others, some 800,000 that nobody assigned, many in a text."""
    every = list(points(quick))
    some = [c for c in every if unicodedata.category(c) not in ("Cn", "Co")]
    rest = [c for c in every if unicodedata.category(c) in ("Cn", "Co")]
    compare(f"{name}, code points alone", oracle, path, some)
    compare(f"{name}, code points beside others", oracle, path, [beside(c) for c in some])
    compare(f"{name}, unassigned code points", oracle, path, [f"{''.join(x)} {' '.join(x)}{beside(x[0])}" for x in (rest[i:i + 40] for i in range(0, len(rest), 40))])


def check_invented(work):
    for name, content in SPECS.items():
        path = os.path.join(work, "tokenizer.json")
        text = json.dumps(content)
        with open(path, "w") as file:
            file.write(text)
        oracle = Tokenizer.from_str(text)
        texts = HOSTILE + random_texts(300 if quick else 3000)
        compare(name, oracle, path, texts)
        compare(f"{name}, bare", oracle, path, texts[:400], bare=True)
        compare(f"{name}, cut to 7", oracle, path, texts[:400], truncate=7)
        if name in ("cased", "lower, accents kept"):
            check_points(name, oracle, path)


def check_vocab(work):
    """vocab.txt alone and with settings, as Hugging Face's class of each model makes a tokenizer of it."""
    for name, config, lower, strip, ideographs, cls, sep, added in [
            ("vocab.txt", None, True, None, True, "[CLS]", "[SEP]", None),
            ("vocab.txt, cased", dict(do_lower_case=False, tokenizer_class="BertTokenizer"), False, None, True, "[CLS]", "[SEP]", None),
            ("vocab.txt, accents", dict(strip_accents=False, tokenize_chinese_chars=False), True, False, False, "[CLS]", "[SEP]", None),
            ("vocab.txt, MPNet", dict(tokenizer_class="MPNetTokenizer", cls_token="[MASK]", sep_token={"content": "[PAD]", "lstrip": True}, pad_token="[PAD]", mask_token="the", unk_token="[UNK]"), True, None, True, "[MASK]", "[PAD]",
             [("<s>", {}), ("</s>", {}), ("[UNK]", {}), ("[MASK]", {}), ("[PAD]", dict(lstrip=True)), ("the", dict(lstrip=True))])]:
        vocab = {p: i for i, p in enumerate(dict.fromkeys(p.rstrip() for p in vocabulary()))}
        path = os.path.join(work, "vocab.txt")
        with open(path, "w") as file:
            file.write("".join(f"{p}\n" for p in vocab))
        settings = os.path.join(work, "tokenizer_config.json")
        if config is not None:
            with open(settings, "w") as file:
                json.dump(config, file)
        oracle = Tokenizer(models.WordPiece(vocab, unk_token="[UNK]", max_input_chars_per_word=100))
        oracle.normalizer = normalizers.BertNormalizer(clean_text=True, handle_chinese_chars=ideographs, strip_accents=strip, lowercase=lower)
        oracle.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
        oracle.add_special_tokens([AddedToken(t, normalized=False, special=True, **s) for t, s in added or [(s, {}) for s in SPECIAL]])
        oracle.post_processor = processors.TemplateProcessing(single=f"{cls} $A {sep}", special_tokens=[(cls, vocab[cls]), (sep, vocab[sep])])
        compare(name, oracle, path, HOSTILE + random_texts(300))
        if config is not None:
            os.remove(settings)


def check_models():
    for name in MODELS:
        model = os.path.join(folder, name)
        oracle = Tokenizer.from_file(os.path.join(model, "tokenizer.json"))
        compare(f"{name}, hostile", oracle, model, HOSTILE + random_texts(300 if quick else 5000))
        lines = glosses(2000 if quick else 20000)
        compare(f"{name}, glosses", oracle, model, lines)
        compare(f"{name}, glosses cut to 16", oracle, model, lines[:2000], truncate=16)
        check_points(name, oracle, model)
        compare(f"{name}, vocab.txt alone", oracle, os.path.join(model, "vocab.txt"), lines[:2000])


print(f"tokenizers {tokenizers.__version__}")
with tempfile.TemporaryDirectory() as work:
    check_invented(work)
with tempfile.TemporaryDirectory() as work:
    check_vocab(work)
if all(os.path.isdir(os.path.join(folder, name)) for name in MODELS):
    check_models()
else:
    print("no real models: scripts/get-models fetches them")
    comparison.failures += bool(os.environ.get("EXPLAINT_NO_SKIP"))
sys.exit(1 if comparison.failures else 0)
