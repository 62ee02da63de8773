//! Our table in a TOML file: a block of lines at its end. The parser only
//! checks and tells places, since it would write other bytes.
//!
//! Not here: other clients' dialects.

use std::ops::Range;

use serde_json::Value;
use toml_edit::{Document, Item, Table};

use super::own::{is_server, says_all_of};
use super::text::{gap, line_at, line_end, with_ends_of};
use super::{Put, Refusal};

/// Puts the table `[parent.key]` at the end.
pub fn put(text: &str, parent: &str, key: &str, value: &Value) -> Result<Put, Refusal> {
    let document = parse(text)?;
    let table = match document.get(parent) {
        None => None,
        Some(item) => Some(item.as_table().ok_or_else(|| no_table(text, parent, item))?),
    };
    let Some(there) = table.and_then(|table| table.get(key)) else {
        let made = format!("{text}{}{}", gap(text, true), with_ends_of(&block(parent, key, value), text));
        return checked(made, usize::from(table.is_none()));
    };
    let found = json(there);
    if !is_server(&found) {
        let line = there.span().map_or(1, |span| line_at(text, span.start));
        return Err(Refusal::at(line, format!("it has an entry `{key}` that is not ours")));
    }
    if says_all_of(&found, value) {
        return Ok(Put::Present);
    }
    match take(text, parent, key)? {
        Some(less) => put(&less, parent, key, value),
        None => Err(Refusal::whole(format!("its entry `{key}` is an older one of ours, in another form"))),
    }
}

fn no_table(text: &str, parent: &str, item: &Item) -> Refusal {
    let line = item.span().map_or(1, |span| line_at(text, span.start));
    let what =
        if item.is_inline_table() { "an inline table, behind which no entry can be put" } else { "no table" };
    Refusal::at(line, format!("`{parent}` is {what}"))
}

fn block(parent: &str, key: &str, value: &Value) -> String {
    let members = value.as_object().into_iter().flatten();
    // Strings, lists of strings and numbers are spelled in TOML as in JSON.
    let lines: String = members.map(|(key, value)| format!("{key} = {value}\n")).collect();
    format!("[{parent}.{key}]\n{lines}")
}

/// Takes the table out, with the blank line before it at the end of the file.
pub fn take(text: &str, parent: &str, key: &str) -> Result<Option<String>, Refusal> {
    let document = parse(text)?;
    let there = document.get(parent).and_then(|item| item.as_table()).and_then(|table| table.get(key));
    let Some(there) = there.filter(|there| is_server(&json(there))) else { return Ok(None) };
    let Some(range) =
        there.as_table().filter(|table| !table.is_dotted()).and_then(|table| range(text, table))
    else {
        return Ok(None);
    };
    let (mut before, after) = (&text[..range.start], &text[range.end..]);
    let end = line_end(text);
    if after.trim().is_empty() && before.ends_with(&end.repeat(2)) {
        before = &before[..before.len() - end.len()];
    }
    let taken = format!("{before}{after}");
    parse(&taken)?;
    Ok(Some(taken))
}

/// The lines of a table and of those in it.
fn range(text: &str, table: &Table) -> Option<Range<usize>> {
    let header = table.span()?;
    let start = text[..header.start].rfind('\n').map_or(0, |at| at + 1);
    let end = last_byte(table)?;
    let end = text[end..].find('\n').map_or(text.len(), |at| end + at + 1);
    (text[start..header.start].trim().is_empty() && end > start).then_some(start..end)
}

fn last_byte(table: &Table) -> Option<usize> {
    let own = table.span().map(|span| span.end);
    let members = table.iter().filter_map(|(_, item)| match item {
        Item::Table(inner) => last_byte(inner),
        item => item.span().map(|span| span.end),
    });
    members.chain(own).max()
}

fn json(item: &Item) -> Value {
    if let Some(table) = item.as_table_like() {
        return Value::from_iter(table.iter().map(|(key, item)| (key, json(item))));
    }
    if let Some(list) = item.as_array() {
        return list.iter().map(|value| json(&Item::Value(value.clone()))).collect();
    }
    let text = item.as_str().map(Value::from);
    text.or(item.as_integer().map(Value::from)).or(item.as_bool().map(Value::from)).unwrap_or_default()
}

/// The value at these keys, for what clients note of trust.
pub fn value_at(text: &str, keys: &[&str]) -> Option<Value> {
    let document = parse(text).ok()?;
    let mut item = document.as_item();
    for key in keys {
        item = item.get(*key)?;
    }
    Some(json(item))
}

fn checked(text: String, created: usize) -> Result<Put, Refusal> {
    match parse(&text) {
        Ok(_) => Ok(Put::New { text, created }),
        Err(refusal) => {
            Err(Refusal { why: format!("no entry can be put behind it: {}", refusal.why), ..refusal })
        }
    }
}

fn parse(text: &str) -> Result<Document<&str>, Refusal> {
    Document::parse(text).map_err(|error| {
        let line = error.span().map_or(1, |span| line_at(text, span.start));
        Refusal::at(line, format!("this client cannot read it: {}", error.message().replace('\n', " ")))
    })
}
