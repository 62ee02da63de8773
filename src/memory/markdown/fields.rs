//! Metadata of a note: lines, cells and headings that name a thing and say what
//! it is, in the forms that people use. `- **Status:** accepted`, `| Status |
//! accepted |`, `## 2. Status: accepted`.

use super::note::{Note, cells, is_rule, plain};
use crate::search_terms;

/// A note with its fields and sections, found once.
pub struct FieldSet<'a> {
    pub note: Note<'a>,
    /// In order of appearance.
    pub fields: Vec<Field>,
    pub sections: Vec<Section>,
    /// Line of the first heading below the title.
    pub head: usize,
}

/// A heading as a name, with where what stands under it begins and ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Section {
    pub level: usize,
    pub title: String,
    /// The title as a name, folded, and what it says itself: `2. Status: accepted`.
    pub key: String,
    pub value: String,
    /// Line of the heading.
    pub at: usize,
    /// Up to the next heading of its level or above.
    pub end: usize,
    /// Up to the next heading at all.
    pub own_end: usize,
}

impl<'a> FieldSet<'a> {
    /// Collects the fields and sections of a note.
    pub fn of(text: &'a str) -> Self {
        let note = Note::of(text);
        let (fields, sections) = (of_lines(&note), sections(&note));
        let is_title = |(at, section): &(usize, &Section)| *at == 0 || section.level == 1;
        let below = sections.iter().enumerate().find(|section| !is_title(section));
        let head = below.map_or(note.lines.len(), |(_, section)| section.at);
        Self { note, fields, sections, head }
    }

    /// The fields before the first heading below the title.
    pub fn in_head(&self) -> impl Iterator<Item = &Field> {
        self.fields.iter().take_while(|field| field.at < self.head)
    }

    /// What a section says: by its heading, else by the lines below it.
    pub fn said(&self, section: &Section) -> String {
        if !section.value.is_empty() {
            return section.value.clone();
        }
        let first = section.at + 1;
        self.note.prose(first, section.end.min(first + 3 * BELOW)).join("\n")
    }
}

/// A name, folded, with what is said of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    pub key: String,
    pub value: String,
    /// Line of the note.
    pub at: usize,
}

/// Lines of a value that stands below its name.
const BELOW: usize = 12;

/// Lines that fields are looked for in: metadata stands near the top.
const MOST_LINES: usize = 500;

/// Words of a name; more are a sentence.
const KEY_WORDS: usize = 4;

fn of_lines(note: &Note) -> Vec<Field> {
    let mut found = Vec::new();
    for (at, line) in note.lines.iter().enumerate().take(MOST_LINES) {
        if line.in_code || line.heading.is_some() {
            continue;
        }
        match cells(&line.text) {
            Some(row) => of_row(note, at, &row, &mut found),
            None => found.extend(of_line(note, at)),
        }
    }
    found
}

/// The fields of a row of a table: of a head with one row below it, column by
/// column; else the first cell names the second one.
fn of_row(note: &Note, at: usize, row: &[String], found: &mut Vec<Field>) {
    let cells_at = |at: usize| note.lines.get(at).and_then(|line| cells(&line.text));
    let is_head = cells_at(at + 1).is_some_and(|rule| is_rule(&rule));
    let is_single = cells_at(at + 3).is_none();
    let field = |(key, value): (&String, &String)| Field { key: key_of(key), value: value.clone(), at };
    if let Some(values) = cells_at(at + 2).filter(|_| is_head && is_single) {
        found.extend(row.iter().zip(&values).map(field));
    }
    let has_one_row = is_single || !is_head || row.len() == 2;
    found.extend(row.first().zip(row.get(1)).filter(|_| has_one_row && !is_rule(row)).map(field));
}

fn of_line(note: &Note, at: usize) -> Vec<Field> {
    let line = &note.lines[at].text;
    let mut fields: Vec<Field> = pieces(line)
        .iter()
        .filter_map(|piece| pair(piece))
        .map(|(key, value)| Field { key, value, at })
        .collect();
    if let Some(last) = fields.last_mut().filter(|last| last.value.is_empty()) {
        last.value = below(note, at);
    }
    fields
}

/// What stands below a name that stands alone: a paragraph, or a list.
fn below(note: &Note, at: usize) -> String {
    let lines =
        note.lines[at + 1..].iter().take(BELOW).take_while(|line| line.heading.is_none() && !line.in_code);
    let mut value = String::new();
    for line in lines {
        if line.text.trim().is_empty() {
            match value.is_empty() {
                true => continue,
                false => break,
            }
        }
        let indented = line.text.starts_with([' ', '\t']);
        if !indented && pieces(&line.text).iter().any(|piece| pair(piece).is_some()) {
            break;
        }
        value.push_str(line.text.trim_start().trim_start_matches(": "));
        value.push('\n');
    }
    value
}

/// The parts of a line that each may be a field: `**A:** x **B:** y`,
/// `A: x | B: y`.
fn pieces(line: &str) -> Vec<String> {
    // The end of an entity separates nothing.
    let line = line.replace("&nbsp;", " ");
    let mut cuts = vec![0];
    let bold: Vec<usize> = line.match_indices("**").map(|(at, _)| at).take(40).collect();
    for pair in bold.chunks_exact(2) {
        let (inside, after) = (&line[pair[0] + 2..pair[1]], &line[pair[1] + 2..]);
        if inside.trim_end().ends_with([':', '：']) || after.trim_start().starts_with([':', '：']) {
            cuts.push(pair[0]);
        }
    }
    cuts.push(line.len());
    let parts = cuts.windows(2).map(|cut| &line[cut[0]..cut[1]]);
    let parts = parts.flat_map(|part| part.split(['|', '·', '•', ';'])).flat_map(|part| part.split("  "));
    parts.filter(|part| !part.trim().is_empty()).map(str::to_string).collect()
}

/// The name of a piece with what it says.
fn pair(piece: &str) -> Option<(String, String)> {
    let raw = piece.trim_start_matches(|c: char| c.is_whitespace() || matches!(c, '>' | '-' | '+'));
    let raw = raw.strip_prefix("* ").unwrap_or(raw).trim_start();
    let said = plain(raw);
    let said = without_number(said.trim_start_matches(|c: char| !c.is_alphanumeric()));
    let colon = said.find([':', '：', '=']);
    if let Some(at) = colon.filter(|at| said[..*at].split_whitespace().count() <= KEY_WORDS) {
        let mark = said[at..].chars().next().map_or(1, char::len_utf8);
        let value = said[at + mark..].trim_start_matches(':').trim();
        return Some((key_of(&said[..at]), value.to_string()));
    }
    for mark in ["**", "__", "<td>", "<th>", "<dt>", "<b>", "<strong>"] {
        let Some(inside) = raw.strip_prefix(mark) else { continue };
        let end = mark.replace('<', "</");
        let Some((key, rest)) = inside.split_once(&end) else { continue };
        let (key, rest) = (plain(key), plain(rest));
        let value = rest.trim_matches(|c: char| c.is_whitespace() || matches!(c, '-' | '–' | '—' | '|'));
        if key.split_whitespace().count() <= KEY_WORDS {
            return Some((key_of(&key), value.to_string()));
        }
    }
    let (key, value) = [" - ", " – ", " — "].iter().find_map(|mark| said.split_once(mark))?;
    (key.split_whitespace().count() <= 2).then(|| (key_of(key), value.trim().to_string()))
}

/// A name as it is compared: folded, without what stands around it.
pub fn key_of(text: &str) -> String {
    let text = search_terms::fold(&plain(text)).to_lowercase();
    let text = text.trim_matches(|c: char| !c.is_alphanumeric());
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn sections(note: &Note) -> Vec<Section> {
    let headings = note.lines.iter().enumerate().filter_map(|(at, line)| Some((at, line.heading.as_ref()?)));
    let headings: Vec<_> = headings.collect();
    let line_of = |found: Option<&(usize, _)>| found.map_or(note.lines.len(), |(at, _)| *at);
    let mut sections = Vec::with_capacity(headings.len());
    for (index, (at, heading)) in headings.iter().enumerate() {
        let later = &headings[index + 1..];
        let (key, value) = of_heading(&heading.title);
        sections.push(Section {
            level: heading.level,
            title: heading.title.clone(),
            key,
            value,
            at: *at,
            end: line_of(later.iter().find(|(_, other)| other.level <= heading.level)),
            own_end: line_of(later.first()),
        });
    }
    sections
}

/// A heading as a name, with what it says itself: `2. Status: accepted`.
pub fn of_heading(title: &str) -> (String, String) {
    let title = plain(title);
    let title = without_number(title.trim_start_matches(|c: char| !c.is_alphanumeric()));
    let split = title.split_once([':', '：']).or_else(|| {
        let marks = [" - ", " – ", " — ", " ("];
        marks.iter().find_map(|mark| title.split_once(mark))
    });
    match split {
        Some((key, value)) => (key_of(key), value.trim().trim_end_matches(')').to_string()),
        None => (key_of(title), String::new()),
    }
}

/// Without `2.`, `2.1`, `II.` or `3)` before it.
fn without_number(title: &str) -> &str {
    let Some((number, rest)) = title.split_once(' ') else { return title };
    let digits = number.trim_end_matches(['.', ')', ':']);
    let is_marked = digits.len() < number.len();
    let is_number = digits.chars().all(|c| c.is_ascii_digit() || c == '.');
    let is_roman = is_marked && digits.chars().all(|c| matches!(c, 'I' | 'V' | 'X'));
    let is_letter = is_marked && digits.len() == 1 && digits.chars().all(|c| c.is_ascii_alphabetic());
    if is_number || is_roman || is_letter { rest.trim_start() } else { title }
}
