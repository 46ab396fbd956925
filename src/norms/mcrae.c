/* McRae, Cree, Seidenberg & McNorgan 2005: CONCS_FEATS_concstats_brm.txt, one row per concept-feature pair, 46 columns
 * by tabs.
 *
 * Easy to get wrong: two pairs stand there twice with different counts (the larger is kept); statistics "No_Tax" are
 * empty in taxonomic rows, so that empty cells are no fault; BR_Label "taxonomic" and WB_Label "superordinate" are
 * properties of the row and here become those of the feature, which is the same in this file. */
#include "formats/number.h"
#include "norms/build.h"

const char xp_mcrae_citation[] =
    "McRae, K., Cree, G. S., Seidenberg, M. S., & McNorgan, C. (2005). Semantic feature production norms for a large "
    "set of "
    "living and nonliving things. Behavior Research Methods, 37(4), 547-559. https://doi.org/10.3758/BF03192726";

bool xp_mcrae_is(const xp_csv *csv, const xp_survey *survey) {
    (void)survey;
    static const char *const columns[] = {"concept", "feature", "wb_label", "br_label", "prod_freq"};
    for (size_t i = 0; i < sizeof columns / sizeof columns[0]; i++)
        if (xp_table_column(csv, columns[i]) == csv->width) return false;
    return true;
}

explaint_status xp_mcrae_read(xp_csv *csv, xp_builder *b, explaint_error *error) {
    size_t c = xp_table_column(csv, "concept"), f = xp_table_column(csv, "feature"),
           v = xp_table_column(csv, "prod_freq");
    size_t wb = xp_table_column(csv, "wb_label"), br = xp_table_column(csv, "br_label");
    bool more;
    explaint_status status;
    while ((status = xp_csv_next(csv, &more, error)) == EXPLAINT_OK && more) {
        xp_view concept = csv->cell[c].text, feature = csv->cell[f].text, count = csv->cell[v].text;
        double value;
        if (concept.length == 0 || feature.length == 0)
            return xp_csv_fail(csv, NULL, error, "expected a name in column \"%s\", found none",
                               concept.length == 0 ? "Concept" : "Feature");
        xp_number outcome = xp_number_read(xp_view_trim(count), &value);
        if (outcome != XP_NUMBER_OK || value < 0)
            return xp_csv_fail(
                csv, NULL, error,
                "expected how many people named the feature in column \"Prod_Freq\", found \"%.*s\", which is %s",
                XP_SHOW(count), outcome != XP_NUMBER_OK ? xp_number_says(outcome) : "negative");
        bool taxonomic = xp_view_is_nocase(xp_view_trim(csv->cell[br].text), "taxonomic");
        bool superordinate = xp_view_is_nocase(xp_view_trim(csv->cell[wb].text), "superordinate");
        unsigned flags = (taxonomic || superordinate ? XP_TAXONOMIC : 0u) | (superordinate ? XP_SUPERORDINATE : 0u);
        uint32_t row, column;
        if ((status = xp_builder_concept(b, concept, &row, NULL, error)) != EXPLAINT_OK ||
            (status = xp_builder_feature(b, feature, &column, NULL, error)) != EXPLAINT_OK ||
            (status = xp_builder_flag(b, column, flags, error)) != EXPLAINT_OK ||
            (status = xp_builder_cell(b, row, column, value, csv->line, error)) != EXPLAINT_OK)
            return status;
    }
    return status;
}
