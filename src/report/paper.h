/* What the paper prints (Abdelhalim, Edinger, Laue & Regneri 2026, arXiv 2601.22928), as published: two digits. */
#ifndef XP_REPORT_PAPER_H
#define XP_REPORT_PAPER_H

/* The paper's columns in its order, then the two baselines that it lacks. */
typedef enum xp_paper_column {
    XP_COLUMN_SYSTEM,
    XP_COLUMN_UPPER,
    XP_COLUMN_SHUFFLE,
    XP_COLUMN_SHUFFLE_UPPER,
    XP_COLUMN_RANDOM,
    XP_PAPER_COLUMNS,
    XP_COLUMN_MEAN = XP_PAPER_COLUMNS, /* the mean predictor, on the norms */
    XP_COLUMN_MEAN_SHUFFLE,            /* and on the shuffled ones */
    XP_COLUMNS
} xp_paper_column;

typedef struct xp_paper_row {
    const char *norms; /* as the paper has it */
    const char *metric;
    double value[XP_PAPER_COLUMNS];
} xp_paper_row;

enum { XP_PAPER_ROWS = 3 };
extern const xp_paper_row xp_paper[XP_PAPER_ROWS];

/* Index of the paper's norms that a result's name means, -1: none. Names are what a reader of norms gives, or begin a
 * file's name: "mcrae", "buchanan2019_final_words_2017". */
int xp_paper_norms(const char *name);

#endif
