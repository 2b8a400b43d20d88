/* escape.h: what escape analysis promises code generation, node by node.
 *
 * A fact is binding both ways. `escapes` set: the object must be on the heap. `escapes` clear: the object must be on
 * the frame (an alloca), unless it holds no managed pointer at all — it may hold pointers into the frame, and the
 * heap never does, because a stack that moves rewrites only itself.
 *
 *   Object.escapes        the variable, parameter (moved at entry) or result (copied out at return) lives on the heap
 *   Expr.escapes on
 *     COMPOSITE           of slice type: its array. Under & and elided &T: the object (of &[]T{…} header and array)
 *     UNARY &             of a composite: the same
 *     FUNC, SELECTOR      the closure object; the method value's object
 *     CALL of new, make   the object; the array of a slice. make with a length or capacity not constant: always set
 *     CALL, other         the array of its variadic arguments (a go statement's and a loop's deferred ones: always set)
 *     CALL conversion, BINARY +   the bytes or runes that it makes (no pointers: the heap is always allowed)
 *     any expression      the box that holds it when it is converted to an interface, implicitly or by a conversion
 *                         (then its operand has the flag too); an expression that is boxed and allocates itself
 *                         has one flag for both. A call with several results that are boxed has one for all boxes.
 *                         Boxing of a range clause's key or value and of received values: always the heap.
 *   append's arrays, maps, channels and the elements of both are always on the heap.
 *   Parentheses around any of these carry the same flag as what is inside.
 *
 * A go statement: what it captures and passes is on the heap. A deferred call outside loops keeps its closure and its
 * arguments on the frame (they may point into it); in a loop they are on the heap.
 *
 * Objects on the frame have one slot for all iterations of a loop: an object that is still reachable in the next
 * iteration has `escapes` set. This holds for loop variables too, which are new in every iteration.
 */
#ifndef TOY_ESCAPE_H
#define TOY_ESCAPE_H

#include "types.h"

enum {
  ESCAPE_MAX_IMPLICIT = 64 << 10, /* bytes; a bigger literal, new, make or box goes to the heap */
  ESCAPE_MAX_VARIABLE = 128 << 10 /* bytes; a bigger declared variable goes to the heap (no parameter, no result) */
};
enum { CAPTURE_MAX_VALUE = 128 }; /* bytes; a bigger variable is captured by reference */

/* Whether closures copy the variable. Else they hold its address, and the variable may live on the frame only as long
 * as the closure does. Code generation and the analysis must agree: use this one. */
bool escape_captured_by_value(const Object *var);

#endif
