#!/usr/bin/env bash
# Lets schemathesis try the review server's API by its own description, logged in as its administrator.
#
#   swift build --product ReviewProbe
#   Benchmarks/Review/fuzz.sh .build/debug/ReviewProbe [EXAMPLES]
#
# It makes a virtual environment in a temporary folder with the versions of requirements.txt (or takes SCHEMATHESIS, the
# path of the program, from the environment), serves a new store of synthetic pairs, and fails on any answer of status
# 5xx and on answers that are not as described. EXAMPLES is the number of requests for each operation; 100 by default.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
probe=${1:?usage: fuzz.sh REVIEWPROBE [EXAMPLES]}
examples=${2:-100}
work=$(mktemp -d)
chmod 700 "$work"
server=
finish() {
    if [ -n "$server" ]; then kill "$server" 2> /dev/null || true; fi
    rm -rf "$work"
}
trap finish EXIT

if [ -z "${SCHEMATHESIS:-}" ]; then
    python3 -m venv "$work/venv"
    "$work/venv/bin/pip" install -q -r "$here/requirements.txt"
    SCHEMATHESIS=$work/venv/bin/schemathesis
fi
"$probe" seed "$work/store.sqlite" 500 2 > "$work/seed"
"$probe" serve "$work/store.sqlite" > "$work/address" &
server=$!
for _ in $(seq 100); do
    [ -s "$work/address" ] && break
    sleep 0.1
done
url=$(python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))["url"])' "$work/address")
password=$(python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))["password"])' "$work/seed")
curl -s -c "$work/cookies" -H 'Content-Type: application/json' -d "{\"name\":\"chief\",\"password\":\"$password\"}" \
    "$url/api/v1/session" > "$work/session"
csrf=$(python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))["csrf"])' "$work/session")
cookie=$(awk '$6 == "overread" { print $7 }' "$work/cookies")

# The log-in and the log-out are left out: the one is slow on purpose, the other ends the session that all the rest needs.
"$SCHEMATHESIS" run "$url/api/v1/openapi.yaml" --url "$url" \
    --header "Cookie: overread=$cookie" --header "X-CSRF-Token: $csrf" \
    --exclude-operation-id logIn --exclude-operation-id logOut \
    --checks not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance \
    --phases examples,coverage,fuzzing --max-examples "$examples" --seed 7 --continue-on-failure
kill -0 "$server" || { echo "the server is gone"; exit 1; }
kill "$server"
wait "$server" || { echo "the server ended badly"; exit 1; }
server=
"$probe" answers "$work/store.sqlite" | tail -1
