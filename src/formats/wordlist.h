/* The words of an array's rows: a text file with a word per line.
 *
 *     xp_wordlist list = {0};
 *     if (xp_wordlist_read(&list, "words.txt", notes, error) != EXPLAINT_OK) return error->code;
 *     ... list.word[i] is in line i + 1 ...
 *     xp_wordlist_free(&list); */
#ifndef XP_FORMATS_WORDLIST_H
#define XP_FORMATS_WORDLIST_H

#include "base/strings.h"
#include "base/view.h"
#include "formats/file.h"

typedef struct xp_wordlist {
    const char *path;
    size_t count;
    xp_view *word;
    xp_bytes bytes; /* inside: what words point into */
    xp_text text;
} xp_wordlist;

/* Empty lines at the end are no words; others are an error. path is borrowed. */
explaint_status xp_wordlist_read(xp_wordlist *list, const char *path, xp_strings *notes, explaint_error *error);

/* The words in list->text, each followed by a 0; count of them. path: the file, or NULL where it is that of the array. */
explaint_status xp_wordlist_cut(xp_wordlist *list, size_t count, explaint_error *error);

/* Takes the blanks off around each word that then is not another one of the list: a word that is blank, or begins with a blank,
 * may be meant (GloVe has such), a blank at the end of a line is not. Says in a note how many. path: of the list, or of the
 * array that holds it. false without memory. */
bool xp_wordlist_trim(xp_wordlist *list, const char *path, xp_strings *notes);

/* Forgets blank lines at the end that are more than count words. */
void xp_wordlist_fit(xp_wordlist *list, size_t count);

/* The words of a JSON list of texts, none of them empty. path: for messages. */
explaint_status xp_wordlist_json(xp_wordlist *list, const char *json, const char *path, explaint_error *error);
void xp_wordlist_free(xp_wordlist *list);

#endif
