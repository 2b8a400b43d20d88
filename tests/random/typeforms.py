"""Embedding, and what values of composite types do when they are copied, compared and converted."""

LEVELS = 6


class TypeForms:
    # ---- a hierarchy of structs that embed each other

    def declare_embedding(self):
        """B0 to B5: each embeds earlier ones, by value or by pointer; each has a field and two methods of its own, and
        some a field and a method whose names are everybody's."""
        self.embeds, self.common = [], []
        for i in range(LEVELS):
            some = self.r.sample(range(i), min(i, self.pick(0, 1, 1, 2, 2))) if i < LEVELS - 1 else [i - 1]
            self.embeds.append([(k, self.chance(0.4)) for k in some])
            self.common.append(i == 0 or self.chance(0.4))
            self.put("type B%d struct {" % i)
            fields = ["%sB%d" % ("*" if pointer else "", k) for k, pointer in self.embeds[i]] + ["b%d int" % i]
            fields += ["id %s" % self.pick("int8", "uint16", "int")] if self.common[i] else []
            self.r.shuffle(fields)
            for f in fields:
                self.put("\t" + f)
            self.put("}\n")
            self.put("func (x B%d) P%d() int { return x.b%d*3 + %d }" % (i, i, i, i))
            self.put("func (x *B%d) Q%d(n int) { x.b%d ^= n }" % (i, i, i))
            if self.common[i]:
                self.put("func (x B%d) Who() string { return \"B%d\" }" % (i, i))
            self.put("")
        self.put("type Holder struct {\n\tI\n\t*Tree\n\tname string\n}\n")

    def reach(self, top, wanted):
        """The path to that type of wanted that is nearest to B<top>, if there is one alone: [(type, by pointer)…]."""
        level, seen = [[(top, False)]], {top}
        while level:
            found = [path for path in level if path[-1][0] in wanted]
            if found:
                return found[0] if len(found) == 1 else None
            below = [path + [step] for path in level for step in self.embeds[path[-1][0]]]
            level = [path for path in below if path[-1][0] not in seen]
            seen.update(path[-1][0] for path in below)
        return None

    def embedding_literal(self, i):
        parts = ["B%d: %s%s" % (k, "&" if pointer else "", self.embedding_literal(k)) for k, pointer in self.embeds[i]]
        parts.append("b%d: %s" % (i, self.expr("int", 1)))
        if self.common[i]:
            parts.append("id: %d" % self.r.randrange(100))
        return "B%d{%s}" % (i, ", ".join(parts))

    def s_embedding(self):
        top = self.r.randrange(2, LEVELS)
        x, y = self.fresh(), self.fresh()
        self.put("%s := %s" % (x, self.embedding_literal(top)))
        self.put("%s := %s" % (y, x))
        paths = [path for path in (self.reach(top, {i}) for i in range(LEVELS)) if path and len(path) > 1]
        for path in self.r.sample(paths, min(len(paths), 2)):
            self.promoted(x, top, path)
        self.common_name(x, top)
        own = ["%s.b%d" % (v, path[-1][0]) for v in (x, y) for path in paths[:3] + [[(top, False)]]]
        self.put("println(%s, %s == %s)" % (", ".join(own), x, y))
        self.count_of("comparison of structs")

    def promoted(self, x, top, path):
        i = path[-1][0]
        through = any(pointer for _, pointer in path[1:])
        self.count_of("promotion through a pointer" if through else "promoted field")
        if len(path) > 2:
            self.count_of("promotion over two levels")
        names = dict(x=x, i=i, t="B%d" % top, e=self.expr("int", 1), long=".".join("B%d" % k for k, _ in path[1:]))
        k = self.r.randrange(6)
        if k == 0:
            self.count_of("promoted field")
            self.code("$x.b$i += $e\nprintln($x.$long.b$i == $x.b$i, $x.b$i)", **names)
        elif k == 1:
            self.count_of("promoted method")
            self.code("$x.Q$i($e)\nprintln($x.P$i(), (&$x).P$i(), $x.$long.P$i())", **names)
        elif k == 2:
            self.count_of("promoted method value")
            self.code("$p, $q := $x.P$i, $x.Q$i\n$q($e)\nprintln($p(), $x.P$i())", **names)
        elif k == 3:
            self.count_of("promoted method expression")
            self.code("(*$t).Q$i(&$x, $e)\nprintln($t.P$i($x), (*$t).P$i(&$x))", **names)
        elif k == 4:
            self.count_of("interface of promoted methods")
            self.code("""
                var $j interface{ P$i() int; Q$i(int) } = &$x
                $j.Q$i($e)
                println($j.P$i(), interface{ P$i() int }($x).P$i())
                $f := $j.P$i
                $j.Q$i(1)
                println($f(), $j.P$i())
                """, **names)
            # That of a value has the method only if a pointer is embedded.
            self.code("_, $ok := any($x).(interface{ Q$i(int) })\nprintln($ok)", **names)
        else:
            self.count_of("promoted field")
            self.code("$p := &$x\n$q := &$p.b$i\n*$q ^= $e\n$p.$long.Q$i(3)\nprintln($p.b$i, *$q)", **names)

    def common_name(self, x, top):
        path = self.reach(top, {i for i in range(LEVELS) if self.common[i]})
        if path:
            self.count_of("shadowed name")
            self.code("$x.id++\nprintln($x.Who(), $x.id)", x=x)

    def s_holder(self):
        self.count_of("embedded interface")
        self.code("""
            $h := Holder{I: $i, name: "h"}
            println($h.M(), $h.hash())
            $h.Tree = $h.insert($x).insert(3)
            $m, $n := $h.M, Holder.M
            $h.I = N0($y)
            var $j I = $h
            println($m(), $n($h), $j.M(), (*Holder).M(&$h), $h.v, $h.Tree.hash() == $h.hash())
            """, i=self.expr("I", 1), x=self.expr("int", 1), y=self.expr("int16", 1))

    # ---- other types

    def s_named_types(self):
        self.count_of("methods of named types")
        names = dict(x=self.expr("int", 1), y=self.expr("int", 1), s=self.expr("string", 1))
        self.code("""
            $v := S{1, $x}
            $v.Push($y)
            $p := &$v
            $p.Push(3)
            $sum, $m := S.Sum, MM{}
            $m.Add($s)
            MM.Add($m, $s)
            $f := F(func(n int) int { return n*2 + $x })
            println($v.Sum(), $p.Sum(), $sum($v[1:]), $m[$s], $f.Twice(2), $f.M(), BS($s).M(), G($s).String())
            $i := []I{$f, BS($s), N0(2), BS("k")}
            for _, i := range $i {
                println(i.M())
            }
            println(len([]int($v)), S([]int{1, $x}).Sum())
            """, **names)

    def s_recursive_types(self):
        k = self.r.randrange(4)
        names = dict(x=self.expr("int", 1), y=self.expr("int", 1), n=self.r.randrange(0, 30))
        if k == 0:
            self.count_of("list of structs")
            self.code("""
                var $l *List
                for i := range $n {
                    $l = &List{i ^ $x, $l}
                }
                var $back *List
                for $l != nil {
                    $l, $back, $l.next = $l.next, $l, $back
                }
                $r := 0
                for p := $back; p != nil; p = p.next {
                    $r = $r*3 + p.v
                }
                println($r)
                """, **names)
        elif k == 1:
            self.count_of("tree of structs")
            self.code("""
                var $t *Tree
                for i := range $n {
                    $t = $t.insert((i*37 + $x) & 31)
                }
                println($t.hash())
                """, **names)
        elif k == 2:
            self.count_of("mutual recursion")
            self.code("println(evenly($n, $x), oddly($n, $y))", **names)
        else:
            self.count_of("pointer to a pointer")
            self.code("""
                $a, $b := $x, $y
                $p := &$a
                $q := &$p
                **$q += 5
                *$q = &$b
                *$p *= 3
                $k := &[]*int{$p, *$q, &$a}[1]
                **$k++
                println($a, $b, *$p == **$q, $p == *$q, $p == &$a, $p != nil)
                """, **names)
            self.count_of("comparison of pointers")
            self.count_of("comparison with nil")

    def s_composites(self):
        k = self.r.randrange(6)
        names = dict(x=self.expr("int", 1), y=self.expr("int", 1), s=self.expr("string", 1), n=self.r.randrange(0, 30))
        if k == 0:
            self.count_of("elided literals")
            self.code("""
                $a := []K{{1, $s}, {a: 2}, {}}
                $b := map[K][]*K{{1, "a"}: {{2, "b"}, {s: $s}}, {}: nil}
                $c := [...][]int{{1, $x}, 3: {$y}, {4, 5: 6}}
                $d := [2][2]K{{{1, "x"}}, {1: {s: "y"}}}
                println($a[0].s, $a[1].a, len($b[K{1, "a"}]), $b[K{1, "a"}][1].s, len($c), len($c[4]),
                    $c[4][5]+$c[0][1], $d[0][0].a, $d[1][1].s)
                """, **names)
        elif k == 1:
            self.count_of("conversion of structs")
            self.count_of("local type")
            a, b = self.fresh(), self.fresh()
            self.code("""
                type A$a struct {
                    n int `tag:"a"`
                    s string
                }
                type B$a struct {
                    n int
                    s string `tag:"b"`
                }
                $p := A$a{$x, $s}
                $q := B$a($p)
                $q.n++
                $r := struct{ n int; s string }($q)
                var $z A$a = A$a($r)
                println($p.n, $q.n, $r.n, A$a($q) == $z, any($p) == any(A$a($q)), any($r) == any($q))
                """, a=a, b=b, **names)
        elif k == 2:
            self.count_of("array of arrays")
            self.count_of("array copied")
            self.code("""
                var $a [3][4]int
                $a[1][$x&3], $a[2] = $y, [4]int{1, 2, $x}
                $b := $a
                $b[2][$y&3]++
                $c := &$b[1]
                $c[0] -= 7
                $d := $a[1:]
                $d[0][3] ^= 9
                $r := 0
                for i, row := range $a {
                    for k, v := range row {
                        $r = $r*3 + v ^ $b[i][k]
                    }
                }
                println($r, $a == $b, $a[0] == $b[0], len($d),
                    func(x [3][4]int) int { x[0][0] = 5; return x[0][0] }($a), $a[0][0])
                """, **names)
        elif k == 3:
            self.count_of("struct copied")
            self.count_of("anonymous struct")
            self.code("""
                $a := struct{ k K; p *K; a [2]K }{K{1, $s}, &K{2, "p"}, [2]K{{3, "q"}}}
                $b := $a
                $b.k.a, $b.p.s, $b.a[0].s = 9, $s, "changed"
                $c := &$b
                $d := *$c
                $c.a[1] = $c.k
                println($a.k.a, $a.p.s, $a.a[0].s, $a == $b, $d == $b, $d.a[1].a, $c.a[1].s, any($d.k) == any($b.k))
                """, **names)
        elif k == 4:
            self.count_of("pointer to an array")
            self.count_of("slice of an array")
            self.code("""
                $a := [6]int{1, $x, 2, $y, 3}
                $p := &$a
                $sl := $p[1:4]
                $sl[0] += 10
                $t := $sl[:5]
                $t[4] = len($p) + cap($sl)
                $p[2]++
                for i := range $p {
                    $p[i] ^= i
                }
                println(total($a[0], $p[:]...), len($sl), cap($sl[1:2:3]), $t[0], &$a[1] == &$sl[0])
                """, **names)
        else:
            self.count_of("slice to array")
            self.count_of("slice to array pointer")
            self.code("""
                $sl := []int{1, $x, $y, 4}
                $a, $p := [3]int($sl), (*[3]int)($sl[1:])
                $p[0]++
                $a[2] = 7
                $sl[2] *= 3
                var $none []int
                println(total($sl[0], $a[:]...), total(1, $p[:]...), (*[0]int)($none) == nil,
                    [0]int($none) == ([0]int{}), $sl[1])
                """, **names)

    def s_slices(self):
        k = self.r.randrange(5)
        names = dict(x=self.expr("int", 1), y=self.expr("int", 1), s=self.expr("string", 1), n=self.r.randrange(0, 30))
        if k == 0:
            self.count_of("slices share")
            self.code("""
                $a := make([]int, 4, 10)
                $b := append($a, $x)
                $c := append($a, $y)
                $d := append($a[:2:2], 5)
                $a[0], $b[1], $d[0] = 1, 2, 3
                println(total(0, $a...), total(0, $b...), total(0, $c...), total(0, $d...), len($c), cap($c),
                    $b[4] == $c[4])
                """, **names)
        elif k == 1:
            self.count_of("append to nil")
            self.count_of("append of a string")
            self.code("""
                var $a []int
                for i := range $n {
                    $a = append($a, i^$x)
                }
                var $b []byte
                $b = append($b, $s...)
                $b = append(append($b, "tail"...), '0', byte($x))
                $c := append([]int(nil), $a[:len($a)/2]...)
                println(len($a), total(1, $a...), string($b[:len($b)-1]), len($c), append([]int(nil)) == nil,
                    append($a[:0]) == nil)
                """, **names)
        elif k == 2:
            self.count_of("append of parts of itself")
            self.count_of("copy")
            self.code("""
                $a := []string{"a", $s, "c", "d"}
                $a = append($a, $a[1:3]...)
                $a = append($a[:1], $a[2:]...)
                $n0 := copy($a[2:], $a)
                $n1 := copy($a, $a[3:])
                println($n0, $n1, len($a), $a[0]+$a[1]+$a[2]+$a[3])
                """, **names)
        elif k == 3:
            self.count_of("slice of slices")
            self.code("""
                $a := make([][]int, 3)
                for i := range $a {
                    $a[i] = make([]int, i+1, 5)
                    $a[i][i] = $x
                }
                $a = append($a, $a[1], nil, []int{$y})
                $a[3][0]++
                clear($a[2][:1])
                $r := 0
                for _, row := range $a {
                    $r += total(len(row), row...)
                }
                println($r, $a[4] == nil, cap($a[1]))
                """, **names)
        else:
            self.count_of("slice of an array")
            self.code("""
                $a := [...]string{2: "c", 0: $s, 5: "f"}
                $b := $a[1:3:4]
                $b = append($b, "x")
                $b = append($b, "y")
                $b[0] = "z"
                println(len($a), $a[1], $a[3], $a[4], len($b), $b[0])
                """, **names)
