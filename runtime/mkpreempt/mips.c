/* mips.c: MIPS of both widths and byte orders, release 2 (not 6, which has no HI and LO). Sources: System V ABI, MIPS supplement
 * (o32); MIPSpro N32/N64 ABI handbook; MIPS32/MIPS64 Architecture volumes I and II.
 *
 * o32's even-odd pairs of 32 single registers (FR=0) hold all that its code uses. k0 and k1 are the kernel's, who changes
 * them at any trap; they cannot even carry the resume address. A branch's delay slot runs before the branch takes
 * effect but behind the reading of its register: so the jump goes by $31 while its delay slot loads the interrupted $31, from
 * just below SP. A trap in the delay slot restarts at the jump, when $31 is not loaded yet.
 *
 * The callee may be position-independent and finds its global pointer by $25. o32's callee may write into 16 bytes at SP.
 * HI, LO and the FP status with its condition codes go by $2, so they stand behind the general registers. */
#include "mkpreempt.h"

static const struct reg int_mips[] = {
  {"$0", CONSTANT}, {"$1", SAVED}, {"$2", SAVED}, {"$3", SAVED}, {"$4", SAVED}, {"$5", SAVED}, {"$6", SAVED}, {"$7", SAVED},
  {"$8", SAVED}, {"$9", SAVED}, {"$10", SAVED}, {"$11", SAVED}, {"$12", SAVED}, {"$13", SAVED}, {"$14", SAVED}, {"$15", SAVED},
  {"$16", SAVED}, {"$17", SAVED}, {"$18", SAVED}, {"$19", SAVED}, {"$20", SAVED}, {"$21", SAVED}, {"$22", SAVED}, {"$23", SAVED},
  {"$24", SAVED}, {"$25", SAVED}, {"$26", KERNEL}, {"$27", KERNEL}, {"$28", SAVED}, {"$29", STACK}, {"$30", SAVED}, {"$31", PUSHED}};
static const struct reg fp_mips[] = {
  {"$f0", SAVED}, {"$f1", SAVED}, {"$f2", SAVED}, {"$f3", SAVED}, {"$f4", SAVED}, {"$f5", SAVED}, {"$f6", SAVED}, {"$f7", SAVED},
  {"$f8", SAVED}, {"$f9", SAVED}, {"$f10", SAVED}, {"$f11", SAVED}, {"$f12", SAVED}, {"$f13", SAVED}, {"$f14", SAVED}, {"$f15", SAVED},
  {"$f16", SAVED}, {"$f17", SAVED}, {"$f18", SAVED}, {"$f19", SAVED}, {"$f20", SAVED}, {"$f21", SAVED}, {"$f22", SAVED}, {"$f23", SAVED},
  {"$f24", SAVED}, {"$f25", SAVED}, {"$f26", SAVED}, {"$f27", SAVED}, {"$f28", SAVED}, {"$f29", SAVED}, {"$f30", SAVED}, {"$f31", SAVED}};

/* s, l: store and load a general register; w: its bytes. */
#define MIPS_BANKS(s, l, sf, lf, w) { \
  {BANK(int_mips), .size = w, .align = w, .save = s " {r}, {o}($29)", .restore = l " {r}, {o}($29)"}, \
  {ONE("hi"), .size = w, .align = w, .save = "mfhi $2\n" s " $2, {o}($29)", .restore = l " $2, {o}($29)\nmthi $2"}, \
  {ONE("lo"), .size = w, .align = w, .save = "mflo $2\n" s " $2, {o}($29)", .restore = l " $2, {o}($29)\nmtlo $2"}, \
  {ONE("fcsr"), .size = w, .align = w, .save = "cfc1 $2, $31\n" s " $2, {o}($29)", .restore = l " $2, {o}($29)\nctc1 $2, $31", \
   .fp = true}, \
  {BANK(fp_mips), .size = w, .align = w, .save = sf " {r}, {o}($29)", .restore = lf " {r}, {o}($29)", .fp = true}}

static const struct bank banks_mips[] = MIPS_BANKS("sw", "lw", "swc1", "lwc1", 4);
static const struct bank banks_mips64[] = MIPS_BANKS("sd", "ld", "sdc1", "ldc1", 8);

#define MIPS_HEAD ".option pic0\n.set noreorder\n.set noat\n.set nomacro"

const struct isa isa_mips = {
  .convention = "Pushed call: $29 is lowered by 8, the old $31 is at 0($29), the resume address in $31.",
  .fp_head = {".module fp=32", ".module softfloat"},
  .head = MIPS_HEAD,
  .enter = ".cfi_def_cfa_offset 8\naddiu $29, $29, -{f}\n.cfi_def_cfa_offset {f+8}\nsw $31, {f+4}($29)\n.cfi_offset 31, -4",
  .call = "lui $25, %hi(toy_asyncPreempt2)\naddiu $25, $25, %lo(toy_asyncPreempt2)\njalr $25\nnop",
  .leave = "lw $31, {f+4}($29)\naddiu $29, $29, {f+8}\n.cfi_def_cfa_offset 0\njr $31\nlw $31, -8($29)",
  .slot = 8, .bottom = 16, .align = 8, .reach = 1 << 15, BANKS(banks_mips),
};

const struct isa isa_mips64 = {
  .convention = "Pushed call: $29 is lowered by 16, the old $31 is at 0($29), the resume address in $31.",
  .fp_head = {NULL, ".module softfloat"},
  .head = MIPS_HEAD,
  .enter = ".cfi_def_cfa_offset 16\ndaddiu $29, $29, -{f}\n.cfi_def_cfa_offset {f+16}\nsd $31, {f+8}($29)\n.cfi_offset 31, -8",
  .call = "lui $25, %highest(toy_asyncPreempt2)\ndaddiu $25, $25, %higher(toy_asyncPreempt2)\ndsll $25, $25, 16\n"
          "daddiu $25, $25, %hi(toy_asyncPreempt2)\ndsll $25, $25, 16\ndaddiu $25, $25, %lo(toy_asyncPreempt2)\njalr $25\nnop",
  .leave = "ld $31, {f+8}($29)\ndaddiu $29, $29, {f+16}\n.cfi_def_cfa_offset 0\njr $31\nld $31, -16($29)",
  .slot = 16, .align = 16, .reach = 1 << 15, BANKS(banks_mips64),
};
