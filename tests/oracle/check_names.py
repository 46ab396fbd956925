#!/usr/bin/env python3
"""check_names.py DUMP [SEED]: names that are the same. Python's unicodedata says what a name, its lower case and its case-folded form
are, for every assigned code point and random texts; and a reader of its own, written from docs/formats.md, reads drawn norms, vectors,
lists of words, folds and categories whose cells are spelled in all ways. DUMP (names_dump.c) must say the same."""
import csv
import random
import re
import subprocess
import sys
import tempfile
import unicodedata
from pathlib import Path

import numpy as np

WHITE = "\t\n\v\f\r \x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(map(chr, range(0x2000, 0x200b)))
UNSEEN = "\xad\u180e\u200b\u200e\u200f\u2060\ufeff" + "".join(map(chr, [*range(0x202a, 0x202f), *range(0x2066, 0x206a)]))
NONE = "|none|na|n/a|#n/a|#na|<na>|nan|null|#null!|missing|-|--|\u2013|\u2014|.".split("|")
failed = 0


def fail(case, text):
    global failed
    failed += 1
    if failed <= 20:
        print(f"{case}: {text}")


def nfc(text):
    return unicodedata.normalize("NFC", text)


def name_of(cell):
    text = cell.strip(WHITE + UNSEEN)
    return nfc("".join(" " if c in WHITE and c > "\x7f" else "" if c in UNSEEN else c for c in text))


def lower_of(text):
    return "".join("i" if c == "\u0130" else c.lower() for c in text)


def key_of(text):
    return nfc(nfc(text).casefold())


def form_of(concept):
    untagged = re.sub(r"[_ ]\((?!to\)$)[^()]+\)$", "", concept)
    return " ".join(w for w in re.split(r"[_ \t\r\n]+", untagged) if w and w != "(to)") or concept


def run(binary, folder):
    done = subprocess.run([binary, folder], capture_output=True)
    return done.returncode, done.stdout.decode(), done.stderr.decode()


# ---------------------------------------------------------------- texts

def random_texts(draw, n):
    points = [chr(c) for c in range(0xa1, 0x30000) if unicodedata.category(chr(c))[0] == "L"]
    marks = [chr(c) for c in range(0x300, 0x20000) if unicodedata.category(chr(c)) in ("Mn", "Mc")]
    jamo = [chr(c) for c in [*range(0x1100, 0x1113), *range(0x1161, 0x1176), *range(0x11a8, 0x11c3)]]
    for _ in range(n):
        text = ""
        for _ in range(draw.randint(1, 6)):
            text += draw.choice(draw.choice((points, points[:400], jamo, WHITE.replace("\n", ""), UNSEEN)))
            text += "".join(draw.choice(draw.choice((marks, marks[:70]))) for _ in range(draw.choice((0, 0, 0, 1, 2, 3))))
        yield unicodedata.normalize(draw.choice(("NFC", "NFD", "NFKD")), text) if draw.random() < 0.3 else text


def check_texts(binary, draw, folder):
    texts = [f"x{chr(c)}y" for c in range(0x20, 0x110000) if unicodedata.category(chr(c)) not in ("Cn", "Cs")]
    texts += random_texts(draw, 60000)
    (folder / "spellings").write_bytes("".join(t + "\n" for t in texts).encode())
    code, out, err = run(binary, folder)
    lines = out.split("\n")[:-1]
    if code != 0 or len(lines) != len(texts):
        return fail("texts", f"exit {code}, {len(lines)} of {len(texts)} lines: {err}")
    for text, line in zip(texts, lines):
        name = name_of(text)
        expected = [name, lower_of(name), key_of(name)]
        if line.split("\1") != expected:
            fail("texts", f"{ascii(text)}: {ascii(line)}, expected {ascii(expected)}")
    return print(f"{len(texts)} texts")


# ---------------------------------------------------------------- files

STEMS = ("robin hund Hund KATZE Straße STRASSE strasse Käfer KÄFER Ärger ärger Polish polish Turkey turkey ice_cream New_York new_york "
         "ΟΔΟΣ οδος Жук жук İstanbul bat_(animal) bat_(club) Bat listened_(to) 한국 さくらんぼ が école École co-op route_66").split()
FEATURES = "has wings|has_wings|is grün|Is grün|bellt|ist_süß|a b".split("|")
CATEGORIES = ["bird", "Käfer", "Vogel", "a  b", "nap"]


def spelled(draw, text):
    """Another spelling of the same name."""
    text = unicodedata.normalize(draw.choice(("NFC", "NFC", "NFD")), text)
    if draw.random() < 0.3:
        text = text.replace(" ", draw.choice(" \xa0\u202f\u3000"))
    if draw.random() < 0.2:
        at = draw.randint(0, len(text))
        text = text[:at] + draw.choice(UNSEEN) + text[at:]
    ends = ["".join(draw.choice(WHITE + UNSEEN) for _ in range(draw.choice((0, 0, 0, 1, 2)))) for _ in "ab"]
    return ends[0] + text + ends[1]


def write(path, rows):
    with open(path, "w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)


def rows_of(path):
    with open(path, encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def category_of(cell):
    name = name_of(cell)
    return "" if name.lower() in NONE else name


def read_norms(path):
    cells, categories = {}, {}
    for concept, feature, value, category in rows_of(path)[1:]:
        row = cells.setdefault(name_of(concept), {})
        feature = name_of(feature)
        row[feature] = max(row.get(feature, 0), float(value))
        categories.setdefault(name_of(concept), category_of(category))
    return cells, categories


def take(concept, words, vectors):
    form = form_of(concept)
    first = {}
    for word, vector in zip(words, vectors):
        first.setdefault(nfc(word), vector)
    for spelling in (form, lower_of(form)):
        for text in (spelling, spelling.replace(" ", "_")):
            if text in first:
                return first[text]
    for text in (form, form.replace(" ", "_")):
        for word in words:  # an exact spelling of another concept is no other spelling of this one
            if key_of(word.strip()) == key_of(text) and nfc(word) not in WANTED:
                return vectors[words.index(word)]
    return None


WANTED = set()


def find(cell, concepts):
    """The concept that a cell of folds or categories names; None: none, or several."""
    name = name_of(cell)
    for same in (lambda c: c == name, lambda c: form_of(c) == form_of(name), lambda c: key_of(form_of(c)) == key_of(form_of(name))):
        found = [c for c in concepts if same(c)]
        if found:
            return found[0] if len(found) == 1 else None
    return None


def draw_words(draw, concepts):
    """Words of a file: of each concept some spellings or none, in any order."""
    words = ["the", ". . ."[:1], "ROBIN"]
    for concept in concepts:
        form = form_of(concept)
        for text in dict.fromkeys((form, form.lower(), form.upper(), form.title(), form.swapcase())):
            if draw.random() < 0.35:
                text = unicodedata.normalize(draw.choice(("NFC", "NFD")), text)
                words.append(text.replace(" ", "_") if draw.random() < 0.5 else text)
    draw.shuffle(words)
    return words


def check_files(binary, draw, folder, case):
    global WANTED
    concepts = draw.sample(STEMS, draw.randint(3, 14))
    rows = [["concept", "feature", "value", "category"]]
    own = {name_of(c): draw.choice(CATEGORIES + NONE) for c in concepts}
    for concept in concepts:
        for feature in draw.sample(FEATURES, draw.randint(1, 5)) * draw.randint(1, 2):
            category = own[name_of(concept)]
            if category in NONE:
                category = draw.choice(NONE)
                category = draw.choice((category, category.upper(), category.title()))
            rows.append([spelled(draw, concept), spelled(draw, feature), draw.randint(1, 9), spelled(draw, category)])
    rows[1:] = draw.sample(rows[1:], len(rows) - 1)
    write(folder / "norms", rows)
    cells, categories = read_norms(folder / "norms")
    names = list(cells)
    WANTED = {t for c in names for s in (form_of(c), lower_of(form_of(c))) for t in (s, s.replace(" ", "_"))}
    words = draw_words(draw, names)
    vectors = [float(i + 1) for i in range(len(words))]
    if draw.random() < 0.5:
        (folder / "vectors").write_text(f"{len(words)} 1\n" + "".join(f"{w} {v}\n" for w, v in zip(words, vectors)), encoding="utf-8")
    else:
        with open(folder / "vectors", "wb") as file:
            np.save(file, np.array(vectors)[:, None])
        words = [w + draw.choice(("", "", " ", "\xa0", "\t")) for w in words]
        (folder / "words").write_text("".join(w + "\n" for w in words), encoding="utf-8")
        listed = set(words)
        words = [w if w.strip() in listed else w.strip() for w in words]
    expected = [take(c, words, vectors) for c in names]
    if all(v is None for v in expected):
        return
    cell = {c: spelled(draw, draw.choice((c, c, form_of(c), c.upper(), c.title()))) for c in names}
    folds, labels = {}, {}
    if all(find(cell[c], names) == c for c in names):
        folds = {c: i % 2 for i, c in enumerate(names)}
        write(folder / "folds.csv", [["fold", "concept"]] + [[folds[c], cell[c]] for c in draw.sample(names, len(names))])
        labels = {c: draw.choice(CATEGORIES + NONE) for c in names}
        write(folder / "categories.csv", [["concept", "category"]] + [[cell[c], spelled(draw, labels[c])] for c in names])
        labels = {c: category_of(label) for c, label in labels.items()}
    code, out, err = run(binary, folder)
    if code != 0:
        return fail(case, f"exit {code}: {err}")
    lines = [line for line in out.split("\n")[:-1]]
    said = [line for line in lines if line.startswith("! ")]
    lines = [line for line in lines if not line.startswith("! ")]
    if len(lines) != len(names):
        return fail(case, f"{len(lines)} concepts, expected {len(names)}: {lines}")
    for i, (concept, line) in enumerate(zip(names, lines)):
        name, category, vector, fold, label, *pairs = line.split("\1")
        want = [concept, categories[concept], "" if expected[i] is None else f"{expected[i]:.0f}", str(folds.get(concept, -1)),
                labels.get(concept, "")]
        if [name, category, vector, fold, label] != want:
            fail(case, f"{ascii([name, category, vector, fold, label])}, expected {ascii(want)}; words {ascii(words)}")
        if dict(p.rsplit("=", 1) for p in pairs) != {f: f"{v:.0f}" for f, v in cells[concept].items()}:
            fail(case, f"cells of {ascii(concept)}: {ascii(pairs)}, expected {ascii(cells[concept])}")
    for column, what in ((0, "concept"), (1, "feature")):
        seen = {}
        for row in rows[1:]:
            seen.setdefault(name_of(row[column]), set()).add(row[column])
        several = sum(len(s) > 1 for s in seen.values())
        warned = [int(m.group(1)) for m in (re.match(rf"! (\d+) {what}s? stands? there in several", s) for s in said) if m]
        if warned != ([several] if several else []):
            fail(case, f"warned of {warned} {what}s, expected {several}")


def main():
    binary, draw = sys.argv[1], random.Random(int(sys.argv[2]) if len(sys.argv) > 2 else 1)
    with tempfile.TemporaryDirectory() as place:
        check_texts(binary, draw, Path(place))
    cases = 400
    for case in range(cases):
        with tempfile.TemporaryDirectory() as place:
            check_files(binary, draw, Path(place), f"files {case}")
    print(f"{cases} sets of files, {failed} differences")
    sys.exit(failed > 0)


main()
