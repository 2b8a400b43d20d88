/* cfi.c: where is the frame of this instruction?
 *
 * An asynchronous stop is only sound where the function's frame is complete, that is, where the walker may take the
 * caller's frame from rbp. Between entry and `mov %rsp, %rbp`, after `pop %rbp`, and in the guard check's slow path, it
 * is not. The compiler's call-frame information says so for every instruction: complete means CFA = rbp + 16.
 *
 * The decoder runs inside the signal handler of a thread that may hold any lock of libc, so it takes none, allocates
 * nothing and calls nothing: .eh_frame_hdr's address is found once at start; its table is sorted by function, so an FDE
 * is one binary search away; the FDE's program is run on a state of two words. Whatever it does not understand (an
 * expression for the CFA, an unknown opcode, a pointer encoding that no linker emits) makes the answer "not known",
 * which the caller must take for "do not stop here". The tables lie in the binary and are trusted to be well-formed
 * in length; a corrupt one is a corrupt program.
 *
 * Rejected: libgcc's _Unwind_Find_FDE (takes a lock, may allocate); matching the prologue's instruction bytes (guesses
 * what the tables know).
 */
#include "cfi.h"

#include <elf.h>
#include <link.h>
#include <stddef.h>
#include <string.h>
#include <sys/auxv.h>

#include "runtime.h"

enum { /* pointer encodings (DWARF EH); only those that GNU ld, lld and LLVM emit for x86-64 */
  PE_ABSPTR = 0x00, PE_UDATA4 = 0x03, PE_UDATA8 = 0x04, PE_SDATA4 = 0x0b, PE_SDATA8 = 0x0c,
  PE_PCREL = 0x10, PE_DATAREL = 0x30, PE_OMIT = 0xff
};

static const uint8_t *eh_frame_hdr;

/* ---- reading */

struct reader { const uint8_t *p, *end; bool bad; };

static uint64_t rd_fixed(struct reader *r, size_t n) {
  uint64_t v = 0;
  if ((size_t)(r->end - r->p) < n) {
    r->bad = true;
    return 0;
  }
  memcpy(&v, r->p, n);
  r->p += n;
  return v;
}

static uint64_t rd_uleb(struct reader *r) {
  uint64_t v = 0;
  unsigned shift = 0;
  for (;;) {
    uint8_t b = (uint8_t)rd_fixed(r, 1);
    if (shift < 64)
      v |= (uint64_t)(b & 0x7f) << shift;
    shift += 7;
    if (!(b & 0x80) || r->bad)
      return v;
  }
}

static int64_t rd_sleb(struct reader *r) {
  uint64_t v = 0;
  unsigned shift = 0;
  uint8_t b;
  do {
    b = (uint8_t)rd_fixed(r, 1);
    if (shift < 64)
      v |= (uint64_t)(b & 0x7f) << shift;
    shift += 7;
  } while ((b & 0x80) && !r->bad);
  if (shift < 64 && (b & 0x40))
    v |= ~0ull << shift;
  return (int64_t)v;
}

/* An encoded pointer; datarel counts from `base` (the start of .eh_frame_hdr). */
static uintptr_t rd_encoded(struct reader *r, uint8_t enc, const uint8_t *base) {
  uintptr_t at = (uintptr_t)r->p, v;
  switch (enc & 0x0f) {
  case PE_ABSPTR:
  case PE_UDATA8:
  case PE_SDATA8: v = rd_fixed(r, 8); break;
  case PE_UDATA4: v = rd_fixed(r, 4); break;
  case PE_SDATA4: v = (uintptr_t)(int64_t)(int32_t)rd_fixed(r, 4); break;
  default: r->bad = true; return 0;
  }
  switch (enc & 0xf0) {
  case 0: return v;
  case PE_PCREL: return v + at;
  case PE_DATAREL: return v + (uintptr_t)base;
  default: r->bad = true; return 0;
  }
}

/* ---- the sorted table */

const uint8_t *cfi_find_fde(const uint8_t *hdr, uintptr_t pc) {
  /* version 1, .eh_frame pointer, entry count, table of (int32 function, int32 FDE), both relative to hdr */
  struct reader r = {hdr, hdr + 32, false};
  uint8_t version = (uint8_t)rd_fixed(&r, 1), enc_frame = (uint8_t)rd_fixed(&r, 1);
  uint8_t enc_count = (uint8_t)rd_fixed(&r, 1), enc_table = (uint8_t)rd_fixed(&r, 1);
  if (version != 1 || enc_table != (PE_DATAREL | PE_SDATA4) || enc_count == PE_OMIT)
    return NULL;
  rd_encoded(&r, enc_frame, hdr);
  size_t n = rd_encoded(&r, enc_count, hdr);
  if (r.bad || n == 0)
    return NULL;
  struct { int32_t func, fde; } row;
  const uint8_t *table = r.p;
  int64_t want = (int64_t)(pc - (uintptr_t)hdr);
  size_t lo = 0, hi = n; /* rows below lo start at or before pc, rows from hi on start after it */
  while (lo < hi) {
    size_t mid = lo + (hi - lo) / 2;
    memcpy(&row, table + mid * sizeof row, sizeof row);
    if (row.func <= want)
      lo = mid + 1;
    else
      hi = mid;
  }
  if (lo == 0)
    return NULL;
  memcpy(&row, table + (lo - 1) * sizeof row, sizeof row);
  return hdr + row.fde;
}

/* ---- CIE and FDE */

struct cie { uint64_t code_align; int64_t data_align; uint8_t fde_enc; bool has_aug; struct reader program; };

/* A record's body: after the length word, up to the record's end. A 64-bit length is never emitted. */
static struct reader record_at(const uint8_t *p) {
  uint32_t len;
  memcpy(&len, p, 4);
  bool bad = len == 0 || len == 0xffffffffu;
  return (struct reader){p + 4, p + 4 + (bad ? 0 : len), bad};
}

/* The augmentation letters that follow 'z' name what the data block holds, in order. */
static void parse_augmentation(struct reader *r, const char *aug, struct cie *c) {
  if (*aug == 0)
    return;
  if (*aug++ != 'z') {
    r->bad = true;
    return;
  }
  c->has_aug = true;
  uint64_t n = rd_uleb(r);
  const uint8_t *after = r->p + n;
  for (; *aug; aug++) {
    if (*aug == 'R') {
      c->fde_enc = (uint8_t)rd_fixed(r, 1);
    } else if (*aug == 'L') {
      rd_fixed(r, 1);
    } else if (*aug == 'P') {
      uint8_t enc = (uint8_t)rd_fixed(r, 1);
      rd_encoded(r, enc, NULL);
    } else if (*aug == 'S') { /* a signal frame: says nothing about the CFA */
    } else {
      r->bad = true;
    }
  }
  r->p = after;
}

static bool parse_cie(const uint8_t *p, struct cie *c) {
  struct reader r = record_at(p);
  *c = (struct cie){.fde_enc = PE_ABSPTR};
  if (rd_fixed(&r, 4) != 0) /* id of a CIE in .eh_frame */
    return false;
  uint8_t version = (uint8_t)rd_fixed(&r, 1);
  const char *aug = (const char *)r.p;
  while (rd_fixed(&r, 1) != 0 && !r.bad)
    continue;
  c->code_align = rd_uleb(&r);
  c->data_align = rd_sleb(&r);
  if (version == 1)
    rd_fixed(&r, 1);
  else
    rd_uleb(&r);
  parse_augmentation(&r, aug, c);
  c->program = r;
  return !r.bad && (version == 1 || version == 3);
}

/* ---- the CFA program */

enum { STATE_DEPTH = 8 }; /* of remember_state; compilers nest one */

struct machine {
  uintptr_t loc, pc;       /* the row being built is valid from loc on; we want the row that covers pc */
  struct cfi_cfa cfa, saved[STATE_DEPTH];
  int depth;
  bool done, bad;
};

static void advance(struct machine *m, uint64_t delta) {
  m->loc += delta;
  m->done = m->loc > m->pc;
}

static void remember(struct machine *m) {
  if (m->depth == STATE_DEPTH)
    m->bad = true;
  else
    m->saved[m->depth++] = m->cfa;
}

static void restore(struct machine *m) {
  if (m->depth == 0)
    m->bad = true;
  else
    m->cfa = m->saved[--m->depth];
}

static void skip_block(struct reader *r) {
  uint64_t n = rd_uleb(r);
  if (n > (uint64_t)(r->end - r->p))
    r->bad = true;
  else
    r->p += n;
}

/* One instruction. Rules for other registers are stepped over: only the CFA is asked for. */
static void step(struct machine *m, struct reader *r, const struct cie *c) {
  uint8_t op = (uint8_t)rd_fixed(r, 1), low = op & 0x3f;
  switch (op & 0xc0) {
  case 0x40: advance(m, low * c->code_align); return;  /* advance_loc */
  case 0x80: rd_uleb(r); return;                       /* offset */
  case 0xc0: return;                                   /* restore */
  }
  switch (op) {
  case 0x00: break;                                                                        /* nop */
  case 0x02: advance(m, rd_fixed(r, 1) * c->code_align); break;                            /* advance_loc1 */
  case 0x03: advance(m, rd_fixed(r, 2) * c->code_align); break;                            /* advance_loc2 */
  case 0x04: advance(m, rd_fixed(r, 4) * c->code_align); break;                            /* advance_loc4 */
  case 0x05: case 0x09: case 0x14: rd_uleb(r); rd_uleb(r); break;       /* offset_extended, register, val_offset */
  case 0x06: case 0x07: case 0x08: rd_uleb(r); break;                   /* restore_extended, undefined, same_value */
  case 0x0a: remember(m); break;
  case 0x0b: restore(m); break;
  case 0x0c: m->cfa.reg = (int64_t)rd_uleb(r); m->cfa.offset = (int64_t)rd_uleb(r); break; /* def_cfa */
  case 0x0d: m->cfa.reg = (int64_t)rd_uleb(r); break;                                      /* def_cfa_register */
  case 0x0e: m->cfa.offset = (int64_t)rd_uleb(r); break;                                   /* def_cfa_offset */
  case 0x0f: skip_block(r); m->cfa.reg = CFI_REG_NONE; break;                              /* def_cfa_expression */
  case 0x10: case 0x16: rd_uleb(r); skip_block(r); break;                                  /* (val_)expression */
  case 0x11: case 0x15: rd_uleb(r); rd_sleb(r); break;                                     /* *_sf */
  case 0x12: m->cfa.reg = (int64_t)rd_uleb(r); m->cfa.offset = rd_sleb(r) * c->data_align; break;
  case 0x13: m->cfa.offset = rd_sleb(r) * c->data_align; break;
  case 0x2e: rd_uleb(r); break;                                                            /* GNU_args_size */
  default: m->bad = true;
  }
}

static void run(struct machine *m, struct reader r, const struct cie *c) {
  while (r.p < r.end && !m->done && !m->bad && !r.bad)
    step(m, &r, c);
  m->bad |= r.bad;
}

bool cfi_run_fde(const uint8_t *fde, uintptr_t pc, struct cfi_cfa *cfa) {
  struct reader r = record_at(fde);
  const uint8_t *id_at = r.p;
  uint32_t back = (uint32_t)rd_fixed(&r, 4);
  struct cie c;
  if (r.bad || back == 0 || !parse_cie(id_at - back, &c))
    return false;
  uintptr_t begin = rd_encoded(&r, c.fde_enc, NULL);
  uintptr_t size = rd_encoded(&r, c.fde_enc & 0x0f, NULL);
  if (r.bad || pc < begin || pc - begin >= size)
    return false;
  if (c.has_aug)
    skip_block(&r);
  struct machine m = {.loc = begin, .pc = pc, .cfa = {CFI_REG_NONE, 0}};
  run(&m, c.program, &c);
  m.done = false;
  run(&m, r, &c);
  *cfa = m.cfa;
  return !m.bad && !r.bad && m.cfa.reg != CFI_REG_NONE;
}

bool cfi_cfa_at(uintptr_t pc, struct cfi_cfa *cfa) {
  const uint8_t *fde = eh_frame_hdr ? cfi_find_fde(eh_frame_hdr, pc) : NULL;
  return fde && cfi_run_fde(fde, pc, cfa);
}

bool cfi_frame_complete(uintptr_t pc) {
  struct cfi_cfa cfa;
  return cfi_cfa_at(pc, &cfa) && cfa.reg == CFI_REG_BP && cfa.offset == 16;
}

/* ---- start */

/* The program headers come from the kernel (AT_PHDR): no libc list of objects is walked, and a static program has but
 * one object. PT_PHDR tells how far a position-independent program was moved. */
void cfi_init(void) {
  const ElfW(Phdr) *ph = (const ElfW(Phdr) *)getauxval(AT_PHDR);
  size_t n = getauxval(AT_PHNUM);
  uintptr_t bias = 0;
  for (size_t i = 0; ph && i < n; i++)
    if (ph[i].p_type == PT_PHDR)
      bias = (uintptr_t)ph - ph[i].p_vaddr;
  for (size_t i = 0; ph && i < n; i++)
    if (ph[i].p_type == PT_GNU_EH_FRAME)
      eh_frame_hdr = (const uint8_t *)(bias + ph[i].p_vaddr);
  if (!eh_frame_hdr)
    throw("no .eh_frame_hdr in this program: link with --eh-frame-hdr");
}
