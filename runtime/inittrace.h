/* inittrace.h: the trace of package initialisation (inittrace.c). */
#ifndef TOY_RUNTIME_INITTRACE_H
#define TOY_RUNTIME_INITTRACE_H

#include <stdint.h>

struct outbuf;

void inittrace_init(void);                    /* the first goroutine is about to start */
void out_ms(struct outbuf *b, uint64_t ns);   /* nanoseconds as milliseconds, as Go writes them */

#endif
