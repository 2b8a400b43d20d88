/* The questions of a stop, each apart: who is asked, what is wanted, where it may happen; the pushed call; buffers; sysmon's sleeps.
 *
 * Rows: BS-15, SP-1, SP-7, SP-8, SP-9, SP-12, AG-9, CP-1, CP-6, SM-1, SM-6, SM-7, SM-8. */
#include "preempt.h"

static uint64_t buffer_size; /* instead of that of the routine built in */
#define asyncPreemptBufferSize buffer_size
#include "../../runtime/preempt.c"
#include "../../runtime/sysmon.c"
#include "unit.h"

/* A stand-in for compiled code: the tables of the tested program say that it is Toy code with a complete frame. */
__asm__(".section toytext,\"ax\",@progbits\n"
        "toy_code:\n .cfi_startproc\n nop\n .cfi_def_cfa_offset 16\n nop\n .cfi_def_cfa %rbp, 16\n"
        "toy_body:\n nop\n nop\n nop\n nop\n nop\n nop\n nop\n nop\n .cfi_def_cfa %rsp, 8\n"
        "toy_tail:\n nop\n .cfi_endproc\n"
        "toy_frameless:\n .cfi_startproc\n nop\n nop\n nop\n nop\n .cfi_endproc\n"
        ".section toyfuncs,\"aw\",@progbits\n"
        " .quad toy_code, toy_name, toy_name\n .long 1, 0\n .quad 0, 0\n"
        " .quad toy_frameless, toy_name, toy_name\n .long 2, 0\n .quad 0, 0\n"
        ".section .rodata\ntoy_name: .asciz \"f\"\n"
        ".section toyunsafe,\"a\",@progbits\n .quad toy_body+2, toy_body+4, 1\n .quad toy_body+4, toy_body+6, 2\n"
        " .quad toy_frameless+1, toy_frameless+3, 3\n"
        ".text\n");
extern const char toy_code[], toy_body[], toy_tail[], toy_frameless[];

static M self; /* the thread of this test */
static M other;
static P p;
static G gp, other_g0;
static _Atomic(uintptr_t) guard;
static char space[4096];

static void fresh(void) {
  memset(&other, 0, sizeof other);
  memset(&p, 0, sizeof p);
  memset(&gp, 0, sizeof gp);
  guard = 1;
  other.g0 = &other_g0;
  other.curg = &gp;
  other.guard = &guard;
  other.p = &p;
  p.m = &other;
  p.status = Prunning;
  gp.m = &other;
  gp.atomicstatus = Grunning;
  gp.stack = (struct stack){.lo = (uintptr_t)space, .hi = (uintptr_t)space + sizeof space};
}

/* CP-1. No thread has id 0, so no signal goes out here. */
static void asked(void) {
  unit_case = "preemptone";
  fresh();
  CHECK(preemptone(&p) && gp.preempt && p.preempt && guard == TOY_STACK_PREEMPT);
  CHECK_EQ(other.signalPending, 0);
  fresh(), p.m = NULL;
  CHECK(!preemptone(&p));
  fresh(), toy_m = &other;
  CHECK(!preemptone(&p));
  toy_m = &self;
  fresh(), other.curg = NULL;
  CHECK(!preemptone(&p));
  fresh(), other.curg = &other_g0;
  CHECK(!preemptone(&p) && !gp.preempt && guard == 1);
}

static void wanted(void) {
  unit_case = "wantAsyncPreempt";
  fresh();
  CHECK(!wantAsyncPreempt(&gp));
  gp.preempt = 1;
  CHECK(wantAsyncPreempt(&gp));
  gp.atomicstatus = Grunning | Gscan;
  CHECK(wantAsyncPreempt(&gp));
  gp.atomicstatus = Gwaiting;
  CHECK(!wantAsyncPreempt(&gp));
  fresh(), p.preempt = 1;
  CHECK(wantAsyncPreempt(&gp));
  other.p = NULL;
  CHECK(!wantAsyncPreempt(&gp));
}

static bool safe_at(const char *pc, uintptr_t room, uintptr_t *resume) {
  struct sigcontext_regs r = {.pc = (uintptr_t)pc, .sp = gp.stack.lo + room};
  return isAsyncSafePoint(&gp, &other, &r, resume);
}

static void where(void) {
  uintptr_t at;
  unit_case = "isAsyncSafePoint";
  fresh();
  CHECK(safe_at(toy_body, 1024, &at) && at == (uintptr_t)toy_body);
  CHECK(!safe_at(toy_code, 1024, &at) && !safe_at(toy_code + 1, 1024, &at) && !safe_at(toy_tail, 1024, &at));
  CHECK(!safe_at((const char *)(uintptr_t)&memset, 1024, &at));
  CHECK(safe_at(toy_body + 2, 1024, &at));
  CHECK(!safe_at(toy_body + 3, 1024, &at));
  CHECK(safe_at(toy_body + 4, 1024, &at) && at == (uintptr_t)toy_body + 4);
  CHECK(safe_at(toy_body + 5, 1024, &at) && at == (uintptr_t)toy_body + 4);
  CHECK(safe_at(toy_frameless + 2, 1024, &at) && at == (uintptr_t)toy_frameless); /* begins again, without a frame */
  CHECK(!safe_at(toy_frameless, 1024, &at) && !safe_at(toy_frameless + 1, 1024, &at) && !safe_at(toy_frameless + 3, 1024, &at));
  CHECK(safe_at(toy_body, ASYNC_PREEMPT_STACK, &at) && !safe_at(toy_body, ASYNC_PREEMPT_STACK - 1, &at));
  CHECK(!safe_at(toy_body, sizeof space, &at));
  other.curg = NULL;
  CHECK(!safe_at(toy_body, 1024, &at));
  fresh(), other.p = NULL;
  CHECK(!safe_at(toy_body, 1024, &at));
  fresh(), other.locks = 1;
  CHECK(!safe_at(toy_body, 1024, &at) && !canPreemptM(&other));
  fresh(), other.mallocing = 1;
  CHECK(!safe_at(toy_body, 1024, &at) && !canPreemptM(&other));
  fresh(), other.preemptoff = "test";
  CHECK(!safe_at(toy_body, 1024, &at) && !canPreemptM(&other));
  fresh(), p.status = Psyscall;
  CHECK(!safe_at(toy_body, 1024, &at) && !canPreemptM(&other));
  fresh();
  CHECK(canPreemptM(&other));
}

/* A goroutine stopped at a function's entry: its caller's frame, which rbp still belongs to, is not passed over. */
static void walked(void) {
  unit_case = "frames of a stop at an entry";
  fresh();
  uintptr_t *ctx = (uintptr_t *)space, *async = ctx + 16, *caller = ctx + 32;
  ctx[GOBUF_RBP / 8] = (uintptr_t)async;
  ctx[GOBUF_PC / 8] = (uintptr_t)&memset; /* in asyncPreempt, say */
  async[0] = (uintptr_t)caller;
  async[1] = (uintptr_t)toy_frameless;
  async[2] = (uintptr_t)toy_body + 1; /* the interrupted function's return address */
  caller[0] = 0;
  caller[1] = (uintptr_t)toy_gostart_ret;
  gp.sched.sp = (uintptr_t)ctx;
  gp.asyncSafePoint = true;
  struct frame f;
  CHECK(frame_first(&gp, &f) && f.pc == (uintptr_t)toy_frameless && f.kind == FRAME_ENTRY);
  CHECK(frame_next(&gp, &f) && f.pc == (uintptr_t)toy_body + 1 && f.kind == FRAME_CALL && f.bp == (uintptr_t)caller);
  CHECK(!frame_next(&gp, &f));
}

/* SP-7, SP-12 */
static void pushed(void) {
  struct sigcontext_regs r = {.pc = (uintptr_t)toy_body + 5, .sp = (uintptr_t)space + 2048};
  unit_case = "doSigPreempt";
  fresh();
  gp.preempt = 1;
  toy_g = &gp;
  other.signalPending = 1;
  CHECK(doSigPreempt(&other, &r));
  CHECK_EQ(r.sp, (uintptr_t)space + 2040);
  CHECK_EQ(*(uintptr_t *)r.sp, (uintptr_t)toy_body + 4);
  CHECK_EQ(r.pc, (uintptr_t)asyncPreempt);
  CHECK(other.signalPending == 0 && other.preemptGen == 1);
  r = (struct sigcontext_regs){.pc = (uintptr_t)toy_tail, .sp = (uintptr_t)space + 2048};
  other.signalPending = 1;
  CHECK(!doSigPreempt(&other, &r) && r.pc == (uintptr_t)toy_tail);
  CHECK(other.signalPending == 0 && other.preemptGen == 2);
  r.pc = (uintptr_t)toy_body;
  debugvars.asyncpreemptoff = 1;
  CHECK(!doSigPreempt(&other, &r));
  debugvars.asyncpreemptoff = 0;
  toy_g = &other_g0;
  CHECK(!doSigPreempt(&other, &r));
  toy_g = NULL;
  CHECK(!doSigPreempt(&other, &r));
}

/* AG-9: where the routine needs a buffer, no stop without one. */
static void buffers(void) {
  struct sigcontext_regs r = {.pc = (uintptr_t)toy_body + 5, .sp = (uintptr_t)space + 2048};
  unit_case = "buffers";
  fresh();
  gp.preempt = 1;
  toy_g = &gp;
  preemptbuf_refill(&p);
  CHECK(!p.preemptbufs);
  buffer_size = 2112;
  other.signalPending = 1;
  CHECK(!doSigPreempt(&other, &r) && r.pc == (uintptr_t)toy_body + 5);
  CHECK(other.signalPending == 0);
  preemptbuf_refill(&p);
  void *first = p.preemptbufs;
  CHECK(first && (uintptr_t)first % 64 == 0);
  preemptbuf_refill(&p);
  CHECK(p.preemptbufs == first && !*(void **)first);
  CHECK(doSigPreempt(&other, &r) && r.pc == (uintptr_t)asyncPreempt);
  buffer_size = 0;
  toy_g = NULL;
}

/* SM-1 */
static void sleeps(void) {
  unit_case = "sysmon_backoff";
  uint32_t delay = 0;
  for (uint32_t idle = 0; idle <= 50; idle++)
    CHECK_EQ(delay = sysmon_backoff(delay, idle), 20);
  static const uint32_t then[] = {40, 80, 160, 320, 640, 1280, 2560, 5120, 10000, 10000};
  for (uint32_t i = 0; i < nelem(then); i++)
    CHECK_EQ(delay = sysmon_backoff(delay, 51 + i), then[i]);
  CHECK_EQ(sysmon_backoff(delay, 0), 20);
}

/* SM-6, SM-7, SM-8, with ticks that wrap around */
static void ticks(void) {
  unit_case = "retake's questions";
  fresh();
  CHECK(!slice_is_over(&p, FORCE_PREEMPT_NS) && !wants_retake(&p, FORCE_PREEMPT_NS, false)); /* first sight, tick 0 */
  CHECK(slice_is_over(&p, 2 * FORCE_PREEMPT_NS));
  fresh();
  p.schedtick = 0xffffffff;
  CHECK(!slice_is_over(&p, 1000) && !slice_is_over(&p, 1000 + FORCE_PREEMPT_NS - 1));
  CHECK(slice_is_over(&p, 1000 + FORCE_PREEMPT_NS));
  p.schedtick++;
  CHECK(!slice_is_over(&p, 1000 + FORCE_PREEMPT_NS));
  p.syscalltick = 0xffffffff;
  sched.npidle = 1;
  CHECK(!wants_retake(&p, 1000, false));  /* first sight */
  CHECK(!wants_retake(&p, 2000, false));  /* nothing queued, an idle P is there */
  CHECK(wants_retake(&p, 1000 + FORCE_PREEMPT_NS, false));
  sched.npidle = 0;
  CHECK(wants_retake(&p, 2000, false));
  sched.npidle = 1;
  runqput(&p, &gp, false);
  CHECK(wants_retake(&p, 2000, false));
  p.syscalltick++;
  CHECK(!wants_retake(&p, 2000, false));  /* another call: a round of grace */
  p.syscalltick++;
  CHECK(wants_retake(&p, 2000, true));    /* but not after the slice */
}

int main(void) {
  toy_m = &self;
  symtab_init();
  cfi_init();
  unsafepoint_init();
  asked();
  wanted();
  where();
  walked();
  pushed();
  buffers();
  sleeps();
  ticks();
  return unit_end();
}
