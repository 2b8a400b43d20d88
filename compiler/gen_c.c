/* gen_c.c: functions of C (check_c.c): the Toy body of one is the call.
 *
 * It is an ordinary Toy function, guard check and stack maps included: it lays the arguments out in a stack object, struct
 * toy_ccall, has the runtime call C with that (runtime/ccall.c), and reads the result from there. So such a function can be
 * a value, be deferred, be inlined, and shows in tracebacks; and `toy verify` has nothing new to understand.
 */
#include "../runtime/abi/ccall.h"
#include "gen.h"

enum { HEAD = 7, INTS = 6, FLOATS = 8 }; /* words */
_Static_assert(offsetof(struct toy_ccall, ints) == 8 * HEAD && offsetof(struct toy_ccall, floats) == 8 * (HEAD + INTS) &&
               offsetof(struct toy_ccall, stack) == 8 * (HEAD + INTS + FLOATS), "the words are where ccall.h has them");

/* The object as words: their types, and what is stored in those that are used. */
typedef struct Words { LLVMTypeRef *types; Ir *values; int n; } Words;

static Words new_words(Gen *g, int nparams) {
  Words w = {.n = HEAD + INTS + FLOATS};
  size_t most = (size_t)(w.n + nparams);
  w.types = arena_alloc(most * sizeof *w.types);
  w.values = arena_alloc(most * sizeof *w.values);
  for (size_t i = 0; i < most; i++) w.types[i] = g->i64, w.values[i] = NULL;
  return w;
}

static void set_word(Words *w, size_t offset, Ir value) {
  w->types[offset / 8] = LLVMTypeOf(value);
  w->values[offset / 8] = value;
}

/* ---- arguments */

static Ir as_word(Gen *g, Type *t, Ir v) {
  LLVMTypeRef type = LLVMTypeOf(v);
  if (type == g->ref || type == g->i64) return v;
  if (type == g->f64) return LLVMBuildBitCast(g->b, v, g->i64, "");
  if (type == g->f32) return LLVMBuildZExt(g->b, LLVMBuildBitCast(g->b, v, g->i32, ""), g->i64, "");
  bool zero = type == g->i1 || type_is_unsigned(t);
  return zero ? LLVMBuildZExt(g->b, v, g->i64, "") : LLVMBuildSExt(g->b, v, g->i64, "");
}

static void place_arguments(Gen *g, Func *f, Words *w) {
  ValueList args = fn_params(g);
  int ints = 0, floats = 0;
  for (int i = 0; i < args.n; i++) {
    bool is_float = type_is_float(args.v[i].type);
    Ir word = as_word(g, args.v[i].type, args.v[i].w[0]);
    if (is_float && floats < FLOATS) set_word(w, offsetof(struct toy_ccall, floats) + 8 * (size_t)floats++, word);
    else if (!is_float && ints < INTS) set_word(w, offsetof(struct toy_ccall, ints) + 8 * (size_t)ints++, word);
    else set_word(w, 8 * (size_t)w->n++, word);
  }
  set_word(w, offsetof(struct toy_ccall, nstack), const_i64(g, w->n - HEAD - INTS - FLOATS));
}

/* ---- results */

static Ir from_word(Gen *g, Type *t, Ir word) {
  LLVMTypeRef type = scalar_type(g, t);
  if (type == g->ref || type == g->i64) return word;
  if (type == g->f64) return LLVMBuildBitCast(g->b, word, g->f64, "");
  if (type == g->f32) return LLVMBuildBitCast(g->b, LLVMBuildTrunc(g->b, word, g->i32, ""), g->f32, "");
  if (type != g->i1) return LLVMBuildTrunc(g->b, word, type, "");
  Ir byte = LLVMBuildTrunc(g->b, word, g->i8, ""); /* of a bool C sets no more */
  return LLVMBuildICmp(g->b, LLVMIntNE, byte, LLVMConstInt(g->i8, 0, false), "");
}

static Value result(Gen *g, Type *t, LLVMTypeRef object, Ir call, size_t offset) {
  LLVMTypeRef word = scalar_type(g, t) == g->ref ? g->ref : g->i64;
  Ir at = LLVMBuildStructGEP2(g->b, object, call, (unsigned)(offset / 8), "");
  return value1(t, from_word(g, t, LLVMBuildLoad2(g->b, word, at, "")));
}

static void return_results(Gen *g, Func *f, LLVMTypeRef object, Ir call) {
  ValueList results = {0};
  if (f->results.n > 0) {
    Type *t = f->results.v[0]->type;
    size_t where = type_is_float(t) ? offsetof(struct toy_ccall, fresult) : offsetof(struct toy_ccall, result);
    list_push(&results, result(g, t, object, call, where));
  }
  if (f->c->wants_errno)
    list_push(&results, result(g, f->results.v[1]->type, object, call, offsetof(struct toy_ccall, error)));
  return_values(g, &results);
}

/* ---- the body */

/* Only the address is used: the type is nobody's business. */
static Ir c_function(Gen *g, const char *name) {
  Ir fn = LLVMGetNamedFunction(g->mod, name);
  return fn ? fn : LLVMAddFunction(g->mod, name, LLVMFunctionType(g->voidt, NULL, 0, false));
}

void gen_c_body(Gen *g, Func *f) {
  Words w = new_words(g, f->params.n);
  set_word(&w, offsetof(struct toy_ccall, fn), c_function(g, f->c->name));
  set_word(&w, offsetof(struct toy_ccall, name), LLVMBuildGlobalStringPtr(g->b, f->c->name, ""));
  set_word(&w, offsetof(struct toy_ccall, how), const_i64(g, f->c->how));
  place_arguments(g, f, &w);
  if (f->results.n > 0 && scalar_type(g, f->results.v[0]->type) == g->ref)
    set_word(&w, offsetof(struct toy_ccall, result), null_ref(g)); /* a managed word is a good one at every moment */
  LLVMTypeRef object = LLVMStructTypeInContext(g->cx, w.types, (unsigned)w.n, false);
  Ir call = new_alloca(g, object, "");
  for (int i = 0; i < w.n; i++)
    if (w.values[i]) LLVMBuildStore(g->b, w.values[i], LLVMBuildStructGEP2(g->b, object, call, (unsigned)i, ""));
  RT(g, ccall, NULL, call);
  return_results(g, f, object, call);
}
