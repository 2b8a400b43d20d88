/* diag.c: what is wrong with the user's program, kept until the end, then printed in the order of the source.
 *
 * Passes report as they find; the order in which a pass looks at things is nobody's business, so nothing is printed
 * before diag_flush() has sorted by position. One mistake is told once: a line gets at most one syntax error (the
 * parser's second thoughts about a line it has already complained about are noise), and the same text once.
 *
 * The source line is shown with a caret under the place. A line may be ten megabytes long, so only a window around
 * the place is shown; tabs are kept in both lines, so that they agree wherever the tab stops are.
 */
#include "diag.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "source.h"
#include "text.h"

enum { SHOWN_COLUMNS = 100, DEFAULT_MAX_ERRORS = 20 };

typedef struct Note Note;
struct Note { Pos pos; const char *text; Note *next; };

typedef struct Diag {
  Pos pos;              /* 0: about the file as a whole */
  const char *path;     /* of an error about a file */
  const char *text;
  Note *notes, **notes_end;
  int number;           /* in order of reporting: makes the sort stable */
  bool mild;
} Diag;

static struct { Diag **v; int n, cap; } diags;
static int max_errors = DEFAULT_MAX_ERRORS, told /* by earlier flushes */, nmild;
static bool dropped; /* the last error was told already: so are its notes */

static bool is_syntax_error(const char *text) { return strncmp(text, "syntax error: ", 14) == 0; }

/* Told already? `before` is on the same line. */
static bool says_the_same(const Diag *before, const char *text) {
  return strcmp(before->text, text) == 0 || (is_syntax_error(before->text) && is_syntax_error(text));
}

static bool same_line(Pos a, Pos b) {
  if (!a || !b) return a == b;
  Place pa = pos_place(a), pb = pos_place(b);
  return pa.line == pb.line && pa.path == pb.path;
}

/* Only neighbours in time are compared here, which bounds memory when a long line is wrong all over; the rest is
 * found when sorted. */
static void add(Pos pos, const char *path, const char *text, bool mild) {
  if (diags.n) {
    const Diag *last = diags.v[diags.n - 1];
    dropped = last->path == path && pos >= last->pos && same_line(last->pos, pos) && says_the_same(last, text);
    if (dropped) return;
  }
  dropped = false;
  Diag *d = NEW(Diag);
  *d = (Diag){.pos = pos, .path = path, .text = text, .number = diags.n, .mild = mild};
  nmild += mild;
  d->notes_end = &d->notes;
  list_push(&diags, d);
}

void error_at(Pos pos, const char *fmt, ...) {
  va_list ap;
  va_start(ap, fmt);
  add(pos, NULL, vformat(fmt, ap), false);
  va_end(ap);
}

void mild_error_at(Pos pos, const char *fmt, ...) {
  va_list ap;
  va_start(ap, fmt);
  add(pos, NULL, vformat(fmt, ap), true);
  va_end(ap);
}

void error_in_file(const char *path, const char *fmt, ...) {
  va_list ap;
  va_start(ap, fmt);
  add(0, intern_cstr(path), vformat(fmt, ap), false);
  va_end(ap);
}

void note_at(Pos pos, const char *fmt, ...) {
  if (dropped) return;
  check_that(diags.n > 0);
  Note *note = NEW(Note);
  va_list ap;
  va_start(ap, fmt);
  note->pos = pos;
  note->text = vformat(fmt, ap);
  va_end(ap);
  Diag *d = diags.v[diags.n - 1];
  *d->notes_end = note;
  d->notes_end = &note->next;
}

void not_yet(Pos pos, const char *what) { error_at(pos, "not yet supported: %s", what); }

int diag_errors(void) { return told + diags.n; }
int diag_severe(void) { return diag_errors() - nmild; }

bool diag_errors_in(Pos from, Pos to) {
  for (int i = 0; i < diags.n; i++)
    if (diags.v[i]->pos >= from && diags.v[i]->pos <= to) return true;
  return false;
}
void diag_set_max(int max) { max_errors = max; }
bool diag_is_full(void) { return max_errors > 0 && diag_errors() > max_errors; }

static bool is_continuation(char c) { return ((unsigned char)c & 0xc0) == 0x80; }

/* What is shown of a line: from .. to, whole characters, with marks where something is left out. */
typedef struct Window { size_t from, to; } Window;

static Window window_around(const char *line, size_t length, size_t at) {
  Window w = {0, length};
  if (length <= SHOWN_COLUMNS) return w;
  if (at > SHOWN_COLUMNS / 2) w.from = at - SHOWN_COLUMNS / 2;
  if (length - w.from > SHOWN_COLUMNS) w.to = w.from + SHOWN_COLUMNS;
  while (w.from < at && is_continuation(line[w.from])) w.from++;
  while (w.to < length && is_continuation(line[w.to])) w.to++;
  return w;
}

/* Messages are put together and written whole: standard error has no buffer. */
static Text shown;

/* Escape sequences in a source must not reach the terminal. */
static void show(const char *text, size_t length) {
  size_t start = shown.n;
  text_add_bytes(&shown, text, length);
  for (size_t i = start; i < shown.n; i++) {
    unsigned char c = (unsigned char)shown.v[i];
    if ((c < 0x20 && c != '\t') || c == 0x7f) shown.v[i] = ' ';
  }
}

static void show_line_and_caret(Pos pos, size_t column) {
  size_t length;
  const char *line = pos_line_text(pos, &length);
  if (length && line[length - 1] == '\r') length--;
  if (column > length) column = length; /* just after the line: at its newline */
  Window w = window_around(line, length, column);
  if (w.from) text_add(&shown, "…");
  show(line + w.from, w.to - w.from);
  text_add(&shown, "%s\n%s", w.to < length ? "…" : "", w.from ? " " : "");
  for (size_t i = w.from; i < column; i++)
    if (!is_continuation(line[i])) text_add_bytes(&shown, line[i] == '\t' ? "\t" : " ", 1);
  text_add(&shown, "^\n");
}

static void print_message(Pos pos, const char *path, const char *kind, const char *text) {
  Place place = pos ? pos_place(pos) : (Place){path ? path : "toy", 1, 1};
  shown.n = 0;
  text_add(&shown, "%s:%d:%d: %s: %s\n", place.path, place.line, place.col, kind, text);
  if (pos) show_line_and_caret(pos, (size_t)place.col - 1);
  fwrite(shown.v, 1, shown.n, stderr);
}

static int by_place(const void *a, const void *b) {
  const Diag *x = *(Diag *const *)a, *y = *(Diag *const *)b;
  if (x->pos != y->pos) return x->pos < y->pos ? -1 : 1;
  return x->number < y->number ? -1 : x->number > y->number;
}

/* Is diags.v[i] a repetition of one before it on its line? They are sorted, so its line's are next to it. Looking at
 * a few is enough: a line with many different errors keeps them. */
static bool is_repetition(int i) {
  enum { NEIGHBOURS = 16 };
  const Diag *d = diags.v[i];
  for (int k = i - 1; k >= 0 && k >= i - NEIGHBOURS; k--) {
    const Diag *before = diags.v[k];
    if (before->path != d->path || !same_line(before->pos, d->pos)) return false;
    if (says_the_same(before, d->text)) return true;
  }
  return false;
}

void diag_flush(void) {
  if (!diags.n) return;
  qsort(diags.v, (size_t)diags.n, sizeof *diags.v, by_place);
  int printed = 0;
  for (int i = 0; i < diags.n; i++) {
    const Diag *d = diags.v[i];
    if (is_repetition(i)) continue;
    if (max_errors > 0 && printed == max_errors) {
      fputs("too many errors\n", stderr);
      break;
    }
    print_message(d->pos, d->path, "error", d->text);
    for (const Note *note = d->notes; note; note = note->next) print_message(note->pos, NULL, "note", note->text);
    printed++;
  }
  told += diags.n;
  diags.n = 0;
}
