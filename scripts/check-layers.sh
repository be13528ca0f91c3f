#!/usr/bin/env bash
# Checks what the compiler does not: which module may import which, where unsafe code, SQL, YAML and HTTP may live,
# how long a file may be, and a few words that must not be in the code.
#
#   scripts/check-layers.sh              check this repository
#   scripts/check-layers.sh --self-test  prove that every one of the checks can fail
set -euo pipefail
here=$(cd "$(dirname "$0")/.." && pwd)

# The layers: each module, then everything of ours or of others' that it may import.
layers='
Diagnostics:
StrictJSON: Diagnostics
Kernels: Diagnostics CKernels COpenBLAS
StrictYAML: Diagnostics Yams
Conventions: Diagnostics StrictYAML
ClinicalMessages: Diagnostics StrictJSON
MessageListener: Diagnostics NIOCore NIOPosix NIOSSL
ModelFiles: Diagnostics StrictJSON Kernels
Tokenization: Diagnostics
Evaluation: Diagnostics Conventions
PrivacyScreen: Diagnostics StrictYAML
Preferences: Diagnostics StrictJSON StrictYAML Evaluation GRDB Crypto CryptoExtras
Transformer: Diagnostics StrictJSON Kernels ModelFiles Tokenization
Markup: Diagnostics
Reporting: Diagnostics StrictJSON Conventions Evaluation Markup
ReviewPages: Diagnostics Markup
Alignment: Diagnostics StrictJSON Kernels ModelFiles Tokenization Transformer Crypto
ReviewServer: Diagnostics StrictJSON Conventions Evaluation Preferences Markup ReviewPages Crypto Hummingbird HummingbirdCore HummingbirdTLS HTTPTypes Logging NIOCore NIOSSL NIOHTTPTypes
Workflow: Diagnostics StrictJSON StrictYAML Yams Crypto Kernels ModelFiles Tokenization Transformer Alignment Conventions ClinicalMessages MessageListener PrivacyScreen Preferences Evaluation Reporting Markup
overread: Diagnostics Workflow ReviewServer ArgumentParser
'
# What every module may import: the language's own libraries.
common='Swift Synchronization FoundationEssentials Foundation Dispatch Glibc Musl Darwin'
warn_lines=400
fail_lines=600

check() {
    local root=$1 failures=0 module allowed file line name
    complain() {
        printf '%s\n' "$1" >&2
        failures=$((failures + 1))
    }
    while IFS= read -r -d '' file; do
        module=${file#"$root"/Sources/}
        module=${module%%/*}
        case $file in *.swift) ;; *) continue ;; esac
        if ! grep -q "^$module:" <<< "$layers"; then
            complain "${file#"$root"/}: module $module is not in the table of layers; add it to scripts/check-layers.sh"
            continue
        fi
        allowed=" $common $(sed -n "s/^$module: *//p" <<< "$layers") "
        while IFS=: read -r line name; do
            [ -n "$name" ] || continue
            case $allowed in
                *" $name "*) ;;
                *) complain "${file#"$root"/}:$line: module $module may not import $name" ;;
            esac
        done < <(imports "$file")
        if [ "$module" != Kernels ]; then
            while IFS=: read -r line name; do
                [ -n "$line" ] || continue
                complain "${file#"$root"/}:$line: unsafe code may live in Kernels only"
            done < <(code "$file" | grep -nE '\bunsafe\b|Unsafe[A-Za-z]*Pointer|withUnsafe|unsafeBitCast|Unmanaged<' || true)
        fi
    done < <(find "$root/Sources" -type f -print0 | sort -z)

    while IFS= read -r -d '' file; do
        case $file in
            */Golden/*) continue ;;
            *.swift | *.c | *.h) ;;
            *) continue ;;
        esac
        lines=$(wc -l < "$file")
        if [ "$lines" -gt "$fail_lines" ]; then
            complain "${file#"$root"/}: $lines lines; $fail_lines is the ceiling, split it by idea"
        elif [ "$lines" -gt "$warn_lines" ]; then
            printf 'warning: %s: %s lines; aim under %s\n' "${file#"$root"/}" "$lines" "$warn_lines" >&2
        fi
        while IFS=: read -r line name; do
            [ -n "$line" ] || continue
            complain "${file#"$root"/}:$line: a note to oneself in a comment; do it or drop it"
        done < <(grep -nE '(//|/\*).*\b(TODO|FIXME|XXX|HACK)\b' "$file" || true)
        case $file in *.swift) ;; *) continue ;; esac
        while IFS=: read -r line name; do
            [ -n "$line" ] || continue
            complain "${file#"$root"/}:$line: try! and as! are not used here; throw, or unwrap and say why"
        done < <(code "$file" | grep -nE '\b(try|as)!' || true)
    done < <(find "$root/Sources" "$root/Tests" -type f -print0 2> /dev/null | sort -z)

    if [ "$failures" -gt 0 ]; then
        printf 'check-layers: %s complaint(s)\n' "$failures" >&2
        return 1
    fi
}

# imports FILE: "line:module" for each import.
imports() {
    sed -nE '/^[[:space:]]*((@[A-Za-z_]+|public|package|internal|fileprivate|private)[[:space:]]+)*import[[:space:]]/{=;p}' "$1" \
        | paste -d ':' - - \
        | sed -E 's/^([0-9]+):.*import[[:space:]]+((struct|class|enum|protocol|func|let|var|typealias|actor)[[:space:]]+)?([A-Za-z_0-9]+).*/\1:\4/'
}

# code FILE: the file with the insides of one-line strings and with comments blanked, line for line.
code() {
    sed -E 's/"([^"\\]|\\.)*"/""/g; s@//.*$@@' "$1"
}

# self_test: builds small trees with one fault each, and demands that each fault is found and a clean tree passes.
self_test() {
    local passed=0
    tree=$(mktemp -d)
    trap 'rm -rf "$tree"' EXIT
    clean() {
        rm -rf "$tree/Sources" "$tree/Tests"
        mkdir -p "$tree/Sources/Kernels" "$tree/Sources/Evaluation" "$tree/Tests/EvaluationTests"
        printf 'import COpenBLAS\nfunc f(_ p: UnsafePointer<Float>) {}\n' > "$tree/Sources/Kernels/A.swift"
        printf '/// unsafePointer in words only\npublic import Conventions\nlet s = "try! withUnsafe"\n' > "$tree/Sources/Evaluation/A.swift"
        printf 'import Testing\n' > "$tree/Tests/EvaluationTests/A.swift"
    }
    must_fail() {
        if check "$tree" 2> "$tree/said"; then
            printf 'check-layers: self-test: not found: %s\n' "$1" >&2
            exit 1
        fi
        grep -q "$2" "$tree/said" || { printf 'check-layers: self-test: other words for: %s\n' "$1" >&2; cat "$tree/said" >&2; exit 1; }
        passed=$((passed + 1))
        clean
    }
    clean
    check "$tree" || { printf 'check-layers: self-test: a clean tree was refused\n' >&2; exit 1; }
    printf 'import GRDB\n' > "$tree/Sources/Evaluation/B.swift"
    must_fail "SQL outside Preferences" 'may not import GRDB'
    printf '@preconcurrency public import struct Kernels.Matrix\n' > "$tree/Sources/Evaluation/B.swift"
    must_fail "a scoped import across the columns" 'may not import Kernels'
    printf 'import NIOPosix\n' > "$tree/Sources/Evaluation/B.swift"
    must_fail "the network outside MessageListener and ReviewServer" 'may not import NIOPosix'
    printf 'import COpenBLAS\n' > "$tree/Sources/Evaluation/B.swift"
    must_fail "BLAS outside Kernels" 'may not import COpenBLAS'
    printf 'let x = unsafe y\n' > "$tree/Sources/Evaluation/B.swift"
    must_fail "the unsafe keyword outside Kernels" 'B.swift:1: unsafe code'
    printf 'func f(_ p: UnsafeRawBufferPointer) {}\n' > "$tree/Sources/Evaluation/B.swift"
    must_fail "a raw pointer outside Kernels" 'unsafe code'
    mkdir "$tree/Sources/Extra" && printf 'let x = 1\n' > "$tree/Sources/Extra/B.swift"
    must_fail "a module that the table does not know" 'not in the table'
    rm -rf "$tree/Sources/Extra"
    seq 601 | sed 's/^/let x/' > "$tree/Tests/EvaluationTests/B.swift"
    must_fail "a file of 601 lines" '601 lines'
    printf 'let x = try! f()\n' > "$tree/Tests/EvaluationTests/B.swift"
    must_fail "try! in a test" 'try! and as!'
    printf 'let x = y as! Int\n' > "$tree/Sources/Evaluation/B.swift"
    must_fail "as!" 'try! and as!'
    printf 'let x = 1  // %s: later\n' TODO > "$tree/Sources/Evaluation/B.swift"
    must_fail "a note to oneself" 'note to oneself'
    printf 'check-layers: self-test: %s faults found of %s\n' "$passed" "$passed"
}

case ${1:-} in
    --self-test) self_test ;;
    '') check "$here" && printf 'check-layers: clean\n' ;;
    *) printf 'usage: scripts/check-layers.sh [--self-test]\n' >&2; exit 64 ;;
esac
