# What the scripts share; sourced from the repository's folder, with set -euo pipefail.

BUN_VERSION="$(sed -n 's/^ *"bun": "\([0-9.]*\)".*/\1/p' package.json)"

say() { printf '%s\n' "$*" >&2; }
fail() {
  printf '%s: %s\n' "$(basename "$0")" "$*" >&2
  exit 1
}

# The pinned Bun: in node_modules, where setup put it, or on the PATH. The version of those two is known by where they lie.
find_bun() {
  local candidate
  for candidate in node_modules/.bin/bun .cache/bun/node_modules/.bin/bun "$(command -v bun || true)"; do
    [ -n "$candidate" ] && [ -x "$candidate" ] || continue
    if [ "$("$candidate" --version 2>/dev/null)" = "$BUN_VERSION" ]; then
      case "$candidate" in /*) echo "$candidate" ;; *) echo "$PWD/$candidate" ;; esac
      return 0
    fi
  done
  return 1
}

# Debian and Ubuntu as root: apt. Everywhere else: the exact words to type.
install_packages() {
  if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
    say "These are missing:$(printf ' %s' "$@"). Install them, then run this again:"
    if command -v apt-get >/dev/null; then
      say "  sudo apt-get install -y --no-install-recommends $*"
    else
      say "  (with this system's package manager) $*"
    fi
    exit 1
  fi
  say "installing by apt: $*"
  export DEBIAN_FRONTEND=noninteractive
  # RUNLEVEL=1: a package that brings a daemon (prometheus) does not start it.
  if ! RUNLEVEL=1 apt-get install -y -qq --no-install-recommends ca-certificates "$@" </dev/null >/dev/null 2>&1; then
    apt-get update -qq </dev/null >&2
    RUNLEVEL=1 apt-get install -y -qq --no-install-recommends ca-certificates "$@" </dev/null >&2
  fi
}
