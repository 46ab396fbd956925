/* make_wordnet_norms FOLDER VOCABULARY OUTPUT: the library's WordNet norms, for scripts/make-wordnet-norms. */
#include <explaint/norms.h>

int main(int count, char **arguments) {
    if (count != 4) {
        fprintf(stderr, "usage: make_wordnet_norms FOLDER VOCABULARY OUTPUT\n");
        return 2;
    }
    explaint_error error = {0};
    explaint_status status = explaint_norms_from_wordnet(arguments[1], arguments[2], arguments[3], &error);
    if (status != EXPLAINT_OK) fprintf(stderr, "%s\n", error.message);
    return (int)status;
}
