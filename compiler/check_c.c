/* check_c.c: functions of C, declared in Toy by a function without a body under a comment (docs/c.md):
 *
 *     //toy:c NAME [mayblock|blocking] [noescape]
 *
 * Checked are the comment, the types (only what C has: numbers, bool, pointers to what C has) and that all declarations of
 * one C function agree, over all packages of the program: nobody else compares them, since the linker knows names alone.
 *
 * Rejected: reading C's headers. It would take a C compiler's front end to say what four lines of Toy say.
 */
#include <string.h>

#include "../runtime/abi/ccall.h"
#include "check.h"

/* ---- the comment */

/* Empty at the end, where a comment of the comment may begin. */
static const char *next_word(const char **text) {
  const char *from = *text + strspn(*text, " \t"), *to = from + strcspn(from, " \t");
  if (strncmp(from, "//", 2) == 0) return "";
  *text = to;
  return intern(from, (size_t)(to - from));
}

static bool is_c_name(const char *name) {
  static const char letters[] = "_abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
  return *name && strspn(name, letters) == strlen(name) && !(*name >= '0' && *name <= '9');
}

static bool take_word(CFunc *c, const char *word) {
  if (strcmp(word, "mayblock") == 0) c->how = TOY_C_MAYBLOCK;
  else if (strcmp(word, "blocking") == 0) c->how = TOY_C_BLOCKING;
  else if (strcmp(word, "noescape") == 0) c->noescape = true;
  else return false;
  return true;
}

static CFunc *parse_directive(const Pragmas *pragmas) {
  const char *text = pragmas->c, *word;
  CFunc *c = NEW(CFunc);
  *c = (CFunc){.name = next_word(&text)};
  if (!is_c_name(c->name)) {
    error_at(pragmas->c_pos, "//toy:c wants the name of a C function: //toy:c NAME [mayblock|blocking] [noescape]");
    return NULL;
  }
  while (*(word = next_word(&text)))
    if (!take_word(c, word)) {
      error_at(pragmas->c_pos, "//toy:c %s: unknown word %s; there are mayblock, blocking and noescape", c->name, word);
      return NULL;
    }
  return c;
}

void check_c_directive(Func *func) {
  const Pragmas *pragmas = &func->decl->u.func.pragmas;
  if (func->body) error_at(pragmas->c_pos, "//toy:c before function %s, which has a body: C's has none here", func->obj->name);
  else if (func->recv) error_at(pragmas->c_pos, "//toy:c before method %s: a C function has no receiver", func->obj->name);
  else func->c = parse_directive(pragmas);
}

/* ---- types */

/* A struct may contain pointers to itself: a type that is being looked at is right as far as one can see. */
typedef struct Path { Type *type; const struct Path *outer; } Path;

/* The part of what lies in memory that C does not have, or null. */
static Type *foreign_part(Type *t, const Path *outer) {
  Type *u = type_under(t), *found = NULL;
  Path here = {u, outer};
  for (const Path *p = outer; p; p = p->outer)
    if (p->type == u) return NULL;
  if (u->kind == T_POINTER) return foreign_part(u->u.pointer.elem, &here);
  if (u->kind == T_ARRAY) return foreign_part(u->u.array.elem, &here);
  if (u->kind == T_STRUCT) {
    for (int i = 0; i < u->u.strct.fields.n && !found; i++) found = foreign_part(u->u.strct.fields.v[i].type, &here);
    return found;
  }
  bool known = u->kind == T_INVALID || u->kind == T_UNSAFEPOINTER || type_is_boolean(u) || type_is_integer(u) || type_is_float(u);
  return known ? NULL : t;
}

static const char *advice(TypeKind kind, bool result) {
  switch (kind) {
  case T_STRING: return result ? "C returns the address of bytes, *byte" : "pass the address of its bytes and its length";
  case T_SLICE: return result ? "C returns the address of elements" : "pass the address of its first element and its length";
  case T_STRUCT: case T_ARRAY: return result ? "let C write it through a pointer" : "pass a pointer to it";
  case T_FUNC: return "C cannot call Toy functions";
  default: return "C has numbers, bool and pointers to memory";
  }
}

static void check_c_type(const CFunc *c, Pos pos, const char *what, Type *t, bool result) {
  TypeKind kind = type_under(t)->kind;
  Type *part = foreign_part(t, NULL);
  if (kind == T_STRUCT || kind == T_ARRAY || part == t)
    error_at(pos, "C function %s: %s has type %s, which cannot be handed to C or back: %s", c->name, what, type_text(t),
             advice(kind, result));
  else if (part)
    error_at(pos, "C function %s: %s has type %s, a pointer to memory with a %s in it: C has no such type", c->name, what,
             type_text(t), type_text(part));
}

static bool is_errno(Type *t) {
  return t->kind == T_NAMED && t->u.named.obj->pkg && !strcmp(t->u.named.obj->pkg->path, "syscall") &&
         !strcmp(t->u.named.obj->name, "Errno");
}

static void check_results(Func *f) {
  if (f->results.n > 0) check_c_type(f->c, f->results.v[0]->pos, "the result", f->results.v[0]->type, true);
  f->c->wants_errno = f->results.n == 2;
  if (f->results.n > 2 || (f->results.n == 2 && !is_errno(f->results.v[1]->type)))
    error_at(f->obj->pos, "C function %s: C returns one value; a second result is errno and has type syscall.Errno", f->c->name);
}

static void check_params(Func *f) {
  if (type_under(f->sig)->u.func.variadic)
    error_at(f->obj->pos, "C function %s: declare the parameters that you pass; ... has no meaning in C's registers", f->c->name);
  for (int i = 0; i < f->params.n && !type_under(f->sig)->u.func.variadic; i++) {
    Object *p = f->params.v[i];
    const char *what = p->name[0] && !is_blank(p->name) ? format("parameter %s", p->name) : format("parameter %d", i + 1);
    check_c_type(f->c, p->pos, what, p->type, false);
  }
}

/* ---- all declarations of one function */

/* C's view: what the registers carry. Pointers are all alike, as types of different packages could not be compared. */
static const char *c_type(Type *t) {
  Type *u = type_under(t);
  if (u->kind == T_POINTER || u->kind == T_UNSAFEPOINTER) return "pointer";
  if (u->kind == T_INT) return "int64";
  if (u->kind == T_UINT || u->kind == T_UINTPTR) return "uint64";
  return type_text(u);
}

static const char *c_signature(const Func *f) {
  Text text = {0};
  text_add(&text, "(");
  for (int i = 0; i < f->params.n; i++) text_add(&text, "%s%s", i ? ", " : "", c_type(f->params.v[i]->type));
  text_add(&text, ")%s%s", f->results.n ? " " : "", f->results.n ? c_type(f->results.v[0]->type) : "");
  return text_done(&text);
}

typedef struct Known { const Func *func; const char *signature; } Known;
DEFINE_LIST(KnownList, Known);
static KnownList all_known; /* of every package so far */

static void compare_declarations(const Func *f) {
  const char *signature = c_signature(f);
  for (int i = 0; i < all_known.n; i++) {
    const Known *k = &all_known.v[i];
    if (strcmp(k->func->c->name, f->c->name)) continue;
    if (!strcmp(k->signature, signature)) return;
    error_at(f->obj->pos, "C function %s is declared twice with different types: %s here, %s elsewhere", f->c->name, signature,
             k->signature);
    note_at(k->func->obj->pos, "the other declaration");
    return;
  }
  list_push(&all_known, ((Known){f, signature}));
}

void check_c_types(void) {
  for (int i = 0; i < ck.pkg->funcs.n; i++) {
    Func *f = ck.pkg->funcs.v[i];
    if (!f->c) continue;
    check_params(f);
    check_results(f);
    compare_declarations(f);
  }
}
