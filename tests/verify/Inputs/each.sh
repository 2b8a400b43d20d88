# each.sh BINARY DOCTOR: every kind of doctored copy, and what the verifier says of it.
for kind in noguard noslow smallguard norecord register direct otherbase outside unaligned framesize version \
    mapcut mapends objectgone frameaddress frameresult norow overlap unsafeoverlap unsafeoutside fault faultversion \
    badcall thread truncated; do
  echo "== $kind"
  python3 "$2" $kind "$1" "$1.$kind" || exit 1
  toy verify "$1.$kind" && echo "status 0: not noticed"
  rm -f "$1.$kind"
done
echo "== stripped"
strip -o "$1.stripped" "$1"
toy verify "$1.stripped" && echo "status 0: not noticed"
echo "== end"
