//! The Markdown templates in `templates/`, embedded, and the filters that keep
//! repository text inside code spans and fences. The only user of minijinja.

use std::sync::LazyLock;

use include_dir::{Dir, include_dir};
use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use minijinja::{AutoEscape, Environment, UndefinedBehavior, Value};

use super::text;

static TEMPLATES: Dir = include_dir!("$CARGO_MANIFEST_DIR/templates");

static ENVIRONMENT: LazyLock<Environment> = LazyLock::new(environment);

/// Renders an embedded template. Blank lines never come in pairs, so that a
/// section that is left out leaves no hole.
pub fn render(name: &str, view: &impl serde::Serialize) -> String {
    let template = ENVIRONMENT.get_template(name).expect("embedded templates parse: a test renders each");
    let text = template.render(Serde(view)).expect("embedded templates render: a test renders each");
    collapse_blank_lines(&text)
}

fn environment() -> Environment<'static> {
    let mut environment = Environment::new();
    environment.set_auto_escape_callback(|_| AutoEscape::None);
    environment.set_undefined_behavior(UndefinedBehavior::Lenient);
    let syntax = SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build();
    environment.set_syntax(syntax.expect("the default delimiters are valid"));
    let in_folders = TEMPLATES.dirs().flat_map(Dir::files);
    for file in TEMPLATES.files().chain(in_folders) {
        let name = file.path().to_str().expect("template names are ASCII");
        let source = file.contents_utf8().expect("templates are UTF-8");
        environment.add_template(name, source).expect("embedded templates parse: a test renders each");
    }
    environment.add_filter("span", |value: String| text::span(&value));
    environment.add_filter("fenced", |value: String| text::fenced(&value));
    environment.add_filter("paragraphs", |values: Vec<String>| values.join("\n"));
    environment.add_filter("edits", |act: Value| {
        list(&act, "edit", |file| {
            vec![format!("{}{}", text::line(&field(file, "path")), field(file, "spans"))]
        })
    });
    environment.add_filter("lines", |lines: Vec<String>| {
        lines.iter().map(|line| text::line(line)).collect::<Vec<_>>().join("\n")
    });
    environment.add_filter("also", |act: Value| {
        list(&act, "also", |file| {
            let place = format!("{}{}", field(file, "path"), field(file, "spans"));
            vec![with_note(&place, &field(file, "why"))]
        })
    });
    environment.add_filter("folders", |told: Value| folders(&told));
    environment.add_filter("files", |files: Vec<Value>| {
        files.iter().flat_map(file_lines).collect::<Vec<_>>().join("\n")
    });
    environment
}

fn folders(told: &Value) -> String {
    let lines = told.try_iter().into_iter().flatten().map(|path| {
        let purpose = told.get_item(&path).ok();
        with_note(
            path.as_str().unwrap_or_default(),
            purpose.as_ref().and_then(Value::as_str).unwrap_or_default(),
        )
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// The members of a list, each as lines.
fn list(of: &Value, name: &str, lines: impl Fn(&Value) -> Vec<String>) -> String {
    items(of, name).iter().flat_map(lines).collect::<Vec<_>>().join("\n")
}

fn items(of: &Value, name: &str) -> Vec<Value> {
    let list = of.get_attr(name).ok();
    list.and_then(|list| list.try_iter().ok()).into_iter().flatten().collect()
}

fn file_lines(file: &Value) -> Vec<String> {
    let mut lines = vec![with_note(&field(file, "path"), &field(file, "note"))];
    let symbols = items(file, "symbols");
    lines.extend(symbols.iter().map(|symbol| format!("  {}", text::line(&symbol.to_string()))));
    lines
}

fn with_note(path: &str, note: &str) -> String {
    let (path, note) = (text::line(path), text::line(note));
    if note.is_empty() { path } else { format!("{path} — {note}") }
}

fn field(value: &Value, name: &str) -> String {
    value.get_attr(name).ok().and_then(|field| field.as_str().map(str::to_string)).unwrap_or_default()
}

fn collapse_blank_lines(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut fence: Option<&str> = None;
    let mut blank = true;
    for line in text.lines() {
        // What is quoted stays as it is.
        match fence {
            Some(ticks) if line == ticks => fence = None,
            None if line.starts_with("```") => fence = Some(line.trim_end_matches("text")),
            _ => {}
        }
        let is_blank = line.is_empty() && fence.is_none();
        if !(is_blank && blank) {
            out.push_str(line);
            out.push('\n');
        }
        blank = is_blank;
    }
    out.truncate(out.trim_end().len());
    out.push('\n');
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::view::View;

    #[test]
    fn every_template_renders_an_empty_and_a_full_view() {
        let full: View = crate::render::view::tests::full();
        for file in TEMPLATES.files() {
            let name = file.path().to_str().unwrap();
            for view in [&View::default(), &full] {
                let text = render(name, view);
                assert!(text.ends_with('\n') && !text.contains("\n\n\n"), "{name}:\n{text}");
            }
        }
    }
}
