#!/bin/sh
# Prints a first program for hotpath as a JSON object: scenario, cargo, command, snippet.
# Made by `cargo xtask bootstrap` from crates/hotpath-cli/src/commands/init/scenarios; `hotpath init SCENARIO --json` says the same.
set -eu

usage() {
    echo "usage: hotpath-rs-bootstrap.sh basic | tokio | data-flow | mcp | cpu"
}

case "${1-}" in
basic)
    cat <<'JSON'
{
  "scenario": "basic",
  "cargo": "[dependencies]\nhotpath = \"0.16\"\n\n[features]\nhotpath = [\"hotpath/hotpath\"]\nhotpath-alloc = [\"hotpath\", \"hotpath/hotpath-alloc\"]\n",
  "command": "cargo run --features=hotpath",
  "snippet": "#[hotpath::measure]\nfn read_orders(count: u64) -> Vec<String> {\n    (0..count).map(|n| format!(\"order {n}: {} pieces\", n % 7)).collect()\n}\n\n#[hotpath::measure(label = \"count_pieces\")]\nfn pieces(orders: &[String]) -> usize {\n    orders.iter().filter_map(|order| order.split(' ').nth(2)?.parse::<usize>().ok()).sum()\n}\n\n#[hotpath::main(percentiles = [50, 95, 99])]\nfn main() {\n    let mut total = 0;\n    for day in 0..100 {\n        let orders = read_orders(200 + day);\n        total += pieces(&orders);\n\n        hotpath::measure_block!(\"write_summary\", {\n            std::hint::black_box(format!(\"day {day}: {total} pieces\"));\n        });\n    }\n    println!(\"{total} pieces\");\n}\n"
}
JSON
    ;;
tokio)
    cat <<'JSON'
{
  "scenario": "tokio",
  "cargo": "[dependencies]\nhotpath = \"0.16\"\ntokio = { version = \"1\", features = [\"macros\", \"rt-multi-thread\", \"sync\", \"time\"] }\n\n[features]\nhotpath = [\"hotpath/hotpath\"]\nhotpath-tokio = [\"hotpath\", \"hotpath/tokio\"]\n",
  "command": "cargo run --features=hotpath-tokio",
  "snippet": "use std::time::Duration;\n\n#[hotpath::measure]\nasync fn fetch(page: u64) -> String {\n    tokio::time::sleep(Duration::from_millis(1 + page % 3)).await;\n    \"line\\n\".repeat(100)\n}\n\n#[hotpath::measure]\nfn count_lines(text: &str) -> usize {\n    text.lines().count()\n}\n\n#[tokio::main]\n#[hotpath::main(report = \"functions-timing,tokio_runtime,threads\")]\nasync fn main() {\n    hotpath::tokio_runtime!();\n\n    let readers: Vec<_> = (0..4)\n        .map(|reader| {\n            tokio::spawn(async move {\n                let mut lines = 0;\n                for page in 0..25 {\n                    lines += count_lines(&fetch(reader + page).await);\n                }\n                lines\n            })\n        })\n        .collect();\n\n    let mut lines = 0;\n    for reader in readers {\n        lines += reader.await.expect(\"a reader that ends\");\n    }\n    println!(\"{lines} lines\");\n}\n"
}
JSON
    ;;
data-flow)
    cat <<'JSON'
{
  "scenario": "data-flow",
  "cargo": "[dependencies]\nfutures = \"0.3\"\nhotpath = \"0.16\"\ntokio = { version = \"1\", features = [\"macros\", \"rt-multi-thread\", \"sync\", \"time\"] }\n\n[features]\nhotpath = [\"hotpath/hotpath\"]\nhotpath-data-flow = [\"hotpath\", \"hotpath/tokio\", \"hotpath/futures\"]\n",
  "command": "cargo run --features=hotpath-data-flow",
  "snippet": "use std::time::Duration;\n\nuse futures::{StreamExt, stream};\nuse tokio::sync::mpsc;\n\n#[hotpath::future_fn]\nasync fn resize(picture: u64) -> u64 {\n    tokio::time::sleep(Duration::from_millis(2)).await;\n    picture / 2\n}\n\n#[tokio::main]\n#[hotpath::main(report = \"channels,streams,futures\")]\nasync fn main() {\n    let (queue, mut jobs) = hotpath::channel!(mpsc::channel::<u64>(8), label = \"pictures\");\n    let pictures = hotpath::stream!(stream::iter(1..=100_u64), label = \"folder\");\n\n    let feeder = tokio::spawn(async move {\n        let mut pictures = std::pin::pin!(pictures);\n        while let Some(picture) = pictures.next().await {\n            queue.send(picture).await.expect(\"somebody takes the pictures\");\n        }\n    });\n\n    let mut bytes = 0;\n    while let Some(picture) = jobs.recv().await {\n        bytes += hotpath::future!(resize(picture), label = \"one picture\").await;\n    }\n    feeder.await.expect(\"a feeder that ends\");\n    println!(\"{bytes} bytes\");\n}\n"
}
JSON
    ;;
mcp)
    cat <<'JSON'
{
  "scenario": "mcp",
  "cargo": "[dependencies]\nhotpath = \"0.16\"\ntokio = { version = \"1\", features = [\"macros\", \"rt-multi-thread\", \"sync\", \"time\"] }\n\n[features]\nhotpath = [\"hotpath/hotpath\"]\nhotpath-mcp = [\"hotpath\", \"hotpath/hotpath-mcp\", \"hotpath/tokio\"]\n",
  "command": "HOTPATH_OUTPUT_FORMAT=none cargo run --features=hotpath-mcp",
  "snippet": "// Runs until Ctrl-C (or HOTPATH_SHUTDOWN_MS). Meanwhile an agent asks at http://localhost:6771/mcp:\n//   claude mcp add --transport http hotpath http://localhost:6771/mcp\nuse std::time::Duration;\n\nuse tokio::sync::mpsc;\n\n#[hotpath::measure]\nasync fn handle(job: u64) -> u64 {\n    tokio::time::sleep(Duration::from_millis(job % 10)).await;\n    checksum(job)\n}\n\n#[hotpath::measure]\nfn checksum(job: u64) -> u64 {\n    (0..20_000).fold(job, |sum, n| sum.rotate_left(5) ^ n)\n}\n\n#[tokio::main]\n#[hotpath::main]\nasync fn main() {\n    hotpath::tokio_runtime!();\n\n    let (queue, mut jobs) = hotpath::channel!(mpsc::channel::<u64>(64), label = \"jobs\");\n    tokio::spawn(async move {\n        let mut job = 0;\n        while queue.send(job).await.is_ok() {\n            job += 1;\n        }\n    });\n\n    while let Some(job) = jobs.recv().await {\n        std::hint::black_box(handle(job).await);\n    }\n}\n"
}
JSON
    ;;
cpu)
    cat <<'JSON'
{
  "scenario": "cpu",
  "cargo": "[dependencies]\nhotpath = \"0.16\"\n\n[features]\nhotpath = [\"hotpath/hotpath\"]\nhotpath-cpu = [\"hotpath\", \"hotpath/hotpath-cpu\"]\n",
  "command": "cargo run --release --features=hotpath-cpu",
  "snippet": "use std::time::Duration;\n\nstruct Sieve {\n    limit: usize,\n}\n\n#[hotpath::measure_all]\nimpl Sieve {\n    // All its time is computing.\n    fn primes(&self) -> usize {\n        let mut composite = vec![false; self.limit];\n        for n in (2..).take_while(|n| n * n < self.limit) {\n            for multiple in (n * n..self.limit).step_by(n) {\n                composite[multiple] = true;\n            }\n        }\n        composite.iter().skip(2).filter(|composite| !**composite).count()\n    }\n}\n\n// All its time is waiting: long in wall time, nothing on the processor.\n#[hotpath::measure]\nfn wait_for_disk() {\n    std::thread::sleep(Duration::from_millis(20));\n}\n\n#[hotpath::main]\nfn main() {\n    let mut primes = 0;\n    for round in 1..=20 {\n        primes += Sieve { limit: round * 50_000 }.primes();\n        wait_for_disk();\n    }\n    println!(\"{primes} primes\");\n}\n"
}
JSON
    ;;
-h | --help)
    usage
    ;;
*)
    usage >&2
    exit 2
    ;;
esac
