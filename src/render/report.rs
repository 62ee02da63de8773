//! The page of a report: one HTML file with its style, its script and its data,
//! which asks for nothing else.
//!
//! All that comes from a repository is in the data, a block of JSON that no
//! browser runs; the script shows it as text.

use serde::Serialize;

use super::template;
use crate::visible;

/// What the page is put together from.
#[derive(Serialize)]
pub struct PageParts<'a> {
    /// What the browser may do for this page.
    pub policy: &'a str,
    pub style: &'a str,
    pub script: &'a str,
    /// As [`data`] makes it.
    pub data: &'a str,
    /// What tells this state of the data from others.
    pub revision: &'a str,
    /// Whether a server shows it that can be asked for a newer one.
    pub live: bool,
}

/// The page.
pub fn page(parts: &PageParts) -> String {
    template::filled("report/page.html", parts)
}

/// The parts of the script, in the order in which they need each other.
const SCRIPTS: [&str; 9] =
    ["base", "overview", "map", "graph", "history", "memory", "file", "search", "main"];

/// The style and the script of every page.
pub fn style_and_script() -> (&'static str, String) {
    let mut script = template::file("report/d3.min.js").to_string();
    // In a function, or what is named as a part of the window would hide that.
    script.push_str("(() => {\n");
    for name in SCRIPTS {
        script.push_str(template::file(&format!("report/js/{name}.js")));
    }
    script.push_str("})();\n");
    (template::file("report/style.css"), script)
}

/// JSON that stands between tags of a page: no character of it can end the block,
/// open another one or a comment, or steer who reads the source.
pub fn data(json: &str) -> String {
    let mut out = String::with_capacity(json.len() + json.len() / 16);
    for c in visible::json(json).chars() {
        match c {
            '<' => out.push_str("\\u003c"),
            '>' => out.push_str("\\u003e"),
            '&' => out.push_str("\\u0026"),
            '\u{2028}' => out.push_str("\\u2028"),
            '\u{2029}' => out.push_str("\\u2029"),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_ends_the_block_of_data() {
        let texts =
            ["</script><script>alert(1)</script>", "<!--", "]]>", "\u{2028}\u{2029}", "&lt;", "a\u{202e}b"];
        let json = serde_json::to_string(&texts).unwrap();
        let data = data(&json);
        assert!(!data.contains(['<', '>', '&', '\u{2028}', '\u{2029}', '\u{202e}']), "{data}");
        assert_eq!(serde_json::from_str::<Vec<String>>(&data).unwrap(), texts);
    }

    #[test]
    fn the_page_holds_its_parts_byte_for_byte() {
        let (style, script) = style_and_script();
        let parts = PageParts {
            policy: "default-src 'none'",
            style,
            script: &script,
            data: "{}",
            revision: "r",
            live: true,
        };
        let page = page(&parts);
        assert!(page.contains(&format!("<style>{style}</style>")), "the style");
        assert!(page.contains(&format!("<script>{script}</script>")), "the script");
        assert!(page.contains("<script type=\"application/json\" id=\"data\">{}</script>"), "the data");
        // Nothing in them ends its own tag.
        assert!(!style.contains("</") && !script.contains("</script") && !script.contains("<!--"));
    }
}
