//! The tools: those for a task, then one per section of a report, then one per log.

mod compare;
mod explain;
mod logs;
mod moments;
mod overview;
mod section;
mod status;
mod tree;

pub(crate) use explain::explained;
pub(crate) use moments::WAIT;

use crate::schema::without_references;
use crate::sources::Sources;
use crate::tool::Tool;

/// Returns all tools for these sources.
pub(crate) fn all(sources: &Sources) -> Vec<Tool> {
    let mut tools =
        vec![overview::tool(sources), explain::tool(sources), tree::tool(sources), compare::tool(sources)];
    tools.extend(moments::tools(sources));
    tools.extend(section::tools(sources));
    tools.extend(logs::tools(sources));
    tools.extend(status::tools(sources));
    for tool in &mut tools {
        tool.output = without_references(std::mem::take(&mut tool.output));
    }
    tools
}
