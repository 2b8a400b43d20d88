"""Prints a program whose main has 150 objects on the stack and 300 calls, in blocks of several kinds."""
N = 150
print('package main\n\ntype pair struct{ a, b int; p *int }\n')
print('func set(p *pair, n int) { p.a = n; p.b = n + 1; p.p = &p.b }')
print('func get(p *pair) int { return *p.p - 1 - p.a + p.a }\n')
print('func pick(a, b *pair, n int) *pair {\n\tif n%2 == 0 {\n\t\treturn a\n\t}\n\treturn b\n}\n')
print('func main() {\n\tsum := 0')
for i in range(N):
    print(f'\tvar v{i} pair\n\tset(&v{i}, {i})')
print('\tfor i := 0; i < 3; i++ {')
for i in range(N):
    if i % 3 == 0:
        print(f'\t\tp{i} := &v{i}\n\t\tif i == 1 {{\n\t\t\tp{i} = &v{(i + 1) % N}\n\t\t}}\n\t\tsum += get(p{i})')
    elif i % 3 == 1:
        print(f'\t\tsum += get(pick(&v{i}, &v{(i + 7) % N}, i))')
    else:
        print(f'\t\tv{i}.b += i\n\t\tsum += *v{i}.p + v{i}.a')
print('\t}\n\tprintln(sum)\n}')
