/* One thread's look into a model at rows of its own making: what experiments that damage states need.
 *
 *     xp_session *session = NULL;
 *     if (xp_session_create(model, 40, &session, error) != EXPLAINT_OK) return error->code;
 *     xp_session_embed(session, id, n, rows);                    // h^0
 *     reverse(rows);
 *     xp_session_block(session, 1, n, rows, NULL, maps, NULL);   // where layer 1 looks now
 *     xp_session_destroy(session);
 *
 * The same bits as explaint_model_run gives from the same rows. */
#ifndef XP_MODEL_SESSION_H
#define XP_MODEL_SESSION_H

#include "explaint/model.h"

typedef struct xp_session xp_session;

/* For texts of up to `longest` pieces (at most n_positions, unless the model is open-ended). */
explaint_status xp_session_create(const explaint_model *model, size_t longest, xp_session **session,
                                  explaint_error *error);
void xp_session_destroy(xp_session *session);

/* The word's row alone (width), without position and norm; id is in the vocabulary. */
void xp_model_word(const explaint_model *model, int32_t id, double *row);

/* h^0 of ids (n x width). Errors as explaint_model_run's. */
explaint_status xp_session_embed(xp_session *session, const int32_t *id, size_t n, float *rows, explaint_error *error);

/* Block `layer` (1..L) on any rows h^(l-1): h^l (n x width), the maps (heads x n x n), the values (heads x n x
 * head); what is NULL is not made. n is at most `longest`. to may be rows. */
void xp_session_block(xp_session *session, size_t layer, size_t n, const float *rows, float *to, float *maps,
                      float *values);

/* The same maps in two steps, for rows that come up more than once: what is projected is a row's own, wherever in whatever text it stands.
 *
 *     xp_session_project(session, 1, n, rows, projected);          // n x xp_session_projected(session), any n
 *     ...                                                          // rows of `projected` change places
 *     xp_session_look(session, 1, n, projected, maps); */
size_t xp_session_projected(const xp_session *session);
void xp_session_project(xp_session *session, size_t layer, size_t n, const float *rows, float *to);
void xp_session_look(xp_session *session, size_t layer, size_t n, const float *projected, float *maps);

#endif
