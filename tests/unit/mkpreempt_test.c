/* The generator's checks refuse a table that would lose a register: each is given a table with that mistake. And the frame of
 * a sound one: slots in the order of the table, aligned, pairs together, nothing below the ABI's bytes.
 *
 * Rows: AG-7, AG-15. */
int mkpreempt_main(int argc, char **argv);
#define main mkpreempt_main
#include "../../runtime/mkpreempt/main.c"
#undef main
#include "../../runtime/mkpreempt/layout.c"

#include "death.h"

static const struct reg some[] = {{"a", SAVED}, {"sp", STACK}, {"b", SAVED}, {"c", SAVED}};
static const struct reg wide[] = {{"v", SAVED}};
static struct bank banks[] = {
  {BANK(some), .size = 4, .align = 4, .save = "st {r}, {o}", .restore = "ld {r}, {o}"},
  {BANK(wide), .size = 16, .align = 16, .save = "st {r}, {o}", .restore = "ld {r}, {o}", .fp = true},
};
static struct isa isa;
static struct layout l;

static void sound(void) {
  isa = (struct isa){.bottom = 8, .align = 16, .reach = 100, BANKS(banks)};
  banks[0] = (struct bank){BANK(some), .size = 4, .align = 4, .save = "st {r}, {o}", .restore = "ld {r}, {o}"};
}

static const char *problem(void) {
  const char *text = layout_make(&l, &isa, false);
  return text ? text : "nothing";
}

static void placed(void) {
  sound();
  CHECK(!layout_make(&l, &isa, false));
  CHECK_EQ(l.n, 4);
  CHECK_EQ(l.slots[0].offset, 8);
  CHECK_EQ(l.slots[2].offset, 16);
  CHECK_EQ(l.slots[3].offset, 32);
  CHECK_EQ(l.frame, 48);
  CHECK(!layout_make(&l, &isa, true));
  CHECK_EQ(l.n, 3);
  CHECK_EQ(l.frame, 32);
  banks[0].save2 = banks[0].restore2 = "move {r}, {q}, {o}";
  CHECK(!layout_make(&l, &isa, false));
  CHECK_EQ(l.n, 3);
  CHECK(l.slots[0].reg == &some[0] && l.slots[0].second == &some[2] && l.slots[0].size == 8);
  CHECK(l.slots[1].reg == &some[3] && !l.slots[1].second && l.slots[1].size == 4);
}

#define REFUSED(change, text)            \
  do {                                   \
    sound();                             \
    unit_case = text;                    \
    change;                              \
    CHECK(!strcmp(problem(), text));     \
  } while (0)

/* Mistakes of a table. */
static void tables(void) {
  static const struct reg twice[] = {{"a", SAVED}, {"sp", STACK}, {"a", SAVED}};
  static const struct reg no_stack[] = {{"a", SAVED}};
  static const struct reg jumps[] = {{"a", JUMP}, {"sp", STACK}, {"b", JUMP}};
  REFUSED(isa.reach = 30, "a slot out of place");
  REFUSED(banks[0].save = "st {r}", "a template without its offset");
  REFUSED(banks[0].restore = "ld a, {o}", "a template without its register");
  REFUSED(banks[0].save2 = "st {r}, {o}", "a template for two without its registers");
  REFUSED((banks[0].regs = twice, banks[0].n = 3), "a register with two slots");
  REFUSED((banks[0].regs = no_stack, banks[0].n = 1), "not one stack pointer");
  REFUSED((banks[0].regs = jumps, banks[0].n = 3), "more than one register for the jump");
  unit_case = "";
}

static const char *moved(int i, int offset) {
  sound();
  layout_make(&l, &isa, false);
  l.slots[i].offset = offset;
  const char *text = layout_problem(&l);
  return text ? text : "nothing";
}

/* Mistakes of the placing. */
static void slots(void) {
  CHECK(!strcmp(moved(1, 8), "slots that overlap"));
  CHECK(!strcmp(moved(0, 32), "slots that overlap"));
  CHECK(!strcmp(moved(0, 4), "a slot out of place"));
  CHECK(!strcmp(moved(0, 46), "a slot out of place"));
  CHECK(!strcmp(moved(0, 21), "a slot that is not aligned"));
  CHECK(!strcmp(moved(0, 24), "nothing"));
}

/* What main.c calls and refers to; nothing here writes a routine. */
void emit_routine(FILE *out, const struct target *t, const struct layout *x) { abort(); }
const struct isa isa_386, isa_amd64, isa_amd64_avx2, isa_amd64_avx512, isa_arm, isa_arm64, isa_loong64, isa_mips,
  isa_mips64, isa_ppc64, isa_riscv64, isa_s390x, isa_wasm;

/* At build time, status 1: not an empty routine, not one that traps. */
static void refused(void) {
  static const struct target none = {.name = "pdp11", .triple = ""};
  int status = death_fork();
  if (status == 0) {
    generate(stdout, &none);
    _exit(0);
  }
  CHECK_EQ(status - 1, 1);
  CHECK(strstr(death_text, "pdp11 has no table"));
  status = death_fork();
  if (status == 0) {
    generate(stdout, &targets[0]); /* empty here */
    _exit(0);
  }
  CHECK_EQ(status - 1, 1);
  CHECK(strstr(death_text, "the table of 386 has not one stack pointer"));
}

int main(void) {
  placed();
  tables();
  slots();
  refused();
  return unit_end();
}
