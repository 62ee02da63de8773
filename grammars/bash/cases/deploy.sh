#!/usr/bin/env bash
# Puts a build where it belongs.
#
# Usage: deploy.sh HOST
set -euo pipefail

source "$(dirname "$0")/lib/common.sh"
. ./config.sh
source "${ROOT}/lib/colors.bash"

readonly VERSION=1.2
export TARGET="${1:-staging}"
declare -A HOSTS=([a]=1)
count=0

# Says something and leaves.
# Never returns.
die() {
  local message=$1
  printf '%s\n' "$message" >&2
  exit 1
}

# Not about the function.

function upload {
  local file
  for file in "$@"; do
    count=$((count + 1))
    rsync -a "$file" "$TARGET:" || die "failed"
  done
}

function _cleanup() (
  rm -rf "$tmp"
)

alias ll='ls -l'
trap _cleanup EXIT
log_info "done"
upload build/*
