/* print.c: print and println, and the text buffer they share with panic.c.
 *
 * Compiled code evaluates all operands of a print statement first, stores them as cells (abi/type.h) and calls toy_print
 * once. The whole statement is formatted into one buffer and leaves by one write(2), so lines of several goroutines do
 * not mix in a pipe or file opened for appending, and no lock is held over a write that may block.
 *
 * Numbers look as the newest Go prints them: floats in the fewest digits that read back as the same value. libc finds
 * those by trial (up to 17 conversions): print is for debugging, exact in a dozen lines beats fast in three hundred.
 *
 * Rejected: stdio on fd 2 (a lock that Toy's threads would block on, and a buffer that abort loses).
 */
#include "print.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "rtcalls.h"
#include "runtime.h"

/* ---- the buffer */

void out_init(struct outbuf *b) {
  b->data = b->local;
  b->len = 0;
  b->cap = sizeof b->local;
}

void out_flush(struct outbuf *b) {
  os_write(STDERR_FILENO, b->data, b->len);
  if (b->data != b->local) free(b->data);
  out_init(b);
}

/* Room for n more bytes. When libc has no memory either, what is collected is written early: order is kept, only the
 * single write is lost. Returns 0 when n bytes fit in no buffer of ours. */
static int out_room(struct outbuf *b, size_t n) {
  if (n <= b->cap - b->len) return 1;
  size_t cap = b->cap * 2;
  while (cap - b->len < n) cap *= 2;
  char *data = b->data == b->local ? malloc(cap) : realloc(b->data, cap);
  if (!data) {
    out_flush(b);
    return n <= b->cap;
  }
  if (b->data == b->local) memcpy(data, b->local, b->len);
  b->data = data;
  b->cap = cap;
  return 1;
}

void out_bytes(struct outbuf *b, const void *p, size_t n) {
  if (n == 0) return;
  if (!out_room(b, n)) {
    os_write(STDERR_FILENO, p, n);
    return;
  }
  memcpy(b->data + b->len, p, n);
  b->len += n;
}

void out_cstr(struct outbuf *b, const char *s) { out_bytes(b, s, strlen(s)); }
void out_str(struct outbuf *b, struct toy_str s) { out_bytes(b, s.ptr, (size_t)s.len); }
void out_bool(struct outbuf *b, int v) { out_cstr(b, v ? "true" : "false"); }

/* ---- numbers */

static void out_base(struct outbuf *b, uint64_t v, unsigned base) {
  char digits[20];
  size_t i = sizeof digits;
  do {
    digits[--i] = "0123456789abcdef"[v % base];
    v /= base;
  } while (v);
  out_bytes(b, digits + i, sizeof digits - i);
}

void out_uint(struct outbuf *b, uint64_t v) { out_base(b, v, 10); }

void out_int(struct outbuf *b, int64_t v) {
  if (v < 0) out_bytes(b, "-", 1);
  out_base(b, v < 0 ? -(uint64_t)v : (uint64_t)v, 10);
}

void out_hex(struct outbuf *b, uint64_t v) {
  out_bytes(b, "0x", 2);
  out_base(b, v, 16);
}

/* The fewest significant digits that read back as v, in %e form: d.ddde±XX. `single`: read back as a float. */
static void shortest(char *text, size_t cap, double v, int single) {
  for (int digits = 0; digits < 17; digits++) {
    snprintf(text, cap, "%.*e", digits, v);
    if (single ? strtof(text, NULL) == (float)v : strtod(text, NULL) == v) return;
  }
}

/* Plain digits while the exponent is -4 to 5, else d.ddde±XX: the rule of %g at its default precision, but no digit is
 * ever dropped. */
static void out_float(struct outbuf *b, double v, int single) {
  if (isnan(v)) return out_cstr(b, "NaN");
  if (isinf(v)) return out_cstr(b, v > 0 ? "+Inf" : "-Inf");
  char text[40];
  shortest(text, sizeof text, v, single);
  char *mark = strchr(text, 'e'), *point = strchr(text, '.');
  int exponent = atoi(mark + 1);
  if (exponent >= -4 && exponent < 6) {
    int digits = point ? (int)(mark - point) - 1 : 0;
    snprintf(text, sizeof text, "%.*f", digits > exponent ? digits - exponent : 0, v);
  }
  out_cstr(b, text);
}

void out_float64(struct outbuf *b, double v) { out_float(b, v, 0); }
void out_float32(struct outbuf *b, float v) { out_float(b, (double)v, 1); }

/* ---- the statement */

static double bits_float64(int64_t n) {
  double v;
  memcpy(&v, &n, sizeof v);
  return v;
}

static float bits_float32(int64_t n) {
  float v;
  memcpy(&v, &n, sizeof v);
  return v;
}

/* Formats one cell and says how many cells it took. */
static int64_t out_cell(struct outbuf *b, const struct toy_printcell *c) {
  switch ((enum toy_print_kind)c->kind) {
  case TOY_PRINT_BOOL: out_bool(b, c->n != 0); return 1;
  case TOY_PRINT_INT: out_int(b, c->n); return 1;
  case TOY_PRINT_UINT: out_uint(b, (uint64_t)c->n); return 1;
  case TOY_PRINT_FLOAT: out_float64(b, bits_float64(c->n)); return 1;
  case TOY_PRINT_FLOAT32: out_float32(b, bits_float32(c->n)); return 1;
  case TOY_PRINT_STRING: out_bytes(b, c->p, (size_t)c->n); return 1;
  case TOY_PRINT_POINTER: out_hex(b, (uintptr_t)c->p); return 1;
  case TOY_PRINT_SPACE: out_cstr(b, " "); return 1;
  case TOY_PRINT_NEWLINE: out_cstr(b, "\n"); return 1;
  case TOY_PRINT_EFACE:
    out_cstr(b, "(");
    out_hex(b, (uint64_t)c->n);
    out_cstr(b, ",");
    out_hex(b, (uintptr_t)c->p);
    out_cstr(b, ")");
    return 1;
  case TOY_PRINT_SLICE:
    out_cstr(b, "[");
    out_int(b, c[0].n);
    out_cstr(b, "/");
    out_int(b, c[1].n);
    out_cstr(b, "]");
    out_hex(b, (uintptr_t)c->p);
    return 2;
  }
  throw("print: unknown kind of cell");
}

void rt_print(void *cells, int64_t n) {
  struct outbuf b;
  out_init(&b);
  const struct toy_printcell *c = cells;
  for (int64_t i = 0; i < n;) i += out_cell(&b, &c[i]);
  out_flush(&b);
}
