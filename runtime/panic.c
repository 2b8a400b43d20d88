/* panic.c: the panics of the language: what is printed for each.
 *
 * A panic is one report on standard error: "panic: " and the value, a blank line, the goroutine's frames; then exit
 * status 2. startpanic lets one thread through, so reports of two goroutines never mix; dopanic does the rest.
 *
 * Values print as the newest Go prints them: an error by its Error method and a Stringer by its String method (the
 * compiler calls the method before it calls toy_gopanic: C cannot run Toy code), basic kinds by value, named ones
 * wrapped in the type's name, all others as (type) address. Continuation lines are indented by a tab, so that a text of
 * several lines cannot be taken for a goroutine header.
 */
#include "panic.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "print.h"
#include "rtcalls.h"
#include "runtime.h"

static _Noreturn void finish(struct outbuf *b) {
  out_cstr(b, "\n");
  out_flush(b);
  dopanic(toy_m->curg);
}

static void begin(struct outbuf *b) {
  startpanic();
  out_init(b);
  out_cstr(b, "panic: ");
}

static _Noreturn void panicv(const char *prefix, const char *fmt, va_list ap) {
  struct outbuf b;
  begin(&b);
  out_cstr(&b, prefix);
  char text[512];
  vsnprintf(text, sizeof text, fmt, ap);
  out_cstr(&b, text);
  finish(&b);
}

void panic_runtime_error(const char *fmt, ...) {
  va_list ap;
  va_start(ap, fmt);
  panicv("runtime error: ", fmt, ap);
}

void panic_plain(const char *fmt, ...) {
  va_list ap;
  va_start(ap, fmt);
  panicv("", fmt, ap);
}

/* ---- panic(v) */

static void out_indented(struct outbuf *b, const char *s, size_t n) {
  for (const char *end = s + n; s < end;) {
    const char *nl = memchr(s, '\n', (size_t)(end - s));
    const char *stop = nl ? nl + 1 : end;
    out_bytes(b, s, (size_t)(stop - s));
    if (nl) out_cstr(b, "\t");
    s = stop;
  }
}

static int64_t load_int(const void *p, size_t size) {
  switch (size) {
  case 1: return *(const int8_t *)p;
  case 2: return *(const int16_t *)p;
  case 4: return *(const int32_t *)p;
  default: return *(const int64_t *)p;
  }
}

static uint64_t load_uint(const void *p, size_t size) {
  uint64_t v = 0;
  memcpy(&v, p, size); /* little-endian */
  return v;
}

/* Named by the program: the universe's own types have no package before their name. */
static bool is_named(const struct toy_type *t) { return memchr(t->name.ptr, '.', (size_t)t->name.len); }

static void out_string_value(struct outbuf *b, const struct toy_type *t, const struct toy_str *s) {
  const char *quote = is_named(t) ? "\"" : "";
  out_cstr(b, quote);
  out_indented(b, s->ptr, (size_t)s->len);
  out_cstr(b, quote);
}

/* The value of a basic kind, without its type; false: not a basic kind. */
static bool out_basic(struct outbuf *b, const struct toy_type *t, const void *p) {
  switch ((enum toy_kind)t->kind) {
  case TOY_KIND_BOOL: out_bool(b, *(const uint8_t *)p); return true;
  case TOY_KIND_INT: case TOY_KIND_INT8: case TOY_KIND_INT16: case TOY_KIND_INT32: case TOY_KIND_INT64:
    out_int(b, load_int(p, (size_t)t->size));
    return true;
  case TOY_KIND_UINT: case TOY_KIND_UINT8: case TOY_KIND_UINT16: case TOY_KIND_UINT32: case TOY_KIND_UINT64:
  case TOY_KIND_UINTPTR:
    out_uint(b, load_uint(p, (size_t)t->size));
    return true;
  case TOY_KIND_FLOAT32: out_float32(b, *(const float *)p); return true;
  case TOY_KIND_FLOAT64: out_float64(b, *(const double *)p); return true;
  case TOY_KIND_STRING: out_string_value(b, t, p); return true;
  default: return false;
  }
}

static bool is_basic(const struct toy_type *t) {
  return (t->kind >= TOY_KIND_BOOL && t->kind <= TOY_KIND_FLOAT64) || t->kind == TOY_KIND_STRING;
}

static void out_value(struct outbuf *b, const struct toy_type *t, const void *data) {
  bool named = is_named(t);
  if (!is_basic(t)) {
    out_cstr(b, "(");
    out_str(b, t->name);
    out_cstr(b, ") ");
    out_hex(b, (uintptr_t)data);
    return;
  }
  if (named) {
    out_str(b, t->name);
    out_cstr(b, "(");
  }
  out_basic(b, t, data);
  if (named) out_cstr(b, ")");
}

void rt_gopanic(const void *type, void *data, void *text, int64_t len) {
  struct outbuf b;
  begin(&b);
  if (!type) out_cstr(&b, "panic called with nil argument");
  else if (text) out_indented(&b, text, (size_t)len);
  else out_value(&b, type, data);
  finish(&b);
}

/* ---- indices and slices */

void rt_panicindex(int64_t index, int64_t len) {
  if (index < 0) panic_runtime_error("index out of range [%lld]", (long long)index);
  panic_runtime_error("index out of range [%lld] with length %lld", (long long)index, (long long)len);
}

void rt_panicindexu(int64_t index, int64_t len) {
  panic_runtime_error("index out of range [%llu] with length %lld", (unsigned long long)index, (long long)len);
}

/* x is what was out of range, y what it was compared with. A negative x needs no y to be understood. */
static const struct { const char *text, *negative; } slice_text[] = {
  [TOY_SLICE_ALEN] = {"[:%lld] with length %lld", "[:%lld]"},
  [TOY_SLICE_ACAP] = {"[:%lld] with capacity %lld", "[:%lld]"},
  [TOY_SLICE_B] = {"[%lld:%lld]", "[%lld:]"},
  [TOY_SLICE3_ALEN] = {"[::%lld] with length %lld", "[::%lld]"},
  [TOY_SLICE3_ACAP] = {"[::%lld] with capacity %lld", "[::%lld]"},
  [TOY_SLICE3_B] = {"[:%lld:%lld]", "[:%lld:]"},
  [TOY_SLICE3_C] = {"[%lld:%lld:]", "[%lld::]"},
};

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
void rt_panicslice(int64_t code, int64_t x, int64_t y) {
  if (code < 0 || code >= (int64_t)nelem(slice_text)) throw("panicslice: unknown code");
  char range[96];
  snprintf(range, sizeof range, x < 0 ? slice_text[code].negative : slice_text[code].text, (long long)x, (long long)y);
  panic_runtime_error("slice bounds out of range %s", range);
}
#pragma GCC diagnostic pop

void rt_panicsliceconvert(int64_t have, int64_t want) {
  panic_runtime_error("cannot convert slice with length %lld to array or pointer to array with length %lld",
                      (long long)have, (long long)want);
}

/* ---- the others */

/* Most nil checks are the fault of the load itself (faultmap.h); then the signal belongs to the text, as in Go. */
void rt_panicnil(void) {
  const G *gp = toy_m->curg;
  if (!gp->sigpc) panic_runtime_error("invalid memory address or nil pointer dereference");
  panic_runtime_error("invalid memory address or nil pointer dereference\n"
                      "[signal SIGSEGV: segmentation violation code=0x1 addr=0x%x pc=0x%lx]",
                      gp->sigaddr, (unsigned long)gp->sigpc);
}
void rt_panicdivide(void) { panic_runtime_error("integer divide by zero"); }
void rt_panicshift(void) { panic_runtime_error("negative shift amount"); }

void rt_panicunwrap(const void *type) {
  const struct toy_type *t = type;
  panic_plain("value method called through a nil *%.*s pointer", (int)t->name.len, t->name.ptr);
}
