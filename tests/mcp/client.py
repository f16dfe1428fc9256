"""Asks running programs and saved reports through the Python SDK of the protocol, in both of its eras.

Usage: client.py DIRECTORY_OF_BINARIES [--transcript FILE]
"""

import asyncio
import contextlib
import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

import httpx2
from mcp import StdioServerParameters
from mcp.client import Client
from mcp.client.stdio import stdio_client
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.exceptions import MCPError

BINARIES = sys.argv[1]
TRANSCRIPT = sys.argv[3] if len(sys.argv) > 3 else None
ERAS = {"legacy": "2025-11-25", "2026-07-28": "2026-07-28"}
TOKEN = "secret123"
BOUND = 25_000
# Program, the rule of its first finding, and its subject.
BOTTLENECKS = [
    ("cpu_bound", "hot-self-time", "cpu_bound::score"),
    ("lock_bound", "lock-convoy", "ledger"),
    ("channel_bound", "slow-consumer", "jobs"),
]
PROMISED = """functions_timing functions_alloc channels streams futures threads gauges dbg_entries val_entries tokio_runtime
    profiler_status function_timing_logs function_alloc_logs channel_logs stream_logs future_logs gauge_logs dbg_logs val_logs
    mutexes rw_locks overview explain_function call_tree compare mark wait reset""".split()

passed = 0
lines = []


def check(condition, what):
    global passed
    if not condition:
        raise AssertionError(what)
    passed += 1


def program(name, *arguments, port=0, token=None, **environment):
    """Starts a program on a free port, and returns its MCP endpoint."""
    env = {k: v for k, v in os.environ.items() if not k.startswith("HOTPATH_")}
    env |= {"HOTPATH_OUTPUT_FORMAT": "none", "HOTPATH_METRICS_SERVER_OFF": "1", "HOTPATH_MCP_PORT": str(port)}
    env |= {"HOTPATH_MCP_AUTH_TOKEN": token} if token else {}
    env |= environment
    process = subprocess.Popen(
        [os.path.join(BINARIES, name), *arguments],
        env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )
    said = []
    while port == 0 and not (said and "/mcp" in said[-1]):
        said.append(process.stderr.readline())
        assert said[-1], f"{name} does not print its MCP endpoint: {said}"
    assert process.stdout.readline().strip() == "ready", f"{name} is not ready: {said}"
    # The metrics endpoint is printed, too, if it is on a free port.
    urls = [word for line in said for word in line.split() if word.startswith("http://")]
    process.endpoint = next((url for url in urls if "/mcp" not in url), None)
    return process, urls[-1] if urls else None


@contextlib.contextmanager
def running(name, *arguments, **options):
    process, url = program(name, *arguments, **options)
    try:
        yield process, url
    finally:
        process.kill()
        process.wait()


def tell(process, word):
    process.stdin.write(word + "\n")
    process.stdin.flush()
    while process.stdout.readline().strip() != "done":
        pass


@contextlib.asynccontextmanager
async def http(url, mode, token=None):
    headers = {"Authorization": token} if token else {}
    async with httpx2.AsyncClient(headers=headers, timeout=60) as web:
        async with Client(streamable_http_client(url, http_client=web), mode=mode) as client:
            yield client


def stdio(mode, *arguments):
    server = StdioServerParameters(command=os.path.join(BINARIES, "hotpath"), args=["mcp", *arguments])
    return Client(stdio_client(server), mode=mode)


async def ask(client, tool, **arguments):
    """The answer; structured content and text are equal, and within the size limit."""
    result = await client.call_tool(tool, arguments)
    text = result.content[0].text
    if TRANSCRIPT:
        lines.append(f"> {tool} {json.dumps(arguments)}\n{'! ' if result.is_error else ''}{text}\n")
    check(not result.is_error, f"{tool} {arguments}: {text}")
    check(json.loads(text) == result.structured_content, f"{tool}: text and structure differ")
    check(len(text.encode()) <= arguments.get("max_bytes", BOUND), f"{tool}: {len(text)} bytes")
    return result.structured_content


async def refused(client, tool, part, **arguments):
    """An error that the agent can read."""
    result = await client.call_tool(tool, arguments)
    text = result.content[0].text
    if TRANSCRIPT:
        lines.append(f"> {tool} {json.dumps(arguments)}\n! {text}\n")
    check(result.is_error and part in text, f"{tool} {arguments}: {text}")


async def every_tool(process, url, mode, token):
    tell(process, "work")
    tell(process, "runtime")
    async with http(url, mode, token) as client:
        check(client.protocol_version == ERAS[mode], f"{mode}: {client.protocol_version}")
        tools = {tool.name: tool for tool in (await client.list_tools()).tools}
        for name in PROMISED:
            check(name in tools, f"{name} is not offered")
        for tool in tools.values():
            check(tool.title and tool.description and tool.output_schema["type"] == "object", tool.name)
            reads = tool.name not in ("mark", "reset", "functions_cpu_snapshot")
            check(tool.annotations.read_only_hint == reads, f"{tool.name}: annotations")
        timing = await ask(client, "functions_timing")
        rows = {row["name"].split("::")[-1]: row for row in timing["data"]}
        check(rows["parse"]["calls"] % 10 == 0 and rows["parse"]["calls"] > 0, rows["parse"])
        check(timing["coverage"].startswith("exact"), timing["coverage"])
        parse = rows["parse"]["id"]
        for wanted in (parse, str(parse), "parse", rows["parse"]["name"]):
            log = await ask(client, "function_timing_logs", function_id=wanted, limit=3)
            check(len(log["logs"]) == 3 and log["next_cursor"] == "3", log)
        for section, label, rows_key in (
            ("channels", "jobs", "data"), ("streams", "items", "data"), ("futures", "answer", "data"),
            ("mutexes", "state", "data"), ("rw_locks", "table", "data"),
        ):
            answer = await ask(client, section, filter=label)
            check(answer[rows_key][0]["label"] == label, answer)
        for tool, key, log, parameter in (
            ("gauges", "level", "gauge_logs", "gauge_id"), ("val_entries", "user", "val_logs", "debug_id"),
            ("dbg_entries", "round + 1", "dbg_logs", "debug_id"),
        ):
            entry = (await ask(client, tool))["entries"][0]
            check(entry["expression"] == key, entry)
            check((await ask(client, log, **{parameter: entry["id"]}))["logs"], log)
        for tool, parameter, label in (
            ("channel_logs", "channel_id", "jobs"), ("stream_logs", "stream_id", "items"), ("future_logs", "future_id", "answer"),
        ):
            await ask(client, tool, **{parameter: label})
        await ask(client, "threads")
        check((await ask(client, "tokio_runtime"))["runtimes"], "a runtime is watched")
        check((await ask(client, "profiler_status"))["pid"] == process.pid, "it is this process")
        check("name" in (await ask(client, "explain_function", function="parse")), "explained")
        await ask(client, "call_tree")
        await ask(client, "overview")
        await windows(process, client, rows["parse"]["calls"])
        await wrong_calls(client)
        await resources_and_prompts(client)


async def windows(process, client, calls):
    """The time since a mark, and the time of a wait."""
    await ask(client, "mark", name="before")
    tell(process, "work")
    since = await ask(client, "functions_timing", since="before", filter="parse")
    check(since["data"][0]["calls"] == 10, since)
    whole = await ask(client, "functions_timing", filter="parse")
    check(whole["data"][0]["calls"] == calls + 10, "a mark resets nothing")
    compared = await ask(client, "compare", before="before")
    check(compared["rows"] and "since the mark" in compared["after"]["what"], compared)
    waited = await ask(client, "wait", seconds=0.2)
    check(150e6 < waited["duration_ns"] < 30e9, waited["duration_ns"])
    check(not any("parse" in f["name"] for f in waited["hot_functions"]), "nothing ran meanwhile")


async def wrong_calls(client):
    await refused(client, "functions_timing", "from 1 to 1000", limit=1_000_000_000)
    await refused(client, "functions_timing", "Invalid `limit`", limit="many")
    await refused(client, "functions_timing", "Invalid `limit`", limit=[1])
    await refused(client, "functions_timing", "Did you mean `limit`?", limi=1)
    await refused(client, "functions_timing", "Invalid `max_bytes`", max_bytes=10**12)
    await refused(client, "explain_function", "Unknown function `prase`", function="prase")
    await refused(client, "explain_function", "requires the parameter `function`")
    await refused(client, "channel_logs", "Unknown channel", channel_id="nowhere")
    await refused(client, "overview", "Unknown mark", since="never")
    try:
        await client.call_tool("overvie", {})
        check(False, "an unknown tool is an error of the protocol")
    except MCPError as error:
        check("Did you mean `overview`?" in str(error), error)


async def resources_and_prompts(client):
    resources = {str(resource.uri) for resource in (await client.list_resources()).resources}
    check("hotpath://report" in resources, resources)
    report = json.loads((await client.read_resource("hotpath://report")).contents[0].text)
    check(report["type"] == "hotpath_report", "it is the report")
    function = json.loads((await client.read_resource("hotpath://function/served%3A%3Aparse")).contents[0].text)
    check(function["name"].endswith("parse"), function)
    try:
        await client.read_resource("hotpath://nothing")
        check(False, "an unknown resource is an error")
    except MCPError as error:
        check("Unknown resource" in str(error), error)
    prompts = {prompt.name for prompt in (await client.list_prompts()).prompts}
    check(prompts == {"find_the_bottleneck", "compare_two_runs"}, prompts)
    prompt = await client.get_prompt("find_the_bottleneck", {"concern": "slow start"})
    check("slow start" in prompt.messages[0].content.text, prompt)


async def live_bottlenecks():
    """The first answer of `overview` is enough."""
    for mode in ERAS:
        for name, rule, subject in BOTTLENECKS:
            with running(name, "serve") as (_, url):
                async with http(url, mode) as client:
                    await ask(client, "wait", seconds=1.5)
                    found = await ask(client, "overview", limit=1)
                    first = found["findings"][0]
                    check((first["id"], first["subject"]) == (rule, subject), f"{name}: {found}")
                    check(subject in found["summary"], found["summary"])


async def saved_bottlenecks(folder):
    files = []
    for name, _, _ in BOTTLENECKS:
        file = os.path.join(folder, f"{name}.json")
        env = os.environ | {
            "HOTPATH_OUTPUT_FORMAT": "json", "HOTPATH_OUTPUT_PATH": file, "HOTPATH_MCP_PORT": "0", "HOTPATH_METRICS_SERVER_OFF": "1",
        }
        subprocess.run([os.path.join(BINARIES, name)], env=env, check=True, capture_output=True, timeout=120)
        files += ["--report", file]
    for mode in ERAS:
        async with stdio(mode, *files) as client:
            check(client.protocol_version == ERAS[mode], client.protocol_version)
            tools = {tool.name for tool in (await client.list_tools()).tools}
            check("overview" in tools and "reset" not in tools, tools)
            for name, rule, subject in BOTTLENECKS:
                found = await ask(client, "overview", source=name)
                first = found["findings"][0]
                check((first["id"], first["subject"]) == (rule, subject), f"{name}: {found}")
            compared = await ask(client, "compare", before="cpu_bound", after="lock_bound")
            check({row["status"] for row in compared["rows"]} == {"added", "removed"}, compared)
            await refused(client, "wait", "saved report")
            await refused(client, "overview", "Available: `cpu_bound`", source="nothing like it")


async def live_over_stdio():
    with running("served", HOTPATH_METRICS_SERVER_OFF="0", HOTPATH_METRICS_PORT="0") as (process, _):
        address = process.endpoint
        check(address is not None, "it says where its endpoint is")
        tell(process, "work")
        for mode in ERAS:
            async with stdio(mode, "--url", address) as client:
                timing = await ask(client, "functions_timing", filter="parse")
                check(timing["data"][0]["calls"] >= 10, timing)
                log = await ask(client, "function_timing_logs", function_id="parse")
                check(log["logs"], log)
                await ask(client, "mark", name="m")
                tell(process, "work")
                since = await ask(client, "functions_timing", since="m", filter="parse")
                check(since["data"][0]["calls"] == 10, since)
        async with stdio("legacy", "--url", address) as client:
            check((await ask(client, "reset"))["status"] == "ok", "it is reset")
            await ask(client, "overview")
    async with stdio("legacy", "--url", address) as client:
        await refused(client, "overview", "is the program running?")


def status(url, headers, body=b"{}"):
    request = urllib.request.Request(url, data=body, headers={"Content-Type": "application/json", **headers})
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code


async def access():
    """Tokens, hosts, origins, methods, sizes, and a port in use."""
    discover = json.dumps({
        "jsonrpc": "2.0", "id": 1, "method": "initialize",
        "params": {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "raw", "version": "1"}},
    }).encode()
    accept = {"Accept": "application/json, text/event-stream"}
    with running("served", token=TOKEN) as (process, url):
        for right in (TOKEN, f"Bearer {TOKEN}"):
            check(status(url, {"Authorization": right, **accept}, discover) == 200, right)
        for wrong in ("", "secret12", "secret1234", "Bearer", f"Basic {TOKEN}"):
            check(status(url, {"Authorization": wrong, **accept}, discover) == 401, wrong)
        token = {"Authorization": TOKEN, **accept}
        # A web page under another name cannot have the token.
        check(status(url, {**token, "Host": "app.example"}, discover) == 200, "another name, with the token")
        check(status(url, {**accept, "Host": "app.example"}, discover) == 401, "another name, without it")
        check(status(url, {**token, "Origin": "https://site.example"}, discover) == 403, "a strange origin")
        check(status(url.replace("/mcp", "/other"), token, discover) == 404, "another path")
        check(status(url, token, b"x" * 300_000) == 413, "too large")
        check(status(url, token, b"{") in (400, 415, 422), "no JSON")
        for mode in ERAS:
            for given in (TOKEN, f"Bearer {TOKEN}"):
                async with http(url, mode, given) as client:
                    await ask(client, "profiler_status")
            try:
                async with http(url, mode, "wrong") as client:
                    await client.call_tool("overview", {})
                check(False, "a wrong token is rejected")
            except BaseException as error:  # the SDK wraps it in a group
                check(not isinstance(error, AssertionError), error)
        port = url.split(":")[2].split("/")[0]
        with running("served", port=port) as (second, _):
            tell(second, "work")
            second.stdin.close()
            second.wait(timeout=30)
            said = second.stderr.read()
            check(said.count("\n") == 1 and f"cannot bind port {port}" in said, said)
        tell(process, "work")


async def main():
    began = time.monotonic()
    for mode in ERAS:
        for token in (None, TOKEN):
            with running("served", token=token) as (process, url):
                await every_tool(process, url, mode, token)
    await access()
    await live_over_stdio()
    with tempfile.TemporaryDirectory() as folder:
        await saved_bottlenecks(folder)
    await live_bottlenecks()
    if TRANSCRIPT:
        with open(TRANSCRIPT, "w") as file:
            file.write("\n".join(lines))
    print(f"python client: {passed} checks in {time.monotonic() - began:.0f} s")


asyncio.run(main())
