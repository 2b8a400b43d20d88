; A function that is never stopped, and sequences of both kinds that begin again.
target datalayout = "e-m:e-p270:32:32-p271:32:32-p272:64:64-i64:64-i128:128-f80:128-n8:16:32:64-S128-A1-ni:1"
target triple = "x86_64-unknown-linux-gnu"

define swiftcc i64 @main.pinned(i64 %n) "toy-nopreempt" {
  %m = add i64 %n, 1
  ret i64 %m
}
define swiftcc void @main.sequences() {
  call void asm sideeffect "1: nop\0Anop\0A2:\0A.pushsection toyunsafe,\22a\22,@progbits\0A.quad 1b, 2b, 2\0A.popsection", ""() "gc-leaf-function"
  call void asm sideeffect "1: nop\0Anop\0A2:\0A.pushsection toyunsafe,\22a\22,@progbits\0A.quad 1b, 2b, 3\0A.popsection", ""() "gc-leaf-function"
  ret void
}
