"""check_decoders.py MODEL_DUMP [--families LIST] [--n N] [--seed S]: N random models of each family beside transformers (eager, fp32): hidden
states of every layer, before and behind the final norm, maps, and log-probabilities. A bound is 5e-5 (maps 1e-5, log-probabilities 1e-4), or 12 times what fp32 and fp64 differ by in
transformers itself. Prints the largest differences of each family, and every config that is beyond; exits with 1 if there is one.

Needs torch and transformers (tests/oracle/requirements-models.txt). By hand: a model takes a tenth of a second."""
import argparse
import copy
import json
import struct
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import torch

import decoders
import encoders


def of(family):
    return encoders if family in encoders.FAMILIES else decoders


def dump(program, folder, ids, config):
    """What our program computes: a list of (hidden, behind the norm, maps, log-probabilities or None)."""
    lines = "\n".join(" ".join(map(str, i)) for i in ids)
    process = subprocess.run([program, folder, "1"] + ["logits"] * config["logits"], input=lines.encode(), capture_output=True)
    if process.returncode:
        raise RuntimeError(process.stderr.decode().strip())
    data, at, out = process.stdout, 0, []

    def take(*shape):
        nonlocal at
        count = int(np.prod(shape))
        array = np.frombuffer(data, np.float32, count, at).reshape(shape)
        at += 4 * count
        return array

    layers, heads, width, head, normed = (config[k] for k in ("layers", "heads", "width", "head", "normed"))
    for text in ids:
        (n,) = struct.unpack_from("<i", data, at)
        at += 4
        assert n == len(text)
        hidden = take(layers + 1, n, width)
        last = take(n, width) if normed else hidden[-1]
        logits = take(n, config["vocabulary"]).astype(float) if config["logits"] else None
        if logits is not None:
            logits -= logits.max(-1, keepdims=True)
            logits -= np.log(np.exp(logits).sum(-1, keepdims=True))
        maps = take(layers, heads, n, n)
        take(layers, heads, n, head)
        out.append((hidden, last, maps, logits))
    assert at == len(data)
    return out


def measure(values, ours, model, exact, text):
    """Differences of states and maps, each as a share of its bound."""
    hidden, last, maps, logits = ours
    h, raw, a = (x.numpy().astype(float) for x in values(model, text))
    h64, raw64, a64 = (x.numpy() for x in values(exact, text))
    bound_h = max(5e-5, 12 * max(np.abs(h - h64).max(), np.abs(raw - raw64).max()))
    bound_a = max(1e-5, 12 * np.abs(a - a64).max())
    off_h = max(np.abs(hidden[:-1] - h[:-1]).max(initial=0), np.abs(last - h[-1]).max(), np.abs(hidden[-1] - raw).max())
    off_a = np.abs(maps - a).max()
    outside = np.abs(maps[a64 == 0]).max(initial=0)
    off_l = 0
    if logits is not None:
        theirs, theirs64 = (decoders.log_probabilities(m, text).numpy() for m in (model, exact))
        off_l = np.abs(logits - theirs).max() / max(1e-4, 12 * np.abs(theirs - theirs64).max())
    return off_h / bound_h, off_a / bound_a, off_h, off_a, outside, off_l


def try_one(program, family, seed):
    config, ids = of(family).draw(family, seed)
    r = decoders.random.Random(seed)
    with tempfile.TemporaryDirectory() as folder:
        model = of(family).make(Path(folder), config, seed, r.choice([torch.float32, torch.float32, torch.float16, torch.bfloat16]), r.random() < .5)
        exact = copy.deepcopy(model).double()
        for module in exact.modules():
            if hasattr(module, "reorder_and_upcast_attn"):  # to fp32, and the same numbers
                module.reorder_and_upcast_attn = False
        c = model.config
        shape = {"layers": c.num_hidden_layers * getattr(c, "inner_group_num", 1), "heads": c.num_attention_heads, "width": c.hidden_size,
                 "vocabulary": c.vocab_size, "logits": family in decoders.FAMILIES and bool(model.head_is_there),
                 "head": getattr(c, "head_dim", None) or c.hidden_size // c.num_attention_heads,
                 "normed": c.model_type == "modernbert" or family in decoders.FAMILIES and
                 not (c.model_type == "opt" and (not c.do_layer_norm_before or c._remove_final_layer_norm))}
        ours = dump(program, folder, ids, shape)
    return config, [measure(of(family).values, o, model, exact, text) for o, text in zip(ours, ids)]


def main():
    p = argparse.ArgumentParser()
    p.add_argument("program")
    p.add_argument("--families", default=",".join([*decoders.FAMILIES, *encoders.FAMILIES]))
    p.add_argument("--n", type=int, default=40)
    p.add_argument("--seed", type=int, default=1)
    o = p.parse_args()
    bad = 0
    for family in o.families.split(","):
        worst = [0] * 6
        for seed in range(o.seed, o.seed + o.n):
            try:
                config, texts = try_one(o.program, family, seed)
            except Exception as e:
                print(f"{family} {seed}: {type(e).__name__}: {str(e)[:300]}\n  {json.dumps(of(family).draw(family, seed)[0])}")
                bad += 1
                continue
            worst = [max(w, *(t[i] for t in texts)) for i, w in enumerate(worst)]
            if any(t[0] > 1 or t[1] > 1 or t[4] > 0 or t[5] > 1 for t in texts):
                bad += 1
                print(f"{family} {seed}: {[[f'{x:.2g}' for x in t] for t in texts]}\n  {json.dumps(config)}")
        print(f"{family}: {o.n} models; of the bound: states {worst[0]:.3f}, maps {worst[1]:.3f}; states {worst[2]:.1e}, maps {worst[3]:.1e}, "
              f"outside of the mask {worst[4]:g}; log-probabilities {worst[5]:.3f} of 1e-4", flush=True)
    sys.exit(bad > 0)


main()
