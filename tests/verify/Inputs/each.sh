# each.sh BINARY DOCTOR: every kind of doctored copy, and what the verifier says of it. BINARY.O0: the program not optimised.
refuse() { # KIND BINARY
  echo "== $1"
  python3 "$doctor" $1 "$2" "$2.$1" || exit 1
  toy verify "$2.$1" && echo "status 0: not noticed"
  rm -f "$2.$1"
}
doctor=$2
for kind in noguard noslow smallguard norecord register direct otherbase outside unaligned framesize version \
    mapcut mapends objectgone frameaddress frameaddresskept frameresult norow overlap \
    unsafeoverlap unsafeoutside fault faultversion badcall thread truncated; do
  refuse $kind "$1"
done
refuse framepassed "$1.O0"
refuse framekept "$1.O0"
echo "== stripped"
strip -o "$1.stripped" "$1"
toy verify "$1.stripped" && echo "status 0: not noticed"
echo "== end"
