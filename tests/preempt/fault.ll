; A load through nil: Go's panic, with the signal line, function and line, the inlined caller too; exit status 2.
; Rows: SP-6.
; RUN: toy lower %s -o %t.o && gcc -static -no-pie -Wl,--eh-frame-hdr %t.o %libtoyrt -o %t
; RUN: sh -c '%t > %t.out 2>&1; echo status $? >> %t.out'; FileCheck %s < %t.out
; CHECK: panic: runtime error: invalid memory address or nil pointer dereference
; CHECK-NEXT: [signal SIGSEGV: segmentation violation code=0x1 addr=0x8 pc=0x{{[0-9a-f]+}}]
; CHECK-EMPTY:
; CHECK-NEXT: goroutine 1 [running]:
; CHECK-NEXT: main.load(...)
; CHECK-NEXT: {{^	/src/t.toy:3 \+0x[0-9a-f]+$}}
; CHECK-NEXT: main.outer(...)
; CHECK-NEXT: {{^	/src/t.toy:8 \+0x[0-9a-f]+$}}
; CHECK-NEXT: main.main()
; CHECK-NEXT: {{^	/src/t.toy:12 \+0x[0-9a-f]+$}}
; CHECK-NOT: toy_program
; CHECK: status 2
target datalayout = "e-m:e-p270:32:32-p271:32:32-p272:64:64-i64:64-i128:128-f80:128-n8:16:32:64-S128-A1-ni:1"
target triple = "x86_64-unknown-linux-gnu"

declare swiftcc void @toy_maindone() noreturn

define swiftcc i64 @main.load(ptr addrspace(1) %p) noinline !dbg !10 {
  %a = getelementptr i64, ptr addrspace(1) %p, i64 1
  %v = load volatile i64, ptr addrspace(1) %a, !dbg !11
  ret i64 %v, !dbg !11
}
define swiftcc i64 @main.outer(ptr addrspace(1) %p) noinline !dbg !12 {
  %v = call swiftcc i64 @main.load(ptr addrspace(1) %p), !dbg !13
  ret i64 %v, !dbg !13
}
define swiftcc void @main.main() noinline !dbg !14 {
  %v = call swiftcc i64 @main.outer(ptr addrspace(1) null), !dbg !15
  ret void, !dbg !15
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
!10 = distinct !DISubprogram(name: "main.load", scope: !1, file: !1, line: 3, type: !4, unit: !0, spFlags: DISPFlagDefinition)
!11 = !DILocation(line: 4, column: 9, scope: !10)
!12 = distinct !DISubprogram(name: "main.outer", scope: !1, file: !1, line: 7, type: !4, unit: !0, spFlags: DISPFlagDefinition)
!13 = !DILocation(line: 8, column: 9, scope: !12)
!14 = distinct !DISubprogram(name: "main.main", scope: !1, file: !1, line: 11, type: !4, unit: !0, spFlags: DISPFlagDefinition)
!15 = !DILocation(line: 12, column: 9, scope: !14)
!16 = distinct !DISubprogram(name: "toy_program", scope: !1, file: !1, line: 1, type: !4, unit: !0, spFlags: DISPFlagDefinition)
!17 = !DILocation(line: 1, column: 1, scope: !16)
