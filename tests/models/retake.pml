/* retake.pml: sysmon takes the P of a goroutine in a system call, against the return of that call (SM-7, SC-1, SC-4).
 *
 * One word decides: the P's status, syscall→idle by CAS on either side. Claims: never two owners of the P; the goroutine
 * that comes back always ends up running with a P or in the global queue.
 * Fault that must be found: -DBLIND (the returning M takes its old P by a store).
 *
 * RUN: %model %s
 * RUN: %model %s BLIND
 */
mtype = { Syscall, Idle, Runs };
mtype pstatus = Syscall;
byte owners;               /* Ms that run Toy code with this P */
bool queued, returned;

inline cas_to_idle(won) { atomic { if :: pstatus == Syscall -> pstatus = Idle; won = true :: else -> won = false fi } }

proctype sysmon() {
  bool won;
  cas_to_idle(won);
  if
  :: won ->                /* handoffp: another M gets it, under sched.lock */
     atomic { pstatus == Idle -> pstatus = Runs };
     owners++;
     assert(owners == 1);
     if :: queued -> queued = false :: else fi;
     owners--;
     pstatus = Idle
  :: else
  fi
}

proctype returning() {
  bool won;
#ifdef BLIND
  pstatus = Idle; won = true;
#else
  cas_to_idle(won);
#endif
  if
  :: won -> pstatus = Runs; owners++; assert(owners == 1); owners--; pstatus = Idle
  :: else ->
     if
     :: atomic { pstatus == Idle -> pstatus = Runs }; owners++; assert(owners == 1); owners--; pstatus = Idle
     :: pstatus != Idle -> queued = true
     fi
  fi;
  returned = true
}

init { atomic { run sysmon(); run returning() }; _nr_pr == 1; assert(returned && owners == 0) }
