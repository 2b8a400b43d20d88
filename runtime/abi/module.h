/* module.h: the tables that compiled code carries for the runtime, one set an object file (a "module").
 *
 * Late lowering (compiler/lower*.c) emits them for any frontend's module, all but toyroots, which is the frontend's.
 * Sections have names without a dot, so the linker defines __start_SECTION and __stop_SECTION.
 *
 *   toytext     all compiled code: "is this PC Toy code" is two comparisons
 *   toymodules  one struct toy_module an object
 *   toyfuncs    one struct toy_func a function (also those without calls, which the stack maps do not name)
 *   toyunsafe   one struct toy_unsafe a range
 *   _llvm_faultmaps  LLVM's fault maps (.llvm_faultmaps, renamed): the loads and stores that stand for a nil check, and
 *               where to go on when one of them faults
 *   toyasm      one struct toy_asm a leaf function of an assembly file
 *   toyroots    one struct toy_root a package-level variable that holds managed pointers
 */
#ifndef TOY_ABI_MODULE_H
#define TOY_ABI_MODULE_H

#include <stdint.h>

/* A place in the source. Call site number N of a module (the low half of a stack-map record's ID) is sites[N]. */
struct toy_site {
  const char *func;     /* NUL-terminated full name as Go prints it: main.f, main.(*T).m, main.f.func1 */
  const char *file;     /* as given to the compiler, made absolute */
  uint32_t line, col;
  uint32_t inlined_at;  /* index of the call site this one was inlined at, or TOY_SITE_NONE */
  uint32_t flags;       /* TOY_FUNC_* of the function named */
};
#define TOY_SITE_NONE 0xffffffffu

/* Of a call that passes words on the stack, the ID's bits from here on tell the registers in which it passes nothing, numbered
 * as in toy_func.argmask. Of other calls, and in what assembly says, none. Only `toy verify` reads them. */
#define TOY_UNUSED_SHIFT 32
#define TOY_UNUSED_MASK 0x7fu

/* Stack-map records with an ID from here on describe a stack object instead of a call: ID = TOY_STACKOBJ_ID; the record is
 * in the group of the function whose frame holds the object; its first location is Direct (frame register + offset), the
 * next constants are the size in bytes and the pointer bitmap in 64-bit words (bit i: word i is a managed pointer). */
#define TOY_STACKOBJ_ID 0xffffffff00000000ull

struct toy_module {
  const void *stackmaps;         /* this object's .llvm_stackmaps blob, version 3; null if it has no records */
  const struct toy_site *sites;
  uint64_t nsites;
  const char *package;
};

enum toy_func_flag {
  TOY_FUNC_WRAPPER = 1,   /* generated: hidden in tracebacks */
  TOY_FUNC_NOPREEMPT = 2  /* carries an unsafe range over its whole body */
};

/* argmask: which argument registers hold managed pointers at entry: bit 0 rdi, 1 rsi, 2 rdx, 3 rcx, 4 r8, 5 r9,
 * 6 the closure context (r10; the slow path of the guard check holds it in rax). stackargs: bit i, word i of the stack
 * arguments is a managed pointer. */
struct toy_func {
  const void *entry;
  const char *name;       /* NUL-terminated, as toy_site.func */
  const char *file;
  uint32_t line, flags;
  uint64_t argmask, stackargs;
};

enum toy_unsafe_kind {
  TOY_UNSAFE = 1,          /* never stopped where begin < pc < end */
  TOY_RESTART = 2,         /* resume at begin when begin < pc < end */
  TOY_RESTART_ENTRY = 3    /* resume at the entry of the function when begin < pc < end; there is no frame yet, and SP, the
                              arguments and the registers that a callee keeps are still as they were there */
};
struct toy_unsafe { const void *begin, *end; uint64_t kind; };

/* A function of an assembly file that runs outside toytext on a goroutine's stack (toy_asm.h): only `toy verify` reads it. */
struct toy_asm { const void *entry, *end; uint64_t depth; /* bytes below its return address */ };

struct toy_root { void *addr; const struct toy_type *type; };

#endif
