//! The way from a name to its value: the sign, the call, the words or the lines
//! that stand between.
//!
//! Not here: where the value ends (`literal`).

use std::ops::Range;

use super::ValueClass;
use super::bytes::{MAX_BARE, MAX_GAP, find, is_blank, is_name, run, run_back};
use super::lead::{Sets, behind_verb, is_directive, is_entry, is_statement, sets};
use super::markup::{cell, element, is_attribute, next_element, text_of, value_element};
use super::quoted::{over_lines, quoted};
use super::reversed::{behind_call, compares};
use super::value::ValueLiteral;
use super::yaml::{behind_mark, behind_value_word, block_scalar, scalar_below, value_below};

/// The name, and what comes right behind it.
pub(super) struct Place {
    pub(super) name: Range<usize>,
    /// Quotes and brackets that end the name: `"name"`, `x["name"]`, `\"name\"`.
    pub(super) closers: usize,
    /// White space behind them.
    pub(super) gap: usize,
    /// Behind that.
    pub(super) at: usize,
    pub(super) next: u8,
    pub(super) is_quoted: bool,
    /// `--name`.
    pub(super) is_option: bool,
}

/// The way from the name to its value.
#[derive(Default)]
pub(super) struct Way {
    /// Where the value begins.
    pub(super) at: usize,
    /// Without quotes it would be an expression.
    pub(super) only_quoted: bool,
    /// As `.netrc` has them.
    pub(super) entry: bool,
    /// SQL's and PowerShell's.
    pub(super) statement: bool,
    pub(super) listed: bool,
    /// See [`ValueLiteral::aside`].
    pub(super) aside: bool,
    /// See [`ValueLiteral::refers`].
    pub(super) refers: bool,
    /// By `=` alone.
    pub(super) equals: bool,
    pub(super) spaced: bool,
}

pub(super) enum Found {
    Way(Way),
    Literal(ValueLiteral),
}

impl Place {
    pub(super) fn new(bytes: &[u8], name: Range<usize>) -> Option<Self> {
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

    /// The value at `at`, in quotes or without.
    fn plain(&self, at: usize) -> Way {
        Way { at, spaced: self.gap > 0, ..Way::default() }
    }

    /// The value at `at`, if it is in quotes.
    fn quoted(&self, at: usize) -> Way {
        Way { only_quoted: true, ..self.plain(at) }
    }

    /// The same, among others: see [`ValueLiteral::listed`].
    fn listed(&self, at: usize) -> Way {
        Way { listed: true, ..self.quoted(at) }
    }
}

/// How the value is given to the name: by what comes right behind that.
pub(super) fn way(bytes: &[u8], place: &Place, class: ValueClass) -> Option<Found> {
    let &Place { closers, gap, at, is_quoted, .. } = place;
    let name = &place.name;
    let found = match place.next {
        // `the password `...``
        b'`' if place.is_apart() => Way { aside: true, ..place.listed(at) },
        b'v' if name.start > 0 && bytes[name.start - 1] == b'<' && bytes[at..].starts_with(b"value=") => {
            place.quoted(at + 6)
        }
        b'|' if bytes.get(at + 1) != Some(&b'|') => return cell(bytes, name, at + 1).map(Found::Literal),
        // The next attribute, `v-model="form.password" :rules="..."`.
        b':' if is_quoted && gap > 0 && bytes.get(at + 1).is_some_and(u8::is_ascii_alphabetic) => {
            return None;
        }
        b'-' if gap > 0 && behind_word(bytes, at + 1).is_some() => place.listed(behind_word(bytes, at + 1)?),
        b'=' | b':' | b'?' | b'!' | b'|' | b'+' | b'-' | b'.' => return behind_sign(bytes, place),
        // `getPassword() == "..."`, `env("PASSWORD") || "..."`
        b')' => place.listed(behind_call(bytes, at)?),
        b'(' if closers == 0 && bytes.get(at + 1) == Some(&b')') => place.listed(behind_call(bytes, at + 1)?),
        // Perl's `// "..."` and Python's `or "..."`.
        b'/' if gap > 0
            && bytes[at..].starts_with(b"// ")
            && matches!(bytes.get(at + 3), Some(b'"' | b'\'')) =>
        {
            place.listed(at + 3)
        }
        b'o' if gap > 0 && bytes[at..].starts_with(b"or ") => place.listed(at + 3),
        // Perl's and PowerShell's `eq`, and SQL's `IDENTIFIED WITH ... BY`.
        b'e' | b'n' | b'B' | b'b' if gap > 0 && behind_word(bytes, at).is_some() => {
            place.listed(behind_word(bytes, at)?)
        }
        // R's `name <- "..."`, and a property list's `<key>name</key><string>...`.
        b'<' if bytes[at..].starts_with(b"</") => return next_element(bytes, at).map(Found::Literal),
        b'<' => {
            let sign = [&b"<<-"[..], b"<-"].into_iter().find(|sign| bytes[at..].starts_with(sign))?;
            place.quoted(at + sign.len() + run(&bytes[at + sign.len()..], MAX_GAP, is_blank))
        }
        // A full-width colon.
        0xef if bytes[at..].starts_with("\u{ff1a}".as_bytes()) => {
            place.plain(at + 3 + run(&bytes[at + 3..], MAX_GAP, is_blank))
        }
        // `char password[64] = "..."`
        b'[' if closers == 0 => {
            let size = run(&bytes[at + 1..], 24, |b| is_name(b) || b == b' ');
            place.quoted(behind_equals(bytes, at + 1 + size, b']')?)
        }
        b'{' => place.quoted(in_block(bytes, place)?),
        b'\n' => return on_next_line(bytes, place),
        // `strcmp(password, "...")`
        b',' if closers == 0 && !is_quoted => {
            let sigil = run_back(&bytes[..name.start], 2, |b| matches!(b, b'$' | b'@' | b'*' | b'&'));
            compares(bytes, name.start - sigil).then_some(())?;
            place.listed(at + 1 + run(&bytes[at + 1..], MAX_GAP, is_blank))
        }
        b',' if is_quoted && bytes[at - gap - 1] != b']' => next_argument(bytes, place)?,
        b'(' if closers == 0 && gap == 0 => place.quoted(at + 1),
        b'>' if is_quoted && is_attribute(bytes, name.start) => {
            return value_element(bytes, at + 1).or_else(|| text_of(bytes, at + 1)).map(Found::Literal);
        }
        b'>' if closers <= 1 => return element(bytes, name.start, at, class).map(Found::Literal),
        _ => return by_words(bytes, place, class),
    };
    Some(Found::Way(found))
}

/// The way where no sign follows: what stands before the name tells.
fn by_words(bytes: &[u8], place: &Place, class: ValueClass) -> Option<Found> {
    let &Place { gap, at, is_quoted, .. } = place;
    let name = &place.name;
    let plain = place.plain(at);
    let found = match place.next {
        _ if is_quoted && bytes[at..].starts_with(b"value=") => place.quoted(at + 6),
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
        b'\\' if gap > 0 && place.is_option => place.plain(over_lines(bytes, at)?),
        _ if place.is_apart() && place.is_option => plain,
        // `requirepass value`
        _ if place.is_apart() && is_directive(bytes, name) => Way { entry: true, ..plain },
        // netrc's `login me password value`
        _ if place.is_apart() && class == ValueClass::Password && is_entry(bytes, name.start) => {
            Way { entry: true, ..plain }
        }
        b'"' | b'\'' if place.is_apart() && class == ValueClass::Password => {
            Way { statement: is_statement(bytes, name), ..place.listed(at) }
        }
        // `#define`, `setenv`, Docker's `ENV`
        _ if place.is_apart() && sets(bytes, name.start).is_some() => {
            let only_quoted = sets(bytes, name.start)? == Sets::Quoted;
            Way { only_quoted, entry: true, ..plain }
        }
        // `The token is ...`
        _ if place.is_apart() && behind_verb(bytes, name, at).is_some() => {
            Way { aside: true, listed: true, ..place.plain(behind_verb(bytes, name, at)?) }
        }
        // Go's `var token string = "..."`
        _ if place.is_apart() && declared(bytes, at).is_some() => place.quoted(declared(bytes, at)?),
        _ if class == ValueClass::Header && gap > 0 => plain,
        _ => return None,
    };
    Some(Found::Way(found))
}

/// C#'s `Password { get; set; } = "..."`, Terraform's `variable "password" {
/// default = "..." }`, C++'s `password{"..."}`.
fn in_block(bytes: &[u8], place: &Place) -> Option<usize> {
    let at = place.at;
    if bytes[at..].starts_with(b"{ get") || bytes[at..].starts_with(b"{get") {
        let inside = run(&bytes[at + 1..], 60, |b| b != b'}' && b != b'\n');
        behind_equals(bytes, at + 1 + inside, b'}')
    } else if place.is_quoted {
        block_default(bytes, at + 1)
    } else {
        Some(at + 1)
    }
}

/// `- name: DB_PASSWORD` and `value: ...` on the line below.
fn on_next_line(bytes: &[u8], place: &Place) -> Option<Found> {
    let at = place.at;
    let sign = at + run(&bytes[at..], MAX_GAP * 2, |b| b.is_ascii_whitespace());
    if place.is_quoted && bytes.get(sign) == Some(&b':') {
        let below = Place { name: place.name.clone(), at: sign, next: b':', ..*place };
        return behind_sign(bytes, &below);
    }
    value_below(bytes, place.name.start, at).map(Found::Literal)
}

/// `set("password", "...")`, `option("--password", default="...")`.
fn next_argument(bytes: &[u8], place: &Place) -> Option<Way> {
    let at = place.at;
    let from = at + 1 + run(&bytes[at + 1..], MAX_GAP, |b| b.is_ascii_whitespace());
    let mut way = place.quoted(behind_value_word(bytes, from));
    let word = run(&bytes[from..], 16, |b| b.is_ascii_alphabetic() || b == b'_');
    if matches!(&bytes[from..from + word], b"default" | b"fallback" | b"default_value") {
        way.at += word + run(&bytes[from + word..], 3, |b| matches!(b, b'=' | b' ' | b':'));
    }
    way.listed = way.at == from;
    // What is on the next line of a list is another item.
    if way.listed && bytes[at..from].contains(&b'\n') {
        return None;
    }
    if way.listed && quoted(bytes, from).is_none() {
        way.at = argument(bytes, from)?;
    }
    Some(way)
}

/// YAML's blocks and scalars on lines of their own, and the cell of a table.
fn block_or_cell(bytes: &[u8], place: &Place, sign: &[u8], at: usize) -> Option<ValueLiteral> {
    let start = place.name.start;
    let is_yaml = sign == b":";
    let in_cell = || (bytes.get(at) == Some(&b'|')).then(|| cell(bytes, &place.name, at + 1)).flatten();
    is_yaml
        .then(|| block_scalar(bytes, start, at))
        .flatten()
        .or_else(in_cell)
        .or_else(|| is_yaml.then(|| scalar_below(bytes, start, at)).flatten())
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
    if let Some(found) = block_or_cell(bytes, place, sign, at) {
        return Some(Found::Literal(found));
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

/// Behind a word that compares or sets: `eq "..."`, `BY '...'`.
fn behind_word(bytes: &[u8], at: usize) -> Option<usize> {
    let words = [&b"eq "[..], b"ne ", b"by "];
    let word = words
        .into_iter()
        .find(|word| bytes.get(at..at + word.len()).is_some_and(|text| text.eq_ignore_ascii_case(word)))?;
    let behind = at + word.len();
    matches!(bytes.get(behind), Some(b'"' | b'\'')).then_some(behind)
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
