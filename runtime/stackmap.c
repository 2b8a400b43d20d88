/* stackmap.c: parses what LLVM wrote about every call's frame, into a table keyed by return address.
 *
 * LLVM's blob (version 3) lists functions, a constant pool and records; a record belongs to the function whose turn it
 * is by the functions' record counts. A statepoint's record has three constants (calling convention, flags, number of
 * deopt operands), the deopt operands, then (base, derived) pairs of locations. A pair of equal locations is a plain
 * pointer. A record whose ID is TOY_STACKOBJ_ID or above describes a stack object of its function.
 *
 * The copier must be able to loop without thinking, so all judgement is here, once, at start:
 *  - a location that the copier could not rewrite (a register, an address that the frame holds no copy of, an address
 *    relative to a register other than rsp or rbp) stops the program, naming the function and the site: a frame that
 *    cannot be moved must not be entered;
 *  - slots occur once: a pointer that is live under two names has two locations only if it is stored twice;
 *  - a slot of 16 bytes or more (a vector of pointers) becomes one slot a word; derived vectors pair word by word;
 *  - constants need nothing: a null or undefined base, or a pointer the optimiser knows.
 *
 * The table is open addressing with linear probing at a load of at most one half: a hit costs one cache line for the
 * 16-byte entry and one for the record, whose slots follow it in memory.
 *
 * Rejected: binary search over sorted addresses (ten cache misses a frame in a recursion of a million); walking by
 * function and then by offset (the same, twice); keeping LLVM's records as they are (12 bytes a location, decoded at every
 * frame of every move).
 */
#include "stackmap.h"

#include <stdlib.h>
#include <string.h>

#include "runtime.h"
#include "symtab.h"

extern const struct toy_module __start_toymodules[] __attribute__((weak));
extern const struct toy_module __stop_toymodules[] __attribute__((weak));

enum { LOC_REGISTER = 1, LOC_DIRECT = 2, LOC_INDIRECT = 3, LOC_CONSTANT = 4, LOC_CONSTINDEX = 5 };
enum { DWARF_RBP = 6, DWARF_RSP = 7, STACKMAP_VERSION = 3, FRAME_MAX = 1 << 30 };

/* The blob's own layout, as LLVM documents it; all fields are naturally aligned but `function.addr` in odd places. */
struct sm_header { uint8_t version, r0; uint16_t r1; uint32_t nfunctions, nconstants, nrecords; };
struct sm_function { uint64_t addr, stack_size, nrecords; };
struct sm_record { uint64_t id; uint32_t offset; uint16_t reserved, nlocations; };
struct sm_location { uint8_t kind, r0; uint16_t size, reg, r1; int32_t offset; };

struct entry { uintptr_t pc; const struct stackmap_record *rec; };

static struct {
  struct entry *entries;
  size_t mask;                /* number of entries - 1; a power of two - 1 */
  size_t nrecords;
} table;

/* ---- lookup */

static inline size_t hash_pc(uintptr_t pc) { return (pc * 0x9e3779b97f4a7c15ull) >> 32; }

const struct stackmap_record *stackmap_find(uintptr_t return_pc) {
  if (!table.entries)
    return NULL;
  for (size_t i = hash_pc(return_pc);; i++) {
    const struct entry *e = &table.entries[i & table.mask];
    if (e->pc == return_pc)
      return e->rec;
    if (e->pc == 0)
      return NULL;
  }
}

const struct stackmap_record *stackmap_get(uintptr_t return_pc) {
  const struct stackmap_record *rec = stackmap_find(return_pc);
  if (!rec) {
    const struct toy_func *f = findfunc(return_pc - 1);
    throwf("no stack map for return address %#lx in %s", (unsigned long)return_pc, f ? f->name : "unknown code");
  }
  return rec;
}

const struct stackmap_record *stackmap_next(size_t *i, uintptr_t *return_pc) {
  for (; table.entries && *i <= table.mask; ++*i)
    if (table.entries[*i].pc) {
      const struct entry *e = &table.entries[(*i)++];
      *return_pc = e->pc;
      return e->rec;
    }
  return NULL;
}

static void insert(uintptr_t pc, const struct stackmap_record *rec) {
  size_t i = hash_pc(pc);
  while (table.entries[i & table.mask].pc) {
    if (table.entries[i & table.mask].pc == pc)
      throwf("two stack maps for return address %#lx in %s", (unsigned long)pc, findfunc(pc - 1)->name);
    i++;
  }
  table.entries[i & table.mask] = (struct entry){pc, rec};
  table.nrecords++;
}

/* ---- parsing */

/* One blob under way. `at` walks the records. */
struct blob {
  const struct toy_module *module;
  const uint8_t *at;
  const struct sm_function *functions;
  const uint64_t *constants;
  struct sm_header h;
};

/* A record's parts in the blob. */
struct parsed {
  const struct sm_record *rec;
  const struct sm_location *loc;
};

static void __attribute__((noreturn)) bad_map(const struct blob *b, const struct sm_function *f, uint64_t id,
                                              const char *what) {
  const struct toy_func *fn = f ? findfunc(f->addr) : NULL;
  const struct toy_site *s = id < b->module->nsites ? &b->module->sites[id] : NULL;
  throwf("stack map of package %s, function %s, call site %ld (%s:%u): %s", b->module->package, fn ? fn->name : "?",
         (long)id, s ? s->file : "?", s ? s->line : 0, what);
}

static struct blob open_blob(const struct toy_module *m) {
  struct blob b = {.module = m};
  const uint8_t *p = m->stackmaps;
  memcpy(&b.h, p, sizeof b.h);
  if (b.h.version != STACKMAP_VERSION)
    bad_map(&b, NULL, TOY_SITE_NONE, "not version 3");
  b.functions = (const struct sm_function *)(p + sizeof b.h);
  b.constants = (const uint64_t *)(b.functions + b.h.nfunctions);
  b.at = (const uint8_t *)(b.constants + b.h.nconstants);
  return b;
}

/* A record: header, locations, padding to 8, live-outs (2 bytes padding, count, 4 bytes each), padding to 8. */
static struct parsed next_record(struct blob *b) {
  struct parsed p = {(const struct sm_record *)b->at, (const struct sm_location *)(b->at + sizeof(struct sm_record))};
  uintptr_t q = (uintptr_t)(p.loc + p.rec->nlocations);
  q = (q + 7) & ~(uintptr_t)7;
  uint16_t nlive = *(const uint16_t *)(q + 2);
  b->at = (const uint8_t *)((q + 4 + 4u * nlive + 7) & ~(uintptr_t)7);
  return p;
}

static bool is_constant(const struct sm_location *l) {
  return l->kind == LOC_CONSTANT || l->kind == LOC_CONSTINDEX;
}

static uint64_t constant(const struct blob *b, const struct sm_location *l) {
  return l->kind == LOC_CONSTINDEX ? b->constants[(uint32_t)l->offset] : (uint64_t)(int64_t)l->offset;
}

static bool frame_place(const struct sm_location *l, frameslot *s) {
  *s = FRAMESLOT(l->offset, l->reg == DWARF_RBP);
  return (l->reg == DWARF_RBP || l->reg == DWARF_RSP) && l->offset / FRAME_MAX == 0;
}

static bool frame_slot(const struct sm_location *l, frameslot *s) { return frame_place(l, s) && l->offset % 8 == 0; }

/* ---- a call */

enum { MAX_LIVE = 8192 }; /* words; beyond it a function is refused by name rather than silently cut */
static struct { frameslot slots[MAX_LIVE]; struct stackmap_derived derived[MAX_LIVE]; uint32_t ns, nd; } live;

static bool seen_slot(frameslot s) {
  for (uint32_t i = 0; i < live.ns; i++)
    if (live.slots[i] == s)
      return true;
  return false;
}

static bool seen_derived(frameslot s) {
  for (uint32_t i = 0; i < live.nd; i++)
    if (live.derived[i].derived == s)
      return true;
  return false;
}

static void add_slot(frameslot s) {
  if (!seen_slot(s) && live.ns < MAX_LIVE)
    live.slots[live.ns++] = s;
}

static void add_derived(frameslot base, frameslot derived) {
  if (!seen_derived(derived) && live.nd < MAX_LIVE)
    live.derived[live.nd++] = (struct stackmap_derived){base, derived};
}

static void add_pair(const struct blob *b, const struct sm_function *f, uint64_t id, const struct sm_location *base,
                     const struct sm_location *derived) {
  frameslot bs = 0, ds = 0;
  if (is_constant(derived))
    return;
  if (derived->kind != LOC_INDIRECT || !frame_slot(derived, &ds))
    bad_map(b, f, id, "a live pointer is not in a stack slot");
  if (is_constant(base)) {
    add_slot(ds); /* no object to follow: the value itself tells whether it points into the stack */
    return;
  }
  if (base->kind != LOC_INDIRECT || !frame_slot(base, &bs))
    bad_map(b, f, id, "a base pointer is not in a stack slot");
  uint32_t bytes = derived->size < base->size ? derived->size : base->size;
  if (bytes % 8 != 0 || bytes == 0)
    bad_map(b, f, id, "a live pointer of odd size");
  for (uint32_t w = 0; w < bytes; w += 8) {
    add_slot(bs + FRAMESLOT((int32_t)w, 0));
    if (bs != ds)
      add_derived(bs + FRAMESLOT((int32_t)w, 0), ds + FRAMESLOT((int32_t)w, 0));
  }
}

/* A word that is a base somewhere needs no base of its own. */
static void drop_derived_that_are_slots(void) {
  uint32_t n = 0;
  for (uint32_t i = 0; i < live.nd; i++)
    if (!seen_slot(live.derived[i].derived))
      live.derived[n++] = live.derived[i];
  live.nd = n;
}

static void collect_live(const struct blob *b, const struct sm_function *f, const struct parsed *p) {
  uint32_t n = p->rec->nlocations, i = 3;
  uint64_t id = (uint32_t)p->rec->id;
  live.ns = live.nd = 0;
  if (n < 3 || !is_constant(&p->loc[0]) || !is_constant(&p->loc[1]) || !is_constant(&p->loc[2]))
    bad_map(b, f, id, "not a statepoint");
  uint64_t ndeopt = constant(b, &p->loc[2]);
  if (ndeopt > n - 3 || (n - 3 - ndeopt) % 2 != 0)
    bad_map(b, f, id, "locations do not pair up");
  for (i += (uint32_t)ndeopt; i + 1 < n; i += 2)
    add_pair(b, f, id, &p->loc[i], &p->loc[i + 1]);
  drop_derived_that_are_slots();
  if (live.ns == MAX_LIVE || live.nd == MAX_LIVE)
    bad_map(b, f, id, "too many live pointers");
}

/* The record, then its derived pairs, then its slots, in one piece of memory. */
static void add_call(const struct blob *b, const struct sm_function *sf, const struct stackmap_func *f,
                     const struct parsed *p) {
  uint32_t site = (uint32_t)p->rec->id;
  if (site >= b->module->nsites)
    bad_map(b, sf, site, "call site number out of range");
  collect_live(b, sf, p);
  size_t nd = live.nd * sizeof *live.derived, ns = live.ns * sizeof *live.slots;
  struct stackmap_record *r = persistentalloc(sizeof *r + nd + ns, 8);
  struct stackmap_derived *derived = (struct stackmap_derived *)(r + 1);
  frameslot *slots = (frameslot *)(derived + live.nd);
  memcpy(derived, live.derived, nd);
  memcpy(slots, live.slots, ns);
  *r = (struct stackmap_record){.func = f, .slots = slots, .derived = derived, .nslots = live.ns,
                                .nderived = live.nd, .module = b->module, .site = site};
  insert(f->entry + p->rec->offset, r);
}

/* ---- a stack object */

static void fill_object(const struct blob *b, const struct sm_function *f, const struct parsed *p,
                        struct stackobject *o) {
  uint32_t n = p->rec->nlocations;
  if (n < 2 || p->loc[0].kind != LOC_DIRECT || !frame_place(&p->loc[0], &o->at) || !is_constant(&p->loc[1]))
    bad_map(b, f, TOY_SITE_NONE, "a stack object is not at a fixed place of its frame");
  uint64_t size = constant(b, &p->loc[1]), words = (size / 8 + 63) / 64;
  if (size > UINT32_MAX || n - 2 > words)
    bad_map(b, f, TOY_SITE_NONE, "a stack object's bitmap does not fit its size");
  uint64_t *mask = words ? persistentalloc(words * 8, 8) : NULL;
  o->size = (uint32_t)size;
  o->ptrmask = mask;
  for (uint32_t i = 0; i < n - 2; i++) {
    mask[i] = constant(b, &p->loc[2 + i]);
    o->has_pointers |= mask[i] != 0;
  }
  if (o->has_pointers && p->loc[0].offset % 8 != 0)
    bad_map(b, f, TOY_SITE_NONE, "a stack object with pointers is not aligned");
}

static int by_pointers(const void *a, const void *b) {
  return ((const struct stackobject *)b)->has_pointers - ((const struct stackobject *)a)->has_pointers;
}

/* Objects with pointers first, so that the copier stops at nptrobjects. */
static void order_objects(struct stackmap_func *f, struct stackobject *objects) {
  if (f->nobjects)
    qsort(objects, f->nobjects, sizeof *objects, by_pointers);
  while (f->nptrobjects < f->nobjects && objects[f->nptrobjects].has_pointers)
    f->nptrobjects++;
}

/* ---- modules */

static bool is_object(const struct parsed *p) { return p->rec->id >= TOY_STACKOBJ_ID; }

static uint32_t count_objects(struct blob b, uint64_t nrecords) { /* b by value: looks ahead */
  uint32_t n = 0;
  while (nrecords--) {
    struct parsed p = next_record(&b);
    n += is_object(&p);
  }
  return n;
}

static void add_function(struct blob *b, const struct sm_function *sf) {
  uint32_t nobjects = count_objects(*b, sf->nrecords), next = 0;
  struct stackmap_func *f = persistentalloc(sizeof *f, 8);
  struct stackobject *objects = nobjects ? persistentalloc(nobjects * sizeof *objects, 8) : NULL;
  *f = (struct stackmap_func){.entry = sf->addr, .frame_size = sf->stack_size, .nobjects = nobjects, .objects = objects};
  for (uint64_t i = 0; i < sf->nrecords; i++) {
    struct parsed p = next_record(b);
    if (is_object(&p))
      fill_object(b, sf, &p, &objects[next++]);
    else
      add_call(b, sf, f, &p);
  }
  order_objects(f, objects);
}

static void add_module(const struct toy_module *m) {
  if (!m->stackmaps)
    return;
  struct blob b = open_blob(m);
  for (uint32_t i = 0; i < b.h.nfunctions; i++)
    add_function(&b, &b.functions[i]);
}

static size_t count_records(void) {
  size_t n = 0;
  for (const struct toy_module *m = __start_toymodules; m < __stop_toymodules; m++)
    if (m->stackmaps)
      n += ((const struct sm_header *)m->stackmaps)->nrecords;
  return n;
}

void stackmap_init(void) {
  size_t n = count_records(), cap = 16;
  while (cap < 2 * n)
    cap *= 2;
  table.entries = persistentalloc(cap * sizeof *table.entries, 64);
  table.mask = cap - 1;
  for (const struct toy_module *m = __start_toymodules; m < __stop_toymodules; m++)
    add_module(m);
}
