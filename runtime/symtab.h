/* symtab.h: from an address in Toy code to a function, and from a call to its place in the source. */
#ifndef TOY_SYMTAB_H
#define TOY_SYMTAB_H

#include <stdbool.h>
#include <stdint.h>

#include "abi/module.h"

/* Sorts every module's functions. On g0, once, before any lookup. */
void symtab_init(void);

/* Is pc in Toy code? Two comparisons. A return address may be one past the end: pass pc - 1 for it. */
extern const char __start_toytext[] __attribute__((weak));
extern const char __stop_toytext[] __attribute__((weak));
static inline bool in_toytext(uintptr_t pc) {
  return pc - (uintptr_t)__start_toytext < (uintptr_t)(__stop_toytext - __start_toytext);
}

/* The function that pc lies in, or null outside Toy code. For a return address pass pc - 1: a call that does not return may be
 * its function's last instruction. Safe in signal handlers. */
const struct toy_func *findfunc(uintptr_t pc);
/* Is pc a function's first instruction? Safe in signal handlers, as findfunc. */
bool is_entry(uintptr_t pc);

/* The innermost logical frame of the call that returns to return_pc; follow inlined_at for the others. Null if unknown.
 * *sites receives the table that inlined_at indexes. */
const struct toy_site *site_at(uintptr_t return_pc, const struct toy_site **sites);

/* For an instruction that is no return address: the call site next before pc in its function, else null. */
const struct toy_site *site_before(uintptr_t pc, const struct toy_site **sites);

#endif
