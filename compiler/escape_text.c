/* escape_text.c: the facts as text, `toy emit --escape`, in the words of `go build -gcflags=-m` so that the two can be
 * compared line by line.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compiler.h"
#include "escape_walk.h"
#include "source.h"
#include "text.h"

typedef struct Note { Pos pos; const char *text; int number; } Note;
DEFINE_LIST(NoteList, Note);

typedef struct Known { Package *pkg; Loc *loc; } Known;
DEFINE_LIST(KnownList, Known);
static KnownList known; /* of all packages analysed so far; text is made only when it is asked for */

/* ---- expressions, abbreviated as Go abbreviates them */

static void add_expr(Text *t, Expr *e);

static void add_list(Text *t, ExprList list) {
  for (int i = 0; i < list.n; i++) {
    if (i) text_add(t, ", ");
    add_expr(t, list.v[i]);
  }
}

static void add_basic(Text *t, Expr *e) {
  if (e->kind == EXPR_IDENT) text_add(t, "%s", e->u.ident.name);
  else if (e->kind == EXPR_STRING) text_add(t, "\"%.*s\"", (int)e->u.lit.length, e->u.lit.text);
  else text_add(t, "%.*s", (int)e->u.lit.length, e->u.lit.text);
}

static void add_slice(Text *t, Expr *e) {
  add_expr(t, e->u.slice.x), text_add(t, "[");
  if (e->u.slice.lo) add_expr(t, e->u.slice.lo);
  text_add(t, ":");
  if (e->u.slice.hi) add_expr(t, e->u.slice.hi);
  if (e->u.slice.three) text_add(t, ":"), add_expr(t, e->u.slice.max);
  text_add(t, "]");
}

static void add_pair(Text *t, Expr *x, const char *between, Expr *y, const char *after) {
  add_expr(t, x), text_add(t, "%s", between), add_expr(t, y), text_add(t, "%s", after);
}

static void add_expr(Text *t, Expr *e) {
  if (e->mode == MODE_TYPE && e->type) {
    text_add(t, "%s", type_string(e->type));
    return;
  }
  switch (e->kind) {
  case EXPR_IDENT: case EXPR_INT: case EXPR_FLOAT: case EXPR_IMAG: case EXPR_CHAR: case EXPR_STRING:
    add_basic(t, e);
    return;
  case EXPR_COMPOSITE:
    text_add(t, e->u.composite.elems.n ? "%s{...}" : "%s{}", type_string(e->type));
    return;
  case EXPR_FUNC: text_add(t, "func literal"); return;
  case EXPR_PAREN: text_add(t, "("), add_expr(t, e->u.paren.x), text_add(t, ")"); return;
  case EXPR_SELECTOR: add_expr(t, e->u.selector.x), text_add(t, ".%s", e->u.selector.name); return;
  case EXPR_INDEX: add_pair(t, e->u.index.x, "[", e->u.index.index, "]"); return;
  case EXPR_SLICE: add_slice(t, e); return;
  case EXPR_TYPEASSERT: add_pair(t, e->u.typeassert.x, ".(", e->u.typeassert.type_expr, ")"); return;
  case EXPR_CALL: add_expr(t, e->u.call.fun), text_add(t, "("), add_list(t, e->u.call.args), text_add(t, ")"); return;
  case EXPR_STAR: text_add(t, "*"), add_expr(t, e->u.star.x); return;
  case EXPR_UNARY: text_add(t, "%s", op_text(e->u.unary.op)), add_expr(t, e->u.unary.x); return;
  case EXPR_BINARY: add_pair(t, e->u.binary.x, format(" %s ", op_text(e->u.binary.op)), e->u.binary.y, ""); return;
  default: text_add(t, "?"); return;
  }
}

/* ---- notes */

static void note(NoteList *notes, Pos pos, const char *text) {
  list_push(notes, ((Note){pos, text, notes->n}));
}

static const char *site_text(Expr *e) {
  Text t = {0};
  bool variadic = e->kind == EXPR_CALL && e->u.call.call == CALL_FUNC;
  if (variadic) return "... argument";
  if (e->kind == EXPR_COMPOSITE && e->u.composite.elided && e->type->kind == T_POINTER)
    text_add(&t, "&%s{...}", type_string(e->type->u.pointer.elem));
  else
    add_expr(&t, e);
  return text_done(&t);
}

static void note_site(NoteList *notes, Loc *loc) {
  Expr *e = loc->site;
  Pos pos = e->kind == EXPR_COMPOSITE ? e->u.composite.lbrace : e->kind == EXPR_CALL ? e->u.call.lparen : e->pos;
  if (loc->why && !*loc->why) return; /* always on the heap */
  note(notes, pos, format("%s %s", site_text(e), loc->escapes ? "escapes to heap" : "does not escape"));
}

static const char *result_name(const Func *f, int i) {
  const char *name = f->results.v[i]->name;
  return name && *name && strcmp(name, "_") ? name : format("~r%d", i);
}

static void note_param(NoteList *notes, Loc *loc) {
  const Object *p = loc->obj;
  const Leaks *l = &loc->leaks;
  bool to_result = false;
  if (!holds_pointers(p->type) || !p->name || !*p->name || !strcmp(p->name, "_")) return;
  for (int i = 0; i < l->nresults; i++) {
    if (l->result[i] == LEAK_NONE || l->heap == 0) continue;
    const char *to = result_name(loc->fn, i);
    note(notes, p->pos, format("leaking param: %s to result %s level=%d", p->name, to, l->result[i]));
    to_result = true;
  }
  if (l->heap != LEAK_NONE) note(notes, p->pos, format("leaking param%s: %s", l->heap ? " content" : "", p->name));
  else if (!to_result) note(notes, p->pos, format("%s does not escape", p->name));
}

void notes_take(Package *pkg, Walk *w) {
  for (int i = 0; i < w->graph.locs.n; i++)
    if (w->graph.locs.v[i]->kind != LOC_TEMP) list_push(&known, ((Known){pkg, w->graph.locs.v[i]}));
}

static int by_position(const void *a, const void *b) {
  const Note *x = a, *y = b;
  if (x->pos != y->pos) return x->pos < y->pos ? -1 : 1;
  return x->number - y->number;
}

void escape_dump(Package *pkg) {
  NoteList notes = {0};
  for (int i = 0; i < known.n; i++) {
    Loc *loc = known.v[i].loc;
    if (known.v[i].pkg != pkg) continue;
    if (loc->kind == LOC_SITE) note_site(&notes, loc);
    if (loc->kind == LOC_PARAM) note_param(&notes, loc);
    if (loc->obj && loc->escapes) note(&notes, loc->obj->pos, format("moved to heap: %s", loc->obj->name));
  }
  if (notes.n) qsort(notes.v, (size_t)notes.n, sizeof *notes.v, by_position);
  for (int i = 0; i < notes.n; i++) {
    Place at = pos_place(notes.v[i].pos);
    printf("%s:%d:%d: %s\n", at.path, at.line, at.col, notes.v[i].text);
  }
}
