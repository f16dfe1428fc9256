//! The protocol handler. It serves clients of both eras: those that send `initialize` first (2024-11-05 to 2025-11-25), and those
//! of 2026-07-28, which do not.

use crate::arguments::Arguments;
use crate::malformed;
use crate::marks::{Mark, Marks};
use crate::problem::Problem;
use crate::prompts;
use crate::resources;
use crate::sources::Sources;
use crate::text::visible_json;
use crate::tool::{Effect, Tool};
use crate::tools;
use hotpath_report::Report;
use rmcp::model::{
    CallToolRequestParams, CallToolResponse, CallToolResult, ContentBlock, CustomRequest, CustomResult,
    GetPromptRequestParams, GetPromptResponse, Implementation, JsonObject, ListPromptsResult,
    ListResourceTemplatesResult, ListResourcesResult, ListToolsResult, PaginatedRequestParams,
    ReadResourceRequestParams, ReadResourceResponse, ServerCapabilities, ServerConfig, Tool as McpTool,
    ToolAnnotations,
};
use rmcp::service::RequestContext;
use rmcp::{ErrorData, RoleServer, ServerHandler};
use serde_json::Value as Json;
use std::sync::Arc;
use std::time::Duration;

/// The instructions for clients.
const INSTRUCTIONS: &str = "hotpath is a profiler inside a Rust program: exact times, calls, memory, locks and data flow of the code \
    that its author instrumented. Start with `overview`: it ranks what dominates the run, and suggests what to ask next. Then use \
    `explain_function` or `call_tree`. To examine a period instead of the whole run, use `wait`, or `mark` and later `since`. To \
    evaluate a change, use `compare`. The size of answers is limited; `omitted_count` and `next_cursor` refer to the rest.";

/// An MCP server. Clones share their marks.
#[derive(Clone)]
pub struct Server(Arc<Shared>);

struct Shared {
    sources: Sources,
    marks: Marks,
    tools: Vec<Tool>,
}

impl Server {
    /// Returns a server for these sources.
    #[must_use]
    pub fn new(sources: Sources) -> Self {
        let tools = tools::all(&sources);
        Self(Arc::new(Shared { sources, marks: Marks::default(), tools }))
    }

    /// Calls a tool directly, without the protocol. The tool `wait` does not wait here: its window is empty.
    ///
    /// # Errors
    ///
    /// If the tool is unknown, an argument is invalid, or the source does not respond. The message says how to fix the call.
    pub fn answer(&self, tool: &str, arguments: &JsonObject) -> Result<Json, String> {
        let tool = self.tool(tool).map_err(|problem| problem.to_string())?;
        let answer = tool.check(arguments).and_then(|arguments| {
            let window = if tool.effect == Effect::Waits { Some(self.moment(&arguments)?) } else { None };
            let window = window.map(|(mark, named)| mark.window(named, &mark.report)).transpose()?;
            self.run(tool, &arguments, window.as_ref())
        });
        answer.map_err(|problem| problem.to_string())
    }

    /// Returns the names of all tools.
    pub fn tool_names(&self) -> impl Iterator<Item = &str> {
        self.0.tools.iter().map(|tool| tool.name.as_str())
    }

    fn tool(&self, name: &str) -> Result<&Tool, Problem> {
        let found = self.0.tools.iter().find(|tool| tool.name == name);
        found.ok_or_else(|| Problem::unknown("tool", name, self.tool_names()))
    }

    fn run(&self, tool: &Tool, arguments: &Arguments, window: Option<&Report>) -> Result<Json, Problem> {
        tool.answer(&self.0.sources, &self.0.marks, arguments, window)
    }

    async fn call(&self, tool: &Tool, given: &JsonObject) -> Result<Json, Problem> {
        let arguments = tool.check(given)?;
        let window = if tool.effect == Effect::Waits { Some(self.wait(&arguments).await?) } else { None };
        self.run(tool, &arguments, window.as_ref())
    }

    /// Waits, and returns the report of that time.
    async fn wait(&self, arguments: &Arguments) -> Result<Report, Problem> {
        let (mark, named) = self.moment(arguments)?;
        tokio::time::sleep(Duration::from_secs_f64(arguments.number("seconds"))).await;
        mark.window(named, &named.source.report()?)
    }

    /// Marks the current point in time of the source that a call names, which must be a running program.
    fn moment(&self, arguments: &Arguments) -> Result<(Mark, &crate::sources::Named), Problem> {
        let named = self.0.sources.get(arguments.text("source"))?;
        if !named.source.is_live() {
            let name = &named.name;
            return Err(Problem::new(format!(
                "`{name}` is a saved report, so there is nothing to wait for. Use `overview`."
            )));
        }
        Ok((Mark::of(tools::WAIT.to_owned(), named)?, named))
    }
}

impl ServerHandler for Server {
    fn get_info(&self) -> ServerConfig {
        let capabilities =
            ServerCapabilities::builder().enable_tools().enable_resources().enable_prompts().build();
        let about = Implementation::new("hotpath", env!("CARGO_PKG_VERSION")).with_title("hotpath profiler");
        ServerConfig::new(capabilities).with_server_info(about).with_instructions(INSTRUCTIONS)
    }

    async fn list_tools(
        &self,
        _: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        let any_live = self.0.sources.any_live();
        let offered = self.0.tools.iter().filter(|tool| any_live || !tool.only_live);
        Ok(ListToolsResult::with_all_items(offered.map(described).collect()))
    }

    fn get_tool(&self, name: &str) -> Option<McpTool> {
        self.tool(name).ok().map(described)
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        _: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let tool = self.tool(&request.name).map_err(invalid)?;
        let result = match self.call(tool, &request.arguments.unwrap_or_default()).await {
            Ok(answer) => {
                let text = visible_json(&answer);
                let mut result = CallToolResult::structured(answer);
                result.content = vec![ContentBlock::text(text)];
                result
            }
            // A result and not a protocol error, so that the agent reads it and can fix its call.
            Err(problem) => CallToolResult::error(vec![ContentBlock::text(problem.to_string())]),
        };
        Ok(result.into())
    }

    async fn list_resources(
        &self,
        _: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> Result<ListResourcesResult, ErrorData> {
        Ok(ListResourcesResult::with_all_items(resources::list(&self.0.sources)))
    }

    async fn list_resource_templates(
        &self,
        _: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> Result<ListResourceTemplatesResult, ErrorData> {
        Ok(ListResourceTemplatesResult::with_all_items(resources::templates()))
    }

    async fn read_resource(
        &self,
        request: ReadResourceRequestParams,
        _: RequestContext<RoleServer>,
    ) -> Result<ReadResourceResponse, ErrorData> {
        let read = resources::read(&self.0.sources, &request.uri);
        read.map(Into::into).map_err(|problem| ErrorData::resource_not_found(problem.to_string(), None))
    }

    async fn list_prompts(
        &self,
        _: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> Result<ListPromptsResult, ErrorData> {
        Ok(ListPromptsResult::with_all_items(prompts::list()))
    }

    async fn get_prompt(
        &self,
        request: GetPromptRequestParams,
        _: RequestContext<RoleServer>,
    ) -> Result<GetPromptResponse, ErrorData> {
        let given = request.arguments.unwrap_or_default();
        prompts::get(&request.name, &given).map(Into::into).map_err(invalid)
    }

    async fn on_custom_request(
        &self,
        request: CustomRequest,
        _: RequestContext<RoleServer>,
    ) -> Result<CustomResult, ErrorData> {
        Err(malformed::error(&request))
    }
}

fn invalid(problem: Problem) -> ErrorData {
    ErrorData::invalid_params(problem.to_string(), None)
}

/// Returns the description of a tool for clients.
fn described(tool: &Tool) -> McpTool {
    let output = tool.output.as_object().cloned().unwrap_or_default();
    let reads = matches!(tool.effect, Effect::Nothing | Effect::Waits);
    let annotations = ToolAnnotations::with_title(tool.title.clone())
        .read_only(reads)
        .destructive(tool.effect == Effect::Forgets)
        .idempotent(tool.effect != Effect::Starts)
        .open_world(false);
    McpTool::new(tool.name.clone(), tool.about.clone(), crate::parameter::input_schema(&tool.parameters))
        .with_title(tool.title.clone())
        .with_raw_output_schema(Arc::new(output))
        .with_annotations(annotations)
}
