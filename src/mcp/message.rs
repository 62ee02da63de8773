//! JSON-RPC 2.0: what a line of input asks for, and the messages that answer.
//!
//! Not here: which methods there are (`methods`).

use serde::Deserializer;
use serde::de::{IgnoredAny, MapAccess, Visitor};
use serde_json::{Map, Value, json};

/// The parameters of a request or notification, by name.
pub type Params = Map<String, Value>;

/// A message from the client.
#[derive(Debug, PartialEq)]
pub enum Incoming {
    Request(Request),
    /// A message that expects no answer.
    Notification {
        method: String,
        params: Params,
    },
    /// An answer, although the server asked nothing.
    Answer,
    Malformed {
        id: Value,
        fault: Fault,
    },
}

/// A message that expects an answer under its `id`.
#[derive(Clone, Debug, PartialEq)]
pub struct Request {
    /// A text or a number.
    pub id: Value,
    pub method: String,
    pub params: Params,
}

/// What one line holds.
#[derive(Debug, PartialEq)]
pub enum Received {
    One(Incoming),
    /// Of the revisions before 2025-06-18.
    Batch(Vec<Incoming>),
}

/// Why a request has no result: the error of the protocol.
#[derive(Clone, Debug, PartialEq)]
pub struct Fault {
    code: i64,
    message: String,
    data: Option<Value>,
}

const PARSE_ERROR: i64 = -32700;
const INVALID_REQUEST: i64 = -32600;
const METHOD_NOT_FOUND: i64 = -32601;
const INVALID_PARAMS: i64 = -32602;
const INTERNAL_ERROR: i64 = -32603;
/// Resource not found, up to revision 2025-11-25.
const RESOURCE_NOT_FOUND: i64 = -32002;
const UNSUPPORTED_VERSION: i64 = -32022;

/// Messages of a batch: no client sends more than some.
const MAX_BATCH: usize = 100;

impl Fault {
    fn new(code: i64, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), data: None }
    }

    /// The parameters are wrong; `message` says which and why.
    pub fn invalid_params(message: impl Into<String>) -> Self {
        Self::new(INVALID_PARAMS, message)
    }

    /// The method does not exist; a long name is shortened in the message.
    pub fn unknown_method(method: &str) -> Self {
        Self::new(METHOD_NOT_FOUND, format!("unknown method `{}`", shortened(method)))
    }

    /// The request was right, but answering it failed.
    pub fn internal(message: impl Into<String>) -> Self {
        Self::new(INTERNAL_ERROR, message)
    }

    /// The resource does not exist. The error code depends on the revision of the protocol.
    pub fn no_resource(uri: &str, is_handshake: bool) -> Self {
        let code = if is_handshake { RESOURCE_NOT_FOUND } else { INVALID_PARAMS };
        let fault = Self::new(code, format!("there is no resource `{}`", shortened(uri)));
        Self { data: Some(json!({ "uri": shortened(uri) })), ..fault }
    }

    /// The client asked for a revision of the protocol that the server does not speak.
    pub fn unsupported_version(requested: &str, supported: &[&str]) -> Self {
        let data = json!({ "supported": supported, "requested": shortened(requested) });
        Self { data: Some(data), ..Self::new(UNSUPPORTED_VERSION, "unsupported protocol version") }
    }
}

/// A text of the client's as an error repeats it.
pub fn shortened(text: &str) -> String {
    const MOST: usize = 100;
    match text.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text.to_string(),
    }
}

/// The message that answers a request.
pub fn answer(id: Value, outcome: Result<Value, Fault>) -> Value {
    let mut message = json!({ "jsonrpc": "2.0" });
    // Nobody can be named where the id could not be read: MCP knows no null.
    if !id.is_null() {
        message["id"] = id;
    }
    match outcome {
        Ok(result) => message["result"] = result,
        Err(Fault { code, message: text, data }) => {
            message["error"] = json!({ "code": code, "message": text });
            if let Some(data) = data {
                message["error"]["data"] = data;
            }
        }
    }
    message
}

/// Parses one line. Never fails: what is malformed comes back as a message to answer with an
/// error.
pub fn read(line: &[u8]) -> Received {
    match serde_json::from_slice(line) {
        Ok(Value::Array(items)) if items.is_empty() || items.len() > MAX_BATCH => {
            let text = format!("a batch has 1 to {MAX_BATCH} messages, this one has {}", items.len());
            Received::One(Incoming::Malformed { id: Value::Null, fault: Fault::new(INVALID_REQUEST, text) })
        }
        Ok(Value::Array(items)) => Received::Batch(items.into_iter().map(incoming).collect()),
        Ok(message) => Received::One(incoming(message)),
        Err(error) => {
            let fault = Fault::new(PARSE_ERROR, format!("not JSON: {error}"));
            Received::One(Incoming::Malformed { id: id_at_the_start(line), fault })
        }
    }
}

/// The message in place of a line that was too long to be kept.
pub fn too_long(head: &[u8]) -> Incoming {
    let fault = Fault::new(INVALID_REQUEST, "the message is too long");
    Incoming::Malformed { id: id_at_the_start(head), fault }
}

fn incoming(message: Value) -> Incoming {
    let Value::Object(mut message) = message else {
        return malformed(Value::Null, "a message is an object");
    };
    let id = message.remove("id");
    let known = id.clone().filter(is_id).unwrap_or_default();
    if message.get("jsonrpc").and_then(Value::as_str) != Some("2.0") {
        return malformed(known, "`jsonrpc` must be \"2.0\"");
    }
    let method = match message.remove("method") {
        Some(Value::String(method)) => method,
        None if message.contains_key("result") || message.contains_key("error") => return Incoming::Answer,
        _ => return malformed(known, "`method` must be a text"),
    };
    let params = match message.remove("params") {
        Some(Value::Object(params)) => params,
        None | Some(Value::Null) => Params::new(),
        // Nobody waits for an answer to a notification, wrong as it may be.
        Some(_) if id.is_none() => Params::new(),
        Some(_) => {
            return Incoming::Malformed {
                id: known,
                fault: Fault::invalid_params("`params` must be an object"),
            };
        }
    };
    match id {
        None => Incoming::Notification { method, params },
        Some(id) if is_id(&id) => Incoming::Request(Request { id, method, params }),
        Some(_) => malformed(Value::Null, "`id` must be a text or a number"),
    }
}

fn malformed(id: Value, text: &str) -> Incoming {
    Incoming::Malformed { id, fault: Fault::new(INVALID_REQUEST, text) }
}

fn is_id(id: &Value) -> bool {
    id.is_string() || id.is_number()
}

/// The id of a message that breaks off or goes wrong behind it.
fn id_at_the_start(line: &[u8]) -> Value {
    let mut id = Value::Null;
    // That it goes wrong is known.
    let _ = serde_json::Deserializer::from_slice(line).deserialize_map(IdOf(&mut id));
    if is_id(&id) { id } else { Value::Null }
}

struct IdOf<'a>(&'a mut Value);

impl<'de> Visitor<'de> for IdOf<'_> {
    type Value = ();

    fn expecting(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        f.write_str("a message")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut message: A) -> Result<(), A::Error> {
        while let Some(key) = message.next_key::<String>()? {
            match key.as_str() {
                "id" => *self.0 = message.next_value()?,
                _ => _ = message.next_value::<IgnoredAny>()?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_a_request_a_notification_an_answer_or_wrong() {
        let check = |line: &str, expected: &str| {
            let told = match read(line.as_bytes()) {
                Received::Batch(items) => format!("batch of {}", items.len()),
                Received::One(Incoming::Request(request)) => format!("{} {}", request.method, request.id),
                Received::One(Incoming::Notification { method, .. }) => method,
                Received::One(Incoming::Answer) => "answer".to_string(),
                Received::One(Incoming::Malformed { id, fault }) => format!("{} {id}", fault.code),
            };
            assert_eq!(told, expected, "{line}");
        };
        check(r#"{"jsonrpc":"2.0","id":1,"method":"ping"}"#, "ping 1");
        check(r#"{"jsonrpc":"2.0","id":"a","method":"ping","params":null}"#, "ping \"a\"");
        check(r#"{"jsonrpc":"2.0","method":"notifications/x","params":[1]}"#, "notifications/x");
        check(r#"{"jsonrpc":"2.0","id":1,"result":{}}"#, "answer");
        check(r#"{"jsonrpc":"2.0","id":1,"method":"ping","params":[1]}"#, "-32602 1");
        check(r#"{"jsonrpc":"2.0","id":null,"method":"ping"}"#, "-32600 null");
        check(r#"{"jsonrpc":"2.0","id":1,"method":5}"#, "-32600 1");
        check(r#"{"jsonrpc":"1.0","id":1,"method":"ping"}"#, "-32600 1");
        check("5", "-32600 null");
        check("[]", "-32600 null");
        check(r#"[{"jsonrpc":"2.0","id":1,"method":"ping"},5]"#, "batch of 2");
        check(r#"{"jsonrpc":"2.0","id":7,"method":"pi"#, "-32700 7");
        check("{not json", "-32700 null");
        check("\u{feff}{}", "-32700 null");
        check(&"[".repeat(100_000), "-32700 null");
    }

    #[test]
    fn an_answer_without_an_id_names_nobody() {
        let fault = Fault::internal("x");
        assert_eq!(
            answer(Value::Null, Err(fault)).to_string(),
            r#"{"jsonrpc":"2.0","error":{"code":-32603,"message":"x"}}"#
        );
        let result = answer(json!(1), Ok(json!({})));
        assert_eq!(result.to_string(), r#"{"jsonrpc":"2.0","id":1,"result":{}}"#);
    }

    #[test]
    fn a_long_text_is_repeated_in_part() {
        assert_eq!(shortened("é".repeat(200).as_str()).chars().count(), 103);
        assert_eq!(shortened("é"), "é");
    }
}
