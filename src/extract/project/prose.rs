//! The first words that a document says for itself: READMEs, module docs,
//! docstrings, without mark-up, badges and headings.
//!
//! Not here: which document speaks for what.

use super::markup::{inline, without_comments};
use crate::model::SafeText;

/// What a text may have that its mark-up spelled otherwise.
const MAY_ADD: &str = " .`•·—–&\"<>©™…\n";

/// Words of a paragraph that says something. Badges, navigation bars and
/// mottos have fewer.
const MIN_WORDS: usize = 6;

/// What a project is, is said in the first sections of its README.
const LAST_OPENING: usize = 4;

/// The paragraph that says what the project is, with the next one if it is
/// short, cut at the end of a sentence. That is the first one of the form
/// `NAME is a ...`, for one of these names, else the first real one. Empty
/// when there is none. A paragraph that repeats `said`, the manifest's words, is the
/// real one among what sponsors have to say.
pub(super) fn about(text: &SafeText, names: &[&str], said: &str, max_chars: usize) -> SafeText {
    let said = said.trim_end_matches('.');
    text.reduced(MAY_ADD, |text| {
        let mut paragraphs = sections(text);
        paragraphs.iter_mut().for_each(|paragraph| drop_lead(&mut paragraph.text));
        paragraphs.retain(|paragraph| paragraph.about != About::Others);
        let says = |p: &Paragraph| is_prose(without_colon(&p.text));
        let defining = paragraphs.iter().take(16).position(|p| says(p) && defines(&p.text, names));
        let opens = |p: &Paragraph| p.about == About::Project && p.section <= LAST_OPENING && says(p);
        let repeats =
            |p: &Paragraph| said.len() > MIN_WORDS && p.text.trim_end_matches('.').starts_with(said);
        let repeated = || paragraphs.iter().position(repeats);
        // Before one that defines something else of that name: `Kit is an offline-first app`.
        let begins = |p: &Paragraph| opens(p) && begins_with_name(&p.text, names);
        let before = |at: &usize, other: Option<usize>| other.is_none_or(|other| *at < other);
        let begun = paragraphs.iter().position(begins);
        let begun = begun.filter(|at| before(at, defining) && before(at, repeated()));
        let first = begun.or(defining).or_else(repeated).or_else(|| paragraphs.iter().position(opens));
        let mut about = String::new();
        let first = first.unwrap_or(paragraphs.len());
        let section = paragraphs.get(first).map(|paragraph| paragraph.section);
        for paragraph in paragraphs.iter().skip(first).take_while(|p| Some(p.section) == section) {
            if !about.is_empty() && (about.chars().count() > 160 || !is_prose(&paragraph.text)) {
                break;
            }
            if !about.is_empty() {
                // A motto is set without a full stop.
                about.push_str(if about.ends_with(['.', '!', '?']) { " " } else { ". " });
            }
            about.push_str(without_colon(&paragraph.text));
            if paragraph.text.ends_with(':') {
                about.push('.');
            }
        }
        cut_at_sentence(&about, max_chars)
    })
}

/// What a section of a document is about, told by its heading.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum About {
    Project,
    /// How it is got and used: it may say what it is on the way.
    Use,
    /// People and money.
    Others,
}

impl About {
    fn of(heading: &str) -> Self {
        let heading = heading.to_lowercase();
        let is_any = |words: &[&str]| words.iter().any(|word| heading.contains(word));
        if is_any(&[
            "sponsor",
            "backer",
            "donat",
            "contribut",
            "thanks",
            "credit",
            "acknowledg",
            "stay in touch",
            "team",
        ]) {
            About::Others
        } else if is_any(&[
            "usage",
            "install",
            "getting started",
            "quick start",
            "quickstart",
            "requirement",
            "prerequisite",
            "support",
            "licen",
            "question",
            "issue",
            "release",
            "benchmark",
            "changelog",
            "table of contents",
            "contents",
            "faq",
            "example",
            "security",
            "version",
            "design goal",
            "building",
            "development",
            "speed",
            "performance",
            "documentation",
            "how to",
            "tests",
        ]) {
            About::Use
        } else {
            About::Project
        }
    }
}

/// A paragraph, and the section it stands in.
struct Paragraph {
    text: String,
    section: usize,
    about: About,
}

/// `Name is a ...` near the start of a paragraph.
fn defines(paragraph: &str, names: &[&str]) -> bool {
    let lower: String = paragraph.to_lowercase().chars().take(140).collect();
    let verb = [" is a ", " is an ", " is the ", " is one "].iter().filter_map(|verb| lower.find(verb)).min();
    verb.is_some_and(|at| {
        let subject = &lower[..at];
        !subject.contains(". ")
            && names.iter().filter(|name| name.len() >= 2).any(|name| subject.contains(&name.to_lowercase()))
    })
}

/// `Kit shows how ...`, perhaps behind an emoji.
fn begins_with_name(paragraph: &str, names: &[&str]) -> bool {
    let mut words = paragraph.split_whitespace().skip_while(|word| !word.chars().any(char::is_alphanumeric));
    let (Some(first), Some(verb)) = (words.next(), words.next()) else { return false };
    let is_verb = verb.ends_with('s') && verb.chars().all(|c| c.is_ascii_lowercase());
    is_verb && names.iter().any(|name| name.len() > 2 && first.eq_ignore_ascii_case(name))
}

/// The last sentence of a paragraph that leads to a list or to code goes; one
/// that is the whole paragraph stays, with its colon.
fn drop_lead(paragraph: &mut String) {
    if let (true, Some(end)) = (paragraph.ends_with(':'), sentence_ends(paragraph).last()) {
        paragraph.truncate(end);
    }
}

fn without_colon(paragraph: &str) -> &str {
    paragraph.strip_suffix(':').unwrap_or(paragraph)
}

/// The first sentence of a doc text.
pub(super) fn first_sentence(text: &SafeText, max_chars: usize) -> SafeText {
    text.reduced(MAY_ADD, |text| {
        let paragraphs = paragraphs(text);
        let says = |p: &&String| p.split_whitespace().count() > 2 && !is_navigation(p);
        let Some(first) = paragraphs.iter().find(says) else {
            return String::new();
        };
        // A lead to a list says nothing without it.
        if is_instruction(first) || first.ends_with(':') {
            return String::new();
        }
        let end = sentence_ends(first).next().unwrap_or(first.len());
        shorten(&first[..end], max_chars)
    })
}

/// The text of the first heading, for a name.
pub(super) fn title(text: &SafeText) -> SafeText {
    text.reduced(MAY_ADD, |text| {
        let first = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
        let mut before = "";
        let mut in_fence = false;
        for line in text.lines().take(60) {
            in_fence ^= line.trim_start().starts_with("```");
            // A comment in a script is no heading.
            if in_fence {
                continue;
            }
            if let Some(heading) = line.strip_prefix("# ").or(line.strip_prefix("= ")) {
                return without_motto(&inline(heading));
            }
            if line.trim_start().starts_with("<h1") {
                return without_motto(inline(&html_heading(text)).trim());
            }
            if is_underline(line) && !before.trim().is_empty() {
                return without_motto(&inline(before));
            }
            before = line;
        }
        // Some begin with a lower heading and have none above it.
        heading_of(first)
            .map_or(String::new(), |_| without_motto(&inline(first.trim_start_matches('#').trim())))
    })
}

/// The inside of the first `<h1>`, on one line.
fn html_heading(text: &str) -> String {
    let inside = text.split_once("<h1").and_then(|(_, rest)| rest.split_once('>')?.1.split("</h1").next());
    inside.unwrap_or_default().split_whitespace().collect::<Vec<_>>().join(" ")
}

/// `Name` of `Name: what it is`, `Welcome to Name!` or `What is Name?`.
fn without_motto(title: &str) -> String {
    let greeting = ["Welcome to ", "What is "].iter().find_map(|start| title.strip_prefix(start));
    let title = greeting.map_or(title, |name| name.trim_end_matches(['!', '?']));
    let ends = ["—", " – ", " - ", ": ", " ("];
    let end = ends.iter().filter_map(|end| title.find(end)).min();
    title[..end.unwrap_or(title.len())].trim().to_string()
}

/// A text that is longer than a line, up to the end of its first sentence.
pub(super) fn line(text: &SafeText, max_chars: usize) -> SafeText {
    text.reduced(" …", |text| {
        cut_at_sentence(&text.split_whitespace().collect::<Vec<_>>().join(" "), max_chars)
    })
}

/// `text` up to the last sentence that ends within `max_chars`; where none
/// does, a cut at a word with `…`.
fn cut_at_sentence(text: &str, max_chars: usize) -> String {
    if text.chars().count() <= max_chars {
        return text.to_string();
    }
    let limit = text.char_indices().nth(max_chars).map_or(text.len(), |(at, _)| at);
    match sentence_ends(text).take_while(|end| *end <= limit).last() {
        Some(end) if end * 3 > limit => text[..end].to_string(),
        _ => shorten(text, max_chars),
    }
}

fn shorten(text: &str, max_chars: usize) -> String {
    if text.chars().count() <= max_chars {
        return text.trim().to_string();
    }
    let limit = text.char_indices().nth(max_chars.saturating_sub(1)).map_or(text.len(), |(at, _)| at);
    let cut = text[..limit].rfind(' ').unwrap_or(limit);
    format!("{}…", text[..cut].trim_end_matches([' ', ',', ';', ':']))
}

/// Byte offsets behind each sentence. An abbreviation (`e.g. x`, `vs. y`) or
/// an initial does not end one.
fn sentence_ends(text: &str) -> impl Iterator<Item = usize> + '_ {
    text.char_indices().filter_map(move |(at, c)| {
        let end = at + c.len_utf8();
        if matches!(c, '。' | '！' | '？') {
            return Some(end);
        }
        let rest = &text[end..];
        let stops = matches!(c, '.' | '!' | '?') && (rest.is_empty() || rest.starts_with(' '));
        if !stops {
            return None;
        }
        let next = rest.trim_start().chars().next();
        let word = text[..at].rsplit([' ', '(']).next().unwrap_or("");
        let abbreviation = c == '.'
            && (word.chars().count() <= 1
                || word.contains('.') && word.len() <= 4
                || matches!(word, "vs" | "etc" | "cf" | "Dr" | "Mr" | "No" | "approx"));
        (!abbreviation && next.is_none_or(|c| !c.is_lowercase())).then_some(end)
    })
}

/// Blocks of text lines, each joined to one line with its mark-up removed.
fn paragraphs(text: &str) -> Vec<String> {
    sections(text).into_iter().map(|paragraph| paragraph.text).collect()
}

/// [`paragraphs`] with their sections.
fn sections(text: &str) -> Vec<Paragraph> {
    let mut done = Sections { done: Vec::new(), section: 0, about: About::Project };
    let mut lines: Vec<&str> = Vec::new();
    let text = without_comments(text);
    let mut fence = None;
    let mut front_matter = false;
    let mut directive = false;
    let mut listed = false;
    for (number, line) in text.lines().take(400).enumerate() {
        let trimmed = line.trim();
        if trimmed == "---" && (number == 0 || front_matter) {
            front_matter = number == 0;
            continue;
        }
        if front_matter {
            continue;
        }
        if let Some(mark) = ["```", "~~~"].iter().find(|m| trimmed.starts_with(**m)) {
            done.close(&mut lines);
            fence = match fence {
                None => Some(*mark),
                Some(open) if open == *mark => None,
                open => open,
            };
            continue;
        }
        if fence.is_some() {
            continue;
        }
        let indented = line.starts_with([' ', '\t']);
        if directive && (indented || trimmed.is_empty()) {
            continue;
        }
        directive = trimmed.starts_with(".. ");
        // A list item goes on until the next empty line.
        listed = !trimmed.is_empty() && (listed || is_item(trimmed));
        // A block of HTML is a paragraph of its own.
        if is_block(trimmed) {
            done.close(&mut lines);
        }
        if let Some(heading) = heading_of(trimmed) {
            done.close(&mut lines);
            done.begin(&heading, trimmed.starts_with("# ") || trimmed.starts_with("= "));
        } else if is_underline(trimmed) {
            if let [heading] = lines[..] {
                done.begin(heading, true);
            }
            lines.clear();
        } else if trimmed.is_empty() || directive || listed || is_no_prose(trimmed) {
            done.close(&mut lines);
        } else {
            lines.push(trimmed.strip_prefix("> ").unwrap_or(trimmed));
        }
        if trimmed.ends_with("</p>") || HEADINGS.iter().any(|name| trimmed.ends_with(&format!("</{name}>"))) {
            done.close(&mut lines);
        }
        if done.done.len() > 30 {
            break;
        }
    }
    done.close(&mut lines);
    done.done
}

/// Paragraphs while a document is read.
struct Sections {
    done: Vec<Paragraph>,
    section: usize,
    about: About,
}

impl Sections {
    /// The first heading of the first level is the document's own title.
    fn begin(&mut self, heading: &str, is_first_level: bool) {
        let is_title = self.section == 0 && is_first_level;
        self.section += 1;
        self.about = if is_title { About::Project } else { About::of(heading) };
    }

    fn close(&mut self, lines: &mut Vec<&str>) {
        let text = inline(&lines.join(" "));
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        if !text.is_empty() {
            self.done.push(Paragraph { text, section: self.section, about: self.about });
        }
        lines.clear();
    }
}

/// Headings of HTML below a document's title; READMEs set their mottos so.
const HEADINGS: [&str; 5] = ["h2", "h3", "h4", "h5", "h6"];

/// Whether a line begins or ends a block of HTML.
fn is_block(line: &str) -> bool {
    let Some(name) = line.strip_prefix('<') else { return false };
    let name = name.trim_start_matches('/').split([' ', '>', '/']).next().unwrap_or_default();
    let name = name.to_ascii_lowercase();
    matches!(name.as_str(), "p" | "div" | "hr" | "h1" | "center" | "table" | "picture")
        || HEADINGS.contains(&name.as_str())
}

/// `## Heading`, `== Heading` of AsciiDoc.
fn heading_of(line: &str) -> Option<String> {
    let marks = line.bytes().take_while(|byte| matches!(byte, b'#' | b'=')).count();
    let heading = line.get(marks..)?.strip_prefix(' ')?;
    (1..=6).contains(&marks).then(|| inline(heading))
}

/// A heading's underline, in Markdown or reStructuredText.
fn is_underline(line: &str) -> bool {
    let line = line.trim();
    line.len() >= 3
        && line
            .chars()
            .next()
            .is_some_and(|c| "=-~^*#+\"'`_".contains(c) && line.chars().all(|other| other == c))
}

fn is_item(line: &str) -> bool {
    line.starts_with("* ")
        || line.starts_with("- ")
        || line.starts_with("+ ")
        || line.split_once(". ").is_some_and(|(n, _)| n.parse::<u8>().is_ok())
}

/// Headings, tables, captions, notes to the reader of the source.
fn is_no_prose(line: &str) -> bool {
    line.starts_with(['#', '|', '+'])
        || line.starts_with("<i>")
        || line.starts_with("[!")
        || line.starts_with("> [!")
        || line.starts_with(":::")
        || line.starts_with("[![")
        // AsciiDoc's attributes, conditions, images and block marks.
        || (line.starts_with(':') && line[1..].split_once(':').is_some_and(|(name, _)| !name.contains(' ')))
        || ["ifdef::", "ifndef::", "endif::", "image::", "toc::", "include::", "----"].iter().any(|mark| line.starts_with(mark))
        || (line.starts_with('[') && line.contains("]: "))
        || (line.starts_with(':') && line[1..].contains(": "))
}

/// `Home | Guide | Chat`.
fn is_navigation(paragraph: &str) -> bool {
    let words = paragraph.split_whitespace();
    let bars =
        words.clone().filter(|word| matches!(*word, "|" | "•" | "·" | "/" | "-" | "—" | "✦" | "*")).count();
    bars * 5 >= words.count()
}

/// What to do, instead of what it is.
fn is_instruction(paragraph: &str) -> bool {
    let first = paragraph.split_whitespace().next().unwrap_or_default();
    matches!(
        first.trim_end_matches(':'),
        "To" | "Please"
            | "See"
            | "Install"
            | "Run"
            | "If"
            | "Note"
            | "For"
            | "First"
            | "Before"
            | "Warning"
            | "We"
            | "Read"
            | "In"
            | "Compatibility"
            | "Begin"
            | "Table"
            | "Figure"
            | "Thank"
    )
}

/// A paragraph with enough words that are no navigation bar.
fn is_prose(paragraph: &str) -> bool {
    let words: Vec<&str> = paragraph.split_whitespace().collect();
    let translated = paragraph.chars().filter(|c| !c.is_ascii()).count() * 2 > paragraph.len();
    let long_enough = words.len() >= MIN_WORDS || (translated && paragraph.chars().count() > 12);
    let lower = paragraph.to_lowercase();
    let aside = [
        "sponsor",
        "documentation for",
        "documentation is available",
        "translation",
        "this readme",
        "licensed under",
    ]
    .iter()
    .any(|word| lower.contains(word) && words.len() < 25);
    #[rustfmt::skip]
    let begs = [
        "consider supporting", "donat", "become a sponsor", "buy me a coffee", "patreon", "backers", "special thanks",
        "supported by the community",
    ];
    let begs = begs.iter().any(|word| lower.contains(word) && words.len() < 60);
    long_enough
        && !begs
        && !is_navigation(paragraph)
        && !aside
        && !is_about_documents(paragraph)
        && !is_instruction(paragraph)
        && !paragraph.ends_with(':')
}

/// `There are several guides for ...`: what to read, instead of what it is.
fn is_about_documents(paragraph: &str) -> bool {
    let lower = paragraph.to_lowercase();
    let first = lower.split_whitespace().take(6).map(|word| word.trim_matches(['.', ',', ':', '`']));
    let documents = ["guide", "guides", "manual", "documents", "docs", "wiki", "faq"];
    let is_pointer =
        ["there are", "the ", "more ", "all ", "full "].iter().any(|start| lower.starts_with(start));
    is_pointer && first.into_iter().any(|word| documents.contains(&word))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        let text = SafeText::from_redacted(text.to_string());
        assert_eq!(about(&text, &["Kit"], "", 200).as_str(), expected);
    }

    #[test]
    fn badges_headings_and_navigation_are_skipped() {
        check(
            "<p align=\"center\"><img src=\"x.svg\"></p>\n\n# Kit\n\n[![ci](a)](b) ![x](y)\n\n[Docs](x) | [Chat](y) | [Blog](z)\n\nA set of **small** [tools](x) for `every` day.\n",
            "A set of small tools for `every` day.",
        );
    }

    #[test]
    fn the_paragraph_that_defines_the_project_is_preferred() {
        check(
            "# Kit\n\nWinner of the great award for tools, twice.\n\n> Kit is a box of tools for people:\n\n- one\n  and more\n",
            "Kit is a box of tools for people.",
        );
    }

    #[test]
    fn restructured_text_is_read_too() {
        check(
            ".. image:: x.png\n   :alt: Kit\n\n===\nKit\n===\n\nKit is a `tool <https://x>`_ with :doc:`docs` and |badge| *style*.\n",
            "Kit is a tool with `docs` and style.",
        );
    }

    #[test]
    fn long_texts_end_at_a_sentence() {
        let text = format!("Kit is a tool, e.g. for people. {}", "More words follow here. ".repeat(20));
        let text = SafeText::from_redacted(text);
        let about = about(&text, &["Kit"], "", 100);
        assert!(about.as_str().ends_with("here."), "{about}");
        assert!(about.as_str().chars().count() <= 100);
    }

    #[test]
    fn hostile_markup_ends() {
        for mark in ["<", "[", "![", "`", "*", "_", "|", ":a", ".", "<!--", "** "] {
            let text = SafeText::from_redacted(mark.repeat(200_000 / mark.len()));
            about(&text, &[], "", 100);
            first_sentence(&text, 100);
        }
    }
}
