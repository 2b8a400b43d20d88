/* The stack-map parser on fabricated blobs: what becomes a slot, a derived pair, a stack object, and what is refused.
 *
 * Rows: SK-4. */
#define UNIT_ALONE
#include "../../runtime/stackmap.c"
#include "unit.h"

const struct toy_func *findfunc(uintptr_t pc) {
  static const struct toy_func f = {.name = "main.f"};
  return &f;
}

static const struct toy_site sites[4] = {{.func = "main.f", .file = "f.toy", .line = 7, .inlined_at = TOY_SITE_NONE}};

/* ---- a blob builder */

static uint8_t blob[8192] __attribute__((aligned(8)));
static uint8_t *at;

static void put(const void *p, size_t n) { memcpy(at, p, n), at += n; }
static void align8(void) { at = (uint8_t *)(((uintptr_t)at + 7) & ~(uintptr_t)7); }

static void begin(uint8_t version, uint32_t nfunctions, uint32_t nconstants, uint32_t nrecords) {
  at = memset(blob, 0, sizeof blob);
  put(&(struct sm_header){.version = version, .nfunctions = nfunctions, .nconstants = nconstants, .nrecords = nrecords},
      sizeof(struct sm_header));
}
static void function(uint64_t addr, uint64_t size, uint64_t n) {
  put(&(struct sm_function){addr, size, n}, sizeof(struct sm_function));
}
static void constant64(uint64_t v) { put(&v, 8); }

static void locations(uint64_t id, uint32_t offset, const struct sm_location *l, uint16_t n, uint16_t nlive) {
  put(&(struct sm_record){.id = id, .offset = offset, .nlocations = n}, sizeof(struct sm_record));
  put(l, n * sizeof *l);
  align8();
  put(&(uint16_t[]){0, nlive}, 4);
  put((uint32_t[8]){0}, 4u * nlive);
  align8();
}

#define SP(off) {.kind = LOC_INDIRECT, .size = 8, .reg = DWARF_RSP, .offset = off}
#define BP(off) {.kind = LOC_INDIRECT, .size = 8, .reg = DWARF_RBP, .offset = off}
#define SP16(off) {.kind = LOC_INDIRECT, .size = 16, .reg = DWARF_RSP, .offset = off}
#define CONST(v) {.kind = LOC_CONSTANT, .size = 8, .offset = v}
#define CONSTAT(i) {.kind = LOC_CONSTINDEX, .size = 8, .offset = i}
#define DIRECT(r, off) {.kind = LOC_DIRECT, .size = 8, .reg = r, .offset = off}
#define INREG(r) {.kind = LOC_REGISTER, .size = 8, .reg = r}
#define HEAD(ndeopt) CONST(0), CONST(0), CONST(ndeopt)
#define RECORD(id, off, ...)                                                                             \
  locations(id, off, (struct sm_location[]){__VA_ARGS__}, nelem(((struct sm_location[]){__VA_ARGS__})), 0)

static void parse(void) {
  static struct toy_module m = {.stackmaps = blob, .sites = sites, .nsites = 4, .package = "main"};
  table.entries = memset(persistentalloc(64 * sizeof *table.entries, 64), 0, 64 * sizeof *table.entries);
  table.mask = 63;
  table.nrecords = 0;
  add_module(&m);
}

static void check_slots(const struct stackmap_record *r, const frameslot *want, uint32_t n) {
  CHECK_EQ(r->nslots, n);
  for (uint32_t i = 0; i < n && i < r->nslots; i++)
    CHECK_EQ(r->slots[i], want[i]);
}
#define S(off) FRAMESLOT(off, 0)
#define B(off) FRAMESLOT(off, 1)
#define SLOTS(r, ...) check_slots(r, (frameslot[]){__VA_ARGS__}, nelem(((frameslot[]){__VA_ARGS__})))

static void slots(void) {
  begin(3, 2, 0, 4);
  function(0x1000, 40, 3);
  function(0x2000, UINT64_MAX, 1);
  RECORD(0, 0x10, HEAD(0));
  RECORD(1, 0x20, HEAD(2), CONST(1), SP(0), SP(8), SP(8), BP(-24), BP(-24), SP(8), SP(8));
  RECORD(2, 0x30, HEAD(0), SP(8), SP(16), SP16(32), SP16(48), CONST(0), SP(24), SP(8), CONST(0));
  locations(3, 0x10, (struct sm_location[]){HEAD(0), SP(0), SP(0)}, 5, 3);
  parse();
  const struct stackmap_record *r = stackmap_find(0x1010);
  CHECK(r && r->nslots == 0 && r->nderived == 0 && r->func->entry == 0x1000 && r->func->frame_size == 40);
  r = stackmap_find(0x1020);
  SLOTS(r, S(8), B(-24));
  CHECK_EQ(r->nderived, 0);
  CHECK_EQ(r->site, 1);
  r = stackmap_find(0x1030);
  SLOTS(r, S(8), S(32), S(40), S(24));
  CHECK_EQ(r->nderived, 3);
  CHECK(r->derived[0].base == S(8) && r->derived[0].derived == S(16));
  CHECK(r->derived[1].base == S(32) && r->derived[1].derived == S(48));
  CHECK(r->derived[2].base == S(40) && r->derived[2].derived == S(56));
  r = stackmap_find(0x2010);
  SLOTS(r, S(0));
  CHECK(r->func->frame_size == STACKMAP_DYNAMIC);
  CHECK(!stackmap_find(0x1011) && !stackmap_find(0x1000));
  CHECK_EQ(frameslot_addr(B(-24), 1000, 2000), 1976);
  CHECK_EQ(frameslot_addr(S(16), 1000, 2000), 1016);
}

static void objects(void) {
  begin(3, 1, 1, 4);
  function(0x1000, 40, 4);
  constant64(0x8000000000000001);
  RECORD(TOY_STACKOBJ_ID, 4, DIRECT(DWARF_RSP, 3), CONST(1));
  RECORD(TOY_STACKOBJ_ID + 1, 4, DIRECT(DWARF_RBP, -64), CONST(1024), CONSTAT(0), CONST(-1));
  RECORD(0, 0x10, HEAD(0), SP(8), SP(8));
  RECORD(TOY_STACKOBJ_ID, 4, DIRECT(DWARF_RSP, 32), CONST(16), CONST(2));
  parse();
  const struct stackmap_func *f = stackmap_find(0x1010)->func;
  CHECK_EQ(f->nobjects, 3);
  CHECK_EQ(f->nptrobjects, 2);
  for (uint32_t i = 0; i < 2; i++) {
    const struct stackobject *o = &f->objects[i];
    CHECK(o->has_pointers);
    if (o->size == 16)
      CHECK(o->at == S(32) && o->ptrmask[0] == 2);
    else
      CHECK(o->at == B(-64) && o->size == 1024 && o->ptrmask[0] == 0x8000000000000001 && o->ptrmask[1] == UINT64_MAX);
  }
  CHECK(f->objects[2].size == 1 && f->objects[2].at == S(3) && !f->objects[2].has_pointers);
}

static void refused(void) {
#define ONE(...) begin(3, 1, 0, 1), function(0x1000, 40, 1), RECORD(0, 0x10, __VA_ARGS__)
  ONE(HEAD(0), INREG(3), INREG(3));
  CHECK_THROWS(parse(), "main.f, call site 0 (f.toy:7): a live pointer is not in a stack slot");
  ONE(HEAD(0), INREG(3), SP(8));
  CHECK_THROWS(parse(), "a base pointer is not in a stack slot");
  ONE(HEAD(0), SP(8), DIRECT(DWARF_RSP, 8));
  CHECK_THROWS(parse(), "a live pointer is not in a stack slot");
  ONE(HEAD(0), SP(8));
  CHECK_THROWS(parse(), "do not pair up");
  ONE(HEAD(9), SP(8), SP(8));
  CHECK_THROWS(parse(), "do not pair up");
  ONE(CONST(0), CONST(0));
  CHECK_THROWS(parse(), "not a statepoint");
  ONE(HEAD(0), SP(4), SP(4));
  CHECK_THROWS(parse(), "not in a stack slot");
  begin(3, 1, 0, 1), function(0x1000, 40, 1), RECORD(4, 0x10, HEAD(0));
  CHECK_THROWS(parse(), "out of range");
  begin(3, 1, 0, 2), function(0x1000, 40, 2), RECORD(0, 0x10, HEAD(0)), RECORD(1, 0x10, HEAD(0));
  CHECK_THROWS(parse(), "two stack maps");
  begin(3, 1, 0, 1), function(0x1000, 40, 1), RECORD(TOY_STACKOBJ_ID, 4, SP(0), CONST(8));
  CHECK_THROWS(parse(), "not at a fixed place");
  begin(3, 1, 0, 1), function(0x1000, 40, 1);
  RECORD(TOY_STACKOBJ_ID, 4, DIRECT(DWARF_RSP, 0), CONST(8), CONST(1), CONST(1));
  CHECK_THROWS(parse(), "does not fit its size");
  begin(3, 1, 0, 1), function(0x1000, 40, 1), RECORD(TOY_STACKOBJ_ID, 4, DIRECT(DWARF_RSP, 4), CONST(8), CONST(1));
  CHECK_THROWS(parse(), "is not aligned");
  begin(2, 0, 0, 0);
  CHECK_THROWS(parse(), "not version 3");
}

int main(void) {
  CHECK(!stackmap_find(0x1234));
  stackmap_init(); /* a program without modules */
  CHECK(!stackmap_find(0x1234));
  slots();
  objects();
  refused();
  return unit_end();
}
