#!/usr/bin/env python3
"""mcrae_texts.py FOLDER [N]: a sentence for every N-th concept of McRae's norms (4), made of what people say of it most often:
"The accordion has keys, is loud and has buttons." For `explaint attend --texts`; concepts with fewer than three such features have none."""
import csv
import sys
from pathlib import Path

SAID = ("is_", "has_", "eats_", "lives_", "grows_", "requires_", "produces_")


def main():
    table = Path(sys.argv[1]) / "CONCS_FEATS_concstats_brm.txt"
    every = int(sys.argv[2]) if len(sys.argv) > 2 else 4
    features = {}
    with open(table, encoding="latin-1", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t"):
            if row["Feature"].startswith(SAID): features.setdefault(row["Concept"], []).append((-int(row["Prod_Freq"]), row["Feature"].replace("_", " ")))
    said = {c.split("_(")[0].replace("_", " "): [f for _, f in sorted(own)[:3]] for c, own in features.items() if len(own) >= 3}
    for concept in sorted(said)[::every]: print("The {} {}, {} and {}.".format(concept, *said[concept]))


main()
