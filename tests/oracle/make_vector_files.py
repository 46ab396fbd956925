#!/usr/bin/env python3
"""make_vector_files.py: writes tests/golden/vectors with gensim, pandas, SciPy and PyTorch: the same words and numbers in the files that
these programs write, and files of theirs that are refused. files.json says what check_vectors.py expects of each: "words" (which of
words.json), or "says" (a part of the sentence). Run by hand; none of these programs is needed to check."""
import contextlib
import csv
import json
import pickle
import shutil
import sys
from pathlib import Path

import gensim
import numpy as np
import pandas as pd
import scipy.io
import torch

FOLDER = Path(__file__).resolve().parent.parent / "golden" / "vectors"
WORDS = ["robin", "new york", "route 66", "o'clock", "café", "1000", "sea of tranquility", "a", "NA", "nan", "true", "b c", "tuna", "owl", "x.y"]
WIDTH = 6
files = {}


def reads(name, words="all"):
    files[name] = {"words": words}
    return FOLDER / name


def refused(name, says):
    files[name] = {"says": says}
    return FOLDER / name


def tables(vectors):
    named = pd.DataFrame(vectors, columns=[f"d{i}" for i in range(WIDTH)])
    named.insert(0, "word", WORDS)
    indexed = pd.DataFrame(vectors, index=WORDS)
    indexed.to_csv(reads("index.csv"))
    indexed.rename_axis("word").to_csv(reads("index-named.csv"))
    indexed.to_csv(reads("index-no-header.csv"), header=False)
    named.to_csv(reads("numbered.csv"))
    named.to_csv(reads("plain.csv"), index=False)
    named.to_csv(reads("plain-no-header.csv"), index=False, header=False)
    named.to_csv(reads("semicolons.csv"), index=False, sep=";")
    named.to_csv(reads("decimal-commas.csv"), index=False, sep=";", decimal=",")
    named.to_csv(reads("quoted-commas.csv"), index=False, decimal=",")
    named.to_csv(reads("tabs.tsv"), index=False, sep="\t")
    named.to_csv(reads("tabs-numbered.tsv"), sep="\t")
    named.to_csv(reads("tabs-no-header.tsv"), index=False, header=False, sep="\t")
    named.to_csv(reads("quoted.csv"), index=False, quoting=csv.QUOTE_ALL)
    named.to_csv(reads("quoted.tsv"), index=False, header=False, quoting=csv.QUOTE_NONNUMERIC, sep="\t")
    named.to_csv(reads("quoted.txt"), index=False, quoting=csv.QUOTE_NONNUMERIC, sep=" ")
    named.to_csv(reads("excel.csv"), index=False, sep=";", encoding="utf-8-sig", lineterminator="\r\n")
    (FOLDER / "sep.csv").write_text("sep=;\n" + named.to_csv(index=False, sep=";"))
    reads("sep.csv")
    more = named.assign(pos="noun", frequency=range(10, 10 + len(WORDS)))
    more[["word", "pos", "frequency", *[f"d{i}" for i in range(WIDTH)]]].to_csv(reads("more-columns.csv"), index=False)
    named[[*[f"d{i}" for i in range(WIDTH)], "word"]].to_csv(reads("word-last.csv"), index=False)
    named.assign(word=["", *WORDS[1:]]).to_csv(reads("no-word.csv", "but the first"), index=False)
    named.assign(d2=[1, None, *range(2, len(WORDS))]).to_csv(refused("missing.csv", "an empty cell"), index=False)
    named.drop(columns="word").to_csv(refused("numbers.csv", "numbers alone"), index=False)
    pd.DataFrame({"concept": ["robin", "robin"], "feature": ["flies", "sings"], "value": [3, 2]}).to_csv(
        refused("norms.csv", "these are norms"), index=False)


def of_gensim(vectors):
    keyed = gensim.models.KeyedVectors(WIDTH)
    keyed.add_vectors(WORDS, vectors)
    keyed.save_word2vec_format(reads("gensim.bin"), binary=True)
    keyed.save_word2vec_format(reads("gensim.txt"), binary=False)
    keyed.save_word2vec_format(refused("gensim-no-header.txt", "COUNT 6"), binary=False, write_header=False)
    with contextlib.chdir(refused("gensim.kv", "KeyedVectors.load").parent):  # the file keeps the path that it was saved under
        keyed.save("gensim.kv")
    texts = [["a", "b", "c"], ["b", "c", "d"]] * 3
    small = {"vector_size": 4, "min_count": 1, "epochs": 1, "workers": 1, "seed": 1}
    gensim.models.Word2Vec(texts, **small).save(str(refused("gensim.model", "KeyedVectors.load")))
    fast = gensim.models.FastText(texts, bucket=10, **small)
    gensim.models.fasttext.save_facebook_model(fast, str(refused("fasttext.bin", "a fastText model")))


def others(vectors):
    torch.save(torch.tensor(vectors), refused("torch.pt", "PyTorch"))
    torch.save(torch.tensor(vectors), refused("torch-old.pt", "PyTorch"), _use_new_zipfile_serialization=False)
    pd.DataFrame(vectors, index=WORDS).to_pickle(refused("pandas.pkl", "pandas.read_pickle"))
    for protocol in (0, 1, 2, 4):
        refused(f"dictionary-{protocol}.pkl", "a Python pickle").write_bytes(pickle.dumps(dict(zip(WORDS, vectors.tolist())), protocol))
    scipy.io.savemat(refused("matlab.mat", "a MATLAB file"), {"v": vectors})
    scipy.sparse.save_npz(refused("sparse.npz", "a sparse matrix of SciPy"), scipy.sparse.csr_matrix(vectors))
    np.savez(reads("words.npz"), **dict(zip(WORDS, vectors)))
    objects = np.empty(2, dtype=object)
    objects[:] = [vectors[0], None]
    np.savez(refused("objects.npz", "Python objects"), objects)
    pd.DataFrame(vectors).to_excel(refused("sheet.xlsx", "save the sheet as CSV"))


def main():
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    vectors = np.random.default_rng(20261129).normal(size=(len(WORDS), WIDTH)).astype("<f4")
    np.save(FOLDER / "expected.npy", vectors)
    tables(vectors)
    of_gensim(vectors)
    others(vectors)
    made = {"gensim": gensim.__version__, "pandas": pd.__version__, "torch": torch.__version__, "numpy": np.__version__}
    for name in sorted(p.name for p in FOLDER.iterdir()):  # gensim may put arrays beside
        if name not in files and name != "expected.npy":
            sys.exit(f"{name}: written beside what was meant")
    (FOLDER / "files.json").write_text(json.dumps({"made_with": made, "words": WORDS, "files": files}, indent=1, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
