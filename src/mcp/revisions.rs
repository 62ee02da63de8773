//! The revisions of the protocol. Up to 2025-11-25 a session begins with a
//! handshake (`initialize`); from 2026-07-28 on nothing is remembered, and
//! every request says what it speaks.

use serde_json::{Value, json};

use super::message::{Fault, Params};

/// The revision without a handshake.
const STATELESS: &str = "2026-07-28";

/// Those with one, newest first.
const HANDSHAKE: [&str; 4] = ["2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05"];

/// By which rules a request is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Era {
    Handshake,
    Stateless,
}

const VERSION: &str = "io.modelcontextprotocol/protocolVersion";
const CAPABILITIES: &str = "io.modelcontextprotocol/clientCapabilities";
const SERVER: &str = "io.modelcontextprotocol/serverInfo";

/// Milliseconds for which a client may keep what is the same until the server
/// ends.
const AN_HOUR: u64 = 3_600_000;

/// Every revision that the server speaks, newest first.
pub fn supported() -> Vec<&'static str> {
    [STATELESS].into_iter().chain(HANDSHAKE).collect()
}

/// What `initialize` agrees to: the client's revision, else the newest one that
/// has a handshake.
pub fn agreed(asked: &str) -> &'static str {
    HANDSHAKE.into_iter().find(|known| *known == asked).unwrap_or(HANDSHAKE[0])
}

/// A request that says nothing of a revision follows a handshake.
pub fn era(method: &str, params: &Params) -> Result<Era, Fault> {
    let meta = params.get("_meta").and_then(Value::as_object);
    let version = meta.and_then(|meta| meta.get(VERSION));
    match version {
        None if method == "server/discover" => Err(lacking(VERSION)),
        None => Ok(Era::Handshake),
        Some(_) if method == "initialize" => Ok(Era::Handshake),
        Some(Value::String(version)) if version == STATELESS => {
            match meta.and_then(|meta| meta.get(CAPABILITIES)).is_some_and(Value::is_object) {
                true => Ok(Era::Stateless),
                false => Err(lacking(CAPABILITIES)),
            }
        }
        Some(Value::String(version)) => Err(Fault::unsupported_version(version, &supported())),
        Some(_) => Err(lacking(VERSION)),
    }
}

fn lacking(key: &str) -> Fault {
    Fault::invalid_params(format!("`_meta` lacks `{key}`, or it is of another type"))
}

impl Era {
    /// A result as this era has it.
    pub fn finish(self, method: &str, mut result: Value) -> Value {
        if self == Era::Handshake {
            return result;
        }
        result["resultType"] = json!("complete");
        if let Some(lifetime) = lifetime(method) {
            result["ttlMs"] = json!(lifetime);
            result["cacheScope"] = json!("private");
        }
        result["_meta"] = json!({ SERVER: server() });
        result
    }
}

/// How long a result may be kept, where the protocol wants to know.
fn lifetime(method: &str) -> Option<u64> {
    match method {
        "server/discover" | "tools/list" | "prompts/list" | "resources/list" | "resources/templates/list" => {
            Some(AN_HOUR)
        }
        // It moves with every save.
        "resources/read" => Some(0),
        _ => None,
    }
}

/// Name and version of this server.
pub fn server() -> Value {
    json!({ "name": "waypost", "version": env!("CARGO_PKG_VERSION") })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn era_of(method: &str, meta: Value) -> Result<Era, Fault> {
        let params = json!({ "_meta": meta });
        era(method, params.as_object().unwrap())
    }

    #[test]
    fn what_a_request_says_of_its_revision_decides() {
        let stateless = json!({ VERSION: STATELESS, CAPABILITIES: {} });
        assert_eq!(era_of("tools/list", stateless.clone()), Ok(Era::Stateless));
        assert_eq!(era_of("initialize", stateless), Ok(Era::Handshake));
        assert_eq!(era_of("tools/list", json!({ "progressToken": 1 })), Ok(Era::Handshake));
        assert_eq!(era("tools/list", &Params::new()), Ok(Era::Handshake));
        assert_eq!(era_of("tools/list", json!({ VERSION: STATELESS })), Err(lacking(CAPABILITIES)));
        assert_eq!(era_of("tools/list", json!({ VERSION: 5 })), Err(lacking(VERSION)));
        assert_eq!(era("server/discover", &Params::new()), Err(lacking(VERSION)));
        let unsupported = Fault::unsupported_version("2031-01-01", &supported());
        assert_eq!(era_of("tools/list", json!({ VERSION: "2031-01-01" })), Err(unsupported));
    }

    #[test]
    fn initialize_agrees_to_what_it_knows() {
        assert_eq!(HANDSHAKE.map(agreed), HANDSHAKE);
        assert_eq!(agreed(STATELESS), "2025-11-25");
        assert_eq!(agreed("1999-01-01"), "2025-11-25");
    }
}
