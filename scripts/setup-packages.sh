#!/usr/bin/env bash
# Installs the Debian packages that the build needs and that are missing; does nothing when all are there.
#
#   libopenblas-dev  matrix products       libsqlite3-dev  the preference store       pkg-config  how Swift finds them
#
# With --with-onednn also oneDNN, which bf16 products go through when OVERREAD_MATRIX_TILES is off; nothing else needs it.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/lib.sh

if ! command -v swift > /dev/null; then
    refuse setup.no-swift PATH "no Swift toolchain was found; 6.2 or later is needed" \
        "install one from swift.org and run this again"
fi
version=$(swift --version 2> /dev/null | sed -n 's/.*Swift version \([0-9]*\)\.\([0-9]*\).*/\1 \2/p' | head -n 1)
read -r major minor <<< "${version:-0 0}"
if [ "$major" -lt 6 ] || { [ "$major" -eq 6 ] && [ "$minor" -lt 2 ]; }; then
    refuse setup.old-swift "$(command -v swift)" "Swift $major.$minor was found; 6.2 or later is needed" \
        "install a newer toolchain from swift.org and run this again"
fi

case "${1:-}" in
    "" | --with-onednn) ;;
    *) refuse setup.unknown-option "the command line" "$1 is no option of this script" "write --with-onednn, or nothing" ;;
esac

missing=()
command -v pkg-config > /dev/null || missing+=(pkg-config)
if command -v pkg-config > /dev/null; then
    pkg-config --exists openblas || missing+=(libopenblas-dev)
    pkg-config --exists sqlite3 || missing+=(libsqlite3-dev)
else
    missing+=(libopenblas-dev libsqlite3-dev)
fi
if [ "${1:-}" = --with-onednn ] && ! ldconfig -p | grep -q 'libdnnl\.so\.[23]'; then
    # Debian 13 and later have version 3, Debian 12 has version 2.
    for name in libdnnl3.6 libdnnl3 libdnnl2; do
        if [ -n "$(apt-cache policy "$name" 2> /dev/null | grep -v '(none)' | grep Candidate)" ]; then
            missing+=("$name")
            break
        fi
    done
fi
[ ${#missing[@]} -eq 0 ] && exit 0

if ! command -v apt-get > /dev/null; then
    refuse setup.no-apt PATH "these packages are missing and apt-get is not there to install them: ${missing[*]}" \
        "install OpenBLAS, SQLite 3 and pkg-config with their headers by your system's own means"
fi
if [ "$(id -u)" -eq 0 ]; then
    as_root=()
elif command -v sudo > /dev/null && { [ -t 0 ] || sudo -n true 2> /dev/null; }; then
    as_root=(sudo)
else
    refuse setup.no-root apt-get "these packages are missing and neither root nor sudo is at hand: ${missing[*]}" \
        "ask an administrator to run: apt-get install ${missing[*]}"
fi

say "Installing ${missing[*]} from Debian."
install() {
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends "${missing[@]}" >&2
}
# The list of packages on a fresh machine is often empty or old: refresh it only where the first try fails.
if ! install 2> /dev/null; then
    "${as_root[@]}" apt-get update >&2 || refuse setup.apt-update apt-get "the list of packages could not be fetched" \
        "check the machine's network and its sources in /etc/apt, then run this again"
    install || refuse setup.apt-install apt-get "these packages could not be installed: ${missing[*]}" \
        "read the lines above, mend what they name, and run this again"
fi
