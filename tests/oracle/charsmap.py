"""The precompiled_charsmap of a Precompiled normalizer, made from a mapping: what SentencePiece stores of its rules.

    charsmap({"ﬁ": "fi", "\u00a0": " "})  ->  bytes; base64.b64encode(...) stands in a tokenizer.json

A 32-bit length, a double array of 32-bit units (darts-clone), then the replacements, each with a 0 behind it.
"""
import struct


def charsmap(mapping):
    trie, pool, at = {}, b"", {}
    for new in mapping.values():
        if new not in at:
            at[new] = len(pool)
            pool += new.encode() + b"\0"
    for old, new in mapping.items():
        node = trie
        for byte in old.encode():
            node = node.setdefault(byte, {})
        node[0] = at[new]
    units, used = {0: 0}, {0}

    def place(node, where):
        base = 0
        while True:
            spots = [(where ^ base) ^ label for label in node]
            if base and not used.intersection(spots):
                break
            base += 1
            if base >= 1 << 21:  # such offsets are written shifted by 8
                raise ValueError("too many rules for this simple maker")
        used.update(spots)
        units[where] |= base << 10 | (256 if 0 in node else 0)
        for label, spot in zip(node, spots):
            units[spot] = 1 << 31 | node[label] if label == 0 else label
        for label, spot in zip(node, spots):
            if label:
                place(node[label], spot)

    place(trie, 0)
    array = [units.get(i, 0) for i in range(256 * (1 + max(units) // 256))]
    return struct.pack(f"<{1 + len(array)}I", 4 * len(array), *array) + pool
