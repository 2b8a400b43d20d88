/* check_lookup.c: what x.name finds; method sets; which types implement an interface.
 *
 * The search goes through embedded fields level by level, shallowest first. On a level a name found once is the answer,
 * found twice it is ambiguous (and so is a type that was reached twice on the level it is found on). A named type is
 * searched at its shallowest level only, which also ends the search in types that embed pointers to themselves.
 */
#include <stdlib.h>
#include <string.h>

#include "check.h"

/* An embedded type to search: how it was reached, and whether more than one way led to it on its level. */
typedef struct Embedded {
  Type *type;
  const struct Embedded *outer; /* the struct whose field it is; null: the operand itself */
  int field, depth;
  bool indirect, twice;
} Embedded;
DEFINE_LIST(EmbeddedList, Embedded *);

typedef struct Search {
  const char *name;
  Package *pkg;
  bool any_case;
  Lookup found;
  int matches;
  EmbeddedList next;
  TypeList seen;
} Search;

static bool same_name(const char *a, Package *a_pkg, const char *b, Package *b_pkg) {
  return a == b && (a_pkg == b_pkg || name_is_exported(a));
}

static bool is_searched(const Search *s, const char *name, Package *pkg) {
  return s->any_case ? strcasecmp(name, s->name) == 0 : same_name(name, pkg, s->name, s->pkg);
}

static void set_path(Lookup *l, const Embedded *at, int field) {
  int n = at->depth + (field >= 0);
  l->path = arena_alloc((size_t)(n ? n : 1) * sizeof *l->path);
  l->npath = n;
  if (field >= 0) l->path[n - 1] = field;
  for (const Embedded *e = at; e->outer; e = e->outer) l->path[e->depth - 1] = e->field;
}

static void found(Search *s, const Embedded *at, Lookup what, int field) {
  s->matches += at->twice ? 2 : 1;
  if (s->matches > 1) return;
  what.indirect = at->indirect;
  s->found = what;
  set_path(&s->found, at, field);
}

static void search_methods(Search *s, const Embedded *at) {
  const ObjectList *methods = &at->type->u.named.methods;
  for (int i = 0; i < methods->n; i++) {
    Object *m = methods->v[i];
    if (!is_searched(s, m->name, m->pkg)) continue;
    if (!m->type && m->info) resolve_object(m);
    found(s, at, (Lookup){.kind = LOOKUP_METHOD, .type = m->type, .method = m, .name = m->name, .pkg = m->pkg}, -1);
    return;
  }
}

static void enqueue(Search *s, const Embedded *outer, int field, Type *t) {
  bool pointer = t->kind == T_POINTER;
  Embedded e = {.type = pointer ? t->u.pointer.elem : t, .outer = outer, .field = field, .depth = outer->depth + 1,
                .indirect = outer->indirect || pointer, .twice = outer->twice};
  for (int i = 0; i < s->next.n; i++) {
    if (s->next.v[i]->type != e.type) continue;
    s->next.v[i]->twice = true;
    return;
  }
  Embedded *copy = NEW(Embedded);
  *copy = e;
  list_push(&s->next, copy);
}

static void search_fields(Search *s, const Embedded *at, Type *under) {
  for (int i = 0; i < under->u.strct.fields.n; i++) {
    StructField *f = &under->u.strct.fields.v[i];
    if (is_searched(s, f->name, f->pkg))
      found(s, at, (Lookup){.kind = LOOKUP_FIELD, .type = f->type, .name = f->name, .pkg = f->pkg}, i);
    else if (f->embedded) enqueue(s, at, i, f->type);
  }
}

static void search_interface(Search *s, const Embedded *at, Type *under) {
  if (!under->u.iface.complete) complete_interface(under);
  for (int i = 0; i < under->u.iface.methods.n; i++) {
    IfaceMethod *m = &under->u.iface.methods.v[i];
    if (!is_searched(s, m->name, m->pkg)) continue;
    Lookup what = {.kind = LOOKUP_IFACEMETHOD, .type = m->type, .iface = under, .method_index = i, .name = m->name,
                   .pkg = m->pkg};
    found(s, at, what, -1);
  }
}

static bool seen_before(Search *s, Type *named) {
  for (int i = 0; i < s->seen.n; i++)
    if (s->seen.v[i] == named) return true;
  list_push(&s->seen, named);
  return false;
}

static void search_type(Search *s, const Embedded *at) {
  if (at->type->kind == T_NAMED) {
    if (seen_before(s, at->type)) return;
    int before = s->matches;
    search_methods(s, at);
    if (s->matches > before) return;
  }
  Type *under = type_under(at->type);
  if (under->kind == T_STRUCT) search_fields(s, at, under);
  else if (under->kind == T_INTERFACE) search_interface(s, at, under);
}

static Lookup search_from(Type *t, bool indirect, Search s) {
  Embedded start = {.type = t, .indirect = indirect};
  EmbeddedList level = {0};
  list_push(&level, &start);
  while (level.n > 0) {
    s.next = (EmbeddedList){0};
    for (int i = 0; i < level.n; i++) search_type(&s, level.v[i]);
    if (s.matches == 1) return s.found;
    if (s.matches > 1) return (Lookup){.kind = LOOKUP_AMBIGUOUS};
    level = s.next;
  }
  return (Lookup){0};
}

static Lookup lookup(Type *t, Search s) {
  if (is_blank(s.name)) return (Lookup){0};
  if (t->kind == T_POINTER) {
    Type *elem = t->u.pointer.elem;
    return type_is_interface(elem) ? (Lookup){0} : search_from(elem, true, s);
  }
  if (t->kind == T_NAMED && type_under(t)->kind == T_POINTER) { /* has its base's fields, and no methods at all */
    Lookup l = lookup(type_under(t), s);
    return l.kind == LOOKUP_FIELD ? l : (Lookup){0};
  }
  return search_from(t, false, s);
}

Lookup type_lookup(Type *t, const char *name, Package *pkg) { return lookup(t, (Search){.name = name, .pkg = pkg}); }

Lookup type_lookup_any_case(Type *t, const char *name) { return lookup(t, (Search){.name = name, .any_case = true}); }

/* ---- method sets */

static bool needs_pointer(const Lookup *l) {
  return l->kind == LOOKUP_METHOD && l->method->recv_type->kind == T_POINTER && !l->indirect;
}

static void collect_name(MethodList *set, Type *t, const char *name, Package *pkg) {
  for (int i = 0; i < set->n; i++)
    if (same_name(set->v[i].name, set->v[i].pkg, name, pkg)) return;
  Lookup l = type_lookup(t, name, pkg);
  if ((l.kind == LOOKUP_METHOD || l.kind == LOOKUP_IFACEMETHOD) && !needs_pointer(&l))
    list_push(set, ((Method){.name = name, .pkg = pkg, .how = l}));
}

/* Every name that a method of t or of something embedded in it has; what it means for t is then looked up. */
static void collect_names(MethodList *set, Type *whole, Type *part, TypeList *seen) {
  if (part->kind == T_POINTER) part = part->u.pointer.elem;
  for (int i = 0; i < seen->n; i++)
    if (seen->v[i] == part) return;
  list_push(seen, part);
  if (part->kind == T_NAMED)
    for (int i = 0; i < part->u.named.methods.n; i++)
      collect_name(set, whole, part->u.named.methods.v[i]->name, part->u.named.methods.v[i]->pkg);
  Type *under = type_under(part);
  if (under->kind == T_INTERFACE)
    for (int i = 0; i < under->u.iface.methods.n; i++)
      collect_name(set, whole, under->u.iface.methods.v[i].name, under->u.iface.methods.v[i].pkg);
  if (under->kind == T_STRUCT)
    for (int i = 0; i < under->u.strct.fields.n; i++)
      if (under->u.strct.fields.v[i].embedded) collect_names(set, whole, under->u.strct.fields.v[i].type, seen);
}

static int by_name(const void *a, const void *b) {
  const Method *x = a, *y = b;
  int order = strcmp(x->name, y->name);
  if (order || !x->pkg || !y->pkg) return order;
  return strcmp(x->pkg->path, y->pkg->path);
}

MethodList type_method_set(Type *t) {
  MethodList set = {0};
  TypeList seen = {0};
  collect_names(&set, t, t, &seen);
  if (set.n > 1) qsort(set.v, (size_t)set.n, sizeof *set.v, by_name);
  return set;
}

/* ---- implementing interfaces */

static const char *have_and_want(const char *fault, const IfaceMethod *m, const char *name, Type *sig) {
  return format("(%s method %s)\n\t\thave %s%s\n\t\twant %s%s", fault, m->name, name, signature_text(sig), m->name,
                signature_text(m->type));
}

/* A method whose name differs in the case of letters only is what was meant. */
static const char *missing_method(Type *t, const IfaceMethod *m) {
  Lookup l = type_is_interface(t) ? (Lookup){0} : type_lookup_any_case(t, m->name);
  bool found = l.kind == LOOKUP_METHOD || l.kind == LOOKUP_IFACEMETHOD;
  if (!found || !l.type || needs_pointer(&l)) return format("(missing method %s)", m->name);
  if (l.name == m->name) return format("(unexported method %s)", m->name);
  return have_and_want("missing", m, l.name, l.type);
}

static const char *missing_cause(Type *t, const IfaceMethod *m, const Lookup *l) {
  switch (l->kind) {
  case LOOKUP_NONE: {
    Type *iface_pointer = t->kind == T_POINTER && type_is_interface(t->u.pointer.elem) ? t : NULL;
    if (iface_pointer) return format("(type %s is pointer to interface, not interface)", type_text(t));
    return missing_method(t, m);
  }
  case LOOKUP_FIELD: return format("(%s.%s is a field, not a method)", type_text(t), m->name);
  case LOOKUP_AMBIGUOUS: return format("(ambiguous selector %s.%s)", type_text(t), m->name);
  default:
    if (needs_pointer(l)) return format("(method %s has pointer receiver)", m->name);
    return have_and_want("wrong type for", m, m->name, l->type);
  }
}

/* A signature with a mistake in it, reported where it is declared. */
static bool wrong_signature(Type *sig) {
  const TypeList *lists[] = {&sig->u.func.params, &sig->u.func.results};
  for (int k = 0; k < 2; k++)
    for (int i = 0; i < lists[k]->n; i++)
      if (lists[k]->v[i]->kind == T_INVALID) return true;
  return false;
}

bool type_implements_cause(Type *t, Type *iface, const char **cause) {
  Type *want = type_under(iface);
  if (!want->u.iface.complete) complete_interface(want);
  for (int i = 0; i < want->u.iface.methods.n; i++) {
    const IfaceMethod *m = &want->u.iface.methods.v[i];
    Lookup l = type_lookup(t, m->name, m->pkg);
    bool method = l.kind == LOOKUP_METHOD || l.kind == LOOKUP_IFACEMETHOD;
    bool callable = method && l.type && !needs_pointer(&l);
    if (callable && (type_identical(l.type, m->type) || wrong_signature(l.type))) continue;
    if (cause) *cause = missing_cause(t, m, &l);
    return false;
  }
  return true;
}

bool type_implements(Type *t, Type *iface) { return type_implements_cause(t, iface, NULL); }
