# Words shared by the scripts of this folder; sourced, never run.

# refuse CODE WHERE PROBLEM REMEDY: one line in the shape that every command of Overread uses, and status 3.
refuse() {
    printf '%s  %s: %s. Mend: %s.\n' "$1" "$2" "$3" "$4" >&2
    exit 3
}

# say TEXT: one line of progress on standard error, so that standard output stays for results.
say() {
    printf '%s\n' "$*" >&2
}
