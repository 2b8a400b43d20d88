/* The public header agrees with what the runtime uses: the descriptor is the beginning of Toy's, the table expands to data, and
 * effects follow the kinds. Rows: none; the contract. */
#include "../../runtime/abi/toy.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "../../runtime/abi/type.h"

static const struct toy_call calls[] = {
#define TOYRT TOY_CALL_ROW
#define TOYPKG(...)
#include "../../runtime/abi/runtime.def"
#undef TOYRT
#undef TOYPKG
};
enum { CALLS = sizeof calls / sizeof *calls };

static int failures;
#define CHECK(cond) ((cond) ? (void)0 : (void)(failures++, printf("line %d: %s\n", __LINE__, #cond)))
#define SAME(field) CHECK(offsetof(struct toy_descriptor, field) == offsetof(struct toy_type, field))

static void test_descriptor(void) {
  SAME(size);
  SAME(ptrdata);
  SAME(ptrmask);
  SAME(hash);
  SAME(align);
  SAME(kind);
  SAME(flags);
  CHECK(sizeof(struct toy_descriptor) == offsetof(struct toy_type, name));
}

static const struct toy_call *find(const char *symbol) {
  for (int i = 0; i < CALLS; i++)
    if (strcmp(calls[i].symbol, symbol) == 0)
      return &calls[i];
  return NULL;
}

static void test_table(void) {
  const struct toy_call *grow = find("toy_growslice"), *send = find("toy_chansend"), *len = find("toy_chanlen");
  static const unsigned char signature[] = {TOY_V_REF_I64, TOY_V_PTR, TOY_V_REF, TOY_V_I64, TOY_V_I64, TOY_V_I64, TOY_V_END};
  CHECK(grow && memcmp(grow->signature, signature, sizeof signature) == 0);
  CHECK(send && (send->effects & TOY_MAY_WAIT) && strcmp(send->kind, "PARK") == 0);
  CHECK(len && len->effects == TOY_IN_SIGNAL);
  for (int i = 0; i < CALLS; i++) {
    CHECK(!(calls[i].effects & TOY_IN_SIGNAL) || !(calls[i].effects & TOY_MAY_MOVE));
    CHECK(calls[i].signature[0] != TOY_V_END && calls[i].signature[9] == TOY_V_END);
  }
}

int main(void) {
  test_descriptor();
  test_table();
  return failures != 0;
}
