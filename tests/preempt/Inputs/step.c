/* Single-steps the thread by the trap flag and asks for a stop at each instruction of compiled code, once an instruction. A
 * refused stop is passed over; an accepted one goes through the whole switch and comes back to the same instruction. */
#define _GNU_SOURCE
#include <signal.h>
#include <stdlib.h>
#include <ucontext.h>

#include "preempt.h"
#include "symtab.h"

#define TRAP_FLAG 0x100

static uint8_t *asked;      /* by offset in toytext */
static uintptr_t resumed;   /* where asyncPreempt returns to: the trap there is not a new instruction */
static int64_t accepted, refused;
static bool on;

void test_step_on(void);
int64_t test_step_off(void);

static void ask(M *mp, G *gp, ucontext_t *uc) {
  greg_t *reg = uc->uc_mcontext.gregs;
  struct sigcontext_regs r = {(uintptr_t)reg[REG_RIP], (uintptr_t)reg[REG_RSP], (uintptr_t)reg[REG_RBP]};
  if (r.pc == resumed || asked[r.pc - (uintptr_t)__start_toytext]++) {
    resumed = 0;
    return;
  }
  atomic_store(&gp->preempt, 1);
  if (!doSigPreempt(mp, &r)) {
    refused++;
    return;
  }
  resumed = *(uintptr_t *)r.sp;
  reg[REG_RIP] = (greg_t)r.pc;
  reg[REG_RSP] = (greg_t)r.sp;
  accepted++;
}

static void on_trap(int sig, siginfo_t *info, void *context) {
  ucontext_t *uc = context;
  greg_t *flags = &uc->uc_mcontext.gregs[REG_EFL];
  if (!on) {
    *flags &= ~TRAP_FLAG;
    return;
  }
  *flags |= TRAP_FLAG;
  if (in_toytext((uintptr_t)uc->uc_mcontext.gregs[REG_RIP]) && toy_g == toy_m->curg)
    ask(toy_m, toy_g, uc);
}

void test_step_on(void) {
  struct sigaction sa = {.sa_sigaction = on_trap, .sa_flags = SA_SIGINFO | SA_ONSTACK};
  sigfillset(&sa.sa_mask);
  asked = calloc((size_t)(__stop_toytext - __start_toytext), 1);
  if (!asked || sigaction(SIGTRAP, &sa, NULL))
    throw("test_step_on: refused");
  on = true;
  raise(SIGTRAP);
}

int64_t test_step_off(void) {
  on = false; /* the next trap ends it */
  if (accepted < 60 || refused < 20)
    throwf("stepping: only %ld stops, %ld refusals", (long)accepted, (long)refused);
  return accepted;
}
