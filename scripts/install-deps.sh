#!/bin/sh
# Installs what building and testing needs on Debian 12 or newer.
#
#   scripts/install-deps.sh [MORE-PACKAGES...]
#
# Asks nothing, works as root or through sudo, and does nothing (network
# included) when everything is there already.
set -eu

packages="
  ca-certificates
  ccache
  cmake
  g++
  git
  libgtest-dev
  libmlir-22-dev
  libomp-22-dev
  llvm-22-dev
  llvm-22-tools
  make
  mlir-22-tools
  ninja-build
  patchelf
  python3
  python3-numpy
  xz-utils
  $*
"

is_installed() {
  case "$(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null || true)" in
  installed) return 0 ;;
  *) return 1 ;;
  esac
}

if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
  echo "install-deps: not a Debian system; install by hand:" $packages >&2
  exit 1
fi

missing=
for package in $packages; do
  is_installed "$package" || missing="$missing $package"
done
if [ -z "$missing" ]; then
  exit 0
fi

as_root=
if [ "$(id -u)" != 0 ]; then
  if ! command -v sudo >/dev/null; then
    echo "install-deps: run as root, or install sudo, to get:$missing" >&2
    exit 1
  fi
  as_root="sudo -E"
fi

echo "install-deps: installing$missing" >&2
export DEBIAN_FRONTEND=noninteractive
$as_root apt-get update -q
# shellcheck disable=SC2086  # a list of words
if ! $as_root apt-get install -q -y --no-install-recommends $missing; then
  echo "install-deps: apt-get could not install:$missing" >&2
  echo "install-deps: Debian 12 has LLVM 22 in bookworm-security;" \
    "check that it is among your apt sources" >&2
  exit 1
fi
