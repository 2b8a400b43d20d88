/* check_valid.c: types that would contain themselves: through struct fields, array elements or embedded interfaces.
 *
 * A depth-first walk over declared types by value; a type met while its own parts are being walked closes a cycle. The
 * declaration that comes first in the source reports it, with the way round; the type becomes T_INVALID, so that sizes
 * and comparisons end.
 */
#include "check.h"

static InfoList walked; /* named types under way, outermost first */

static void report_recursion(int from) {
  int first = from;
  for (int i = from; i < walked.n; i++)
    if (walked.v[i]->obj->pos < walked.v[first]->obj->pos) first = i;
  Object *obj = walked.v[first]->obj;
  int n = walked.n - from;
  if (n == 1) error_at(obj->pos, "invalid recursive type: %s refers to itself", obj->name);
  else {
    error_at(obj->pos, "invalid recursive type %s", obj->name);
    for (int i = 0; i < n; i++) {
      Object *one = walked.v[from + (first - from + i) % n]->obj,
             *next = walked.v[from + (first - from + i + 1) % n]->obj;
      note_at(one->pos, "%s refers to %s", one->name, next->name);
    }
  }
  for (int i = from; i < walked.n; i++) {
    walked.v[i]->obj->type->u.named.under = type_basic(T_INVALID);
    walked.v[i]->valid_state = RESOLVE_DONE;
  }
}

static bool valid_part(Type *t);

static bool valid_named(Type *t) {
  DeclInfo *info = t->u.named.obj->info;
  if (!info || info->valid_state == RESOLVE_DONE) return true;
  if (info->valid_state == RESOLVE_ACTIVE) {
    int from = walked.n - 1;
    while (from > 0 && walked.v[from] != info) from--;
    report_recursion(from);
    return false;
  }
  Type *parts = t->u.named.rhs ? t->u.named.rhs : t->u.named.under;
  if (!parts) return true; /* could not be resolved */
  info->valid_state = RESOLVE_ACTIVE;
  list_push(&walked, info);
  bool ok = valid_part(parts);
  walked.n--;
  info->valid_state = RESOLVE_DONE;
  return ok;
}

static bool valid_part(Type *t) {
  switch (t->kind) {
  case T_NAMED: return valid_named(t);
  case T_ARRAY: return valid_part(t->u.array.elem);
  case T_STRUCT:
    for (int i = 0; i < t->u.strct.fields.n; i++)
      if (!valid_part(t->u.strct.fields.v[i].type)) return false;
    return true;
  case T_INTERFACE:
    for (int i = 0; i < t->u.iface.embeds.n; i++)
      if (!valid_part(t->u.iface.embeds.v[i])) return false;
    return true;
  default: return true;
  }
}

bool check_valid_type(Type *named) { return valid_part(named); }
