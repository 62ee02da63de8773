//! Our part in a YAML file: lines in a block, or an item in braces. The parser
//! tells where things stand, and afterwards whether all else says the same.
//!
//! Not here: other clients' dialects.

use std::ops::Range;

use saphyr_parser::{Event, Parser, ScalarStyle, Span};
use serde_json::{Map, Value};

use super::own::{is_server, says_all_of};
use super::splice::{self, List};
use super::text::{gap, line_at, line_end};
use super::{Put, Refusal};

/// A node and where it stands, in bytes.
#[derive(Debug)]
struct Node {
    range: Range<usize>,
    is_flow: bool,
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    Scalar(ScalarStyle, String),
    List(Vec<Node>),
    Map(Vec<(Node, Node)>),
    /// An alias: what it stands for does not matter here.
    Other,
}

/// Levels of nesting; configurations have three.
const MAX_DEPTH: usize = 64;

/// Puts an entry that starts our server into the map at `parent`.
pub fn put_entry(text: &str, parent: &str, key: &str, value: &Value) -> Result<Put, Refusal> {
    let end = line_end(text);
    let Some(root) = root(text)? else {
        return append(
            text,
            &format!("{parent}:{end}{}", entry("  ", key, value, end)),
            (parent, key, value),
        );
    };
    let Some((name, map)) = member(text, &root, parent)? else {
        return append(
            text,
            &format!("{parent}:{end}{}", entry("  ", key, value, end)),
            (parent, key, value),
        );
    };
    if let Kind::Map(members) = &map.kind
        && let Some((name, there)) = members.iter().find(|(name, _)| name.is(key))
    {
        return match is_server(&there.json()) {
            true if says_all_of(&there.json(), value) => Ok(Put::Present),
            true => Err(Refusal::at(
                line_at(text, name.range.start),
                format!("its entry `{key}` is an older one of ours"),
            )),
            false => Err(Refusal::at(
                line_at(text, name.range.start),
                format!("it has an entry `{key}` that is not ours"),
            )),
        };
    }
    let made = match &map.kind {
        Kind::Map(members) if map.is_flow => {
            let comma = if members.is_empty() { "" } else { ", " };
            let open = map.range.start + 1;
            format!("{}{key}: {value}{comma}{}", &text[..open], &text[open..])
        }
        Kind::Map(members) => {
            let first = members.first().map_or(map.range.start, |(name, _)| name.range.start);
            let (line, indent) = own_line(text, first)?;
            format!("{}{}{}", &text[..line], entry(indent, key, value, end), &text[line..])
        }
        Kind::Scalar(..) if map.range.is_empty() => {
            let at = text[name.range.end..].find('\n').map_or(text.len(), |at| name.range.end + at + 1);
            format!(
                "{}{}{}{}",
                &text[..at],
                gap(&text[..at], false),
                entry("  ", key, value, end),
                &text[at..]
            )
        }
        _ => return Err(Refusal::at(line_at(text, map.range.start), format!("`{parent}` is not a map"))),
    };
    checked(text, made, &|all| insert(all, parent, key, value), 0)
}

fn insert(all: &mut Map<String, Value>, parent: &str, key: &str, value: &Value) {
    let map = all.entry(parent).or_insert(Value::Null);
    if !map.is_object() {
        *map = Value::Object(Map::new());
    }
    if let Some(map) = map.as_object_mut() {
        map.insert(key.to_string(), value.clone());
    }
}

fn append(text: &str, lines: &str, (parent, key, value): (&str, &str, &Value)) -> Result<Put, Refusal> {
    let made = format!("{text}{}{lines}", gap(text, false));
    checked(text, made, &|all| insert(all, parent, key, value), 1)
}

/// Flow collections of YAML are spelled as in JSON.
fn entry(indent: &str, key: &str, value: &Value, end: &str) -> String {
    let members = value.as_object().into_iter().flatten();
    let lines: String = members.map(|(key, value)| format!("{indent}  {key}: {value}{end}")).collect();
    format!("{indent}{key}:{end}{lines}")
}

/// Takes the entry out, and the map around it if it was `created` and is empty.
pub fn take_entry(text: &str, parent: &str, key: &str, created: bool) -> Result<Option<String>, Refusal> {
    let Some(root) = root(text)? else { return Ok(None) };
    let Some((name, map)) = member(text, &root, parent)? else { return Ok(None) };
    let Kind::Map(members) = &map.kind else { return Ok(None) };
    let ours = |(name, there): &(Node, Node)| name.is(key) && is_server(&there.json());
    let Some(at) = members.iter().position(ours) else { return Ok(None) };
    let taken = match map.is_flow {
        true => {
            remove_flow(text, map, members.iter().map(|(name, value)| name.range.start..value.range.end), at)
        }
        false if created && members.len() == 1 => {
            without_lines(text, name.range.start..members[at].1.last_byte())
        }
        false => without_lines(text, members[at].0.range.start..members[at].1.last_byte()),
    };
    self::root(&taken)?;
    Ok(Some(taken))
}

/// Puts a word into the list at `key`, making a list of a single word.
pub fn put_item(text: &str, key: &str, word: &str) -> Result<Put, Refusal> {
    let root = root(text)?;
    let found = root.as_ref().map(|root| member(text, root, key)).transpose()?.flatten();
    let add = |all: &mut Map<String, Value>| add_item(all, key, word);
    let Some((name, there)) = found else {
        return checked(
            text,
            format!("{text}{}{key}: [{word}]{}", gap(text, false), line_end(text)),
            &add,
            1,
        );
    };
    let range = &there.range;
    let made = match &there.kind {
        Kind::List(items) if items.iter().any(|item| item.is(word)) => return Ok(Put::Present),
        Kind::Scalar(_, scalar) if scalar == word => return Ok(Put::Present),
        Kind::List(items) if there.is_flow => match items.last() {
            Some(last) => format!("{}, {word}{}", &text[..last.range.end], &text[last.range.end..]),
            None => format!("{}{word}{}", &text[..=range.start], &text[range.start + 1..]),
        },
        Kind::List(_) => {
            let dash = text[name.range.end..].find('-').map_or(range.start, |at| name.range.end + at);
            let (line, indent) = own_line(text, first_dash(text, range.start).unwrap_or(dash))?;
            format!("{}{indent}- {word}{}{}", &text[..line], line_end(text), &text[line..])
        }
        Kind::Scalar(..) if range.is_empty() => {
            let colon = text[name.range.end..].find(':').map_or(text.len(), |at| name.range.end + at + 1);
            format!("{} [{word}]{}", &text[..colon], &text[colon..])
        }
        Kind::Scalar(..) => {
            format!("{}[{}, {word}]{}", &text[..range.start], &text[range.clone()], &text[range.end..])
        }
        _ => return Err(Refusal::at(line_at(text, range.start), format!("`{key}` is not a list"))),
    };
    checked(text, made, &add, 0)
}

/// The dash that a block list begins with.
fn first_dash(text: &str, start: usize) -> Option<usize> {
    let line = text[..start].rfind('\n').map_or(0, |at| at + 1);
    let at = text[line..].find('-')?;
    text[line..line + at].trim().is_empty().then_some(line + at)
}

fn add_item(all: &mut Map<String, Value>, key: &str, word: &str) {
    let there = all.entry(key).or_insert_with(|| Value::Array(Vec::new()));
    let mut items = match there.take() {
        Value::Array(items) => items,
        Value::Null => Vec::new(),
        one => vec![one],
    };
    items.push(word.into());
    *there = Value::Array(items);
}

/// Takes a word out of the list, and the list if it was `created` and is empty.
pub fn take_item(text: &str, key: &str, word: &str, created: bool) -> Result<Option<String>, Refusal> {
    let Some(root) = root(text)? else { return Ok(None) };
    let Some((name, there)) = member(text, &root, key)? else { return Ok(None) };
    let Kind::List(items) = &there.kind else { return Ok(None) };
    let Some(at) = items.iter().position(|item| item.is(word)) else { return Ok(None) };
    let taken = match there.is_flow {
        _ if created && items.len() == 1 => without_lines(text, name.range.start..there.last_byte()),
        true => remove_flow(text, there, items.iter().map(|item| item.range.clone()), at),
        false => without_lines(text, items[at].range.clone()),
    };
    self::root(&taken)?;
    Ok(Some(taken))
}

fn remove_flow(text: &str, around: &Node, items: impl Iterator<Item = Range<usize>>, at: usize) -> String {
    let list = List { open: around.range.start + 1, close: around.range.end - 1, items: items.collect() };
    splice::remove(text, &list, at)
}

/// Without the lines that a node stands on.
fn without_lines(text: &str, range: Range<usize>) -> String {
    let start = text[..range.start].rfind('\n').map_or(0, |at| at + 1);
    let end = text[range.end..].find('\n').map_or(text.len(), |at| range.end + at + 1);
    format!("{}{}", &text[..start], &text[end..])
}

/// The beginning of the line and the indentation of what stands first on it.
fn own_line(text: &str, at: usize) -> Result<(usize, &str), Refusal> {
    let line = text[..at].rfind('\n').map_or(0, |at| at + 1);
    match text[line..at].trim().is_empty() {
        true => Ok((line, &text[line..at])),
        false => Err(Refusal::at(line_at(text, at), "there is no room for a line of its own")),
    }
}

/// The new text, if it says what the old one did and `ours` besides.
fn checked(
    old: &str,
    made: String,
    ours: &dyn Fn(&mut Map<String, Value>),
    created: usize,
) -> Result<Put, Refusal> {
    let json = |text: &str| -> Result<Value, Refusal> {
        Ok(root(text)?.map_or_else(|| Value::Object(Map::new()), |root| root.json()))
    };
    let mut wanted = json(old)?;
    if let Some(members) = wanted.as_object_mut() {
        ours(members);
    }
    let found = json(&made).map(|found| same(&found, &wanted));
    match found {
        Ok(true) => Ok(Put::New { text: made, created }),
        _ => Err(Refusal::whole("it is spelled in a way in which nothing can be put in safely")),
    }
}

/// Lists in any order: ours may come first.
fn same(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Object(one), Value::Object(other)) => {
            one.len() == other.len()
                && one.iter().all(|(key, value)| other.get(key).is_some_and(|other| same(value, other)))
        }
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len() && one.iter().all(|value| other.iter().any(|other| same(value, other)))
        }
        _ => one == other,
    }
}

/// The last member of this key, and its value; fails where the file is no map.
fn member<'a>(text: &str, root: &'a Node, key: &str) -> Result<Option<&'a (Node, Node)>, Refusal> {
    match &root.kind {
        Kind::Map(members) if !root.is_flow => Ok(members.iter().rev().find(|(name, _)| name.is(key))),
        _ => Err(Refusal::at(line_at(text, root.range.start), "the file is not a map in block form")),
    }
}

impl Node {
    fn is(&self, word: &str) -> bool {
        matches!(&self.kind, Kind::Scalar(_, scalar) if scalar == word)
    }

    /// Behind what it says; a block of it may be told to end later.
    fn last_byte(&self) -> usize {
        match &self.kind {
            Kind::Map(members) if !self.is_flow => {
                members.last().map_or(self.range.start, |(_, value)| value.last_byte())
            }
            Kind::List(items) if !self.is_flow => items.last().map_or(self.range.start, Node::last_byte),
            _ => self.range.end,
        }
    }

    /// Loosely: all that is to be told is whether two texts say the same.
    fn json(&self) -> Value {
        match &self.kind {
            Kind::Scalar(ScalarStyle::Plain, text) => plain(text),
            Kind::Scalar(_, text) => text.as_str().into(),
            Kind::List(items) => items.iter().map(Node::json).collect(),
            Kind::Map(members) => {
                Value::from_iter(members.iter().map(|(key, value)| (key.name(), value.json())))
            }
            Kind::Other => Value::Null,
        }
    }

    fn name(&self) -> String {
        match &self.kind {
            Kind::Scalar(_, text) => text.clone(),
            _ => self.json().to_string(),
        }
    }
}

fn plain(text: &str) -> Value {
    match text {
        "" | "~" | "null" => Value::Null,
        "true" => true.into(),
        "false" => false.into(),
        text => text.parse::<i64>().map_or_else(|_| text.into(), Value::from),
    }
}

/// The only document; `None` for one that says nothing.
fn root(text: &str) -> Result<Option<Node>, Refusal> {
    let mut reader = Reader { parser: Parser::new_from_str(text), bytes: byte_offsets(text), text };
    let mut found = None;
    loop {
        match reader.next()? {
            (Event::StreamEnd, _) => return Ok(found),
            (Event::DocumentStart(_), span) if found.is_some() => {
                let line = line_at(text, reader.range(span).start);
                return Err(Refusal::at(line, "a second document begins here"));
            }
            (Event::StreamStart | Event::DocumentStart(_) | Event::DocumentEnd | Event::Nothing, _) => {}
            (event, span) => found = Some(reader.node(event, span, 0)?),
        }
    }
}

fn byte_offsets(text: &str) -> Vec<usize> {
    text.char_indices().map(|(at, _)| at).chain([text.len()]).collect()
}

struct Reader<'a> {
    parser: Parser<'a, saphyr_parser::StrInput<'a>>,
    /// Of each character, since the parser counts those.
    bytes: Vec<usize>,
    text: &'a str,
}

impl<'a> Reader<'a> {
    fn next(&mut self) -> Result<(Event<'a>, Span), Refusal> {
        match self.parser.next_event() {
            Some(Ok(event)) => Ok(event),
            Some(Err(error)) => Err(Refusal::at(
                error.marker().line(),
                format!("this client cannot read it: {}", error.info()),
            )),
            None => Ok((Event::StreamEnd, Span::default())),
        }
    }

    fn range(&self, span: Span) -> Range<usize> {
        let byte = |at: usize| self.bytes.get(at).copied().unwrap_or(self.text.len());
        byte(span.start.index())..byte(span.end.index())
    }

    fn node(&mut self, event: Event<'a>, span: Span, depth: usize) -> Result<Node, Refusal> {
        let mut range = self.range(span);
        if depth > MAX_DEPTH {
            return Err(Refusal::at(line_at(self.text, range.start), "it is nested too deeply"));
        }
        let is_flow = self.text[range.start..].starts_with(['{', '[']);
        let kind = match event {
            Event::Scalar(text, style, ..) => Kind::Scalar(style, text.into_owned()),
            Event::SequenceStart(..) => {
                let (items, end) = self.items(depth)?;
                range.end = end;
                Kind::List(items)
            }
            Event::MappingStart(..) => {
                let (mut nodes, end) = self.items(depth)?;
                range.end = end;
                let mut members = Vec::new();
                while nodes.len() >= 2 {
                    let rest = nodes.split_off(2);
                    let mut pair = nodes.into_iter();
                    members.extend(pair.next().zip(pair.next()));
                    nodes = rest;
                }
                Kind::Map(members)
            }
            _ => Kind::Other,
        };
        Ok(Node { range, is_flow, kind })
    }

    /// All nodes up to the end of the collection, and where that is.
    fn items(&mut self, depth: usize) -> Result<(Vec<Node>, usize), Refusal> {
        let mut nodes = Vec::new();
        loop {
            match self.next()? {
                (Event::SequenceEnd | Event::MappingEnd | Event::StreamEnd, span) => {
                    return Ok((nodes, self.range(span).end));
                }
                (event, span) => nodes.push(self.node(event, span, depth + 1)?),
            }
        }
    }
}
