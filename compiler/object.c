/* object.c: reads the ELF image that the code generator made.
 *
 * Three needs. First, LLVM marks objects with split-stack code by empty .note.GNU-split-stack (and -no-split-stack)
 * sections. lld takes the mark as leave to rewrite our guard checks, gold refuses to link, GNU ld ignores it. The
 * mark means a runtime that we do not have, so the sections get another name, of the same length, in the section name
 * table: no offset changes, and every linker sees plain code. Second, the fault map lies in a section whose name begins
 * with a dot; without it the linker defines where the section starts and stops (module.h). Third, the tables are
 * printed for tests and for people.
 *
 * The image is our own, made a moment ago: what does not fit is an internal error, not bad input.
 */
#include "object.h"
#include "util.h"
#include "../runtime/abi/module.h"

#include <elf.h>
#include <stdio.h>
#include <string.h>

typedef struct Elf { const char *bytes; const Elf64_Ehdr *header; const Elf64_Shdr *sections; } Elf;

static Elf elf_open(ObjectCode object) {
  Elf e = {object.bytes, (const Elf64_Ehdr *)object.bytes, NULL};
  check_that(object.size > sizeof *e.header && memcmp(object.bytes, ELFMAG, SELFMAG) == 0);
  e.sections = (const Elf64_Shdr *)(object.bytes + e.header->e_shoff);
  check_that(e.header->e_shoff + (uint64_t)e.header->e_shnum * sizeof *e.sections <= object.size);
  return e;
}

static uint64_t section_bytes(Elf e, unsigned i) {
  return e.sections[i].sh_type == SHT_NOBITS ? 0 : e.sections[i].sh_size;
}
static const char *section_data(Elf e, unsigned i) { return e.bytes + e.sections[i].sh_offset; }
static const char *section_name(Elf e, unsigned i) {
  return section_data(e, e.header->e_shstrndx) + e.sections[i].sh_name;
}

/* 0: there is none. */
static unsigned find_section(Elf e, const char *name) {
  for (unsigned i = 1; i < e.header->e_shnum; i++)
    if (strcmp(section_name(e, i), name) == 0) return i;
  return 0;
}

void object_neutralise_notes(ObjectCode object) {
  Elf e = elf_open(object);
  for (unsigned i = 1; i < e.header->e_shnum; i++) {
    const char *name = section_name(e, i);
    if (!strcmp(name, ".note.GNU-split-stack") || !strcmp(name, ".note.GNU-no-split-stack"))
      memcpy(object.bytes + (name - object.bytes) + 6, "Toy", 3); /* .note.GNU-… → .note.Toy-… */
    else if (!strcmp(name, ".llvm_faultmaps")) object.bytes[name - object.bytes] = '_';
  }
}

/* Assemblers' objects as well as ours. */
bool object_defines(ObjectCode object, const char *symbol) {
  Elf e = elf_open(object);
  for (unsigned i = 1; i < e.header->e_shnum; i++) {
    if (e.sections[i].sh_type != SHT_SYMTAB) continue;
    const Elf64_Sym *sym = (const Elf64_Sym *)section_data(e, i);
    const char *names = section_data(e, e.sections[i].sh_link);
    for (uint64_t k = 0; k < e.sections[i].sh_size / sizeof *sym; k++)
      if (sym[k].st_shndx != SHN_UNDEF && ELF64_ST_BIND(sym[k].st_info) != STB_LOCAL && !strcmp(names + sym[k].st_name, symbol))
        return true;
  }
  return false;
}

/* ---- addresses in a relocatable file: what the relocation at a place says */

typedef struct Address {
  unsigned section;   /* 0: undefined, or no relocation */
  uint64_t offset;
  const char *symbol;
} Address;

static const Elf64_Rela *find_relocation(Elf e, unsigned section, uint64_t offset, unsigned *symtab) {
  for (unsigned i = 1; i < e.header->e_shnum; i++) {
    if (e.sections[i].sh_type != SHT_RELA || e.sections[i].sh_info != section) continue;
    const Elf64_Rela *rela = (const Elf64_Rela *)section_data(e, i);
    *symtab = e.sections[i].sh_link;
    for (uint64_t k = 0; k < e.sections[i].sh_size / sizeof *rela; k++)
      if (rela[k].r_offset == offset) return &rela[k];
  }
  return NULL;
}

static Address address_at(Elf e, unsigned section, uint64_t offset) {
  unsigned symtab;
  const Elf64_Rela *rela = find_relocation(e, section, offset, &symtab);
  if (!rela) return (Address){0, 0, ""};
  const Elf64_Sym *sym = (const Elf64_Sym *)section_data(e, symtab) + ELF64_R_SYM(rela->r_info);
  unsigned home = sym->st_shndx < SHN_LORESERVE ? sym->st_shndx : 0;
  return (Address){home, sym->st_value + (uint64_t)rela->r_addend,
                   section_data(e, e.sections[symtab].sh_link) + sym->st_name};
}

static const char *string_at(Elf e, unsigned section, uint64_t offset) {
  Address a = address_at(e, section, offset);
  return a.section ? section_data(e, a.section) + a.offset : "?";
}

/* A symbol for a place in toytext; relocations against local functions name the section. */
static const char *function_at(Elf e, Address a) {
  if (*a.symbol) return a.symbol;
  for (unsigned i = 1; i < e.header->e_shnum; i++) {
    if (e.sections[i].sh_type != SHT_SYMTAB) continue;
    const Elf64_Sym *sym = (const Elf64_Sym *)section_data(e, i);
    for (uint64_t k = 0; k < e.sections[i].sh_size / sizeof *sym; k++)
      if (sym[k].st_shndx == a.section && sym[k].st_value == a.offset && ELF64_ST_TYPE(sym[k].st_info) == STT_FUNC)
        return section_data(e, e.sections[i].sh_link) + sym[k].st_name;
  }
  return "?";
}

/* ---- stack maps: LLVM's version 3 */

typedef struct Cursor { const char *at, *end; } Cursor;

static uint64_t take(Cursor *c, unsigned bytes) {
  uint64_t value = 0;
  check_that(c->end - c->at >= bytes);
  memcpy(&value, c->at, bytes); /* little endian, as the target is */
  c->at += bytes;
  return value;
}

typedef struct Location { unsigned kind, size, reg; int32_t offset; } Location;
enum { LOC_REGISTER = 1, LOC_DIRECT, LOC_INDIRECT, LOC_CONSTANT, LOC_CONSTANT_INDEX };

static Location take_location(Cursor *c) {
  Location loc;
  loc.kind = (unsigned)take(c, 1), take(c, 1);
  loc.size = (unsigned)take(c, 2), loc.reg = (unsigned)take(c, 2), take(c, 2);
  loc.offset = (int32_t)take(c, 4);
  return loc;
}

static const char *register_name(unsigned dwarf) {
  static const char *const names[] = {"rax", "rdx", "rcx", "rbx", "rsi", "rdi", "rbp", "rsp",
                                      "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15"};
  return dwarf < 16 ? names[dwarf] : "?";
}

static uint64_t constant_of(Location loc, const char *constants) {
  uint64_t value;
  if (loc.kind != LOC_CONSTANT_INDEX) return (uint64_t)(int64_t)loc.offset;
  memcpy(&value, constants + (uint64_t)(uint32_t)loc.offset * 8, 8);
  return value;
}

static const char *location_text(Location loc, const char *constants) {
  switch (loc.kind) {
  case LOC_REGISTER: return register_name(loc.reg);
  case LOC_DIRECT: return format("%s%+d", register_name(loc.reg), loc.offset);
  case LOC_INDIRECT: return format("[%s%+d]", register_name(loc.reg), loc.offset);
  default: return format("constant %lld", (long long)constant_of(loc, constants));
  }
}

static void print_object(const Location *locs, unsigned n, const char *constants) {
  printf("  object at %s size %llu pointers", location_text(locs[0], constants),
         (unsigned long long)constant_of(locs[1], constants));
  if (n == 2) printf(" none");
  for (unsigned i = 2; i < n; i++) printf(" %#llx", (unsigned long long)constant_of(locs[i], constants));
  printf("\n");
}

static void print_site(Elf e, unsigned section, uint64_t table, uint64_t id) {
  const char *separator = "";
  while (id != TOY_SITE_NONE) {
    uint64_t row = table + id * sizeof(struct toy_site);
    uint32_t fields[3];
    memcpy(fields, section_data(e, section) + row + 16, sizeof fields);
    const char *func = string_at(e, section, row), *file = string_at(e, section, row + 8);
    printf("%s%s %s:%u:%u", separator, func, file, fields[0], fields[1]);
    id = fields[2], separator = " inlined at ";
  }
}

/* Base and derived pointer: the derived one is moved by what the base moved. */
static void print_pairs(const Location *locs, unsigned n, const char *constants) {
  for (unsigned i = 0; i + 1 < n; i += 2) {
    const char *base = location_text(locs[i], constants), *derived = location_text(locs[i + 1], constants);
    if (strcmp(base, derived) == 0) printf(" %s", base);
    else printf(" %s(base %s)", derived, base);
  }
}

typedef struct Records {
  Elf e;
  Cursor cursor;
  const char *constants;
  unsigned site_section;
  uint64_t site_table;
} Records;

static void print_record(Records *r) {
  Cursor *c = &r->cursor;
  const char *start = c->at;
  uint64_t id = take(c, 8);
  uint32_t offset = (uint32_t)take(c, 4);
  take(c, 2);
  unsigned n = (unsigned)take(c, 2);
  Location *locs = arena_alloc((n + 1) * sizeof *locs);
  for (unsigned i = 0; i < n; i++) locs[i] = take_location(c);
  if ((c->at - start) % 8) take(c, 4);
  take(c, 2);
  unsigned liveouts = (unsigned)take(c, 2);
  for (unsigned i = 0; i < liveouts; i++) take(c, 4);
  if ((c->at - start) % 8) take(c, 4);
  if (id >= TOY_STACKOBJ_ID) {
    print_object(locs, n, r->constants);
    return;
  }
  uint32_t site = (uint32_t)id;
  printf("  call +%u site %u ", offset, site);
  print_site(r->e, r->site_section, r->site_table, site);
  unsigned deopt = n >= 3 ? (unsigned)constant_of(locs[2], r->constants) : 0;
  printf(" pointers");
  if (n <= 3 + deopt) printf(" none");
  else print_pairs(locs + 3 + deopt, n - 3 - deopt, r->constants);
  printf("\n");
}

void object_print_stackmaps(ObjectCode object) {
  Elf e = elf_open(object);
  unsigned section = find_section(e, ".llvm_stackmaps"), modules = find_section(e, "toymodules");
  if (!section || !modules) return;
  const char *data = section_data(e, section);
  Address sites = address_at(e, modules, offsetof(struct toy_module, sites));
  Cursor c = {data, data + section_bytes(e, section)};
  check_that(take(&c, 1) == 3);
  take(&c, 3);
  uint64_t nfuncs = take(&c, 4), nconstants = take(&c, 4);
  take(&c, 4);
  Cursor functions = c;
  const char *constants = c.at + nfuncs * 24;
  Records r = {e, {constants + nconstants * 8, c.end}, constants, sites.section, sites.offset};
  for (uint64_t i = 0; i < nfuncs; i++) {
    Address a = address_at(e, section, (uint64_t)(functions.at - data));
    take(&functions, 8);
    int64_t frame = (int64_t)take(&functions, 8);
    printf("%s: frame %lld bytes\n", function_at(e, a), (long long)frame);
    for (uint64_t k = take(&functions, 8); k > 0; k--) print_record(&r);
  }
}

/* ---- unsafe points */

/* "main.f+0x12" for a place inside a function. */
static const char *place_inside(Elf e, Address a) {
  for (unsigned i = 1; i < e.header->e_shnum; i++) {
    if (e.sections[i].sh_type != SHT_SYMTAB) continue;
    const Elf64_Sym *sym = (const Elf64_Sym *)section_data(e, i);
    for (uint64_t k = 0; k < e.sections[i].sh_size / sizeof *sym; k++) {
      bool inside = sym[k].st_shndx == a.section && a.offset - sym[k].st_value < sym[k].st_size;
      if (inside && ELF64_ST_TYPE(sym[k].st_info) == STT_FUNC)
        return format("%s+%#llx", section_data(e, e.sections[i].sh_link) + sym[k].st_name,
                      (unsigned long long)(a.offset - sym[k].st_value));
    }
  }
  return "code";
}

static const char *unsafe_place(Elf e, unsigned section, uint64_t offset) {
  Address a = address_at(e, section, offset);
  const char *name = function_at(e, a);
  bool known = strcmp(name, "?") && strcmp(name, "toytext");
  return format("%s (toytext+%#llx)", known ? name : place_inside(e, a), (unsigned long long)a.offset);
}

void object_print_unsafe(ObjectCode object) {
  Elf e = elf_open(object);
  unsigned section = find_section(e, "toyunsafe");
  if (!section) return;
  for (uint64_t at = 0; at + sizeof(struct toy_unsafe) <= section_bytes(e, section); at += sizeof(struct toy_unsafe)) {
    uint64_t kind;
    memcpy(&kind, section_data(e, section) + at + offsetof(struct toy_unsafe, kind), 8);
    const char *what = kind == TOY_RESTART ? "restart" : kind == TOY_RESTART_ENTRY ? "restart at entry" : "unsafe";
    printf("%s from %s to %s\n", what, unsafe_place(e, section, at),
           unsafe_place(e, section, at + 8));
  }
}
