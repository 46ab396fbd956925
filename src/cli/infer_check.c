/* Which options of explaint infer go together. */
#include <string.h>

#include "infer.h"
#include "product.h"
#include "shared.h"

typedef infer_settings settings;

bool infer_of_layers(const settings *s) {
    return s->model != NULL || (s->vectors.tensor != NULL &&
                                (strcmp(s->vectors.tensor, "all") == 0 || strchr(s->vectors.tensor, ',') != NULL));
}

int infer_check(const cli_command *command, const settings *s, char **arguments, size_t n_arguments) {
    if (n_arguments > 0) return cli_unexpected(command, arguments[0]);
    const int refused = product_check(command, &s->wish, true);
    if (refused != 0) return refused;
    if (s->resume && s->ledger == NULL) return cli_usage_error(command, "--resume needs --ledger FILE");
    if (s->model != NULL && (s->embeddings != NULL || s->vectors.words != NULL || s->vectors.tensor != NULL))
        return cli_usage_error(command, "--model makes the vectors: it excludes --embeddings, --words and --tensor");
    if (s->model == NULL && (cli_given("layers") || cli_given("template") || cli_given("pieces")))
        return cli_usage_error(command, "--layers, --template and --pieces need --model DIR");
    if (infer_of_layers(s) && s->predictions != NULL)
        return cli_usage_error(command, s->model != NULL
                                            ? "--predictions is of one layer: make its vectors with 'explaint embed', "
                                              "and give them as --embeddings"
                                            : "--predictions is of one layer: name its --tensor alone");
    if (s->embeddings == NULL && s->model == NULL && strcmp(s->norms, "wordnet") != 0)
        return cli_usage_error(command, "--embeddings FILE or --model DIR is needed with --norms %s", s->norms);
    if (!infer_of_layers(s) && cli_given("adjust") && strcmp(s->o.adjust, "none") != 0)
        return cli_usage_error(command,
                               "--adjust %s needs layers (--model, or --tensor all), whose p-values it adjusts "
                               "together",
                               s->o.adjust);
    static const char *const of_ffnn[] = {"preset", "hidden", "dropout", "learning-rate", "batch", "epochs"};
    for (size_t i = 0; i < CLI_LENGTH(of_ffnn); i++)
        if (cli_given(of_ffnn[i]) && strcmp(s->o.mapping, "ffnn") != 0)
            return cli_usage_error(command, "--%s is of --mapping ffnn, and the mapping is %s", of_ffnn[i],
                                   s->o.mapping);
    if (cli_given("permutations") && s->o.permutations == 0 && s->o.covariates_file != NULL)
        return cli_usage_error(command, "--covariates acts on the tests, and --permutations 0 makes none");
    if (cli_given("permutations") && s->o.permutations == 0 && s->fail_on != NULL)
        return cli_usage_error(command, "--fail-on needs a verdict, and --permutations 0 makes none");
    return 0;
}
