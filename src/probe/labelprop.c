/* Label propagation: Modified Adsorption (Talukdar & Crammer 2009) on a graph of concepts, transductive: those of the test fold are nodes without
 * labels (docs/methods.md#labelprop).
 *
 * An update is
 *     Y_v <- (mu1 inj_v seed_v + mu2 sum_u A_vu Y_u) / M_v,   A_vu = cont_v W_vu + cont_u W_uv,   M_v = mu1 inj_v + mu2 sum_u A_vu + mu3
 * label by label; the dummy label takes what is left and no other label reads it. M - mu2 A is symmetric and strictly diagonally dominant, so that the
 * updates end in its one solution, which is linear in the seeds: the weights of the training rows depend on the graph and on who has a label, not
 * on the labels. They are solved for once in each fold and serve every target and permutation. */
#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "probe/baselines.h"
#include "probe/mapping.h"
#include "tensor/blas.h"

/* Junto's, which is the published program. */
#define MU1 1.0
#define MU2 0.01
#define MU3 0.01
#define BETA 2.0
#define TEXT_OF(number) #number
#define TEXT(number) TEXT_OF(number)

/* The nodes of a fold: training concepts, then test concepts. */
typedef struct graph {
    size_t n, n_train;
    double *edge; /* n x n, symmetric */
    double *inject, *go_on;
} graph;

static void graph_free(graph *g) { xp_free_all(g->edge, g->inject, g->go_on); }

/* Each node and its k nearest others, either way; weight: the cosine, where it is above 0. */
static bool connect(graph *g, const xp_cosines *cosines, const xp_fold *fold, size_t k) {
    uint32_t *node = xp_alloc(g->n, sizeof *node), *nearest = xp_alloc(k, sizeof *nearest);
    bool ok = node != NULL && nearest != NULL;
    for (size_t v = 0; ok && v < g->n; v++) node[v] = v < g->n_train ? fold->train[v] : fold->test[v - g->n_train];
    for (size_t v = 0; ok && v < g->n; v++) {
        const int64_t *step = cosines->step + (size_t)node[v] * cosines->n;
        const size_t held = xp_cosines_best(step, node, g->n, v, k, nearest);
        for (size_t i = 0; i < held && step[node[nearest[i]]] > 0; i++) {
            const size_t u = nearest[i];
            g->edge[v * g->n + u] = g->edge[u * g->n + v] = ldexp((double)step[node[u]], -40);
        }
    }
    xp_free_all(node, nearest);
    return ok;
}

/* How much of a node is its own label, and how much goes on: by the entropy of its edges (Talukdar et al. 2008). */
static void divide(graph *g) {
    for (size_t v = 0; v < g->n; v++) {
        const double *edge = g->edge + v * g->n;
        double sum = 0, entropy = 0;
        for (size_t u = 0; u < g->n; u++) sum += edge[u];
        for (size_t u = 0; u < g->n && sum > 0; u++)
            if (edge[u] > 0) entropy -= edge[u] / sum * log(edge[u] / sum);
        if (entropy < 0) entropy = 0; /* one edge: 0 but for rounding */
        double c = log(BETA) / log(BETA + exp(entropy));
        double d = v < g->n_train ? (1 - c) * sqrt(entropy) : 0, z = c + d > 1 ? c + d : 1;
        g->go_on[v] = c / z;
        g->inject[v] = d / z;
    }
}

/* weight (n_train x n_test): of a test node's labels the share that each training row has, summing to 1; a node that no label reaches: 0. */
static bool solve(graph *g, double *weight) {
    const size_t n = g->n, n_train = g->n_train, n_test = n - n_train;
    double *system = xp_calloc(n * n, sizeof *system), *rows = xp_calloc(n_test * n, sizeof *rows);
    bool ok = system != NULL && rows != NULL;
    for (size_t v = 0; ok && v < n; v++) {
        double sum = 0;
        for (size_t u = 0; u < n; u++) {
            double a = (g->go_on[v] + g->go_on[u]) * g->edge[v * n + u];
            system[v * n + u] = -MU2 * a;
            sum += a;
        }
        system[v * n + v] = MU1 * g->inject[v] + MU2 * sum + MU3;
    }
    for (size_t t = 0; ok && t < n_test; t++)
        rows[t * n + n_train + t] = 1; /* rows of the inverse, which is symmetric */
    ok = ok && xp_solve_positive(n, system, n_test, rows);
    for (size_t t = 0; ok && t < n_test; t++) {
        double sum = 0;
        for (size_t k = 0; k < n_train; k++) sum += rows[t * n + k] * g->inject[k];
        for (size_t k = 0; k < n_train; k++)
            weight[k * n_test + t] = sum > 0 ? rows[t * n + k] * g->inject[k] / sum : 0;
    }
    xp_free_all(system, rows);
    return ok;
}

static bool prepare(xp_input *input) {
    double **weight = input->own;
    const xp_fold *fold = input->fold;
    graph g = {.n = fold->n_train + fold->n_test, .n_train = fold->n_train};
    g.edge = xp_calloc(g.n * g.n, sizeof *g.edge);
    g.inject = xp_alloc(g.n, sizeof *g.inject);
    g.go_on = xp_alloc(g.n, sizeof *g.go_on);
    *weight = xp_alloc(fold->n_train * fold->n_test, sizeof **weight);
    bool ok = g.edge && g.inject && g.go_on && *weight &&
              connect(&g, &input->data->cosines, fold, (size_t)input->data->mapping->levels.value[0]);
    if (ok) {
        divide(&g);
        ok = solve(&g, *weight);
    }
    graph_free(&g);
    return ok;
}

static void release(xp_input *input) { xp_free(*(double **)input->own); }

/* A weighted mean of training rows; of a node that no label reaches all of them, as the mean predictor. */
static bool predict(xp_work *work, size_t level, double *block) {
    (void)level;
    const xp_fold *fold = work->input->fold;
    const xp_columns *columns = work->job.columns;
    const size_t n_test = fold->n_test;
    const double *weight = *(double *const *)work->input->own;
    for (size_t t = 0; t < n_test; t++) {
        double sum = 0;
        for (size_t k = 0; k < fold->n_train; k++) sum += weight[k * n_test + t];
        for (size_t j = 0; j < columns->m; j++)
            block[j * n_test + t] = columns->constant[j] || !(sum > 0) ? columns->mean[j] : 0;
    }
    xp_target_smooth(work->job.target, fold, columns, weight, block);
    return true;
}

const xp_mapper xp_labelprop_mapper = {
    .name = "labelprop",
    .words = "label propagation",
    .fixed = "{\"mu1\": " TEXT(MU1) ", \"mu2\": " TEXT(MU2) ", \"mu3\": " TEXT(MU3) ", \"beta\": " TEXT(BETA) "}",
    .levels_from = XP_LEVELS_GRAPH_K,
    .level_setting = "graph_k",
    .by_cosine = true,
    .takes_itself = true,
    .reads_input = true,
    .input_size = sizeof(double *),
    .prepare = prepare,
    .release = release,
    .predict = predict};
