/* throw.c: the three ways a program ends badly, and the printing they need.
 *
 *   throw   a bug of the runtime: constant or formatted text, the state of the M that found it, all goroutines
 *   fatal   a fault of the program or a refusal of the system that nobody can handle: text, all goroutines
 *   panic   the language's; panic.c prints the message, dopanic the goroutines
 * All end with status 2, by way of dying(): one thread reports, others that come to die wait for it for ever, so that
 * reports do not mix; a thread that dies again while reporting leaves out what it died in, then everything. Who has
 * something to say before "fatal error:" takes the report first, with startfatal: a line printed by a thread that then
 * loses the race stands in the winner's report.
 *
 * Nothing here allocates, takes a lock, or needs a P: it must work from any broken state, on g0 and on the signal
 * stack.
 */
#include "runtime.h"

#include <stdarg.h>
#include <string.h>
#include <unistd.h>

_Atomic int32_t panicking;
static _Atomic int32_t deathowner; /* procid of the reporting thread */

/* ---- formatting: enough for reports */

struct outbuf { size_t n; char text[512]; };

static void write_to_buffer(struct writebuf *w, const char *text, size_t n) {
  size_t room = w->size - w->used;
  n = n < room ? n : room;
  memcpy(w->p + w->used, text, n);
  w->used += n;
}

static void flush(struct outbuf *b) {
  if (toy_m && toy_m->writebuf)
    write_to_buffer(toy_m->writebuf, b->text, b->n);
  else
    os_write(2, b->text, b->n);
  b->n = 0;
}

static void put(struct outbuf *b, const char *s, size_t n) {
  for (; n > 0; n--) {
    if (b->n == sizeof b->text)
      flush(b);
    b->text[b->n++] = *s++;
  }
}

static void put_unsigned(struct outbuf *b, uint64_t v, unsigned base, bool prefix) {
  char digits[24];
  size_t i = sizeof digits;
  do
    digits[--i] = "0123456789abcdef"[v % base];
  while (v /= base);
  if (prefix)
    put(b, "0x", 2);
  put(b, digits + i, sizeof digits - i);
}

static void put_signed(struct outbuf *b, int64_t v) {
  if (v < 0)
    put(b, "-", 1);
  put_unsigned(b, v < 0 ? -(uint64_t)v : (uint64_t)v, 10, false);
}

struct spec { bool sharp, wide; int precision; };

static const char *parse_spec(const char *f, struct spec *s, va_list *ap) {
  *s = (struct spec){.precision = -1};
  for (;; f++) {
    if (*f == '#')
      s->sharp = true;
    else if (*f == 'l' || *f == 'z')
      s->wide = true;
    else if (f[0] == '.' && f[1] == '*')
      s->precision = va_arg(*ap, int), f++;
    else
      return f;
  }
}

static void put_string(struct outbuf *b, const char *s, int precision) {
  s = s ? s : "(null)";
  put(b, s, precision >= 0 ? (size_t)precision : strlen(s));
}

static void vformat(struct outbuf *b, const char *fmt, va_list *ap) {
  for (const char *f = fmt; *f; f++) {
    struct spec s;
    if (*f != '%') {
      put(b, f, 1);
      continue;
    }
    f = parse_spec(f + 1, &s, ap);
    switch (*f) {
    case 's': put_string(b, va_arg(*ap, const char *), s.precision); break;
    case 'c': put(b, &(char){(char)va_arg(*ap, int)}, 1); break;
    case 'd': put_signed(b, s.wide ? va_arg(*ap, int64_t) : va_arg(*ap, int32_t)); break;
    case 'u': put_unsigned(b, s.wide ? va_arg(*ap, uint64_t) : va_arg(*ap, uint32_t), 10, false); break;
    case 'x': put_unsigned(b, s.wide ? va_arg(*ap, uint64_t) : va_arg(*ap, uint32_t), 16, s.sharp); break;
    case 'p': put_unsigned(b, (uintptr_t)va_arg(*ap, void *), 16, true); break;
    default: put(b, f, 1); break;
    }
  }
}

void rtprintf(const char *fmt, ...) {
  struct outbuf b = {.n = 0};
  va_list ap;
  va_start(ap, fmt);
  vformat(&b, fmt, &ap);
  va_end(ap);
  flush(&b);
}

/* ---- dying */

static _Noreturn void freeze(void) {
  for (;;)
    pause();
}

/* True: this thread reports. False: it was reporting already and died again. Others do not return. */
static bool dying(void) {
  int32_t me = os_gettid(), nobody = 0;
  if (toy_m)
    toy_m->writebuf = NULL;
  atomic_fetch_add_explicit(&panicking, 1, memory_order_seq_cst); /* partner: rt_maindone */
  if (atomic_compare_exchange_strong_explicit(&deathowner, &nobody, me, memory_order_acq_rel, memory_order_acquire))
    return true;
  if (nobody != me)
    freeze();
  return false;
}

static void print_m(const M *mp) {
  P *pp = getp(mp);
  rtprintf("runtime: m%ld thread %d p=%d curg=%ld locks=%d mallocing=%d spinning=%d gomaxprocs=%d\n", (long)mp->id,
           atomic_load_explicit(&mp->procid, memory_order_relaxed), pp ? pp->id : -1,
           mp->curg ? (long)mp->curg->goid : -1L,
           mp->locks, mp->mallocing, mp->spinning, atomic_load_explicit(&gomaxprocs, memory_order_relaxed));
  if (mp->curg)
    rtprintf("runtime: g %ld status %s stack [%#lx, %#lx) sp %#lx\n", (long)mp->curg->goid,
             gstatus_name(readgstatus(mp->curg)), (unsigned long)mp->curg->stack.lo, (unsigned long)mp->curg->stack.hi,
             (unsigned long)mp->curg->sched.sp);
}

static void print_goroutine(G *gp) {
  rtprintf("\n");
  goroutineheader(gp);
  traceback(gp);
}

static bool begin_death(void) {
  if (dying()) {
    freezetheworld(); /* nobody prints into the report, and stacks that are walked do not run on */
    return true;
  }
  if (toy_m && toy_m->dying++ >= 1)
    _exit(3); /* a third time: even this much does not work */
  return false;
}

/* startfatal's thread has the report and has not come to die() yet. The deathowner's alone. */
static bool in_preamble;

static bool end_preamble(void) {
  if (atomic_load_explicit(&deathowner, memory_order_acquire) != os_gettid() || !in_preamble)
    return false;
  in_preamble = false;
  return true;
}

/* Not for a thread that is reporting already: its second death is counted once, by die(). */
void startfatal(void) {
  if (atomic_load_explicit(&deathowner, memory_order_acquire) != os_gettid())
    in_preamble = begin_death();
}

static _Noreturn void die(const char *fmt, va_list *ap, bool with_state) {
  bool first = end_preamble() || begin_death();
  struct outbuf b = {.n = 0};
  put(&b, "fatal error: ", 13);
  vformat(&b, fmt, ap);
  put(&b, "\n", 1);
  flush(&b);
  if (!first) {
    rtprintf("[fatal error while reporting an error]\n");
    _exit(2);
  }
  if (with_state && toy_m)
    print_m(toy_m);
  G *gp = toy_m ? toy_m->curg : NULL;
  if (gp)
    print_goroutine(gp);
  tracebackothers(gp);
  exit_program(2);
}

#define DIE(with_state) \
  va_list ap;           \
  va_start(ap, fmt);    \
  die(fmt, &ap, with_state)

void throwf(const char *fmt, ...) { DIE(true); }
void throw(const char *text) { throwf("%s", text); }
void fatalf(const char *fmt, ...) { DIE(false); }
void fatal(const char *text) { fatalf("%s", text); }

void startpanic(void) {
  if (!begin_death())
    rtprintf("[panic while reporting an error]\n");
}

/* Only the goroutine that panicked, as Go's default is. */
void dopanic(G *gp) {
  print_goroutine(gp);
  exit_program(2);
}

void exit_program(int status) {
  printstats();
  _exit(status);
}

/* Called from assembly. */
void badsystemstack(void);
void badsystemstack(void) { throw("systemstack called from unexpected goroutine"); }
