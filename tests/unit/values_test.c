/* values_test.c: strings, slices, interface equality, itabs, print and the texts of panics, each without a scheduler: the
 * sources are included, what they ask of the rest of the runtime is here. */
#define UNIT_ALONE
#include "runtime.h"
#include "unit.h"

static M unit_m;
static P unit_p;
static G unit_g;
_Thread_local G *toy_g;
_Thread_local M *toy_m;

static char written[1 << 16];
static size_t nwritten, nwrites;

void os_write(int fd, const void *p, size_t n) {
  if (nwritten + n < sizeof written) {
    memcpy(written + nwritten, p, n);
    nwritten += n;
    written[nwritten] = 0;
  }
  nwrites++;
}

static jmp_buf died;
void startpanic(void) { nwritten = 0; }
_Noreturn void dopanic(G *gp) { longjmp(died, 1); }
_Atomic int32_t runningPanicDefers;
void toy_raise(void) {}
_Noreturn void toy_gogo(G *gp) { abort(); }
void rtprintf(const char *fmt, ...) {}
_Noreturn void fatal(const char *text) { throwf("%s", text); }
_Noreturn void fatalf(const char *fmt, ...) { throwf("%s", fmt); }
void lock(struct mutex *l) { l->key = 1; }
void unlock(struct mutex *l) { l->key = 0; }
void *os_trymmap(size_t bytes) { return calloc(1, bytes); }
void os_hugepages(void *p, size_t bytes) {}

#include "../../runtime/iface.c"
#include "../../runtime/malloc.c"
#include "../../runtime/panic.c"
#include "../../runtime/print.c"
#include "../../runtime/slice.c"
#include "../../runtime/string.c"

#define CHECK_PANICS(call, text)                                                                             \
  do {                                                                                                       \
    if (!setjmp(died)) {                                                                                     \
      call;                                                                                                  \
      strcpy(written, "nothing");                                                                            \
    }                                                                                                        \
    if (strcmp(written, "panic: " text "\n") != 0) {                                                         \
      unit_failures++;                                                                                       \
      fprintf(stderr, "%s:%d: printed \"%s\", not \"%s\"\n", __FILE__, __LINE__, written, "panic: " text);    \
    }                                                                                                        \
  } while (0)

/* ---- descriptors */

#define NAMED(s) {s, sizeof(s) - 1}
static const uint8_t mask_one[] = {1}, mask_iface[] = {3};
static const struct toy_type t_int = {.size = 8, .align = 8, .kind = TOY_KIND_INT, .flags = 3, .name = NAMED("int")};
static const struct toy_type t_byte = {.size = 1, .align = 1, .kind = TOY_KIND_UINT8, .flags = 3, .name = NAMED("uint8")};
static const struct toy_type t_f64 = {.size = 8, .align = 8, .kind = TOY_KIND_FLOAT64, .flags = 1, .name = NAMED("float64")};
static const struct toy_type t_string = {
  .size = 16, .align = 8, .ptrdata = 8, .ptrmask = mask_one, .kind = TOY_KIND_STRING, .flags = 1, .name = NAMED("string")};
static const struct toy_type t_ptr = {
  .size = 8, .align = 8, .ptrdata = 8, .ptrmask = mask_one, .kind = TOY_KIND_POINTER, .flags = 7, .name = NAMED("*int"), .elem = &t_int};
static const struct toy_type t_slice = {
  .size = 24, .align = 8, .ptrdata = 8, .ptrmask = mask_one, .kind = TOY_KIND_SLICE, .name = NAMED("[]int"), .elem = &t_int};
static const struct toy_type t_any = {
  .size = 16, .align = 8, .ptrdata = 16, .ptrmask = mask_iface, .kind = TOY_KIND_INTERFACE, .flags = 1, .name = NAMED("interface {}")};

/* ---- strings */

/* The standard's definition, from the scalar value up: encode all, and every byte string of up to 4 bytes that is no
 * encoding must not decode to more than one byte. */
static void test_utf8(void) {
  unit_case = "utf8";
  for (int32_t r = 0; r <= RUNE_MAX; r++) {
    unsigned char c[8] = {0};
    int width = encode(c, r);
    bool surrogate = r >= 0xd800 && r < 0xe000;
    struct i32_i64 d = toy_decoderune(c, width, 0);
    if (d.a != (surrogate ? RUNE_ERROR : r) || d.b != width) CHECK_EQ(r, -1);
    for (int cut = 1; cut < width; cut++)
      if (toy_decoderune(c, cut, 0).a != RUNE_ERROR || toy_decoderune(c, cut, 0).b != 1) CHECK_EQ(r, -2);
  }
  static const char *const bad[] = {"\x80", "\xc0\x80", "\xc1\xbf", "\xe0\x80\x80", "\xe0\x9f\xbf", "\xed\xa0\x80",
                                    "\xf0\x80\x80\x80", "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80",
                                    "\xff", "\xc3\x28", "\xe4\xb8\x28", "\xf0\x9f\x98\x28"};
  for (size_t i = 0; i < nelem(bad); i++) {
    struct i32_i64 d = toy_decoderune((void *)bad[i], (int64_t)strlen(bad[i]), 0);
    CHECK_EQ(d.a, RUNE_ERROR);
    CHECK_EQ(d.b, 1);
  }
}

static int sign(int64_t v) { return (v > 0) - (v < 0); }

static void test_compare(void) {
  unit_case = "compare";
  char a[40], b[40];
  uint32_t seed = 1;
  for (int i = 0; i < 200000; i++) {
    int64_t n = (seed = seed * 1664525 + 1013904223) >> 27, m = (seed = seed * 1664525 + 1013904223) >> 27;
    memset(a, 'x', sizeof a);
    memset(b, 'x', sizeof b);
    a[(seed >> 8) % 40] = (char)(seed >> 16);
    b[(seed >> 12) % 40] = (char)(seed >> 20);
    int c = memcmp(a, b, (size_t)(n < m ? n : m));
    CHECK_EQ(sign(toy_cmpstring(a, n, b, m)), c ? sign(c) : sign(n - m));
    CHECK_EQ(toy_typedmemequal(a, b, n), memcmp(a, b, (size_t)n) == 0);
  }
}

static bool is(struct ref_i64 s, const char *text) {
  return s.n == (int64_t)strlen(text) && memcmp(s.ref, text, (size_t)s.n) == 0;
}

static void test_strings(void) {
  unit_case = "strings";
  struct toy_str parts[] = {NAMED("ab"), NAMED(""), NAMED("cde"), NAMED("f")};
  CHECK(is(rt_concatstrings(parts, 4), "abcdef"));
  CHECK(rt_concatstrings(parts, 2).ref == parts[0].ptr);
  CHECK_EQ(rt_concatstrings(parts + 1, 1).n, 0);
  int32_t runes[] = {'a', 0x4e16, 0x1f600, -1, 0xd800};
  CHECK(is(rt_runestostring(runes, 5), "a\xe4\xb8\x96\xf0\x9f\x98\x80\xef\xbf\xbd\xef\xbf\xbd"));
  struct ref_i64 r = rt_stringtorunes("a\xe4\xb8\x96\xff", 5);
  CHECK_EQ(r.n, 3);
  CHECK_EQ(((int32_t *)r.ref)[1], 0x4e16);
  CHECK_EQ(((int32_t *)r.ref)[2], RUNE_ERROR);
  CHECK(is(rt_intstring('A'), "A"));
  CHECK(is(rt_intstring((int64_t)1 << 40), "\xef\xbf\xbd"));
  CHECK_EQ(rt_stringtobytes("12345", 5).n, 8);
}

/* ---- slices */

static void grows_to(const struct toy_type *t, const int64_t *caps, size_t n) {
  int64_t cap = 0;
  void *p = NULL;
  for (size_t i = 0; i < n; i++) {
    struct ref_i64 s = rt_growslice(t, p, cap + 1, cap, 1);
    CHECK_EQ(s.n, caps[i]);
    for (int64_t k = cap * t->size; k < s.n * t->size; k++) CHECK_EQ(((char *)s.ref)[k], 0);
    p = s.ref;
    cap = s.n;
    memset(p, 0x5a, (size_t)(cap * t->size));
  }
}

/* What newest Go prints for cap() of a slice that append grows by one each time. */
static void test_growslice(void) {
  unit_case = "growslice";
  static const int64_t ints[] = {1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 848, 1280, 1792, 2560, 3408, 5120, 7168, 9216, 12288};
  static const int64_t bytes[] = {8, 16, 32, 64, 128, 256, 512, 896, 1408, 2048, 3072, 4096, 5376, 6912, 9472};
  grows_to(&t_int, ints, nelem(ints));
  grows_to(&t_byte, bytes, nelem(bytes));
  CHECK_PANICS(rt_growslice(&t_int, NULL, INT64_MIN, 0, 1), "runtime error: growslice: len out of range");
  CHECK_PANICS(rt_makeslice(&t_int, -1, -1), "runtime error: makeslice: len out of range");
  CHECK_PANICS(rt_makeslice(&t_int, INT64_MAX, INT64_MAX), "runtime error: makeslice: len out of range");
  CHECK_PANICS(rt_makeslice(&t_int, 1, INT64_MAX), "runtime error: makeslice: cap out of range");
  CHECK_PANICS(rt_makeslice(&t_int, 2, 1), "runtime error: makeslice: cap out of range");
}

/* ---- memory */

static void test_malloc(void) {
  unit_case = "malloc";
  for (int i = 0; i < 100000; i++) {
    size_t n = (size_t)(i % 300) + 1;
    char *p = mallocnoscan(n, 1);
    uint64_t *q = mallocarray(&t_string, n, n * 16);
    CHECK(n < 8 || (uintptr_t)p % 8 == 0);
    CHECK(p[0] == 0 && p[n - 1] == 0 && q[0] == 0 && q[2 * n - 1] == 0);
    CHECK(objhdr_type(q[-1]) == &t_string);
    CHECK_EQ(objhdr_count(q - 1), n);
    memset(p, 0xff, n);
    memset(q, 0xff, n * 16);
  }
  CHECK(rt_newobject(&t_int) != rt_newobject(&t_int));
  CHECK(mallocnoscan(0, 1) == mallocnoscan(0, 8));
  char *big = mallocnoscan(20 << 20, 8);
  CHECK(big[0] == 0 && big[(20 << 20) - 1] == 0);
}

/* ---- interfaces */

struct iface { const void *type; void *data; };

static void test_efaceeq(void) {
  unit_case = "efaceeq";
  int64_t one = 1, uno = 1, two = 2;
  CHECK(rt_efaceeq(&t_int, &one, &t_int, &uno));
  CHECK(!rt_efaceeq(&t_int, &one, &t_int, &two));
  CHECK(!rt_efaceeq(&t_int, &one, NULL, NULL));
  CHECK(rt_efaceeq(NULL, NULL, NULL, NULL));
  CHECK(rt_efaceeq(&t_ptr, &one, &t_ptr, &one));
  CHECK(!rt_efaceeq(&t_ptr, &one, &t_ptr, &uno));
  double nan = NAN, zero = 0.0, minus = -0.0;
  CHECK(!rt_efaceeq(&t_f64, &nan, &t_f64, &nan));
  CHECK(rt_efaceeq(&t_f64, &zero, &t_f64, &minus));
  struct toy_str a = NAMED("same"), b = {strdup("same"), 4};
  CHECK(rt_efaceeq(&t_string, &a, &t_string, &b));
  CHECK_PANICS(rt_efaceeq(&t_slice, &a, &t_slice, &a), "runtime error: comparing uncomparable type []int");
}

/* A list through interfaces, longer than any stack of C frames would allow. */
static void test_efaceeq_long(void) {
  unit_case = "efaceeq, long chain";
  enum { N = 1000000 };
  static const struct toy_field fields[] = {{NAMED("next"), &t_any, 0, 0}, {NAMED("v"), &t_int, 16, 0}};
  static const struct toy_type t_node = {
    .size = 24, .align = 8, .ptrdata = 16, .ptrmask = mask_iface, .kind = TOY_KIND_STRUCT, .flags = 1,
    .name = NAMED("main.node"), .fields = fields, .nfields = 2};
  struct node { struct iface next; int64_t v; } *a = calloc(N, sizeof *a), *b = calloc(N, sizeof *b);
  for (int i = 0; i + 1 < N; i++) {
    a[i].next = (struct iface){&t_node, &a[i + 1]};
    b[i].next = (struct iface){&t_node, &b[i + 1]};
  }
  CHECK(rt_efaceeq(&t_node, a, &t_node, b));
  b[N - 1].v = 1;
  CHECK(!rt_efaceeq(&t_node, a, &t_node, b));
  b[N - 1].v = 0;
  b[0].v = 1;
  CHECK(!rt_efaceeq(&t_node, a, &t_node, b));
  free(a);
  free(b);
}

static void test_itabs(void) {
  unit_case = "itabs";
  static const struct toy_method want[] = {{NAMED("A"), &t_int, NULL}, {NAMED("C"), &t_int, NULL}};
  static const struct toy_type iface = {.kind = TOY_KIND_INTERFACE, .name = NAMED("main.I"), .hash = 7, .methods = want, .nmethods = 2};
  static const struct toy_method has[] = {
    {NAMED("A"), &t_int, (void *)1}, {NAMED("B"), &t_int, (void *)2}, {NAMED("C"), &t_int, (void *)3}};
  static const struct toy_type yes = {.name = NAMED("main.Y"), .hash = 9, .methods = has, .nmethods = 3};
  static const struct toy_type no = {.name = NAMED("main.N"), .hash = 9, .methods = has, .nmethods = 2};
  static const struct toy_method wrong[] = {{NAMED("A"), &t_int, (void *)1}, {NAMED("C"), &t_f64, (void *)3}};
  static const struct toy_type mismatch = {.name = NAMED("main.W"), .hash = 10, .methods = wrong, .nmethods = 2};
  const struct toy_itab *it = rt_ifaceE2I(&iface, &yes);
  CHECK(it && it->fun[0] == (void *)1 && it->fun[1] == (void *)3);
  CHECK(rt_ifaceE2I(&iface, &yes) == it);
  CHECK(!rt_ifaceE2I(&iface, &no));
  CHECK(!rt_ifaceE2I(&iface, &no));
  CHECK(!rt_ifaceE2I(&iface, &mismatch));
  struct toy_type *many = calloc(5000, sizeof *many);
  const void **itab = calloc(5000, sizeof *itab);
  for (int i = 0; i < 5000; i++) {
    many[i] = yes;
    many[i].hash = (uint32_t)i / 3;
    itab[i] = rt_ifaceE2I(&iface, &many[i]);
  }
  for (int i = 0; i < 5000; i++) CHECK(itab[i] && rt_ifaceE2I(&iface, &many[i]) == itab[i]);
  free(itab);
  free(many);
  CHECK_PANICS(rt_panicdottype(&t_int, &t_string, &t_any), "interface conversion: interface {} is int, not string");
  CHECK_PANICS(rt_panicdottype(NULL, &t_string, &t_any), "interface conversion: interface {} is nil, not string");
  CHECK_PANICS(rt_panicdottype(NULL, &iface, &t_any), "interface conversion: interface is nil, not main.I");
  CHECK_PANICS(rt_panicdottype(&no, &iface, &t_any), "interface conversion: main.N is not main.I: missing method C");
}

/* ---- print and panic */

static int64_t bits(double v) {
  int64_t n;
  memcpy(&n, &v, 8);
  return n;
}

static void test_print(void) {
  unit_case = "print";
  float f = 0.1f;
  int64_t f32 = 0;
  memcpy(&f32, &f, 4);
  struct toy_printcell cells[] = {
    {TOY_PRINT_INT, NULL, INT64_MIN}, {TOY_PRINT_SPACE, NULL, 0}, {TOY_PRINT_UINT, NULL, -1}, {TOY_PRINT_SPACE, NULL, 0},
    {TOY_PRINT_FLOAT, NULL, bits(1e21)}, {TOY_PRINT_SPACE, NULL, 0}, {TOY_PRINT_FLOAT32, NULL, f32},
    {TOY_PRINT_SPACE, NULL, 0}, {TOY_PRINT_BOOL, NULL, 1}, {TOY_PRINT_STRING, "s\0t", 3},
    {TOY_PRINT_SLICE, (void *)0xabc, 2}, {TOY_PRINT_INT, NULL, 3}, {TOY_PRINT_EFACE, (void *)2, 1},
    {TOY_PRINT_POINTER, NULL, 0}, {TOY_PRINT_NEWLINE, NULL, 0}};
  static const char want[] = "-9223372036854775808 18446744073709551615 1e+21 0.1 trues\0t[2/3]0xabc(0x1,0x2)0x0\n";
  nwritten = nwrites = 0;
  rt_print(cells, nelem(cells));
  CHECK_EQ(nwritten, sizeof want - 1);
  CHECK(memcmp(written, want, sizeof want - 1) == 0);
  CHECK_EQ(nwrites, 1);
  static char text[20000];
  memset(text, 'x', sizeof text);
  struct toy_printcell big[] = {{TOY_PRINT_STRING, text, sizeof text}, {TOY_PRINT_STRING, text, sizeof text}};
  nwritten = nwrites = 0;
  rt_print(big, 2);
  CHECK_EQ(nwritten, 2 * sizeof text);
  CHECK_EQ(nwrites, 1);
  CHECK_THROWS(rt_print(&(struct toy_printcell){99, NULL, 0}, 1), "unknown kind");
}

/* What is printed of a panic that nobody recovers. */
static void report(const struct toy_type *type, void *data, const char *text) {
  struct toy_panic p = {.type = type, .data = data, .text = {text, text ? (int64_t)strlen(text) : 0}, .asked = text};
  unit_m.curg = &unit_g;
  rt_runtime_fatalpanic(&p);
}

static void test_panics(void) {
  unit_case = "panics";
  static const struct toy_type t_word = {.size = 16, .kind = TOY_KIND_STRING, .name = NAMED("main.word")};
  static const struct toy_type t_num = {.size = 1, .kind = TOY_KIND_INT8, .name = NAMED("main.num")};
  static const struct toy_type t_rec = {.size = 16, .kind = TOY_KIND_STRUCT, .name = NAMED("main.T")};
  struct toy_str s = NAMED("a\nb\n");
  int8_t minus = -7;
  uint8_t byte = 200;
  CHECK_PANICS(report(&t_string, &s, NULL), "a\n\tb\n\t");
  CHECK_PANICS(report(&t_word, &s, NULL), "main.word(\"a\n\tb\n\t\")");
  CHECK_PANICS(report(&t_num, &minus, NULL), "main.num(-7)");
  CHECK_PANICS(report(&t_byte, &byte, NULL), "200");
  CHECK_PANICS(report(&t_rec, (void *)0x1234, NULL), "(main.T) 0x1234");
  CHECK_PANICS(report(&t_rec, &s, "its text"), "its text");
  CHECK_PANICS(rt_panicindex(5, 3), "runtime error: index out of range [5] with length 3");
  CHECK_PANICS(rt_panicindex(-1, 3), "runtime error: index out of range [-1]");
  CHECK_PANICS(rt_panicindexu(-1, 3), "runtime error: index out of range [18446744073709551615] with length 3");
  CHECK_PANICS(rt_panicslice(TOY_SLICE_ALEN, 5, 3), "runtime error: slice bounds out of range [:5] with length 3");
  CHECK_PANICS(rt_panicslice(TOY_SLICE_ACAP, -5, 3), "runtime error: slice bounds out of range [:-5]");
  CHECK_PANICS(rt_panicslice(TOY_SLICE_B, 5, 3), "runtime error: slice bounds out of range [5:3]");
  CHECK_PANICS(rt_panicslice(TOY_SLICE_B, -5, 3), "runtime error: slice bounds out of range [-5:]");
  CHECK_PANICS(rt_panicslice(TOY_SLICE3_ACAP, 5, 3), "runtime error: slice bounds out of range [::5] with capacity 3");
  CHECK_PANICS(rt_panicslice(TOY_SLICE3_B, 5, 3), "runtime error: slice bounds out of range [:5:3]");
  CHECK_PANICS(rt_panicslice(TOY_SLICE3_C, 5, 3), "runtime error: slice bounds out of range [5:3:]");
  CHECK_PANICS(rt_panicdivide(), "runtime error: integer divide by zero");
}

int main(void) {
  toy_m = &unit_m;
  unit_m.p = &unit_p;
  test_utf8();
  test_compare();
  test_strings();
  test_growslice();
  test_malloc();
  test_efaceeq();
  test_efaceeq_long();
  test_itabs();
  test_print();
  test_panics();
  return unit_end();
}
