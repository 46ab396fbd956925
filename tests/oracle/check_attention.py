"""check_attention.py ATTENTION_DUMP: continuity, damage and similarity of maps on random small matrices beside NumPy
(attention_reference.py). Prints the largest difference; exits with 1 if one is above 1e-9."""
import struct
import subprocess
import sys

import numpy as np

import attention_reference as ref

PATTERNS = ["diagonal", "previous", "next", "special", "vertical", "uniform"]


def make_case(rng):
    n, d, m = int(rng.integers(4, 14)), int(rng.integers(2, 20)), int(rng.integers(2, 14))
    ids = rng.integers(0, max(2, n // 2), n).astype(np.int32)  # tokens repeat
    words = rng.normal(size=(n, d)).astype(np.float32)
    words[1] = words[0]  # equal embedding rows
    words[2] = words[0] + np.float32(3e-4) * rng.normal(size=d).astype(np.float32)  # fp32 cannot tell them apart by their products
    reference = words[ids]
    states = (reference + rng.choice([0, .5, 2]) * rng.normal(size=(n, d))).astype(np.float32)

    # half of the times with places in them, so that of two rows of a token one is the nearer
    before = (reference + rng.choice([0, .5]) * rng.normal(size=(n, d))).astype(np.float32) if rng.random() < .7 else rng.normal(size=(n, d)).astype(np.float32)
    if rng.random() < .5: states = (before + rng.choice([0, .3]) * rng.normal(size=(n, d))).astype(np.float32)

    def attention(kind):
        score = rng.normal(size=(n, n)) * rng.choice([.01, 1, 3])
        score += 6 * {0: np.eye(n), 1: np.eye(n, k=-1), 2: np.eye(n, k=1), 3: np.eye(n)[0][None], 4: np.eye(n)[n // 2][None], 5: 0}[kind]
        a = np.exp(score)
        return (a / a.sum(1, keepdims=True)).astype(np.float32)

    special, other_special = np.zeros(n, bool), np.zeros(m, bool)
    special[[0, -1]] = rng.random() < .9
    other_special[[0, -1]] = rng.random() < .9
    if rng.random() < .1: special[:] = True  # a text without content
    a = attention(int(rng.integers(6)))
    b = attention(int(rng.integers(6))) if rng.random() < .8 else np.full((n, n), 1 / n, np.float32)
    return dict(n=n, d=d, m=m, states=states, before=before, other=rng.normal(size=(m, d)).astype(np.float32),
                reference=reference, map=a, damaged=b, ids=ids, special=special, other_special=other_special)


def packed(c):
    return struct.pack("<3i", c["n"], c["d"], c["m"]) + b"".join(c[k].tobytes() for k in ("states", "before", "other", "reference", "map", "damaged")) \
        + c["ids"].tobytes() + c["special"].astype(np.int32).tobytes() + c["other_special"].astype(np.int32).tobytes()


def expected(c):
    out = []
    for distance in ("cosine", "l2"):
        for way, reference in ((ref.identity, c["reference"]), (ref.identity_among_rows, c["before"])):
            rank, by_row, following, _ = way(c["states"], reference, c["ids"], distance)
            out += [*rank, *by_row, *following]
    parts = np.arange(c["n"]) * 3 // c["n"]
    rows = [c["states"][parts == t] for t in range(3) if (parts == t).any()]
    out += ref.pair_cosines(rows, [c["ids"][parts == t] for t in range(3) if (parts == t).any()])
    out += [ref.anisotropy(c["states"][parts == t]) for t in range(3)]
    for a, b in ((c["states"], c["before"]), (ref.standardise([c["states"]])[0], ref.standardise([c["before"]])[0])):
        out += [ref.cka([a[kept]], [b[kept]]) for kept in (np.ones(c["n"], bool), ~c["special"])]
    out += list(ref.standardise([c["states"]])[0].ravel())
    for distance in ("cosine", "l2"):
        sims = ref.similarities(c["states"], c["reference"], distance) if distance == "cosine" else \
            -np.linalg.norm(c["states"].astype(float)[:, None] - c["reference"].astype(float)[None], axis=2)
        own = np.arange(c["n"])
        out += list(np.stack([ref.ranks(sims, own) - 1, ref.ranks(sims, (own + 1) % c["n"]) - 1], 1).ravel())
    reverse, order = ref.reverse(c["states"], c["special"])
    out += [*reverse.ravel(), *ref.next_rows(c["states"], c["other"]).ravel(),
            *ref.next_content_rows(c["states"], c["special"], c["other"], c["other_special"]).ravel()]
    for undone in (False, True):
        for content in (False, True):
            a = ref.scope(c["map"], c["special"], content)
            b = ref.scope(ref.undo(c["damaged"], order) if undone else c["damaged"], c["special"], content)
            if len(a) == 0:
                out += [np.nan] * 4 + [0, 0]
                continue
            marked = c["special"] if not content else np.zeros(len(a), bool)
            out += [ref.pearson(a, b), ref.jsd(a, b), (ref.targets(a) == ref.targets(b)).mean(), ref.modal_share(a),
                    PATTERNS.index(ref.pattern(a, marked)), PATTERNS.index(ref.pattern(b, marked))]
    return np.array(out, float)


def main():
    rng = np.random.default_rng(7)
    cases = [make_case(rng) for _ in range(300)]
    said = subprocess.run([sys.argv[1]], input=b"".join(map(packed, cases)), stdout=subprocess.PIPE, check=True).stdout.decode().splitlines()
    assert len(said) == len(cases), (len(said), len(cases))
    worst, numbers, undefined = 0, 0, 0
    for number, (case, line) in enumerate(zip(cases, said)):
        ours, theirs = np.array(line.split(), float), expected(case)
        assert ours.shape == theirs.shape, (number, ours.shape, theirs.shape)
        different = np.isnan(ours) != np.isnan(theirs)
        assert not different.any(), (number, np.flatnonzero(different), case["n"], case["d"])
        gap = np.nan_to_num(np.abs(ours - theirs))
        worst, numbers, undefined = max(worst, gap.max()), numbers + len(ours), undefined + np.isnan(ours).sum()
        if gap.max() > 1e-9: print(f"FAILS: case {number}, number {gap.argmax()}: {ours[gap.argmax()]} and {theirs[gap.argmax()]}")
    print(f"{len(cases)} cases, {numbers} numbers, {undefined} of them undefined in both; largest difference {worst:.1e}")
    sys.exit(bool(worst > 1e-9))


main()
