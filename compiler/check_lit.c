/* check_lit.c: literals: numbers, characters, strings, and composite literals with their elements' places. */
#include <string.h>

#include "check.h"

enum { LITERAL_MAX = 10000 }; /* characters of a number, Go's limit too */

/* ---- basic literals */

static const char *lit_text(Expr *e) { return format("%.*s", (int)e->u.lit.length, e->u.lit.text); }

static uint32_t utf8_rune(const unsigned char *s) {
  if (s[0] < 0x80) return s[0];
  int more = s[0] < 0xe0 ? 1 : s[0] < 0xf0 ? 2 : 3;
  uint32_t r = s[0] & (0x3fu >> more);
  for (int i = 1; i <= more; i++) r = r << 6 | (s[i] & 0x3f);
  return r;
}

/* text is 'x' or an escape, as the lexer has accepted it */
static uint32_t rune_value(const char *text) {
  if (text[1] != '\\') return utf8_rune((const unsigned char *)text + 1);
  static const char escapes[] = "a\ab\bf\fn\nr\rt\tv\v\\\\''\"\"";
  for (const char *e = escapes; *e; e += 2)
    if (e[0] == text[2]) return (unsigned char)e[1];
  bool octal = text[2] >= '0' && text[2] <= '7';
  uint32_t r = 0;
  for (const char *d = text + (octal ? 2 : 3); *d && *d != '\''; d++)
    r = octal ? r * 8 + (uint32_t)(*d - '0') : r * 16 + (uint32_t)(*d <= '9' ? *d - '0' : (*d | 32) - 'a' + 10);
  return r;
}

static void check_number(Expr *e) {
  if (e->u.lit.length > LITERAL_MAX) {
    error_at(e->pos, "excessively long constant: %.10s... (%zu chars)", e->u.lit.text, e->u.lit.length);
    invalidate(e);
    return;
  }
  const char *text = lit_text(e);
  Const *c = e->kind == EXPR_INT ? const_from_int_literal(text) : const_from_float_literal(text);
  if (!c) {
    error_at(e->pos, "malformed constant: %s", text);
    invalidate(e);
    return;
  }
  set_const(e, type_basic(e->kind == EXPR_INT ? T_UNTYPED_INT : T_UNTYPED_FLOAT), c);
  check_overflow(e, e->pos);
}

void check_basic_lit(Expr *e) {
  switch (e->kind) {
  case EXPR_STRING:
    set_const(e, type_basic(T_UNTYPED_STRING), const_from_string(e->u.lit.text, e->u.lit.length));
    break;
  case EXPR_CHAR: set_const(e, type_basic(T_UNTYPED_RUNE), const_from_int64(rune_value(lit_text(e)))); break;
  case EXPR_IMAG:
    not_yet(e->pos, "complex numbers");
    invalidate(e);
    break;
  default: check_number(e);
  }
}

/* ---- sets of constants */

static struct ConstSeen *seen_slot(ConstSet *set, const Const *value, Type *type) {
  unsigned mask = (unsigned)set->size - 1;
  unsigned i = (unsigned)(const_hash(value) * 0x9e3779b97f4a7c15u >> 33) & mask;
  while (set->slots[i].value && !(const_equal(set->slots[i].value, value) && type_identical(set->slots[i].type, type)))
    i = (i + 1) & mask;
  return &set->slots[i];
}

static void set_grow(ConstSet *set) {
  ConstSet bigger = {.size = set->size ? set->size * 2 : 16, .n = set->n};
  bigger.slots = arena_alloc((size_t)bigger.size * sizeof *bigger.slots);
  for (int i = 0; i < set->size; i++)
    if (set->slots[i].value) *seen_slot(&bigger, set->slots[i].value, set->slots[i].type) = set->slots[i];
  *set = bigger;
}

Expr *const_set_add(ConstSet *set, const Const *value, Type *type, Expr *expr) {
  if (set->n * 2 >= set->size) set_grow(set);
  struct ConstSeen *slot = seen_slot(set, value, type);
  if (slot->value) return slot->expr;
  *slot = (struct ConstSeen){value, type, expr};
  set->n++;
  return NULL;
}

/* ---- arrays and slices */

/* The constant index that a key gives; false after an error. */
static bool element_index(Expr *key, int64_t length, int64_t *index) {
  if (!check_index_value(key, length, index, "index")) return false;
  if (key->mode == MODE_CONST) return true;
  error_at(expr_start(key), "index %s must be integer constant", expr_text(key));
  return false;
}

static void check_element(Expr *e, int i, Type *elem, int64_t length, int64_t *next, ConstSet *seen) {
  Expr *x = e->u.composite.elems.v[i], *value = x;
  int64_t index = *next, given;
  bool valid = true;
  if (x->kind == EXPR_KEYVALUE) {
    valid = element_index(x->u.keyvalue.key, length, &given);
    if (valid) index = given;
    value = x->u.keyvalue.value;
  } else if (length >= 0 && index >= length) {
    error_at(expr_start(x), "index %lld is out of bounds (>= %lld)", (long long)index, (long long)length);
    valid = false;
  }
  if (valid && const_set_add(seen, const_from_int64(index), type_basic(T_INT), x))
    error_at(expr_start(x), "duplicate index %lld in array or slice literal", (long long)index);
  e->u.composite.indices[i] = valid ? index : 0;
  if (valid && index + 1 > e->u.composite.length) e->u.composite.length = index + 1;
  *next = index + 1;
  check_expr_hint(value, elem);
  assign_to(value, elem, "array or slice literal");
}

static int64_t *new_indices(Expr *e) {
  int n = e->u.composite.elems.n;
  return arena_alloc((size_t)(n ? n : 1) * sizeof(int64_t));
}

/* length -1: as long as its elements say */
static void check_elements(Expr *e, Type *elem, int64_t length) {
  ConstSet seen = {0};
  int64_t next = 0;
  e->u.composite.indices = new_indices(e);
  e->u.composite.length = 0;
  for (int i = 0; i < e->u.composite.elems.n; i++) check_element(e, i, elem, length, &next, &seen);
  if (length >= 0) e->u.composite.length = length;
}

/* ---- structs */

static int field_number(Type *u, const char *name) {
  if (is_blank(name)) return -1;
  for (int i = 0; i < u->u.strct.fields.n; i++) {
    StructField *f = &u->u.strct.fields.v[i];
    if (f->name == name && (f->pkg == ck.pkg || name_is_exported(name))) return i;
  }
  return -1;
}

static const char *unknown_field(Type *t, Type *u, const char *name) {
  for (int i = 0; i < u->u.strct.fields.n; i++) {
    const StructField *f = &u->u.strct.fields.v[i];
    if (is_blank(f->name)) continue;
    if (f->name == name)
      return format("cannot refer to unexported field %s in struct literal of type %s", name, type_text(t));
    const char *what = strcasecmp(f->name, name) == 0 ? spelling_hint(name, f->name, f->pkg) : NULL;
    if (what)
      return format("unknown field %s in struct literal of type %s, but does have %s%s", name, type_text(t), what,
                    f->name);
  }
  return format("unknown field %s in struct literal of type %s", name, type_text(t));
}

static void check_keyed_field(Expr *e, int i, Type *t, Type *u, bool *given) {
  Expr *x = e->u.composite.elems.v[i];
  if (x->kind != EXPR_KEYVALUE) {
    error_at(expr_start(x), "mixture of field:value and value elements in struct literal");
    check_expr(x);
    return;
  }
  Expr *key = x->u.keyvalue.key, *value = x->u.keyvalue.value;
  check_expr(value);
  if (key->kind != EXPR_IDENT) {
    error_at(expr_start(x), "invalid field name %s in struct literal", expr_text(key));
    return;
  }
  int f = field_number(u, key->u.ident.name);
  if (f < 0) {
    error_at(key->pos, "%s", unknown_field(t, u, key->u.ident.name));
    default_type(value);
    return;
  }
  if (given[f]) error_at(expr_start(x), "duplicate field name %s in struct literal", key->u.ident.name);
  given[f] = true;
  e->u.composite.indices[i] = f;
  assign_to(value, u->u.strct.fields.v[f].type, "struct literal");
}

static void check_positional_field(Expr *e, int i, Type *t, Type *u) {
  Expr *x = e->u.composite.elems.v[i];
  if (x->kind == EXPR_KEYVALUE) {
    error_at(expr_start(x), "mixture of field:value and value elements in struct literal");
    check_expr(x->u.keyvalue.value);
    return;
  }
  check_expr(x);
  if (i >= u->u.strct.fields.n) {
    if (i == u->u.strct.fields.n) error_at(expr_start(x), "too many values in struct literal of type %s", type_text(t));
    return;
  }
  const StructField *f = &u->u.strct.fields.v[i];
  if (f->pkg != ck.pkg && !name_is_exported(f->name))
    error_at(expr_start(x), "implicit assignment to unexported field %s in struct literal of type %s", f->name,
             type_text(t));
  e->u.composite.indices[i] = i;
  assign_to(x, f->type, "struct literal");
}

static void check_struct(Expr *e, Type *t, Type *u) {
  ExprList *elems = &e->u.composite.elems;
  e->u.composite.indices = new_indices(e);
  if (elems->n == 0) return;
  bool keyed = elems->v[0]->kind == EXPR_KEYVALUE;
  bool *given = arena_alloc((size_t)u->u.strct.fields.n + 1);
  for (int i = 0; i < elems->n; i++) {
    if (keyed) check_keyed_field(e, i, t, u, given);
    else check_positional_field(e, i, t, u);
  }
  if (!keyed && elems->n < u->u.strct.fields.n)
    error_at(e->u.composite.rbrace, "too few values in struct literal of type %s", type_text(t));
}

/* ---- maps */

static void check_entries(Expr *e, Type *u) {
  ConstSet seen = {0};
  for (int i = 0; i < e->u.composite.elems.n; i++) {
    Expr *x = e->u.composite.elems.v[i];
    if (x->kind != EXPR_KEYVALUE) {
      error_at(expr_start(x), "missing key in map literal");
      use_expr(x);
      continue;
    }
    Expr *key = x->u.keyvalue.key, *value = x->u.keyvalue.value;
    check_expr_hint(key, u->u.map.key);
    if (assign_to(key, u->u.map.key, "map literal") && key->mode == MODE_CONST &&
        const_set_add(&seen, key->cval, key->type, key))
      error_at(expr_start(x), "duplicate key %s in map literal", const_text(key->cval));
    check_expr_hint(value, u->u.map.value);
    assign_to(value, u->u.map.value, "map literal");
  }
}

/* ---- all of them */

/* []T{1 << 50: x} */
static void check_literal_size(Expr *e, Type *elem) {
  if (type_size(type_new_array(elem, e->u.composite.length)) > TYPE_SIZE_MAX)
    error_at(expr_start(e), "composite literal of %lld elements is larger than address space",
             (long long)e->u.composite.length);
}

static bool open_array(Expr *type_expr) { return type_expr->kind == EXPR_ARRAYTYPE && type_expr->u.arraytype.ellipsis; }

static void check_open_array(Expr *e) {
  Expr *type_expr = e->u.composite.type_expr;
  Type *elem = check_type(type_expr->u.arraytype.elem);
  check_elements(e, elem, -1);
  Type *t = type_new_array(elem, e->u.composite.length);
  check_literal_size(e, elem);
  set_value(type_expr, MODE_TYPE, t);
  set_value(e, MODE_VALUE, t);
}

/* The literal's type and, in *base, the type its elements belong to. */
static Type *literal_type(Expr *e, Type *hint, Type **base) {
  if (e->u.composite.type_expr) return *base = check_type(e->u.composite.type_expr);
  if (!hint) {
    error_at(e->pos, "missing type in composite literal");
    return *base = type_basic(T_INVALID);
  }
  e->u.composite.elided = true;
  *base = hint->kind == T_POINTER ? hint->u.pointer.elem : hint;
  return hint;
}

static void use_elements(Expr *e) {
  for (int i = 0; i < e->u.composite.elems.n; i++) {
    Expr *x = e->u.composite.elems.v[i];
    use_expr(x->kind == EXPR_KEYVALUE ? x->u.keyvalue.value : x);
  }
}

void check_composite(Expr *e, Type *hint) {
  if (e->u.composite.type_expr && open_array(e->u.composite.type_expr)) {
    check_open_array(e);
    return;
  }
  Type *base, *t = literal_type(e, hint, &base), *u = type_under(base);
  switch (u->kind) {
  case T_STRUCT: check_struct(e, base, u); break;
  case T_ARRAY: check_elements(e, u->u.array.elem, u->u.array.len); break;
  case T_SLICE:
    check_elements(e, u->u.slice.elem, -1);
    check_literal_size(e, u->u.slice.elem);
    break;
  case T_MAP: check_entries(e, u); break;
  case T_INVALID:
    use_elements(e);
    invalidate(e);
    return;
  default:
    error_at(expr_start(e), "invalid composite literal %stype %s", e->u.composite.elided ? "element " : "",
             type_text(t));
    use_elements(e);
    invalidate(e);
    return;
  }
  set_value(e, MODE_VALUE, t);
}
