#include "norms/book.h"

#include "base/memory.h"
#include "formats/number.h"
#include "norms/build.h"

/* How much a sheet looks like norms. */
typedef enum worth { UNREADABLE, NO_TABLE, TABLE, NUMBERS, NORMS } worth;

static worth worth_of(xp_csv *csv, const xp_survey *survey, const xp_roles *roles) {
    size_t numbers = 0;
    if (xp_mcrae_is(csv, survey) || xp_buchanan_is(csv, survey) || xp_binder_is(csv, survey) || roles->is_long)
        return NORMS;
    for (size_t k = 0; k < csv->width; k++)
        numbers += roles->use[k] == XP_USE_FEATURE &&
                   (survey->column[k].content == XP_NUMBERS || survey->column[k].content == XP_TRUTHS);
    return csv->width < 2 || survey->rows == 0 ? NO_TABLE : numbers > 0 ? NUMBERS : TABLE;
}

static explaint_status weigh(const char *path, const xp_sheet *sheet, worth *found, explaint_error *error) {
    static const explaint_norms_options by_header = {0};
    xp_csv csv;
    xp_survey survey;
    xp_roles roles;
    *found = NO_TABLE;
    if (sheet->n_cells == 0) return EXPLAINT_OK;
    explaint_status status = xp_csv_open_sheet(&csv, path, sheet, error);
    if (status != EXPLAINT_OK) return status;
    status = xp_survey_make(&survey, &csv, error);
    if (status == EXPLAINT_OK) {
        status = xp_roles_find(&roles, &csv, &survey, &by_header, error);
        if (status == EXPLAINT_OK) {
            *found = worth_of(&csv, &survey, &roles);
            xp_roles_free(&roles);
        }
        xp_survey_free(&survey);
    }
    xp_csv_close(&csv);
    return status;
}

/* ---- the best of all ---- */

typedef struct contest {
    xp_xlsx *book;
    const char *path;
    worth best_worth;
    xp_sheet *best;
    xp_text alike, broken; /* names of others */
    explaint_error first;  /* of a sheet that cannot be read */
} contest;

static void name_sheet(xp_text *list, const xp_sheet *sheet) {
    xp_text_addf(list, "%s\"%.80s\"", list->length > 0 ? ", " : "", sheet->name);
}

static explaint_status enter(contest *c, size_t k, explaint_error *error) {
    xp_sheet sheet;
    worth found = UNREADABLE;
    explaint_error own = {0};
    explaint_status status = xp_xlsx_sheet(c->book, k, &sheet, &own);
    if (status == EXPLAINT_OK) status = weigh(c->path, &sheet, &found, &own);
    if (status != EXPLAINT_OK && status != EXPLAINT_INVALID) {
        xp_free(sheet.cell);
        *error = own;
        return status;
    }
    if (status != EXPLAINT_OK) {
        if (c->broken.length == 0) c->first = own;
        name_sheet(&c->broken, &sheet);
        found = UNREADABLE;
    }
    const bool tie = found == c->best_worth && found >= NUMBERS;
    if (found > c->best_worth || (tie && sheet.n_cells > c->best->n_cells)) {
        if (!tie) c->alike.length = 0;
        if (tie) name_sheet(&c->alike, c->best);
        xp_free(c->best->cell);
        *c->best = sheet;
        c->best_worth = found;
        return EXPLAINT_OK;
    }
    if (tie) name_sheet(&c->alike, &sheet);
    xp_free(sheet.cell);
    return EXPLAINT_OK;
}

static bool note_choice(const contest *c, xp_strings *notes, xp_strings *warnings) {
    const size_t n = xp_xlsx_n_sheets(c->book);
    const bool several = c->alike.length > 0;
    return !c->alike.failed && !c->broken.failed &&
           (n < 2 ||
            xp_strings_addf(notes, "of %zu sheets number %zu is read, \"%.100s\"%s%s%s", n, c->best->number,
                            c->best->name, several ? "; others look like norms as well: " : "",
                            several ? c->alike.data : "", several ? " (--sheet NAME reads one of them)" : "")) &&
           (c->broken.length == 0 ||
            xp_strings_addf(warnings, "sheets that cannot be read: %s (%.400s)", c->broken.data, c->first.message));
}

static explaint_status choose_best(xp_xlsx *book, const char *path, xp_strings *notes, xp_strings *warnings,
                                   xp_sheet *best, explaint_error *error) {
    contest c = {.book = book, .path = path, .best = best};
    explaint_status status = EXPLAINT_OK;
    for (size_t k = 0; k < xp_xlsx_n_sheets(book) && status == EXPLAINT_OK; k++) status = enter(&c, k, error);
    if (status == EXPLAINT_OK && c.best_worth == UNREADABLE) {
        *error = c.first;
        status = c.first.code;
    }
    if (status == EXPLAINT_OK && !note_choice(&c, notes, warnings)) status = xp_no_memory(error, "a note");
    xp_text_free(&c.alike);
    xp_text_free(&c.broken);
    return status;
}

/* ---- the one asked for ---- */

static explaint_status no_such_sheet(xp_xlsx *book, const char *path, const char *choice, explaint_error *error) {
    xp_text list = {0};
    for (size_t k = 0; k < xp_xlsx_n_sheets(book) && list.length < 600; k++)
        xp_text_addf(&list, "%s\"%.80s\"", k > 0 ? ", " : "", xp_xlsx_sheet_name(book, k));
    return xp_text_fail(&list, "names of sheets", error, EXPLAINT_USAGE, path, 0,
                        "there is no sheet \"%.80s\" that is not hidden (--sheet); the workbook has: %s", choice,
                        list.data);
}

static explaint_status choose_named(xp_xlsx *book, const char *path, const char *choice, xp_strings *notes,
                                    xp_sheet *sheet, explaint_error *error) {
    const size_t n = xp_xlsx_n_sheets(book);
    size_t found = n, number;
    for (size_t k = 0; k < n && found == n; k++)
        if (strcmp(xp_xlsx_sheet_name(book, k), choice) == 0) found = k;
    for (size_t k = 0; k < n && found == n; k++)
        if (xp_number_count((xp_view){choice, strlen(choice)}, &number) && number == xp_xlsx_sheet_number(book, k))
            found = k;
    if (found == n) return no_such_sheet(book, path, choice, error);
    explaint_status status = xp_xlsx_sheet(book, found, sheet, error);
    if (status == EXPLAINT_OK && n > 1 &&
        !xp_strings_addf(notes, "of %zu sheets number %zu is read, \"%.100s\"", n, sheet->number, sheet->name))
        status = xp_no_memory(error, "a note");
    return status;
}

explaint_status xp_book_choose(xp_xlsx *book, const char *path, const char *choice, xp_strings *notes,
                               xp_strings *warnings, xp_sheet *sheet, explaint_error *error) {
    *sheet = (xp_sheet){0};
    return choice != NULL ? choose_named(book, path, choice, notes, sheet, error)
                          : choose_best(book, path, notes, warnings, sheet, error);
}
