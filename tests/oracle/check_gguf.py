#!/usr/bin/env python3
"""check_gguf.py GGUF_DUMP MODEL_DUMP DUMP_TOKENIZER EXPLAINT [FILE...]: values of every type and random blocks of every type, written by the `gguf` package and widened by it, beside
what the library reads (tests/oracle/gguf_dump.c): every bit of every number, but for the bits of a NaN. Random models of each architecture (gguf_models.py) give the same bits from
the GGUF as from the folder that it was made from. Tokenizers are those of Hugging Face (gguf_tokenizers.py). With FILEs, real files are read by both."""
import json
import os
import pathlib
import subprocess
import sys
import tempfile

import numpy as np

try:
    import gguf
    import gguf_models
    import gguf_tokenizers
    import make_gguf
except ImportError:
    print("skipped: this Python has no gguf; tests/oracle/requirements.txt names it")
    sys.exit(1 if os.environ.get("EXPLAINT_NO_SKIP") else 77)

DUMP, MODEL_DUMP, DUMP_TOKENIZER, EXPLAINT = sys.argv[1:5]
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
        name, kind, value = line()
        if kind == "f32":  # as short as it may be
            value = np.float32(value).tolist()
        assert [name, kind, value] == [key, KINDS[field.types[-1]], field.contents()], key
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


def run_model(path, ids):
    done = subprocess.run([MODEL_DUMP, path, "1"], input=ids, capture_output=True)
    return done.stdout, done.stderr.decode()


def check_models(folder, seeds):
    """Each architecture whose family there is."""
    n, absent = 0, set()
    for arch in gguf_models.ARCHITECTURES:
        for seed in range(seeds):
            rng = np.random.default_rng(1000 + seed)
            config, tensors = gguf_models.draw(arch, rng)
            at = folder / f"{arch}-{seed}"
            make_gguf.write(f"{at}.gguf", arch, lambda writer: gguf_models.add_model(writer, arch, config, tensors, rng))
            gguf_models.write_folder(at, config, tensors)
            ids = "".join(" ".join(map(str, rng.integers(0, config["vocab_size"], length))) + "\n" for length in (1, 9, 30)).encode()
            (ours, said), (theirs, why) = run_model(f"{at}.gguf", ids), run_model(at, ids)
            if 'expected "model_type"' in why and 'expected "model_type"' in said:
                absent.add(arch)
                break
            assert said == "" and why == "", f"{at}: {said}{why}"
            if (config.get("rope_scaling") or {}).get("rope_type") == "llama3":  # divisors, rounded by themselves
                a, b = np.frombuffer(ours, np.float32), np.frombuffer(theirs, np.float32)
                assert a.size == b.size and np.allclose(a, b, rtol=0, atol=1e-4), f"{at}: {np.abs(a - b).max()}"
            else:
                assert ours == theirs, f"{at}: other bits than from the folder; {config}"
            n += 1
    print(f"{n} models, the same from the GGUF as from the folder" + (f"; no family for {', '.join(sorted(absent))}" if absent else ""))


def check_provenance(folder):
    """A result says which types its model's tensors had."""
    path = pathlib.Path(__file__).resolve().parents[1] / "golden" / "models" / "llama-gguf" / "model.gguf"
    done = subprocess.run([EXPLAINT, "embed", "--model", path, "--text", "the dog", "--pooling", "mean", "--output", folder / "o.npy", "--json"],
                          capture_output=True, check=True)
    kinds = [t.tensor_type.name for t in gguf.GGUFReader(path).tensors]
    said = dict(part.split(" ")[::-1] for part in json.loads(done.stdout)["settings"]["weights"].split(", "))
    assert said == {kind: str(kinds.count(kind)) for kind in kinds}, said


def main():
    n = 0
    with tempfile.TemporaryDirectory() as folder:
        check_models(pathlib.Path(folder), 4)
        check_provenance(pathlib.Path(folder))
        gguf_tokenizers.check(DUMP_TOKENIZER, pathlib.Path(folder), 300)
    with tempfile.TemporaryDirectory() as folder:
        for seed, (rows, per_row, hard, alignment) in enumerate(((200, 4, 0, 32), (200, 4, .5, 64), (1, 1, 1, 8), (3, 700, .01, 4096))):
            rng = np.random.default_rng(seed)
            path = os.path.join(folder, f"{seed}.gguf")

            def fill(writer):
                make_gguf.add_values(writer, rng, [chr(int(c)) for c in rng.integers(32, 0xd800, seed * 50)] + ["", "\n\"\\"])
                make_gguf.add_tensors(writer, rng, rows, per_row, hard)

            make_gguf.write(path, "random", fill, alignment)
            n += check(path)
    for path in sys.argv[5:]:
        reference = gguf_tokenizers.of_metadata(path)
        print(gguf_tokenizers.compare(DUMP_TOKENIZER, path, reference, 20000, []), "texts")
        n += check(path)
    print(f"{n} numbers, all the same")


main()
