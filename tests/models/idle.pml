/* idle.pml: the idle hand-shake of runtime/proc.c (FW-4, FW-5, FW-7, FW-8, RQ-11): no work lies in a queue while a P is idle
 * and every M that could look is asleep.
 *
 * Three Ps. One is the producer's: its goroutine never yields, makes others runnable, and only others can run those. Two
 * Ms look for work; a goroutine they run either ends at once or keeps its M for ever. When nothing moves any more,
 * queued > 0 && npidle > 0 would be a lost wake-up.
 * Faults that must be found:
 *   -DNO_RECHECK        the spinning sleeper does not look again after nmspinning - 1 (case 1 and 2)
 *   -DNO_RESET_WAKE     the last spinner that finds work starts no other
 *   -DNO_NEEDSPINNING   a waker that finds no idle P leaves no word (case 3)
 *   -DUNDO_LATE         startm gives the lock back before it takes back the count of the spinner it cannot start: a
 *                       resetspinning in between counts on that spinner and starts nobody
 * The search is over sequentially consistent interleavings; proc.c uses seq_cst for all that is shared here.
 *
 * RUN: %model %s
 * RUN: %model %s NO_RECHECK
 * RUN: %model %s NO_RESET_WAKE
 * RUN: %model %s NO_NEEDSPINNING
 * RUN: %model %s UNDO_LATE
 */
#define WORK 3
#define GOMAXPROCS 3

byte queued, ended, kept;
byte nmspinning, npidle, nmidle, notes;   /* notes: Ms woken as spinners with a P in hand that have not run yet */
bool needspinning, schedlock;

inline lock_() { atomic { !schedlock -> schedlock = true } }
inline unlock_() { schedlock = false }

/* startm(null, spinning) after the caller has counted the spinner. There are as many Ms as Ps, so an idle P has an M. */
inline startm() {
  lock_();
  if
  :: npidle == 0 ->
#ifndef NO_NEEDSPINNING
     needspinning = true;
#endif
#ifdef UNDO_LATE
     unlock_();
     nmspinning--
#else
     nmspinning--;
     unlock_()
#endif
  :: else ->
     npidle--;
     unlock_();
     nmidle > 0;       /* the M that gave the P up is on its way to the idle list: m.c would make a new one here */
     d_step { nmidle--; notes++ }
  fi
}

inline wakep() {       /* uses the caller's go */
  go = true;
  if
  :: npidle == 0 ->
#ifndef NO_NEEDSPINNING
     needspinning = true;
#endif
     if :: npidle == 0 -> go = false :: else fi
  :: else
  fi;
  if
  :: go -> atomic { if :: nmspinning == 0 -> nmspinning = 1 :: else -> go = false fi }
  :: else
  fi;
  if :: go -> startm() :: else fi
}

inline take() { atomic { if :: queued > 0 -> queued--; found = true :: else -> found = false fi } }

proctype m() {
  bool spinning = false, found, go, back;
  goto look;
asleep:
  skip;
  d_step { spinning = false; nmidle++ };
end_asleep:
  atomic { notes > 0 -> notes-- };
  spinning = true;
look:
  /* with a P: own ring is empty; steal when allowed to spin */
  if
  :: !spinning && 2 * nmspinning < GOMAXPROCS - npidle -> spinning = true; nmspinning++; needspinning = false
  :: else
  fi;
  found = false;
  if :: spinning -> take() :: else fi;
  if
  :: found ->
     if
     :: spinning ->
        spinning = false;
        nmspinning--;
#ifndef NO_RESET_WAKE
        wakep()
#endif
     :: else
     fi;
     if
     :: ended++; goto look
     :: kept++; goto stop
     fi
  :: else
  fi;
  lock_();             /* giveUpP */
  npidle++;
  back = false;
#ifndef NO_NEEDSPINNING
  if
  :: !spinning && needspinning -> npidle--; nmspinning++; needspinning = false; spinning = true; back = true
  :: else
  fi;
#endif
  unlock_();
  if :: back -> goto look :: else fi;
  if
  :: spinning ->
     spinning = false;
     nmspinning--;
#ifndef NO_RECHECK
     if
     :: queued > 0 ->
        lock_();
        if
        :: npidle > 0 -> npidle--; back = true
        :: else ->
#ifndef NO_NEEDSPINNING
           needspinning = true
#endif
        fi;
        unlock_();
        if :: back -> spinning = true; nmspinning++; needspinning = false; goto look :: else fi
     :: else
     fi
#endif
  :: else
  fi;
  goto asleep;
stop:
  skip
}

proctype producer() {
  byte i;
  bool go;
  do
  :: i < WORK -> queued++; wakep(); i++
  :: else -> break
  od
}

init {
  atomic { run m(); run m(); run producer() };
  timeout -> assert(queued == 0 || npidle == 0)
}
