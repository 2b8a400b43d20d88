"""What every random package begins with."""

PRELUDE = """package main

import (
	"errors"
	"math"
	"runtime"
)

type N0 int16
type N1 uint32
type N2 string
type N3 float64

func (n N0) M() int   { return int(n) * 3 }
func (n N1) M() int   { return int(n>>3) ^ 5 }
func (n N2) M() int   { return len(n) + 100 }
func (n *N0) Set(x int) { *n = *n*2 + N0(x) }

type K struct {
	a int8
	s string
}

type I interface{ M() int }
type J interface {
	I
	Set(x int)
}

type E struct{ code int }

func (e E) Error() string { return "E" }

var sentinel = errors.New("sentinel")
var fuel = 0

// Named types with methods.
type S []int
type F func(int) int
type MM map[string]int
type BS []byte
type G string

func (s S) Sum() (sum int) {
	for i, v := range s {
		sum += v ^ i
	}
	return
}

func (s *S) Push(x int)     { *s = append(*s, x) }
func (f F) Twice(x int) int { return f(f(x)) }
func (f F) M() int          { return f(3) }
func (m MM) Add(k string)   { m[k] += len(k) + 1 }
func (b BS) M() int         { return len(b) }
func (g G) String() string  { return "G:" + string(g) }

type List struct {
	v    int
	next *List
}

type Tree struct {
	l, r *Tree
	v    int
}

func (t *Tree) insert(v int) *Tree {
	if t == nil {
		return &Tree{v: v}
	}
	if v < t.v {
		t.l = t.l.insert(v)
	} else {
		t.r = t.r.insert(v)
	}
	return t
}

func (t *Tree) hash() int {
	if t == nil {
		return 1
	}
	return t.l.hash()*3 + t.r.hash()*5 + t.v
}

// What is called, and in which order.
func tr(what string, x int) int { println(what, x); return x }
func trs(what string, x string) string { println(what, x); return x }
func trb(what string, x bool) bool { println(what, x); return x }
func trp(what string, p *int) *int { println(what, *p); return p }
func trf(what string) func(...int) int { println(what); return func(xs ...int) int { return total(5, xs...) } }
func two(x int) (int, string) { return x*2 + 1, string(rune('a' + x&15)) }
func alike(i int, s string) int { return i + len(s) }

func evenly(n, x int) int {
	if n <= 0 {
		return x
	}
	return oddly(n-1, x*2)
}

func oddly(n, x int) int {
	if n <= 0 {
		return -x
	}
	return evenly(n-1, x+1)
}

// Not called by a deferred function itself.
func helper() any { return recover() }

func burn() bool {
	fuel--
	return fuel < 0
}

func say(what string, x any) {
	switch v := x.(type) {
	case nil:
		println(what, "nil")
	case runtime.Error:
		println(what, "run-time error", v.Error())
	case error:
		println(what, "error", v.Error())
	case string:
		println(what, "string", v)
	case int:
		println(what, "int", v)
	case I:
		println(what, "I", v.M())
	default:
		println(what, "other")
	}
}

func try(what string, f func()) {
	defer func() {
		if x := recover(); x != nil {
			say(what, x)
		}
	}()
	f()
	println(what, "fine")
}

func cut(s string) string {
	if len(s) > 24 {
		return s[len(s)-24:]
	}
	return s
}

func h_float64(x float64) uint64 {
	if x != x {
		return 3
	}
	return math.Float64bits(x)
}

func h_string(x string) uint64 {
	h := uint64(len(x))
	for i := 0; i < len(x); i++ {
		h = h*131 + uint64(x[i])
	}
	return h
}

func h_bool(x bool) uint64 {
	if x {
		return 11
	}
	return 12
}

func h_any(x any) uint64 {
	switch v := x.(type) {
	case nil:
		return 1
	case int:
		return uint64(v) + 2
	case string:
		return h_string(v) + 3
	case bool, uint8:
		if v == any(true) {
			return 4
		}
		return 5
	case float64:
		return h_float64(v) + 6
	case K:
		return h_string(v.s)*31 + uint64(v.a)
	case I:
		return uint64(v.M())*7 + 8
	}
	return 9
}

func h_I(x I) uint64 {
	if x == nil {
		return 1
	}
	return h_any(x)
}

func total(first int, rest ...int) int {
	sum := first
	for i, v := range rest {
		sum = sum*3 + v ^ i
	}
	return sum
}

"""
