//! JSON as a conversation needs it: texts, lists and objects. Numbers and nulls
//! are passed over, and values are counted while they are read, so that a small
//! file cannot take much memory.

use std::cell::Cell;
use std::collections::HashMap;
use std::fmt;
use std::io::Read;

use serde::de::{self, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};

use crate::limits;

/// A value. What is neither of these says nothing.
#[derive(Debug, PartialEq, Eq)]
pub enum JsonNode {
    Text(String),
    List(Vec<JsonNode>),
    Object(Vec<(String, JsonNode)>),
    True,
}

impl JsonNode {
    /// The last value of a key.
    pub fn get(&self, key: &str) -> Option<&JsonNode> {
        match self {
            JsonNode::Object(pairs) => {
                pairs.iter().rev().find(|(known, _)| known == key).map(|(_, node)| node)
            }
            _ => None,
        }
    }

    /// The text, if the node is one.
    pub fn text(&self) -> Option<&str> {
        match self {
            JsonNode::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Whether the node is an object.
    pub fn is_object(&self) -> bool {
        matches!(self, JsonNode::Object(_))
    }

    /// Whether the object has `true` under this key.
    pub fn is_true(&self, key: &str) -> bool {
        self.get(key) == Some(&JsonNode::True)
    }

    /// The keys of an object in their order; none for any other node.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        let pairs = if let JsonNode::Object(pairs) = self { pairs.as_slice() } else { &[] };
        pairs.iter().map(|(key, _)| key.as_str())
    }

    /// The values of an object for looking many up.
    pub fn by_key(&self) -> HashMap<&str, &JsonNode> {
        let pairs = if let JsonNode::Object(pairs) = self { pairs.as_slice() } else { &[] };
        pairs.iter().map(|(key, node)| (key.as_str(), node)).collect()
    }
}

/// A line as one value.
pub fn line(text: &str) -> Result<JsonNode, serde_json::Error> {
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let left = Allowance::whole();
    let node = ValueSeed(&left).deserialize(&mut deserializer)?;
    deserializer.end()?;
    Ok(node.unwrap_or(JsonNode::List(Vec::new())))
}

/// A document; of a list each element by itself, so that only one of them is
/// held at a time.
pub fn document(input: impl Read, mut take: impl FnMut(&JsonNode)) -> Result<(), serde_json::Error> {
    let mut deserializer = serde_json::Deserializer::from_reader(input);
    DocumentSeed(&mut take).deserialize(&mut deserializer)?;
    deserializer.end()
}

/// How many more values and bytes of text are taken.
struct Allowance {
    values: Cell<usize>,
    bytes: Cell<usize>,
}

impl Allowance {
    fn whole() -> Self {
        Self { values: Cell::new(limits::MAX_CHAT_VALUES), bytes: Cell::new(limits::MAX_CHAT_TEXT) }
    }

    fn take<E: de::Error>(&self, bytes: usize) -> Result<(), E> {
        let over = |what: &str, most: usize| E::custom(format!("more than {most} {what} in one piece"));
        let values = self.values.get().checked_sub(1);
        self.values.set(values.ok_or_else(|| over("values", limits::MAX_CHAT_VALUES))?);
        let bytes = self.bytes.get().checked_sub(bytes);
        self.bytes.set(bytes.ok_or_else(|| over("bytes of text", limits::MAX_CHAT_TEXT))?);
        Ok(())
    }
}

struct DocumentSeed<'a, F>(&'a mut F);

impl<'de, F: FnMut(&JsonNode)> DeserializeSeed<'de> for DocumentSeed<'_, F> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de, F: FnMut(&JsonNode)> Visitor<'de> for DocumentSeed<'_, F> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("a list or an object")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        loop {
            let left = Allowance::whole();
            match items.next_element_seed(ValueSeed(&left))? {
                Some(Some(node)) => (self.0)(&node),
                Some(None) => {}
                None => return Ok(()),
            }
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, pairs: A) -> Result<(), A::Error> {
        let left = Allowance::whole();
        if let Some(node) = ValueSeed(&left).visit_map(pairs)? {
            (self.0)(&node);
        }
        Ok(())
    }
}

struct ValueSeed<'a>(&'a Allowance);

impl<'de> DeserializeSeed<'de> for ValueSeed<'_> {
    type Value = Option<JsonNode>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Option<JsonNode>, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for ValueSeed<'_> {
    type Value = Option<JsonNode>;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Option<JsonNode>, E> {
        Ok(value.then_some(JsonNode::True))
    }

    fn visit_i64<E>(self, _: i64) -> Result<Option<JsonNode>, E> {
        Ok(None)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Option<JsonNode>, E> {
        Ok(None)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Option<JsonNode>, E> {
        Ok(None)
    }

    fn visit_unit<E>(self) -> Result<Option<JsonNode>, E> {
        Ok(None)
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Option<JsonNode>, E> {
        self.0.take(text.len())?;
        Ok(Some(JsonNode::Text(text.to_string())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Option<JsonNode>, A::Error> {
        self.0.take(0)?;
        let mut list = Vec::new();
        while let Some(item) = items.next_element_seed(ValueSeed(self.0))? {
            list.extend(item);
        }
        Ok(Some(JsonNode::List(list)))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut pairs: A) -> Result<Option<JsonNode>, A::Error> {
        self.0.take(0)?;
        let mut object = Vec::new();
        while let Some(key) = pairs.next_key::<String>()? {
            self.0.take(key.len())?;
            if let Some(node) = pairs.next_value_seed(ValueSeed(self.0))? {
                object.push((key, node));
            }
        }
        Ok(Some(JsonNode::Object(object)))
    }
}
