# Any compound command may be the body of a function.

g() for i in 1 2; do x; done
h() while read -r line; do x "$line"; done
i() case $1 in a) x;; (b|c) y ;; esac
j()
  until x
  do
    y
  done
k() for ((n = 0; n < 3; n++)); do
  x "$n"
done
l() select word in a b; do x; done
function m case $1 in
  a) x ;;
  *) y
esac
function n { x; }
o() if x; then y; fi
p() ( cd /; x )
q() [[ $1 == a ]]
r() (( $1 > 2 ))

case $y in a) foo;; b) bar;;& c) baz;& esac
last() { :; }
