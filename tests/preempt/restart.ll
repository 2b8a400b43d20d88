; Two goroutines share one P and one plain counter, each adding 1 by a sequence of load, add, store without atomics. Stopped in
; the middle, a sequence would write back an old value. As a restartable range it begins anew, as an unsafe one it is never
; stopped in: in both cases no count is lost. (Nothing but these sequences fills the loops, so most stops hit them.)
; Without the table's rows counts are lost: the third build proves that the test can fail.
; Rows: SP-10, SP-11.
; RUN: toy lower %s -o %t.o && gcc -static -no-pie -Wl,--eh-frame-hdr %t.o %libtoyrt -o %t
; RUN: env TOYMAXPROCS=1 TOYDEBUG=preemptevery=50,stats=1 timeout 20 %t 2>&1 | FileCheck %s
; RUN: sed 's/\.quad 1b, 2b, 2/.quad 1b, 2b, 1/' %s > %t.unsafe.ll
; RUN: toy lower %t.unsafe.ll -o %t.o && gcc -static -no-pie -Wl,--eh-frame-hdr %t.o %libtoyrt -o %t
; RUN: env TOYMAXPROCS=1 TOYDEBUG=preemptevery=50 timeout 20 %t 2>&1 | FileCheck %s --check-prefix=SUM
; RUN: sed 's/\.quad 1b, 2b, 2/.quad 1b, 1b+1, 1/' %s > %t.none.ll
; RUN: toy lower %t.none.ll -o %t.o && gcc -static -no-pie -Wl,--eh-frame-hdr %t.o %libtoyrt -o %t
; RUN: env TOYMAXPROCS=1 TOYDEBUG=preemptevery=50 timeout 20 %t 2>&1 | FileCheck %s --check-prefix=LOST
; RUN: toy lower %s --unsafe-points | FileCheck %s --check-prefix=TABLE
; CHECK: {{^}}80000000{{$}}
; CHECK: asyncpreempt: {{[0-9][0-9]+}}
; SUM: {{^}}80000000{{$}}
; LOST-NOT: {{^}}80000000{{$}}
; LOST: {{^[0-9]+$}}
; TABLE: restart from {{.*}}toytext+0x{{[0-9a-f]+}}
target datalayout = "e-m:e-p270:32:32-p271:32:32-p272:64:64-i64:64-i128:128-f80:128-n8:16:32:64-S128-A1-ni:1"
target triple = "x86_64-unknown-linux-gnu"

%cell = type { i64, ptr addrspace(1), i64 }
@counter = global i64 0
@left = global i64 2
@counter_go = constant { ptr } { ptr @main.go }
declare swiftcc void @toy_print(ptr addrspace(1), i64)
declare swiftcc void @toy_maindone() noreturn
declare swiftcc void @toy_newproc(ptr addrspace(1))
declare swiftcc void @runtime.Gosched()

define swiftcc void @main.count(i64 %n) noinline {
entry:
  br label %loop
loop:
  %i = phi i64 [ 0, %entry ], [ %j, %loop ]
  call void asm sideeffect "1: movq counter(%rip), %rax\0Aincq %rax\0Anop\0Anop\0Anop\0Anop\0Anop\0Anop\0Anop\0Anop\0Anop\0Anop\0Anop\0Anop\0Amovq %rax, counter(%rip)\0A2:\0A.pushsection toyunsafe,\22a\22,@progbits\0A.quad 1b, 2b, 2\0A.popsection", "~{rax},~{flags},~{memory}"() "gc-leaf-function"
  %j = add i64 %i, 1
  %more = icmp ult i64 %j, %n
  br i1 %more, label %loop, label %out
out:
  ret void
}

define swiftcc void @main.go(ptr addrspace(1) nest %context) {
  call swiftcc void @main.count(i64 40000000)
  %x = atomicrmw sub ptr @left, i64 1 release
  ret void
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
  %f = addrspacecast ptr @counter_go to ptr addrspace(1)
  call swiftcc void @toy_newproc(ptr addrspace(1) %f)
  call swiftcc void @toy_newproc(ptr addrspace(1) %f)
  br label %wait
wait:
  call swiftcc void @runtime.Gosched()
  %v = load atomic i64, ptr @left acquire, align 8
  %all = icmp eq i64 %v, 0
  br i1 %all, label %end, label %wait
end:
  %c = load i64, ptr @counter
  call swiftcc void @main.show(i64 %c)
  call swiftcc void @toy_maindone()
  unreachable
}
