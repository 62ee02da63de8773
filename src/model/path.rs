//! A file's path below the project root. Nothing here looks at a file.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

/// A file's place below the project root, in exact bytes as UTF-8.
///
/// Never empty, never absolute, `/` between components, none of which is
/// empty, `.` or `..`, and no NUL. Ordered by bytes. A name that is not UTF-8
/// has no `RelPath`: the walker lists such a file as [`super::Skipped`].
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RelPath(Arc<str>);

impl JsonSchema for RelPath {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Path".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "minLength": 1 })
    }
}

impl RelPath {
    /// `None` when `path` breaks one of the invariants above.
    pub fn new(path: &str) -> Option<Self> {
        let fits = !path.is_empty()
            && !path.contains('\0')
            && path.split('/').all(|part| !matches!(part, "" | "." | ".."));
        fits.then(|| Self(path.into()))
    }

    /// The path with `/` between its parts, relative to the root.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The last component.
    pub fn name(&self) -> &str {
        self.0.rsplit('/').next().unwrap_or(&self.0)
    }

    /// The last component up to its last dot; the whole of it for `.bashrc`.
    pub fn stem(&self) -> &str {
        match self.name().rsplit_once('.') {
            Some((stem, _)) if !stem.is_empty() => stem,
            _ => self.name(),
        }
    }

    /// What follows the last dot of the name, without the dot; may be empty.
    pub fn extension(&self) -> &str {
        match self.name().rsplit_once('.') {
            Some((stem, extension)) if !stem.is_empty() => extension,
            _ => "",
        }
    }

    /// The folder that holds it, `""` for one directly in the root.
    pub fn parent(&self) -> &str {
        self.0.rsplit_once('/').map_or("", |(parent, _)| parent)
    }

    /// Below `folder` at any depth; everything is below `""`.
    pub fn is_below(&self, folder: &str) -> bool {
        folder.is_empty()
            || (self.0.len() > folder.len()
                && self.0.starts_with(folder)
                && self.0.as_bytes()[folder.len()] == b'/')
    }
}

impl fmt::Display for RelPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for RelPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&*self.0, f)
    }
}

impl TryFrom<String> for RelPath {
    type Error = String;
    fn try_from(path: String) -> Result<Self, String> {
        Self::new(&path).ok_or_else(|| format!("not a path inside the project: `{}`", path.escape_debug()))
    }
}

impl From<RelPath> for String {
    fn from(path: RelPath) -> Self {
        path.0.to_string()
    }
}

/// `folder/name`, or `name` in the root.
pub fn join_path(folder: &str, name: &str) -> String {
    match folder.is_empty() {
        true => name.to_string(),
        false => format!("{folder}/{name}"),
    }
}

/// `folder/rest` with `.` and empty parts dropped and `..` resolved; `None` when
/// it leaves the project.
pub fn resolve_path(folder: &str, rest: &str) -> Option<String> {
    let mut parts: Vec<&str> = Vec::new();
    for part in folder.split('/').chain(rest.split('/')) {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn joining_never_leaves_the_project() {
        assert_eq!(resolve_path("a/b", "../c/./d").as_deref(), Some("a/c/d"));
        assert_eq!(resolve_path("a", "../../etc"), None);
    }
}
