#!/usr/bin/env python3
"""Writes tests/golden/tables/: tables of norms as pandas, R and spreadsheets write them, and what pandas reads in each when it is
told everything (separator, decimals, which column is for what). test_tables must find the same without being told.

index.tsv has a line a case: file, --columns, --drop-columns, --sheet, a part of the one warning ("" for none; parts with | between for
several), a part of a note; "-" stands for nothing. NAME.values has the values that are not zero: concept, feature, value, by tabs.
Run: python tests/oracle/make_tables.py     (pandas 3.1, openpyxl 3.1; by hand, the files are kept)
"""
import csv
import io
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd

OUT = Path(__file__).resolve().parent.parent / "golden" / "tables"
INDEX = []
WORDS = "robin eagle crow owl hawk sparrow trout shark salmon cod tuna carp".split()
N = len(WORDS)
rng = np.random.default_rng(20261129)
FEATURES = ["can fly", "has_wings", "is heavy", "lays eggs", "swims", "has \"scales\""]
COUNTS = pd.DataFrame(rng.integers(1, 30, (N, 6)) * (rng.random((N, 6)) < .45), index=pd.Index(WORDS, name="concept"), columns=FEATURES)
DIMENSIONS = ["Auditory", "Gustatory", "Haptic", "Olfactory", "Visual", "Head", "Mouth"]
RATINGS = pd.DataFrame(rng.uniform(0, 5, (N, 7)).round(3), index=pd.Index(WORDS, name="Word"), columns=DIMENSIONS)
LONG = COUNTS.stack().rename("value").rename_axis(["concept", "feature"]).reset_index()
LONG = LONG[LONG.value > 0].reset_index(drop=True)


def case(name, content, read, columns="-", drop="-", sheet="-", warning="-", note="-"):
    """content: text, bytes, or what writes the file; read(path): the wide table that is meant, concepts as index."""
    path = OUT / name
    if callable(content):
        content(path)
    else:
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    wide = read(path).fillna(0)
    values = [(str(c), str(f), float(v)) for c, row in wide.iterrows() for f, v in row.items() if v != 0]
    (OUT / (name + ".values")).write_text("".join(f"{c}\t{f}\t{v!r}\n" for c, f, v in values), encoding="utf-8")
    INDEX.append("\t".join([name, columns, drop, sheet, warning, note]))


def text(frame, **options):
    return frame.to_csv(**options)


def reader(**options):
    return lambda path: pd.read_csv(path, **options)


def picked(names, **options):
    """The table with these features only."""
    return lambda path: pd.read_csv(path, **options)[list(names)]


def named(concept, **options):
    """The table of pandas or R with its index in front."""
    return lambda path: pd.read_csv(path, index_col=0, **options).set_index(concept)


def pivoted(concept, feature, value, **options):
    def read(path):
        d = pd.read_csv(path, **options)
        return d.pivot_table(index=concept, columns=feature, values=value, aggfunc="max")
    return read


def wide_of_pandas():
    case("pandas-index.csv", text(COUNTS), reader(index_col=0))
    case("pandas-range.csv", text(COUNTS.reset_index()), named("concept"), note="number or name the rows")
    case("pandas-unnamed.csv", text(COUNTS.reset_index().rename_axis("Unnamed: 0")), named("concept"), note="Unnamed: 0")
    case("pandas-filtered.csv", text(COUNTS.reset_index().iloc[[0, 2, 3, 5, 6, 7, 8, 9, 10, 11]]),
         named("concept"), note="number or name the rows")
    case("pandas-id.csv", text(COUNTS.reset_index().assign(item=rng.permutation(N) + 101).set_index("item")),
         reader(index_col="concept"), note="\"concept\" is read as the concepts", warning="item (each concept has a whole number of its own)")
    case("pandas-quoted.csv", text(COUNTS, quoting=csv.QUOTE_ALL), reader(index_col=0))
    case("pandas-bool.csv", text(COUNTS > 0), reader(index_col=0), note="TRUE and FALSE are read as 1 and 0 in 6 columns")
    case("pandas-bom.tsv", text(COUNTS, sep="\t").encode("utf-8-sig"), reader(index_col=0, sep="\t", encoding="utf-8-sig"))
    case("pandas-cr.csv", text(COUNTS, lineterminator="\r"), reader(index_col=0, lineterminator="\r"))
    case("pandas-na.csv", text(RATINGS.where(RATINGS > 1), na_rep="NaN"), reader(index_col=0))
    case("categories.csv", text(COUNTS.assign(category=["bird"] * 6 + ["fish"] * 6, domain=["air"] * 6 + ["sea"] * 6)),
         picked(FEATURES, index_col=0), note="columns not read, which hold text: domain")
    case("language-first.csv", text(COUNTS.reset_index().rename(columns={"concept": "Word"}).assign(Language="English").set_index("Language")),
         lambda p: pd.read_csv(p).set_index("Word")[FEATURES], note="\"Word\" is read as the concepts")


def r_text(frame, sep=",", dec=".", row_names=True, quote=True, corner=None):
    """As R's write.table: strings in quotes; with row names the header has one cell less, or corner in its place."""
    def cell(v):
        if isinstance(v, str):
            return '"' + v.replace('"', '""') + '"' if quote else v
        return str(v).upper() if isinstance(v, (bool, np.bool_)) else repr(v).replace(".", dec)

    head = [cell(str(c)) for c in frame.columns]
    lines = [sep.join(([cell(corner)] if corner is not None else []) + head)]
    for i, row in zip(frame.index, frame.itertuples(index=False)):
        lines.append(sep.join(([cell(str(i))] if row_names else []) + [cell(v) for v in row]))
    return "\n".join(lines) + "\n"


def tables_of_r():
    frame = RATINGS.reset_index()
    frame.index = range(1, N + 1)
    case("r-table.txt", r_text(COUNTS, sep="\t"), lambda p: pd.read_csv(p, sep="\t", index_col=0), note="R's row names")
    case("r-table-comma.csv", r_text(COUNTS), lambda p: pd.read_csv(p, index_col=0), note="R's row names")
    case("r-table-numbered.csv", r_text(frame, quote=False), lambda p: pd.read_csv(p, index_col=0).set_index("Word"), note="R's row names")
    case("r-csv.csv", r_text(frame, corner=""), lambda p: pd.read_csv(p, index_col=0).set_index("Word"), note="number or name the rows")
    case("r-csv2.csv", r_text(frame, sep=";", dec=",", corner=""), lambda p: pd.read_csv(p, sep=";", decimal=",", index_col=0).set_index("Word"),
         note="decimals are read with a comma")
    case("r-matrix.csv", r_text(COUNTS > 0, corner=""), lambda p: pd.read_csv(p, index_col=0), note="TRUE and FALSE")
    again = frame.reset_index(names="X").rename_axis("X.1")
    case("r-twice.csv", text(again), lambda p: pd.read_csv(p).set_index("Word")[DIMENSIONS], note="number or name the rows: X.1, X")
    case("r-letters.csv", text((COUNTS > 0).replace({True: "T", False: "F"})),
         lambda p: pd.read_csv(p, index_col=0).replace({"T": 1, "F": 0}), note="T and F are read as 1 and 0")


def spreadsheets():
    german = RATINGS.rename_axis("Wort").rename(columns={"Auditory": "Gehör, laut", "Head": "Länge"})
    case("sep-line.csv", "sep=;\r\n" + text(COUNTS, sep=";", lineterminator="\r\n"), reader(index_col=0, sep=";", skiprows=1))
    case("excel-german.csv", text(german, sep=";", decimal=",", lineterminator="\r\n"), reader(index_col=0, sep=";", decimal=","),
         note="decimals are read with a comma", warning="Länge (the name says so)")
    case("tabs-decimal-comma.txt", text(RATINGS, sep="\t", decimal=","), reader(index_col=0, sep="\t", decimal=","))
    case("rows-of-separators.csv", text(COUNTS, sep=";") + ";" * 6 + "\n" + ";" * 9 + "\n" + ";" * 6 + "\n",
         lambda p: pd.read_csv(p, sep=";", index_col=0, nrows=N))
    body = text(COUNTS)
    case("ends-in-separator.csv", body.replace("\n", ",\n"), lambda p: pd.read_csv(p, index_col=0).iloc[:, :6])
    head, rest = body.split("\n", 1)
    case("rows-end-in-separator.csv", head + "\n" + rest.replace("\n", ",\n"), lambda p: pd.read_csv(p, index_col=False).set_index("concept"))
    commas = COUNTS.rename(columns={"is heavy": "is heavy, large, slow, or big, as people say"})
    case("header-with-commas.tsv", text(commas, sep="\t", quoting=csv.QUOTE_NONE, escapechar=None, quotechar="'"),
         reader(index_col=0, sep="\t", quoting=csv.QUOTE_NONE))
    case("yes-no.csv", text((COUNTS > 0).replace({True: "yes", False: "no"})),
         lambda p: pd.read_csv(p, index_col=0).replace({"yes": 1, "no": 0}), note="yes and no are read as 1 and 0")
    case("wahr.csv", text((COUNTS > 0).replace({True: "WAHR", False: "FALSCH"}), sep=";"),
         lambda p: pd.read_csv(p, sep=";", index_col=0).replace({"WAHR": 1, "FALSCH": 0}), note="WAHR and FALSCH")
    quotes = COUNTS.set_axis(["\"big\" " + w for w in WORDS])
    case("google.tsv", text(quotes.rename_axis("word").rename(columns=lambda c: c.replace('"', "")), sep="\t", quoting=csv.QUOTE_NONE, quotechar="\a"),
         reader(index_col=0, sep="\t", quoting=csv.QUOTE_NONE))
    spss = RATINGS.astype(str)
    spss.iloc[1, 1], spss.iloc[2, 2], spss.iloc[3, 3] = " ", "#NULL!", "."
    case("spss.csv", text(spss, sep=";"), lambda p: pd.read_csv(p, sep=";", index_col=0, na_values=[" ", "#NULL!", "."]))


def workbook(sheets):
    def write(path):
        book = openpyxl.Workbook()
        book.remove(book.active)
        for name, frame in sheets:
            sheet = book.create_sheet(name)
            for row in frame:
                sheet.append(row)
        book.save(path)
    return write


def rows_of(frame, head):
    return [[head, *frame.columns]] + [[i, *map(lambda v: v.item(), r)] for i, r in zip(frame.index, frame.to_numpy())]


def workbooks():
    booleans = rows_of(COUNTS > 0, "concept")
    case("bool.xlsx", workbook([("s", booleans)]), lambda p: pd.read_excel(p, index_col=0).astype(float), note="TRUE and FALSE")
    errors = rows_of(RATINGS, "Word")
    errors[3][2], errors[4][3] = "#N/A", None
    case("na.xlsx", workbook([("s", errors)]), lambda p: pd.read_excel(p, index_col=0))
    small, big = rows_of(COUNTS.head(3), "concept"), rows_of(COUNTS, "concept")
    case("two-sheets.xlsx", workbook([("pilot", small), ("main", big)]), lambda p: pd.read_excel(p, index_col=0, sheet_name="main"),
         note="number 2 is read, \"main\"; others look like norms as well: \"pilot\" (--sheet NAME")
    case("chosen-sheet.xlsx", workbook([("pilot", small), ("main", big)]), lambda p: pd.read_excel(p, index_col=0, sheet_name="pilot"),
         sheet="pilot", note="of 2 sheets number 1 is read, \"pilot\"")
    case("numbered-sheet.xlsx", workbook([("pilot", small), ("main", big)]), lambda p: pd.read_excel(p, index_col=0, sheet_name=0), sheet="1")
    case("codebook.xlsx", workbook([("codes", [["column", "meaning"], ["swims", "it swims"], ["can fly", "it flies"]]), ("data", big)]),
         lambda p: pd.read_excel(p, index_col=0, sheet_name="data"), note="number 2 is read, \"data\"")
    index = [[None] + big[0]] + [[i] + r for i, r in enumerate(big[1:])]
    case("index.xlsx", workbook([("s", index)]), lambda p: pd.read_excel(p, index_col=0).set_index("concept"), note="number or name the rows")


def metadata():
    letters = [len(w) for w in WORDS]
    front = COUNTS.copy()
    front.insert(0, "word_id", range(1, N + 1))
    front.insert(1, "Buchst", letters)
    front.insert(2, "log_freq", rng.uniform(1, 4, N).round(2))
    case("metadata.csv", text(front), reader(index_col=0), warning="word_id|Buchst (how many letters|log_freq (the name")
    case("metadata-dropped.csv", text(front), picked(FEATURES, index_col=0), drop="word_id,Buchst,log_*", note="left out by --drop-columns: word_id, Buchst, log_freq")
    plain = COUNTS.assign(Vertrautheit=rng.uniform(1, 7, N).round(2), Kode=rng.permutation(np.repeat(np.arange(2000, 2000 + 37 * N // 2, 37), 2)))
    case("metadata-unnamed.csv", text(plain), reader(index_col=0), warning="Kode (far larger than all others)|Vertrautheit (other numbers")
    case("metadata-binary.csv", text((COUNTS > 0).astype(int).assign(AoA=rng.uniform(2, 9, N).round(1))), reader(index_col=0), warning="AoA (other numbers")
    lancaster = pd.concat([RATINGS.add_suffix(".mean"), RATINGS.div(3).round(2).add(.1).add_suffix(".SD")], axis=1).assign(**{
        "Max_strength.perceptual": RATINGS.max(axis=1), "Exclusivity.perceptual": .5, "Dominant.perceptual": "Visual",
        "N_known.perceptual": rng.integers(15, 19, N), "List#.perceptual": rng.integers(1, 40, N)})
    means = [d + ".mean" for d in DIMENSIONS]
    case("lancaster.csv", text(lancaster), lambda p: pd.read_csv(p, index_col=0).drop(columns="Dominant.perceptual"),
         warning="Auditory.SD|Max_strength.perceptual|--drop-columns '*.SD,", note="which hold text: Dominant.perceptual")
    case("lancaster-dropped.csv", text(lancaster), picked(means, index_col=0), drop="*.SD,*.perceptual")
    case("lancaster-honest.csv", text(RATINGS.add_suffix(".mean")), reader(index_col=0))
    glasgow = pd.concat([RATINGS.add_suffix("_M"), RATINGS.add(.1).div(3).round(3).add_suffix("_SD"),
                         pd.DataFrame(rng.integers(30, 38, (N, 7)), index=RATINGS.index, columns=[d + "_N" for d in DIMENSIONS])], axis=1)
    case("glasgow.csv", text(glasgow), reader(index_col=0), warning="14 of 21 columns|Auditory_SD|--drop-columns '*_SD,*_N'")
    case("glasgow-honest.csv", text(RATINGS.add_suffix("_M")), reader(index_col=0))
    warriner = pd.DataFrame({f"{d}.{s}.{g}": RATINGS[x] if s == "Mean" else RATINGS[x].div(2).round(2) + .2 if s == "SD" else rng.integers(20, 30, N)
                             for d, x in zip("VAD", DIMENSIONS) for g in ("Sum", "M", "F") for s in ("Mean", "SD", "Rat")}, index=RATINGS.index)
    case("warriner.csv", text(warriner.reset_index()), lambda p: pd.read_csv(p, index_col=0).set_index("Word"),
         warning="18 of 27 columns|--drop-columns '*.SD.*,*.Rat.*'")
    dotted = pd.concat([RATINGS.add_prefix("Mean "), RATINGS.add(.1).div(4).round(3).add_prefix("St. Dev. ")], axis=1).assign(lexique_freq=RATINGS.Head.add(.2))
    case("spelled-out.csv", text(dotted), reader(index_col=0), warning="8 of 15 columns|St. Dev. Auditory|lexique_freq (the name")
    case("no-signs.csv", text(pd.concat([RATINGS.rename(columns=lambda c: c.lower() + "mean"), RATINGS.add(.1).div(4).round(3).rename(
        columns=lambda c: c.lower() + "sd")], axis=1)), reader(index_col=0), warning="7 of 14 columns|auditorysd")
    case("binary-honest.csv", text((COUNTS > 0).astype(int)), reader(index_col=0))
    case("ratings-honest.csv", text(RATINGS), reader(index_col=0))
    case("centred-honest.csv", text(RATINGS.sub(2.5).round(3)), reader(index_col=0))


def marks():
    for code, frame, head in ((-999, RATINGS, "ratings"), (-99, COUNTS, "counts"), (-9, RATINGS, "ratings"), (-1, RATINGS, "ratings"),
                              (99, RATINGS, "ratings"), (999, COUNTS, "counts"), (9, (COUNTS > 0).astype(int), "binary"), (-9, (COUNTS > 0).astype(int), "binary")):
        marked = frame.copy()
        for i, j in ((1, 2), (4, 3), (7, 0), (9, 5)):
            marked.iloc[i, j] = code
        case(f"mark{code}-{head}.csv", text(marked), reader(index_col=0), warning=f"{code} stands in 4 cells")
    hidden = RATINGS.assign(Vorkommen=rng.integers(500, 90000, N))
    hidden.iloc[2, 1] = hidden.iloc[5, 4] = 99
    case("mark99-hidden.csv", text(hidden), reader(index_col=0), warning="Vorkommen (|99 stands in 2 cells")


def long_tables():
    german = {"concept": "Wort", "feature": "Merkmal", "value": "Anteil"}
    fraction = LONG.assign(value=LONG.value / 32)
    case("long.csv", text(LONG, index=False), pivoted("concept", "feature", "value"))
    case("long-index.csv", text(LONG), pivoted("concept", "feature", "value"), note="column 1, which has no name")
    case("cslb.tsv", text(LONG.assign(**{"feature type": "visual"}).rename(columns={"value": "pf"}), sep="\t", index=False),
         pivoted("concept", "feature", "pf", sep="\t"), note="\"pf\" is read as the values")
    case("production-frequency.csv", text(LONG.rename(columns={"value": "Production Frequency"}), index=False),
         pivoted("concept", "feature", "Production Frequency"), note="is read as the values")
    case("word-feature-freq.csv", text(LONG.rename(columns={"concept": "Word", "feature": "Feature", "value": "Freq"}), index=False), pivoted("Word", "Feature", "Freq"))
    case("n-and-pct.csv", text(LONG.rename(columns={"value": "n"}).assign(pct=LONG.value / .3), index=False), pivoted("concept", "feature", "n"),
         warning="\"n\" is read as the values, and it might be \"pct\" as well")
    case("pct-chosen.csv", text(LONG.rename(columns={"value": "n"}).assign(pct=LONG.value / 64), index=False), pivoted("concept", "feature", "pct"),
         columns="value=pct")
    case("german.csv", text(fraction.rename(columns=german), index=False, sep=";", decimal=","),
         pivoted("Wort", "Merkmal", "Anteil", sep=";", decimal=","), columns="concept=Wort,feature=Merkmal,value=Anteil", note="decimals are read with a comma")
    case("french.csv", text(LONG.rename(columns={"concept": "Mot", "feature": "Trait, propre", "value": "Effectif"}), index=False),
         pivoted("Mot", "Trait, propre", "Effectif"), columns='concept=mot,"feature=Trait, propre",value=effectif')
    ones = lambda p: pd.read_csv(p).assign(one=1).pivot_table(index="concept", columns="feature", values="one")
    case("values-not-read.csv", text(LONG.rename(columns={"value": "Antworten"}), index=False), ones, warning="\"Antworten\" are not read")
    case("pairs.csv", text(LONG[["concept", "feature"]], index=False), ones, note="every pair counts 1")
    raw = LONG.loc[LONG.index.repeat(LONG.value)].sample(frac=1, random_state=3)[["concept", "feature"]]
    counted = lambda p: pd.read_csv(p).groupby(["concept", "feature"]).size().unstack()
    case("responses.csv", text(raw, index=False), counted, note="counts as many rows as it has")
    case("responses-people.csv", text(raw.assign(Participant=rng.integers(1, 40, len(raw)), rt=rng.integers(300, 900, len(raw))), index=False), counted,
         note="counts as many rows as it has")
    few = pd.concat([LONG[["concept", "feature"]], LONG[["concept", "feature"]].iloc[:1]])
    case("few-repeats.csv", text(few, index=False), lambda p: pd.read_csv(p).drop_duplicates().assign(one=1).pivot_table(index="concept", columns="feature", values="one"),
         warning="rows repeat a pair of concept and feature and are dropped")
    ones = LONG.loc[LONG.index.repeat(LONG.value)].assign(value=1)
    case("responses-of-one.csv", text(ones, index=False), pivoted("concept", "feature", "value"), warning="rows repeat a pair|--drop-columns")
    case("responses-counted.csv", text(ones, index=False), counted, drop="value", note="counts as many rows as it has")
    marked = LONG.copy()
    marked.loc[[3, 8], "value"] = -999
    case("long-mark.csv", text(marked, index=False), pivoted("concept", "feature", "value"), warning="-999 stands in 2 cells")


def names_of_values():
    """Means beside deviations and counts, in a row for each pair."""
    rated = RATINGS.stack().rename("mean").rename_axis(["concept", "feature"]).reset_index()
    rated = rated.assign(sd=(rated["mean"] / 4 + .3).round(2), n=[20 + i % 7 for i in range(len(rated))])
    for name, mean, sd, n in (("means", "mean", "sd", "n"), ("means-M", "M", "SD", "N"), ("means-rating", "rating", "stdev", "count"), ("means-two-words", "Mean.Rating", "Rating.SD", "n_raters"),
                              ("means-typicality", "typicality_mean", "typicality_sd", "N"), ("means-german", "Mittelwert", "Standardabweichung", "Anzahl"), ("means-response", "response", "sd", "rt")):
        case(name + ".csv", text(rated.rename(columns={"mean": mean, "sd": sd, "n": n}), index=False), pivoted("concept", "feature", mean), note=f"\"{mean}\" is read as the values")
    case("count-beside.csv", text(LONG.rename(columns={"value": "freq"}).assign(typicality=rated["mean"].iloc[:len(LONG)] + 1), index=False), pivoted("concept", "feature", "freq"),
         warning="\"freq\" is read as the values, and it might be \"typicality\"")
    case("rating-and-freq.csv", text(LONG.rename(columns={"value": "freq"}).assign(rating=rated["mean"].iloc[:len(LONG)] + 1), index=False), pivoted("concept", "feature", "rating"),
         warning="\"rating\" is read as the values, and it might be \"freq\"")
    case("m-beside-f.csv", text(LONG.rename(columns={"value": "m"}).assign(f=3), index=False), pivoted("concept", "feature", "m"), warning="\"m\" is read as the values, and it might be \"f\"")


def ones_and_nothing():
    yes = COUNTS > 0
    one = lambda p: pd.read_csv(p, index_col=0).notna().astype(int)
    for name, sign in (("x", "x"), ("capital", "X"), ("check", "\u2713"), ("yes", "yes"), ("plus", "+")):
        case(f"only-{name}.csv", text(yes.replace({True: sign, False: ""})), one, note="is read as 1 in 6 columns")
    case("only-1.csv", text(yes.replace({True: "1", False: ""})), reader(index_col=0))
    case("only-1-dash.csv", text(yes.replace({True: "1", False: "-"})), reader(index_col=0, na_values="-"))
    case("x-beside-numbers.csv", text(RATINGS.assign(leave_out=["x", ""] * 6)), picked(DIMENSIONS, index_col=0), note="which hold text: leave_out")


def rows_of_summaries():
    def with_row(frame, name, row, first=False):
        extra = pd.DataFrame([row], index=[name], columns=frame.columns)
        return pd.concat([extra, frame] if first else [frame, extra]).rename_axis(frame.index.name)
    total = with_row(RATINGS, "Total", RATINGS.sum().round(3))
    case("row-total.csv", text(total), reader(index_col=0), warning="the row \"Total\" (line 14) holds the sums")
    case("row-nameless-sum.csv", text(with_row(RATINGS, "everything", RATINGS.sum().round(1))), reader(index_col=0), warning="\"everything\" (line 14) holds the sums")
    case("row-mean.csv", text(with_row(with_row(RATINGS, "MW", RATINGS.mean().round(2)), "SD", RATINGS.std().round(2))), reader(index_col=0),
         warning="\"MW\" (line 14) holds the means|\"SD\" (line 15), at the end of the table")
    case("row-total-mean.csv", text(with_row(total, "Mean", RATINGS.mean())), reader(index_col=0), warning="holds the sums|\"Mean\" (line 15) holds the means")
    case("row-counts.csv", text(with_row(COUNTS, "Summe", COUNTS.sum())), reader(index_col=0), warning="\"Summe\" (line 14) holds the sums")
    case("row-scale.csv", text(with_row(RATINGS, "scale", [6.0] * 7, first=True)), reader(index_col=0), warning="the first row, \"scale\" (line 2), has the largest value of all, 6")
    case("row-long-total.csv", text(pd.concat([LONG, COUNTS.sum().rename("value").rename_axis("feature").reset_index().assign(concept="Total")]), index=False), pivoted("concept", "feature", "value"),
         warning="\"Total\" (line 41), at the end of the table")
    case("row-honest.csv", text(RATINGS.rename(index={"owl": "sum", "trout": "mean", "tuna": "count"})), reader(index_col=0))
    equal = (COUNTS > 0).astype(int)
    equal.iloc[:] = equal.iloc[0].to_numpy()
    equal.iloc[11] = 1
    case("row-equal-honest.csv", text(equal), reader(index_col=0))


def points():
    """Three digits behind the point, which no thousands are."""
    fixed = {"float_format": "%.3f"}
    case("three-digits-honest.tsv", text(RATINGS + 1, sep="\t", **fixed), reader(index_col=0, sep="\t"))
    case("three-digits-zero-honest.csv", text(RATINGS.div(5), sep=";", **fixed), reader(index_col=0, sep=";"))
    thirds = pd.DataFrame([[1 + (5 * i + 4 * j) % 19 / 3 for j in range(7)] for i in range(N)], index=RATINGS.index, columns=DIMENSIONS)
    case("three-raters-honest.csv", text(thirds.map(lambda v: f"{v:.3f}".removesuffix(".000")), sep=";"), reader(index_col=0, sep=";"))
    case("three-digits-count-honest.csv", text((RATINGS + 1).map("{:.3f}".format).assign(Alter=[20 + i % 5 for i in range(N)]), sep=";"), reader(index_col=0, sep=";"),
         warning="Alter (")
    few = (COUNTS + 2).assign(frequent=["1.234", "1.871", *map(str, range(300, 300 + 41 * 10, 41))])
    case("thousands-perhaps.csv", text(few, sep=";"), reader(index_col=0, sep=";"), warning="\"1.234\" in column \"frequent\" is read as that of a decimal|frequent (")


def columns_of_summaries():
    summed = RATINGS.assign(Mean=RATINGS.mean(axis=1).round(2), Total=RATINGS.sum(axis=1).round(1))
    case("columns-mean-total.csv", text(summed), reader(index_col=0), warning="Total (the name says so)|Mean (the mean or the sum of the other columns)")
    case("columns-nameless.csv", text(RATINGS.assign(Embodiment=RATINGS.sum(axis=1).round(2))), reader(index_col=0), warning="Embodiment (the mean or the sum of the other columns)")
    bounded = pd.concat([RATINGS, RATINGS.sub(.5).round(3).add_suffix("_lower"), RATINGS.add(.5).round(3).add_suffix("_upper")], axis=1)
    case("columns-bounds.csv", text(bounded), reader(index_col=0), warning="14 of 21 columns|Auditory_lower|--drop-columns '*_lower,*_upper'")
    case("columns-one-bound-honest.csv", text(RATINGS.rename(columns={"Mouth": "Head_upper"})), reader(index_col=0))
    shares = RATINGS.div(RATINGS.sum(axis=1), axis=0).mul(.06).round(4)
    case("columns-shares-honest.csv", text(shares), reader(index_col=0))


def categories():
    merged, part = COUNTS.copy(), COUNTS.copy()
    merged.insert(0, "category", (["bird"] + [""] * 5 + ["fish"] + [""] * 5))
    part.insert(0, "category", (["bird"] * 3 + [""] * 3 + ["fish"] * 2 + ["", "bird", "", ""]))
    case("category-merged.csv", text(merged), picked(FEATURES, index_col=0), warning="10 of 12 concepts have no category: each name stands once")
    case("category-part.csv", text(part), picked(FEATURES, index_col=0), note="6 of 12 concepts have no category")


OUT.mkdir(exist_ok=True)
for old in OUT.iterdir():
    old.unlink()
for part in (wide_of_pandas, tables_of_r, spreadsheets, workbooks, metadata, marks, long_tables, names_of_values, ones_and_nothing,
             rows_of_summaries, points, columns_of_summaries, categories):
    part()
(OUT / "index.tsv").write_text("\n".join(INDEX) + "\n", encoding="utf-8")
print(len(INDEX), "tables,", sum(f.stat().st_size for f in OUT.iterdir()), "bytes; pandas", pd.__version__)
