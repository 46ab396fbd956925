#!/usr/bin/env python3
"""check_vectors.py DUMP: vector files of every format, written by NumPy, are read back byte for byte by DUMP (vectors_dump.c); and the
same file with one fault is refused. Seeds are fixed; needs NumPy alone."""
import gzip
import hashlib
import json
import struct
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

import numpy as np

failed = 0
checked = 0


def fail(case, text):
    global failed
    failed += 1
    print(f"{case}: {text}")


def dump(binary, path, listed="", tensor="", threads=1):
    done = subprocess.run([binary, path, listed, tensor, str(threads)], capture_output=True)
    return done.returncode, done.stdout, done.stderr.decode()


def packed(words, matrix):
    rows = np.ascontiguousarray(matrix, dtype="<f8")
    return struct.pack("<2Q", *rows.shape) + b"".join(w.encode() + b"\0" + r.tobytes() for w, r in zip(words, rows))


def check(case, binary, path, words, matrix, **options):
    """matrix: the doubles that are expected."""
    global checked
    checked += 1
    code, out, err = dump(binary, path, **options)
    if code != 0:
        fail(case, f"exit {code}: {err.strip()}")
    elif out != packed(words, matrix):
        fail(case, f"{len(out)} bytes differ from the {len(packed(words, matrix))} expected")
    elif hashlib.sha256(Path(path).read_bytes()).hexdigest() not in err:
        fail(case, "the SHA-256 is not that of the file")


def refuse(case, binary, path, code, part, **options):
    global checked
    checked += 1
    got, out, err = dump(binary, path, **options)
    if got != code or part not in err or out:
        fail(case, f"exit {got}, expected {code} and \"{part}\": {err.strip()}")


def numbers(rng, n, d, dtype="<f8"):
    """Of many sizes; exact in every type that is tried here."""
    x = rng.normal(size=(n, d)) * 10.0 ** rng.integers(-3, 3, size=(n, d))
    return x.astype(dtype)


def brain(matrix):
    """bfloat16: the upper halves of fp32, cut."""
    return (np.ascontiguousarray(matrix, dtype="<f4").view("<u4") >> 16).astype("<u2")


def safetensors(tensors, metadata=None):
    """tensors: name -> (dtype, shape, bytes)"""
    header, at, data = ({"__metadata__": metadata} if metadata else {}), 0, b""
    for name, (dtype, shape, content) in tensors.items():
        header[name] = {"dtype": dtype, "shape": list(shape), "data_offsets": [at, at + len(content)]}
        at += len(content)
        data += content
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    return struct.pack("<Q", len(text)) + text + data


def word_list(rng, n):
    letters = list("abcdefghijklmnopqrstuvwxyzäéñ漢字")
    words = []
    for i in range(n):
        words.append("".join(rng.choice(letters, size=rng.integers(1, 12))) + str(i))
    return words


def check_text(binary, folder, rng):
    n, d = 700, 37
    words = word_list(rng, n)
    x = numbers(rng, n, d)
    forms = {"%.17g": lambda v: "%.17g" % v, "repr": lambda v: repr(float(v)), "%.18e": lambda v: "%.18e" % v, "%.5f": lambda v: "%.5f" % v,
             "%.9g": lambda v: "%.9g" % v, "%.25f": lambda v: "%.25f" % v, "fp32": lambda v: str(np.float32(v))}
    for name, form in forms.items():
        texts = [[form(v) for v in row] for row in x]
        expected = np.array([[float(t) for t in row] for row in texts])
        for header in (False, True):
            lines = ([f"{n} {d}"] if header else []) + [w + " " + " ".join(r) for w, r in zip(words, texts)]
            content = ("\n".join(lines) + "\n").encode()
            path = folder / "v.txt"
            path.write_bytes(content)
            for threads in (1, 4):
                check(f"text {name} {header} {threads}", binary, path, words, expected, threads=threads)
            path = folder / "v.txt.gz"
            path.write_bytes(gzip.compress(content, 1))
            check(f"text {name} {header} gz", binary, path, words, expected, threads=3)


def check_large_text(binary, folder, rng):
    """Several blocks: words again, and a fault in the last line, with 1 and 5 threads."""
    n, d = 60000, 12
    x = rng.integers(-9999999, 9999999, size=(n, d)) / 1e6
    words = [f"w{i % 50000}" for i in range(n)]
    text = "".join(w + "".join(f" {v:.6f}" for v in row) + "\n" for w, row in zip(words, x))
    path = folder / "large.txt"
    path.write_text(text)
    for threads in (1, 2, 5):
        check(f"large text, {threads} threads", binary, path, words[:50000], x[:50000], threads=threads)
    path.write_text(text + "last 1 2 3\nlater nan\n")
    for threads in (1, 5):
        refuse(f"large text with a fault, {threads} threads", binary, path, 3, f"large.txt:{n + 1}: expected a word and 12 numbers", threads=threads)


def check_word2vec(binary, folder, rng):
    n, d = 300, 25
    words = word_list(rng, n)
    words[5], words[6] = "a\tb", "\x01"
    for width in (d, 1, 2):
        x = numbers(rng, n, width, "<f4")
        for end in (b"\n", b""):
            content = f"{n} {width}\n".encode() + b"".join(w.encode() + b" " + r.tobytes() + end for w, r in zip(words, x))
            path = folder / "v.anything"
            path.write_bytes(content)
            check(f"word2vec {width} {end}", binary, path, words, x)
            path.write_bytes(gzip.compress(content))
            check(f"word2vec {width} {end} gz", binary, path, words, x)
            path.write_bytes(content[:-3 - len(end)])
            refuse(f"word2vec {width} {end} cut", binary, path, 3, f"the file ends inside row {n}")
    tails = ["", " pie", " york city", " é", " a"]
    for width in (6, 25, 300):
        spaced = [f"w{i}{tails[i % 5]}" for i in range(n)]
        for kind in ("normal", "whole", "half", "sparse"):
            x = rng.normal(size=(n, width)).astype("<f4")
            x = {"normal": x, "whole": np.rint(3 * x), "half": x.astype("<f2"), "sparse": x * (abs(x) > 1.5)}[kind].astype("<f4")
            for end in (b"\n", b""):
                path.write_bytes(f"{n} {width}\n".encode() + b"".join(w.encode() + b" " + r.tobytes() + end for w, r in zip(spaced, x)))
                check(f"word2vec with blanks {width} {kind} {end}", binary, path, spaced, x)
    latin = b"2 3\ncaf\xe9 " + struct.pack("<3f", 1, 2, 3) + b"b " + struct.pack("<3f", 4, 5, 6)
    path.write_bytes(latin)
    check("word2vec Latin-1", binary, path, ["café", "b"], [[1, 2, 3], [4, 5, 6]])


def check_arrays(binary, folder, rng):
    n, d = 40, 9
    words = word_list(rng, n)
    listed = folder / "words.txt"
    listed.write_text("\n".join(words) + "\n", encoding="utf-8")
    options = {"listed": listed}
    for dtype in ("<f2", "<f4", "<f8", "<i1", "<i2", "<i4", "<i8", "<u1", "<u2", "<u4", "<u8"):
        x = (rng.integers(0, 100, size=(n, d)) if dtype[1] in "iu" else numbers(rng, n, d)).astype(dtype)
        if dtype == "<f2":
            x[0, :6] = [6e-8, 65504, -6e-5, 1 / 3, -0.0, 2.0 ** -14]
        for order in "CF":
            path = folder / "v.npy"
            np.save(path, np.asarray(x, order=order))
            check(f"npy {dtype} {order}", binary, path, words, x.astype("<f8"), **options)
            for save in (np.savez, np.savez_compressed):
                path = folder / "v.npz"
                save(path, v=np.asarray(x, order=order), words=np.array(words), n=np.arange(3), label=np.float32(1))
                check(f"npz {dtype} {order} {save.__name__}", binary, path, words, x.astype("<f8"))
    x, mask = numbers(rng, n, d, "<f4"), rng.integers(0, 2, size=(n, d)).astype(bool)
    for order in "CF":
        np.save(folder / "v.npy", np.asarray(mask, order=order))
        check(f"npy bool {order}", binary, folder / "v.npy", words, mask.astype("<f8"), **options)
    np.savez(folder / "v.npz", mask=mask)
    check("npz bool", binary, folder / "v.npz", words, mask.astype("<f8"), **options)
    np.savez(folder / "v.npz", mask=mask, v=x)
    check("npz, numbers beside bool", binary, folder / "v.npz", words, x, **options)
    check("npz, bool by name", binary, folder / "v.npz", words, mask.astype("<f8"), tensor="mask", **options)
    other = numbers(rng, n, d + 1, "<f8")
    path = folder / "v.npz"
    np.savez(path, a=x, b=other)
    refuse("npz of two matrices", binary, path, 2, "several arrays of two dimensions: a, b; choose one (--tensor NAME)", **options)
    check("npz --tensor", binary, path, words, other, tensor="b", **options)
    np.savez(path, x=x, X=other)
    check("npz, names that differ in case", binary, path, words, other, tensor="X", **options)
    check("npz, names that differ in case again", binary, path, words, x, tensor="x", **options)
    np.savez(path, a=x, b=other)
    refuse("npz, no such tensor", binary, path, 2, 'no array "c"', tensor="c", **options)
    refuse("npz without words", binary, path, 2, "--words FILE", tensor="a")
    np.savez(path, a=x, w1=np.array(words), w2=np.array(words))
    refuse("npz with two lists", binary, path, 2, "several lists of words: w1, w2")
    check("npz with two lists and --words", binary, path, words, x, **options)
    np.savez(path, a=x, w=np.array([f"w{i}".encode() for i in range(n)]))
    check("npz with bytes", binary, path, [f"w{i}" for i in range(n)], x)
    with zipfile.ZipFile(path, "w") as archive:  # zip64, as NumPy forces it for streams
        for name, array in (("a", x), ("vocab", np.array(words))):
            with archive.open(name + ".npy", "w", force_zip64=True) as member:
                np.lib.format.write_array(member, array)
    check("npz zip64", binary, path, words, x)
    short = folder / "short.txt"
    short.write_text("a\nb\n")
    refuse("npz, fewer words than rows", binary, path, 3, f"expected {n} words, one for each row of {path}, found 2", listed=short)
    np.save(folder / "v.npy", x)
    refuse("npy without words", binary, folder / "v.npy", 2, "--words FILE")
    refuse("npy with a tensor", binary, folder / "v.npy", 2, "--tensor", tensor="x", **options)
    plain = [f"w{i}" for i in range(n)]
    np.savez(path, **dict(zip(plain, x)))
    check("npz of one array per word", binary, path, plain, x)
    refuse("npz of one array per word, and words", binary, path, 2, "the vector of one word, its name", **options)
    np.savez(path, robin=x[0], eagle=x[1][:3])
    refuse("npz of arrays of several widths", binary, path, 3, 'found 9 numbers for "robin" and 3 for "eagle"')
    np.savez(path, indices=np.arange(3), indptr=np.arange(4), format=np.array(b"csr"), shape=np.array([3, 3]), data=np.ones(3))
    refuse("npz of SciPy", binary, path, 3, "a sparse matrix of SciPy; in Python: numpy.save")
    objects = np.empty(2, dtype=object)
    objects[:] = [x[0], None]
    np.save(folder / "v.npy", objects, allow_pickle=True)
    np.save(folder / "d.npy", {"robin": x[0]}, allow_pickle=True)
    refuse("npy of a dictionary", binary, folder / "d.npy", 3, "a dictionary of vectors is read so: np.savez(")
    np.savez(path, objects)
    refuse("npz of objects", binary, path, 3, 'Python objects (a pickle) in the array "arr_0"')
    refuse("npy of objects", binary, folder / "v.npy", 3, "found an array of Python objects (a pickle)", **options)


def check_safetensors(binary, folder, rng):
    n, d = 31, 7
    words = word_list(rng, n)
    listed = folder / "words.txt"
    listed.write_text("\n".join(words) + "\n", encoding="utf-8")
    options = {"listed": listed}
    path = folder / "model.safetensors"
    x = numbers(rng, n, d)
    half = x.astype("<f2")
    bf = brain(x)
    kinds = {"F64": (x, x), "F32": (x.astype("<f4"), x.astype("<f4")), "F16": (half, half),
             "BF16": (bf, (bf.astype("<u4") << 16).view("<f4")), "I8": ((x * 0 + 3).astype("<i1"), x * 0 + 3)}
    others = {"bias": ("F32", (d,), bytes(4 * d)), "cube": ("F32", (2, 2, 2), bytes(32)), "none": ("F32", (0, 3), b"")}
    for dtype, (stored, expected) in kinds.items():
        for metadata in (None, {"format": "pt"}):
            path.write_bytes(safetensors({"bias": others["bias"], "table": (dtype, (n, d), stored.tobytes()), "cube": others["cube"],
                                          "none": others["none"]}, metadata))
            check(f"safetensors {dtype}", binary, path, words, expected.astype("<f8"), **options)
            check(f"safetensors {dtype} by name", binary, path, words, expected.astype("<f8"), tensor="table", **options)
    refuse("safetensors without words", binary, path, 2, "--words FILE")
    refuse("safetensors, no such tensor", binary, path, 2, 'no tensor "x"', tensor="x", **options)
    refuse("safetensors, a vector", binary, path, 3, "found 1 of type F32", tensor="bias", **options)
    path.write_bytes(safetensors({"b": ("F64", (n, d), x.tobytes()), "a": ("F32", (n, d), x.astype("<f4").tobytes())}))
    refuse("safetensors of two matrices", binary, path, 2, "2 tensors of two dimensions: b, a; choose one (--tensor NAME)", **options)
    check("safetensors --tensor", binary, path, words, x, tensor="b", **options)
    content = path.read_bytes()
    path.write_bytes(gzip.compress(content))
    check("safetensors gz", binary, path, words, x, tensor="b", **options)
    for cut in (9, 40, len(content) - 1):
        path.write_bytes(content[:cut])
        refuse(f"safetensors cut at {cut}", binary, path, 3, "cut off", tensor="b", **options)


def unpacked(out):
    rows, width = struct.unpack("<2Q", out[:16])
    words, values, at = [], [], 16
    for _ in range(rows):
        end = out.index(b"\0", at)
        words.append(out[at:end].decode())
        values.append(np.frombuffer(out, "<f8", width, end + 1))
        at = end + 1 + 8 * width
    return words, np.array(values)


def check_files_of_others(binary, folder, rng):
    """What gensim, pandas, SciPy and PyTorch wrote (make_vector_files.py); as text, numbers of fp32 are the nearest double of their digits."""
    global checked
    made = Path(__file__).resolve().parent.parent / "golden" / "vectors"
    known = json.loads((made / "files.json").read_text())
    expected = np.load(made / "expected.npy")
    for name, file in known["files"].items():
        if "says" in file:
            refuse(f"{name} of others", binary, made / name, 3, file["says"])
            continue
        checked += 1
        from_row = 1 if file["words"] == "but the first" else 0
        code, out, err = dump(binary, made / name)
        words, values = unpacked(out) if code == 0 else ([], np.zeros((0, 0)))
        if words != known["words"][from_row:] or not np.array_equal(values.astype("<f4"), expected[from_row:]):
            fail(f"{name} of others", f"exit {code}, words {words}: {err.strip()}")


def check_tables(binary, folder, rng):
    """CSV in many hands, several layers, and faults with their lines."""
    n, d = 500, 40
    words = word_list(rng, n - 2) + ["a, b", 'say "so"']
    x = numbers(rng, n, d)
    cells = ['"' + w.replace('"', '""') + '"' if "," in w or '"' in w else w for w in words]
    path = folder / "v.csv"
    for separator in ",;":
        for form in ("%.17g", "%.18e", "%.25f"):
            texts = [[form % v for v in row] for row in x]
            expected = np.array([[float(t) for t in row] for row in texts])
            for header in (f"word{separator}" + separator.join(f"x{k}" for k in range(d)), ""):
                lines = ([header] if header else []) + [separator.join([f'"{c}"' if separator in c and c[0] != '"' else c, *t]) for c, t in zip(cells, texts)]
                for end in ("\n", "\r\n"):
                    path.write_bytes(("\ufeff" if end != "\n" else "").encode() + end.join(lines).encode() + end.encode())
                    check(f"table {separator} {form} {bool(header)} {end!r}", binary, path, words, expected)
    layers = [("word", "layer", "d1", "d2"), *[(f"w{i}", str(k), f"{i}.5", f"{k}.25") for k in (0, 3, 12) for i in range(5)]]
    path.write_text("\r\n".join(",".join(row) for row in layers))
    for k in (0, 3, 12):
        for name in (f"layer.{k}", str(k)):
            check(f"table, {name}", binary, path, [f"w{i}" for i in range(5)], [[i + 0.5, k + 0.25] for i in range(5)], tensor=name)
    refuse("table of several layers", binary, path, 2, "several layers, such as 0 and 3; choose one (--tensor layer.0)")
    refuse("table, no such layer", binary, path, 2, 'no row has the layer "7"', tensor="7")
    path.write_text("word,d0,d1\na,1,2\nb,1\n")
    refuse("table, a cell too few", binary, path, 3, "v.csv:3:")
    path.write_text("word,d0,d1\na,1,2\nb,1,x\nc,1,2\n")
    refuse("table, a text", binary, path, 3, 'v.csv:3: expected a finite number for the word "b", found "x"')
    path.write_text("word,d0,d1\na,1,2\nb,1,inf\nc,1,2\n")
    refuse("table, infinity", binary, path, 3, "v.csv:3:")
    path.write_text("word,d0,d1\na,1,2\n")
    refuse("table, a layer of none", binary, path, 2, 'goes with a table that has a column "layer"', tensor="1")
    refuse("table, words are given", binary, path, 2, "is CSV and names its own", listed=path)


def check_pipes(binary, folder, rng):
    """What cannot be mapped, nor read twice."""
    global checked
    n, d = 3000, 20
    words = [f"w{i}" for i in range(n)]
    x = numbers(rng, n, d, "<f4")
    listed = folder / "words.txt"
    listed.write_text("\n".join(words) + "\n")
    array = folder / "v.npy"
    np.save(array, x)
    contents = {"text": "".join(w + "".join(" %.9g" % v for v in r) + "\n" for w, r in zip(words, x)).encode(),
                "word2vec": f"{n} {d}\n".encode() + b"".join(w.encode() + b" " + r.tobytes() for w, r in zip(words, x)),
                "npy": array.read_bytes(), "safetensors": safetensors({"x": ("F32", (n, d), x.tobytes())})}
    for name, content in contents.items():
        checked += 1
        options = ["", ""] if name in ("text", "word2vec") else [listed, ""]
        done = subprocess.run([binary, "/dev/stdin", *options, "2"], input=content, capture_output=True)
        expected = np.array([[float("%.9g" % v) for v in r] for r in x]) if name == "text" else x
        if done.returncode != 0 or done.stdout != packed(words, expected):
            fail(f"{name} from a pipe", f"exit {done.returncode}: {done.stderr.decode().strip()}")
        elif hashlib.sha256(content).hexdigest() not in done.stderr.decode():
            fail(f"{name} from a pipe", "the SHA-256 is not that of the bytes")


def main():
    binary = sys.argv[1]
    rng = np.random.default_rng(20240501)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for part in (check_text, check_large_text, check_word2vec, check_arrays, check_safetensors, check_tables, check_files_of_others, check_pipes):
            part(binary, folder, rng)
    print(f"{checked - failed} passed, {failed} failed")
    return failed > 0


if __name__ == "__main__":
    sys.exit(main())
