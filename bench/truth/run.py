"""Truth bench: do the verdicts of `explaint infer` agree with the declared truth of planted worlds?

Makes worlds (worlds.py), runs the program on each, and prints for each kind how many verdicts were right, wrong and
undecided, with Wilson 95 % intervals; then the totals that matter: false claims supported, clear true ones supported.
A false claim is right when not supported; "undecided" is counted apart, and is never wrong. "either" is only printed.

    python bench/truth/run.py --explaint BIN --quick                               part of the tests
    python bench/truth/run.py --explaint BIN --worlds 5 --seed 1 --kinds a,b       what each world said
    python bench/truth/run.py --explaint BIN --full --results full.jsonl           all kinds
    python bench/truth/run.py --explaint BIN --null 1000 --results null.jsonl      is p uniform where there is nothing?
    python bench/truth/run.py --explaint BIN --coverage 200                        how often does an interval hold the truth?

--results keeps what each world said, one line a world: a run that was stopped goes on there. --data DIR (folders mcrae, buchanan, binder, glove) with
--models DIR lets the real kinds take part (real.py); --cache DIR keeps their vectors.

Bounds of --quick, declared before the run: worlds of 150 concepts x 30, seed 1, 499 permutations, the kinds of QUICK below.

| totals, information                | bound         |
|------------------------------------|---------------|
| false claims supported             | at most 2     |
| clear true claims supported        | at least 15 of 16 |
| clear true claims not supported    | 0             |
| worlds without a verdict           | 0             |
--bounds FALSE,TRUE,DENIED sets others.

Bounds of --full, declared before the run. 300 worlds of every kind, 1,000 of a kind of which more than 1 % of the false claims were supported. Nine of
ten planted worlds have 150 concepts and 30 dimensions, the others 160 to 300 and 30 to 100; 999 permutations, other folds and permutations in every
world, seed 139: a seed that nothing was chosen on. *mapping* is asked of the kinds MAPPED below, with 10 components (a first run of 33 true worlds had 25, which is too many for 150 concepts: 26 were supported).

| information                                                       | bound                                              |
|-------------------------------------------------------------------|----------------------------------------------------|
| false claims supported                                            | at most 1 % over all; in no kind a lower 95 % bound above 1.5 % |
| linear with r2 .15 and above; odd                                 | at least 95 % supported                            |
| real norms of 160 concepts and more                               | at least 95 % supported                            |
| real norms of 100 concepts with GloVe                             | at least 80 % supported                            |
| worlds without a verdict                                          | 0                                                  |

| mapping                                                           | bound                                              |
|-------------------------------------------------------------------|----------------------------------------------------|
| false claims supported                                            | at most 1 % over all                               |
| true ones                                                         | at least 90 % supported                            |

Bound of --null (worlds of the kind "nothing", 999 permutations each, E1 and E2, which such worlds leave exchangeable): Kolmogorov-Smirnov
p above .01 for each, against the uniform distribution on 1/1000, ..., 1.
"""
import argparse
import collections
import json
import math
import multiprocessing
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import real
import worlds

QUICK = {"nothing": 4, "richness": 4, "category-right": 4, "category-coarser": 4, "category-wrong": 4, "category-none": 4, "category-linear-noisy": 4,
         "category-linear-wrong": 4, "groups-4-6": 4, "own-relation": 4, "word-form": 4, "spectrum": 4, "dense-category-linear-wrong": 4,
         "linear-60": 4, "linear-75": 4, "linear-90": 4, "odd": 4}
COVERAGE = ("category-linear-right", "linear-45", "linear-75", "half", "dense-linear-75")
MAPPED = ("nothing", "category-linear-right", "category-linear-wrong", "groups-4-6", "own-relation", "word-form", "even", "even-square",
          "linear-75", "linear-90", "odd", "dense-linear-75", "dense-category-linear-right")
FULL, MORE = 300, 1000
WRONG = {"false": "supported", "true": "not supported", "clear true": "not supported"}
RIGHT = {"false": "not supported", "true": "supported", "clear true": "supported"}
TESTS = ("E1", "E2", "E3", "E4", "E4-clusters")


def wilson(k, n, z=1.96):
    if n == 0:
        return 0.0, 1.0
    p = k / n
    middle, half = p + z * z / (2 * n), z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    return (middle - half) / (1 + z * z / n), (middle + half) / (1 + z * z / n)


# ---------------------------------------------------------------- one world

def look(task):
    """What the program says of a world: a record with the declared truth and, by claim, verdicts and the numbers of the tests."""
    binary, kind, number, seed, small, where, options, keep, parts, mapping = task
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(keep or scratch) / f"{kind}-{number}"
        if parts:
            *made, truth = worlds.population(kind, seed, parts)[number]
        elif kind in real.KINDS:
            *made, truth = worlds.make_real(kind, seed * 1000 + number, *where, binary)
        else:
            *made, truth = worlds.make(kind, seed * 1000 + number, small)
        worlds.write(folder, *made, truth)
        command = [binary, "infer", "--norms", folder / "norms.csv", "--embeddings", folder / "vectors.txt", "--categories",
                   folder / "categories.csv", "--conditions", "system", "--seed", number + 1, "--json", *options]
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        done = subprocess.run(list(map(str, command)), capture_output=True, text=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
    record = {"kind": kind, "number": number, "seed": seed, "small": small, "truth": worlds.by_mapping(kind, truth["claim"], mapping), "n": truth.get("n"), "claims": {},
              "seconds": round(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, 3)}
    if done.returncode != 0:
        record["error"] = f"exit {done.returncode}: {done.stderr.strip()[:300]}"
        return record
    document = json.loads(done.stdout)
    if parts:  # what is resampled; every number that has an interval: [number, low, high]
        record["interval"] = document["settings"].get("interval", "concepts")
        record["intervals"] = {f"score, {r['metric']}": [r["value"], *r["ci"]] for r in document["rows"] if r.get("ci") and r["condition"] == "system"}
        record["intervals"].update((f"gain, {t['id']}", [t["gain"], *t["ci"]])
                                   for v in document["verdicts"] for t in v["assumptions"] if t.get("ci") and "gain" in t)
    for v in document.get("verdicts", []):
        tests = {t["id"]: {k: t[k] for k in ("outcome", "gain", "p", "z", "mde", "n") if k in t} for t in v["assumptions"]}
        record["claims"][v["claim"]] = {"verdict": v["verdict"], "decided_by": v["decided_by"], "tests": tests}
    return record


def say(record):
    information = record["claims"].get("information", {})
    gains = " ".join(f"{k} {t['outcome']} {t['gain']:+.3f}" if "gain" in t else f"{k} {t['outcome']}" for k, t in information.get("tests", {}).items())
    return (f"{record['kind']}-{record['number']} ({record['truth']['information']}): {information.get('verdict')} "
            f"[{information.get('decided_by')}] {gains}{record.get('error', '')}")


def run(tasks, jobs, results):
    """The records of all tasks, in their order; `results` keeps them, and says which are there already."""
    known = {}
    if results and results.exists():
        for line in results.read_text().splitlines():
            record = json.loads(line)
            known[record["kind"], record["number"], record["seed"], record["small"]] = record
    key = lambda task: task[1:5]
    todo = [t for t in tasks if key(t) not in known]
    with multiprocessing.Pool(jobs) as pool:
        for record in pool.imap(look, todo):
            known[record["kind"], record["number"], record["seed"], record["small"]] = record
            if results:
                with results.open("a") as f:
                    f.write(json.dumps(record) + "\n")
            else:
                print(say(record), flush=True)
    return [known[key(t)] for t in tasks]


# ---------------------------------------------------------------- what they say together

def count(records, claim, truth=None, kind=None):
    found = [r for r in records if claim in r["claims"] and (truth is None or r["truth"][claim] == truth) and (kind is None or r["kind"] == kind)]
    return collections.Counter(r["claims"][claim]["verdict"] for r in found), len(found)


def effect(records, kind):
    """The median over worlds of the smallest gain, in units of its minimum detectable effect."""
    smallest = []
    for r in records:
        tests = r["claims"].get("information", {}).get("tests", {})
        shares = [tests[t]["gain"] / tests[t]["mde"] for t in TESTS if t in tests and tests[t].get("mde", 0) > 0]
        if r["kind"] == kind and shares:
            smallest.append(min(shares))
    return statistics.median(smallest) if smallest else math.nan


def table(records, claim):
    print(f"\n{claim}\n{'kind':32} {'truth':11} right wrong undecided   right, 95 % interval   effect")
    for kind, truth in dict.fromkeys((r["kind"], r["truth"][claim]) for r in records):
        n, total = count(records, claim, truth, kind)
        times = f"{effect(records, kind):8.1f}" if claim == "information" else ""
        if truth == "either":
            print(f"{kind:32} {truth:11} {n['supported']} supported, {n['not supported']} not, {n['undecided']} undecided {times:>20}")
            continue
        low, high = wilson(n[RIGHT[truth]], total)
        print(f"{kind:32} {truth:11} {n[RIGHT[truth]]:5} {n[WRONG[truth]]:5} {n['undecided']:9}   {low:.2f} to {high:.2f}          {times}")
    for truth in ("false", "true", "clear true"):
        n, total = count(records, claim, truth)
        low, high = wilson(n["supported"], total)
        print(f"{claim}, {truth}: supported {n['supported']} of {total} ({low:.3f} to {high:.3f}), "
              f"not supported {n['not supported']}, undecided {n['undecided']}")


def judge_quick(records, bounds):
    most_false, least_true, most_denied = map(int, bounds.split(","))
    total = lambda truth, verdict: count(records, "information", truth)[0][verdict]
    false, true, denied = total("false", "supported"), total("clear true", "supported"), total("clear true", "not supported")
    lost = sum("information" not in r["claims"] for r in records)
    good = false <= most_false and true >= least_true and denied <= most_denied and lost == 0
    print(f"{'within' if good else 'OUTSIDE'} the bounds: {false} false supported (at most {most_false}), {true} clear true "
          f"supported (at least {least_true}), {denied} denied (at most {most_denied}), {lost} without a verdict (0)")
    return good


def judge_full(records):
    bad = [f"{r['kind']}-{r['number']} has no verdict" for r in records if "information" not in r["claims"]]
    for claim in ("information", "mapping"):
        n, total = count(records, claim, "false")
        if n["supported"] > .01 * total:
            bad.append(f"{claim}: {n['supported']} of {total} false claims supported")
    for kind in dict.fromkeys(r["kind"] for r in records):
        truth = next(r["truth"] for r in records if r["kind"] == kind)
        n, total = count(records, "information", kind=kind)
        if truth["information"] == "false" and wilson(n["supported"], total)[0] > .015:
            bad.append(f"{kind}: false, and supported in {n['supported']} of {total}")
        if n["supported"] < least(kind, truth["information"]) * total:
            bad.append(f"{kind}: true, and supported in {n['supported']} of {total}")
        n, total = count(records, "mapping", kind=kind)
        if total and truth["mapping"] == "true" and n["supported"] < .9 * total:
            bad.append(f"{kind}: mapping is true, and supported in {n['supported']} of {total}")
    print("\n".join(["", *(["OUTSIDE the bounds:"] + bad if bad else ["within the bounds"])]))
    return not bad


def least(kind, truth):
    """The share of a kind's true claims that have to be supported."""
    if truth == "clear true" or kind in ("linear-15", "linear-30", "linear-45", "dense-linear-30", "dense-linear-15"):
        return .95
    if kind in real.KINDS and truth == "true":
        return .95 if not kind.endswith("-100") else .8 if "glove" in kind else 0
    return 0


def covered(found):
    """In how many of [number, low, high] the interval holds the mean of all numbers, and of how many."""
    mean = statistics.mean(f[0] for f in found) if found else 0
    return sum(low <= mean <= high for _, low, high in found), len(found)


def coverage(records):
    """How often an interval holds the number's mean over all parts of its population: nothing is judged."""
    print(f"{'kind':24} {'number':22} {'mean':>8} {'sd':>7}  covered, 95 % interval")
    for kind in dict.fromkeys(r["kind"] for r in records):
        of = [r["intervals"] for r in records if r["kind"] == kind and "intervals" in r]
        for name in dict.fromkeys(n for i in of for n in i):
            found = [i[name] for i in of if name in i]
            mean, spread = statistics.mean(f[0] for f in found), statistics.pstdev(f[0] for f in found)
            held, total = covered(found)
            low, high = wilson(held, total)
            print(f"{kind:24} {name:22} {mean:8.4f} {spread:7.4f}  {held / total:.3f}, {low:.3f} to {high:.3f} ({total} worlds)")


def null_lines(records, permutations):
    """p is uniform on 1/(B+1), ..., 1. The distance of the distributions at those steps, its p from 20,000 draws of as many values."""
    import numpy as np
    steps, rng, good, out = permutations + 1, np.random.default_rng(1), True, []

    def distance(p):
        return np.abs(np.cumsum(np.bincount(np.rint(p * steps).astype(int), minlength=steps + 1)[1:]) / len(p) - np.arange(1, steps + 1) / steps).max()
    for test in ("E1", "E2"):
        p = np.array([r["claims"]["information"]["tests"][test]["p"] for r in records])
        drawn = np.array([distance(rng.integers(1, steps + 1, len(p)) / steps) for _ in range(20000)])
        ks = (1 + (drawn >= distance(p)).sum()) / (1 + len(drawn))
        good &= ks > .01
        out.append(f"{test}: {len(p):,} worlds, p <= .05 in {np.mean(p <= .05):.3f}, largest distance {distance(p):.3f}, Kolmogorov-Smirnov p {ks:.3f}.")
    return good, out


def judge_null(records, permutations):
    good, lines = null_lines(records, permutations)
    print("\n".join(lines))
    return good


def main():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument("--explaint", required=True)
    a.add_argument("--worlds", type=int, help="of each kind [2; --full has its own numbers]")
    a.add_argument("--seed", type=int, default=1)
    a.add_argument("--kinds")
    a.add_argument("--small", action="store_true")
    a.add_argument("--quick", action="store_true")
    a.add_argument("--full", action="store_true")
    a.add_argument("--null", type=int, default=0, metavar="N")
    a.add_argument("--coverage", type=int, default=0, metavar="N")
    a.add_argument("--interval", default="concepts", help="with --coverage: what is resampled, concepts or categories")
    a.add_argument("--components", type=int)
    a.add_argument("--permutations", type=int)
    a.add_argument("--mapping", default="plsr")
    a.add_argument("--jobs", type=int, default=os.cpu_count())
    a.add_argument("--data")
    a.add_argument("--models")
    a.add_argument("--cache")
    a.add_argument("--more", help="kinds of which 1,000 worlds are made, with --full")
    a.add_argument("--keep", help="leave the worlds here")
    a.add_argument("--results", type=Path)
    a.add_argument("--bounds", default="2,15,0")
    o = a.parse_args()
    permutations = o.permutations or (499 if o.quick else 999)
    where = (o.data, o.models, o.cache or "cache")
    options = ["--permutations", permutations, "--refits", 0, "--threads", 1, "--mapping", o.mapping]
    if o.components or o.mapping == "plsr":
        options += ["--components", o.components or 10]
    if o.coverage:
        options += ["--interval", o.interval, "--metrics", "f1_at_10,spearman"]
    if o.quick:
        plan = [(kind, i) for kind, n in QUICK.items() for i in range(n)]
    elif o.null:
        plan = [("nothing", i) for i in range(o.null)]
    elif o.coverage:
        plan = [(kind, i) for kind in (o.kinds.split(",") if o.kinds else COVERAGE) for i in range(o.coverage)]
    else:
        chosen = o.kinds.split(",") if o.kinds else worlds.kinds(bool(o.data and o.models))
        more = o.more.split(",") if o.more else []
        most = {kind: o.worlds or (MORE if kind in more else FULL if o.full else 2) for kind in chosen}
        plan = [(kind, i) for i in range(max(most.values())) for kind in chosen if i < most[kind]]
    small = lambda kind, i: bool(o.small or o.quick or o.null or (o.full and i % 10 != 9))
    claims = lambda kind: [] if o.coverage or o.quick or (kind in MAPPED and not o.null) else ["--claim", "information"]
    start = time.time()
    records = run([(o.explaint, kind, i, o.seed, small(kind, i), where, options + claims(kind), o.keep, o.coverage, o.mapping) for kind, i in plan],
                  o.jobs, o.results)
    records.sort(key=lambda r: list(dict.fromkeys(k for k, _ in plan)).index(r["kind"]))
    if o.coverage:
        coverage(records)
    for claim in ("information", "mapping") if not o.coverage else ():
        table(records, claim)
    print(f"{len(plan)} worlds, {time.time() - start:.0f} s")
    good = judge_quick(records, o.bounds) if o.quick else judge_null(records, permutations) if o.null else judge_full(records) if o.full else True
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
