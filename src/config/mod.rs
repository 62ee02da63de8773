//! The settings, in layers: defaults < the user's file < the project's file <
//! `WAYPOST_*` environment < flags. Every value remembers its source.
//!
//! The project's file may have come with a clone, so until the user trusts it
//! ([`crate::trust`]) it only narrows: it adds what is left out or redacted, and
//! what would widen is held back ([`Settings::held`]).
//!
//! Not here: bounds that guard the program itself ([`crate::limits`]) and
//! where the files lie ([`crate::project`]).

mod file;
mod setting;

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;

use toml_edit::Document;

use crate::fs::confined;
use crate::limits;
pub use file::{BadConfig, edited, without};
use file::{at, line_of};
pub use setting::SettingValue;
use setting::{Default, Setting, Untrusted};

macro_rules! settings {
    ($($key:ident $name:ident: $kind:ident $default:tt, $untrusted:expr, $help:literal;)*) => {
        /// Names a setting. The order is that in which settings are shown and
        /// written.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum SettingKey { $($key),* }

        impl SettingKey {
            /// Every setting.
            pub const ALL: &[SettingKey] = &[$(SettingKey::$key),*];
        }

        const SETTINGS: &[Setting] = &[$(Setting {
            name: stringify!($name),
            default: Default::$kind $default,
            untrusted: $untrusted,
            help: $help,
        }),*];

        impl Settings {
            $(accessor!($kind $key $name $help);)*
        }
    };
}

/// The method by which code asks for the value of a setting, in its type.
macro_rules! accessor {
    (Text $key:ident $name:ident $help:literal) => {
        #[doc = $help]
        pub fn $name(&self) -> &str {
            match self.value(SettingKey::$key) {
                SettingValue::Text(text) => text,
                other => unreachable!("{other} was checked to be a text"),
            }
        }
    };
    (Choice $key:ident $name:ident $help:literal) => {
        accessor!(Text $key $name $help);
    };
    (List $key:ident $name:ident $help:literal) => {
        #[doc = $help]
        pub fn $name(&self) -> &[String] {
            match self.value(SettingKey::$key) {
                SettingValue::List(items) => items,
                other => unreachable!("{other} was checked to be a list"),
            }
        }
    };
    (Number $key:ident $name:ident $help:literal) => {
        #[doc = $help]
        pub fn $name(&self) -> u64 {
            match self.value(SettingKey::$key) {
                SettingValue::Number(number) => *number,
                other => unreachable!("{other} was checked to be a number"),
            }
        }
    };
    (Switch $key:ident $name:ident $help:literal) => {
        #[doc = $help]
        pub fn $name(&self) -> bool {
            match self.value(SettingKey::$key) {
                SettingValue::Switch(on) => *on,
                other => unreachable!("{other} was checked to be a switch"),
            }
        }
    };
}

// All settings: the key, the name in files and in code, the type with the default
// (of a number also the least and the greatest value), what an untrusted project's
// file may do, and one line of help.
#[rustfmt::skip]
settings! {
    Name name: Text(""), Untrusted::Sets,
        "project name in the handoff; empty: the manifest's, else the folder's";
    Include include: List(), Untrusted::Begins,
        "only files that match one of these globs (gitignore syntax); empty: all";
    Exclude exclude: List(), Untrusted::Adds,
        "leave out files that match one of these globs (gitignore syntax)";
    MaxFileSize max_file_size: Number(limits::MAX_FILE_SIZE, 1, 64_000_000), Untrusted::Lowers,
        "bytes; larger files are listed, not read";
    HandoffBudget handoff_budget: Number(2_500, 300, 200_000), Untrusted::SetsUpTo(16_000),
        "tokens (o200k_base) that handoff.md does not exceed";
    HandoffJsonBudget handoff_json_budget: Number(16_000, 300, 200_000), Untrusted::SetsUpTo(16_000),
        "tokens (o200k_base) that handoff.json does not exceed";
    PromptBudget prompt_budget: Number(1_200, 300, 16_000), Untrusted::SetsUpTo(4_000),
        "tokens (o200k_base) that `waypost prompt` does not exceed";
    FocusFiles focus_files: Number(24, 1, 500), Untrusted::SetsUpTo(100),
        "files recorded for a goal";
    MapFiles map_files: Number(120, 0, 5_000), Untrusted::SetsUpTo(500),
        "central files in the code map, at most";
    RedactPatterns redact_patterns: List(), Untrusted::Adds,
        "regular expressions; what they match is replaced wherever it would be stored or shown";
    RedactPii redact_pii: Switch(false), Untrusted::SwitchesOn,
        "replace e-mail addresses, phone numbers, IBANs and card numbers too";
    LogPrompts log_prompts: Switch(false), Untrusted::Never,
        "keep the text of what hooks told in .waypost/local/hooks.jsonl, not its hash alone";
    Memory memory: Choice(&["read_write", "read_only", "off"]), Untrusted::Narrows,
        "read_write; read_only: no command, hook or agent writes records or logs a conversation; off: nor are they told";
    Vectors vectors: Switch(true), Untrusted::Sets,
        "find records by what they mean where words do not answer";
    CommitNote commit_note: Switch(false), Untrusted::Sets,
        "before a commit, tell the files that usually change with it and are not in it (the hook of `setup git`)";
    BriefBudget brief_budget: Number(2_300, 200, 2_300), Untrusted::Lowers,
        "tokens (o200k_base) that a conversation is told at its start, at most";
    Transcripts transcripts: Switch(true), Untrusted::Never,
        "let `resume` read what clients of agents keep of conversations in this tree";
    ConsolidateCommand consolidate_command: Text(""), Untrusted::UsersOnly,
        "program that reads what a session did and prints what to remember; only in the user's own file";
    ShellHistory shell_history: Switch(false), Untrusted::UsersOnly,
        "let `resume` read the commands that shells noted in this folder; only in the user's own file";
    QuestionLog question_log: Switch(false), Untrusted::UsersOnly,
        "keep what `search` is asked, as hashes, with what it found; only in the user's own file";
    KeepEventsDays keep_events_days: Number(90, 0, 36_500), Untrusted::Never,
        "days that `gc` keeps what happened in the log; 0: for ever";
    KeepMilestonesDays keep_milestones_days: Number(730, 0, 36_500), Untrusted::Never,
        "the same for decisions, questions, milestones, checkpoints, errors and notes";
    KeepSessionsDays keep_sessions_days: Number(365, 0, 36_500), Untrusted::Never,
        "days that `gc` keeps ended sessions, and jobs that are done; 0: for ever";
    KeepReceiptsDays keep_receipts_days: Number(30, 0, 36_500), Untrusted::Never,
        "days that outputs of `run` are kept; 0: for ever";
    KeepRecordsDays keep_records_days: Number(365, 0, 36_500), Untrusted::Never,
        "days that `gc` keeps records that were rejected, superseded or hidden, and old checkpoints; 0: for ever";
    DebounceMs debounce_ms: Number(100, 0, 60_000), Untrusted::Sets,
        "watch: quiet time in milliseconds before a change is taken as settled";
    MaxDelayMs max_delay_ms: Number(2_000, 0, 600_000), Untrusted::Sets,
        "watch: a snapshot at the latest this long after the first unsettled change";
    MinIntervalSec min_interval_sec: Number(0, 0, 86_400), Untrusted::Sets,
        "watch: at least this long between two snapshots";
}

impl SettingKey {
    fn setting(self) -> &'static Setting {
        &SETTINGS[self as usize]
    }

    /// The name in the files.
    pub fn name(self) -> &'static str {
        self.setting().name
    }

    /// A value as a person writes it in a shell: a number, a text, or a list
    /// as a TOML array or separated by commas.
    pub fn parse(self, text: &str) -> Result<SettingValue, String> {
        self.setting().parse(text)
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

/// The effective settings.
#[derive(Clone, Debug)]
pub struct Settings {
    /// By key.
    values: Vec<(SettingValue, SettingSource)>,
    held: Vec<WithheldSettings>,
    /// Items that an untrusted project added to lists.
    added: BTreeMap<SettingKey, Vec<String>>,
}

/// What may be done with records and with the log of conversations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MemoryUse {
    ReadWrite,
    ReadOnly,
    /// Nothing is told of them either.
    Off,
}

/// A value that an untrusted project asked for and did not get.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WithheldSettings {
    pub key: SettingKey,
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
        let mut lines: Vec<String> =
            SettingKey::ALL.iter().map(|key| format!("{} = {}\n", key.name(), self.value(*key))).collect();
        lines.sort();
        // Added by a project that is not trusted, items of a list count for less.
        let added =
            self.added.iter().map(|(key, items)| format!("{} + {}\n", key.name(), items.join("\n+ ")));
        lines.into_iter().chain(added).collect()
    }

    /// Every setting at its default.
    pub fn defaults() -> Self {
        let values = SETTINGS.iter().map(|setting| (setting.default_value(), SettingSource::Default));
        Self { values: values.collect(), held: Vec::new(), added: BTreeMap::new() }
    }

    /// Merges all layers below the flags.
    pub fn load(layers: &[Layer], environment: &dyn Fn(&str) -> Option<String>) -> Result<Self, BadConfig> {
        let mut settings = Self::defaults();
        for layer in layers {
            settings.take_in(layer)?;
        }
        for &key in SettingKey::ALL {
            let variable = format!("WAYPOST_{}", key.name().to_uppercase());
            if let Some(text) = environment(&variable) {
                let bad = |problem| BadConfig::of(&format!("environment variable `{variable}`"), problem);
                let value = key.parse(&text).map_err(bad)?;
                settings.set(key, value, SettingSource::Environment(variable));
                settings.added.remove(&key);
            }
        }
        Ok(settings)
    }

    /// Sets a number from a flag, the top layer. Fails if it is out of bounds.
    pub fn set_flag(&mut self, key: SettingKey, flag: &'static str, number: u64) -> Result<(), BadConfig> {
        let bad = |problem| BadConfig::of(&format!("`{flag} {number}`"), problem);
        let value = key.parse(&number.to_string()).map_err(bad)?;
        self.set(key, value, SettingSource::Flag(flag));
        Ok(())
    }

    /// Sets a list from a flag, the top layer.
    pub fn set_list_flag(&mut self, key: SettingKey, flag: &'static str, list: Vec<String>) {
        self.set(key, SettingValue::List(list), SettingSource::Flag(flag));
    }

    /// The value of a setting, of whatever type.
    pub fn value(&self, key: SettingKey) -> &SettingValue {
        &self.values[key as usize].0
    }

    /// Where the value of a setting comes from.
    pub fn source(&self, key: SettingKey) -> &SettingSource {
        &self.values[key as usize].1
    }

    fn set(&mut self, key: SettingKey, value: SettingValue, source: SettingSource) {
        self.values[key as usize] = (value, source);
    }

    /// What may be done with records.
    pub fn memory_use(&self) -> MemoryUse {
        match self.memory() {
            "read_only" => MemoryUse::ReadOnly,
            "off" => MemoryUse::Off,
            _ => MemoryUse::ReadWrite,
        }
    }

    /// The part of a list that an untrusted project added to it.
    pub fn added(&self, key: SettingKey) -> &[String] {
        self.added.get(&key).map(Vec::as_slice).unwrap_or_default()
    }

    /// The part of a list that the user set.
    pub fn own(&self, key: SettingKey) -> &[String] {
        match self.value(key) {
            // What is added stands before what was there.
            SettingValue::List(items) => &items[self.added(key).len()..],
            _ => &[],
        }
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
            let key = find(key).map_err(|problem| at(file, line, problem, nearest(key)))?;
            let asked = key.setting().value_of(item).map_err(|problem| at(file, line, problem, None))?;
            let kept = self.value(key);
            let value = match whose {
                Whose::Project => key.setting().narrowed(kept, &asked),
                Whose::Trusted if key.setting().is_users_only() => key.setting().narrowed(kept, &asked),
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
                    self.added.insert(key, added);
                    self.set(key, value, SettingSource::File(file.to_path_buf()));
                }
                None => self.held.push(WithheldSettings { key, asked, kept: kept.clone() }),
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

/// The setting of that name, or what to tell the user.
pub fn find(name: &str) -> Result<SettingKey, String> {
    let found = SettingKey::ALL.iter().find(|key| key.name() == name);
    found.copied().ok_or_else(|| format!("unknown setting `{name}`"))
}

/// A hint that names the setting that was probably meant.
pub fn nearest(name: &str) -> Option<String> {
    let names = SettingKey::ALL.iter().map(|key| key.name());
    let (distance, setting) = names.map(|known| (strsim::damerau_levenshtein(name, known), known)).min()?;
    Some(match distance {
        0..=3 => format!("did you mean `{setting}`?"),
        _ => "`waypost config` lists the settings".to_string(),
    })
}

/// What `waypost init` writes: every setting with its default, commented out.
pub fn template() -> String {
    file::template(SETTINGS)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

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
        insta::assert_snapshot!(load("memory = 'on'").unwrap_err(), @"`config.toml:1`: `memory` takes read_write, read_only, off, not `on`");
        insta::assert_snapshot!(load("handoff_budget = 3").unwrap_err(), @"`config.toml:1`: `handoff_budget` takes 300 to 200000, not 3");
        insta::assert_snapshot!(load("name = ").unwrap_err(), @"`config.toml:1`: string values must be quoted, expected literal string");
    }

    #[test]
    fn later_layers_win_and_say_where_they_come_from() {
        let layer = layer("config.toml", "handoff_budget = 1000\nexclude = ['a', 'b']\n", Whose::Project);
        let environment = |name: &str| (name == "WAYPOST_EXCLUDE").then(|| "x, y".to_string());
        let mut settings = Settings::load(&[layer], &environment).unwrap();
        assert_eq!(*settings.source(SettingKey::HandoffBudget), SettingSource::File("config.toml".into()));
        assert_eq!(settings.exclude(), ["x", "y"]);
        settings.set_flag(SettingKey::HandoffBudget, "--budget", 500).unwrap();
        assert_eq!(settings.handoff_budget(), 500);
        assert!(settings.set_flag(SettingKey::HandoffBudget, "--budget", 5).is_err());
    }

    #[test]
    fn the_template_sets_nothing_and_every_line_of_it_can_be_switched_on() {
        assert_eq!(load(&template()).unwrap().prompt_budget(), 1_200);
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
        assert_eq!(settings.value(find(key).unwrap()).to_string(), expected, "{user} + {project}");
        let found: Vec<&str> = settings.held().iter().map(|held| held.key.name()).collect();
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
        check("", "memory = 'off'", "memory", r#""off""#, &[]);
        check("memory = 'off'", "memory = 'read_write'", "memory", r#""off""#, &["memory"]);
        check("memory = 'read_only'", "memory = 'off'", "memory", r#""off""#, &[]);
        check("brief_budget = 500", "brief_budget = 2000", "brief_budget", "500", &["brief_budget"]);
        check("", "redact_pii = false", "redact_pii", "false", &[]);
    }

    #[test]
    fn what_an_untrusted_project_adds_to_a_list_is_told_apart() {
        let user = layer("user", "redact_patterns = ['x', 'z']", Whose::User);
        let project = |whose| layer("project", "redact_patterns = ['y', 'x']", whose);
        let settings = Settings::load(&[user.clone(), project(Whose::Project)], &|_| None).unwrap();
        assert_eq!(settings.redact_patterns(), ["y", "x", "z"]);
        assert_eq!(
            (settings.added(SettingKey::RedactPatterns), settings.own(SettingKey::RedactPatterns).len()),
            (&["y".to_string()][..], 2)
        );
        let settings = Settings::load(&[user.clone(), project(Whose::Trusted)], &|_| None).unwrap();
        assert_eq!(
            (
                settings.added(SettingKey::RedactPatterns).len(),
                settings.own(SettingKey::RedactPatterns).len()
            ),
            (0, 2)
        );
        let environment = |name: &str| (name == "WAYPOST_REDACT_PATTERNS").then(|| "e".to_string());
        let settings = Settings::load(&[user, project(Whose::Project)], &environment).unwrap();
        assert_eq!(
            (settings.added(SettingKey::RedactPatterns).len(), settings.own(SettingKey::RedactPatterns)),
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
