/* util.h: memory, names and lists of the compiler; knows nothing of languages.
 *
 * Memory policy: everything a compilation makes lives in one arena and is never freed; the process ends soon.
 * Names are interned: equal names have equal addresses, compare them with ==.
 */
#ifndef TOY_UTIL_H
#define TOY_UTIL_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

void *arena_alloc(size_t bytes);                    /* zeroed, aligned to 16; dies with a message when memory is refused */
#define NEW(T) ((T *)arena_alloc(sizeof(T)))

const char *intern(const char *text, size_t length); /* NUL-terminated copy, one an equal text */
const char *intern_cstr(const char *text);
char *format(const char *fmt, ...) __attribute__((format(printf, 1, 2))); /* in the arena */
char *vformat(const char *fmt, va_list ap);

/* A typed growing list: DEFINE_LIST(ExprList, Expr *) then ExprList l = {0}; list_push(&l, e); l.v[i], l.n. */
#define DEFINE_LIST(NAME, T) typedef struct NAME { T *v; int n, cap; } NAME
#define list_push(L, ITEM)                                                                        \
  do {                                                                                            \
    if ((L)->n == (L)->cap) (L)->v = list_grow((L)->v, &(L)->cap, sizeof *(L)->v);                \
    (L)->v[(L)->n++] = (ITEM);                                                                    \
  } while (0)
void *list_grow(void *items, int *cap, size_t item_bytes); /* doubles *cap; the old array stays in the arena */

/* Internal errors: our bug, never the user's; names the place and aborts. */
_Noreturn void internal_error(const char *file, int line, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
#define unreachable_case(...) internal_error(__FILE__, __LINE__, __VA_ARGS__)
#define check_that(COND) ((COND) ? (void)0 : internal_error(__FILE__, __LINE__, "broken invariant: %s", #COND))

#endif
