/* gen.h: code generation, checked AST → LLVM IR; shared by gen_*.c only.
 *
 * One Gen a module (= a package), one Fn a function being written. Every generator takes the Gen first and leaves the
 * builder where control goes on. The idioms are those of docs/abi.md; late lowering expects them:
 *   - variables are allocas (address space 1) in the entry block; an escaping variable is a heap box;
 *   - string, slice and interface values are bundles of scalars (Value); structs and arrays live in memory and are
 *     copied with memcpy, so no first-class aggregate exists but the immediate result of a call and the operand of ret;
 *   - every check that can panic has a cold block of its own, with the position of the check;
 *   - every instruction of a function with a body carries a debug location.
 *
 * A memory Value's address may be that of a variable. It is valid until the next side effect; who keeps it longer
 * copies it (value_stable), except when it is `fresh`: storage that nothing else can name, or that never changes.
 *
 * What may live in the frame is decided by escape analysis (escape.h). Where it has not run (Func.escape null, and
 * package initialisers) everything that could escape does.
 *
 * Not compiled, check_notyet.c must refuse: complex numbers, range over functions, type parameters, calls with several results as
 * arguments of built-in functions other than print and println. Everything else that the checker accepts is compiled.
 */
#ifndef TOY_GEN_H
#define TOY_GEN_H

#include "compiler.h"
#include "constant.h"
#include "diag.h"
#include "escape.h"
#include "source.h"
#include "types.h"
#include <llvm-c/Core.h>
#include <llvm-c/DebugInfo.h>

typedef LLVMValueRef Ir;
typedef struct Gen Gen;
typedef struct Fn Fn;

/* ---- values */
enum { MAX_FLAT = 4, MAX_BUNDLE = 3 };

/* A value of a Toy type. mem: w[0] is the address of a struct or array. Otherwise n scalars: numbers, bool (i1) and
 * pointers 1, string (pointer, length) 2, interface (type or itab, data) 2, slice (pointer, length, capacity) 3. */
typedef struct Value {
  Type *type;
  Ir w[MAX_BUNDLE];
  int n;
  bool mem, fresh;
} Value;
DEFINE_LIST(ValueList, Value);

typedef enum Rep { REP_SCALAR, REP_STRING, REP_SLICE, REP_IFACE, REP_MEM } Rep;

/* What code generation knows of a type (Type.gen; valid while owner is the Gen at work). */
typedef struct FlatItem { LLVMTypeRef type; int64_t offset; } FlatItem;
typedef struct TypeInfo {
  Gen *owner;
  Rep rep;
  LLVMTypeRef mem;            /* the type in memory */
  FlatItem flat[MAX_FLAT];    /* scalars it flattens to; nflat > MAX_FLAT: passed by address */
  int nflat;
  Ir desc;
} TypeInfo;

/* The LLVM shape of a Toy function (docs/abi.md, Calls). */
typedef struct Sig {
  LLVMTypeRef type;
  bool nest, by_object;       /* by_object: results go to an object, whose address is the first parameter after nest */
  Type *recv;                 /* null: none */
  TypeList params, results;
  bool variadic;
  LLVMTypeRef result_struct;
  int nresult_flat;
} Sig;

typedef struct CallArgs { Ir *v; int n, cap; } CallArgs;

/* A destination to assign to. Its operands are evaluated; the checks after the last pointer or slice that is read are still
 * to be made, because Go makes them only after the right-hand side has been evaluated. */
typedef struct Dest {
  enum { DEST_BLANK, DEST_DIRECT, DEST_NIL, DEST_BOUNDS, DEST_MAP } check;
  Ir base, index, len;        /* BOUNDS: element `index` of the array at base, len of them */
  bool index_unsigned, through_pointer; /* the latter: base may be nil */
  Type *type, *elem;
  const struct Dest *within;  /* BOUNDS: the array's own place if that has checks too, instead of base */
  int64_t offset;             /* bytes from there */
  Value map, key;             /* MAP: the entry is made by the check */
  Pos pos;
} Dest;

/* ---- the module */
typedef struct StrEntry { const char *text; size_t length; Ir value; } StrEntry;
typedef struct Import { Func *func; int budget; /* nodes that the bodies it brings along may have */ } Import;
DEFINE_LIST(ImportList, Import);

struct Gen {
  Package *pkg;
  bool is_main;
  LLVMContextRef cx;
  LLVMModuleRef mod;
  LLVMTargetDataRef td;
  LLVMBuilderRef b;           /* the code */
  LLVMBuilderRef entry;       /* allocas of the function at work */
  LLVMTypeRef i1, i8, i16, i32, i64, f32, f64, ref, ptr, voidt, str_t, slice_t, iface_t, desc_t;
  LLVMDIBuilderRef di;
  LLVMMetadataRef di_unit, di_functype;
  Ir rt[128];                 /* runtime functions declared so far */
  LLVMTypeRef rt_type[128];
  StrEntry *strings;          /* open addressing by text */
  int nstrings, strings_cap;
  unsigned implicit_md;
  bool inlines;               /* functions may be inlined; small ones of other packages come along (gen_import.c) */
  ImportList imported;        /* those called so far; their bodies follow the package's own */
  const Import *import;       /* the one at work */
  Fn *fn;
};

/* Where break and continue of one statement go. */
typedef struct Flow {
  Stmt *stmt;
  LLVMBasicBlockRef on_break, on_continue;
  struct Flow *outer;
} Flow;
/* In the chosen case of a select: what its receive has brought. */
typedef struct Received { Expr *recv; Value value; Ir ok; } Received;
DEFINE_LIST(IrList, Ir);
typedef struct LabelBlock { Stmt *stmt; LLVMBasicBlockRef block; } LabelBlock;
DEFINE_LIST(LabelList, LabelBlock);

struct Fn {
  Func *func;                 /* null in generated functions */
  Ir ll;
  Sig *sig;
  Ir ctx, result_object;
  Ir *captures;               /* address of each Func.captures */
  LLVMMetadataRef scope;
  bool heap_all;              /* escape facts are missing */
  Flow *flow;
  const Received *received;
  LLVMBasicBlockRef fallthrough;
  LabelList labels;
  int nwraps;
  struct DeferFrame *defers;  /* of a function that defers, else null */
  IrList temps;               /* borrowed and given back: free for the next call */
  Fn *outer;                  /* the function interrupted to generate this one */
  LLVMBasicBlockRef outer_block;
  LLVMBasicBlockRef outer_entry;
  LLVMMetadataRef outer_loc;
};

/* gen_rt.c */
enum RtId {
#define TOYRT(NAME, ...) RT_##NAME,
#define TOYPKG(...)
#include "../runtime/abi/runtime.def"
#undef TOYRT
#undef TOYPKG
  RT_COUNT
};
Ir rt_call(Gen *g, enum RtId id, Ir *second, Ir *args, int n);
#define RT(G, NAME, SECOND, ...) \
  rt_call(G, RT_##NAME, SECOND, (Ir[]){__VA_ARGS__}, (int)(sizeof((Ir[]){__VA_ARGS__}) / sizeof(Ir)))
void add_fn_attr(Gen *g, Ir fn, const char *name);
void add_param_attr(Gen *g, Ir fn, int index, const char *name);
Ir intrinsic_call(Gen *g, const char *name, LLVMTypeRef overload, Ir *args, int n);

/* gen_debug.c */
void debug_begin(Gen *g);
void debug_end(Gen *g);
LLVMMetadataRef debug_subprogram(Gen *g, const char *symbol, Pos pos);
void debug_at(Gen *g, Pos pos);

/* gen_type.c */
TypeInfo *type_info(Gen *g, Type *t);
LLVMTypeRef mem_type(Gen *g, Type *t);
LLVMTypeRef scalar_type(Gen *g, Type *t);
bool type_direct(Type *t);
Sig *sig_make(Gen *g, Type *recv, Type *func, bool nest);

/* gen_value.c */
Ir const_i64(Gen *g, int64_t v);
Ir const_int_like(Gen *g, Ir like, int64_t v);
Ir null_ref(Gen *g);
Value value1(Type *t, Ir a);
Value value2(Type *t, Ir a, Ir b);
Value value3(Type *t, Ir a, Ir b, Ir c);
Value value_mem(Type *t, Ir addr, bool fresh);
Value value_load(Gen *g, Type *t, Ir addr);
void value_store(Gen *g, Value v, Ir addr);
Value value_zero(Gen *g, Type *t);
void store_zero(Gen *g, Type *t, Ir addr);
Value value_stable(Gen *g, Value v);
int value_flatten(Gen *g, Value v, Ir *out);
Value value_unflatten(Gen *g, Type *t, Ir *in);
Ir new_alloca(Gen *g, LLVMTypeRef t, const char *name);
Ir new_temp(Gen *g, Type *t);
Ir borrow_temp(Gen *g, LLVMTypeRef t);                       /* for one call's operand: given back after it */
Ir borrow_elem(Gen *g, Type *t);
void return_temp(Gen *g, Ir temp);
Ir alloc_object(Gen *g, Type *t, bool heap);
Ir byte_offset(Gen *g, Ir addr, int64_t bytes);
Ir elem_addr(Gen *g, Type *elem, Ir base, Ir index);
LLVMBasicBlockRef add_block(Gen *g, const char *name);
void start_block(Gen *g, LLVMBasicBlockRef block);
void jump(Gen *g, LLVMBasicBlockRef to);
void branch(Gen *g, Ir cond, LLVMBasicBlockRef yes, LLVMBasicBlockRef no);
bool terminated(Gen *g);
LLVMBasicBlockRef check_begin(Gen *g, Ir ok);
void check_end(Gen *g, LLVMBasicBlockRef go_on);
void check_nil(Gen *g, Ir p);
void check_bounds(Gen *g, Ir index, Ir len, bool index_unsigned);
Ir phi2(Gen *g, Ir a, LLVMBasicBlockRef from_a, Ir b, LLVMBasicBlockRef from_b);

/* gen_desc.c */
Ir type_desc(Gen *g, Type *t);
Ir itab_of(Gen *g, Type *concrete, Type *iface);
Ir object_desc(Gen *g, int64_t size, const bool *mask, const char *name);
void mark_pointers(Type *t, int64_t offset, bool *mask);      /* mask: one bool a word */
Ir string_data(Gen *g, const char *text, size_t length);
Ir static_object(Gen *g, LLVMTypeRef t, Ir init, bool constant);
void emit_roots(Gen *g, const ObjectList *globals);
bool type_memequal(Type *t);                                  /* == is equality of bytes */
void link_once(Gen *g, Ir v, const char *symbol);

/* gen_method.c */
Ir method_code(Gen *g, Type *t, Method *m);              /* takes the data word of an interface holding a t */

/* gen_import.c */
void import_body(Gen *g, Func *f, Ir ll);                /* ll, f's declaration, may get a body in this module */

/* gen_package.c */
Ir declare_func(Gen *g, Func *f);
Ir called_func(Gen *g, Func *f);                             /* its body may be inlined */
Ir runtime_func(Gen *g, const char *symbol, LLVMTypeRef type); /* a Toy function of package runtime */
void load_results(Gen *g, Func *f, ValueList *vals);         /* gen_stmt.c: of the variables that hold them */
Sig *func_sig(Gen *g, Func *f);
Ir global_addr(Gen *g, Object *o);
void fn_end(Gen *g);
bool begin_wrapper(Gen *g, Fn *fn, Ir *ll, const char *symbol, Sig *sig, Pos pos); /* false: *ll exists already */
ValueList fn_params(Gen *g);                                 /* receiver first */
void return_values(Gen *g, ValueList *vals);

/* gen_expr.c */
Value gen_expr(Gen *g, Expr *e);
Value gen_expr_as(Gen *g, Expr *e, Type *t);
void gen_expr_into(Gen *g, Expr *e, Type *t, Ir addr);       /* addr: storage nothing else can name */
/* Right-hand sides: one expression a type, or a tuple or comma-ok. A null type keeps the value's own. */
void gen_values(Gen *g, const ExprList *exprs, const TypeList *types, ValueList *out);
Ir compare_values(Gen *g, Op op, Value x, Value y);          /* one may be an interface, the other not */
void gen_cond_jump(Gen *g, Expr *e, LLVMBasicBlockRef yes, LLVMBasicBlockRef no);
Ir gen_int(Gen *g, Expr *e, bool *is_unsigned);               /* an index or length, widened to i64 */
Ir var_addr(Gen *g, Object *o);
void bind_var(Object *o, Ir addr);
Ir declare_var(Gen *g, Object *o);                            /* makes its storage; a frame slot is not zeroed */
bool heap_var(Gen *g, Object *o);
void declare_loop_var(Gen *g, Object *o);                     /* heap variable that is a new one in every iteration */
void renew_loop_var(Gen *g, Object *o);
Value const_value(Gen *g, Type *t, const Const *c);
bool heap_expr(Gen *g, Expr *e);

/* gen_arith.c */
Value gen_arith(Gen *g, Op op, Value x, Value y);
Value gen_shift(Gen *g, Op op, Value x, Value count);
Ir gen_compare(Gen *g, Op op, Value x, Value y);
Ir gen_equal(Gen *g, Value x, Value y);
Value gen_convert(Gen *g, Value x, Type *to);                /* explicit conversion */
Value gen_unary_minus(Gen *g, Value x);
Value gen_minmax(Gen *g, bool max, Value x, Value y);

/* gen_string.c */
Value gen_concat(Gen *g, Expr *e);
Value concat_values(Gen *g, Type *t, Value *v, int n);
Ir string_equal(Gen *g, Value x, Value y);
Ir bytes_equal(Gen *g, Ir a, Ir b, int64_t n);
Ir string_compare(Gen *g, Value x, Value y);
Value gen_string_convert(Gen *g, Value x, Type *to);

/* gen_addr.c */
Dest gen_dest(Gen *g, Expr *e);
Ir dest_addr(Gen *g, const Dest *p);
Ir gen_addr(Gen *g, Expr *e);
Value gen_index(Gen *g, Expr *e);
Value gen_field(Gen *g, Expr *e);
/* The field at the end of a path, pointers followed: its address and type; its value (x itself for an empty path). */
Ir path_addr(Gen *g, Value x, int *path, int npath, Type **type);
Value gen_path(Gen *g, Value x, int *path, int npath);

/* gen_map.c */
typedef struct MapIter { Ir iter; Type *map; Ir key; } MapIter;
Type *map_group_type(Type *t);
Value gen_map_index(Gen *g, Expr *e, Ir *ok);                 /* ok may be null */
Dest dest_map(Gen *g, Expr *e);
Ir map_entry(Gen *g, Value m, Value key);                     /* the element's address, for a store that follows at once */
void gen_delete(Gen *g, Expr *e);
void map_delete(Gen *g, Value m, Value key);
Value make_map(Gen *g, Type *t, Ir hint);
Value map_literal(Gen *g, Expr *e, Type *t);
Ir map_len(Gen *g, Value m);
MapIter map_iter_begin(Gen *g, Value m);
Ir map_iter_at_entry(Gen *g, MapIter *it);                    /* false: the end */
Value map_iter_key(Gen *g, MapIter *it), map_iter_elem(Gen *g, MapIter *it);
void map_iter_next(Gen *g, MapIter *it);

/* gen_slice.c */
Value gen_slice(Gen *g, Expr *e);
Value gen_append(Gen *g, Expr *e);
Value gen_copy(Gen *g, Expr *e);
Ir copy_values(Gen *g, Value to, Value from);                 /* → number of elements */
void clear_value(Gen *g, Value s);
Value gen_make(Gen *g, Expr *e);
Value gen_len(Gen *g, Expr *x, bool cap);
void gen_clear(Gen *g, Expr *e);

/* gen_lit.c */
Value gen_composite(Gen *g, Expr *e);
void gen_composite_into(Gen *g, Expr *e, Ir addr, bool zeroed);
Ir gen_addr_of_composite(Gen *g, Expr *lit, Type *t, bool heap);
Ir static_value(Gen *g, Expr *e, Type *t);                    /* constant initialiser in memory form, or null */

/* gen_call.c */
Value gen_call(Gen *g, Expr *e);
void gen_call_results(Gen *g, Expr *e, ValueList *out);
Expr *builtin_call(Gen *g, Expr *e);
void args_add(Gen *g, CallArgs *a, Value v);
void args_push(CallArgs *a, Ir v);
/* args: without context and result object. */
void emit_call(Gen *g, Sig *sig, Ir code, Ir ctx, CallArgs *args, ValueList *out);
/* The receiver of SEL_METHOD; the interface value of SEL_IFACEMETHOD. */
Value gen_receiver(Gen *g, Expr *sel);
Value receiver_from(Gen *g, Value x, int *path, int npath, Object *method);
Ir iface_method_code(Gen *g, Value iface, int index);
void gen_args(Gen *g, Expr *call, Type *sig, ValueList *out);
Type *iface_method_type(Type *iface, int index);

/* gen_closure.c */
Value gen_funclit(Gen *g, Expr *e);
Value func_value(Gen *g, Func *f);
int64_t closure_field(int64_t *end, Type *t);                 /* its offset; *end starts at 8 */
Value gen_method_value(Gen *g, Expr *e);
Value gen_method_expr(Gen *g, Expr *e);
Ir make_closure(Gen *g, Ir code, const ValueList *fields, bool heap, const char *name);

/* gen_go.c */
/* Evaluates the call's operands and returns a closure that makes the call, and its code where that is known. what: "go"
 * or "defer", for its symbol. */
Ir later_call(Gen *g, Expr *call, const char *what, bool heap, Ir *code);
void gen_go(Gen *g, Expr *call);

/* gen_defer.c */
void defer_begin(Gen *g, Func *f);                            /* behind the parameters; makes the results' storage */
void gen_defer(Gen *g, Stmt *s);
void defer_return(Gen *g);                                    /* results are in place: run what is deferred, return */
void defer_end(Gen *g, Func *f);

/* gen_iface.c */
Value convert_assign(Gen *g, Value v, Type *t, bool heap);   /* what assignment does: only interfaces need anything */
Ir iface_type_word(Gen *g, Value v);                          /* descriptor or null */
void gen_assert(Gen *g, Expr *e, bool comma_ok, ValueList *out);
Ir type_matches(Gen *g, Ir type_word, Type *want, Ir *word);  /* *word: first word of x as interface `want` */
Value match_value(Gen *g, Value x, Type *want, Ir word);      /* x as `want`, where it matches */
Ir iface_equal(Gen *g, Value x, Value y);
Value iface_unbox(Gen *g, Value x, Type *t);
void gen_panic(Gen *g, Expr *e);
void panic_value(Gen *g, Value v);                            /* v: an empty interface */
Value gen_recover(Gen *g);

/* gen_chan.c */
Value gen_recv(Gen *g, Value ch, Ir *ok);
Value gen_receive(Gen *g, Expr *recv, Ir *ok);              /* the expression <-x; ok may be null */
void gen_send(Gen *g, Value ch, Value v);

/* gen_select.c */
void gen_select(Gen *g, Stmt *s);
Value received_here(Gen *g, Expr *recv, Ir *ok);              /* without a type: it is still to be received */

/* gen_atomic.c */
bool is_atomic(const Func *f);                                /* a function of sync/atomic */
void gen_atomic(Gen *g, Func *f, const ValueList *args, ValueList *out);

/* gen_intrinsic.c */
bool is_intrinsic(const Func *f);                             /* a function of the library to be emitted in place */
void gen_intrinsic(Gen *g, Func *f, const ValueList *args, ValueList *out); /* out: null if nobody wants the results */
void gen_intrinsic_body(Gen *g, Func *f);

/* gen_c.c */
void gen_c_body(Gen *g, Func *f);

/* gen_print.c */
void gen_print(Gen *g, Expr *call, bool newline);
void print_args(Gen *g, Expr *call, ValueList *v);
void print_values(Gen *g, const ValueList *v, bool newline);

/* gen_stmt.c, gen_loop.c, gen_switch.c */
void gen_stmt(Gen *g, Stmt *s);
void gen_stmts(Gen *g, StmtList *list);
void dest_store(Gen *g, Dest *p, Value v);
void gen_for(Gen *g, Stmt *s);
void gen_range(Gen *g, Stmt *s);
void gen_switch(Gen *g, Stmt *s);
void gen_typeswitch(Gen *g, Stmt *s);

#endif
