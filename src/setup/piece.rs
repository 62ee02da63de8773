//! One thing of ours in one file, in whichever dialect: putting it in, taking
//! it out, and spelling it for a person who has to paste it.
//!
//! Not here: which file, and what is remembered of it (`edit`, `journal`).

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::block::{self, Marks};
use super::json::{self, Grammar, What};
use super::text::Text;
use super::{Refusal, own, splice, toml, yaml};

/// The name of our entries.
pub const NAME: &str = "waypost";

/// What is put into a file. It is kept in the journal, so that a later version
/// can still take it out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Piece {
    /// An entry that starts our server, in JSON.
    Server { grammar: Grammar, at: Vec<String>, value: Value },
    /// A member that a file of hooks must have; it may be there already.
    Default { grammar: Grammar, key: String, value: Value },
    /// An element that calls one of our hooks.
    Hook { grammar: Grammar, at: Vec<String>, value: Value },
    /// A table that starts our server, in TOML.
    Table { parent: String, value: Value },
    /// An entry that starts our server, in YAML.
    Entry { parent: String, value: Value },
    /// A word in a list, in YAML.
    Word { key: String, word: String },
    /// Lines between marks.
    Block { marks: Marks, body: String },
    /// A file that is ours alone.
    Whole { text: String, executable: bool },
}

/// What putting something in comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Put {
    /// It is already there.
    Present,
    /// The text with it, and how many containers around it are new.
    New { text: String, created: usize },
}

impl Piece {
    /// Puts it into a file, or into one that is not there yet.
    pub fn put(&self, bytes: &[u8]) -> Result<Option<(Vec<u8>, usize)>, Refusal> {
        let text = self.read(bytes)?;
        let body = &text.body;
        let put = match self {
            Self::Server { grammar, at, value } => json::put(body, *grammar, at, What::Server(NAME, value)),
            Self::Default { grammar, key, value } => {
                json::put(body, *grammar, &[], What::Default(key, value))
            }
            Self::Hook { grammar, at, value } => json::put(body, *grammar, at, What::Hook(value)),
            Self::Table { parent, value } => toml::put(body, parent, NAME, value),
            Self::Entry { parent, value } => yaml::put_entry(body, parent, NAME, value),
            Self::Word { key, word } => yaml::put_item(body, key, word),
            Self::Block { marks, body: lines } => block::put(body, *marks, lines),
            Self::Whole { text: ours, .. } => put_whole(body, ours),
        }?;
        Ok(match put {
            Put::Present => None,
            Put::New { text: made, created } => Some((text.bytes(&made), created)),
        })
    }

    /// Takes it out; `None` when nothing of ours is there.
    pub fn take(&self, bytes: &[u8], created: usize) -> Result<Option<Vec<u8>>, Refusal> {
        let text = self.read(bytes)?;
        let body = &text.body;
        let taken = match self {
            Self::Server { grammar, at, value } => {
                json::take(body, *grammar, at, What::Server(NAME, value), created)
            }
            Self::Default { grammar, key, value } => json::take_alone(body, *grammar, key, value),
            Self::Hook { grammar, at, value } => json::take(body, *grammar, at, What::Hook(value), created),
            Self::Table { parent, .. } => toml::take(body, parent, NAME),
            Self::Entry { parent, .. } => yaml::take_entry(body, parent, NAME, created > 0),
            Self::Word { key, word } => yaml::take_item(body, key, word, created > 0),
            Self::Block { marks, .. } => block::take(body, *marks),
            Self::Whole { text: ours, .. } => Ok((body == ours).then(String::new)),
        }?;
        Ok(taken.map(|taken| text.bytes(&taken)))
    }

    fn read(&self, bytes: &[u8]) -> Result<Text, Refusal> {
        let text = Text::read(bytes)?;
        match self.grammar() {
            Some(grammar) if text.has_bom && !grammar.bom => {
                Err(Refusal::at(1, "this client cannot read it: it begins with a byte order mark"))
            }
            _ => Ok(text),
        }
    }

    fn grammar(&self) -> Option<&Grammar> {
        match self {
            Self::Server { grammar, .. } | Self::Default { grammar, .. } | Self::Hook { grammar, .. } => {
                Some(grammar)
            }
            _ => None,
        }
    }

    /// Whether both have the same place in a file.
    pub fn is_at_place_of(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Server { at, .. }, Self::Server { at: other, .. })
            | (Self::Hook { at, .. }, Self::Hook { at: other, .. }) => at == other,
            (Self::Default { key, .. }, Self::Default { key: other, .. })
            | (Self::Word { key, .. }, Self::Word { key: other, .. }) => key == other,
            _ => std::mem::discriminant(self) == std::mem::discriminant(other),
        }
    }

    /// Whether the file must have its executable bit set.
    pub fn is_executable(&self) -> bool {
        matches!(self, Self::Whole { executable: true, .. } | Self::Block { marks: Marks::Script, .. })
    }

    /// What a person pastes where it cannot be put: as a whole file would be.
    pub fn stanza(&self) -> String {
        match self {
            Self::Whole { text, .. } => text.clone(),
            _ => match self.put(b"") {
                Ok(Some((bytes, _))) => String::from_utf8_lossy(&bytes).into_owned(),
                _ => String::new(),
            },
        }
    }
}

fn put_whole(there: &str, ours: &str) -> Result<Put, Refusal> {
    match () {
        () if there == ours => Ok(Put::Present),
        () if there.is_empty() || there.lines().any(own::is_hook) => {
            Ok(Put::New { text: ours.to_string(), created: 0 })
        }
        () => Err(Refusal::whole("there is a file of this name that is not ours")),
    }
}

/// A value as a whole JSON file.
pub fn json_file(value: &Value) -> String {
    format!("{}\n", splice::pretty(value, "  "))
}
