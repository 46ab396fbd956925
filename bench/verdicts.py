#!/usr/bin/env python3
"""The paper's table with verdicts: McRae, Buchanan and Binder x GloVe and a layer of MPNet x every mapping, by the present defaults.

    bench/verdicts.py --explaint build/explaint --data DATA --models MODELS --folder FOLDER [--norms mcrae] [--mappings plsr,knn] [--docs]

DATA has the folders mcrae, buchanan, binder, glove (README of bench/truth). FOLDER keeps vectors and a ledger: what is there is not computed again, so that after a
change of a level or a text the table costs seconds. --docs puts it into docs/status.md. The layer of the model is fixed here and was not chosen by its scores."""
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
CONDITIONS = ("mean", "system", "upper", "shuffle", "shuffle-upper", "random")


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


def document(o, norms, source, mapping):
    return json.loads(call(o.explaint, "infer", "--norms", o.data / NORMS[norms][1], *vectors(o, norms, source), "--mapping", mapping, "--conditions",
                           ",".join(CONDITIONS), "--refits", 0, "--ledger", o.folder / "verdicts.db", "--resume", "--json"))


def number(value, sign=False):
    text = f"{abs(value):.3f}".removeprefix("0")
    return ("−" if value < 0 and float(text) else "+" if sign else "") + text


def gains(verdict, ids):
    return [f"{a['id']} {number(a['gain'], True)}" for a in verdict["assumptions"] if a["id"] in ids and "gain" in a]


def verdict_of(v):
    return v["verdict"] + (f" ({v['decided_by']})" if v["decided_by"] else "")


def line(norms, source, mapping, d):
    metric = d["settings"]["verdict_metric"]
    rows = {(r["condition"], r["target"]): r["value"] for r in d["rows"] if r["metric"] == metric and r["fold"] is None}
    scores = [next((number(v) for (c, t), v in rows.items() if c == name and (name != "mean" or t == "norms")), "") for name in CONDITIONS]
    information, of_mapping = (next(v for v in d["verdicts"] if v["claim"] == claim) for claim in ("information", "mapping"))
    return "| " + " | ".join([
        NORMS[norms][0], SOURCES[source], f"`{mapping}`", *scores,
        f"{verdict_of(information)}: " + ", ".join(gains(information, ("E1", "E2", "E3", "E4", "E4-clusters"))),
        f"{verdict_of(of_mapping)}: " + ", ".join(gains(of_mapping, ("mean", "knn", "bottleneck", "reader")))]) + " |"


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
    lines = ["| norms | vectors | mapping | " + " | ".join(CONDITIONS) + " | *information* | *mapping* |", "|---" * (5 + len(CONDITIONS)) + "|"]
    print("\n".join(lines), flush=True)
    for norms in o.norms.split(","):
        for source in o.sources.split(","):
            for mapping in o.mappings.split(","):
                lines.append(line(norms, source, mapping, document(o, norms, source, mapping)))
                print(lines[-1], flush=True)
    if o.docs:
        page = ROOT / "docs" / "status.md"
        before, rest = page.read_text().split("<!-- verdicts -->\n")
        page.write_text(before + "<!-- verdicts -->\n\n" + "\n".join(lines) + "\n\n<!-- end of verdicts -->" + rest.split("<!-- end of verdicts -->")[1])


if __name__ == "__main__":
    main()
