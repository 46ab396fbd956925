"""Random encoders of the families that are not BERT and MPNet, as decoders.py makes decoders, for check_decoders.py. As a program (encoders.py
[FAMILY...]) it writes small ones to tests/golden/models (make_decoder_models.py describes what is in them). Versions: requirements-models.txt."""
import json
import random
import shutil
import sys
from pathlib import Path

import torch
from safetensors.torch import save_file
from transformers import AutoConfig, AutoModelForMaskedLM

from decoders import drop, expected, rope, strong

TIED = ("decoder.weight", "decoder.bias", "vocab_projector.weight", "generator_lm_head.weight")


def sizes(r, name):
    heads = r.choice([1, 2, 3, 5])
    return {"model_type": name, "vocab_size": r.choice([31, 64]), "hidden_size": heads * r.choice([4, 7, 10]), "num_hidden_layers": r.choice([1, 2, 4]),
            "num_attention_heads": heads, "intermediate_size": r.choice([17, 33, 64]), "max_position_embeddings": r.choice([24, 40, 100]),
            "hidden_act": r.choice(["gelu", "gelu_new", "relu"]), "layer_norm_eps": r.choice([1e-12, 1e-5, 1e-3]), "type_vocab_size": r.choice([1, 2, 3]),
            "pad_token_id": 0}


def roberta(r, name):
    c = sizes(r, name) | {"pad_token_id": r.choice([0, 1, 1, 5])}
    if c["pad_token_id"] == 1:
        drop(r, c, "pad_token_id")
    for key in ("layer_norm_eps", "type_vocab_size", "hidden_act"):
        drop(r, c, key)
    return c


def distilbert(r):
    c = sizes(r, "distilbert")
    for ours, theirs in (("hidden_size", "dim"), ("num_hidden_layers", "n_layers"), ("num_attention_heads", "n_heads"), ("intermediate_size", "hidden_dim"),
                         ("hidden_act", "activation")):
        c[theirs] = c.pop(ours)
    for key in ("layer_norm_eps", "type_vocab_size"):
        c.pop(key)
    if c["activation"] == "gelu_new":
        c["activation"] = "gelu"
    return c | {"sinusoidal_pos_embds": r.random() < .3}


def electra(r):
    c = sizes(r, "electra")
    return c | {"embedding_size": r.choice([c["hidden_size"], 6, 13, 50])}


def albert(r):
    c = sizes(r, "albert") | {"embedding_size": r.choice([6, 13, 50]), "num_hidden_layers": r.choice([1, 2, 3, 5, 6])}
    c |= {"num_hidden_groups": r.randrange(1, c["num_hidden_layers"] + 1), "inner_group_num": r.choice([1, 1, 2, 3])}
    if r.random() < .2:
        c["embedding_size"] = c["hidden_size"]
    for key in ("hidden_act", "layer_norm_eps"):
        drop(r, c, key)
    return c


def modernbert(r):
    c = sizes(r, "modernbert") | {"num_hidden_layers": r.choice([1, 2, 4, 5]), "local_attention": r.choice([1, 2, 3, 7, 40, 128]), "norm_bias": r.random() < .4,
                                  "attention_bias": r.random() < .4, "mlp_bias": r.random() < .4, "norm_eps": r.choice([1e-5, 1e-3]),
                                  "hidden_activation": r.choice(["gelu", "silu"])}
    c["hidden_size"] = c["num_attention_heads"] * r.choice([4, 8, 10])
    for key in ("hidden_act", "layer_norm_eps", "type_vocab_size"):
        c.pop(key)
    kind = r.random()
    if kind < .5:
        c["global_attn_every_n_layers"] = r.choice([1, 2, 3])
    elif kind < .8:
        c["layer_types"] = [r.choice(["full_attention", "sliding_attention"]) for _ in range(c["num_hidden_layers"])]
    if r.random() < .5:
        c |= {"global_rope_theta": r.choice([300.0, 160000.0]), "local_rope_theta": r.choice([100.0, 10000.0])}
        if r.random() < .4:
            c["rope_scaling"] = {"rope_type": "linear", "factor": 2.0}
    elif r.random() < .6:
        both = {}
        rope(r, both, c["hidden_size"] // c["num_attention_heads"] // 2, True, ("default", "linear", "yarn"))
        c["rope_parameters"] = {"full_attention": both["rope_parameters"], "sliding_attention": {"rope_type": "default"}}
    return c


def deberta(r):
    c = sizes(r, "deberta-v2") | {"relative_attention": r.random() < .9, "type_vocab_size": r.choice([0, 0, 1, 2]), "max_relative_positions": r.choice([-1, 5, 17, 30]),
                                  "position_biased_input": r.random() < .4, "share_att_key": r.random() < .5, "norm_rel_ebd": r.choice(["none", "layer_norm"])}
    c["pos_att_type"] = r.choice([["c2p", "p2c"], ["p2c"], ["c2p"], "c2p|p2c", " p2c | c2p", "p2c", []])
    if r.random() < .6:
        c |= {"position_buckets": r.choice([2, 4, 6, 8, 16, -1]), "max_relative_positions": r.choice([-1, 12, 17, 30, 512])}
    if r.random() < .5:
        c |= {"conv_kernel_size": r.choice([0, 1, 3, 5]), "conv_act": r.choice(["tanh", "gelu", "relu"])}
        drop(r, c, "conv_act")
    if r.random() < .3:
        c["embedding_size"] = r.choice([6, 13, 50])
    for key in ("layer_norm_eps", "hidden_act", "norm_rel_ebd", "share_att_key", "pos_att_type", "position_biased_input"):
        drop(r, c, key, .15)
    return c


FAMILIES = {"roberta": lambda r: roberta(r, "roberta"), "xlm-roberta": lambda r: roberta(r, "xlm-roberta"),
            "camembert": lambda r: roberta(r, "camembert"), "distilbert": distilbert, "electra": electra,
            "albert": albert, "modernbert": modernbert, "deberta-v2": deberta}


def make(folder, config, seed, dtype=torch.float32, with_head=None):
    """The folder of a model; returns it as transformers reads it."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.json").write_text(json.dumps(config, indent=1, sort_keys=True) + "\n")
    model = strong(AutoModelForMaskedLM.from_config(AutoConfig.from_pretrained(folder), attn_implementation="eager", dtype=torch.float32), seed)
    state = {k: v.to(dtype).contiguous() for k, v in model.state_dict().items() if not k.endswith(TIED)}
    model.load_state_dict({k: v.float() for k, v in state.items()}, strict=False)
    prefix = model.base_model_prefix + "."
    if not with_head:
        state = {k[len(prefix):]: v for k, v in state.items() if k.startswith(prefix)}
    save_file(state, folder / "model.safetensors", {"format": "pt"})
    return model


def values(model, ids):
    """As decoders.values."""
    base = getattr(model, model.base_model_prefix)
    norm, raw = getattr(base, "final_norm", None), []
    hook = norm.register_forward_pre_hook(lambda _m, x: raw.append(x[0])) if norm is not None else None
    with torch.no_grad():
        r = base(torch.tensor([ids]), output_hidden_states=True, output_attentions=True)
    if hook is not None:
        hook.remove()
    return torch.cat(r.hidden_states), raw[-1][0] if raw else r.hidden_states[-1][0], torch.cat(list(r.attentions))


def open_ended(config):
    return config["model_type"] == "modernbert" or config["model_type"] == "deberta-v2" and not config.get("position_biased_input", True)


def lengths(r, config):
    longest = config["max_position_embeddings"]
    if config["model_type"] in ("roberta", "xlm-roberta", "camembert"):
        longest -= config.get("pad_token_id", 1) + 1
    return [1, 2, r.randrange(3, 20), min(longest, 70), longest + (r.randrange(1, 30) if open_ended(config) else 0)]


def texts(r, config):
    return [[r.randrange(config["vocab_size"]) for _ in range(n)] for n in lengths(r, config)]


def draw(family, seed):
    r = random.Random(f"{family} {seed}")
    config = FAMILIES[family](r)
    return config, texts(r, config)


def tells(config, kept):
    """Whether a config has what is easy to get wrong in its family."""
    c = config
    if c["model_type"] == "albert":
        return c["inner_group_num"] > 1 and c["num_hidden_groups"] not in (1, c["num_hidden_layers"])
    if c["model_type"] == "deberta-v2":
        both = "c2p" in str(c.get("pos_att_type")) and "p2c" in str(c.get("pos_att_type"))
        return (both and c["num_attention_heads"] > 1 and c["relative_attention"] and 4 <= c.get("position_buckets", 0) <= 8 and c.get("norm_rel_ebd") == "layer_norm"
                and (c.get("conv_kernel_size", 0) > 1 if kept else c.get("embedding_size", 0) > 0) and c.get("share_att_key", False) == (kept > 0))
    return True


def goldens(families, most=4000):
    """Two of each family: in fp32 with a head, in bf16 without."""
    golden = Path(__file__).resolve().parent.parent / "golden" / "models"
    for family in families:
        for old in golden.glob(f"{family}-[0-9]*"):
            shutil.rmtree(old)
        kept = 0
        for seed in range(1, 5000):
            config, _ = draw(family, seed)
            layers, width, wide = (config.get(a, config.get(b)) for a, b in (("num_hidden_layers", "n_layers"), ("hidden_size", "dim"), ("intermediate_size", "hidden_dim")))
            size = config["vocab_size"] * width + layers * width * (4 * width + 3 * wide)
            if size > (2 * most if family == "deberta-v2" else most) or layers < 2 or not tells(config, kept):
                continue
            r = random.Random(seed)
            folder = golden / f"{family}-{seed}"
            model = make(folder, config, seed, [torch.float32, torch.bfloat16][kept], kept == 0)
            ids = [[r.randrange(config["vocab_size"]) for _ in range(n)] for n in (1, 5, min(29, lengths(r, config)[-1]))]
            save_file(expected(model, ids, True, values), folder / "expected.safetensors")
            for path in folder.iterdir():
                path.chmod(0o644)
            kept += 1
            if kept == 2:
                break


if __name__ == "__main__":
    goldens(sys.argv[1:] or FAMILIES)
