# Here-documents end at their delimiter alone, whatever stands around it.

if [ -n "$1" ]; then cat <<EOF; fi
text() { of the document; }
EOF

one() {
  cat <<-'END OF IT' && return
	two() { :; }
	END OF IT
}

: <<'COMMENT'
 text
 COMMENT
inside() { :; }
COMMENT

three() { cat <<A <<B; }
x
A
inside() { :; }
B

case $1 in
  -h) cat <<USAGE ;;
it's `odd
USAGE
esac

cat <<"E"O'F' | while read -r line; do
$(
EOF
  four_is_no_function "$line"
done

value=$(cat <<\! | tr a b
inside() {
!
)
four() { :; }

ssh host <<EOF-1 >log 2>&1 &
inside() { :; }
EOF
EOF-1
five=$((1 << 2))
six() { cat <<<"$five"; }
