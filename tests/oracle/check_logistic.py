"""check_logistic.py DUMP: logistic regression beside scikit-learn's: coefficients and probabilities."""
import subprocess
import sys

import numpy as np
from sklearn.linear_model import LogisticRegression

DUMP = sys.argv[1]
failed = 0


def fit(x, y, n_train, strength):
    n, d = x.shape
    text = " ".join(repr(float(v)) for v in np.column_stack([y, x]).ravel())
    out = subprocess.run([DUMP, str(n), str(d), str(n_train), repr(strength)], input=text, capture_output=True, text=True, check=True).stdout
    v = np.array([float(v) for v in out.split()])
    return v[:d], v[d], v[d + 1:]


rng = np.random.default_rng(1)
worst = [0, 0]
for n, d, strength, kind in [(40, 1, 1.0, "plain"), (40, 2, .1, "plain"), (300, 7, 1.0, "plain"), (200, 288, 1.0, "plain"), (60, 300, 10.0, "plain"),
                             (500, 20, 100.0, "separable"), (80, 5, 1.0, "constant"), (90, 6, 1.0, "equal"), (400, 3, 1.0, "rare"), (150, 40, 1.0, "tiny")]:
    for world in range(4):
        x = rng.normal(size=(n, d))
        w = rng.normal(size=d) / np.sqrt(d) * (20 if kind == "separable" else 1)
        y = (x @ w + (0 if kind == "separable" else rng.logistic(size=n)) - (4 if kind == "rare" else 0) > 0).astype(int)
        y[:2] = 0, 1
        if kind == "constant":
            x[:, 0] = .1
        if kind == "equal":
            x[:, 1] = x[:, 2]
        if kind == "tiny":
            x = 1e-9 * x + 3e-9
        train = 4 * n // 5
        mean, sd = x[:train].mean(0), x[:train].std(0, ddof=1)
        sd[x[:train].max(0) == x[:train].min(0)] = 1
        z = (x - mean) / sd
        m = LogisticRegression(C=strength, solver="newton-cholesky", tol=1e-12, max_iter=1000).fit(z[:train], y[:train])
        got_w, got_b, got_p = fit(x, y, train, strength)
        a = max(np.abs(got_w - m.coef_[0]).max(), abs(got_b - m.intercept_[0]))
        b = np.abs(got_p - m.predict_proba(z)[:, 1]).max()
        worst = [max(worst[0], a), max(worst[1], b)]
        if not (a <= 1e-6 and b <= 1e-6):
            print(f"FAILED {kind} {n} x {d}, C = {strength}: coefficients {a:.1e}, probabilities {b:.1e}")
            failed += 1
print(f"largest difference of a coefficient {worst[0]:.1e}, of a probability {worst[1]:.1e}")
sys.exit(failed > 0)
