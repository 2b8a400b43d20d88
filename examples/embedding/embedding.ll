; embedding.ll: the runtime under a frontend that is not Toy's. This file is what such a frontend would write: LLVM IR by the
; rules of docs/abi.md, no Toy source, no Toy types but a descriptor.
;
; A hundred goroutines walk a recursion that outgrows their first stack many times over; each adds to a number in its caller's
; frame through a pointer that the runtime rewrites whenever the stack moves, and sends the sum through a channel. The first
; goroutine adds the sums and prints them.
;
; What to look at:
;  - managed pointers are `ptr addrspace(1)`, allocas too; code and descriptors are plain `ptr`;
;  - functions are swiftcc and have no attributes: `toy lower` gives them guard checks, statepoints, tables;
;  - a function value is a pointer to an object {code, captured…}; its code takes it as `nest`;
;  - calls of the runtime are the rows of runtime.def: convention, types and effects are in toy.h.
target datalayout = "e-m:e-p270:32:32-p271:32:32-p272:64:64-i64:64-i128:128-f80:128-n8:16:32:64-S128-A1-ni:1"
target triple = "x86_64-unknown-linux-gnu"

; ---- descriptors (struct toy_descriptor of toy.h)

; {size, end of pointers, pointer bitmap, hash, align, kind, flags, pad}
%descriptor = type { i64, i64, ptr, i32, i8, i8, i8, i8, [12 x i64] }

@int.desc = constant %descriptor { i64 8, i64 0, ptr null, i32 0, i8 8, i8 0, i8 0, i8 0, [12 x i64] zeroinitializer }

; A closure {code, channel, n}: word 1 is a managed pointer.
@worker.mask = private constant [1 x i8] c"\02"
@worker.desc = constant %descriptor { i64 24, i64 16, ptr @worker.mask, i32 0, i8 8, i8 0, i8 0, i8 0, [12 x i64] zeroinitializer }
%worker = type { ptr, ptr addrspace(1), i64 }

; ---- the runtime

declare ptr addrspace(1) @toy_newobject(ptr)
declare ptr addrspace(1) @toy_makechan(ptr, i64)
declare void @toy_chansend(ptr addrspace(1), ptr addrspace(1))
declare i8 @toy_chanrecv(ptr addrspace(1), ptr addrspace(1))
declare void @toy_newproc(ptr addrspace(1))
declare void @toy_print(ptr addrspace(1), i64)
declare void @toy_maindone() noreturn

; ---- the program

; Adds n + (n-1) + … + 1 to *sum. A frame a call: the stack is copied as it grows, and *sum with it.
define swiftcc void @demo.add(i64 %n, ptr addrspace(1) %sum) noinline {
  %none = icmp eq i64 %n, 0
  br i1 %none, label %done, label %more
more:
  %old = load i64, ptr addrspace(1) %sum
  %new = add i64 %old, %n
  store i64 %new, ptr addrspace(1) %sum
  %rest = sub i64 %n, 1
  call swiftcc void @demo.add(i64 %rest, ptr addrspace(1) %sum)
  br label %done
done:
  ret void
}

; What a goroutine runs: the closure comes in `nest`.
define swiftcc void @demo.work(ptr addrspace(1) nest %self) {
  %sum = alloca i64, addrspace(1)
  store i64 0, ptr addrspace(1) %sum
  %chan.at = getelementptr %worker, ptr addrspace(1) %self, i64 0, i32 1
  %chan = load ptr addrspace(1), ptr addrspace(1) %chan.at
  %n.at = getelementptr %worker, ptr addrspace(1) %self, i64 0, i32 2
  %n = load i64, ptr addrspace(1) %n.at
  call swiftcc void @demo.add(i64 %n, ptr addrspace(1) %sum)
  call void @toy_chansend(ptr addrspace(1) %chan, ptr addrspace(1) %sum)
  ret void
}

define swiftcc void @demo.start(ptr addrspace(1) %chan, i64 %n) {
  %self = call ptr addrspace(1) @toy_newobject(ptr @worker.desc)
  store ptr @demo.work, ptr addrspace(1) %self
  %chan.at = getelementptr %worker, ptr addrspace(1) %self, i64 0, i32 1
  store ptr addrspace(1) %chan, ptr addrspace(1) %chan.at
  %n.at = getelementptr %worker, ptr addrspace(1) %self, i64 0, i32 2
  store i64 %n, ptr addrspace(1) %n.at
  call void @toy_newproc(ptr addrspace(1) %self)
  ret void
}

; The next sum, received into this frame: another thread writes there while this goroutine is parked.
define swiftcc i64 @demo.next(ptr addrspace(1) %chan) {
  %value = alloca i64, addrspace(1)
  store i64 0, ptr addrspace(1) %value
  %ok = call i8 @toy_chanrecv(ptr addrspace(1) %chan, ptr addrspace(1) %value)
  %sum = load i64, ptr addrspace(1) %value
  ret i64 %sum
}

; Cells of print: {kind, pointer, number}; 1 is an integer, 9 a new line.
%cell = type { i64, ptr addrspace(1), i64 }

define swiftcc void @demo.show(i64 %n) {
  %cells = alloca [2 x %cell], addrspace(1)
  store [2 x %cell] zeroinitializer, ptr addrspace(1) %cells
  store i64 1, ptr addrspace(1) %cells
  %number = getelementptr [2 x %cell], ptr addrspace(1) %cells, i64 0, i64 0, i32 2
  store i64 %n, ptr addrspace(1) %number
  %line = getelementptr [2 x %cell], ptr addrspace(1) %cells, i64 0, i64 1, i32 0
  store i64 9, ptr addrspace(1) %line
  call void @toy_print(ptr addrspace(1) %cells, i64 2)
  ret void
}

; Goroutine 1.
define swiftcc void @toy_program() {
entry:
  %chan = call ptr addrspace(1) @toy_makechan(ptr @int.desc, i64 4)
  br label %start
start:
  %i = phi i64 [ 0, %entry ], [ %i1, %start ]
  %deep = mul i64 %i, 10
  call swiftcc void @demo.start(ptr addrspace(1) %chan, i64 %deep)
  %i1 = add i64 %i, 1
  %started = icmp eq i64 %i1, 100
  br i1 %started, label %collect, label %start
collect:
  %k = phi i64 [ 0, %start ], [ %k1, %collect ]
  %total = phi i64 [ 0, %start ], [ %total1, %collect ]
  %sum = call swiftcc i64 @demo.next(ptr addrspace(1) %chan)
  %total1 = add i64 %total, %sum
  %k1 = add i64 %k, 1
  %all = icmp eq i64 %k1, 100
  br i1 %all, label %show, label %collect
show:
  call swiftcc void @demo.show(i64 %total1)
  call void @toy_maindone()
  unreachable
}
