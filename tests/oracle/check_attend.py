"""check_attend.py EXPLAINT FOLDER [TEXTS]: what `explaint attend` says of continuity (g = identity) and, of encoders, of the damages without
randomness, beside transformers (eager, fp32) and attention_reference.py. Prints the largest difference of each measure; exits
with 1 if one is above its bound: 1e-5, CKA 3e-4, shares and ranks by rows whose best two are that near.

Needs torch and transformers. By hand: it takes minutes."""
import json
import subprocess
import sys

import numpy as np
import torch
from transformers import AutoModel, AutoTokenizer

import attention_reference as ref

NASTY = ["The cat saw the cat that the other cat had seen.", "Rain, rain, go away, come again another day!", "\t tabs and  double  spaces ",
         "emoji \U0001f600 and 日本語 and café", "a", "no no no no", "the of and to in", "Buffalo buffalo Buffalo buffalo buffalo buffalo Buffalo buffalo.",
         "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft", "[MASK] and <mask> and [SEP] inside of a text"]


class Reference:
    def __init__(self, folder, texts):
        self.tokenizer = AutoTokenizer.from_pretrained(folder)
        self.model = AutoModel.from_pretrained(folder, attn_implementation="eager", dtype=torch.float32).eval()
        self.words = self.model.get_input_embeddings().weight.detach().numpy()
        self.causal, self.vocabulary = hasattr(self.model, "layers"), True
        encoded = [self.tokenizer(t, return_special_tokens_mask=True) for t in texts]
        self.ids = [np.array(e["input_ids"]) for e in encoded]
        # what the text itself spells is special too
        self.special = [np.isin(i, self.tokenizer.all_special_ids) & (i != self.tokenizer.unk_token_id) for i in self.ids]
        if self.causal:
            for s in self.special: s[0] = True  # what every row sees
        self.states, self.maps, behind = [], [], []
        # transformers' last entry is behind the final norm
        if self.causal: self.model.layers[-1].register_forward_hook(lambda _, __, out: behind.append(out if torch.is_tensor(out) else out[0]))
        for ids in self.ids:
            with torch.no_grad():
                out = self.model(torch.tensor(ids)[None], output_hidden_states=True, output_attentions=True)
            self.states.append([h[0].numpy() for h in out.hidden_states])
            if self.causal: self.states[-1][-1] = behind[-1][0].numpy()
            self.maps.append([a[0].numpy() for a in out.attentions])
        self.n_texts, self.n_layers = len(texts), len(self.maps[0])

    def attention(self, layer, rows):
        block, x = self.model.encoder.layer[layer - 1], torch.tensor(rows)[None]
        with torch.no_grad():
            if self.model.config.model_type == "bert": return block.attention.self(x)[1][0].numpy()
            bias = self.model.encoder.compute_position_bias(x)
            return block.attention.attn(x, None, position_bias=bias, output_attentions=True)[1][0].numpy()

    def damaged(self, name, layer, t):
        h, special, u = self.states[t][layer - 1], self.special[t], (t + 1) % self.n_texts
        if name == "reverse": return ref.reverse(h, special)
        if name == "next-rows": return ref.next_rows(h, self.states[u][layer - 1]), None
        return ref.next_content_rows(h, special, self.states[u][layer - 1], self.special[u]), None


def damage(r, add):
    def mean(x):
        x = np.asarray(x, float)
        return np.nanmean(x) if not np.isnan(x).all() else np.nan
    for layer in range(1, r.n_layers + 1):
        for content in (False, True):
            scope = "content" if content else "whole"
            scoped = [[ref.scope(a, s, content) for a in maps[layer - 1]] for maps, s in zip(r.maps, r.special)]
            marked = [s if not content else np.zeros((~s).sum(), bool) for s in r.special]
            usable = [t for t in range(r.n_texts) if len(marked[t])]
            add("modal_target_share", mean([np.mean([ref.modal_share(a) for a in scoped[t]]) for t in usable]), layer=layer, scope=scope)
            null = []
            for t in range(r.n_texts):
                peers = [u for u in range(r.n_texts) if u != t and len(r.ids[u]) == len(r.ids[t])]
                each = [mean([ref.pearson(a, ref.scope(b, r.special[t], content)) for a, b in zip(scoped[t], r.maps[u][layer - 1])]) for u in peers] if len(marked[t]) else []
                if each: null.append(np.mean(each))
            add("damage_null_pearson", mean(null), layer=layer, scope=scope)
            for name in ("reverse", "next-rows", "next-content-rows"):
                for undone in (False, True) if name == "reverse" else (False,):
                    all_values = []
                    for t in usable:
                        rows, order = r.damaged(name, layer, t)
                        maps = r.attention(layer, rows)
                        values = []
                        for a, b in zip(scoped[t], maps):
                            b = ref.scope(ref.undo(b, order) if undone else b, r.special[t], content)
                            values.append((ref.pearson(a, b), ref.jsd(a, b), (ref.targets(a) == ref.targets(b)).mean(), ref.pattern(a, marked[t]) == ref.pattern(b, marked[t])))
                        all_values.append([mean(v) for v in zip(*values)])
                        q = dict(layer=layer, damage=name, scope=scope, undone=undone)
                        for measure, value in zip(("pearson", "jsd", "same_target", "same_pattern"), all_values[-1]):
                            add("damage_" + measure, value, text=t, **q)
                    for measure, value in zip(("pearson", "jsd", "same_target", "same_pattern"), map(mean, zip(*all_values))):
                        add("damage_" + measure, value, **q)


def main():
    program, folder = sys.argv[1:3]
    texts = NASTY + (open(sys.argv[3]).read().splitlines() if len(sys.argv) > 3 else [])
    with open("/dev/shm/attend-texts.json", "w") as file: json.dump(texts, file)
    out = subprocess.run([program, "attend", "--model", folder, "--texts", "/dev/shm/attend-texts.json", "--g", "identity", "--ranks", "all", "--by-text", "--json",
                          "--damage", "reverse,next-rows,next-content-rows"], stdout=subprocess.PIPE, check=True).stdout
    said = json.loads(out)["rows"]
    keys = ("text", "layer", "head", "measure", "g", "candidates", "reference", "distance", "hit", "rows", "standardised", "model", "damage", "undone", "scope")
    ours = {tuple(row.get(k) for k in keys): row for row in said}
    assert len(ours) == len(said), "two rows with the same qualifiers"
    worst, compared, bad = {}, 0, 0

    def add(measure, value, vocabulary=False, **q):
        nonlocal compared, bad
        q.setdefault("text", None)
        q.setdefault("head", None)
        if measure in ("identity_recovered", "own_rank_mean", "own_rank_median", "next_recovered", "chance"): q.setdefault("reference", "word"), q.setdefault("standardised", False)
        row = ours.get(tuple(q.get(k) if k != "measure" else measure for k in keys))
        if row is None or np.isnan(value):
            if not (row is None and np.isnan(value)): bad += 1; print("FAILS: only one side has", measure, q, value, row)
            return
        gap, n = abs(row["value"] - value), row.get("n", 0)
        bound = 1e-5
        if measure == "cka_previous_layer": bound = 3e-4
        if "recovered" in measure: bound = 2.5 / max(n, 1)  # rows whose best two are within 1e-5
        if "same_target" in measure or "same_pattern" in measure or "modal" in measure: bound = .02
        if measure.startswith("own_rank"): bound = 1e-4 * value if vocabulary else max(3 / max(n, 1), 0)
        name = measure + (" (vocabulary)" if q.get("candidates") == "vocabulary" else "")
        old = worst.get(name, (0, 0, 0))
        worst[name] = (max(old[0], gap), old[1] + 1, old[2] + (gap > 1e-5))
        compared += 1
        if gap > bound: bad += 1; print(f"FAILS: {measure} {q}: {row['value']} and {value}")

    r = Reference(folder, texts)
    ref.continuity(r, add)
    if not r.causal: damage(r, add)
    for name, (gap, n, over) in sorted(worst.items()): print(f"{name:36} {n:6} numbers, largest difference {gap:.1e}, {over} above 1e-5")
    print(f"{r.model.config.model_type}: {r.n_texts} texts, {compared} numbers compared, {bad} beyond their bounds")
    sys.exit(bad > 0)


main()
