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


FAMILIES = {"llama": llama}


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
    hook = norm.register_forward_pre_hook(lambda _m, x: raw.append(x[0])) if norm is not None else None
    with torch.no_grad():
        r = base(torch.tensor([ids]), output_hidden_states=True, output_attentions=True, use_cache=False)
    if hook:
        hook.remove()
    hidden = torch.cat([h for h in r.hidden_states[:-1]] + [r.hidden_states[-1]])
    return hidden, raw[-1][0] if raw else hidden[-1], torch.cat(list(r.attentions))


def lengths(r, config):
    longest = config.get("max_position_embeddings", 40)
    table = config["model_type"] in ("gpt2", "opt")
    return [1, 2, r.randrange(3, 20), min(longest, 70), longest if table else longest + r.randrange(1, 30)]


def texts(r, config):
    return [[r.randrange(config["vocab_size"]) for _ in range(n)] for n in lengths(r, config)]


def draw(family, seed):
    r = random.Random(f"{family} {seed}")
    config = FAMILIES[family](r)
    return config, texts(r, config)
