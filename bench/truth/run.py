"""Truth bench: do the verdicts of `explaint infer` agree with the declared truth of planted worlds?

Makes worlds (worlds.py), runs the program on each, and prints for each kind how many verdicts were right, wrong and
undecided, with Wilson 95 % intervals; then the totals that matter: false claims supported, clear true ones supported.
A false claim is right when not supported; "undecided" is counted apart, and is never wrong. "either" is only printed.

Run: python bench/truth/run.py --explaint BIN --worlds 5 --seed 1 [--mcrae FILE --vectors FILE] [--kinds a,b] [--keep DIR]
     python bench/truth/run.py --explaint BIN --quick          (part of the tests)

Bounds of --quick, declared before the run. Worlds of 150 concepts x 30, seed 1, 10 components, 59 permutations, the
kinds of QUICK below, one world each, two of the clear true ones:

| totals, information                | bound        | why                                                              |
|------------------------------------|--------------|------------------------------------------------------------------|
| false claims supported             | at most 1    | the rule supported 1.2 % of the false claims where it was made   |
| clear true claims supported        | at least 6/8 | power .77 over all true claims there; these are the strong ones  |
| clear true claims not supported    | at most 1    | with little power the answer is "undecided", not "not supported" |
| worlds without a verdict           | 0            |                                                                  |
--bounds FALSE,TRUE,DENIED sets others.
"""
import argparse
import collections
import json
import math
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import worlds

QUICK = {"nothing": 1, "richness": 1, "category-right": 1, "category-coarser": 1, "category-wrong": 1, "category-none": 1,
         "category-linear-noisy": 1, "category-linear-wrong": 1, "groups-4-6": 1, "word-form": 1, "spectrum": 1, "even": 1,
         "linear-60": 2, "linear-75": 2, "linear-90": 2, "odd": 2}
WRONG = {"false": "supported", "true": "not supported", "clear true": "not supported"}
RIGHT = {"false": "not supported", "true": "supported", "clear true": "supported"}


def wilson(k, n, z=1.96):
    if n == 0:
        return 0.0, 1.0
    p = k / n
    middle, half = p + z * z / (2 * n), z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    return (middle - half) / (1 + z * z / n), (middle + half) / (1 + z * z / n)


def verdicts(binary, folder, components, permutations, extra):
    command = [binary, "infer", "--norms", folder / "norms.csv", "--embeddings", folder / "vectors.txt",
               "--categories", folder / "categories.csv", "--components", components, "--permutations", permutations,
               "--conditions", "system", "--json", *extra]
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True)
    if done.returncode != 0:
        print(f"exit {done.returncode}: {done.stderr.strip()[:300]}", file=sys.stderr)
        return {}
    return {v["claim"]: v for v in json.loads(done.stdout).get("verdicts", [])}


def main():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument("--explaint", required=True)
    a.add_argument("--worlds", type=int, default=2, help="of each kind")
    a.add_argument("--seed", type=int, default=1)
    a.add_argument("--kinds")
    a.add_argument("--small", action="store_true")
    a.add_argument("--quick", action="store_true")
    a.add_argument("--components", type=int)
    a.add_argument("--permutations", type=int)
    a.add_argument("--threads", type=int, default=1)
    a.add_argument("--mcrae")
    a.add_argument("--vectors")
    a.add_argument("--keep", help="leave the worlds here")
    a.add_argument("--bounds", default="1,6,1")
    o = a.parse_args()
    components = o.components or (10 if o.quick else 25)
    permutations = o.permutations or (59 if o.quick else 199)
    if o.quick:
        plan = [(kind, i) for kind, count in QUICK.items() for i in range(count)]
    else:
        chosen = o.kinds.split(",") if o.kinds else worlds.kinds(bool(o.mcrae and o.vectors))
        plan = [(kind, i) for kind in chosen for i in range(o.worlds)]

    tally = collections.Counter()   # (claim, kind, truth, verdict)
    lost, start = 0, time.time()
    with tempfile.TemporaryDirectory() as scratch:
        for kind, i in plan:
            folder = Path(o.keep or scratch) / f"{kind}-{i}"
            made = worlds.make(kind, o.seed * 1000 + i, o.small or o.quick, o.mcrae, o.vectors)
            truth = worlds.write(folder, *made) and made[-1]
            found = verdicts(o.explaint, folder, components, permutations, ["--threads", o.threads])
            lost += "information" not in found
            for claim, v in found.items():
                tally[claim, kind, truth["claim"][claim], v["verdict"]] += 1
            v = found.get("information", {})
            gains = " ".join(f"{t['id']} {t.get('outcome')} {t.get('gain', float('nan')):+.3f}" if t.get("gain") is not None
                             else f"{t['id']} {t.get('outcome')}" for t in v.get("assumptions", []))
            print(f"{kind}-{i} ({truth['claim']['information']}): {v.get('verdict')} [{v.get('decided_by')}] {gains}", flush=True)

    for claim in ("information", "mapping"):
        rows = {k: v for k, v in tally.items() if k[0] == claim}
        if not rows:
            continue
        print(f"\n{claim}\n{'kind':32} {'truth':11} right wrong undecided   right, 95 % interval")
        for kind, truth in dict.fromkeys((k[1], k[2]) for k in rows):
            n = {v: rows.get((claim, kind, truth, v), 0) for v in ("supported", "not supported", "undecided")}
            total = sum(n.values())
            if truth == "either":
                print(f"{kind:32} {truth:11} {n['supported']} supported, {n['not supported']} not, {n['undecided']} undecided")
                continue
            low, high = wilson(n[RIGHT[truth]], total)
            print(f"{kind:32} {truth:11} {n[RIGHT[truth]]:5} {n[WRONG[truth]]:5} {n['undecided']:9}   {low:.2f} to {high:.2f}")
        for truth in ("false", "true", "clear true"):
            n = collections.Counter()
            for k, v in rows.items():
                if k[2] == truth:
                    n[k[3]] += v
            total = sum(n.values())
            low, high = wilson(n["supported"], total)
            print(f"{claim}, {truth}: supported {n['supported']} of {total} ({low:.3f} to {high:.3f}), "
                  f"not supported {n['not supported']}, undecided {n['undecided']}")
    print(f"{len(plan)} worlds, {time.time() - start:.0f} s")
    if o.quick:
        most_false, least_true, most_denied = map(int, o.bounds.split(","))
        total = lambda t, v: sum(c for k, c in tally.items() if k[0] == "information" and k[2] == t and k[3] == v)
        false, true, denied = total("false", "supported"), total("clear true", "supported"), total("clear true", "not supported")
        good = false <= most_false and true >= least_true and denied <= most_denied and lost == 0
        print(f"{'within' if good else 'OUTSIDE'} the bounds: {false} false supported (at most {most_false}), {true} clear true "
              f"supported (at least {least_true}), {denied} denied (at most {most_denied}), {lost} without a verdict (0)")
        sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
