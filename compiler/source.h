/* source.h: source files and positions. A Pos is an offset in the concatenation of all files loaded, plus one. */
#ifndef TOY_SOURCE_H
#define TOY_SOURCE_H

#include "ast.h"

typedef struct Source { const char *path; const char *text; /* NUL-terminated beyond size */ size_t size; Pos base; /* Pos of text[0] */ uint32_t *lines; int nlines; } Source;

/* Loads a file; refuses (with a diagnostic, returns null) what cannot be read, directories, NUL bytes or invalid UTF-8,
 * a byte order mark elsewhere than at the start, and more than 1 GiB. */
Source *source_load(const char *path);
typedef struct Place { const char *path; int line, col; /* from 1; col counts bytes, as Go does */ } Place;
Place pos_place(Pos pos);
const char *pos_line_text(Pos pos, size_t *length);

#endif
