#!/usr/bin/env python3
"""Which statements of *LLMs Explain't* hold on the models at hand: runs the program on each, and writes what came out into docs/statements.md with its figures.

    bench/statements.py --explaint build/explaint --models MODELS --mcrae MCRAE --folder FOLDER [--docs | --check]

MODELS has all-MiniLM-L6-v2, all-mpnet-base-v2 and SmolLM2-135M-Instruct (Q4_1, GGUF), MCRAE is the publisher's folder, FOLDER keeps the documents of runs: what is
there is not run again. All of it takes some half an hour of one processor. --docs writes the page, --check says whether the page is what the documents in FOLDER say.
Every number of the page is one of these documents, rounded; layers, texts, pairs and concepts were fixed before anything was run."""
import argparse
import gzip
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "statements.md"
FIGURES = {"attention-rows.svg": "statements-rows.svg", "attention-maps.svg": "statements-maps.svg"}
BEGIN, END = "<!-- statements -->", "<!-- end of statements -->"

# name: (label, where, causal, the layer of property inference: two thirds up, the layers of attend: of a deep model some)
MODELS = {"minilm": ("MiniLM", "all-MiniLM-L6-v2", False, 4, "all"), "mpnet": ("MPNet", "all-mpnet-base-v2", False, 8, "all"),
          "stories": ("stories260K", str(ROOT / "tests/data/models/stories260K"), True, 3, "all"),
          "smollm2": ("SmolLM2", "SmolLM2-135M-Instruct/SmolLM2-135M-Instruct.Q4_1.gguf", True, 20, "0,1,8,15,22,30")}
MEASURES = ("continuity,attention,damage,rollout_own,rollout_first,rollout_uniform_first,flow_own,mixing_attn_w,mixing_attnres_n,mixing_attnresln_n,alti_product_own,"
            "alti_product_own_largest")
COMMANDS = {"attend": "attend --model {model} --texts texts.txt --fit-texts fit.txt --layers {layers} --measures " + MEASURES,
            "infer": "infer --model {model} --norms {mcrae} --layers {layer} --template \"This is a {{}}\"{pieces} --conditions "
                     "system,mean,upper,shuffle,shuffle-upper,random --metrics f1_at_10,na_at_10_input --permutations 999 --refits 0",
            "relate": "relate --model {model} --most-pairs 40"}


# ---- runs ----

def arguments(kind, name, model, mcrae):
    _, _, causal, layer, layers = MODELS[name]
    words = COMMANDS[kind].replace('"This is a {{}}"', "TEMPLATE").format(model=model, mcrae=mcrae, layer=layer, layers=layers, pieces=" --pieces last" if causal else "")
    return ["This is a {}" if word == "TEMPLATE" else word for word in words.split()]


def shown(kind, name):
    """The command as the page has it: names in place of paths."""
    words = arguments(kind, name, Path(MODELS[name][1]).name, "mcrae/")
    return "explaint " + " ".join(f'"{word}"' if " " in word else word for word in words)


def texts(folder):
    """Every hundredth of the texts that ship is looked at, the map g is fitted on two fifths of them, others."""
    with gzip.open(ROOT / "data/wordnet-glosses.txt.gz", "rt") as file:
        lines = file.read().splitlines()
    for name, of in (("texts.txt", lambda i: i % 100 == 99), ("fit.txt", lambda i: i % 5 in (0, 2))):
        (folder / name).write_text("\n".join(line for i, line in enumerate(lines) if of(i)) + "\n")


def run_all(o):
    texts(o.folder)
    found = {}
    for kind in COMMANDS:
        for name, (_, where, *_) in MODELS.items():
            path = o.folder / f"{kind}-{name}.json"
            if not path.exists():
                if o.check:
                    sys.exit(f"{path}: is not there; run without --check")
                words = arguments(kind, name, where if os.path.isabs(where) else o.models / where, o.mcrae)
                print(" ".join(map(str, words)), file=sys.stderr, flush=True)
                done = subprocess.run([o.explaint, *map(str, words), "--quiet", "--output", path.resolve()], cwd=o.folder)
                if done.returncode != 0:
                    sys.exit(f"{path}: exit {done.returncode}")
            found[kind, name] = json.loads(path.read_text())
    return found


# ---- what a document says ----

ASKED = {"candidates": "sentence", "reference": "word", "distance": "cosine", "hit": "id", "rows": "all", "standardised": False, "pairs": "true"}


def by_layer(document, measure, **wanted):
    """layer -> value, of all texts and the mean of heads."""
    return {r["layer"]: r["value"] for r in document["rows"] if r["measure"] == measure and r.get("text") is None and r.get("head") is None
            and all(r.get(key) == value for key, value in wanted.items())}


def recovered(document, g="identity", measure="identity_recovered", model="trained"):
    return by_layer(document, measure, g=g, model=model, **ASKED)


def score(document, condition, metric="f1_at_10", target=None):
    return next(r["value"] for r in document["rows"] if r["condition"] == condition and r["metric"] == metric and r["fold"] is None
                and (target is None or r["target"] == target))


def accuracy(document, against, control=None, measure="accuracy"):
    return next(r["value"] for r in document["rows"] if r["layer"] is None and r["counterfactuals"] == against and r["measure"] == measure and r["control"] == control)


def verdict(document, claim):
    return next(v for v in document["verdicts"] if v["claim"] == claim)


# ---- in words ----

def number(value, digits=2):
    text = f"{abs(value):.{digits}f}"
    if text.startswith("0."):
        text = text[1:]
    return ("−" if value < 0 and float("0" + text) else "") + text


def span(values, digits=2):
    values = list(values)
    low, high = number(min(values), digits), number(max(values), digits)
    return low if low == high else f"{low} to {high}"


def layers(numbers):
    """[1, 2, 3, 7] -> '1 to 3, 7'; 'none'."""
    parts, numbers = [], sorted(numbers)
    for n in numbers:
        if parts and parts[-1][1] == n - 1:
            parts[-1][1] = n
        else:
            parts.append([n, n])
    return ", ".join(f"{a}" if a == b else f"{a} to {b}" for a, b in parts) or "none"


def in_layers(numbers):
    numbers = list(numbers)
    return "no layer" if not numbers else f"layer {numbers[0]}" if len(numbers) == 1 else f"layers {layers(numbers)}"


def labels(names):
    names = [label(name) for name in names]
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names) or "none"


def table(heads, rows):
    return ["| " + " | ".join(heads) + " |", "|---" * len(heads) + "|", *("| " + " | ".join(row) + " |" for row in rows), ""]


def depths(last):
    """The first layer, a quarter, half and three quarters of the way, the last."""
    return sorted({1, max(1, round(last / 4)), max(1, round(last / 2)), max(1, round(3 * last / 4)), last})


def along(label, measured, series):
    """A row of a table: a number at each depth. Where a model has fewer layers than depths, fewer."""
    last = max(measured)
    return [label, series, " → ".join(number(measured[l]) for l in depths(last)), ", ".join(map(str, depths(last)))]


def wrapped(text, width=148):
    lines, line = [], ""
    for word in text.split():
        if line and len(line) + 1 + len(word) > width:
            lines.append(line)
            line = word
        else:
            line = f"{line} {word}".strip()
    return [*lines, line, ""]


# ---- the statements ----

def label(name):
    return MODELS[name][0]


def each(found, kind, say):
    """A sentence for each model."""
    return " ".join(f"{label(name)}: {say(name, found[kind, name])}." for name in MODELS)


def outcome(document, key, word):
    return [l["layer"] for l in document["layers"] if l[key] == word]


def rows_stand(found):
    def cell(name):
        d = found["attend", name]
        last = d["layers"][-1]
        if last["A1"] == "holds":
            return f"no: {number(last['recovered'])} in the last layer"
        fails = outcome(d, "A1", "fails")
        return f"yes, in {in_layers(fails)} of {last['layer']}" if fails else f"open: {number(last['recovered'])} in the last layer"
    rows = []
    for name in MODELS:
        d = found["attend", name]
        rows += [along(label(name), recovered(d), "as they are"), along("", recovered(d, "linear"), "linear map"), along("", recovered(d, model="random"), "untrained, as they are")]
    text = each(found, "attend", lambda _, d: f"A1 holds in {in_layers(outcome(d, 'A1', 'holds'))}, is undecided in {in_layers(outcome(d, 'A1', 'undecided'))}, "
                f"fails in {in_layers(outcome(d, 'A1', 'fails'))}; in the last layer {number(d['layers'][-1]['recovered'])} "
                f"[{number(d['layers'][-1]['recovered_ci'][0])}, {number(d['layers'][-1]['recovered_ci'][1])}] of the rows that decide are given back")
    why = ("Why: what is left of a word in its row is what the layers above still need. Both decoders are trained to say the next word, and MPNet's upper layers to make one vector of "
           "a sentence; MiniLM has half as many layers as MPNet, and its rows stay near their words to the end. The architecture alone does not do it: untrained, the same models keep "
           f"{span(recovered(found['attend', n], model='random')[max(recovered(found['attend', n], model='random'))] for n in ('minilm', 'mpnet'))} of their words to the last layer in the encoders. "
           "And rows that are far from their own word as they are may only have turned: "
           f"in layer 1 of SmolLM2 {number(recovered(found['attend', 'smollm2'])[1])} are nearest to their word as they are, and {number(recovered(found['attend', 'smollm2'], 'linear')[1])} after a linear map.")
    return ("Deep rows no longer stand for their words", "The paper states it.", cell, "attend",
            [*table(["model", "share of rows nearest to their own word", "at these depths", "layers"], rows), *wrapped(text), *wrapped(why)])


def next_word(found):
    def at_last(name):
        own, following = recovered(found["attend", name]), recovered(found["attend", name], measure="next_recovered")
        return own[max(own)], following[max(own)]
    def cell(name):
        own, following = at_last(name)
        return f"{'yes' if following > own else 'no'}: {number(following)} beside {number(own)}"
    rows = [along(label(name), recovered(found["attend", name], measure="next_recovered"), "next word, as they are") for name in MODELS]
    text = each(found, "attend", lambda name, d: "in the last layer {1} of the rows are nearest to the next word and {0} to their own".format(*map(number, at_last(name))))
    why = ("Why: the last layer of a decoder is read as the next word. It needs the words' vectors for that: both decoders use one table for what goes in and what comes out. Encoders have no such task.")
    return ("A row of a decoder turns into the next word", "Asked here, because it is what a row turns into.", cell, "attend", [*table(["model", "share of rows nearest to the next word", "at these depths", "layers"], rows), *wrapped(text), *wrapped(why)])


def picture(found):
    def cell(name):
        l = found["attend", name]["layers"]
        whole, content = [x["whole"] for x in l], [x["content"] for x in l]
        holds = sum(x["A3"] == "holds" for x in l)
        if holds < len(l):
            return f"yes, in {len(l) - holds} of {len(l)} layers"
        return ("the whole map only" if sorted(whole)[len(whole) // 2] >= .5 else "no") + f": r {span(whole)}, words alone {span(content)}"
    rows = []
    for name in MODELS:
        l = found["attend", name]["layers"]
        for series, key in (("whole map", "whole"), ("without special tokens", "content"), ("maps of other texts", "null_mean")):
            rows.append(along(label(name) if key == "whole" else "", {x["layer"]: x[key] for x in l}, series))
    text = each(found, "attend", lambda name, d: f"with the words exchanged, r of the whole map with the intact one is {span(x['whole'] for x in d['layers'])}, without special tokens{', and without piece 0,' if name in ('stories', 'smollm2') else ''} {span(x['content'] for x in d['layers'])}, "
                f"where maps of other texts reach {span(x['null_mean'] for x in d['layers'])}; A3 (the map depends on the words) holds in {in_layers(outcome(d, 'A3', 'holds'))}")
    why = ("Why: r of a whole map is made by its largest entries, and these lie in the column of a special token (below). What is between words moves with the words: without special tokens no layer in which A3 holds is more alike "
           "than the maps of two different texts are. How alike these are is what positions alone make: MPNet adds a bias for each distance to its scores, and in decoders the mask makes all maps triangles. "
           "So what survives of a picture is a sink and positions, and no relation of words.")
    return ("The picture survives when the words change places", "The paper states it.", cell, "attend",
            [*table(["model", "r of the map of exchanged words with the intact one", "at these depths", "layers"], rows), "![r of maps of exchanged words with the intact ones, both without special tokens, by layer, of four models](statements-maps.svg)", "",
             *wrapped(text), *wrapped(why)])


def sink(found):
    def cell(name):
        d = found["attend", name]
        held = outcome(d, "sink", "holds")
        return f"in {len(held)} of {len(d['layers'])} layers"
    def special(name, d):
        return by_layer(d, "attention_first" if name == "smollm2" else "attention_special", rows="content")
    rows = []
    for name in MODELS:
        d = found["attend", name]
        rows += [along(label(name), special(name, d), "mass on " + ("the first token" if name == "smollm2" else "special tokens")),
                 along("", by_layer(d, "damage_pearson", damage="random-init", scope="whole"), "r with the untrained model's map, whole")]
    text = each(found, "attend", lambda name, d: f"words give {span(special(name, d).values())} of their attention to " + ("the first token" if name == "smollm2" else "special tokens") +
                f"; most of what survives of the whole map sits there (*sink*) in {in_layers(outcome(d, 'sink', 'holds'))}; the untrained model's whole maps have r {span(by_layer(d, 'damage_pearson', damage='random-init', scope='whole').values())} with the trained one's")
    why = ("Why: a softmax has to put its mass somewhere, and models learn a place for it that means nothing. It is learned, not built in: an untrained encoder draws no such picture (r near 0). "
           "In decoders the mask itself has a shape, which is what an untrained one shares with a trained one.")
    return ("What survives is a sink", "Asked here, because it explains 3.", cell, "attend", [*table(["model", "what is measured", "at these depths", "layers"], rows), *wrapped(text), *wrapped(why)])


def mixing(found):
    def both(d):
        deep = by_layer(d, "mixing_attnresln_n") or by_layer(d, "mixing_attnres_n")
        return by_layer(d, "mixing_attn_w"), deep
    def cell(name):
        weights, real = both(found["attend", name])
        return f"yes: {number(sum(weights.values()) / len(weights))} by weights, {number(sum(real.values()) / len(real))} by vectors"
    rows = []
    for name in MODELS:
        weights, real = both(found["attend", name])
        rows += [along(label(name), weights, "by weights"), along("", real, "by vectors, with what the row was" + (" and its norm" if not MODELS[name][2] else ""))]
    text = each(found, "attend", lambda _, d: "other rows have {} of a row by its weights, and {} by the vectors that are added".format(*(span(x.values()) for x in both(d))))
    why = ("Why: a weight says nothing of the length of what it weighs, and nothing of the row itself, which is added to all of it. Other rows bring more than half of a row in "
           f"{'; '.join(f'{in_layers(more)} of {label(n)}' for n, more in ((n, [l for l, x in both(found['attend', n])[1].items() if x > .5]) for n in MODELS) if more) or 'no layer'} alone. Published for bert-base-uncased are .96 and .19 (Kobayashi et al. 2021); that model is not at hand.")
    return ("Attention weights overstate how much rows mix", "Kobayashi et al. (2020, 2021) state it.", cell, "attend", [*table(["model", "share of other rows", "at these depths", "layers"], rows), *wrapped(text), *wrapped(why)])


def rollout(found):
    def both(d):
        return by_layer(d, "rollout_first"), by_layer(d, "rollout_uniform_first")
    def last(name):
        first, even = both(found["attend", name])
        return first[max(first)], even[max(first)]
    def cell(name):
        first, even = last(name)
        return ("yes" if first > .25 else "no") + f": {number(first)}, equal weights {number(even)}"
    rows = []
    for name in MODELS:
        first, even = both(found["attend", name])
        rows += [along(label(name), first, "the model's maps"), along("", even, "equal weights")]
    text = each(found, "attend", lambda name, _: "at the last layer piece 0 has {} of a row by rollout, by maps of equal weights {}".format(*map(number, last(name))))
    why = ("Why: in a decoder every path leads towards the beginning, and only piece 0 keeps what it gets. So the column grows with depth whatever the model does: "
           f"at the last layer of {labels(n for n in MODELS if MODELS[n][2] and last(n)[0] < last(n)[1] + .02)} it has no more than equal weights give it. "
           "Encoders drain as well, to their sink [CLS], and there equal weights do not: what rollout follows is the sink, not where content comes from.")
    return ("Rollout drains to position 0", "Asked here of the rollout of Abnar and Zuidema (2020).", cell, "attend", [*table(["model", "share of piece 0", "at these depths", "layers"], rows), *wrapped(text), *wrapped(why)])


def sources(found):
    kinds = (("rollout", "rollout_own"), ("maximum flow", "flow_own"), ("ALTI over layers", "alti_product_own"))
    def own(name, measure):
        return by_layer(found["attend", name], measure)
    def cell(name):
        values = {kind: own(name, m) for kind, m in kinds}
        return "; ".join(f"{kind} {number(v[max(v)])}" for kind, v in values.items() if v)
    rows = [along(label(name) if k == 0 else "", own(name, m), kind) for name in MODELS for k, (kind, m) in enumerate(kinds) if own(name, m)]
    text = each(found, "attend", lambda name, _: "at the last layer a row has " + ", ".join(f"{number(own(name, m)[max(own(name, m))])} of its own word by {kind}" for kind, m in kinds if own(name, m)) +
                f"; the own word gives most to {span(l['own_largest'] for l in found['attend', name]['layers'])} of the rows that decide, and A2 (rows come mostly from their words) holds in "
                f"{in_layers(outcome(found['attend', name], 'A2', 'holds'))}")
    why = ("Why: rollout and maximum flow see maps, and a map gives a row's own piece no more than any other; half of a row is taken to stay, by definition. ALTI sees what is added to what, and by it a row keeps "
           "more of its own word. Which of them is right is a question of what *comes from* means; that they differ so much says that a picture of flow depends on the method before it depends on the model.")
    return ("How much of its own word a row keeps depends on the method", "Asked here, because each of them is in use.", cell, "attend", [*table(["model", "own share by", "at these depths", "layers"], rows), *wrapped(text), *wrapped(why)])


def shuffled(found):
    columns = (("system", "norms"), ("mean", "norms"), ("upper", "norms"), ("shuffle", "shuffle"), ("mean", "shuffle"), ("shuffle-upper", "shuffle"), ("random", "random"))
    def value(name, condition, target):
        return score(found["infer", name], condition, target=target)
    def cell(name):
        return f"yes: {number(value(name, 'shuffle', 'shuffle'), 3)}; the mean predictor has {number(value(name, 'mean', 'shuffle'), 3)}"
    rows = [[f"{label(name)}, layer {MODELS[name][3]}", *(number(value(name, *c), 3) for c in columns)] for name in MODELS]
    text = each(found, "infer", lambda name, _: f"F1@10 is {number(value(name, 'system', 'norms'), 3)} on McRae's norms, {number(value(name, 'shuffle', 'shuffle'), 3)} on shuffled ones and {number(value(name, 'random', 'random'), 3)} on random features; "
                f"without any vector the mean predictor has {number(value(name, 'mean', 'norms'), 3)} and {number(value(name, 'mean', 'shuffle'), 3)}")
    why = ("Why: some features are common. Whoever predicts the ten most common ones for every concept is right as often on shuffled columns as on the norms, because shuffling a column keeps how common it is. On shuffled norms the mapping is below that: "
           "it has learned nothing, and adds noise. The score on shuffled norms says how much of F1@10 needs no vectors; it is no evidence that the vectors carry nothing.")
    return ("A mapping scores on shuffled features", "The paper states it.", cell, "infer", [*table(["vectors", "system", "mean", "upper", "shuffle", "mean on shuffled", "shuffle-upper", "random"], rows), *wrapped(text), *wrapped(why)])


def geometry(found):
    def value(name, condition):
        return score(found["infer", name], condition, "na_at_10_input")
    def cell(name):
        return f"yes: {number(value(name, 'shuffle'))} on shuffled features, {number(value(name, 'system'))} on the norms"
    rows = [[f"{label(name)}, layer {MODELS[name][3]}", *(number(value(name, c), 3) for c in ("system", "shuffle", "random"))] for name in MODELS]
    text = each(found, "infer", lambda name, _: f"of a concept's ten nearest neighbours among predictions {number(value(name, 'system'))} are among its ten nearest among the vectors; {number(value(name, 'shuffle'))} if it was fitted to shuffled norms, {number(value(name, 'random'))} to random features")
    why = ("Why: the mapping is linear with few components, and what is near goes to what is near, whatever is predicted. Neighbours of predictions therefore say what the vectors are like and not what was learned of the norms.")
    return ("A mapping copies the geometry of the vectors", "Asked here, because a score may come of geometry alone.", cell, "infer", [*table(["vectors", "on the norms", "on shuffled norms", "on random features"], rows), *wrapped(text), *wrapped(why)])


def information(found):
    def tests(name):
        return {a["id"]: a for a in verdict(found["infer", name], "information")["assumptions"]}
    def cell(name):
        d = found["infer", name]
        system, upper = score(d, "system", target="norms"), score(d, "upper", target="norms")
        return f"{number(system, 3)}, {'above' if system > upper else 'below'} {number(upper, 3)}; vectors: {verdict(d, 'information')['verdict']}"
    known = [name for name in MODELS if verdict(found["infer", name], "information")["verdict"] == "supported"]
    rows = [[f"{label(name)}, layer {MODELS[name][3]}", *(f"{number(tests(name)[i]['gain'], 3)} ({tests(name)[i]['outcome']})" if i in tests(name) and "gain" in tests(name)[i] else "–" for i in ("E1", "E2", "E3", "E4", "W")),
             *(verdict(found["infer", name], claim)["verdict"] for claim in ("information", "mapping"))] for name in MODELS]
    text = each(found, "infer", lambda name, d: f"system {number(score(d, 'system', target='norms'), 3)}, upper {number(score(d, 'upper', target='norms'), 3)}; *information* is {verdict(d, 'information')['verdict']}, *mapping* {verdict(d, 'mapping')['verdict']}" +
                (f" ({verdict(d, 'mapping')['decided_by']})" if verdict(d, "mapping").get("decided_by") else ""))
    why = ("Why: *upper* is how well the norms pass through so many components; a system may exceed it, so it bounds nothing. That a score is no proof does not make the claim false. Asked directly, whether concepts that differ alike in their vectors differ alike in their "
           f"properties, beyond categories and beyond groups of about twelve, the vectors of {labels(known)} carry properties. That the mapping is what shows it is another claim, for which copying the nearest neighbours has to do worse.")
    return ("The score is bounded by the method, not by what the vectors know", "The paper states it.", cell, "infer",
            [*table(["vectors", "E1 anything", "E2 beyond categories", "E3 beyond groups", "E4 unseen categories", "W beyond spelling", "*information*", "*mapping*"], rows), *wrapped(text), *wrapped(why)])


def hypernymy(found):
    sets, controls = ("abstraction", "similarity"), ("form", "permuted", "untrained", "damaged")
    def cell(name):
        d = found["relate", name]
        return f"all heads: {verdict(d, 'model')['verdict']}, {span(accuracy(d, s) for s in sets)}; single heads: {sum(h['outcome'] == 'holds' for h in d['heads'])} of {len(d['heads'])}"
    rows = [[label(name) if s == sets[0] else "", s, number(accuracy(found["relate", name], s), 3), *(number(accuracy(found["relate", name], s, c), 3) for c in controls)] for name in MODELS for s in sets]
    def heads(d):
        return ", ".join(f"{h['layer']}.{h['head']}" for h in d["heads"] if h["outcome"] == "holds") or "none"
    text = each(found, "relate", lambda name, d: f"all heads together tell {span((accuracy(d, s) for s in sets), 3)} of the pairs rightly, the best control {number(max(accuracy(d, s, c) for s in sets for c in controls), 3)}; heads that hold: {heads(d)}; {d['n_pairs']} pairs with {d['right_words']} right words")
    told = [name for name in MODELS if verdict(found["relate", name], "model")["verdict"] == "supported"]
    why = (f"Why: published is an accuracy of about .75, and {labels(told)} reach{'es' if len(told) == 1 else ''} it on words that the classifier has not seen, while no control that cannot know the relation is far above a half. So this statement of the work before holds, "
           "of all heads together. A single head is another matter: once all heads are counted, few hold or none, and a head that holds shows these pairs in these sentences and no more ([relations.md](relations.md)).")
    return ("Attention tells hypernyms from other words", "Regneri, Abdelhalim and Laue (2024) state it.", cell, "relate", [*table(["model", "against", "all heads", *controls], rows), *wrapped(text), *wrapped(why)])


STATEMENTS = (rows_stand, next_word, picture, sink, mixing, rollout, sources, shuffled, geometry, information, hypernymy)


def page(found):
    made = [statement(found) for statement in STATEMENTS]
    out = ["", *table(["statement", *(f"{label(name)}" for name in MODELS)], [[f"{k + 1}. {title}", *(cell(name) for name in MODELS)] for k, (title, _, cell, _, _) in enumerate(made)])]
    for k, (title, origin, _, kind, body) in enumerate(made):
        out += [f"### {k + 1}. {title}", "", f"{origin} Every number: `{kind}` of [the commands](#commands).", "", *body]
        if k == 0:
            out += ["![Share of rows that a linear map gives back, by layer, of four models](statements-rows.svg)", ""]
    out += ["### Commands <a id=\"commands\"></a>", "", "```", *(shown(kind, name) for kind in COMMANDS for name in MODELS), "```", ""]
    return "\n".join(out)


def figures(o):
    """Rows and maps of all models in one figure each, as the program draws them."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([o.explaint, "report", *(f"attend-{name}.json" for name in MODELS), "--figures", folder], cwd=o.folder, check=True, stderr=subprocess.DEVNULL)
        return {to: (Path(folder) / name).read_text() for name, to in FIGURES.items()}


def put(o, text, drawn):
    before, rest = PAGE.read_text().split(BEGIN + "\n")
    whole = before + BEGIN + "\n" + text + END + rest.split(END)[1]
    files = {PAGE: whole, **{ROOT / "docs" / name: svg for name, svg in drawn.items()}}
    differ = [path.name for path, content in files.items() if not path.exists() or path.read_text() != content]
    if o.check and differ:
        sys.exit(f"differ from what {o.folder} says: {', '.join(differ)}")
    if o.docs:
        for path, content in files.items():
            path.write_text(content)


def main():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("explaint", "models", "mcrae", "folder"):
        a.add_argument(f"--{name}", required=True, type=lambda text: Path(text).resolve())
    a.add_argument("--docs", action="store_true")
    a.add_argument("--check", action="store_true")
    o = a.parse_args()
    o.folder.mkdir(parents=True, exist_ok=True)
    text = page(run_all(o))
    print(text)
    if o.docs or o.check:
        put(o, text, figures(o))


if __name__ == "__main__":
    main()
