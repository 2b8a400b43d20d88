; On one P: a goroutine blocks in read on an empty pipe; main gets its processor back, prints, and writes to the pipe; the
; goroutine gets the byte. If the blocked read kept the P, nothing would ever be printed. Then errors: the error number
; comes back positive with r1 = -1; success has error number 0.
; Rows: SM-7, SC-6.
; RUN: toy lower %s -o %t.o && gcc -static -no-pie -Wl,--eh-frame-hdr %t.o %libtoyrt -o %t
; RUN: env TOYMAXPROCS=1 TOYDEBUG=stats=1 timeout 10 %t > %t.out 2>&1; FileCheck %s --check-prefixes=CHECK,RETAKE < %t.out
; RUN: env TOYMAXPROCS=8 timeout 10 %t > %t.out 2>&1; FileCheck %s < %t.out
; RUN: env TOYDEBUG=preemptevery=100 timeout 10 %t > %t.out 2>&1; FileCheck %s < %t.out
; RUN: env TOYDEBUG=stackmove=1 timeout 10 %t > %t.out 2>&1; FileCheck %s < %t.out
; CHECK: {{^}}1{{$}}
; CHECK-NEXT: {{^}}120{{$}}
; CHECK-NEXT: {{^}}-1{{$}}
; CHECK-NEXT: {{^}}9{{$}}
; CHECK-NEXT: {{^}}0{{$}}
; RETAKE: retake: {{[1-9]}}
target datalayout = "e-m:e-p270:32:32-p271:32:32-p272:64:64-i64:64-i128:128-f80:128-n8:16:32:64-S128-A1-ni:1"
target triple = "x86_64-unknown-linux-gnu"

%cell = type { i64, ptr addrspace(1), i64 }
@rfd = global i32 0
@wfd = global i32 0
@reading = global i64 0
@got = global i64 0
@reader = constant { ptr } { ptr @main.read }
declare swiftcc void @toy_print(ptr addrspace(1), i64)
declare swiftcc void @toy_maindone() noreturn
declare swiftcc void @toy_newproc(ptr addrspace(1))
declare swiftcc void @runtime.Gosched()
declare swiftcc { i64, i64 } @syscall.syscallbuf(i64, i64, ptr addrspace(1), i64)
declare swiftcc { i64, i64 } @syscall.syscall6(i64, i64, i64, i64, i64, i64, i64)
declare swiftcc { i64, i64 } @syscall.rawSyscall6(i64, i64, i64, i64, i64, i64, i64)

define swiftcc void @main.read(ptr addrspace(1) nest %context) {
  %buf = alloca i8, addrspace(1)
  %fd32 = load i32, ptr @rfd
  %fd = zext i32 %fd32 to i64
  store atomic i64 1, ptr @reading release, align 8
  %r = call swiftcc { i64, i64 } @syscall.syscallbuf(i64 0, i64 %fd, ptr addrspace(1) %buf, i64 1)
  %b = load i8, ptr addrspace(1) %buf
  %v = zext i8 %b to i64
  store atomic i64 %v, ptr @got release, align 8
  ret void
}

; Yields until the word is not 0.
define swiftcc i64 @main.await(ptr %word) noinline {
  br label %loop
loop:
  call swiftcc void @runtime.Gosched()
  %v = load atomic i64, ptr %word acquire, align 8
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

define swiftcc void @main.errors() noinline {
  %r = call swiftcc { i64, i64 } @syscall.syscall6(i64 3, i64 999, i64 0, i64 0, i64 0, i64 0, i64 0)
  %r1 = extractvalue { i64, i64 } %r, 0
  %errno = extractvalue { i64, i64 } %r, 1
  call swiftcc void @main.show(i64 %r1)
  call swiftcc void @main.show(i64 %errno)
  %p = call swiftcc { i64, i64 } @syscall.rawSyscall6(i64 39, i64 0, i64 0, i64 0, i64 0, i64 0, i64 0)
  %none = extractvalue { i64, i64 } %p, 1
  call swiftcc void @main.show(i64 %none)
  ret void
}

define swiftcc void @toy_program() {
  %fds = alloca [2 x i32], addrspace(1)
  %x = alloca i8, addrspace(1)
  store i8 120, ptr addrspace(1) %x
  ; pipe(fds): no entry takes a managed pointer as its first argument, so the instruction itself
  %r = call i64 asm sideeffect "syscall", "={rax},{rax},{rdi},~{rcx},~{r11},~{memory}"(i64 22, ptr addrspace(1) %fds) "gc-leaf-function"
  %a = load i32, ptr addrspace(1) %fds
  %bp = getelementptr i32, ptr addrspace(1) %fds, i64 1
  %b = load i32, ptr addrspace(1) %bp
  store i32 %a, ptr @rfd
  store i32 %b, ptr @wfd
  %f = addrspacecast ptr @reader to ptr addrspace(1)
  call swiftcc void @toy_newproc(ptr addrspace(1) %f)
  %one = call swiftcc i64 @main.await(ptr @reading)
  call swiftcc void @main.show(i64 %one)
  %fd = zext i32 %b to i64
  %w = call swiftcc { i64, i64 } @syscall.syscallbuf(i64 1, i64 %fd, ptr addrspace(1) %x, i64 1)
  %v = call swiftcc i64 @main.await(ptr @got)
  call swiftcc void @main.show(i64 %v)
  call swiftcc void @main.errors()
  call swiftcc void @toy_maindone()
  unreachable
}
