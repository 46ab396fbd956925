"""check_flow.py PROGRAM: where rows come from, as `explaint attend --measures flow` says it, beside flow_reference.py on the states and maps that
`model dump` gives of two small models and the weights of their files: rows by text and pooled, maps, laws. Exits with 1 if one differs by more than
its bound."""
import json
import shutil
import sys
import tempfile
from pathlib import Path

import numpy as np
from scipy.special import erf

import flow_reference as ref
from check_embed import GOLDEN, PIECES, explaint, safetensors

BOUND = {"value_zeroing": 5e-6}  # of measures and maps that begin so; else 1e-5
STORIES = GOLDEN.parent.parent / "data" / "models" / "stories260K"
TEXTS = {"bert-gelu": ["the dog see the big cat", "", "a a a a", "this is a b . , ! dogs running ice cream the red cat"],
         "stories260K": ["Once upon a time there was a cat.", "", "no no no no", "The dog saw Tim."]}
# a word of several pieces in each; without special tokens nothing is left of an empty text
BY_WORDS = {"bert-gelu": ["the dog see the big cat", "dogs running . red"], "stories260K": ["no no no no", "The gloomy dog saw Tim."]}


def bound_of(what): return next((b for k, b in BOUND.items() if what.startswith(k)), 1e-5)


class Bert:
    causal = False

    def __init__(self, folder):
        self.attributed = {}
        self.config, (weights, _) = json.loads((folder / "config.json").read_text()), safetensors(folder / "model.safetensors")
        self.w = {k: v.astype(np.float64) for k, v in weights.items() if v.dtype == np.float32}

    def linear(self, x, name): return x @ self.w[name + ".weight"].T + self.w[name + ".bias"]

    def norm(self, name): return ref.Norm(self.w[name + ".weight"], self.w[name + ".bias"], self.config["layer_norm_eps"])

    def rest(self, layer, y):
        p = f"encoder.layer.{layer}."
        z = self.linear(y, p + "intermediate.dense")
        return self.norm(p + "output.LayerNorm")(y + self.linear(z * (1 + erf(z / np.sqrt(2))) / 2, p + "output.dense"))

    def attend(self, q, k, v, mask=0):
        """Of heads before rows."""
        scores = q @ k.swapaxes(-1, -2) / np.sqrt(q.shape[-1]) + mask
        a = np.exp(scores - scores.real.max(-1, keepdims=True))
        out = (a / a.sum(-1, keepdims=True) @ v).swapaxes(-2, -3)
        return out.reshape(*out.shape[:-2], -1)

    def heads(self, x, many): return x.reshape(*x.shape[:-1], many, -1).swapaxes(-2, -3)

    def words(self, ids): return self.w["embeddings.word_embeddings.weight"][ids]

    def states(self, words):
        positions, types = self.w["embeddings.position_embeddings.weight"][:words.shape[-2]], self.w["embeddings.token_type_embeddings.weight"][0]
        x = self.norm("embeddings.LayerNorm")(words + positions + types)
        for l in range(self.config["num_hidden_layers"]):
            p = f"encoder.layer.{l}.attention."
            heads = [self.heads(self.linear(x, p + "self." + name), self.config["num_attention_heads"]) for name in ("query", "key", "value")]
            x = self.rest(l, self.norm(p + "output.LayerNorm")(x + self.linear(self.attend(*heads), p + "output.dense")))
            yield x

    def attribution(self, ids):
        if tuple(ids) not in self.attributed: self.attributed[tuple(ids)] = ref.attribution(self.states, self.words(ids))
        return self.attributed[tuple(ids)]

    def block(self, layer, x, maps):
        p, heads, (n, d) = f"encoder.layer.{layer}.", self.config["num_attention_heads"], x.shape
        return ref.Block(x, maps, self.linear(x, p + "attention.self.value").reshape(n, heads, -1).transpose(1, 0, 2),
                         self.w[p + "attention.output.dense.weight"].T.reshape(heads, -1, d), self.w[p + "attention.output.dense.bias"], lambda y, _: self.rest(layer, y),
                         after=self.norm(p + "attention.output.LayerNorm"))


class Llama(Bert):
    causal = True

    def linear(self, x, name): return x @ self.w[name + ".weight"].T

    def norm(self, name): return ref.Norm(self.w[name + ".weight"], 0, self.config["rms_norm_eps"], rms=True)

    def rest(self, layer, y):
        p = f"model.layers.{layer}."
        z = self.norm(p + "post_attention_layernorm")(y)
        gate = self.linear(z, p + "mlp.gate_proj")
        return y + self.linear(gate / (1 + np.exp(-gate)) * self.linear(z, p + "mlp.up_proj"), p + "mlp.down_proj")

    def words(self, ids): return self.w["model.embed_tokens.weight"][ids]

    def turned(self, x):
        half = x.shape[-1] // 2
        angle = np.arange(x.shape[-2])[:, None] * self.config.get("rope_theta", 1e4) ** (-np.arange(half) / half)
        a, b, cos, sin = x[..., :half], x[..., half:], np.cos(angle), np.sin(angle)
        return np.concatenate([a * cos - b * sin, b * cos + a * sin], -1)

    def states(self, x):
        n, heads, groups = x.shape[-2], self.config["num_attention_heads"], self.config["num_key_value_heads"]
        for l in range(self.config["num_hidden_layers"]):
            p = f"model.layers.{l}."
            z = self.norm(p + "input_layernorm")(x)
            q, k, v = (self.heads(self.linear(z, f"{p}self_attn.{name}_proj"), many) for name, many in (("q", heads), ("k", groups), ("v", groups)))
            k, v = np.repeat(self.turned(k), heads // groups, -3), np.repeat(v, heads // groups, -3)
            mask = np.where(np.tri(n), 0, -1e9)
            x = self.rest(l, x + self.linear(self.attend(self.turned(q), k, v, mask), p + "self_attn.o_proj"))
            yield x

    def block(self, layer, x, maps):
        p, heads, (n, d) = f"model.layers.{layer}.", self.config["num_attention_heads"], x.shape
        values = self.linear(self.norm(p + "input_layernorm")(x), p + "self_attn.v_proj").reshape(n, self.config["num_key_value_heads"], -1)
        values = np.repeat(values.transpose(1, 0, 2), heads // self.config["num_key_value_heads"], 0)
        return ref.Block(x, maps, values, self.w[p + "self_attn.o_proj.weight"].T.reshape(heads, -1, d), np.zeros(d),
                         lambda y, _: self.rest(layer, y), causal=True)


def laws(blocks, maps, name):
    """On what the program wrote, and of the reference itself."""
    for what in ("rollout", "flow_normalised", "alti_product"): assert abs(maps[what].sum(1) - 1).max() < 1e-5, f"{name}: rows of {what} add up to 1"
    assert abs(maps["alti"].sum(2) - 1).max() < 1e-5, f"{name}: rows of ALTI add up to 1"
    for b in blocks:
        out, e = b.maps @ b.values, ref.effective(b)[2] @ b.values
        assert abs(out - e).max() < 1e-5 * abs(out).max(), f"{name}: effective attention gives the same output"


def compare(name, what, value, expected, worst):
    gap = np.abs(value - expected).max()
    worst[what] = max(worst.get(what, 0), gap)
    if not gap < bound_of(what): sys.exit(f"{name}: {what}: {value} and {expected}")


def sides_of(dump, t, tokens, model, read):
    """How the maps of a text are read by these options; None: as they are made."""
    if not read: return None
    names = [tokens[i] for i in dump[f"{t}.ids"]]
    special = [p in ("[CLS]", "[SEP]", "<s>", "</s>") or model.causal and i == 0 for i, p in enumerate(names)]
    return ref.words(names, special, "word" in read, "out" in read)


def check(name, model, folder, texts, worst, *options, flows=True, read=(), tokens=()):
    """Says how many numbers were compared. read: options for how maps are read, with the model's pieces as `tokens`."""
    work, compared = folder.parent, 0
    (work / "texts.txt").write_text("".join(t + "\n" for t in texts))
    explaint("model", "dump", "--model", folder, "--texts", work / "texts.txt", "--output", work / "dump.safetensors")
    dump, every = safetensors(work / "dump.safetensors")[0], {}
    assert "word" not in read or any(len(s.groups) < len(dump[f"{t}.ids"]) - 2 for t in range(len(texts)) for s in [sides_of(dump, t, tokens, model, read)])
    lengths = [len((sides_of(dump, t, tokens, model, read) or ref.pieces(len(dump[f"{t}.ids"]), True)).groups) for t in range(len(texts))]
    columns = [c for c in (1, 4) if c < max(lengths)]
    got = explaint("attend", "--model", folder, "--texts", work / "texts.txt", "--measures", "flow", "--columns", ",".join(map(str, columns[::-1])), "--by-text", "--json", "--damage", "reverse",
                   "--maps", work / "maps.safetensors", "--attribution", "exact", *read, *options)
    said = {(r["measure"] + (f" {r['column']}" if "column" in r else ""), r["layer"], r.get("text")): (r["value"], r["n"]) for r in json.loads(got)["rows"]}
    assert all(r.get("level") == ("word" if "word" in read else None) and r.get("scope") == ("content" if "out" in read else None) for r in json.loads(got)["rows"])
    assert abs(said["rollout_own", 1, None][0] - said["flow_own", 1, None][0]) < 1e-5, f"{name}: the flow of layer 1 is its rollout"
    maps = safetensors(work / "maps.safetensors")[0]
    for t in range(len(texts)):
        attentions, states = model.seen(dump[f"{t}.ids"]) if hasattr(model, "seen") else (dump[f"{t}.attentions"], dump[f"{t}.hidden_states"].astype(np.float64))
        blocks = [model.block(l, states[l], attentions[l]) for l in range(len(attentions))]
        sides = sides_of(dump, t, tokens, model, read)
        rows, numbers, expected = ref.of_text(blocks, flows, columns=columns, sides=sides)
        expected["attribution"] = model.attribution(dump[f"{t}.ids"])
        rows |= ref.attribution_rows(expected["attribution"], model.causal, sides)
        if sides: expected["attribution"] = np.array([sides(a) for a in expected["attribution"]])
        for what, values in expected.items(): compare(name, what, maps[f"{t}.{what}"], values, worst)
        laws(blocks, {k: maps[f"{t}.{k}"] for k in expected}, name)
        for measure, layers in {**rows, **numbers}.items():
            for l, values in enumerate(layers):
                every.setdefault((measure, l + 1), []).append(values)
                if np.size(values) > 0: compare(name, measure, said.pop((measure, l + 1, t))[0], np.mean(values), worst)
    for (measure, layer), values in every.items():
        value, n = said.pop((measure, layer, None))
        compare(name, measure, value, ref.pooled(measure, values), worst)
        if not measure.startswith("effective") and not measure.endswith("_rows"): assert n == sum(map(len, values)), (measure, n)
    assert not said, f"{name}: more rows than expected: {list(said)}"


def pieces_of(folder, name):
    if name == "bert-gelu": return PIECES
    vocabulary = json.loads((folder / "tokenizer.json").read_text())["model"]["vocab"]
    return sorted(vocabulary, key=vocabulary.get)


def too_long(folder, pieces):
    """A maximum flow takes every pair by itself: a long text has none, and a note says so."""
    (folder.parent / "long.txt").write_text("a " * 2 * pieces + "\na\n")
    got = json.loads(explaint("attend", "--model", folder, "--texts", folder.parent / "long.txt", "--measures", "rollout_own,flow_own", "--layers", "1",
                              "--truncate", pieces, "--json"))
    n = {r["measure"]: r["n"] for r in got["rows"]}
    assert n["rollout_own"] - n["flow_own"] == pieces, n
    assert any("no maximum flow of 1 of 2 texts" in l["text"] for l in got["lints"]), got["lints"]


def models(scratch):
    """name, model, folder of an encoder and of a decoder, each in a folder of its own under scratch."""
    for name, source, kind in (("bert-gelu", GOLDEN / "bert-gelu", Bert), ("stories260K", STORIES, Llama)):
        folder = Path(scratch) / name / "model"
        shutil.copytree(source, folder)
        if name == "bert-gelu": (folder / "vocab.txt").write_text("".join(p + "\n" for p in PIECES))
        yield name, kind(folder), folder


def main():
    worst = {}
    with tempfile.TemporaryDirectory() as scratch:
        for name, model, folder in models(scratch):
            check(name, model, folder, TEXTS[name], worst)
            for read in (("--level", "word"), ("--special", "out"), ("--level", "word", "--special", "out")):
                check(f"{name} {' '.join(read)}", model, folder, BY_WORDS[name], worst, read=read, tokens=pieces_of(folder, name))
        too_long(folder, 129)
    for what, gap in worst.items(): print(f"{what:30} {gap:.1e}")


if __name__ == "__main__": main()
