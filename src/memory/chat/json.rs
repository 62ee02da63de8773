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
pub enum Node {
    Text(String),
    List(Vec<Node>),
    Object(Vec<(String, Node)>),
    True,
}

impl Node {
    /// The last value of a key.
    pub fn get(&self, key: &str) -> Option<&Node> {
        match self {
            Node::Object(pairs) => pairs.iter().rev().find(|(known, _)| known == key).map(|(_, node)| node),
            _ => None,
        }
    }

    pub fn text(&self) -> Option<&str> {
        match self {
            Node::Text(text) => Some(text),
            _ => None,
        }
    }

    pub fn is_object(&self) -> bool {
        matches!(self, Node::Object(_))
    }

    pub fn is_true(&self, key: &str) -> bool {
        self.get(key) == Some(&Node::True)
    }

    pub fn keys(&self) -> impl Iterator<Item = &str> {
        let pairs = if let Node::Object(pairs) = self { pairs.as_slice() } else { &[] };
        pairs.iter().map(|(key, _)| key.as_str())
    }

    /// The values of an object for looking many up.
    pub fn by_key(&self) -> HashMap<&str, &Node> {
        let pairs = if let Node::Object(pairs) = self { pairs.as_slice() } else { &[] };
        pairs.iter().map(|(key, node)| (key.as_str(), node)).collect()
    }
}

/// A line as one value.
pub fn line(text: &str) -> Result<Node, serde_json::Error> {
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let left = Left::whole();
    let node = Value(&left).deserialize(&mut deserializer)?;
    deserializer.end()?;
    Ok(node.unwrap_or(Node::List(Vec::new())))
}

/// A document; of a list each element by itself, so that only one of them is
/// held at a time.
pub fn document(input: impl Read, mut take: impl FnMut(&Node)) -> Result<(), serde_json::Error> {
    let mut deserializer = serde_json::Deserializer::from_reader(input);
    Document(&mut take).deserialize(&mut deserializer)?;
    deserializer.end()
}

/// How many more values and bytes of text are taken.
struct Left {
    values: Cell<usize>,
    bytes: Cell<usize>,
}

impl Left {
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

struct Document<'a, F>(&'a mut F);

impl<'de, F: FnMut(&Node)> DeserializeSeed<'de> for Document<'_, F> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de, F: FnMut(&Node)> Visitor<'de> for Document<'_, F> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("a list or an object")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        loop {
            let left = Left::whole();
            match items.next_element_seed(Value(&left))? {
                Some(Some(node)) => (self.0)(&node),
                Some(None) => {}
                None => return Ok(()),
            }
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, pairs: A) -> Result<(), A::Error> {
        let left = Left::whole();
        if let Some(node) = Value(&left).visit_map(pairs)? {
            (self.0)(&node);
        }
        Ok(())
    }
}

struct Value<'a>(&'a Left);

impl<'de> DeserializeSeed<'de> for Value<'_> {
    type Value = Option<Node>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Option<Node>, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Value<'_> {
    type Value = Option<Node>;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Option<Node>, E> {
        Ok(value.then_some(Node::True))
    }

    fn visit_i64<E>(self, _: i64) -> Result<Option<Node>, E> {
        Ok(None)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Option<Node>, E> {
        Ok(None)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Option<Node>, E> {
        Ok(None)
    }

    fn visit_unit<E>(self) -> Result<Option<Node>, E> {
        Ok(None)
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Option<Node>, E> {
        self.0.take(text.len())?;
        Ok(Some(Node::Text(text.to_string())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Option<Node>, A::Error> {
        self.0.take(0)?;
        let mut list = Vec::new();
        while let Some(item) = items.next_element_seed(Value(self.0))? {
            list.extend(item);
        }
        Ok(Some(Node::List(list)))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut pairs: A) -> Result<Option<Node>, A::Error> {
        self.0.take(0)?;
        let mut object = Vec::new();
        while let Some(key) = pairs.next_key::<String>()? {
            self.0.take(key.len())?;
            if let Some(node) = pairs.next_value_seed(Value(self.0))? {
                object.push((key, node));
            }
        }
        Ok(Some(Node::Object(object)))
    }
}
