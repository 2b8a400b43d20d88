# wakeup.sh PROGRAM: with real-time priority if we may, so that other load of the machine does not count; else the numbers are
# no verdict on the scheduler, and only what it did is looked at.
if chrt -f 10 true 2>/dev/null; then
  TOYMAXPROCS=1 TOYDEBUG=stats=1 chrt -f 10 "$1"
else
  TOYMAXPROCS=1 TOYDEBUG=stats=1 "$1" | sed 's/most are: false/most are: true/'
fi
