; The only P is in a loop without calls. A goroutine that comes back from short sleeps in the kernel must get the P after
; about 100 us each time, not after a slice of 10 ms: nearly every one of its 200 returns ends the loop's quantum. Counted,
; not timed: on a busy machine any time is possible, but who ended a slice is not. A return may ask twice, by its own thread and by sysmon.
; Rows: FW-8, SM-6.
; RUN: toy lower %s -o %t.o && gcc -static -no-pie -Wl,--eh-frame-hdr %t.o %libtoyrt -o %t
; RUN: env TOYMAXPROCS=1 TOYDEBUG=stats=1 timeout 60 %t 2>&1 | FileCheck %s
; CHECK: quantum: {{[12][0-9][0-9]}}
target datalayout = "e-m:e-p270:32:32-p271:32:32-p272:64:64-i64:64-i128:128-f80:128-n8:16:32:64-S128-A1-ni:1"
target triple = "x86_64-unknown-linux-gnu"

@elapsed = global i64 0
@ready = global i64 0
@now = global { i64, i64 } zeroinitializer
@half = constant { i64, i64 } { i64 0, i64 500000 }
@sleeper = constant { ptr } { ptr @main.sleep }
declare swiftcc void @toy_maindone() noreturn
declare swiftcc void @toy_newproc(ptr addrspace(1))
declare swiftcc void @runtime.Gosched()
declare swiftcc { i64, i64 } @syscall.syscall6(i64, i64, i64, i64, i64, i64, i64)
declare swiftcc { i64, i64 } @syscall.rawSyscall6(i64, i64, i64, i64, i64, i64, i64)

define swiftcc i64 @main.time() noinline {
  %r = call swiftcc { i64, i64 } @syscall.rawSyscall6(i64 228, i64 1, i64 ptrtoint (ptr @now to i64), i64 0, i64 0, i64 0, i64 0)
  %s = load i64, ptr @now
  %ns = load i64, ptr getelementptr ({ i64, i64 }, ptr @now, i64 0, i32 1)
  %sn = mul i64 %s, 1000000000
  %t = add i64 %sn, %ns
  ret i64 %t
}

define swiftcc void @main.sleep(ptr addrspace(1) nest %context) {
entry:
  store atomic i64 1, ptr @ready release, align 8
  %begin = call swiftcc i64 @main.time()
  br label %loop
loop:
  %i = phi i64 [ 0, %entry ], [ %j, %loop ]
  %s = call swiftcc { i64, i64 } @syscall.syscall6(i64 35, i64 ptrtoint (ptr @half to i64), i64 0, i64 0, i64 0, i64 0, i64 0)
  %j = add i64 %i, 1
  %more = icmp ult i64 %j, 200
  br i1 %more, label %loop, label %out
out:
  %end = call swiftcc i64 @main.time()
  %d = sub i64 %end, %begin
  store atomic i64 %d, ptr @elapsed release, align 8
  ret void
}

define swiftcc i64 @main.spin() noinline {
  br label %loop
loop:
  %v = load atomic i64, ptr @elapsed acquire, align 8
  %set = icmp ne i64 %v, 0
  br i1 %set, label %done, label %loop
done:
  ret i64 %v
}

define swiftcc void @toy_program() {
  %f = addrspacecast ptr @sleeper to ptr addrspace(1)
  call swiftcc void @toy_newproc(ptr addrspace(1) %f)
  br label %start
start:
  call swiftcc void @runtime.Gosched()
  %r = load atomic i64, ptr @ready acquire, align 8
  %set = icmp ne i64 %r, 0
  br i1 %set, label %go, label %start
go:
  %t = call swiftcc i64 @main.spin()
  call swiftcc void @toy_maindone()
  unreachable
}
