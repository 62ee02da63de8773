//! One setting: its default, its bounds, how a value is read from a shell and from
//! TOML, and what a file that nobody trusts may do to it.
//!
//! Not here: which settings there are, and which value is in effect (`mod`).

use std::fmt;

use toml_edit::{Array, DocumentMut, Item, Value as TomlValue};

/// What a setting is: its name in the files, and `WAYPOST_<NAME>` in the
/// environment.
pub struct Setting {
    pub name: &'static str,
    pub default: Default,
    pub untrusted: Untrusted,
    /// One line for `config.toml` and the documentation.
    pub help: &'static str,
}

/// The type of a setting with its default; that of a list is the empty one.
pub enum Default {
    Text(&'static str),
    /// One of these words: the first is the default, and each allows less than the
    /// one before.
    Choice(&'static [&'static str]),
    List(),
    /// Default, least and greatest value.
    Number(u64, u64, u64),
    Switch(bool),
}

/// What an untrusted project's file may do to a setting.
#[derive(Clone, Copy)]
pub enum Untrusted {
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
    /// Choose what allows less.
    Narrows,
    /// Nothing: it is about what the user keeps.
    Never,
    /// Nothing, and neither may one that is trusted: it says which program runs
    /// or what is read outside of the project.
    UsersOnly,
    /// Set the number up to this maximum: that shows more of what was read, but
    /// reads no more.
    SetsUpTo(u64),
}

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
    /// The value as a part of a TOML document.
    pub fn to_toml(&self) -> TomlValue {
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

impl Setting {
    /// The default as an owned value; the default of a list is the empty one.
    pub fn default_value(&self) -> SettingValue {
        match self.default {
            Default::Text(text) => SettingValue::Text(text.to_string()),
            Default::Choice(words) => SettingValue::Text(words[0].to_string()),
            Default::List() => SettingValue::List(Vec::new()),
            Default::Number(number, ..) => SettingValue::Number(number),
            Default::Switch(on) => SettingValue::Switch(on),
        }
    }

    /// Whether only the user's own file and environment may set it.
    pub fn is_users_only(&self) -> bool {
        matches!(self.untrusted, Untrusted::UsersOnly)
    }

    /// The value after applying an untrusted `asked`; `None` if that would
    /// widen it.
    pub fn narrowed(&self, value: &SettingValue, asked: &SettingValue) -> Option<SettingValue> {
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
            (Untrusted::Narrows, SettingValue::Text(own), SettingValue::Text(new)) => {
                (self.place(new) >= self.place(own)).then(|| asked.clone())
            }
            (Untrusted::Never | Untrusted::UsersOnly, ..) => (asked == value).then(|| asked.clone()),
            (Untrusted::SwitchesOn, SettingValue::Switch(own), SettingValue::Switch(new)) => {
                (*new || !own).then(|| asked.clone())
            }
            _ => None,
        }
    }

    /// The place of a word among those that may be chosen.
    fn place(&self, word: &str) -> Option<usize> {
        match self.default {
            Default::Choice(words) => words.iter().position(|known| *known == word),
            _ => None,
        }
    }

    /// A value as a person writes it in a shell: a number, a text, or a list
    /// as a TOML array or separated by commas.
    pub fn parse(&self, text: &str) -> Result<SettingValue, String> {
        let value = match self.default {
            Default::Text(_) => SettingValue::Text(text.to_string()),
            Default::Choice(_) => SettingValue::Text(text.trim().to_string()),
            Default::List() => SettingValue::List(parse_list(text)?),
            Default::Number(..) => {
                SettingValue::Number(text.trim().parse().map_err(|_| self.mismatch(text))?)
            }
            Default::Switch(_) => SettingValue::Switch(text.trim().parse().map_err(|_| self.mismatch(text))?),
        };
        self.check(value)
    }

    /// The value of an item in a settings file.
    pub fn value_of(&self, item: &Item) -> Result<SettingValue, String> {
        let mismatch = || self.mismatch(item.to_string().trim());
        let value = match self.default {
            Default::Text(_) | Default::Choice(_) => {
                SettingValue::Text(item.as_str().ok_or_else(mismatch)?.to_string())
            }
            Default::Number(..) => {
                let number = item.as_integer().ok_or_else(mismatch)?;
                SettingValue::Number(number.try_into().map_err(|_| mismatch())?)
            }
            Default::Switch(_) => SettingValue::Switch(item.as_bool().ok_or_else(mismatch)?),
            Default::List() => {
                let items = item.as_array().ok_or_else(mismatch)?.iter();
                let texts: Option<Vec<String>> = items.map(|i| i.as_str().map(str::to_string)).collect();
                SettingValue::List(texts.ok_or_else(mismatch)?)
            }
        };
        self.check(value)
    }

    /// The value, if it is within the bounds.
    pub fn check(&self, value: SettingValue) -> Result<SettingValue, String> {
        if let (Default::Number(_, least, greatest), SettingValue::Number(number)) = (&self.default, &value)
            && !(least..=greatest).contains(&number)
        {
            return Err(format!("`{}` takes {least} to {greatest}, not {number}", self.name));
        }
        if let (Default::Choice(words), SettingValue::Text(word)) = (&self.default, &value)
            && self.place(word).is_none()
        {
            return Err(format!("`{}` takes {}, not `{word}`", self.name, words.join(", ")));
        }
        Ok(value)
    }

    fn mismatch(&self, found: &str) -> String {
        let wanted = match self.default {
            Default::Text(_) | Default::Choice(_) => "a text",
            Default::List() => "a list of texts",
            Default::Number(..) => "a whole number",
            Default::Switch(_) => "`true` or `false`",
        };
        format!("`{}` takes {wanted}, not `{found}`", self.name)
    }
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
