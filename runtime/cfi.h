/* cfi.h: call-frame information, read without allocation; safe in a signal handler. */
#ifndef TOY_CFI_H
#define TOY_CFI_H

#include <stdbool.h>
#include <stdint.h>

enum { CFI_REG_BP = 6, CFI_REG_SP = 7, CFI_REG_NONE = -1 };

/* Where the canonical frame address is: register + offset, or CFI_REG_NONE when the tables do not say it so. */
struct cfi_cfa { int64_t reg, offset; };

/* Finds .eh_frame_hdr of the running program, once, before the first signal. Throws if there is none. */
void cfi_init(void);

/* The CFA rule at pc. False if no FDE covers pc or its program uses what this decoder does not know. */
bool cfi_cfa_at(uintptr_t pc, struct cfi_cfa *cfa);

/* Is the frame of the function at pc complete: CFA = rbp + 16? */
bool cfi_frame_complete(uintptr_t pc);

/* The parts, for tests: look an FDE up in a given .eh_frame_hdr, run the FDE's program up to pc. */
const uint8_t *cfi_find_fde(const uint8_t *hdr, uintptr_t pc);
bool cfi_run_fde(const uint8_t *fde, uintptr_t pc, struct cfi_cfa *cfa);

#endif
