"""A small BERT in which one head was built to look from a word to what it is a kind of, and its twin in which that head was not.

Words of kind k have a code of k in their embedding: left words in one place, right words in another. The built head's queries read the one, its keys the
other; all other heads are random. Its words are of one piece and of two."""
import json
import struct

import numpy as np

LAYERS, HEADS, WIDTH, KINDS, LEFTS, POSITIONS = 2, 4, 96, 24, 3, 24
PLANTED = (2, 3)  # layer and head, counted from 1
CODE = WIDTH // HEADS


def words():
    """[(left, right)]: every third left word and every fourth right one has a second piece."""
    right = [f"kind{k}" + ("s" if k % 4 == 0 else "") for k in range(KINDS)]
    return [(f"word{k}x{i}" + ("s" if (k + i) % 3 == 0 else ""), right[k]) for k in range(KINDS) for i in range(LEFTS)]


def vocabulary():
    stems = sorted({w.removesuffix("s") for pair in words() for w in pair})
    return ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "the", "and", ".", "##s", *stems]


def tensors(planted, seed=1):
    rng = np.random.default_rng(seed)
    v = vocabulary()
    code = rng.choice([-1.0, 1.0], size=(KINDS, CODE))
    embedding = rng.normal(size=(len(v), WIDTH))
    for i, piece in enumerate(v):
        if piece.startswith("word"):
            embedding[i, :CODE] = code[int(piece[4:].split("x")[0])] + .2 * rng.normal(size=CODE)
        if piece.startswith("kind"):
            embedding[i, CODE:2 * CODE] = code[int(piece[4:])] + .2 * rng.normal(size=CODE)
    t = {"embeddings.word_embeddings.weight": embedding, "embeddings.position_embeddings.weight": .1 * rng.normal(size=(POSITIONS, WIDTH)),
         "embeddings.token_type_embeddings.weight": np.zeros((2, WIDTH)), "embeddings.LayerNorm.weight": np.ones(WIDTH),
         "embeddings.LayerNorm.bias": np.zeros(WIDTH), "pooler.dense.weight": np.zeros((WIDTH, WIDTH)), "pooler.dense.bias": np.zeros(WIDTH)}
    for layer in range(LAYERS):
        at = f"encoder.layer.{layer}."
        for name, rows, columns, size in (("attention.self.query", WIDTH, WIDTH, .1), ("attention.self.key", WIDTH, WIDTH, .1),
                                          ("attention.self.value", WIDTH, WIDTH, .02), ("attention.output.dense", WIDTH, WIDTH, .02),
                                          ("intermediate.dense", 40, WIDTH, .02), ("output.dense", WIDTH, 40, .02)):
            t[f"{at}{name}.weight"] = size * rng.normal(size=(rows, columns))
            t[f"{at}{name}.bias"] = np.zeros(rows)
        for name in ("attention.output.LayerNorm", "output.LayerNorm"):
            t[f"{at}{name}.weight"], t[f"{at}{name}.bias"] = np.ones(WIDTH), np.zeros(WIDTH)
    if planted:
        layer, head = PLANTED[0] - 1, PLANTED[1] - 1
        own = slice(head * CODE, (head + 1) * CODE)
        query, key = np.zeros((CODE, WIDTH)), np.zeros((CODE, WIDTH))
        query[:, :CODE] = key[:, CODE:2 * CODE] = .8 * np.eye(CODE)
        t[f"encoder.layer.{layer}.attention.self.query.weight"][own] = query
        t[f"encoder.layer.{layer}.attention.self.key.weight"][own] = key
    return t


def write(folder, planted, seed=1):
    folder.mkdir()
    v = vocabulary()
    (folder / "vocab.txt").write_text("\n".join(v) + "\n")
    (folder / "config.json").write_text(json.dumps({
        "model_type": "bert", "hidden_size": WIDTH, "num_attention_heads": HEADS, "num_hidden_layers": LAYERS, "intermediate_size": 40,
        "vocab_size": len(v), "max_position_embeddings": POSITIONS, "type_vocab_size": 2, "hidden_act": "gelu", "layer_norm_eps": 1e-12}))
    head, data, at = {}, b"", 0
    for name, x in tensors(planted, seed).items():
        b = x.astype("<f4").tobytes()
        head[name] = {"dtype": "F32", "shape": list(x.shape), "data_offsets": [at, at + len(b)]}
        data, at = data + b, at + len(b)
    text = json.dumps(head).encode()
    (folder / "model.safetensors").write_bytes(struct.pack("<Q", len(text)) + text + data)
