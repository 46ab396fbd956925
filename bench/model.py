#!/usr/bin/env python3
"""model.py BENCH_MODEL MODELS OUT [--rounds N] [--pieces N] [NAME...]: all states and maps of 32 sentences of 5 to 40 pieces (--pieces: of 4 texts of N), ours beside PyTorch (eager attention, sorted
sub-batches, its best of one and two threads) and, where onnx is installed for the export, ONNX Runtime, for the models of
scripts/get-models (MODELS: build/models). Ours and the peers take turns in one run and the best of each counts. Needs tests/oracle/requirements-models.txt."""
import argparse
import json
import os
import random
import subprocess
import sys
import time
from pathlib import Path

import torch
import transformers
from transformers import AutoModel

SUB_BATCHES = (4, 8, 16)  # 1, 2 and 32 were never the best by processor time


def sentences(vocabulary, first, last, pieces):
    rng = random.Random(32)
    lengths = [pieces - 2] * 4 if pieces else [rng.randrange(3, 39) for _ in range(32)]
    return [[first] + [rng.randrange(2000, vocabulary - 500) for _ in range(n)] + [last] for n in lengths]


def run_torch(model, ids, pad, size):
    """Sorted by length, padded only within a sub-batch; everything stays."""
    order, kept = sorted(ids, key=len), []
    with torch.inference_mode():
        for i in range(0, len(order), size):
            part = order[i:i + size]
            longest = len(part[-1])
            batch = torch.tensor([x + [pad] * (longest - len(x)) for x in part])
            mask = torch.tensor([[1] * len(x) + [0] * (longest - len(x)) for x in part])
            out = model(batch, attention_mask=mask, output_hidden_states=True, output_attentions=True)
            kept.append((out.hidden_states, out.attentions))
    return kept


def export(model, folder):
    import onnxruntime

    class Everything(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.model = model

        def forward(self, ids, mask):
            out = self.model(ids, attention_mask=mask, output_hidden_states=True, output_attentions=True)
            return tuple(out.hidden_states) + tuple(out.attentions)

    path = str(folder / "model.onnx")
    ids = torch.ones((2, 7), dtype=torch.int64)
    axes = {"ids": {0: "b", 1: "n"}, "mask": {0: "b", 1: "n"}}
    torch.onnx.export(Everything(), (ids, torch.ones_like(ids)), path, input_names=["ids", "mask"], dynamic_axes=axes, dynamo=False)

    def session(threads):
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    return session


def run_onnx(session, ids, pad, size):
    import numpy as np
    order, kept = sorted(ids, key=len), []
    for i in range(0, len(order), size):
        part = order[i:i + size]
        longest = len(part[-1])
        kept.append(session.run(None, {"ids": np.array([x + [pad] * (longest - len(x)) for x in part], np.int64),
                                       "mask": np.array([[1] * len(x) + [0] * (longest - len(x)) for x in part], np.int64)}))
    return kept


def timed(function):
    cpu, start = time.process_time(), time.perf_counter()
    kept = function()
    times = time.perf_counter() - start, time.process_time() - cpu
    del kept
    return times


def bench(program, folder, out, rounds, pieces, threads=2):
    model = AutoModel.from_pretrained(folder, attn_implementation="eager", dtype=torch.float32).eval()
    mpnet = model.config.model_type == "mpnet"
    ids = sentences(model.config.vocab_size, *((0, 2) if mpnet else (101, 102)), pieces)
    text = "\n".join(" ".join(map(str, x)) for x in ids)
    pad = 1 if mpnet else 0
    peers, sizes = {}, (1, 4) if pieces else SUB_BATCHES
    for n in (1, threads):
        for size in sizes:
            peers[f"PyTorch, {n} threads, sub-batches of {size}"] = lambda n=n, size=size: (torch.set_num_threads(n), run_torch(model, ids, pad, size))[1]
    try:
        session = export(model, out)
        for n in (1, threads):
            made = session(n)
            for size in sizes[:2]:
                peers[f"ONNX Runtime, {n} threads, sub-batches of {size}"] = lambda made=made, size=size: run_onnx(made, ids, pad, size)
    except (ImportError, torch.onnx.OnnxExporterError) as error:
        print(f"no ONNX Runtime: {error}", file=sys.stderr)
    best, ours = {name: [1e9, 1e9] for name in peers}, None
    for turn in range(rounds):
        result = json.loads(subprocess.run([program, folder, "6" if turn else "20", str(threads)], input=text.encode(), stdout=subprocess.PIPE, check=True).stdout)
        if ours is None:
            ours = result
        for key in ("load", "kept", "bare", "kept_cpu", "bare_cpu"):
            ours[0][key] = min(ours[0][key], result[0][key])
        for a, b in zip(ours[1:], result[1:]):
            if b["share"] > a["share"]:
                a.update(b)
        # all variants once, then the better half of them
        chosen = sorted(peers, key=lambda name: best[name][0])[:len(peers) if turn == 0 else max(3, len(peers) // 2 ** turn)]
        for name in chosen:
            for _ in range(2):
                wall, cpu = timed(peers[name])
                best[name] = [min(best[name][0], wall), min(best[name][1], cpu)]
    winner = min(best, key=lambda name: best[name][0])
    return {"model": Path(folder).name, "ours": ours[0], "products": ours[1:], "peers": best, "best_peer": winner, "times": best[winner][0] / ours[0]["kept"],
            "times_cpu": min(c for _, c in best.values()) / ours[0]["kept_cpu"],
            "versions": {"torch": torch.__version__, "transformers": transformers.__version__}, "load_average": os.getloadavg()[0]}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("program")
    parser.add_argument("models")
    parser.add_argument("out", type=Path)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--pieces", type=int, default=0)
    parser.add_argument("names", nargs="*", default=["all-MiniLM-L6-v2", "all-mpnet-base-v2"])
    a = parser.parse_intermixed_args()
    a.out.mkdir(parents=True, exist_ok=True)
    for name in a.names:
        result = bench(a.program, f"{a.models}/{name}", a.out, a.rounds, a.pieces)
        (a.out / f"model-{name}{f'-{a.pieces}' if a.pieces else ''}.json").write_text(json.dumps(result, indent=1) + "\n")
        o = result["ours"]
        print(f"{name}: {o['texts']} texts, {o['pieces']} pieces: ours {1e3 * o['kept']:.1f} ms ({100 * o['floor'] / o['kept']:.0f}% of FMA; {1e3 * o['kept_cpu']:.1f} ms of processors), "
              f"best peer {1e3 * result['peers'][result['best_peer']][0]:.1f} ms ({result['best_peer']}), {result['times']:.2f} times, by processor time {result['times_cpu']:.2f}; "
              f"load {o['load']:.3f} s; load average {result['load_average']:.1f}")
        print("  products, share of FMA:", ", ".join(f"{p['product']} x{p['rows']} {p['share']:.2f}" for p in result["products"]))


main()
