; What is no panic: a wild address in compiled code, a fault in C, endless recursion in C. Each says what it is, shows the
; goroutines, and ends with status 2; none dies in silence. The first word of the arguments says which.
; Rows: BS-1, SP-6.
; RUN: toy lower %s -o %t.o
; RUN: gcc -static -no-pie -Wl,--eh-frame-hdr -I%root/runtime/amd64 -I%build/runtime/gen %t.o %S/Inputs/crash.S %S/Inputs/crash.c %libtoyrt -o %t
; RUN: sh -c '%t wild; echo status $?' > %t.out 2>&1; FileCheck %s --check-prefix=WILD < %t.out
; RUN: sh -c '%t wild null; echo status $?' > %t.out 2>&1; FileCheck %s --check-prefix=NULL < %t.out
; RUN: sh -c '%t wild recurse g0; echo status $?' > %t.out 2>&1; FileCheck %s --check-prefix=DEEP < %t.out
; RUN: sh -c 'TOYMAXPROCS=8 %t wild recurse g0; echo status $?' > %t.out 2>&1; FileCheck %s --check-prefix=DEEP < %t.out
; RUN: sh -c '%t a a thread g0; echo status $?' > %t.out 2>&1; FileCheck %s --check-prefix=DEEP < %t.out
; WILD: unexpected fault address 0x{{[0-9a-f]+}}
; WILD-NEXT: fatal error: fault
; WILD-NEXT: [signal SIGSEGV: segmentation violation code=0x1 addr=0x123456789000 pc=0x{{[0-9a-f]+}}]
; WILD: goroutine 1 [running]:
; WILD-NEXT: main.wild{{.*}}(...)
; WILD: toy_program(...)
; WILD: status 2
; NULL: fatal error: unexpected signal during runtime execution
; NULL-NEXT: [signal SIGSEGV: segmentation violation code=0x1 addr=0x0 pc=0x{{[0-9a-f]+}}]
; NULL: goroutine 1 [running]:
; NULL-NEXT: toy_program(...)
; NULL: status 2
; DEEP: fatal error: stack overflow on system stack
; DEEP-NEXT: [signal SIGSEGV
; DEEP: goroutine {{[12]}} [running]:
; DEEP: status 2
target datalayout = "e-m:e-p270:32:32-p271:32:32-p272:64:64-i64:64-i128:128-f80:128-n8:16:32:64-S128-A1-ni:1"
target triple = "x86_64-unknown-linux-gnu"

@address = global ptr addrspace(1) null
@goer = constant { ptr } { ptr @main.deep }
declare swiftcc i64 @os.argc()
declare swiftcc void @test.recurse()
declare swiftcc void @test.null()
declare swiftcc void @toy_newproc(ptr addrspace(1))
declare swiftcc void @toy_maindone() noreturn

define swiftcc i64 @main.wild(ptr addrspace(1) %p) noinline {
  %v = load volatile i64, ptr addrspace(1) %p
  ret i64 %v
}
define swiftcc void @main.deep(ptr addrspace(1) nest %context) {
  call swiftcc void @test.recurse()
  ret void
}

define swiftcc void @toy_program() {
  %n = call swiftcc i64 @os.argc()
  switch i64 %n, label %thread [ i64 2, label %wild
                                 i64 3, label %null
                                 i64 4, label %recurse ]
wild:
  %p = getelementptr i8, ptr addrspace(1) null, i64 20015998341120
  %v = call swiftcc i64 @main.wild(ptr addrspace(1) %p)
  br label %end
null:
  call swiftcc void @test.null()
  br label %end
recurse:
  call swiftcc void @test.recurse()
  br label %end
thread:
  %f = addrspacecast ptr @goer to ptr addrspace(1)
  call swiftcc void @toy_newproc(ptr addrspace(1) %f)
  br label %spin
spin:
  br label %spin
end:
  call swiftcc void @toy_maindone()
  unreachable
}
