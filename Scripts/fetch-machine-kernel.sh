#!/usr/bin/env bash
# Fetches the Linux kernel that the emulated arm64 machine boots: Debian's own arm64 cloud kernel, through a private apt state.
# The system's package database and its architectures stay as they are. Needs no root.
#
#   Scripts/fetch-machine-kernel.sh            result: ${XDG_CACHE_HOME:-~/.cache}/edgepack/machines/arm64/Image
#
# Does nothing if the kernel is there.
set -euo pipefail

machine="${XDG_CACHE_HOME:-$HOME/.cache}/edgepack/machines/arm64"
image="$machine/Image"
package="linux-image-cloud-arm64"

if [[ -s "$image" ]]; then
  exit 0
fi
for tool in apt-get apt-cache dpkg-deb; do
  if ! command -v "$tool" > /dev/null; then
    echo "fetch-machine-kernel: $tool is missing: put an arm64 Linux kernel with NVMe and devtmpfs built in at $image" >&2
    exit 2
  fi
done

mkdir -p "$machine"
work="$(mktemp -d "$machine/fetch.XXXXXX")"
trap 'rm -rf "$work"' EXIT

# An apt of its own: arm64 only, nothing installed (the empty status file), the system's sources and keys.
mkdir -p "$work/state/lists/partial" "$work/cache/archives/partial"
: > "$work/status"
cat > "$work/apt.conf" <<CONFIGURATION
Dir::State "$work/state";
Dir::State::status "$work/status";
Dir::Cache "$work/cache";
APT::Architecture "arm64";
APT::Architectures { "arm64"; };
APT::Sandbox::User "";
Acquire::Languages "none";
CONFIGURATION

echo "fetch-machine-kernel: asking apt for $package (arm64)"
apt-get -c "$work/apt.conf" -qq update
kernel="$(apt-cache -c "$work/apt.conf" depends "$package" | awk '/Depends:/ { print $2; exit }')"
if [[ -z "$kernel" ]]; then
  echo "fetch-machine-kernel: apt knows no arm64 kernel: does a line of your sources name Debian's main archive?" >&2
  exit 2
fi

echo "fetch-machine-kernel: downloading $kernel"
(cd "$work" && apt-get -c "$work/apt.conf" -qq download "$kernel")
dpkg-deb --fsys-tarfile "$work"/"$kernel"_*.deb | tar -x -C "$work" --wildcards './boot/vmlinuz-*'

# Written beside its place and renamed: a broken download never looks like a kernel.
install -m 644 "$work"/boot/vmlinuz-* "$work/Image"
mv "$work/Image" "$image"
echo "fetch-machine-kernel: $image"
