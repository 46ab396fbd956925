"""Philox4x32-10 (Salmon et al. 2011) as docs/methods.md#randomness uses it, and the draws that tests need to know exactly.

Written from the paper and that section. Proves nothing by itself; `python tests/oracle/philox.py` checks the published test vector.
"""
import numpy as np

SHUFFLE, SHUFFLE_ROWS, RANDOM, INNER_SPLIT = 2, 3, 4, 8  # purposes
MASK = 0xFFFFFFFF


def philox(counter, key):
    c, k = list(counter), list(key)
    for _ in range(10):
        a, b = 0xD2511F53 * c[0], 0xCD9E8D57 * c[2]
        c = [(b >> 32) ^ c[1] ^ k[0], b & MASK, (a >> 32) ^ c[3] ^ k[1], a & MASK]
        k = [(k[0] + 0x9E3779B9) & MASK, (k[1] + 0xBB67AE85) & MASK]
    return c


class Stream:
    def __init__(self, seed, purpose, stream):
        self.key, self.purpose, self.stream = (seed & MASK, seed >> 32), purpose, stream
        self.index, self.words = 0, []

    def bits(self):
        """64 of them: words 2 and 3 of a block, then 0 and 1; the first of a pair is the high half."""
        if not self.words:
            a = philox((self.index & MASK, self.index >> 32, self.stream, self.purpose), self.key)
            self.words, self.index = [a[0] << 32 | a[1], a[2] << 32 | a[3]], self.index + 1
        return self.words.pop()

    def below(self, n):
        limit = (2**64 - 1) - (2**64 - 1) % n
        while True:
            x = self.bits()
            if x < limit:
                return x % n

    def permutation(self, items):
        items = list(items)
        for i in range(len(items), 1, -1):
            j = self.below(i)
            items[i - 1], items[j] = items[j], items[i - 1]
        return items

    def sample(self, n, count):
        """The first `count` of 0..n-1 in random order."""
        items = list(range(n))
        for i in range(count):
            k = i + self.below(n - i)
            items[i], items[k] = items[k], items[i]
        return items[:count]


def inner_folds(train, seed, fold, k=5):
    """Inner fold of each training concept (ascending list of indices): a permutation, rank mod k."""
    order = Stream(seed, INNER_SPLIT, fold).permutation(train)
    inner = {concept: rank % k for rank, concept in enumerate(order)}
    return np.array([inner[i] for i in train])


def shuffle(Y, seed):
    """Each column's cells that are not zero, in their order, to rows drawn without replacement."""
    Z = np.zeros_like(Y)
    for j in range(Y.shape[1]):
        cells = Y[Y[:, j] != 0, j]
        Z[Stream(seed, SHUFFLE, j).sample(len(Y), len(cells)), j] = cells
    return Z


def shuffle_rows(Y, seed):
    return Y[Stream(seed, SHUFFLE_ROWS, 0).permutation(range(len(Y)))]


def random(Y, seed):
    """Sparse norms: each row's values, in their order, to columns drawn without replacement."""
    R = np.zeros_like(Y)
    for i, row in enumerate(Y):
        values = row[row != 0]
        R[i, Stream(seed, RANDOM, i).sample(Y.shape[1], len(values))] = values
    return R


if __name__ == "__main__":
    assert philox((0, 0, 0, 0), (0, 0)) == [0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8]
    assert philox((MASK,) * 4, (MASK,) * 2) == [0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD]
