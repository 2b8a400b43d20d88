; Code that may keep values in wide vector registers asks the linker for a runtime that saves them; other code asks for none.
; Rows: AG-9.
; RUN: sed "s/FEATURES/+sse4.2/; s/CPU/x86-64-v2/" %s > %t.ll && toy lower %t.ll -o %t.o && llvm-nm -u %t.o | FileCheck %s --check-prefix=NONE
; NONE-NOT: toy_saves
; RUN: sed 's/FEATURES/+sse2,+avx2/; s/CPU/x86-64/' %s > %t.ll && toy lower %t.ll -o %t.o && llvm-nm -u %t.o | FileCheck %s --check-prefix=YMM
; RUN: sed 's/FEATURES/+fma/; s/CPU/x86-64-v2/' %s > %t.ll && toy lower %t.ll -o %t.o && llvm-nm -u %t.o | FileCheck %s --check-prefix=YMM
; RUN: sed 's/FEATURES//; s/CPU/x86-64-v3/' %s > %t.ll && toy lower %t.ll -o %t.o && llvm-nm -u %t.o | FileCheck %s --check-prefix=YMM
; YMM-NOT: toy_saves_zmm
; YMM: toy_saves_ymm
; RUN: sed 's/FEATURES/+avx512f/; s/CPU/x86-64/' %s > %t.ll && toy lower %t.ll -o %t.o && llvm-nm -u %t.o | FileCheck %s --check-prefix=ZMM
; RUN: sed 's/FEATURES//; s/CPU/znver4/' %s > %t.ll && toy lower %t.ll -o %t.o && llvm-nm -u %t.o | FileCheck %s --check-prefix=ZMM
; ZMM: toy_saves_zmm
target datalayout = "e-m:e-p270:32:32-p271:32:32-p272:64:64-i64:64-i128:128-f80:128-n8:16:32:64-S128-A1-ni:1"
target triple = "x86_64-unknown-linux-gnu"

define swiftcc i64 @main.narrow(i64 %n) {
  ret i64 %n
}

define swiftcc i64 @main.f(i64 %n) "target-features"="FEATURES" "target-cpu"="CPU" {
  ret i64 %n
}
