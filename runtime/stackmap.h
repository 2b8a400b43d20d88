/* stackmap.h: what the compiler says of every call's frame: live managed pointers, frame size, stack objects, place.
 *
 * Built once before the first goroutine, constant afterwards: read by any thread, in signal handlers too.
 */
#ifndef TOY_STACKMAP_H
#define TOY_STACKMAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "abi/module.h"

/* A place in a frame: twice the offset, and in the low bit the register it counts from (1: rbp, 0: rsp). */
typedef int32_t frameslot;
#define FRAMESLOT(offset, is_bp) ((frameslot)(2 * (offset) + (is_bp)))

static inline uintptr_t frameslot_addr(frameslot s, uintptr_t sp, uintptr_t bp) {
  return ((s & 1) ? bp : sp) + (intptr_t)(s >> 1);
}

struct stackmap_derived { frameslot base, derived; }; /* derived lies base + something, maybe outside the object */

/* A variable in the frame: its address, size and which of its words are managed pointers. */
struct stackobject {
  frameslot at;
  uint32_t size;              /* bytes */
  const uint64_t *ptrmask;    /* bit i: word i; (size / 8 + 63) / 64 words */
  bool has_pointers;
};

/* A function with calls, or with stack objects. */
struct stackmap_func {
  uintptr_t entry;
  uint64_t frame_size;        /* bytes below the return address; STACKMAP_DYNAMIC: realigned or variable */
  uint32_t nobjects, nptrobjects; /* those with pointers come first */
  const struct stackobject *objects;
};
#define STACKMAP_DYNAMIC UINT64_MAX

/* A call, found by its return address. sp below is the SP at the call (callee's rbp + 16), bp the frame's own rbp.
 *
 * Moving a frame: first every derived pair (if the base's old value lies in the old stack, the derived value moves as
 * far as the base does), then every slot whose value lies in the old stack. No word is in two of these lists. */
struct stackmap_record {
  const struct stackmap_func *func;
  const frameslot *slots;     /* plain pointers: each word rewritten by its own value */
  const struct stackmap_derived *derived;
  uint32_t nslots, nderived;
  const struct toy_module *module;
  uint32_t site, pad;         /* index of module->sites */
};

/* Parses every module's tables. On g0, once, after symtab_init, before the first goroutine. */
void stackmap_init(void);

/* The record of a return address in Toy code, or null. One hash probe: a cache line, as a rule. */
const struct stackmap_record *stackmap_find(uintptr_t return_pc);

/* As stackmap_find; throws, naming the function, when there is none. */
const struct stackmap_record *stackmap_get(uintptr_t return_pc);

/* The next record of the table at or after index *i, for dumps and tests; null at the end. */
const struct stackmap_record *stackmap_next(size_t *i, uintptr_t *return_pc);

#endif
