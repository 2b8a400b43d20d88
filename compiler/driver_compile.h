/* driver_compile.h: what `toy run` needs of the compilation. */
#ifndef TOY_DRIVER_COMPILE_H
#define TOY_DRIVER_COMPILE_H

#include "driver.h"
#include "package.h"

bool compile_load(const Options *options, Program *program); /* parsed; false: see compile_failed() */
bool compile_program(const Options *options, const Program *program, const char *output);
int compile_failed(void);                                    /* prints the diagnostics; the exit status */

#endif
