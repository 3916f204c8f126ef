#!/bin/sh
# Times the start of a packed program on this computer, and shows what it holds in memory: Scripts/startup.sh BUILD_FOLDER [RUNS]
set -eu
build=$1
runs=${2:-200}
name=$(sed -n 's/^  "name" : "\(.*\)",*$/\1/p' "$build/build.json")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cc -O2 -D_GNU_SOURCE -o "$work/startup" "$(dirname "$0")/../Benchmarks/startup.c"
"$work/startup" "$build/$name" "$build/golden/input0.npy" "$runs"
# Rss of smaps after each step of one run, the largest of them.
"$build/$name" --self-test --stats json | sed -n 's/.*"resident_peak":\([0-9]*\).*/\1 bytes resident at most/p'
