"""latency.py N FILE: the histogram of schedlatency=N, of a program that makes 2,001 runs and one for each preemption."""
import re
import sys

n, text = int(sys.argv[1]), open(sys.argv[2]).read()
buckets = [(int(a), int(b)) for a, b in re.findall(r'^schedlatency: < (\d+) ns: (\d+)$', text, re.M)]
total = int(re.search(r'^schedlatency: (\d+) runs$', text, re.M).group(1))
preempted = int(re.search(r'^toydebug: preempt: (\d+)$', text, re.M).group(1))
runs = 2001 + preempted
if sum(b for _, b in buckets) != total or [a for a, _ in buckets] != sorted(2 ** (a.bit_length() - 1) for a, _ in buckets):
    sys.exit(f'{buckets} are not {total} runs')
# Each goroutine counts for itself, from its first time on.
if n == 1 and total != runs or n > 1 and not runs / n <= total <= runs / n + 101:
    sys.exit(f'{total} measured of {runs} runs, each {n}-th')
