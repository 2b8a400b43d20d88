/* gen_atomic.c: the functions of sync/atomic: instructions, not calls.
 *
 * The package declares them without bodies. A call of one is replaced by LLVM's atomic instruction of the same
 * meaning, sequentially consistent as Go's memory model asks; for functions taken as values, and for what cannot be
 * inlined, the package's own object has a body made of the same instruction. The operand's type is what the first
 * parameter points to, so one row serves all widths, and pointers too (for the package's own use: a managed pointer
 * stays one).
 *
 * Alignment: every operand has its natural one, since amd64's layout gives each type an alignment of its size; the
 * instructions say so, or LLVM would call a library that locks.
 *
 * Rejected: inline assembly (LLVM could not see that a load is a load), and calls of the runtime (a statepoint, and
 * forty instructions around one).
 */
#include "gen.h"
#include <string.h>

static const LLVMAtomicOrdering SEQ_CST = LLVMAtomicOrderingSequentiallyConsistent;

typedef enum AtomicOp { ATOMIC_LOAD, ATOMIC_STORE, ATOMIC_CAS, ATOMIC_RMW, ATOMIC_SAMETYPE } AtomicOp;

/* By name without the operand's type. gives_new: the result is what memory holds now, not what it held. */
typedef struct AtomicRow { const char *prefix; AtomicOp op; LLVMAtomicRMWBinOp rmw; bool gives_new; } AtomicRow;
static const AtomicRow rows[] = {
  {"Load", ATOMIC_LOAD, 0, false},
  {"Store", ATOMIC_STORE, 0, false},
  {"CompareAndSwap", ATOMIC_CAS, 0, false},
  {"Swap", ATOMIC_RMW, LLVMAtomicRMWBinOpXchg, false},
  {"Add", ATOMIC_RMW, LLVMAtomicRMWBinOpAdd, true},
  {"And", ATOMIC_RMW, LLVMAtomicRMWBinOpAnd, false},
  {"Or", ATOMIC_RMW, LLVMAtomicRMWBinOpOr, false},
  {"load", ATOMIC_LOAD, 0, false}, /* the package's own, on pointers */
  {"compareAndSwap", ATOMIC_CAS, 0, false},
  {"same", ATOMIC_SAMETYPE, 0, false}, /* of two interfaces; not atomic, but Toy has no words for it */
};

static const char *const operands[] = {"Int32", "Int64", "Uint32", "Uint64", "Uintptr", "Box", "Type"};

static bool named(const char *name, const char *prefix) {
  size_t n = strlen(prefix);
  if (strncmp(name, prefix, n) != 0) return false;
  for (size_t i = 0; i < sizeof operands / sizeof *operands; i++)
    if (strcmp(name + n, operands[i]) == 0) return true;
  return false;
}

static const AtomicRow *find(const Func *f) {
  if (f->body || !f->obj || f->recv || !f->pkg->stdlib || strcmp(f->pkg->path, "sync/atomic") != 0) return NULL;
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
    if (named(f->obj->name, rows[i].prefix)) return &rows[i];
  return NULL;
}

bool is_atomic(const Func *f) { return find(f) != NULL; }

static Ir aligned(Gen *g, Type *t, Ir access) {
  LLVMSetAlignment(access, (unsigned)type_size(t));
  return access;
}

static Ir atomic_load(Gen *g, Type *t, Ir addr) {
  Ir v = aligned(g, t, LLVMBuildLoad2(g->b, mem_type(g, t), addr, ""));
  LLVMSetOrdering(v, SEQ_CST);
  return v;
}

static void atomic_store(Gen *g, Type *t, Ir addr, Ir v) {
  LLVMSetOrdering(aligned(g, t, LLVMBuildStore(g->b, v, addr)), SEQ_CST);
}

static Ir atomic_cas(Gen *g, Type *t, Ir addr, Ir old, Ir new) {
  Ir pair = aligned(g, t, LLVMBuildAtomicCmpXchg(g->b, addr, old, new, SEQ_CST, SEQ_CST, false));
  return LLVMBuildExtractValue(g->b, pair, 1, "");
}

static Ir atomic_rmw(Gen *g, const AtomicRow *row, Type *t, Ir addr, Ir v) {
  Ir old = aligned(g, t, LLVMBuildAtomicRMW(g->b, row->rmw, addr, v, SEQ_CST, false));
  return row->gives_new ? LLVMBuildAdd(g->b, old, v, "") : old;
}

/* Descriptors are emitted once a program. */
static Ir same_type(Gen *g, Value x, Value y) { return LLVMBuildICmp(g->b, LLVMIntEQ, x.w[0], y.w[0], ""); }

/* The result, or null for a store. */
static Ir emit(Gen *g, const AtomicRow *row, Type *first, const ValueList *args) {
  if (row->op == ATOMIC_SAMETYPE) return same_type(g, args->v[0], args->v[1]);
  Type *t = type_under(first)->u.pointer.elem;
  Ir addr = args->v[0].w[0];
  check_nil(g, addr);
  switch (row->op) {
  case ATOMIC_LOAD: return atomic_load(g, t, addr);
  case ATOMIC_STORE: atomic_store(g, t, addr, args->v[1].w[0]); return NULL;
  case ATOMIC_CAS: return atomic_cas(g, t, addr, args->v[1].w[0], args->v[2].w[0]);
  case ATOMIC_RMW: return atomic_rmw(g, row, t, addr, args->v[1].w[0]);
  case ATOMIC_SAMETYPE: break;
  }
  unreachable_case("atomic operation %d", row->op);
}

void gen_atomic(Gen *g, Func *f, const ValueList *args, ValueList *out) {
  Type *sig = type_under(f->sig);
  Ir result = emit(g, find(f), sig->u.func.params.v[0], args);
  if (result && out) list_push(out, value1(sig->u.func.results.v[0], result));
}
