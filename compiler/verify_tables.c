/* verify_tables.c: the range tables: toyfuncs against the symbols, toyunsafe, the fault maps.
 *
 * The runtime finds a function by the last entry at or before a PC, a restart point by the row around it, the handler of a
 * fault by the very instruction: an overlap or a gap gives it a wrong answer, not none. So: functions tile toytext, with
 * nothing but padding between them; every function of the symbol table has a row and every row a function; ranges lie inside
 * one function, begin and end between instructions, and do not overlap.
 */
#include "verify_parts.h"
#include "../runtime/abi/module.h"

#include <stdlib.h>
#include <string.h>

enum { RESTART_MAX = 64 }; /* as runtime/unsafepoint.c */

/* ---- functions */

static int by_entry(const void *a, const void *b) {
  const Function *x = *(Function *const *)a, *y = *(Function *const *)b;
  return (x->entry > y->entry) - (x->entry < y->entry);
}

static void add_function(Verify *v, const struct toy_func *row) {
  uint64_t entry = (uint64_t)row->entry;
  const char *name = image_string(&v->image, (uint64_t)row->name), *file = image_string(&v->image, (uint64_t)row->file);
  const Symbol *symbol = image_function(&v->image, entry);
  if (!name || !file) {
    verify_finding(v, NULL, entry, "a row of toyfuncs names no text");
    return;
  }
  Function *fn = NEW(Function);
  *fn = (Function){.entry = entry, .end = entry, .name = name, .file = file, .line = row->line};
  if (!image_in(v->text, entry, 1)) verify_finding(v, fn, entry, "toyfuncs: the entry is not in toytext");
  else if (!symbol || symbol->size == 0) verify_finding(v, fn, entry, "toyfuncs: no function begins there");
  else if (!image_in(v->text, entry, symbol->size)) verify_finding(v, fn, entry, "the function ends outside toytext");
  else fn->end = entry + symbol->size;
  list_push(&v->functions, fn);
}

static void read_functions(Verify *v) {
  const Section *rows = image_section(&v->image, "toyfuncs");
  if (!rows || !rows->data || rows->size % sizeof(struct toy_func)) {
    verify_finding(v, NULL, 0, "toyfuncs is missing or cut short");
    return;
  }
  for (uint64_t i = 0; i < rows->size / sizeof(struct toy_func); i++) {
    struct toy_func row;
    memcpy(&row, rows->data + i * sizeof row, sizeof row);
    if (row.entry) add_function(v, &row);
  }
  if (v->functions.n) qsort(v->functions.v, (size_t)v->functions.n, sizeof *v->functions.v, by_entry);
}

/* Link-once functions leave a row an object; equal rows count once. */
static void drop_copies(Verify *v) {
  int n = 0;
  for (int i = 0; i < v->functions.n; i++) {
    Function *fn = v->functions.v[i], *last = n ? v->functions.v[n - 1] : NULL;
    if (!last || last->entry != fn->entry) v->functions.v[n++] = fn;
    else if (strcmp(last->name, fn->name)) verify_finding(v, fn, fn->entry, "toyfuncs: %s begins there too", last->name);
  }
  v->functions.n = n;
}

static void check_tiles(Verify *v) {
  for (int i = 1; i < v->functions.n; i++)
    if (v->functions.v[i - 1]->end > v->functions.v[i]->entry)
      verify_finding(v, v->functions.v[i], v->functions.v[i]->entry, "overlaps %s, which ends at %#llx",
                     v->functions.v[i - 1]->name, (unsigned long long)v->functions.v[i - 1]->end);
}

static void check_padding(Verify *v, const Function *before, uint64_t from, uint64_t to) {
  if (from >= to) return;
  InstList list = verify_disassemble_range(v, before, from, to);
  for (int i = 0; i < list.n; i++)
    if (list.v[i].kind != INST_NOP && list.v[i].kind != INST_TRAP) {
      verify_finding(v, before, list.v[i].at, "code behind the function's end belongs to no function: %s", list.v[i].text);
      return;
    }
}

static void check_gaps(Verify *v) {
  uint64_t at = v->text->addr;
  Function *before = NULL;
  for (int i = 0; i < v->functions.n; i++) {
    check_padding(v, before, at, v->functions.v[i]->entry);
    before = v->functions.v[i];
    if (before->end > at) at = before->end;
  }
  check_padding(v, before, at, v->text->addr + v->text->size);
}

static void check_symbols(Verify *v) {
  for (int i = 0; i < v->image.symbols.n; i++) {
    const Symbol *s = &v->image.symbols.v[i];
    if (s->size == 0 || !image_in(v->text, s->addr, 1)) continue;
    const Function *fn = verify_function_of(v, s->addr);
    if (!fn || fn->entry != s->addr) verify_finding(v, NULL, s->addr, "the function %s has no row in toyfuncs", s->name);
  }
}

void verify_functions(Verify *v) {
  read_functions(v);
  drop_copies(v);
  check_tiles(v);
  check_gaps(v);
  check_symbols(v);
}

/* ---- leaves */

static void add_leaf(Verify *v, const struct toy_asm *row) {
  uint64_t entry = (uint64_t)row->entry, end = (uint64_t)row->end;
  const Symbol *symbol = image_function(&v->image, entry);
  Leaf *leaf = NEW(Leaf);
  leaf->depth = row->depth;
  leaf->fn = (Function){.entry = entry, .end = end, .name = symbol ? symbol->name : "?", .file = "?"};
  bool outside = end <= entry || image_in(v->text, entry, 1) || !image_at(&v->image, entry, end - entry);
  if (outside) verify_finding(v, NULL, entry, "a row of toyasm is no range of code outside toytext");
  else leaf->fn.insts = verify_disassemble_range(v, &leaf->fn, entry, end);
  list_push(&v->leaves, leaf);
}

void verify_leaves(Verify *v) {
  const Section *s = image_section(&v->image, "toyasm");
  if (!s || s->size == 0) return;
  if (!s->data || s->size % sizeof(struct toy_asm)) {
    verify_finding(v, NULL, 0, "toyasm is cut short");
    return;
  }
  for (uint64_t i = 0; i < s->size / sizeof(struct toy_asm); i++) {
    struct toy_asm row;
    memcpy(&row, s->data + i * sizeof row, sizeof row);
    add_leaf(v, &row);
  }
}

Leaf *verify_leaf(Verify *v, uint64_t entry) {
  for (int i = 0; i < v->leaves.n; i++)
    if (v->leaves.v[i]->fn.entry == entry) return v->leaves.v[i];
  return NULL;
}

/* ---- unsafe ranges */

static int by_begin(const void *a, const void *b) {
  uint64_t x = (uint64_t)((const struct toy_unsafe *)a)->begin, y = (uint64_t)((const struct toy_unsafe *)b)->begin;
  return (x > y) - (x < y);
}

static bool is_boundary(Verify *v, uint64_t at) {
  const Function *fn = verify_function_of(v, at);
  return (fn && verify_inst(fn, at)) || verify_function_of(v, at - 1) != fn || at == v->text->addr + v->text->size;
}

static void check_range(Verify *v, const struct toy_unsafe *r) {
  uint64_t begin = (uint64_t)r->begin, end = (uint64_t)r->end;
  const Function *fn = verify_function_of(v, begin);
  const char *bad = NULL;
  if (begin >= end) bad = "is empty";
  else if (!fn || !image_in(v->text, begin, end - begin)) bad = "lies outside toytext";
  else if (r->kind != TOY_UNSAFE && r->kind != TOY_RESTART && r->kind != TOY_RESTART_ENTRY) bad = "is of unknown kind";
  else if (r->kind != TOY_UNSAFE && end - (r->kind == TOY_RESTART ? begin : fn->entry) > RESTART_MAX)
    bad = "is too long to restart";
  else if (verify_function_of(v, end - 1) && verify_function_of(v, end - 1) != fn) bad = "spans functions";
  else if (!is_boundary(v, begin) || !is_boundary(v, end)) bad = "begins or ends inside an instruction";
  if (bad) verify_finding(v, fn, begin, "the unsafe range %#llx-%#llx %s", (unsigned long long)begin, (unsigned long long)end, bad);
}

/* A range inside an unsafe one is part of it. */
static void check_overlaps(Verify *v, const struct toy_unsafe *rows, uint64_t n) {
  for (uint64_t i = 1; i < n; i++) {
    const struct toy_unsafe *a = &rows[i - 1], *b = &rows[i];
    if (a->end <= b->begin || (a->kind == TOY_UNSAFE && b->end <= a->end)) continue;
    verify_finding(v, verify_function_of(v, (uint64_t)b->begin), (uint64_t)b->begin, "the unsafe ranges %p-%p and %p-%p overlap",
                   a->begin, a->end, b->begin, b->end);
  }
}

static void check_unsafe(Verify *v) {
  const Section *s = image_section(&v->image, "toyunsafe");
  if (!s || s->size == 0) return;
  if (!s->data || s->size % sizeof(struct toy_unsafe)) {
    verify_finding(v, NULL, 0, "toyunsafe is cut short");
    return;
  }
  uint64_t n = s->size / sizeof(struct toy_unsafe);
  struct toy_unsafe *rows = arena_alloc(s->size);
  memcpy(rows, s->data, s->size);
  qsort(rows, n, sizeof *rows, by_begin);
  for (uint64_t i = 0; i < n; i++) check_range(v, &rows[i]);
  check_overlaps(v, rows, n);
}

void verify_ranges(Verify *v) { check_unsafe(v); }

bool verify_in_range(const Verify *v, uint64_t at) {
  const Section *s = image_section(&v->image, "toyunsafe");
  for (uint64_t i = 0; s && s->data && i < s->size / sizeof(struct toy_unsafe); i++) {
    struct toy_unsafe row;
    memcpy(&row, s->data + i * sizeof row, sizeof row);
    if (at - (uint64_t)row.begin < (uint64_t)row.end - (uint64_t)row.begin) return true;
  }
  return false;
}

/* ---- fault maps: LLVM's version 1, as runtime/faultmap.c */

typedef struct Faults { Verify *v; const uint8_t *at, *end; } Faults;

static bool take(Faults *f, void *to, size_t bytes) {
  if ((size_t)(f->end - f->at) < bytes) return verify_finding(f->v, NULL, 0, "the fault map is cut short"), false;
  memcpy(to, f->at, bytes);
  f->at += bytes;
  return true;
}

static void add_fault(Verify *v, uint64_t entry, uint32_t access, uint32_t handler) {
  Function *fn = verify_function_of(v, entry);
  if (!fn || fn->entry != entry || access >= fn->end - entry || handler >= fn->end - entry) {
    verify_finding(v, fn, entry, "the fault map's %#x → %#x is not inside a function", access, handler);
    return;
  }
  struct FaultEdge edge = {entry + access, entry + handler};
  const Inst *in = verify_inst(fn, edge.from);
  if (!in || !verify_inst(fn, edge.to))
    verify_finding(v, fn, edge.from, "the fault map names the middle of an instruction");
  else if (!strchr(in->text, '(')) verify_finding(v, fn, edge.from, "the fault map names no access of memory: %s", in->text);
  list_push(&fn->faults, edge);
}

static bool read_fault_function(Faults *f) {
  uint64_t entry;
  uint32_t n, zero, fault[3];
  if (!take(f, &entry, 8) || !take(f, &n, 4) || !take(f, &zero, 4)) return false;
  for (uint32_t i = 0; i < n; i++) {
    if (!take(f, fault, sizeof fault)) return false;
    add_fault(f->v, entry, fault[1], fault[2]);
  }
  return true;
}

static bool read_fault_map(Faults *f) {
  uint8_t header[4];
  uint32_t functions;
  if (!take(f, header, 4) || !take(f, &functions, 4)) return false;
  if (header[0] != 1) return verify_finding(f->v, NULL, 0, "a fault map of unknown version %u", header[0]), false;
  for (uint32_t i = 0; i < functions; i++)
    if (!read_fault_function(f)) return false;
  return true;
}

static int by_access(const void *a, const void *b) {
  uint64_t x = ((const struct FaultEdge *)a)->from, y = ((const struct FaultEdge *)b)->from;
  return (x > y) - (x < y);
}

static void sort_faults(Verify *v, Function *fn) {
  if (fn->faults.n) qsort(fn->faults.v, (size_t)fn->faults.n, sizeof *fn->faults.v, by_access);
  for (int i = 1; i < fn->faults.n; i++)
    if (fn->faults.v[i - 1].from == fn->faults.v[i].from)
      verify_finding(v, fn, fn->faults.v[i].from, "the fault map has this access twice");
}

const struct FaultEdge *verify_fault(const Function *fn, uint64_t from) {
  struct FaultEdge key = {from, 0};
  return fn->faults.n ? bsearch(&key, fn->faults.v, (size_t)fn->faults.n, sizeof key, by_access) : NULL;
}

/* Between objects the linker may pad with zeros. */
void verify_read_faults(Verify *v) {
  const Section *s = image_section(&v->image, "_llvm_faultmaps");
  if (!s || !s->data) return;
  Faults f = {v, s->data, s->data + s->size};
  for (bool good = true; good && f.at < f.end;)
    if (*f.at == 0) f.at++;
    else good = read_fault_map(&f);
  for (int i = 0; i < v->functions.n; i++) sort_faults(v, v->functions.v[i]);
}
