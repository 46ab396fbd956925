"""vary_sentence_transformers.py PROGRAM [--random N] [--seed S] [--keep DIR]: folders of sentence-transformers, varied key by key, and what
`explaint embed --texts` makes of them beside SentenceTransformer(folder).encode: the same vectors, or a refusal by name.

Without options the variations of tests/golden/sentence are tried, whose vectors sentence-transformers made; with --random N as many new ones,
which needs sentence-transformers. `--write N` (no PROGRAM) makes the goldens; versions: requirements-models.txt. A difference ends with 1;
--keep DIR leaves the folders of differences there."""
import argparse
import collections
import copy
import json
import os
import random
import shutil
import struct
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

GOLDEN = Path(__file__).resolve().parent.parent / "golden" / "sentence"
BOUND = 1e-5
POSITIONS = 24  # of every base model: pieces a text may have
BASES = {"bert": 12, "cased": 10, "mpnet": 8}  # and their widths
TEXTS = ["the dog is big", "", "A Cat, a DOG!", "zzz", "ice cream", "see the red dog run", "a", "[SEP] the [MASK]", "running cats.", "x " * 40, "the dog " * 11,
         "Caf\u00e9 na\u00efve \u00c5", "\u6f22\u5b57 dog", "  two  blanks "]
ROOMS = {"Transformer": ("models", "base.modules.transformer"), "Pooling": ("models", "sentence_transformer.modules.pooling"),
         "Dense": ("models", "base.modules.dense"), "Normalize": ("models", "base.modules.normalize", "sentence_transformer.modules.normalize"),
         "Dropout": ("models", "sentence_transformer.modules.dropout")}
SWITCHES = ["pooling_mode_cls_token", "pooling_mode_max_tokens", "pooling_mode_mean_tokens", "pooling_mode_mean_sqrt_len_tokens",
            "pooling_mode_weightedmean_tokens", "pooling_mode_lasttoken"]
MODES = ["cls", "max", "mean", "mean_sqrt_len_tokens", "weightedmean", "lasttoken"]
ODD = [None, 0, 1, 2, -1, 1.5, True, False, "", "x", "mean", [], ["mean"], {}, {"a": 1}]


# ---- variations: files by path; a value is JSON, or {"tensors": ...} of a safetensors file ----

def numbers(spec):
    """Tensors that depend on the spec alone: {"seed", "dtype", "shapes": {name: [n] or [n, m]}}."""
    draw = random.Random(spec["seed"])
    for name, shape in sorted(spec["shapes"].items()):
        yield name, shape, np.array([draw.uniform(-1, 1) / (shape[-1] ** .5) for _ in range(int(np.prod(shape)))], np.float32)


def torch_file(spec, path):
    import torch
    kind = {"F32": torch.float32, "F16": torch.float16, "BF16": torch.bfloat16}[spec["dtype"]]
    torch.save({name: torch.tensor(x).reshape(shape).to(kind) for name, shape, x in numbers(spec)}, path)


def safetensors_file(spec):
    head, data = {}, b""
    for name, shape, x in numbers(spec):
        raw = x.astype(np.float16).tobytes() if spec["dtype"] == "F16" else (x.view(np.uint32) >> 16).astype(np.uint16).tobytes() if spec["dtype"] == "BF16" else x.tobytes()
        head[name] = {"dtype": spec["dtype"], "shape": shape, "data_offsets": [len(data), len(data) + len(raw)]}
        data += raw
    text = json.dumps(head).encode()
    return struct.pack("<Q", len(text)) + text + data


def lay_out(variation, folder):
    """The folder on the disk, and its texts."""
    model = folder / variation["place"]
    shutil.copytree(GOLDEN / variation["base"], model)
    for name, change in variation["change"].items():  # of the base's own files: keys to set
        content = json.loads((model / name).read_text())
        (model / name).write_text(json.dumps(content | change))
    if variation.get("bare"):  # vocab.txt in the place of tokenizer.json
        vocabulary = json.loads((model / "tokenizer.json").read_text())["model"]["vocab"]
        (model / "vocab.txt").write_text("".join(p + "\n" for p in sorted(vocabulary, key=vocabulary.get)))
        (model / "tokenizer.json").unlink()
    for name, content in variation["files"].items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, dict) and "tensors" in content:
            if name.endswith(".bin"):
                torch_file(content["tensors"], path)
            else:
                path.write_bytes(safetensors_file(content["tensors"]))
        else:
            path.write_text(json.dumps(content))
    (folder / "texts.json").write_text(json.dumps([TEXTS[i] for i in variation["texts"]]))


class Draw:
    """A folder at random: in each file some keys as they may be; in every third folder some as they should not be."""

    def __init__(self, seed, torch=False):
        self.r = random.Random(seed)
        self.torch = torch  # at hand, and its files may be drawn, too
        self.wild = self.chance(1 / 3)

    def chance(self, p):
        return self.r.random() < p

    def one(self, *values):
        return copy.deepcopy(self.r.choice(values))

    def slip(self, p):
        return self.wild and self.chance(p)

    def odd(self, d, p=.06):
        """A key of d gets a value that it should not have."""
        if d and self.slip(p):
            d[self.r.choice(sorted(d))] = self.one(*ODD)
        return d

    def type_of(self, name):
        room = self.one(*ROOMS[name])
        if room == "models" and self.chance(.1):
            room += "." + name
        return f"sentence_transformers.{room}.{name}"

    def pooling(self, width):
        d = {self.one("word_embedding_dimension", "embedding_dimension"): width}
        if self.slip(.06):
            d = {}
        if self.slip(.06):
            d = {"word_embedding_dimension": width, "embedding_dimension": width}
        if self.chance(.5):
            d["pooling_mode"] = self.one(*MODES) if self.chance(.6) else [self.one(*MODES) for _ in range(self.r.randint(1, 4))]
        if "pooling_mode" not in d or self.chance(.15):
            on = self.r.sample(SWITCHES, self.one(0, 1, 1, 1, 2, 3))
            for key in SWITCHES if self.chance(.6) else self.r.sample(SWITCHES, self.r.randint(0, 6)):
                d[key] = self.one(*ODD) if self.slip(.1) else key in on
            d |= {key: True for key in on}
        if self.chance(.5):
            d["include_prompt"] = self.one(True, False, False)
        if self.slip(.04):
            d[self.one("pooling_mode_first", "extra", "pooling_output_dimension")] = self.one(True, 1)
        return self.odd(d)

    def dense(self, width, files, path):
        out = self.r.randint(1, 9)
        d = {"in_features": width + self.slip(.04), "out_features": out}
        if self.chance(.8):
            d["bias"] = self.one(True, True, False)
        if self.chance(.8):
            d["activation_function"] = self.one("torch.nn.modules.activation.Tanh", "torch.nn.modules.linear.Identity", "torch.nn.Identity", "torch.nn.modules.activation.ReLU",
                                                "torch.nn.GELU", "torch.nn.modules.activation.Sigmoid", "torch.nn.modules.activation.SiLU")
            if self.slip(.2):
                d["activation_function"] = self.one("torch.nn.modules.activation.Hardtanh", "my.Function", "torch.tanh")
        if self.chance(.2):
            d[self.one("module_input_name", "module_output_name")] = self.one("token_embeddings", None) if self.slip(.5) else "sentence_embedding"
        if self.slip(.10):
            d["use_residual"] = self.one(True, False)
        shapes = {"linear.weight": [out, width]} | ({"linear.bias": [out]} if d.get("bias", True) else {})
        if self.slip(.06):
            shapes.pop(self.r.choice(sorted(shapes)))
        if self.slip(.06):
            shapes["more"] = [2]
        files[f"{path}/config.json"] = self.odd(d)
        files[f"{path}/{'pytorch_model.bin' if self.torch and self.chance(.3) else 'model.safetensors'}"] = {"tensors": {"seed": self.r.randint(0, 99), "dtype": self.one("F32", "F32", "F16", "BF16"), "shapes": shapes}}
        return out

    def modules(self, width, place, files):
        chain = ["Transformer", "Pooling"] + ["Dense"] * self.one(0, 0, 1, 2) + ["Normalize"] * self.one(0, 1)
        if self.chance(.1):
            chain.insert(self.r.randint(1, len(chain)), self.one("Normalize", "Dropout", "Pooling", "Dense") if self.wild else "Normalize")
        if self.slip(.06):
            chain.pop(self.r.randrange(len(chain)))
        if self.slip(.06):
            self.r.shuffle(chain)
        if self.slip(.10):
            chain.append("LayerNorm" if self.chance(.5) else "Custom")
        out, modules, pooled = width, [], 0
        for i, kind in enumerate(chain):
            path = place if kind == "Transformer" else f"{i}_{kind}"
            if kind == "Pooling":
                files[f"{path}/config.json"] = self.pooling(width)
                mode = files[f"{path}/config.json"].get("pooling_mode")
                switches = files[f"{path}/config.json"]
                n = len(mode) if isinstance(mode, (list, str)) and not isinstance(mode, str) else 1 if "pooling_mode" in switches else max(1, sum(bool(switches.get(k)) for k in SWITCHES))
                out = n * width
            elif kind == "Dense":
                out = self.dense(out, files, path)
            elif kind == "Normalize" and self.chance(.2):
                files[f"{path}/config.json"] = self.odd({}, 0) if self.chance(.5) else {self.one("module_input_name", "module_output_name"):
                                                        self.one(None, "token_embeddings", "other") if self.slip(.5) else "sentence_embedding"}
            elif kind == "Dropout":
                files[f"{path}/config.json"] = {"dropout": .2}
            kind = "sentence_transformers.models.LayerNorm" if kind == "LayerNorm" else "mine.Custom" if kind == "Custom" else self.type_of(kind)
            module = {"idx": i, "name": str(i), "path": path, "type": kind}
            if self.slip(.04):
                module["idx"] = self.one(0, 7, None, "x")
            if self.slip(.02):
                module["name"] = "0"
            if self.slip(.04):
                module["kwargs"] = self.one([], ["task"])
            if self.slip(.02):
                module["path"] = self.one("../x", "/tmp", "nothing", "")
            modules.append(self.odd(module, .005))
        files["modules.json"] = self.one({}, [], "x", None) if self.slip(.02) else modules

    def config(self):
        d = {}
        if self.chance(.7):
            d["__version__"] = {"sentence_transformers": self.one("2.2.2", "5.4.0", "9.0.0"), "transformers": "4.6.1", "pytorch": "1.8.1"}
        if self.chance(.8):
            d["prompts"] = self.one({}, {"query": "query: ", "document": ""}, {"query": "a red ", "passage": "the: "}, {"query": None, "x": "see [SEP] "},
                                    {"query": "zzz", "document": "the dog"}, {"passage": "Cat "}, {"query": " "}, {"": "a "})
        if self.chance(.8):
            d["default_prompt_name"] = self.one(None, "query", "query", "document", *d.get("prompts", {})) if not self.slip(.3) else self.one("passage", "x")
        if self.chance(.5):
            d["similarity_fn_name"] = self.one(None, "cosine", "dot", "maxsim", "none")
        if self.chance(.2):
            d["truncate_dim"] = self.one(None, 1, 3, 7, 100)
        if self.chance(.3):
            d["model_type"] = self.one("SparseEncoder", "CrossEncoder", None) if self.slip(.3) else "SentenceTransformer"
        if self.chance(.1):
            d[self.one("more", "prompt")] = "x"
        return self.odd(d)

    def transformer(self):
        d = {}
        if self.chance(.8):
            d["max_seq_length"] = self.one(None, 2, 3, 5, 8, 16, 24, 24, 30, 128)
        if self.chance(.6):
            d["do_lower_case"] = self.one(False, False, not self.cased or self.slip(.5))
        if self.chance(.3):
            d |= {"transformer_task": "feature-extraction", "modality_config": {"text": {"method": "forward", "method_output_name": "last_hidden_state"}},
                  "module_output_name": "token_embeddings"}
            if self.slip(.3):
                d[self.r.choice(["transformer_task", "modality_config", "module_output_name"])] = self.one(
                    "fill-mask", {"text": {"method": "forward", "method_output_name": ["last_hidden_state"]}}, {"text": {"method": "forward", "method_output_name": "pooler_output"}},
                    {"text": {"method": "forward", "method_output_name": ["hidden_states", 1]}}, {"image": {"method": "forward", "method_output_name": "last_hidden_state"}},
                    "sentence_embedding")
        for key, values in (("processing_kwargs", [{}, {"text": {"max_length": 6}}, {"text": {"padding": "max_length"}}, {"common": {}}, {"chat_template": {}}, {"text": {"truncation": False}}]),
                            ("model_args", [{}, {"attn_implementation": "eager"}, {"torch_dtype": "float32"}, {"dtype": "float16"}, {"trust_remote_code": True}]),
                            ("model_kwargs", [{}, {"dtype": "float32"}, {"attn_implementation": "sdpa"}]),
                            ("tokenizer_args", [{}, {"model_max_length": 7}, {"do_lower_case": False}, {"padding_side": "left"}]),
                            ("processor_kwargs", [{}, {"model_max_length": 9}, {"model_max_length": None}]), ("config_args", [{}, {"hidden_act": "relu"}]), ("config_kwargs", [{}]),
                            ("unpad_inputs", [None, True, False]), ("query_length", [None, 4]), ("document_length", [None, 5]),
                            ("query_expansion", [None, {"strategy": "fixed", "length": 8}]), ("tokenizer_name_or_path", [None]), ("more", [1])):
            if self.slip(.04):
                d[key] = self.one(*values)
        return self.odd(d, .02)

    def variation(self):
        base = self.one(*BASES)
        self.cased = base == "cased"
        place = "" if self.chance(.95) else self.one("0_Transformer", "0_BERT")
        files, change = {}, {"config.json": {}, "tokenizer_config.json": {}, "tokenizer.json": {}}
        self.modules(BASES[base], place, files)
        if self.chance(.8):
            files["config_sentence_transformers.json"] = self.config()
        if self.chance(.7):
            name = "sentence_bert_config.json" if self.chance(.9) else self.one("sentence_roberta_config.json", "sentence_xlnet_config.json")
            files[(place + "/" if place else "") + name] = self.transformer()
        if self.chance(.5):
            change["tokenizer_config.json"] |= {self.one("model_max_length", "model_max_length", "model_max_length", "max_len"): self.one(4, 10, 24, 512, 10 ** 30, None)}
        for key in ("do_lower_case", "strip_accents", "tokenize_chinese_chars"):
            if self.chance(.07):
                change["tokenizer_config.json"] |= {key: self.one(True, False, None)}
        if self.slip(.10):
            change["tokenizer_config.json"] |= {self.one("padding_side", "truncation_side"): self.one("left", "right")}
        if self.chance(.1):
            side = self.one("Right", "Right", "Left")
            change["tokenizer.json"]["truncation"] = {"direction": side, "max_length": 9, "strategy": "LongestFirst", "stride": 0}
        if self.chance(.1):
            side = self.one("Right", "Right", "Left")
            change["tokenizer.json"]["padding"] = {"strategy": {"Fixed": 12}, "direction": side, "pad_to_multiple_of": None, "pad_id": 1 if base == "mpnet" else 0,
                                                   "pad_type_id": 0, "pad_token": "<pad>" if base == "mpnet" else "[PAD]"}
        if self.chance(.06):
            change["config.json"] |= {self.one("dtype", "torch_dtype"): self.one("float16", "bfloat16", "float32", "float32", None)}
        texts = self.r.sample(range(len(TEXTS)), self.r.randint(1, 6))
        drawn = {"base": base, "place": place, "files": files, "change": {k: v for k, v in change.items() if v}, "texts": sorted(texts)}
        return drawn | {"bare": True} if self.chance(.05) else drawn


# ---- both sides ----

def reference(folder):
    """Vectors, or the error as text."""
    import torch
    from sentence_transformers import SentenceTransformer
    torch.set_num_threads(1)
    texts = json.loads((folder / "texts.json").read_text())
    try:
        return SentenceTransformer(str(folder), device="cpu").encode(texts, show_progress_bar=False).astype(np.float32)
    except Exception as e:
        return f"{type(e).__name__}: {str(e)[:200]}"


def ours(program, folder):
    """Vectors and notes, or the error."""
    done = subprocess.run([program, "embed", "--model", str(folder), "--texts", str(folder / "texts.json"), "--output", str(folder / "o.npy"), "--threads", "1", "--json"],
                          capture_output=True, text=True)
    if done.returncode == 0:
        return np.load(folder / "o.npy"), json.loads(done.stdout)["notes"]
    if done.returncode != 3 or done.stdout or len(done.stderr.strip().split("\n")) != 1:
        raise SystemExit(f"{folder}: exit {done.returncode}: {done.stdout}{done.stderr}")
    return done.stderr.strip(), []


def judge(got, notes, want):
    """"same", "refused", "both" (refused by both), "looser" (the reference fails alone), or a difference in words."""
    if isinstance(got, str):
        return "both" if isinstance(want, str) or not np.isfinite(want).all() else "refused"
    if isinstance(want, str):
        return "looser"
    if got.shape != want.shape:
        return f"{got.shape} beside {want.shape}"
    half = any("sentence-transformers computes with this model in" in n for n in notes)
    off = float(np.abs(got - want).max() / max(1, np.abs(want).max()))
    return "same" if off <= (.1 if half else BOUND) else f"off by {off:.1e}"


def try_one(program, variation, want, keep, name):
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "model"
        lay_out(variation, folder)
        if want is None:
            want = reference(folder)
        got, notes = ours(program, folder)
        verdict = judge(got, notes, want)
        if keep and verdict not in ("same", "refused", "both"):
            shutil.copytree(folder, Path(keep) / name, dirs_exist_ok=True)
        return verdict, got if isinstance(got, str) else "", want


def summary(counts, reasons, verbose):
    print(", ".join(f"{n} {k}" for k, n in sorted(counts.items())))
    for reason, n in reasons.most_common() if verbose else ():
        print(f"{n:5} {reason}")


# ---- goldens ----

def write(n):
    from make_sentence_models import make  # needs torch
    make(GOLDEN)
    rows, vectors = [], []
    for seed in range(10 ** 6):
        if len(rows) == n:
            break
        variation = Draw(f"golden {seed}").variation()
        with tempfile.TemporaryDirectory() as scratch:
            lay_out(variation, Path(scratch) / "m")
            want = reference(Path(scratch) / "m")
        fails = isinstance(want, str) or not np.isfinite(want).all()
        if fails and sum(r["shape"] is None for r in rows) * 4 >= n:  # a quarter of what the reference refuses
            continue
        variation["shape"] = None if fails else list(want.shape)
        rows.append(variation)
        vectors += [] if fails else [want.ravel()]
    (GOLDEN / "variations.json").write_text("[" + ",\n".join(json.dumps(r, sort_keys=True) for r in rows) + "]\n")
    np.save(GOLDEN / "vectors.npy", np.concatenate(vectors))


def goldens():
    all_vectors, at = np.load(GOLDEN / "vectors.npy"), 0
    for i, variation in enumerate(json.loads((GOLDEN / "variations.json").read_text())):
        shape = variation.pop("shape")
        if shape is None:
            yield f"golden {i}", variation, "refused"
            continue
        size = int(np.prod(shape))
        yield f"golden {i}", variation, all_vectors[at:at + size].reshape(shape)
        at += size


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("program", nargs="?")
    arguments.add_argument("--random", type=int, default=0)
    arguments.add_argument("--seed", type=int, default=1)
    arguments.add_argument("--write", type=int, default=0)
    arguments.add_argument("--keep")
    arguments.add_argument("--verbose", action="store_true")
    o = arguments.parse_args()
    if o.write:
        return write(o.write)
    program = str(Path(o.program).resolve())
    cases = ((f"{o.seed}-{i}", Draw(f"{o.seed} {i}", torch=True).variation(), None) for i in range(o.random)) if o.random else goldens()
    counts, reasons, bad = collections.Counter(), collections.Counter(), 0
    for name, variation, want in cases:
        verdict, said, want = try_one(program, variation, want, o.keep, name)
        kind = verdict if verdict in ("same", "refused", "both", "looser") else "different"
        counts[kind] += 1
        if kind in ("refused", "looser", "both"):
            reasons[f"{kind}: {said.split(': ', 2)[-1][:110] if said else str(want)[:110]}"] += 1
        if kind == "different":
            bad += 1
            print(f"{name}: {verdict}")
    summary(counts, reasons, o.verbose)
    return 1 if bad else 0


if __name__ == "__main__":
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
    sys.exit(main())
