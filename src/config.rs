//! The settings, in layers: defaults < the user's file < the project's file <
//! `WAYPOST_*` environment < flags. Every value remembers its source.
//!
//! The project's file may have come with a clone, so until the user trusts it
//! ([`crate::trust`]) it only narrows: it adds what is left out or redacted, and
//! what would widen is held back ([`Settings::held`]).
//!
//! Not here: bounds that guard the program itself ([`crate::limits`]) and
//! where the files lie ([`crate::project`]).

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use toml_edit::{Array, Document, DocumentMut, Item, Value as TomlValue};

use crate::fs::confined;
use crate::limits;

/// One setting: its key in the files, and `WAYPOST_<KEY>` in the environment.
pub struct Setting {
    pub key: &'static str,
    default: Default,
    untrusted: Untrusted,
    /// One line for `config.toml` and the documentation.
    pub help: &'static str,
}

enum Default {
    Text(&'static str),
    List,
    /// Default, least and greatest value.
    Number(u64, u64, u64),
    Switch(bool),
}

/// What an untrusted project's file may do to a setting.
#[derive(Clone, Copy)]
enum Untrusted {
    /// Set it, since that widens nothing.
    Sets,
    /// Add to the list; existing entries take precedence.
    Adds,
    /// Set the list if it is empty.
    Begins,
    /// Lower the number.
    Lowers,
    /// Switch it on, which only takes more out.
    SwitchesOn,
    /// Nothing: it is about what the user keeps.
    Never,
    /// Set the number up to this maximum: that shows more of what was read, but
    /// reads no more.
    SetsUpTo(u64),
}

/// All settings, in the order in which they are shown and written.
pub const SETTINGS: &[Setting] = &[
    Setting {
        key: "name",
        default: Default::Text(""),
        untrusted: Untrusted::Sets,
        help: "project name in the handoff; empty: the manifest's, else the folder's",
    },
    Setting {
        key: "include",
        default: Default::List,
        untrusted: Untrusted::Begins,
        help: "only files that match one of these globs (gitignore syntax); empty: all",
    },
    Setting {
        key: "exclude",
        default: Default::List,
        untrusted: Untrusted::Adds,
        help: "leave out files that match one of these globs (gitignore syntax)",
    },
    Setting {
        key: "max_file_size",
        default: Default::Number(limits::MAX_FILE_SIZE, 1, 64_000_000),
        untrusted: Untrusted::Lowers,
        help: "bytes; larger files are listed, not read",
    },
    Setting {
        key: "handoff_budget",
        default: Default::Number(2_500, 300, 200_000),
        untrusted: Untrusted::SetsUpTo(16_000),
        help: "tokens (o200k_base) that handoff.md does not exceed",
    },
    Setting {
        key: "handoff_json_budget",
        default: Default::Number(16_000, 300, 200_000),
        untrusted: Untrusted::SetsUpTo(16_000),
        help: "tokens (o200k_base) that handoff.json does not exceed",
    },
    Setting {
        key: "prompt_budget",
        default: Default::Number(1_200, 300, 16_000),
        untrusted: Untrusted::SetsUpTo(4_000),
        help: "tokens (o200k_base) that `waypost prompt` does not exceed",
    },
    Setting {
        key: "focus_files",
        default: Default::Number(24, 1, 500),
        untrusted: Untrusted::SetsUpTo(100),
        help: "files recorded for a goal",
    },
    Setting {
        key: "map_files",
        default: Default::Number(120, 0, 5_000),
        untrusted: Untrusted::SetsUpTo(500),
        help: "central files in the code map, at most",
    },
    Setting {
        key: "redact_patterns",
        default: Default::List,
        untrusted: Untrusted::Adds,
        help: "regular expressions; what they match is replaced wherever it would be stored or shown",
    },
    Setting {
        key: "redact_pii",
        default: Default::Switch(false),
        untrusted: Untrusted::SwitchesOn,
        help: "replace e-mail addresses, phone numbers, IBANs and card numbers too",
    },
    Setting {
        key: "log_prompts",
        default: Default::Switch(false),
        untrusted: Untrusted::Never,
        help: "keep the text of what hooks told in .waypost/local/hooks.jsonl, not its hash alone",
    },
    Setting {
        key: "transcripts",
        default: Default::Switch(true),
        untrusted: Untrusted::Never,
        help: "let `resume` read what clients of agents keep of conversations in this tree",
    },
    Setting {
        key: "debounce_ms",
        default: Default::Number(100, 0, 60_000),
        untrusted: Untrusted::Sets,
        help: "watch: quiet time in milliseconds before a change is taken as settled",
    },
    Setting {
        key: "max_delay_ms",
        default: Default::Number(2_000, 0, 600_000),
        untrusted: Untrusted::Sets,
        help: "watch: a snapshot at the latest this long after the first unsettled change",
    },
    Setting {
        key: "min_interval_sec",
        default: Default::Number(0, 0, 86_400),
        untrusted: Untrusted::Sets,
        help: "watch: at least this long between two snapshots",
    },
];

/// The value of a setting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SettingValue {
    Text(String),
    List(Vec<String>),
    Number(u64),
    Switch(bool),
}

impl fmt::Display for SettingValue {
    /// As TOML writes it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.to_toml().to_string().trim())
    }
}

impl SettingValue {
    fn to_toml(&self) -> TomlValue {
        match self {
            SettingValue::Text(text) => text.as_str().into(),
            SettingValue::List(items) => TomlValue::Array(items.iter().collect::<Array>()),
            SettingValue::Number(number) => (*number as i64).into(),
            SettingValue::Switch(on) => (*on).into(),
        }
    }

    /// The value as the JSON reports show it.
    pub fn to_json(&self) -> serde_json::Value {
        match self {
            SettingValue::Text(text) => text.as_str().into(),
            SettingValue::List(items) => items.clone().into(),
            SettingValue::Number(number) => (*number).into(),
            SettingValue::Switch(on) => (*on).into(),
        }
    }
}

/// Where a value comes from; a later one wins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SettingSource {
    Default,
    File(PathBuf),
    Environment(String),
    Flag(&'static str),
}

impl fmt::Display for SettingSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SettingSource::Default => f.write_str("default"),
            SettingSource::File(path) => write!(f, "{}", path.display()),
            SettingSource::Environment(name) => write!(f, "environment {name}"),
            SettingSource::Flag(name) => write!(f, "flag {name}"),
        }
    }
}

/// A setting that cannot be used: what, where and what to do.
#[derive(Debug, thiserror::Error)]
#[error("{place}: {problem}{}", hint.as_ref().map(|h| format!("\nhint: {h}")).unwrap_or_default())]
pub struct BadConfig {
    /// `None` for a variable or a flag.
    pub file: Option<PathBuf>,
    place: String,
    problem: String,
    hint: Option<String>,
}

/// The effective settings.
#[derive(Clone, Debug)]
pub struct Settings {
    values: BTreeMap<&'static str, (SettingValue, SettingSource)>,
    held: Vec<WithheldSettings>,
    /// Items that an untrusted project added to lists.
    added: BTreeMap<&'static str, Vec<String>>,
}

/// A value that an untrusted project asked for and did not get.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WithheldSettings {
    pub key: &'static str,
    pub asked: SettingValue,
    pub kept: SettingValue,
}

/// The text of a settings file, and whose it is.
#[derive(Clone, Debug)]
pub struct Layer {
    pub file: PathBuf,
    pub text: String,
    pub whose: Whose,
}

/// Whose settings file it is, which decides what the file may change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whose {
    /// In the user's own folder.
    User,
    /// In the project, with a content that the user trusts.
    Trusted,
    /// In the project: read through no link, and only to narrow.
    Project,
}

impl Settings {
    /// All values that are in effect, as a key for what is made with them.
    pub fn key(&self) -> String {
        let values = self.values.iter().map(|(key, (value, _))| format!("{key} = {value}\n"));
        // Added by a project that is not trusted, items of a list count for less.
        let added = self.added.iter().map(|(key, items)| format!("{key} + {}\n", items.join("\n+ ")));
        values.chain(added).collect()
    }

    /// Every setting at its default.
    pub fn defaults() -> Self {
        let values = SETTINGS.iter().map(|s| (s.key, (s.default_value(), SettingSource::Default))).collect();
        Self { values, held: Vec::new(), added: BTreeMap::new() }
    }

    /// Merges all layers below the flags.
    pub fn load(layers: &[Layer], environment: &dyn Fn(&str) -> Option<String>) -> Result<Self, BadConfig> {
        let mut settings = Self::defaults();
        for layer in layers {
            settings.take_in(layer)?;
        }
        for setting in SETTINGS {
            let variable = format!("WAYPOST_{}", setting.key.to_uppercase());
            if let Some(text) = environment(&variable) {
                let value = setting.parse(&text).map_err(|problem| BadConfig {
                    file: None,
                    place: format!("environment variable `{variable}`"),
                    problem,
                    hint: None,
                })?;
                settings.values.insert(setting.key, (value, SettingSource::Environment(variable)));
                settings.added.remove(setting.key);
            }
        }
        Ok(settings)
    }

    /// Sets a number from a flag, the top layer. Fails if it is out of bounds.
    pub fn set_flag(&mut self, key: &'static str, flag: &'static str, number: u64) -> Result<(), BadConfig> {
        let value = find(key).and_then(|s| s.check(SettingValue::Number(number))).map_err(|problem| {
            BadConfig { file: None, place: format!("`{flag} {number}`"), problem, hint: None }
        })?;
        self.values.insert(key, (value, SettingSource::Flag(flag)));
        Ok(())
    }

    /// The value of a setting and where it comes from; `None` for an unknown key.
    pub fn get(&self, key: &str) -> Option<&(SettingValue, SettingSource)> {
        self.values.get(key)
    }

    /// The value of a setting that is declared as text; any other key is a bug and panics.
    pub fn text(&self, key: &'static str) -> &str {
        match &self.values[key].0 {
            SettingValue::Text(text) => text,
            other => unreachable!("`{key}` is {other}, not a text"),
        }
    }

    /// The value of a setting that is declared as a list; any other key is a bug and panics.
    pub fn list(&self, key: &'static str) -> &[String] {
        match &self.values[key].0 {
            SettingValue::List(items) => items,
            other => unreachable!("`{key}` is {other}, not a list"),
        }
    }

    /// The value of a setting that is declared as a number; any other key is a bug and panics.
    pub fn number(&self, key: &'static str) -> u64 {
        match &self.values[key].0 {
            SettingValue::Number(number) => *number,
            other => unreachable!("`{key}` is {other}, not a number"),
        }
    }

    /// The value of a setting that is declared as a switch; any other key is a bug and panics.
    pub fn is_on(&self, key: &'static str) -> bool {
        match &self.values[key].0 {
            SettingValue::Switch(on) => *on,
            other => unreachable!("`{key}` is {other}, not a switch"),
        }
    }

    /// The part of a list that an untrusted project added to it.
    pub fn added(&self, key: &'static str) -> &[String] {
        self.added.get(key).map(Vec::as_slice).unwrap_or_default()
    }

    /// The part of a list that the user set.
    pub fn own(&self, key: &'static str) -> &[String] {
        // What is added stands before what was there.
        &self.list(key)[self.added(key).len()..]
    }

    /// The values that an untrusted file was refused, in the order of that
    /// file.
    pub fn held(&self) -> &[WithheldSettings] {
        &self.held
    }

    fn take_in(&mut self, layer: &Layer) -> Result<(), BadConfig> {
        let Layer { file, text, whose } = layer;
        let document = Document::parse(text.as_str()).map_err(|error| {
            let line = error.span().map(|span| line_of(text, span.start));
            at(file, line, error.message().to_string(), None)
        })?;
        for (key, item) in document.iter() {
            let start = document.key(key).and_then(|key| key.span()).or_else(|| item.span());
            let line = start.map(|span| line_of(text, span.start));
            let setting = find(key).map_err(|problem| at(file, line, problem, nearest(key)))?;
            let asked = setting.value_of(item).map_err(|problem| at(file, line, problem, None))?;
            let kept = &self.values[setting.key].0;
            let value = match whose {
                Whose::Project => setting.narrowed(kept, &asked),
                Whose::User | Whose::Trusted => Some(asked.clone()),
            };
            match value {
                Some(value) => {
                    let added = match (whose, &value, kept) {
                        (Whose::Project, SettingValue::List(new), SettingValue::List(own)) => {
                            new[..new.len().saturating_sub(own.len())].to_vec()
                        }
                        _ => Vec::new(),
                    };
                    self.added.insert(setting.key, added);
                    self.values.insert(setting.key, (value, SettingSource::File(file.to_path_buf())));
                }
                None => self.held.push(WithheldSettings { key: setting.key, asked, kept: kept.clone() }),
            }
        }
        Ok(())
    }
}

impl Layer {
    /// Reads a file; one that does not exist is no layer.
    pub fn read(file: PathBuf, whose: Whose) -> Result<Option<Self>, BadConfig> {
        let read = match whose {
            Whose::User => std::fs::read_to_string(&file),
            Whose::Trusted | Whose::Project => confined::read_text(&file, limits::MAX_CONFIG),
        };
        match read {
            Ok(text) => Ok(Some(Self { file, text, whose })),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(at(&file, None, format!("cannot be read: {error}"), None)),
        }
    }
}

impl Setting {
    /// The default as an owned value; the default of a list is the empty one.
    pub fn default_value(&self) -> SettingValue {
        match self.default {
            Default::Text(text) => SettingValue::Text(text.to_string()),
            Default::List => SettingValue::List(Vec::new()),
            Default::Number(number, ..) => SettingValue::Number(number),
            Default::Switch(on) => SettingValue::Switch(on),
        }
    }

    /// The value after applying an untrusted `asked`; `None` if that would
    /// widen it.
    fn narrowed(&self, value: &SettingValue, asked: &SettingValue) -> Option<SettingValue> {
        match (self.untrusted, value, asked) {
            (Untrusted::Sets, ..) => Some(asked.clone()),
            (Untrusted::Adds, SettingValue::List(own), SettingValue::List(new)) => {
                // In globs the last match wins, and a `!` must not undo the user's.
                let new = new.iter().filter(|item| !own.contains(item));
                Some(SettingValue::List(new.chain(own).cloned().collect()))
            }
            (Untrusted::Begins, SettingValue::List(own), SettingValue::List(_)) => {
                (own.is_empty() || asked == value).then(|| asked.clone())
            }
            (Untrusted::Lowers, SettingValue::Number(own), SettingValue::Number(new)) => {
                (new <= own).then(|| asked.clone())
            }
            (Untrusted::SetsUpTo(most), SettingValue::Number(own), SettingValue::Number(new)) => {
                (new <= own.max(&most)).then(|| asked.clone())
            }
            (Untrusted::Never, ..) => (asked == value).then(|| asked.clone()),
            (Untrusted::SwitchesOn, SettingValue::Switch(own), SettingValue::Switch(new)) => {
                (*new || !own).then(|| asked.clone())
            }
            _ => None,
        }
    }

    /// A value as a person writes it in a shell: a number, a text, or a list
    /// as a TOML array or separated by commas.
    pub fn parse(&self, text: &str) -> Result<SettingValue, String> {
        let value = match self.default {
            Default::Text(_) => SettingValue::Text(text.to_string()),
            Default::List => SettingValue::List(parse_list(text)?),
            Default::Number(..) => {
                SettingValue::Number(text.trim().parse().map_err(|_| self.mismatch(text))?)
            }
            Default::Switch(_) => SettingValue::Switch(text.trim().parse().map_err(|_| self.mismatch(text))?),
        };
        self.check(value)
    }

    fn value_of(&self, item: &Item) -> Result<SettingValue, String> {
        let mismatch = || self.mismatch(item.to_string().trim());
        let value = match self.default {
            Default::Text(_) => SettingValue::Text(item.as_str().ok_or_else(mismatch)?.to_string()),
            Default::Number(..) => {
                let number = item.as_integer().ok_or_else(mismatch)?;
                SettingValue::Number(number.try_into().map_err(|_| mismatch())?)
            }
            Default::Switch(_) => SettingValue::Switch(item.as_bool().ok_or_else(mismatch)?),
            Default::List => {
                let items = item.as_array().ok_or_else(mismatch)?.iter();
                let texts: Option<Vec<String>> = items.map(|i| i.as_str().map(str::to_string)).collect();
                SettingValue::List(texts.ok_or_else(mismatch)?)
            }
        };
        self.check(value)
    }

    fn check(&self, value: SettingValue) -> Result<SettingValue, String> {
        if let (Default::Number(_, least, greatest), SettingValue::Number(number)) = (&self.default, &value)
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
            Default::Switch(_) => "`true` or `false`",
        };
        format!("`{}` takes {wanted}, not `{found}`", self.key)
    }
}

/// The setting of that key, or what to tell the user.
pub fn find(key: &str) -> Result<&'static Setting, String> {
    SETTINGS.iter().find(|s| s.key == key).ok_or_else(|| format!("unknown setting `{key}`"))
}

/// A hint that names the setting that was probably meant.
pub fn nearest(key: &str) -> Option<String> {
    let (distance, setting) =
        SETTINGS.iter().map(|s| (strsim::damerau_levenshtein(key, s.key), s.key)).min()?;
    Some(match distance {
        0..=3 => format!("did you mean `{setting}`?"),
        _ => "`waypost config` lists the settings".to_string(),
    })
}

/// The text of `file` with `key` set to `value`; comments and order stay.
pub fn edited(file: &Path, text: &str, key: &str, value: &SettingValue) -> Result<String, BadConfig> {
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
    let place = format!("`{}{line}`", file.display());
    BadConfig { file: Some(file.to_path_buf()), place, problem, hint }
}

fn line_of(text: &str, offset: usize) -> usize {
    text.as_bytes()[..offset.min(text.len())].iter().filter(|byte| **byte == b'\n').count() + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layer(name: &str, text: &str, whose: Whose) -> Layer {
        Layer { file: PathBuf::from(name), text: text.to_string(), whose }
    }

    fn load(text: &str) -> Result<Settings, String> {
        let layer = layer("config.toml", text, Whose::User);
        Settings::load(&[layer], &|_| None).map_err(|error| error.to_string())
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
        let layer = layer("config.toml", "handoff_budget = 1000\nexclude = ['a', 'b']\n", Whose::Project);
        let environment = |name: &str| (name == "WAYPOST_EXCLUDE").then(|| "x, y".to_string());
        let mut settings = Settings::load(&[layer], &environment).unwrap();
        assert_eq!(settings.get("handoff_budget").unwrap().1, SettingSource::File("config.toml".into()));
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

    /// The user's file, the project's, and what comes out: settings and what was
    /// held back.
    fn check_untrusted(user: &str, project: &str, key: &str, expected: &str, held: &[&str]) {
        let layers = [layer("user", user, Whose::User), layer("project", project, Whose::Project)];
        let settings = Settings::load(&layers, &|_| None).unwrap();
        assert_eq!(settings.get(key).unwrap().0.to_string(), expected, "{user} + {project}");
        let found: Vec<&str> = settings.held().iter().map(|held| held.key).collect();
        assert_eq!(found, held, "{user} + {project}");
    }

    #[test]
    fn a_project_that_nobody_trusts_only_narrows() {
        let check = check_untrusted;
        check("exclude = ['private/']", "exclude = []", "exclude", r#"["private/"]"#, &[]);
        check("exclude = ['a']", "exclude = ['!a', 'b']", "exclude", r#"["!a", "b", "a"]"#, &[]);
        check("redact_patterns = ['x']", "redact_patterns = ['y']", "redact_patterns", r#"["y", "x"]"#, &[]);
        check("", "include = ['src']", "include", r#"["src"]"#, &[]);
        check("include = ['src']", "include = []", "include", r#"["src"]"#, &["include"]);
        check("include = ['src']", "include = ['**']", "include", r#"["src"]"#, &["include"]);
        check("", "max_file_size = 64000000", "max_file_size", "1000000", &["max_file_size"]);
        check("max_file_size = 10", "max_file_size = 11", "max_file_size", "10", &["max_file_size"]);
        check("", "max_file_size = 5", "max_file_size", "5", &[]);
        check("handoff_budget = 1000", "handoff_budget = 2000", "handoff_budget", "2000", &[]);
        check("", "handoff_budget = 200000", "handoff_budget", "2500", &["handoff_budget"]);
        check("handoff_budget = 50000", "handoff_budget = 20000", "handoff_budget", "20000", &[]);
        check("", "name = 'n'", "name", r#""n""#, &[]);
        check("", "redact_pii = true", "redact_pii", "true", &[]);
        check("redact_pii = true", "redact_pii = false", "redact_pii", "true", &["redact_pii"]);
        check("", "redact_pii = false", "redact_pii", "false", &[]);
    }

    #[test]
    fn what_an_untrusted_project_adds_to_a_list_is_told_apart() {
        let user = layer("user", "redact_patterns = ['x', 'z']", Whose::User);
        let project = |whose| layer("project", "redact_patterns = ['y', 'x']", whose);
        let settings = Settings::load(&[user.clone(), project(Whose::Project)], &|_| None).unwrap();
        assert_eq!(settings.list("redact_patterns"), ["y", "x", "z"]);
        assert_eq!(
            (settings.added("redact_patterns"), settings.own("redact_patterns").len()),
            (&["y".to_string()][..], 2)
        );
        let settings = Settings::load(&[user.clone(), project(Whose::Trusted)], &|_| None).unwrap();
        assert_eq!((settings.added("redact_patterns").len(), settings.own("redact_patterns").len()), (0, 2));
        let environment = |name: &str| (name == "WAYPOST_REDACT_PATTERNS").then(|| "e".to_string());
        let settings = Settings::load(&[user, project(Whose::Project)], &environment).unwrap();
        assert_eq!(
            (settings.added("redact_patterns").len(), settings.own("redact_patterns")),
            (0, &["e".to_string()][..])
        );
    }

    #[test]
    fn editing_keeps_comments_and_order() {
        let text = "# mine\nname = 'a' # why\nexclude = []\n";
        let edited = edited(Path::new("c"), text, "exclude", &SettingValue::List(vec!["x".into()])).unwrap();
        insta::assert_snapshot!(edited, @r#"
        # mine
        name = 'a' # why
        exclude = ["x"]
        "#);
    }
}
