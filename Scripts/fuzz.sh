#!/usr/bin/env bash
# Feeds one of edgepack's readers with libFuzzer: Scripts/fuzz.sh onnx|npz|yaml|epk [SECONDS]
# The readers are built apart, in .build/fuzz, because they are instrumented. What libFuzzer finds stays in .build/fuzz/FORMAT.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

format="${1:-}"
seconds="${2:-60}"
case "$format" in
  onnx | npz) target=ModelFormats modules="Diagnostics ModelGraph ModelFormats SwiftProtobuf" ;;
  yaml) target=Targets modules="Diagnostics ModelGraph Targets Yams CYaml" ;;
  epk) target=DeviceFormats modules="DeviceFormats" ;;
  *)
    echo "usage: Scripts/fuzz.sh onnx|npz|yaml|epk [SECONDS]" >&2
    exit 2
    ;;
esac

scratch=.build/fuzz
mkdir -p "$scratch/$format/corpus" "$scratch/$format/found"
# The packages that are checked out already are not fetched again.
for part in checkouts repositories artifacts workspace-state.json; do
  if [[ -e .build/$part && ! -e $scratch/$part ]]; then cp -r ".build/$part" "$scratch/$part"; fi
done
swift build -c release --scratch-path "$scratch" -Xswiftc -sanitize=fuzzer --target "$target"

built="$scratch/release"
objects=()
for module in $modules; do
  while IFS= read -r object; do objects+=("$object"); done < <(find -L "$built/$module.build" -name '*.o')
done
entries=("Tests/Fuzzing/$format.swift")
if [[ $format != epk ]]; then entries+=(Tests/Fuzzing/FuzzedFile.swift); fi
includes=(-I "$built/Modules")
for folder in "$scratch"/checkouts/Yams/Sources/CYaml/include Sources/CZlib; do
  if [[ -d $folder ]]; then includes+=(-Xcc "-I$folder"); fi
done
swiftc -O -sanitize=fuzzer -parse-as-library -module-name Fuzzing "${includes[@]}" "${entries[@]}" "${objects[@]}" -lz \
  -o "$scratch/$format/fuzz"

# Files to start from: sound ones where they lie around, else damaged ones, which are nearly sound.
if [[ $format == yaml ]]; then
  cp targets/*.yaml "$scratch/$format/corpus/"
elif [[ -x .build/release/edgepack-mutate ]]; then
  for number in $(seq 0 59); do
    .build/release/edgepack-mutate "$format" --first "$number" --show "$scratch/$format/corpus/case-$number" > /dev/null
  done
fi
exec "$scratch/$format/fuzz" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=1024 -max_len=65536 -print_final_stats=1 \
  -artifact_prefix="$scratch/$format/found/" "$scratch/$format/corpus"
