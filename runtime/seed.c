/* seed.c: TOYDEBUG=seed=N: a schedule that can be had again.
 *
 * There is one P, and whatever the scheduler is free to choose is chosen by one generator that starts from N: which of the
 * runnable goroutines is next, after how many of its scheduling points a goroutine must yield, the order of a select, every
 * fastrand. Points are all that the runtime sees of a goroutine without a signal: prologues (the guard stays
 * poisoned) and ends of runtime calls (gp->preempt stays set). Nothing else has a say: sysmon does not run, no signals
 * are sent, a system call keeps its P, and time is counted, not measured.
 *
 * Virtual time stands still while anything can run, but for a microsecond a reading, so that a loop that waits for it ends. When
 * nothing can run it jumps to the next timer. So timeouts fire in the order of their times, at no cost, and a program that
 * sleeps for hours is over at once.
 *
 * The same N, program and input give the same run, goroutine by goroutine, which seedtrace=1 shows. What is outside is not
 * repeated: bytes that other processes write, and when. A goroutine that blocks in the kernel on a descriptor unknown to the
 * poller blocks all others; and one that waits in a loop without calls for another waits for ever.
 *
 * All runnable goroutines are in one bag: a random element costs the same however many there are. It is guarded by a
 * lock only because goroutines locked to threads bring more than one M; no two of them have the P at a time.
 *
 * Rejected: recording the schedule of a real run: it costs synchronisation everywhere and disturbs what it records; leaving
 * the ring and runnext in use: they make most of the orders that many Ps can produce impossible.
 */
#include "seed.h"

#include "gqueue.h"
#include "netpoll.h"

enum { CLOCK_STEP = 1000, POLL_EVERY = 16, LONGEST_SHIFT = 8 };
#define CLOCK_START 1000000000
#define WALL_START (INT64_C(1735689600) * 1000000000) /* 2025-01-01 UTC */

static struct {
  struct mutex lock;    /* guards the bag */
  G **bag;
  _Atomic uint32_t n;
  uint32_t cap;
  _Atomic uint32_t points; /* until the running goroutine yields; the M with the P, the watcher reads */
  uint64_t state;       /* of the generator; the same */
  _Atomic uint64_t steps; /* runs of goroutines so far; as points */
  uint64_t hash;        /* of the schedule so far */
  _Atomic bool outside; /* waits for the network */
  int64_t now;
  const G *last;
  uint64_t lastgoid;
} seed;

#define relaxed(p) atomic_load_explicit(p, memory_order_relaxed)
#define set(p, v) atomic_store_explicit(p, v, memory_order_relaxed) /* one writer; hints for others */

/* ---- the generator: splitmix64 */

uint64_t mix64(uint64_t x) {
  x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
  x = (x ^ x >> 27) * 0x94d049bb133111ebu;
  return x ^ x >> 31;
}

uint32_t seed_rand(void) { return (uint32_t)(mix64(seed.state += 0x9e3779b97f4a7c15u) >> 32); }

/* Small and large intervals alike: an interleaving that needs two switches close together is as likely as one that needs a
 * long run. */
static void draw_points(void) { set(&seed.points, 1 + seed_rand() % (1u << seed_rand() % LONGEST_SHIFT)); }

void seed_init(void) {
  if (!seeded())
    return;
  debugvars.asyncpreemptoff = 1;
  seed.state = mix64((uint64_t)debugvars.seed + 1);
  seed.now = CLOCK_START;
}

/* ---- time */

int64_t seed_nanotime(void) { return seed.now; }
int64_t seed_clock(void) { return seed.now += CLOCK_STEP; }
int64_t seed_walltime(void) { return WALL_START + seed.now; }

/* ---- the bag */

static void put(G *gp) {
  if (seed.n == seed.cap) {
    uint32_t cap = seed.cap ? 2 * seed.cap : 512;
    G **bag = os_mmap(cap * sizeof *bag);
    for (uint32_t i = 0; i < seed.n; i++)
      bag[i] = seed.bag[i];
    if (seed.bag)
      os_munmap(seed.bag, seed.cap * sizeof *bag);
    seed.bag = bag;
    seed.cap = cap;
  }
  seed.bag[seed.n++] = gp;
}

void seed_put(G *gp) {
  lock(&seed.lock);
  put(gp);
  unlock(&seed.lock);
}

void seed_putall(struct gqueue *q) {
  for (G *gp; (gp = gqueue_pop(q));)
    seed_put(gp);
}

bool seed_empty(void) {
  return atomic_load_explicit(&seed.n, memory_order_relaxed) == 0; /* nobody else puts while the reader has the P */
}

static G *take(void) {
  lock(&seed.lock);
  G *gp = NULL;
  if (seed.n) {
    uint32_t i = (uint32_t)((uint64_t)seed_rand() * seed.n >> 32);
    gp = seed.bag[i];
    seed.bag[i] = seed.bag[--seed.n];
  }
  unlock(&seed.lock);
  return gp;
}

/* ---- choices */

bool seed_point(void) {
  uint32_t left = relaxed(&seed.points) - 1;
  set(&seed.points, left);
  if (left)
    return false;
  draw_points();
  return true;
}

static void look_at_network(int64_t delay) {
  int32_t delta;
  set(&seed.outside, delay < 0);
  struct gqueue list = netpoll(delay, &delta);
  set(&seed.outside, false);
  injectglist(&list);
  netpollAdjustWaiters(delta);
}

/* Null: nothing can run, nothing is due or will be, and nobody waits for the world outside. */
G *seed_find(P *pp) {
  for (;;) {
    struct timelook look = {0, 0};
    checkTimers(pp, &look);
    if (netpollAnyWaiters() && (seed_empty() || seed_rand() % POLL_EVERY == 0))
      look_at_network(0);
    G *gp = take();
    if (gp)
      return gp;
    if (look.pollUntil)
      seed.now = look.pollUntil > seed.now ? look.pollUntil : seed.now;
    else if (netpollAnyWaiters())
      look_at_network(-1);
    else
      return NULL;
  }
}

/* ---- the trace */

static const char *what_it_did(const G *gp, uint64_t goid) {
  uint32_t s = readgstatus(gp) & ~(uint32_t)Gscan;
  if (gp->goid != goid || s == Gdead)
    return "ended";
  return s == Gwaiting ? waitreason_text[gp->waitreason] : "yielded";
}

/* Before gp runs. */
void seed_execute(G *gp) {
  draw_points();
  set(&seed.steps, relaxed(&seed.steps) + 1);
  seed.hash = mix64(seed.hash ^ (gp->goid * 0x9e3779b97f4a7c15u + relaxed(&seed.points)));
  if (debugvars.seedtrace) {
    const char *did = !seed.last ? "start" : what_it_did(seed.last, seed.lastgoid);
    rtprintf("seed: %lu: goroutine %lu of %u at %ld us, %lu: %s\n", (unsigned long)relaxed(&seed.steps), (unsigned long)gp->goid,
             relaxed(&seed.n) + 1, (long)(seed.now / 1000), (unsigned long)seed.lastgoid, did);
  }
  seed.last = gp;
  seed.lastgoid = gp->goid;
}

void seed_print(void) {
  rtprintf("toydebug: seed: %lu steps, trace %lx\n", (unsigned long)relaxed(&seed.steps), (unsigned long)seed.hash);
}

/* ---- the watcher: a thread without a P that only says what nobody else can: that the run is stuck */

enum { WATCH_US = 3 * 1000 * 1000 };

static _Noreturn void watch(void) {
  uint64_t seen = 0, told = 0;
  for (;;) {
    uint64_t steps = relaxed(&seed.steps), where = steps << 32 | relaxed(&seed.points);
    if (where == seen && !relaxed(&seed.outside) && steps != told) {
      told = steps;
      rtprintf("toy: seed: goroutine %lu has met no scheduling point for %d s: it is in a loop without calls, or in the "
               "kernel, and nothing else can run\n", (unsigned long)seed.lastgoid, WATCH_US / 1000000);
    }
    seen = where;
    usleep_os(WATCH_US);
  }
}

void seed_watch(void) {
  sched.nmsys++;
  newm(watch, NULL);
}

/* ---- runtime.GOMAXPROCS: the number that the program asks for is kept and told, and has no effect */

int32_t seed_procs(int32_t n) {
  static int32_t procs;
  int32_t old = procs ? procs : clamp_procs(ncpu);
  if (n > 0)
    procs = clamp_procs(n);
  return old;
}
