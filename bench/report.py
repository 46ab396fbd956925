#!/usr/bin/env python3
"""report.py FOLDER [--docs]: what the benches left in FOLDER/data, as a table, report.md, report.json and speed.svg; --docs puts the
chart and the tables into docs/. Standard library only."""
import json
import os
import sys
from pathlib import Path

from chart import draw, duration, times

SHAPES = ("mcrae", "mcrae-100", "binder", "buchanan")
TITLE = {"mcrae": "McRae", "mcrae-100": "McRae, 100 wide", "binder": "Binder", "buchanan": "Buchanan"}
FIT_TARGETS = {"mcrae": "100 times scikit-learn", "binder": "ahead of every peer",
               "buchanan": "300 times scikit-learn, ahead of ikpls and R"}
BEGIN, END = "<!-- measured: bench/run --docs -->", "<!-- end -->"


def load(path):
    return json.loads(path.read_text()) if path.exists() else None


def fits(data):
    """[shape, ours of one count, {peer: its best run}]"""
    rows = []
    for shape in SHAPES:
        ours, peers = load(data / f"{shape}.json"), load(data / f"{shape}.peers.json")
        if ours is not None:
            ours["stopped"] = (peers or {}).get("stopped", [])
        for run in (ours or {"runs": []})["runs"]:
            if run["precision"] != "exact":
                continue
            best = {}
            for row in (peers or {"runs": []})["runs"]:
                name = row["peer"]
                if row["components"] == run["components"] and row["seconds"] < best.get(name, {"seconds": 1e300})["seconds"]:
                    best[name] = row
            rows.append((ours, run, best))
    return rows


def setting(row):
    parts = [row["setting"], f"{row['threads']} thread{'s' if row['threads'] > 1 else ''}" if row["threads"] else ""]
    return ", ".join(p for p in parts if p)


def shape_text(ours):
    return f"{ours['train']:,} × {ours['width']} → {ours['features']:,}"


def fit_table(rows):
    names = sorted({n for _, _, best in rows for n in best} | {r["peer"] for ours, _, _ in rows for r in ours["stopped"]}, key=lambda n: ("ikpls", "R pls", "scikit-learn").index(n))
    out = ["| shape | components | explaint | its processor time | of FMA | of its limits | products | " + " | ".join(names) + " | differs |",
           "|---|---|---|---|---|---|---|" + "---|" * len(names) + "---|"]
    for ours, run, best in rows:
        cells = []
        for name in names:
            row = best.get(name)
            gave_up = any(r["peer"] == name and r["components"] <= run["components"] for r in ours["stopped"])
            cells.append(f"{duration(row['seconds'])} ({times(row['seconds'] / run['seconds'])}; {setting(row)})" if row
                         else f"stopped after {duration(ours['stopped'][0]['stopped_after'])}" if gave_up else "")
        differs = ", ".join(f"{best[n]['difference']:.0e}" for n in names if n in best)
        out.append(f"| {TITLE[ours['shape']]}, {shape_text(ours)} | {run['components']} | {duration(run['seconds'])} | {duration(run['processor'])} | "
                   f"{run['share_of_fma']:.0%} | {run['share_of_limit']:.0%} | {run['products_a_component']:.1f} | "
                   + " | ".join(cells) + f" | {differs} |")
    return out


def target_table(rows, infer, vectors):
    out = ["| | target | measured | peer | share of limit |", "|---|---|---|---|---|"]
    for ours, run, best in rows:
        target = FIT_TARGETS.get(ours["shape"])
        if target and run["components"] == 100:
            ratios = ", ".join(f"{times(row['seconds'] / run['seconds'])} {name}" for name, row in sorted(best.items()))
            peers = ", ".join(f"{name} {duration(row['seconds'])}" for name, row in sorted(best.items()))
            out.append(f"| one fit and prediction, {TITLE[ours['shape']]} shape, d = {ours['width']}, 100 components | {target} | "
                       f"{duration(run['seconds'])}: {ratios or 'peers not measured'} | {peers} | {run['share_of_fma']:.0%} of FMA, "
                       f"{run['share_of_limit']:.0%} of the limits of its parts |")
    if vectors:
        best, what = vectors["best"], f"{vectors['words']:,} × {vectors['width']}, {vectors['bytes'] / 1e9:.2f} GB"
        ours, gensim = best["explaint"], best.get("gensim")
        ratio = times(gensim["seconds"] / ours["seconds"]) if gensim else "not measured"
        peer = f"gensim {duration(gensim['seconds'])} ({duration(gensim['processor_seconds'])} of processors)" if gensim else ""
        out.append(f"| vectors as text, every word kept, {what} | 10 times gensim | {ratio}: {duration(ours['seconds'])} "
                   f"({duration(ours['processor_seconds'])} of processors), {ours['peak_mb']:,.0f} MB | {peer} | reading and hashing it alone: "
                   f"{duration(best['hash']['seconds'])} |")
    runs = infer["runs"] if infer else {}
    for key, words, target in (("table", "all conditions and metrics, 25 components, two cores", "under 2 s"),
                               ("counts", "every count 1..100, F1@10", "under 15 s, under 500 MB"),
                               ("tests", "the tests alone, 9,999 permutations, d = 768", "under 5 s"),
                               ("verdict", "the whole verdict, defaults", "under 5 s"), ("start", "start", "under 10 ms"),
                               ("buchanan", "Buchanan, all conditions and metrics, 75 components", "under 90 s, under 1.5 GB"),
                               ("buchanan-verdict", "Buchanan, the whole verdict, defaults", "under 90 s, under 2 GB")):
        run = runs.get(key)
        if run is None and key.startswith("buchanan"):
            continue
        cell = f"{duration(run['seconds'])} ({duration(run['processor_seconds'])} of processors), {run['peak_mb']:.0f} MB" if run else "not measured"
        out.append(f"| {words} | {target} | {cell} | | |")
    return out


def agreement_table(data):
    """Permutations of the tests' statistic, one thread, beside NumPy and the rate of the look-ups alone."""
    def lines(name):
        path = data / name
        return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []
    ours = {(r["concepts"], r["weights"]): r for r in lines("agreement.jsonl")}
    peers = {r["concepts"]: r["permutations_a_second"] for r in lines("agreement-peer.jsonl")}
    out = ["| concepts that move | permutations a second | ns a pair | with a second weight | of the limit of look-ups | NumPy | times |",
           "|---|---|---|---|---|---|---|"]
    for (n, weights), run in ours.items():
        if weights != 1:
            continue
        rate, peer = run["permutations_a_second"], peers.get(n)
        out.append(f"| {n:,} | {rate:,} | {run['ns_a_pair']:.2f} | {ours[n, 2]['ns_a_pair']:.2f} | {run['ns_limit'] / run['ns_a_pair']:.0%} | "
                   + (f"{peer:,g} | {times(rate / peer)} |" if peer else "not measured | |"))
    return [*out, ""] if len(out) > 2 else []


def network_table(data):
    """One fit of ffnn beside PyTorch's, each alone, and ours side by side, as the folds of a run are."""
    out = ["| ffnn, batches of 32, 50 epochs | explaint, one thread | its processor time | of FMA | a fit, as many at once as processors | PyTorch | times |",
           "|---|---|---|---|---|---|---|"]
    for shape in SHAPES:
        ours, peer = load(data / f"{shape}.ffnn.json"), load(data / f"{shape}.ffnn-peer.json")
        if ours is None:
            continue
        best = min(peer["runs"], key=lambda r: r["seconds"]) if peer else None
        cell = f"{duration(best['seconds'])} ({best['threads']} thread{'s' if best['threads'] > 1 else ''})" if best else "not measured"
        ratios = f"{times(best['seconds'] / ours['seconds'])} alone, {times(best['seconds'] / ours['at_once'])} side by side" if best else ""
        out.append(f"| {TITLE[shape]}, {ours['train']:,} × {ours['width']} → {ours['hidden']} → {ours['features']:,} | {duration(ours['seconds'])} | "
                   f"{duration(ours['processor'])} | {ours['flops'] / ours['fma'] / ours['processor']:.0%} | {duration(ours['at_once'])} | {cell} | {ratios} |")
    return [*out, ""] if len(out) > 2 else []


def conditions(rows, infer, data):
    limits = [ours["limits"] for ours, _, _ in rows]
    blas = sorted({ours["blas"] for ours, _, _ in rows})
    peers = next((p for p in (load(data / f"{s}.peers.json") for s in SHAPES) if p), None)
    out = []
    if limits:
        best = {k: max(l[k] for l in limits) / 1e9 for k in limits[0]}
        out.append(f"One thread of this machine: FMA {best['fma']:.0f} GF/s, dgemm {best['dgemm']:.0f} (BLAS kernels: {', '.join(blas)}); "
                   f"reading L2 {best['l2']:.0f}, L3 {best['l3']:.0f}, DRAM {best['dram']:.0f} GB/s.")
    forced = os.environ.get("OPENBLAS_CORETYPE")
    if forced:
        out.append(f"The environment forces the BLAS kernels of {forced} (OPENBLAS_CORETYPE), on us and on the peers.")
    if peers:
        out.append("Peers: " + ", ".join(f"{k} {v}" for k, v in peers["versions"].items()) +
                   f"; their BLAS kernels: {', '.join(peers['blas'])}.")
    if infer:
        load_text = ", ".join(f"{r['load_before']:.1f}" for r in infer["runs"].values())
        out.append(f"Whole runs: norms {infer['norms']}, {infer['processors']} processors, load before each {load_text}.")
    return out


def main():
    folder, docs = Path(sys.argv[1]), "--docs" in sys.argv[2:]
    data = folder / "data"
    rows, infer, vectors = fits(data), load(data / "infer.json"), load(data / "vectors.json")
    lines = [*conditions(rows, infer, data), "", *target_table(rows, infer, vectors), "", *fit_table(rows), "", *agreement_table(data), *network_table(data)]
    text = "\n".join(lines).rstrip("\n") + "\n"
    print(text)
    (folder / "report.md").write_text(text)
    (folder / "report.json").write_text(json.dumps(
        {"fits": [{"shape": o["shape"], **run, "limits": o["limits"], "blas": o["blas"], "peers": best} for o, run, best in rows],
         "runs": infer, "vectors": vectors}, indent=1) + "\n")
    groups = []
    for ours, run, best in rows:
        if run["components"] == 100 and best:
            bars = sorted(((n, row["seconds"]) for n, row in best.items()), key=lambda b: b[1])
            groups.append((f"{TITLE[ours['shape']]}: {shape_text(ours)} features", [("explaint", run["seconds"]), *bars]))
    if groups:
        chart = draw("One fit and prediction, 100 components", "Partial least squares from raw rows to predicted rows. explaint on one "
                     "thread, each peer on its best of one and two.", groups)
        (folder / "speed.svg").write_text(chart)
    if docs:
        root = Path(__file__).parent.parent / "docs"
        page = (root / "speed.md").read_text()
        before, after = page[:page.index(BEGIN) + len(BEGIN)], page[page.index(END):]
        (root / "speed.md").write_text(f"{before}\n{text}{after}")
        if groups:
            (root / "speed.svg").write_text(chart)


if __name__ == "__main__":
    main()
