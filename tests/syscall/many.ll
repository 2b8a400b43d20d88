; 64 goroutines, each 3,000 short system calls and 30 sleeps of half a millisecond, on few Ps: the P is taken back at exit, taken by
; another M (the sleeps give it away themselves), found idle, or waited for in the queue; every call must return its own result and every goroutine must end.
; The sleep comes back with EINTR when a stop request hits it, so its result is not looked at.
; Rows: SP-4, SC-4, SC-5.
; RUN: toy lower %s -o %t.o && gcc -static -no-pie -Wl,--eh-frame-hdr %t.o %libtoyrt -o %t
; RUN: env TOYMAXPROCS=1 timeout 30 %t 2>&1 | FileCheck %s
; RUN: env TOYMAXPROCS=2 timeout 30 %t 2>&1 | FileCheck %s
; RUN: env TOYMAXPROCS=16 timeout 30 %t 2>&1 | FileCheck %s
; RUN: env TOYMAXPROCS=2 TOYDEBUG=preemptevery=50 timeout 30 %t 2>&1 | FileCheck %s
; RUN: env TOYMAXPROCS=3 TOYDEBUG=stackmove=1 timeout 30 %t 2>&1 | FileCheck %s
; RUN: env TOYMAXPROCS=3 TOYDEBUG=parkstress=1,stealstress=1 timeout 30 %t 2>&1 | FileCheck %s
; CHECK: {{^}}64{{$}}
; CHECK-NEXT: {{^}}0{{$}}
target datalayout = "e-m:e-p270:32:32-p271:32:32-p272:64:64-i64:64-i128:128-f80:128-n8:16:32:64-S128-A1-ni:1"
target triple = "x86_64-unknown-linux-gnu"

%cell = type { i64, ptr addrspace(1), i64 }
@done = global i64 0
@wrong = global i64 0
@half = constant { i64, i64 } { i64 0, i64 500000 }
@worker = constant { ptr } { ptr @main.work }
declare swiftcc void @toy_print(ptr addrspace(1), i64)
declare swiftcc void @toy_maindone() noreturn
declare swiftcc void @toy_newproc(ptr addrspace(1))
declare swiftcc void @runtime.Gosched()
declare swiftcc { i64, i64 } @syscall.syscall6(i64, i64, i64, i64, i64, i64, i64)

; lseek on a descriptor that does not exist, 100 times: r1 = -1, errno = EBADF
define swiftcc void @main.short() noinline {
entry:
  br label %loop
loop:
  %i = phi i64 [ 0, %entry ], [ %j, %loop ]
  %r = call swiftcc { i64, i64 } @syscall.syscall6(i64 8, i64 999, i64 %i, i64 0, i64 0, i64 0, i64 0)
  %r1 = extractvalue { i64, i64 } %r, 0
  %errno = extractvalue { i64, i64 } %r, 1
  %ok1 = icmp eq i64 %r1, -1
  %ok2 = icmp eq i64 %errno, 9
  %ok = and i1 %ok1, %ok2
  %bad = xor i1 %ok, true
  %b = zext i1 %bad to i64
  %x = atomicrmw add ptr @wrong, i64 %b monotonic
  %j = add i64 %i, 1
  %more = icmp ult i64 %j, 100
  br i1 %more, label %loop, label %out
out:
  ret void
}

define swiftcc void @main.work(ptr addrspace(1) nest %context) {
entry:
  br label %loop
loop:
  %i = phi i64 [ 0, %entry ], [ %j, %loop ]
  call swiftcc void @main.short()
  %s = call swiftcc { i64, i64 } @syscall.syscall6(i64 35, i64 ptrtoint (ptr @half to i64), i64 0, i64 0, i64 0, i64 0, i64 0)
  %j = add i64 %i, 1
  %more = icmp ult i64 %j, 30
  br i1 %more, label %loop, label %out
out:
  %x = atomicrmw add ptr @done, i64 1 release
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

define swiftcc void @main.start() noinline {
entry:
  br label %loop
loop:
  %i = phi i64 [ 0, %entry ], [ %j, %loop ]
  %f = addrspacecast ptr @worker to ptr addrspace(1)
  call swiftcc void @toy_newproc(ptr addrspace(1) %f)
  %j = add i64 %i, 1
  %more = icmp ult i64 %j, 64
  br i1 %more, label %loop, label %out
out:
  ret void
}

define swiftcc void @toy_program() {
  call swiftcc void @main.start()
  br label %wait
wait:
  call swiftcc void @runtime.Gosched()
  %v = load atomic i64, ptr @done acquire, align 8
  %all = icmp eq i64 %v, 64
  br i1 %all, label %end, label %wait
end:
  call swiftcc void @main.show(i64 %v)
  %w = load atomic i64, ptr @wrong monotonic, align 8
  call swiftcc void @main.show(i64 %w)
  call swiftcc void @toy_maindone()
  unreachable
}
