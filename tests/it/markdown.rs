//! Our Markdown through a CommonMark parser: what is quoted as code and what
//! is our own prose.

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

/// Everything inside code spans and code blocks, each on lines of its own.
pub fn quoted(markdown: &str) -> String {
    split(markdown).0
}

/// Everything else that a reader takes for our words, with the destinations
/// of links and the HTML, of which there should be none.
pub fn prose(markdown: &str) -> String {
    split(markdown).1
}

fn split(markdown: &str) -> (String, String) {
    let (mut quoted, mut prose) = (String::new(), String::new());
    let mut in_block = false;
    for event in Parser::new_ext(markdown, Options::all()) {
        match event {
            Event::Start(Tag::CodeBlock(_)) => in_block = true,
            Event::End(TagEnd::CodeBlock) => in_block = false,
            Event::Code(text) => push(&mut quoted, &text),
            Event::Text(text) if in_block => push(&mut quoted, &text),
            Event::Text(text) | Event::Html(text) | Event::InlineHtml(text) => push(&mut prose, &text),
            Event::InlineMath(text) | Event::DisplayMath(text) | Event::FootnoteReference(text) => {
                push(&mut prose, &text)
            }
            Event::Start(Tag::Link { dest_url, title, .. } | Tag::Image { dest_url, title, .. }) => {
                push(&mut prose, &format!("{dest_url} {title}"));
            }
            _ => {}
        }
    }
    (quoted, prose)
}

fn push(to: &mut String, text: &str) {
    to.push_str(text);
    to.push('\n');
}

/// The headings, in order.
pub fn headings(markdown: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut inside = false;
    for event in Parser::new_ext(markdown, Options::all()) {
        match event {
            Event::Start(Tag::Heading { .. }) => {
                inside = true;
                found.push(String::new());
            }
            Event::End(TagEnd::Heading(_)) => inside = false,
            Event::Text(text) | Event::Code(text) if inside => {
                found.last_mut().expect("a heading").push_str(&text);
            }
            _ => {}
        }
    }
    found
}
