"""Small random models as folders of Hugging Face's layout, and as the GGUF that llama.cpp's convert_hf_to_gguf.py would make of them, written
down again from its rules: names, the interleaved queries and keys of Llama, Gemma's norms that are one more, GPT-2's turned matrices, rotary
positions. Needs NumPy and gguf alone."""
import json
import math
import struct

import gguf
import numpy as np

ARCHITECTURES = {"llama": "llama", "qwen2": "qwen2", "qwen3": "qwen3", "gemma": "gemma", "gemma2": "gemma2", "gemma3": "gemma3_text", "phi3": "phi3",
                 "gpt2": "gpt2", "smollm3": "smollm3", "olmo2": "olmo2"}  # model_type of each
TYPES = ["F32", "F16", "BF16", "Q8_0", "Q4_0", "Q4_1", "Q5_0", "Q5_1"]


def draw(arch, rng, vocabulary=None):
    """config.json and tensors of a random model; with a vocabulary a small one."""
    pick = lambda *of: of[int(rng.integers(len(of)))]
    heads, layers = pick(2, 4), {"gemma3": 7, "smollm3": 5}.get(arch) or pick(2, 3)  # enough for layers of every kind
    groups, head, wide = pick(1, 2), pick(16, 32), pick(32, 64)
    if vocabulary:
        heads, layers, groups, head, wide = 2, 2, 2, 8, 32
    vocabulary = vocabulary or int(rng.integers(40, 70))
    width = heads * head if arch in ("phi3", "gpt2") else 32 if heads * head == 16 else pick(32, 64)
    keys = heads // groups
    if arch == "gpt2":
        config = {"model_type": "gpt2", "n_layer": layers, "n_head": heads, "n_embd": width, "n_inner": wide, "n_positions": 64, "vocab_size": vocabulary,
                  "layer_norm_epsilon": 1e-5}
        return config, gpt2_tensors(config, rng)
    config = {"model_type": ARCHITECTURES[arch], "num_hidden_layers": layers, "num_attention_heads": heads, "num_key_value_heads": keys, "hidden_size": width,
              "intermediate_size": wide, "vocab_size": vocabulary, "max_position_embeddings": 64, "rms_norm_eps": pick(1e-5, 1e-6),
              "rope_theta": pick(1e4, 1e5), "tie_word_embeddings": bool(pick(True, False)) or arch.startswith("gemma")}
    if arch != "phi3":
        config["head_dim"] = head
    if arch == "llama":
        config |= {"attention_bias": pick(True, False), "mlp_bias": pick(True, False)}
    if arch.startswith("gemma"):
        config["hidden_activation"] = "gelu_pytorch_tanh"
    if arch in ("gemma2", "gemma3"):
        config |= {"sliding_window": 8, "query_pre_attn_scalar": head}
    if arch == "gemma2":
        config |= {"attn_logit_softcapping": 20.0, "final_logit_softcapping": 30.0}
    if arch == "gemma3":
        config |= {"rope_theta": 1e6, "rope_local_base_freq": 1e4}
    if arch in ("smollm3", "olmo2"):
        config |= {"attention_bias": False, "pad_token_id": 0}
    if arch == "phi3":
        config |= {"sliding_window": pick(None, 8), "pad_token_id": 0}
    stretch(arch, config, pick)
    return config, decoder_tensors(arch, config, head, rng)


def stretch(arch, config, pick):
    if arch in ("llama", "qwen2"):
        config["rope_scaling"] = pick(None, {"rope_type": "linear", "factor": 4.0},
                                      {"rope_type": "yarn", "factor": 4.0, "original_max_position_embeddings": 16},
                                      {"rope_type": "llama3", "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0,
                                       "original_max_position_embeddings": 32} if arch == "llama" else None)
    if arch == "phi3":
        half = config["hidden_size"] // config["num_attention_heads"] // 2
        config |= {"original_max_position_embeddings": 16}
        config["rope_scaling"] = pick(None, {"rope_type": "longrope", "short_factor": [1 + k / 16 for k in range(half)],
                                             "long_factor": [1.5 + k / 8 for k in range(half)]})
    if config.get("rope_scaling") is None:
        config.pop("rope_scaling", None)
        config.pop("original_max_position_embeddings", None)


def matrix(rng, *shape):
    return (rng.normal(size=shape) * 1.2 / math.sqrt(shape[-1])).astype(np.float32)


def norm(rng, n, around=1):
    return (around + .2 * rng.normal(size=n)).astype(np.float32)


def decoder_tensors(arch, config, head, rng):
    c, t = config, {}
    d, q, k, wide = c["hidden_size"], c["num_attention_heads"] * head, c["num_key_value_heads"] * head, c["intermediate_size"]
    around = 0 if arch.startswith("gemma") else 1
    t["model.embed_tokens.weight"] = rng.normal(size=(c["vocab_size"], d)).astype(np.float32)
    for i in range(c["num_hidden_layers"]):
        at = f"model.layers.{i}."
        norms = ["input_layernorm", "post_attention_layernorm"] if arch != "olmo2" else ["post_attention_layernorm", "post_feedforward_layernorm"]
        if arch in ("gemma2", "gemma3"):
            norms += ["pre_feedforward_layernorm", "post_feedforward_layernorm"]
        for name in norms:
            t[f"{at}{name}.weight"] = norm(rng, d, around)
        maps = {"q_proj": (q, d), "k_proj": (k, d), "v_proj": (k, d)} if arch != "phi3" else {"qkv_proj": (q + 2 * k, d)}
        for name, shape in (maps | {"o_proj": (d, q)}).items():
            t[f"{at}self_attn.{name}.weight"] = matrix(rng, *shape)
            if c.get("attention_bias") or arch == "qwen2" and name != "o_proj":
                t[f"{at}self_attn.{name}.bias"] = norm(rng, shape[0], 0)
        if arch in ("qwen3", "gemma3", "olmo2"):
            for name, all_heads in (("q_norm", q), ("k_norm", k)):
                t[f"{at}self_attn.{name}.weight"] = norm(rng, all_heads if arch == "olmo2" else head, around)
        maps = {"gate_proj": (wide, d), "up_proj": (wide, d)} if arch != "phi3" else {"gate_up_proj": (2 * wide, d)}
        for name, shape in (maps | {"down_proj": (d, wide)}).items():
            t[f"{at}mlp.{name}.weight"] = matrix(rng, *shape)
            if c.get("mlp_bias"):
                t[f"{at}mlp.{name}.bias"] = norm(rng, shape[0], 0)
    t["model.norm.weight"] = norm(rng, d, around)
    if not c["tie_word_embeddings"]:
        t["lm_head.weight"] = matrix(rng, c["vocab_size"], d)
    return t


def gpt2_tensors(c, rng):
    d, wide = c["n_embd"], c["n_inner"]
    t = {"transformer.wte.weight": rng.normal(size=(c["vocab_size"], d)).astype(np.float32),
         "transformer.wpe.weight": matrix(rng, c["n_positions"], d)}
    for i in range(c["n_layer"]):
        at = f"transformer.h.{i}."
        for name in ("ln_1", "ln_2"):
            t |= {f"{at}{name}.weight": norm(rng, d), f"{at}{name}.bias": norm(rng, d, 0)}
        for name, shape in (("attn.c_attn", (d, 3 * d)), ("attn.c_proj", (d, d)), ("mlp.c_fc", (d, wide)), ("mlp.c_proj", (wide, d))):
            t |= {f"{at}{name}.weight": matrix(rng, *shape), f"{at}{name}.bias": norm(rng, shape[1], 0)}
    return t | {"transformer.ln_f.weight": norm(rng, d), "transformer.ln_f.bias": norm(rng, d, 0)}


# ---- as a GGUF ----

NAMES = {"model.embed_tokens": "token_embd", "model.norm": "output_norm", "lm_head": "output", "input_layernorm": "attn_norm", "self_attn.q_proj": "attn_q",
         "self_attn.k_proj": "attn_k", "self_attn.v_proj": "attn_v", "self_attn.qkv_proj": "attn_qkv", "self_attn.o_proj": "attn_output",
         "self_attn.q_norm": "attn_q_norm", "self_attn.k_norm": "attn_k_norm", "post_attention_layernorm": "ffn_norm", "mlp.gate_proj": "ffn_gate",
         "mlp.up_proj": "ffn_up", "mlp.gate_up_proj": "ffn_up", "mlp.down_proj": "ffn_down"}
GEMMA = {"post_attention_layernorm": "post_attention_norm", "pre_feedforward_layernorm": "ffn_norm", "post_feedforward_layernorm": "post_ffw_norm"}
GPT2 = {"transformer.wte": "token_embd", "transformer.wpe": "position_embd", "transformer.ln_f": "output_norm", "ln_1": "attn_norm", "ln_2": "ffn_norm",
        "attn.c_attn": "attn_qkv", "attn.c_proj": "attn_output", "mlp.c_fc": "ffn_up", "mlp.c_proj": "ffn_down"}


def name_in_gguf(arch, name):
    names = NAMES | GEMMA if arch in ("gemma2", "gemma3", "olmo2") else GPT2 if arch == "gpt2" else NAMES
    stem, tail = name.rsplit(".", 1)
    if stem in names:
        return f"{names[stem]}.{tail}"
    number, part = stem.removeprefix("transformer.h.").removeprefix("model.layers.").split(".", 1)
    return f"blk.{number}.{names[part]}.{tail}"


def interleave(values, heads):
    return values.reshape(heads, 2, values.shape[0] // heads // 2, *values.shape[1:]).swapaxes(1, 2).reshape(values.shape)


def converted(arch, config, name, values):
    if arch in ("llama", "smollm3") and ".q_proj." in name:
        return interleave(values, config["num_attention_heads"])
    if arch in ("llama", "smollm3") and ".k_proj." in name:
        return interleave(values, config["num_key_value_heads"])
    if arch.startswith("gemma") and name.endswith("norm.weight"):
        return values + 1
    if arch == "gpt2" and (".attn.c_" in name or ".mlp.c_" in name) and name.endswith(".weight"):
        return np.ascontiguousarray(values.T)
    return values


def rope_freqs(config):
    s, head = config["rope_scaling"], config["head_dim"]
    low, high = s["original_max_position_embeddings"] / s["low_freq_factor"], s["original_max_position_embeddings"] / s["high_freq_factor"]
    out = []
    for k in range(0, head, 2):
        wave = 2 * math.pi * config["rope_theta"] ** (k / head)
        smooth = (s["original_max_position_embeddings"] / wave - s["low_freq_factor"]) / (s["high_freq_factor"] - s["low_freq_factor"])
        out.append(1 if wave < high else s["factor"] if wave > low else 1 / ((1 - smooth) / s["factor"] + smooth))
    return np.array(out, np.float32)


def add_metadata(writer, arch, c):
    whole = lambda key, value: writer.add_uint32(f"{arch}.{key}", value)
    real = lambda key, value: writer.add_float32(f"{arch}.{key}", value)
    g = lambda *keys: next(c[k] for k in keys if k in c)
    whole("block_count", g("num_hidden_layers", "n_layer"))
    whole("context_length", g("max_position_embeddings", "n_positions"))
    whole("embedding_length", g("hidden_size", "n_embd"))
    whole("feed_forward_length", g("intermediate_size", "n_inner"))
    whole("attention.head_count", g("num_attention_heads", "n_head"))
    if arch == "gpt2":
        return real("attention.layer_norm_epsilon", c["layer_norm_epsilon"])
    head = c.get("head_dim", c["hidden_size"] // c["num_attention_heads"])
    whole("attention.head_count_kv", c["num_key_value_heads"])
    real("attention.layer_norm_rms_epsilon", c["rms_norm_eps"])
    real("rope.freq_base", c["rope_theta"])
    if head * c["num_attention_heads"] != c["hidden_size"]:
        whole("attention.key_length", head)
        whole("attention.value_length", head)
    if arch in ("llama", "phi3", "smollm3"):
        whole("vocab_size", c["vocab_size"])
        whole("rope.dimension_count", head)
    if "sliding_window" in c:
        whole("attention.sliding_window", c["sliding_window"] or 0)
    for key in ("attn_logit_softcapping", "final_logit_softcapping"):
        if key in c:
            real(key, c[key])
    s = c.get("rope_scaling") or {}
    if s.get("rope_type") in ("linear", "yarn"):
        writer.add_string(f"{arch}.rope.scaling.type", s["rope_type"])
        real("rope.scaling.factor", s["factor"])
    if s.get("rope_type") == "yarn":
        whole("rope.scaling.original_context_length", s["original_max_position_embeddings"])
    if s.get("rope_type") == "llama3":
        writer.add_tensor("rope_freqs.weight", rope_freqs(c))
    if s.get("rope_type") == "longrope":
        original = c["original_max_position_embeddings"]
        whole("rope.scaling.original_context_length", original)
        real("rope.scaling.attn_factor", math.sqrt(1 + math.log(c["max_position_embeddings"] / original) / math.log(original)))
        for length in ("long", "short"):
            writer.add_tensor(f"rope_factors_{length}.weight", np.array(s[f"{length}_factor"], np.float32))


def add_model(writer, arch, config, tensors, rng):
    """Adds the model; the tensors become what is left of them in the types that were drawn."""
    add_metadata(writer, arch, config)
    for name, values in tensors.items():
        stored, kind = converted(arch, config, name, values), "F32"
        if values.ndim == 2:
            kind = TYPES[int(rng.integers(len(TYPES)))]
        if kind != "F32" and stored.shape[-1] % gguf.GGML_QUANT_SIZES[gguf.GGMLQuantizationType[kind]][0] != 0:
            kind = "F16"
        if kind == "F32":
            writer.add_tensor(name_in_gguf(arch, name), stored)
            continue
        raw = gguf.quantize(stored, gguf.GGMLQuantizationType[kind])
        writer.add_tensor(name_in_gguf(arch, name), raw, raw_dtype=gguf.GGMLQuantizationType[kind])
        back = gguf.dequantize(raw, gguf.GGMLQuantizationType[kind]).astype(np.float32)
        tensors[name] = unconverted(arch, config, name, back)


def unconverted(arch, config, name, values):
    """The way back, of matrices alone."""
    rows = np.arange(values.shape[0] * values.shape[1], dtype=np.float64).reshape(converted_shape(arch, name, values.shape))
    order = converted(arch, config, name, rows).ravel().astype(np.int64)
    out = np.empty(values.size, np.float32)
    out[order] = values.ravel()
    return out.reshape(rows.shape)


def converted_shape(arch, name, shape):
    return shape[::-1] if arch == "gpt2" and (".attn.c_" in name or ".mlp.c_" in name) else shape


# ---- as a folder ----

def write_folder(folder, config, tensors):
    folder.mkdir()
    (folder / "config.json").write_text(json.dumps(config))
    header, at = {}, 0
    for name, values in tensors.items():
        header[name] = {"dtype": "F32", "shape": list(values.shape), "data_offsets": [at, at + values.nbytes]}
        at += values.nbytes
    text = json.dumps(header).encode()
    (folder / "model.safetensors").write_bytes(struct.pack("<Q", len(text)) + text + b"".join(np.ascontiguousarray(v).tobytes() for v in tensors.values()))
