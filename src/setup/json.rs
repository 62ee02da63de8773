//! Members and elements in JSON, by each client's own grammar: what a client
//! refuses to read is refused here too.
//!
//! Not here: how the bytes around them are kept (`splice`).

use jsonc_parser::ast::{self, ObjectProp};
use jsonc_parser::common::{Range, Ranged};
use jsonc_parser::{CollectOptions, ParseOptions, parse_to_ast};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::own::{is_hook, is_server, says_all_of};
use super::splice::{self, Item, List};
use super::text::line_at;
use super::{Put, Refusal};

/// What a client's parser takes besides JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grammar {
    pub comments: bool,
    pub trailing_commas: bool,
    pub bom: bool,
}

/// What is put at a place.
#[derive(Clone, Copy)]
pub enum What<'a> {
    /// A member that starts our server.
    Server(&'a str, &'a Value),
    /// A member that others may have set, and then stays theirs.
    Default(&'a str, &'a Value),
    /// An element that calls a hook of ours.
    Hook(&'a Value),
}

/// Puts it into the object or array at these keys.
pub fn put(text: &str, grammar: Grammar, at: &[String], what: What) -> Result<Put, Refusal> {
    if text.trim().is_empty() {
        let made = format!("{}\n", splice::pretty(&nested(at, what), UNIT));
        return Ok(Put::New { text: made, created: at.len() });
    }
    let root = parse(text, grammar)?;
    let mut object = object(text, root.as_ref(), "the file")?;
    for (depth, key) in at.iter().enumerate() {
        let rest = &at[depth + 1..];
        let Some(member) = last(object, key) else {
            let value = nested(rest, what);
            let made = splice::append(
                text,
                &of_object(object),
                &Item { key: Some(key), value: &value },
                &unit(text),
            );
            return checked(made, grammar, at.len() - depth);
        };
        if let (true, What::Hook(value)) = (rest.is_empty(), what) {
            return put_element(text, grammar, at, member, value);
        }
        object = self::object(text, Some(&member.value), &format!("`{key}`"))?;
    }
    put_member(text, grammar, object, what)
}

fn put_member(text: &str, grammar: Grammar, object: &ast::Object, what: What) -> Result<Put, Refusal> {
    let (key, value) = match what {
        What::Server(key, value) | What::Default(key, value) => (key, value),
        What::Hook(_) => return Err(Refusal::whole("the file itself is not a list")),
    };
    let Some(there) = last(object, key) else {
        let item = Item { key: Some(key), value };
        return checked(splice::append(text, &of_object(object), &item, &unit(text)), grammar, 0);
    };
    let found = Value::from(there.value.clone());
    match what {
        What::Server(..) if !is_server(&found) => Err(Refusal::at(
            line_at(text, there.range.start),
            format!("it has an entry `{key}` that is not ours"),
        )),
        What::Server(..) if !says_all_of(&found, value) => {
            let range = there.value.range();
            checked(
                splice::replace(text, range.start..range.end, &merged(found, value), &unit(text)),
                grammar,
                0,
            )
        }
        _ => Ok(Put::Present),
    }
}

/// The existing value merged with ours, which wins where both have a key.
fn merged(there: Value, ours: &Value) -> Value {
    match (there, ours) {
        (Value::Object(mut there), Value::Object(ours)) => {
            for (key, value) in ours {
                let known = there.remove(key).unwrap_or_default();
                there.insert(key.clone(), merged(known, value));
            }
            Value::Object(there)
        }
        _ => ours.clone(),
    }
}

fn put_element(
    text: &str,
    grammar: Grammar,
    at: &[String],
    member: &ObjectProp,
    value: &Value,
) -> Result<Put, Refusal> {
    let ast::Value::Array(array) = &member.value else {
        let key = member.name.as_str();
        return Err(Refusal::at(line_at(text, member.range.start), format!("`{key}` is not a list")));
    };
    let elements: Vec<Value> = array.elements.iter().cloned().map(Value::from).collect();
    if elements.iter().any(|element| says_all_of(element, value)) {
        return Ok(Put::Present);
    }
    if elements.iter().any(holds_hook) {
        // An older one of ours makes room.
        return match take(text, grammar, at, What::Hook(value), 0)? {
            Some(text) => put(&text, grammar, at, What::Hook(value)),
            None => Ok(Put::Present),
        };
    }
    checked(splice::append(text, &of_array(array), &Item { key: None, value }, &unit(text)), grammar, 0)
}

/// Takes ours out, and of the containers around it the innermost `created` when
/// they are empty then. `None` when there is nothing of ours.
pub fn take(
    text: &str,
    grammar: Grammar,
    at: &[String],
    what: What,
    created: usize,
) -> Result<Option<String>, Refusal> {
    if text.trim().is_empty() {
        return Ok(None);
    }
    let taken = match what {
        What::Server(key, _) => take_member(text, grammar, at, key, &is_server)?,
        What::Hook(_) => take_hooks(text, grammar, at)?,
        What::Default(..) => None,
    };
    let Some(mut text) = taken else { return Ok(None) };
    for depth in (at.len().saturating_sub(created)..at.len()).rev() {
        match take_member(&text, grammar, &at[..depth], &at[depth], &is_empty)? {
            Some(less) => text = less,
            None => break,
        }
    }
    parse(&text, grammar)?;
    Ok(Some(text))
}

/// Takes a member out that stands alone in the file.
pub fn take_alone(text: &str, grammar: Grammar, key: &str, value: &Value) -> Result<Option<String>, Refusal> {
    if text.trim().is_empty() {
        return Ok(None);
    }
    let root = parse(text, grammar)?;
    match root.map(Value::from) {
        Some(root) if root == Value::from_iter([(key, value.clone())]) => {
            take_member(text, grammar, &[], key, &|there| there == value)
        }
        _ => Ok(None),
    }
}

fn is_empty(value: &Value) -> bool {
    value.as_object().is_some_and(|map| map.is_empty()) || value.as_array().is_some_and(Vec::is_empty)
}

fn take_member(
    text: &str,
    grammar: Grammar,
    at: &[String],
    key: &str,
    is_ours: &dyn Fn(&Value) -> bool,
) -> Result<Option<String>, Refusal> {
    let root = parse(text, grammar)?;
    let Some(ast::Value::Object(object)) = root.as_ref().and_then(|root| value_at(root, at)) else {
        return Ok(None);
    };
    let found = object.properties.iter().rposition(|member| member.name.as_str() == key);
    let found = found.filter(|found| is_ours(&Value::from(object.properties[*found].value.clone())));
    Ok(found.map(|found| splice::remove(text, &of_object(object), found)))
}

/// One after the other, since each moves what stands behind it.
fn take_hooks(text: &str, grammar: Grammar, at: &[String]) -> Result<Option<String>, Refusal> {
    let mut taken: Option<String> = None;
    loop {
        let now = taken.as_deref().unwrap_or(text);
        let root = parse(now, grammar)?;
        let Some(ast::Value::Array(array)) = root.as_ref().and_then(|root| value_at(root, at)) else {
            return Ok(taken);
        };
        let Some(less) = without_a_hook(now, array) else { return Ok(taken) };
        taken = Some(less);
    }
}

/// A group of hooks that holds one of ours beside others loses that one alone.
fn without_a_hook(text: &str, array: &ast::Array) -> Option<String> {
    let at = array.elements.iter().position(|element| holds_hook(&Value::from(element.clone())))?;
    let group = array.elements[at].as_object().and_then(|group| group.get_array("hooks"));
    match group.filter(|group| group.elements.len() > 1) {
        Some(group) => without_a_hook(text, group),
        None => Some(splice::remove(text, &of_array(array), at)),
    }
}

/// Whether any command in an element, or in the group that it is, is a hook of ours.
fn holds_hook(element: &Value) -> bool {
    let Value::Object(members) = element else { return false };
    let calls_us = members.values().any(|value| value.as_str().is_some_and(is_hook));
    let group = members.get("hooks").and_then(Value::as_array);
    calls_us || group.is_some_and(|group| group.iter().any(holds_hook))
}

fn value_at<'a, 'b>(root: &'b ast::Value<'a>, at: &[String]) -> Option<&'b ast::Value<'a>> {
    at.iter().try_fold(root, |value, key| Some(&last(value.as_object()?, key)?.value))
}

/// Of a key that stands there twice all clients take the last one.
fn last<'a, 'b>(object: &'b ast::Object<'a>, key: &str) -> Option<&'b ObjectProp<'a>> {
    object.properties.iter().rev().find(|member| member.name.as_str() == key)
}

fn object<'a, 'b>(
    text: &str,
    value: Option<&'b ast::Value<'a>>,
    what: &str,
) -> Result<&'b ast::Object<'a>, Refusal> {
    match value {
        Some(ast::Value::Object(object)) => Ok(object),
        Some(other) => Err(Refusal::at(line_at(text, other.start()), format!("{what} is not an object"))),
        None => Err(Refusal::whole("it holds comments alone")),
    }
}

/// What stands at the first of these keys.
fn nested(rest: &[String], what: What) -> Value {
    let inner = match what {
        What::Server(key, value) | What::Default(key, value) => Value::from_iter([(key, value.clone())]),
        What::Hook(value) => Value::from_iter([value.clone()]),
    };
    rest.iter().rev().fold(inner, |value, key| Value::from_iter([(key.as_str(), value)]))
}

fn checked(text: String, grammar: Grammar, created: usize) -> Result<Put, Refusal> {
    match parse(&text, grammar) {
        Ok(_) => Ok(Put::New { text, created }),
        Err(_) => Err(Refusal::whole("what would be written is not valid")),
    }
}

fn parse(text: &str, grammar: Grammar) -> Result<Option<ast::Value<'_>>, Refusal> {
    let options = ParseOptions {
        allow_comments: grammar.comments,
        allow_trailing_commas: grammar.trailing_commas,
        ..STRICT
    };
    let read = parse_to_ast(text, &CollectOptions::default(), &options);
    let read = read.map_err(|error| {
        let why = format!("this client cannot read it: {}", error.kind()).to_lowercase();
        Refusal::at(line_at(text, error.range().start), why)
    })?;
    if !grammar.comments && !grammar.trailing_commas {
        serde_json::from_str::<serde::de::IgnoredAny>(text)
            .map_err(|error| Refusal::at(error.line(), format!("this client cannot read it: {error}")))?;
    }
    Ok(read.value)
}

const STRICT: ParseOptions = ParseOptions {
    allow_comments: false,
    allow_trailing_commas: false,
    allow_loose_object_property_names: false,
    allow_missing_commas: false,
    allow_single_quoted_strings: false,
    allow_hexadecimal_numbers: false,
    allow_unary_plus_numbers: false,
    allow_bare_decimal_point_numbers: false,
    allow_non_finite_numbers: false,
    allow_extended_string_escapes: false,
};

fn of_object(object: &ast::Object) -> List {
    list(object.range, object.properties.iter().map(|member| member.range))
}

fn of_array(array: &ast::Array) -> List {
    list(array.range, array.elements.iter().map(Ranged::range))
}

fn list(around: Range, items: impl Iterator<Item = Range>) -> List {
    List {
        open: around.start + 1,
        close: around.end - 1,
        items: items.map(|item| item.start..item.end).collect(),
    }
}

/// One level of indentation, in a file that does not show another.
const UNIT: &str = "  ";

/// What the first indented line begins with.
fn unit(text: &str) -> String {
    let indent = |line: &str| line.chars().take_while(|c| matches!(c, ' ' | '\t')).collect::<String>();
    let lines = text.lines().filter(|line| line.trim_start().starts_with('"'));
    lines.map(indent).find(|indent| !indent.is_empty()).unwrap_or_else(|| UNIT.to_string())
}

/// What another program keeps, for a look: JSON with whatever it takes besides.
pub fn read_loosely(text: &str) -> Option<Value> {
    let text = text.trim_start_matches('\u{feff}');
    parse_to_ast(text, &CollectOptions::default(), &ParseOptions::default()).ok()?.value.map(Value::from)
}
