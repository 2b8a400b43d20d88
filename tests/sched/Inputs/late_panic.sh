# late_panic.sh PROGRAM PROCS: starts it, waits for the first byte of its report, lets its main go on, gives it half a
# second to end wrongly, and only then reads the rest.
set -u
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
mkfifo "$dir/in" "$dir/err"
TOYMAXPROCS=$2 "$1" <"$dir/in" 2>"$dir/err" &
pid=$!
exec 3>"$dir/in" 4<"$dir/err"
IFS= read -r -N 1 first <&4
echo >&3
exec 3>&-
tail --pid="$pid" -f /dev/null &
waiter=$!
( sleep 0.5; kill "$waiter" 2>/dev/null ) &
wait "$waiter" 2>/dev/null
printf %s "$first"
cat <&4
wait "$pid"
echo "status $?"
