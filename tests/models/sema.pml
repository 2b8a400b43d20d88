/* sema.pml: semaphores (sema.c): a token is neither lost nor doubled, and nobody who waits is forgotten.
 *
 * A word with one token, used as a lock by three goroutines, twice each; another comes to wait for another word of the
 * same root, at any time, and stays. Steps are named as in the code; CAS and the accesses of nwait and the word are
 * sequentially consistent there, and single steps here.
 * Claims: one goroutine at a time has the token; all get through (else the search ends in a state from which nothing
 * goes on), and the token is there at the end.
 * Faults that must be found: -DNO_SECOND_LOOK (release does not read nwait again after it has put the token),
 * -DCOUNTED_LATE (acquire tries again before it is counted), -DNOT_PUT_BACK (no waiter of this word: the token is dropped).
 *
 * RUN: %model %s
 * RUN: %model %s NO_SECOND_LOOK
 * RUN: %model %s COUNTED_LATE
 * RUN: %model %s NOT_PUT_BACK
 */
#define N 3
#define ROUNDS 2
byte word = 1, nwait, inside, done;
bool locked, woken[N];
chan queue = [N] of { byte };

inline lock() { atomic { !locked -> locked = true } }
inline unlock() { locked = false }
inline cansemacquire(got) { atomic { if :: word > 0 -> word--; got = true :: else -> got = false fi } }
inline first_waiter(j, found) { if :: nempty(queue) -> queue?j; nwait--; found = true :: empty(queue) -> found = false fi }

inline semacquire(i) {
  cansemacquire(got);
  if
  :: got
  :: else ->
     lock();
#ifdef COUNTED_LATE
     cansemacquire(got);
     nwait++;
#else
     nwait++;
     cansemacquire(got);
#endif
     if
     :: got -> nwait--; unlock()
     :: else -> queue!i; unlock(); woken[i]; woken[i] = false
     fi
  fi
}

inline give() {
  lock();
  first_waiter(j, found);
  if :: !found -> word++ :: else fi;
  unlock()
}

inline give_after_all() {
  lock();
  found = false;
  cansemacquire(got);
  if
  :: got ->
     first_waiter(j, found);
#ifndef NOT_PUT_BACK
     if :: !found -> word++ :: else fi
#endif
  :: else
  fi;
  unlock()
}

inline semrelease() {
  found = false;
  if
  :: nwait != 0 -> give()
  :: else ->
     word++;
#ifndef NO_SECOND_LOOK
     if :: nwait != 0 -> give_after_all() :: else fi
#endif
  fi;
  if :: found -> woken[j] = true :: else fi
}

proctype goroutine(byte i) {
  byte round, j;
  bool got, found;
  do
  :: round < ROUNDS ->
     semacquire(i);
     inside++;
     assert(inside == 1);
     inside--;
     semrelease();
     round++
  :: else -> break
  od;
  done++
}

/* Waits for another word: counted here, never in this queue. */
proctype stranger() {
  lock();
  nwait++;
  unlock();
  done++
}

init {
  byte i;
  atomic {
    do :: i < N -> run goroutine(i); i++ :: else -> break od;
    run stranger()
  }
  done == N + 1;
  assert(word == 1 && empty(queue) && nwait == 1)
}
