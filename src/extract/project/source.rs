//! The walked paths and their redacted texts as the readers of manifests see
//! them: look-up by path, parsing into loose values, and quoting a parsed
//! value back as a part of the text that it came from.
//!
//! Not here: what any manifest means.

use roxmltree::{Document, ParsingOptions};
use saphyr_parser::{Event, Parser};
use serde_json::{Map, Value};

use crate::model::{RelPath, SafeText};

/// Bytes of a manifest or document that is still read. The largest
/// hand-written one among forty popular repositories has 120 kB.
const MAX_SOURCE: usize = 200_000;

/// Nodes of an XML document, or of a YAML document once its aliases are
/// expanded: a bomb of a few hundred bytes expands to billions.
const MAX_NODES: usize = 50_000;

/// Levels of nesting of a YAML document; CI files have less than twelve.
const MAX_DEPTH: usize = 64;

/// All walked paths, sorted by bytes, and the way to their texts.
pub(super) struct SourceFiles<'a> {
    pub paths: &'a [&'a RelPath],
    pub text: &'a dyn Fn(&RelPath) -> Option<SafeText>,
}

impl<'a> SourceFiles<'a> {
    /// The walked file at exactly this path, if there is one.
    pub fn find(&self, path: &str) -> Option<&'a RelPath> {
        let at = self.paths.binary_search_by(|probe| probe.as_str().cmp(path)).ok()?;
        Some(self.paths[at])
    }

    /// Whether a file was walked at exactly this path.
    pub fn has(&self, path: &str) -> bool {
        self.find(path).is_some()
    }

    /// The paths below a folder at any depth; all of them for `""`.
    pub fn below(&self, folder: &str) -> &'a [&'a RelPath] {
        if folder.is_empty() {
            return self.paths;
        }
        let prefix = format!("{folder}/");
        let start = self.paths.partition_point(|path| path.as_str() < prefix.as_str());
        let len = self.paths[start..].partition_point(|path| path.as_str().starts_with(&prefix));
        &self.paths[start..start + len]
    }

    /// The files directly in a folder.
    pub fn directly_in(&self, folder: &str) -> impl Iterator<Item = &'a RelPath> {
        let folder = folder.to_string();
        self.below(&folder).iter().copied().filter(move |path| path.parent() == folder)
    }

    /// The redacted text of a file; `None` if it was not walked, cannot be read or is longer than a
    /// manifest may be.
    pub fn open(&self, path: &str) -> Option<SourceText> {
        let path = self.find(path)?;
        let text = (self.text)(path)?;
        (text.as_str().len() <= MAX_SOURCE).then(|| SourceText { path: path.clone(), text })
    }

    /// The first of these that exists and can be read.
    pub fn open_first(&self, paths: &[&str]) -> Option<SourceText> {
        paths.iter().find_map(|path| self.open(path))
    }
}

/// One redacted text and where it stands.
#[derive(Clone)]
pub(super) struct SourceText {
    pub path: RelPath,
    pub text: SafeText,
}

impl SourceText {
    /// The whole text.
    pub fn str(&self) -> &str {
        self.text.as_str()
    }

    /// Null when it does not parse; so are the other two.
    pub fn json(&self) -> Value {
        serde_json::from_str(self.str()).unwrap_or_default()
    }

    /// The text as TOML; an empty value where it cannot be parsed.
    pub fn toml(&self) -> Value {
        toml::from_str(self.str()).unwrap_or_default()
    }

    /// The text as YAML; an empty value where it cannot be parsed.
    pub fn yaml(&self) -> Value {
        yaml(self.str()).unwrap_or_default()
    }

    /// The element of this name that comes first in the text, which is XML, by
    /// its own text.
    pub fn xml_text(&self, name: &str) -> Option<String> {
        let document = xml(self.str())?;
        let found = document.descendants().find(|node| node.has_tag_name(name))?;
        Some(found.text()?.trim().to_string())
    }

    /// The text of the element that names lead to from the root of the XML, on
    /// one line.
    pub fn xml_field(&self, names: &[&str], max_chars: usize) -> Option<SafeText> {
        let document = xml(self.str())?;
        let mut node = document.root_element();
        for name in names {
            node = node.children().find(|child| child.has_tag_name(*name))?;
        }
        Some(self.quote(node.text()?.trim())?.one_line(max_chars))
    }

    /// A parsed value as redacted text: every word of it stands in this text
    /// as it is. A word that exists only by virtue of an escape (`\u202e`)
    /// has not been seen by the redaction, so such a value is `None`. Our own
    /// `--write` (see [`super::classify::applied`]) is the one word that may be new.
    pub fn quote(&self, value: &str) -> Option<SafeText> {
        if value.trim().is_empty() {
            return None;
        }
        if let Some(at) = self.str().find(value) {
            return Some(self.text.slice(at..at + value.len()));
        }
        let seen = value
            .split(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '\\' | '/'))
            .all(|word| word == "--write" || self.str().contains(word));
        seen.then(|| SafeText::quoting(value.to_string(), "write", &[&self.text]))
    }

    /// [`SourceText::quote_value`] cut at the end of a sentence.
    pub fn quote_line(&self, value: &Value) -> SafeText {
        super::prose::line(&self.quote_value(value, 2_000), super::MAX_LINE)
    }

    /// [`SourceText::quote`] of a string in a parsed value, on one line.
    pub fn quote_value(&self, value: &Value, max_chars: usize) -> SafeText {
        value
            .as_str()
            .and_then(|text| self.quote(text.trim()))
            .map(|text| text.one_line(max_chars))
            .unwrap_or_default()
    }
}

/// `None` where it cannot be parsed or is built to be expensive: entities of its
/// own make it so.
fn xml(text: &str) -> Option<Document<'_>> {
    let bounded = ParsingOptions { nodes_limit: MAX_NODES as u32, ..ParsingOptions::default() };
    Document::parse_with_options(text, bounded).ok()
}

/// The first document of a YAML text. `None` when it does not parse or is
/// built to be expensive.
fn yaml(text: &str) -> Option<Value> {
    let mut open: Vec<OpenNode> = Vec::new();
    let mut anchors: Vec<(usize, Value, usize)> = Vec::new();
    let mut nodes = 0;
    for event in Parser::new_from_str(text) {
        let (value, anchor, size, fresh) = match event.ok()?.0 {
            Event::Scalar(text, _, anchor, _) => (Value::String(text.into_owned()), anchor, 1, 1),
            Event::Alias(id) => {
                let (_, value, size) = anchors.iter().find(|(anchor, ..)| *anchor == id)?;
                if nodes + size > MAX_NODES {
                    return None;
                }
                (value.clone(), 0, *size, *size)
            }
            Event::SequenceStart(anchor, _) => {
                open.push(OpenNode::new(Value::Array(Vec::new()), anchor, nodes));
                continue_if(open.len() <= MAX_DEPTH)?;
                continue;
            }
            Event::MappingStart(anchor, _) => {
                open.push(OpenNode::new(Value::Object(Map::new()), anchor, nodes));
                continue_if(open.len() <= MAX_DEPTH)?;
                continue;
            }
            Event::SequenceEnd | Event::MappingEnd => {
                let node = open.pop()?;
                (node.value, node.anchor, nodes - node.nodes_before + 1, 1)
            }
            Event::DocumentEnd | Event::StreamEnd => return None,
            _ => continue,
        };
        nodes += fresh;
        continue_if(nodes <= MAX_NODES)?;
        if anchor > 0 {
            continue_if(anchors.len() < 1_000)?;
            anchors.push((anchor, value.clone(), size));
        }
        match open.last_mut() {
            Some(parent) => parent.push(value),
            None => return Some(value),
        }
    }
    None
}

fn continue_if(fits: bool) -> Option<()> {
    fits.then_some(())
}

/// A sequence or mapping that is still open.
struct OpenNode {
    value: Value,
    anchor: usize,
    nodes_before: usize,
    key: Option<String>,
}

impl OpenNode {
    fn new(value: Value, anchor: usize, nodes_before: usize) -> Self {
        Self { value, anchor, nodes_before, key: None }
    }

    fn push(&mut self, child: Value) {
        match &mut self.value {
            Value::Array(items) => items.push(child),
            Value::Object(map) => match self.key.take() {
                None => self.key = Some(child.as_str().unwrap_or_default().to_string()),
                Some(key) if key == "<<" => merge(map, child),
                Some(key) => {
                    map.insert(key, child);
                }
            },
            _ => {}
        }
    }
}

/// YAML's merge key: what is there already wins.
fn merge(map: &mut Map<String, Value>, from: Value) {
    match from {
        Value::Object(other) => {
            for (key, value) in other {
                map.entry(key).or_insert(value);
            }
        }
        Value::Array(items) => items.into_iter().for_each(|item| merge(map, item)),
        _ => {}
    }
}

/// The strings of a value that is a string or a list of strings.
pub(super) fn strings(value: &Value) -> Vec<&str> {
    match value {
        Value::String(text) => vec![text],
        Value::Array(items) => items.iter().flat_map(strings).collect(),
        _ => Vec::new(),
    }
}

/// Keys and values of an object, in its order; nothing for other values.
pub(super) fn entries(value: &Value) -> impl Iterator<Item = (&str, &Value)> {
    value.as_object().into_iter().flatten().map(|(key, value)| (key.as_str(), value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn yaml_merges_and_aliases_are_followed() {
        let value = yaml("a: &a {x: 1, y: 2}\nb:\n  <<: *a\n  y: 3\nc: [*a]\n").unwrap();
        assert_eq!(value["b"], serde_json::json!({"x": "1", "y": "3"}));
        assert_eq!(value["c"][0]["y"], "2");
    }

    #[test]
    fn an_alias_bomb_is_given_up() {
        let mut bomb = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x]\n");
        for level in 1..12 {
            let aliases = vec![format!("*a{}", level - 1); 9].join(", ");
            bomb.push_str(&format!("a{level}: &a{level} [{aliases}]\n"));
        }
        assert_eq!(yaml(&bomb), None);
    }

    #[test]
    fn xml_is_read_by_element_and_place() {
        let text = "<!-- <name>no</name> --><p xmlns='urn:x'><parent><name>a</name></parent>\
                    <name>\n b &amp; c </name><build><goal>d</goal></build></p>";
        let text = crate::redact::Redactor::new(&[]).unwrap().text(text);
        let source = SourceText { path: RelPath::new("pom.xml").unwrap(), text };
        assert_eq!(source.xml_field(&["name"], 80).unwrap().as_str(), "b & c");
        assert_eq!(source.xml_field(&["parent", "name"], 80).unwrap().as_str(), "a");
        assert_eq!(source.xml_field(&["goal"], 80), None);
        assert_eq!(source.xml_text("goal").as_deref(), Some("d"));
    }

    #[test]
    fn xml_that_is_broken_deep_or_a_bomb_is_given_up() {
        assert!(xml("<a><b></a>").is_none());
        assert!(xml("<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>").is_none());
        assert!(xml(&"<a>".repeat(MAX_SOURCE / 3)).is_none());
        assert!(xml(&format!("<a>{}</a>", "<b/>".repeat(MAX_NODES))).is_none());
        let deep = MAX_NODES - 2;
        _ = xml(&("<a>".repeat(deep) + &"</a>".repeat(deep)));
    }

    #[test]
    fn deep_nesting_is_given_up() {
        assert_eq!(yaml(&"- ".repeat(50_000)), None);
        assert_eq!(yaml(&"[".repeat(50_000)), None);
        assert_eq!(yaml(&"? ".repeat(50_000)), None);
    }
}
