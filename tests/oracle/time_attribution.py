"""time_attribution.py PROGRAM FOLDER TEXT: seconds of one processor for exact hidden token attribution of a text, of all layers: the program, and torch in
fp32 backward (jacrev, as torch.autograd.functional.jacobian does it) and forward (jvp under vmap), directions in chunks. By hand."""
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

os.environ["OMP_NUM_THREADS"] = "1"
import torch  # noqa: E402
from make_attribution_goldens import attribution_forward, open_model, states_of  # noqa: E402
from transformers import AutoTokenizer  # noqa: E402

CHUNK = 512
program, folder, text = sys.argv[1:]
with tempfile.TemporaryDirectory() as scratch:
    (Path(scratch) / "t.txt").write_text(text + "\n")
    def run(*more):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        out = subprocess.run([program, "attend", "--model", folder, "--texts", Path(scratch) / "t.txt", "--threads", "1", "--json", *more], check=True, capture_output=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, json.loads(out.stdout)
    whole, got = run("--measures", "attribution_own", "--attribution", "exact")
    opening = run("--measures", "rollout_first")[0]
    print(f"explaint {whole - opening:8.2f} s, and {opening:.2f} s to open the model and pass it once", flush=True)
torch.set_num_threads(1)
model, ids = open_model(folder).float(), AutoTokenizer.from_pretrained(folder)(text)["input_ids"]
words, states = states_of(model, ids)

print(len(ids), "pieces")
def backward():
    jacobian = torch.func.jacrev(states, chunk_size=CHUNK)(words)[:, :, :, 0]
    c = jacobian.pow(2).sum((2, 4)).sqrt()
    return c / c.sum(-1, keepdim=True)


def forward():
    with torch.no_grad(): return attribution_forward(model, ids, CHUNK)


for name, how in (("forward", forward), ("backward", backward)):
    begin = time.process_time()
    shares = how()
    own = [r["value"] for r in got["rows"]]
    gap = max(abs(float(s.diagonal().mean()) - o) for s, o in zip(shares, own))
    print(f"{name} {time.process_time() - begin:8.2f} s, own shares differ by {gap:.1e}", flush=True)
