/* runq.pml: the local run queue (RQ-1, RQ-2, RQ-4, RQ-5) with a ring of 4 slots, its owner and two thieves.
 *
 * Claims: every goroutine put is taken exactly once, whoever takes it, and the ring never overtakes itself.
 * Fault that must be found: -DSTEAL_BLIND (the thief advances head by a store in place of the CAS).
 * runqempty has a model of its own, runqempty.pml.
 *
 * RUN: %model %s
 * RUN: %model %s STEAL_BLIND
 */
#define SLOTS 4
#define ITEMS 6
#define NONE 255

byte ring[SLOTS];
byte head, tail;           /* counters; the slot is the counter modulo SLOTS; few enough puts that they do not wrap */
byte runnext = NONE;
byte globq[ITEMS + 1]; byte globn;
byte taken[ITEMS];

inline consume(g) { d_step { assert(g < ITEMS); taken[g]++; assert(taken[g] == 1) } }

inline ring_put(g) {       /* uses the caller's h, t, won, b0, b1 */
  do
  :: h = head;
     t = tail;
     assert(t - h <= SLOTS);
     if
     :: t - h < SLOTS -> ring[t % SLOTS] = g; tail = t + 1; break
     :: else ->            /* runqputslow: the older half and g go to the global queue, by one CAS of head */
        b0 = ring[h % SLOTS];
        b1 = ring[(h + 1) % SLOTS];
        atomic { if :: head == h -> head = h + SLOTS / 2; won = true :: else -> won = false fi }
        if
        :: won -> d_step { globq[globn] = b0; globq[globn + 1] = b1; globq[globn + 2] = g; globn = globn + 3 }; break
        :: else
        fi
     fi
  od
}

proctype owner() {
  byte i, old, h, t, g, b0, b1;
  bool won;
  do
  :: i < ITEMS ->
     if
     :: i % 3 != 1 -> ring_put(i)
     :: else ->            /* next: the displaced one goes to the ring's tail, which overflows if nobody stole */
        atomic { old = runnext; runnext = i }
        if :: old != NONE -> ring_put(old) :: else fi
     fi;
     i++
  :: i == ITEMS -> break
  od;
  do                       /* runqget until empty */
  :: atomic { old = runnext; runnext = NONE }
     if :: old != NONE -> consume(old) :: else fi;
     h = head;
     t = tail;
     if
     :: t == h -> break
     :: else ->
        g = ring[h % SLOTS];
        atomic { if :: head == h -> head = h + 1; won = true :: else -> won = false fi }
        if :: won -> consume(g) :: else fi
     fi
  od
}

/* A thief that runs what it steals at once: it takes half the ring, copied before the CAS on head. */
proctype thief() {
  byte h, t, n, i, rounds, b[SLOTS];
  bool won;
  do
  :: rounds < 2 ->
     rounds++;
     h = head;
     t = tail;
     n = t - h;
     n = n - n / 2;
     if
     :: n == 0 ->          /* the last round may take runnext */
        if
        :: rounds == 2 -> atomic { i = runnext; runnext = NONE }
           if :: i != NONE -> consume(i) :: else fi
        :: else
        fi
     :: n > SLOTS / 2      /* head and tail read at different times: look again */
     :: else ->
        i = 0;
        do :: i < n -> b[i] = ring[(h + i) % SLOTS]; i++ :: else -> break od;
#ifdef STEAL_BLIND
        head = h + n; won = true;
#else
        atomic { if :: head == h -> head = h + n; won = true :: else -> won = false fi }
#endif
        if
        :: won -> i = 0; do :: i < n -> consume(b[i]); i++ :: else -> break od
        :: else
        fi
     fi
  :: else -> break
  od
}

init {
  atomic { run owner(); run thief(); run thief() }
  _nr_pr == 1;
  byte i;
  do :: i < globn -> consume(globq[i]); i++ :: else -> break od;
  i = 0;
  do :: i < ITEMS -> assert(taken[i] == 1); i++ :: else -> break od
}
