#!/usr/bin/env python3
"""check_gguf.py GGUF_DUMP [FILE...]: values of every type and random blocks of every type, written by the `gguf` package and widened by it, beside
what the library reads (tests/oracle/gguf_dump.c): every bit of every number, but for the bits of a NaN. With FILEs, real models."""
import json
import os
import subprocess
import sys
import tempfile

import numpy as np

try:
    import gguf
    import make_gguf
except ImportError:
    print("skipped: this Python has no gguf; tests/oracle/requirements.txt names it")
    sys.exit(1 if os.environ.get("EXPLAINT_NO_SKIP") else 77)

DUMP = sys.argv[1]
KINDS = {t: t.name.lower().replace("uint", "u").replace("int", "i").replace("float", "f") for t in gguf.GGUFValueType}


def same(ours, theirs, what):
    a, b = ours.view(np.uint32), np.ascontiguousarray(theirs, dtype=np.float32).ravel().view(np.uint32)
    wrong = np.flatnonzero((a != b) & ~(np.isnan(ours) & np.isnan(b.view(np.float32))))
    assert a.size == b.size and wrong.size == 0, f"{what}: {wrong.size} of {a.size} numbers differ, the first at {wrong[:1]}"
    return a.size


def check(path):
    """Everything that the file holds, read by the package and by the library."""
    done = subprocess.run([DUMP, path], capture_output=True, check=True)
    out, at, n = done.stdout, 0, 0
    reader = gguf.GGUFReader(path)

    def line():
        nonlocal at
        end = out.index(b"\n", at)
        entry, at = json.loads(out[at:end]), end + 1
        return entry

    for key, field in reader.fields.items():
        if key.startswith("GGUF."):
            continue
        assert line() == [key, KINDS[field.types[-1]], field.contents()], key
    for tensor in reader.tensors:
        name, kind, shape = line()
        assert (name, kind, shape) == (tensor.name, tensor.tensor_type.name, [int(d) for d in reversed(tensor.shape)]), tensor.name
        with np.errstate(all="ignore"):
            theirs = gguf.dequantize(tensor.data, tensor.tensor_type)
        ours = np.frombuffer(out, np.float32, theirs.size, at)
        at += ours.nbytes
        n += same(ours, theirs, f"{path}: {name}")
    assert at == len(out)
    return n


def main():
    n = 0
    with tempfile.TemporaryDirectory() as folder:
        for seed, (rows, per_row, hard, alignment) in enumerate(((200, 4, 0, 32), (200, 4, .5, 64), (1, 1, 1, 8), (3, 700, .01, 4096))):
            rng = np.random.default_rng(seed)
            path = os.path.join(folder, f"{seed}.gguf")

            def fill(writer):
                make_gguf.add_values(writer, rng, [chr(int(c)) for c in rng.integers(32, 0xd800, seed * 50)] + ["", "\n\"\\"])
                make_gguf.add_tensors(writer, rng, rows, per_row, hard)

            make_gguf.write(path, "random", fill, alignment)
            n += check(path)
    for path in sys.argv[2:]:
        n += check(path)
    print(f"{n} numbers, all the same")


main()
