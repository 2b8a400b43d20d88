/* toy_asm.h: assembly beside Toy code: macros that make functions which the runtime can stop, walk and move, and the few that
 * it need not. Include it in a .S file of a package, GNU syntax; docs/abi.md has the calling convention and the layouts.
 *
 * A symbol is the package path, a dot, the name: main.f, "a/b.T.m" (quotes where a path has a slash). Every function that Toy
 * code calls is declared there, without a body. There are two kinds.
 *
 *   TOY_LEAF name, depth=BYTES … TOY_ENDLEAF name
 *     No frame that anybody walks: calls nothing but other leaves, neither waits nor allocates nor panics, and pushes at most
 *     `depth` bytes (return addresses of its own calls included) below its return address. Never stopped by a signal, never
 *     moved, so it may hold addresses wherever it likes while it runs. `toy verify` computes the depth and refuses more.
 *
 *   TOY_FUNC name, frame=BYTES, args=MASK, stackargs=MASK, context=0|1 … TOY_ENDFUNC name
 *     A function like compiled ones: it has a guard check, may call Toy code and the runtime, be moved at each call, be
 *     stopped by signals, and be panicked through. It begins with rbp set and `frame` bytes (a multiple of 16) of locals
 *     below it: -8(%rbp) … -frame(%rbp); the lowest of them, 0(%rsp) and up, hold the stack arguments of its calls.
 *       args       bit i: the i-th of rdi rsi rdx rcx r8 r9 is a managed pointer at entry; bit 6: r10 is
 *       stackargs  bit i: the i-th word of the stack arguments, 16(%rbp) and up, is one
 *       context    1: the closure context in r10 is used
 *     rbx, r12 … r15 are the caller's: save them in locals if needed. They must not hold managed pointers over a call.
 *     Managed pointers that are alive over a call lie in locals, 8-aligned, and the call names them:
 *   TOY_CALL symbol, live="-8 -16"      the words at -8(%rbp) and -16(%rbp) are pointers, rewritten when the stack moves; whatever
 *                                       is in registers is lost; pointers must be null or good, never stale
 *   TOY_CALLREG reg, live="…"           the same through a register; closures: r10 = the function value, reg = its first word
 *   TOY_OBJECT off, size, mask          once, before use: [off(%rbp), +size) is an object whose address is given away; bit i of
 *                                       mask: word i is a managed pointer, null or good from the first call on (31 words)
 *   TOY_ADDRESS off, reg                that object's address; like every pointer, in a live word over calls
 *   TOY_RETURN                          leaves the function; results are in registers
 *     No other way to make an address of the frame: `toy verify` refuses it. push and pop are not for these functions.
 *
 *   TOY_END package                     the last line of the file, always: the tables
 *
 * Globals: .data or .rodata, .globl, under the full symbol; the Toy file has a `var` of that name and type without an
 * initialiser. Its pointers are known by the Toy declaration, so data without one hold no pointers.
 *
 * The macros write what late lowering and LLVM write for compiled code (module.h): LLVM's stack map, version 3, in parts that
 * subsections put in order; toyfuncs, toymodules, sites; call-frame information. Leaves get a row in section toyasm.
 */
#ifndef TOY_ASM_H
#define TOY_ASM_H

#include "limits.h"

#define TOY_ASM_OBJECT 0xffffffff00000000 /* module.h: TOY_STACKOBJ_ID */

/* Line and file of each call, for tracebacks. */
#define TOY_FUNC toy_func __LINE__, __FILE__,
#define TOY_CALL toy_call __LINE__, call,
#define TOY_CALLREG toy_callreg __LINE__,
#define TOY_ENDFUNC toy_endfunc
#define TOY_OBJECT toy_object
#define TOY_ADDRESS toy_address
#define TOY_RETURN toy_return
#define TOY_LEAF toy_leaf
#define TOY_ENDLEAF toy_endleaf
#define TOY_END toy_end

.set toy.nfuncs, 0
.set toy.nrecords, 0
.set toy.nsites, 0
.set toy.inside, 0

/* ---- leaves */

.macro toy_leaf name, depth=0
  .text
  .globl "\name"
  .type "\name", @function
  .p2align 4
"\name":
  .cfi_startproc
  .pushsection toyasm, "a", @progbits
  .p2align 3
  .quad "\name", .Ltoy_end_\@, \depth
  .popsection
  .macro toy_leaf_end
.Ltoy_end_\@:
  .endm
.endm

.macro toy_endleaf name
  .cfi_endproc
  toy_leaf_end
  .purgem toy_leaf_end
  .size "\name", . - "\name"
.endm

/* ---- stack-map pieces */

.macro toy_constant value
  .byte 4, 0
  .short 8, 0, 0
  .long \value
.endm

/* kind 2: the address; 3: what lies there. Register 6 is rbp. */
.macro toy_place kind, off
  .byte \kind, 0
  .short 8, 6, 0
  .long \off
.endm

.macro toy_record_end
  .p2align 3
  .short 0, 0
  .p2align 3
.endm

.macro toy_count list:vararg
  .set toy.n, 0
  .ifnb \list
  .irp x, \list
  .set toy.n, toy.n + 1
  .endr
  .endif
.endm

.macro toy_live list:vararg
  .ifnb \list
  .irp x, \list
  toy_place 3, \x
  toy_place 3, \x
  .endr
  .endif
.endm

/* ---- functions */

.macro toy_func line, file, name, frame=0, args=0, stackargs=0, context=0
  .if toy.inside
  .error "TOY_FUNC inside another function"
  .endif
  .if \frame % 16
  .error "the frame of \name is not a multiple of 16 bytes"
  .endif
  .set toy.inside, 1
  .set toy.frame, \frame + 8
  .set toy.frecords, 0
  .set toy.fcontext, \context
  .section toytext, "ax", @progbits
  .globl "\name"
  .type "\name", @function
  .p2align 4, 0x90
"\name":
  .cfi_startproc
  .if toy.frame < TOY_STACK_SMALL
  cmpq %fs:TOY_GUARD_OFFSET, %rsp
  .else
  leaq -toy.frame(%rsp), %r11
  cmpq %fs:TOY_GUARD_OFFSET, %r11
  .endif
  jbe 7771f
7770:
  pushq %rbp
  .cfi_def_cfa_offset 16
  .cfi_offset %rbp, -16
  movq %rsp, %rbp
  .cfi_def_cfa_register %rbp
  .if \frame
  subq $\frame, %rsp
  .endif
  .pushsection .rodata.toy, "a", @progbits
7772:
  .asciz "\name"
7773:
  .asciz "\file"
  .popsection
  .pushsection toyfuncs, "a", @progbits
  .p2align 3
  .quad "\name", 7772b, 7773b
  .long \line, 0
  .quad \args, \stackargs
  .popsection
  .macro toy_site where
  .pushsection .rodata.toysites, "a", @progbits
  .quad 7772b, 7773b
  .long \where, 0, 0xffffffff, 0
  .popsection
  .set toy.nsites, toy.nsites + 1
  .endm
  .macro toy_record_begin id, nlocs
  .pushsection .llvm_stackmaps, 2, "a", @progbits
  .p2align 3
  .quad \id
  .long 7774b - "\name"
  .short 0, \nlocs
  .endm
  .macro toy_function_row
  .pushsection .llvm_stackmaps, 1, "a", @progbits
  .quad "\name", toy.frame, toy.frecords
  .popsection
  .endm
.endm

.macro toy_record line, live:vararg
7774:
  toy_count \live
  toy_record_begin toy.nsites, (3+2*toy.n)
  toy_constant 0
  toy_constant 0
  toy_constant 0
  toy_live \live
  toy_record_end
  .popsection
  toy_site \line
  .set toy.nrecords, toy.nrecords + 1
  .set toy.frecords, toy.frecords + 1
.endm

.macro toy_call line, how, symbol, live
  call "\symbol"
  toy_record \line, \live
.endm

.macro toy_callreg line, reg, live
  call *\reg
  toy_record \line, \live
.endm

.macro toy_object off, size, mask=0
7774:
  .if \mask
  toy_record_begin TOY_ASM_OBJECT, 3
  .else
  toy_record_begin TOY_ASM_OBJECT, 2
  .endif
  toy_place 2, \off
  toy_constant \size
  .if \mask
  toy_constant \mask
  .endif
  toy_record_end
  .popsection
  .set toy.nrecords, toy.nrecords + 1
  .set toy.frecords, toy.frecords + 1
.endm

.macro toy_address off, reg
  leaq \off(%rbp), \reg
.endm

.macro toy_return
  .cfi_remember_state
  movq %rbp, %rsp
  popq %rbp
  .cfi_def_cfa %rsp, 8
  ret
  .cfi_restore_state
.endm

/* The slow path stands behind the body, as the code generator puts it. */
.macro toy_endfunc name, stackbytes=0
  .cfi_def_cfa %rsp, 8
  .cfi_same_value %rbp
7771:
  .if toy.fcontext
  movq %r10, %rax
  .endif
  movl $toy.frame, %r10d
  movl $\stackbytes, %r11d
  call __morestack
  ret
  .if toy.fcontext
  movq %rax, %r10
  .endif
  jmp 7770b
  .cfi_endproc
  .size "\name", . - "\name"
  toy_function_row
  .purgem toy_function_row
  .purgem toy_record_begin
  .purgem toy_site
  .set toy.nfuncs, toy.nfuncs + 1
  .set toy.inside, 0
.endm

/* ---- the module's row; the header of the stack map comes first by its subsection */

.macro toy_end package
  .if toy.inside
  .error "TOY_END inside a function"
  .endif
  .if toy.nfuncs
  .pushsection .llvm_stackmaps, 0, "a", @progbits
  .p2align 3
.Ltoy_maps:
  .byte 3, 0
  .short 0
  .long toy.nfuncs, 0, toy.nrecords
  .popsection
  .pushsection .llvm_stackmaps, 2, "a", @progbits
  .p2align 3
  .popsection
  .pushsection .rodata.toysites, "a", @progbits
  .p2align 3
  .popsection
  .pushsection .rodata.toy, "a", @progbits
7772:
  .asciz "\package"
  .popsection
  .pushsection toymodules, "a", @progbits
  .p2align 3
  .quad .Ltoy_maps, .Ltoy_sites, toy.nsites, 7772b
  .popsection
  .endif
  .section .note.GNU-stack, "", @progbits
.endm

.pushsection .rodata.toysites, "a", @progbits
.p2align 3
.Ltoy_sites:
.popsection

#endif
