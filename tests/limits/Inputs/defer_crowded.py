"""A function that defers, with so many pointers alive over so many calls that its variables stay in memory."""
N = 300
print('''package main

type node struct {
	v    int
	next *node
}

func mk(v int, next *node) *node { return &node{v, next} }

func f(fail bool) (r *node, e error) {
	defer func() {
		if x := recover(); x != nil {
			e = x.(error)
		}
	}()
	var none []int''')
for i in range(N):
    print(f'\tp{i} := mk({i}, nil)')
print('\tr = p7\n\tif fail {\n\t\tprintln(none[p3.v])\n\t}')
for i in range(1, N):
    print(f'\tp{i}.next = mk({i}, p{i - 1})')
print(f'''	return p{N - 1}, nil
}}

func main() {{
	r, e := f(false)
	println(r.v, r.next.next.v, e == nil)
	r, e = f(true)
	println(r.v, r.next == nil, e.Error())
}}''')
