/* gen_chan.c: sending and receiving. The runtime reads and writes elements through an address in the frame. */
#include "gen.h"

void gen_send(Gen *g, Value ch, Value v) {
  Ir elem = borrow_elem(g, v.type);
  value_store(g, v, elem);
  RT(g, chansend, NULL, ch.w[0], elem);
  return_temp(g, elem);
}

Value gen_receive(Gen *g, Expr *recv, Ir *ok) {
  Value here = received_here(g, recv, ok);
  if (here.type) return here;
  Value ch = gen_expr(g, recv->u.unary.x);
  debug_at(g, recv->pos);
  return gen_recv(g, ch, ok);
}

/* The zero value and false from a closed channel. */
Value gen_recv(Gen *g, Value ch, Ir *ok) {
  Type *t = type_under(ch.type)->u.chan.elem;
  Ir elem = borrow_elem(g, t);
  Ir received = RT(g, chanrecv, NULL, ch.w[0], elem);
  if (ok) *ok = received;
  Value v = value_load(g, t, elem);
  v.fresh = v.mem;
  if (!v.mem) return_temp(g, elem); /* else the value lies there */
  return v;
}
