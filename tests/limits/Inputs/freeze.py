"""freeze.py FILE N: noise, then one report from "fatal error:" to the end, without noise, of N goroutines."""
import re
import sys

text = open(sys.argv[1]).read()
before, mark, report = text.partition('fatal error: ')
if not mark or 'noise' not in before:
    sys.exit('no noise, or no report:\n' + text[-2000:])
if 'noise' in report:
    sys.exit('others print into the report:\n' + report[:3000])
found = len(re.findall(r'^goroutine \d+ \[', report, re.M))
if found != int(sys.argv[2]):
    sys.exit(f'{found} goroutines in the report:\n{report[:3000]}')
