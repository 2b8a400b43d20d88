/* gen_defer.c: functions that defer.
 *
 *   entry:      a stack object {toy_deferframe, address of the caller's result object, results…}
 *               again = toy_deferframe(object), which returns twice; again != null → recovered
 *   defer f(x): a toy_defer {closure} is hung on the frame: a stack object, or on the heap if any defer stands in a loop
 *   return:     the results are stored in the object, then → exit
 *   exit:       take off and call what is deferred, one after the other; the frame is left; results are loaded; ret
 *   recovered:  the same, for the object at `again`
 *
 * Where no defer stands in a loop each can have run once at most, and the calls not yet made hang on the frame in the
 * order of their statements: then the exit asks for one after the other, "is it the next?", and calls its code by name,
 * which the optimiser can inline.
 *
 * What must hold at the second return: LLVM knows nothing of the time between, so nothing computed before it may be
 * used. The callee-saved registers are what they were at the first return (toy_deferframe keeps them in the object), so
 * the epilogue gives the caller its own back; but the stack may lie elsewhere, and memory has changed. Therefore
 *   - the recovered path reads nothing but what it finds from `again`, the object's address as the runtime returns it;
 *   - results live in the object from the start. Its address has been given away, so every call may read them, and the
 *     optimiser stores them before a call that may panic;
 *   - the function is not inlined.
 *
 * Rejected: a landing pad at every call (defer.c says why); volatile results (the address given away does the same and
 * leaves the optimiser free between calls); an asm that clobbers the callee-saved registers, so that the prologue saves
 * them (it costs as much as keeping them, and loading them again at every return besides).
 */
#include "gen.h"
#include "../runtime/abi/defer.h"
#include <stddef.h>

enum { FIELD_LINK, FIELD_CALLS, FIELD_CONTEXT, FIELD_RESULT_OBJECT, FIELD_RESULTS };
enum { NAMED_MAX = 8 }; /* more deferred calls than this are called through their records */

typedef struct Deferred { Ir record, code; } Deferred; /* code: null if not known */
DEFINE_LIST(DeferredList, Deferred);

typedef struct DeferFrame {
  LLVMTypeRef type;
  DeferredList calls;
  bool looped;                /* some stand in loops */
  Ir object;
  LLVMBasicBlockRef exit, recovered;
  Ir again;
} DeferFrame;

static Ir frame_field(Gen *g, Ir object, int field) {
  return LLVMBuildStructGEP2(g->b, g->fn->defers->type, object, (unsigned)field, "");
}

/* ---- entry */

static LLVMTypeRef frame_type(Gen *g, Func *f) {
  LLVMTypeRef *types = arena_alloc((size_t)(FIELD_RESULTS + f->results.n) * sizeof *types);
  types[FIELD_LINK] = types[FIELD_CALLS] = types[FIELD_RESULT_OBJECT] = g->ref;
  types[FIELD_CONTEXT] = LLVMArrayType2(g->i64, TOY_DEFERFRAME_CONTEXT);
  for (int i = 0; i < f->results.n; i++) {
    Object *o = f->results.v[i];
    types[FIELD_RESULTS + i] = heap_var(g, o) ? g->ref : mem_type(g, o->type);
  }
  return LLVMStructTypeInContext(g->cx, types, (unsigned)(FIELD_RESULTS + f->results.n), false);
}

/* A result on the heap: its address is in the object. */
static void bind_result(Gen *g, Object *o, Ir field) {
  if (heap_var(g, o)) {
    bind_var(o, alloc_object(g, o->type, true));
    LLVMBuildStore(g->b, o->gen, field);
  } else {
    store_zero(g, o->type, field);
    bind_var(o, field);
  }
}

void defer_begin(Gen *g, Func *f) {
  DeferFrame *d = g->fn->defers = NEW(DeferFrame);
  d->type = frame_type(g, f);
  d->object = new_alloca(g, d->type, "defers");
  for (int i = 0; i < f->results.n; i++) bind_result(g, f->results.v[i], frame_field(g, d->object, FIELD_RESULTS + i));
  if (g->fn->result_object) LLVMBuildStore(g->b, g->fn->result_object, frame_field(g, d->object, FIELD_RESULT_OBJECT));
  d->again = RT(g, deferframe, NULL, d->object);
  LLVMBasicBlockRef body = add_block(g, "");
  d->exit = add_block(g, "exit"), d->recovered = add_block(g, "recovered");
  branch(g, LLVMBuildICmp(g->b, LLVMIntEQ, d->again, null_ref(g), ""), body, d->recovered);
  LLVMPositionBuilderAtEnd(g->b, body);
}

/* ---- defer */

static Ir defer_record(Gen *g, bool heap) {
  static const bool mask[] = {true, true};
  if (heap) return RT(g, newobject, NULL, object_desc(g, sizeof(struct toy_defer), mask, "runtime.deferred"));
  return new_alloca(g, LLVMStructTypeInContext(g->cx, (LLVMTypeRef[]){g->ref, g->ref}, 2, false), "");
}

void gen_defer(Gen *g, Stmt *s) {
  bool heap = s->u.expr.on_heap || g->fn->heap_all;
  DeferFrame *d = g->fn->defers;
  Ir code, closure = later_call(g, s->u.expr.x, "defer", heap, &code), record = defer_record(g, heap);
  Ir calls = frame_field(g, d->object, FIELD_CALLS);
  list_push(&d->calls, ((Deferred){record, code}));
  d->looped |= heap;
  LLVMBuildStore(g->b, closure, byte_offset(g, record, offsetof(struct toy_defer, fn)));
  LLVMBuildStore(g->b, LLVMBuildLoad2(g->b, g->ref, calls, ""), record);
  LLVMBuildStore(g->b, record, calls);
}

/* ---- return */

void defer_return(Gen *g) { jump(g, g->fn->defers->exit); }

/* Taken off before it is called: if it panics it must not be called again. */
static void call_record(Gen *g, Ir calls, Ir record, Ir code) {
  LLVMBuildStore(g->b, LLVMBuildLoad2(g->b, g->ref, record, ""), calls);
  Ir ctx = LLVMBuildLoad2(g->b, g->ref, byte_offset(g, record, offsetof(struct toy_defer, fn)), "");
  if (!code) {
    check_nil(g, ctx);
    code = LLVMBuildLoad2(g->b, g->ptr, ctx, "");
  }
  CallArgs none = {0};
  emit_call(g, sig_make(g, NULL, type_new(T_FUNC), true), code, ctx, &none, NULL);
}

static void call_all(Gen *g, Ir calls) {
  LLVMBasicBlockRef loop = add_block(g, ""), one = add_block(g, ""), done = add_block(g, "");
  start_block(g, loop);
  Ir record = LLVMBuildLoad2(g->b, g->ref, calls, "");
  branch(g, LLVMBuildICmp(g->b, LLVMIntEQ, record, null_ref(g), ""), done, one);
  LLVMPositionBuilderAtEnd(g->b, one);
  call_record(g, calls, record, NULL);
  jump(g, loop);
  LLVMPositionBuilderAtEnd(g->b, done);
}

static void call_if_next(Gen *g, Ir calls, Deferred d) {
  LLVMBasicBlockRef yes = add_block(g, ""), no = add_block(g, "");
  Ir next = LLVMBuildLoad2(g->b, g->ref, calls, "");
  branch(g, LLVMBuildICmp(g->b, LLVMIntEQ, next, d.record, ""), yes, no);
  LLVMPositionBuilderAtEnd(g->b, yes);
  call_record(g, calls, next, d.code);
  start_block(g, no);
}

static void call_by_name(Gen *g, Ir calls) {
  DeferFrame *d = g->fn->defers;
  if (d->looped || d->calls.n > NAMED_MAX) {
    call_all(g, calls);
    return;
  }
  for (int i = d->calls.n; i-- > 0;) call_if_next(g, calls, d->calls.v[i]);
}

/* G._defer = the frame's link: "g" is the same before and behind every call. */
static void leave_frame(Gen *g, Ir object) {
  static const char text[] = "movq %fs:toy_g@TPOFF, $0";
  LLVMTypeRef type = LLVMFunctionType(g->ptr, NULL, 0, false);
  Ir load = LLVMGetInlineAsm(type, text, sizeof text - 1, "=r", 2, true, false, LLVMInlineAsmDialectATT, false);
  Ir gp = LLVMBuildCall2(g->b, type, load, NULL, 0, ""), offset = const_i64(g, TOY_G_DEFER);
  Ir head = LLVMBuildInBoundsGEP2(g->b, g->i8, gp, &offset, 1, "");
  LLVMBuildStore(g->b, LLVMBuildLoad2(g->b, g->ref, frame_field(g, object, FIELD_LINK), ""), head);
}

/* Leaves the frame at `object` with its results. */
static void leave(Gen *g, Func *f, Ir object) {
  ValueList vals = {0};
  leave_frame(g, object);
  for (int i = 0; i < f->results.n; i++) {
    Object *o = f->results.v[i];
    Ir field = frame_field(g, object, FIELD_RESULTS + i);
    list_push(&vals, value_load(g, o->type, heap_var(g, o) ? LLVMBuildLoad2(g->b, g->ref, field, "") : field));
  }
  if (g->fn->result_object)
    g->fn->result_object = LLVMBuildLoad2(g->b, g->ref, frame_field(g, object, FIELD_RESULT_OBJECT), "");
  return_values(g, &vals);
}

/* A block that is only jumped to. */
static void start_last(Gen *g, LLVMBasicBlockRef block) {
  LLVMMoveBasicBlockAfter(block, LLVMGetLastBasicBlock(g->fn->ll));
  LLVMPositionBuilderAtEnd(g->b, block);
}

void defer_end(Gen *g, Func *f) {
  DeferFrame *d = g->fn->defers;
  if (!terminated(g) && f->results.n == 0) jump(g, d->exit);
  else if (!terminated(g)) LLVMBuildUnreachable(g->b);
  start_last(g, d->exit);
  call_by_name(g, frame_field(g, d->object, FIELD_CALLS));
  leave(g, f, d->object);
  start_last(g, d->recovered);
  call_all(g, frame_field(g, d->again, FIELD_CALLS));
  leave(g, f, d->again);
}
