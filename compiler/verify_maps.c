/* verify_maps.c: the modules' stack maps and call sites, read as runtime/stackmap.c reads them, but doubting everything.
 *
 * What the copier could not rewrite is a finding: a live pointer in a register, a slot relative to anything but rsp and rbp,
 * a base that is no slot. Whether slots lie in the frame is for verify_code.c, which knows the frame.
 */
#include "verify_parts.h"
#include "../runtime/abi/module.h"

#include <stdlib.h>
#include <string.h>

enum { LOC_REGISTER = 1, LOC_DIRECT, LOC_INDIRECT, LOC_CONSTANT, LOC_CONSTANT_INDEX };
enum { DWARF_RBP = 6, DWARF_RSP = 7, FRAME_MAX = 1 << 30 };

typedef struct Location { uint8_t kind; uint16_t size, reg; int32_t offset; } Location;
DEFINE_LIST(LocationList, Location);

typedef struct Blob {
  Verify *v;
  const struct toy_module *module;
  const char *package;
  const uint8_t *at, *end, *functions, *constants;
  uint32_t nfunctions, nconstants, nrecords;
} Blob;

static bool take(Blob *b, void *to, size_t bytes) {
  if ((size_t)(b->end - b->at) < bytes) return false;
  memcpy(to, b->at, bytes);
  b->at += bytes;
  return true;
}

static bool skip(Blob *b, size_t bytes) {
  if ((size_t)(b->end - b->at) < bytes) return false;
  b->at += bytes;
  return true;
}

static bool cut_short(const Blob *b, const Function *fn) {
  verify_finding(b->v, fn, 0, "the stack map of package %s is cut short", b->package);
  return false;
}

/* ---- call sites */

static bool read_site(const Blob *b, uint64_t index, struct toy_site *site) {
  uint64_t at = (uint64_t)b->module->sites + index * sizeof *site;
  const void *bytes = index < b->module->nsites ? image_at(&b->v->image, at, sizeof *site) : NULL;
  if (bytes) memcpy(site, bytes, sizeof *site);
  return bytes != NULL;
}

/* A site comes behind the one it was inlined at, so that no chain can be a circle. */
static void check_sites(const Blob *b) {
  const struct toy_module *m = b->module;
  if (m->nsites > b->v->image.size / sizeof(struct toy_site)) {
    verify_finding(b->v, NULL, 0, "package %s: %llu call sites do not fit the file", b->package, (unsigned long long)m->nsites);
    return;
  }
  for (uint64_t i = 0; i < m->nsites; i++) {
    struct toy_site s;
    if (!read_site(b, i, &s)) {
      verify_finding(b->v, NULL, 0, "package %s: call site %llu is not in the file", b->package, (unsigned long long)i);
      return;
    }
    bool named = image_string(&b->v->image, (uint64_t)s.func) && image_string(&b->v->image, (uint64_t)s.file);
    if (!named) verify_finding(b->v, NULL, 0, "package %s: call site %llu names no text", b->package, (unsigned long long)i);
    if (s.inlined_at != TOY_SITE_NONE && s.inlined_at >= i)
      verify_finding(b->v, NULL, 0, "package %s: call site %llu was inlined at %u, behind it", b->package, (unsigned long long)i,
                     s.inlined_at);
  }
}

/* ---- locations */

static bool is_constant(const Location *l) { return l->kind == LOC_CONSTANT || l->kind == LOC_CONSTANT_INDEX; }

static bool constant(const Blob *b, const Location *l, uint64_t *value) {
  if (l->kind == LOC_CONSTANT) return *value = (uint64_t)(int64_t)l->offset, true;
  if (l->kind != LOC_CONSTANT_INDEX || (uint32_t)l->offset >= b->nconstants) return false;
  memcpy(value, b->constants + (uint64_t)(uint32_t)l->offset * 8, 8);
  return true;
}

static bool place_of(const Location *l, Place *p) {
  *p = (Place){l->reg == DWARF_RBP, l->offset};
  return (l->reg == DWARF_RBP || l->reg == DWARF_RSP) && l->offset / FRAME_MAX == 0;
}

static const char *why_not_recoverable(const Location *l) {
  static const char *const kinds[] = {"is of no known kind", "is in a register", "is an address, not a slot", NULL};
  Place p;
  if (l->kind < LOC_INDIRECT) return kinds[l->kind];
  if (l->kind > LOC_CONSTANT_INDEX) return kinds[0];
  if (!place_of(l, &p)) return "is not relative to rsp or rbp";
  return p.offset % 8 ? "is in a slot that is not aligned" : NULL;
}

/* All words of the slot: vectors of pointers have several. */
static void add_slot(const Blob *b, const Function *fn, Record *r, const Location *l, const char *what) {
  const char *why = is_constant(l) ? NULL : why_not_recoverable(l);
  Place p;
  if (why) verify_finding(b->v, fn, r->pc, "a %s %s", what, why);
  else if (!is_constant(l) && (l->size % 8 || l->size == 0)) verify_finding(b->v, fn, r->pc, "a %s has %u bytes", what, l->size);
  else if (!is_constant(l) && place_of(l, &p))
    for (unsigned word = 0; word < l->size; word += 8) list_push(&r->slots, ((Place){p.off_bp, p.offset + word}));
}

/* ---- records */

static bool take_locations(Blob *b, uint16_t n, LocationList *list) {
  for (uint16_t i = 0; i < n; i++) {
    Location l;
    uint8_t raw[12];
    if (!take(b, raw, sizeof raw)) return false;
    l.kind = raw[0];
    memcpy(&l.size, raw + 2, 2), memcpy(&l.reg, raw + 4, 2), memcpy(&l.offset, raw + 8, 4);
    list_push(list, l);
  }
  return true;
}

static bool skip_liveouts(Blob *b, const uint8_t *start) {
  uint16_t pad, n;
  if ((b->at - start) % 8 && !skip(b, 4)) return false;
  if (!take(b, &pad, 2) || !take(b, &n, 2) || !skip(b, n * 4u)) return false;
  return (b->at - start) % 8 == 0 || skip(b, 4);
}

static void add_object(const Blob *b, Function *fn, const LocationList *locs) {
  Object o = {{false, 0}, 0};
  bool good = locs->n >= 2 && locs->v[0].kind == LOC_DIRECT && place_of(&locs->v[0], &o.at) && constant(b, &locs->v[1], &o.size);
  if (!good || o.size > FRAME_MAX) {
    verify_finding(b->v, fn, 0, "a stack object is not at a fixed place of its frame");
    return;
  }
  uint64_t words = (o.size / 8 + 63) / 64, mask = 0;
  if ((uint64_t)locs->n - 2 > words) verify_finding(b->v, fn, 0, "a stack object's bitmap does not fit its %llu bytes", (unsigned long long)o.size);
  for (int i = 2; i < locs->n; i++) {
    uint64_t bits = 0;
    if (!constant(b, &locs->v[i], &bits)) verify_finding(b->v, fn, 0, "a stack object's bitmap is not constant");
    else mask |= bits;
    uint64_t left = o.size / 8 - (uint64_t)(i - 2) * 64;
    if (i - 2 < (int)words && left < 64 && bits >> left) verify_finding(b->v, fn, 0, "a stack object's bitmap goes beyond its %llu bytes", (unsigned long long)o.size);
  }
  if (mask && o.at.offset % 8) verify_finding(b->v, fn, 0, "a stack object with pointers is not aligned");
  list_push(&fn->objects, o);
}

static void check_pairs(const Blob *b, const Function *fn, Record *r, const LocationList *locs) {
  uint64_t deopt, n = (uint64_t)locs->n;
  if (n < 3 || !constant(b, &locs->v[2], &deopt) || !is_constant(&locs->v[0]) || !is_constant(&locs->v[1])) {
    verify_finding(b->v, fn, r->pc, "a stack-map record of something else than a call");
    return;
  }
  if (deopt > n - 3 || (n - 3 - deopt) % 2) {
    verify_finding(b->v, fn, r->pc, "a stack-map record whose pointers do not pair up");
    return;
  }
  for (uint64_t i = 3 + deopt; i + 1 < n; i += 2) {
    add_slot(b, fn, r, &locs->v[i], "base pointer");
    add_slot(b, fn, r, &locs->v[i + 1], "live pointer");
  }
}

static void add_call(const Blob *b, Function *fn, uint64_t id, uint32_t offset, const LocationList *locs) {
  Record *r = NEW(Record);
  struct toy_site site;
  *r = (Record){.pc = fn->entry + offset, .unused = (uint32_t)(id >> TOY_UNUSED_SHIFT)};
  if (r->unused > TOY_UNUSED_MASK || !read_site(b, (uint32_t)id, &site)) {
    verify_finding(b->v, fn, r->pc, "call site %llu is not in the table", (unsigned long long)id);
  } else {
    r->file = image_string(&b->v->image, (uint64_t)site.file), r->line = site.line;
  }
  if (offset == 0 || r->pc > fn->end) verify_finding(b->v, fn, r->pc, "a stack-map record outside its function");
  check_pairs(b, fn, r, locs);
  list_push(&fn->records, r);
  b->v->records++;
}

static bool read_record(Blob *b, Function *fn) {
  const uint8_t *start = b->at;
  uint64_t id;
  uint32_t offset;
  uint16_t reserved, n;
  LocationList locs = {0};
  if (!take(b, &id, 8) || !take(b, &offset, 4) || !take(b, &reserved, 2) || !take(b, &n, 2)) return cut_short(b, fn);
  if (!take_locations(b, n, &locs) || !skip_liveouts(b, start)) return cut_short(b, fn);
  if (id >= TOY_STACKOBJ_ID) add_object(b, fn, &locs);
  else add_call(b, fn, id, offset, &locs);
  return true;
}

/* ---- a module's map */

static int by_pc(const void *a, const void *b) {
  const Record *x = *(Record *const *)a, *y = *(Record *const *)b;
  return (x->pc > y->pc) - (x->pc < y->pc);
}

static void sort_records(const Blob *b, Function *fn) {
  if (fn->records.n) qsort(fn->records.v, (size_t)fn->records.n, sizeof *fn->records.v, by_pc);
  for (int i = 1; i < fn->records.n; i++)
    if (fn->records.v[i - 1]->pc == fn->records.v[i]->pc)
      verify_finding(b->v, fn, fn->records.v[i]->pc, "two stack-map records for one return address");
}

static bool read_function(Blob *b, uint32_t index) {
  uint64_t row[3]; /* address, frame size, records */
  memcpy(row, b->functions + (uint64_t)index * sizeof row, sizeof row);
  Function *fn = verify_function_of(b->v, row[0]), unknown = {.name = "?", .file = "?"};
  if (!fn || fn->entry != row[0]) {
    verify_finding(b->v, NULL, row[0], "the stack map of package %s names a function that is not in toyfuncs", b->package);
    unknown.entry = unknown.end = row[0], fn = &unknown;
  } else if (fn->has_map) {
    verify_finding(b->v, fn, fn->entry, "two stack maps for one function");
  }
  fn->has_map = true, fn->frame_size = row[1];
  if (row[2] > b->nrecords) return cut_short(b, fn);
  b->nrecords -= (uint32_t)row[2];
  for (uint64_t i = 0; i < row[2]; i++)
    if (!read_record(b, fn)) return false;
  sort_records(b, fn);
  return true;
}

static bool open_blob(Blob *b) {
  uint8_t header[4];
  if (!take(b, header, 4)) return cut_short(b, NULL);
  if (header[0] != 3) return verify_finding(b->v, NULL, 0, "the stack map of package %s has version %u, not 3", b->package, header[0]), false;
  if (!take(b, &b->nfunctions, 4) || !take(b, &b->nconstants, 4) || !take(b, &b->nrecords, 4)) return cut_short(b, NULL);
  b->functions = b->at;
  if (!skip(b, (uint64_t)b->nfunctions * 24)) return cut_short(b, NULL);
  b->constants = b->at;
  return skip(b, (uint64_t)b->nconstants * 8) || cut_short(b, NULL);
}

/* Returns where the map ends, or 0. */
static uint64_t read_module(Verify *v, const struct toy_module *m, const Section *maps) {
  Blob b = {.v = v, .module = m, .package = image_string(&v->image, (uint64_t)m->package)};
  uint64_t start = (uint64_t)m->stackmaps;
  if (!b.package) b.package = "?", verify_finding(v, NULL, 0, "a row of toymodules names no package");
  check_sites(&b);
  if (!start) return 0;
  if (!maps || !maps->data || !image_in(maps, start, 16)) {
    verify_finding(v, NULL, 0, "the stack map of package %s is not in .llvm_stackmaps", b.package);
    return 0;
  }
  b.at = maps->data + (start - maps->addr), b.end = maps->data + maps->size;
  if (!open_blob(&b)) return 0;
  for (uint32_t i = 0; i < b.nfunctions; i++)
    if (!read_function(&b, i)) return 0;
  if (b.nrecords) verify_finding(v, NULL, 0, "the stack map of package %s has %u records of no function", b.package, b.nrecords);
  return maps->addr + (uint64_t)(b.at - maps->data);
}

/* Maps lie one behind the other: one that no module names would be a map that the runtime never reads. */
static void check_covered(Verify *v, const Section *maps, const uint64_t *starts, const uint64_t *ends, uint64_t n) {
  uint64_t covered = 0;
  for (uint64_t i = 0; i < n; i++) {
    if (!ends[i]) return; /* has been reported */
    covered += ((ends[i] + 7) & ~7ull) - starts[i];
    for (uint64_t k = 0; k < i; k++)
      if (starts[i] < ends[k] && starts[k] < ends[i]) verify_finding(v, NULL, 0, "the stack maps of two modules overlap");
  }
  if (covered < (maps->size & ~7ull)) verify_finding(v, NULL, 0, "%llu bytes of .llvm_stackmaps belong to no module", (unsigned long long)(maps->size - covered));
}

void verify_maps(Verify *v) {
  const Section *rows = image_section(&v->image, "toymodules"), *maps = image_section(&v->image, ".llvm_stackmaps");
  if (!rows || !rows->data || rows->size == 0 || rows->size % sizeof(struct toy_module)) {
    verify_finding(v, NULL, 0, "toymodules is missing or cut short");
    return;
  }
  uint64_t total = rows->size / sizeof(struct toy_module), n = 0;
  uint64_t *starts = arena_alloc(total * 8), *ends = arena_alloc(total * 8);
  for (uint64_t i = 0; i < total; i++) {
    struct toy_module m;
    memcpy(&m, rows->data + i * sizeof m, sizeof m);
    uint64_t end = read_module(v, &m, maps);
    if (m.stackmaps) starts[n] = (uint64_t)m.stackmaps, ends[n++] = end;
  }
  if (maps && maps->data) check_covered(v, maps, starts, ends, n);
}
