#!/usr/bin/env bash
# Installs a built edgepack, or removes it again: program, target profiles, device sources, manual page, completions.
#
#   Scripts/install.sh FOLDER [PROGRAM]     PROGRAM: .build/release/edgepack if not given
#   Scripts/install.sh --remove FOLDER
#
# The installation may be moved as a whole: the program finds its files from where it lies itself. Everything is made in a folder beside
# its place first, so an installation that fails half-way leaves the earlier one as it was.
set -euo pipefail
sources="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"

# What an installation consists of, relative to its folder.
share=share/edgepack
manual=share/man/man1/edgepack.1
bash_completion=share/bash-completion/completions/edgepack
zsh_completion=share/zsh/site-functions/_edgepack
fish_completion=share/fish/vendor_completions.d/edgepack.fish
licence=share/doc/edgepack/LICENSE

if [[ "${1:-}" == --remove ]]; then
  folder="${2:?which folder?}"
  rm -rf "${folder:?}/$share" "$folder/share/doc/edgepack"
  rm -f "$folder/bin/edgepack" "$folder/$manual" "$folder/$bash_completion" "$folder/$zsh_completion" "$folder/$fish_completion"
  echo "removed edgepack from $folder"
  exit 0
fi

folder="${1:?which folder?}"
program="${2:-$sources/.build/release/edgepack}"
if [[ ! -x "$program" ]]; then
  echo "install: $program is missing: make build" >&2
  exit 2
fi

mkdir -p "$folder"
stage="$(mktemp -d "$folder/.edgepack-install.XXXXXX")"
trap 'rm -rf "$stage"' EXIT

mkdir -p "$stage/bin" "$stage/$share/device"
# Without symbols the program is half as large. The tool comes with binutils, or lies beside the compiler.
if command -v strip > /dev/null; then
  strip -o "$stage/bin/edgepack" "$program"
else
  "$(dirname "$(readlink -f "$(command -v swiftc)")")/llvm-objcopy" --strip-all "$program" "$stage/bin/edgepack"
fi
chmod 755 "$stage/bin/edgepack"
cp -R "$sources/targets" "$stage/$share/targets"
cp -R "$sources"/Sources/{CIntrinsics,DeviceFormats,DeviceKernels,DeviceRuntime} "$sources/firmware-stubs" "$stage/$share/device/"
install -m 755 "$sources/Scripts/fetch-machine-kernel.sh" "$stage/$share/"
install -D -m 644 "$sources/LICENSE" "$stage/$licence"

# Both come from the commands themselves, so they cannot lag behind.
for page in "$manual" "$bash_completion" "$zsh_completion" "$fish_completion"; do mkdir -p "$(dirname "$stage/$page")"; done
"$stage/bin/edgepack" manual > "$stage/$manual"
"$stage/bin/edgepack" completions bash > "$stage/$bash_completion"
"$stage/bin/edgepack" completions zsh > "$stage/$zsh_completion"
"$stage/bin/edgepack" completions fish > "$stage/$fish_completion"
chmod -R u=rwX,go=rX "$stage"

# The folders that are edgepack's own are replaced, so that files of an earlier version do not stay.
rm -rf "${folder:?}/$share"
(cd "$stage" && find . -type f -print0) | while IFS= read -r -d '' file; do
  mkdir -p "$(dirname "$folder/$file")"
  mv -f "$stage/$file" "$folder/$file"
done
echo "installed $folder/bin/edgepack"
