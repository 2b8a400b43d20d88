/* mapiter.c: a loop over a map, which may change meanwhile.
 *
 * What Go promises: an entry that is there all the time comes once; one that is removed before its turn does not come; one that
 * is added comes once or not at all; orders differ from loop to loop.
 *
 * The walk goes through the hashes' leading bits, from the part of a random table all the way around to it again, so it does not
 * matter how often the directory doubles meanwhile: `at` is where the next part begins, `visited` how much has been seen, both
 * as numbers of 64 bits. A part is what one table covers; parts are only ever divided. Each table is walked from a random slot
 * on. If the table has been replaced since the walk through it began (it is stale), its keys are looked up in the map: an entry
 * that is no longer there is left out, else its present element comes. A key that is not equal to itself cannot be found, nor
 * removed but by clear: it comes as the old table has it.
 *
 * An iterator lives in the frame of the loop and is copied when that moves: nothing points to it.
 */
#include "map.h"
#include "rtcalls.h"
#include "runtime.h"

#include <string.h>

static void come(struct toy_mapiter *it, char *slot) {
  it->key = slot_key(it->map, slot);
  it->elem = slot_elem(it->map, slot);
}

static bool come_stale(struct toy_mapiter *it, char *slot) {
  const void *key = slot_key(it->map, slot);
  char *now = map_find(it->type, it->map, key);
  if (!now && (it->clears != it->map->clears || equal_values(it->type->key, key, key))) return false;
  come(it, now ? now : slot);
  return true;
}

/* The next full slot of the table, or null. */
static inline char *walk_table(struct toy_mapiter *it) {
  const struct table *tab = it->table;
  uint32_t slots = (tab->mask + 1) * GROUP_SLOTS;
  while (it->next < slots) {
    uint32_t at = (it->start + it->next++) & (slots - 1);
    struct group *g = table_group(it->map, tab, at / GROUP_SLOTS);
    if (g->ctrl >> 8 * (at % GROUP_SLOTS) & CTRL_FULL) return group_slot(it->map, g, at % GROUP_SLOTS);
  }
  return NULL;
}

static bool next_entry(struct toy_mapiter *it) {
  for (char *slot; (slot = walk_table(it));) {
    if (unlikely(it->table->stale)) {
      if (come_stale(it, slot)) return true;
      continue;
    }
    come(it, slot);
    return true;
  }
  return false;
}

/* On the goroutine's stack: within a table that is still the map's. At its end mapiternext finds that out again. */
bool toy_mapiterstep(void *iter) {
  struct toy_mapiter *it = iter;
  if (!it->table || it->table->stale || atomic_load_explicit(&it->map->writing, memory_order_relaxed)) return false;
  char *slot = walk_table(it);
  if (slot) come(it, slot);
  return slot != NULL;
}

static uint64_t part_of(const struct table *tab) { return tab->depth == 0 ? 0 : UINT64_C(1) << (64 - tab->depth); }

/* The table that covers what comes next; false: there is none. */
static bool enter_table(struct toy_mapiter *it) {
  if (!it->map->dir) return false;
  it->table = map_table(it->map, it->at);
  it->at &= -part_of(it->table); /* matters for the first one; 0 - 0: a single table covers everything */
  it->next = 0;
  return true;
}

/* Behind it; false: once around. */
static bool leave_table(struct toy_mapiter *it) {
  uint64_t part = part_of(it->table);
  it->table = NULL;
  it->at += part;
  it->visited += part;
  return it->visited != 0;
}

void rt_mapiternext(void *iter) {
  struct toy_mapiter *it = iter;
  if (atomic_load_explicit(&it->map->writing, memory_order_relaxed)) fatal("concurrent map iteration and map write");
  for (;;) {
    if (!it->table && !enter_table(it)) break;
    if (next_entry(it)) return;
    if (!leave_table(it)) break;
  }
  it->key = NULL;
}

void rt_mapiterinit(const void *type, void *map, void *iter) {
  struct toy_mapiter *it = iter;
  memset(it, 0, sizeof *it);
  it->type = type;
  it->map = map;
  if (!it->map || it->map->count == 0) return;
  it->at = fastrand64();
  it->start = fastrand();
  it->clears = it->map->clears;
  rt_mapiternext(it);
}
