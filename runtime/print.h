/* print.h: text for standard error: a statement's worth of it is collected and written by one write(2). */
#ifndef TOY_RUNTIME_PRINT_H
#define TOY_RUNTIME_PRINT_H

#include <stddef.h>
#include <stdint.h>

#include "abi/type.h"

/* Starts in `local`; a longer text moves to libc's heap, so that it still leaves in one piece. */
struct outbuf {
  char *data;
  size_t len, cap;
  char local[512];
};

void out_init(struct outbuf *b);
void out_flush(struct outbuf *b); /* writes everything to fd 2, frees, leaves the buffer empty and usable */

void out_bytes(struct outbuf *b, const void *p, size_t n);
void out_cstr(struct outbuf *b, const char *s);
void out_str(struct outbuf *b, struct toy_str s);
void out_int(struct outbuf *b, int64_t v);
void out_uint(struct outbuf *b, uint64_t v);
void out_hex(struct outbuf *b, uint64_t v); /* 0x… */
void out_float64(struct outbuf *b, double v);
void out_float32(struct outbuf *b, float v);
void out_bool(struct outbuf *b, int v);

#endif
