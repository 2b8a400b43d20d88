"""Strings, numbers and constants of the random programs."""

from gotypes import FLOATS, INTS, NAMED, bounds
from vocabulary import COMPARISONS, INT_ASSIGNMENTS, INT_OPERATORS

CORNERS = {
    "float32": ["1.5", "5e-324", "1e-45", "3.4e38", "0.1", "16777217", "1e-40", "123456.789"],
    "float64": ["1.5", "5e-324", "1.7e308", "0.1", "9007199254740993", "1e-310", "4e9"],
}
SPECIAL_FLOATS = """
$zero, $x := c_$t(0), c_$t($value)
$inf, $nan := 1/$zero, $zero/$zero
for _, v := range []$t{$inf, -$inf, $nan, -$zero, $x, -$x, $inf - $inf, $x * $zero, $e} {
    println(v, v == v, v < $x, v >= $zero, 1/v, min(v, $zero), max(v, -$zero, $x), v != $inf, !(v < 1), -v)
    println(float32(v), float64(float32(v)) == float64(v), v*v, v+$x-v, v/3)
}
"""
SIGNED_CONSTANT = """
const $c = $value0
const $small $t = $c & $mask
$r := int64($small)
println($c % 1000003, $c > 0, $c == $value, $small, $c & 0xff, float64($c), -$c / 7 >> $k & 0xffff, $r, ^$small,
    $small - 1 < 0 || $small > 1)
"""
UNSIGNED_CONSTANT = """
const $c = $value0
const $small $t = $c & $mask
$r := int64($small)
println($c % 1000003, $c > 0, $c == $value, $small, ^$c & 0xff, float64($c), ^$small, $r)
"""


class TextForms:
    def s_bytes(self):
        k = self.r.randrange(5)
        names = dict(x=self.expr("int", 1), s=self.expr("string", 2), t=self.expr("string", 1))
        if k == 0:
            self.count_of("bytes of a string")
            self.count_of("copy of a string")
            self.code("""
                $s := $t
                $b := []byte($s)
                $c := make([]byte, 6)
                println(copy($c[1:], $s), copy($c, "ab"))
                for i := range $b {
                    $b[i] ^= byte($x)
                }
                $d := string($b)
                clear($b)
                println($s, $d, string($c), len($b), string($b) < $s)
                """, t=names["s"], x=names["x"])
        elif k == 1:
            self.count_of("runes of a string")
            self.code("""
                $s := $t + "\\u00fc\\U0001f600\\xf0\\x9f" + $q
                $r := []rune($s)
                for i, c := range $s {
                    println(i, c, string(c), c == $r[0])
                }
                $r[0]++
                println(len($s), len($r), string($r[1:]) == $s, string($r), len(string($r)))
                """, t=names["t"], q=self.leaf("string"))
        elif k == 2:
            self.count_of("invalid runes")
            self.code("""
                $r := []rune{-1, 0xd800, 0x110000, 'x', 0xffff, $y}
                println(string($r), len(string($r)), string(rune($x)), string(rune(-5)), string(rune(0xdfff)))
                for i, c := range "a\\xc0\\x80\\xed\\xa0\\x80\\xf4\\x90\\x80\\x80z\\xe4\\xb8" + $s {
                    print(i, " ", c, ";")
                }
                println()
                """, x=names["x"], s=names["s"], y=self.expr("int32", 1))
            self.count_of("print")
        elif k == 3:
            self.count_of("string of many parts")
            self.code("""
                $a, $b := $s, $t
                $c := $a + "-" + $b + $a + string(rune('a'+$x&7)) + "" + $b
                $c += $a + $c
                println($c, len($c), $a+$b == $b+$a, "" + $a == $a, cut($c) > $a)
                $e := 0
                for i := 0; i < len($c); i++ {
                    $e = $e*3 + int($c[i])
                }
                println($e, min($a, $b, "k"), max($a, $b))
                """, s=names["s"], t=names["t"], x=names["x"])
        else:
            self.count_of("named strings and bytes")
            self.count_of("string compared with bytes")
            self.code("""
                $a, $b := N2($s), BS($t)
                $m := map[string]int{$s: 1, string($b): 2}
                switch string($b) {
                case "", $s:
                    println("alike")
                case string($a) + "x":
                    println("longer")
                }
                $c := string($b) + string($a)
                println($a == N2($b), string($b) == $c, $m[string($b)], len($m), $a < "m", $a.M(), $b.M(),
                    len(N2($b)+$a), BS($a)[:0] == nil)
                """, s=names["s"], t=names["t"])

    def s_numbers(self):
        k = self.r.randrange(3)
        if k == 0:
            t = self.pick(*FLOATS)
            self.count_of("special floats")
            self.code(SPECIAL_FLOATS, t=t, value=self.pick(*CORNERS[t]), e=self.expr(t, 2))
            return
        t = self.r.choice(INTS)
        low, high = bounds(t)
        self.count_of("least and greatest integers")
        self.code("""
            $low, $high, $x, $one := c_$t($l), c_$t($h), $e, c_$t(1)
            println($low-$one, $high+$one, -$low, $high*$high, $low*$high, $x-$low, $x+$high, ^$x, +$high)
            println($low/(0-$one), $low%(0-$one), $high/$low1, $x/$high, $x%$high, $low>>7, $high<<$k, $x>>$wide,
                $x<<$wide, $low>>$wide)
            println($low < $high, $x <= $high, $x >= $low, $low == -$low, uint64($low), int64($high), float64($high),
                float32($low), int8($x), uint16($high))
            """, t=t, l=low, h=high, e=self.expr(t, 1), low1="%s(%d)" % (t, self.pick(3, 7, high)),
            k=self.r.randrange(70), wide="(c_uint8(%d))" % self.r.randrange(256))
        self.count_of("shifts by any count")

    def s_compare(self):
        for t in self.r.sample(INTS + FLOATS + ["string"] + sorted(NAMED), 2):
            for op in COMPARISONS:
                self.count_of("%s %s" % (op, t))
            self.code("$x, $y := $e, $f\nprintln($x < $y, $x <= $y, $x > $y, $x >= $y, $x == $y, $x != $y, $x == $x)",
                      e=self.cast(t), f=self.cast(t))

    def s_convert(self):
        """To everything from one kind of number, the small ones from wherever the value lies."""
        u = self.r.choice(INTS + FLOATS)
        for t in INTS + FLOATS:
            self.count_of("%s(%s)" % (t, u))
        safely = "%s($x)" if u in INTS else "%s(" + u + "(in_%s(float64($x))))"
        to = [safely % ((t,) * safely.count("%s")) for t in INTS] + ["%s($x)" % t for t in FLOATS]
        self.code("$x := $e\nprintln(%s)" % ", ".join(to), e=self.cast(u))

    def s_operate(self):
        """Operations one after the other on a variable of one kind."""
        t = self.r.choice(INTS + FLOATS)
        operations = self.r.sample(INT_ASSIGNMENTS, 8) if t in INTS else self.r.choices(["+=", "-=", "*=", "/="], k=4)
        names = self.code("$x, $y := $e, $f", e=self.cast(t), f=self.cast(t))
        for op in operations:
            self.count_of("%s %s" % (op, t))
            counts = [" (%s & 63)" % self.leaf(self.an_int()) for _ in range(2)]
            nonzero = " ($y | 1)" if t in INTS else " $y"
            right = {"++": "", "--": "", "<<=": counts[0], ">>=": counts[1], "/=": nonzero, "%=": nonzero}
            self.code("$x %s%s" % (op, right.get(op, " $y")), **names)
        if t in INTS:
            self.binary_operations(t, names)
        self.code("println($x)", **names)
        self.scopes[-1] += [(names["x"], t), (names["y"], t)]

    def binary_operations(self, t, names):
        some = self.r.sample([op for op in INT_OPERATORS if op not in COMPARISONS], 5)
        for op in some:
            self.count_of("%s %s" % (op, t))
        right = {"/": "($y | 1)", "%": "($y | 1)", "<<": "($y & 63)", ">>": "($y & 63)"}
        self.code("println(%s)" % ", ".join("$x %s %s" % (op, right.get(op, "$y")) for op in some), **names)

    # ---- constants

    def constant(self, d):
        """An integer constant expression and its value."""
        if d <= 0:
            n = self.r.randrange(-1 << self.pick(4, 30, 70, 130), 1 << self.pick(4, 30, 70, 130))
            return "(%d)" % n, n
        (x, a), (y, b) = self.constant(d - 1), self.constant(d - 1)
        op = self.pick("+", "-", "*", "/", "%", "&", "|", "^", "&^", "<<", ">>")
        if op in ("<<", ">>"):
            n = self.r.randrange(40)
            return "(%s %s %d)" % (x, op, n), a << n if op == "<<" else a >> n
        if op in "/%":
            if not b:
                return x, a
            quotient = abs(a) // abs(b) * (1 if (a < 0) == (b < 0) else -1)
            return "(%s %s %s)" % (x, op, y), quotient if op == "/" else a - quotient * b
        value = {"+": a + b, "-": a - b, "*": a * b, "&": a & b, "|": a | b, "^": a ^ b, "&^": a & ~b}[op]
        return ("(%s %s %s)" % (x, op, y), value) if abs(value) < 1 << 500 else (x, a)

    def s_constants(self):
        k = self.r.randrange(4)
        if k <= 1:
            self.count_of("constant expression")
            text, value = self.constant(self.pick(1, 2, 3))
            t = self.r.choice(INTS)
            names = dict(value0=text, t=t, mask=bounds(t)[1] >> 1, value=value)
            if t[0] == "i":
                names["k"] = self.r.randrange(9)
            names = self.code(SIGNED_CONSTANT if t[0] == "i" else UNSIGNED_CONSTANT, **names)
            self.scopes[-1].append((names["r"], "int64"))
        elif k == 2:
            self.count_of("constant iota")
            a = self.fresh()
            self.code("""
                type W$a $t
                const (
                    a$a W$a = 1 << iota
                    b$a
                    _
                    d$a
                    e$a, f$a = iota * $n, "s" + "t"
                    g$a, h$a
                )
                const (
                    _ = iota
                    i$a = iota + len(f$a)
                    j$a = 'a' + iota
                    k$a
                )
                println(a$a, b$a, d$a, e$a, f$a, g$a, h$a, i$a, j$a, k$a, string(rune(k$a)), d$a&^a$a)
                var y$a [len(f$a) + i$a]int
                println(len(y$a), W$a(g$a) == d$a)
                """, a=a, t=self.r.choice(INTS), n=self.r.randrange(1, 9))
        else:
            self.count_of("typed constants")
            self.count_of("float constants")
            n, m = self.r.randrange(1, 1 << 20), self.r.randrange(1, 1 << 20)
            self.code("""
                const $f = $n / $m.0 * 1e20 / 3
                const $g float32 = $n / 7.0
                const $h, $i = 5.0, 1 << 3.0
                const $j = $n / $m
                var $x int = $h * $i
                var $y float64 = $n / $m
                const $b = $f > $n && $h == 5
                println($f, float32($f), $g, $x, $y, $j, $b, $h/2, $i/3, 7/2*2.0, 7/2.0*2, int64($h)<<$i, 'a'*2,
                    0x1p-2, 1e3, 0b101, 0o17, 1_000)
                println($g*3, float32($g)/$h, $g == float32($n)/7, uint8($i)<<4, ^uint16($i), 1.0<<3, $z<<2.0,
                    "const"[1], len("const"))
                """, n=n, m=m, z=self.leaf("int"))
