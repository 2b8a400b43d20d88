/* signals.h: see signal.c. (Not "signal.h", which is libc's.) */
#ifndef TOY_SIGNALS_H
#define TOY_SIGNALS_H

#include <stdint.h>

/* Ends the process as an unhandled SIGPIPE does. */
_Noreturn void die_of_sigpipe(void);

/* "SIGSEGV: segmentation violation" and the like; null for numbers without a row. */
const char *signame(uint32_t sig);

#endif
