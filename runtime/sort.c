/* sort.c: what sort.Slice must know of a slice of any type: where its elements are and how large, and how to exchange two.
 *
 * Both run on the goroutine's stack. Words are exchanged whole, so that a pointer is never seen in halves.
 */
#include <string.h>

#include "abi/type.h"
#include "rtcalls.h"

struct elements { void *first; int64_t n, size; };
struct slice { void *array; int64_t len, cap; };

int64_t toy_sort_describe(const void *type, void *data, void *out) {
  const struct toy_type *t = type;
  if (!t) return TOY_KIND_INVALID;
  if (t->kind == TOY_KIND_SLICE) {
    const struct slice *s = data;
    *(struct elements *)out = (struct elements){s->array, s->len, t->elem->size};
  }
  return t->kind;
}

void toy_sort_swap(void *first, int64_t size, int64_t i, int64_t j) {
  char *p = (char *)first + i * size, *q = (char *)first + j * size;
  int64_t k = 0;
  for (; k + 8 <= size; k += 8) {
    uint64_t x, y;
    memcpy(&x, p + k, 8);
    memcpy(&y, q + k, 8);
    memcpy(p + k, &y, 8);
    memcpy(q + k, &x, 8);
  }
  for (; k < size; k++) {
    char c = p[k];
    p[k] = q[k];
    q[k] = c;
  }
}
