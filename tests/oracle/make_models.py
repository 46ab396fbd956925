"""make_models.py [MODELS]: writes tests/golden/models: small random models of odd sizes with what transformers (eager, fp32) compute
with them, and, given the folder of scripts/get-models, what it computes with those. Versions: requirements-models.txt.

expected.safetensors of a model, for text i from 0: i.ids [n]; i.hidden_rows [r] and i.hidden [L+1, r, width]; i.norms [L+1, n], the
lengths of all rows; i.attention_rows [r] and i.attention [L, heads, r, n]."""
import json
import shutil
import sys
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from transformers import AutoModel, AutoTokenizer, BertConfig, BertForMaskedLM, BertModel, MPNetConfig, MPNetForMaskedLM, MPNetModel

GOLDEN = Path(__file__).resolve().parent.parent / "golden" / "models"


def expected(model, texts, hidden_rows, attention_rows):
    """hidden_rows, attention_rows: which of n rows to keep."""
    out = {}
    for i, ids in enumerate(texts):
        n = len(ids)
        with torch.no_grad():
            r = model(torch.tensor([ids]), output_hidden_states=True, output_attentions=True)
        hidden = torch.stack(r.hidden_states)[:, 0]
        maps = torch.stack(r.attentions)[:, 0]
        h, a = torch.tensor(sorted(set(hidden_rows(n)))), torch.tensor(sorted(set(attention_rows(n))))
        out |= {f"{i}.ids": torch.tensor(ids), f"{i}.hidden_rows": h, f"{i}.hidden": hidden[:, h].contiguous(), f"{i}.norms": hidden.norm(dim=-1),
                f"{i}.attention_rows": a, f"{i}.attention": maps[:, :, a].contiguous()}
    return out


def strong(model, seed):
    """Weights large enough that maps are far from uniform; norms and biases away from 1 and 0."""
    g = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, p in model.named_parameters():
            draw = torch.randn(p.shape, generator=g)
            if "LayerNorm" in name or "bias" in name and "relative" not in name:
                p.copy_(.2 * draw + (1 if name.endswith("LayerNorm.weight") else 0))
            else:
                p.copy_(draw * (.9 if "relative" in name or "embeddings" in name else 1.2 / p.shape[-1] ** .5))
    return model.eval()


def rename_norms(state):
    return {k.replace("LayerNorm.weight", "LayerNorm.gamma").replace("LayerNorm.bias", "LayerNorm.beta"): v for k, v in state.items()}


def store(name, model, dtype, texts, shards=1, old_names=False, extra=None):
    folder = GOLDEN / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    config = model.config.to_dict() | (extra or {})
    config = {k: v for k, v in config.items() if k not in ("transformers_version", "dtype", "id2label", "label2id") and v is not None}
    (folder / "config.json").write_text(json.dumps(config, indent=1, sort_keys=True) + "\n")
    state = {k: v.to(dtype).contiguous() for k, v in model.state_dict().items()}
    for k in ("cls.predictions.decoder.weight", "lm_head.decoder.weight", "cls.predictions.decoder.bias", "lm_head.decoder.bias"):
        state.pop(k, None)  # tied
    model.load_state_dict({k: v.float() for k, v in state.items()}, strict=False)  # what fp32 makes of the stored weights
    if old_names:
        state = rename_norms(state)
    names = sorted(state)
    if shards == 1:
        save_file(state, folder / "model.safetensors", {"format": "pt"})
    else:
        where = {k: f"model-{i % shards + 1:05}-of-{shards:05}.safetensors" for i, k in enumerate(names)}
        for file in set(where.values()):
            save_file({k: state[k] for k in names if where[k] == file}, folder / file, {"format": "pt"})
        (folder / "model.safetensors.index.json").write_text(json.dumps({"metadata": {}, "weight_map": where}, indent=1) + "\n")
    inner = getattr(model, "bert", getattr(model, "mpnet", model))
    every = lambda n: range(n) if n < 30 else (0, n // 2, n - 1)
    save_file(expected(inner, texts, every, every), folder / "expected.safetensors")


def small():
    eager = {"attn_implementation": "eager"}
    g = torch.Generator().manual_seed(7)
    text = lambda n, vocabulary: torch.randint(0, vocabulary, (n,), generator=g).tolist()
    c = BertConfig(vocab_size=50, hidden_size=20, num_hidden_layers=2, num_attention_heads=5, intermediate_size=37, max_position_embeddings=24,
                   type_vocab_size=3, **eager)
    store("bert-gelu", strong(BertModel(c), 1), torch.float32, [text(n, 50) for n in (1, 5, 24)])
    c = BertConfig(vocab_size=31, hidden_size=7, num_hidden_layers=1, num_attention_heads=1, intermediate_size=50, max_position_embeddings=19,
                   hidden_act="gelu_new", layer_norm_eps=1e-5, **eager)
    store("bert-f16", strong(BertForMaskedLM(c), 2), torch.float16, [text(n, 31) for n in (2, 19)])
    c = BertConfig(vocab_size=40, hidden_size=33, num_hidden_layers=3, num_attention_heads=3, intermediate_size=16, max_position_embeddings=70,
                   type_vocab_size=1, hidden_act="relu", layer_norm_eps=1e-3, **eager)
    store("bert-bf16-shards", strong(BertModel(c, add_pooling_layer=False), 3), torch.bfloat16, [text(n, 40) for n in (3, 17, 70)], shards=3,
          old_names=True)
    c = MPNetConfig(vocab_size=37, hidden_size=18, num_hidden_layers=2, num_attention_heads=3, intermediate_size=29, max_position_embeddings=302,
                    layer_norm_eps=1e-5, **eager)
    store("mpnet-relative", strong(MPNetModel(c), 4), torch.float32, [text(n, 37) for n in (1, 6, 13)] + [text(300, 37)])
    c = MPNetConfig(vocab_size=29, hidden_size=40, num_hidden_layers=1, num_attention_heads=1, intermediate_size=65, max_position_embeddings=40,
                    relative_attention_num_buckets=40, hidden_act="gelu_pytorch_tanh", pad_token_id=3, **eager)
    store("mpnet-f16-head", strong(MPNetForMaskedLM(c), 5), torch.float16, [[0, 5, 1, 7, 3, 1, 9, 2], text(38, 29)], shards=2)


def real(models):
    texts = ["The dog barks at the moon.", "A \tsmall  kettle\t of copper, \U0001f600 and 漢字!", "antidisestablishmentarianism",
             "We hold that attention maps are read as if row i were still word i. " * 9]
    for name in ("all-MiniLM-L6-v2", "all-mpnet-base-v2"):
        folder = Path(models) / name
        tokenizer = AutoTokenizer.from_pretrained(folder)
        model = AutoModel.from_pretrained(folder, attn_implementation="eager", dtype=torch.float32).eval()
        ids = [tokenizer(t)["input_ids"] for t in texts]
        some = lambda n: (n // 2,) if "mpnet" in name or n > 100 else (0, n // 2)
        (GOLDEN / name).mkdir(parents=True, exist_ok=True)
        save_file(expected(model, ids, some, lambda n: (n - 2,) if n > 100 else (0, n // 2)), GOLDEN / name / "expected.safetensors")


small()
if len(sys.argv) > 1:
    real(sys.argv[1])
for path in GOLDEN.rglob("*.safetensors"):
    path.chmod(0o644)
