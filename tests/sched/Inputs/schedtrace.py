"""schedtrace.py FILE: the reports of schedtrace=MS,scheddetail=1 in FILE agree with themselves: the counts of each first line
with the lines for Ps and Ms behind it. A report may catch a change half-way, so most, not all, must agree."""
import re
import sys

reports = []
for line in open(sys.argv[1]):
    if line.startswith('SCHED'):
        reports.append({'head': dict(re.findall(r'(\w+)=(\S+)', line)), 'P': [], 'M': [], 'G': []})
    else:
        match = re.match(r'  ([PMG])\d+: (.*)', line)
        if not match:
            sys.exit('not a line of a report: ' + line)
        reports[-1][match.group(1)].append(dict(re.findall(r'(\w+)=([^ ]*)', match.group(2))))


def agrees(report):
    head = report['head']
    idle = sum(p['status'] == '0' for p in report['P'])
    wired = {p['m'] for p in report['P'] if p['m'] != 'nil'}
    return (len(report['P']) == int(head['gomaxprocs']) and idle == int(head['idleprocs']) and
            len(report['M']) == int(head['threads']) and len(wired) == sum(m['p'] != 'nil' for m in report['M']) and
            sum(g['status'].startswith('2(') for g in report['G']) == sum(m['p'] != 'nil' and m['curg'] != 'nil' for m in report['M']))


good = sum(map(agrees, reports))
if len(reports) < 4 or good * 2 < len(reports):
    sys.exit(f'{good} of {len(reports)} reports agree with themselves')
