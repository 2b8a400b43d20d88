/* arm.c: 32-bit ARM in ARM state, ARMv7-A with 32 double registers (NEON), or without floating point. Sources: AAPCS32; ARM
 * Architecture Reference Manual ARMv7-A, A2.3 (registers), B1.3.3 (program status).
 *
 * SP is a multiple of 4 at all times and of 8 at a call, so it is aligned for the call and found again by r11. The status
 * register is read and written as a whole byte pair: N Z C V Q and GE. A block of conditional Thumb instructions (IT) cannot
 * be gone back into: code compiled to Thumb must declare such blocks unsafe.
 *
 * The pushed slot has two words: the handler fills the lower with the link register, the routine the upper with the resume
 * address; at the end a load takes the program counter from there, and SP comes to its old value by the same instruction.
 * r11 and the resume address also make a frame record for whoever follows r11. */
#include "mkpreempt.h"

static const struct reg int_arm[] = {
  {"r0", SAVED}, {"r1", SAVED}, {"r2", SAVED}, {"r3", SAVED}, {"r4", SAVED}, {"r5", SAVED}, {"r6", SAVED}, {"r7", SAVED},
  {"r8", SAVED}, {"r9", SAVED}, {"r10", SAVED}, {"r11", PUSHED}, {"r12", SAVED}, {"r13", STACK}, {"r14", PUSHED}, {"r15", PUSHED}};
static const struct reg double_arm[] = {
  {"d0", SAVED}, {"d1", SAVED}, {"d2", SAVED}, {"d3", SAVED}, {"d4", SAVED}, {"d5", SAVED}, {"d6", SAVED}, {"d7", SAVED},
  {"d8", SAVED}, {"d9", SAVED}, {"d10", SAVED}, {"d11", SAVED}, {"d12", SAVED}, {"d13", SAVED}, {"d14", SAVED}, {"d15", SAVED},
  {"d16", SAVED}, {"d17", SAVED}, {"d18", SAVED}, {"d19", SAVED}, {"d20", SAVED}, {"d21", SAVED}, {"d22", SAVED}, {"d23", SAVED},
  {"d24", SAVED}, {"d25", SAVED}, {"d26", SAVED}, {"d27", SAVED}, {"d28", SAVED}, {"d29", SAVED}, {"d30", SAVED}, {"d31", SAVED}};

static const struct bank banks_arm[] = {
  {BANK(int_arm), .size = 4, .align = 4, .save = "str {r}, [sp, #{o}]", .restore = "ldr {r}, [sp, #{o}]"},
  {ONE("cpsr"), .size = 4, .align = 4, .save = "mrs r0, cpsr\nstr r0, [sp, #{o}]", .restore = "ldr r0, [sp, #{o}]\nmsr cpsr_fs, r0"},
  {ONE("fpscr"), .size = 4, .align = 4, .save = "vmrs r0, fpscr\nstr r0, [sp, #{o}]",
   .restore = "ldr r0, [sp, #{o}]\nvmsr fpscr, r0", .fp = true},
  {BANK(double_arm), .size = 8, .align = 4, .save = "vstr {r}, [sp, #{o}]", .restore = "vldr {r}, [sp, #{o}]", .fp = true},
};

/* vstr reaches 1020 bytes far. */
const struct isa isa_arm = {
  .convention = "Pushed call: sp is lowered by 8, the old lr is at [sp], the resume address in lr.",
  .fp_head = {".arch armv7-a\n.fpu neon", ".arch armv7-a\n.fpu softvfp"},
  .head = ".syntax unified\n.arm\n.cfi_sections .debug_frame",
  .enter = ".cfi_def_cfa_offset 8\nstr lr, [sp, #4]\npush {r11, lr}\n.cfi_def_cfa_offset 16\n.cfi_offset r11, -16\n.cfi_offset lr, -12\n"
           "mov r11, sp\n.cfi_def_cfa_register r11\nsub sp, sp, #{f}",
  .call = "bic sp, sp, #7\nbl toy_asyncPreempt2\nsub sp, r11, #{f}",
  .leave = "add sp, sp, #{f}\nldr r11, [sp], #8\n.cfi_def_cfa sp, 8\nldr lr, [sp], #4\n.cfi_def_cfa_offset 4\nldr pc, [sp], #4",
  .slot = 8, .record = 8, .pad = 4, .align = 4, .reach = 1021, BANKS(banks_arm),
};
