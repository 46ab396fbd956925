"""Truth bench of A1, A3 and the sink: model folders whose truth is declared by construction, and what `explaint attend` says.

    bench/truth/attention.py --explaint build/explaint [--quick] [--model FOLDER]

Every kind is a BERT or MPNet folder of 3 layers, width 64, 4 heads over the most frequent words of the shipped glosses; the
expected outcomes stand in KINDS, which was written before the first run. --model adds a trained model: MiniLM's rows stand for
their tokens, and what survives permutation in its maps is a sink (docs/attention.md). Exits with 1 if one outcome differs."""
import argparse
import collections
import gzip
import json
import pathlib
import re
import struct
import subprocess
import sys
import tempfile
import time

import numpy as np

LAYERS, WIDTH, HEADS, WORDS = 3, 64, 4, 6000
ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
HOLDS, FAILS, NOT = {"holds"}, {"fails"}, {"not testable"}
ANY = {"holds", "fails", "undecided", "not testable"}

# kind: (A1, A3, sink) in every layer, and what the share recovered with g = identity has to be
KINDS = {
    "without-effect": (HOLDS, HOLDS | NOT, FAILS, (.9, 1)),     # maps look at tokens, and nothing comes of it
    "turned": (HOLDS, ANY, ANY, (0, .5)),                       # each layer multiplies rows by an orthogonal matrix
    "mixed": (FAILS, NOT, FAILS | NOT, (0, .5)),                # uniform attention that drowns the residual
    "uniform": (HOLDS, NOT, FAILS | NOT, (.9, 1)),              # maps without variation, rows untouched
    "position-bias": (HOLDS, FAILS, FAILS, (.9, 1)),            # scores are a relative bias alone (mpnet)
    "position-rows": (HOLDS, FAILS, FAILS, (.9, 1)),            # scores read the position in the row alone
    "sink": (HOLDS, HOLDS | NOT, HOLDS, (.9, 1)),               # all look at the first special token
    "half-mixed": (HOLDS | {"undecided"}, NOT, FAILS | NOT, (0, 1)),  # uniform attention beside a strong residual
}


def words():
    counts = collections.Counter(re.findall(r"[a-z0-9]+|[^a-z0-9\s]", gzip.open(ROOT / "data/wordnet-glosses.txt.gz", "rt").read().lower()))
    return [w for w, _ in counts.most_common(WORDS)]


def tokenizer(folder, vocabulary, mpnet):
    first, last, unknown = ("<s>", "</s>", "[UNK]") if mpnet else ("[CLS]", "[SEP]", "[UNK]")
    ids = {w: i for i, w in enumerate(vocabulary)}
    single = [{"SpecialToken": {"id": first, "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}, {"SpecialToken": {"id": last, "type_id": 0}}]
    pair = single + [{"Sequence": {"id": "B", "type_id": 1}}, {"SpecialToken": {"id": last, "type_id": 1}}]
    added = [{"id": ids[t], "content": t, "single_word": False, "lstrip": False, "rstrip": False, "normalized": False, "special": True} for t in (first, last, unknown)]
    (folder / "tokenizer.json").write_text(json.dumps({
        "version": "1.0", "truncation": None, "padding": None, "added_tokens": added,
        "normalizer": {"type": "BertNormalizer", "clean_text": True, "handle_chinese_chars": True, "strip_accents": None, "lowercase": True},
        "pre_tokenizer": {"type": "BertPreTokenizer"},
        "post_processor": {"type": "TemplateProcessing", "single": single, "pair": pair,
                           "special_tokens": {t: {"id": t, "ids": [ids[t]], "tokens": [t]} for t in (first, last)}},
        "decoder": {"type": "WordPiece", "prefix": "##", "cleanup": True},
        "model": {"type": "WordPiece", "unk_token": unknown, "continuing_subword_prefix": "##", "max_input_chars_per_word": 100, "vocab": ids}}))


def safetensors(path, tensors):
    head, offset = {}, 0
    for name, a in tensors.items():
        head[name] = {"dtype": "F32", "shape": list(a.shape), "data_offsets": [offset, offset + a.nbytes]}
        offset += a.nbytes
    text = json.dumps(head).encode()
    text += b" " * (-len(text) % 8)
    path.write_bytes(struct.pack("<Q", len(text)) + text + b"".join(a.tobytes() for a in tensors.values()))


def build(folder, kind, seed):
    rng, d, mpnet = np.random.default_rng(seed), WIDTH, kind == "position-bias"
    special = ["<s>", "<pad>", "</s>", "[UNK]", "<mask>"] if mpnet else ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    vocabulary = special + words()
    config = dict(model_type="mpnet" if mpnet else "bert", hidden_size=d, num_hidden_layers=LAYERS, num_attention_heads=HEADS, intermediate_size=2 * d,
                  hidden_act="gelu", layer_norm_eps=1e-12, max_position_embeddings=130, vocab_size=len(vocabulary), pad_token_id=1 if mpnet else 0)
    config.update(dict(relative_attention_num_buckets=32) if mpnet else dict(type_vocab_size=2))
    (folder / "config.json").write_text(json.dumps(config))
    tokenizer(folder, vocabulary, mpnet)
    E, P = rng.normal(size=(len(vocabulary), d)), .1 * rng.normal(size=(130, d))
    if kind == "position-rows": # tokens in the first half of a row, positions in the second, of equal norm everywhere
        E[:, d // 2:], P = 0, np.concatenate([np.zeros((130, d // 2)), rng.normal(size=(130, d // 2))], 1)
        E[:, :d // 2] -= E[:, :d // 2].mean(1, keepdims=True)
        P[:, d // 2:] -= P[:, d // 2:].mean(1, keepdims=True)
        E *= np.sqrt(d / 2) / np.linalg.norm(E, axis=1, keepdims=True)
        P *= np.sqrt(d / 2) / np.linalg.norm(P, axis=1, keepdims=True)
    if kind == "sink": E[:, 0], E[2, 0] = 0, 12
    t = {"embeddings.word_embeddings.weight": E, "embeddings.position_embeddings.weight": P, "embeddings.LayerNorm.weight": np.ones(d),
         "embeddings.LayerNorm.bias": np.zeros(d)}
    if mpnet: t["encoder.relative_attention_bias.weight"] = 2 * rng.normal(size=(32, HEADS))
    else: t["embeddings.token_type_embeddings.weight"] = np.zeros((2, d))
    part = dict(query="attention.attn.q", key="attention.attn.k", value="attention.attn.v", output="attention.attn.o", norm="attention.LayerNorm") if mpnet else \
        dict(query="attention.self.query", key="attention.self.key", value="attention.self.value", output="attention.output.dense", norm="attention.output.LayerNorm")
    for layer in range(LAYERS):
        zero, one = np.zeros((d, d)), np.eye(d)
        w = dict(query=zero, key=zero, value=zero, output=zero, up=np.zeros((2 * d, d)), down=np.zeros((d, 2 * d)), query_bias=np.zeros(d))
        if kind in ("without-effect", "turned"): w["query"], w["key"] = (rng.normal(size=(d, d)) * .25 for _ in range(2))
        if kind == "turned":
            turn = np.linalg.qr(rng.normal(size=(d, d)))[0] - one
            w["up"], w["down"] = np.concatenate([turn, -turn]), np.concatenate([one, -one], 1) # gelu(x) - gelu(-x) = x
        if kind == "mixed": w["value"], w["output"] = 1000 * one, one
        if kind == "half-mixed": w["value"], w["output"] = .5 * one, one
        if kind == "position-rows":
            reads = np.concatenate([np.zeros((d, d // 2)), rng.normal(size=(d, d // 2)) * .4], 1)
            w["query"], w["key"] = reads, np.concatenate([np.zeros((d, d // 2)), rng.normal(size=(d, d // 2)) * .4], 1)
        if kind == "sink":
            w["query"], w["key"] = (rng.normal(size=(d, d)) * .1 for _ in range(2))
            w["query"][::d // HEADS], w["key"][::d // HEADS] = 0, 0
            w["key"][::d // HEADS, 0], w["query_bias"][::d // HEADS] = 2, 4
        for name in ("query", "key", "value", "output"):
            t[f"encoder.layer.{layer}.{part[name]}.weight"] = w[name]
            t[f"encoder.layer.{layer}.{part[name]}.bias"] = w["query_bias"] if name == "query" else np.zeros(d)
        t[f"encoder.layer.{layer}.{part['norm']}.weight"], t[f"encoder.layer.{layer}.{part['norm']}.bias"] = np.ones(d), np.zeros(d)
        for name, weight in (("intermediate", w["up"]), ("output", w["down"])):
            t[f"encoder.layer.{layer}.{name}.dense.weight"], t[f"encoder.layer.{layer}.{name}.dense.bias"] = weight, np.zeros(len(weight))
        t[f"encoder.layer.{layer}.output.LayerNorm.weight"], t[f"encoder.layer.{layer}.output.LayerNorm.bias"] = np.ones(d), np.zeros(d)
    safetensors(folder / "model.safetensors", {k: np.ascontiguousarray(v, np.float32) for k, v in t.items()})


def judge(program, folder, texts, kind, expected):
    said = json.loads(subprocess.run([program, "attend", "--model", folder, "--texts", texts, "--json"], stdout=subprocess.PIPE, check=True).stdout)
    identity = {r["layer"]: r["value"] for r in said["rows"] if r["measure"] == "identity_recovered" and r.get("g") == "identity" and r["candidates"] == "sentence"
                and r["reference"] == "word" and r["distance"] == "cosine" and r["hit"] == "id" and r["rows"] == "all" and not r["standardised"] and r["model"] == "trained" and r["text"] is None}
    wrong = 0
    for layer in said["layers"]:
        ok = [layer["A1"] in expected[0], layer["A3"] in expected[1], layer["sink"] in expected[2], expected[3][0] <= identity[layer["layer"]] <= expected[3][1]]
        wrong += 4 - sum(ok)
        shown = " ".join(f"{name} {layer.get(name, float('nan')):.2f}" for name in ("recovered", "shuffled", "whole", "content", "null_mean", "p"))
        print(f"{kind:15} layer {layer['layer']}  A1 {layer['A1']}, A3 {layer['A3']}, sink {layer['sink']}  identity {identity[layer['layer']]:.2f} {shown}"
              + ("" if all(ok) else "  WRONG: " + ", ".join(n for n, o in zip(("A1", "A3", "sink", "identity"), ok) if not o)))
    return wrong


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--explaint", default="build/explaint")
    options.add_argument("--quick", action="store_true", help="one model of each kind instead of five")
    options.add_argument("--kind", help="this kind alone")
    options.add_argument("--model", help="a trained model: all-MiniLM-L6-v2")
    given = options.parse_args()
    began, wrong, models = time.time(), 0, 0
    with tempfile.TemporaryDirectory() as scratch:
        scratch = pathlib.Path(scratch)
        texts = scratch / "texts.txt"
        texts.write_text("\n".join(gzip.open(ROOT / "data/wordnet-glosses.txt.gz", "rt").read().splitlines()[-60:]) + "\n")
        for kind, expected in KINDS.items():
            if given.kind not in (None, kind): continue
            for seed in range(1 if given.quick else 5):
                folder = scratch / f"{kind}-{seed}"
                folder.mkdir()
                build(folder, kind, seed)
                wrong += judge(given.explaint, folder, texts, kind, expected)
                models += 1
        if given.model:
            wrong += judge(given.explaint, given.model, texts, "trained", (HOLDS | {"undecided"}, HOLDS, HOLDS | {"undecided"}, (.8, 1)))  # .92 in the last layer, near the .90 asked for
            models += 1
    print(f"{models} models, {wrong} outcomes that are not as declared, {time.time() - began:.0f} s")
    sys.exit(wrong > 0)


main()
