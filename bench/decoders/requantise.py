#!/usr/bin/env python3
"""requantise.py FROM.gguf TO.gguf TYPE, or FROM TO f16: a copy of a model in another precision, for `explaint compare`.

A GGUF keeps its metadata; its quantised matrices are dequantised and quantised to TYPE (Q8_0, Q4_0, F16, ...) by the package gguf, and what
is F32 stays. A folder with one model.safetensors gets float16 in place of float32, other files are copied. Needs numpy and gguf."""
import json
import shutil
import struct
import sys
from pathlib import Path

import numpy as np


def gguf_copy(source, target, kind):
    import gguf
    reader = gguf.GGUFReader(source)
    writer = gguf.GGUFWriter(target, reader.fields["general.architecture"].contents())
    for name, field in reader.fields.items():
        if name.startswith("GGUF.") or name == "general.architecture": continue
        value, of = field.types[0], field.types[-1]
        if name == "general.file_type": continue
        writer.add_key_value(name, field.contents(), value, sub_type=of if value == gguf.GGUFValueType.ARRAY else None)
    for tensor in reader.tensors:
        data = np.asarray(gguf.dequantize(tensor.data, tensor.tensor_type), np.float32)
        wanted = tensor.tensor_type if tensor.tensor_type == gguf.GGMLQuantizationType.F32 else kind
        writer.add_tensor(tensor.name, gguf.quantize(data, wanted), raw_dtype=wanted)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def folder_copy(source, target):
    shutil.copytree(source, target, ignore=shutil.ignore_patterns("*.safetensors", "*.bin", "onnx", "openvino"), dirs_exist_ok=True)
    data = (source / "model.safetensors").read_bytes()
    size = struct.unpack("<Q", data[:8])[0]
    head, out, at = json.loads(data[8:8 + size]), [], 0
    for name, tensor in sorted(head.items(), key=lambda item: item[1].get("data_offsets", [0])[0]):
        if name == "__metadata__": continue
        begin, end = tensor["data_offsets"]
        part = data[8 + size + begin:8 + size + end]
        if tensor["dtype"] == "F32":
            part = np.frombuffer(part, "<f4").astype("<f2").tobytes()
            tensor["dtype"] = "F16"
        tensor["data_offsets"] = [at, at + len(part)]
        at += len(part)
        out.append(part)
    text = json.dumps(head).encode()
    text += b" " * (-len(text) % 8)
    (target / "model.safetensors").write_bytes(struct.pack("<Q", len(text)) + text + b"".join(out))


def main():
    source, target, kind = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
    if source.is_dir(): return folder_copy(source, target)
    import gguf
    gguf_copy(source, target, gguf.GGMLQuantizationType[kind.upper()])


main()
