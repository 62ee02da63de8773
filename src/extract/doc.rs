//! The first sentence of a doc comment or docstring, without the marks of the
//! comment and of Markdown or reStructuredText.
//!
//! Not here: which comment documents what (queries say it).

use crate::limits;
use crate::model::SafeText;

/// `markers` are taken off both ends of each line.
pub(super) fn first_sentence(raw: &SafeText, markers: &[String]) -> SafeText {
    let sentence = raw.reduced(" `.…", |text| {
        let paragraph = match summary(text, markers) {
            Some(summary) => summary,
            None => first_paragraph(text, markers),
        };
        plain(sentence(&paragraph))
    });
    sentence.one_line(limits::MAX_DOC)
}

/// What the `<summary>` of an XML doc comment says, without its tags: a
/// reference becomes the name that it leads to.
fn summary(text: &str, markers: &[String]) -> Option<String> {
    let lines: Vec<&str> = text.lines().map(|line| unmark(line.trim(), markers)).collect();
    let text = lines.join(" ");
    let (_, inside) = text.split_once("<summary>")?;
    let mut rest = inside.split("</summary>").next()?;
    let mut out = String::with_capacity(rest.len());
    while let Some((before, from_tag)) = rest.split_once('<') {
        out.push_str(before);
        let Some((tag, after)) = from_tag.split_once('>') else { break };
        let value = ["cref=\"", "name=\"", "langword=\"", "href=\""].iter().find_map(|key| {
            let value = tag.split_once(key)?.1.split('"').next()?;
            Some(value.rsplit(['.', ':']).next().unwrap_or(value))
        });
        // `<see cref="X">words</see>` says the words.
        if let Some(value) = value.filter(|_| tag.ends_with('/')) {
            out.push_str(&format!("`{value}`"));
        }
        rest = after;
    }
    out.push_str(rest);
    Some(out.trim().to_string())
}

/// The first lines that are prose, joined. A heading counts only when no prose
/// follows it.
fn first_paragraph(text: &str, markers: &[String]) -> String {
    let mut paragraph = String::new();
    let mut heading = String::new();
    let mut lines = text.lines().map(|line| unmark(line.trim(), markers)).peekable();
    while let Some(line) = lines.next() {
        let line = untag(line);
        let is_underlined = !line.is_empty() && lines.peek().is_some_and(|next| is_rule(next));
        if line.starts_with('#') || is_underlined {
            if !paragraph.is_empty() {
                break;
            }
            if heading.is_empty() {
                heading = line.trim_matches(['#', ' ']).to_string();
            }
            continue;
        }
        if is_rule(line) {
            continue;
        }
        if line.is_empty() || starts_block(line) {
            if paragraph.is_empty() && !starts_block(line) {
                continue;
            }
            break;
        }
        if !paragraph.is_empty() {
            paragraph.push(' ');
        }
        paragraph.push_str(line);
        // More than any sentence that will be shown.
        if paragraph.len() > limits::MAX_DOC * 8 {
            break;
        }
    }
    if paragraph.is_empty() { heading } else { paragraph }
}

fn unmark<'t>(line: &'t str, markers: &[String]) -> &'t str {
    let mut line = line;
    for marker in markers {
        line = line.strip_prefix(marker.as_str()).unwrap_or(line);
    }
    for marker in markers {
        line = line.strip_suffix(marker.as_str()).unwrap_or(line);
    }
    line.trim()
}

/// An underline of a title, or a line across.
fn is_rule(line: &str) -> bool {
    line.len() >= 3 && line.chars().all(|c| matches!(c, '=' | '-' | '~' | '*' | '^' | '_' | '+'))
}

/// Code, directives, examples: no prose from here on.
fn starts_block(line: &str) -> bool {
    let is_tag = line.strip_prefix(['@', '\\']).is_some_and(|tag| tag.starts_with(char::is_alphabetic));
    let is_marked = [">>>", "```", "~~~", ".. ", ":param", ":return", ":raise", "{@inherit", "|", "<pre"]
        .iter()
        .any(|start| line.starts_with(start));
    is_tag || is_marked
}

/// `@brief text` is text, as is `<p>text`.
fn untag(line: &str) -> &str {
    let tags = ["brief", "description", "desc", "fileoverview", "fileOverview", "overview", "file"];
    let mut line = line;
    if let Some((tag, rest)) = line.strip_prefix(['@', '\\']).and_then(|line| line.split_once(' '))
        && tags.contains(&tag)
    {
        line = rest.trim_start();
    }
    for tag in ["<p>", "</p>", "<para>"] {
        line = line.strip_prefix(tag).unwrap_or(line).trim_start();
        line = line.strip_suffix(tag).unwrap_or(line).trim_end();
    }
    line
}

/// Up to the first full stop that ends a sentence.
fn sentence(paragraph: &str) -> &str {
    for (index, mark) in paragraph.char_indices() {
        if !matches!(mark, '.' | '!' | '?') {
            continue;
        }
        let (before, after) = (&paragraph[..index], &paragraph[index + 1..]);
        let Some(rest) = after.strip_prefix(' ') else {
            continue;
        };
        let next = rest.trim_start().chars().next();
        let starts_new = next.is_none_or(|c| !c.is_lowercase());
        if starts_new && !(mark == '.' && is_abbreviation(before)) {
            return &paragraph[..=index];
        }
    }
    paragraph
}

fn is_abbreviation(before: &str) -> bool {
    let word = before.rsplit([' ', '(']).next().unwrap_or_default();
    let word = word.to_ascii_lowercase();
    matches!(word.as_str(), "e.g" | "i.e" | "etc" | "vs" | "cf" | "no" | "fig" | "mr" | "dr" | "st")
        || (word.len() == 1 && word.chars().all(char::is_alphabetic))
}

/// Without links, emphasis, roles; code keeps one back-tick on each side.
fn plain(text: &str) -> String {
    let text = text.replace("``", "`").replace("**", "");
    let text = unrole(&unlink(&unbrace(&text)));
    let text = text.replace("<code>", "`").replace("</code>", "`");
    text.trim_end_matches([' ', '\\', ':']).to_string()
}

/// `{@link Type#member text}` becomes `` `Type.member` ``, `{@code x}` `` `x` ``.
fn unbrace(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(open) = rest.find("{@") {
        let (before, from_open) = rest.split_at(open);
        let Some(close) = from_open.find('}') else { break };
        out.push_str(before);
        let (tag, inner) = from_open[2..close].split_once(' ').unwrap_or(("", ""));
        let inner = inner.trim();
        let shown = if tag.starts_with("link") {
            inner.split([' ', '|', '(']).next().unwrap_or(inner)
        } else {
            inner
        };
        if !shown.is_empty() {
            out.push('`');
            out.push_str(&shown.trim_start_matches('#').replace('#', "."));
            out.push('`');
        }
        rest = &from_open[close + 1..];
    }
    out.push_str(rest);
    out
}

/// `[text](target)`, `[text][target]` and `[`code`]` become their text.
fn unlink(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(open) = rest.find('[') {
        let (before, from_open) = rest.split_at(open);
        out.push_str(before);
        let Some(close) = from_open.find(']') else {
            rest = from_open;
            break;
        };
        let inner = &from_open[1..close];
        let after = &from_open[close + 1..];
        let target_end = match after.chars().next() {
            Some('(') => after.find(')'),
            Some('[') => after.find(']'),
            _ => None,
        };
        let is_code = inner.len() > 2 && inner.starts_with('`') && inner.ends_with('`');
        if let Some(end) = target_end {
            out.push_str(inner);
            rest = &after[end + 1..];
        } else if is_code {
            out.push_str(inner);
            rest = after;
        } else {
            out.push('[');
            rest = &from_open[1..];
        }
    }
    out.push_str(rest);
    out
}

/// ``:class:`~flask.Flask` `` becomes `` `Flask` ``; a reST link `` `text
/// <target>`_ `` its text.
fn unrole(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(tick) = rest.find('`') {
        let (before, from_tick) = rest.split_at(tick);
        let Some(close) = from_tick[1..].find('`') else {
            break;
        };
        let inner = &from_tick[1..=close];
        let after = &from_tick[close + 2..];
        let role = role_before(before);
        out.push_str(&before[..before.len() - role]);
        if let Some(after) = after.strip_prefix("__").or_else(|| after.strip_prefix('_')) {
            out.push_str(inner.split('<').next().unwrap_or(inner).trim());
            rest = after;
            continue;
        }
        out.push('`');
        if role > 0 {
            let shown = inner.split(" <").next().unwrap_or(inner);
            let shown = match shown.strip_prefix('~') {
                Some(path) => path.rsplit('.').next().unwrap_or(path),
                None => shown.trim_start_matches(['!', '.']),
            };
            out.push_str(shown);
        } else {
            out.push_str(inner);
        }
        out.push('`');
        rest = after;
    }
    out.push_str(rest);
    out
}

/// Length of a role such as `:class:` or `:py:meth:` at the end.
fn role_before(before: &str) -> usize {
    let Some(head) = before.strip_suffix(':') else {
        return 0;
    };
    let name = head
        .rsplit(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, ':' | '-' | '_')))
        .next()
        .unwrap_or_default();
    match name.starts_with(':') && name.len() > 1 {
        true => name.len() + 1,
        false => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(raw: &str, expected: &str) {
        let markers = ["///", "//!", "/**", "*/", "*"].map(String::from);
        let raw = SafeText::from_redacted(raw.to_string());
        assert_eq!(first_sentence(&raw, &markers).as_str(), expected);
    }

    #[test]
    fn a_doc_is_its_first_sentence() {
        check("/// Walks the tree.\n/// Slowly.\n", "Walks the tree.");
        check("Do a thing, e.g. this one. And more.", "Do a thing, e.g. this one.");
        check("Version 1.2 is it. Yes", "Version 1.2 is it.");
        check("Broken over\n    two lines\n\n    and more", "Broken over two lines");
        check("/**\n * A block.\n * More.\n */", "A block.");
        check("", "");
    }

    #[test]
    fn markup_is_kept_out() {
        check("See [`Walk`] and [the docs](https://a.b/c).", "See `Walk` and the docs.");
        check("An :class:`~flask.app.Flask` of ``x``.", "An `Flask` of `x`.");
        check("Uses `the PEP <https://x>`_ **now**.", "Uses the PEP now.");
        check("flask.app\n~~~~~~~~~\n\nThe app.", "The app.");
        check("# Heading\n\nText here.", "Text here.");
        check("/// # Errors", "Errors");
        check("An [index] of a[0].", "An [index] of a[0].");
        check("Gives {@link Type#member the member} or {@code null}.", "Gives `Type.member` or `null`.");
        check("/// <summary>\n/// Adds one.\n/// </summary>", "Adds one.");
        check("@brief Adds one.\n@param x what", "Adds one.");
        check("@deprecated use x\n", "");
        check("/** @return x */", "");
    }

    #[test]
    fn an_xml_comment_says_its_summary() {
        check(
            "/// <summary>\n/// Reads a <see cref=\"T:A.B.Token\"/> at once. More.\n/// </summary>\n/// <param name=\"x\">X</param>",
            "Reads a `Token` at once.",
        );
    }

    #[test]
    fn tags_are_no_prose() {
        check("/** @var array<int> */", "");
        check("/**\n * {@inheritDoc}\n */", "");
        check("/**\n * Adds.\n * @return int\n */", "Adds.");
    }

    #[test]
    fn examples_are_no_prose() {
        check(">>> f(1)\n2", "");
        check("Adds.\n>>> f(1)", "Adds.");
    }
}
