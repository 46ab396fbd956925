"""check_words.py PROGRAM: what `explaint attend` says by words, and without special tokens (--level word, --special out), of continuity, damage and
where rows look, beside NumPy on the states and maps of the pieces: rows averaged, columns added up, what is left out divided by. Largest difference
1e-6. The flow of words is check_flow.py's."""
import json
import sqlite3
import sys
import tempfile

import numpy as np

import attention_reference as ref
import flow_reference
from check_embed import explaint, safetensors
from check_flow import models, pieces_of
from check_looks import MEASURES

TEXTS = {"bert-gelu": ["the dogs see the big cat", "this is a b . , ! dogs running ice cream the red cat", "dogs running , dogs see", "the cat , the dogs"],
         "stories260K": ["Once upon a time there was a gloomy cat.", "The gloomy dog saw Tim.", "no no gloomy no"]}
DAMAGES = ("reverse", "next-rows")


class Texts:
    """States, words and maps by rows as they are read; for attention_reference.continuity."""
    vocabulary = False

    def __init__(self, model, dump, maps, names, read):
        self.causal, self.n_texts, self.states, self.special, self.ids, rows, self.sides = model.causal, len([k for k in dump if k.endswith(".ids")]), [], [], [], {}, []
        self.maps, self.damaged, self.orders = [], [], []
        for t in range(self.n_texts):
            ids = dump[f"{t}.ids"]
            special = np.array([names[i] in ("[CLS]", "[SEP]", "<s>") for i in ids])
            special[0] |= model.causal
            sides = flow_reference.words([names[i] for i in ids], special, "word" in read, "out" in read)
            self.states.append([sides.mean(h.astype(float)) for h in dump[f"{t}.hidden_states"]])
            self.special.append(sides.special)
            self.ids.append(np.array([rows.setdefault(tuple(ids[g]), len(rows)) for g in sides.groups]))
            self.sides.append(sides)
            self.maps.append(np.array([[sides(a) for a in layer] for layer in maps[f"{t}.attention"].astype(float)]))
            self.damaged.append({d: maps[f"{t}.{d}"].astype(float) for d in DAMAGES})
            self.orders.append(ref.reverse(np.arange(len(ids)), special)[1])
        self.words = np.array([np.mean([model.words(i) for i in ids], 0) for ids in rows])
        self.n_layers = len(self.maps[0]) - self.causal # of continuity: the dump has a decoder's last rows behind its final norm

    def map_of(self, damage, undone, t, layer, head):
        a = self.damaged[t][damage][layer - 1][head]
        return self.sides[t](ref.undo(a, self.orders[t]) if undone else a)


def damage(r, add):
    def counted(a): return np.concatenate([row[:i + 1] for i, row in enumerate(a)][1:]) if r.causal and len(a) > 1 else a
    def rows(a): return a[1:] if r.causal else a
    for t in range(r.n_texts):
        for layer in range(1, len(r.maps[0]) + 1):
            for content in (False, True):
                for name, undone in (("reverse", False), ("reverse", True), ("next-rows", False)):
                    if undone and r.causal: continue
                    values = []
                    for head, a in enumerate(r.maps[t][layer - 1]):
                        both = [ref.scope(m, r.special[t], content) for m in (a, r.map_of(name, undone, t, layer, head))]
                        values.append((ref.pearson(*map(counted, both)), ref.jsd(*map(rows, both)), (ref.targets(rows(both[0])) == ref.targets(rows(both[1]))).mean()))
                    for measure, each in zip(("pearson", "jsd", "same_target"), zip(*values)):
                        add("damage_" + measure, np.nanmean(each), text=t, layer=layer, damage=name, undone=undone, scope="content" if content else "whole")


def looks(r, add):
    for layer in range(1, len(r.maps[0]) + 1):
        for t in range(r.n_texts):
            for name, measure in MEASURES.items():
                if not r.special[t].any() and "special" in name: continue
                value = np.broadcast_to(measure(r.maps[t][layer - 1], r.special[t]), r.maps[t].shape[1:3])
                for rows in ("all", "content"):
                    keep = ~np.isnan(value[0]) & (~r.special[t] if rows == "content" else True)
                    if keep.any(): add("attention_" + name, value[:, keep].mean(), text=t, layer=layer, rows=rows)


def check(name, model, folder, names, dump, maps, read, worst):
    said = {}
    for row in json.loads(explaint("attend", "--model", folder, "--texts", folder.parent / "texts.txt", "--g", "identity", "--damage", ",".join(DAMAGES), "--by-text", "--json", *read))["rows"]:
        assert row.get("level") == ("word" if "word" in read else None), row
        q = {k: v for k, v in row.items() if k not in ("value", "n", "level", "pairs") and not (k == "scope" and row["measure"].startswith("attention"))}
        if q.get("head") is None: said[tuple(sorted((k, v) for k, v in q.items() if v is not None))] = row["value"]
    out, compared, missing = "out" in read, 0, []

    def add(measure, value, **q):
        nonlocal compared
        if out and (q.get("rows") == "all" or q.get("scope") == "whole") or q.get("model") == "random": return
        if measure in ("identity_recovered", "own_rank_mean", "own_rank_median", "next_recovered", "chance"): q = {"reference": "word", "standardised": False} | q
        key = tuple(sorted({**q, "measure": measure}.items()))
        if np.isnan(value): return
        if key not in said: return missing.append(key)
        worst[measure] = max(worst.get(measure, 0), abs(said[key] - value))
        if abs(said[key] - value) > (3e-4 if measure.startswith("cka") else 1e-6): sys.exit(f"{name}: {dict(key)}: {said[key]} and {value}")
        compared += 1

    texts = Texts(model, dump, maps, names, read)
    ref.continuity(texts, add)
    damage(texts, add)
    looks(texts, add)
    missing = [m for m in missing if ("measure", "attention_next") not in m or not model.causal]
    assert not missing, f"{name}: {len(missing)} numbers are not said, as {missing[0]}"
    print(f"{name}: {compared} numbers")


def stored(folder):
    """Half of a run, and the rest of it: the same document. Runs that read maps in two ways are not compared."""
    run = ["attend", "--model", folder, "--texts", folder.parent / "texts.txt", "--measures", "all", "--attribution", "2", "--level", "word", "--json"]
    whole, ledger = explaint(*run), folder.parent / "runs.db"
    explaint(*run, "--ledger", ledger)
    with sqlite3.connect(ledger) as db:
        deleted = db.execute("delete from unit where key glob '*/[1-9]'").rowcount
        db.execute("update run set state = 'unfinished', document = null")
    assert deleted > 5, deleted
    assert explaint(*run, "--ledger", ledger, "--resume") == whole, "resumed by words, another document"
    for name, document in (("words.json", whole), ("pieces.json", explaint(*run[:-3], "--json"))): (folder.parent / name).write_text(document)
    said = explaint("compare", folder.parent / "pieces.json", folder.parent / "words.json", code=3, of="stderr")
    assert "has another --level than" in said, said


def main():
    worst = {}
    with tempfile.TemporaryDirectory() as scratch:
        for name, model, folder in models(scratch):
            (folder.parent / "texts.txt").write_text("".join(t + "\n" for t in TEXTS[name]))
            explaint("model", "dump", "--model", folder, "--texts", folder.parent / "texts.txt", "--output", folder.parent / "dump.safetensors")
            explaint("attend", "--model", folder, "--texts", folder.parent / "texts.txt", "--measures", "damage", "--damage", ",".join(DAMAGES), "--json", "--maps", folder.parent / "maps.safetensors")
            dump, maps = (safetensors(folder.parent / f"{f}.safetensors")[0] for f in ("dump", "maps"))
            for read in (("--level", "word"), ("--special", "out"), ("--level", "word", "--special", "out")):
                check(f"{name} {' '.join(read)}", model, folder, pieces_of(folder, name), dump, maps, read, worst)
            stored(folder)
    for what, gap in worst.items(): print(f"{what:30} {gap:.1e}")


if __name__ == "__main__": main()
