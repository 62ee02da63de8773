//! The literal value that is assigned, passed or compared to a name.
//!
//! Not here: whether it is a secret.

use std::ops::Range;

use super::bytes::{find, is_bare, is_blank, is_name, run, run_back};
use super::judge::{is_phrase, looks_random};
use super::quoted::{QuotedValue, over_lines, quoted};
use super::reversed::{behind_call, compares};
use super::value::ValueLiteral;
use super::{ValueClass, is_scheme, scheme};

/// Bytes of white space before a value: aligned tables.
const MAX_GAP: usize = 40;
/// Bytes of a text in markup, and of a bare value.
const MAX_TEXT: usize = 2_048;
const MAX_BARE: usize = 512;

/// The name, and what comes right behind it.
struct Place {
    name: Range<usize>,
    /// Quotes and brackets that end the name: `"name"`, `x["name"]`, `\"name\"`.
    closers: usize,
    /// White space behind them.
    gap: usize,
    /// Behind that.
    at: usize,
    next: u8,
    is_quoted: bool,
    /// `--name`.
    is_option: bool,
}

/// The way from the name to its value.
#[derive(Default)]
struct Way {
    /// Where the value begins.
    at: usize,
    /// Without quotes it would be an expression.
    only_quoted: bool,
    /// As `.netrc` has them.
    entry: bool,
    /// SQL's and PowerShell's.
    statement: bool,
    listed: bool,
    /// See [`Literal::aside`].
    aside: bool,
    /// See [`Literal::refers`].
    refers: bool,
    /// By `=` alone.
    equals: bool,
    spaced: bool,
}

enum Found {
    Way(Way),
    Literal(ValueLiteral),
}

/// The literal beside the name at `name`; `None` for expressions.
pub(super) fn beside(bytes: &[u8], name: Range<usize>, class: ValueClass) -> Option<ValueLiteral> {
    let place = Place::new(bytes, name)?;
    let way = match way(bytes, &place, class)? {
        Found::Literal(found) => return Some(found),
        Found::Way(way) => way,
    };
    // A pair or a list: see `several`.
    if place.next == b'('
        && names_login(&bytes[place.name.clone()])
        && elements(bytes, way.at, b')').len() > 1
    {
        return None;
    }
    if place.next != b'(' && bytes.get(way.at) == Some(&b'(') && elements(bytes, way.at + 1, b')').len() > 1 {
        return None;
    }
    match quoted(bytes, way.at) {
        Some(found) => Some(in_quotes(bytes, &place, &way, found)),
        None if way.only_quoted => None,
        None => bare(bytes, &place, &way, class),
    }
}

impl Place {
    fn new(bytes: &[u8], name: Range<usize>) -> Option<Self> {
        let closers = run(&bytes[name.end..], 4, |b| matches!(b, b'"' | b'\'' | b'`' | b']' | b'\\' | b'*'));
        let ended = name.end + closers;
        let gap = run(&bytes[ended..], MAX_GAP, is_blank);
        let at = ended + gap;
        let next = *bytes.get(at)?;
        let is_quoted = bytes[name.end..ended].iter().any(|b| matches!(b, b'"' | b'\'' | b'`'));
        let is_option = bytes[..name.start].ends_with(b"-") && {
            let dashes = run_back(&bytes[..name.start], 2, |b| b == b'-');
            name.start == dashes || bytes[name.start - dashes - 1].is_ascii_whitespace()
        };
        Some(Self { name, closers, gap, at, next, is_quoted, is_option })
    }

    /// Nothing but white space behind the name.
    fn is_apart(&self) -> bool {
        self.gap > 0 && self.closers == 0
    }
}

/// How the value is given to the name.
fn way(bytes: &[u8], place: &Place, class: ValueClass) -> Option<Found> {
    let &Place { closers, gap, at, is_quoted, .. } = place;
    let name = &place.name;
    let mut way = Way { at, spaced: gap > 0, ..Way::default() };
    match place.next {
        // `the password `...``
        b'`' if place.is_apart() => {
            way.only_quoted = true;
            way.aside = true;
            way.listed = true;
        }
        b'v' if name.start > 0 && bytes[name.start - 1] == b'<' && bytes[at..].starts_with(b"value=") => {
            way.at += 6;
            way.only_quoted = true;
        }
        b'|' if bytes.get(at + 1) != Some(&b'|') => {
            return cell(bytes, name, at + 1).map(Found::Literal);
        }
        // The next attribute, `v-model="form.password" :rules="..."`.
        b':' if is_quoted && gap > 0 && bytes.get(at + 1).is_some_and(u8::is_ascii_alphabetic) => {
            return None;
        }
        b'-' if gap > 0 && behind_word(bytes, at + 1).is_some() => {
            way.at = behind_word(bytes, at + 1)?;
            way.only_quoted = true;
            way.listed = true;
        }
        b'=' | b':' | b'?' | b'!' | b'|' | b'+' | b'-' | b'.' => return behind_sign(bytes, place),
        // `getPassword() == "..."`, `env("PASSWORD") || "..."`
        b')' => {
            way.at = behind_call(bytes, at)?;
            way.only_quoted = true;
            way.listed = true;
        }
        b'(' if closers == 0 && bytes.get(at + 1) == Some(&b')') => {
            way.at = behind_call(bytes, at + 1)?;
            way.only_quoted = true;
            way.listed = true;
        }
        // Perl's `// "..."` and Python's `or "..."`.
        b'/' if gap > 0
            && bytes[at..].starts_with(b"// ")
            && matches!(bytes.get(at + 3), Some(b'"' | b'\'')) =>
        {
            way.at = at + 3;
            way.only_quoted = true;
            way.listed = true;
        }
        b'o' if place.gap > 0 && bytes[at..].starts_with(b"or ") => {
            way.at = at + 3;
            way.only_quoted = true;
            way.listed = true;
        }
        // Perl's and PowerShell's `eq`, and SQL's `IDENTIFIED WITH ... BY`.
        b'e' | b'n' | b'B' | b'b' if place.gap > 0 && behind_word(bytes, at).is_some() => {
            way.at = behind_word(bytes, at)?;
            way.only_quoted = true;
            way.listed = true;
        }
        // R's `name <- "..."`, and a property list's `<key>name</key><string>...`.
        b'<' if bytes[at..].starts_with(b"</") => return next_element(bytes, at).map(Found::Literal),
        b'<' => {
            let sign = [&b"<<-"[..], b"<-"].into_iter().find(|sign| bytes[at..].starts_with(sign))?;
            way.at = at + sign.len() + run(&bytes[at + sign.len()..], MAX_GAP, is_blank);
            way.only_quoted = true;
        }
        // A full-width colon.
        0xef if bytes[at..].starts_with("\u{ff1a}".as_bytes()) => {
            way.at = at + 3 + run(&bytes[at + 3..], MAX_GAP, is_blank);
        }
        // `char password[64] = "..."`
        b'[' if closers == 0 => {
            let size = run(&bytes[at + 1..], 24, |b| is_name(b) || b == b' ');
            way.at = behind_equals(bytes, at + 1 + size, b']')?;
            way.only_quoted = true;
        }
        // C#'s `Password { get; set; } = "..."`, Terraform's `variable "password" {
        // default = "..." }`, C++'s `password{"..."}`.
        b'{' => {
            way.at = if bytes[at..].starts_with(b"{ get") || bytes[at..].starts_with(b"{get") {
                let inside = run(&bytes[at + 1..], 60, |b| b != b'}' && b != b'\n');
                behind_equals(bytes, at + 1 + inside, b'}')?
            } else if is_quoted {
                block_default(bytes, at + 1)?
            } else {
                at + 1
            };
            way.only_quoted = true;
        }
        // `- name: DB_PASSWORD` and `value: ...` on the line below.
        b'\n' => {
            let sign = at + run(&bytes[at..], MAX_GAP * 2, |b| b.is_ascii_whitespace());
            if is_quoted && bytes.get(sign) == Some(&b':') {
                let below = Place { name: name.clone(), at: sign, next: b':', ..*place };
                return behind_sign(bytes, &below);
            }
            return value_below(bytes, name.start, at).map(Found::Literal);
        }
        // `strcmp(password, "...")`
        b',' if closers == 0 && !is_quoted => {
            let sigil = run_back(&bytes[..name.start], 2, |b| matches!(b, b'$' | b'@' | b'*' | b'&'));
            compares(bytes, name.start - sigil).then_some(())?;
            way.at = at + 1 + run(&bytes[at + 1..], MAX_GAP, is_blank);
            way.only_quoted = true;
            way.listed = true;
        }
        b',' if is_quoted && bytes[at - gap - 1] != b']' => {
            let from = at + 1 + run(&bytes[at + 1..], MAX_GAP, |b| b.is_ascii_whitespace());
            way.at = behind_value_word(bytes, from);
            let word = run(&bytes[from..], 16, |b| b.is_ascii_alphabetic() || b == b'_');
            if matches!(&bytes[from..from + word], b"default" | b"fallback" | b"default_value") {
                way.at += word + run(&bytes[from + word..], 3, |b| matches!(b, b'=' | b' ' | b':'));
            }
            way.listed = way.at == from;
            way.only_quoted = true;
            // What is on the next line of a list is another item.
            if way.listed && bytes[at..from].contains(&b'\n') {
                return None;
            }
            if way.listed && quoted(bytes, from).is_none() {
                way.at = argument(bytes, from)?;
            }
        }
        b'(' if closers == 0 && gap == 0 => {
            way.at += 1;
            way.only_quoted = true;
        }
        b'>' if is_quoted && is_attribute(bytes, name.start) => {
            return value_element(bytes, at + 1).or_else(|| text_of(bytes, at + 1)).map(Found::Literal);
        }
        b'>' if closers <= 1 => return element(bytes, name.start, at, class).map(Found::Literal),
        _ if is_quoted && bytes[at..].starts_with(b"value=") => {
            way.at += 6;
            way.only_quoted = true;
        }
        // `<setting name="Password" serializeAs="String"><value>...`
        _ if is_quoted && gap > 0 && is_attribute(bytes, name.start) => {
            let rest = run(&bytes[at..], 100, |b| !matches!(b, b'>' | b'<' | b'\n' | b'/'));
            (bytes.get(at + rest) == Some(&b'>')).then_some(())?;
            return value_element(bytes, at + rest + 1).map(Found::Literal);
        }
        // <pass encoding="base64">value</pass>
        _ if gap > 0 && name.start > 0 && bytes[name.start - 1] == b'<' => {
            let close = bytes[at..bytes.len().min(at + 100)].iter().position(|b| *b == b'>')?;
            return element(bytes, name.start, at + close, class).map(Found::Literal);
        }
        // --password value
        b'\\' if place.gap > 0 && place.is_option => way.at = over_lines(bytes, at)?,
        _ if place.is_apart() && place.is_option => {}
        // `requirepass value`
        _ if place.is_apart() && is_directive(bytes, name) => way.entry = true,
        // netrc's `login me password value`
        _ if place.is_apart() && class == ValueClass::Password && is_entry(bytes, name.start) => {
            way.entry = true
        }
        b'"' | b'\'' if place.is_apart() && class == ValueClass::Password => {
            way.only_quoted = true;
            way.statement = is_statement(bytes, name);
            way.listed = true;
        }
        // `#define`, `setenv`, Docker's `ENV`
        _ if place.is_apart() && sets(bytes, name.start).is_some() => {
            way.only_quoted = sets(bytes, name.start)? == Sets::Quoted;
            way.entry = true;
        }
        // `The token is ...`
        _ if place.is_apart() && behind_verb(bytes, name, at).is_some() => {
            way.at = behind_verb(bytes, name, at)?;
            way.aside = true;
            way.listed = true;
        }
        // Go's `var token string = "..."`
        _ if place.is_apart() && declared(bytes, at).is_some() => {
            way.at = declared(bytes, at)?;
            way.only_quoted = true;
        }
        _ if class == ValueClass::Header && gap > 0 => {}
        _ => return None,
    }
    Some(Found::Way(way))
}

/// Behind `=`, `:` and their kin.
fn behind_sign(bytes: &[u8], place: &Place) -> Option<Found> {
    let length = run(&bytes[place.at..], 4, |b| {
        matches!(b, b'=' | b':' | b'?' | b'!' | b'|' | b'+' | b'~' | b'>' | b'-' | b'.')
    });
    let sign = &bytes[place.at..place.at + length];
    // `process.env.PASSWORD || "..."`
    let is_default = matches!(sign, b"||" | b"??");
    if !is_default && !sign.iter().any(|b| matches!(b, b'=' | b':' | b'>')) {
        // `--password value` has its sign before the name.
        return None;
    }
    let mut at = place.at + length;
    let more = run(&bytes[at..], MAX_GAP, is_blank);
    at += more;
    if sign == b"=" && is_binding(bytes, place) {
        at += usize::from(matches!(bytes.get(at), Some(b'"')));
        return Some(Found::Way(Way { at, only_quoted: true, listed: true, ..Way::default() }));
    }
    let in_shell = bytes[..place.name.start].ends_with(b"${");
    // The shell's `${NAME:-value}`, and Spring's `${name:value}`.
    let entry = in_shell && matches!(sign, b":-" | b"-" | b":=" | b"=" | b":");
    let mut refers = false;
    let mut only_quoted = length > 1 && !entry && !matches!(sign, b":=" | b"=>" | b"?=");
    if sign.ends_with(b":") {
        // `**Password:** ...`, and YAML's anchors and tags.
        at += run(&bytes[at..], 2, |b| b == b'*');
        at += run(&bytes[at..], MAX_GAP, is_blank);
        (at, refers) = behind_mark(bytes, at);
    }
    if bytes.get(at) == Some(&b'#') && sign == b":" && more > 0 {
        at += run(&bytes[at..], MAX_BARE, |b| b != b'\n');
    }
    if let Some(below) = over_lines(bytes, at) {
        let continued = bytes[at] == b'\\';
        if quoted(bytes, below).is_some() {
            return Some(Found::Way(Way {
                at: below,
                only_quoted: true,
                listed: is_default,
                ..Way::default()
            }));
        }
        if continued && matches!(sign, b"=" | b":") {
            return Some(Found::Way(Way { at: below, equals: sign == b"=", ..Way::default() }));
        }
    }
    if matches!(sign, b":" | b"?:")
        && let Some(typed) = after_type(bytes, at)
    {
        at = typed;
        only_quoted = true;
    }
    if sign == b":"
        && let Some(block) = block_scalar(bytes, place.name.start, at)
    {
        return Some(Found::Literal(block));
    }
    if bytes.get(at) == Some(&b'|')
        && let Some(cell) = cell(bytes, &place.name, at + 1)
    {
        return Some(Found::Literal(cell));
    }
    if sign == b":"
        && let Some(below) = scalar_below(bytes, place.name.start, at)
    {
        return Some(Found::Literal(below));
    }
    at = behind_brace(bytes, at);
    let mut aside = false;
    if matches!(sign, b"=" | b":" | b":=" | b"=>" | b"?:")
        && quoted(bytes, at).is_none()
        && let Some(other) = otherwise(bytes, at)
    {
        (at, only_quoted, aside) = (other, true, true);
    }
    let (equals, spaced) = (sign == b"=", place.gap + more > 0);
    Some(Found::Way(Way {
        at,
        only_quoted,
        equals,
        spaced,
        entry,
        aside,
        listed: is_default,
        refers,
        ..Way::default()
    }))
}

fn in_quotes(bytes: &[u8], place: &Place, way: &Way, found: QuotedValue) -> ValueLiteral {
    let QuotedValue { start, end, after, cut } = found;
    // PHP's way to name a setting.
    let before = &bytes[..place.name.start.saturating_sub(place.closers)];
    let defined = before.trim_ascii_end().ends_with(b"define(");
    let blank = run(&bytes[after..], 2, is_blank);
    let closing = if defined && bytes.get(after + blank) == Some(&b')') { blank + 1 } else { 0 };
    let alone = is_line_start(bytes, place.name.start) && ends_line(bytes, after + closing);
    let setting = way.statement || alone && (place.is_quoted || !way.spaced || place.next == b':');
    ValueLiteral {
        start,
        end,
        quoted: true,
        setting,
        option: place.is_option,
        listed: way.listed,
        aside: way.aside,
        refers: way.refers,
        cut,
    }
}

fn bare(bytes: &[u8], place: &Place, way: &Way, class: ValueClass) -> Option<ValueLiteral> {
    let Range { mut start, mut end } = bare_value(bytes, way.at, class);
    if class == ValueClass::Password
        && is_line_start(bytes, place.name.start)
        && !way.aside
        && !way.refers
        && matches!(place.next, b'=' | b':')
        && let Some(phrase) = phrase(bytes, start, end)
    {
        let literal = ValueLiteral { start, end: phrase, setting: true, ..ValueLiteral::default() };
        return Some(literal);
    }
    let is_assignment = way.equals && !way.spaced || place.next == b':' && !place.is_quoted;
    if is_assignment && class != ValueClass::Header && is_line_start(bytes, place.name.start) {
        end = whole_value(bytes, start, end);
    }
    if way.aside {
        // `log in with user:password`
        let user = bytes[start..end].iter().position(|b| *b == b':').map_or(0, |colon| colon + 1);
        start += user;
    }
    if start == end {
        return None;
    }
    let after = bytes.get(end).copied().unwrap_or(b'\n');
    if class != ValueClass::Header && is_member(&bytes[start..end]) {
        return None;
    }
    // A call, an index, a path through an object: an expression.
    if matches!(after, b'(' | b'[' | b'{') {
        return None;
    }
    let goes_on = matches!(after, b',' | b';');
    let alone = is_line_start(bytes, place.name.start) && ends_line(bytes, end) && !goes_on;
    let setting = way.entry
        || alone && (!way.spaced || !way.equals)
        || way.equals && !way.spaced && is_variable(bytes, &place.name) && !goes_on;
    let cut = end - start == MAX_BARE;
    let setting = setting && !way.aside;
    Some(ValueLiteral {
        start,
        end,
        setting,
        option: place.is_option,
        aside: way.aside,
        refers: way.refers,
        cut,
        ..ValueLiteral::default()
    })
}

/// The end of an unquoted value in the syntax of settings: that of the line, for
/// a value that has `,`, `;`, `(` or `&` in it and no more names or calls.
fn whole_value(bytes: &[u8], start: usize, end: usize) -> usize {
    if !bytes.get(end).is_some_and(|b| b",;(&|{[<>)".contains(b)) {
        return end;
    }
    let is_part = |b: u8| b.is_ascii_graphic() && !matches!(b, b'"' | b'\'' | b'`');
    let stop = end + run(&bytes[end..], MAX_BARE, is_part);
    let ends = bytes.get(stop).is_none_or(|b| matches!(b, b'\n' | b'\r'));
    let rest = &bytes[end..stop];
    let is_one = rest.len() > 1 && !rest.iter().any(|b| b")}]>=:".contains(b));
    if ends && is_one && looks_random(&bytes[start..stop], 6) { stop } else { end }
}

/// The end of a passphrase of some words without quotes: that of the line.
fn phrase(bytes: &[u8], start: usize, end: usize) -> Option<usize> {
    (bytes.get(end) == Some(&b' ') && !looks_random(&bytes[start..end], 6)).then_some(())?;
    let line = &bytes[start..start + run(&bytes[start..], 120, |b| b != b'\n')];
    let line = &line[..line.windows(2).position(|window| window == b" #").unwrap_or(line.len())];
    let text = line.trim_ascii_end();
    is_phrase(text).then_some(start + text.len())
}

/// How a word before the name gives it the value behind it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Sets {
    Quoted,
    Any,
}

/// `#define NAME "..."`, `setenv NAME value`, `ENV NAME value`.
fn sets(bytes: &[u8], name_start: usize) -> Option<Sets> {
    let lead = bytes[line_start(bytes, name_start)..name_start].trim_ascii();
    let last = lead.rsplit(u8::is_ascii_whitespace).next()?;
    match last {
        b"set(" | b"SET(" | b"#define" | b"define" | b"(setq" | b"(def" | b"(defvar" | b"(defconst"
        | b"(define" => Some(Sets::Quoted),
        b"ENV" | b"ARG" | b"setenv" | b"setx" | b"SetEnv" => Some(Sets::Any),
        b"set" if lead.ends_with(b"configure set") => Some(Sets::Any),
        b"-x" | b"-gx" | b"-Ux" | b"-xg" if lead.starts_with(b"set ") => Some(Sets::Any),
        _ => None,
    }
}

/// Behind `is` and its kin, and behind the name itself where it is a verb.
fn behind_verb(bytes: &[u8], name: &Range<usize>, at: usize) -> Option<usize> {
    if bytes[name.clone()].ends_with(b"with") || bytes[name.clone()].ends_with(b"as") {
        return Some(at);
    }
    let verb =
        [&b"is "[..], b"was ", b"is: ", b"to "].into_iter().find(|verb| bytes[at..].starts_with(verb))?;
    Some(at + verb.len())
}

/// The next cell of a table in Markdown: one word, in backticks if need be.
fn cell(bytes: &[u8], name: &Range<usize>, at: usize) -> Option<ValueLiteral> {
    let line = bytes[line_start(bytes, name.start)..name.start].trim_ascii_start();
    line.starts_with(b"|").then_some(())?;
    let mut start = at + run(&bytes[at..], MAX_GAP, is_blank);
    start += run(&bytes[start..], 3, |b| matches!(b, b'`' | b'*'));
    let length = run(&bytes[start..], MAX_BARE, is_bare);
    let end = start + length - run_back(&bytes[start..start + length], 2, |b| b == b'*');
    let after = end + run(&bytes[end..], MAX_GAP, |b| matches!(b, b' ' | b'\t' | b'`' | b'*'));
    (bytes.get(after) == Some(&b'|')).then_some(ValueLiteral {
        start,
        end,
        aside: true,
        ..ValueLiteral::default()
    })
}

/// Behind the bracket at `at` and the sign after it.
fn behind_equals(bytes: &[u8], at: usize, bracket: u8) -> Option<usize> {
    (bytes.get(at) == Some(&bracket)).then_some(())?;
    let sign = at + 1 + run(&bytes[at + 1..], MAX_GAP, is_blank);
    (bytes.get(sign) == Some(&b'=')).then_some(())?;
    Some(sign + 1 + run(&bytes[sign + 1..], MAX_GAP, is_blank))
}

/// The value of `default =` in a block that names a variable.
fn block_default(bytes: &[u8], at: usize) -> Option<usize> {
    let block = &bytes[at..bytes.len().min(at + 300)];
    let block = &block[..block.iter().position(|b| *b == b'}').unwrap_or(block.len())];
    let word = block.windows(7).position(|window| window == b"default")?;
    let sign = at + word + 7;
    let blank = run(&bytes[sign..], MAX_GAP, is_blank);
    (bytes.get(sign + blank) == Some(&b'=')).then_some(())?;
    Some(sign + blank + 1 + run(&bytes[sign + blank + 1..], MAX_GAP, is_blank))
}

/// Whether the name is the `name` of an XML element: `<string name="password">`.
fn is_attribute(bytes: &[u8], name_start: usize) -> bool {
    let lead = &bytes[name_start.saturating_sub(7)..name_start];
    let lead = lead.to_ascii_lowercase();
    [&b"name=\""[..], b"key=\"", b"name='", b"key='"].iter().any(|own| lead.ends_with(own))
}

/// The text of the element behind the one that ends at `at`: `</key><string>...`,
/// `</param-name><param-value>...`.
fn next_element(bytes: &[u8], at: usize) -> Option<ValueLiteral> {
    let tag = run(&bytes[at + 2..], 24, is_name);
    let name = bytes[at + 2..at + 2 + tag].to_ascii_lowercase();
    let is_name = name.ends_with(b"name") || name.ends_with(b"key");
    let end = at + 2 + tag;
    (is_name && bytes.get(end) == Some(&b'>')).then_some(())?;
    value_element(bytes, end + 1)
}

/// The text of an element for values at `at`: `<value>...`, `<string>...`.
fn value_element(bytes: &[u8], at: usize) -> Option<ValueLiteral> {
    let open = at + run(&bytes[at..], MAX_GAP * 2, |b| b.is_ascii_whitespace());
    (bytes.get(open) == Some(&b'<')).then_some(())?;
    let tag = run(&bytes[open + 1..], 24, is_name);
    let name = bytes[open + 1..open + 1 + tag].to_ascii_lowercase();
    (name.ends_with(b"value") || name == b"string").then_some(())?;
    let close = run(&bytes[open + 1 + tag..], 80, |b| !matches!(b, b'>' | b'<' | b'\n'));
    let end = open + 1 + tag + close;
    (bytes.get(end) == Some(&b'>')).then_some(())?;
    text_of(bytes, end + 1)
}

/// Behind YAML's `&anchor` and `!tag`; whether the tag is one of the application,
/// which makes something else of the value: `!vault-ref path`, `!secret name`.
fn behind_mark(bytes: &[u8], at: usize) -> (usize, bool) {
    if !matches!(bytes.get(at), Some(b'&' | b'!')) {
        return (at, false);
    }
    let mark = 1 + run(&bytes[at + 1..], 60, |b| is_name(b) || matches!(b, b'!' | b'/' | b':'));
    let blank = run(&bytes[at + mark..], MAX_GAP, is_blank);
    // Rust's `: &str = "..."` has a type there.
    if blank == 0 || bytes.get(at + mark + blank) == Some(&b'=') {
        return (at, false);
    }
    let tag = &bytes[at..at + mark];
    let plain = [&b"!Sub"[..], b"!Base64", b"!str", b"!string", b"!plain", b"!sensitive", b"!unsafe"];
    let refers = tag.starts_with(b"!") && !tag.starts_with(b"!!") && !plain.contains(&tag);
    let next = at + mark + blank;
    let (behind, again) = behind_mark(bytes, next);
    (behind, refers || again)
}

/// Behind `{"value":` where a name has an object with its value.
fn behind_brace(bytes: &[u8], at: usize) -> usize {
    if bytes.get(at) != Some(&b'{') {
        return at;
    }
    let inside = at + 1 + run(&bytes[at + 1..], MAX_GAP, |b| b.is_ascii_whitespace());
    let behind = behind_value_word(bytes, inside);
    if behind == inside { at } else { behind }
}

/// The literal that an expression falls back to: `env("P") or "..."`.
fn otherwise(bytes: &[u8], at: usize) -> Option<usize> {
    const SIGNS: &[&[u8]] = &[
        b" or ",
        b" || ",
        b" ?? ",
        b" ?: ",
        b" . ",
        b" + ",
        b"default=",
        b", ",
        b"?? ",
        b" else ",
        b" // ",
        b" : ",
        b"|_| ",
        b"unwrap_or(",
    ];
    let line = &bytes[at..bytes.len().min(at + 120)];
    let line = &line[..line.iter().position(|b| matches!(b, b'\n' | b';' | b'#')).unwrap_or(line.len())];
    // Most lines end before their first quote.
    let quote = line.iter().rposition(|b| matches!(b, b'"' | b'\'' | b'`'))?;
    let is_read = |text: &[u8]| {
        let lower = text.to_ascii_lowercase();
        find(&lower, b"env") || find(&lower, b"config")
    };
    SIGNS.iter().find_map(|sign| {
        let from = line[..quote].windows(sign.len()).rposition(|window| window == *sign)?;
        let behind = from + sign.len();
        let opens = matches!(line.get(behind), Some(b'"' | b'\'' | b'`'));
        // A comma parts arguments of any call; of one that reads a setting, the
        // default.
        let fits = opens
            && match *sign {
                b", " => is_read(&line[..from]),
                b" : " => find(&line[..from], b" ? "),
                _ => true,
            };
        fits.then_some(at + behind)
    })
}

/// A value alone on the line below its name, further in.
fn scalar_below(bytes: &[u8], name_start: usize, at: usize) -> Option<ValueLiteral> {
    (bytes.get(at) == Some(&b'\n')).then_some(())?;
    let indent = name_start - line_start(bytes, name_start);
    let blank = run(&bytes[at + 1..], MAX_GAP, is_blank);
    let start = at + 1 + blank;
    if blank <= indent || quoted(bytes, start).is_some() || bytes[start..].starts_with(b"- ") {
        return None;
    }
    let length = run(&bytes[start..], MAX_BARE, is_bare);
    let ends = bytes.get(start + length).is_none_or(|b| *b == b'\n');
    let value = &bytes[start..start + length];
    // A word by itself is rather a type or a remark.
    let is_word = value.iter().all(u8::is_ascii_alphabetic);
    (ends && length > 0 && bytes[start + length - 1] != b':').then_some(ValueLiteral {
        start,
        end: start + length,
        setting: !is_word,
        aside: is_word,
        ..ValueLiteral::default()
    })
}

/// Elements of a list that are looked at.
const MAX_ELEMENTS: usize = 64;

/// The literals in a list or a pair behind the name, and what they mean:
/// `tokens = ["...", "..."]`, `auth=("user", "...")`, YAML's `- ...` below.
pub(super) fn several(
    bytes: &[u8],
    name: Range<usize>,
    class: ValueClass,
) -> Option<(ValueClass, Vec<ValueLiteral>)> {
    if class == ValueClass::Header {
        return None;
    }
    let place = Place::new(bytes, name)?;
    if place.next == b'(' {
        let mut both = elements(bytes, place.at + 1, b')');
        (both.len() == 2 && names_login(&bytes[place.name.clone()])).then(|| both.remove(0))?;
        return Some((ValueClass::Password, both));
    }
    matches!(place.next, b'=' | b':').then_some(())?;
    let mut at = place.at + 1 + run(&bytes[place.at + 1..], 1, |b| b == b'=' || b == b'>');
    at += run(&bytes[at..], MAX_GAP, is_blank);
    match bytes.get(at)? {
        b'[' => {
            let mut all = elements(bytes, at + 1, b']');
            if all.len() == 2 && names_login(&bytes[place.name.clone()]) {
                all.remove(0);
                return Some((ValueClass::Password, all));
            }
            all.iter_mut().for_each(|each| each.aside = true);
            Some((class, all))
        }
        b'(' => {
            let mut both = elements(bytes, at + 1, b')');
            let is_pair = both.len() == 2 && class == ValueClass::Weak;
            let meant = if is_pair { ValueClass::Password } else { class };
            both.drain(..usize::from(is_pair));
            Some((meant, both))
        }
        b'\n' if place.next == b':' => Some((class, items(bytes, at + 1))),
        _ => None,
    }
}

/// `auth`, `BasicAuth`, `basic_auth`: followed by a user and a password.
fn names_login(name: &[u8]) -> bool {
    name.len() >= 4 && name[name.len() - 4..].eq_ignore_ascii_case(b"auth")
}

/// Quoted elements up to the bracket that closes them.
fn elements(bytes: &[u8], at: usize, close: u8) -> Vec<ValueLiteral> {
    let mut found = Vec::new();
    let mut at = at;
    while found.len() < MAX_ELEMENTS {
        at += run(&bytes[at..], 80, |b| b.is_ascii_whitespace() || b == b',');
        if bytes.get(at).is_none_or(|b| *b == close) {
            return found;
        }
        let Some(QuotedValue { start, end, after, cut }) = quoted(bytes, at) else { return Vec::new() };
        found.push(ValueLiteral { start, end, quoted: true, listed: true, cut, ..ValueLiteral::default() });
        at = after;
    }
    found
}

/// YAML's items, one a line.
fn items(bytes: &[u8], at: usize) -> Vec<ValueLiteral> {
    let mut found = Vec::new();
    let mut at = at;
    while found.len() < MAX_ELEMENTS {
        let dash = at + run(&bytes[at..], MAX_GAP, is_blank);
        if !bytes[dash..].starts_with(b"- ") {
            break;
        }
        let from = dash + 2;
        let (start, end) = match quoted(bytes, from) {
            Some(found) => (found.start, found.end),
            None => (from, from + run(&bytes[from..], MAX_BARE, is_bare)),
        };
        found.push(ValueLiteral { start, end, aside: true, ..ValueLiteral::default() });
        let Some(next) = bytes[end..].iter().take(200).position(|b| *b == b'\n') else { break };
        at = end + next + 1;
    }
    found
}

/// The value without quotes at `at`, behind the scheme of a header.
fn bare_value(bytes: &[u8], at: usize, class: ValueClass) -> Range<usize> {
    let mut end = at + run(&bytes[at..], MAX_BARE, is_bare);
    // In a string in a string, a line ends so.
    if let Some(feed) = bytes[at..end].windows(2).position(|pair| matches!(pair, b"\\n" | b"\\r" | b"\\t")) {
        end = at + feed;
    }
    // A sentence's full stop is no part of a token.
    while end > at && matches!(bytes[end - 1], b'.' | b':') {
        end -= 1;
    }
    let value = &bytes[at..end];
    if class == ValueClass::Header && scheme(value) == 0 && is_scheme(value) {
        let from = end + run(&bytes[end..], 2, is_blank);
        return from..from + run(&bytes[from..], MAX_BARE, is_bare);
    }
    at..end
}

/// The text of an XML element whose start tag ends at `close`.
fn element(bytes: &[u8], name_start: usize, close: usize, class: ValueClass) -> Option<ValueLiteral> {
    let opens = name_start > 0 && matches!(bytes[name_start - 1], b'<' | b':');
    if !opens || class == ValueClass::Header {
        return None;
    }
    text_of(bytes, close + 1)
}

/// The text at `at` up to the next tag.
fn text_of(bytes: &[u8], at: usize) -> Option<ValueLiteral> {
    let is_quoted = bytes[at..].starts_with(b"<![CDATA[");
    let mut start = if is_quoted { at + 9 } else { at };
    start += run(&bytes[start..], MAX_GAP, |b| b.is_ascii_whitespace());
    let length = run(&bytes[start..], MAX_TEXT, |b| !matches!(b, b'<' | b'\n' | b'>' | b'{'));
    let after = start + length + run(&bytes[start + length..], MAX_GAP, |b| b.is_ascii_whitespace());
    let text = bytes[start..start + length].trim_ascii_end();
    let text = if is_quoted { text.strip_suffix(b"]]")? } else { text };
    let closes = if is_quoted { b'>' } else { b'<' };
    (bytes.get(after) == Some(&closes)).then_some(ValueLiteral {
        start,
        end: start + text.len(),
        quoted: true,
        setting: true,
        ..ValueLiteral::default()
    })
}

/// YAML's `name: |` with one value on the lines below.
fn block_scalar(bytes: &[u8], name_start: usize, at: usize) -> Option<ValueLiteral> {
    if !matches!(bytes.get(at), Some(b'|' | b'>')) {
        return None;
    }
    let sign = at + 1 + run(&bytes[at + 1..], 2, |b| matches!(b, b'-' | b'+') || b.is_ascii_digit());
    let line = sign + run(&bytes[sign..], 8, is_blank) + 1;
    let indent = name_start - line_start(bytes, name_start);
    (bytes.get(line - 1) == Some(&b'\n')).then_some(())?;
    let start = line + run(&bytes[line..], MAX_GAP, is_blank);
    let length = run(&bytes[start..], MAX_BARE, is_bare);
    (start - line > indent && ends_line(bytes, start + length)).then_some(ValueLiteral {
        start,
        end: start + length,
        setting: true,
        cut: length == MAX_BARE,
        ..ValueLiteral::default()
    })
}

/// The value in `name: SECRET_NAME` over `value: ...`, as Kubernetes and CI
/// files write it.
fn value_below(bytes: &[u8], name_start: usize, newline: usize) -> Option<ValueLiteral> {
    let before = bytes[line_start(bytes, name_start)..name_start].trim_ascii();
    let before =
        before.strip_suffix(b"\"").or_else(|| before.strip_suffix(b"'")).unwrap_or(before).trim_ascii();
    if !matches!(before, b"name:" | b"- name:" | b"key:" | b"- key:") {
        return None;
    }
    let mut at = newline + 1;
    at += run(&bytes[at..], MAX_GAP, is_blank);
    at += bytes[at..].strip_prefix(b"value:").map(|_| b"value:".len())?;
    at += run(&bytes[at..], MAX_GAP, is_blank);
    if let Some(found) = quoted(bytes, at) {
        let QuotedValue { start, end, cut, .. } = found;
        return Some(ValueLiteral {
            start,
            end,
            quoted: true,
            setting: true,
            cut,
            ..ValueLiteral::default()
        });
    }
    let length = run(&bytes[at..], MAX_BARE, is_bare);
    Some(ValueLiteral {
        start: at,
        end: at + length,
        setting: true,
        cut: length == MAX_BARE,
        ..ValueLiteral::default()
    })
}

/// Behind `"value":` where that stands at `at`: `"name": "TOKEN", "value": ...`.
fn behind_value_word(bytes: &[u8], at: usize) -> usize {
    let words = [&b"\"value\""[..], b"'value'", b"\\\"value\\\""];
    let is_here =
        |word: &&&[u8]| bytes[at..].get(..word.len()).is_some_and(|text| text.eq_ignore_ascii_case(word));
    let Some(length) = words.iter().find(is_here).map(|word| word.len()) else { return at };
    let mut behind = at + length;
    behind += run(&bytes[behind..], 2, is_blank);
    if !matches!(bytes.get(behind), Some(b':' | b'=')) {
        return at;
    }
    behind += run(&bytes[behind..], 2, |b| matches!(b, b':' | b'=' | b'>'));
    behind + run(&bytes[behind..], MAX_GAP, is_blank)
}

/// Behind the type and the sign of a declaration: `string = "`, `As String = "`,
/// `VARCHAR2(20) := '`.
fn declared(bytes: &[u8], at: usize) -> Option<usize> {
    let is_type =
        |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'*' | b'[' | b']' | b'.' | b'_' | b'(' | b')');
    let mut sign = at;
    let mut parted = false;
    for _ in 0..3 {
        let kind = run(&bytes[sign..], 24, is_type);
        if kind == 0 {
            break;
        }
        let blank = run(&bytes[sign + kind..], 2, is_blank);
        parted = blank > 0;
        sign += kind + blank;
    }
    if !parted {
        return None;
    }
    sign += run(&bytes[sign..], 1, |b| b == b':');
    (sign > at && bytes.get(sign) == Some(&b'=')).then_some(())?;
    let start = sign + 1 + run(&bytes[sign + 1..], MAX_GAP, is_blank);
    matches!(bytes.get(start), Some(b'"' | b'`' | b'\'')).then_some(start)
}

/// Whether the name is an attribute whose value is an expression: Vue's
/// `:password="..."`, Angular's `[password]="..."`.
fn is_binding(bytes: &[u8], place: &Place) -> bool {
    let Some((sign, lead)) = bytes[..place.name.start].split_last() else { return false };
    let begins = lead.last().is_none_or(u8::is_ascii_whitespace)
        || lead.ends_with(b"v-bind")
        || lead.ends_with(b"x-bind");
    let is_bracket = *sign == b'[' && bytes.get(place.name.end) == Some(&b']');
    begins && place.gap == 0 && (*sign == b':' || is_bracket) && bytes.get(place.at + 1) == Some(&b'"')
}

/// Behind a word that compares or sets: `eq "..."`, `BY '...'`.
fn behind_word(bytes: &[u8], at: usize) -> Option<usize> {
    let words = [&b"eq "[..], b"ne ", b"by "];
    let word = words
        .into_iter()
        .find(|word| bytes.get(at..at + word.len()).is_some_and(|text| text.eq_ignore_ascii_case(word)))?;
    let behind = at + word.len();
    matches!(bytes.get(behind), Some(b'"' | b'\'')).then_some(behind)
}

/// The default among the arguments behind a name: `"--password", type=str,
/// default="..."`.
fn argument(bytes: &[u8], from: usize) -> Option<usize> {
    let line = &bytes[from..bytes.len().min(from + 160)];
    let line = &line[..line.iter().position(|b| *b == b'\n').unwrap_or(line.len())];
    let word = line.windows(7).position(|window| window == b"default")? + 7;
    let sign = word
        + run(&line[word..], 1, |b| b == b'_')
        + run(&line[word..], 12, |b| b.is_ascii_alphabetic() || b == b'_');
    let assigns = run(&line[sign.min(line.len())..], 4, |b| matches!(b, b'=' | b':' | b' ' | b'>'));
    (assigns > 0).then_some(from + sign + assigns)
}

/// Settings of servers that are a name and a value with a blank between.
fn is_directive(bytes: &[u8], name: &Range<usize>) -> bool {
    let own = &bytes[name.clone()];
    let names = [
        "requirepass",
        "masterauth",
        "rootpw",
        "bindpw",
        "olcrootpw",
        "sentinel_pass",
        "auth-pass",
        "masteruserpass",
    ];
    let lead = bytes[line_start(bytes, name.start)..name.start].trim_ascii();
    names.iter().any(|name| own.eq_ignore_ascii_case(name.as_bytes())) && (lead.is_empty() || lead == b"#")
}

/// SQL's `WITH PASSWORD '...'` and `IDENTIFIED BY '...'`, PowerShell's
/// `ConvertTo-SecureString '...'`.
fn is_statement(bytes: &[u8], name: &Range<usize>) -> bool {
    let lower = bytes[name.start.saturating_sub(16)..name.end].to_ascii_lowercase();
    [&b"with password"[..], b"encrypted password", b"identified by", b"securestring", b"set password"]
        .iter()
        .any(|end| lower.ends_with(end))
}

/// A variable of the environment, where a command or a file sets it.
fn is_variable(bytes: &[u8], name: &Range<usize>) -> bool {
    let letters = &bytes[name.clone()];
    letters.iter().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || *b == b'_')
        && (name.start == 0 || bytes[name.start - 1].is_ascii_whitespace() || bytes[name.start - 1] == b'"')
}

/// Behind a type annotation: `: &str = "`, `: Final[str] = "`.
fn after_type(bytes: &[u8], at: usize) -> Option<usize> {
    // A quote opens the value itself.
    if matches!(bytes.get(at), Some(b'\'' | b'<')) {
        return None;
    }
    let kind = run(&bytes[at..], 48, |b| {
        b.is_ascii_alphanumeric()
            || matches!(
                b,
                b'_' | b'&' | b'\'' | b'<' | b'>' | b'[' | b']' | b'|' | b'.' | b' ' | b'?' | b',' | b':'
            )
    });
    let mut next = at + kind;
    if kind == 0 || bytes.get(next) != Some(&b'=') {
        return None;
    }
    next += 1;
    next += run(&bytes[next..], MAX_GAP, is_blank);
    quoted(bytes, next).map(|_| next)
}

/// Whether the name stands where `.netrc` has its `password`.
fn is_entry(bytes: &[u8], name_start: usize) -> bool {
    let line = &bytes[line_start(bytes, name_start)..name_start];
    let before = line.trim_ascii_start();
    match before.is_empty() {
        true => is_netrc_line_before(bytes, name_start),
        false => {
            // Pairs of a word of its own and a value: no sentence.
            let words: Vec<&[u8]> =
                before.split(|b| b.is_ascii_whitespace()).filter(|word| !word.is_empty()).collect();
            let is_key =
                |word: &&[u8]| matches!(*word, b"login" | b"machine" | b"user" | b"username" | b"default");
            words.len().is_multiple_of(2) && words.iter().step_by(2).all(is_key)
        }
    }
}

/// `.netrc` and its kin put `login me` on the line above `password value`.
fn is_netrc_line_before(bytes: &[u8], name_start: usize) -> bool {
    let here = line_start(bytes, name_start);
    if here == 0 {
        return false;
    }
    let above = &bytes[line_start(bytes, here - 1)..here - 1];
    let above = above.trim_ascii_start();
    above.starts_with(b"login ") || above.starts_with(b"username ") || above.starts_with(b"user ")
}

/// `settings.secret`, `Store2.prefix`: a path through objects, not a value.
fn is_member(text: &[u8]) -> bool {
    text.contains(&b'.')
        && text.split(|b| *b == b'.').all(|part| {
            part.first().is_some_and(|b| b.is_ascii_alphabetic() || *b == b'_')
                && part.len() < 40
                && part.iter().all(|b| b.is_ascii_alphanumeric() || *b == b'_')
        })
}

fn line_start(bytes: &[u8], at: usize) -> usize {
    let from = at.saturating_sub(200);
    bytes[from..at].iter().rposition(|b| *b == b'\n').map_or(from, |newline| from + newline + 1)
}

/// Whether only what settings have before a name stands before this one.
fn is_line_start(bytes: &[u8], name_start: usize) -> bool {
    let line = &bytes[line_start(bytes, name_start)..name_start];
    // In a string in a string, a line ends so.
    let start = line.windows(2).rposition(|pair| pair == b"\\n").map_or(0, |feed| feed + 2);
    let mut lead = line[start..].trim_ascii();
    for word in [
        &b"export"[..],
        b"define(",
        b"setenv",
        b"setx",
        b"set",
        b"ENV",
        b"ARG",
        b"Environment=",
        b"-",
        b"*",
        b"#",
        b"//",
        b";",
        b"$",
    ] {
        lead = lead.strip_prefix(word).unwrap_or(lead).trim_ascii();
    }
    lead.iter().all(|b| matches!(b, b'"' | b'\'' | b'-' | b'$' | b'{' | b'+' | b'*'))
}

/// Whether nothing but punctuation or a comment follows on the line.
fn ends_line(bytes: &[u8], at: usize) -> bool {
    let rest = &bytes[at..bytes.len().min(at + 40)];
    let skipped = run(rest, 8, |b| is_blank(b) || matches!(b, b',' | b';' | b'\\' | b'}'));
    rest.starts_with(b"\\n") || rest.get(skipped).is_none_or(|b| matches!(b, b'\n' | b'#' | b'/' | b'<'))
}
