//! The methods of the protocol, and what the client is told of this server.

use serde_json::{Value, json};

use super::message::{Fault, Request};
use super::revisions::{self, Era};
use super::{Server, prompts, resources, tools};

/// Whether a method is answered at once, by what the server knows of itself:
/// the handshake must not wait for anything that is read.
pub fn is_quick(method: &str) -> bool {
    !matches!(method, "tools/call" | "resources/read" | "prompts/get")
}

/// Runs one request and returns its result in the form of the client's revision of the
/// protocol.
pub fn result(server: &Server, request: &Request) -> Result<Value, Fault> {
    let Request { method, params, .. } = request;
    let era = revisions::era(method, params)?;
    let result = match method.as_str() {
        "initialize" => initialize(server, params.get("protocolVersion")),
        "server/discover" => Ok(discover(server)),
        "ping" => Ok(json!({})),
        "tools/list" => Ok(json!({ "tools": tools::list(server.may_write) })),
        "tools/call" => tools::call(server, params),
        "resources/list" => Ok(json!({ "resources": resources::list() })),
        "resources/templates/list" => Ok(json!({ "resourceTemplates": resources::templates() })),
        "resources/read" => resources::read(server, params, era),
        "prompts/list" => Ok(json!({ "prompts": prompts::list() })),
        "prompts/get" => prompts::get(server, params),
        unknown => Err(Fault::unknown_method(unknown)),
    };
    if method == "initialize" || method == "server/discover" {
        // The first answer will count tokens.
        crate::app::warm_up();
    }
    Ok(era.finish(method, result?))
}

fn initialize(server: &Server, asked: Option<&Value>) -> Result<Value, Fault> {
    let Some(Value::String(asked)) = asked else {
        return Err(Fault::invalid_params("`protocolVersion` must be a text"));
    };
    Ok(json!({
        "protocolVersion": revisions::agreed(asked),
        "capabilities": capabilities(),
        "serverInfo": revisions::server(),
        "instructions": tools::instructions(server.may_write),
    }))
}

fn discover(server: &Server) -> Value {
    json!({
        "supportedVersions": revisions::supported(),
        "capabilities": capabilities(),
        "instructions": tools::instructions(server.may_write),
    })
}

fn capabilities() -> Value {
    json!({ "tools": {}, "resources": {}, "prompts": {} })
}

impl Era {
    /// Whether the session began with `initialize`.
    pub fn is_handshake(self) -> bool {
        self == Era::Handshake
    }
}
