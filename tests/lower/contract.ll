; A frontend that declares the runtime's calls otherwise than runtime.def, or another target, is told so.
; RUN: split-file %s %t
; RUN: %not 1 toy lower %t/args.ll -o %t.o 2>&1 | FileCheck %t/args.ll
; RUN: %not 1 toy lower %t/space.ll -o %t.o 2>&1 | FileCheck %t/space.ll
; RUN: %not 1 toy lower %t/result.ll -o %t.o 2>&1 | FileCheck %t/result.ll
; RUN: %not 1 toy lower %t/leaf.ll -o %t.o 2>&1 | FileCheck %t/leaf.ll
; RUN: %not 1 toy lower %t/defined.ll -o %t.o 2>&1 | FileCheck %t/defined.ll
; RUN: %not 1 toy lower %t/layout.ll -o %t.o 2>&1 | FileCheck %t/layout.ll
; RUN: %not 1 toy lower %t/target.ll -o %t.o 2>&1 | FileCheck %t/target.ll
; RUN: toy lower %t/good.ll -o %t.o

;--- args.ll
; CHECK: args.ll:1:1: error: function toy_makechan is declared with another signature than the runtime's: ptr addrspace(1) (ptr, i64)
declare ptr addrspace(1) @toy_makechan(i64, ptr)
;--- space.ll
; CHECK: toy_chansend is declared with another signature than the runtime's: void (ptr addrspace(1), ptr addrspace(1))
declare void @toy_chansend(ptr addrspace(1), ptr)
;--- result.ll
; CHECK: toy_growslice is declared {{.*}}: {ptr addrspace(1), i64} (ptr, ptr addrspace(1), i64, i64, i64)
declare {ptr addrspace(1), i64, i64} @toy_growslice(ptr, ptr addrspace(1), i64, i64, i64)
;--- leaf.ll
; CHECK: function toy_newobject is no leaf: the stack may move in it
declare ptr addrspace(1) @toy_newobject(ptr) "gc-leaf-function"
;--- defined.ll
; CHECK: function toy_maindone is the runtime's, and is defined here
define swiftcc void @toy_maindone() {
  ret void
}
;--- layout.ll
; CHECK: the data layout is e-m:e-i64:64 and must be e-m:e-
target datalayout = "e-m:e-i64:64"
;--- target.ll
; CHECK: the target is aarch64-unknown-linux-gnu and must be x86_64-
target triple = "aarch64-unknown-linux-gnu"
;--- good.ll
declare i8 @toy_chanrecv(ptr addrspace(1), ptr addrspace(1))
declare i64 @toy_chanlen(ptr addrspace(1)) "gc-leaf-function"
