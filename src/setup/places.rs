//! Where the table's paths lead on this machine.
//!
//! Not here: whether anything is there.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// The folders and variables that the table's paths depend on.
pub struct Places<'a> {
    pub root: &'a Path,
    pub home: &'a Path,
    pub environment: &'a BTreeMap<OsString, OsString>,
}

impl Places<'_> {
    /// A path of the table: below the project's root; below the home after `~/`;
    /// after `$NAME:` below the folder that the variable names in place of the
    /// path's first folders, if it is set; after `$VSCODE` below that editor's.
    pub fn path(&self, spelled: &str) -> PathBuf {
        if let Some(rest) = spelled.strip_prefix("$VSCODE/") {
            return self.vscode().join(rest);
        }
        let (variable, path) = match spelled.strip_prefix('$').and_then(|rest| rest.split_once(':')) {
            Some((variable, path)) => (Some(variable), path),
            None => (None, spelled),
        };
        let Some(below_home) = path.strip_prefix("~/") else { return self.root.join(path) };
        match variable.and_then(|name| self.folder(name)) {
            Some((folder, stands_for)) => folder.join(below(below_home, stands_for)),
            None => self.home.join(below_home),
        }
    }

    /// The folder that a variable names, and what it stands for below the home.
    fn folder(&self, name: &str) -> Option<(PathBuf, &'static str)> {
        let value = PathBuf::from(self.environment.get(&OsString::from(name))?);
        let stands_for = VARIABLES.iter().find(|(known, _)| *known == name)?.1;
        value.is_absolute().then_some((value, stands_for))
    }

    fn vscode(&self) -> PathBuf {
        match cfg!(target_os = "macos") {
            true => self.home.join("Library/Application Support/Code"),
            false => self.path("$XDG_CONFIG_HOME:~/.config/Code"),
        }
    }

    /// Whether a path of the table is one of the user's own.
    pub fn is_users(spelled: &str) -> bool {
        spelled.starts_with(['~', '$'])
    }
}

/// What a variable's folder is in place of, below the home.
const VARIABLES: &[(&str, &str)] = &[
    ("CLAUDE_CONFIG_DIR", ".claude"),
    ("CODEX_HOME", ".codex"),
    ("COPILOT_HOME", ".copilot"),
    ("GEMINI_CLI_HOME", ""),
    ("XDG_CONFIG_HOME", ".config"),
    ("CLINE_DATA_DIR", ".cline/data"),
];

/// What lies beside the folder that a variable is in place of moves into it.
fn below<'a>(path: &'a str, folder: &str) -> &'a str {
    path.strip_prefix(folder).filter(|rest| rest.starts_with('/')).map_or(path, |rest| &rest[1..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_variable_moves_what_it_stands_for() {
        let environment = [("CODEX_HOME", "/c"), ("CLAUDE_CONFIG_DIR", "/d"), ("GEMINI_CLI_HOME", "/g")];
        let environment = environment.map(|(name, value)| (name.into(), value.into())).into();
        let places = Places { root: Path::new("/p"), home: Path::new("/h"), environment: &environment };
        let is = |spelled: &str, path: &str| assert_eq!(places.path(spelled), Path::new(path));
        is(".mcp.json", "/p/.mcp.json");
        is("~/.cursor/mcp.json", "/h/.cursor/mcp.json");
        is("$CODEX_HOME:~/.codex/config.toml", "/c/config.toml");
        is("$CLAUDE_CONFIG_DIR:~/.claude.json", "/d/.claude.json");
        is("$CLAUDE_CONFIG_DIR:~/.claude/settings.json", "/d/settings.json");
        is("$GEMINI_CLI_HOME:~/.gemini/settings.json", "/g/.gemini/settings.json");
        is("$XDG_CONFIG_HOME:~/.config/zed/settings.json", "/h/.config/zed/settings.json");
    }
}
