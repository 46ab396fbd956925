#!/usr/bin/env python3
"""page.py [--full FULL.jsonl] [--null NULL.jsonl] [--coverage COVERAGE.jsonl ...] [--docs]: what `run.py --results` wrote, as tables and a chart.
Printed; --docs puts them into docs/truth.md, docs/truth.svg and the README. Standard library and NumPy (for --null)."""
import argparse
import json
import sys
from html import escape
from pathlib import Path

import real
import run
import worlds

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "bench"))
from chart import STYLE  # noqa: E402

LABELLED = ("right", "finer")
UNLABELLED = ("coarser", "noisy", "wrong", "none")


def categories(labels):
    return tuple(f"{dense}category-{linear}{l}" for dense in ("", "dense-") for linear in ("", "linear-") for l in labels)


def of_real(ending, norms=real.NORMS, sources=real.SOURCES):
    return tuple(f"{n}-{s}-{ending}" for n in norms for s in sources)


# What a reader wants to tell apart: words, the kinds of worlds.py and real.py.
FALSE = [
    ("vectors drawn without a look at the norms", ("nothing", "spectrum", "dense-nothing", "small-categories-nothing")),
    ("they know how many features a concept has", ("richness",)),
    ("they know the category, and it is labelled", categories(LABELLED)),
    ("they know the category; labels coarse, noisy, wrong, none", categories(UNLABELLED)),
    ("they know hidden groups of 4 to 10, each on its own", ("groups-4-6", "groups-7-10", "dense-groups-4-6", "dense-groups-7-10")),
    ("a relation of each category's own, which does not transfer", ("own-relation", "own-relation-strong", "own-directions", "dense-own-relation", "dense-own-directions")),
    ("they know the spelling", ("word-form",)),
    ("real vectors, given to other concepts", of_real("anyone") + of_real("swapped")),
    ("real vectors, given to others of the category or cluster", of_real("category") + of_real("cluster")),
]
TRUE = [
    ("linear, r² .05", ("linear-05",)),
    ("linear, r² .09", ("linear-09",)),
    ("linear, r² .15", ("linear-15", "dense-linear-15")),
    ("linear, r² .30 to .90", tuple(f"linear-{r}" for r in (30, 45, 60, 75, 90)) + ("dense-linear-30", "dense-linear-75")),
    ("odd and monotone", ("odd", "dense-odd")),
    ("half of the concepts are known", ("half", "dense-half")),
    ("30 % of the concepts are known", ("known-30",)),
    ("very small categories", ("small-categories",)),
    *((f"{size} real concepts, {words}", of_real(str(size), sources=sources)) for size in real.SIZES
      for words, sources in (("GloVe", ("glove",)), ("layers of MPNet and MiniLM", tuple(real.MODELS)))),
]
VERDICTS = ("supported", "undecided", "not supported")


def read(path):
    return [json.loads(line) for line in path.read_text().splitlines()]


def tally(records, kinds, claim="information"):
    found = [r["claims"][claim]["verdict"] for r in records if r["kind"] in kinds and claim in r["claims"]]
    return {v: found.count(v) for v in VERDICTS}, len(found)


def share(k, n):
    low, high = run.wilson(k, n)
    return f"{k:,} of {n:,} ({100 * max(low, 0):.1f} to {100 * high:.1f} %)"


def summary(records):
    """The README's table: who is right how often."""
    out = []
    for claim, heading in (("information", "*information*"), ("mapping", "*mapping*")):
        for truth, words in ((("false",), "nothing to find"), (("true", "clear true"), "something to find")):
            found = [r["claims"][claim]["verdict"] for r in records if r["truth"][claim] in truth and claim in r["claims"]]
            if found:
                out.append(f"| {heading}, {words} | " + " | ".join(share(found.count(v), len(found)) for v in VERDICTS) + " |")
    return ["| claim, and what was planted | supported | undecided | not supported |", "|---|---|---|---|", *out]


def kinds_table(records):
    out = ["| worlds | truth | supported | undecided | not supported | right, 95 % interval | times the detectable effect | *mapping*: truth, "
           "supported, undecided, not |", "|---|---|---|---|---|---|---|---|"]
    for kind in dict.fromkeys(r["kind"] for r in records):
        truth = next(r["truth"] for r in records if r["kind"] == kind)
        n, total = tally(records, (kind,))
        right = n.get(run.RIGHT.get(truth["information"]), 0)
        low, high = run.wilson(right, total)
        of_mapping, _ = tally(records, (kind,), "mapping")
        interval = "" if truth["information"] == "either" else f"{right / total:.3f}, {max(low, 0):.3f} to {high:.3f}"
        out.append(f"| {kind} | {truth['information']} | " + " | ".join(str(n[v]) for v in VERDICTS) +
                   f" | {interval} | {run.effect(records, kind):.1f} | {truth['mapping']}: " + ", ".join(str(of_mapping[v]) for v in VERDICTS) + " |")
    return out


def power(records):
    """[kind, its effect in detectable ones, supported, worlds] of the kinds in which the claim is true, by their effect. The effect is the
    kind's, not the world's: a world's own gain decides its verdict."""
    out = []
    for kind in dict.fromkeys(r["kind"] for r in records if r["truth"]["information"] in ("true", "clear true")):
        n, total = tally(records, (kind,))
        out.append((kind, run.effect(records, kind), n["supported"], total))
    return sorted(out, key=lambda row: row[1])


def power_table(records):
    out = ["| kind | smallest gain, in detectable effects | worlds | supported |", "|---|---|---|---|"]
    for kind, effect, k, n in power(records):
        out.append(f"| {kind} | {effect:.2f} | {n} | {100 * k / n:.0f} % ({100 * run.wilson(k, n)[0]:.0f} to {100 * run.wilson(k, n)[1]:.0f}) |")
    return out


NUMBERS = {"score, f1_at_10": "score, F1@10", "score, spearman": "score, Spearman", "gain, mean": "gain over the mean predictor",
           "gain, knn": "gain over neighbours", "gain, bottleneck": "gain over the group bottleneck", "gain, reader": "gain over the reader",
           "gain, W": "gain over the spelling"}
IN_R = {f"gain, {test}": f"gain in r, {test}" for test in ("E1", "E2", "E3", "E4")}  # jackknife: nothing is resampled


def coverage_table(files):
    """A line a kind and number, a column a way to resample; gains in r, whose intervals resample nothing, in the first."""
    cell, ways = {}, []
    for path in files:
        records = read(path)
        ways.append(records[0]["interval"])
        names = {**NUMBERS, **({} if len(ways) > 1 else IN_R)}
        for kind in dict.fromkeys(r["kind"] for r in records):
            of = [r["intervals"] for r in records if r["kind"] == kind and "intervals" in r]
            for name in names:
                k, n = run.covered([i[name] for i in of if name in i])
                low, high = run.wilson(k, n)
                cell[kind, name, ways[-1]] = f"{100 * k / n:.0f} % ({100 * low:.0f} to {100 * high:.0f})" if n else ""
    out = ["| worlds | number | " + " | ".join(f"{way} resampled" for way in ways) + " |", "|---|---|" + "---|" * len(ways)]
    for kind, name in dict.fromkeys((k, n) for k, n, _ in cell):
        out.append(f"| {kind} | {({**NUMBERS, **IN_R})[name]} | " + " | ".join(cell.get((kind, name, way), "") for way in ways) + " |")
    return out


# ---------------------------------------------------------------- the chart

WIDTH, LEFT, RIGHT, BAR, GAP = 880, 400, 120, 16, 7
COLOURS = """
  .supported { fill: #1f6fd0; } .undecided { fill: #d9d7d0; } .not { fill: #8a8880; } .error { stroke: #5f5e5a; stroke-width: 1.5; }
  @media (prefers-color-scheme: dark) { .supported { fill: #4c94ea; } .undecided { fill: #3a3935; } .not { fill: #77756e; } .error { stroke: #aaa9a2; } }
"""


def bars(records, groups, y):
    out, plot = [], WIDTH - LEFT - RIGHT
    for words, kinds in groups:
        n, total = tally(records, kinds)
        if total == 0:
            continue
        out.append(f'<text class="ink" x="{LEFT - 10}" y="{y + 12.5}" text-anchor="end">{escape(words)}</text>')
        x = LEFT
        for verdict, style in zip(VERDICTS, ("supported", "undecided", "not")):
            w = plot * n[verdict] / total
            if w > 0:
                out.append(f'<rect class="{style}" x="{x:.1f}" y="{y}" width="{max(w - 1, .5):.1f}" height="{BAR}"/>')
            x += w
        out.append(f'<text class="soft small number" x="{WIDTH - RIGHT + 8}" y="{y + 12.5}">{100 * n["supported"] / total:.1f} % of {total:,}</text>')
        y += BAR + GAP
    return out, y


def chart(records):
    title, note = "What the verdict says where the truth is known", \
        "Claim “information”. Each bar is all worlds of its line; the number is the share supported."
    out, y = [], 66
    x = 16
    for words, style in (("supported", "supported"), ("undecided", "undecided"), ("not supported", "not")):
        out += [f'<rect class="{style}" x="{x}" y="{y}" width="12" height="12"/>', f'<text class="ink small" x="{x + 18}" y="{y + 10}">{words}</text>']
        x += 40 + 7 * len(words)
    y += 34
    for heading, groups in (("There is nothing to support", FALSE), ("The claim is true", TRUE)):
        out.append(f'<text class="ink bold" x="16" y="{y + 12}">{heading}</text>')
        y += 22
        made, y = bars(records, groups, y)
        out += made
        y += 16
    # power: the share supported against the effect
    out.append(f'<text class="ink bold" x="16" y="{y + 12}">True kinds: supported, by their effect</text>')
    y += 36
    height, plot, most = 130, WIDTH - LEFT - RIGHT, 4
    for part in (0, .5, .95, 1):
        at = y + height * (1 - part)
        out.append(f'<path class="grid" d="M{LEFT} {at:.1f}H{LEFT + plot}"/>')
        if part != 1:
            out.append(f'<text class="soft small" x="{LEFT - 8}" y="{at + 4:.1f}" text-anchor="end">{100 * part:.0f} %</text>')
    for tick in range(most + 1):
        out.append(f'<text class="soft small" x="{LEFT + plot * tick / most:.1f}" y="{y + height + 18}" text-anchor="middle">{tick}{" and more" if tick == most else ""}</text>')
    for kind, effect, k, n in power(records):
        at = LEFT + plot * min(max(effect, 0), most) / most
        a, b = run.wilson(k, n)
        out += [f'<path class="error" d="M{at:.1f} {y + height * (1 - a):.1f}V{y + height * (1 - b):.1f}"/>',
                f'<circle class="supported" cx="{at:.1f}" cy="{y + height * (1 - k / n):.1f}" r="4.5"><title>{kind}</title></circle>']
    out.append(f'<text class="soft small" x="{LEFT + plot / 2}" y="{y + height + 36}" text-anchor="middle">median smallest gain, in units of the detectable effect</text>')
    y += height + 54
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{y}" viewBox="0 0 {WIDTH} {y}" role="img" aria-label="{escape(title)}">',
        f"<style>{STYLE}{COLOURS}</style>", f'<rect class="paper" width="{WIDTH}" height="{y}"/>',
        f'<text class="ink bold" x="16" y="28" font-size="16">{escape(title)}</text>',
        f'<text class="soft small" x="16" y="48">{escape(note)}</text>', *out, "</svg>", ""])


def put(path, begin, end, lines):
    page = path.read_text()
    path.write_text(page[:page.index(begin) + len(begin)] + "\n\n" + "\n".join(lines) + "\n\n" + page[page.index(end):])


def main():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument("--full", type=Path)
    a.add_argument("--null", type=Path)
    a.add_argument("--coverage", type=Path, nargs="*", default=[])
    a.add_argument("--docs", action="store_true")
    o = a.parse_args()
    sections, records = {}, read(o.full) if o.full else []
    if o.full:
        order = worlds.kinds(True)
        records.sort(key=lambda r: order.index(r["kind"]))
        seconds = sum(r["seconds"] for r in records)
        sections = {"summary": summary(records), "kinds": kinds_table(records), "power": power_table(records),
                    "cost": [f"{len(records):,} worlds, {seconds / 60:.0f} minutes of processor time."]}
    if o.null:
        sections["null"] = run.null_lines(read(o.null), 999)[1]
    if o.coverage:
        sections["coverage"] = coverage_table(o.coverage)
    for lines in sections.values():
        print("\n".join(lines) + "\n")
    if o.docs:
        for name, lines in sections.items():
            put(ROOT / "docs" / "truth.md", f"<!-- {name} -->", f"<!-- end of {name} -->", lines)
    if o.docs and o.full:
        put(ROOT / "README.md", "<!-- truth -->", "<!-- end of truth -->", sections["summary"])
        (ROOT / "docs" / "truth.svg").write_text(chart(records))


if __name__ == "__main__":
    main()
