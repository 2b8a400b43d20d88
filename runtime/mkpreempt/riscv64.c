/* riscv64.c: RISC-V, rv64gc. Sources: RISC-V ELF psABI (register conventions; SP is a multiple of 16 throughout
 * a procedure); RISC-V unprivileged specification, chapters on F and D (fcsr).
 *
 * There is no jump that leaves all registers alone, and no register that compilers never use. Code for this runtime is
 * compiled with the feature reserve-x31: of the temporaries, which cost nothing to keep free across calls, the last.
 * gp would cost less, but the linker and the C start-up code already have a use for it. s0 (x8) and the resume address
 * lie where a frame keeps them, for whoever follows x8. */
#include "mkpreempt.h"

static const struct reg int_riscv64[] = {
  {"x0", CONSTANT}, {"x1", PUSHED}, {"x2", STACK}, {"x3", CONSTANT}, {"x4", THREAD}, {"x5", SAVED}, {"x6", SAVED}, {"x7", SAVED},
  {"x8", PUSHED}, {"x9", SAVED}, {"x10", SAVED}, {"x11", SAVED}, {"x12", SAVED}, {"x13", SAVED}, {"x14", SAVED}, {"x15", SAVED},
  {"x16", SAVED}, {"x17", SAVED}, {"x18", SAVED}, {"x19", SAVED}, {"x20", SAVED}, {"x21", SAVED}, {"x22", SAVED}, {"x23", SAVED},
  {"x24", SAVED}, {"x25", SAVED}, {"x26", SAVED}, {"x27", SAVED}, {"x28", SAVED}, {"x29", SAVED}, {"x30", SAVED}, {"x31", JUMP}};
static const struct reg fp_riscv64[] = {
  {"f0", SAVED}, {"f1", SAVED}, {"f2", SAVED}, {"f3", SAVED}, {"f4", SAVED}, {"f5", SAVED}, {"f6", SAVED}, {"f7", SAVED},
  {"f8", SAVED}, {"f9", SAVED}, {"f10", SAVED}, {"f11", SAVED}, {"f12", SAVED}, {"f13", SAVED}, {"f14", SAVED}, {"f15", SAVED},
  {"f16", SAVED}, {"f17", SAVED}, {"f18", SAVED}, {"f19", SAVED}, {"f20", SAVED}, {"f21", SAVED}, {"f22", SAVED}, {"f23", SAVED},
  {"f24", SAVED}, {"f25", SAVED}, {"f26", SAVED}, {"f27", SAVED}, {"f28", SAVED}, {"f29", SAVED}, {"f30", SAVED}, {"f31", SAVED}};

static const struct bank banks_riscv64[] = {
  {BANK(int_riscv64), .size = 8, .align = 8, .save = "sd {r}, {o}(x2)", .restore = "ld {r}, {o}(x2)"},
  {ONE("fcsr"), .size = 8, .align = 8, .save = "frcsr x5\nsd x5, {o}(x2)", .restore = "ld x5, {o}(x2)\nfscsr x5"},
  {BANK(fp_riscv64), .size = 8, .align = 8, .save = "fsd {r}, {o}(x2)", .restore = "fld {r}, {o}(x2)"},
};

const struct isa isa_riscv64 = {
  .convention = "Pushed call: x2 is lowered by 16, the old x1 is at 0(x2), the resume address in x1.",
  .enter = ".cfi_def_cfa_offset 16\naddi x2, x2, -16\n.cfi_def_cfa_offset 32\nsd x1, 8(x2)\n.cfi_offset x1, -24\n"
           "sd x8, 0(x2)\n.cfi_offset x8, -32\naddi x8, x2, 16\n.cfi_def_cfa x8, 16\naddi x2, x2, -{f}",
  .call = "call toy_asyncPreempt2",
  .leave = "addi x2, x2, {f}\n.cfi_def_cfa x2, 32\nld x31, 8(x2)\nld x8, 0(x2)\nld x1, 16(x2)\naddi x2, x2, 32\n"
           ".cfi_def_cfa_offset 0\n.cfi_register x1, x31\njr x31",
  .slot = 16, .record = 16, .align = 16, .reach = 2048, BANKS(banks_riscv64),
};
