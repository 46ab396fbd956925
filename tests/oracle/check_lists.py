"""check_lists.py PROGRAM: what a ledger keeps of single concepts and permutations, beside NumPy on the predictions that the same run wrote.

p, the null's mean and its standard deviation follow from `runs export --nulls`; strongest features, their scores, hits and neighbours from the matrices
of `--predictions`, the norms and the vectors; the stored arrays hold the same. A ledger without these arrays goes on with --resume, and nothing
but what is not there at all is made again."""
import csv
import io
import json
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

PROGRAM = str(Path(sys.argv[1]).resolve())
N, M, D, TOP, DRAWS = 60, 34, 7, 10, 299
DTYPES = {"F64": "<f8", "F32": "<f4", "U32": "<u4", "I32": "<i4", "U8": "u1"}
SHOWN = ("shown_level", "strongest_scores", "strongest_hits", "nearest_", "cosine_")


def run(*arguments, code=0):
    done = subprocess.run([PROGRAM, *map(str, arguments)], capture_output=True, text=True)
    assert done.returncode == code, f"exit {done.returncode}: {' '.join(map(str, arguments))}\n{done.stderr}"
    return done.stdout if code == 0 else done.stderr


def export(db, *arguments):
    return list(csv.DictReader(io.StringIO(run("runs", "export", db, *arguments))))


def unpack(data):
    size = int.from_bytes(data[:8], "little")
    head = json.loads(data[8:8 + size])
    return {name: np.frombuffer(data[8 + size + t["data_offsets"][0]:8 + size + t["data_offsets"][1]], DTYPES[t["dtype"]]).reshape(t["shape"])
            for name, t in head.items() if name != "__metadata__"}, head["__metadata__"]


def pack(arrays, notes):
    names = {dtype: name for name, dtype in DTYPES.items()}
    head, at = {"__metadata__": notes}, 0
    for name, a in arrays.items():
        head[name] = {"dtype": names[("<" if a.dtype.itemsize > 1 else "") + a.dtype.str[1:]], "shape": list(a.shape), "data_offsets": [at, at + a.nbytes]}
        at += a.nbytes
    text = json.dumps(head).encode()
    text += b" " * (-len(text) % 8)
    return len(text).to_bytes(8, "little") + text + b"".join(a.tobytes() for a in arrays.values())


def make(folder, rng):
    group = np.arange(N) % 5
    latent = rng.normal(size=(5, 4))[group] + .8 * rng.normal(size=(N, 4))
    y = np.where(latent @ rng.normal(size=(4, M)) + .5 * rng.normal(size=(N, M)) > 1.6, rng.integers(1, 25, (N, M)), 0).astype(float)
    y[np.arange(N), np.arange(N) % M] = 3
    y = y[:, list(dict.fromkeys(j for i in range(N) for j in np.flatnonzero(y[i])))]  # features stand in the order of the file
    assert y.shape == (N, M)
    x = [np.round(latent @ rng.normal(size=(4, D)) + .5 * rng.normal(size=(N, D)), 5) for _ in range(2)]
    names, features = [f"c{i}" for i in range(N)], [f'f"{j},' for j in range(M)]
    with open(folder / "norms.csv", "w", newline="") as f:
        csv.writer(f).writerows([["concept", "feature", "value"]] + [[names[i], features[j], y[i, j]] for i in range(N) for j in np.flatnonzero(y[i])])
    (folder / "categories.csv").write_text("concept,category\n" + "".join(f"{n},g{g}\n" for n, g in zip(names, group)))
    (folder / "v.txt").write_text("".join(f"{n} {' '.join(map(repr, map(float, row)))}\n" for n, row in zip(names, x[0])))
    (folder / "words.txt").write_text("\n".join(names) + "\n")
    (folder / "layers.safetensors").write_bytes(pack({f"layer.{k + 1}": a.astype("<f8") for k, a in enumerate(x)}, {}))
    return names, features, y, x[0]


# ---------------------------------------------------------------- permutations

def check_nulls(db, document):
    nulls, tests = export(db, "--nulls"), export(db, "--tests")
    drew = {(t["layer"], t["id"]): t for t in tests if t["statistic"] and not t["layers"]}
    assert len(drew) >= 3 and {(t["layer"], t["id"]) for t in nulls} == set(drew), (len(drew), set(drew))
    assert len(nulls) == len(drew) * (DRAWS + 1)
    assert len({row["run_id"] for row in nulls + tests}) == 1
    printed = {("" if v.get("layer") is None else str(v["layer"]), a["id"]): a for v in document["verdicts"] for a in v["assumptions"] if "layers" not in v}
    for (layer, name), test in drew.items():
        rows = [row for row in nulls if (row["layer"], row["id"]) == (layer, name)]
        assert [int(row["permutation"]) for row in rows] == list(range(DRAWS + 1)) and {row["statistic"] for row in rows} == {"agreement"}
        column = lambda key: np.array([float(row[key]) for row in rows])
        r, peer, decides = column("r"), column("peer_r"), column("flips" if name.startswith("E4") else "r")
        want = {"p": np.mean(decides >= decides[0]), "r": r[0], "null_mean": r[1:].mean(), "null_sd": r[1:].std(ddof=1), "gain": r[0] - r[1:].mean(),
                "peer_p": np.mean(peer >= peer[0]), "peer_gain": peer[0] - peer[1:].mean()}
        for key, value in want.items():
            assert abs(float(test[key]) - value) < 1e-9, (layer, name, key, test[key], value)
            assert printed[layer, name][key] == float(test[key])
        assert all((row["flips"] != "") == name.startswith("E4") and (row["spelling"] != "") == (name == "E1") for row in rows)
    return len(drew)


# ---------------------------------------------------------------- concepts

def nearest(rows):
    norm = np.linalg.norm(rows, axis=1)
    norm[norm == 0] = np.inf
    cosine = rows @ rows.T / np.outer(norm, norm)
    np.fill_diagonal(cosine, -np.inf)
    return np.argsort(-np.round(cosine, 10), axis=1, kind="stable")[:, :TOP], cosine


def check_concepts(db, names, features, y, x, predictions, values):
    place, column = {n: i for i, n in enumerate(names)}, {f: j for j, f in enumerate(features)}
    shown = {}
    for row in export(db, "--concepts"):
        shown.setdefault((row["condition"], row["target"]), {}).setdefault(row["concept"], []).append(row)
    assert {c for c, _ in shown} >= {"system", "mean", "upper", "shuffle", "category-mean"} and ("random", "random") not in shown
    for (condition, target), concepts in shown.items():
        name = f"predictions.{condition}" + (f".{target}" if condition in ("mean", "category-mean") and target != "norms" else "")
        p, hits, f1 = predictions.get(f"{name}.4", predictions.get(name)), 0, []
        for concept, rows in concepts.items():
            i = place[concept]
            assert [int(r["rank"]) for r in rows] == list(range(1, TOP + 1))
            at = [column[r["feature"]] for r in rows]
            assert at == list(np.argsort(-p[i], kind="stable")[:TOP]), (condition, target, concept)
            assert [np.float32(r["score"]) for r in rows] == [np.float32(v) for v in p[i, at]]
            if target == "norms":
                assert [r["hit"] == "1" for r in rows] == list(y[i, at] > 0)
                f1.append(2 * sum(y[i, at] > 0) / (TOP + np.count_nonzero(y[i])))
            hits += sum(r["hit"] == "1" for r in rows)
        assert hits > 0, condition
        if f1:
            assert abs(np.mean(f1) - values[condition]) < 1e-12, (condition, np.mean(f1), values[condition])
    count = 0
    spaces = {}
    for row in export(db, "--neighbours"):
        spaces.setdefault((row["condition"], row["space"]), {}).setdefault(row["concept"], []).append(row)
    assert ("mean", "input") not in spaces and ("mean", "gold") in spaces and ("shuffle", "gold") not in spaces
    for (condition, space), concepts in spaces.items():
        p = predictions.get(f"predictions.{condition}.4", predictions.get(f"predictions.{condition}"))
        if space == "input" and condition == "random-embedding":
            continue
        order, cosine = nearest(y if space == "gold" or (space == "input" and condition == "upper") else x if space == "input" else p)
        for concept, rows in concepts.items():
            i, at = place[concept], [place[r["neighbour"]] for r in rows]
            assert len(set(at)) == TOP and i not in at
            assert np.allclose([float(r["cosine"]) for r in rows], cosine[i, at], atol=2e-7), (condition, space, concept)
            assert np.allclose(cosine[i, at], cosine[i, order[i]], atol=1e-9), (condition, space, concept)  # ties may go another way in the last bit
            count += len(rows)
    return len(shown), count


def check_arrays(db, names, features, y):
    units = dict(sqlite3.connect(db).execute("SELECT key, bytes FROM unit"))
    kept, notes = unpack(units["features"])
    assert "features" in notes["holds"] and bytes(kept["names"]).decode().split("\0")[:-1] == features
    gold = np.zeros((N, M))
    gold[np.repeat(np.arange(N), kept["count"]), kept["feature"]] = kept["value"]
    assert (gold == y).all()
    system, _ = unpack(units["condition/system/norms"])
    assert system["strongest_scores"].shape == system["nearest_gold"].shape == (N, TOP) and int(system["shown_level"][0]) == 1
    csv_scores = [np.float32(r["score"]) for r in export(db, "--concepts") if r["condition"] == "system"]
    assert (np.array(csv_scores).reshape(N, TOP) == system["strongest_scores"]).all()


def check_resume(db, command, document):
    """As an earlier version stored it: no features, nothing that is shown."""
    connection = sqlite3.connect(db)
    for key, data in connection.execute("SELECT key, bytes FROM unit WHERE key LIKE 'condition/%'").fetchall():
        arrays, notes = unpack(data)
        connection.execute("UPDATE unit SET bytes = ? WHERE key = ?", (pack({k: a for k, a in arrays.items() if not k.startswith(SHOWN)}, notes), key))
    connection.execute("DELETE FROM unit WHERE key = 'features'")
    connection.execute("UPDATE run SET state = 'unfinished', document = NULL, finished = NULL")
    connection.commit()
    before = dict(connection.execute("SELECT key, bytes FROM unit"))
    assert run(*command, "--ledger", db, "--resume") == document
    after = dict(connection.execute("SELECT key, bytes FROM unit"))
    assert set(after) - set(before) == {"features"} and all(after[k] == before[k] for k in before)
    assert "stored by an earlier version" in run("runs", "export", db, "--concepts", code=3)
    assert "holds no neighbours" in run("runs", "export", db, "--neighbours", code=3)


def main():
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        names, features, y, x = make(folder, np.random.default_rng(8))
        common = ["infer", "--norms", folder / "norms.csv", "--categories", folder / "categories.csv", "--folds", 4, "--permutations", DRAWS, "--refits", 1,
                  "--bootstrap", 100, "--threads", 2, "--quiet", "--json"]
        one = common + ["--embeddings", folder / "v.txt", "--components", "2,4"]
        text = run(*one, "--ledger", folder / "one.db", "--predictions", folder / "p.safetensors")
        document = json.loads(text)
        predictions, _ = unpack((folder / "p.safetensors").read_bytes())
        values = {r["condition"]: r["value"] for r in document["rows"] if r["metric"] == "f1_at_10" and r["target"] == "norms" and r["n_components"] in (None, 4)}
        tests = check_nulls(folder / "one.db", document)
        conditions, neighbours = check_concepts(folder / "one.db", names, features, y, x, predictions, values)
        check_arrays(folder / "one.db", names, features, y)
        shutil.copy(folder / "one.db", folder / "old.db")
        check_resume(folder / "old.db", one, text)
        several = common + ["--embeddings", folder / "layers.safetensors", "--words", folder / "words.txt", "--tensor", "all", "--components", "3", "--metrics", "f1_at_10"]
        layered = json.loads(run(*several, "--ledger", folder / "layers.db"))
        layers = check_nulls(folder / "layers.db", layered)
        assert {row["layer"] for row in export(folder / "layers.db", "--concepts")} == {"", "1", "2"}
        assert "holds no neighbours" in run("runs", "export", folder / "layers.db", "--neighbours", code=3)
        print(f"{tests} tests, and {layers} of two layers, of {DRAWS} permutations; {conditions} conditions; {neighbours} neighbours: as NumPy has them")


main()
