; An alloca that survives: its address comes from an asm only, at the entry or, when one block uses it around
; calls, at each use afresh; its pointer words are zeroed, and the stack map describes it. The bitmap of { i64, ptr, [2 x { ptr, i64 }] } is 0b010110.
; RUN: toy lower %s --llvm=lowered | FileCheck %s --check-prefix=IR
; RUN: toy lower %s --stackmaps | FileCheck %s --check-prefix=MAP
; RUN: toy lower %s -O0 --stackmaps | FileCheck %s --check-prefix=MAP
target datalayout = "e-m:e-p270:32:32-p271:32:32-p272:64:64-i64:64-i128:128-f80:128-n8:16:32:64-S128-A1-ni:1"
target triple = "x86_64-unknown-linux-gnu"

%T = type { i64, ptr addrspace(1), [2 x { ptr addrspace(1), i64 }] }
declare swiftcc void @main.use(ptr addrspace(1))

; IR-LABEL: define {{.*}}@main.f
; IR: %x = alloca %T, align 8
; IR-NEXT: [[O:%.*]] = call ptr addrspace(1) asm sideeffect "leaq $1, $0", "=r,*m"(ptr elementtype(%T) %x) [[LEAF:#[0-9]+]]
; IR-NEXT: call void (i64, i32, ...) @llvm.experimental.stackmap(i64 -4294967296, i32 0, ptr %x, i64 48, i64 22)
; IR-NEXT: [[A:%.*]] = getelementptr inbounds i8, ptr addrspace(1) [[O]], i64 8
; IR-NEXT: store ptr addrspace(1) null, ptr addrspace(1) [[A]]
; IR-COUNT-2: store ptr addrspace(1) null
; IR: [[U:%.*]] = call ptr addrspace(1) asm sideeffect "leaq $1, $0", "=r,*m"(ptr elementtype(%T) %x) [[LEAF]]
; IR-NEXT: call swiftcc void @main.use(ptr addrspace(1) [[U]])
; IR-NEXT: [[V:%.*]] = call ptr addrspace(1) asm sideeffect "leaq $1, $0", "=r,*m"(ptr elementtype(%T) %x) [[LEAF]]
; IR-NEXT: call swiftcc void @main.use(ptr addrspace(1) [[V]])
; MAP-LABEL: main.f:
; MAP-NEXT: object at {{r[bs]p}}{{[-+][0-9]+}} size 48 pointers 0x16
; MAP-NEXT: call +{{[0-9]+}} site 0 {{.*}} pointers [{{r[bs]p}}
define swiftcc void @main.f() {
  %x = alloca %T, addrspace(1)
  call swiftcc void @main.use(ptr addrspace(1) %x)
  call swiftcc void @main.use(ptr addrspace(1) %x)
  ret void
}

; Many pointers: one memset from the first to the last pointer word.
; IR-LABEL: define {{.*}}@main.many
; IR: @llvm.experimental.stackmap(i64 -4294967296, i32 0, ptr %x, i64 800, i64 -1, i64 68719476735)
; IR: call void @llvm.memset.p1.i64(ptr addrspace(1) align 8 %{{.*}}, i8 0, i64 800, i1 false)
; MAP-LABEL: main.many:
; MAP-NEXT: object at {{.*}} size 800 pointers 0xffffffffffffffff 0xfffffffff
define swiftcc void @main.many() {
  %x = alloca [100 x ptr addrspace(1)], addrspace(1)
  call swiftcc void @main.use(ptr addrspace(1) %x)
  ret void
}

; Used in several blocks: one address from the entry, an ordinary managed pointer that the call's record names.
; IR-LABEL: define {{.*}}@main.blocks
; IR: %x = alloca [4 x i64], align 8
; IR-NEXT: [[O:%.*]] = call ptr addrspace(1) asm sideeffect "leaq $1, $0", "=r,*m"(ptr elementtype([4 x i64]) %x)
; IR-NOT: asm
; IR: call swiftcc void @main.use(ptr addrspace(1) {{[^%]*}}[[O]])
; IR: getelementptr {{.*}}[[O]], i64 %i
; IR: ret i64
; MAP-LABEL: main.blocks:
; MAP-NEXT: object at {{.*}} size 32 pointers none
; MAP-NEXT: pointers [{{r[bs]p}}
define swiftcc i64 @main.blocks(i64 %n) {
entry:
  %x = alloca [4 x i64], addrspace(1)
  call swiftcc void @main.use(ptr addrspace(1) %x)
  br label %loop
loop:
  %i = phi i64 [ 0, %entry ], [ %i1, %loop ]
  %s = phi i64 [ 0, %entry ], [ %s1, %loop ]
  %at = getelementptr i64, ptr addrspace(1) %x, i64 %i
  %v = load volatile i64, ptr addrspace(1) %at
  %s1 = add i64 %s, %v
  %i1 = add i64 %i, 1
  %more = icmp slt i64 %i1, %n
  br i1 %more, label %loop, label %done
done:
  ret i64 %s1
}

; No pointers: nothing is zeroed. Lifetime markers are dropped.
; IR-LABEL: define {{.*}}@main.bytes
; IR-NOT: llvm.lifetime
; IR-NOT: store
; IR: @llvm.experimental.stackmap(i64 -4294967296, i32 0, ptr %x, i64 24)
; IR-NOT: store
; IR: ret void
; MAP-LABEL: main.bytes:
; MAP-NEXT: object at {{.*}} size 24 pointers none
define swiftcc void @main.bytes() {
  %x = alloca [24 x i8], addrspace(1)
  call void @llvm.lifetime.start.p1(i64 24, ptr addrspace(1) %x)
  call swiftcc void @main.use(ptr addrspace(1) %x)
  call void @llvm.lifetime.end.p1(i64 24, ptr addrspace(1) %x)
  ret void
}
declare void @llvm.lifetime.start.p1(i64, ptr addrspace(1))
declare void @llvm.lifetime.end.p1(i64, ptr addrspace(1))

; A promoted alloca leaves nothing.
; IR-LABEL: define {{.*}}@main.promoted
; IR-NOT: alloca
; IR: ret i64
define swiftcc i64 @main.promoted(i64 %n) {
  %x = alloca i64, addrspace(1)
  store i64 %n, ptr addrspace(1) %x
  %v = load i64, ptr addrspace(1) %x
  ret i64 %v
}
; IR: attributes [[LEAF]] = {{.*}}"gc-leaf-function"
