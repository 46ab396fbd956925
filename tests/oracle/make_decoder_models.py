"""make_decoder_models.py [STORIES260K [SMOLLM2.gguf]]: writes tests/golden/models/FAMILY-SEED: small random decoders with what transformers (eager, fp32)
compute with them, and, given the folder of stories260K, what it computes with that. Versions: requirements-models.txt.

expected.safetensors as make_models.py describes it; the last entry of i.hidden is behind the final norm, and i.raw [r, width] before it.
With an output matrix i.log_probs [n - 1]: of each token after the first; of stories260K `greedy`, how it goes on after token 1."""
import shutil
import sys

import torch
from safetensors.torch import save_file
from transformers import AutoModelForCausalLM

import decoders
from pathlib import Path

GOLDEN = Path(__file__).resolve().parent.parent / "golden" / "models"
MOST = 5000  # parameters
TYPES = [torch.float32, torch.float16, torch.bfloat16]


def parameters(config):
    c = config
    width, wide, layers = (c.get(a, c.get(b, 0)) for a, b in (("hidden_size", "n_embd"), ("intermediate_size", "n_inner"), ("num_hidden_layers", "n_layer")))
    return c["vocab_size"] * width + layers * width * (3 * (wide or 4 * width) + 4 * width)


for family in decoders.FAMILIES:
    for old in GOLDEN.glob(f"{family}-[0-9]*"):
        shutil.rmtree(old)
    kept = 0
    for seed in range(1, 1000):
        config, _ = decoders.draw(family, seed)
        if parameters(config) > MOST or config.get("num_hidden_layers", config.get("n_layer")) < 2:
            continue
        r = decoders.random.Random(seed)
        if kept == 0 and not config.get("word_embed_proj_dim" if family == "opt" else "scale_attn_by_inverse_layer_idx", family not in ("opt", "gpt2")):
            continue
        folder = GOLDEN / f"{family}-{seed}"
        model = decoders.make(folder, config, seed, TYPES[kept % 3], kept % 2 == 0)
        ids = [[r.randrange(config["vocab_size"]) for _ in range(n)] for n in (1, 5, min(29, decoders.lengths(r, config)[-1]))]
        save_file(decoders.expected(model, ids, True), folder / "expected.safetensors")
        kept += 1
        if kept == (4 if family == "llama" else 2):
            break

if len(sys.argv) > 1:
    model = AutoModelForCausalLM.from_pretrained(sys.argv[1], attn_implementation="eager", dtype=torch.float32).eval()
    r = decoders.random.Random(5)
    ids = [[1] + [r.randrange(3, 512) for _ in range(n)] for n in (0, 6, 40)]
    (GOLDEN / "stories260K").mkdir(exist_ok=True)
    model.head_is_there = True
    greedy = model.generate(torch.tensor([[1]]), max_new_tokens=60, do_sample=False)[0]
    save_file(decoders.expected(model, ids, True) | {"greedy": greedy}, GOLDEN / "stories260K" / "expected.safetensors")
# What it makes of GGUF files itself: the small one that make_gguf.py wrote, and SmolLM2 where it is.
for name, path in [("llama-gguf", GOLDEN / "llama-gguf" / "model.gguf")] + [("SmolLM2-135M-Instruct", Path(p)) for p in sys.argv[2:]]:
    model = AutoModelForCausalLM.from_pretrained(path.parent, gguf_file=path.name, attn_implementation="eager", dtype=torch.float32).eval()
    r = decoders.random.Random(6)
    small = name == "llama-gguf"
    ids = [[r.randrange(model.config.vocab_size) for _ in range(n)] for n in ((1, 6, 40) if small else (1, 6))]
    (GOLDEN / name).mkdir(exist_ok=True)
    save_file(decoders.expected(model, ids, True), GOLDEN / name / "expected.safetensors")
for path in GOLDEN.rglob("*.safetensors"):
    path.chmod(0o644)
