; Rows of toyfuncs: which argument registers and stack words hold managed pointers at entry. Unsafe ranges of functions that
; are never stopped. The module's descriptor.
; Rows: SP-10.
; RUN: toy lower %s --package x/y --llvm=lowered | FileCheck %s
; RUN: toy lower %s --unsafe-points | FileCheck %s --check-prefix=UNSAFE
; RUN: toy lower %s -o %t.o && llvm-readelf -S %t.o | FileCheck %s --check-prefix=ELF
target datalayout = "e-m:e-p270:32:32-p271:32:32-p272:64:64-i64:64-i128:128-f80:128-n8:16:32:64-S128-A1-ni:1"
target triple = "x86_64-unknown-linux-gnu"

; CHECK: @toy_funcs = internal constant
; rdi rdx r9, stack word 1
; CHECK-SAME: { ptr @main.mixed, ptr @{{[0-9]+}}, ptr @{{[0-9]+}}, i32 0, i32 0, i64 37, i64 2 }
; r10, and floats take no integer register
; CHECK-SAME: { ptr @main.closure, ptr @{{[0-9]+}}, ptr @{{[0-9]+}}, i32 0, i32 0, i64 66, i64 0 }
; unmanaged pointers do not count; the ninth float takes a stack word
; CHECK-SAME: { ptr @main.floats, ptr @{{[0-9]+}}, ptr @{{[0-9]+}}, i32 0, i32 0, i64 0, i64 0 }
; TOY_FUNC_WRAPPER
; CHECK-SAME: { ptr @main.wrap, ptr @{{[0-9]+}}, ptr @{{[0-9]+}}, i32 0, i32 1, i64 1, i64 0 }
; TOY_FUNC_NOPREEMPT
; CHECK-SAME: { ptr @main.pinned, ptr @{{[0-9]+}}, ptr @{{[0-9]+}}, i32 0, i32 2, i64 0, i64 0 }
; CHECK-SAME: { ptr @main.last, ptr @{{[0-9]+}}, ptr @{{[0-9]+}}, i32 0, i32 2, i64 0, i64 0 }
; CHECK-SAME: section "toyfuncs", align 8
; CHECK: @toy_unsafe = internal constant {{.*}}{ ptr @main.pinned, ptr @main.last, i64 1 }, {{.*}}{ ptr @main.last, ptr @toy_module_end, i64 1 }], section "toyunsafe", align 8
; CHECK: @toy_sites = internal constant
; CHECK: c"x/y\00"
; CHECK: @toy_module = internal constant [1 x { ptr, ptr, i64, ptr }] [{ ptr, ptr, i64, ptr } { ptr @__LLVM_StackMaps, ptr @toy_sites, i64 {{[1-9]}}, ptr @{{[0-9]+}} }], section "toymodules", align 8
; CHECK: define {{.*}}@main.mixed{{.*}} section "toytext" gc "statepoint-example"
; The range covers the function's own body: it may not be inlined elsewhere.
; CHECK: define internal swiftcc i64 @main.local{{.*}} section "toytext"

; UNSAFE: unsafe from main.pinned (toytext+{{.*}}) to main.last (toytext+
; UNSAFE: unsafe from main.last (toytext+{{.*}}) to toy_module_end (toytext+

; The split-stack note is gone, so that no linker rewrites the guard checks.
; ELF-NOT: .note.GNU-split-stack
; ELF: .note.Toy-split-stack
; ELF-NOT: .note.GNU-split-stack

declare swiftcc void @main.sink(ptr addrspace(1))

define swiftcc void @main.mixed(ptr addrspace(1) %a, i32 %b, ptr addrspace(1) %c, double %d, ptr %e, i64 %f, ptr addrspace(1) %g, i64 %h, ptr addrspace(1) %i) {
  call swiftcc void @main.sink(ptr addrspace(1) %i)
  ret void
}
define swiftcc void @main.closure(ptr addrspace(1) nest %context, double %a, i64 %b, ptr addrspace(1) %c) {
  call swiftcc void @main.sink(ptr addrspace(1) %context)
  ret void
}
define swiftcc void @main.floats(double, double, double, double, double, double, double, double, double, ptr) {
  ret void
}
define swiftcc void @main.wrap(ptr addrspace(1) %a) "toy-wrapper" {
  call swiftcc void @main.sink(ptr addrspace(1) %a)
  ret void
}
; A link-once function becomes the module's own: two copies of different code could not share one stack map.
define linkonce_odr swiftcc i64 @main.local(i64 %n) noinline {
  %m = mul i64 %n, %n
  ret i64 %m
}
define swiftcc i64 @main.pinned(i64 %n) "toy-nopreempt" {
  %m = call swiftcc i64 @main.local(i64 %n)
  ret i64 %m
}
define swiftcc i64 @main.last(i64 %n) "toy-nopreempt" {
  %m = call swiftcc i64 @main.pinned(i64 %n)
  ret i64 %m
}
