/* check_convert.c: untyped values get types; what may be assigned and what converted.
 *
 * An untyped operand's type is decided by its context, after the operand was checked. convert_untyped() and assign_to()
 * decide it; set_final_type() carries the decision down to the operands it was computed from, as far as they are still
 * untyped and exist at run time (operands of a constant do not).
 */
#include "check.h"

/* ---- carrying a type down */

static bool is_comparison_op(Op op) { return op >= OP_EQ && op <= OP_GE; }
static bool is_shift_op(Op op) { return op == OP_SHL || op == OP_SHR; }

static void finish_shift(Expr *x, Type *t) {
  Expr *left = x->u.binary.x;
  if (!type_is_untyped(t) && !type_is_integer(t)) {
    if (t->kind != T_INVALID)
      error_at(expr_start(left), "invalid operation: shifted operand %s (type %s) must be integer", expr_text(left),
               type_text(t));
    return;
  }
  set_final_type(left, t);
}

static void finish_binary(Expr *x, Type *t) {
  if (x->cval || is_comparison_op(x->u.binary.op)) return;
  if (is_shift_op(x->u.binary.op)) finish_shift(x, t);
  else {
    set_final_type(x->u.binary.x, t);
    set_final_type(x->u.binary.y, t);
  }
}

void set_final_type(Expr *x, Type *t) {
  if (!x->type || !type_is_untyped(x->type) || x->mode == MODE_INVALID) return;
  if (x->kind == EXPR_PAREN) set_final_type(x->u.paren.x, t);
  else if (x->kind == EXPR_UNARY && !x->cval && x->u.unary.op != OP_RECV) set_final_type(x->u.unary.x, t);
  else if (x->kind == EXPR_BINARY) finish_binary(x, t);
  if (x->mode == MODE_CONST && x->cval && !type_is_untyped(t)) {
    Const *rounded = const_represent(x->cval, type_under(t)->kind);
    if (rounded) x->cval = rounded;
    else if (type_is_numeric(t) && type_is_numeric(x->type)) representable(x, t);
  }
  x->type = t;
}

void default_type(Expr *x) {
  if (x->mode == MODE_INVALID || !x->type || !type_is_untyped(x->type)) return;
  convert_untyped(x, type_default(x->type));
}

/* ---- what an untyped operand becomes */

static ConvertFail represent(Expr *x, Type *t, Const **value) {
  Type *u = type_under(t);
  *value = const_represent(x->cval, u->kind);
  if (*value) return CONVERT_OK;
  if (!type_is_numeric(x->type) || !type_is_numeric(u)) return CONVERT_BAD;
  return !type_is_integer(x->type) && type_is_integer(u) ? CONVERT_TRUNCATED : CONVERT_OVERFLOW;
}

static Type *larger_untyped(Type *a, Type *b) {
  if (a->kind == b->kind) return a;
  if (type_is_numeric(a) && type_is_numeric(b)) return a->kind > b->kind ? a : b;
  return NULL;
}

static ConvertFail implicit_basic(Expr *x, Type *target, Type **type, Const **value) {
  *type = target;
  if (x->mode == MODE_CONST) return represent(x, target, value);
  if (x->type->kind == T_UNTYPED_BOOL) return type_is_boolean(target) ? CONVERT_OK : CONVERT_BAD;
  if (type_is_numeric(x->type)) return type_is_numeric(target) ? CONVERT_OK : CONVERT_BAD;
  return CONVERT_BAD;
}

ConvertFail implicit_type(Expr *x, Type *target, Type **type, Const **value) {
  *value = NULL;
  *type = x->type;
  if (x->mode == MODE_INVALID || target->kind == T_INVALID || !type_is_untyped(x->type)) return CONVERT_OK;
  if (type_is_untyped(target)) {
    *type = larger_untyped(x->type, target);
    return *type ? CONVERT_OK : CONVERT_BAD;
  }
  if (x->mode == MODE_NIL) {
    *type = target;
    return type_has_nil(target) ? CONVERT_OK : CONVERT_BAD;
  }
  Type *u = type_under(target);
  if (u->kind < T_BASIC_END) return implicit_basic(x, target, type, value);
  *type = type_default(x->type);
  return u->kind == T_INTERFACE && u->u.iface.methods.n == 0 ? CONVERT_OK : CONVERT_BAD;
}

static void take_type(Expr *x, Type *type, Const *value) {
  if (value) {
    x->cval = value;
    for (Expr *in = x; in->kind == EXPR_PAREN; in = in->u.paren.x) in->u.paren.x->cval = value;
  }
  if (type != x->type) set_final_type(x, type);
}

static void report_not_converted(ConvertFail fail, Expr *x, Type *target) {
  const char *what = operand_text(x), *t = type_text(target);
  Pos at = expr_start(x);
  if (fail == CONVERT_TRUNCATED) error_at(at, "%s truncated to %s", what, t);
  else if (fail == CONVERT_OVERFLOW) error_at(at, "%s overflows %s", what, t);
  else error_at(at, "cannot convert %s to type %s", what, t);
}

bool convert_untyped(Expr *x, Type *target) {
  Type *type;
  Const *value;
  if (x->mode == MODE_INVALID || !type_is_untyped(x->type)) return x->mode != MODE_INVALID;
  ConvertFail fail = implicit_type(x, target, &type, &value);
  if (fail == CONVERT_OK) take_type(x, type, value);
  else {
    report_not_converted(fail, x, type_under(target));
    invalidate(x);
  }
  return x->mode != MODE_INVALID;
}

bool representable(Expr *x, Type *t) {
  Const *value;
  ConvertFail fail = represent(x, t, &value);
  if (fail == CONVERT_OK) {
    x->cval = value;
    return true;
  }
  report_not_converted(fail, x, t);
  invalidate(x);
  return false;
}

/* ---- assignment */

static bool has_name(Type *t) { return t->kind < T_BASIC_END || t->kind == T_NAMED; }

static bool channel_assignable(Type *v, Type *t) {
  Type *vu = type_under(v), *tu = type_under(t);
  return vu->kind == T_CHAN && tu->kind == T_CHAN && vu->u.chan.dir == CHAN_BOTH &&
         type_identical(vu->u.chan.elem, tu->u.chan.elem) && (!has_name(v) || !has_name(t));
}

static bool is_interface_pointer(Type *t) { return t->kind == T_POINTER && type_is_interface(t->u.pointer.elem); }

static bool interface_assignable(Type *v, Type *t, const char **cause) {
  const char *why = NULL;
  if (type_implements_cause(v, t, &why)) return true;
  *cause = format("%s does not implement %s %s", type_text(v), type_text(t), why);
  return false;
}

bool assignable(Expr *x, Type *t, const char **cause) {
  Type *v = x->type;
  *cause = NULL;
  if (x->mode == MODE_INVALID || t->kind == T_INVALID || v->kind == T_INVALID || type_identical(v, t)) return true;
  Type *vu = type_under(v), *tu = type_under(t), *unused_type;
  Const *unused_value;
  if (vu->kind == T_INVALID || tu->kind == T_INVALID) return true;
  if (type_is_untyped(v)) return implicit_type(x, t, &unused_type, &unused_value) == CONVERT_OK;
  if (type_identical(vu, tu) && (!has_name(v) || !has_name(t))) return true;
  if (tu->kind == T_INTERFACE) return interface_assignable(v, t, cause);
  if (is_interface_pointer(tu)) {
    *cause = format("%s does not implement %s (type %s is pointer to interface, not interface)", type_text(v),
                    type_text(t), type_text(t));
    return false;
  }
  if (vu->kind == T_INTERFACE && type_implements(t, v)) {
    *cause = "need type assertion";
    return false;
  }
  return channel_assignable(v, t);
}

static bool take_assigned_type(Expr *x, Type *t, const char *context) {
  if (x->mode == MODE_NIL && !t) {
    error_at(expr_start(x), "use of untyped nil in %s", context);
    return false;
  }
  Type *target = t, *type;
  if (x->mode != MODE_NIL && (!t || type_is_interface(t))) target = type_default(x->type);
  Const *value;
  ConvertFail fail = implicit_type(x, target, &type, &value);
  if (fail != CONVERT_OK) {
    const char *why = fail == CONVERT_TRUNCATED ? " (truncated)" : fail == CONVERT_OVERFLOW ? " (overflows)" : "";
    error_at(expr_start(x), "cannot use %s as %s value in %s%s", operand_text(x), type_text(target), context, why);
    return false;
  }
  take_type(x, type, value);
  return x->mode != MODE_INVALID;
}

bool assign_to(Expr *x, Type *t, const char *context) {
  single_value(x);
  if (x->mode == MODE_INVALID) return false;
  if (t && t->kind == T_INVALID) {
    default_type(x);
    return false;
  }
  if (x->mode == MODE_TYPE || x->mode == MODE_NOVALUE || x->mode == MODE_BUILTIN) {
    error_at(expr_start(x), "cannot assign %s to %s in %s", operand_text(x), t ? type_text(t) : "_", context);
    invalidate(x);
    return false;
  }
  if (type_is_untyped(x->type) && !take_assigned_type(x, t, context)) {
    invalidate(x);
    return false;
  }
  const char *cause;
  if (!t || assignable(x, t, &cause)) return true;
  error_at(expr_start(x), "cannot use %s as %s value in %s%s%s", operand_text(x), type_text(t), context,
           cause ? ": " : "", cause ? cause : "");
  invalidate(x);
  return false;
}

/* ---- conversion */

static bool is_bytes_or_runes(Type *u) {
  if (u->kind != T_SLICE) return false;
  TypeKind k = type_under(u->u.slice.elem)->kind;
  return k == T_UINT8 || k == T_INT32;
}

static bool slice_to_array(Type *vu, Type *tu) {
  if (vu->kind != T_SLICE) return false;
  Type *array = tu->kind == T_POINTER ? type_under(tu->u.pointer.elem) : tu;
  return array->kind == T_ARRAY && type_identical(array->u.array.elem, vu->u.slice.elem);
}

static bool pointers_convertible(Type *v, Type *t) {
  return v->kind == T_POINTER && t->kind == T_POINTER &&
         type_identical_ignoring_tags(type_under(v->u.pointer.elem), type_under(t->u.pointer.elem));
}

static bool int_or_float(Type *t) { return type_is_integer(t) || type_is_float(t); }

static bool convertible(Expr *x, Type *t, const char **cause) {
  if (assignable(x, t, cause)) return true;
  Type *v = x->type, *vu = type_under(v), *tu = type_under(t);
  if (type_is_untyped(v)) return false;
  if (type_identical_ignoring_tags(vu, tu) || pointers_convertible(v, t)) return true;
  if (int_or_float(vu) && int_or_float(tu)) return true;
  if (type_is_complex(vu) && type_is_complex(tu)) return true;
  if (type_is_string(tu) && (type_is_integer(vu) || is_bytes_or_runes(vu))) return true;
  if (type_is_string(vu) && is_bytes_or_runes(tu)) return true;
  return slice_to_array(vu, tu);
}

static bool is_constant_type(Type *t) {
  Type *u = type_under(t);
  return u->kind < T_BASIC_END && u->kind != T_INVALID && u->kind != T_UNSAFEPOINTER;
}

/* string(65): the UTF-8 encoding; U+FFFD for what is no code point. */
static Const *rune_to_string(const Const *c) {
  uint32_t r =
      const_fits_int64(c) && const_int64(c) >= 0 && const_int64(c) <= 0x10ffff ? (uint32_t)const_int64(c) : 0xfffd;
  if (r >= 0xd800 && r <= 0xdfff) r = 0xfffd;
  char *bytes = arena_alloc(5);
  size_t n = 0;
  if (r < 0x80) bytes[n++] = (char)r;
  else {
    int more = r < 0x800 ? 1 : r < 0x10000 ? 2 : 3;
    static const unsigned char lead[] = {0, 0xc0, 0xe0, 0xf0};
    bytes[n++] = (char)(lead[more] | r >> (6 * more));
    while (more-- > 0) bytes[n++] = (char)(0x80 | (r >> (6 * more) & 0x3f));
  }
  return const_from_string(bytes, n);
}

/* Constant to constant; null: it cannot be. */
static Const *convert_constant(Expr *x, Type *t) {
  Const *value = const_represent(x->cval, type_under(t)->kind);
  if (value) return value;
  if (type_is_integer(x->type) && type_is_string(t)) return rune_to_string(const_to_int(x->cval));
  return NULL;
}

/* What an untyped operand is before the conversion makes it a t. */
static Type *operand_final_type(Expr *x, Type *t) {
  if (x->mode == MODE_NIL) return t;
  if (type_is_interface(t) || (x->mode == MODE_CONST && !is_constant_type(t))) return type_default(x->type);
  if (x->mode == MODE_CONST && type_is_integer(x->type) && type_is_string(t))
    return x->type; /* string(1<<100) is a constant: its operand needs no type */
  return t;
}

static void report_conversion(Expr *x, Type *t, const char *cause) {
  Const *whole = x->mode == MODE_CONST && type_is_integer(t) && type_is_numeric(x->type) ? const_to_int(x->cval) : NULL;
  if (whole) x->cval = whole;
  if (x->mode == MODE_CONST && type_is_integer(x->type) && type_is_integer(t))
    error_at(expr_start(x), "constant %s overflows %s", const_text(x->cval), type_text(t));
  else
    error_at(expr_start(x), "cannot convert %s to type %s%s%s", operand_text(x), type_text(t), cause ? ": " : "",
             cause ? cause : "");
}

/* []byte("text"), any(1): a value of the constant's default type is converted. */
static bool value_convertible(Expr *x, Type *t, const char **cause) {
  Type *untyped = x->type;
  bool constant = x->mode == MODE_CONST && type_is_untyped(untyped);
  if (constant) x->type = type_default(untyped);
  bool ok = convertible(x, t, cause);
  x->type = untyped;
  if (constant) *cause = NULL;
  return ok;
}

void check_conversion(Expr *call, Expr *x, Type *t) {
  const char *cause = NULL;
  if (x->mode == MODE_INVALID || t->kind == T_INVALID) {
    invalidate(call);
    return;
  }
  bool constant = x->mode == MODE_CONST && is_constant_type(t);
  Const *value = constant ? convert_constant(x, t) : NULL;
  if (constant ? !value : !value_convertible(x, t, &cause)) {
    report_conversion(x, t, cause);
    invalidate(call);
    return;
  }
  if (type_is_untyped(x->type)) set_final_type(x, operand_final_type(x, t));
  if (x->mode == MODE_INVALID) invalidate(call);
  else if (constant) set_const(call, t, value);
  else set_value(call, MODE_VALUE, t);
}
