"""Prints a program with N channels alive over three times as many calls."""
import sys

N = int(sys.argv[1])
print('package main\n\nfunc main() {')
for i in range(N):
    print(f'\tp{i} := make(chan int, 2)')
for i in range(N):
    print(f'\tp{i} <- {i}')
print('\tt := 0')
for i in range(N):
    print(f'\tt += <-p{i}')
print('\tprintln(t)\n}')
