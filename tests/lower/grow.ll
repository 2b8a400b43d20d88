; A program in IR: a linked list whose nodes lie in the frames of a recursion 20,000 deep. The stack moves some ten times
; on the way; each move must rewrite the nodes' links and the saved pointers to them. Prints the sum over the list.
; Rows: SK-4.
; RUN: toy lower %s -o %t.o && gcc -static -no-pie -Wl,--eh-frame-hdr %t.o %libtoyrt -o %t
; RUN: %t 2>&1 | FileCheck %s
; RUN: env TOYDEBUG=stackmove=1 %t 2>&1 | FileCheck %s
; RUN: toy lower %s -O0 -o %t.o && gcc -static -no-pie -Wl,--eh-frame-hdr %t.o %libtoyrt -o %t
; RUN: %t 2>&1 | FileCheck %s
; CHECK: 200010000
target datalayout = "e-m:e-p270:32:32-p271:32:32-p272:64:64-i64:64-i128:128-f80:128-n8:16:32:64-S128-A1-ni:1"
target triple = "x86_64-unknown-linux-gnu"

%node = type { i64, ptr addrspace(1) }
%cell = type { i64, ptr addrspace(1), i64 }

declare swiftcc void @toy_print(ptr addrspace(1), i64)
declare swiftcc void @toy_maindone() noreturn

define swiftcc i64 @main.sum(ptr addrspace(1) %list) noinline {
entry:
  br label %loop
loop:
  %p = phi ptr addrspace(1) [ %list, %entry ], [ %next, %body ]
  %s = phi i64 [ 0, %entry ], [ %s1, %body ]
  %end = icmp eq ptr addrspace(1) %p, null
  br i1 %end, label %done, label %body
body:
  %v = load i64, ptr addrspace(1) %p
  %s1 = add i64 %s, %v
  %at = getelementptr %node, ptr addrspace(1) %p, i64 0, i32 1
  %next = load ptr addrspace(1), ptr addrspace(1) %at
  br label %loop
done:
  ret i64 %s
}

define swiftcc i64 @main.build(i64 %n, ptr addrspace(1) %rest) noinline {
  %node = alloca %node, addrspace(1)
  store i64 %n, ptr addrspace(1) %node
  %link = getelementptr %node, ptr addrspace(1) %node, i64 0, i32 1
  store ptr addrspace(1) %rest, ptr addrspace(1) %link
  %last = icmp eq i64 %n, 0
  br i1 %last, label %stop, label %more
stop:
  %s = call swiftcc i64 @main.sum(ptr addrspace(1) %node)
  ret i64 %s
more:
  %n1 = sub i64 %n, 1
  %r = call swiftcc i64 @main.build(i64 %n1, ptr addrspace(1) %node)
  %own = load i64, ptr addrspace(1) %node
  %same = icmp eq i64 %own, %n
  %r1 = select i1 %same, i64 %r, i64 -1
  ret i64 %r1
}

define swiftcc void @main.show(i64 %n) noinline {
  %cells = alloca [2 x %cell], addrspace(1)
  store [2 x %cell] zeroinitializer, ptr addrspace(1) %cells
  store i64 1, ptr addrspace(1) %cells
  %v = getelementptr [2 x %cell], ptr addrspace(1) %cells, i64 0, i64 0, i32 2
  store i64 %n, ptr addrspace(1) %v
  %k = getelementptr [2 x %cell], ptr addrspace(1) %cells, i64 0, i64 1, i32 0
  store i64 9, ptr addrspace(1) %k
  call swiftcc void @toy_print(ptr addrspace(1) %cells, i64 2)
  ret void
}

define swiftcc void @toy_program() {
  %s = call swiftcc i64 @main.build(i64 20000, ptr addrspace(1) null)
  call swiftcc void @main.show(i64 %s)
  call swiftcc void @toy_maindone()
  unreachable
}
