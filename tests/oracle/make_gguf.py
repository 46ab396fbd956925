#!/usr/bin/env python3
"""make_gguf.py: writes tests/golden/gguf/, llama-gguf of tests/golden/models and the seeds of fuzz/corpus/gguf with gguf 0.19.0 (pip install
gguf==0.19.0 numpy). What transformers compute with llama-gguf: make_decoder_models.py.

blocks.gguf has metadata of every type, and for each type of tensor that is widened four rows of random bytes, whose scales are also infinite,
NaN, tiny and -0, and beside it NAME.expected: what the package makes of them, in F32."""
import pathlib
import sys

import gguf
import gguf_models
import numpy as np

ROOT = pathlib.Path(__file__).resolve().parents[2]
TYPES = "F32 F16 BF16 Q8_0 Q4_0 Q4_1 Q5_0 Q5_1 Q2_K Q3_K Q4_K Q5_K Q6_K IQ4_NL IQ4_XS".split()
SCALES = {"F16": [0], "Q8_0": [0], "Q4_0": [0], "Q4_1": [0, 2], "Q5_0": [0], "Q5_1": [0, 2], "Q2_K": [80, 82], "Q3_K": [108], "Q4_K": [0, 2],
          "Q5_K": [0, 2], "Q6_K": [208], "IQ4_NL": [0], "IQ4_XS": [0]}  # bytes of a block where a binary16 stands
HARD = [0x7c00, 0xfc00, 0x7e00, 0xfe01, 0x0001, 0x83ff, 0x8000, 0x0000, 0x7bff, 0xfbff, 0x0400]


def blocks(rng, name, n, hard):
    """n blocks of random bytes; a share `hard` of the scales is one of HARD."""
    _, size = gguf.GGML_QUANT_SIZES[gguf.GGMLQuantizationType[name]]
    raw = rng.integers(0, 256, (n, size), dtype=np.uint8)
    for at in SCALES.get(name, []):
        chosen = rng.random(n) < hard
        raw[chosen, at:at + 2] = np.array(rng.choice(HARD, chosen.sum()), dtype="<u2").view(np.uint8).reshape(-1, 2)
        quiet = (raw[:, at + 1] & 0x7c) == 0x7c  # a NaN that signals comes back as one that does not, from some processors
        raw[quiet & ((raw[:, at] != 0) | (raw[:, at + 1] & 3 != 0)), at + 1] |= 2
    return raw


def widened(raw, name):
    with np.errstate(all="ignore"):
        return gguf.dequantize(raw, gguf.GGMLQuantizationType[name]).astype(np.float32)


def add_tensors(writer, rng, rows, blocks_a_row, hard):
    """Adds a tensor of each type, and gives back what they are in float32."""
    expected = {}
    for name in TYPES:
        kind = gguf.GGMLQuantizationType[name]
        per_row = blocks_a_row * (1 if gguf.GGML_QUANT_SIZES[kind][0] > 1 else 40)
        raw = blocks(rng, name, rows * per_row, hard).reshape(rows, -1)
        expected[name] = widened(raw, name)
        writer.add_tensor(name, raw, raw_dtype=kind)
    return expected


def add_values(writer, rng, strings):
    info = np.iinfo
    for name, kind in (("uint8", np.uint8), ("int8", np.int8), ("uint16", np.uint16), ("int16", np.int16), ("uint32", np.uint32), ("int32", np.int32),
                       ("uint64", np.uint64), ("int64", np.int64)):
        add = getattr(writer, f"add_{name}")
        add(f"{name}.least", int(info(kind).min))
        add(f"{name}.most", int(info(kind).max))
        writer.add_key_value(f"{name}.list", [int(v) for v in rng.integers(info(kind).min, info(kind).max, 5, dtype=kind)], gguf.GGUFValueType.ARRAY,
                             sub_type=gguf.GGUFValueType[name.upper()])
    writer.add_float32("float32", float(np.float32(1e-5)))
    writer.add_float64("float64", .1)
    writer.add_key_value("float32.list", [float(np.float32(v)) for v in rng.normal(size=4)], gguf.GGUFValueType.ARRAY, sub_type=gguf.GGUFValueType.FLOAT32)
    writer.add_key_value("float64.list", [float(v) for v in rng.normal(size=4)], gguf.GGUFValueType.ARRAY, sub_type=gguf.GGUFValueType.FLOAT64)
    writer.add_bool("bool.true", True)
    writer.add_bool("bool.false", False)
    writer.add_key_value("bool.list", [True, False, True], gguf.GGUFValueType.ARRAY, sub_type=gguf.GGUFValueType.BOOL)
    writer.add_string("string", "Ġdog\n")
    writer.add_array("string.list", strings)


def add_tokenizer(writer, n):
    """A small byte-level one of n pieces: bytes, a few merges, three control pieces."""
    byte = [chr(b) if 33 <= b < 127 or 161 <= b < 173 or 174 <= b else None for b in range(256)]
    byte = [b or chr(256 + byte[:i].count(None)) for i, b in enumerate(byte)]
    merges = [m.replace("_", byte[32]) for m in ("t h", "th e", "_ d", "o g", "_d og", "_ c", "a t", "_c at", "_ the", "_ a", "i n", "in g")]
    tokens = byte + [m.replace(" ", "") for m in merges]
    tokens += [f"w{i}" for i in range(n - len(tokens) - 3)] + ["<|start|>", "<|end|>", "<think>"]
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("smollm")
    writer.add_token_list(tokens)
    writer.add_token_types([1] * (n - 3) + [3, 3, 4])
    writer.add_token_merges(merges)
    writer.add_bos_token_id(n - 3)
    writer.add_eos_token_id(n - 2)
    writer.add_add_bos_token(True)


def add_sentence_piece(writer):
    tokens = ["<unk>", "<s>", "</s>"] + [f"<0x{b:02X}>" for b in range(256)] + list("\u2581adogtc") + ["do", "dog", "\u2581dog", "at", "cat"]
    writer.add_tokenizer_model("llama")
    writer.add_token_list(tokens)
    writer.add_token_scores([-float(i) for i in range(len(tokens))])
    writer.add_token_types([2, 3, 3] + [6] * 256 + [1] * (len(tokens) - 259))
    writer.add_bos_token_id(1)
    writer.add_unk_token_id(0)


def write(path, arch, fill, alignment=32):
    writer = gguf.GGUFWriter(path, arch)
    if alignment != 32:
        writer.add_custom_alignment(alignment)
    result = fill(writer)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return result


def main():
    rng = np.random.default_rng(20261130)
    golden = ROOT / "tests" / "golden" / "gguf"
    corpus = ROOT / "fuzz" / "corpus" / "gguf"
    golden.mkdir(parents=True, exist_ok=True)
    corpus.mkdir(parents=True, exist_ok=True)

    def everything(writer):
        add_values(writer, rng, ["", "a", "▁dog", "\u00e9"])
        for name, values in add_tensors(writer, rng, 4, 1, .4).items():
            writer.add_tensor(f"{name}.expected", values)

    write(golden / "blocks.gguf", "blocks", everything, alignment=64)
    # What a fuzzer starts from: one tensor of each type, and metadata of each type, small.
    for name in TYPES:
        write(corpus / name, "llama", lambda writer: writer.add_tensor("t", blocks(rng, name, 1, 0), raw_dtype=gguf.GGMLQuantizationType[name]))
    for arch in gguf_models.ARCHITECTURES:
        config, tensors = gguf_models.draw(arch, rng, 9)
        write(corpus / f"model-{arch}", arch, lambda writer: gguf_models.add_model(writer, arch, config, tensors, rng))
    folder = ROOT / "tests" / "golden" / "models" / "llama-gguf"
    folder.mkdir(exist_ok=True)
    for seed in range(100):  # one without what transformers do not read of a GGUF
        rng = np.random.default_rng(seed)
        config, tensors = gguf_models.draw("llama", rng, 300)
        if "rope_scaling" not in config and not config["attention_bias"] and not config["mlp_bias"]:
            break

    def model(writer, tokenizer):
        tokenizer(writer)
        gguf_models.add_model(writer, "llama", config, dict(tensors), rng)

    write(folder / "model.gguf", "llama", lambda writer: model(writer, lambda w: add_tokenizer(w, 300)))
    write(folder / "sentence-piece.gguf", "llama", lambda writer: model(writer, add_sentence_piece))
    write(corpus / "byte-level", "llama", lambda writer: add_tokenizer(writer, 280))
    write(corpus / "sentence-piece", "llama", add_sentence_piece)
    write(corpus / "sentence-piece-gemma", "gemma", add_sentence_piece)
    write(corpus / "values", "llama", lambda writer: add_values(writer, rng, ["a", ""]), alignment=8)


if __name__ == "__main__":
    sys.exit(main())
