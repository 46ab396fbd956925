"""Trains the small models of tests/golden/tokenizers: byte-level BPE, BPE with byte fallback, Unigram.

PYTHON tests/oracle/make_tokenizers.py       (tokenizers as requirements.txt pins it; wordnet-base of Debian 12)

On glosses of WordNet and some lines of other scripts. Only the models are kept; what stands around them is in tokenizer_layouts.py.
"""
import json
import os

import tokenizers
from tokenizers import Tokenizer, models, pre_tokenizers, trainers

assert tokenizers.__version__ == "0.23.3", tokenizers.__version__
root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
where = os.path.join(root, "tests", "golden", "tokenizers")
OTHERS = ["Der Straßenbahnfahrer überfährt keine Ölpfütze.", "été naïve résumé déjà vu", "Привет, как дела?", "中文字符和日本語のテスト", "한국어 시험", "नमस्ते दुनिया", "x = 12345 + 3.14;\n\treturn x;"] * 30


def corpus():
    with open("/usr/share/wordnet/data.noun", encoding="utf-8") as file:
        glosses = [line.split(" | ", 1)[1].strip() for line in file if " | " in line]
    return glosses[::20] + OTHERS


def trained(model, pre_tokenizer, trainer):
    tokenizer = Tokenizer(model)
    tokenizer.pre_tokenizer = pre_tokenizer
    tokenizer.train_from_iterator(corpus(), trainer)
    return json.loads(tokenizer.to_str())["model"]


def write(name, model):
    with open(os.path.join(where, f"{name}.json"), "w") as file:
        json.dump(model, file, ensure_ascii=False, separators=(",", ":"))
        file.write("\n")


os.makedirs(where, exist_ok=True)
write("byte_level", trained(models.BPE(), pre_tokenizers.ByteLevel(add_prefix_space=False),
                            trainers.BpeTrainer(vocab_size=700, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False)))
bytes_ = [f"<0x{b:02X}>" for b in range(256)]
fallback = trained(models.BPE(unk_token="<unk>"), pre_tokenizers.Metaspace(),
                   trainers.BpeTrainer(vocab_size=750, limit_alphabet=60, special_tokens=["<unk>", "<s>", "</s>", *bytes_], show_progress=False))
write("byte_fallback", {**fallback, "fuse_unk": True, "byte_fallback": True})
unigram = trained(models.Unigram(), pre_tokenizers.Metaspace(),
                  trainers.UnigramTrainer(vocab_size=500, special_tokens=["<s>", "<pad>", "</s>", "<unk>"], unk_token="<unk>", show_progress=False))
unigram["vocab"] = [[piece, round(score, 4)] for piece, score in unigram["vocab"]]
write("unigram", unigram)
