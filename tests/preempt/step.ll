; A stop at every instruction of functions with frame objects, pointers into them, derived pointers, doubles and a vector loop:
; wherever the stop is accepted the result is that of an undisturbed run. (Where it is refused nothing happens; that most
; are not refused is checked too.)
; Rows: SP-9, SP-14.
; RUN: toy lower %s -o %t.o
; RUN: gcc -static -no-pie -Wl,--eh-frame-hdr -I%root/runtime -I%root/runtime/amd64 -I%build/runtime/gen -ftls-model=initial-exec -fno-pie %t.o %S/Inputs/step.S %S/Inputs/step.c %libtoyrt -o %t
; RUN: env TOYMAXPROCS=1 timeout 60 %t 2>&1 | FileCheck %s
; RUN: env TOYMAXPROCS=1 TOYDEBUG=stackmove=1 timeout 60 %t 2>&1 | FileCheck %s
; RUN: toy lower -O0 %s -o %t.o
; RUN: gcc -static -no-pie -Wl,--eh-frame-hdr -I%root/runtime -I%root/runtime/amd64 -I%build/runtime/gen -ftls-model=initial-exec -fno-pie %t.o %S/Inputs/step.S %S/Inputs/step.c %libtoyrt -o %t
; RUN: env TOYMAXPROCS=1 timeout 60 %t 2>&1 | FileCheck %s
; CHECK: {{^}}1{{$}}
; CHECK-NEXT: {{^}}1{{$}}
target datalayout = "e-m:e-p270:32:32-p271:32:32-p272:64:64-i64:64-i128:128-f80:128-n8:16:32:64-S128-A1-ni:1"
target triple = "x86_64-unknown-linux-gnu"

%node = type { i64, ptr addrspace(1) }
%cell = type { i64, ptr addrspace(1), i64 }
@other = constant { ptr } { ptr @main.other }
@otherdone = global i64 0
declare swiftcc void @toy_print(ptr addrspace(1), i64)
declare swiftcc void @toy_maindone() noreturn
declare swiftcc void @toy_newproc(ptr addrspace(1))
declare swiftcc void @runtime.Gosched()
declare swiftcc void @test.step_on()
declare swiftcc i64 @test.step_off()

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

; A list through the frames of a recursion.
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

; Doubles into an array of the frame, read back through a pointer that walks it.
define swiftcc i64 @main.floats(i64 %n) noinline {
entry:
  %a = alloca [32 x double], addrspace(1)
  br label %fill
fill:
  %i = phi i64 [ 0, %entry ], [ %i1, %fill ]
  %x = phi double [ 0.3, %entry ], [ %x1, %fill ]
  %y = fsub double 1.0, %x
  %z = fmul double %x, %y
  %x1 = fmul double %z, 3.984375
  %at = getelementptr [32 x double], ptr addrspace(1) %a, i64 0, i64 %i
  store double %x1, ptr addrspace(1) %at
  %i1 = add i64 %i, 1
  %m = icmp ult i64 %i1, %n
  br i1 %m, label %fill, label %mid
mid:
  %deep = call swiftcc i64 @main.build(i64 4, ptr addrspace(1) null)
  br label %read
read:
  %k = phi i64 [ 0, %mid ], [ %k1, %read ]
  %h = phi i64 [ %deep, %mid ], [ %h1, %read ]
  %q = phi ptr addrspace(1) [ %a, %mid ], [ %q1, %read ]
  %v = load i64, ptr addrspace(1) %q
  %h0 = mul i64 %h, 31
  %h1 = xor i64 %h0, %v
  %q1 = getelementptr i64, ptr addrspace(1) %q, i64 1
  %k1 = add i64 %k, 1
  %more = icmp ult i64 %k1, %n
  br i1 %more, label %read, label %out
out:
  ret i64 %h1
}

define swiftcc i64 @main.work() noinline {
  %a = call swiftcc i64 @main.build(i64 16, ptr addrspace(1) null)
  %b = call swiftcc i64 @main.floats(i64 32)
  %c = mul i64 %b, 1000003
  %d = add i64 %a, %c
  ret i64 %d
}

define swiftcc void @main.other(ptr addrspace(1) nest %context) {
  %v = call swiftcc i64 @main.work()
  store atomic i64 %v, ptr @otherdone release, align 8
  ret void
}

define swiftcc void @main.show(i1 %b) noinline {
  %n = zext i1 %b to i64
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
  %calm = call swiftcc i64 @main.work()
  call swiftcc void @test.step_on()
  %f = addrspacecast ptr @other to ptr addrspace(1)
  call swiftcc void @toy_newproc(ptr addrspace(1) %f)
  %stepped = call swiftcc i64 @main.work()
  br label %wait
wait:
  call swiftcc void @runtime.Gosched()
  %o = load atomic i64, ptr @otherdone acquire, align 8
  %set = icmp ne i64 %o, 0
  br i1 %set, label %end, label %wait
end:
  %n = call swiftcc i64 @test.step_off()
  %same = icmp eq i64 %calm, %stepped
  call swiftcc void @main.show(i1 %same)
  %same2 = icmp eq i64 %calm, %o
  call swiftcc void @main.show(i1 %same2)
  call swiftcc void @toy_maindone()
  unreachable
}
