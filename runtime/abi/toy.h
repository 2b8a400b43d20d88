/* toy.h: what a frontend for this runtime must know, in one header; docs/abi.md is its text. It knows no language's types.
 *
 * A frontend emits LLVM IR by the rules of docs/abi.md, has `toy lower` make objects of it, and links them with libtoyrt.a.
 * What the IR may call are the symbols of runtime.def; this header gives them as data, with what a call means to its caller:
 *
 *     #include "toy.h"
 *     static const struct toy_call calls[] = {
 *     #define TOYRT TOY_CALL_ROW
 *     #define TOYPKG(...)                      // the library of the language Toy
 *     #include "runtime.def"
 *     };
 *
 * effects: TOY_MAY_WAIT   the goroutine may be parked, others run meanwhile on this thread, it may go on on another one
 *          TOY_MAY_MOVE   the stack may have moved when the call returns: it is a statepoint
 *          TOY_MAY_ALLOC  it may allocate, and so collect
 *          TOY_NO_RETURN
 *          TOY_IN_SIGNAL  may be called in a signal handler: reads memory alone, needs no goroutine
 * They follow from the row's KIND, so that no second list can drift. A G0 call may wait as well: a goroutine that has been
 * asked to yield does so on its way back.
 *
 * TOY_ABI_VERSION changes with everything that makes objects of two versions incompatible: the tables of module.h, descriptors,
 * numbers of limits.h, rows of runtime.def that are taken away or change their meaning.
 */
#ifndef TOY_H
#define TOY_H

#include "ccall.h"
#include "limits.h"
#include "module.h"

#define TOY_ABI_VERSION 1

/* What memory and channels must know of a type; calls that take a PTR "type" or "element type" read this much. Constant, below
 * 2 GiB. (Toy's own descriptors, type.h, begin with it; calls for interfaces, printing and panics read those.) */
struct toy_descriptor {
  int64_t size;           /* bytes */
  int64_t ptrdata;        /* bytes up to the end of the last managed pointer, 0: none */
  const uint8_t *ptrmask; /* bit i: word i is a managed pointer; ptrdata / 8 bits */
  uint32_t hash;
  uint8_t align, kind, flags, pad; /* kind 0 */
};

enum toy_effect { TOY_MAY_WAIT = 1, TOY_MAY_MOVE = 2, TOY_MAY_ALLOC = 4, TOY_NO_RETURN = 8, TOY_IN_SIGNAL = 16 };

#define TOY_EFFECTS_LEAF TOY_IN_SIGNAL
#define TOY_EFFECTS_LEAFASM 0
#define TOY_EFFECTS_G0 (TOY_MAY_WAIT | TOY_MAY_MOVE | TOY_MAY_ALLOC)
#define TOY_EFFECTS_PARK (TOY_MAY_WAIT | TOY_MAY_MOVE | TOY_MAY_ALLOC)
#define TOY_EFFECTS_NORET (TOY_MAY_WAIT | TOY_MAY_MOVE | TOY_MAY_ALLOC | TOY_NO_RETURN)
#define TOY_EFFECTS_ASM (TOY_MAY_WAIT | TOY_MAY_MOVE)

/* Kinds of values as LLVM sees them. PTR is `ptr`, REF `ptr addrspace(1)`; pairs are structs of two, in rax and rdx. */
enum toy_value {
  TOY_V_END, TOY_V_VOID, TOY_V_I1, TOY_V_I8, TOY_V_I32, TOY_V_I64, TOY_V_F64, TOY_V_PTR, TOY_V_REF,
  TOY_V_REF_I64, TOY_V_I64_I64, TOY_V_I32_I64, TOY_V_PTR_REF
};

/* signature[0] is the result, arguments follow, TOY_V_END ends it. */
struct toy_call { const char *symbol, *kind; unsigned effects; unsigned char signature[10]; };

/* A row of runtime.def as an initialiser of `struct toy_call`. */
#define TOY_V1(a) TOY_V_##a
#define TOY_V2(a, ...) TOY_V_##a, TOY_V1(__VA_ARGS__)
#define TOY_V3(a, ...) TOY_V_##a, TOY_V2(__VA_ARGS__)
#define TOY_V4(a, ...) TOY_V_##a, TOY_V3(__VA_ARGS__)
#define TOY_V5(a, ...) TOY_V_##a, TOY_V4(__VA_ARGS__)
#define TOY_V6(a, ...) TOY_V_##a, TOY_V5(__VA_ARGS__)
#define TOY_V7(a, ...) TOY_V_##a, TOY_V6(__VA_ARGS__)
#define TOY_V8(a, ...) TOY_V_##a, TOY_V7(__VA_ARGS__)
#define TOY_V_PICK(a, b, c, d, e, f, g, h, N, ...) TOY_V##N
#define TOY_SIGNATURE(...) TOY_V_PICK(__VA_ARGS__, 8, 7, 6, 5, 4, 3, 2, 1, 0)(__VA_ARGS__)
#define TOY_CALL_ROW(name, KIND, ...) {"toy_" #name, #KIND, TOY_EFFECTS_##KIND, {TOY_SIGNATURE(__VA_ARGS__)}},

#endif
