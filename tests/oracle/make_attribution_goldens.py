"""make_attribution_goldens.py: hidden token attribution of small models by torch's autograd in fp64, into tests/golden/attribution.safetensors: of each
model layers x pieces x pieces, rows that add up to 1. test_attribution compares. Needs torch and transformers."""
import warnings
from pathlib import Path

import torch
import transformers
from safetensors.torch import save_file
from transformers import AutoModel

GOLDEN = Path(__file__).parent.parent / "golden"
IDS = [2, 5, 7, 11, 3, 8, 13]
MODELS = """albert-5 bert-gelu deberta-v2-1343 deberta-v2-3149 distilbert-6 electra-16 gemma-1 gemma2-4 gemma3_text-5 gpt2-14 gpt_neox-19 gpt_neox-52
llama-10 mistral-2 modernbert-11 mpnet-relative olmo2-11 opt-21 opt-35 phi-2 phi3-5 qwen2-1 qwen3-4 roberta-1 smollm3-2 xlm-roberta-2""".split()


def open_model(folder, **options):
    """In fp64, without what comes behind the last block: its last hidden state is then that block's. A folder, or one with a GGUF in it."""
    gguf = next(Path(folder).glob("*.gguf"), None)
    if gguf: options["gguf_file"] = gguf.name
    warnings.filterwarnings("ignore")
    transformers.logging.set_verbosity_error()
    model = AutoModel.from_pretrained(folder, attn_implementation="eager", dtype=torch.float64, **options).eval().requires_grad_(False)
    body = model.decoder if model.config.model_type == "opt" else model
    for name in ("norm", "ln_f", "final_layernorm", "final_norm", "final_layer_norm"):
        if getattr(body, name, None) is not None: setattr(body, name, torch.nn.Identity())
    if model.config.model_type == "opt": body.project_out = None
    return model


def states_of(model, ids):
    """(rows of words, what makes all hidden states from h^1 of them): ids still say where padding is."""
    place = model.get_input_embeddings()
    words = place(torch.tensor(ids)[None])
    def states(rows):
        hook = place.register_forward_hook(lambda *_: rows)
        try: return torch.stack([h[0] for h in model(torch.tensor(ids)[None], output_hidden_states=True, use_cache=False).hidden_states[1:]])
        finally: hook.remove()
    return words, states


def attribution(model, ids):
    """Backward, all at once."""
    words, states = states_of(model, ids)
    jacobian = torch.autograd.functional.jacobian(states, words, vectorize=True)[:, :, :, 0]  # L, n, d, n, words' width
    c = jacobian.pow(2).sum((2, 4)).sqrt()
    return c / c.sum(-1, keepdim=True)


def attribution_forward(model, ids, chunk):
    """The same forward, so many directions at once: for models whose Jacobian of all layers is too large."""
    words, states = states_of(model, ids)
    squares = []
    for directions in torch.eye(words.numel(), dtype=words.dtype).split(chunk):
        moves = torch.func.vmap(lambda v: torch.func.jvp(states, (words,), (v.view_as(words),))[1])(directions)
        squares.append(moves.pow(2).sum(-1))  # directions, L, n
    c = torch.cat(squares).view(len(ids), -1, *squares[0].shape[1:]).sum(1).sqrt().permute(1, 2, 0)
    return c / c.sum(-1, keepdim=True)


if __name__ == "__main__":
    save_file({name: attribution(open_model(GOLDEN / "models" / name), IDS) for name in MODELS}, GOLDEN / "attribution.safetensors")
