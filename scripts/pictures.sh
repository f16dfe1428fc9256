#!/usr/bin/env bash
# Makes the pictures of the book from real runs: the console on the example `shop` under load, the report of the example `codestat`,
# its flame graph, and the flame graph of what changed between two trees. Look at them before committing them.
#
# Needs tmux, python3 and chromium.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
images=$PWD/docs/book/src/images
programs=$(realpath -m "${CARGO_TARGET_DIR:-target}")/release
work=$(mktemp -d)
export LC_ALL=C.UTF-8 TERM=xterm-256color
unset NO_COLOR TMUX
started=()

finish() {
    local pid
    for pid in "${started[@]}"; do kill "$pid" 2>/dev/null || true; done
    terminal kill-server 2>/dev/null || true
    rm -rf "$work"
}
trap finish EXIT

# A terminal of our own, without anybody's settings.
terminal() {
    tmux -u -f /dev/null -S "$work/tmux" "$@"
}

# show WIDTH HEIGHT COMMAND: runs a command in the terminal.
show() {
    terminal new-session -d -x "$1" -y "$2" "$3; sleep 600"
    terminal set-option -g status off
}

# wait_for TEXT: until the screen shows it, at most a minute.
wait_for() {
    local i
    for i in $(seq 300); do
        terminal capture-pane -p | grep -qF -- "$1" && return
        sleep 0.2
    done
    echo "the terminal does not show: $1" >&2
    terminal capture-pane -p >&2
    return 1
}

# take FILE TITLE: the screen as a picture.
take() {
    terminal capture-pane -e -p | python3 scripts/ansi_to_svg.py "$2" >"$images/$1"
    terminal kill-session
}

# page FILE PAGE: a page of HTML as a picture.
page() {
    chromium --headless --no-sandbox --disable-gpu --hide-scrollbars --user-data-dir="$work/chromium" \
        --window-size=1200,560 --screenshot="$images/$1" "file://$2" 2>"$work/chromium.log" ||
        { cat "$work/chromium.log" >&2; return 1; }
}

# profile REPORT FOLDER: codestat on a folder.
profile() {
    HOTPATH_OUTPUT_FORMAT=json HOTPATH_OUTPUT_PATH=$1 "$programs/codestat" "$2" >/dev/null
}

cargo build --release -p codestat --features hotpath
cargo build --release -p shop --features hotpath,hotpath-alloc
cargo build --release -p hotpath-cli
mkdir -p "$images"

# The report. The table first, as a reader scrolls up to it.
show 160 40 "HOTPATH_REPORT=functions_timing HOTPATH_FUNCTIONS_LIMIT=8 $programs/codestat crates"
wait_for "Findings"
sleep 1
take report.svg "Report of codestat"

# The console: the service, load for half a minute before the picture, and the command.
HOTPATH_METRICS_PORT=6799 "$programs/shop" --port 0 >"$work/shop" 2>&1 &
started+=($!)
for _ in $(seq 100); do
    grep -q '^http' "$work/shop" && break
    sleep 0.1
done
address=$(grep -m1 '^http' "$work/shop")
"$programs/load" "$address" --seconds 60 --requests 1000000000 --connections 2 >/dev/null 2>&1 &
started+=($!)
show 118 28 "$programs/hotpath console --metrics-port 6799"
wait_for "Functions"
sleep 30
take console.svg "The console on the example shop"

# The flame graphs: of the whole tree, and of what differs between two parts of it.
profile "$work/all.json" crates
"$programs/hotpath" export --to flamegraph --report "$work/all.json" --output "$work/flamegraph.html"
page flamegraph.png "$work/flamegraph.html"
profile "$work/base.json" crates/hotpath
profile "$work/head.json" crates/hotpath-cli
"$programs/hotpath" export --to flamegraph --diff "$work/base.json" --report "$work/head.json" --output "$work/difference.html"
page flamegraph-diff.png "$work/difference.html"
ls -l "$images"
