/* layout.c: where each register lies in asyncPreempt's frame, and the checks of the tables.
 *
 * Slots follow each other in the order of the tables, each at the next multiple of its alignment, above the bytes that the
 * C ABI wants at the bottom. What lies in the buffer is counted from the buffer's beginning. A table that would lose
 * a register is refused: names occur once, slots lie apart, inside the frame, aligned and within an instruction's reach, and
 * a template names the register and the offset that it moves. */
#include <string.h>

#include "mkpreempt.h"

static int round_up(int n, int align) { return (n + align - 1) / align * align; }

static struct slot *place(struct layout *l, const struct bank *b, const struct reg *r, int size) {
  int *end = b->buffer ? &l->buffer : &l->frame;
  struct slot *s = &l->slots[l->n++];
  *end = round_up(*end, b->align ? b->align : 1);
  *s = (struct slot){.offset = *end, .size = size, .bank = b, .reg = r};
  *end += size;
  return s;
}

static const struct reg *next_saved(const struct bank *b, int i) {
  while (i < b->n && b->regs[i].role != SAVED)
    i++;
  return i < b->n ? &b->regs[i] : NULL;
}

static bool place_bank(struct layout *l, const struct bank *b) {
  const struct reg *second = NULL;
  for (const struct reg *r = next_saved(b, 0); r; r = next_saved(b, (int)((second ? second : r) - b->regs) + 1)) {
    if (l->n == MAX_SLOTS)
      return false;
    second = b->save2 ? next_saved(b, (int)(r - b->regs) + 1) : NULL;
    place(l, b, r, second ? 2 * b->size : b->size)->second = second;
  }
  return true;
}

const char *layout_make(struct layout *l, const struct isa *isa, bool softfloat) {
  *l = (struct layout){.isa = isa, .frame = isa->bottom};
  for (int i = 0; i < isa->nbanks; i++)
    if (!(softfloat && isa->banks[i].fp) && !place_bank(l, &isa->banks[i]))
      return "too many slots";
  l->frame = round_up(l->frame, isa->align ? isa->align : 1);
  return layout_problem(l);
}

/* ---- checks */

static bool misplaced(const struct layout *l, const struct slot *s) {
  int low = s->bank->buffer ? 0 : l->isa->bottom, high = s->bank->buffer ? l->buffer : l->frame;
  return s->offset < low || s->offset + s->size > high || (s->size && s->offset >= l->isa->reach);
}

static bool overlap(const struct slot *a, const struct slot *b) {
  return a->bank->buffer == b->bank->buffer && a->offset < b->offset + b->size && b->offset < a->offset + a->size;
}

static bool names(const char *text, const char *what) { return text && strstr(text, what); }

/* A bank of several registers must say which one it moves; whatever has a slot must say where, both ways. */
static const char *template_problem(const struct bank *b) {
  if (b->size && (!names(b->save, "{o}") || !names(b->restore, "{o}")))
    return "a template without its offset";
  if (b->n > 1 && (!names(b->save, "{r}") || !names(b->restore, "{r}")))
    return "a template without its register";
  if (b->save2 && (!names(b->save2, "{r}, {q}") || !names(b->restore2, "{r}, {q}")))
    return "a template for two without its registers";
  return NULL;
}

static const char *slot_problem(const struct layout *l, int i) {
  const struct slot *s = &l->slots[i];
  if (misplaced(l, s))
    return "a slot out of place";
  if (s->bank->align && s->offset % s->bank->align)
    return "a slot that is not aligned";
  for (int j = 0; j < i; j++)
    if (overlap(s, &l->slots[j]))
      return "slots that overlap";
  for (int j = 0; j < i; j++)
    if (l->slots[j].reg == s->reg || l->slots[j].second == s->reg || !strcmp(l->slots[j].reg->name, s->reg->name))
      return "a register with two slots";
  return template_problem(s->bank);
}

static int count_role(const struct isa *isa, enum role role) {
  int n = 0;
  for (int i = 0; i < isa->nbanks; i++)
    for (int j = 0; j < isa->banks[i].n; j++)
      n += isa->banks[i].regs[j].role == role;
  return n;
}

const char *layout_problem(const struct layout *l) {
  if (l->isa->whole)
    return NULL;
  if (count_role(l->isa, STACK) != 1)
    return "not one stack pointer";
  if (count_role(l->isa, JUMP) > 1)
    return "more than one register for the jump";
  for (int i = 0; i < l->n; i++) {
    const char *problem = slot_problem(l, i);
    if (problem)
      return problem;
  }
  return NULL;
}
