#!/usr/bin/env bash
# Packs a small trained network for an emulated 512 MiB Cortex-A53 machine, boots it there, and shows what the packed program answers.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

edgepack="${EDGEPACK:-.build/release/edgepack}"
example=Examples/digits
build=build/digits
scaling=(--input-scale 0.0625 --input-offset 0)

say() { printf '\n\033[1m%s\033[0m\n' "$*"; }
run() { printf '$ edgepack %s\n' "$*"; "$edgepack" "$@"; }

say "A network that tells handwritten digits apart, trained by $example/train.py:"
run inspect "$example/digits.onnx"

say "Pack it: int8, cross-compiled to a static arm64 program, booted in QEMU, every byte compared."
run "$example/digits.onnx" --data "$example/train.npz" --val "$example/test.npz" "${scaling[@]}" --target arm64-512mb -o "$build"

say "What the packed program answers for four test images:"
for sample in 0 1 2 3; do
  # An .npy file: 128 bytes of header, then one byte a pixel, 0 ... 16.
  od -An -v -tu1 -w8 -j128 "$build/golden/input$sample.npy" | awk '
    { line = "    "; for (i = 1; i <= NF; i++) line = line substr(" .:-=+*#%@", 1 + int($i * 9 / 16), 1) substr(" .:-=+*#%@", 1 + int($i * 9 / 16), 1); print line }'
  "$edgepack" run "$build" "$build/golden/input$sample.npy" | awk '
    { best = 1; for (i = 2; i <= NF; i++) if ($i > $best) best = i; printf "    -> it is a %d   (scores %s)\n\n", best - 1, $0 }'
done

say "The packed program on all 360 test images (its arm64 code, run by QEMU):"
run evaluate "$build" --data "$example/test.npz"

say "Your own model:"
echo "  edgepack model.onnx --data train.npz --val val.npz --target arm64-512mb -o build/"
