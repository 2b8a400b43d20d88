/* s390x.c: z/Architecture, z14. Sources: s390x ELF ABI supplement 1.6 (registers; a caller provides 160 bytes at SP, of
 * which the first word is the back chain); z/Architecture Principles of Operation (INSERT PROGRAM MASK, SET PROGRAM
 * MASK, BRANCH INDIRECT ON CONDITION).
 *
 * The frame is made by a load-address, which leaves the condition code alone. SP is a multiple of 8. The low halves of v0-15
 * are the FP registers. The resume address is kept in the upper word of the pushed slot, and the final branch takes it from
 * there when SP is back in place: no register is given up. That instruction is the one reason for z14; on z13, which
 * has the vectors, a register would have to be kept from compiled code, and the code generator cannot do that.
 * The access registers hold the thread's address. */
#include "mkpreempt.h"

static const struct reg int_s390x[] = {
  {"%r0", SAVED}, {"%r1", SAVED}, {"%r2", SAVED}, {"%r3", SAVED}, {"%r4", SAVED}, {"%r5", SAVED}, {"%r6", SAVED}, {"%r7", SAVED},
  {"%r8", SAVED}, {"%r9", SAVED}, {"%r10", SAVED}, {"%r11", SAVED}, {"%r12", SAVED}, {"%r13", SAVED}, {"%r14", PUSHED}, {"%r15", STACK}};
static const struct reg vector_s390x[] = {
  {"%v0", SAVED}, {"%v1", SAVED}, {"%v2", SAVED}, {"%v3", SAVED}, {"%v4", SAVED}, {"%v5", SAVED}, {"%v6", SAVED}, {"%v7", SAVED},
  {"%v8", SAVED}, {"%v9", SAVED}, {"%v10", SAVED}, {"%v11", SAVED}, {"%v12", SAVED}, {"%v13", SAVED}, {"%v14", SAVED}, {"%v15", SAVED},
  {"%v16", SAVED}, {"%v17", SAVED}, {"%v18", SAVED}, {"%v19", SAVED}, {"%v20", SAVED}, {"%v21", SAVED}, {"%v22", SAVED}, {"%v23", SAVED},
  {"%v24", SAVED}, {"%v25", SAVED}, {"%v26", SAVED}, {"%v27", SAVED}, {"%v28", SAVED}, {"%v29", SAVED}, {"%v30", SAVED}, {"%v31", SAVED}};

/* The escape is DW_CFA_val_offset: the interrupted r15 is the CFA - 160, counted in units of the data alignment, -8. LLVM's
 * assembler has no word for it. */
static const struct bank banks_s390x[] = {
  {BANK(int_s390x), .size = 8, .align = 8, .save = "stg {r}, {o}(%r15)", .restore = "lg {r}, {o}(%r15)"},
  {ONE("condition code with program mask"), .size = 4, .align = 4, .save = "ipm %r0\nst %r0, {o}(%r15)",
   .restore = "l %r0, {o}(%r15)\nspm %r0"},
  {ONE("fpc"), .size = 4, .align = 4, .save = "stfpc {o}(%r15)", .restore = "lfpc {o}(%r15)"},
  {BANK(vector_s390x), .size = 16, .align = 8, .save = "vst {r}, {o}(%r15)", .restore = "vl {r}, {o}(%r15)"},
};

const struct isa isa_s390x = {
  .convention = "Pushed call: r15 is lowered by 16, the old r14 is at 0(r15), the resume address in r14.",
  .head = ".machine z14",
  .enter = ".cfi_def_cfa_offset 176\n.cfi_escape 0x14, 15, 20\nlay %r15, -{f}(%r15)\n.cfi_def_cfa_offset {f+176}\n"
           "stg %r14, {f+8}(%r15)\n.cfi_offset %r14, -168",
  .call = "la %r1, {f+16}(%r15)\nstg %r1, 0(%r15)\nbrasl %r14, toy_asyncPreempt2",
  .leave = "lg %r14, {f}(%r15)\nlay %r15, {f+16}(%r15)\n.cfi_def_cfa_offset 160\nbi -8(%r15)",
  .slot = 16, .bottom = 160, .align = 8, .reach = 4096, BANKS(banks_s390x),
};
