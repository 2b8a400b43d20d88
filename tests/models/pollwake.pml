/* pollwake.pml: somebody wakes up in time for every timer (FW-4, TN-4): the hand-shake of netpoll.c on top of that of proc.c.
 *
 * Two Ps with room for a timer each, three Ms. Any timer may become due at any moment, and the poller's sleep may end at any.
 * One timer is there at the start, and an M in the poller for it; a goroutine sets another on its P, parks, or keeps its M for ever; descriptors become ready, which brings the poller a
 * goroutine that it runs at once. When nothing moves any more, each timer that is left must be before the eyes of the one who
 * sleeps in the poller, unless no P is idle: then sysmon looks at timers (quantum.c).
 * Faults that must be found:
 *   -DNO_CHECK      who gives a P up looks at queues only, not at timers
 *   -DOWN_ONLY      he looks at all timers only if he has been spinning (as Go does)
 *   -DNO_BREAK      a poller that sleeps too long is left alone by a new timer
 *   -DNO_MUST_WAKE  and by an M that gives a P up
 *   -DNO_WAKEP      with nobody in the poller, a new timer starts no M
 *   -DNO_HANDOVER   the poller that leaves with a goroutine leaves the timers to nobody
 *   -DONLY_IF_SPUN  the poller that leaves without one counts as a spinner only if it was one before: so did we, until this
 *                   model found that it may run a timer's goroutine then, and no other M be started
 *
 * RUN: %model %s
 * RUN: %model %s NO_CHECK
 * RUN: %model %s OWN_ONLY
 * RUN: %model %s NO_BREAK
 * RUN: %model %s NO_MUST_WAKE
 * RUN: %model %s NO_WAKEP
 * RUN: %model %s NO_HANDOVER
 * RUN: %model %s ONLY_IF_SPUN
 */
#define N 2          /* Ps */
#define MS 3         /* Ms: one a P, and one in the poller */
#define NONE 2
#define LATER 2      /* when timers are due: 1 is sooner; 0 is never */

byte timer[N];
bool idle[N];
byte sets = 1, wakes = 1; /* of the moves that nothing else bounds */
byte nmspinning, npidle;
bool needspinning;
bool nobody_polls, interrupt; /* lastpoll != 0; the eventfd */
byte pollUntil;
byte handed[MS] = NONE;    /* an M's note: the P that it is woken with; it counts as spinning then */
bool midle[MS];

/* What is done under sched.lock is one step here: idle.pml takes it apart. */
inline pidleget(to) {
  if
  :: idle[0] -> to = 0
  :: !idle[0] && idle[1] -> to = 1
  :: else -> to = NONE
  fi;
  if :: to != NONE -> idle[to] = false; npidle-- :: else fi
}

/* With so many Ms an idle P has one that is, or will be, on the idle list: m.c would make a new one. They are all alike. */
inline startm() {
  atomic {
    midle[0] || midle[1] || midle[2] || npidle == 0;
    pidleget(other);
    if
    :: other == NONE -> needspinning = true; nmspinning--
    :: other != NONE && midle[0] -> midle[0] = false; handed[0] = other
    :: other != NONE && !midle[0] && midle[1] -> midle[1] = false; handed[1] = other
    :: other != NONE && !midle[0] && !midle[1] -> midle[2] = false; handed[2] = other
    fi;
    other = NONE
  }
}

inline wakep() {
  if
  :: atomic { npidle == 0 -> needspinning = true }; go = npidle != 0
  :: else -> go = true
  fi;
  if
  :: atomic { go && nmspinning == 0 -> nmspinning = 1; go = false }; startm()
  :: atomic { else -> go = false }
  fi
}

inline wakeNetPoller(when) {
  if
  :: nobody_polls ->
#ifndef NO_WAKEP
     wakep()
#else
     skip
#endif
  :: else ->
#ifndef NO_BREAK
     if :: pollUntil == 0 || pollUntil > when -> interrupt = true :: else fi
#else
     skip
#endif
  fi
}

inline earlier(when) { if :: when != 0 && (poll == 0 || when < poll) -> poll = when :: else fi }

inline becomeSpinning() { spinning = true; nmspinning++; needspinning = false }

proctype m(byte self; byte p) {
  byte poll, other = NONE;
  bool spinning, go, event;
  if
  :: self == 1 -> goto stop
  :: self == 2 -> poll = pollUntil; goto end_polls
  :: else
  fi;
running:
  if
  :: atomic { sets > 0 && timer[p] == 0 -> sets--; if :: timer[p] = 1 :: timer[p] = LATER fi };
     wakeNetPoller(timer[p]);
     goto running
  :: goto find
  :: goto keeps
  fi;
find:
  if
  :: atomic { timer[p] != 0 -> timer[p] = 0 }; goto found
  :: atomic { poll = timer[p] }
  fi;
  if
  :: atomic { spinning || 2 * nmspinning < N - npidle -> if :: !spinning -> becomeSpinning() :: else fi };
     if
     :: atomic { timer[1 - p] != 0 -> timer[1 - p] = 0 }; goto found
     :: atomic { earlier(timer[1 - p]) }
     fi
  :: else
  fi;
  atomic {                                    /* giveUpP */
    idle[p] = true; npidle++; p = NONE;
    if :: !spinning && needspinning -> pidleget(p); becomeSpinning(); poll = 0; goto find :: else fi
  };
#ifdef OWN_ONLY
  if :: atomic { spinning -> spinning = false; nmspinning-- }; d_step { earlier(timer[0]) }; d_step { earlier(timer[1]) } :: else fi;
#else
  atomic { if :: spinning -> spinning = false; nmspinning-- :: else fi };
#ifndef NO_CHECK
  atomic { earlier(timer[0]) }; atomic { earlier(timer[1]) };
#endif
#endif
  if                                          /* sleepM */
  :: atomic { nobody_polls -> nobody_polls = false };
     pollUntil = poll;
end_polls:
     if
     :: atomic { interrupt -> interrupt = false }
     :: atomic { poll != 0 && wakes > 0 -> wakes-- }
     :: atomic { wakes > 0 -> wakes--; event = true; interrupt = false }
     fi;
     pollUntil = 0;
     nobody_polls = true;
     atomic {
       pidleget(p);
       if
       :: p == NONE -> event = false; goto stop /* the goroutine goes to the global queue of busy Ps */
       :: else
       fi
     };
     if
     :: event ->
        event = false;
#ifndef NO_HANDOVER
        atomic { earlier(timer[0]) }; atomic { earlier(timer[1]) };
        if :: poll != 0 -> wakeNetPoller(poll) :: else fi;
#endif
        atomic { poll = 0; goto running }
     :: else ->
#ifdef ONLY_IF_SPUN
        atomic { poll = 0; goto find }
#else
        atomic { becomeSpinning(); poll = 0; goto find }
#endif
     fi
  :: else ->
#ifndef NO_MUST_WAKE
     if :: poll != 0 && (pollUntil == 0 || pollUntil > poll) -> interrupt = true :: else fi
#endif
  fi;
stop:
  atomic { poll = 0; midle[self] = true };
end_stopped:
  atomic { handed[self] != NONE -> p = handed[self]; handed[self] = NONE; spinning = true; goto find };
found:
  poll = 0;
  if :: atomic { spinning -> spinning = false; nmspinning-- }; wakep() :: else fi;
  goto running;
keeps:
  skip
}

#define watched(q) (timer[q] == 0 || (!nobody_polls && pollUntil != 0 && pollUntil <= timer[q]))

init {
  atomic {
    idle[1] = true; npidle = 1;
    if :: pollUntil = 1 :: pollUntil = LATER fi;
    if :: timer[0] = pollUntil :: timer[1] = pollUntil fi;
    run m(0, 0); run m(1, NONE); run m(2, NONE)
  };
  timeout -> assert(npidle == 0 || (watched(0) && watched(1)))
}
