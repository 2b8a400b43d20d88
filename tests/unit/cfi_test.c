/* The CFI decoder on real tables (an assembled function of this program, looked up through .eh_frame_hdr) and on
 * fabricated ones (each opcode, and everything that must be answered "not known").
 *
 * Rows: SP-9. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define UNIT_ALONE
#include "../../runtime/cfi.c"
#include "unit.h"

/* A function of every shape that a compiler emits; each label is an instruction whose CFA rule we know. */
__asm__(".text\n"
        "t_begin:\n .cfi_startproc\n nop\n"
        "t_entry:\n pushq %rbp\n .cfi_def_cfa_offset 16\n .cfi_offset %rbp, -16\n"
        "t_pushed:\n movq %rsp, %rbp\n .cfi_def_cfa_register %rbp\n"
        "t_body:\n pushq %rbx\n .cfi_offset %rbx, -24\n .zero 300, 0x90\n"
        "t_far:\n popq %rbx\n .cfi_remember_state\n popq %rbp\n .cfi_def_cfa %rsp, 8\n"
        "t_popped:\n ret\n .cfi_restore_state\n"
        "t_cold:\n nop\n .zero 70000, 0x90\n .cfi_def_cfa %rsp, 24\n"
        "t_farther:\n nop\n"
        "t_end:\n .cfi_endproc\n nop\n");
extern const char t_begin[], t_entry[], t_pushed[], t_body[], t_far[], t_popped[], t_cold[], t_farther[], t_end[];

static void expect_at(uintptr_t at, int64_t reg, int64_t offset) {
  struct cfi_cfa cfa = {-2, -2};
  CHECK(cfi_cfa_at(at, &cfa));
  CHECK_EQ(cfa.reg, reg);
  CHECK_EQ(cfa.offset, offset);
  CHECK_EQ(cfi_frame_complete(at), reg == CFI_REG_BP && offset == 16);
}

static void real_tables(void) {
  cfi_init();
  expect_at((uintptr_t)t_begin, CFI_REG_SP, 8);
  expect_at((uintptr_t)t_entry, CFI_REG_SP, 8);
  expect_at((uintptr_t)t_pushed, CFI_REG_SP, 16);
  expect_at((uintptr_t)t_body, CFI_REG_BP, 16);
  expect_at((uintptr_t)t_far, CFI_REG_BP, 16);
  expect_at((uintptr_t)t_far - 1, CFI_REG_BP, 16);
  expect_at((uintptr_t)t_popped, CFI_REG_SP, 8);
  expect_at((uintptr_t)t_cold, CFI_REG_BP, 16);
  expect_at((uintptr_t)t_farther - 1, CFI_REG_BP, 16);
  expect_at((uintptr_t)t_farther, CFI_REG_SP, 24);
  struct cfi_cfa cfa;
  CHECK(!cfi_cfa_at(0x10, &cfa));
  CHECK(!cfi_frame_complete((uintptr_t)&cfa));
}

/* ---- fabricated: CIE "zR" with absolute 8-byte pointers, then one FDE of [0x1000, 0x1100) */

static uint8_t buf[512];
static uint8_t *w;

static void b1(unsigned v) { *w++ = (uint8_t)v; }
static void b4(uint32_t v) { memcpy(w, &v, 4), w += 4; }
static void b8(uint64_t v) { memcpy(w, &v, 8), w += 8; }

static const uint8_t *fabricate(unsigned version, const char *aug, const uint8_t *program, size_t n) {
  memset(buf, 0, sizeof buf);
  w = buf + 4;
  b4(0);
  b1(version);
  memcpy(w, aug, strlen(aug) + 1), w += strlen(aug) + 1;
  b1(1);    /* code alignment */
  b1(0x78); /* data alignment -8 */
  b1(16);   /* return address */
  if (aug[0] == 'z')
    b1(1), b1(PE_ABSPTR);
  b1(0x0c), b1(7), b1(8); /* def_cfa rsp + 8 */
  while ((w - buf) % 8)
    b1(0);
  uint32_t cie = (uint32_t)(w - buf - 4);
  memcpy(buf, &cie, 4);
  uint8_t *fde = w;
  w += 4;
  b4((uint32_t)(w - buf));
  b8(0x1000);
  b8(0x100);
  if (aug[0] == 'z')
    b1(0);
  if (n)
    memcpy(w, program, n), w += n;
  uint32_t len = (uint32_t)(w - fde - 4);
  memcpy(fde, &len, 4);
  return fde;
}

struct given { const char *what; uint8_t program[16]; size_t n; uintptr_t pc; bool known; int64_t reg, offset; };

static const struct given table[] = {
  {"nothing", {0}, 0, 0x1000, true, 7, 8},
  {"before the first row", {0x44, 0x0e, 16}, 3, 0x1003, true, 7, 8},
  {"at a row", {0x44, 0x0e, 16}, 3, 0x1004, true, 7, 16},
  {"advance 1, 2, 4", {0x02, 1, 0x03, 1, 0, 0x04, 1, 0, 0, 0, 0x0e, 24}, 12, 0x1003, true, 7, 24},
  {"advance 1, 2, 4, one before", {0x02, 1, 0x03, 1, 0, 0x04, 1, 0, 0, 0, 0x0e, 24}, 12, 0x1002, true, 7, 8},
  {"other registers' rules", {0x86, 2, 0xc6, 0x05, 3, 1, 0x06, 3, 0x07, 3, 0x08, 3, 0x09, 3, 1, 0x0e}, 15, 0x1000,
   true, 7, 8},
  {"def_cfa_register", {0x0d, 6}, 2, 0x1000, true, 6, 8},
  {"signed offsets", {0x12, 6, 0x7e, 0x11, 6, 2}, 6, 0x1000, true, 6, 16},
  {"remember and restore", {0x0a, 0x0e, 32, 0x41, 0x0b}, 5, 0x1001, true, 7, 8},
  {"remembered only", {0x0a, 0x0e, 32, 0x41, 0x0b}, 5, 0x1000, true, 7, 32},
  {"restore of nothing", {0x0b}, 1, 0x1000, false, 0, 0},
  {"nine remembered", {0x0a, 0x0a, 0x0a, 0x0a, 0x0a, 0x0a, 0x0a, 0x0a, 0x0a}, 9, 0x1000, false, 0, 0},
  {"CFA by expression", {0x0f, 2, 0x77, 8}, 4, 0x1000, false, 0, 0},
  {"expression, then def_cfa", {0x0f, 2, 0x77, 8, 0x0c, 6, 16}, 7, 0x1000, true, 6, 16},
  {"register by expression", {0x10, 3, 2, 0x77, 8}, 5, 0x1000, true, 7, 8},
  {"args size", {0x2e, 8}, 2, 0x1000, true, 7, 8},
  {"unknown opcode", {0x3f}, 1, 0x1000, false, 0, 0},
  {"cut short", {0x0e}, 1, 0x1000, false, 0, 0},
  {"below the function", {0}, 0, 0x0fff, false, 0, 0},
  {"last byte", {0}, 0, 0x10ff, true, 7, 8},
  {"past the function", {0}, 0, 0x1100, false, 0, 0},
};

static void fabricated_tables(void) {
  for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
    const struct given *g = &table[i];
    struct cfi_cfa cfa = {-2, -2};
    unit_case = g->what;
    bool known = cfi_run_fde(fabricate(1, "zR", g->program, g->n), g->pc, &cfa);
    CHECK_EQ(known, g->known);
    if (known) {
      CHECK_EQ(cfa.reg, g->reg);
      CHECK_EQ(cfa.offset, g->offset);
    }
  }
  struct cfi_cfa cfa;
  unit_case = "version and augmentation";
  CHECK(cfi_run_fde(fabricate(3, "", NULL, 0), 0x1000, &cfa));
  CHECK(!cfi_run_fde(fabricate(4, "", NULL, 0), 0x1000, &cfa));
  CHECK(!cfi_run_fde(fabricate(1, "eh", NULL, 0), 0x1000, &cfa));
  CHECK(!cfi_run_fde(fabricate(1, "zQ", NULL, 0), 0x1000, &cfa));
}

int main(void) {
  real_tables();
  fabricated_tables();
  return unit_end();
}
