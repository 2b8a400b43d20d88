; The guard check of every function, the nest parameter across the slow path, four results in registers.
; Rows: CP-3.
; RUN: toy lower %s -o %t.o && llvm-objdump -d --no-show-raw-insn %t.o | FileCheck %s
target datalayout = "e-m:e-p270:32:32-p271:32:32-p272:64:64-i64:64-i128:128-f80:128-n8:16:32:64-S128-A1-ni:1"
target triple = "x86_64-unknown-linux-gnu"

declare swiftcc void @main.sink(i64)

; CHECK-LABEL: <main.small>:
; CHECK-NEXT: cmpq %fs:0x70, %rsp
; CHECK-NEXT: jbe [[SLOW:0x[0-9a-f]+]]
; CHECK: pushq %rbp
; CHECK-NEXT: movq %rsp, %rbp
; CHECK: movl ${{.*}}, %r10d
; CHECK-NEXT: movl $0x0, %r11d
; CHECK-NEXT: callq {{.*}}
; CHECK-NEXT: retq
; CHECK-NEXT: jmp
define swiftcc void @main.small(i64 %n) {
  call swiftcc void @main.sink(i64 %n)
  ret void
}

; A frame of 256 bytes and more is compared with its size taken off.
; CHECK-LABEL: <main.large>:
; CHECK-NEXT: leaq -0x{{[0-9a-f]+}}(%rsp), %r11
; CHECK-NEXT: cmpq %fs:0x70, %r11
define swiftcc void @main.large(i64 %n) {
  %a = alloca [100 x i64], addrspace(1)
  call swiftcc void @main.fill(ptr addrspace(1) %a)
  ret void
}
declare swiftcc void @main.fill(ptr addrspace(1))

; The slow path keeps the closure context in rax, and restores it.
; CHECK-LABEL: <main.literal>:
; CHECK: movq %r10, %rax
; CHECK-NEXT: movl ${{.*}}, %r10d
; CHECK: retq
; CHECK-NEXT: movq %rax, %r10
define swiftcc i64 @main.literal(ptr addrspace(1) nest %context, i64 %n) {
  call swiftcc void @main.sink(i64 %n)
  %at = getelementptr i8, ptr addrspace(1) %context, i64 8
  %captured = load i64, ptr addrspace(1) %at
  %sum = add i64 %captured, %n
  ret i64 %sum
}

; Stack arguments: their bytes go into r11.
; CHECK-LABEL: <main.many>:
; CHECK: movl $0x10, %r11d
define swiftcc ptr addrspace(1) @main.many(i64 %a, i64 %b, i64 %c, i64 %d, i64 %e, i64 %f, i64 %g, ptr addrspace(1) %h) {
  call swiftcc void @main.sink(i64 %g)
  ret ptr addrspace(1) %h
}

; rax rdx rcx r8
; CHECK-LABEL: <main.four>:
; CHECK-DAG: movq {{.*}}, %rax
; CHECK-DAG: movq {{.*}}, %rdx
; CHECK-DAG: movq {{.*}}, %rcx
; CHECK-DAG: movq {{.*}}, %r8
; CHECK: retq
define swiftcc {ptr addrspace(1), i64, i64, ptr addrspace(1)} @main.four(ptr addrspace(1) %p, i64 %n, i64 %m, ptr addrspace(1) %q) {
  call swiftcc void @main.sink(i64 %n)
  %1 = insertvalue {ptr addrspace(1), i64, i64, ptr addrspace(1)} poison, ptr addrspace(1) %p, 0
  %2 = insertvalue {ptr addrspace(1), i64, i64, ptr addrspace(1)} %1, i64 %n, 1
  %3 = insertvalue {ptr addrspace(1), i64, i64, ptr addrspace(1)} %2, i64 %m, 2
  %4 = insertvalue {ptr addrspace(1), i64, i64, ptr addrspace(1)} %3, ptr addrspace(1) %q, 3
  ret {ptr addrspace(1), i64, i64, ptr addrspace(1)} %4
}
