; Loops without calls that keep integer, floating-point and vector registers full, in six goroutines at once, stopped by
; signals all the time: the results must be those of an undisturbed run, to the last bit.
; Rows: SP-12, SP-13, AG-9.
; RUN: toy lower %s -o %t.o && gcc -static -no-pie -Wl,--eh-frame-hdr %t.o %libtoyrt -o %t
; RUN: env TOYDEBUG=asyncpreemptoff=1 timeout 20 %t > %t.calm 2>&1
; RUN: FileCheck %s < %t.calm
; RUN: env TOYDEBUG=preemptevery=50 timeout 30 %t > %t.out 2>&1; cmp %t.calm %t.out
; RUN: env TOYMAXPROCS=1 TOYDEBUG=preemptevery=50 timeout 30 %t > %t.out 2>&1; cmp %t.calm %t.out
; RUN: env TOYMAXPROCS=8 TOYDEBUG=preemptevery=50 timeout 30 %t > %t.out 2>&1; cmp %t.calm %t.out
; RUN: env TOYMAXPROCS=2 TOYDEBUG=preemptevery=50,stats=1 timeout 30 %t 2>&1 | FileCheck %s --check-prefix=STOPS
; CHECK-COUNT-6: {{^[1-9][0-9]*$}}
; STOPS: asyncpreempt: {{[0-9][0-9][0-9]+}}
target datalayout = "e-m:e-p270:32:32-p271:32:32-p272:64:64-i64:64-i128:128-f80:128-n8:16:32:64-S128-A1-ni:1"
target triple = "x86_64-unknown-linux-gnu"

%cell = type { i64, ptr addrspace(1), i64 }
@results = global [6 x i64] zeroinitializer
declare swiftcc void @toy_print(ptr addrspace(1), i64)
declare swiftcc void @toy_maindone() noreturn
declare swiftcc void @toy_newproc(ptr addrspace(1))
declare swiftcc void @runtime.Gosched()

define swiftcc void @main.show(i64 %n) noinline {
  %cells = alloca [2 x %cell], addrspace(1)
  store [2 x %cell] zeroinitializer, ptr addrspace(1) %cells
  store i64 2, ptr addrspace(1) %cells
  %v = getelementptr [2 x %cell], ptr addrspace(1) %cells, i64 0, i64 0, i32 2
  store i64 %n, ptr addrspace(1) %v
  %k = getelementptr [2 x %cell], ptr addrspace(1) %cells, i64 0, i64 1, i32 0
  store i64 9, ptr addrspace(1) %k
  call swiftcc void @toy_print(ptr addrspace(1) %cells, i64 2)
  ret void
}

define swiftcc i64 @main.ints(i64 %n) noinline {
entry:
  br label %loop
loop:
  %i = phi i64 [ 0, %entry ], [ %i1, %loop ]
  %a0 = phi i64 [ 1, %entry ], [ %b0, %loop ]
  %a1 = phi i64 [ 7920, %entry ], [ %b1, %loop ]
  %a2 = phi i64 [ 15839, %entry ], [ %b2, %loop ]
  %a3 = phi i64 [ 23758, %entry ], [ %b3, %loop ]
  %a4 = phi i64 [ 31677, %entry ], [ %b4, %loop ]
  %a5 = phi i64 [ 39596, %entry ], [ %b5, %loop ]
  %a6 = phi i64 [ 47515, %entry ], [ %b6, %loop ]
  %a7 = phi i64 [ 55434, %entry ], [ %b7, %loop ]
  %a8 = phi i64 [ 63353, %entry ], [ %b8, %loop ]
  %a9 = phi i64 [ 71272, %entry ], [ %b9, %loop ]
  %a10 = phi i64 [ 79191, %entry ], [ %b10, %loop ]
  %a11 = phi i64 [ 87110, %entry ], [ %b11, %loop ]
  %p0 = mul i64 %a0, 6364136223846793005
  %q0 = xor i64 %p0, %a1
  %s0 = lshr i64 %q0, 29
  %b0 = add i64 %q0, %s0
  %p1 = mul i64 %a1, 6364136223846793003
  %q1 = xor i64 %p1, %a2
  %s1 = lshr i64 %q1, 29
  %b1 = add i64 %q1, %s1
  %p2 = mul i64 %a2, 6364136223846793001
  %q2 = xor i64 %p2, %a3
  %s2 = lshr i64 %q2, 29
  %b2 = add i64 %q2, %s2
  %p3 = mul i64 %a3, 6364136223846792999
  %q3 = xor i64 %p3, %a4
  %s3 = lshr i64 %q3, 29
  %b3 = add i64 %q3, %s3
  %p4 = mul i64 %a4, 6364136223846792997
  %q4 = xor i64 %p4, %a5
  %s4 = lshr i64 %q4, 29
  %b4 = add i64 %q4, %s4
  %p5 = mul i64 %a5, 6364136223846792995
  %q5 = xor i64 %p5, %a6
  %s5 = lshr i64 %q5, 29
  %b5 = add i64 %q5, %s5
  %p6 = mul i64 %a6, 6364136223846792993
  %q6 = xor i64 %p6, %a7
  %s6 = lshr i64 %q6, 29
  %b6 = add i64 %q6, %s6
  %p7 = mul i64 %a7, 6364136223846792991
  %q7 = xor i64 %p7, %a8
  %s7 = lshr i64 %q7, 29
  %b7 = add i64 %q7, %s7
  %p8 = mul i64 %a8, 6364136223846792989
  %q8 = xor i64 %p8, %a9
  %s8 = lshr i64 %q8, 29
  %b8 = add i64 %q8, %s8
  %p9 = mul i64 %a9, 6364136223846792987
  %q9 = xor i64 %p9, %a10
  %s9 = lshr i64 %q9, 29
  %b9 = add i64 %q9, %s9
  %p10 = mul i64 %a10, 6364136223846792985
  %q10 = xor i64 %p10, %a11
  %s10 = lshr i64 %q10, 29
  %b10 = add i64 %q10, %s10
  %p11 = mul i64 %a11, 6364136223846792983
  %q11 = xor i64 %p11, %a0
  %s11 = lshr i64 %q11, 29
  %b11 = add i64 %q11, %s11
  %i1 = add i64 %i, 1
  %more = icmp ult i64 %i1, %n
  br i1 %more, label %loop, label %done
done:
  %f0 = add i64 %b0, 0
  %f1 = xor i64 %f0, %b1
  %f2 = xor i64 %f1, %b2
  %f3 = xor i64 %f2, %b3
  %f4 = xor i64 %f3, %b4
  %f5 = xor i64 %f4, %b5
  %f6 = xor i64 %f5, %b6
  %f7 = xor i64 %f6, %b7
  %f8 = xor i64 %f7, %b8
  %f9 = xor i64 %f8, %b9
  %f10 = xor i64 %f9, %b10
  %f11 = xor i64 %f10, %b11
  %r = or i64 %f11, 1
  ret i64 %r
}

define swiftcc i64 @main.doubles(i64 %n) noinline {
entry:
  br label %loop
loop:
  %i = phi i64 [ 0, %entry ], [ %i1, %loop ]
  %a0 = phi double [ 0.0625, %entry ], [ %b0, %loop ]
  %a1 = phi double [ 0.125, %entry ], [ %b1, %loop ]
  %a2 = phi double [ 0.1875, %entry ], [ %b2, %loop ]
  %a3 = phi double [ 0.25, %entry ], [ %b3, %loop ]
  %a4 = phi double [ 0.3125, %entry ], [ %b4, %loop ]
  %a5 = phi double [ 0.375, %entry ], [ %b5, %loop ]
  %a6 = phi double [ 0.4375, %entry ], [ %b6, %loop ]
  %a7 = phi double [ 0.5, %entry ], [ %b7, %loop ]
  %a8 = phi double [ 0.5625, %entry ], [ %b8, %loop ]
  %a9 = phi double [ 0.625, %entry ], [ %b9, %loop ]
  %a10 = phi double [ 0.6875, %entry ], [ %b10, %loop ]
  %a11 = phi double [ 0.75, %entry ], [ %b11, %loop ]
  %a12 = phi double [ 0.8125, %entry ], [ %b12, %loop ]
  %a13 = phi double [ 0.875, %entry ], [ %b13, %loop ]
  %p0 = fsub double 1.0, %a0
  %q0 = fmul double %a0, %p0
  %b0 = fmul double %q0, 3.984375
  %p1 = fsub double 1.0, %a1
  %q1 = fmul double %a1, %p1
  %b1 = fmul double %q1, 3.984375
  %p2 = fsub double 1.0, %a2
  %q2 = fmul double %a2, %p2
  %b2 = fmul double %q2, 3.984375
  %p3 = fsub double 1.0, %a3
  %q3 = fmul double %a3, %p3
  %b3 = fmul double %q3, 3.984375
  %p4 = fsub double 1.0, %a4
  %q4 = fmul double %a4, %p4
  %b4 = fmul double %q4, 3.984375
  %p5 = fsub double 1.0, %a5
  %q5 = fmul double %a5, %p5
  %b5 = fmul double %q5, 3.984375
  %p6 = fsub double 1.0, %a6
  %q6 = fmul double %a6, %p6
  %b6 = fmul double %q6, 3.984375
  %p7 = fsub double 1.0, %a7
  %q7 = fmul double %a7, %p7
  %b7 = fmul double %q7, 3.984375
  %p8 = fsub double 1.0, %a8
  %q8 = fmul double %a8, %p8
  %b8 = fmul double %q8, 3.984375
  %p9 = fsub double 1.0, %a9
  %q9 = fmul double %a9, %p9
  %b9 = fmul double %q9, 3.984375
  %p10 = fsub double 1.0, %a10
  %q10 = fmul double %a10, %p10
  %b10 = fmul double %q10, 3.984375
  %p11 = fsub double 1.0, %a11
  %q11 = fmul double %a11, %p11
  %b11 = fmul double %q11, 3.984375
  %p12 = fsub double 1.0, %a12
  %q12 = fmul double %a12, %p12
  %b12 = fmul double %q12, 3.984375
  %p13 = fsub double 1.0, %a13
  %q13 = fmul double %a13, %p13
  %b13 = fmul double %q13, 3.984375
  %i1 = add i64 %i, 1
  %more = icmp ult i64 %i1, %n
  br i1 %more, label %loop, label %done
done:
  %f0 = fadd double %b0, 0.0
  %f1 = fadd double %f0, %b1
  %f2 = fadd double %f1, %b2
  %f3 = fadd double %f2, %b3
  %f4 = fadd double %f3, %b4
  %f5 = fadd double %f4, %b5
  %f6 = fadd double %f5, %b6
  %f7 = fadd double %f6, %b7
  %f8 = fadd double %f7, %b8
  %f9 = fadd double %f8, %b9
  %f10 = fadd double %f9, %b10
  %f11 = fadd double %f10, %b11
  %f12 = fadd double %f11, %b12
  %f13 = fadd double %f12, %b13
  %x = bitcast double %f13 to i64
  ret i64 %x
}

define swiftcc i64 @main.vectors(i64 %n) noinline {
entry:
  br label %loop
loop:
  %i = phi i64 [ 0, %entry ], [ %i1, %loop ]
  %a0 = phi <4 x float> [ <float 0.0625, float 0.0625, float 0.1875, float 0.125>, %entry ], [ %b0, %loop ]
  %a1 = phi <4 x float> [ <float 0.125, float 0.09375, float 0.25, float 0.15625>, %entry ], [ %b1, %loop ]
  %a2 = phi <4 x float> [ <float 0.1875, float 0.125, float 0.3125, float 0.1875>, %entry ], [ %b2, %loop ]
  %a3 = phi <4 x float> [ <float 0.25, float 0.15625, float 0.375, float 0.21875>, %entry ], [ %b3, %loop ]
  %a4 = phi <4 x float> [ <float 0.3125, float 0.1875, float 0.4375, float 0.25>, %entry ], [ %b4, %loop ]
  %a5 = phi <4 x float> [ <float 0.375, float 0.21875, float 0.5, float 0.28125>, %entry ], [ %b5, %loop ]
  %a6 = phi <4 x float> [ <float 0.4375, float 0.25, float 0.5625, float 0.3125>, %entry ], [ %b6, %loop ]
  %p0 = fsub <4 x float> <float 1.0, float 1.0, float 1.0, float 1.0>, %a0
  %t0 = fmul <4 x float> %a0, %p0
  %q0 = fmul <4 x float> %t0, <float 3.984375, float 3.96875, float 3.9375, float 3.875>
  %c0 = fcmp olt <4 x float> %q0, <float 0.5, float 0.5, float 0.5, float 0.5>
  %s0 = fsub <4 x float> <float 1.0, float 1.0, float 1.0, float 1.0>, %q0
  %b0 = select <4 x i1> %c0, <4 x float> %q0, <4 x float> %s0
  %p1 = fsub <4 x float> <float 1.0, float 1.0, float 1.0, float 1.0>, %a1
  %t1 = fmul <4 x float> %a1, %p1
  %q1 = fmul <4 x float> %t1, <float 3.984375, float 3.96875, float 3.9375, float 3.875>
  %c1 = fcmp olt <4 x float> %q1, <float 0.5, float 0.5, float 0.5, float 0.5>
  %s1 = fsub <4 x float> <float 1.0, float 1.0, float 1.0, float 1.0>, %q1
  %b1 = select <4 x i1> %c1, <4 x float> %q1, <4 x float> %s1
  %p2 = fsub <4 x float> <float 1.0, float 1.0, float 1.0, float 1.0>, %a2
  %t2 = fmul <4 x float> %a2, %p2
  %q2 = fmul <4 x float> %t2, <float 3.984375, float 3.96875, float 3.9375, float 3.875>
  %c2 = fcmp olt <4 x float> %q2, <float 0.5, float 0.5, float 0.5, float 0.5>
  %s2 = fsub <4 x float> <float 1.0, float 1.0, float 1.0, float 1.0>, %q2
  %b2 = select <4 x i1> %c2, <4 x float> %q2, <4 x float> %s2
  %p3 = fsub <4 x float> <float 1.0, float 1.0, float 1.0, float 1.0>, %a3
  %t3 = fmul <4 x float> %a3, %p3
  %q3 = fmul <4 x float> %t3, <float 3.984375, float 3.96875, float 3.9375, float 3.875>
  %c3 = fcmp olt <4 x float> %q3, <float 0.5, float 0.5, float 0.5, float 0.5>
  %s3 = fsub <4 x float> <float 1.0, float 1.0, float 1.0, float 1.0>, %q3
  %b3 = select <4 x i1> %c3, <4 x float> %q3, <4 x float> %s3
  %p4 = fsub <4 x float> <float 1.0, float 1.0, float 1.0, float 1.0>, %a4
  %t4 = fmul <4 x float> %a4, %p4
  %q4 = fmul <4 x float> %t4, <float 3.984375, float 3.96875, float 3.9375, float 3.875>
  %c4 = fcmp olt <4 x float> %q4, <float 0.5, float 0.5, float 0.5, float 0.5>
  %s4 = fsub <4 x float> <float 1.0, float 1.0, float 1.0, float 1.0>, %q4
  %b4 = select <4 x i1> %c4, <4 x float> %q4, <4 x float> %s4
  %p5 = fsub <4 x float> <float 1.0, float 1.0, float 1.0, float 1.0>, %a5
  %t5 = fmul <4 x float> %a5, %p5
  %q5 = fmul <4 x float> %t5, <float 3.984375, float 3.96875, float 3.9375, float 3.875>
  %c5 = fcmp olt <4 x float> %q5, <float 0.5, float 0.5, float 0.5, float 0.5>
  %s5 = fsub <4 x float> <float 1.0, float 1.0, float 1.0, float 1.0>, %q5
  %b5 = select <4 x i1> %c5, <4 x float> %q5, <4 x float> %s5
  %p6 = fsub <4 x float> <float 1.0, float 1.0, float 1.0, float 1.0>, %a6
  %t6 = fmul <4 x float> %a6, %p6
  %q6 = fmul <4 x float> %t6, <float 3.984375, float 3.96875, float 3.9375, float 3.875>
  %c6 = fcmp olt <4 x float> %q6, <float 0.5, float 0.5, float 0.5, float 0.5>
  %s6 = fsub <4 x float> <float 1.0, float 1.0, float 1.0, float 1.0>, %q6
  %b6 = select <4 x i1> %c6, <4 x float> %q6, <4 x float> %s6
  %i1 = add i64 %i, 1
  %more = icmp ult i64 %i1, %n
  br i1 %more, label %loop, label %done
done:
  %f0 = bitcast <4 x float> %b0 to <2 x i64>
  %g1 = bitcast <4 x float> %b1 to <2 x i64>
  %f1 = xor <2 x i64> %f0, %g1
  %g2 = bitcast <4 x float> %b2 to <2 x i64>
  %f2 = xor <2 x i64> %f1, %g2
  %g3 = bitcast <4 x float> %b3 to <2 x i64>
  %f3 = xor <2 x i64> %f2, %g3
  %g4 = bitcast <4 x float> %b4 to <2 x i64>
  %f4 = xor <2 x i64> %f3, %g4
  %g5 = bitcast <4 x float> %b5 to <2 x i64>
  %f5 = xor <2 x i64> %f4, %g5
  %g6 = bitcast <4 x float> %b6 to <2 x i64>
  %f6 = xor <2 x i64> %f5, %g6
  %lo = extractelement <2 x i64> %f6, i32 0
  %hi = extractelement <2 x i64> %f6, i32 1
  %t = add i64 %lo, %hi
  %r = or i64 %t, 1
  ret i64 %r
}

@go0 = constant { ptr } { ptr @main.go0 }
define swiftcc void @main.go0(ptr addrspace(1) nest %context) {
  %r = call swiftcc i64 @main.ints(i64 20000000)
  store atomic i64 %r, ptr getelementptr ([6 x i64], ptr @results, i64 0, i64 0) release, align 8
  ret void
}

@go1 = constant { ptr } { ptr @main.go1 }
define swiftcc void @main.go1(ptr addrspace(1) nest %context) {
  %r = call swiftcc i64 @main.doubles(i64 5001000)
  store atomic i64 %r, ptr getelementptr ([6 x i64], ptr @results, i64 0, i64 1) release, align 8
  ret void
}

@go2 = constant { ptr } { ptr @main.go2 }
define swiftcc void @main.go2(ptr addrspace(1) nest %context) {
  %r = call swiftcc i64 @main.vectors(i64 8002000)
  store atomic i64 %r, ptr getelementptr ([6 x i64], ptr @results, i64 0, i64 2) release, align 8
  ret void
}

@go3 = constant { ptr } { ptr @main.go3 }
define swiftcc void @main.go3(ptr addrspace(1) nest %context) {
  %r = call swiftcc i64 @main.ints(i64 20003000)
  store atomic i64 %r, ptr getelementptr ([6 x i64], ptr @results, i64 0, i64 3) release, align 8
  ret void
}

@go4 = constant { ptr } { ptr @main.go4 }
define swiftcc void @main.go4(ptr addrspace(1) nest %context) {
  %r = call swiftcc i64 @main.doubles(i64 5004000)
  store atomic i64 %r, ptr getelementptr ([6 x i64], ptr @results, i64 0, i64 4) release, align 8
  ret void
}

@go5 = constant { ptr } { ptr @main.go5 }
define swiftcc void @main.go5(ptr addrspace(1) nest %context) {
  %r = call swiftcc i64 @main.vectors(i64 8005000)
  store atomic i64 %r, ptr getelementptr ([6 x i64], ptr @results, i64 0, i64 5) release, align 8
  ret void
}

define swiftcc void @main.await(i64 %g) noinline {
  %word = getelementptr [6 x i64], ptr @results, i64 0, i64 %g
  br label %loop
loop:
  call swiftcc void @runtime.Gosched()
  %v = load atomic i64, ptr %word acquire, align 8
  %set = icmp ne i64 %v, 0
  br i1 %set, label %done, label %loop
done:
  call swiftcc void @main.show(i64 %v)
  ret void
}

define swiftcc void @toy_program() {
  %f0 = addrspacecast ptr @go0 to ptr addrspace(1)
  call swiftcc void @toy_newproc(ptr addrspace(1) %f0)
  %f1 = addrspacecast ptr @go1 to ptr addrspace(1)
  call swiftcc void @toy_newproc(ptr addrspace(1) %f1)
  %f2 = addrspacecast ptr @go2 to ptr addrspace(1)
  call swiftcc void @toy_newproc(ptr addrspace(1) %f2)
  %f3 = addrspacecast ptr @go3 to ptr addrspace(1)
  call swiftcc void @toy_newproc(ptr addrspace(1) %f3)
  %f4 = addrspacecast ptr @go4 to ptr addrspace(1)
  call swiftcc void @toy_newproc(ptr addrspace(1) %f4)
  %f5 = addrspacecast ptr @go5 to ptr addrspace(1)
  call swiftcc void @toy_newproc(ptr addrspace(1) %f5)
  call swiftcc void @main.await(i64 0)
  call swiftcc void @main.await(i64 1)
  call swiftcc void @main.await(i64 2)
  call swiftcc void @main.await(i64 3)
  call swiftcc void @main.await(i64 4)
  call swiftcc void @main.await(i64 5)
  call swiftcc void @toy_maindone()
  unreachable
}
