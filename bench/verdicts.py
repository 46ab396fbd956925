#!/usr/bin/env python3
"""The verdicts on the paper's three norm sets: McRae, Buchanan and Binder x GloVe and a layer of MPNet x every mapping, by the present defaults.

    bench/verdicts.py --explaint build/explaint --data DATA --models MODELS --folder FOLDER [--norms mcrae] [--mappings plsr,knn] [--docs]

DATA has the folders mcrae, buchanan, binder, glove (bench/truth/README.md). FOLDER keeps vectors and ledgers: what is there is not computed again, so
that after a change of a level or a text the tables cost seconds. *Information* is about the vectors: it comes from the first mapping's run, with the
default number of permutations; the other mappings need to know of it alone, and have 199. Buchanan with the network takes six minutes of processor a
source, all else together a quarter of an hour. --docs puts the tables into docs/status.md. The layer of the model is fixed here and was not chosen by its scores."""
import argparse
import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
NORMS = {"mcrae": ("McRae", "mcrae/CONCS_FEATS_concstats_brm.txt"), "buchanan": ("Buchanan", "buchanan/buchanan2019_final_words_2017.csv"),
         "binder": ("Binder", "binder/WordSet1_Ratings_535.tsv")}
MODEL, LAYER, TEMPLATE = "all-mpnet-base-v2", 11, "This is a {}."
SOURCES = {"glove": "GloVe", "mpnet": f"MPNet, layer {LAYER}"}
MAPPINGS = ("plsr", "ridge", "knn", "labelprop", "ffnn")
TESTS, RIVALS = ("E1", "E2", "E3", "E4", "E4-clusters", "W"), ("mean", "knn", "bottleneck", "reader")
MARKS = {"holds": "", "shown": "", "fails": " ✗", "undecided": " ?"}


def call(*command):
    done = subprocess.run(list(map(str, command)), stdout=subprocess.PIPE, text=True)
    if done.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))}: exit {done.returncode}")
    return done.stdout


def vectors(o, norms, source):
    """Arguments that give the vectors; a model's are made once."""
    if source == "glove":
        return ["--embeddings", o.data / "glove" / "glove.6B.100d.norm-vocabulary.txt.gz"]
    out = o.folder / f"{norms}-{source}.safetensors"
    if not out.exists():
        call(o.explaint, "embed", "--model", o.models / MODEL, "--norms", o.data / NORMS[norms][1], "--template", TEMPLATE, "--layers", LAYER,
             "--output", out, "--quiet")
    return ["--embeddings", out, "--words", out.with_suffix(".words")]


def verdicts(o, norms, source, mapping):
    """claim -> its verdict."""
    few = [] if mapping == MAPPINGS[0] else ["--permutations", 199]
    document = json.loads(call(o.explaint, "infer", "--norms", o.data / NORMS[norms][1], *vectors(o, norms, source), "--mapping", mapping, "--conditions",
                               "system", "--refits", 0, *few, "--ledger", o.folder / f"{norms}-{source}-{mapping}.db", "--resume", "--json"))
    score = next(r["value"] for r in document["rows"] if r["condition"] == "system" and r["metric"] == document["settings"]["verdict_metric"])
    return score, {v["claim"]: v for v in document["verdicts"]}


def number(value, sign=False):
    text = f"{abs(value):.3f}".removeprefix("0")
    return ("−" if value < 0 and float(text) else "+" if sign else "") + text


def cells(verdict, ids):
    of = {a["id"]: a for a in verdict["assumptions"]}
    return [number(of[i]["gain"], True) + MARKS[of[i]["outcome"]] if i in of and "gain" in of[i] else of[i]["outcome"] if i == "W" and i in of else "–"
            for i in ids]


def verdict_of(v):
    return v["verdict"] + (f" ({v['decided_by']})" if v["decided_by"] else "")


def main():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("explaint", "data", "models", "folder"):
        a.add_argument(f"--{name}", required=True, type=Path)
    a.add_argument("--norms", default=",".join(NORMS))
    a.add_argument("--sources", default=",".join(SOURCES))
    a.add_argument("--mappings", default=",".join(MAPPINGS))
    a.add_argument("--docs", action="store_true")
    o = a.parse_args()
    o.folder.mkdir(parents=True, exist_ok=True)
    head = lambda *names: ["| " + " | ".join(names) + " |", "|---" * len(names) + "|"]
    information = head("norms", "vectors", "*information*", *TESTS)
    mapping = head("norms", "vectors", "mapping", "score", "*mapping*", *(f"over {rival}" for rival in RIVALS))
    for norms in o.norms.split(","):
        for source in o.sources.split(","):
            for name in o.mappings.split(","):
                score, found = verdicts(o, norms, source, name)
                start = [NORMS[norms][0], SOURCES[source]]
                if name == MAPPINGS[0]:
                    information.append("| " + " | ".join([*start, verdict_of(found["information"]), *cells(found["information"], TESTS)]) + " |")
                mapping.append("| " + " | ".join([*start, f"`{name}`", number(score), verdict_of(found["mapping"]), *cells(found["mapping"], RIVALS)]) + " |")
                print(mapping[-1], file=sys.stderr, flush=True)
    lines = [*information, "", *mapping]
    print("\n".join(lines))
    if o.docs:
        page = ROOT / "docs" / "status.md"
        before, rest = page.read_text().split("<!-- verdicts -->\n")
        page.write_text(before + "<!-- verdicts -->\n\n" + "\n".join(lines) + "\n\n<!-- end of verdicts -->" + rest.split("<!-- end of verdicts -->")[1])


if __name__ == "__main__":
    main()
