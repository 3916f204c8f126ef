#!/usr/bin/env bash
# Installs what edgepack needs beside Swift: Debian packages (with root or sudo), the emulated machine's kernel, and Python peers for
# the differential tests in a private environment. Does nothing, quickly, where everything is there.
# Exit codes: 0 all there, 2 something is missing that this script could not install (it says what).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

say() { echo "setup: $*"; }

# Package and the reason for it.
packages=(
  libopenblas-dev    # float32 execution on this computer
  zlib1g-dev         # npz files
  pkg-config         # finds the two
  binutils           # readelf, in tests
  gcc g++ libc6-dev  # compiles the emitted C and uses libraries, in tests
  gcc-aarch64-linux-gnu libc6-dev-arm64-cross   # the same for arm64
  cmake make         # uses a library's CMake package, in tests
  strace             # lists a program's system calls, in tests
  qemu-user-static   # runs programs of other processors
  qemu-system-arm    # boots the arm64 machine and the Cortex-M boards
  qemu-system-misc   # the RISC-V boards
  python3-venv       # the peers of differential tests
)

require_swift() {
  if ! command -v swift > /dev/null; then
    say "swift is not in PATH. Install Swift 6.3 or later (https://www.swift.org/install/linux) and add its usr/bin to PATH" >&2
    exit 2
  fi
}

# Prints the packages that are not installed.
missing_packages() {
  local package
  for package in "${packages[@]}"; do
    if [[ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2> /dev/null)" != installed ]]; then
      echo "$package"
    fi
  done
}

install_packages() {
  if ! command -v dpkg-query > /dev/null; then
    say "this is no Debian system. Install what these Debian packages hold, then run the tests: ${packages[*]}" >&2
    return 0
  fi
  local missing
  mapfile -t missing < <(missing_packages)
  if [[ ${#missing[@]} -eq 0 ]]; then
    return 0
  fi
  local install=(apt-get -o DPkg::Lock::Timeout=600 install -y --no-install-recommends "${missing[@]}")
  local elevate=()
  if [[ "$(id -u)" != 0 ]]; then
    # -n: a password prompt in the middle of `make test` helps nobody.
    if ! { command -v sudo && sudo -n true; } > /dev/null 2>&1; then
      say "missing: ${missing[*]}" >&2
      say "install them with: sudo apt-get install --no-install-recommends ${missing[*]}" >&2
      exit 2
    fi
    elevate=(sudo -n)
  fi
  say "installing ${missing[*]}"
  "${elevate[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=600 -qq update
  "${elevate[@]}" env DEBIAN_FRONTEND=noninteractive "${install[@]}" > /dev/null
}

# The environment is made anew when the list of requirements changes.
install_peers() {
  if cmp -s Scripts/requirements.txt .venv/requirements.txt; then
    return 0
  fi
  say "installing the peers of differential tests into .venv"
  rm -rf .venv
  python3 -m venv .venv
  .venv/bin/pip install --quiet --disable-pip-version-check -r Scripts/requirements.txt
  cp Scripts/requirements.txt .venv/requirements.txt
}

require_swift
install_packages
Scripts/fetch-machine-kernel.sh
install_peers
