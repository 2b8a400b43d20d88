; Both linkers leave the guard check alone, also where Toy code calls a function of an object that is not split-stack code:
; lld would turn the check into "stc" if the object carried LLVM's split-stack note.
; Rows: CP-3.
; RUN: toy lower %s -o %t.o
; RUN: printf 'void leaf(void) {}\nvoid __morestack(void) {}\nchar __start_toymodules;' | gcc -xc -c - -o %t.c.o
; RUN: ld.lld-19 --unresolved-symbols=ignore-all -e main.f %t.o %t.c.o -o %t.lld && llvm-objdump -d --no-show-raw-insn %t.lld | FileCheck %s
; RUN: ld --unresolved-symbols=ignore-all -e main.f %t.o %t.c.o -o %t.bfd && llvm-objdump -d --no-show-raw-insn %t.bfd | FileCheck %s
target datalayout = "e-m:e-p270:32:32-p271:32:32-p272:64:64-i64:64-i128:128-f80:128-n8:16:32:64-S128-A1-ni:1"
target triple = "x86_64-unknown-linux-gnu"

; CHECK-LABEL: <main.f>:
; CHECK-NEXT: cmpq %fs:0x70, %rsp
; CHECK-NEXT: jbe
; CHECK: callq {{.*}} <leaf>
define swiftcc void @main.f() {
  call void @leaf() "gc-leaf-function"
  ret void
}
declare void @leaf()
