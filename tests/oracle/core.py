"""The arithmetic of the oracle: mappings and metrics of docs/methods.md in plain NumPy.

Written from the text of the specification alone, without a look at the C sources, and preferring the
obvious way over the fast one. Nothing here runs by itself; make_goldens.py, reference.py and
verdict_reference.py import it.
"""
import numpy as np
from scipy.stats import rankdata


# ---------------------------------------------------------------- scaling

def center_scale(A, observed=None):
    """Column means and standard deviations (ddof 1). A constant column has its value as mean, scale 1.

    observed: boolean mask of the cells that count (na=mask); a column without any has mean 0, scale 1.
    """
    n, d = A.shape
    mean, scale = np.zeros(d), np.ones(d)
    for j in range(d):
        col = A[:, j] if observed is None else A[observed[:, j], j]
        if col.size == 0:
            continue
        if col.max() == col.min():
            mean[j] = col[0]
        else:
            mean[j] = col.mean()
            scale[j] = col.std(ddof=1)
    return mean, scale


def scaled(A, mean, scale, observed=None):
    Z = (A - mean) / scale
    return Z if observed is None else np.where(observed, Z, 0.0)


# ---------------------------------------------------------------- PLS, exact

class Pls:
    """PLS2, mode A, both blocks deflated by the X scores; every component is the dominant eigenvector."""

    def __init__(self, X, Y, components, x_observed=None, y_observed=None):
        self.x_mean, self.x_scale = center_scale(X, x_observed)
        # equal training columns take the prediction of the first, so that they are equal in every bit
        key = Y if y_observed is None else np.vstack([np.where(y_observed, Y, 0.0), y_observed])
        _, first, expand = np.unique(key, axis=1, return_index=True, return_inverse=True)
        self.copy_of = first[expand.ravel()]
        self.y_mean, self.y_scale = center_scale(Y, y_observed)
        Z = scaled(X, self.x_mean, self.x_scale, x_observed)
        T = scaled(Y, self.y_mean, self.y_scale, y_observed)
        self.constant = ~T.any(axis=0)
        # rotate both blocks to at most n coordinates: PLS does not see orthogonal rotations
        Ux, sx, self.Vx = np.linalg.svd(Z, full_matrices=False)
        Uy, sy, self.Vy = np.linalg.svd(T, full_matrices=False)
        E, F = Ux * sx, Uy * sy
        W, P, Q, first_eigenvalue = [], [], [], None
        for _ in range(components):
            S = E.T @ F
            U, s, _ = np.linalg.svd(S)
            if first_eigenvalue is None:
                first_eigenvalue = s[0] ** 2
            if s[0] ** 2 <= 1e-20 * first_eigenvalue:
                break
            w = U[:, 0]
            t = E @ w
            tt = t @ t
            p, q = E.T @ t / tt, F.T @ t / tt
            E = E - np.outer(t, p)
            F = F - np.outer(t, q)
            W.append(w), P.append(p), Q.append(q)
        self.W, self.P, self.Q = (np.array(a).T if a else np.zeros((E.shape[1], 0)) for a in (W, P, Q))
        self.n_components = len(W)

    def predict(self, X, components, x_observed=None):
        c = min(components, self.n_components)
        Z = scaled(X, self.x_mean, self.x_scale, x_observed) @ self.Vx.T
        if c:
            W, P, Q = self.W[:, :c], self.P[:, :c], self.Q[:, :c]
            R = W @ np.linalg.inv(P.T @ W)
            out = (Z @ R) @ (Q.T @ self.Vy)
        else:
            out = np.zeros((len(X), len(self.y_mean)))
        out[:, self.constant] = 0  # a constant column predicts its value, exactly
        out = out * self.y_scale + self.y_mean
        return out[:, self.copy_of]


# ---------------------------------------------------------------- other mappings

def mean_predict(Ytrain, rows, y_observed=None):
    return np.tile(center_scale(Ytrain, y_observed)[0], (rows, 1))


def knn_predict(Xtrain, Ytrain, Xtest, k, y_observed=None):
    """Unweighted mean of the k training rows of largest cosine; ties by index. Of the observed ones, if cells are missing; the
    training mean where none is."""
    sim = cosines(Xtest, Xtrain)
    near = np.argsort(-sim, axis=1, kind="stable")[:, :k]
    if y_observed is None:
        return Ytrain[near].sum(axis=1) / near.shape[1]
    held = y_observed[near].sum(axis=1)
    return np.where(held > 0, Ytrain[near].sum(axis=1) / np.maximum(held, 1), center_scale(Ytrain, y_observed)[0])


def ridge_predict(Xtrain, Ytrain, Xtest, alpha):
    """Penalty on the unnormalised sum of squares; inputs standardised (ddof 1), targets centred only."""
    xm, xs = center_scale(Xtrain)
    ym = center_scale(Ytrain)[0]
    Z = (Xtrain - xm) / xs
    B = np.linalg.solve(Z.T @ Z + alpha * np.eye(Z.shape[1]), Z.T @ (Ytrain - ym))
    return ((Xtest - xm) / xs) @ B + ym


def lda_classes(Xtrain, labels, Xtest):
    """Linear discriminant analysis, hard assignment.

    Sigma = 1/2 Sw + 1/2 diag(Sw), Sw = pooled within-class scatter / (n - G);
    score_g(x) = x' Sigma^-1 mu_g - 1/2 mu_g' Sigma^-1 mu_g + ln(n_g / n); the largest wins, ties to the
    smallest label.
    """
    classes = np.unique(labels)
    mu = np.array([Xtrain[labels == g].mean(0) for g in classes])
    within = Xtrain - mu[np.searchsorted(classes, labels)]
    Sw = within.T @ within / (len(Xtrain) - len(classes))
    sigma = 0.5 * Sw + 0.5 * np.diag(np.diag(Sw))
    A = np.linalg.solve(sigma, mu.T)
    prior = np.array([(labels == g).mean() for g in classes])
    score = Xtest @ A - 0.5 * (mu.T * A).sum(0) + np.log(prior)
    return classes[score.argmax(1)]


def bottleneck_predict(Xtrain, Ytrain, labels, Xtest):
    """x -> class of the training rows' norm clusters -> mean norms of that class."""
    means = {g: Ytrain[labels == g].mean(0) for g in np.unique(labels)}
    return np.array([means[g] for g in lda_classes(Xtrain, labels, Xtest)])


def unit_rows(A):
    norm = np.sqrt((A * A).sum(1, keepdims=True))
    return A / np.where(norm == 0, 1, norm)


def cosines(A, B, a_observed=None, b_observed=None):
    """To 12 digits: what is equal on paper is equal here, and the index decides. With missing cells: over those that both have."""
    if a_observed is None:
        return np.round(unit_rows(A) @ unit_rows(B).T, 12)
    out = np.zeros((len(A), len(B)))
    for i in range(len(A)):
        for j in range(len(B)):
            both = a_observed[i] & b_observed[j]
            a, b = A[i, both], B[j, both]
            norm = np.sqrt((a @ a) * (b @ b))
            out[i, j] = a @ b / norm if norm > 0 else 0
    return np.round(out, 12)


# ---------------------------------------------------------------- metrics, one value per concept, NaN if undefined

def order(pred):
    """Features from the highest prediction down; ties to the lowest index."""
    return np.argsort(-pred, kind="stable")


def f1_at_10(pred, gold, observed=None):
    out = np.full(len(gold), np.nan)
    for i in range(len(gold)):
        see = np.arange(gold.shape[1]) if observed is None else np.flatnonzero(observed[i])
        G = gold[i, see] > 0
        if not G.any():
            continue
        k = min(10, len(see))
        hits = G[order(pred[i, see])[:k]].sum()
        out[i] = 2 * hits / (k + G.sum())
    return out


def precision_at_r(pred, gold, observed=None):
    out = np.full(len(gold), np.nan)
    for i in range(len(gold)):
        see = np.arange(gold.shape[1]) if observed is None else np.flatnonzero(observed[i])
        G = gold[i, see] > 0
        R = G.sum()
        if R:
            out[i] = G[order(pred[i, see])[:R]].sum() / R
    return out


def average_precision(pred, gold, observed=None):
    out = np.full(len(gold), np.nan)
    for i in range(len(gold)):
        see = np.arange(gold.shape[1]) if observed is None else np.flatnonzero(observed[i])
        G = gold[i, see] > 0
        if not G.any():
            continue
        hit = G[order(pred[i, see])]
        at = np.flatnonzero(hit) + 1
        out[i] = (np.arange(1, len(at) + 1) / at).mean()
    return out


def spearman(pred, gold, observed=None):
    out = np.full(len(gold), np.nan)
    for i in range(len(gold)):
        see = slice(None) if observed is None else observed[i]
        p, g = pred[i, see], gold[i, see]
        if p.size == 0 or p.max() == p.min() or g.max() == g.min():
            continue
        a, b = rankdata(p), rankdata(g)
        a, b = a - a.mean(), b - b.mean()
        out[i] = (a @ b) / np.sqrt((a @ a) * (b @ b))
    return out


def cosine(pred, gold, observed=None):
    out = np.full(len(gold), np.nan)
    for i in range(len(gold)):
        see = slice(None) if observed is None else observed[i]
        p, g = pred[i, see], gold[i, see]
        if p.any() and g.any():
            out[i] = (p @ g) / np.sqrt((p @ p) * (g @ g))
    return out


def mse(pred, gold, observed=None):
    e = (pred - gold) ** 2
    return e.mean() if observed is None else e[observed].mean() if observed.any() else None


def r2(pred, gold, train_mean, observed=None):
    """1 - SSE/SST over all held-out cells; SST about the mean of the training rows of each fold."""
    sse, sst = (pred - gold) ** 2, (gold - train_mean) ** 2
    if observed is not None:
        sse, sst = sse[observed], sst[observed]
    return 1 - sse.sum() / sst.sum() if sst.sum() > 0 else None


def neighbours(A, k, B=None, drop_self=True, observed=None):
    """Indices of the k rows of B (A) with largest cosine to each row of A; ties by index."""
    B = A if B is None else B
    sim = cosines(A, B, observed, observed)
    if drop_self:
        np.fill_diagonal(sim, -np.inf)
    return np.argsort(-sim, axis=1, kind="stable")[:, :k]


def neighbourhood(pred, gold, inputs, observed=None, inputs_observed=None):
    """The three readings at 10, one value per concept: retrieval, overlap with gold, overlap with input."""
    near = neighbours(pred, 10, gold, False, observed)
    retrieval = (near == np.arange(len(gold))[:, None]).any(1).astype(float)
    p, g = neighbours(pred, 10, observed=observed), neighbours(gold, 10, observed=observed)
    x = neighbours(inputs, 10, observed=inputs_observed)
    share = lambda a, b: np.array([len(set(u) & set(v)) / 10 for u, v in zip(a, b)])
    return retrieval, share(p, g), share(p, x)
