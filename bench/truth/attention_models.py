"""Model folders whose attention is known by construction, and sentences for them: what attention.py asks about.

build(folder, kind, rng) makes the kinds of LAYERS and HEADS, relation(folder, rng, kind) a head made of pairs; one_set and anywhere make heads that nearly
pass. Sentences
are of words that mean nothing, so that there is nothing in them but what the model does. trained() writes a model that was trained
(attention_trained.py) in the same form."""
import json
import struct

import numpy as np

WORDS, LENGTH, POSITIONS = 120, 10, 20  # a sentence has so many words, and two special tokens around them
WIDTH, HEADS, LAYERS = 32, 4, 2
BERT = dict(kind="bert", special=["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"], first="[CLS]", last="[SEP]", layer="encoder.layer.{}.",
            query="attention.self.query", key="attention.self.key", value="attention.self.value", output="attention.output.dense", norm="attention.output.LayerNorm")
MPNET = dict(kind="mpnet", special=["<s>", "<pad>", "</s>", "[UNK]", "<mask>"], first="<s>", last="</s>", layer="encoder.layer.{}.",
             query="attention.attn.q", key="attention.attn.k", value="attention.attn.v", output="attention.attn.o", norm="attention.LayerNorm")


# ---- files ----

def tokenizer(folder, family, words):
    vocabulary = family["special"] + words
    ids, first, last = {w: i for i, w in enumerate(vocabulary)}, family["first"], family["last"]
    single = [{"SpecialToken": {"id": first, "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}, {"SpecialToken": {"id": last, "type_id": 0}}]
    pair = single + [{"Sequence": {"id": "B", "type_id": 1}}, {"SpecialToken": {"id": last, "type_id": 1}}]
    added = [{"id": ids[t], "content": t, "single_word": False, "lstrip": False, "rstrip": False, "normalized": False, "special": True} for t in (first, last, "[UNK]")]
    (folder / "tokenizer.json").write_text(json.dumps({
        "version": "1.0", "truncation": None, "padding": None, "added_tokens": added,
        "normalizer": {"type": "BertNormalizer", "clean_text": True, "handle_chinese_chars": True, "strip_accents": None, "lowercase": True},
        "pre_tokenizer": {"type": "BertPreTokenizer"},
        "post_processor": {"type": "TemplateProcessing", "single": single, "pair": pair,
                           "special_tokens": {t: {"id": t, "ids": [ids[t]], "tokens": [t]} for t in (first, last)}},
        "decoder": {"type": "WordPiece", "prefix": "##", "cleanup": True},
        "model": {"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##", "max_input_chars_per_word": 100, "vocab": ids}}))


def safetensors(path, tensors):
    head, offset = {}, 0
    for name, a in tensors.items():
        head[name] = {"dtype": "F32", "shape": list(a.shape), "data_offsets": [offset, offset + a.nbytes]}
        offset += a.nbytes
    text = json.dumps(head).encode()
    text += b" " * (-len(text) % 8)
    path.write_bytes(struct.pack("<Q", len(text)) + text + b"".join(a.tobytes() for a in tensors.values()))


def write(folder, family, words, E, P, layers, bias=None, heads=HEADS):
    """layers: of each a dict with query, key, value, output, up, down (rows in, as torch has them) and query_bias; what is missing is 0."""
    folder.mkdir(parents=True)
    d = E.shape[1]
    config = dict(model_type=family["kind"], hidden_size=d, num_hidden_layers=len(layers), num_attention_heads=heads, intermediate_size=2 * d, hidden_act="gelu",
                  layer_norm_eps=1e-12, max_position_embeddings=len(P), vocab_size=len(E), pad_token_id=family["special"].index(family["special"][0 if family is BERT else 1]))
    config.update(dict(type_vocab_size=2) if family is BERT else dict(relative_attention_num_buckets=32))
    (folder / "config.json").write_text(json.dumps(config))
    tokenizer(folder, family, words)
    t = {"embeddings.word_embeddings.weight": E, "embeddings.position_embeddings.weight": P, "embeddings.LayerNorm.weight": np.ones(d), "embeddings.LayerNorm.bias": np.zeros(d)}
    if family is BERT: t["embeddings.token_type_embeddings.weight"] = np.zeros((2, d))
    else: t["encoder.relative_attention_bias.weight"] = np.zeros((32, heads)) if bias is None else bias
    for i, w in enumerate(layers):
        at = family["layer"].format(i)
        for name in ("query", "key", "value", "output"):
            t[f"{at}{family[name]}.weight"] = w.get(name, np.zeros((d, d)))
            t[f"{at}{family[name]}.bias"] = w.get(name + "_bias", np.zeros(d))
        for name, part, shape in ((f"{at}intermediate", "up", (2 * d, d)), (f"{at}output", "down", (d, 2 * d))):
            t[f"{name}.dense.weight"], t[f"{name}.dense.bias"] = w.get(part, np.zeros(shape)), np.zeros(shape[0])
        for name in (family["norm"], "output.LayerNorm"): t[f"{at}{name}.weight"], t[f"{at}{name}.bias"] = np.ones(d), np.zeros(d)
    safetensors(folder / "model.safetensors", {k: np.ascontiguousarray(v, np.float32) for k, v in t.items()})


def words(n=WORDS): return [f"w{i}" for i in range(n)]


def sentences(rng, n): return [" ".join(f"w{i}" for i in rng.choice(WORDS, LENGTH, replace=False)) for _ in range(n)]


# ---- built models ----

def halves(E, P):
    """Tokens in the first half of a row, positions in the second, of equal length everywhere."""
    h = E.shape[1] // 2
    for x, part in ((E, slice(0, h)), (P, slice(h, None))):
        kept = x[:, part] - x[:, part].mean(1, keepdims=True)
        x[:] = 0
        x[:, part] = kept * np.sqrt(h) / np.linalg.norm(kept, axis=1, keepdims=True)


def look_at_sink(w, rng, heads, d, first):
    """These heads read the first special token in dimension 0, where it alone has something, and little of anything else."""
    per = d // HEADS
    for h in heads:
        rows = slice(h * per, (h + 1) * per)
        w["query"][rows], w["key"][rows] = (rng.normal(size=(per, d)) * .1 for _ in range(2))
        w["query"][h * per], w["key"][h * per] = 0, 0
        w["key"][h * per, 0], w["query_bias"][h * per] = 2, 4


def build(folder, kind, rng):
    d, family = WIDTH, MPNET if kind in ("position-bias", "beside", "heads") else BERT
    n = len(family["special"]) + WORDS
    E, P, bias = rng.normal(size=(n, d)), .1 * rng.normal(size=(POSITIONS, d)), None
    first = family["special"].index(family["first"])
    if kind == "position-rows":
        P = rng.normal(size=(POSITIONS, d))
        halves(E, P)
    if kind == "beside": # tokens in the first half; the second is room for the token before
        E[:, d // 2:], P[:] = 0, 0
        bias = np.zeros((32, HEADS))
        bias[1] = 20
    if kind in ("sink", "heads"): E[:, 0], E[first, 0], P[:, 0] = 0, 8, 0
    if kind == "position-bias": bias = 2 * rng.normal(size=(32, HEADS))
    if kind == "heads":
        bias = np.zeros((32, HEADS))
        bias[:, 0] = 2 * rng.normal(size=32)
    layers = []
    for _ in range(LAYERS):
        zero, one = np.zeros((d, d)), np.eye(d)
        w = dict(query=zero.copy(), key=zero.copy(), query_bias=np.zeros(d))
        if kind in ("without-effect", "turned"): w["query"], w["key"] = (rng.normal(size=(d, d)) * 2 / d ** .5 for _ in range(2))
        if kind == "turned":
            turn = np.linalg.qr(rng.normal(size=(d, d)))[0] - one
            w["up"], w["down"] = np.concatenate([turn, -turn]), np.concatenate([one, -one], 1) # gelu(x) - gelu(-x) = x
        if kind == "mixed": w["value"], w["output"] = 1000 * one, one
        if kind == "half-mixed": w["value"], w["output"] = .5 * one, one
        if kind == "beside":
            w["value"], w["output"] = one, zero.copy()
            w["output"][d // 2:, :d // 2] = 8 * np.eye(d // 2)
        if kind == "position-rows":
            for name in ("query", "key"): w[name] = np.concatenate([np.zeros((d, d // 2)), rng.normal(size=(d, d // 2)) * 3.2 / d ** .5], 1)
        if kind == "sink": look_at_sink(w, rng, range(HEADS), d, first)
        if kind == "heads": # position alone, sink, words, nothing
            look_at_sink(w, rng, [1], d, first)
            rows = slice(2 * d // HEADS, 3 * d // HEADS)
            w["query"][rows], w["key"][rows] = (rng.normal(size=(d // HEADS, d)) * 2 / d ** .5 for _ in range(2))
            w["query"][:, 0] *= 0
            w["key"][rows, 0] = 0
        layers.append(w)
    write(folder, family, words(), E, P, layers, bias)


# ---- relations ----

GROUPS, PER, FILL = 12, 4, 40
LEFT, RIGHT = [f"left{i}" for i in range(GROUPS * PER)], [f"right{i}" for i in range(GROUPS)]
RELATION = LEFT + RIGHT + [f"w{i}" for i in range(FILL)]
RIGHT_OF = [i // PER for i in range(len(LEFT))]


def pairs(path, right_of):
    path.write_text("left,right\n" + "".join(f"{l},{RIGHT[r]}\n" for l, r in zip(LEFT, right_of)))


def templates(path, rng, n=4):
    lines = []
    for _ in range(n):
        line = [f"w{i}" for i in rng.choice(FILL, LENGTH, replace=False)]
        for place, what in zip(rng.choice(LENGTH, 2, replace=False), ("{left}", "{right}")): line[place] = what
        lines.append(" ".join(line))
    path.write_text("\n".join(lines) + "\n")


def relation(folder, rng, kind):
    """A head of the first layer in which left words look at their right one. "built": it does; "twin": its queries are drawn at random; "general": it likes some
    right words, whatever stands left. Returns (layer, head)."""
    d, per, n = WIDTH, WIDTH // HEADS, 5 + len(RELATION)
    E, P, head = rng.normal(size=(n, d)), .1 * rng.normal(size=(POSITIONS, d)), int(rng.integers(HEADS))
    partner = rng.normal(size=(GROUPS, d))
    for i, g in enumerate(RIGHT_OF): E[5 + i] = .6 * E[5 + i] + .8 * partner[g]  # left words of a right one are akin
    layers = [dict(query=rng.normal(size=(d, d)) / d ** .5, key=rng.normal(size=(d, d)) / d ** .5, value=.1 * np.eye(d), output=np.eye(d)) for _ in range(LAYERS)]
    rows = slice(head * per, (head + 1) * per)
    codes = rng.normal(size=(GROUPS, per))
    left, right = E[5:5 + len(LEFT)], E[5 + len(LEFT):5 + len(LEFT) + GROUPS]
    ridge = lambda X, Y: np.linalg.solve(X.T @ X + .1 * np.eye(d), X.T @ Y).T
    if kind == "built": layers[0]["query"][rows] = 2 * ridge(left, codes[RIGHT_OF])
    if kind in ("built", "twin"): layers[0]["key"][rows] = 2 * ridge(right, codes)
    if kind == "general": layers[0]["key"][rows], layers[0]["query"][rows], layers[0]["query_bias"] = 2 * ridge(right, codes), 0, np.eye(d)[head * per] * 4
    write(folder, BERT, RELATION, E, P, layers)
    return 1, head + 1


# ---- heads that pass all comparisons but one: where a false alarm is likeliest ----

def own_part(rng, n, d):
    """What makes words different: rows of mean 0 and one length, so that the norm of a layer makes no word weightier than others."""
    x = rng.normal(size=(n, d))
    x -= x.mean(1, keepdims=True)
    return x * d ** .5 / np.linalg.norm(x, axis=1, keepdims=True)


def displaced(rng, n, times):
    """times x n: orders in which nothing is where it was."""
    orders = []
    while len(orders) < times:
        order = rng.permutation(n)
        if (order != np.arange(n)).all(): orders.append(order)
    return orders


def one_set(folder, path, rng):
    """One layer, whose heads all know which words are right ones, and nothing of which belongs to which left one: they tell true pairs from those with an
    outsider and not from those with another right word. Returns the heads to ask about."""
    kinds, own = 4, 28  # left, right, others; and one that makes the mean 0
    d = kinds + own
    outside = [f"outside{i}" for i in range(GROUPS)]
    words = RELATION + outside
    kind = np.array([2] * 5 + [0] * len(LEFT) + [1] * GROUPS + [2] * (FILL + GROUPS))
    E = np.concatenate([2 * np.eye(kinds)[kind], own_part(rng, len(kind), own)], 1)
    E[:, 3] = -2
    w = {name: np.concatenate([np.zeros((d, kinds)), rng.normal(size=(d, own)) / own ** .5], 1) for name in ("query", "key")}
    for first in range(0, d, d // HEADS):
        for row, left, right in ((first, 0, 1), (first + 1, 1, 0)):  # in both directions
            w["query"][row], w["key"][row] = 0, 0
            w["query"][row, left] = w["key"][row, right] = 2.5
    write(folder, BERT, words, E, np.zeros((POSITIONS, d)), [w])
    other = displaced(rng, GROUPS, PER)
    path.write_text("left,right,outside,swapped\n" + "".join(
        f"{l},{RIGHT[g]},{outside[rng.integers(GROUPS)]},{RIGHT[other[i % PER][g]]}\n" for i, (l, g) in enumerate(zip(LEFT, RIGHT_OF))))
    return "all"


def anywhere(folder, path, rng, groups=64, own=16):
    """The first layer brings a code of each word to all rows, and its feed-forward part sees there whether the pair is a true one. Heads of the second layer then look
    away from the special tokens, whatever row they look from and to: much more attention between true partners, and as much between any two words of
    their sentence. Returns the heads to ask about."""
    at = np.cumsum([0, own, HEADS, HEADS, groups, groups, groups, groups])
    noise, unnoise, left, right, left_here, right_here, more = at[1:]  # of a head; of a word of that group; the same of the sentence; what follows
    word, unword, other, uncoded, one, minus_one, match, unmatch = range(more, more + 8)
    d = more + 8 + -(more + 8) % HEADS
    lefts, rights = [f"left{i}" for i in range(groups * PER)], [f"right{i}" for i in range(groups)]
    words = lefts + rights + [f"w{i}" for i in range(FILL)]
    code = np.array([other] * 5 + [left + i // PER for i in range(len(lefts))] + [right + i for i in range(groups)] + [other] * FILL)
    E = np.zeros((len(code), d))
    E[:, :own] = own_part(rng, len(code), own)
    E[:, word], E[:5, word], E[:, one], E[:, minus_one], E[:, uncoded] = 1, -1, 1, -1, -1
    E[:, unword] = -E[:, word]
    E[np.arange(len(code)), code] = 1
    bring, up, down = np.zeros((d, d)), np.zeros((2 * d, d)), np.zeros((d, 2 * d))
    bring[left_here:more, left:left_here] = (LENGTH + 2) * np.eye(2 * groups)  # the mean over all rows, times their number
    bring[uncoded, left:left_here] = -(LENGTH + 2)
    for g in range(groups):  # both words of a group are here
        up[g, [left_here + g, right_here + g, one]] = 20, 20, -30
        down[[match, unmatch], g] = .1, -.1
    random = slice(groups, groups + 64)  # and what else a head makes of two words, so that it is not always right
    up[random, left_here:more] = 8 * rng.normal(size=(64, 2 * groups))
    down[noise:noise + HEADS, random] = .05 * rng.normal(size=(HEADS, 64))
    down[unnoise:unnoise + HEADS, random] = -down[noise:noise + HEADS, random]
    w = dict(query=np.zeros((d, d)), key=np.zeros((d, d)))
    for h in range(HEADS):
        row = h * d // HEADS
        w["query"][row, [match, one, noise + h]], w["key"][row, word] = (16, -8, 7), 1
        for name in ("query", "key"): w[name][row + 1:row + 9, :own] = .16 * rng.normal(size=(8, own))  # a little of which words these are
    write(folder, BERT, words, E, np.zeros((POSITIONS, d)), [dict(value=np.eye(d), output=bring, up=up, down=down), w])
    swapped = displaced(rng, groups, PER)
    path.write_text("left,right,swapped\n" + "".join(f"{l},{rights[i // PER]},{rights[swapped[i % PER][i // PER]]}\n" for i, l in enumerate(lefts)))
    return ",".join(f"2.{h + 1}" for h in range(HEADS))


def trained(folder, weights):
    """weights: of one world of attention_trained.py, whose matrices are columns out."""
    write(folder, BERT, RELATION, weights["E"], weights["P"], [{name: weights[name].T for name in ("query", "key", "value", "output")}])
