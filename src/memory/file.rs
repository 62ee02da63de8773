//! The file form of a record:
//!
//! ```text
//! +++
//! id = "01jd3k9xw4a7c2p8"
//! kind = "decision"
//! status = "accepted"
//! title = "Retries back off exponentially"
//! tags = ["network"]
//! origin = "cli"
//! created = "2026-11-21T10:00:00Z"
//! anchors = [
//!   { path = "src/retry.rs", symbol = "Backoff.next", hash = "53ab0f2e11d8c07b" },
//! ]
//! +++
//! What it is about, in Markdown.
//!
//! ## Rationale
//!
//! Fixed delays hit the server in waves.
//!
//! ## Alternatives
//!
//! - a token bucket: needs shared state
//! ```
//!
//! One fact a line, so that branches merge. Reading takes any spelling of
//! TOML and sends every text through the redactor: people edit these files.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::anchor::Anchor;
use super::{
    BodySection, Confidence, Focus, GoalState, Link, Record, RecordKind, RecordOrigin, RecordStatus,
    Relation, is_id, is_slug,
};
use crate::limits;
use crate::model::{RelPath, SafeText, Trigger};
use crate::redact::Redactor;
use crate::visible;

const FENCE: &str = "+++";

/// File name of a new record: id and its slug, else the title's words.
pub fn name(record: &Record) -> String {
    if let Some(slug) = &record.slug {
        return format!("{}-{slug}.md", record.id);
    }
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

/// The file's text; the same for the same record.
pub fn text(record: &Record) -> String {
    let mut out = format!("{FENCE}\n");
    front(record, &mut out);
    out.push_str(FENCE);
    out.push('\n');
    let body = record.body.as_str().trim_end();
    if !body.is_empty() {
        out.push_str(&escaped(body));
        out.push('\n');
    }
    for (part, items) in &record.parts {
        out.push_str(&format!("\n## {}\n\n", part.name()));
        for item in items {
            match part.is_list() {
                true => {
                    out.push_str(&format!("- {}\n", escaped(item.as_str().trim_end()).replace('\n', "\n  ")))
                }
                false => out.push_str(&format!("{}\n", escaped(item.as_str().trim_end()))),
            }
        }
    }
    out
}

fn front(record: &Record, out: &mut String) {
    let mut line = |key: &str, value: Option<&str>| {
        if let Some(value) = value {
            out.push_str(&format!("{key} = {}\n", quoted(value)));
        }
    };
    line("id", Some(&record.id));
    line("kind", Some(record.kind.name()));
    line("status", Some(record.status.name()));
    line("title", Some(record.title.as_str()));
    line("slug", record.slug.as_deref());
    line("section", record.section.as_ref().map(SafeText::as_str));
    if !record.tags.is_empty() {
        let tags: Vec<String> = record.tags.iter().map(|tag| quoted(tag.as_str())).collect();
        out.push_str(&format!("tags = [{}]\n", tags.join(", ")));
    }
    if let Some(confidence) = record.confidence {
        out.push_str(&format!("confidence = {:?}\n", confidence.value()));
    }
    let mut line = |key: &str, value: Option<&str>| {
        if let Some(value) = value {
            out.push_str(&format!("{key} = {}\n", quoted(value)));
        }
    };
    line("author", record.author.as_ref().map(SafeText::as_str));
    line("origin", Some(record.origin.name()));
    line("first_origin", record.first_origin.map(RecordOrigin::name));
    line("source", record.source.as_ref().map(SafeText::as_str));
    line("created", Some(&record.created));
    line("updated", Some(&record.updated).filter(|updated| **updated != record.created).map(String::as_str));
    line("next", record.next.as_ref().map(SafeText::as_str));
    line("state", record.goal_state.map(GoalState::name));
    line("current_since", record.current_since.as_deref());
    if let Some(trigger) = record.trigger.as_ref().filter(|trigger| !trigger.is_empty()) {
        out.push_str(&format!("trigger = {}\n", trigger_line(trigger)));
    }
    list(out, "links", record.links.iter().map(link_line));
    list(out, "anchors", record.anchors.iter().map(anchor_line));
    list(out, "focus", record.focus.iter().map(focus_line));
}

fn list(out: &mut String, key: &str, lines: impl Iterator<Item = String>) {
    let lines: Vec<String> = lines.map(|line| format!("  {line},\n")).collect();
    if !lines.is_empty() {
        out.push_str(&format!("{key} = [\n{}]\n", lines.concat()));
    }
}

fn trigger_line(trigger: &Trigger) -> String {
    let parts = trigger.parts().into_iter().filter_map(|(name, part)| Some((name, part.as_ref()?)));
    let parts: Vec<String> =
        parts.map(|(name, part)| format!("{name} = {}", quoted(part.as_str()))).collect();
    format!("{{ {} }}", parts.join(", "))
}

fn link_line(link: &Link) -> String {
    format!("{{ relation = {}, id = {} }}", quoted(link.relation.name()), quoted(&link.id))
}

fn anchor_line(anchor: &Anchor) -> String {
    let mut line = format!("{{ path = {}", quoted(anchor.path.as_str()));
    let mut add = |key: &str, value: Option<&str>| {
        if let Some(value) = value {
            line.push_str(&format!(", {key} = {}", quoted(value)));
        }
    };
    add("symbol", anchor.symbol.as_ref().map(SafeText::as_str));
    add("hash", anchor.hash.as_deref());
    add("shape", anchor.shape.as_deref());
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
    let mut previous = '\0';
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            // Paths are exact, also those that hide something.
            c if c.is_control() || visible::is_hidden(c, previous) => {
                out.push_str(&format!("\\U{:08X}", u32::from(c)))
            }
            c => out.push(c),
        }
        previous = c;
    }
    out + "\""
}

/// The part whose heading a line is.
fn heading(line: &str) -> Option<BodySection> {
    BodySection::ALL.iter().find(|(_, name)| line.strip_prefix("## ") == Some(*name)).map(|(part, _)| *part)
}

/// With lines that look like a heading of ours, or like one escaped, escaped.
fn escaped(text: &str) -> String {
    let lines: Vec<String> = text
        .split('\n')
        .map(|line| match heading(line.trim_start_matches('\\')) {
            Some(_) => format!("\\{line}"),
            None => line.to_string(),
        })
        .collect();
    lines.join("\n")
}

fn unescaped(line: &str) -> &str {
    match line.strip_prefix('\\') {
        Some(rest) if heading(rest.trim_start_matches('\\')).is_some() => rest,
        _ => line,
    }
}

/// The front matter as it is written; a key that is not known is an error,
/// since the next edit would lose it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Front {
    id: String,
    kind: String,
    status: Option<String>,
    title: String,
    slug: Option<String>,
    section: Option<String>,
    #[serde(default)]
    tags: Vec<String>,
    confidence: Option<f64>,
    author: Option<String>,
    origin: Option<String>,
    first_origin: Option<String>,
    source: Option<String>,
    #[serde(default)]
    created: String,
    updated: Option<String>,
    next: Option<String>,
    state: Option<String>,
    current_since: Option<String>,
    trigger: Option<TriggerEntry>,
    #[serde(default)]
    links: Vec<LinkEntry>,
    #[serde(default)]
    anchors: Vec<AnchorEntry>,
    #[serde(default)]
    focus: Vec<FocusEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TriggerEntry {
    tool: Option<String>,
    path: Option<String>,
    arg: Option<String>,
    fingerprint: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LinkEntry {
    relation: String,
    id: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AnchorEntry {
    path: String,
    symbol: Option<String>,
    hash: Option<String>,
    shape: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FocusEntry {
    path: String,
    rank: Option<u32>,
    #[serde(default)]
    why: String,
    #[serde(default)]
    symbols: Vec<String>,
}

/// Parses a record; the error says what is wrong, and on which line.
pub fn parse(text: &str, redactor: &Redactor) -> Result<Record, String> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text).replace("\r\n", "\n");
    let rest = text.strip_prefix("+++\n").ok_or("line 1: a record begins with a line `+++`")?;
    let (matter, body) = match rest.split_once("\n+++\n") {
        Some(parts) => parts,
        None => (rest.strip_suffix("\n+++").ok_or("line 1: the front matter has no closing line `+++`")?, ""),
    };
    let front: Front = toml::from_str(matter).map_err(|error| {
        let line = error.span().map_or(1, |span| line_at(matter, span.start));
        let reason = error.message().lines().next().unwrap_or_default();
        format!("line {line}: {}", redactor.line(reason))
    })?;
    // Reasons quote what is wrong.
    record(&front, body, redactor)
        .map_err(|(key, reason)| format!("line {}: {}", line_of(matter, key), redactor.line(&reason)))
}

/// Line of the file at an offset of the front matter.
fn line_at(matter: &str, offset: usize) -> usize {
    matter.as_bytes()[..offset.min(matter.len())].iter().filter(|byte| **byte == b'\n').count() + 2
}

/// Line of the file on which a key stands.
fn line_of(matter: &str, key: &str) -> usize {
    let has_key =
        |line: &str| line.trim_start().strip_prefix(key).is_some_and(|l| l.trim_start().starts_with('='));
    matter.lines().position(has_key).map_or(1, |at| at + 2)
}

/// A key of the front matter, and what is wrong with its value.
type InvalidValue = (&'static str, String);

fn record(front: &Front, body: &str, redactor: &Redactor) -> Result<Record, InvalidValue> {
    let wrong = |key: &'static str, value: &str| (key, format!("unknown {key} `{}`", value.escape_debug()));
    let optional =
        |text: &Option<String>| text.as_deref().filter(|t| !t.is_empty()).map(|t| redactor.line(t));
    if !is_id(&front.id) {
        return Err(("id", format!("`{}` is not an id: use letters and digits", front.id.escape_debug())));
    }
    for (key, name) in [("id", Some(&front.id)), ("slug", front.slug.as_ref())] {
        if name.is_some_and(|name| !redactor.leaks(name).is_empty()) {
            return Err((key, "it holds a secret".to_string()));
        }
    }
    if let Some(slug) = front.slug.as_ref().filter(|slug| !is_slug(slug)) {
        let slug = slug.escape_debug();
        return Err(("slug", format!("`{slug}` is not a slug: use letters, digits, `-`, `_` and `.`")));
    }
    let kind = RecordKind::from_name(&front.kind).ok_or_else(|| wrong("kind", &front.kind))?;
    let status = front.status.as_deref().unwrap_or("accepted");
    let origin = front.origin.as_deref().unwrap_or("cli");
    let mut record = Record::new(front.id.clone(), kind, redactor.line(&front.title), front.created.clone());
    record.status = RecordStatus::from_name(status).ok_or_else(|| wrong("status", status))?;
    record.origin = RecordOrigin::from_name(origin).ok_or_else(|| wrong("origin", origin))?;
    if let Some(first) = &front.first_origin {
        record.first_origin =
            Some(RecordOrigin::from_name(first).ok_or_else(|| wrong("first_origin", first))?);
    }
    if let Some(value) = front.confidence {
        let not = || ("confidence", format!("`{value}` is not between 0 and 1"));
        record.confidence = Some(Confidence::new(value).ok_or_else(not)?);
    }
    for (key, moment) in [("created", Some(&front.created)), ("updated", front.updated.as_ref())] {
        let is_moment = |c: char| c.is_ascii_digit() || matches!(c, '-' | ':' | 'T' | 'Z' | '+' | '.' | ' ');
        if moment.is_some_and(|text| text.len() > 40 || !text.chars().all(is_moment)) {
            return Err((key, "not an RFC 3339 time".to_string()));
        }
    }
    record.updated = front.updated.clone().unwrap_or_else(|| front.created.clone());
    record.slug = front.slug.clone();
    record.section = optional(&front.section);
    record.tags = front.tags.iter().map(|tag| redactor.line(tag)).collect();
    record.author = optional(&front.author);
    record.source = optional(&front.source);
    record.next = front.next.as_deref().filter(|next| !next.is_empty()).map(|next| redactor.text(next));
    of_kinds(front, &mut record, redactor)?;
    record.links = front.links.iter().map(link_from).collect::<Result<_, _>>()?;
    record.anchors = front.anchors.iter().map(|a| anchor_from(a, redactor)).collect::<Result<_, _>>()?;
    record.focus = front.focus.iter().map(|f| focus_from(f, redactor)).collect::<Result<_, _>>()?;
    record.focus.sort_by(|a, b| a.path.cmp(&b.path));
    for (key, length) in
        [("tags", record.tags.len()), ("links", record.links.len()), ("anchors", record.anchors.len())]
    {
        if length > limits::MAX_ITEMS {
            return Err((key, format!("{length} {key} are more than {}", limits::MAX_ITEMS)));
        }
    }
    (record.body, record.parts) = parts(&redactor.text(body));
    Ok(record)
}

/// What only goals and lessons have.
fn of_kinds(front: &Front, record: &mut Record, redactor: &Redactor) -> Result<(), InvalidValue> {
    let wrong = |name: &str| ("state", format!("unknown state `{}`", name.escape_debug()));
    record.trigger =
        front.trigger.as_ref().map(|entry| trigger_from(entry, redactor)).filter(|it| !it.is_empty());
    let state = |name: &String| GoalState::from_name(name).ok_or_else(|| wrong(name));
    record.goal_state = front.state.as_ref().map(state).transpose()?;
    if front.current_since.as_ref().is_some_and(|since| !is_id(since)) {
        return Err(("current_since", "it tells no time as an id does".to_string()));
    }
    record.current_since = front.current_since.clone();
    Ok(())
}

/// Parses the path of an anchor or focus. One with a secret in its name is
/// refused, as it is not in the tree either.
fn path_from(key: &'static str, path: &str, redactor: &Redactor) -> Result<RelPath, InvalidValue> {
    RelPath::new(redactor.name(path).as_str())
        .ok_or_else(|| (key, format!("not a path inside the project: `{}`", path.escape_debug())))
}

/// One without parts is none.
fn trigger_from(entry: &TriggerEntry, redactor: &Redactor) -> Trigger {
    let part = |text: &Option<String>| {
        text.as_deref().map(|text| redactor.line(text.trim())).filter(|text| !text.is_empty())
    };
    Trigger {
        tool: part(&entry.tool),
        path: part(&entry.path),
        arg: part(&entry.arg),
        fingerprint: part(&entry.fingerprint),
    }
}

fn link_from(entry: &LinkEntry) -> Result<Link, InvalidValue> {
    let relation = Relation::from_name(&entry.relation)
        .ok_or_else(|| ("links", format!("unknown relation `{}`", entry.relation.escape_debug())))?;
    match is_id(&entry.id) {
        true => Ok(Link { relation, id: entry.id.clone() }),
        false => Err(("links", format!("`{}` is not an id", entry.id.escape_debug()))),
    }
}

fn anchor_from(entry: &AnchorEntry, redactor: &Redactor) -> Result<Anchor, InvalidValue> {
    let hex = |text: &Option<String>| match text {
        Some(text) if text.len() > 80 || !text.bytes().all(|b| b.is_ascii_hexdigit() || b == b':') => {
            Err(("anchors", "an anchor's hash is not a hash in hex".to_string()))
        }
        text => Ok(text.clone()),
    };
    Ok(Anchor {
        path: path_from("anchors", &entry.path, redactor)?,
        symbol: entry.symbol.as_deref().map(|symbol| redactor.line(symbol)),
        hash: hex(&entry.hash)?,
        shape: hex(&entry.shape)?,
    })
}

fn focus_from(entry: &FocusEntry, redactor: &Redactor) -> Result<Focus, InvalidValue> {
    Ok(Focus {
        path: path_from("focus", &entry.path, redactor)?,
        rank: entry.rank.unwrap_or(u32::MAX).max(1),
        why: if entry.why.is_empty() { SafeText::default() } else { redactor.line(&entry.why) },
        symbols: entry.symbols.iter().map(|name| redactor.line(name)).collect(),
    })
}

/// Body and parts of the text below the front matter. What stands under a
/// heading of ours twice is put together.
fn parts(text: &SafeText) -> (SafeText, BTreeMap<BodySection, Vec<SafeText>>) {
    let mut pieces: Vec<(Option<BodySection>, Vec<&str>)> = vec![(None, Vec::new())];
    for line in text.as_str().split('\n') {
        match heading(line) {
            Some(part) => pieces.push((Some(part), Vec::new())),
            None => pieces.last_mut().into_iter().for_each(|(_, lines)| lines.push(line)),
        }
    }
    let mut body = SafeText::default();
    let mut parts: BTreeMap<BodySection, Vec<SafeText>> = BTreeMap::new();
    for (part, lines) in pieces {
        match part {
            None => body = joined(text, &lines),
            Some(part) if part.is_list() => parts.entry(part).or_default().extend(items(text, &lines)),
            Some(part) => {
                let known = parts.entry(part).or_default();
                let said = known.pop().into_iter().chain([joined(text, &lines)]);
                // A heading with nothing below it adds nothing.
                let said: Vec<SafeText> = said.filter(|said| !said.is_empty()).collect();
                known.push(SafeText::join(&said, "\n\n"));
            }
        }
    }
    parts.retain(|_, items| {
        items.retain(|item| !item.is_empty());
        !items.is_empty()
    });
    (body, parts)
}

/// Lines of `text` without escapes and without blank lines around them.
fn joined(text: &SafeText, lines: &[&str]) -> SafeText {
    let lines: Vec<&str> = lines.iter().map(|line| unescaped(line)).collect();
    text.reduced("\n", |_| lines.join("\n").trim_start_matches('\n').trim_end().to_string())
}

/// The items of a list; text that is none counts as one item.
fn items(text: &SafeText, lines: &[&str]) -> Vec<SafeText> {
    let mut items: Vec<Vec<&str>> = Vec::new();
    for line in lines {
        match line.strip_prefix("- ") {
            Some(first) => items.push(vec![first]),
            None => match items.last_mut() {
                Some(item) => item.push(line.strip_prefix("  ").unwrap_or(line)),
                None if line.trim().is_empty() => {}
                None => items.push(vec![line]),
            },
        }
    }
    items.iter().map(|lines| joined(text, lines)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn redactor() -> Redactor {
        Redactor::new(&[]).unwrap()
    }

    fn record() -> Record {
        let safe = |text: &str| redactor().text(text);
        let mut record =
            Record::new("01jd".into(), RecordKind::Goal, safe("Fix \"it\" \\ now"), "2026".into());
        record.next = Some(safe("run it"));
        record.body = safe("[wip] fix [/red]\n+++x\n\nmore");
        record.focus = vec![Focus {
            path: RelPath::new("a b/c\n.rs").unwrap(),
            rank: 2,
            why: safe("why"),
            symbols: vec![safe("S.f")],
        }];
        record.anchors = vec![Anchor {
            path: RelPath::new("x").unwrap(),
            symbol: Some(safe("S.f")),
            hash: None,
            shape: None,
        }];
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
        origin = "cli"
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
        check("+++\nid = \"x\"\n", "line 1: the front matter has no closing line `+++`");
        let front = |lines: &str| format!("+++\nid='x'\nkind='goal'\ntitle='t'\n{lines}\n+++\n");
        check("+++\nid = \"x\"\nkind = \"poem\"\ntitle = 't'\n+++\n", "line 3: unknown kind `poem`");
        check("+++\nid = \"x\"\nkind = \"goal\"\n+++\n", "line 2: missing field `title`");
        check(&front("focus=[{path='../x'}]"), "line 5: not a path inside the project: `../x`");
        check(&front("confidence = 2.0"), "line 5: `2` is not between 0 and 1");
        check(
            &front("slug = '../../x'"),
            "line 5: `../../x` is not a slug: use letters, digits, `-`, `_` and `.`",
        );
        check(&front("links = [{relation='likes', id='x'}]"), "line 5: unknown relation `likes`");
        check(&front("created = 'yesterday'"), "line 5: not an RFC 3339 time");
        check(
            "+++\nid='../x'\nkind='goal'\ntitle='t'\n+++\n",
            "line 2: `../x` is not an id: use letters and digits",
        );
        for broken in ["x = 1", "title = 't'", "tags = 'x'", "y =", "\u{0}", "<<<<<<< ours"] {
            let error = parse(&front(broken), &redactor()).unwrap_err();
            assert!(error.starts_with("line 5: "), "{broken}: {error}");
        }
    }

    #[test]
    fn a_heading_that_stands_twice_with_nothing_below_one_adds_nothing() {
        let front = "+++\nid='x'\nkind='goal'\ntitle='t'\n+++\n";
        for body in ["## Impact\n\none\n\n## Impact\n\n\n", "## Impact\n## Impact\none\n", "## Impact\none"] {
            let record = parse(&format!("{front}{body}"), &redactor()).unwrap();
            assert_eq!(record.parts[&BodySection::Impact], [redactor().text("one")], "{body:?}");
            assert_eq!(parse(&text(&record), &redactor()).unwrap(), record, "{body:?}");
        }
    }

    #[test]
    fn headings_of_ours_in_a_text_stay_text() {
        let mut record = record();
        let odd = "## Rationale\n\\## Impact\n## Other\n- x\n\n    code";
        record.body = redactor().text(odd);
        record
            .parts
            .insert(BodySection::Alternatives, vec![redactor().text(odd), redactor().text("- y\n\n  z")]);
        record.parts.insert(BodySection::Impact, vec![redactor().text(odd)]);
        assert_eq!(parse(&text(&record), &redactor()).unwrap(), record);
    }
}
