"""Random decoders of every family: config.json as the hub and as transformers write it, weights that make maps far from uniform, and what
transformers (eager) computes. For make_models.py (goldens) and check_decoders.py (many)."""
import json
import random

import torch
from safetensors.torch import save_file
from transformers import AutoConfig, AutoModel, AutoModelForCausalLM, logging


torch.set_num_threads(1)  # small models: threads wait for each other
logging.set_verbosity_error()


def rope(r, c, pairs, new, kinds=("default", "linear", "dynamic", "yarn", "llama3", "longrope", "proportional")):
    """Rotary positions, in the old form or the new one."""
    kind = r.choice(kinds)
    p = {"rope_type": kind}
    if kind in ("linear", "dynamic", "yarn", "llama3"):
        p["factor"] = r.choice([1.5, 2.0, 4.0, 8.0])
    if kind == "proportional":
        p["partial_rotary_factor"] = r.choice([.25, .5, 1.0])
        if r.random() < .5:
            p["factor"] = 2.0
    if kind == "llama3":
        p |= {"low_freq_factor": 1.0, "high_freq_factor": r.choice([2.0, 4.0]), "original_max_position_embeddings": r.choice([16, 64])}
    if kind == "yarn":
        if r.random() < .7:
            p["original_max_position_embeddings"] = r.choice([8, 16, 64])
        if r.random() < .3:
            p["attention_factor"] = 1.3
        elif r.random() < .4:
            p |= {"mscale": 1.2, "mscale_all_dim": .7}
        if r.random() < .5:
            p |= {"beta_fast": 8.0, "beta_slow": .5}
        if r.random() < .3:
            p["truncate"] = False
    if kind == "longrope":
        p |= {"short_factor": [round(1 + .1 * k, 2) for k in range(pairs)], "long_factor": [round(1.5 + .7 * k, 2) for k in range(pairs)],
              "original_max_position_embeddings": r.choice([8, 20])}
        if r.random() < .3:
            p["factor"] = 3.0
        if r.random() < .3:
            p["attention_factor"] = 1.1
    theta = r.choice([None, 100.0, 5e5])
    if new:
        if theta or kind == "llama3":
            p["rope_theta"] = theta or 1e4
        c["rope_parameters"] = p
    else:
        if theta or kind == "llama3":
            c["rope_theta"] = theta or 1e4
        if kind != "default":
            if r.random() < .3:
                p["type"] = p.pop("rope_type")
            c["rope_scaling"] = p


def sizes(r):
    key_heads = r.choice([1, 2, 3])
    heads = key_heads * r.choice([1, 2, 3])
    head = r.choice([4, 6, 8, 10, 16])
    return {"vocab_size": r.choice([31, 64]), "hidden_size": heads * r.choice([4, 6, 10]), "num_hidden_layers": r.choice([1, 2, 4]),
            "num_attention_heads": heads, "num_key_value_heads": key_heads, "intermediate_size": r.choice([17, 33, 64]),
            "max_position_embeddings": r.choice([24, 40, 100]), "head_dim": head, "rms_norm_eps": r.choice([1e-6, 1e-5, 1e-3]),
            "tie_word_embeddings": r.random() < .5}


def head_width(c):
    return c.get("head_dim") or c["hidden_size"] // c["num_attention_heads"]


def even_heads(c):
    if head_width(c) % 2:
        c["hidden_size"] = c["num_attention_heads"] * 6


def drop(r, c, key, p=.3):
    if r.random() < p:
        c.pop(key, None)


def slides(r, c):
    if r.random() < .5:
        c["layer_types"] = [r.choice(["full_attention", "sliding_attention"]) for _ in range(c["num_hidden_layers"])]


def llama(r):
    c = sizes(r) | {"model_type": "llama", "hidden_act": r.choice(["silu", "gelu", "relu"]), "attention_bias": r.random() < .4, "mlp_bias": r.random() < .4}
    drop(r, c, "head_dim")
    drop(r, c, "num_key_value_heads", .2)
    even_heads(c)
    rope(r, c, head_width(c) // 2, r.random() < .5)
    return c


def mistral(r):
    c = sizes(r) | {"model_type": "mistral", "sliding_window": r.choice([None, 1, 3, 7, 35, 64])}
    drop(r, c, "sliding_window", .2)
    drop(r, c, "head_dim")
    if c["num_attention_heads"] % 8 == 0:
        drop(r, c, "num_key_value_heads")
    even_heads(c)
    rope(r, c, head_width(c) // 2, r.random() < .5)
    return c


def qwen(r, name):
    c = sizes(r) | {"model_type": name, "use_sliding_window": r.random() < .7, "sliding_window": r.choice([1, 4, 9, 33]), "max_window_layers": r.choice([0, 1, 2])}
    if c["use_sliding_window"]:
        slides(r, c)
    drop(r, c, "max_window_layers", .2)
    if name == "qwen3":
        c["attention_bias"] = r.random() < .5
    else:
        drop(r, c, "head_dim")
    even_heads(c)
    rope(r, c, head_width(c) // 2, r.random() < .5)
    return c


def smollm3(r):
    c = sizes(r) | {"model_type": "smollm3", "attention_bias": r.random() < .3, "mlp_bias": r.random() < .3, "pad_token_id": 0}
    drop(r, c, "head_dim")
    if r.random() < .6:
        c |= {"use_sliding_window": True, "sliding_window": r.choice([2, 5, 20])}
        slides(r, c)
    if r.random() < .5:
        c["no_rope_layers"] = [r.randrange(2) for _ in range(c["num_hidden_layers"])]
    elif r.random() < .5:
        c["no_rope_layer_interval"] = r.choice([1, 2, 3])
    even_heads(c)
    rope(r, c, head_width(c) // 2, r.random() < .5)
    return c


def olmo2(r):
    c = sizes(r) | {"model_type": "olmo2", "attention_bias": r.random() < .4, "pad_token_id": 1}
    drop(r, c, "head_dim")
    drop(r, c, "num_key_value_heads", .2)
    even_heads(c)
    rope(r, c, head_width(c) // 2, r.random() < .5)
    return c


def gemma(r):
    c = sizes(r) | {"model_type": "gemma", "attention_bias": r.random() < .3, "hidden_act": r.choice(["gelu", "gelu_pytorch_tanh", "silu"])}
    c["tie_word_embeddings"] = True
    drop(r, c, "hidden_act")
    rope(r, c, head_width(c) // 2, r.random() < .5)
    return c


def gemma2(r):
    c = sizes(r) | {"model_type": "gemma2", "attention_bias": r.random() < .3, "hidden_activation": r.choice(["gelu_pytorch_tanh", "silu"]),
                    "query_pre_attn_scalar": r.choice([4, 16, 224]), "sliding_window": r.choice([1, 3, 8, 34]), "hidden_act": "relu",
                    "attn_logit_softcapping": r.choice([None, 2.0, 5.0, 50.0]), "final_logit_softcapping": r.choice([None, 3.0])}
    c["tie_word_embeddings"] = True
    for key in ("hidden_activation", "attn_logit_softcapping", "query_pre_attn_scalar"):
        drop(r, c, key)
    slides(r, c)
    rope(r, c, head_width(c) // 2, r.random() < .5)
    return c


def gemma3_text(r):
    c = sizes(r) | {"model_type": "gemma3_text", "attention_bias": r.random() < .3, "query_pre_attn_scalar": r.choice([4, 16, 256]),
                    "sliding_window": r.choice([1, 3, 8, 34]), "attn_logit_softcapping": r.choice([None, 5.0])}
    c["tie_word_embeddings"] = True
    kind = r.random()
    if kind < .5:
        c["sliding_window_pattern"] = r.choice([1, 2, 3])
    elif kind < .8:
        slides(r, c)
    if r.random() < .5:
        both = {}
        rope(r, both, head_width(c) // 2, True)
        local = {"rope_type": "default"}
        if r.random() < .5:
            local["rope_theta"] = 300.0
        if r.random() < .3:
            local = {"rope_type": "linear", "factor": 2.0}
        c["rope_parameters"] = {"full_attention": both["rope_parameters"], "sliding_attention": local}
    else:
        rope(r, c, head_width(c) // 2, False, ("default", "linear", "yarn"))
        if "rope_scaling" in c and "type" in c["rope_scaling"]:
            c["rope_scaling"]["rope_type"] = c["rope_scaling"].pop("type")
        if r.random() < .5:
            c["rope_local_base_freq"] = 500.0
    return c


def phi3(r):
    c = sizes(r) | {"model_type": "phi3", "sliding_window": r.choice([None, 2, 9, 40]), "pad_token_id": 0, "bos_token_id": 1, "eos_token_id": 2}
    drop(r, c, "sliding_window")
    drop(r, c, "head_dim", .6)
    drop(r, c, "num_key_value_heads", .2)
    even_heads(c)
    partial = 1.0
    if "head_dim" not in c and r.random() < .5:
        partial = r.choice([.5, .75])
    rotated = int(head_width(c) * partial)
    if rotated % 2:
        partial, rotated = 1.0, head_width(c)
    kind = r.choice(["default", "longrope"])
    if kind == "longrope" and "head_dim" in c:  # the reference counts pairs of width / heads
        c.pop("head_dim")
        even_heads(c)
        rotated = head_width(c)
    rope(r, c, rotated // 2, False, (kind,))
    if partial < 1:
        c["partial_rotary_factor"] = partial
    if "rope_scaling" in c:
        p = c["rope_scaling"]
        p.pop("rope_type", None)
        p["type"] = r.choice(["longrope", "su", "yarn"])
        if p["type"] != "su":
            p.pop("original_max_position_embeddings")
        if r.random() < .7:
            c["original_max_position_embeddings"] = r.choice([8, 20])
    return c


def phi(r):
    c = sizes(r) | {"model_type": "phi", "layer_norm_eps": r.choice([1e-5, 1e-3]), "hidden_act": r.choice(["gelu_new", "gelu", "relu"]),
                    "qk_layernorm": r.random() < .4}
    c.pop("rms_norm_eps")
    c.pop("head_dim")
    drop(r, c, "num_key_value_heads", .3)
    c["hidden_size"] = c["num_attention_heads"] * r.choice([8, 12])
    partial = r.choice([None, .5, .25, 1.0])
    rotated = int(head_width(c) * (partial or .5))
    if rotated % 2 or rotated < 4:
        partial, rotated = .5, head_width(c) // 2
    rope(r, c, rotated // 2, False, ("default", "linear", "dynamic", "yarn", "llama3", "longrope"))
    if partial:
        c["partial_rotary_factor"] = partial
    return c


def gpt_neox(r):
    c = sizes(r) | {"model_type": "gpt_neox", "layer_norm_eps": r.choice([1e-5, 1e-3]), "hidden_act": r.choice(["gelu", "gelu_new", "relu"]),
                    "use_parallel_residual": r.random() < .5, "attention_bias": r.random() < .7}
    for key in ("rms_norm_eps", "head_dim", "num_key_value_heads"):
        c.pop(key)
    c["hidden_size"] = c["num_attention_heads"] * r.choice([8, 16])
    partial = r.choice([.25, .5, 1.0])
    rotated = int(head_width(c) * partial)
    if rotated < 4:
        partial, rotated = .5, head_width(c) // 2
    rope(r, c, rotated // 2, False, ("default", "linear", "dynamic", "yarn", "longrope"))
    if "rope_theta" in c:
        c["rotary_emb_base"] = c.pop("rope_theta")
    c["rotary_pct"] = partial
    if partial == .25:
        drop(r, c, "rotary_pct")
    drop(r, c, "use_parallel_residual")
    return c


def gpt2(r):
    heads = r.choice([1, 2, 3, 5])
    c = {"model_type": "gpt2", "vocab_size": r.choice([31, 64]), "n_embd": heads * r.choice([4, 7, 10]), "n_layer": r.choice([1, 2, 3]), "n_head": heads,
         "n_positions": r.choice([24, 40, 60]), "n_inner": r.choice([None, 17, 64]), "activation_function": r.choice(["gelu_new", "gelu", "relu"]),
         "layer_norm_epsilon": r.choice([1e-5, 1e-3]), "scale_attn_weights": r.random() < .7, "scale_attn_by_inverse_layer_idx": r.random() < .4,
         "reorder_and_upcast_attn": r.random() < .2}
    for key in ("n_inner", "activation_function", "scale_attn_weights"):
        drop(r, c, key, .2)
    return c


def opt(r):
    heads = r.choice([1, 2, 3, 5])
    c = {"model_type": "opt", "vocab_size": r.choice([31, 64]), "hidden_size": heads * r.choice([4, 7, 10]), "num_hidden_layers": r.choice([1, 2, 3]),
         "num_attention_heads": heads, "max_position_embeddings": r.choice([24, 40, 60]), "ffn_dim": r.choice([17, 40]),
         "activation_function": r.choice(["relu", "gelu"]), "do_layer_norm_before": r.random() < .6, "enable_bias": r.random() < .7,
         "layer_norm_elementwise_affine": r.random() < .7, "_remove_final_layer_norm": r.random() < .2}
    if r.random() < .4:
        c["word_embed_proj_dim"] = r.choice([6, 33])
    for key in ("do_layer_norm_before", "enable_bias", "_remove_final_layer_norm"):
        drop(r, c, key)
    return c


FAMILIES = {"llama": llama, "mistral": mistral, "qwen2": lambda r: qwen(r, "qwen2"), "qwen3": lambda r: qwen(r, "qwen3"), "smollm3": smollm3, "olmo2": olmo2,
            "gemma": gemma, "gemma2": gemma2, "gemma3_text": gemma3_text, "phi3": phi3, "phi": phi, "gpt_neox": gpt_neox, "gpt2": gpt2, "opt": opt}


def strong(model, seed):
    g = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, p in model.named_parameters():
            draw = torch.randn(p.shape, generator=g)
            if p.dim() == 1:
                plain = name.endswith("weight") and not float(p.mean()) == 0  # gemma's norms are 0 where others are 1
                p.copy_(.2 * draw + (1 if plain else 0))
            else:
                p.copy_(draw * (.9 if "embed" in name or "wte" in name or "wpe" in name else 1.2 / p.shape[-1] ** .5))
    return model.eval()


def make(folder, config, seed, dtype=torch.float32, with_head=None):
    """The folder of a model; returns it as transformers reads it."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.json").write_text(json.dumps(config, indent=1, sort_keys=True) + "\n")
    c = AutoConfig.from_pretrained(folder)
    model = strong(AutoModelForCausalLM.from_config(c, attn_implementation="eager", dtype=torch.float32), seed)
    state = {k: v.to(dtype).contiguous() for k, v in model.state_dict().items()}
    model.load_state_dict({k: v.float() for k, v in state.items()})
    if c.tie_word_embeddings:
        state = {k: v for k, v in state.items() if k not in ("lm_head.weight", "embed_out.weight")}
    prefix = model.base_model_prefix + "."
    model.head_is_there = with_head or c.tie_word_embeddings and c.model_type != "phi"  # whose matrix has a bias
    if not with_head:
        state = {k[len(prefix):]: v for k, v in state.items() if k.startswith(prefix)}
    save_file(state, folder / "model.safetensors", {"format": "pt"})
    return model


def values(model, ids):
    """hidden states (the last one behind the final norm), the last before it, maps: [L+1, n, d], [n, d], [L, H, n, n]."""
    base = getattr(model, model.base_model_prefix)
    base = getattr(base, "decoder", base)
    norm = next((getattr(base, n) for n in ("norm", "ln_f", "final_layer_norm", "final_layernorm") if getattr(base, n, None) is not None), None)
    raw = []
    states = []
    hook = norm.register_forward_pre_hook(lambda _m, x: raw.append(x[0])) if norm is not None else None
    project = getattr(base, "project_out", None)
    other = project.register_forward_pre_hook(lambda _m, x: states.append(x[0])) if project is not None else None
    with torch.no_grad():
        r = base(torch.tensor([ids]), output_hidden_states=True, output_attentions=True, use_cache=False)
    for h in (hook, other):
        if h is not None:
            h.remove()
    last = r.hidden_states[-1]
    if getattr(base, "project_out", None) is not None:  # whose output is of another width, and no state of a layer
        last = norm(raw[-1]) if norm is not None else states[-1]
    return torch.cat([*r.hidden_states[:-1], last]).detach(), raw[-1][0] if raw else last[0].detach(), torch.cat(list(r.attentions))


def log_probabilities(model, ids):
    with torch.no_grad():
        return torch.log_softmax(model(torch.tensor([ids]), use_cache=False).logits[0].double(), -1)


def expected(model, ids, map_rows, values=values):
    """expected.safetensors, as make_decoder_models.py describes it."""
    out = {}
    for i, text in enumerate(ids):
        if getattr(model, "head_is_there", False) and len(text) > 1:
            log_probs = log_probabilities(model, text)
            out[f"{i}.log_probs"] = torch.stack([log_probs[k, text[k + 1]] for k in range(len(text) - 1)]).float()
        hidden, raw, maps = values(model, text)
        rows = torch.tensor(sorted({0, len(text) // 2, len(text) - 1}) if map_rows else range(len(text)))
        out |= {f"{i}.ids": torch.tensor(text), f"{i}.hidden_rows": rows, f"{i}.hidden": hidden[:, rows].contiguous(), f"{i}.norms": hidden.norm(dim=-1),
                f"{i}.raw": raw[rows].contiguous(), f"{i}.attention_rows": rows.clone(), f"{i}.attention": maps[:, :, rows].contiguous()}
    return out


def lengths(r, config):
    longest = config.get("max_position_embeddings", config.get("n_positions", 40))
    table = config["model_type"] in ("gpt2", "opt")
    return [1, 2, r.randrange(3, 20), min(longest, 70), longest if table else longest + r.randrange(1, 30)]


def texts(r, config):
    return [[r.randrange(config["vocab_size"]) for _ in range(n)] for n in lengths(r, config)]


def draw(family, seed):
    r = random.Random(f"{family} {seed}")
    config = FAMILIES[family](r)
    return config, texts(r, config)
