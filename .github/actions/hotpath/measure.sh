#!/usr/bin/env bash
# Measures two commits of the repository in this folder in alternation, and writes a report per run:
#   $MEASURE_OUT/base/01.json …, $MEASURE_OUT/head/01.json …, and pull-request.json in the job of a pull request.
#
# Inputs are environment variables, so that only the two commands are ever interpreted by a shell:
#   MEASURE_BUILD   builds the program, once per commit (may be empty)
#   MEASURE_RUN     runs it; it must end by itself, and write its report to HOTPATH_OUTPUT_PATH, as every program does
#   MEASURE_ROUNDS  runs per commit
#   MEASURE_BASE    commit to compare with; default: the first parent of the merge that GitHub checks out
#   MEASURE_OUT     folder of the reports, which must not exist yet
#   MEASURE_PR_NUMBER, MEASURE_HEAD_SHA   the pull request
# It needs no token and no permission. Exit status 2: nothing to compare; a message says why.
set -euo pipefail

fail() {
    echo "measure: $*" >&2
    exit 2
}

[ -n "${MEASURE_RUN-}" ] || fail "nothing to run: set the input \`run\`"
[ -n "${MEASURE_OUT-}" ] || fail "no output folder: set MEASURE_OUT"
rounds=${MEASURE_ROUNDS:-10}
[[ $rounds =~ ^[1-9][0-9]{0,2}$ ]] || fail "invalid rounds \`$rounds\`: expected a number from 1 to 999"
[ ! -e "$MEASURE_OUT" ] || fail "$MEASURE_OUT already exists"
git rev-parse --git-dir >/dev/null || fail "not a Git repository: check it out first"

# Resolves a commit, and fetches it if it is missing.
commit() {
    git rev-parse --verify --quiet --end-of-options "$1^{commit}" && return
    git fetch --quiet --no-tags --depth=1 origin "$1" >&2 || return
    git rev-parse --verify --quiet FETCH_HEAD
}

# Prints advice for a shallow clone.
shallow() {
    [ "$(git rev-parse --is-shallow-repository)" != true ] ||
        echo ": this clone is shallow, use actions/checkout with fetch-depth: 0"
}

head=$(commit HEAD)
if [ -n "${MEASURE_BASE-}" ]; then
    case $MEASURE_BASE in -*) fail "invalid commit $MEASURE_BASE" ;; esac
    base=$(commit "$MEASURE_BASE") || fail "unknown commit $MEASURE_BASE, neither local nor at origin$(shallow)"
elif git rev-parse --verify --quiet HEAD^2 >/dev/null; then
    base=$(commit HEAD^1) || fail "the base is missing: use actions/checkout with fetch-depth: 2"
else
    fail "HEAD is not a merge, so its base is unknown: use actions/checkout with fetch-depth: 2, or set the input \`base\`"
fi
[ "$base" != "$head" ] || fail "base and head are the same commit, $base"

work=$(cd "$(mktemp -d)" && pwd -P)
cleanup() {
    git worktree remove --force "$work/base/tree" 2>/dev/null || true
    git worktree remove --force "$work/head/tree" 2>/dev/null || true
    rm -rf "$work"
}
trap cleanup EXIT
git worktree add --quiet --detach "$work/base/tree" "$base"
git worktree add --quiet --detach "$work/head/tree" "$head"
mkdir -p "$MEASURE_OUT/base" "$MEASURE_OUT/head"
out=$(cd "$MEASURE_OUT" && pwd)

# The environment or a configuration may set a shared target folder, in which one side could be taken for the other. A side whose target
# folder is outside of its worktree gets its own; otherwise it keeps the default, where the command expects it.
for side in base head; do
    tree=$work/$side/tree
    # There may be no package here, but a script that builds one elsewhere.
    folders=$(cd "$tree" && cargo metadata --no-deps --offline --format-version 1 2>/dev/null |
        grep -oE '"(target|build)_directory":"[^"]*"' | cut -d'"' -f4) ||
        folders=$(printf '%s\n' "${CARGO_TARGET_DIR-}" "${CARGO_BUILD_TARGET_DIR-}" "${CARGO_BUILD_BUILD_DIR-}" | grep '^/') ||
        folders=
    while read -r folder; do
        case $folder in "" | "$work/$side"/*) ;; *) printf -v "target_$side" %s "$tree/target" ;; esac
    done <<<"$folders"
done

# Runs a command in the folder of a side. Its output is shown only if it fails.
within() {
    local side=$1 command=$2 own=target_$1
    own=${!own-}
    (
        cd "$work/$side/tree" &&
            { [ -z "$own" ] || export CARGO_TARGET_DIR="$own" CARGO_BUILD_TARGET_DIR="$own" CARGO_BUILD_BUILD_DIR="$own"; } &&
            bash -euo pipefail -c "$command"
    ) >"$work/log" 2>&1 </dev/null && return
    local status=$?
    cat "$work/log" >&2
    local hint=
    # The pull request that adds hotpath cannot be measured.
    [ "$side" = head ] || hint=" (does the base use hotpath already? Otherwise there is nothing to compare with)"
    fail "$side: command failed with status $status: $command$hint"
}

# Runs a side once, with all rows, because a missing row cannot be compared.
run() {
    local side=$1 report=$2
    HOTPATH_OUTPUT_FORMAT=json HOTPATH_OUTPUT_PATH=$report HOTPATH_LIMIT=0 HOTPATH_METRICS_SERVER_OFF=true \
        within "$side" "$MEASURE_RUN"
    [ -s "$report" ] || fail "$side: the run wrote no report: is it built with the feature \`hotpath\`?"
}

for side in base head; do
    [ -z "${MEASURE_BUILD-}" ] || within "$side" "$MEASURE_BUILD"
    # The first run warms up the caches.
    run "$side" "$work/warm-up.json"
done
# A B, B A, A B …, so that a drift over time affects both sides alike.
for ((round = 1; round <= rounds; round++)); do
    sides=(base head)
    ((round % 2)) || sides=(head base)
    for side in "${sides[@]}"; do
        run "$side" "$out/$side/$(printf %03d "$round").json"
    done
    echo "round $round of $rounds"
done

if [[ ${MEASURE_PR_NUMBER-} =~ ^[0-9]+$ && ${MEASURE_HEAD_SHA-} =~ ^[0-9a-f]+$ ]]; then
    printf '{"number": %s, "head_sha": "%s"}\n' "$MEASURE_PR_NUMBER" "$MEASURE_HEAD_SHA" >"$out/pull-request.json"
fi
