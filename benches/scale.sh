#!/usr/bin/env bash
# Speed and size on trees from flask to the Linux kernel: one table, each figure
# the median of RUNS rounds with its spread, beside a reference that is measured
# in the same rounds.
#
# Usage: scale.sh [ROW...]
#   rows: cold peers unchanged edited latency switch idle size growth (default: all)
#
#   FLASK RIPGREP DJANGO   work trees with their history; cloned when not given
#   LINUX                  a kernel tree; unpacked from Debian's linux-source-6.1 when not given
#   SCRATCH                where copies and generated trees go (default: a temporary folder; 10 GB)
#   RUNS=5 SAVES=200 MINUTES=10 THREADS   of the measurements
#   BINARY                 waypost; built in release mode when not given
#
# Trees that are given are copied, but for LINUX: there `.waypost` is removed and
# one file is edited and put back. Peers (repomix, aider, code-review-graph,
# codegraph, sigmap, ctags) are run when they are on PATH, and named when not.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
scratch=${SCRATCH:-$(mktemp -d)}
mkdir -p "$scratch/trees"
[ -n "${SCRATCH:-}" ] || trap 'rm -rf "$scratch"' EXIT

say() { printf '%s\n' "$*" >&2; }

clone() { # NAME URL
  [ -d "$scratch/trees/$1" ] || git clone -q "$2" "$scratch/trees/$1"
  printf '%s' "$scratch/trees/$1"
}

kernel() {
  local tree="$scratch/trees/linux" archive=/usr/src/linux-source-6.1.tar.xz
  if [ ! -d "$tree/.git" ]; then
    if [ ! -e "$archive" ]; then
      say "fetching Debian's linux-source-6.1"
      (cd "$scratch" && apt-get download -q linux-source-6.1 >&2 && dpkg-deb -x linux-source-6.1_*.deb deb)
      archive="$scratch/deb$archive"
    fi
    mkdir -p "$tree"
    tar -xf "$archive" -C "$tree" --strip-components=1
    # Debian's packaging ignores everything.
    sed -i '/^\/\*$/d; /^!\/debian/d' "$tree/.gitignore"
    git -C "$tree" init -q
    git -C "$tree" add -A
    git -C "$tree" -c user.name=x -c user.email=x@example.org commit -qm import
  fi
  printf '%s' "$tree"
}

if [ -z "${BINARY:-}" ]; then
  (cd "$here/.." && cargo build --release >&2)
  BINARY="$here/../target/release/waypost"
fi
parse=$(cd "$here/.." && cargo bench --bench parse --no-run --message-format=json 2>/dev/null |
  sed -n 's/.*"name":"parse".*"executable":"\([^"]*\)".*/\1/p' | tail -1)

rows=("$@")
[ $# -gt 0 ] || rows=(cold peers unchanged edited latency switch idle size growth)
needs() { local row; for row in "${rows[@]}"; do case " $1 " in *" $row "*) return 0 ;; esac; done; return 1; }

flask=${FLASK:-} ripgrep=${RIPGREP:-} django=${DJANGO:-} linux=${LINUX:-}
if needs "peers"; then
  flask=${flask:-$(clone flask https://github.com/pallets/flask)}
  ripgrep=${ripgrep:-$(clone ripgrep https://github.com/BurntSushi/ripgrep)}
fi
if needs "peers unchanged latency idle size"; then
  django=${django:-$(clone django https://github.com/django/django)}
fi
if needs "cold unchanged edited latency idle size"; then
  linux=${linux:-$(kernel)}
fi


python3 "$here/scale.py" --binary "$BINARY" --parse "$parse" --scratch "$scratch" --runs "${RUNS:-5}" \
  --saves "${SAVES:-200}" --minutes "${MINUTES:-10}" --threads "${THREADS:-$(nproc)}" \
  --flask "$flask" --ripgrep "$ripgrep" --django "$django" --linux "$linux" "${rows[@]}"
