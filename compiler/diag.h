/* diag.h: errors of the user's program: collected, sorted by position, capped, printed at the end. */
#ifndef TOY_DIAG_H
#define TOY_DIAG_H

#include "ast.h"

void error_at(Pos pos, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Of the lexer and the parser: what is read is worth checking all the same. */
void mild_error_at(Pos pos, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void note_at(Pos pos, const char *fmt, ...) __attribute__((format(printf, 2, 3)));   /* attached to the error before it */
void error_in_file(const char *path, const char *fmt, ...) __attribute__((format(printf, 2, 3))); /* FILE:1:1: */
void not_yet(Pos pos, const char *what);        /* error: not yet supported: WHAT */
int diag_errors(void);                          /* number so far; at most one a line and message */
int diag_severe(void);                          /* those that are not mild */
bool diag_errors_in(Pos from, Pos to);          /* is there one at a place between these? */
void diag_set_max(int max);                     /* 0: all */
bool diag_is_full(void);                        /* more would not be printed: a pass may stop */
void diag_flush(void);                          /* FILE:LINE:COL: error: TEXT, source line (clipped), caret; then "too many errors" if capped */

#endif
