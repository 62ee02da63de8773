//! The file form of a record:
//!
//! ```text
//! +++
//! id = "01jd3k9xw4a7c2p8"
//! kind = "goal"
//! status = "accepted"
//! title = "Fix the watcher"
//! created = "2026-11-21T10:00:00Z"
//! focus = [
//!   { path = "src/watch/mod.rs", rank = 1, why = "words: watcher", symbols = ["run"] },
//! ]
//! +++
//! body in Markdown
//! ```
//!
//! One fact a line, so that branches merge. Reading takes any spelling of
//! TOML and sends every text through the redactor: people edit these files.

use toml_edit::{DocumentMut, TableLike, Value};

use super::{Anchor, Focus, Kind, Record, Status};
use crate::model::{RelPath, SafeText};
use crate::redact::Redactor;

const FENCE: &str = "+++";

/// File name of a new record: id and the title's words.
pub fn name(record: &Record) -> String {
    let mut slug = String::new();
    for word in record.title.as_str().split(|c: char| !c.is_ascii_alphanumeric()).filter(|w| !w.is_empty()) {
        if slug.len() + word.len() > 40 {
            break;
        }
        slug.push('-');
        slug.push_str(&word.to_ascii_lowercase());
    }
    format!("{}{slug}.md", record.id)
}

pub fn text(record: &Record) -> String {
    let mut out = format!("{FENCE}\n");
    let mut line = |key: &str, value: &str| out.push_str(&format!("{key} = {}\n", quoted(value)));
    line("id", &record.id);
    line("kind", record.kind.name());
    line("status", record.status.name());
    line("title", record.title.as_str());
    line("created", &record.created);
    if let Some(next) = &record.next {
        line("next", next.as_str());
    }
    list(&mut out, "anchors", record.anchors.iter().map(anchor_line));
    list(&mut out, "focus", record.focus.iter().map(focus_line));
    out.push_str(FENCE);
    out.push('\n');
    if !record.body.is_empty() {
        out.push_str(record.body.as_str().trim_end());
        out.push('\n');
    }
    out
}

fn list(out: &mut String, key: &str, lines: impl Iterator<Item = String>) {
    let lines: Vec<String> = lines.map(|line| format!("  {line},\n")).collect();
    if !lines.is_empty() {
        out.push_str(&format!("{key} = [\n{}]\n", lines.concat()));
    }
}

fn anchor_line(anchor: &Anchor) -> String {
    let mut line = format!("{{ path = {}", quoted(anchor.path.as_str()));
    if let Some(symbol) = &anchor.symbol {
        line.push_str(&format!(", symbol = {}", quoted(symbol)));
    }
    if let Some(hash) = &anchor.hash {
        line.push_str(&format!(", hash = {}", quoted(hash)));
    }
    line + " }"
}

fn focus_line(focus: &Focus) -> String {
    let (path, why) = (quoted(focus.path.as_str()), quoted(focus.why.as_str()));
    let symbols: Vec<String> = focus.symbols.iter().map(|name| quoted(name.as_str())).collect();
    format!("{{ path = {path}, rank = {}, why = {why}, symbols = [{}] }}", focus.rank, symbols.join(", "))
}

/// As a TOML string on one line.
fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            c if c.is_control() => out.push_str(&format!("\\u{:04X}", c as u32)),
            c => out.push(c),
        }
    }
    out + "\""
}

/// The record of a file, or why it is none, with the line where known.
pub fn parse(text: &str, redactor: &Redactor) -> Result<Record, String> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text).replace("\r\n", "\n");
    let rest = text.strip_prefix("+++\n").ok_or("line 1: a record begins with a line `+++`")?;
    let (front, body) = match rest.split_once("\n+++\n") {
        Some(parts) => parts,
        None => (rest.strip_suffix("\n+++").ok_or("the front matter has no closing line `+++`")?, ""),
    };
    let table: DocumentMut = front.parse().map_err(|error: toml_edit::TomlError| {
        let line =
            error.span().map_or(1, |span| front[..span.start.min(front.len())].matches('\n').count() + 2);
        format!("line {line}: {}", error.message())
    })?;
    let string = |key: &str| table.get(key).and_then(|item| item.as_str());
    let wanted = |key: &str| string(key).ok_or_else(|| format!("`{key}` is missing or no text"));
    let kind = wanted("kind")?;
    let kind = Kind::ALL.iter().find(|(_, name)| *name == kind).ok_or(format!("unknown kind `{kind}`"))?.0;
    let status = string("status").unwrap_or("accepted");
    let status =
        Status::ALL.iter().find(|(_, name)| *name == status).ok_or(format!("unknown status `{status}`"))?.0;
    let mut focus =
        entries(&table, "focus").map(|e| focus_from(e, redactor)).collect::<Result<Vec<_>, _>>()?;
    focus.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(Record {
        id: wanted("id")?.to_string(),
        kind,
        status,
        title: redactor.line(wanted("title")?),
        created: string("created").unwrap_or_default().to_string(),
        anchors: entries(&table, "anchors").map(anchor_from).collect::<Result<Vec<_>, _>>()?,
        next: string("next").map(|next| redactor.line(next)),
        focus,
        body: redactor.text(body.trim_end()),
    })
}

fn entries<'a>(table: &'a DocumentMut, key: &str) -> impl Iterator<Item = &'a dyn TableLike> + use<'a> {
    let array = table.get(key).and_then(|item| item.as_array());
    array.into_iter().flatten().filter_map(Value::as_inline_table).map(|table| table as &dyn TableLike)
}

fn path_from(entry: &dyn TableLike) -> Result<RelPath, String> {
    let path = entry.get("path").and_then(|item| item.as_str()).ok_or("an entry has no `path`")?;
    RelPath::new(path).ok_or_else(|| format!("not a path inside the project: `{}`", path.escape_debug()))
}

fn focus_from(entry: &dyn TableLike, redactor: &Redactor) -> Result<Focus, String> {
    let rank = entry.get("rank").and_then(|item| item.as_integer()).unwrap_or(i64::from(u32::MAX));
    let symbols = entry.get("symbols").and_then(|item| item.as_array());
    let symbols = symbols.into_iter().flatten().filter_map(Value::as_str).map(|name| redactor.line(name));
    let why = entry.get("why").and_then(|item| item.as_str()).unwrap_or_default();
    Ok(Focus {
        path: path_from(entry)?,
        rank: rank.clamp(1, i64::from(u32::MAX)) as u32,
        why: if why.is_empty() { SafeText::default() } else { redactor.line(why) },
        symbols: symbols.collect(),
    })
}

fn anchor_from(entry: &dyn TableLike) -> Result<Anchor, String> {
    let string = |key: &str| entry.get(key).and_then(|item| item.as_str()).map(str::to_string);
    Ok(Anchor { path: path_from(entry)?, symbol: string("symbol"), hash: string("hash") })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn redactor() -> Redactor {
        Redactor::new(&[]).unwrap()
    }

    fn record() -> Record {
        let safe = |text: &str| redactor().text(text);
        let mut record = Record::new("01jd".into(), Kind::Goal, safe("Fix \"it\" \\ now"), "2026".into());
        record.next = Some(safe("run it"));
        record.body = safe("[wip] fix [/red]\n+++x\n\nmore");
        record.focus = vec![Focus {
            path: RelPath::new("a b/c\n.rs").unwrap(),
            rank: 2,
            why: safe("why"),
            symbols: vec![safe("S.f")],
        }];
        record.anchors =
            vec![Anchor { path: RelPath::new("x").unwrap(), symbol: Some("S.f".into()), hash: None }];
        record
    }

    #[test]
    fn a_record_comes_back_as_it_was_written() {
        let mut record = record();
        assert_eq!(parse(&text(&record), &redactor()).unwrap(), record);
        record.body = SafeText::default();
        assert_eq!(parse(&text(&record), &redactor()).unwrap(), record);
    }

    #[test]
    fn one_fact_stands_on_one_line() {
        insta::assert_snapshot!(text(&record()), @r#"
        +++
        id = "01jd"
        kind = "goal"
        status = "accepted"
        title = "Fix \"it\" \\ now"
        created = "2026"
        next = "run it"
        anchors = [
          { path = "x", symbol = "S.f" },
        ]
        focus = [
          { path = "a b/c\n.rs", rank = 2, why = "why", symbols = ["S.f"] },
        ]
        +++
        [wip] fix [/red]
        +++x

        more
        "#);
        assert_eq!(name(&record()), "01jd-fix-it-now.md");
    }

    #[test]
    fn a_broken_file_says_where_and_why() {
        let check = |text: &str, expected: &str| assert_eq!(parse(text, &redactor()).unwrap_err(), expected);
        check("hello", "line 1: a record begins with a line `+++`");
        check("+++\nid = \"x\"\n", "the front matter has no closing line `+++`");
        check("+++\nid = \"x\"\nkind = \"poem\"\n+++\n", "unknown kind `poem`");
        check("+++\nid = \"x\"\nkind = \"goal\"\n+++\n", "`title` is missing or no text");
        let outside = "+++\nid='x'\nkind='goal'\ntitle='t'\nfocus=[{path='../x'}]\n+++\n";
        check(outside, "not a path inside the project: `../x`");
        assert!(parse("+++\nid = \"x\"\nkind = \n+++\n", &redactor()).unwrap_err().starts_with("line 3: "));
    }
}
