/* panic.c: panics raised by C, and what is printed of a panic that nobody recovers.
 *
 * A runtime call that finds the program at fault (an index out of range, a closed channel) panics like any other code:
 * C makes the text and leaves g0, and the goroutine goes on in runtime.raise (stdlib/runtime/panic.toy), as if the
 * compiled code had called that instead. So the C body must hold nothing when it raises: no lock, no memory.
 *
 * The report is "panic: " and the value for each panic under way, oldest first, a blank line, the goroutine's frames;
 * then exit status 2. startpanic lets one thread through, so reports of two goroutines never mix; dopanic does the
 * rest.
 *
 * Values print as the newest Go prints them: an error by its Error method and a Stringer by its String method (Toy code
 * has asked them before: C cannot run Toy code), basic kinds by value, named ones wrapped in the type's name, all
 * others as (type) address. Continuation lines are indented by a tab, so that a text of several lines cannot be taken
 * for a goroutine header.
 */
#include "panic.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "print.h"
#include "rtcalls.h"
#include "runtime.h"

/* ---- raising */

void runtime_raise(int64_t kind, const char *text, int64_t len) __asm__("runtime.raise") __attribute__((weak));

/* Without Toy's library nothing can be deferred, so nothing recovered. */
static _Noreturn void report_text(const char *text, enum toy_raise kind) {
  struct outbuf b;
  startpanic();
  out_init(&b);
  out_cstr(&b, "panic: ");
  out_cstr(&b, kind <= TOY_RAISE_BOUNDS ? "runtime error: " : "");
  out_cstr(&b, text);
  out_cstr(&b, "\n");
  out_flush(&b);
  dopanic(toy_m->curg);
}

/* curg is in a runtime call, or about to return from a wait in one. Its context {…, rbp, return address} becomes one
 * that enters toy_raise with that return address on top of the stack: one word further down, which is room that every
 * runtime call has below its frame. The callee-saved registers carry the arguments; nobody returns to who had them. */
static _Noreturn void raise_text(enum toy_raise kind, const char *text) {
  G *gp = toy_m->curg;
  if (!runtime_raise || !gp)
    report_text(text, kind);
  size_t len = strlen(text);
  char *copy = mallocnoscan(len + 1, 1);
  memcpy(copy, text, len);
  uintptr_t *ctx = (uintptr_t *)(gp->sched.sp - 8);
  ctx[GOBUF_RBP / 8] = ctx[GOBUF_RBP / 8 + 1];
  ctx[GOBUF_PC / 8] = (uintptr_t)toy_raise;
  ctx[4] = kind; /* rbx, r12, r13 */
  ctx[3] = (uintptr_t)copy;
  ctx[2] = len;
  gp->sched = (struct gobuf){(uintptr_t)ctx, 0};
  toy_gogo(gp);
}

static _Noreturn void raisev(enum toy_raise kind, const char *fmt, va_list ap) {
  char text[512];
  vsnprintf(text, sizeof text, fmt, ap);
  raise_text(kind, text);
}

#define DEFINE_RAISE(name, kind)     \
  void name(const char *fmt, ...) {  \
    va_list ap;                      \
    va_start(ap, fmt);               \
    raisev(kind, fmt, ap);           \
  }
DEFINE_RAISE(panic_runtime_error, TOY_RAISE_ERROR)
DEFINE_RAISE(panic_plain, TOY_RAISE_PLAIN)
DEFINE_RAISE(panic_assertion, TOY_RAISE_ASSERT)
static void panic_bounds(const char *fmt, ...) __attribute__((format(printf, 1, 2), noreturn));
static DEFINE_RAISE(panic_bounds, TOY_RAISE_BOUNDS)

/* ---- values */

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

/* ---- the report */

/* Oldest first: the chain is turned round for good, since nobody runs on. */
static struct toy_panic *oldest_first(struct toy_panic *p) {
  struct toy_panic *done = NULL;
  while (p) {
    struct toy_panic *next = p->link;
    p->link = done;
    done = p;
    p = next;
  }
  return done;
}

static bool repanicked(const struct toy_panic *p) {
  return p->link && p->type == p->link->type && p->data == p->link->data;
}

static void out_panic(struct outbuf *b, const struct toy_panic *p) {
  out_cstr(b, "panic: ");
  if (p->asked) out_indented(b, p->text.ptr, (size_t)p->text.len);
  else out_value(b, p->type, p->data);
  if (p->recovered) out_cstr(b, repanicked(p) ? " [recovered, repanicked]" : " [recovered]");
  out_cstr(b, "\n");
}

/* A panic with the value of the one before it is that one, raised again: it is printed once. */
void printpanics(struct toy_panic *latest) {
  struct outbuf b;
  out_init(&b);
  const struct toy_panic *before = NULL;
  for (struct toy_panic *p = oldest_first(latest); p; before = p, p = p->link) {
    if (before && repanicked(before)) continue;
    if (before && !before->goexit) out_cstr(&b, "\t");
    if (!p->goexit) out_panic(&b, p);
  }
  out_flush(&b);
}

/* Most nil checks are the fault of the load itself (faultmap.h); then the signal belongs to the report, as in Go. */
static void print_signal(const G *gp) {
  if (gp->sigpc)
    rtprintf("[signal SIGSEGV: segmentation violation code=0x1 addr=0x%x pc=0x%lx]\n", gp->sigaddr,
             (unsigned long)gp->sigpc);
}

void rt_runtime_fatalpanic(void *latest) {
  G *gp = toy_m->curg;
  startpanic(); /* main's exit waits from here on */
  atomic_fetch_sub_explicit(&runningPanicDefers, 1, memory_order_release); /* after panicking: partner rt_maindone */
  printpanics(latest);
  print_signal(gp);
  dopanic(gp);
}

/* ---- indices and slices */

void rt_panicindex(int64_t index, int64_t len) {
  if (index < 0) panic_bounds("index out of range [%lld]", (long long)index);
  panic_bounds("index out of range [%lld] with length %lld", (long long)index, (long long)len);
}

void rt_panicindexu(int64_t index, int64_t len) {
  panic_bounds("index out of range [%llu] with length %lld", (unsigned long long)index, (long long)len);
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
  panic_bounds("slice bounds out of range %s", range);
}
#pragma GCC diagnostic pop

void rt_panicsliceconvert(int64_t have, int64_t want) {
  panic_bounds("cannot convert slice with length %lld to array or pointer to array with length %lld",
                      (long long)have, (long long)want);
}

/* ---- the others */

void rt_panicnil(void) { panic_runtime_error("invalid memory address or nil pointer dereference"); }
void rt_panicdivide(void) { panic_runtime_error("integer divide by zero"); }
void rt_panicshift(void) { panic_runtime_error("negative shift amount"); }

void rt_panicunwrap(const void *type, void *method, int64_t len) {
  const struct toy_str name = ((const struct toy_type *)type)->name;
  const char *dot = name.ptr + name.len;
  while (dot > name.ptr && dot[-1] != '.') dot--;
  int64_t package = dot - name.ptr;
  panic_plain("value method %.*s.%.*s called using nil *%.*s pointer", (int)name.len, name.ptr, (int)len,
              (const char *)method, (int)(name.len - package), name.ptr + package);
}
