/* rtcalls.h: C prototypes of everything in abi/runtime.def, so that a body that disagrees with the table does not
 * compile. */
#ifndef TOY_RTCALLS_H
#define TOY_RTCALLS_H

#include <stdbool.h>
#include <stdint.h>

/* Two-word results, returned in rax:rdx. */
struct ref_i64 { void *ref; int64_t n; };
struct i64_i64 { int64_t a, b; };
struct i32_i64 { int32_t a; int64_t b; };
struct ptr_ref { const void *ptr; void *ref; };

#define TOYC_VOID void
#define TOYC_I1 bool
#define TOYC_I8 uint8_t
#define TOYC_I32 int32_t
#define TOYC_I64 int64_t
#define TOYC_F64 double
#define TOYC_PTR const void * /* descriptors */
#define TOYC_REF void *
#define TOYC_REF_I64 struct ref_i64
#define TOYC_I64_I64 struct i64_i64
#define TOYC_I32_I64 struct i32_i64
#define TOYC_PTR_REF struct ptr_ref

/* Argument lists: NARGS picks the row. */
#define TOYC_A0(...) void
#define TOYC_A1(a) TOYC_##a
#define TOYC_A2(a, b) TOYC_##a, TOYC_##b
#define TOYC_A3(a, b, c) TOYC_##a, TOYC_##b, TOYC_##c
#define TOYC_A4(a, b, c, d) TOYC_##a, TOYC_##b, TOYC_##c, TOYC_##d
#define TOYC_A5(a, b, c, d, e) TOYC_##a, TOYC_##b, TOYC_##c, TOYC_##d, TOYC_##e
#define TOYC_A6(a, b, c, d, e, f) TOYC_##a, TOYC_##b, TOYC_##c, TOYC_##d, TOYC_##e, TOYC_##f
#define TOYC_PICK(r, a, b, c, d, e, f, N, ...) TOYC_##N
/* r, the result, is passed along so that a list without arguments still has one. */
#define TOYC_ARGS(r, ...) TOYC_PICK(r, ##__VA_ARGS__, A6, A5, A4, A3, A2, A1, A0, 0)(__VA_ARGS__)

#define TOYC_LEAF(leaf, body, R, ...) TOYC_##R leaf(TOYC_ARGS(R, ##__VA_ARGS__));
#define TOYC_G0(leaf, body, R, ...) TOYC_##R body(TOYC_ARGS(R, ##__VA_ARGS__));
#define TOYC_PARK(leaf, body, R, ...) TOYC_##R body(TOYC_ARGS(R, ##__VA_ARGS__));
#define TOYC_NORET(leaf, body, R, ...) _Noreturn void body(TOYC_ARGS(R, ##__VA_ARGS__));
#define TOYC_ASM(leaf, body, R, ...)
#define TOYC_LEAFASM(leaf, body, R, ...)

#define TOYRT(name, KIND, ...) TOYC_##KIND(toy_##name, rt_##name, __VA_ARGS__)
#define TOYPKG(pkg, name, KIND, ...) TOYC_##KIND(toy_##pkg##_##name, rt_##pkg##_##name, __VA_ARGS__)
#include "abi/runtime.def"
#undef TOYRT
#undef TOYPKG

/* Not callable by name from Toy code: the stubs' own. */
_Noreturn void rt_goexit(void);

#endif
