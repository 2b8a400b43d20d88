; Infinite recursion: Go's report, the first 50 and the last 50 frames, wrappers hidden, the middle counted; status 2.
; Rows: SK-3.
; RUN: toy lower %s -O1 -o %t.o && gcc -static -no-pie -Wl,--eh-frame-hdr %t.o %libtoyrt -o %t
; RUN: sh -c 'timeout 20 %t > %t.out 2>&1; echo status $? >> %t.out'; FileCheck %s < %t.out
; RUN: grep -c '^main.down' %t.out | FileCheck %s --check-prefix=COUNT
; CHECK: runtime: goroutine stack exceeds 1000000000-byte limit
; CHECK: fatal error: stack overflow
; CHECK: goroutine {{[0-9]+}} [running]:
; CHECK-NEXT: main.down(...)
; CHECK-NEXT: /src/t.toy:3 +0x
; CHECK-NEXT: main.down(...)
; CHECK-NEXT: /src/t.toy:5 +0x
; CHECK: {{^}}...{{[0-9]+}} frames elided...
; CHECK-NEXT: main.down(...)
; CHECK: main.start(...)
; CHECK-NEXT: /src/t.toy:12 +0x
; CHECK-NEXT: created by main.main in goroutine 1
; CHECK-NEXT: /src/t.toy:16 +0x
; CHECK: goroutine 1 [chan receive (nil chan)]:
; CHECK-NEXT: main.main()
; CHECK-NEXT: /src/t.toy:17 +0x
; CHECK: status 2
; COUNT: 99
target datalayout = "e-m:e-p270:32:32-p271:32:32-p272:64:64-i64:64-i128:128-f80:128-n8:16:32:64-S128-A1-ni:1"
target triple = "x86_64-unknown-linux-gnu"

declare swiftcc void @toy_maindone() noreturn
declare swiftcc void @toy_newproc(ptr addrspace(1))
declare swiftcc i1 @toy_chanrecv(ptr addrspace(1), ptr addrspace(1))
@starter = constant { ptr } { ptr @main.start }

define swiftcc i64 @main.down(i64 %n) noinline !dbg !10 {
  %m = add i64 %n, 1
  %v = call swiftcc i64 @main.down(i64 %m), !dbg !11
  %w = add i64 %v, 1
  ret i64 %w, !dbg !11
}
define swiftcc void @main.start(ptr addrspace(1) nest %context) noinline !dbg !12 {
  %v = call swiftcc i64 @main.down(i64 1), !dbg !13
  ret void, !dbg !13
}
define swiftcc void @main.main() noinline !dbg !14 {
  %f = addrspacecast ptr @starter to ptr addrspace(1)
  call swiftcc void @toy_newproc(ptr addrspace(1) %f), !dbg !15
  %r = call swiftcc i1 @toy_chanrecv(ptr addrspace(1) null, ptr addrspace(1) null), !dbg !18
  ret void, !dbg !18
}
define swiftcc void @toy_program() "toy-wrapper" !dbg !16 {
  call swiftcc void @main.main(), !dbg !17
  call swiftcc void @toy_maindone(), !dbg !17
  unreachable
}

!llvm.dbg.cu = !{!0}
!llvm.module.flags = !{!2, !3}
!0 = distinct !DICompileUnit(language: DW_LANG_Go, file: !1, producer: "toy", emissionKind: LineTablesOnly)
!1 = !DIFile(filename: "t.toy", directory: "/src")
!2 = !{i32 2, !"Debug Info Version", i32 3}
!3 = !{i32 2, !"Dwarf Version", i32 4}
!4 = !DISubroutineType(types: !{})
!10 = distinct !DISubprogram(name: "main.down", scope: !1, file: !1, line: 3, type: !4, unit: !0, spFlags: DISPFlagDefinition)
!11 = !DILocation(line: 5, column: 9, scope: !10)
!12 = distinct !DISubprogram(name: "main.start", scope: !1, file: !1, line: 11, type: !4, unit: !0, spFlags: DISPFlagDefinition)
!13 = !DILocation(line: 12, column: 9, scope: !12)
!14 = distinct !DISubprogram(name: "main.main", scope: !1, file: !1, line: 15, type: !4, unit: !0, spFlags: DISPFlagDefinition)
!15 = !DILocation(line: 16, column: 9, scope: !14)
!16 = distinct !DISubprogram(name: "toy_program", scope: !1, file: !1, line: 1, type: !4, unit: !0, spFlags: DISPFlagDefinition)
!17 = !DILocation(line: 1, column: 1, scope: !16)
!18 = !DILocation(line: 17, column: 9, scope: !14)
