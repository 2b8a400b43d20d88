; A select between structs with a managed pointer becomes one a word, each with its operands on the same sides; insertvalue
; replaces one word and leaves the other.
; RUN: toy lower %s -O0 --llvm=lowered | FileCheck %s
target datalayout = "e-m:e-p270:32:32-p271:32:32-p272:64:64-i64:64-i128:128-f80:128-n8:16:32:64-S128-A1-ni:1"
target triple = "x86_64-unknown-linux-gnu"

declare swiftcc { ptr addrspace(1), i64 } @main.pair(i64)
declare swiftcc void @main.sink(i64)

; CHECK-LABEL: define {{.*}}@main.choose
; CHECK-NOT: select i1 %c, { ptr
; CHECK-DAG: select i1 %c, ptr addrspace(1) %p{{[.0-9a-z]*}}, ptr addrspace(1) %q
; CHECK-DAG: select i1 %c, i64 %n, i64 %m
; CHECK: ret
define swiftcc { ptr addrspace(1), i64 } @main.choose(i1 %c, ptr addrspace(1) %p, ptr addrspace(1) %q, i64 %n, i64 %m) {
  %a0 = insertvalue { ptr addrspace(1), i64 } poison, ptr addrspace(1) %p, 0
  %a = insertvalue { ptr addrspace(1), i64 } %a0, i64 %n, 1
  %b0 = insertvalue { ptr addrspace(1), i64 } poison, ptr addrspace(1) %q, 0
  %b = insertvalue { ptr addrspace(1), i64 } %b0, i64 %m, 1
  %r = select i1 %c, { ptr addrspace(1), i64 } %a, { ptr addrspace(1), i64 } %b
  ret { ptr addrspace(1), i64 } %r
}
