//! The edits that a client tells its hook of: the old and the new text of each,
//! under the names that clients give them.
//!
//! Not here: what becomes of them (`survival`).

use serde_json::Value;

/// One edit of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ToldEdit {
    /// `None` for the file that the tool is about.
    pub path: Option<String>,
    /// `None` where the whole file was written.
    pub old: Option<String>,
    pub new: String,
}

/// A patch in Codex's form, given as such or to a command that applies it.
pub(super) fn patch(input: &Value) -> Option<&str> {
    let is_patch = |text: &&str| {
        let text = text.trim_start();
        text.starts_with("*** Begin Patch")
            || text.starts_with("apply_patch") && text.contains("*** Begin Patch")
    };
    let given = match input {
        Value::String(_) => Some(input),
        input => ["input", "patch", "command", "cmd"].iter().find_map(|key| input.get(*key)),
    };
    match given? {
        Value::String(text) => Some(text.as_str()).filter(is_patch),
        Value::Array(words) => words.iter().filter_map(Value::as_str).find(is_patch),
        _ => None,
    }
}

/// The edits in the arguments of a tool.
pub fn edits(input: &Value) -> Vec<ToldEdit> {
    if let Some(patch) = patch(input) {
        return of_patch(patch);
    }
    let listed = input["edits"].as_array().into_iter().flatten();
    let all: Vec<ToldEdit> = listed.chain([input]).filter_map(edit).collect();
    all
}

fn edit(value: &Value) -> Option<ToldEdit> {
    let text = |keys: &[&str]| keys.iter().find_map(|key| value[*key].as_str()).map(str::to_string);
    let old = text(&["old_string", "oldString", "old_str", "oldText"]);
    let new = match old {
        Some(_) => text(&["new_string", "newString", "new_str", "newText"]).unwrap_or_default(),
        None => text(&["content", "file_text", "contents"])?,
    };
    Some(ToldEdit { path: None, old, new })
}

/// `*** Update File: path`, then lines that begin with `-`, `+` or a space.
fn of_patch(patch: &str) -> Vec<ToldEdit> {
    let mut edits: Vec<ToldEdit> = Vec::new();
    for line in patch.lines() {
        let begins = ["*** Update File: ", "*** Add File: "].iter().find_map(|mark| line.strip_prefix(mark));
        if let Some(path) = begins {
            let path = Some(path.trim().to_string());
            edits.push(ToldEdit { path, old: Some(String::new()), new: String::new() });
        } else if let Some(edit) = edits.last_mut() {
            let (text, rest) = match line.chars().next() {
                Some('-') => (edit.old.get_or_insert_default(), &line[1..]),
                Some('+') => (&mut edit.new, &line[1..]),
                _ => continue,
            };
            text.push_str(rest);
            text.push('\n');
        }
    }
    edits
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_old_and_the_new_text_are_found_under_the_names_of_each_client() {
        let told = |input: Value| -> Vec<(Option<String>, String)> {
            edits(&input).into_iter().map(|edit| (edit.old, edit.new)).collect()
        };
        let one = |old: &str, new: &str| vec![(Some(old.to_string()), new.to_string())];
        assert_eq!(told(json!({"file_path": "a", "old_string": "x", "new_string": "y"})), one("x", "y"));
        assert_eq!(told(json!({"filePath": "a", "oldString": "x", "newString": "y"})), one("x", "y"));
        assert_eq!(told(json!({"edits": [{"old_string": "x", "new_string": "y"}]})), one("x", "y"));
        assert_eq!(told(json!({"file_path": "a", "content": "all"})), vec![(None, "all".to_string())]);
        let patch = "*** Begin Patch\n*** Update File: a.rs\n@@\n keep\n-old\n+new\n*** End Patch";
        assert_eq!(told(json!({ "input": patch })), one("old\n", "new\n"));
        assert_eq!(edits(&json!(patch))[0].path.as_deref(), Some("a.rs"));
        assert_eq!(told(json!({"command": "ls"})), vec![]);
    }
}
