/* unit.h: checks of the C unit tests. A failing check is printed and counted; unit_end() gives the exit status. A test
 * that includes a runtime source instead of linking the runtime defines UNIT_ALONE first: then the few things that every
 * source asks of the runtime are here. */
#ifndef TOY_UNIT_H
#define TOY_UNIT_H

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

__attribute__((unused)) static const char *unit_case = "";
static int unit_failures;

#define CHECK(cond)                                                                        \
  do {                                                                                     \
    if (!(cond)) {                                                                         \
      unit_failures++;                                                                     \
      fprintf(stderr, "%s:%d: failed: %s [%s]\n", __FILE__, __LINE__, #cond, unit_case);   \
    }                                                                                      \
  } while (0)

#define CHECK_EQ(a, b)                                                                                    \
  do {                                                                                                    \
    int64_t unit_a = (int64_t)(a), unit_b = (int64_t)(b);                                                 \
    if (unit_a != unit_b) {                                                                               \
      unit_failures++;                                                                                    \
      fprintf(stderr, "%s:%d: %s is %" PRId64 ", not %" PRId64 " (%s) [%s]\n", __FILE__, __LINE__, #a, unit_a, \
              unit_b, #b, unit_case);                                                                     \
    }                                                                                                     \
  } while (0)

__attribute__((unused)) static int unit_end(void) {
  printf("%s\n", unit_failures ? "FAILED" : "ok");
  return unit_failures != 0;
}

/* The runtime gives nothing back that its tables need, and ends by _exit: leaks are not looked for. */
const char *__asan_default_options(void);
__attribute__((weak)) const char *__asan_default_options(void) { return "detect_leaks=0"; }

#ifdef UNIT_ALONE
/* CHECK_THROWS(call, "part of the text") */
static jmp_buf unit_throw_to;
static bool unit_throw_expected;
static char unit_thrown[512];

_Noreturn void throwf(const char *fmt, ...) {
  va_list ap;
  va_start(ap, fmt);
  vsnprintf(unit_thrown, sizeof unit_thrown, fmt, ap);
  va_end(ap);
  if (unit_throw_expected)
    longjmp(unit_throw_to, 1);
  fprintf(stderr, "unexpected throw: %s\n", unit_thrown);
  exit(1);
}
_Noreturn void throw(const char *text) { throwf("%s", text); }

#define CHECK_THROWS(call, part)                                                                  \
  do {                                                                                            \
    unit_throw_expected = true;                                                                   \
    if (!setjmp(unit_throw_to)) {                                                                 \
      call;                                                                                       \
      strcpy(unit_thrown, "nothing");                                                             \
    }                                                                                             \
    unit_throw_expected = false;                                                                  \
    if (!strstr(unit_thrown, part)) {                                                             \
      unit_failures++;                                                                            \
      fprintf(stderr, "%s:%d: threw \"%s\", not \"%s\"\n", __FILE__, __LINE__, unit_thrown, part); \
    }                                                                                             \
  } while (0)

void *persistentalloc(size_t bytes, size_t align) {
  void *p = aligned_alloc(align, (bytes + align - 1) / align * align + align);
  if (!p)
    abort();
  return memset(p, 0, bytes);
}
#endif
#endif
