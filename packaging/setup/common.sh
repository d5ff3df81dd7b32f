# shellcheck shell=bash
# What the set-up scripts share. Source it.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
cd "$root"

# Say what happens, on one line.
say() { printf '%s\n' "$*"; }

# Run as root: directly, or through sudo where a person without root asked.
as_root() {
  if [ "$EUID" -eq 0 ]; then
    "$@"
  elif command -v sudo >/dev/null; then
    sudo -p '[sudo] password of %p, for: '"$(printf '%s' "$1")"': ' "$@"
  else
    say "This needs root, and there is no sudo here: $*" >&2
    return 1
  fi
}

# Digest of files and words: the same as last time means that there is nothing to do.
digest() { sha256sum | cut -d ' ' -f 1; }

fresh() { # FILE DIGEST
  [ -f "$1" ] && [ "$(cat "$1")" = "$2" ]
}
