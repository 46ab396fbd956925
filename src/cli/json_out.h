/* The small JSON documents that the program itself prints; those of results are the library's. To stdout. */
#ifndef XP_CLI_JSON_OUT_H
#define XP_CLI_JSON_OUT_H

void json_text(const char *text); /* in quotes */
/* , "name": and the fewest digits that read back to the same double. */
void json_number(const char *name, double value);
void json_member(const char *name, const char *text); /* , "name": "text" */

#endif
