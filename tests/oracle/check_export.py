"""check_export.py PROGRAM [MODELS]: docs/export.py on small random models of many families, with a WordPiece of their own. What it writes for
BERT and MPNet is what `explaint embed` makes, to 1e-5 (of MiniLM, too, given the folder of scripts/get-models), and its table is that of
`infer --model`; of the others every layer is read. By hand, where transformers is."""
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

os.environ.update(OMP_NUM_THREADS="1", HF_HUB_OFFLINE="1", TRANSFORMERS_VERBOSITY="error", HF_HUB_DISABLE_PROGRESS_BARS="1")
import torch
from safetensors.torch import load_file
from transformers import AutoConfig, AutoModel, BertTokenizerFast

PROGRAM, EXPORT = str(Path(sys.argv[1]).resolve()), Path(__file__).resolve().parent.parent.parent / "docs" / "export.py"
BOUND = 1e-5
PIECES = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *"abcdefghijklmnopqrstuvwxyz.", *(f"##{c}" for c in "abcdefghijklmnopqrstuvwxyz"), "this", "is", "dog", "cat",
          "##ing"]
WORDS = ["dog", "cat", "seeing", "ice cream", "Rhino", "dogs", "a", "emu", "toad", "zebra"]
SMALL = {"vocab_size": len(PIECES), "hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 24, "max_position_embeddings": 64,
         "pad_token_id": 0}
T5 = {"vocab_size": len(PIECES), "d_model": 16, "d_kv": 8, "d_ff": 24, "num_layers": 2, "num_heads": 2, "pad_token_id": 0, "decoder_start_token_id": 0}
BART = {"vocab_size": len(PIECES), "d_model": 16, "encoder_layers": 2, "decoder_layers": 1, "encoder_attention_heads": 2, "decoder_attention_heads": 2,
        "encoder_ffn_dim": 24, "decoder_ffn_dim": 24, "max_position_embeddings": 64, "pad_token_id": 0, "eos_token_id": 3, "bos_token_id": 2}
FAMILIES = {"bert": SMALL, "mpnet": SMALL, "roberta": SMALL, "xlm-roberta": SMALL, "camembert": SMALL, "distilbert": SMALL, "electra": SMALL | {"embedding_size": 16},
            "albert": SMALL | {"embedding_size": 8}, "deberta-v2": SMALL, "modernbert": SMALL, "nomic_bert": SMALL, "gpt2": SMALL, "gpt_neox": SMALL, "opt": SMALL | {
                "ffn_dim": 24, "word_embed_proj_dim": 16}, "bloom": SMALL, "llama": SMALL, "mistral": SMALL | {"num_key_value_heads": 1}, "qwen3": SMALL | {"num_key_value_heads": 1, "head_dim": 8}, "gemma": SMALL | {"num_key_value_heads": 1, "head_dim": 8},
            "phi": SMALL, "olmo": SMALL, "mamba": SMALL | {"state_size": 4}, "t5": T5, "bart": BART}


def run(*arguments):
    done = subprocess.run([str(a) for a in arguments], capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(done.stderr.strip().split("\n")[-1])
    return done.stdout


def infer(folder, *source):
    document = json.loads(run(PROGRAM, "infer", "--norms", folder / "norms.csv", *source, "--permutations", 0, "--components", 2, "--folds", 3, "--quiet", "--json"))
    return {(r["layer"], r["condition"], r["target"], r["metric"]): r["value"] for r in document["rows"]}, document["settings"]


def compare(folder, model):
    """What embed makes of the same words, and its table."""
    run(PROGRAM, "embed", "--model", model, "--words", folder / "words", "--template", "This is a {}.", "--layers", "all", "--output", folder / "embed.safetensors",
        "--quiet")
    ours, theirs = load_file(folder / "embed.safetensors"), load_file(folder / "export.safetensors")
    assert ours.keys() == theirs.keys()
    worst = max((ours[k] - theirs[k]).abs().max().item() for k in ours)
    (a, _), (b, _) = infer(folder, "--model", model), infer(folder, "--embeddings", folder / "export.safetensors", "--tensor", "all")
    assert a.keys() == b.keys() and worst <= BOUND, worst
    table = max(abs(a[k] - b[k]) for k in a)
    assert table <= 1e-3, table  # ranks may turn where scores nearly tie
    return f"embed {worst:.1e}, table {table:.1e}"


def check(folder, kind, settings):
    model = folder / kind
    torch.manual_seed(5)
    network = AutoModel.from_config(AutoConfig.for_model(kind, **settings)).float().eval()
    network.save_pretrained(model)
    (model / "vocab.txt").write_text("".join(p + "\n" for p in PIECES))
    # MPNet's tokenizer has tokens of its own; its ids are compared elsewhere
    BertTokenizerFast(vocab=str(model / "vocab.txt")).save_pretrained(model)
    run(sys.executable, EXPORT, model, folder / "words", folder / "export.safetensors")
    layers = load_file(folder / "export.safetensors")
    rows, settings = infer(folder, "--embeddings", folder / "export.safetensors", "--tensor", "all")
    assert settings["layers"] == list(range(len(layers))) and all(v.shape[0] == len(WORDS) for v in layers.values())
    return f"{len(layers)} layers, width {layers['layer.0'].shape[1]}" + (", " + compare(folder, model) if kind in ("bert", "mpnet") else "")


def main():
    failed = 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "words").write_text("".join(w + "\n" for w in WORDS))
        (folder / "norms.csv").write_text("concept,feature,value\n" + "".join(
            f"{w.replace(' ', '_')},f{j},{(3 * i + j) % 5 + 1}\n" for i, w in enumerate(WORDS) for j in range(14) if (i * j + i) % 3 > 0 or j == i % 12))
        for kind, settings in FAMILIES.items():
            try:
                print(f"{kind}: {check(folder, kind, settings)}", flush=True)
            except Exception as wrong:
                failed += 1
                print(f"{kind}: {type(wrong).__name__}: {wrong}", flush=True)
        for model in [Path(m) / "all-MiniLM-L6-v2" for m in sys.argv[2:3]]:
            run(sys.executable, EXPORT, model, folder / "words", folder / "export.safetensors")
            print(f"{model.name}: {compare(folder, model)}")
    sys.exit(failed > 0)


main()
