/* arm64.c: AArch64 with Advanced SIMD. Sources: AAPCS64; Arm Architecture Reference Manual for A-profile, C5.2 (FPCR, FPSR,
 * NZCV), D1 (SP alignment checking, which Linux has on: so SP is a multiple of 16 wherever it is used).
 *
 * There is no jump that leaves all registers alone, and no register that compilers never use. x18, the platform register,
 * is the one that a platform may claim: code for this runtime is compiled with the feature reserve-x18, which costs a
 * register of 31 and nothing at calls. The jump is a return, which landing-pad checks (BTI) let go anywhere.
 * Vector registers are saved as 128 bits. x29 and the resume address make a frame record for whoever follows x29. */
#include "mkpreempt.h"

static const struct reg int_arm64[] = {
  {"x0", SAVED}, {"x1", SAVED}, {"x2", SAVED}, {"x3", SAVED}, {"x4", SAVED}, {"x5", SAVED}, {"x6", SAVED}, {"x7", SAVED},
  {"x8", SAVED}, {"x9", SAVED}, {"x10", SAVED}, {"x11", SAVED}, {"x12", SAVED}, {"x13", SAVED}, {"x14", SAVED}, {"x15", SAVED},
  {"x16", SAVED}, {"x17", SAVED}, {"x18", JUMP}, {"x19", SAVED}, {"x20", SAVED}, {"x21", SAVED}, {"x22", SAVED}, {"x23", SAVED},
  {"x24", SAVED}, {"x25", SAVED}, {"x26", SAVED}, {"x27", SAVED}, {"x28", SAVED}, {"x29", PUSHED}, {"x30", PUSHED}, {"sp", STACK}};
static const struct reg vector_arm64[] = {
  {"q0", SAVED}, {"q1", SAVED}, {"q2", SAVED}, {"q3", SAVED}, {"q4", SAVED}, {"q5", SAVED}, {"q6", SAVED}, {"q7", SAVED},
  {"q8", SAVED}, {"q9", SAVED}, {"q10", SAVED}, {"q11", SAVED}, {"q12", SAVED}, {"q13", SAVED}, {"q14", SAVED}, {"q15", SAVED},
  {"q16", SAVED}, {"q17", SAVED}, {"q18", SAVED}, {"q19", SAVED}, {"q20", SAVED}, {"q21", SAVED}, {"q22", SAVED}, {"q23", SAVED},
  {"q24", SAVED}, {"q25", SAVED}, {"q26", SAVED}, {"q27", SAVED}, {"q28", SAVED}, {"q29", SAVED}, {"q30", SAVED}, {"q31", SAVED}};

#define SYSTEM(name) {ONE(name), .size = 8, .align = 8, \
  .save = "mrs x0, " name "\nstr x0, [sp, #{o}]", .restore = "ldr x0, [sp, #{o}]\nmsr " name ", x0"}
static const struct bank banks_arm64[] = {
  {BANK(int_arm64), .size = 8, .align = 8, .save = "str {r}, [sp, #{o}]", .restore = "ldr {r}, [sp, #{o}]",
   .save2 = "stp {r}, {q}, [sp, #{o}]", .restore2 = "ldp {r}, {q}, [sp, #{o}]"},
  SYSTEM("nzcv"), SYSTEM("fpcr"), SYSTEM("fpsr"),
  {BANK(vector_arm64), .size = 16, .align = 16, .save = "str {r}, [sp, #{o}]", .restore = "ldr {r}, [sp, #{o}]",
   .save2 = "stp {r}, {q}, [sp, #{o}]", .restore2 = "ldp {r}, {q}, [sp, #{o}]"},
};

/* A pair of vector registers reaches 1008 bytes far (the pairs of general registers, 504 bytes, come first). */
const struct isa isa_arm64 = {
  .convention = "Pushed call: sp is lowered by 16, the old x30 is at [sp], the resume address in x30.",
  .enter = ".cfi_def_cfa_offset 16\nstp x29, x30, [sp, #-16]!\n.cfi_def_cfa_offset 32\n.cfi_offset x29, -32\n.cfi_offset x30, -24\n"
           "mov x29, sp\n.cfi_def_cfa_register x29\nsub sp, sp, #{f}",
  .call = "bl toy_asyncPreempt2",
  .leave = "add sp, sp, #{f}\nldp x29, x18, [sp], #16\n.cfi_def_cfa sp, 16\nldr x30, [sp], #16\n.cfi_def_cfa_offset 0\n"
           ".cfi_register x30, x18\nret x18",
  .slot = 16, .record = 16, .align = 16, .reach = 1009, BANKS(banks_arm64),
};
