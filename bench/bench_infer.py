#!/usr/bin/env python3
"""bench_infer.py PROGRAM FOLDER [--quick]: whole runs of the program. FOLDER holds wide.npy and wide.words (wide.py). The norms are the
shipped ones, or McRae's (and Buchanan's) where EXPLAINT_SHARED_DATA names a folder with mcrae/, buchanan/ and glove/. Standard library only."""
import json
import os
import sys
import time
from pathlib import Path

START_LIMIT = 20


def run(command):
    """Elapsed seconds, seconds of processor time, peak memory in MB."""
    out = os.open(os.devnull, os.O_WRONLY)
    begun = time.perf_counter()
    pid = os.posix_spawn(command[0], command, os.environ, file_actions=[(os.POSIX_SPAWN_DUP2, out, 1)])
    _, status, usage = os.wait4(pid, 0)
    elapsed = time.perf_counter() - begun
    os.close(out)
    if status != 0:
        sys.exit(f"exit {os.waitstatus_to_exitcode(status)}: {' '.join(command)}")
    return elapsed, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def main():
    program, folder, quick = sys.argv[1], Path(sys.argv[2]), "--quick" in sys.argv[3:]
    shared = os.environ.get("EXPLAINT_SHARED_DATA")
    if shared:
        norms = f"{shared}/mcrae"
        vectors = ["--embeddings", str(next(Path(shared, "glove").glob("*.txt.gz")))]
    else:
        norms, vectors = "wordnet", []
    wide = ["--embeddings", f"{folder}/wide.npy", "--words", f"{folder}/wide.words"]
    infer = [program, "infer", "--quiet", "--norms", norms]
    cases = [  # key, words, arguments, repetitions
        ("start", "start: explaint version", [program, "version"], START_LIMIT),
        ("table", "all conditions and metrics, 25 components",
         [*infer, *vectors, "--permutations", "0"], 5),
        ("counts", "components 1-100, F1@10, all conditions",
         [*infer, *vectors, "--permutations", "0", "--components", "1-100", "--metrics", "f1_at_10"], 3),
        ("verdict", "verdict by defaults", [*infer, *vectors], 1),
        ("tests", "the tests alone, 9,999 permutations, width 768",
         [*infer, *wide, "--claim", "information", "--refits", "0", "--conditions", "system", "--metrics", "f1_at_10"], 1),
    ]
    buchanan = Path(shared or "", "buchanan")
    if shared and buchanan.is_dir():
        infer = [program, "infer", "--quiet", "--norms", str(buchanan)]
        cases += [
            ("buchanan", "Buchanan, all conditions and metrics, 75 components", [*infer, *vectors, "--permutations", "0"], 1),
            ("buchanan-verdict", "Buchanan, verdict by defaults", [*infer, *vectors], 1),
        ]
    result = {"norms": Path(norms).name, "processors": os.cpu_count(), "load": os.getloadavg()[0], "runs": {}}
    print(f"norms: {Path(norms).name}; load {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors")
    for key, words, command, repeats in cases:
        if quick and key in ("verdict", "tests", "buchanan", "buchanan-verdict"):
            continue
        load = os.getloadavg()[0]
        runs = [run(command) for _ in range(repeats)]
        elapsed, processor, _ = min(runs)
        memory = max(r[2] for r in runs)
        result["runs"][key] = {"what": words, "seconds": elapsed, "processor_seconds": processor, "peak_mb": memory,
                               "repeats": repeats, "load_before": load}
        print(f"{words:55} {elapsed:9.4f} s elapsed, {processor:9.4f} s of processors, {memory:6.0f} MB (best of {repeats}, "
              f"load before {load:.1f})", flush=True)
    (folder / "infer.json").write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
