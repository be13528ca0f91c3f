#!/usr/bin/env bash
# Drives the review page in a real browser; says what is missing where it cannot run.
#
#   scripts/review-browser.sh [FLAG ...]      flags of swift build
#
# REVIEW_PYTHON names a Python that has Tests/ReviewBrowser/requirements.txt; without it an environment is made in the
# user's cache folder. Screenshots go to Reports/review-browser.
set -euo pipefail
cd "$(dirname "$0")/.."
here=Tests/ReviewBrowser

skip() {
    printf 'review-browser: skipped: %s\n' "$1"
    exit 0
}

command -v chromium > /dev/null || command -v chromium-browser > /dev/null || command -v google-chrome > /dev/null \
    || skip 'no chromium is installed (apt-get install chromium)'
python=${REVIEW_PYTHON:-}
if [ -z "$python" ]; then
    command -v python3 > /dev/null || skip 'no python3 is installed'
    environment=${XDG_CACHE_HOME:-$HOME/.cache}/overread/review-browser
    python=$environment/bin/python
    if ! cmp -s "$here/requirements.txt" "$environment/requirements.txt"; then
        python3 -m venv "$environment" || skip 'python3 cannot make an environment (apt-get install python3-venv)'
        "$python" -m pip install --quiet --disable-pip-version-check -r "$here/requirements.txt" \
            || skip 'playwright and axe-core could not be installed'
        cp "$here/requirements.txt" "$environment/requirements.txt"
    fi
fi
"$python" -c 'import playwright, axe_core_python' 2> /dev/null || skip "$python has no playwright or no axe-core"

swift build "$@" --product overread
swift build "$@" --product ReviewSeed
build=$(swift build "$@" --show-bin-path)
exec "$python" -B "$here/review_browser.py" --serve "$build/overread" serve --seed "$build/ReviewSeed" \
    --pairs Preferences/impression-pairs.jsonl --conventions Preferences/conventions/house-style.yaml \
    --output Reports/review-browser
