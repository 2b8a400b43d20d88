/* emit.h: one stage of one module, printed or written. */
#ifndef TOY_EMIT_H
#define TOY_EMIT_H

#include "driver.h"

/* Runs the back end as far as options->emit needs (an object file if EMIT_NONE), then prints or writes to -o. Returns
 * the exit status; `source` is what a message about broken IR names. */
int emit_module(LLVMModuleRef module, const Options *options, const char *source);

#endif
