/* loong64.c: LoongArch LA64 with double floats. Sources: LoongArch ELF psABI (register usage); LoongArch Reference
 * Manual volume 1, 3.1 (FP registers, condition flags, FCSR0, of which FCSR1-3 are parts).
 *
 * The ABI reserves r21: compiled code does not touch it, so it carries the resume address and nothing is lost. r22 and
 * the resume address lie where a frame keeps them, for whoever follows r22. SP is always a multiple of 16. */
#include "mkpreempt.h"

static const struct reg int_loong64[] = {
  {"$r0", CONSTANT}, {"$r1", PUSHED}, {"$r2", THREAD}, {"$r3", STACK}, {"$r4", SAVED}, {"$r5", SAVED}, {"$r6", SAVED}, {"$r7", SAVED},
  {"$r8", SAVED}, {"$r9", SAVED}, {"$r10", SAVED}, {"$r11", SAVED}, {"$r12", SAVED}, {"$r13", SAVED}, {"$r14", SAVED}, {"$r15", SAVED},
  {"$r16", SAVED}, {"$r17", SAVED}, {"$r18", SAVED}, {"$r19", SAVED}, {"$r20", SAVED}, {"$r21", JUMP}, {"$r22", PUSHED}, {"$r23", SAVED},
  {"$r24", SAVED}, {"$r25", SAVED}, {"$r26", SAVED}, {"$r27", SAVED}, {"$r28", SAVED}, {"$r29", SAVED}, {"$r30", SAVED}, {"$r31", SAVED}};
static const struct reg fp_loong64[] = {
  {"$f0", SAVED}, {"$f1", SAVED}, {"$f2", SAVED}, {"$f3", SAVED}, {"$f4", SAVED}, {"$f5", SAVED}, {"$f6", SAVED}, {"$f7", SAVED},
  {"$f8", SAVED}, {"$f9", SAVED}, {"$f10", SAVED}, {"$f11", SAVED}, {"$f12", SAVED}, {"$f13", SAVED}, {"$f14", SAVED}, {"$f15", SAVED},
  {"$f16", SAVED}, {"$f17", SAVED}, {"$f18", SAVED}, {"$f19", SAVED}, {"$f20", SAVED}, {"$f21", SAVED}, {"$f22", SAVED}, {"$f23", SAVED},
  {"$f24", SAVED}, {"$f25", SAVED}, {"$f26", SAVED}, {"$f27", SAVED}, {"$f28", SAVED}, {"$f29", SAVED}, {"$f30", SAVED}, {"$f31", SAVED}};
static const struct reg cond_loong64[] = {
  {"$fcc0", SAVED}, {"$fcc1", SAVED}, {"$fcc2", SAVED}, {"$fcc3", SAVED},
  {"$fcc4", SAVED}, {"$fcc5", SAVED}, {"$fcc6", SAVED}, {"$fcc7", SAVED}};

static const struct bank banks_loong64[] = {
  {BANK(int_loong64), .size = 8, .align = 8, .save = "st.d {r}, $r3, {o}", .restore = "ld.d {r}, $r3, {o}"},
  {BANK(fp_loong64), .size = 8, .align = 8, .save = "fst.d {r}, $r3, {o}", .restore = "fld.d {r}, $r3, {o}"},
  {ONE("$fcsr0"), .size = 4, .align = 4, .save = "movfcsr2gr $r12, $fcsr0\nst.w $r12, $r3, {o}",
   .restore = "ld.w $r12, $r3, {o}\nmovgr2fcsr $fcsr0, $r12"},
  {BANK(cond_loong64), .size = 1, .align = 1, .save = "movcf2gr $r12, {r}\nst.b $r12, $r3, {o}",
   .restore = "ld.bu $r12, $r3, {o}\nmovgr2cf {r}, $r12"},
};

const struct isa isa_loong64 = {
  .convention = "Pushed call: $r3 is lowered by 16, the old $r1 is at $r3 + 0, the resume address in $r1.",
  .enter = ".cfi_def_cfa_offset 16\naddi.d $r3, $r3, -16\n.cfi_def_cfa_offset 32\nst.d $r1, $r3, 8\n.cfi_offset 1, -24\n"
           "st.d $r22, $r3, 0\n.cfi_offset 22, -32\naddi.d $r22, $r3, 16\n.cfi_def_cfa 22, 16\naddi.d $r3, $r3, -{f}",
  .call = "bl toy_asyncPreempt2",
  .leave = "addi.d $r3, $r3, {f}\n.cfi_def_cfa 3, 32\nld.d $r21, $r3, 8\nld.d $r22, $r3, 0\nld.d $r1, $r3, 16\n"
           "addi.d $r3, $r3, 32\n.cfi_def_cfa_offset 0\n.cfi_register 1, 21\njirl $r0, $r21, 0",
  .slot = 16, .record = 16, .align = 16, .reach = 2048, BANKS(banks_loong64),
};
