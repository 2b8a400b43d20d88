"""What the random programs do with maps."""

from gotypes import INTS, KEYS

# A key for the integer i, which is an expression: the same integers give the same keys, other integers other keys.
KEY_OF = {
    "int": "%s*7",
    "uint8": "uint8(%s)",
    "uint64": "uint64(%s)<<40",
    "float64": "float64(%s)/2",
    "string": 'string(rune(65+%s)) + "key"',
    "K": 'K{int8(%s), "s"}',
    "any": "any(%s)",
    "I": "I(N0(%s))",
    "[2]int8": "[2]int8{int8(%s), 3}",
    "N2": "N2(rune(48 + %s))",
}

LARGE_KEYS = [("int", "i"), ("string", "string(rune(65 + i))"), ("[20]int64", "[20]int64{3: int64(i)}"),
              ("[129]byte", "[129]byte{128: byte(i)}")]
LARGE_ELEMENTS = [("[40]int", "[40]int{39: i}"), ("[5]string", '[5]string{"a", 4: "b"}'),
                  ("[200]byte", "[200]byte{199: byte(i)}"), ("[0]int", "[0]int{}"), ("struct{}", "struct{}{}")]
NAN_KEYS = [("float64", "%s"), ("float32", "float32(%s)"), ("any", "any(%s)"), ("[2]float64", "[2]float64{1, %s}"),
            ("N3", "N3(%s)"), ("struct{ f float64; s string }", 'struct{ f float64; s string }{%s, "s"}')]


class MapForms:
    def s_map(self):
        known = self.assignable("map")
        if not known:
            t = "map[%s]%s" % (self.r.choice(KEYS), self.pick("int", "string", "T0", "[]int"))
            self.count_of("make of a map")
            make = "make(%s)" % t if self.chance(0.5) else "make(%s, %d)" % (t, self.r.randrange(0, 40))
            known = [(self.declare(t, make), t)]
        n, t = self.r.choice(known)
        key, elem = self.map_of(t)
        k = self.r.randrange(9)
        if k < 3:
            self.count_of("assignment to a map element")
            if elem in ("int", "string") and self.chance(0.5):
                op = "+=" if elem == "string" else self.pick("+=", "-=", "*=", "^=")
                at = self.opaque_key(key, 1)
                self.put("%s[%s] %s %s" % (n, at, op, '"m"' if elem == "string" else self.expr(elem, 2)))
            else:
                self.put("%s[%s] = %s" % (n, self.opaque_key(key, 1), self.expr(elem, 2)))
        elif k == 3:
            self.count_of("delete")
            self.put("delete(%s, %s)" % (n, self.opaque_key(key, 1)))
        elif k == 4:
            v, ok = self.fresh(), self.fresh()
            self.count_of("map index, two results")
            self.put("%s, %s := %s[%s]" % (v, ok, n, self.opaque_key(key, 1)))
            self.put("println(%s, %s)" % (ok, self.hash_of(elem) % v))
            self.scopes[-1] += [(v, elem), (ok, "bool")]
        elif k == 5:
            self.count_of("range over a map")
            a, b = self.fresh(), self.fresh()
            self.put("%s := uint64(0)" % b)
            self.open("for %s := range %s" % (a, n))
            self.put("\t%s += %s" % (b, self.hash_of(key) % a))
            if self.chance(0.3):
                self.put("\tdelete(%s, %s)" % (n, a))
            self.close()
            self.put("println(%s, len(%s))" % (b, n))
        elif k in (6, 7) and (key in INTS or key == "string"):
            self.count_of("map filled in a loop")
            i = self.fresh()
            index = "%s(%s*%d)" % (key, i, self.r.randrange(1, 9)) if key != "string" else "string(rune(%s+48))" % i
            self.open("for %s := 0; %s < %d && len(%s) < 200; %s++" % (i, i, self.r.randrange(5, 70), n, i))
            self.put("\t%s[%s] = %s" % (n, index, self.expr(elem, 1)))
            self.close()
        elif self.chance(0.2):
            self.count_of("clear")
            self.put("clear(%s)" % n)
        self.put("println(len(%s), %s)" % (n, self.hash_of(t) % n))

    def filled(self, size):
        """A map of a few entries; its name, and the key of an integer."""
        key = self.r.choice(sorted(KEY_OF))
        self.count_of("map[%s]" % key)
        names = self.code("$m := map[$key]int{}\nfor i := range $n {", key=key, n=size)
        self.put("\t%s[%s] = i*%d + %s" % (names["m"], KEY_OF[key] % "i", self.r.randrange(1, 9), self.leaf("int")))
        self.put("}")
        return names["m"], KEY_OF[key]

    def s_map_nan(self):
        """NaN is no key's equal, not even its own; the two zeros are."""
        self.count_of("map with NaN keys")
        key, form = self.pick(*NAN_KEYS)
        zero, nan = self.fresh(), self.fresh()
        self.put("%s := c_float64(0)" % zero)
        self.put("%s := %s / %s" % (nan, zero, zero))
        names = self.code("""
            $m := map[$key]int{$one: $x}
            for i := range $n {
                $m[$nan] = i + 1
            }
            delete($m, $nan)
            _, $ok := $m[$nan]
            $sum := $m[$one]
            for k, v := range $m {
                $sum += v
                if k != k {
                    $sum += 1000
                }
            }
            println(len($m), $ok, $sum)
            for k := range $m {
                delete($m, k)
            }
            println(len($m))
            clear($m)
            println(len($m), $m[$one])
            """, key=key, nan=form % nan, one=form % "c_float64(1)", n=self.r.randrange(1, 20), x=self.leaf("int"))
        self.scopes[-1].append((names["sum"], "int"))
        self.count_of("map with negative zero")
        self.code("""
            $m := map[float64]int{$zero: $x}
            $m[-$zero] += 5
            for k, v := range $m {
                println(1/k, v, len($m))
            }
            """, zero=zero, x=self.leaf("int"))

    def s_map_changed_while_ranging(self):
        n = self.r.randrange(1, 40)
        m, key = self.filled(n)
        count = self.fresh()
        k = self.r.randrange(4)
        self.put("%s := 0" % count)
        names = dict(m=m, count=count, key=key % "(i+100)", n=n, rest=self.r.randrange(1, 4))
        if k == 0:
            self.count_of("deletion of others while ranging")
            self.code("""
                for k := range $m {
                    $count++
                    for other := range $m {
                        if other != k {
                            delete($m, other)
                        }
                    }
                }
                """, **names)
        elif k == 1:
            self.count_of("deletion while ranging")
            self.code("""
                for k, v := range $m {
                    if $count += v; v%$rest == 0 {
                        delete($m, k)
                    }
                }
                """, **names)
        elif k == 2:
            self.count_of("insertion while ranging")  # whether what is new is visited is open; that it is there is not
            self.code("""
                $i := 0
                for range $m {
                    if $i++; $i <= $n {
                        i := $i
                        $m[$key] = i
                    }
                }
                $count = $i & 0
                """, **names)
        else:
            self.count_of("clear while ranging")
            self.code("""
                for range $m {
                    $count++
                    clear($m)
                }
                """, **names)
        left = self.fresh()
        self.code("""
            $left := 0
            for _, v := range $m {
                $left += v
            }
            _ = $left
            println($count, len($m)$left0)
            """, m=m, count=count, left=left, left0="" if k == 0 else ", " + left)
        self.scopes[-1].append((count, "int"))

    def s_map_nested(self):
        k = self.r.randrange(4)
        if k == 0:
            self.count_of("map of maps")
            names = self.code("""
                $m, $r := map[string]map[int]string{}, 0
                for i := range $n {
                    k := string(rune('a' + i%3))
                    if $m[k] == nil {
                        $m[k] = map[int]string{}
                    }
                    $m[k][i] += $x
                }
                for k, inner := range $m {
                    for i, s := range inner {
                        $r += len(k+s) * i
                    }
                }
                println(len($m), len($m["a"]), len($m["none"]), $r)
                """, n=self.r.randrange(0, 12), x=self.expr("string", 2))
        elif k == 1:
            self.count_of("map of slices")
            names = self.code("""
                $m, $r := map[int][]int{}, 0
                for i := range $n {
                    $m[i%4] = append($m[i%4], $x, i)
                }
                $m[2] = append($m[2][:0], $m[3]...)
                for k, v := range $m {
                    $r += k * total(k, v...)
                }
                """, n=self.r.randrange(0, 12), x=self.expr("int", 2))
        elif k == 2:
            self.count_of("map of functions")
            names = self.code("""
                $x := $y
                $m := map[string]func(int) int{"a": func(n int) int { return n*3 + $x },
                    "b": F(func(n int) int { $x++; return n }).Twice}
                $r := $m["a"]($z) + $m["b"](2)
                if f, ok := $m["c"]; !ok {
                    println(f == nil, $r, $x)
                }
                """, y=self.expr("int", 1), z=self.expr("int", 1))
        else:
            self.count_of("map of structs")
            names = self.code("""
                $m, $r := map[K]struct{ n int; a [3]string }{}, 0
                for i := range $n {
                    k := K{int8(i % 5), $x}
                    v := $m[k]
                    v.n += i + $y
                    v.a[i%3] = k.s
                    $m[k] = v
                }
                for k, v := range $m {
                    $r += int(k.a)*v.n + len(v.a[0]+v.a[1]) + len($m[k].a[2])
                }
                """, n=self.r.randrange(0, 12), x=self.expr("string", 1), y=self.expr("int", 1))
        self.put("println(%s)" % names["r"])
        self.scopes[-1].append((names["r"], "int"))

    def s_map_large(self):
        self.count_of("map of large elements")
        key, make = self.pick(*LARGE_KEYS)
        elem, value = self.pick(*LARGE_ELEMENTS)
        self.code("""
            $m, $count := make(map[$key]$elem), 0
            for i := range $n {
                $m[$make] = $value
            }
            for k, v := range $m {
                if w, ok := $m[k]; ok && v == w {
                    $count++
                }
                delete($m, k)
                $count += len($m)
            }
            println($count, len($m))
            """, key=key, elem=elem, make=make, value=value, n=self.r.randrange(0, 40))

    def s_map_nil(self):
        key = self.r.choice(KEYS)
        self.count_of("nil map")
        self.count_of("map[%s]" % key)
        self.code("""
            var $m map[$key]string
            $v, $ok := $m[$k]
            for range $m {
                println("never")
            }
            delete($m, $k)
            clear($m)
            println(len($m), $m == nil, $ok, $v)
            $m = map[$key]string{}
            $m[$k] = "x" + $v
            println(len($m), $m != nil)
            """, key=key, k=self.opaque_key(key, 1))

    def s_keys(self):
        for key in self.r.sample(KEYS, 2):
            self.count_of("map[%s]" % key)
            self.code("""
                $m := map[$key]int{$a: 1}
                $m[$b] += 2
                $v, $ok := $m[$c]
                println(len($m), $v, $ok)
                """, key=key, a=self.opaque_key(key, 1), b=self.opaque_key(key, 1), c=self.opaque_key(key, 1))

    def s_map_pointers(self):
        names = dict(x=self.expr("int", 1), y=self.expr("int", 1))
        if self.chance(0.5):
            self.count_of("map with pointer keys")
            self.code("""
                $p, $q := new(int), new(int)
                $m := map[*int]int{$p: $x, nil: 3}
                $m[$q] += $y
                $m[$p]++
                *$p = 7
                println(len($m), $m[$p], $m[$q], $m[nil], $m[new(int)])
                """, **names)
        else:
            self.count_of("map with channel keys")
            self.code("""
                $p, $q := make(chan int), make(chan int, 3)
                $m := map[chan int]int{$p: $x}
                $m[$q] -= $y
                delete($m, $p)
                _, $ok := $m[$p]
                println(len($m), $ok, $m[$q], $m[nil])
                """, **names)
