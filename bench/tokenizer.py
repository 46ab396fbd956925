"""tokenizer.py BENCH_TOKENIZER FOLDER MODEL...: pieces of 20,000 glosses of WordNet, ours beside Hugging Face's tokenizers,
one thread each. The peer gets the better of encode_batch and encode, one by one, with places as it always makes them."""
import json
import os
import subprocess
import sys
import time

os.environ["TOKENIZERS_PARALLELISM"] = "false"
import tokenizers

bench, folder, *folders = sys.argv[1:]
lines = []
for part in ("adj", "adv", "noun", "verb"):
    with open(f"/usr/share/wordnet/data.{part}", encoding="utf-8") as file:
        lines += [line.split(" | ", 1)[1].strip() for line in file if " | " in line]
lines = lines[::len(lines) // 20000][:20000]
texts = os.path.join(folder, "glosses.txt")
with open(texts, "w", encoding="utf-8") as file:
    file.write("".join(line + "\n" for line in lines))


def best(run, least=3, enough=4.0):
    times = []
    while len(times) < least or sum(times) < enough:
        begin = time.perf_counter()
        result = run()
        times.append(time.perf_counter() - begin)
    return min(times), result


for model in folders:
    ours = json.loads(subprocess.run([bench, model, texts], check=True, capture_output=True).stdout)
    begin = time.perf_counter()
    peer = tokenizers.Tokenizer.from_file(os.path.join(model, "tokenizer.json"))
    opened = time.perf_counter() - begin
    peer.no_truncation()
    peer.no_padding()
    batch, encodings = best(lambda: peer.encode_batch(lines))
    single, _ = best(lambda: [peer.encode(line) for line in lines])
    sums = [sum(len(e.ids) for e in encodings), sum(sum(e.ids) for e in encodings), sum(b for e in encodings for _, b in e.offsets)]
    same = sums[:2] == [ours["pieces"], ours["ids"]]
    print(f"{os.path.basename(model.rstrip('/'))}: ours {1e3 * ours['seconds']:.1f} ms ({ours['bytes'] / ours['seconds'] / 1e6:.0f} MB/s), tokenizers "
          f"{tokenizers.__version__} batch {1e3 * batch:.0f} ms, one by one {1e3 * single:.0f} ms: {min(batch, single) / ours['seconds']:.1f} times; open {1e3 * ours['open']:.1f} ms against {1e3 * opened:.1f}; "
          f"{'same ids' if same else 'IDS DIFFER'}")
