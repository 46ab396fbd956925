/* How many concepts a verdict needs: the null's spread of r on parts of the norms (docs/methods.md#needs). */
#include <math.h>
#include <string.h>

#include "audit/plan.h"
#include "base/memory.h"
#include "base/pool.h"
#include "base/rng.h"
#include "explaint/baseline.h"
#include "probe/relation.h"

/* Sizes that people plan with; the present number of concepts stands among them. */
static const size_t sizes[] = {100, 150, 200, 300, 500};

enum {
    PARTS = 4,           /* of each size, drawn from the norms */
    DRAWS = 100,         /* permutations of a part */
    MORE_DRAWS = 300,    /* of all concepts */
    MOST_MEASURED = 1000 /* beyond, n x n numbers take longer than a question may */
};

/* Vectors made for the purpose. What spreads r is the shape of A, and that depends on what vectors know of groups and on how few directions they vary in: so they know clusters
 * of the norms of about 12 and of about 4 concepts by these shares of their variance, and their k-th direction has the length k^-.7. Set on GloVe; how
 * far off they are stands in docs/methods.md#needs. */
enum { WIDTH = 100, LEVELS = 2 };
static const struct {
    size_t of; /* concepts of a cluster */
    double share;
} known[LEVELS] = {{XP_GROUP, .25}, {4, .2}};
static const double STEEP = .7;

typedef struct task {
    size_t size, part;     /* index of the size */
    double sd[XP_N_TESTS]; /* NaN: no such test */
} task;

typedef struct measuring {
    const xp_study *study;
    const char *within;
    uint64_t seed;
    size_t size[sizeof sizes / sizeof *sizes + 1], n_sizes; /* of concepts, ascending */
    task *task;
    size_t n_tasks;
} measuring;

/* ---- one part ---- */

static bool draw_part(const measuring *m, const task *t, xp_study *part) {
    const size_t n = m->size[t->size];
    uint32_t *row = xp_alloc(m->study->n, sizeof *row);
    bool ok = row != NULL;
    for (uint32_t i = 0; ok && i < m->study->n; i++) row[i] = i;
    if (ok && n < m->study->n) {
        xp_rng rng = xp_rng_begin(m->seed, XP_RNG_PARTS, (uint32_t)(t->size * PARTS + t->part));
        xp_rng_permutation(&rng, m->study->n, row);
    }
    ok = ok && xp_study_select(m->study, row, n, part);
    xp_free(row);
    return ok;
}

/* Adds to x a row for each cluster, the same for its concepts. */
static bool add_clusters(const xp_study *part, size_t clusters, double share, xp_rng *rng, double *x) {
    int *label = xp_alloc(part->n, sizeof *label);
    double *centre = xp_alloc(clusters * WIDTH, sizeof *centre);
    const bool ok = label != NULL && centre != NULL && xp_study_cluster(part, clusters, label);
    for (size_t k = 0; ok && k < clusters * WIDTH; k++) centre[k] = sqrt(share) * xp_rng_normal(rng);
    for (size_t i = 0; ok && i < part->n; i++)
        for (size_t k = 0; k < WIDTH; k++) x[i * WIDTH + k] += centre[(size_t)label[i] * WIDTH + k];
    xp_free_all(label, centre);
    return ok;
}

static bool make_vectors(const measuring *m, const task *t, xp_study *part) {
    const size_t n = part->n;
    double *x = xp_calloc(n * WIDTH, sizeof *x), own = 1;
    xp_rng rng = xp_rng_begin(m->seed, XP_RNG_PART_VECTORS, (uint32_t)(t->size * PARTS + t->part));
    bool ok = x != NULL;
    for (size_t k = 0; ok && k < LEVELS; k++) {
        ok = add_clusters(part, n < known[k].of ? 1 : n / known[k].of, known[k].share, &rng, x);
        own -= known[k].share;
    }
    for (size_t e = 0; ok && e < n * WIDTH; e++)
        x[e] = (x[e] + sqrt(own) * xp_rng_normal(&rng)) * pow((double)(e % WIDTH + 1), -STEEP);
    if (ok) {
        xp_free(part->x);
        part->x = x;
        part->d = WIDTH;
        return true;
    }
    xp_free(x);
    return false;
}

/* The spread of r under permutations. */
static bool measure_test(const measuring *m, const xp_relation *relation, const xp_reader *reader, size_t draws,
                         const xp_permutation_test *test, double *sd) {
    xp_statistic statistic;
    double t[MORE_DRAWS], mean = 0, squares = 0;
    bool ok = xp_statistic_create_reader(&statistic, test, relation, reader) &&
              xp_agreement_run(&statistic.agreement, m->seed, XP_RNG_PERMUTE + (unsigned)test->id, 1, draws, t);
    for (size_t b = 0; ok && b < draws; b++) mean += t[b] / (double)draws;
    for (size_t b = 0; ok && b < draws; b++) squares += (t[b] - mean) * (t[b] - mean);
    if (ok && statistic.agreed.divisor > 0) *sd = sqrt(squares / (double)(draws - 1)) / statistic.agreed.divisor;
    xp_statistic_free(&statistic);
    return ok;
}

static bool measure(void *self, size_t i, unsigned w) {
    const measuring *m = self;
    task *t = &m->task[i];
    xp_study part = {0};
    xp_permutation_test test[XP_N_TESTS] = {0};
    bool has[XP_N_TESTS] = {false};
    xp_reader reader = {0};
    xp_relation relation = {0};
    (void)w;
    for (size_t id = 0; id < XP_N_TESTS; id++) t->sd[id] = NAN;
    bool ok = draw_part(m, t, &part) && (!m->study->no_vectors || make_vectors(m, t, &part));
    const xp_target target = xp_study_target(&part.gold, NULL);
    ok = ok && xp_permutation_tests_make(&part, m->within, has, test) &&
         xp_relation_create(&relation, &target, part.dense, part.covariates, part.n_covariates) &&
         xp_reader_create(&reader, part.x, part.n, part.d);
    for (size_t id = 0; ok && id < XP_N_TESTS; id++)
        if (has[id] && (id == XP_E1 || test[id].blocks.n_movable >= XP_LEAST_MOVABLE))
            ok = measure_test(m, &relation, &reader, part.n < m->study->n ? DRAWS : MORE_DRAWS, &test[id], &t->sd[id]);
    for (size_t id = 0; id < XP_N_TESTS; id++) xp_permutation_test_free(&test[id]);
    xp_reader_free(&reader);
    xp_relation_free(&relation);
    xp_study_free(&part);
    return ok;
}

/* ---- all of them ---- */

static bool is_measured(const measuring *m, size_t s) {
    return m->size[s] <= m->study->n && m->size[s] <= MOST_MEASURED;
}

static void list_sizes(measuring *m) {
    const size_t present = m->study->n;
    size_t k = 0;
    for (; k < sizeof sizes / sizeof *sizes && sizes[k] < present; k++) m->size[m->n_sizes++] = sizes[k];
    m->size[m->n_sizes++] = present;
    for (; k < sizeof sizes / sizeof *sizes; k++)
        if (sizes[k] != present) m->size[m->n_sizes++] = sizes[k];
}

static bool list_tasks(measuring *m) {
    m->task = xp_calloc(m->n_sizes * PARTS, sizeof *m->task);
    if (m->task == NULL) return false;
    for (size_t s = m->n_sizes; s-- > 0;) /* the largest first */
        for (size_t p = 0; is_measured(m, s) && p < (m->size[s] == m->study->n ? 1 : PARTS); p++)
            m->task[m->n_tasks++] = (task){.size = s, .part = p};
    return true;
}

/* The mean over the parts of a size; NaN where half of them have no such test. */
static double spread_of(const measuring *m, size_t size, xp_test_id id) {
    double sum = 0, count = 0, missing = 0;
    for (size_t i = 0; i < m->n_tasks; i++) {
        const task *t = &m->task[i];
        if (t->size != size) continue;
        missing += isnan(t->sd[id]) ? 1 : 0;
        count += isnan(t->sd[id]) ? 0 : 1;
        sum += isnan(t->sd[id]) ? 0 : t->sd[id];
    }
    return count > missing ? sum / count : NAN;
}

/* One test: what was measured, and beyond it the law mde ~ 1/n, through the largest size that was. */
static void add_test(const measuring *m, xp_test_id id, explaint_needs *needs) {
    const explaint_need *last = NULL;
    for (size_t s = 0; s < m->n_sizes; s++) {
        const bool measured = is_measured(m, s);
        double mde = measured ? xp_permutation_test_detects(id) * spread_of(m, s, id) : NAN;
        if (!measured && last != NULL) mde = last->mde * (double)last->n / (double)m->size[s];
        if (isnan(mde)) continue;
        explaint_need *need = &needs->need[needs->n_needs++];
        *need = (explaint_need){.id = xp_permutation_test_name(id), .n = m->size[s], .mde = mde, .measured = measured};
        if (measured) last = need;
    }
}

explaint_status explaint_plan_needs(const explaint_plan *plan, explaint_needs *needs, explaint_error *error) {
    const explaint_infer_options *o = &plan->request.options;
    const xp_study *study = &plan->design.layer[0].distinct;
    measuring m = {.study = study, .within = o->within, .seed = o->seed};
    *needs = (explaint_needs){.own_vectors = !study->no_vectors, .present = study->n};
    list_sizes(&m);
    const bool listed = list_tasks(&m);
    const xp_pool_job job = {.n_tasks = m.n_tasks, .run = measure, .self = &m};
    const bool ok = listed && (m.n_tasks == 0 || xp_pool_run(xp_pool_threads(o->threads), &job));
    for (int id = 0; ok && id < XP_N_TESTS; id++) add_test(&m, (xp_test_id)id, needs);
    xp_free(m.task);
    return ok ? EXPLAINT_OK : xp_no_memory(error, "the numbers of concepts");
}
