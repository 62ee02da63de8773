#!/usr/bin/env bash
# The contract of live coordination on both engines, and the trial with several
# machines, on a PostgreSQL that is started for this alone: from the system's
# packages, as a user other than root, on the loopback address, in a folder that is
# removed. Ends with one line of counts.
#
#   tests/trials/team.sh [--seconds N] [--workers N] [--rate CLAIMS] [--small] [--binary PATH]
#
# With --small, which needs root, the server's data lie in a small file system in
# memory, which is filled up for a while. Without --binary it builds one with the
# feature `team`. Needs bash, python3 and cargo; installs `postgresql` by apt-get
# where there is none and it may.
set -euo pipefail
cd "$(dirname "$0")/../.."
seconds=20 workers=40 binary= rate=0 small=
while [ $# -gt 0 ]; do
  case $1 in
    --seconds) seconds=$2; shift 2 ;;
    --workers) workers=$2; shift 2 ;;
    --binary) binary=$2; shift 2 ;;
    --rate) rate=$2; shift 2 ;;
    --small) small=yes; shift ;;
    *) echo "unknown argument: $1" >&2; exit 2 ;;
  esac
done

newest() { find /usr/lib/postgresql -mindepth 2 -maxdepth 2 -name bin 2>/dev/null | sort -V | tail -1; }
bin=$(newest)
if [ -z "$bin" ] && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
  apt-get update -q >/dev/null && DEBIAN_FRONTEND=noninteractive apt-get install -qy postgresql >/dev/null
  bin=$(newest)
fi
if [ -z "$bin" ]; then
  echo "no PostgreSQL: neither in /usr/lib/postgresql nor by apt-get" >&2
  exit 1
fi

# initdb refuses root.
scratch=$(mktemp -d /tmp/waypost-team.XXXXXX)
port=$((20000 + RANDOM % 20000))
as_server() {
  if [ "$(id -u)" = 0 ]; then su postgres -s /bin/bash -c "$*"; else bash -c "$*"; fi
}
[ "$(id -u)" != 0 ] || chown postgres "$scratch"
data=$scratch/data
end() {
  as_server "'$bin/pg_ctl' -D '$data' -m immediate stop" >/dev/null 2>&1 || true
  [ -z "$small" ] || umount "$scratch/small" || true
  rm -rf "$scratch"
}
trap end EXIT
if [ -n "$small" ]; then
  mkdir "$scratch/small"
  mount -t tmpfs -o size=400m tmpfs "$scratch/small"
  chown postgres "$scratch/small"
  data=$scratch/small/data
fi
as_server "umask 077; echo admin >'$scratch/password'; '$bin/initdb' -D '$data' -A scram-sha-256 \
  --pwfile='$scratch/password' -U admin -E UTF8 --locale=C.UTF-8 >/dev/null"
cat >"$scratch/start" <<START
exec '$bin/pg_ctl' -D '$data' -l '$scratch/log' -w \
  -o '-p $port -c listen_addresses=127.0.0.1 -c unix_socket_directories=$scratch -c max_connections=200' start
START
chmod +r "$scratch/start"
as_server "bash '$scratch/start'" >/dev/null
export PGPASSWORD=admin
sql() { "$bin/psql" -qXAt -h 127.0.0.1 -p "$port" -U admin "$@"; }
sql postgres -c "CREATE ROLE owner LOGIN PASSWORD 'owner'" -c "CREATE DATABASE team OWNER owner" -c "CREATE DATABASE search OWNER owner" \
  -c "CREATE ROLE ann LOGIN PASSWORD 'ann'" -c "CREATE ROLE eve LOGIN PASSWORD 'eve'"
unset PGPASSWORD
if [ -e "$("$bin/pg_config" --sharedir 2>/dev/null)/extension/vector.control" ]; then
  echo "pgvector is there; waypost sends no vectors, so it is not used"
else
  echo "no pgvector: it is in no package of this system"
fi

contract=$(WAYPOST_TEST_POSTGRES="postgres://owner:owner@127.0.0.1:$port/team" \
  WAYPOST_TEST_POSTGRES_ALONE="postgres://owner:owner@127.0.0.1:$port/search" \
  cargo test --locked --features team --lib -- \
  --test-threads 1 store::live_tests store::postgres app::team search::contract_tests 2>&1) || {
  echo "$contract" >&2
  exit 1
}
echo "$contract" | grep '^test result'
if [ -z "$binary" ]; then
  cargo build --locked --features team --bin waypost
  binary=target/debug/waypost
fi
python3 tests/trials/team_cases.py --binary "$binary" --server "127.0.0.1:$port" \
  --stop "$bin/pg_ctl -D $data -m immediate stop" --start "bash $scratch/start"
python3 tests/trials/team.py --binary "$binary" --server "127.0.0.1:$port" --seconds "$seconds" --workers "$workers" \
  --rate "$rate" ${small:+--small "$scratch/small"} \
  --stop "$bin/pg_ctl -D $data -m immediate stop" --start "bash $scratch/start" \
  --contract "$(echo "$contract" | grep -c '^test .* ok$')"
