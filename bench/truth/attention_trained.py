"""attention_trained.py --worlds 200 --output trained.npz: small models trained to read a relation, and which of their heads does.

A sentence has a left word, its right word, two other right words and six that mean nothing, in any order; the model, one layer of four heads in the form of
BERT, says at the left word where its partner stands. That cannot be told without reading the relation. Which heads read it is found by ablation: each head alone
(the others put out nothing); heads are taken away, the best first, until the model no longer can (under .45; .36 is what guessing gets, of three).
These are the carriers. The twin has their queries and keys drawn anew at random. Models that did not learn (under .9) are left out. Needs torch."""
import argparse
import math

import numpy as np
import torch

from attention_models import FILL, GROUPS, HEADS, LENGTH, PER, POSITIONS, RELATION

D, TOGETHER, STEPS, BATCH, RATE = 24, 20, 400, 32, .02
LEARNED, LOST = .9, .45
L = GROUPS * PER


class Worlds:
    """TOGETHER models that are trained side by side."""

    def __init__(self, seed):
        self.g = torch.Generator().manual_seed(seed)
        draw = lambda *shape, scale: (torch.randn(TOGETHER, *shape, generator=self.g) * scale).requires_grad_()
        self.p = dict(E=draw(5 + len(RELATION), D, scale=1), P=draw(POSITIONS, D, scale=1), say=draw(D, LENGTH + 2, scale=.1),
                      **{k: draw(D, D, scale=D ** -.5) for k in ("query", "key", "value", "output")})

    def sentences(self, n):
        """ids, and where the left word and its partner stand."""
        left = torch.randint(L, (TOGETHER, n), generator=self.g)
        others = (left[..., None] // PER + 1 + torch.rand(TOGETHER, n, GROUPS - 1, generator=self.g).argsort(-1)[..., :2]) % GROUPS
        fill = torch.randint(FILL, (TOGETHER, n, LENGTH - 4), generator=self.g)
        ids = torch.cat([left[..., None] + 5, left[..., None] // PER + 5 + L, others + 5 + L, fill + 5 + L + GROUPS], -1)
        order = torch.rand(TOGETHER, n, LENGTH, generator=self.g).argsort(-1)
        edge = torch.ones(TOGETHER, n, 1, dtype=torch.long)
        return torch.cat([2 * edge, ids.gather(-1, order), 3 * edge], -1), (order == 0).float().argmax(-1) + 1, (order == 1).float().argmax(-1) + 1

    def say(self, ids, left, kept=None):
        """kept: worlds x heads of 0 and 1."""
        p, n, m = self.p, ids.shape[1], ids.shape[2]
        norm = lambda x: torch.nn.functional.layer_norm(x, (D,), eps=1e-12)
        x = norm(p["E"].gather(1, ids.reshape(TOGETHER, -1, 1).expand(-1, -1, D)).reshape(TOGETHER, n, m, D) + p["P"][:, None, :m])
        flat = x.reshape(TOGETHER, n * m, D)
        q, k, v = ((flat @ p[name]).reshape(TOGETHER, n, m, HEADS, -1).transpose(2, 3) for name in ("query", "key", "value"))
        seen = torch.softmax(q @ k.transpose(-1, -2) / math.sqrt(D // HEADS), -1) @ v
        if kept is not None: seen = seen * kept[:, None, :, None, None]
        x = norm(norm(x + (seen.transpose(2, 3).reshape(TOGETHER, n * m, D) @ p["output"]).reshape(TOGETHER, n, m, D)))
        return x.gather(2, left[..., None, None].expand(-1, -1, 1, D))[:, :, 0] @ p["say"]

    def train(self):
        optimizer = torch.optim.Adam(self.p.values(), lr=RATE, betas=(.9, .98))
        for step in range(STEPS):
            for group in optimizer.param_groups: group["lr"] = RATE * min(1, (step + 1) / 20) * (1 - .9 * step / STEPS)
            ids, left, partner = self.sentences(BATCH)
            loss = torch.nn.functional.cross_entropy(self.say(ids, left).reshape(-1, LENGTH + 2), partner.reshape(-1), reduction="sum") / BATCH
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()

    @torch.no_grad()
    def carriers(self):
        """Accuracy of each world; of each its heads with what they reach alone; which are needed, worlds x heads."""
        ids, left, partner = self.sentences(512)
        right = lambda kept: (self.say(ids, left, kept).argmax(-1) == partner).float().mean(1)
        whole, one = right(None), torch.eye(HEADS)
        alone = torch.stack([right(one[h].expand(TOGETHER, -1)) for h in range(HEADS)], 1)
        kept, order = torch.ones(TOGETHER, HEADS), alone.argsort(1, descending=True)
        for k in range(HEADS):
            still = right(kept) > LOST
            kept[still, order[still, k]] = 0
        return whole, alone, 1 - kept, right(kept)


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--worlds", type=int, default=200)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--output", required=True)
    given = options.parse_args()
    torch.set_num_threads(1)
    found, tried = [], 0
    while len(found) < given.worlds:
        worlds = Worlds(given.seed * 100000 + tried)
        worlds.train()
        whole, alone, needed, lost = (x.numpy() for x in worlds.carriers())
        for w in range(TOGETHER):
            if whole[w] < LEARNED or lost[w] > LOST: continue
            found.append(dict({k: worlds.p[k].detach().numpy()[w] for k in ("E", "P", "query", "key", "value", "output")}, whole=whole[w], alone=alone[w], carries=needed[w] > 0))
        tried += TOGETHER
        print(f"{len(found)} worlds of {tried} trained", flush=True)
        np.savez_compressed(given.output, tried=tried, **{k: np.array([f[k] for f in found[:given.worlds]], bool if k == "carries" else np.float32) for k in found[0]})


if __name__ == "__main__": main()
