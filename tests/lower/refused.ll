; What breaks the contract is said in words, with status 1.
; RUN: split-file %s %t
; RUN: not toy lower %t/cc.ll -o %t.o 2>&1 | FileCheck %t/cc.ll
; RUN: not toy lower %t/five.ll -o %t.o 2>&1 | FileCheck %t/five.ll
; RUN: not toy lower %t/nested.ll -o %t.o 2>&1 | FileCheck %t/nested.ll
; RUN: not toy lower %t/syntax.ll -o %t.o 2>&1 | FileCheck %t/syntax.ll
; RUN: not toy lower %t/absent.ll -o %t.o 2>&1 | FileCheck %s --check-prefix=ABSENT
; ABSENT: absent.ll:1:1: error: No such file or directory

;--- cc.ll
; CHECK: cc.ll:1:1: error: function main.f is not swiftcc
define void @main.f() {
  ret void
}
;--- five.ll
; CHECK: five.ll:1:1: error: function main.f: more than 4 result words
define swiftcc { i64, i64, i64, i64, i64 } @main.f() {
  ret { i64, i64, i64, i64, i64 } zeroinitializer
}
;--- nested.ll
; CHECK: nested.ll:1:1: error: function main.f: a nested aggregate
declare swiftcc { { ptr addrspace(1), i64 }, i64 } @main.g()
define swiftcc { ptr addrspace(1), i64 } @main.f() {
  %r = call swiftcc { { ptr addrspace(1), i64 }, i64 } @main.g()
  %p = extractvalue { { ptr addrspace(1), i64 }, i64 } %r, 0
  ret { ptr addrspace(1), i64 } %p
}
;--- syntax.ll
; CHECK: syntax.ll:2:1: error: expected top-level entity
frobnicate
