//! What tells an entry of ours from somebody else's: the program that it calls.
//! No name and no mark does: a name can be taken, and clients that write their
//! files anew drop comments.

use serde_json::Value;

/// Whether a command line calls one of our hooks, whatever the path of the
/// program.
pub fn is_hook(command: &str) -> bool {
    command.match_indices("waypost").any(|(at, name)| {
        let before = command[..at].chars().next_back();
        let rest = &command[at + name.len()..];
        let rest = rest.strip_prefix(".exe").unwrap_or(rest);
        let rest = rest.strip_prefix(['\'', '"']).unwrap_or(rest);
        before.is_none_or(|c| matches!(c, '/' | '\\' | '\'' | '"' | '`' | ' ')) && rest.starts_with(" hook ")
    })
}

/// Whether an entry starts our MCP server: `command` with `args`, a list that
/// is both, or either within `transport`.
pub fn is_server(entry: &Value) -> bool {
    let inner = entry.get("transport").unwrap_or(entry);
    let args = inner.get("args").and_then(Value::as_array).into_iter().flatten();
    let mut words: Vec<&str> = Vec::new();
    match inner.get("command").or(inner.get("cmd")) {
        Some(Value::String(program)) => {
            words.push(program);
            words.extend(args.filter_map(Value::as_str));
        }
        Some(Value::Array(list)) => words.extend(list.iter().filter_map(Value::as_str)),
        _ => {}
    }
    let is_ours = |program: &str| program.rsplit(['/', '\\']).next().is_some_and(is_our_name);
    matches!(words.as_slice(), [program, "mcp", ..] if is_ours(program))
}

fn is_our_name(file: &str) -> bool {
    matches!(file, "waypost" | "waypost.exe")
}

/// Whether what is there says all that ours does; it may say more.
pub fn says_all_of(there: &Value, ours: &Value) -> bool {
    match (there, ours) {
        (Value::Object(there), Value::Object(ours)) => {
            ours.iter().all(|(key, value)| there.get(key).is_some_and(|there| says_all_of(there, value)))
        }
        (Value::Array(there), Value::Array(ours)) => {
            there.len() == ours.len() && there.iter().zip(ours).all(|(there, ours)| says_all_of(there, ours))
        }
        _ => there == ours,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn ours_is_what_calls_us() {
        assert!(is_hook("waypost hook session-start --client claude"));
        assert!(is_hook("'/opt/my tools/waypost' hook stop --client x"));
        assert!(!is_hook("my-waypost hook x") && !is_hook("waypost snapshot") && !is_hook("hook waypost"));
        assert!(is_server(&json!({"command": "/usr/bin/waypost", "args": ["mcp", "--root", "."]})));
        assert!(is_server(&json!({"type": "local", "command": ["waypost", "mcp"]})));
        assert!(is_server(&json!({"transport": {"command": "waypost", "args": ["mcp"]}})));
        assert!(!is_server(&json!({"command": "/opt/old/waypost", "args": ["serve"]})));
        assert!(!is_server(&json!({"command": "npx", "args": ["mcp"]})) && !is_server(&json!(null)));
    }
}
