/* debug.c: TOYDEBUG=name=value,… and the counts of what each switch did.
 *
 * Parsed once, from the raw environment, before the first allocation and the first thread: constant afterwards, so read
 * without any order. An unknown name or a value that is no number is reported and otherwise ignored: a typing
 * mistake in a debug switch must not look like "no effect".
 */
#include "seed.h"

#include <stdlib.h>
#include <string.h>

struct debugvars debugvars = {
#define X(name, def, help) .name = def,
  TOY_DEBUGVARS(X)
#undef X
};

struct runtime_stats stats;

static const struct { const char *name; int64_t *value; } vars[] = {
#define X(name, def, help) {#name, &debugvars.name},
  TOY_DEBUGVARS(X)
#undef X
};

static int64_t *find(const char *name, size_t len) {
  for (size_t i = 0; i < nelem(vars); i++)
    if (strlen(vars[i].name) == len && memcmp(vars[i].name, name, len) == 0)
      return vars[i].value;
  return NULL;
}

/* item is not terminated. */
static void set(const char *item, size_t len) {
  const char *eq = memchr(item, '=', len);
  size_t namelen = eq ? (size_t)(eq - item) : len;
  int64_t *value = find(item, namelen);
  char *end = NULL;
  long long n = eq ? strtoll(eq + 1, &end, 10) : 1;
  if (!value)
    rtprintf("toy: TOYDEBUG: unknown name %.*s\n", (int)namelen, item);
  else if (eq && (end != item + len || end == eq + 1))
    rtprintf("toy: TOYDEBUG: %.*s is not NAME=NUMBER\n", (int)len, item);
  else
    *value = n;
}

void parsedebugvars(void) {
  const char *s = getenv("TOYDEBUG");
  while (s && *s) {
    size_t len = strcspn(s, ",");
    if (len)
      set(s, len);
    s += len + (s[len] == ',');
  }
}

void printstats(void) {
  if (debugvars.schedlatency > 0)
    schedlatency_print();
  if (debugvars.gsize)
    gsize_print();
#define X(name) \
  rtprintf("toydebug: " #name ": %lu\n", (unsigned long)atomic_load_explicit(&stats.name, memory_order_relaxed));
  if (debugvars.stats && seeded())
    seed_print();
  if (debugvars.stats) {
    TOY_STATS(X)
  }
#undef X
}
