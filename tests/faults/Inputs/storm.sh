# storm.sh PROGRAM STORM PROCS: the program under SIGURG, SIGWINCH, SIGCHLD and SIGCONT, 10,000 a second of each; what it
# prints, its status, and whether enough signals came to mean something. It is told to end when the storm is over.
set -u
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
mkfifo "$dir/in"
TOYMAXPROCS=$3 "$1" <"$dir/in" >"$dir/out" 2>&1 &
pid=$!
exec 3>"$dir/in"
sent=$("$2" "$pid" 3000 23 28 17 18)
exec 3>&-
wait "$pid"
status=$?
cat "$dir/out"
echo "status $status"
[ "$sent" -gt 10000 ] && echo "signals enough" || echo "only $sent signals"
