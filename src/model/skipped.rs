//! What was found and is not read, with the reason. Not how that is found out.

use std::cmp::Ordering;
use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// An entry that was found but is not read, with the reason in words. `path` is
/// what to show: exact if the name is UTF-8, escaped if not.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema, Deserialize)]
pub struct Skipped {
    pub path: String,
    pub reason: SkipReason,
}

macro_rules! skip_reasons {
    ($($reason:ident = $text:literal,)*) => {
        /// Why an entry is not read. Reports and the database hold its text, by
        /// which it also sorts.
        #[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema, Deserialize)]
        #[serde(into = "String", from = "String")]
        pub enum SkipReason {
            $($reason,)*
            /// A reason that nothing depends on, such as an I/O error.
            Other(String),
        }

        impl SkipReason {
            /// The reason in words.
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$reason => $text,)*
                    Self::Other(text) => text,
                }
            }
        }

        impl From<String> for SkipReason {
            fn from(text: String) -> Self {
                match text.as_str() {
                    $($text => Self::$reason,)*
                    _ => Self::Other(text),
                }
            }
        }
    };
}

skip_reasons! {
    Symlink = "symlink",
    NestedRepository = "nested repository",
    Submodule = "submodule",
    NotUtf8 = "name is not UTF-8",
    SecretName = "a secret in its name",
    OtherFileSystem = "on another file system",
    Changing = "changed while it was read",
}

impl SkipReason {
    /// Whether the entry is listed under another name than it has on the disk.
    pub fn is_renamed(&self) -> bool {
        matches!(self, Self::NotUtf8 | Self::SecretName)
    }
}

impl From<&str> for SkipReason {
    fn from(text: &str) -> Self {
        text.to_string().into()
    }
}

impl From<SkipReason> for String {
    fn from(reason: SkipReason) -> Self {
        match reason {
            SkipReason::Other(text) => text,
            known => known.as_str().to_string(),
        }
    }
}

impl Ord for SkipReason {
    fn cmp(&self, other: &Self) -> Ordering {
        self.as_str().cmp(other.as_str())
    }
}

impl PartialOrd for SkipReason {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Display for SkipReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_is_stored_as_its_text_and_known_again_by_it() {
        for text in ["symlink", "nested repository", "name is not UTF-8", "binary", "cannot be read: busy"] {
            let reason = SkipReason::from(text);
            assert_eq!(serde_json::to_string(&reason).unwrap(), format!("\"{text}\""));
            assert_eq!(serde_json::from_str::<SkipReason>(&format!("\"{text}\"")).unwrap(), reason);
        }
        assert_eq!(SkipReason::from("nested repository"), SkipReason::NestedRepository);
        assert_eq!(SkipReason::from("binary"), SkipReason::Other("binary".to_string()));
        assert!(SkipReason::SecretName.is_renamed() && !SkipReason::Symlink.is_renamed());
    }
}
