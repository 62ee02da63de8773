//! What a user may set, in layers: defaults < the user's file < the project's
//! file < `WAYPOST_*` environment < flags. Every value remembers its source.
//!
//! Not here: bounds that guard the program itself ([`crate::limits`]) and
//! where the files lie ([`crate::project`]).

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use toml_edit::{Array, Document, DocumentMut, Item, Value as TomlValue};

use crate::limits;

/// One setting: its key in the files, and `WAYPOST_<KEY>` in the environment.
pub struct Setting {
    pub key: &'static str,
    default: Default,
    /// One line for `config.toml` and the documentation.
    pub help: &'static str,
}

enum Default {
    Text(&'static str),
    List,
    /// Default, least and greatest value.
    Number(u64, u64, u64),
}

/// All settings, in the order in which they are shown and written.
pub const SETTINGS: &[Setting] = &[
    Setting {
        key: "name",
        default: Default::Text(""),
        help: "project name in the handoff; empty: the manifest's, else the folder's",
    },
    Setting {
        key: "include",
        default: Default::List,
        help: "only files that match one of these globs (gitignore syntax); empty: all",
    },
    Setting {
        key: "exclude",
        default: Default::List,
        help: "leave out files that match one of these globs (gitignore syntax)",
    },
    Setting {
        key: "max_file_size",
        default: Default::Number(limits::MAX_FILE_SIZE, 1, 64_000_000),
        help: "bytes; larger files are listed, not read",
    },
    Setting {
        key: "handoff_budget",
        default: Default::Number(8_000, 300, 200_000),
        help: "tokens (o200k_base) that neither handoff file exceeds",
    },
    Setting {
        key: "prompt_budget",
        default: Default::Number(1_200, 300, 16_000),
        help: "tokens (o200k_base) that `waypost prompt` does not exceed",
    },
    Setting { key: "focus_files", default: Default::Number(24, 1, 500), help: "files recorded for a goal" },
    Setting {
        key: "map_files",
        default: Default::Number(120, 0, 5_000),
        help: "central files in the code map, at most",
    },
    Setting {
        key: "redact_patterns",
        default: Default::List,
        help: "regular expressions; what they match is replaced wherever it would be stored or shown",
    },
    Setting {
        key: "debounce_ms",
        default: Default::Number(100, 0, 60_000),
        help: "watch: quiet time in milliseconds before a change is taken as settled",
    },
    Setting {
        key: "max_delay_ms",
        default: Default::Number(2_000, 0, 600_000),
        help: "watch: a snapshot at the latest this long after the first unsettled change",
    },
    Setting {
        key: "min_interval_sec",
        default: Default::Number(0, 0, 86_400),
        help: "watch: at least this long between two snapshots",
    },
];

/// The value of a setting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    Text(String),
    List(Vec<String>),
    Number(u64),
}

impl fmt::Display for Value {
    /// As TOML writes it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.to_toml().to_string().trim())
    }
}

impl Value {
    fn to_toml(&self) -> TomlValue {
        match self {
            Value::Text(text) => text.as_str().into(),
            Value::List(items) => TomlValue::Array(items.iter().collect::<Array>()),
            Value::Number(number) => (*number as i64).into(),
        }
    }

    pub fn to_json(&self) -> serde_json::Value {
        match self {
            Value::Text(text) => text.as_str().into(),
            Value::List(items) => items.clone().into(),
            Value::Number(number) => (*number).into(),
        }
    }
}

/// Where a value comes from; a later one wins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    Default,
    File(PathBuf),
    Environment(String),
    Flag(&'static str),
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Source::Default => f.write_str("default"),
            Source::File(path) => write!(f, "{}", path.display()),
            Source::Environment(name) => write!(f, "environment {name}"),
            Source::Flag(name) => write!(f, "flag {name}"),
        }
    }
}

/// A setting that cannot be used: what, where and what to do.
#[derive(Debug, thiserror::Error)]
#[error("{place}: {problem}{}", hint.as_ref().map(|h| format!("\nhint: {h}")).unwrap_or_default())]
pub struct BadConfig {
    place: String,
    problem: String,
    hint: Option<String>,
}

/// The effective settings.
#[derive(Clone, Debug)]
pub struct Settings {
    values: BTreeMap<&'static str, (Value, Source)>,
}

impl Settings {
    pub fn defaults() -> Self {
        let values = SETTINGS.iter().map(|s| (s.key, (s.default_value(), Source::Default))).collect();
        Self { values }
    }

    /// Reads the layers below flags. A file that does not exist is no layer.
    pub fn load(files: &[PathBuf], environment: &dyn Fn(&str) -> Option<String>) -> Result<Self, BadConfig> {
        let mut settings = Self::defaults();
        for file in files {
            settings.read_file(file)?;
        }
        for setting in SETTINGS {
            let variable = format!("WAYPOST_{}", setting.key.to_uppercase());
            if let Some(text) = environment(&variable) {
                let value = setting.parse(&text).map_err(|problem| BadConfig {
                    place: format!("environment variable `{variable}`"),
                    problem,
                    hint: None,
                })?;
                settings.values.insert(setting.key, (value, Source::Environment(variable)));
            }
        }
        Ok(settings)
    }

    /// The top layer. Fails when the number is out of its bounds.
    pub fn set_flag(&mut self, key: &'static str, flag: &'static str, number: u64) -> Result<(), BadConfig> {
        let value = find(key).and_then(|s| s.check(Value::Number(number))).map_err(|problem| BadConfig {
            place: format!("`{flag} {number}`"),
            problem,
            hint: None,
        })?;
        self.values.insert(key, (value, Source::Flag(flag)));
        Ok(())
    }

    pub fn get(&self, key: &str) -> Option<&(Value, Source)> {
        self.values.get(key)
    }

    pub fn text(&self, key: &'static str) -> &str {
        match &self.values[key].0 {
            Value::Text(text) => text,
            other => unreachable!("`{key}` is no text but {other}"),
        }
    }

    pub fn list(&self, key: &'static str) -> &[String] {
        match &self.values[key].0 {
            Value::List(items) => items,
            other => unreachable!("`{key}` is no list but {other}"),
        }
    }

    pub fn number(&self, key: &'static str) -> u64 {
        match &self.values[key].0 {
            Value::Number(number) => *number,
            other => unreachable!("`{key}` is no number but {other}"),
        }
    }

    fn read_file(&mut self, file: &Path) -> Result<(), BadConfig> {
        let text = match std::fs::read_to_string(file) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(at(file, None, format!("cannot be read: {error}"), None)),
        };
        let document = Document::parse(text.as_str()).map_err(|error| {
            let line = error.span().map(|span| line_of(&text, span.start));
            at(file, line, error.message().to_string(), None)
        })?;
        for (key, item) in document.iter() {
            let start = document.key(key).and_then(|key| key.span()).or_else(|| item.span());
            let line = start.map(|span| line_of(&text, span.start));
            let setting = find(key).map_err(|problem| at(file, line, problem, nearest(key)))?;
            let value = setting.value_of(item).map_err(|problem| at(file, line, problem, None))?;
            self.values.insert(setting.key, (value, Source::File(file.to_path_buf())));
        }
        Ok(())
    }
}

impl Setting {
    pub fn default_value(&self) -> Value {
        match self.default {
            Default::Text(text) => Value::Text(text.to_string()),
            Default::List => Value::List(Vec::new()),
            Default::Number(number, ..) => Value::Number(number),
        }
    }

    /// A value as a person writes it in a shell: a number, a text, or a list
    /// as a TOML array or separated by commas.
    pub fn parse(&self, text: &str) -> Result<Value, String> {
        let value = match self.default {
            Default::Text(_) => Value::Text(text.to_string()),
            Default::List => Value::List(parse_list(text)?),
            Default::Number(..) => Value::Number(text.trim().parse().map_err(|_| self.mismatch(text))?),
        };
        self.check(value)
    }

    fn value_of(&self, item: &Item) -> Result<Value, String> {
        let mismatch = || self.mismatch(item.to_string().trim());
        let value = match self.default {
            Default::Text(_) => Value::Text(item.as_str().ok_or_else(mismatch)?.to_string()),
            Default::Number(..) => {
                let number = item.as_integer().ok_or_else(mismatch)?;
                Value::Number(number.try_into().map_err(|_| mismatch())?)
            }
            Default::List => {
                let items = item.as_array().ok_or_else(mismatch)?.iter();
                let texts: Option<Vec<String>> = items.map(|i| i.as_str().map(str::to_string)).collect();
                Value::List(texts.ok_or_else(mismatch)?)
            }
        };
        self.check(value)
    }

    fn check(&self, value: Value) -> Result<Value, String> {
        if let (Default::Number(_, least, greatest), Value::Number(number)) = (&self.default, &value)
            && !(least..=greatest).contains(&number)
        {
            return Err(format!("`{}` takes {least} to {greatest}, not {number}", self.key));
        }
        Ok(value)
    }

    fn mismatch(&self, found: &str) -> String {
        let wanted = match self.default {
            Default::Text(_) => "a text",
            Default::List => "a list of texts",
            Default::Number(..) => "a whole number",
        };
        format!("`{}` takes {wanted}, not `{found}`", self.key)
    }
}

/// The setting of that key, or what to tell the user.
pub fn find(key: &str) -> Result<&'static Setting, String> {
    SETTINGS.iter().find(|s| s.key == key).ok_or_else(|| format!("unknown setting `{key}`"))
}

/// Names the setting that was probably meant.
pub fn nearest(key: &str) -> Option<String> {
    let (distance, setting) =
        SETTINGS.iter().map(|s| (strsim::damerau_levenshtein(key, s.key), s.key)).min()?;
    Some(match distance {
        0..=3 => format!("did you mean `{setting}`?"),
        _ => "`waypost config` lists the settings".to_string(),
    })
}

/// The text of `file` with `key` set to `value`; comments and order stay.
pub fn edited(file: &Path, text: &str, key: &str, value: &Value) -> Result<String, BadConfig> {
    let mut document: DocumentMut = text.parse().map_err(|error: toml_edit::TomlError| {
        let line = error.span().map(|span| line_of(text, span.start));
        at(file, line, error.message().to_string(), None)
    })?;
    document[key] = Item::Value(value.to_toml());
    Ok(document.to_string())
}

/// What `waypost init` writes: every setting with its default, commented out.
pub fn template() -> String {
    let mut text = String::from(
        "# Settings of waypost for this project. All are optional; the values below are the defaults.\n",
    );
    for setting in SETTINGS {
        text.push_str(&format!("\n# {}\n# {} = {}\n", setting.help, setting.key, setting.default_value()));
    }
    text
}

fn parse_list(text: &str) -> Result<Vec<String>, String> {
    if text.trim_start().starts_with('[') {
        let document: DocumentMut =
            format!("list = {text}").parse().map_err(|e: toml_edit::TomlError| e.message().to_string())?;
        let items = document["list"].as_array().ok_or("not a list")?;
        let texts: Option<Vec<String>> = items.iter().map(|i| i.as_str().map(str::to_string)).collect();
        return texts.ok_or_else(|| format!("a list of texts is wanted, not `{text}`"));
    }
    Ok(text.split(',').map(str::trim).filter(|part| !part.is_empty()).map(str::to_string).collect())
}

fn at(file: &Path, line: Option<usize>, problem: String, hint: Option<String>) -> BadConfig {
    let line = line.map(|line| format!(":{line}")).unwrap_or_default();
    BadConfig { place: format!("`{}{line}`", file.display()), problem, hint }
}

fn line_of(text: &str, offset: usize) -> usize {
    text.as_bytes()[..offset.min(text.len())].iter().filter(|byte| **byte == b'\n').count() + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(text: &str) -> Result<Settings, String> {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("config.toml");
        std::fs::write(&file, text).unwrap();
        let shown = file.display().to_string();
        Settings::load(&[file], &|_| None).map_err(|e| e.to_string().replace(&shown, "config.toml"))
    }

    #[test]
    fn a_misspelt_key_names_file_line_and_the_nearest_right_key() {
        insta::assert_snapshot!(load("\n\nhandof_budget = 3\n").unwrap_err(), @r"
        `config.toml:3`: unknown setting `handof_budget`
        hint: did you mean `handoff_budget`?
        ");
    }

    #[test]
    fn a_value_of_the_wrong_type_or_out_of_bounds_names_what_is_wanted() {
        insta::assert_snapshot!(load("exclude = 3").unwrap_err(), @"`config.toml:1`: `exclude` takes a list of texts, not `3`");
        insta::assert_snapshot!(load("handoff_budget = 3").unwrap_err(), @"`config.toml:1`: `handoff_budget` takes 300 to 200000, not 3");
        insta::assert_snapshot!(load("name = ").unwrap_err(), @"`config.toml:1`: string values must be quoted, expected literal string");
    }

    #[test]
    fn later_layers_win_and_say_where_they_come_from() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("config.toml");
        std::fs::write(&file, "handoff_budget = 1000\nexclude = ['a', 'b']\n").unwrap();
        let environment = |name: &str| (name == "WAYPOST_EXCLUDE").then(|| "x, y".to_string());
        let mut settings = Settings::load(std::slice::from_ref(&file), &environment).unwrap();
        assert_eq!(settings.get("handoff_budget").unwrap().1, Source::File(file));
        assert_eq!(settings.list("exclude"), ["x", "y"]);
        settings.set_flag("handoff_budget", "--budget", 500).unwrap();
        assert_eq!(settings.number("handoff_budget"), 500);
        assert!(settings.set_flag("handoff_budget", "--budget", 5).is_err());
    }

    #[test]
    fn the_template_sets_nothing_and_every_line_of_it_can_be_switched_on() {
        assert_eq!(load(&template()).unwrap().number("prompt_budget"), 1_200);
        let on: String = template()
            .lines()
            .filter_map(|line| line.strip_prefix("# ").filter(|rest| rest.contains(" = ")))
            .map(|line| format!("{line}\n"))
            .collect();
        assert_eq!(on.lines().count(), SETTINGS.len());
        load(&on).unwrap();
    }

    #[test]
    fn editing_keeps_comments_and_order() {
        let text = "# mine\nname = 'a' # why\nexclude = []\n";
        let edited = edited(Path::new("c"), text, "exclude", &Value::List(vec!["x".into()])).unwrap();
        insta::assert_snapshot!(edited, @r#"
        # mine
        name = 'a' # why
        exclude = ["x"]
        "#);
    }
}
