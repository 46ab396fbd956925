#!/usr/bin/env python3
"""peers.py EXPLAINT MODEL TEXTS [--texts N] [--long N ...] [--rounds N] [--sizes N,N,...]: statistics of the rows of all heads of a decoder, ours
beside PyTorch, one thread each, in seconds of processor, because the machine may be busy. MODEL is a GGUF file or a folder.

Short texts: the first N of TEXTS (200). PyTorch (eager attention, fp32) runs them sorted by length in sub-batches of each size and takes the same
statistics of the maps of each layer: entropy, largest and ten largest entries, the piece itself, the first, the one before. --long: all of TEXTS as
one text, cut to so many pieces; PyTorch keeps all maps, as output_attentions does. Its time is of the passes alone; ours is that of the
program from start to end, with the reading of the model, which stands beside it. Runs take turns; the best of each counts. PyTorch may take
10 GB. Needs tests/oracle/requirements-models.txt and gguf."""
import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path


# ---- the peer, a process of its own ----

def statistics(maps):
    """Sums over rows by head, of maps b x heads x n x n; rows of padding are left to the mask by weights of 0."""
    import torch
    n = maps.shape[-1]
    diagonal = torch.diagonal(maps, dim1=2, dim2=3)
    return [-torch.special.xlogy(maps, maps).sum(3), maps.amax(3), maps.topk(min(10, n), dim=3).values.sum(3), diagonal, maps[..., 0],
            torch.diagonal(maps, offset=-1, dim1=2, dim2=3)]


def peer(model_path, texts, long):
    resource.setrlimit(resource.RLIMIT_DATA, (10 << 30, 10 << 30))
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer
    torch.set_num_threads(1)
    path = Path(model_path)
    where = {"gguf_file": path.name} if path.is_file() else {}
    folder = str(path.parent if path.is_file() else path)
    model = AutoModelForCausalLM.from_pretrained(folder, attn_implementation="eager", dtype=torch.float32, **where).eval()
    tokenizer = AutoTokenizer.from_pretrained(folder, **where)
    ids = [tokenizer(t).input_ids for t in texts]
    if long: ids = [(sum(ids, []))[:n] for n in long]

    def run(group):
        longest = max(map(len, group))
        batch = torch.tensor([x + [0] * (longest - len(x)) for x in group])
        mask = torch.tensor([[1] * len(x) + [0] * (longest - len(x)) for x in group])
        out = model.model(batch, attention_mask=mask, output_attentions=True, use_cache=False)
        weights = mask[:, None, :].float()
        return [[(s * weights[..., -s.shape[-1]:]).sum((0, 2)) for s in statistics(maps)] for maps in out.attentions]

    def measure(groups):
        start = time.process_time()
        with torch.inference_mode():
            for group in groups: run(group)
        return time.process_time() - start
    for line in sys.stdin:  # what is to be run: a size of sub-batches, or a length
        number = int(line)
        if long: groups = [[ids[long.index(number)]]]
        else:
            order = sorted(ids, key=len)
            groups = [order[i:i + number] for i in range(0, len(order), number)]
        try: seconds = measure(groups)
        except (RuntimeError, MemoryError) as error: seconds = str(error).splitlines()[0]
        print(json.dumps({"seconds": seconds, "pieces": sum(map(len, sum(groups, []))), "peak": 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss}), flush=True)


# ---- ours ----

def ours(program, model, path, *options):
    child = subprocess.Popen([program, "attend", "--model", model, "--texts", path, "--measures", "attention", "--by-head", "--threads", "1", "--json",
                              "--quiet", *options], stdout=subprocess.PIPE)
    document = json.load(child.stdout)
    _, status, usage = os.wait4(child.pid, 0)
    if status != 0: sys.exit(f"{program}: {status}")
    return {"seconds": usage.ru_utime + usage.ru_stime, "pieces": document["texts"]["pieces"], "peak": 1024 * usage.ru_maxrss}


def best(a, b): return b if a is None or b["seconds"] < a["seconds"] else a


def turns(a, scratch, texts, long):
    """What each takes at best, by size or length; ours once for short texts."""
    numbers = a.long if long else a.sizes
    short = scratch / "texts.txt"
    short.write_text("".join(t + "\n" for t in texts))
    whole = scratch / "long.txt"
    whole.write_text(" ".join(texts) + "\n")
    child = subprocess.Popen([sys.executable, __file__, "--peer", a.model, str(short), json.dumps(numbers), json.dumps(bool(long))],
                             stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    mine, theirs = {}, {}
    for _ in range(a.rounds):
        for number in numbers:
            key = number if long else 0
            if long: mine[key] = best(mine.get(key), ours(a.program, a.model, whole, "--truncate", str(number)))
            print(number, file=child.stdin, flush=True)
            got = json.loads(child.stdout.readline())
            if isinstance(got["seconds"], str): print(f"PyTorch, {number}: {got['seconds']}", file=sys.stderr)
            else: theirs[number] = best(theirs.get(number), got)
        if not long: mine[0] = best(mine.get(0), ours(a.program, a.model, short))
    child.stdin.close()
    child.wait()
    return mine, theirs


def main():
    if sys.argv[1:2] == ["--peer"]:
        model, path, numbers, long = sys.argv[2], sys.argv[3], json.loads(sys.argv[4]), json.loads(sys.argv[5])
        return peer(model, Path(path).read_text().splitlines(), numbers if long else [])
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("program")
    parser.add_argument("model")
    parser.add_argument("source", type=Path)
    parser.add_argument("--texts", type=int, default=200)
    parser.add_argument("--long", type=int, nargs="*", default=[])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--sizes", type=lambda s: [int(x) for x in s.split(",")], default=[8, 16, 32])
    a = parser.parse_args()
    texts = a.source.read_text().splitlines()
    with tempfile.TemporaryDirectory() as scratch:
        scratch = Path(scratch)
        (scratch / "one.txt").write_text(texts[0] + "\n")
        load = min((ours(a.program, a.model, scratch / "one.txt") for _ in range(2)), key=lambda r: r["seconds"])["seconds"]
        print(f"one text: {load:.2f} s of processor, with the reading of the model")
        if a.texts > 0:
            mine, theirs = turns(a, scratch, texts[:a.texts], False)
            size = min(theirs, key=lambda s: theirs[s]["seconds"])
            m, t, each = mine[0], theirs[size], {s: r["seconds"] for s, r in theirs.items()}
            print(f"{a.texts} texts, {m['pieces']} pieces (PyTorch {t['pieces']}): ours {m['seconds']:.2f} s, PyTorch {t['seconds']:.2f} s in sub-batches of {size} "
                  f"({', '.join(f'{s} in {r:.2f}' for s, r in each.items())}); "
                  f"{t['seconds'] / m['seconds']:.2f} times, without reading {t['seconds'] / (m['seconds'] - load):.2f}; load average {os.getloadavg()[0]:.1f}")
        if a.long:
            mine, theirs = turns(a, scratch, texts, True)
            for n in a.long:
                t = theirs.get(n)
                beside = f"PyTorch {t['seconds']:.1f} s, {t['peak'] / 1e9:.1f} GB: {t['seconds'] / mine[n]['seconds']:.2f} times" if t else "PyTorch has no memory"
                print(f"{mine[n]['pieces']} pieces: ours {mine[n]['seconds']:.1f} s, {mine[n]['peak'] / 1e6:.0f} MB; {beside}; load average {os.getloadavg()[0]:.1f}")


main()
