/* check_expr.c: expressions.
 *
 * check_any() visits a node; check_expr() demands one value of it. Operands are checked first, then matched (one of
 * them untyped takes the other's type), then the operator's own rule decides. Constants are folded on the way up; their
 * value is checked against their type at every operator, so that no overflow hides in a larger expression.
 */
#include "check.h"

enum { SHIFT_MAX = 1023 - 1 + 52, UNTYPED_BITS = 512 }; /* Go's limits on constants */
enum { STRING_MAX = 1 << 28 };                            /* ours, so that doubling a string ends */

/* ---- results */

void invalidate(Expr *e) {
  e->mode = MODE_INVALID;
  e->type = type_basic(T_INVALID);
  e->cval = NULL;
}

/* A value of a type that is wrong is wrong: nobody complains about it again. */
void set_value(Expr *e, Mode mode, Type *t) {
  bool value = mode == MODE_VALUE || mode == MODE_VAR || mode == MODE_COMMAOK || mode == MODE_MAPINDEX;
  e->mode = value && t->kind == T_INVALID ? MODE_INVALID : mode;
  e->type = t;
  e->cval = NULL;
}

void set_const(Expr *e, Type *t, Const *c) {
  e->mode = MODE_CONST;
  e->type = t;
  e->cval = c;
}

static void set_type(Expr *e, Type *t) {
  e->mode = t->kind == T_INVALID ? MODE_INVALID : MODE_TYPE;
  e->type = t;
}

/* ---- variables behind expressions */

static bool path_has_pointer(Expr *sel) {
  Type *t = sel->u.selector.x->type;
  for (int i = 0; i < sel->u.selector.npath; i++) {
    Type *u = type_under(t);
    if (u->kind != T_STRUCT) return true;
    t = u->u.strct.fields.v[sel->u.selector.path[i]].type;
  }
  return false;
}

Object *root_variable(Expr *e) {
  for (;;) {
    switch (e->kind) {
    case EXPR_PAREN: e = e->u.paren.x; break;
    case EXPR_IDENT: return e->obj && e->obj->kind == OBJ_VAR ? e->obj : NULL;
    case EXPR_INDEX:
      if (!e->u.index.x->type || type_under(e->u.index.x->type)->kind != T_ARRAY) return NULL;
      e = e->u.index.x;
      break;
    case EXPR_SELECTOR:
      if (e->u.selector.sel == SEL_PACKAGE) return e->obj && e->obj->kind == OBJ_VAR ? e->obj : NULL;
      if (e->u.selector.sel == SEL_NONE || !e->u.selector.x->type || path_has_pointer(e)) return NULL;
      e = e->u.selector.x;
      break;
    default: return NULL;
    }
  }
}

void mark_addr_taken(Expr *e) {
  Object *v = root_variable(e);
  if (v) v->addr_taken = true;
}

void mark_reassigned(Expr *e) {
  Object *v = root_variable(e);
  if (v) v->reassigned = true;
}

/* ---- names */

static void note_capture(Object *v) {
  if (v->global || !v->func || !ck.func || v->func == ck.func) return;
  v->captured = true;
  for (Func *f = ck.func; f && f != v->func; f = f->outer) {
    int i = 0;
    while (i < f->captures.n && f->captures.v[i] != v) i++;
    if (i < f->captures.n) return; /* the functions around it have it too */
    list_push(&f->captures, v);
  }
}

static void use_variable(Expr *e, Object *obj) {
  obj->used = true;
  note_use(obj);
  note_capture(obj);
  if (!obj->type || obj->type->kind == T_INVALID) invalidate(e);
  else set_value(e, MODE_VAR, obj->type);
}

/* A function literal in a constant's value, as in len([1]func(){ … }), is checked when the constant is known. */
static void refuse_own_constant(Object *obj) {
  if (!ck.func || !obj->info || obj->info != ck.info || obj->info->used_mark == ck.info->number) return;
  obj->info->used_mark = ck.info->number;
  error_at(obj->pos, "initialization cycle: %s refers to itself", obj->name);
}

static void use_constant(Expr *e, Object *obj) {
  obj->used = true;
  refuse_own_constant(obj);
  if (!obj->pkg && !obj->cval) { /* iota */
    if (ck.iota) set_const(e, obj->type, ck.iota);
    else {
      error_at(e->pos, "cannot use iota outside constant declaration");
      invalidate(e);
    }
    return;
  }
  if (!obj->type || obj->type->kind == T_INVALID || !obj->cval) invalidate(e);
  else set_const(e, obj->type, obj->cval);
}

static void use_object(Expr *e, Object *obj) {
  switch (obj->kind) {
  case OBJ_CONST: use_constant(e, obj); break;
  case OBJ_TYPE:
    obj->used = true;
    set_type(e, obj->type ? obj->type : type_basic(T_INVALID));
    break;
  case OBJ_VAR: use_variable(e, obj); break;
  case OBJ_FUNC:
    obj->used = true;
    note_use(obj);
    if (obj->type) set_value(e, MODE_VALUE, obj->type);
    else invalidate(e);
    break;
  case OBJ_BUILTIN: set_value(e, MODE_BUILTIN, type_basic(T_INVALID)); break;
  case OBJ_NIL: set_value(e, MODE_NIL, type_basic(T_UNTYPED_NIL)); break;
  case OBJ_PACKAGE:
    obj->used = true;
    error_at(e->pos, "use of package %s not in selector", obj->name);
    invalidate(e);
    break;
  }
}

static void use_dot_import(Object *obj) {
  if (!obj->pkg || obj->pkg == ck.pkg) return;
  for (Scope *s = ck.scope; s; s = s->parent)
    for (int i = 0; i < s->objs.n; i++)
      if (s->objs.v[i]->kind == OBJ_PACKAGE && s->objs.v[i]->imported == obj->pkg) s->objs.v[i]->used = true;
}

static void check_ident(Expr *e) {
  const char *name = e->u.ident.name;
  if (name[0] == '_' && !name[1]) {
    error_at(e->pos, "cannot use _ as value or type");
    invalidate(e);
    return;
  }
  Object *obj = scope_lookup_up(ck.scope, name, NULL);
  if (!obj) {
    error_at(e->pos, "undefined: %s", name);
    invalidate(e);
    return;
  }
  e->obj = obj;
  use_dot_import(obj);
  if (obj->info && obj->info->state != RESOLVE_DONE) resolve_object(obj);
  use_object(e, obj);
}

/* ---- constants */

static const char *overflowing_operation(Expr *e) {
  Op op = e->kind == EXPR_BINARY ? e->u.binary.op : e->kind == EXPR_UNARY ? e->u.unary.op : OP_NONE;
  switch (op) {
  case OP_ADD: return "addition ";
  case OP_SUB: return "subtraction ";
  case OP_XOR: return e->kind == EXPR_UNARY ? "bitwise complement " : "bitwise XOR ";
  case OP_MUL: return "multiplication ";
  case OP_SHL: return "shift ";
  default: return "";
  }
}

void check_overflow(Expr *x, Pos op_pos) {
  if (const_kind(x->cval) == CONST_STRING) {
    if (const_string_length(x->cval) <= STRING_MAX) return;
    error_at(op_pos, "constant string too long");
    invalidate(x);
    return;
  }
  if (!type_is_untyped(x->type)) {
    representable(x, x->type);
    return;
  }
  if (const_is_finite(x->cval) && (const_kind(x->cval) != CONST_INT || const_bits(x->cval) <= UNTYPED_BITS)) return;
  error_at(op_pos, "constant %soverflow", overflowing_operation(x));
  invalidate(x);
}

/* ---- operators */

static bool operator_fits(Op op, Type *t) {
  switch (op) {
  case OP_ADD: return type_is_numeric(t) || type_is_string(t);
  case OP_SUB: case OP_MUL: case OP_DIV: return type_is_numeric(t);
  case OP_REM: case OP_AND: case OP_OR: case OP_XOR: case OP_ANDNOT: return type_is_integer(t);
  default: return type_is_boolean(t);
  }
}

static bool check_operator(Expr *x, Op op, bool fits) {
  if (!fits) error_at(expr_start(x), "invalid operation: operator %s not defined on %s", op_text(op), operand_text(x));
  return fits;
}

static void check_address(Expr *e, Expr *x) {
  check_expr(x);
  if (x->mode == MODE_INVALID) {
    invalidate(e);
    return;
  }
  x = expr_unparen(x);
  if (x->kind != EXPR_COMPOSITE && x->mode != MODE_VAR) {
    error_at(expr_start(x), "invalid operation: cannot take address of %s", operand_text(x));
    invalidate(e);
    return;
  }
  mark_addr_taken(x);
  set_value(e, MODE_VALUE, type_new_pointer(x->type));
}

static void check_receive(Expr *e, Expr *x) {
  check_expr(x);
  if (x->mode == MODE_INVALID) {
    invalidate(e);
    return;
  }
  Type *u = type_under(x->type);
  const char *why = u->kind != T_CHAN ? "non-channel" : u->u.chan.dir == CHAN_SEND ? "send-only channel" : NULL;
  if (why) {
    error_at(expr_start(x), "invalid operation: cannot receive from %s %s %s", why, type_text(x->type),
             operand_text(x));
    invalidate(e);
    return;
  }
  ck.calls++;
  set_value(e, MODE_COMMAOK, u->u.chan.elem);
}

static void check_unary(Expr *e) {
  Expr *x = e->u.unary.x;
  Op op = e->u.unary.op;
  if (op == OP_ADDR) {
    check_address(e, x);
    return;
  }
  if (op == OP_RECV) {
    check_receive(e, x);
    return;
  }
  check_expr(x);
  bool fits = op == OP_NOT   ? type_is_boolean(x->type)
              : op == OP_XOR ? type_is_integer(x->type)
                             : type_is_numeric(x->type);
  if (x->mode == MODE_INVALID || !check_operator(x, op, fits)) {
    invalidate(e);
    return;
  }
  if (x->mode != MODE_CONST) {
    set_value(e, MODE_VALUE, x->type);
    return;
  }
  int bits = type_is_unsigned(x->type) ? (int)type_size(x->type) * 8 : 0;
  set_const(e, x->type, const_unary(op, x->cval, bits));
  check_overflow(e, e->pos);
}

/* May one of the two take the other's type? If not they are mismatched already. */
static bool may_match(Expr *x, Expr *y) {
  if (!type_is_untyped(x->type) && !type_is_untyped(y->type)) return false;
  if (type_is_numeric(x->type) != type_is_numeric(y->type)) return false;
  if (type_is_interface(x->type) || type_is_interface(y->type)) return true;
  if (type_is_boolean(x->type) != type_is_boolean(y->type) || type_is_string(x->type) != type_is_string(y->type))
    return false;
  if (x->mode == MODE_NIL) return type_has_nil(y->type);
  if (y->mode == MODE_NIL) return type_has_nil(x->type);
  return type_under(x->type)->kind != T_POINTER && type_under(y->type)->kind != T_POINTER;
}

bool match_operands(Expr *x, Expr *y) {
  if (!may_match(x, y)) return true;
  return convert_untyped(x, y->type) && convert_untyped(y, x->type);
}

static const char *incomparable_cause(Type *t) {
  Type *u = type_under(t);
  if (u->kind == T_SLICE || u->kind == T_FUNC || u->kind == T_MAP)
    return format("%s can only be compared to nil", type_kind_word(t));
  if (u->kind == T_STRUCT)
    for (int i = 0; i < u->u.strct.fields.n; i++)
      if (!type_comparable(u->u.strct.fields.v[i].type))
        return format("struct containing %s cannot be compared", type_text(u->u.strct.fields.v[i].type));
  return format("%s cannot be compared", type_text(t));
}

static bool type_ordered(Type *t) { return type_is_string(t) || type_is_integer(t) || type_is_float(t); }

/* Which operand cannot be compared so, and why; null: all is well. */
static Expr *comparison_fault(Expr *x, Expr *y, Op op, const char **cause) {
  const char *unused;
  if (!assignable(x, y->type, &unused) && !assignable(y, x->type, &unused)) {
    *cause = format("mismatched types %s and %s", type_text(x->type), type_text(y->type));
    return y;
  }
  if (op != OP_EQ && op != OP_NE) return !type_ordered(x->type) ? x : !type_ordered(y->type) ? y : NULL;
  if (x->mode == MODE_NIL || y->mode == MODE_NIL) return x->mode == MODE_NIL && y->mode == MODE_NIL ? y : NULL;
  Expr *fault = !type_comparable(x->type) ? x : !type_comparable(y->type) ? y : NULL;
  if (fault) *cause = incomparable_cause(fault->type);
  return fault;
}

void check_comparison(Expr *result, Expr *x, Expr *y, Op op, bool switch_case) {
  const char *cause = NULL;
  Expr *fault = comparison_fault(x, y, op, &cause);
  if (fault) {
    const char *kind = type_kind_word(fault->type);
    if (!cause) cause = format("operator %s not defined on %s", op_text(op), kind ? kind : type_text(fault->type));
    if (switch_case)
      error_at(expr_start(x), "invalid case %s in switch on %s (%s)", expr_text(x), expr_text(y), cause);
    else
      error_at(expr_start(fault), "invalid operation: %s %s %s (%s)", expr_text(x), op_text(op), expr_text(y), cause);
    invalidate(result);
    return;
  }
  if (x->mode == MODE_CONST && y->mode == MODE_CONST) {
    set_const(result, type_basic(T_UNTYPED_BOOL), const_from_bool(const_compare(op, x->cval, y->cval)));
    return;
  }
  set_final_type(x, type_default(x->type));
  set_final_type(y, type_default(y->type));
  set_value(result, MODE_VALUE, type_basic(T_UNTYPED_BOOL));
}

/* ---- shifts */

/* bounded: a constant is shifted, and must not grow without limit */
static bool check_shift_count(Expr *y, bool bounded) {
  if (y->mode == MODE_CONST) {
    Const *count = type_is_numeric(y->type) ? const_to_int(y->cval) : NULL;
    if (bounded && count && const_sign(count) > 0 && !(const_fits_int64(count) && const_int64(count) <= SHIFT_MAX)) {
      error_at(expr_start(y), "invalid operation: invalid shift count %s", operand_text(y));
      return false;
    }
    if (count && const_sign(count) < 0) {
      error_at(expr_start(y), "invalid operation: negative shift count %s", operand_text(y));
      return false;
    }
    if (type_is_untyped(y->type) || (count && !type_is_integer(y->type))) {
      if (!representable(y, type_basic(T_UINT))) return false;
      if (type_is_untyped(y->type)) set_final_type(y, type_basic(T_UINT));
      return true;
    }
  }
  if (!type_is_integer(y->type) && !type_is_untyped(y->type)) {
    error_at(expr_start(y), "invalid operation: shift count %s must be integer", operand_text(y));
    return false;
  }
  return !type_is_untyped(y->type) || convert_untyped(y, type_basic(T_UINT));
}

static void constant_shift(Expr *e, Expr *x, Expr *y, Op op) {
  Const *value = const_to_int(x->cval);
  Type *t = type_is_untyped(x->type) && !type_is_integer(x->type) ? type_basic(T_UNTYPED_INT) : x->type;
  set_const(e, t, const_shift(op, value, (uint64_t)const_int64(y->cval)));
  check_overflow(e, e->pos);
}

static void check_shift(Expr *e, Expr *x, Expr *y, Op op) {
  bool constant_int =
      x->mode == MODE_CONST && type_is_untyped(x->type) && type_is_numeric(x->type) && const_to_int(x->cval);
  if (!constant_int && !type_is_integer(x->type)) {
    error_at(expr_start(x), "invalid operation: shifted operand %s must be integer", operand_text(x));
    invalidate(e);
    return;
  }
  if (!check_shift_count(y, x->mode == MODE_CONST)) {
    invalidate(e);
    return;
  }
  if (x->mode == MODE_CONST && y->mode == MODE_CONST) constant_shift(e, x, y, op);
  else
    set_value(e, MODE_VALUE,
              x->type); /* an untyped constant shifted by a variable: its context decides (finish_shift) */
}

/* ---- binary operators */

static void report_mismatch(Expr *e, Expr *x, Expr *y, Op op, bool assign) {
  if (x->type->kind == T_INVALID || y->type->kind == T_INVALID) return;
  if (assign)
    error_at(expr_start(x), "invalid operation: %s %s= %s (mismatched types %s and %s)", expr_text(x), op_text(op),
             expr_text(y), type_text(x->type), type_text(y->type));
  else
    error_at(expr_start(x), "invalid operation: %s (mismatched types %s and %s)", expr_text(e), type_text(x->type),
             type_text(y->type));
}

static bool divides_by_zero(Expr *x, Expr *y, Op op) {
  if (op != OP_DIV && op != OP_REM) return false;
  if (y->mode != MODE_CONST || (x->mode != MODE_CONST && !type_is_integer(x->type)) || const_sign(y->cval) != 0)
    return false;
  error_at(expr_start(y), "invalid operation: division by zero");
  return true;
}

static void arithmetic(Expr *e, Expr *x, Expr *y, Op op, bool assign) {
  if (!type_identical(x->type, y->type)) {
    report_mismatch(e, x, y, op, assign);
    invalidate(e);
    return;
  }
  if (!check_operator(x, op, operator_fits(op, x->type)) || divides_by_zero(x, y, op)) {
    invalidate(e);
    return;
  }
  if (x->mode != MODE_CONST || y->mode != MODE_CONST) {
    set_value(e, MODE_VALUE, x->type);
    return;
  }
  set_const(e, x->type, const_binary(op, x->cval, y->cval, type_is_integer(x->type)));
  check_overflow(e, e->pos);
}

static bool is_comparison(Op op) { return op >= OP_EQ && op <= OP_GE; }

/* x op y; e takes the result. With assign, e stands for the assigned value: x op= y. */
void check_binary_op(Expr *e, Expr *x, Expr *y, Op op, bool assign) {
  check_expr(x);
  check_expr(y);
  if (x->mode == MODE_INVALID || y->mode == MODE_INVALID) {
    invalidate(e);
    return;
  }
  if (op == OP_SHL || op == OP_SHR) {
    check_shift(e, x, y, op);
    return;
  }
  if (!match_operands(x, y)) invalidate(e);
  else if (is_comparison(op)) check_comparison(e, x, y, op, false);
  else arithmetic(e, x, y, op, assign);
}

/* ---- indexing and slicing */

bool check_index_value(Expr *index, int64_t max, int64_t *value, const char *what) {
  *value = -1;
  check_expr(index);
  if (index->mode == MODE_INVALID || !convert_untyped(index, type_basic(T_INT))) return false;
  const char *fault = NULL;
  if (!type_is_integer(index->type)) fault = "must be integer";
  else if (index->mode == MODE_CONST && const_sign(index->cval) < 0) fault = "must not be negative";
  else if (index->mode == MODE_CONST && !const_fits_int64(index->cval)) fault = "overflows int";
  if (fault) {
    error_at(expr_start(index), "invalid argument: %s %s %s", what, operand_text(index), fault);
    return false;
  }
  if (index->mode != MODE_CONST) return true;
  *value = const_int64(index->cval);
  if (max < 0 || *value < max) return true;
  error_at(expr_start(index), "invalid argument: index %s out of bounds [0:%lld]", const_text(index->cval),
           (long long)max);
  return false;
}

static int64_t constant_string_length(Expr *x) {
  return x->mode == MODE_CONST ? (int64_t)const_string_length(x->cval) : -1;
}

/* The array that t is or points to, or null. */
static Type *array_of(Type *t) {
  Type *u = type_under(t);
  if (u->kind == T_POINTER) u = type_under(u->u.pointer.elem);
  return u->kind == T_ARRAY ? u : NULL;
}

static void check_map_index(Expr *e, Type *map) {
  Expr *index = e->u.index.index;
  check_expr(index);
  assign_to(index, map->u.map.key, "map index");
  set_value(e, MODE_MAPINDEX, map->u.map.value);
}

static void check_index(Expr *e) {
  Expr *x = e->u.index.x, *index = e->u.index.index;
  check_expr_or_type(x);
  if (x->mode == MODE_INVALID) {
    use_expr(index);
    invalidate(e);
    return;
  }
  if (x->mode == MODE_TYPE) {
    error_at(expr_start(x), "invalid operation: %s (%s is not a generic type)", expr_text(e), type_text(x->type));
    use_expr(index);
    invalidate(e);
    return;
  }
  Type *u = type_under(x->type), *array = array_of(x->type), *elem;
  Mode mode = MODE_VAR;
  int64_t max = -1, value;
  if (u->kind == T_MAP) {
    check_map_index(e, u);
    return;
  }
  if (type_is_string(u)) {
    max = constant_string_length(x);
    default_type(x);
    mode = MODE_VALUE;
    elem = type_byte;
  } else if (array) {
    max = array->u.array.len;
    if (u->kind == T_ARRAY && x->mode != MODE_VAR) mode = MODE_VALUE;
    elem = array->u.array.elem;
  } else if (u->kind == T_SLICE) elem = u->u.slice.elem;
  else {
    error_at(e->u.index.lbrack, "cannot index %s", operand_text(x));
    use_expr(index);
    invalidate(e);
    return;
  }
  check_index_value(index, max, &value, "index");
  set_value(e, mode, elem); /* known even when the index is wrong */
}

/* Each constant bound is compared with those before it; one fault is told. */
static void check_slice_bounds(Expr *e, int64_t length) {
  Expr *bounds[3] = {e->u.slice.lo, e->u.slice.hi, e->u.slice.max};
  int64_t values[3] = {-1, -1, -1};
  for (int i = 0; i < 3; i++)
    if (bounds[i] && !check_index_value(bounds[i], length >= 0 ? length + 1 : -1, &values[i], "index")) values[i] = -1;
  for (int i = 0; i < 3; i++)
    for (int j = i + 1; j < 3; j++) {
      if (values[j] < 0 || values[j] >= values[i]) continue;
      error_at(expr_start(bounds[j]), "invalid slice indices: %lld < %lld", (long long)values[j], (long long)values[i]);
      return;
    }
}

/* The type of x[:], or null after an error; *length is the greatest constant index, -1 when unknown. */
static Type *sliced_type(Expr *e, Expr *x, int64_t *length) {
  Type *u = type_under(x->type), *array = array_of(x->type);
  *length = -1;
  if (type_is_string(u)) {
    if (e->u.slice.three) {
      error_at(e->u.slice.max ? expr_start(e->u.slice.max) : e->end - 1, "invalid operation: 3-index slice of string");
      return NULL;
    }
    *length = constant_string_length(x);
    default_type(x);
    return x->type;
  }
  if (array) {
    *length = array->u.array.len;
    if (u->kind == T_ARRAY && x->mode != MODE_VAR) {
      error_at(expr_start(x), "cannot slice unaddressable value %s", operand_text(x));
      return NULL;
    }
    if (u->kind == T_ARRAY) mark_addr_taken(x);
    return type_new_slice(array->u.array.elem);
  }
  if (u->kind == T_SLICE) return x->type;
  error_at(expr_start(x), "cannot slice %s", operand_text(x));
  return NULL;
}

static void check_slice(Expr *e) {
  Expr *x = e->u.slice.x;
  int64_t length = -1;
  check_expr(x);
  Type *t = x->mode == MODE_INVALID ? NULL : sliced_type(e, x, &length);
  check_slice_bounds(e, length);
  if (t) set_value(e, MODE_VALUE, t);
  else invalidate(e);
}

/* ---- assertions, indirection, functions, types */

static void check_assertion(Expr *e) {
  Expr *x = e->u.typeassert.x;
  check_expr(x);
  if (!e->u.typeassert.type_expr) {
    error_at(e->pos, "use of .(type) outside type switch");
    invalidate(e);
    return;
  }
  bool interface = x->mode != MODE_INVALID && type_is_interface(x->type);
  if (x->mode != MODE_INVALID && !interface)
    error_at(expr_start(x), "invalid operation: %s is not an interface", operand_text(x));
  Type *t = interface ? check_type(e->u.typeassert.type_expr) : type_basic(T_INVALID);
  if (t->kind == T_INVALID) {
    invalidate(e);
    return;
  }
  const char *cause;
  if (!type_is_interface(t) && !type_implements_cause(t, x->type, &cause))
    error_at(expr_start(e), "impossible type assertion: %s\n\t%s does not implement %s %s", expr_text(e), type_text(t),
             type_text(x->type), cause);
  set_value(e, MODE_COMMAOK, t);
}

static void check_star(Expr *e) {
  Expr *x = e->u.star.x;
  check_expr_or_type(x);
  if (x->mode == MODE_INVALID) invalidate(e);
  else if (x->mode == MODE_TYPE) set_type(e, type_new_pointer(x->type));
  else if (x->mode != MODE_NIL && type_under(x->type)->kind == T_POINTER)
    set_value(e, MODE_VAR, type_under(x->type)->u.pointer.elem);
  else {
    error_at(expr_start(x), "invalid operation: cannot indirect %s", operand_text(x));
    invalidate(e);
  }
}

static void check_paren(Expr *e) {
  Expr *x = e->u.paren.x;
  check_any(x);
  e->mode = x->mode;
  e->type = x->type;
  e->cval = x->cval;
  e->obj = x->obj;
}

/* ---- the visit */

static void visit(Expr *e, Type *hint) {
  switch (e->kind) {
  case EXPR_BAD: invalidate(e); break;
  case EXPR_IDENT: check_ident(e); break;
  case EXPR_INT: case EXPR_FLOAT: case EXPR_IMAG: case EXPR_CHAR: case EXPR_STRING: check_basic_lit(e); break;
  case EXPR_COMPOSITE: check_composite(e, hint); break;
  case EXPR_FUNC: check_funclit(e); break;
  case EXPR_PAREN: check_paren(e); break;
  case EXPR_SELECTOR: check_selector(e, false); break;
  case EXPR_INDEX: check_index(e); break;
  case EXPR_SLICE: check_slice(e); break;
  case EXPR_TYPEASSERT: check_assertion(e); break;
  case EXPR_CALL: check_call(e); break;
  case EXPR_STAR: check_star(e); break;
  case EXPR_UNARY: check_unary(e); break;
  case EXPR_BINARY: check_binary_op(e, e->u.binary.x, e->u.binary.y, e->u.binary.op, false); break;
  case EXPR_KEYVALUE:
    error_at(expr_start(e), "unexpected key:value expression");
    invalidate(e);
    break;
  case EXPR_ELLIPSIS:
    error_at(e->pos, "invalid use of ...");
    invalidate(e);
    break;
  case EXPR_ARRAYTYPE:
  case EXPR_STRUCTTYPE:
  case EXPR_FUNCTYPE:
  case EXPR_INTERFACETYPE:
  case EXPR_MAPTYPE:
  case EXPR_CHANTYPE: set_type(e, check_type(e)); break;
  }
  if (!e->type) invalidate(e);
}

void check_any(Expr *e) {
  if (!e->type) visit(e, NULL);
}

void single_value(Expr *e) {
  if (e->mode != MODE_VALUE || !e->type || e->type->kind != T_TUPLE) return;
  error_at(expr_start(e), "multiple-value %s in single-value context", operand_text(e));
  invalidate(e);
}

static void exclude(Expr *e, bool types_too) {
  const char *fault = NULL;
  if (e->mode == MODE_NOVALUE) fault = types_too ? "used as value" : "used as value or type";
  else if (e->mode == MODE_BUILTIN && types_too) fault = "must be called";
  else if (e->mode == MODE_TYPE && types_too) fault = "is not an expression";
  if (!fault) return;
  error_at(expr_start(e), "%s %s", operand_text(e), fault);
  invalidate(e);
}

void check_multi(Expr *e) {
  check_any(e);
  exclude(e, true);
}

void check_expr(Expr *e) {
  check_multi(e);
  single_value(e);
}

void check_expr_or_type(Expr *e) {
  check_any(e);
  exclude(e, false);
  single_value(e);
}

void check_expr_hint(Expr *e, Type *elem) {
  if (!e->type) visit(e, elem);
  exclude(e, true);
  single_value(e);
}

void use_expr(Expr *e) {
  if (e) check_any(e);
}

void use_exprs(const ExprList *list) {
  for (int i = 0; i < list->n; i++) use_expr(list->v[i]);
}

bool is_conversion_expr(Expr *e) {
  e = expr_unparen(e);
  return e->kind == EXPR_CALL && e->u.call.call == CALL_CONVERSION;
}

bool is_statement_expr(Expr *e) {
  e = expr_unparen(e);
  if (e->kind == EXPR_UNARY) return e->u.unary.op == OP_RECV;
  if (e->kind != EXPR_CALL || e->u.call.call == CALL_CONVERSION) return false;
  return e->u.call.call == CALL_FUNC || builtin_is_statement(e->u.call.builtin);
}
