#!/usr/bin/env python3
"""vectors.py BENCH FOLDER [--quick]: a word2vec text file of 1,000,000 x 300 (with --quick 50,000), every word kept: BENCH (bench_vectors),
only hashing it, and gensim where this Python has it, in turns. The file goes to EXPLAINT_BENCH_SCRATCH or FOLDER and is removed. Writes
FOLDER/vectors.json. Standard library only."""
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

GENSIM = """
import json, resource, sys, time
import gensim, numpy
begun, processor = time.perf_counter(), time.process_time()
read = gensim.models.KeyedVectors.load_word2vec_format(sys.argv[1])
elapsed, processor = time.perf_counter() - begun, time.process_time() - processor
print(json.dumps({"seconds": elapsed, "processor_seconds": processor, "words": len(read.index_to_key), "width": read.vector_size,
                  "sum": float(read.vectors.sum(dtype="f8")), "version": gensim.__version__,
                  "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}))
"""


def reply(*command):
    """The JSON that a command prints, with the load before it."""
    load = os.getloadavg()[0]
    return {**json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout), "load_before": load}


def memory():
    """Bytes that may be had."""
    for line in Path("/proc/meminfo").read_text().splitlines():
        if line.startswith("MemAvailable:"):
            return int(line.split()[1]) << 10
    return 0


def main():
    bench, folder, quick = sys.argv[1], Path(sys.argv[2]), "--quick" in sys.argv[3:]
    scratch = Path(os.environ.get("EXPLAINT_BENCH_SCRATCH", folder))
    words, width = 50_000 if quick else 1_000_000, 300
    text = words * width * 10  # bytes, a bit more than it will be
    if shutil.disk_usage(scratch).free < 2 * text or memory() < 3 * text:
        sys.exit(f"vectors: not run: {words:,} words need {2 * text >> 30} GB free in {scratch} and {3 * text >> 30} GB of memory")
    path = scratch / "bench-vectors.txt"
    try:
        subprocess.run([bench, "make", path, str(words), str(width)], check=True)
        have_gensim = subprocess.run([sys.executable, "-c", "import gensim"], capture_output=True).returncode == 0
        threads = os.cpu_count()
        runs = {"explaint": [], "one thread": [], "hash": [], "gensim": []}
        for turn in range(3):
            runs["explaint"].append(reply(bench, "read", path, str(threads)))
            runs["one thread"].append(reply(bench, "read", path, "1"))
            runs["hash"].append(reply(bench, "hash", path))
            if have_gensim and (quick or turn == 0):  # minutes
                runs["gensim"].append(reply(sys.executable, "-c", GENSIM, path))
        size = path.stat().st_size
    finally:
        path.unlink(missing_ok=True)
    best = {name: min(rows, key=lambda r: r["seconds"]) for name, rows in runs.items() if rows}
    if "gensim" in best:  # fp32 sums against fp64
        ours, theirs = best["explaint"], best["gensim"]
        if (ours["words"], ours["width"]) != (theirs["words"], theirs["width"]) or abs(ours["sum"] - theirs["sum"]) > 1e-3 * words:
            sys.exit(f"vectors: gensim read something else: {ours}, {theirs}")
    (folder / "vectors.json").write_text(json.dumps({"words": words, "width": width, "bytes": size, "processors": threads, "best": best,
                                                     "runs": runs}, indent=1) + "\n")
    for name, row in best.items():
        print(f"vectors as text, {words:,} x {width}, {name:10} {row['seconds']:8.2f} s elapsed, {row['processor_seconds']:8.2f} s of processors "
              f"(load before {row['load_before']:.1f})", flush=True)


if __name__ == "__main__":
    main()
