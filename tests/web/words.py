#!/usr/bin/env python3
"""words.py FILE TEXT KIND LAYER HEAD UNIT SPECIAL: a map as the page shows it (docs/report.md#maps), as JSON: {"labels": [...], "values": [[...]]}. LAYER and HEAD
from 0, HEAD may be 'mean'; UNIT is pieces or words; SPECIAL is 1 or 0. Of flow, which has no heads (nor layers, if it is of all), rows become shares."""
import json
import struct
import sys

import numpy as np

path, text, kind, layer, head, unit, with_special = sys.argv[1:]
with open(path, "rb") as file:
    head_length = struct.unpack("<Q", file.read(8))[0]
    header = json.loads(file.read(head_length))
    tensor = header[f"{text}.{kind}"]
    file.seek(8 + head_length + tensor["data_offsets"][0])
    maps = np.frombuffer(file.read(tensor["data_offsets"][1] - tensor["data_offsets"][0]), "<f4").reshape(tensor["shape"])
said = {key: json.loads(header["__metadata__"][key])[int(text)] for key in ("pieces", "special", "words")}
m = maps.astype(float)
if m.ndim < 4:
    m = (m[int(layer)] if m.ndim == 3 else m)[None]
    m = m / np.maximum(m.sum(axis=2, keepdims=True), 1e-30)
else:
    m = m[int(layer)]
if head != "mean" and len(m) > 1:
    m = m[int(head)][None]
units = [(word, n) for word, n in said["words"]] if unit == "words" else [(piece, 1) for piece in said["pieces"]]
belongs = np.repeat(np.eye(len(units)), [n for _, n in units], axis=1)  # units x pieces
if with_special == "0":
    keep = ~np.array(said["special"])
    m, belongs = m[:, keep][:, :, keep], belongs[:, keep]
    m = m / m.sum(axis=2, keepdims=True)
there = belongs.sum(axis=1) > 0
belongs = belongs[there]
result = (belongs / belongs.sum(axis=1, keepdims=True)) @ m.mean(axis=0) @ belongs.T
print(json.dumps({"labels": [label for (label, _), t in zip(units, there) if t], "values": result.tolist()}))
