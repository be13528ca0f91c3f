#!/usr/bin/env bash
# The main job on the pairs that ship and a real model, with the commands that a user would type.
# `make demo` builds, fetches the model, and runs this. Everything goes into one new folder under Reports/.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/lib.sh

program=.build/release/overread
model=.cache/models/SmolLM2-135M-Instruct.Q4_1.gguf
folder=Reports/demo-$(date -u +%Y%m%d-%H%M%S)
[ -x "$program" ] || refuse demo.not-built "$program" "the program is not built" "run make demo, or make build first"
[ -f "$model" ] || refuse demo.no-model "$model" "the model is not there" "run make demo, or scripts/fetch-model.sh first"

names=()
times=()
began=$(date +%s)

# stage NAME COMMAND…: prints the command as it can be typed, runs it, and notes how long it took.
stage() {
    local name=$1 start
    shift
    printf '\n$'
    printf ' %q' "$@"
    printf '\n'
    start=$(date +%s)
    "$@"
    names+=("$name")
    times+=($(($(date +%s) - start)))
}

# clock SECONDS: as minutes and seconds.
clock() { printf '%d:%02d' $(($1 / 60)) $(($1 % 60)); }

# peak: the most memory that any stage noted in its manifest, in MiB.
peak() {
    cat "$folder"/adapter/run.json "$folder"/sft-adapter/run.json "$folder"/run.json 2> /dev/null \
        | sed -nE 's/.*"peak_memory_bytes": *([0-9]+).*/\1/p' | sort -n | tail -n 1 | awk '{ printf "%d", $1 / 1048576 }'
}

mkdir -p "$folder"
stage "import" "$program" import Preferences/impression-pairs.jsonl --store "$folder/store.sqlite"
stage "snapshot" "$program" snapshot --store "$folder/store.sqlite" --output "$folder/snapshot"
stage "train (preferences)" "$program" train Recipes/impression-dpo.yaml \
    --set dataset="$folder/snapshot" --set output_dir="$folder/adapter"
stage "train (imitation, to compare with)" "$program" train Recipes/impression-sft.yaml \
    --set dataset="$folder/snapshot" --set output_dir="$folder/sft-adapter"
stage "compare and report" "$program" compare --model "$model" --adapter "$folder/adapter" \
    --sft-adapter "$folder/sft-adapter" --few-shot Preferences/few-shot.json --snapshot "$folder/snapshot" \
    --conventions Preferences/conventions/house-style.yaml --run-dir "$folder"

printf '\n'
for index in "${!names[@]}"; do
    printf '%8s  %s\n' "$(clock "${times[$index]}")" "${names[$index]}"
done
printf '%8s  in all; at most %s MiB of memory\n' "$(clock $(($(date +%s) - began)))" "$(peak)"
printf '\nThe report: %s/report.html\n' "$folder"
printf 'How to read it: Reports/README.md\n'
