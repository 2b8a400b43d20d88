/* mutex.pml: sync.Mutex (stdlib/sync/mutex.toy) over its semaphore: one holder at a time, and nobody waits for ever.
 *
 * N goroutines lock and unlock, the first once, the others twice. Steps are named as in the code; each access of the
 * state is one step, the semaphore (sema.pml has its own proof) a queue: who comes again goes to the front, who is
 * released with a handoff owns what it waited for. Whether a waiter has waited too long (starved) is decided freely.
 * The two facts that Unlock rests on, since it takes nothing but "zero or not" from its subtraction: who hands a
 * starving mutex over marks it held for the receiver by compare-and-swap, so that of several unlockers one does; and who
 * finds it held again has nothing to do.
 * Claims: one goroutine at a time is inside; no state is inconsistent where the code throws; all get through (else the
 * search ends where nothing goes on); the state is 0 at the end.
 * Faults that must be found: -DHANDED_UNMARKED (handed over without being marked held), -DWAKES_BESIDE_AWAKE (a second
 * waiter is woken beside the one who is awake), -DKEEPS_AWAKE (a woken waiter leaves awake set), -DBARGES (a newcomer
 * takes a starving mutex), -DNOT_COUNTED (who comes to wait for a starving mutex that is not held is not counted).
 *
 * RUN: %model %s
 * RUN: %model %s HANDED_UNMARKED
 * RUN: %model %s WAKES_BESIDE_AWAKE
 * RUN: %model %s KEEPS_AWAKE
 * RUN: %model %s BARGES
 * RUN: %model %s NOT_COUNTED
 */
#define N 3
#define ROUNDS 2

typedef Word { bool held; bool awake; bool starving; byte waiters };
Word m;
bool tokens;                     /* a release that came before its acquire: at most one is ever due */
bool woken_up[N];                /* the semaphore has chosen this one */
byte inside, done;
chan queue = [N] of { byte };

#define same(s) (m.held == s.held && m.awake == s.awake && m.starving == s.starving && m.waiters == s.waiters)
#define copy(to, from) \
  to.held = from.held; to.awake = from.awake; to.starving = from.starving; to.waiters = from.waiters

inline load(s) { d_step { copy(s, m) } }
inline cas(s, new, ok) { d_step { if :: same(s) -> copy(m, new); ok = true :: else -> ok = false fi } }

/* acquire and release are atomic: what lies between them is sema.pml's. */
inline semacquire(i, front) {
  atomic {
    if
    :: tokens -> tokens = false; woken_up[i] = true
    :: else -> if :: front -> ahead(i) :: else -> queue!i fi
    fi
  }
  woken_up[i]; woken_up[i] = false
}
/* To the front: the queue is turned round once. */
inline ahead(i) { k = len(queue); queue!i; do :: k > 0 -> queue?j; queue!j; k-- :: else -> break od }
inline semrelease() {
  atomic { if :: nempty(queue) -> queue?j; woken_up[j] = true :: empty(queue) -> assert(!tokens); tokens = true fi }
}

inline claim() {
  copy(new, old);
  if :: !old.starving -> new.held = true :: else -> skip fi;
#ifdef BARGES
  if :: !old.held -> new.held = true :: else -> skip fi;
#endif
#ifdef NOT_COUNTED
  if :: old.held -> new.waiters++ :: else -> skip fi;
#else
  if :: old.held || old.starving -> new.waiters++ :: else -> skip fi;
#endif
  if :: starved && old.held -> new.starving = true :: else -> skip fi;
#ifndef KEEPS_AWAKE
  if :: woken -> assert(new.awake); new.awake = false :: else -> skip fi
#endif
}

inline lock_slow(i) {
  woken = false; starved = false; waited = false;
  do
  :: load(old);
     if
     :: !woken && old.held && !old.starving && !old.awake && old.waiters > 0 -> /* it spins, and says so */
        d_step { copy(new, old); new.awake = true }
        cas(old, new, woken)
     :: d_step { claim() }
        cas(old, new, ok);
        if
#ifdef BARGES
        :: ok && !old.held -> break
#else
        :: ok && !old.held && !old.starving -> break
#endif
        :: ok && (old.held || old.starving) ->
           semacquire(i, waited);
           waited = true;
           if :: starved = true :: skip fi;
           load(old);
           if
           :: old.starving -> inherit(); break
           :: else -> woken = true
           fi
        :: !ok
        fi
     fi
  od
}

inline inherit() {
#ifdef HANDED_UNMARKED
  assert(!old.held);
  d_step { m.held = true; m.waiters--; if :: !starved || old.waiters < 2 -> m.starving = false :: else -> skip fi }
#else
  assert(old.held && !old.awake && old.waiters > 0);
  d_step { m.waiters--; if :: !starved || old.waiters < 2 -> m.starving = false :: else -> skip fi }
#endif
}

inline unlock() {
  atomic { assert(m.held); m.held = false; ok = !m.awake && !m.starving && m.waiters == 0 }
  if :: ok :: !ok -> unlock_slow() fi
}

inline unlock_slow() {
  do
  :: load(old);
     copy(new, old);
     if
     :: old.held -> break
     :: !old.held && old.starving ->
#ifdef HANDED_UNMARKED
        ok = true;
#else
        new.held = true;
        cas(old, new, ok);
#endif
        if :: ok -> semrelease(); break :: !ok fi
     :: !old.held && !old.starving ->
        if
#ifdef WAKES_BESIDE_AWAKE
        :: old.waiters == 0 -> break
        :: old.waiters > 0 ->
#else
        :: old.waiters == 0 || old.awake -> break
        :: old.waiters > 0 && !old.awake ->
#endif
           d_step { new.waiters--; new.awake = true }
           cas(old, new, ok);
           if :: ok -> semrelease(); break :: !ok fi
        fi
     fi
  od
}

proctype goroutine(byte i) {
  Word old, new;
  bool ok, woken, starved, waited;
  byte j, k, round;
  do
  :: round < ROUNDS - (i == 0) ->
     atomic { ok = !m.held && !m.awake && !m.starving && m.waiters == 0; if :: ok -> m.held = true :: else fi }
     if :: ok :: !ok -> lock_slow(i) fi;
     atomic { inside++; assert(inside == 1) }
     inside--;
     unlock();
     round++
  :: else -> break
  od;
  atomic {
    done++;
    if :: done == N -> assert(!m.held && !m.awake && !m.starving && m.waiters == 0 && !tokens) :: else fi
  }
}

init { byte i; atomic { do :: i < N -> run goroutine(i); i++ :: else -> break od } }
