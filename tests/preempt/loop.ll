; On one P: main makes a goroutine and then loops without a call until the goroutine has set a flag. Only a signal can
; take the P from the loop; without signals the program hangs.
; Rows: SP-6, SP-14, SP-16, SM-6.
; RUN: toy lower %s -o %t.o && gcc -static -no-pie -Wl,--eh-frame-hdr %t.o %libtoyrt -o %t
; RUN: env TOYMAXPROCS=1 TOYDEBUG=stats=1 timeout 10 %t > %t.out 2>&1
; RUN: FileCheck %s < %t.out
; RUN: env TOYMAXPROCS=1 TOYDEBUG=stats=1,preemptevery=100 timeout 10 %t > %t.out 2>&1
; RUN: FileCheck %s < %t.out
; RUN: sh -c 'TOYMAXPROCS=1 TOYDEBUG=asyncpreemptoff=1 timeout 1 %t; test $? = 124'
; SIGQUIT shows where everybody is: main in its loop, the goroutine not started. (Handlers are there when the kernel says so;
; a moment later main is in the loop.)
; RUN: sh -c 'TOYMAXPROCS=1 TOYDEBUG=asyncpreemptoff=1 %t & until grep -qE "^SigCgt:[[:space:]]+0*[1-9a-f]" /proc/$!/status; do :; done; sleep 0.3; kill -QUIT $!; wait $!; echo status $?' > %t.out 2>&1; FileCheck %s --check-prefix=QUIT < %t.out
; QUIT: SIGQUIT: quit
; QUIT-NEXT: PC=0x{{[0-9a-f]+}} m={{[0-9]+}} sigcode=0
; QUIT: goroutine 1 [running]:
; QUIT-NEXT: main.wait(...)
; QUIT: goroutine 2 [runnable]:
; QUIT-NEXT: main.set(...)
; QUIT-NEXT: {{:[0-9]+$}}
; QUIT-NEXT: created by toy_program in goroutine 1
; QUIT: status 2
; CHECK: 7
; CHECK: asyncpreempt: {{[1-9]}}
target datalayout = "e-m:e-p270:32:32-p271:32:32-p272:64:64-i64:64-i128:128-f80:128-n8:16:32:64-S128-A1-ni:1"
target triple = "x86_64-unknown-linux-gnu"

%cell = type { i64, ptr addrspace(1), i64 }
@flag = global i64 0
@setter = constant { ptr } { ptr @main.set }
declare swiftcc void @toy_print(ptr addrspace(1), i64)
declare swiftcc void @toy_maindone() noreturn
declare swiftcc void @toy_newproc(ptr addrspace(1))

define swiftcc void @main.set(ptr addrspace(1) nest %context) {
  store atomic i64 7, ptr @flag release, align 8
  ret void
}

define swiftcc i64 @main.wait() noinline {
  br label %loop
loop:
  %v = load atomic i64, ptr @flag acquire, align 8
  %set = icmp ne i64 %v, 0
  br i1 %set, label %done, label %loop
done:
  ret i64 %v
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
  %f = addrspacecast ptr @setter to ptr addrspace(1)
  call swiftcc void @toy_newproc(ptr addrspace(1) %f)
  %v = call swiftcc i64 @main.wait()
  call swiftcc void @main.show(i64 %v)
  call swiftcc void @toy_maindone()
  unreachable
}
