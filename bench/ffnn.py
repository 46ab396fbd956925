#!/usr/bin/env python3
"""ffnn.py FOLDER SHAPE [THREADS]: PyTorch's fit of the network that bench_ffnn fitted, on the data it wrote to FOLDER, with each number of
threads up to THREADS: the same sizes, recipe, batches and epochs, fused Adam. Timed like ours: from raw rows, Y dense in memory, to predicted test rows."""
import json
import os
import sys
import time
from pathlib import Path

import numpy as np
import torch
from torch import nn

LONG = 20  # seconds after which once is enough


def read(folder, shape, told):
    part = {p: np.load(folder / f"{shape}.{p}.npy") for p in ("x", "start", "column", "value")}
    y = np.zeros((len(part["x"]), told["features"]))
    for i in range(len(y)):
        cells = slice(part["start"][i], part["start"][i + 1])
        y[i, part["column"][cells]] = part["value"][cells]
    test = np.arange(len(y)) % 10 == 1
    return part["x"][~test], y[~test], part["x"][test]


class Net(nn.Module):
    def __init__(self, d, h, m, told):
        super().__init__()
        self.hidden, self.output = nn.Linear(d, h), nn.Linear(h, m)
        self.drop, self.published = nn.Dropout(told["dropout"]), told["recipe"] == "chronis2023"

    def forward(self, x):
        if self.published:
            return self.drop(self.output(torch.tanh(self.hidden(x))))
        return self.output(self.drop(torch.tanh(self.hidden(x))))


def fit(x, y, x_test, told):
    torch.manual_seed(1)
    published, mean, spread = told["recipe"] == "chronis2023", 0, 1
    if not published:
        x, x_test = (x - x.mean(0)) / x.std(0, ddof=1), (x_test - x.mean(0)) / x.std(0, ddof=1)
        mean = y.mean(0)
        spread = np.sqrt(((y - mean) ** 2).mean())
    net = Net(x.shape[1], told["hidden"], y.shape[1], told)
    with torch.no_grad():
        for layer in (net.hidden, net.output):
            (nn.init.zeros_ if published else nn.init.xavier_uniform_)(layer.weight)
        if not published:
            net.hidden.bias.zero_()
            net.output.bias.copy_(torch.from_numpy(mean / spread))
    xs, ys = torch.from_numpy(x).float(), torch.from_numpy(y / spread).float()
    adam = torch.optim.Adam(net.parameters(), lr=told["learning_rate"], fused=True)
    for epoch in range(told["epochs"]):
        if epoch == 1 and published:
            net.eval()
        order, total = torch.randperm(len(xs)), 0.
        for at in range(0, len(xs), told["batch"]):
            row = order[at:at + told["batch"]]
            squares = (net(xs[row]) - ys[row]).square()
            loss = squares.sum() if published else squares.mean()
            adam.zero_grad(set_to_none=True)
            loss.backward()
            adam.step()
            total += squares.sum().item()
    net.eval()
    with torch.no_grad():
        net(torch.from_numpy(x_test).float()).numpy() * spread
    return total / (len(xs) if published else ys.numel())


def main():
    folder, shape = Path(sys.argv[1]), sys.argv[2]
    told = json.loads((folder / f"{shape}.ffnn.json").read_text())
    x, y, x_test = read(folder, shape, told)
    result = {"shape": shape, "torch": torch.__version__, "runs": []}
    for threads in range(1, int(sys.argv[3]) + 1 if len(sys.argv) > 3 else (os.cpu_count() or 1) + 1):
        torch.set_num_threads(threads)
        times, busy = [], []
        while len(times) < 2 or sum(times) < 3:
            start, processor = time.perf_counter(), time.process_time()
            loss = fit(x, y, x_test, told)
            times.append(time.perf_counter() - start)
            busy.append(time.process_time() - processor)
            if times[0] > LONG:
                break
        row = {"threads": threads, "seconds": min(times), "processor": min(busy), "repeats": len(times), "loss": loss}
        result["runs"].append(row)
        print(f"PyTorch {torch.__version__}, {threads} threads: {row['seconds']:.3f} s, of processors {row['processor']:.3f} (best of "
              f"{len(times)}), last training loss {loss:.6f}; of ours {told['loss']:.6f}; ours in one thread {told['seconds']:.3f} s, of a "
              f"processor {told['processor']:.3f}: {row['processor'] / told['processor']:.1f} times less processor; side by side "
              f"{told['at_once']:.3f} s each: {row['seconds'] / told['at_once']:.1f} times faster", flush=True)
    (folder / f"{shape}.ffnn-peer.json").write_text(json.dumps(result))


main()
