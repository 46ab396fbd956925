"""What tokenizers make of texts here and in Hugging Face's library, side by side; and texts to compare with."""
import json
import subprocess
import unicodedata


def glosses(n):
    lines = []
    for part in ("adj", "adv", "noun", "verb"):
        with open(f"/usr/share/wordnet/data.{part}", encoding="utf-8") as file:
            lines += [line.split(" | ", 1)[1].rstrip("\n") for line in file if " | " in line]
    return lines[::max(1, len(lines) // n)][:n]


def points(quick):
    """Every code point but the surrogates; a sample where that is quick."""
    for c in range(0x110000):
        if 0xD800 <= c < 0xE000:
            continue
        if not quick or c % 97 == 0 or unicodedata.category(chr(c)) not in ("Cn", "Co") and c % 5 == 0:
            yield chr(c)


def refusal(dump, path):
    """What is said of a file that is not read; None: it is."""
    done = subprocess.run([dump, path], input=b"", stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    return None if done.returncode == 0 else done.stderr.decode() or f"died with {done.returncode}"


def special(spelled, text, e):
    """A special token that the text itself spells is special to us, and has a word; one that stands for an unknown word is not."""
    return [int(m or (i in spelled and (spelled[i] not in ("[UNK]", "<unk>") or spelled[i].lower() in text[a:b].lower())))
            for i, m, (a, b) in zip(e.ids, e.special_tokens_mask, e.offsets)]


REFUSED, PANIC = (), []  # in place of an encoding: the oracle raises; the oracle has a fault


class Comparison:
    """Counts failures, shows the first few of each comparison."""

    def __init__(self, dump):
        self.dump = dump
        self.failures = self.lenient = 0

    def fail(self, what):
        self.failures += 1
        print(what, flush=True)

    def run(self, path, data, *options):
        done = subprocess.run([self.dump, path, *map(str, options)], input=data, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        if done.returncode != 0:
            self.fail(f"{path}: {done.stderr.decode() or done.returncode}")
            return None
        return done.stdout

    def compare(self, name, oracle, path, texts, truncate=0, bare=False, quiet=False):
        oracle.no_truncation()
        oracle.no_padding()
        shown = 0
        spelled = {i: t.content for i, t in oracle.get_added_tokens_decoder().items() if t.special}
        for start in range(0, len(texts), 20000):
            part = texts[start:start + 20000]
            encoded = [encode(oracle, t, bare) for t in part] if quiet else oracle.encode_batch(part, add_special_tokens=not bare)
            whole = [len(e.ids) if e else 0 for e in encoded]
            if truncate:
                oracle.enable_truncation(truncate)
                encoded = oracle.encode_batch(part, add_special_tokens=not bare)
                oracle.no_truncation()
            data = self.run(path, b"".join(b"%d\n%s\n" % (len(b), b) for b in (t.encode() for t in part)), truncate, *(["bare"] if bare else []))
            lines = data.decode().splitlines() if data is not None else []
            if len(lines) != len(part):
                return self.fail(f"{name}: {len(lines)} of {len(part)} texts came back")
            for i, (text, line, e) in enumerate(zip(part, lines, encoded)):
                found = {"error": line} if line.startswith("{") else json.loads(line)
                if e is PANIC:
                    continue
                if e is REFUSED:
                    same = isinstance(found, dict)
                    expected = "a refusal"
                else:
                    words = [-1 if w is None else w for w in e.word_ids]
                    cut = whole[i] - len(e.ids) if truncate else 0
                    expected = [e.ids, [a for a, _ in e.offsets], [b for _, b in e.offsets], words, cut]
                    same = isinstance(found, list) and found[:4] + [found[5]] == expected and (found[4] == special(spelled, text, e) or quiet)
                if not same:
                    self.failures += 1
                    shown += 1
                    if shown <= 3:
                        print(f"{name}: {text[:200]!r}\n  expected {str(expected)[:900]}\n  found    {str(found)[:900]}\n  pieces   {str(e and e.tokens)[:900]}")
        if not quiet or shown:
            print(f"{name}: {len(texts)} texts{', ' + str(shown) + ' DIFFER' if shown else ''}", flush=True)

    def decode(self, name, oracle, path, texts, quiet=False):
        """Ids of the texts, and some without order, back to text."""
        lists = [e.ids for e in (encode(oracle, t, False) for t in texts) if e]
        lists += [x[::-1] for x in lists[:20]] + [[]]
        pairs = [(x, decoded(oracle, x)) for x in lists]
        pairs = [(x, text) for x, text in pairs if text is not None]
        data = self.run(path, b"".join(b"%d %s\n" % (len(x), " ".join(map(str, x)).encode()) for x, _ in pairs), "decode")
        shown = at = 0
        for x, text in pairs if data is not None else []:
            end = data.index(b"\n", at)
            length = int(data[at:end])
            found = data[end + 1:end + 1 + length].decode()
            at = end + 2 + length
            if found != text:
                self.failures += 1
                shown += 1
                if shown <= 3:
                    print(f"{name}, decoded: {[oracle.id_to_token(i) for i in x][:60]}\n  expected {text[:300]!r}\n  found    {found[:300]!r}")
        if shown:
            print(f"{name}, decoded: {shown} DIFFER")


def encode(oracle, text, bare):
    try:
        return oracle.encode(text, add_special_tokens=not bare)
    except Exception:
        return REFUSED
    except BaseException as error:
        if isinstance(error, KeyboardInterrupt):
            raise
        return PANIC


def decoded(oracle, ids):
    try:
        return oracle.decode(ids)
    except BaseException as error:
        if isinstance(error, KeyboardInterrupt):
            raise
        return None
