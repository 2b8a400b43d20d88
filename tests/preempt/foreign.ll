; C code that is linked in has a handler of SIGURG from before the runtime's start: it gets each SIGURG that is not the
; runtime's own request, on threads of the runtime and on others, and none of the runtime's, while two goroutines are
; stopped by signals all the time. A SIGPROF kills nobody. Handlers that were there first stay, and do not run on a
; goroutine's stack. A child starts with none of this pending.
; Rows: SP-1, SP-3, SP-5.
; RUN: toy lower %s -o %t.o && gcc -static -no-pie -Wl,--eh-frame-hdr %t.o %S/Inputs/foreign.c %libtoyrt -o %t
; RUN: env TOYMAXPROCS=1 TOYDEBUG=preemptevery=100,stats=1 timeout 30 %t > %t.out 2>&1
; RUN: FileCheck %s < %t.out
; RUN: env TOYMAXPROCS=1 TOYDEBUG=asyncpreemptoff=1 timeout 30 %t threads > %t.out 2>&1
; RUN: FileCheck %s --check-prefix=THREADS < %t.out
; CHECK: at the process: 200 of 200, handled 200, the runtime's own: 0
; CHECK-NEXT: child: pending 0
; CHECK-NEXT: others: 100 of 100, 0 elsewhere, own trap 1
; CHECK-NEXT: profile signals: 100 of 100
; CHECK: asyncpreempt: {{[1-9]}}
; THREADS: at threads: 100 each, missing 0
; THREADS-NEXT: child: pending 0
; THREADS-NEXT: others: 100 of 100, 0 elsewhere, own trap 1
; THREADS-NEXT: profile signals: 100 of 100
target datalayout = "e-m:e-p270:32:32-p271:32:32-p272:64:64-i64:64-i128:128-f80:128-n8:16:32:64-S128-A1-ni:1"
target triple = "x86_64-unknown-linux-gnu"

@foreign_done = external global i64
@spinner = constant { ptr } { ptr @main.spin }
declare swiftcc void @toy_maindone() noreturn
declare swiftcc void @toy_newproc(ptr addrspace(1))

define swiftcc void @main.spin(ptr addrspace(1) nest %context) {
  br label %loop
loop:
  %v = load atomic i64, ptr @foreign_done acquire, align 8
  %set = icmp ne i64 %v, 0
  br i1 %set, label %done, label %loop
done:
  ret void
}

define swiftcc void @toy_program() {
  %f = addrspacecast ptr @spinner to ptr addrspace(1)
  call swiftcc void @toy_newproc(ptr addrspace(1) %f)
  call swiftcc void @main.spin(ptr addrspace(1) nest null)
  call swiftcc void @toy_maindone()
  unreachable
}
