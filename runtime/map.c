/* map.c: maps: hash tables of groups of eight slots, after the Swiss tables of Abseil.
 *
 *   toy_map ── dir ──► table of pointers, by the leading bits of the hash ──► table ──► groups
 *                      (none while there is one table)
 *
 * A group has a control byte for each slot: empty, deleted, or full with seven bits of the hash, so that one look at eight bytes
 * tells which slots are worth comparing. A probe goes from group to group by growing steps, which reach all of them, and ends
 * at the first that has an empty slot. A table is filled up to 7/8, one of a single group wholly.
 *
 * Growing. A table that is full is made again: as large, when the deleted slots in it are why it is full; twice as large, up
 * to 1,024 slots; beyond that as two tables, between which the next bit of the hash decides (extendible hashing). So no
 * insertion moves more than 1,024 entries, and no P is held for long. The old table is marked stale and left as it is: a loop
 * that walks it goes on there, and looks each key up in the map (mapiter.c).
 *
 * Slots do not move within a table, so an address that mapset returned is good until the next insertion. Compiled code stores
 * through it at once.
 *
 * What compiled code finds by itself (toy_map*, on the goroutine's stack) reads only. Everything else runs on g0, where it may
 * allocate and panic. Two threads that use one map and do not agree on it are noticed where that costs nothing: by each other's
 * `writing`. Not by the readers on the goroutine's stack, which could not report it there.
 *
 * Rejected: chained buckets (a cache miss a link); one table for all (an insertion that moves a million entries holds its P, and a stop
 * of the world, for that long); a dense array of entries beside an index (two cache misses a look-up instead of one).
 */
#include "map.h"

#include <string.h>

#include "malloc.h"
#include "panic.h"
#include "rtcalls.h"
#include "runtime.h"

/* ---- what a collector must know of the objects here */

static const uint8_t dir_in_map[] = {1 << offsetof(struct toy_map, dir) / 8}, first_word[] = {1};
static const struct toy_type map_type = {
  .size = sizeof(struct toy_map), .ptrdata = offsetof(struct toy_map, dir) + 8, .ptrmask = dir_in_map,
  .align = 8, .kind = TOY_KIND_STRUCT, .name = {"runtime.map", 11},
};
static const struct toy_type table_type = {
  .size = sizeof(struct table), .ptrdata = 8, .ptrmask = first_word,
  .align = 8, .kind = TOY_KIND_STRUCT, .name = {"runtime.table", 13},
};
static const struct toy_type pointer_type = {
  .size = 8, .ptrdata = 8, .ptrmask = first_word, .align = 8, .kind = TOY_KIND_UNSAFEPOINTER, .name = {"unsafe.Pointer", 14},
};
_Static_assert(offsetof(struct table, groups) == 0, "table_type");

static const struct toy_type *group_type(const struct toy_type *t) { return t->fields[0].type; }
static const struct toy_type *slot_type(const struct toy_type *t) { return group_type(t)->fields[1].type->elem; }

/* ---- control bytes: a result has the top bit of each byte that matches */

#define LSB UINT64_C(0x0101010101010101)
#define MSB UINT64_C(0x8080808080808080)

/* May also match a byte above a true match: the key is compared anyway. */
static inline uint64_t match_hash(uint64_t ctrl, uint64_t hash) {
  uint64_t x = ctrl ^ LSB * (CTRL_FULL | (hash & 0x7f));
  return (x - LSB) & ~x & MSB;
}
static inline bool has_empty(uint64_t ctrl) { return ((ctrl - LSB) & ~ctrl & MSB) != 0; }
static inline uint64_t match_free(uint64_t ctrl) { return ~ctrl & MSB; }
static inline unsigned first_match(uint64_t bits) { return (unsigned)__builtin_ctzll(bits) / 8; }

static inline uint8_t get_ctrl(const struct group *g, unsigned i) { return (uint8_t)(g->ctrl >> 8 * i); }
static inline void set_ctrl(struct group *g, unsigned i, uint64_t c) {
  g->ctrl = (g->ctrl & ~(UINT64_C(0xff) << 8 * i)) | c << 8 * i;
}

/* ---- probing */

struct probe { uint32_t group, step, mask; };

static inline struct probe probe_start(const struct table *tab, uint64_t hash) {
  return (struct probe){(uint32_t)(hash >> 7) & tab->mask, 0, tab->mask};
}

/* False: all groups have been seen. */
static inline bool probe_next(struct probe *p) {
  p->group = (p->group + ++p->step) & p->mask;
  return p->step <= p->mask;
}

/* The loop that all look-ups share; SAME compares the key in `slot`. */
#define FIND(m, hash, SAME)                                                                  \
  struct table *tab = map_table(m, hash);                                                    \
  struct probe p = probe_start(tab, hash);                                                   \
  do {                                                                                       \
    struct group *g = table_group(m, tab, p.group);                                          \
    uint64_t ctrl = g->ctrl;                                                                 \
    for (uint64_t bits = match_hash(ctrl, hash); bits; bits &= bits - 1) {                   \
      char *slot = group_slot(m, g, first_match(bits));                                      \
      if (SAME) return slot;                                                                 \
    }                                                                                        \
    if (has_empty(ctrl)) return NULL;                                                        \
  } while (probe_next(&p));                                                                  \
  return NULL

static inline char *find8(const struct toy_map *m, uint64_t hash, uint64_t key) { FIND(m, hash, *(uint64_t *)slot == key); }
static inline char *find4(const struct toy_map *m, uint64_t hash, uint64_t key) { FIND(m, hash, *(uint32_t *)slot == key); }
static inline char *find2(const struct toy_map *m, uint64_t hash, uint64_t key) { FIND(m, hash, *(uint16_t *)slot == key); }
static inline char *find1(const struct toy_map *m, uint64_t hash, uint64_t key) { FIND(m, hash, *(uint8_t *)slot == key); }

static inline char *find_word(const struct toy_type *t, const struct toy_map *m, uint64_t hash, uint64_t key) {
  switch (t->key->size) {
  case 8: return find8(m, hash, key);
  case 4: return find4(m, hash, key);
  case 2: return find2(m, hash, key);
  default: return find1(m, hash, key);
  }
}

static inline bool same_string(const struct toy_str *s, const char *p, int64_t n) {
  return s->len == n && (s->ptr == p || toy_typedmemequal((void *)s->ptr, (void *)p, n));
}

static inline char *find_string(const struct toy_map *m, uint64_t hash, const char *s, int64_t n) {
  FIND(m, hash, same_string((struct toy_str *)slot, s, n));
}

static char *find_other(const struct toy_type *t, const struct toy_map *m, uint64_t hash, const void *key) {
  FIND(m, hash, equal_values(t->key, slot_key(m, slot), key));
}

static inline uint64_t load_word(const void *p, int64_t size) {
  switch (size) {
  case 8: return *(const uint64_t *)p;
  case 4: return *(const uint32_t *)p;
  case 2: return *(const uint16_t *)p;
  default: return *(const uint8_t *)p;
  }
}

static uint64_t hash_of(const struct toy_type *t, const struct toy_map *m, const void *key) {
  if (m->keys == KEYS_WORD) return hash_word(load_word(key, t->key->size), m->seed);
  return hash_key(t->key, key, m->seed);
}

static char *find(const struct toy_type *t, const struct toy_map *m, uint64_t hash, const void *key) {
  const struct toy_str *s = key;
  if (!m->dir) return NULL;
  if (m->keys == KEYS_WORD) return find_word(t, m, hash, load_word(key, t->key->size));
  return m->keys == KEYS_STRING ? find_string(m, hash, s->ptr, s->len) : find_other(t, m, hash, key);
}

char *map_find(const struct toy_type *t, const struct toy_map *m, const void *key) {
  return find(t, m, hash_of(t, m, key), key);
}

/* ---- look-ups of compiled code: the element, or null */

static inline void *elem_or_null(const struct toy_map *m, char *slot) { return slot ? slot_elem(m, slot) : NULL; }

void *toy_mapgetw(const void *type, void *map, int64_t key) {
  const struct toy_map *m = map;
  if (!m || m->count == 0) return NULL;
  return elem_or_null(m, find_word(type, m, hash_word((uint64_t)key, m->seed), (uint64_t)key));
}

void *toy_mapgetstr(void *map, void *s, int64_t n) {
  const struct toy_map *m = map;
  if (!m || m->count == 0) return NULL;
  return elem_or_null(m, find_string(m, hash_bytes(s, n, m->seed), s, n));
}

static void reads(const struct toy_map *m, const char *what) {
  if (atomic_load_explicit(&m->writing, memory_order_relaxed)) fatal(what);
}

/* A key that cannot be hashed is a fault all the same. */
static bool empty(const struct toy_type *t, const struct toy_map *m, const void *key) {
  if (m && m->count != 0) return false;
  check_key(t->key, key);
  return true;
}

void *rt_mapget(const void *type, void *map, void *key) {
  const struct toy_map *m = map;
  if (empty(type, m, key)) return NULL;
  reads(m, "concurrent map read and map write");
  return elem_or_null(m, find(type, m, hash_of(type, m, key), key));
}

/* ---- tables */

static uint32_t room_of(uint32_t groups) {
  return groups == 1 ? GROUP_SLOTS : groups * GROUP_SLOTS / 8 * 7;
}

static struct table *new_table(const struct toy_type *t, uint32_t groups, uint8_t depth) {
  struct table *tab = mallocarray(&table_type, 1, sizeof *tab);
  *tab = (struct table){.mask = groups - 1, .room = room_of(groups), .depth = depth};
  const struct toy_type *g = group_type(t);
  tab->groups = mallocarray(g, groups, groups * (size_t)g->size);
  return tab;
}

/* A slot for a key that the table does not have; null: it is full. */
static char *claim(const struct toy_map *m, struct table *tab, uint64_t hash) {
  struct probe p = probe_start(tab, hash);
  do {
    struct group *g = table_group(m, tab, p.group);
    uint64_t bits = match_free(g->ctrl);
    if (!bits) continue;
    unsigned i = first_match(bits);
    if (get_ctrl(g, i) == CTRL_EMPTY) {
      if (tab->room == 0) return NULL;
      tab->room--;
    }
    set_ctrl(g, i, CTRL_FULL | (hash & 0x7f));
    tab->used++;
    return group_slot(m, g, i);
  } while (probe_next(&p));
  return NULL;
}

/* Into one of two tables, by the bit of the hash behind those that they share; or both are the same. */
static void move_entries(const struct toy_type *t, const struct toy_map *m, struct table *from, struct table *low,
                         struct table *high) {
  for (uint32_t i = 0; i <= from->mask; i++) {
    struct group *g = table_group(m, from, i);
    for (uint64_t bits = g->ctrl & MSB; bits; bits &= bits - 1) {
      char *slot = group_slot(m, g, first_match(bits));
      uint64_t hash = hash_of(t, m, slot_key(m, slot));
      bool up = low != high && hash >> (64 - low->depth) & 1;
      memcpy(claim(m, up ? high : low, hash), slot, m->slot_size);
    }
  }
  from->stale = true;
}

/* The part of the directory that leads to a table goes half to low, half to high. */
static void dir_replace(struct toy_map *m, uint64_t hash, uint8_t depth, struct table *low, struct table *high) {
  if (m->depth == 0) {
    m->dir = low;
    return;
  }
  struct table **dir = m->dir;
  uint64_t n = UINT64_C(1) << (m->depth - depth), first = hash >> (64 - m->depth) & ~(n - 1);
  for (uint64_t i = 0; i < n; i++) dir[first + i] = i < n / 2 ? low : high;
  if (n == 1) dir[first] = low;
}

static void dir_double(struct toy_map *m) {
  uint64_t n = UINT64_C(1) << m->depth;
  struct table **dir = mallocarray(&pointer_type, n * 2, n * 2 * sizeof *dir);
  for (uint64_t i = 0; i < n; i++) dir[2 * i] = dir[2 * i + 1] = m->depth == 0 ? m->dir : ((struct table **)m->dir)[i];
  m->dir = dir;
  m->depth++;
}

static void split(const struct toy_type *t, struct toy_map *m, struct table *tab, uint64_t hash) {
  uint8_t depth = tab->depth + 1;
  struct table *low = new_table(t, TABLE_GROUPS_MAX, depth), *high = new_table(t, TABLE_GROUPS_MAX, depth);
  move_entries(t, m, tab, low, high);
  if (depth > m->depth) dir_double(m);
  dir_replace(m, hash, depth - 1, low, high);
}

/* Many deleted slots: half of it is room enough. */
static bool cluttered(const struct table *tab) { return tab->used <= room_of(tab->mask + 1) / 2; }

static void grow(const struct toy_type *t, struct toy_map *m, struct table *tab, uint64_t hash) {
  uint32_t groups = tab->mask + 1;
  if (!cluttered(tab)) {
    if (groups == TABLE_GROUPS_MAX) {
      split(t, m, tab, hash);
      return;
    }
    groups *= 2;
  }
  struct table *fresh = new_table(t, groups, tab->depth);
  move_entries(t, m, tab, fresh, fresh);
  dir_replace(m, hash, tab->depth, fresh, fresh);
}

/* ---- make */

static enum map_keys keys_of(const struct toy_type *key) {
  if (key->kind == TOY_KIND_STRING) return KEYS_STRING;
  bool word = key->size == 1 || key->size == 2 || key->size == 4 || key->size == 8;
  return word && key->flags & TOY_TYPE_MEMEQUAL ? KEYS_WORD : KEYS_OTHER;
}

/* Room for `hint` entries: tables as they would have become. */
static void make_tables(const struct toy_type *t, struct toy_map *m, size_t hint) {
  size_t groups = 1;
  while (groups == 1 ? hint > GROUP_SLOTS : hint > groups * 7) groups *= 2;
  if (groups <= TABLE_GROUPS_MAX) {
    m->dir = new_table(t, (uint32_t)groups, 0);
    return;
  }
  size_t n = groups / TABLE_GROUPS_MAX;
  m->depth = (uint8_t)__builtin_ctzll(n);
  struct table **dir = mallocarray(&pointer_type, n, n * sizeof *dir);
  m->dir = dir;
  for (size_t i = 0; i < n; i++) dir[i] = new_table(t, TABLE_GROUPS_MAX, m->depth);
}

/* A hint that no memory can hold, or a negative one, is no hint. */
void *rt_makemap(const void *type, int64_t hint) {
  const struct toy_type *t = type, *slot = slot_type(t);
  struct toy_map *m = mallocarray(&map_type, 1, sizeof *m);
  m->seed = fastrand64();
  m->keys = keys_of(t->key);
  m->key_ref = slot->fields[0].type != t->key;
  m->elem_ref = slot->fields[1].type != t->elem;
  m->group_size = (uint32_t)group_type(t)->size;
  m->slot_size = (uint32_t)slot->size;
  m->elem_offset = (uint32_t)slot->fields[1].offset;
  if (hint > GROUP_SLOTS && (uint64_t)hint < MAX_ALLOC / 2 / ((uint64_t)slot->size + 1)) make_tables(t, m, (size_t)hint);
  return m;
}

/* ---- insertion and deletion */

static void expect_writing(const struct toy_map *m, bool mine) {
  if (atomic_load_explicit(&m->writing, memory_order_relaxed) != mine) fatal("concurrent map writes");
}

static void begin_write(struct toy_map *m) {
  expect_writing(m, false);
  atomic_store_explicit(&m->writing, true, memory_order_relaxed);
}

static void end_write(struct toy_map *m) {
  expect_writing(m, true);
  atomic_store_explicit(&m->writing, false, memory_order_relaxed);
}

static char *insert(const struct toy_type *t, struct toy_map *m, uint64_t hash) {
  if (!m->dir) m->dir = new_table(t, 1, 0);
  for (;;) {
    struct table *tab = map_table(m, hash);
    char *slot = claim(m, tab, hash);
    if (slot) return slot;
    grow(t, m, tab, hash);
  }
}

static void fill(const struct toy_type *t, struct toy_map *m, char *slot, const void *key) {
  if (m->key_ref) *(void **)slot = mallocarray(t->key, 1, (size_t)t->key->size);
  if (m->elem_ref) *(void **)(slot + m->elem_offset) = mallocarray(t->elem, 1, (size_t)t->elem->size);
  memcpy(slot_key(m, slot), key, (size_t)t->key->size);
}

/* The element of a key that may be new; then it is zero. Equal keys may differ in bytes (0 and -0; strings in memory that the
 * program may want back): the last one stays. */
static void *set(const struct toy_type *t, struct toy_map *m, const void *key, uint64_t hash) {
  begin_write(m);
  char *slot = find(t, m, hash, key);
  if (!slot) {
    slot = insert(t, m, hash);
    fill(t, m, slot, key);
    m->count++;
  } else if (m->keys != KEYS_WORD) {
    memcpy(slot_key(m, slot), key, (size_t)t->key->size);
  }
  end_write(m);
  return slot_elem(m, slot);
}

static void require_map(const struct toy_map *m) {
  if (!m) panic_plain("assignment to entry in nil map");
}

void *rt_mapset(const void *type, void *map, void *key) {
  require_map(map);
  return set(type, map, key, hash_of(type, map, key));
}

void *rt_mapsetw(const void *type, void *map, int64_t key) {
  const struct toy_map *m = map;
  require_map(m);
  return set(type, map, &key, hash_word((uint64_t)key, m->seed));
}

void *rt_mapsetstr(const void *type, void *map, void *s, int64_t n) {
  const struct toy_map *m = map;
  require_map(m);
  return set(type, map, &(struct toy_str){s, n}, hash_bytes(s, n, m->seed));
}

/* A probe that found its group without an empty slot went on behind it, and must still. */
static void drop(const struct toy_map *m, struct table *tab, char *slot) {
  size_t at = (size_t)(slot - tab->groups);
  struct group *g = table_group(m, tab, (uint32_t)(at / m->group_size));
  unsigned i = m->slot_size ? (unsigned)((size_t)(slot - g->slots) / m->slot_size) : first_match(g->ctrl & MSB);
  bool empty = tab->mask == 0 || has_empty(g->ctrl);
  memset(slot, 0, m->slot_size);
  set_ctrl(g, i, empty ? CTRL_EMPTY : CTRL_DELETED);
  tab->room += empty;
  tab->used--;
}

void rt_mapdelete(const void *type, void *map, void *key) {
  struct toy_map *m = map;
  if (empty(type, m, key)) return;
  uint64_t hash = hash_of(type, m, key);
  begin_write(m);
  char *slot = find(type, m, hash, key);
  if (slot) {
    drop(m, map_table(m, hash), slot);
    m->count--;
  }
  end_write(m);
}

/* One table stays for what comes next; several are left to the loops that may walk them. */
static void clear_tables(struct toy_map *m) {
  if (m->depth == 0) {
    struct table *tab = m->dir;
    memset(tab->groups, 0, (size_t)(tab->mask + 1) * m->group_size);
    tab->used = 0;
    tab->room = room_of(tab->mask + 1);
    return;
  }
  for (uint64_t i = 0; i < UINT64_C(1) << m->depth; i++) ((struct table **)m->dir)[i]->stale = true;
  m->dir = NULL;
  m->depth = 0;
}

void rt_mapclear(void *map) {
  struct toy_map *m = map;
  if (!m || !m->dir) return;
  begin_write(m);
  clear_tables(m);
  m->count = 0;
  m->clears++;
  end_write(m);
}
