"""Writes tests/golden/ffnn_*.npy: the losses and the last weights of PyTorch's Adam on a small network, 50 steps from given weights, batches
and dropout masks, for the C tests to agree with. By hand, where PyTorch is:
    python tests/oracle/make_ffnn_goldens.py
What is not in a file follows from a formula that test_ffnn.c has too: the row of place i is 17 i mod n; place i of all masks, in the order
in which they are used, is dropped if (2654435761 (i + 1) mod 2^32) < p 2^32.
"""
from pathlib import Path

import numpy as np
import torch

OUT = Path(__file__).resolve().parent.parent / "golden"
STEPS, N, D, H, M, P = 50, 40, 11, 35, 70, .2
CASES = [("mean", 8, 1e-3, False, False), ("missing", 8, 1e-2, False, True), ("sum", 1, 1e-3, True, False)]


def save(name, array):
    array = np.asarray(array)
    kind = "<i4" if array.dtype.kind in "iub" else "<f8"
    np.save(OUT / f"ffnn_{name}.npy", np.ascontiguousarray(array, kind))


def dropped(first, shape):
    i = np.arange(first, first + np.prod(shape), dtype=np.uint64)
    return (((2654435761 * (i + 1)) % 2**32) < P * 2**32).reshape(shape)


def main():
    torch.set_num_threads(1)
    rng = np.random.default_rng(601)
    x = np.float32(rng.normal(size=(N, D)))
    y = np.where(rng.random((N, M)) < .15, 1 + rng.integers(0, 9, (N, M)), 0)
    missing = rng.random((N, M)) < .1
    w1, w2 = (np.float32(rng.normal(size=s) * .3) for s in ((H, D + 1), (M, H + 1)))
    for name, array in (("x", x), ("y", y), ("missing", missing), ("hidden", w1), ("output", w2)):
        save(name, array)
    for name, batch, rate, published, holes in CASES:
        weight = [torch.tensor(a, requires_grad=True) for a in (w1[:, :-1], w1[:, -1], w2[:, :-1], w2[:, -1])]
        adam = torch.optim.Adam(weight, lr=rate, fused=True)
        losses, used = [], 0
        for step in range(STEPS):
            row = 17 * np.arange(step * batch, (step + 1) * batch) % N
            shape = (batch, M if published else H)
            mask = torch.tensor(np.where(dropped(used, shape), 0, np.float32(1 / (1 - P))), dtype=torch.float32)
            used += np.prod(shape)
            hidden = torch.tanh(torch.nn.functional.linear(torch.from_numpy(x[row]), weight[0], weight[1]))
            if not published:
                hidden = hidden * mask
            output = torch.nn.functional.linear(hidden, weight[2], weight[3])
            if published:
                output = output * mask
            squares = (output - torch.from_numpy(np.float32(y[row]))).square()
            if holes:
                squares = squares[torch.from_numpy(~missing[row])]
            loss = squares.sum() if published else squares.mean()
            adam.zero_grad()
            loss.backward()
            adam.step()
            losses.append(loss.item())
        save(f"{name}_losses", losses)
        save(f"{name}_hidden", torch.cat([weight[0], weight[1][:, None]], 1).detach().numpy())
        save(f"{name}_output", torch.cat([weight[2], weight[3][:, None]], 1).detach().numpy())
        print(f"{name}: {losses[0]:.6f} .. {losses[-1]:.6f}")
    (OUT / "ffnn.md").write_text(f"""# ffnn_*

Written by `tests/oracle/make_ffnn_goldens.py` with PyTorch {torch.__version__}, NumPy {np.__version__}, seed 601; never edited by hand.
A network {D} > {H} > {M} on {N} rows, {STEPS} steps of Adam (fused), one thread: `x`, `y`, `missing` (1: no value), the first weights `hidden` and
`output` (bias last), and of each case the losses before each step and the last weights. Rows and masks: the script's head.

| case | batch | learning rate | loss | dropout {P} | missing cells |
|---|---|---|---|---|---|
""" + "".join(f"| `{name}` | {batch} | {rate:g} | {'sum of squares' if published else 'mean square'} | "
              f"{'output' if published else 'hidden layer'} | {'left out' if holes else 'none'} |\n"
              for name, batch, rate, published, holes in CASES))


main()
