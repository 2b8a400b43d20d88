; No struct with a managed pointer lives across a call: results are taken apart directly behind the call and put together
; directly before the return; phis and selects of structs become phis and selects of their elements.
; RUN: toy lower %s --llvm=lowered | FileCheck %s --check-prefix=IR
; RUN: toy lower %s -O0 --llvm=lowered | FileCheck %s --check-prefix=O0
; RUN: toy lower %s --stackmaps | FileCheck %s --check-prefix=MAP
target datalayout = "e-m:e-p270:32:32-p271:32:32-p272:64:64-i64:64-i128:128-f80:128-n8:16:32:64-S128-A1-ni:1"
target triple = "x86_64-unknown-linux-gnu"

declare swiftcc { ptr addrspace(1), i64 } @main.pair(i64)
declare swiftcc { ptr addrspace(1), i64 } @main.other(i64)
declare swiftcc void @main.sink(i64)

; IR-LABEL: define {{.*}}@main.across
; IR: [[R:%.*]] = call swiftcc { ptr addrspace(1), i64 } @main.pair
; IR-NEXT: [[N:%.*]] = extractvalue { ptr addrspace(1), i64 } [[R]], {{[01]}}
; IR-NEXT: [[P:%.*]] = extractvalue { ptr addrspace(1), i64 } [[R]], {{[01]}}
; IR: call swiftcc void @main.sink
; IR-NEXT: insertvalue { ptr addrspace(1), i64 } poison, ptr addrspace(1)
; IR-NEXT: insertvalue
; IR-NEXT: ret
; The pointer is in a slot during the second call.
; MAP-LABEL: main.across:
; MAP-NEXT: pointers none
; MAP-NEXT: pointers [rsp+
define swiftcc { ptr addrspace(1), i64 } @main.across(i64 %n) {
  %r = call swiftcc { ptr addrspace(1), i64 } @main.pair(i64 %n)
  call swiftcc void @main.sink(i64 %n)
  ret { ptr addrspace(1), i64 } %r
}

; IR-LABEL: define {{.*}}@main.merge
; IR-NOT: phi { ptr
; IR: phi ptr addrspace(1)
; IR: phi i64
; IR-NOT: phi { ptr
; IR: ret
; O0-LABEL: define {{.*}}@main.merge
; O0-NOT: phi { ptr
; O0: ret
; The managed pointer's phi is in a slot during the last call.
; MAP-LABEL: main.merge:
; MAP-NEXT: pointers none
; MAP-NEXT: pointers none
; MAP-NEXT: pointers [rsp+
define swiftcc { ptr addrspace(1), i64 } @main.merge(i1 %c, i64 %n) {
  br i1 %c, label %a, label %b
a:
  %x = call swiftcc { ptr addrspace(1), i64 } @main.pair(i64 %n)
  br label %join
b:
  %y = call swiftcc { ptr addrspace(1), i64 } @main.other(i64 7)
  br label %join
join:
  %r = phi { ptr addrspace(1), i64 } [ %x, %a ], [ %y, %b ]
  call swiftcc void @main.sink(i64 %n)
  ret { ptr addrspace(1), i64 } %r
}

; Round a loop, where phi and call are mutually dependent.
; IR-LABEL: define {{.*}}@main.loop
; IR-NOT: phi { ptr
; IR: ret
; O0-LABEL: define {{.*}}@main.loop
; O0-NOT: phi { ptr
; O0: ret
define swiftcc { ptr addrspace(1), i64 } @main.loop(i64 %n) {
entry:
  %first = call swiftcc { ptr addrspace(1), i64 } @main.pair(i64 %n)
  br label %loop
loop:
  %r = phi { ptr addrspace(1), i64 } [ %first, %entry ], [ %q, %loop ]
  %i = phi i64 [ 0, %entry ], [ %i1, %loop ]
  %next = call swiftcc { ptr addrspace(1), i64 } @main.pair(i64 %i)
  %c = icmp slt i64 %i, 3
  %q = select i1 %c, { ptr addrspace(1), i64 } %next, { ptr addrspace(1), i64 } %r
  %i1 = add i64 %i, 1
  %more = icmp slt i64 %i1, %n
  br i1 %more, label %loop, label %done
done:
  call swiftcc void @main.sink(i64 %n)
  ret { ptr addrspace(1), i64 } %r
}

; A load and a store of a whole struct.
; O0-LABEL: define {{.*}}@main.copy
; O0-NOT: load { ptr
; O0: load ptr addrspace(1)
; O0: load i64
; O0-NOT: store { ptr
; O0: ret
define swiftcc void @main.copy(ptr addrspace(1) %from, ptr addrspace(1) %to) {
  %v = load { ptr addrspace(1), i64 }, ptr addrspace(1) %from
  call swiftcc void @main.sink(i64 0)
  store { ptr addrspace(1), i64 } %v, ptr addrspace(1) %to
  ret void
}

; A compare-and-swap of a managed pointer gives a struct; it is taken apart directly behind, as a call's.
; IR-LABEL: define {{.*}}@main.swap
; IR: [[C:%.*]] = cmpxchg ptr addrspace(1)
; IR-NEXT: extractvalue { ptr addrspace(1), i1 } [[C]], {{[01]}}
; IR-NEXT: extractvalue { ptr addrspace(1), i1 } [[C]], {{[01]}}
; IR: call swiftcc void @main.sink
define swiftcc i1 @main.swap(ptr addrspace(1) %at, ptr addrspace(1) %old, ptr addrspace(1) %new) {
  %c = cmpxchg ptr addrspace(1) %at, ptr addrspace(1) %old, ptr addrspace(1) %new seq_cst seq_cst
  call swiftcc void @main.sink(i64 1)
  %ok = extractvalue { ptr addrspace(1), i1 } %c, 1
  ret i1 %ok
}
