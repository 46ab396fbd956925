"""Norms that are legal and hostile, drawn from a seed: what check_cli.py reads through the program and through reference.py.

Wide tables, Binder's sheet, .npy arrays and Buchanan's rows, with cells missing in every spelling, quoted names with commas,
quotes and line breaks, columns that are constant (in the whole file, or in the training concepts of one fold), rows and
columns without any observed cell, features that one concept alone has or was asked, equal columns, shared vectors,
concepts without a vector, CRLF, byte order marks, tabs and gzip.

Sparse values are whole and quarter numbers, so that sums are exact and equal means are equal in every bit: rounding decides no tie.
"""
import csv
import gzip
import io

import numpy as np

import reference

SPELLINGS = ["", "na", "NA", "NaN", "nan", " na ", "nA"]
CONCEPTS = ["bat_(animal)", "bat_(baseball)", "Dolphin", "rock'n,roll", '5"disk', "two words", "listened (to)", "NA", "nan",
            "none", "line\nbreak", "Élan", "under_score", "a;b", "tab\tin"]
FEATURES = ['is "big", very', "has,comma", "two\nlines", "NA", "na ", "Concept", "value", "f0", "1.5", "Ünïcode", "a;b", "tab\tin"]


class World:
    def __init__(self, seed, concepts=None, features=None, dense=None):
        self.seed, self.rng = seed, np.random.default_rng(seed)
        rng = self.rng
        n = concepts or int(rng.integers(36, 90))
        m = features or int(rng.integers(4, 44))
        d = int(rng.integers(3, 12))
        dense = bool(rng.integers(2)) if dense is None else dense
        self.names = [f"thing{i}" for i in range(n)]
        for i, name in zip(rng.permutation(n), CONCEPTS):
            self.names[i] = name
        self.features = [f"feature {j}" for j in range(m)]
        for j, name in zip(rng.permutation(m), FEATURES):
            self.features[j] = name
        group = rng.integers(0, 4, n)
        latent = rng.normal(size=(4, 5))[group] + rng.normal(size=(n, 5))
        drive = latent @ rng.normal(size=(5, m))
        if dense:
            self.Y = np.round(3 + drive / 2 + 0.4 * rng.normal(size=drive.shape), 3)
            if rng.integers(2):
                self.Y = np.clip(self.Y, 0, 6)
        else:
            self.Y = np.where(drive > rng.uniform(0, 3, m), rng.integers(1, 120, drive.shape) / 4, 0.0)
        self.X = np.round(latent @ rng.normal(size=(5, d)) + 0.5 * rng.normal(size=(n, d)), 6)
        K = int(rng.integers(2, 7))
        self.fold = rng.permutation(n) % K
        self.category = [["a cat", "b, cat", "none", "small"][g] if i % 17 else "" for i, g in enumerate(group)]
        for i in rng.permutation(n)[:4]:
            self.category[i] = ["lonely", "pair", "pair", "A cat"][int(rng.integers(4))]  # categories of one or two
        self.damage(n, m, K)
        self.vectors = {}
        for i, name in enumerate(self.names):
            if i % 19 == 7:
                continue  # no vector
            x = self.X[i - 1] if i % 23 == 5 else self.X[i]  # a shared vector
            self.vectors.setdefault(reference.lookup(name), x)

    def damage(self, n, m, K):
        rng = self.rng
        self.missing = rng.random((n, m)) < rng.choice([0, 0.05, 0.3])
        columns = list(rng.permutation(m))
        take = lambda: columns.pop() if columns else int(rng.integers(m))
        if rng.integers(2):
            self.Y[:, take()] = 2.5  # constant
        j, f = take(), int(rng.integers(K))
        self.Y[self.fold != f, j] = 0.1  # constant in the training concepts of one fold, and not in a double
        self.Y[self.fold == f, j] = np.arange((self.fold == f).sum()) + 1.0
        j, f = take(), int(rng.integers(K))
        self.missing[self.fold != f, j] = True  # never observed in the training concepts of one fold
        j = take()
        self.Y[:, j] = 0
        self.Y[int(rng.integers(n)), j] = 4  # one concept has it
        if rng.integers(2):
            j = take()
            self.missing[:, j] = True
            self.missing[int(rng.integers(n)), j] = False  # one concept was asked
        if rng.integers(2):
            self.missing[:, take()] = True
        if rng.integers(2):
            self.missing[int(rng.integers(n))] = True
        if rng.integers(2):
            self.Y[:, take()] = 0
        j, k = take(), take()
        self.Y[:, j], self.missing[:, j] = self.Y[:, k], self.missing[:, k]  # equal columns
        if rng.integers(3) == 0:
            self.missing[:] = False

    # ------------------------------------------------------------ files

    def table(self, path, rows, delimiter=",", newline="\n", bom=False, zipped=False):
        text = io.StringIO()
        csv.writer(text, delimiter=delimiter, lineterminator=newline).writerows(rows)
        data = text.getvalue().encode("utf-8-sig" if bom else "utf-8")
        path.write_bytes(gzip.compress(data) if zipped else data)
        return path

    def form(self):
        rng = self.rng
        return {"delimiter": ",\t"[rng.integers(2)], "newline": ["\n", "\r\n"][rng.integers(2)], "bom": bool(rng.integers(2)),
                "zipped": bool(rng.integers(2))}

    def cell(self, i, j):
        if self.missing[i, j]:
            return SPELLINGS[self.rng.integers(len(SPELLINGS))]
        return repr(float(self.Y[i, j])) if self.rng.integers(2) else f"{self.Y[i, j]:.17g}"

    def wide(self, path):
        rows = [["word"] + self.features]
        rows += [[c] + [self.cell(i, j) for j in range(len(self.features))] for i, c in enumerate(self.names)]
        return self.table(path, rows, **self.form())

    def binder(self, path):
        """Binder's sheet: a word twice, other columns, columns without a header. The features are the 65 attributes."""
        self.features = list(reference.BINDER)
        self.names = [c.split("\n")[0] for c in self.names]
        self.names[3] = self.names[9] = "used"
        self.kinds = [str(self.rng.integers(1, 4)) for _ in self.names]
        self.kinds[3], self.kinds[9] = "2", "3"
        rows = [["No", "Word", "WC", "N", "Mean R"] + self.features + ["", "LEN", "IMG", "", "Type", "Super Category", "Category"]]
        for i, c in enumerate(self.names):
            rows.append([i + 1, c, self.kinds[i], 30, "0.8"] + [self.cell(i, j) for j in range(65)] +
                        ["", len(c), "n/a", "", "thing", self.category[i], "x"])
        self.names = [c if c != "used" else "used_(verb)" if i == 3 else "used_(adjective)" for i, c in enumerate(self.names)]
        self.vectors["used"] = self.X[3]
        form = self.form()
        return self.table(path, rows, **form)

    def array(self, path, concepts, features):
        Y = np.where(self.missing, np.nan, self.Y)
        self.names = [c.replace("\n", " ") for c in self.names]
        kind = self.rng.choice(["<f8", "<f4", "fortran"])
        Y = np.asfortranarray(Y) if kind == "fortran" else Y.astype(kind)
        np.save(path, Y)
        concepts.write_text("\n".join(self.names) + "\n")
        if features is not None:
            features.write_text("\n".join(f.replace("\n", " ") for f in self.features), newline="\r\n")
        return path

    def buchanan(self, path):
        """Rows of raw forms and sources; shares that are NA."""
        rng, rows = self.rng, []
        for i, c in enumerate(self.names):
            sources = ["b", "m", "v"][: int(rng.integers(1, 4))] if i % 4 == 0 else ["b"]
            rng.shuffle(sources)
            for source in sources:
                for j in np.flatnonzero(self.Y[i] > 0):
                    if len(sources) > 1 and rng.integers(4) == 0:
                        continue
                    share = "NA" if self.missing[i, j] and i % 3 == 0 else repr(float(rng.integers(1, 400) / 4))
                    for raw in range(int(rng.integers(1, 4))):
                        rows.append([source, c, f"raw{raw}", self.features[j], 3, 3, 30, "1", share, "noun", "NA", "noun", 0, 0, 0,
                                     "NA", "0.1", "mturk", "4"])
        self.names = list(dict.fromkeys(row[1] for row in rows))
        header = ("where,cue,feature,translated,frequency_feature,frequency_translated,n,normalized_feature,normalized_translated,"
                  "pos_cue,pos_feature,pos_translated,a1,a2,a3,FSG,BSG,word_list,school_code").split(",")
        return self.table(path, [header] + rows, newline=["\n", "\r\n"][rng.integers(2)])

    def others(self, folder):
        """Vectors, folds and categories, for the names that the norms have now."""
        position = {c: i for i, c in enumerate(self.names)}
        lines = ["unused " + " ".join(["0.5"] * self.X.shape[1])]
        lines += [word + " " + " ".join(repr(float(x)) for x in v) for word, v in self.vectors.items()]
        (folder / "v.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
        K = int(self.fold.max()) + 1
        kept = [c for c in self.names if reference.lookup(c) in self.vectors]
        fold = {c: int(self.fold[position[c]]) for c in self.names}
        for f, c in enumerate(kept[:K]):
            fold[c] = f  # no fold is empty
        folds = self.table(folder / "folds.csv", [["concept", "fold"]] + [[c, f] for c, f in fold.items()])
        categories = self.table(folder / "categories.csv",
                                [["concept", "category"]] + [[c, self.category[position[c]]] for c in self.names])
        return folder / "v.txt", folds, categories


def refused(e):
    """Why the program must refuse an experiment, or None."""
    cells = e.Y[e.observed] if e.observed is not None else e.Y
    if e.Y.shape[1] == 0 or cells.size == 0 or cells.min() == cells.max():
        return "nothing to predict"
    return None
