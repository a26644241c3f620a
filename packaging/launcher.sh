#!/bin/sh
# layermix @VERSION@ for Linux (@ARCHITECTURE@): this script, then the program and Deno, its runtime,
# as a tar.gz. They are unpacked once, into the user's cache folder.
set -eu
name=program-@VERSION@-@DIGEST@

refuse() {
  echo "layermix: $1" >&2
  exit 1
}

# A folder that nobody else can write to.
cache=${XDG_CACHE_HOME:-${HOME:-/nonexistent}/.cache}/layermix
if ! mkdir -p "$cache" 2>/dev/null || ! [ -w "$cache" ]; then
  cache=${TMPDIR:-/tmp}/layermix-$(id -u)
  mkdir -m 700 "$cache" 2>/dev/null || { [ -O "$cache" ] && ! [ -L "$cache" ]; } ||
    refuse "Cannot unpack: expected a folder that can be written; name one in XDG_CACHE_HOME"
fi

program=$cache/$name
if ! [ -d "$program" ]; then
  # What a killed process left.
  find "$cache" -maxdepth 1 -name 'unpacking.*' -mmin +60 -exec rm -rf {} + 2>/dev/null || true
  part=$(mktemp -d "$cache/unpacking.XXXXXX") || refuse "Cannot unpack into $cache"
  trap 'rm -rf "$part"' EXIT
  trap 'exit 130' INT TERM HUP
  tail -n +@LINE@ "$0" | gzip -dc 2>/dev/null | tar -xf - -C "$part" 2>/dev/null &&
    [ -f "$part/complete" ] || {
    rm -rf "$part"
    refuse "Cannot unpack into $cache: the disk is full, or $0 is damaged"
  }
  # Where another process was faster, its folder is the same.
  mv -T "$part" "$program" 2>/dev/null || [ -d "$program" ] || refuse "Cannot unpack into $cache"
  rm -rf "$part"
  trap - EXIT INT TERM HUP
fi

command=
for word in "$@"; do
  case $word in
    -*) ;;
    *) command=$word; break ;;
  esac
done
case $command in
@PERMISSIONS@
  *) set -- "$program/main.js" "$@" ;;
esac
DENO_DIR=$program/cache DENO_NO_UPDATE_CHECK=1 exec "$program/deno" run --quiet --no-config \
  --no-lock --no-remote --no-npm @COMMON_PERMISSIONS@ "$@"
