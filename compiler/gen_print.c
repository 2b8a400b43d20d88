/* gen_print.c: print and println: one runtime call a statement, over an array of cells in the frame, so that the lines
 * of different goroutines are not mixed. All arguments are evaluated before the first is printed. */
#include "gen.h"
#include "../runtime/abi/type.h"

typedef struct Cell { enum toy_print_kind kind; Ir p, n; } Cell;
typedef struct CellList { Cell *v; int n, cap; } CellList;

static void push_cell(CellList *cells, enum toy_print_kind kind, Ir p, Ir n) {
  list_push(cells, ((Cell){kind, p, n}));
}

static void print_float(Gen *g, CellList *cells, Ir v) {
  bool f32 = LLVMTypeOf(v) == g->f32;
  Ir bits = LLVMBuildBitCast(g->b, v, f32 ? g->i32 : g->i64, "");
  push_cell(cells, f32 ? TOY_PRINT_FLOAT32 : TOY_PRINT_FLOAT, NULL, LLVMBuildIntCast2(g->b, bits, g->i64, false, ""));
}

static void print_number(Gen *g, CellList *cells, Value v) {
  bool uns = type_is_unsigned(v.type);
  if (type_is_float(v.type)) print_float(g, cells, v.w[0]);
  else push_cell(cells, uns ? TOY_PRINT_UINT : TOY_PRINT_INT, NULL, LLVMBuildIntCast2(g->b, v.w[0], g->i64, !uns, ""));
}

static void print_value(Gen *g, CellList *cells, Value v) {
  switch (type_under(type_default(v.type))->kind) {
  case T_BOOL: push_cell(cells, TOY_PRINT_BOOL, NULL, LLVMBuildZExt(g->b, v.w[0], g->i64, "")); break;
  case T_STRING: push_cell(cells, TOY_PRINT_STRING, v.w[0], v.w[1]); break;
  case T_SLICE:
    push_cell(cells, TOY_PRINT_SLICE, v.w[0], v.w[1]);
    push_cell(cells, TOY_PRINT_SLICE, NULL, v.w[2]);
    break;
  case T_INTERFACE: push_cell(cells, TOY_PRINT_EFACE, v.w[1], LLVMBuildPtrToInt(g->b, v.w[0], g->i64, "")); break;
  case T_POINTER: case T_CHAN: case T_FUNC: case T_MAP: case T_UNSAFEPOINTER: case T_UNTYPED_NIL:
    push_cell(cells, TOY_PRINT_POINTER, v.w[0], NULL);
    break;
  default: print_number(g, cells, v);
  }
}

static void store_cell(Gen *g, Ir array, int i, const Cell *c) {
  Ir cell = byte_offset(g, array, (int64_t)sizeof(struct toy_printcell) * i);
  LLVMBuildStore(g->b, const_i64(g, c->kind), cell);
  LLVMBuildStore(g->b, c->p ? c->p : null_ref(g), byte_offset(g, cell, offsetof(struct toy_printcell, p)));
  LLVMBuildStore(g->b, c->n ? c->n : const_i64(g, 0), byte_offset(g, cell, offsetof(struct toy_printcell, n)));
}

void print_values(Gen *g, const ValueList *v, bool newline) {
  CellList cells = {0};
  for (int i = 0; i < v->n; i++) {
    if (newline && i > 0) push_cell(&cells, TOY_PRINT_SPACE, NULL, NULL);
    print_value(g, &cells, v->v[i]);
  }
  if (newline) push_cell(&cells, TOY_PRINT_NEWLINE, NULL, NULL);
  if (cells.n == 0) return;
  LLVMTypeRef cell = LLVMStructTypeInContext(g->cx, (LLVMTypeRef[]){g->i64, g->ref, g->i64}, 3, false);
  Ir array = borrow_temp(g, LLVMArrayType2(cell, (uint64_t)(cells.n + 3) / 4 * 4));
  for (int i = 0; i < cells.n; i++) store_cell(g, array, i, &cells.v[i]);
  RT(g, print, NULL, array, const_i64(g, cells.n));
  return_temp(g, array);
}

void print_args(Gen *g, Expr *call, ValueList *v) {
  ExprList *args = &call->u.call.args;
  for (int i = 0; i < args->n; i++) list_push(v, gen_expr(g, args->v[i]));
}

void gen_print(Gen *g, Expr *call, bool newline) {
  ValueList v = {0};
  print_args(g, call, &v);
  debug_at(g, call->pos);
  print_values(g, &v, newline);
}
