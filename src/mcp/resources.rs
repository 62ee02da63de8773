//! Resources, which clients let a person attach: the handoff, the live part and
//! single records.

use serde_json::{Value, json};

use super::message::{Fault, Params};
use super::revisions::Era;
use super::{Server, json as as_json, safe};
use crate::app::{handoff, records};

const HANDOFF: &str = "waypost://handoff";
const NOW: &str = "waypost://now";
const RECORD: &str = "waypost://record/";

const MARKDOWN: &str = "text/markdown";
const JSON: &str = "application/json";

/// The definitions for `resources/list`: the handoff and the live part.
pub fn list() -> Value {
    let resource =
        |uri, name, about| json!({ "uri": uri, "name": name, "description": about, "mimeType": MARKDOWN });
    json!([
        resource(HANDOFF, "handoff", "The handoff of the tree as it is"),
        resource(NOW, "now", "Branch, changed files and symbols, recent commits"),
    ])
}

/// The definitions for `resources/templates/list`: records by their id.
pub fn templates() -> Value {
    json!([{
        "uriTemplate": format!("{RECORD}{{id}}"),
        "name": "record",
        "description": "A decision, lesson or other record by its id, with the state of the code that it is about",
        "mimeType": JSON,
    }])
}

/// The content of one resource; fails if there is none with this URI.
pub fn read(server: &Server, params: &Params, era: Era) -> Result<Value, Fault> {
    let Some(Value::String(uri)) = params.get("uri") else {
        return Err(Fault::invalid_params("`uri` must be a text"));
    };
    let app = &server.app;
    let (kind, text) = match (uri.as_str(), uri.strip_prefix(RECORD)) {
        (HANDOFF, _) => {
            let text = handoff::text(app, &handoff::Request::default(), false);
            (MARKDOWN, text.and_then(|text| safe(&text)))
        }
        (NOW, _) => (MARKDOWN, handoff::now(app).and_then(|text| safe(&text))),
        (_, Some(id)) if !id.is_empty() => (JSON, records::show(app, id).and_then(|record| as_json(&record))),
        _ => return Err(Fault::no_resource(uri, era.is_handshake())),
    };
    let text = text.map_err(|error| match kind {
        // Whatever is wrong with it, there is no such record to read.
        JSON => Fault::no_resource(uri, era.is_handshake()),
        _ => Fault::internal(error.without_secrets().to_string()),
    })?;
    Ok(json!({ "contents": [{ "uri": uri, "mimeType": kind, "text": text }] }))
}
