"""check_flow_torch.py PROGRAM FOLDER [TEXTS]: `explaint attend --measures flow` on a real model (BERT, MPNet, Llama; its folder, or one with a GGUF)
beside flow_reference.py on what transformers computes of it in fp64: states, maps, values and second halves of blocks by its own modules, attribution
by its derivatives. Prints the largest difference of each measure and map; exits with 1 at the first that is beyond its bound: 1e-5, value zeroing 5e-6 (with 30 layers 2e-5).

Needs torch and transformers. By hand: it takes minutes."""
import sys
import tempfile
from pathlib import Path

import numpy as np
import torch

TEXTS = ["The cat saw the cat that the other cat had seen.", "Rain, rain, go away!", "a", "no no no no"]
program, folder = sys.argv[1], Path(sys.argv[2]).resolve()
texts = Path(sys.argv[3]).read_text().splitlines() if len(sys.argv) > 3 else TEXTS
sys.argv = [sys.argv[0], program]  # as check_embed reads it

import check_flow  # noqa: E402
import flow_reference as ref  # noqa: E402
from make_attribution_goldens import attribution_forward, open_model  # noqa: E402


def numbers(tensor): return tensor.detach().numpy()


class Transformer:
    def __init__(self):
        self.attributed = {}
        self.model = open_model(folder)
        self.config, self.causal = self.model.config, self.model.config.model_type == "llama"
        self.layers = self.model.layers if self.causal else self.model.encoder.layer

    def attribution(self, ids):
        key = tuple(int(i) for i in ids)
        if key not in self.attributed:
            with torch.no_grad(): self.attributed[key] = numbers(attribution_forward(self.model, list(key), 256))
        return self.attributed[key]

    def seen(self, ids):
        states = []  # what enters each layer: the last hidden state of a decoder is behind its norm
        hooks = [layer.register_forward_pre_hook(lambda _, args, kwargs: states.append(numbers((args[0] if args else kwargs["hidden_states"])[0])), with_kwargs=True)
                 for layer in self.layers]
        with torch.no_grad(): out = self.model(torch.tensor(np.array(ids))[None], output_attentions=True)
        for h in hooks: h.remove()
        return [numbers(a[0]) for a in out.attentions], states

    def block(self, l, x, maps):
        layer, heads, (n, d) = self.layers[l], self.config.num_attention_heads, x.shape
        rows = torch.tensor(x)
        with torch.no_grad():
            if self.causal:
                attention, groups = layer.self_attn, self.config.num_key_value_heads
                values = numbers(attention.v_proj(layer.input_layernorm(rows))).reshape(n, groups, -1).transpose(1, 0, 2)
                values, output, bias = np.repeat(values, heads // groups, 0), attention.o_proj, np.zeros(d)
            else:
                mpnet = self.config.model_type == "mpnet"
                inner = layer.attention.attn if mpnet else layer.attention.self
                values = numbers((inner.v if mpnet else inner.value)(rows)).reshape(n, heads, -1).transpose(1, 0, 2)
                output = inner.o if mpnet else layer.attention.output.dense
                bias = numbers(output.bias)
        def rest(y, _):
            with torch.no_grad():
                y = torch.tensor(y)
                return numbers(y + layer.mlp(layer.post_attention_layernorm(y)) if self.causal else layer.output(layer.intermediate(y), y))
        after = None
        if not self.causal:
            norm = layer.attention.LayerNorm if self.config.model_type == "mpnet" else layer.attention.output.LayerNorm
            after = ref.Norm(numbers(norm.weight), numbers(norm.bias), norm.eps)
        return ref.Block(x, maps, values, numbers(output.weight).T.reshape(heads, -1, d), bias, rest, after=after, causal=self.causal)


model, worst = Transformer(), {}
if len(model.layers) >= 30: check_flow.BOUND["value_zeroing"] = 2e-5
with tempfile.TemporaryDirectory() as scratch:
    gguf = next(folder.glob("*.gguf"), None)
    place = Path(scratch) / ("model.gguf" if gguf else "model")
    place.symlink_to(gguf or folder)
    check_flow.check(folder.name, model, place, texts, worst)
    if (folder / "vocab.txt").exists():  # WordPiece: ## says where a word goes on
        tokens = check_flow.pieces_of(folder, folder.name)
        for read in (("--level", "word"), ("--level", "word", "--special", "out")):
            check_flow.check(f"{folder.name} {' '.join(read)}", model, place, [t for t in texts if t], worst, read=read, tokens=tokens)
for what, gap in worst.items(): print(f"{what:30} {gap:.1e}")
