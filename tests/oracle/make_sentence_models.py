"""The three models of tests/golden/sentence: small, random, with a WordPiece tokenizer each; vary_sentence_transformers.py --write calls it."""
import json
import shutil

import torch
from safetensors.torch import save_file
from transformers import BertConfig, BertModel, BertTokenizerFast, MPNetConfig, MPNetModel, MPNetTokenizerFast

PIECES = list("abcdefgst.,!:") + ["the", "dog", "cat", "ice", "cream", "this", "is", "see", "run", "big", "red", "query"] + \
    ["##" + c for c in "abcdefghmnorst"] + ["##ing", "##ed", "##og", "##at"]


def strong(model, seed):
    """Weights large enough that the states of different texts are far from each other."""
    g = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, p in model.named_parameters():
            draw = torch.randn(p.shape, generator=g)
            if "LayerNorm" in name or "bias" in name and "relative" not in name:
                p.copy_(.2 * draw + (1 if name.endswith("LayerNorm.weight") else 0))
            else:
                p.copy_(draw * (.9 if "relative" in name or "embeddings" in name else 1.2 / p.shape[-1] ** .5))
    return model.eval()


def store(folder, model, tokenizer):
    shutil.rmtree(folder, ignore_errors=True)
    tokenizer.save_pretrained(folder)
    config = {k: v for k, v in model.config.to_dict().items() if k not in ("transformers_version", "dtype", "id2label", "label2id") and v is not None}
    (folder / "config.json").write_text(json.dumps(config, indent=1, sort_keys=True) + "\n")
    save_file({k: v.contiguous() for k, v in model.state_dict().items()}, folder / "model.safetensors", {"format": "pt"})
    (folder / "model.safetensors").chmod(0o644)


def make(golden):
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    common = {"num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 11, "max_position_embeddings": 24}
    for name, width, lower, more in (("bert", 12, True, []), ("cased", 10, False, list("ACDG") + ["Cat", "DO"])):
        pieces = special + PIECES + more
        model = BertModel(BertConfig(vocab_size=len(pieces), hidden_size=width, **common), add_pooling_layer=False)
        store(golden / name, strong(model, width), BertTokenizerFast(vocab={p: i for i, p in enumerate(pieces)}, do_lower_case=lower))
    pieces = ["<s>", "<pad>", "</s>", "<unk>", "[UNK]", "<mask>"] + PIECES
    model = MPNetModel(MPNetConfig(vocab_size=len(pieces), hidden_size=8, **common | {"max_position_embeddings": 26}), add_pooling_layer=False)
    store(golden / "mpnet", strong(model, 8), MPNetTokenizerFast(vocab={p: i for i, p in enumerate(pieces)}))
