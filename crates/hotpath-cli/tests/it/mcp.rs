//! `hotpath mcp` as a client that takes the protocol at its word sees it: lines of JSON-RPC, in and out.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Stdio};

use crate::common::Folder;
use serde_json::{Value, json};

struct Client {
    _folder: Folder,
    child: Child,
    stdin: Option<ChildStdin>,
    stdout: BufReader<ChildStdout>,
    asked: u64,
}

impl Client {
    /// A server over one saved report.
    fn new() -> Self {
        let folder = Folder::new();
        folder.report("run.json", 1_000_000);
        let mut command = folder.command(&["mcp", "--report", "run.json"]);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("it runs");
        let (stdin, stdout) = (child.stdin.take(), child.stdout.take().expect("a pipe"));
        let mut client = Self { _folder: folder, child, stdin, stdout: BufReader::new(stdout), asked: 0 };
        let about = json!({ "name": "test", "version": "1" });
        let hello = json!({ "protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": about });
        assert!(client.ask("initialize", hello)["result"].is_object());
        client.send(&json!({ "jsonrpc": "2.0", "method": "notifications/initialized" }));
        client
    }

    fn send(&mut self, message: &Value) {
        let stdin = self.stdin.as_mut().expect("a pipe");
        writeln!(stdin, "{message}").expect("it reads");
    }

    /// The whole answer. One that never comes is the end of the output, once the server ends.
    fn ask(&mut self, method: &str, params: Value) -> Value {
        self.asked += 1;
        self.send(&json!({ "jsonrpc": "2.0", "id": self.asked, "method": method, "params": params }));
        let mut line = String::new();
        self.stdout.read_line(&mut line).expect("text");
        let answer: Value = serde_json::from_str(&line).expect("JSON");
        assert_eq!(answer["id"], self.asked, "{answer}");
        answer
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        drop(self.stdin.take());
        let _ended_already = self.child.kill();
        let _reaped = self.child.wait();
    }
}

#[test]
fn the_schemas_of_tools_have_no_references() {
    let mut client = Client::new();
    let reported = client.ask("tools/list", json!({}));
    let tools = reported["result"]["tools"].as_array().expect("tools");
    assert!(tools.iter().any(|tool| tool["name"] == "call_tree"));
    for tool in tools {
        for schema in [&tool["inputSchema"], &tool["outputSchema"]] {
            assert_eq!(schema["type"], "object", "{}", tool["name"]);
            let text = schema.to_string();
            assert!(!text.contains("\"$ref\"") && !text.contains("\"$defs\""), "{}: {text}", tool["name"]);
        }
    }
    let of =
        |name: &str| tools.iter().find(|tool| tool["name"] == name).expect("a tool")["outputSchema"].clone();
    let finding = &of("overview")["properties"]["findings"]["items"]["properties"];
    assert!(finding["source"]["anyOf"][0]["properties"]["line"].is_object(), "{finding}");
    let node = &of("call_tree")["properties"]["call_tree"]["items"]["properties"];
    let children = &node["children"]["items"];
    assert!(children["properties"]["total_ns"].is_object(), "{node}");
}

#[test]
fn arguments_that_are_not_an_object_are_an_error() {
    let mut client = Client::new();
    for arguments in [json!("{}"), json!([]), json!(3)] {
        let answer = client.ask("tools/call", json!({ "name": "overview", "arguments": arguments }));
        assert_eq!(answer["error"]["code"], -32602, "{answer}");
        let printed = answer["error"]["message"].as_str().expect("a sentence");
        assert!(printed.starts_with("Invalid `arguments`: expected an object such as"), "{printed}");
    }
    for arguments in [json!({}), json!(null), json!({ "limit": 3.0 })] {
        let answer = client.ask("tools/call", json!({ "name": "overview", "arguments": arguments }));
        assert!(answer["result"]["structuredContent"]["summary"].is_string(), "{answer}");
    }
    assert_eq!(client.ask("tools/cal", json!({}))["error"]["code"], -32601);
}
