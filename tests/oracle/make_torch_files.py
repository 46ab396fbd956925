"""make_torch_files.py: writes tests/golden/torch, what torch.save makes of dictionaries of tensors, and what is no such file.

MODEL.bin, MODEL-*.bin: weights of tests/golden/models, stored in ways that people have. views*.bin: tensors that are views, with what they
hold in views.safetensors. refused-*.bin: what is not read. Versions: requirements-models.txt."""
import collections
import io
import json
import pickle
import shutil
import sys
import zipfile
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file

GOLDEN = Path(__file__).resolve().parent.parent / "golden"
TORCH = GOLDEN / "torch"


def weights(name):
    return {k: v for file in sorted((GOLDEN / "models" / name).glob("model*.safetensors")) for k, v in load_file(file).items()}


def save(value, name, **how):
    torch.save(value, TORCH / name, **how)


def rezip(source, target, method=zipfile.ZIP_STORED, zip64=False, change=None):
    """The same members in another archive."""
    with zipfile.ZipFile(TORCH / source) as old, zipfile.ZipFile(TORCH / target, "w", method) as new:
        for item in old.infolist():
            data = old.read(item.filename)
            if change is not None:
                data = change(item.filename, data)
            if data is not None:
                with new.open(zipfile.ZipInfo(item.filename), "w", force_zip64=zip64) if method == zipfile.ZIP_STORED else new.open(item.filename, "w") as out:
                    out.write(data)


def models():
    state = collections.OrderedDict(weights("bert-gelu"))
    state._metadata = collections.OrderedDict({"": {"version": 1}, "embeddings": {"version": 1}})
    save(state, "bert-gelu.bin")
    # before torch 1.6, matrices transposed as those that came from TensorFlow are, and parameters among the tensors
    old = {k: torch.nn.Parameter(v.t().contiguous().t() if v.dim() == 2 else v) for k, v in weights("bert-f16").items()}
    save(old, "bert-f16.bin", _use_new_zipfile_serialization=False)
    shards, where = [{}, {}], {}
    for i, (k, v) in enumerate(weights("bert-bf16-shards").items()):
        shards[i % 2][k] = v
        where[k] = f"pytorch_model-{i % 2 + 1:05}-of-00002.bin"
    for i, shard in enumerate(shards):
        save(shard, f"bert-bf16-shards-{i + 1:05}-of-00002.bin", pickle_protocol=2 + 2 * i)
    (TORCH / "bert-bf16-shards.index.json").write_text(json.dumps({"metadata": {"total_size": 1}, "weight_map": where}, indent=1) + "\n")
    # one storage for all, and a tied weight
    head = weights("mpnet-f16-head")
    flat, at = torch.cat([v.flatten() for v in head.values()]), 0
    for k, v in head.items():
        head[k] = flat[at:at + v.numel()].view(v.shape)
        at += v.numel()
    head["lm_head.decoder.weight"] = head["mpnet.embeddings.word_embeddings.weight"]
    save(head, "mpnet-f16-head.bin")


def views():
    base = torch.arange(60.).reshape(3, 4, 5)
    odd = torch.nn.Parameter(torch.tensor([1., -2.]))
    odd.note = "kept as an attribute"
    v = {"plain": base, "transposed": base.transpose(0, 2), "part": base[1:, ::2, 1:4], "column": base[:, :, 3], "scalar": base[2, 3, 4],
         "row": base[1, 2], "expanded": torch.tensor([7., 8.]).expand(3, 2), "ones": torch.arange(5).expand(1, -1), "empty": torch.zeros(0, 3),
         "empty_view": base[3:], "parameter": torch.nn.Parameter(base[0].t()), "attribute": odd, "nameless.0": torch.tensor(3), "ä": torch.zeros(1)}
    for kind in ("float16", "bfloat16", "float64", "int64", "int32", "int16", "int8", "uint8", "bool", "uint16", "uint32", "uint64", "float8_e4m3fn",
                 "float8_e5m2"):
        v[kind] = torch.arange(6.).reshape(2, 3).to(getattr(torch, kind))
    v["turned"] = v["int16"].t()
    save_file({k: x.detach().contiguous().clone() for k, x in v.items()}, TORCH / "views.safetensors")
    (TORCH / "views.safetensors").chmod(0o644)
    save(v, "views.bin")
    for protocol in (3, 4, 5):
        save(v, f"views-{protocol}.bin", pickle_protocol=protocol)
    save(v, "views-old.bin", _use_new_zipfile_serialization=False)
    save(v, "views-old-4.bin", _use_new_zipfile_serialization=False, pickle_protocol=4)
    rezip("views.bin", "views-deflated.bin", zipfile.ZIP_DEFLATED)
    rezip("views.bin", "views-zip64.bin", zip64=True)


class Runs:
    def __reduce__(self):
        return (print, ("this was run",))


def refused():
    one = {"a": torch.zeros(2)}
    save({"epoch": 3, "state_dict": one, "optimizer": {}}, "refused-checkpoint.bin")
    save({"a": torch.zeros(2), "epoch": 3}, "refused-number.bin")
    save([torch.zeros(2)], "refused-list.bin")
    save({7: torch.zeros(2)}, "refused-key.bin")
    save({"a": torch.zeros(2), "b": Runs()}, "refused-program.bin")
    save(torch.nn.Linear(2, 1), "refused-module.bin")
    save({"a": torch.zeros(2).to_sparse()}, "refused-sparse.bin")
    save({"a": torch.quantize_per_tensor(torch.zeros(2), .1, 0, torch.qint8)}, "refused-quantized.bin")
    torch.jit.script(torch.nn.Linear(2, 1)).save(TORCH / "refused-script.bin")
    (TORCH / "refused-pickle.bin").write_bytes(pickle.dumps({"a": [1., 2.]}, 4))
    save(one, "one.bin")
    rezip("one.bin", "refused-order.bin", change=lambda name, data: b"big" if name.endswith("byteorder") else data)
    rezip("one.bin", "refused-hole.bin", change=lambda name, data: None if name.endswith("data/0") else data)
    rezip("one.bin", "refused-short.bin", change=lambda name, data: data[:7] if name.endswith("data/0") else data)
    rezip("one.bin", "refused-flat.bin", change=lambda name, data: None if name.endswith("data.pkl") else data)
    buffer = io.BytesIO()
    torch.save(one, buffer, _use_new_zipfile_serialization=False)
    (TORCH / "refused-old-order.bin").write_bytes(buffer.getvalue().replace(b"little_endianq\x02\x88", b"little_endianq\x02\x89"))
    (TORCH / "one.bin").unlink()


shutil.rmtree(TORCH, ignore_errors=True)
TORCH.mkdir()
models()
views()
refused()
print(f"torch {torch.__version__}: {sum(f.stat().st_size for f in TORCH.iterdir())} bytes", file=sys.stderr)
