"""summary.py RESULTS.json: lit's results as one line that machines and people can read: "N passed, N failed"."""
import json
import sys

GOOD = ('PASS', 'FLAKYPASS', 'XFAIL')
SKIPPED = ('UNSUPPORTED', 'SKIPPED', 'EXCLUDED')

tests = json.load(open(sys.argv[1]))['tests']
passed = sum(t['code'] in GOOD for t in tests)
skipped = sum(t['code'] in SKIPPED for t in tests)
print(f'{passed} passed, {len(tests) - passed - skipped} failed')
