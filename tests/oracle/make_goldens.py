"""Writes tests/golden/: what scikit-learn and SciPy say, for the C tests to agree with.

Proves nothing by itself, but refuses to write a PLS golden unless scikit-learn's NIPALS, run to convergence,
and an eigenvector version written from the specification agree to 1e-9 of the largest prediction.
Run: python tests/oracle/make_goldens.py     (versions: tests/oracle/requirements.txt; about 10 s)
"""
import platform
import warnings
from pathlib import Path

import numpy as np
import scipy
import scipy.cluster.hierarchy as hierarchy
import scipy.linalg
import scipy.stats
import sklearn
from sklearn.cross_decomposition import PLSRegression
from sklearn.linear_model import Ridge
from sklearn.metrics import average_precision_score
from sklearn.neighbors import KNeighborsRegressor

import core

OUT = Path(__file__).resolve().parent.parent / "golden"
FILES = []  # (name, what)


def save(name, array, what):
    array = np.asarray(array)
    kind = "<i4" if array.dtype.kind in "iub" else "<f8"
    array = np.ascontiguousarray(array, dtype=kind)
    np.save(OUT / f"{name}.npy", array)
    FILES.append((name, f"{kind[1:]} {'x'.join(map(str, array.shape))}", what))


def sparse_norms(rng, n, m, density):
    """Non-negative integers 5..30, most of them zero, popular features first."""
    popularity = 1 / np.arange(1, m + 1) ** 0.7
    p = np.minimum(0.9, popularity * density * m / popularity.sum())
    return np.where(rng.random((n, m)) < p, 5 + rng.integers(0, 26, (n, m)), 0).astype(float)


def pls_case(name, X, Y, Xtest, counts, what):
    worst = 0
    preds = []
    exact = core.Pls(X, Y, max(counts))
    assert exact.n_components == max(counts), (name, exact.n_components)
    for c in counts:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # an unconverged component is an error
            model = PLSRegression(n_components=c, scale=True, tol=1e-29, max_iter=1_000_000).fit(X, Y)
        peer = model.predict(Xtest)
        mine = exact.predict(Xtest, c)
        worst = max(worst, np.abs(peer - mine).max() / np.abs(peer).max())
        preds.append(peer)
    print(f"{name}: largest relative difference between NIPALS and eigenvectors {worst:.1e}")
    assert worst < 1e-9, name
    save(f"{name}_xtrain", X, f"{what}: training inputs")
    if Y is not X:
        save(f"{name}_ytrain", Y, "training targets")
    save(f"{name}_xtest", Xtest, "test inputs")
    for c, p in zip(counts, preds):
        save(f"{name}_pred{c}", p, f"prediction with {c} component{'s' * (c > 1)}")


def sklearn_case(name, X, Y, Xtest, counts, what, targets=None):
    """scikit-learn's own defaults: NIPALS as it stops. Inputs and targets under the names of `targets`, if those are saved."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the iteration cap is part of what is compared
        models = {c: PLSRegression(n_components=c).fit(X, Y) for c in counts}
    iterations = list(models[max(counts)].n_iter_)
    assert all(list(m.n_iter_) == iterations[:c] for c, m in models.items())  # smaller counts are the same fit
    exact = core.Pls(X, Y, max(counts)).predict(Xtest, max(counts))
    last = models[max(counts)].predict(Xtest)
    print(f"{name}: iterations {iterations}, off the exact solution by {np.abs(last - exact).max() / np.abs(last).max():.1e}")
    if targets is None:
        save(f"{name}_xtrain", X, f"{what}: training inputs")
        if Y is not X:
            save(f"{name}_ytrain", Y, "training targets")
        save(f"{name}_xtest", Xtest, "test inputs")
    save(f"{name}_iterations", iterations, f"{what}: n_iter_ of scikit-learn's defaults")
    for c, model in models.items():
        save(f"{name}_pred{c}", model.predict(Xtest), f"prediction of its defaults with {c} component{'s' * (c > 1)}")


def pls_sklearn():
    """On the data of the exact cases, and on data that the iteration finds hard."""
    read = lambda name: np.load(OUT / f"{name}.npy").astype(float)
    for case, counts in (("pls_wide", [1, 5, 15]), ("pls_sparse", [1, 2, 10]), ("pls_degenerate", [1, 3, 8]),
                         ("pls_tall", [2, 7]), ("pls_upper", [1, 3, 12])):
        X = read(f"{case}_xtrain")
        Y = X if case == "pls_upper" else read(f"{case}_ytrain")
        sklearn_case(case.replace("pls_", "sklearn_"), X, Y, read(f"{case}_xtest"), counts, f"{case}_*", targets=case)

    h = scipy.linalg.hadamard(8).astype(float)                # orthogonal columns: a component takes exactly its own
    Y = np.c_[np.full(8, 4.0), 5 + h[:, 1], 2 * h[:, 3], h[:, 2]]
    sklearn_case("sklearn_start", h[:, 1:4], Y, np.random.default_rng(111).normal(size=(5, 3)), [1, 2, 3],
                 "a constant first column, and ties: each component is the column where the iteration starts")

    rng = np.random.default_rng(380)
    X = rng.normal(size=(48, 10))
    X = np.linalg.qr(X - X.mean(0))[0]
    turn, out = np.linalg.qr(rng.normal(size=(10, 10)))[0], np.linalg.qr(rng.normal(size=(16, 10)))[0]
    Y = np.round(7 * X @ (turn * 0.997 ** np.arange(10)) @ out.T, 3)  # singular values near each other
    X = np.round(10 * X, 3)
    assert max(PLSRegression(n_components=6).fit(X, Y).n_iter_) == 500
    sklearn_case("sklearn_capped", X, Y, rng.normal(size=(5, 10)), [1, 2, 6], "a component that takes 500 iterations")

    rng = np.random.default_rng(113)
    X = rng.normal(size=(35, 6))
    Y = X @ rng.normal(size=(6, 1)) + rng.normal(size=(35, 1))
    sklearn_case("sklearn_single", X[:30], Y[:30], X[30:], [1, 2, 4], "one target: one iteration")


def pls():
    rng = np.random.default_rng(101)
    latent = rng.normal(size=(52, 20)) * 0.8 ** np.arange(20)
    X = latent @ rng.normal(size=(20, 60)) + 0.3 * rng.normal(size=(52, 60))
    Y = latent @ rng.normal(size=(20, 23)) + 0.2 * rng.normal(size=(52, 23)) + 3
    pls_case("pls_wide", X[:40], Y[:40], X[40:], [1, 2, 5, 15], "40 rows, 60 inputs (more than rows), 23 dense targets")

    rng = np.random.default_rng(102)
    X = rng.normal(size=(88, 12)) * 0.75 ** np.arange(12) + 0.1
    Y = sparse_norms(rng, 80, 150, 0.065)
    Y[:, 3] = 7.0                     # constant
    Y[:, 5] = 0.1                     # constant, with a rounded mean
    Y[:, 149] = 0.0                   # never seen in training
    Y[:, 20] = Y[:, 10]               # equal
    Y[:, 21] = Y[:, 10]
    Y[:, 30] = 2.0 * Y[:, 11]         # proportional
    Y[:, [140, 141, 142]] = 0
    Y[7, [140, 141, 142]] = 5, 5, 10  # singletons of one concept: two equal, one proportional
    X[:80] += 0.01 * Y[:, :12]
    # 0.1 summed over 80 rows: scikit-learn's variance of such a column is rounding; give it a clean constant
    peer = Y.copy()
    peer[:, 5] = 0.125
    exact = core.Pls(X[:80], Y, 10)
    pls_case("pls_sparse", X[:80], peer, X[80:], list(range(1, 11)),
             "80 rows, 12 inputs, 150 sparse targets with constant (3, 5), unseen (149), equal (10, 20, 21; 140, 141) "
             "and proportional (11, 30; 140, 142) columns")
    assert (exact.predict(X[80:], 10)[:, 5] == 0.1).all()

    rng = np.random.default_rng(103)
    X = rng.normal(size=(36, 9)) * 0.8 ** np.arange(9)
    X[:, 4] = 2.5                     # constant input
    X[11] = X[3]                      # a row twice
    Y = X @ rng.normal(size=(9, 6)) + 0.5 * rng.normal(size=(36, 6))
    test = X[30:].copy()
    test[0, 4] = 9.0                  # the constant input moves in a test row: it must not matter
    pls_case("pls_degenerate", X[:30], Y[:30], test, [1, 3, 8], "a constant input (4), rows 3 and 11 equal")

    rng = np.random.default_rng(104)
    X = rng.normal(size=(212, 7)) @ rng.normal(size=(7, 7))
    Y = X @ rng.normal(size=(7, 3)) + rng.normal(size=(212, 3))
    pls_case("pls_tall", X[:200], Y[:200], X[200:], [1, 2, 4, 7], "200 rows, 7 inputs, 3 targets")
    full = core.Pls(X[:200], Y[:200], 7).predict(X[200:], 7)
    A = np.c_[np.ones(200), X[:200]]
    assert np.allclose(full, np.c_[np.ones(12), X[200:]] @ np.linalg.lstsq(A, Y[:200], rcond=None)[0], atol=1e-9)

    rng = np.random.default_rng(105)
    groups = rng.integers(0, 6, 70)
    profile = rng.random((6, 60)) < 0.12
    Y = np.where(profile[groups] & (rng.random((70, 60)) < 0.7) | (rng.random((70, 60)) < 0.03),
                 5 + rng.integers(0, 26, (70, 60)), 0).astype(float)
    pls_case("pls_upper", Y[:58], Y[:58], Y[58:], [1, 3, 6, 12],
             "58 x 60 sparse norms mapped on themselves (upper); ytrain = xtrain")
    mean, scale = core.center_scale(Y[:58])
    V = np.linalg.svd((Y[:58] - mean) / scale, full_matrices=False)[2]
    for c in (1, 3, 6, 12):
        pca = ((Y[58:] - mean) / scale) @ V[:c].T @ V[:c] * scale + mean
        assert np.abs(pca - core.Pls(Y[:58], Y[:58], c).predict(Y[58:], c)).max() < 1e-9


def metrics():
    rng = np.random.default_rng(201)
    n, m = 40, 47
    gold = sparse_norms(rng, n, m, 0.12)
    gold[6] = 0                                               # no gold: no F1, no rho
    gold[7, :] = 0
    gold[7, 45] = 5
    gold[8, :30] = 5 + np.arange(30)                          # more gold than 10
    pred = gold * 0.2 + rng.normal(size=(n, m))
    pred[:10] = np.round(pred[:10])                           # ties
    pred[9] = 1.5                                             # constant: no rho
    pred[12] = 0                                              # zero: no cosine
    pred[13] = np.where(np.arange(m) % 3 == 0, 2.0, -1.0)     # two values
    inputs = rng.normal(size=(n, 8)) + 0.1 * gold[:, :8]
    train_mean = np.abs(rng.normal(size=(n, m)))              # stands for the training mean of each row's fold
    rho = np.full(n, np.nan)
    for i in range(n):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            rho[i] = scipy.stats.spearmanr(pred[i], gold[i]).statistic
    assert np.array_equal(np.isnan(rho), np.isnan(core.spearman(pred, gold)))
    assert np.nanmax(np.abs(rho - core.spearman(pred, gold))) < 1e-12
    ap = core.average_precision(pred, gold)
    distinct = [i for i in range(14, n) if (gold[i] > 0).any()]   # scikit-learn treats ties otherwise
    assert np.allclose(ap[distinct], [average_precision_score(gold[i] > 0, pred[i]) for i in distinct], atol=1e-13)
    retrieval, over_gold, over_input = core.neighbourhood(pred, gold, inputs)
    save("metrics_pred", pred, "predictions, with ties in rows 0-9 and 13, constant row 9, zero row 12")
    save("metrics_gold", gold, "gold, row 6 empty")
    save("metrics_inputs", inputs, "inputs, for the overlap with input")
    save("metrics_train_mean", train_mean, "training mean of each row's fold, for R2")
    save("metrics_f1_at_10", core.f1_at_10(pred, gold), "by row; NaN: undefined")
    save("metrics_spearman", rho, "by row (SciPy); NaN: undefined")
    save("metrics_precision_at_r", core.precision_at_r(pred, gold), "by row")
    save("metrics_map", ap, "average precision by row (scikit-learn where nothing ties)")
    save("metrics_cosine", core.cosine(pred, gold), "by row; NaN where either is zero")
    save("metrics_na", np.c_[retrieval, over_gold, over_input],
         "neighbourhood accuracy at 10 by row: retrieval, overlap(gold), overlap(input); a zero row has cosine 0 with all")
    save("metrics_mse_r2", [core.mse(pred, gold), core.r2(pred, gold, train_mean)], "mean squared error, R2")

    dense_gold = np.round(rng.random((30, 25)) * 6, 1) - 0.5
    dense_pred = np.round(0.5 * dense_gold + rng.normal(size=(30, 25)), 1)
    save("metrics_dense_pred", dense_pred, "dense predictions with ties and negative values")
    save("metrics_dense_gold", dense_gold, "dense gold with ties and negative values")
    save("metrics_dense_spearman", [scipy.stats.spearmanr(p, g).statistic for p, g in zip(dense_pred, dense_gold)],
         "by row (SciPy)")

    observed = rng.random((30, 25)) < 0.8
    observed[4] = False
    observed[4, :7] = True                                    # fewer than 10 observed
    save("metrics_mask", observed.astype(int), "na=mask for the dense pair: 1 observed, 0 missing")
    save("metrics_masked", np.c_[core.f1_at_10(dense_pred, dense_gold, observed),
                                 core.spearman(dense_pred, dense_gold, observed),
                                 core.cosine(dense_pred, dense_gold, observed),
                                 core.precision_at_r(dense_pred, dense_gold, observed),
                                 core.average_precision(dense_pred, dense_gold, observed)],
         "over observed cells, by row: F1@10, Spearman, cosine, precision at R, average precision")


def mappings():
    rng = np.random.default_rng(301)
    X = rng.normal(size=(72, 10)) + 0.7
    Y = sparse_norms(rng, 72, 30, 0.15)
    Xtr, Ytr, Xte = X[:60], Y[:60], X[60:]
    save("map_xtrain", Xtr, "inputs for kNN, ridge and the bottleneck")
    save("map_ytrain", Ytr, "targets")
    save("map_xtest", Xte, "test inputs")
    for k in (1, 5, 10, 20):
        p = KNeighborsRegressor(k, metric="cosine", algorithm="brute").fit(Xtr, Ytr).predict(Xte)
        assert np.allclose(p, core.knn_predict(Xtr, Ytr, Xte, k), atol=1e-12)
        save(f"knn_pred{k}", p, f"kNN, cosine on raw vectors, unweighted, k = {k} (scikit-learn)")
    mean, scale = Xtr.mean(0), Xtr.std(0, ddof=1)
    for alpha in (0.5, 30.0):
        p = Ridge(alpha=alpha).fit((Xtr - mean) / scale, Ytr).predict((Xte - mean) / scale)
        assert np.allclose(p, core.ridge_predict(Xtr, Ytr, Xte, alpha), atol=1e-10)
        save(f"ridge_pred_{str(alpha).replace('.', '_')}", p,
             f"ridge, penalty {alpha}, inputs standardised (ddof 1), targets centred (scikit-learn)")
    save("map_mean", core.mean_predict(Ytr, 1)[0], "mean predictor")

    centres = rng.normal(size=(5, 10)) * 1.5
    which = np.arange(72) % 5
    Z = centres[which] + rng.normal(size=(72, 10))
    labels = hierarchy.fcluster(hierarchy.linkage(Z[:60], "ward"), 6, "maxclust") - 1
    classes = core.lda_classes(Z[:60], labels, Z[60:])
    assert len(set(classes)) > 3
    save("lda_xtrain", Z[:60], "inputs for the group bottleneck")
    save("lda_xtest", Z[60:], "test inputs")
    save("lda_labels", labels, "class of each training row")
    save("lda_classes", classes, "class assigned to each test row")
    save("lda_pred", core.bottleneck_predict(Z[:60], Ytr, labels, Z[60:]),
         "prediction: mean of map_ytrain over the assigned class")


def ward():
    rng = np.random.default_rng(401)
    for name, n, d, k in (("ward_generic", 61, 5, (2, 5, 12)), ("ward_grouped", 120, 20, (6, 10, 15))):
        X = rng.normal(size=(n, d))
        if name == "ward_grouped":
            X = core.unit_rows(X * 0.6 + rng.normal(size=(10, d))[rng.integers(0, 10, n)])
        tree = hierarchy.linkage(X, method="ward", metric="euclidean")
        save(f"{name}_x", X, "rows to be clustered")
        save(f"{name}_heights", tree[:, 2], "heights of the merges (SciPy: distances, not squared)")
        for c in k:
            labels = hierarchy.fcluster(tree, c, "maxclust")
            assert len(set(labels)) == c
            first = {}
            save(f"{name}_k{c}", [first.setdefault(l, len(first)) for l in labels],
                 f"{c} clusters, numbered by first appearance")


def readme():
    lines = ["# Goldens", "",
             "Written by `tests/oracle/make_goldens.py`; never edited by hand. Arrays are `.npy`, C order, little endian.", "",
             f"Python {platform.python_version()}, NumPy {np.__version__}, SciPy {scipy.__version__}, scikit-learn "
             f"{sklearn.__version__}. Seeds (`numpy.random.default_rng`): PLS 101-105, 111, 113 and 380, metrics 201, mappings 301, Ward 401.", "",
             "- `pls_*`: scikit-learn `PLSRegression(scale=True)`, tol 1e-29, up to 1,000,000 iterations: converged. The script fails",
             "  unless an eigenvector version agrees to 1e-9. Compare relative to the largest entry.",
             "- `sklearn_*`: the same with scikit-learn's own defaults (tol 1e-6, at most 500 iterations), which do not converge. Where only",
             "  predictions stand here, inputs and targets are those of `pls_*` of the same name.",
             "- `lda_*`: the group bottleneck. Sw = pooled within-class scatter / (n - G) with G classes; Sigma = Sw/2 + diag(Sw)/2;",
             "  score_g(x) = x' Sigma^-1 mu_g - mu_g' Sigma^-1 mu_g / 2 + ln(n_g / n), that is, priors in proportion to the class sizes;",
             "  the class of the highest score is taken whole (no averaging over classes), and its training mean is the prediction.",
             "- F1@10, precision at R and average precision are ranked by prediction, ties to the lowest feature index.",
             "- NaN in a metric marks a concept for which it is undefined.", "",
             "| file | type, shape | what |", "|---|---|---|"]
    lines += [f"| `{n}.npy` | {s} | {w} |" for n, s, w in FILES]
    (OUT / "README.md").write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    OUT.mkdir(exist_ok=True)
    for old in OUT.glob("*.npy"):
        old.unlink()
    pls(), pls_sklearn(), metrics(), mappings(), ward(), readme()
    size = sum(f.stat().st_size for f in OUT.iterdir())
    print(f"{len(FILES)} arrays, {size / 1000:.0f} kB")
    assert size < 600_000
