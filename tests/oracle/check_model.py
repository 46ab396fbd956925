"""check_model.py MODEL_DUMP FOLDER [N]: hidden states, maps and values of every layer beside those of transformers (eager, fp32) on N
WordNet glosses (200) and on texts that break things. Prints the largest differences; exits with 1 if one is above its bound.

Needs torch and transformers (tests/oracle/requirements-models.txt), and WordNet in /usr/share/wordnet. By hand: it takes minutes."""
import random
import struct
import subprocess
import sys

import numpy as np
import torch
from transformers import AutoModel, AutoTokenizer

HIDDEN, ATTENTION = 5e-5, 2e-5
NASTY = [
    "", " ", "\t\ttabs\tand  double  spaces ", "emoji \U0001f600\U0001f468‍\U0001f469‍\U0001f467 and \U0001f1e9\U0001f1ea",
    "日本語の文章と中文字符混在 한국어", "café naïve Ångström ﬁne Straße İstanbul", "a" * 99, "a" * 101,
    "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft" * 2, "<s> [CLS] <pad> [PAD] </s> [SEP] <mask> [MASK] [UNK]",
    "x", "!?.,;:" * 20, "1234567890 3.14159 1e-5", "\x00\x01\x7f control", "the " * 600, "buffalo " * 126, "".join(chr(c) for c in range(33, 127)),
    "á̂̃̄ combining", "עברית وعربي", "The quick brown fox jumps over the lazy dog near the bank of the river.",
]


def glosses(n):
    lines = []
    for part in ("noun", "verb", "adj", "adv"):
        with open(f"/usr/share/wordnet/data.{part}", encoding="latin-1") as file:
            lines += [line.split(" | ", 1)[1].strip() for line in file if " | " in line]
    return random.Random(5).sample(lines, n)


def main():
    dump, folder = sys.argv[1:3]
    texts = glosses(int(sys.argv[3]) if len(sys.argv) > 3 else 200) + NASTY
    tokenizer = AutoTokenizer.from_pretrained(folder)
    model = AutoModel.from_pretrained(folder, attn_implementation="eager", dtype=torch.float32).eval()
    config = model.config
    longest = 512
    ids = [tokenizer(text, truncation=True, max_length=longest)["input_ids"] for text in texts]
    layers, heads, width = config.num_hidden_layers, config.num_attention_heads, config.hidden_size
    process = subprocess.run([dump, folder, "0"], input="\n".join(" ".join(map(str, i)) for i in ids).encode(), stdout=subprocess.PIPE, check=True)
    data, at = memoryview(process.stdout), 0

    def take(*shape):
        nonlocal at
        count = int(np.prod(shape))
        array = np.frombuffer(data[at:at + 4 * count], np.float32).reshape(shape)
        at += 4 * count
        return array

    worst_hidden, worst_attention = np.zeros(layers + 1), np.zeros(layers)
    worst_values, rows = 0, 0
    attention_class = "BertSelfAttention" if config.model_type == "bert" else "MPNetSelfAttention"
    seen = []
    for module in model.modules():
        if type(module).__name__ == attention_class:
            value = module.value if config.model_type == "bert" else module.v
            value.register_forward_hook(lambda _m, _i, out: seen.append(out))
    for text, piece in zip(texts, ids):
        seen.clear()
        (n,) = struct.unpack_from("<i", data, at)
        at += 4
        assert n == len(piece), (text, n, len(piece))
        hidden, maps, values = take(layers + 1, n, width), take(layers, heads, n, n), take(layers, heads, n, width // heads)
        with torch.no_grad():
            theirs = model(torch.tensor([piece]), output_hidden_states=True, output_attentions=True)
        for l in range(layers + 1):
            worst_hidden[l] = max(worst_hidden[l], np.abs(hidden[l] - theirs.hidden_states[l][0].numpy()).max())
        for l in range(layers):
            worst_attention[l] = max(worst_attention[l], np.abs(maps[l] - theirs.attentions[l][0].numpy()).max())
            value = seen[l][0].reshape(n, heads, -1).transpose(0, 1).numpy()
            worst_values = max(worst_values, np.abs(values[l] - value).max())
        rows += n
    assert at == len(data)
    print(f"{config.model_type}: {len(texts)} texts, {rows} pieces, longest {max(map(len, ids))}")
    print("hidden   ", " ".join(f"{x:.1e}" for x in worst_hidden))
    print("attention", " ".join(f"{x:.1e}" for x in worst_attention))
    print(f"largest: hidden {worst_hidden.max():.2e}, attention {worst_attention.max():.2e}, values {worst_values:.2e}")
    sys.exit(not (worst_hidden.max() <= HIDDEN and worst_attention.max() <= ATTENTION and worst_values <= HIDDEN))


main()
