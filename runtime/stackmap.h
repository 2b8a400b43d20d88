/* stackmap.h: what compiled code says about its frames, in the form the stack copier and tracebacks use.
 *
 * stackmap.c builds it once at start from the modules' tables (abi/module.h): after stackmap_init everything here is
 * constant, allocates nothing and may be used from any stack, signal handlers included.
 *
 * A slot is a place in a frame relative to the frame's sp or bp (struct frame in runtime.h): a byte offset, a multiple
 * of 8, with bit 0 set when it counts from bp.
 */
#ifndef TOY_STACKMAP_H
#define TOY_STACKMAP_H

#include "runtime.h"

typedef int32_t stackmap_slot;
#define STACKMAP_BP 1
static inline uintptr_t slot_address(stackmap_slot s, uintptr_t sp, uintptr_t bp) {
  return (s & STACKMAP_BP ? bp : sp) + (intptr_t)(s & ~STACKMAP_BP);
}

/* A derived pointer moves by what its base moved; the base is in a slot of its own (also listed among `slots`). */
struct stackmap_derived { stackmap_slot base, derived; };

/* An object in the frame whose address is taken. */
struct stackmap_object { stackmap_slot at; uint32_t size; const uint64_t *ptrmask; };

struct stackmap_func {
  uintptr_t entry;
  uint64_t framesize;                   /* 2^64-1: realigned */
  uint32_t nobjects;
  const struct stackmap_object *objects;
};

/* One call site. A 16-byte slot (a vector of two pointers) is two entries. */
struct stackmap_record {
  uintptr_t pc;                         /* return address */
  const struct stackmap_func *func;
  const struct toy_module *module;
  uint32_t site;                        /* index into module->sites, or TOY_SITE_NONE */
  uint32_t nslots, nderived;
  const stackmap_slot *slots;           /* pointers that are their own base */
  const struct stackmap_derived *derived;
};

void stackmap_init(void);
const struct stackmap_record *stackmap_find(uintptr_t return_pc); /* null: not a call site */

/* The function whose code contains pc (a return address: look up pc - 1), or null. */
const struct toy_func *findfunc(uintptr_t pc);

#endif
