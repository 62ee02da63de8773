//! The Markdown templates in `templates/`, embedded, the user's own in their places,
//! and the filters that keep repository text inside code spans and fences. The only
//! user of minijinja.
//!
//! Not here: where the user's templates lie, and who may have brought them (`app`).

use std::collections::BTreeMap;
use std::fmt;
use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::{Arc, LazyLock};

use include_dir::{Dir, include_dir};
use minijinja::syntax::SyntaxConfig;
use minijinja::value::{Object, ObjectRepr, Serde, ValueKind};
use minijinja::{AutoEscape, Environment, Error, ErrorKind, Output, State, UndefinedBehavior, Value};

use super::text;
use crate::model::ContentHash;

static TEMPLATES: Dir = include_dir!("$CARGO_MANIFEST_DIR/templates");

static EMBEDDED: LazyLock<Arc<Templates>> = LazyLock::new(|| Arc::new(Templates::new(BTreeMap::new())));

/// Steps that a template of the user's may take: a long page takes some ten thousand.
const FUEL: u64 = 1_000_000;

/// Bytes of a page that a template of the user's may make.
const MAX_PAGE: usize = 4_000_000;

/// The templates of all pages.
pub struct Templates {
    environment: Environment<'static>,
    own: Arc<BTreeMap<String, OwnTemplate>>,
    /// Why one of the user's cannot be used at all.
    broken: Option<TemplateError>,
}

/// A template of the user's, which takes the place of one that comes with waypost.
#[derive(Clone, Debug)]
pub struct OwnTemplate {
    pub path: PathBuf,
    pub text: String,
}

/// A template of the user's that cannot be used.
#[derive(Clone, Debug, thiserror::Error)]
#[error(
    "the template `{}{}` cannot be used: {why}\nhint: `waypost templates show {name} --built-in` prints the one that \
     is used without that file",
    path.display(), line.map(|line| format!(":{line}")).unwrap_or_default()
)]
pub struct TemplateError {
    pub name: String,
    pub path: PathBuf,
    pub line: Option<usize>,
    why: String,
}

/// Every template that comes with waypost, with its text, by name.
pub fn built_in() -> BTreeMap<&'static str, &'static str> {
    let in_folders = TEMPLATES.dirs().flat_map(Dir::files);
    let is_template = |file: &&include_dir::File| file.path().extension().is_some_and(|end| end == "j2");
    let files = TEMPLATES.files().chain(in_folders).filter(is_template);
    let text = |file: &'static include_dir::File<'static>| {
        let name = file.path().to_str().expect("template names are ASCII");
        (name, file.contents_utf8().expect("templates are UTF-8"))
    };
    files.map(text).collect()
}

/// Fills in a page that nobody has a template of their own for, and changes no byte
/// of what it is filled with.
pub fn filled(name: &str, view: &impl serde::Serialize) -> String {
    let page = bare_environment().render_named_str(name, file(name), Serde(view));
    page.expect("embedded templates render: a test renders each")
}

/// An embedded file that is no template of a page in Markdown.
pub fn file(name: &str) -> &'static str {
    let found = TEMPLATES.get_file(name).and_then(include_dir::File::contents_utf8);
    found.expect("it is embedded: a test reads each")
}

impl Templates {
    /// Those that come with waypost, with nothing in their places.
    pub fn embedded() -> Arc<Self> {
        EMBEDDED.clone()
    }

    /// With the user's own in the place of those of the same name. One that says the
    /// same as waypost's is none; one that cannot be read as a template fails each page.
    pub fn new(mut own: BTreeMap<String, OwnTemplate>) -> Self {
        let built_in = built_in();
        own.retain(|name, own| built_in.get(name.as_str()).is_some_and(|text| *text != own.text));
        let own = Arc::new(own);
        let mut environment = bare_environment();
        for (name, text) in &built_in {
            environment.add_template(name, text).expect("embedded templates parse: a test renders each");
        }
        add_filters(&mut environment, if own.is_empty() { Value::from } else { quoted });
        let mut broken = None;
        for (name, template) in own.iter() {
            let added = environment.add_template_owned(name.clone(), template.text.clone());
            broken = broken.or(added.err().map(|error| at(&own, name, &error)));
        }
        if !own.is_empty() {
            environment.set_fuel(Some(FUEL));
            let of_user = own.clone();
            environment.set_formatter(move |out, state, value| match of_user.get(state.name()) {
                Some(template) => write_quoted(out, state, value, &template.text),
                None => minijinja::escape_formatter(out, state, value),
            });
        }
        Self { environment, own, broken }
    }

    /// The names of those that are the user's.
    pub fn own(&self) -> impl Iterator<Item = &str> {
        self.own.keys().map(String::as_str)
    }

    /// What one of the user's says.
    pub fn own_text(&self, name: &str) -> Option<&str> {
        self.own.get(name).map(|own| own.text.as_str())
    }

    /// Why no page can be made, if one of the user's is no template.
    pub fn broken(&self) -> Option<&TemplateError> {
        self.broken.as_ref()
    }

    /// What tells the handoff of these templates from that of others; empty for
    /// those that come with waypost.
    pub fn mark(&self) -> String {
        let of_handoff = |name: &str| name == "handoff.md.j2" || name.starts_with("sections/");
        self.hash(of_handoff).map(|hash| hash[..16].to_string()).unwrap_or_default()
    }

    /// A hash of all that are the user's; empty for none.
    pub fn key(&self) -> String {
        self.hash(|_| true).unwrap_or_default()
    }

    fn hash(&self, is_meant: impl Fn(&str) -> bool) -> Option<String> {
        let meant = self.own.iter().filter(|(name, _)| is_meant(name));
        let all: String = meant.map(|(name, own)| format!("{name}\0{}\0", own.text)).collect();
        (!all.is_empty()).then(|| ContentHash::of(all.as_bytes()).to_hex())
    }

    /// Renders a page. Blank lines never come in pairs, so that a section that is left
    /// out leaves no hole.
    pub fn render(&self, name: &str, view: &impl serde::Serialize) -> Result<String, TemplateError> {
        if self.own.is_empty() {
            let template = self.environment.get_template(name);
            let template = template.expect("embedded templates parse: a test renders each");
            let text = template.render(Serde(view)).expect("embedded templates render: a test renders each");
            return Ok(collapse_blank_lines(&text));
        }
        match &self.broken {
            Some(error) => Err(error.clone()),
            None => self.render_own(name, view).map_err(|error| at(&self.own, name, &error)),
        }
    }

    fn render_own(&self, name: &str, view: &impl serde::Serialize) -> Result<String, Error> {
        let template = self.environment.get_template(name)?;
        let mut page = Page(Vec::new());
        let view = serde_json::to_value(view)
            .map_err(|error| Error::new(ErrorKind::BadSerialization, error.to_string()))?;
        template.render_captured_to(Serde(&with_words(view)), &mut page)?;
        Ok(collapse_blank_lines(&String::from_utf8_lossy(&page.0)))
    }
}

/// A page that ends at [`MAX_PAGE`].
struct Page(Vec<u8>);

impl Write for Page {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.0.len() + bytes.len() > MAX_PAGE {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        self.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// What went wrong in which of the user's files: the innermost that is named.
fn at(own: &BTreeMap<String, OwnTemplate>, asked: &str, error: &Error) -> TemplateError {
    let mut innermost = error;
    while let Some(source) =
        std::error::Error::source(innermost).and_then(|source| source.downcast_ref::<Error>())
    {
        innermost = source;
    }
    let named = innermost.name().or(error.name()).filter(|name| own.contains_key(*name));
    // One that came with waypost fails only by what one of the user's did to it.
    let name = named
        .or(Some(asked).filter(|name| own.contains_key(*name)))
        .or(own.keys().next().map(String::as_str));
    let name = name.unwrap_or(asked).to_string();
    let why = match innermost.kind() {
        ErrorKind::OutOfFuel => "it does not end".to_string(),
        ErrorKind::WriteFailure => format!("it makes more than {} MB", MAX_PAGE / 1_000_000),
        kind => innermost.detail().map_or_else(|| kind.to_string(), |detail| format!("{kind}: {detail}")),
    };
    let path = own.get(&name).map_or_else(|| PathBuf::from(&name), |template| template.path.clone());
    let line = innermost.line().filter(|_| named.is_some());
    TemplateError { name, path, line, why: text::line(&why) }
}

/// Text that a filter made safe to stand on a page.
#[derive(Debug)]
struct Quoted(String);

impl Object for Quoted {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn quoted(text: String) -> Value {
    Value::from_object(Quoted(text))
}

/// Fields whose texts are words of ours and no text of the repository.
const OUR_FIELDS: &[&str] = &[
    "purpose",
    "how",
    "gap",
    "means",
    "says",
    "kind",
    "state",
    "status",
    "share",
    "spans",
    "code_spans",
    "span",
    "part_of",
    "left_out",
    "order",
    "more",
];

/// Where keys are the repository's: path to text.
const PATH_NOTES: &[&str] = &["entry_points", "parts", "layout"];

/// The name under which a template finds [`OUR_FIELDS`] of its view.
const WORDS: &str = "_words";

/// The view with a list of the texts in it that are ours.
fn with_words(mut view: serde_json::Value) -> serde_json::Value {
    let mut words = Vec::new();
    collect_words(&view, false, &mut words);
    words.sort_unstable();
    words.dedup();
    if let Some(fields) = view.as_object_mut() {
        fields.insert(WORDS.to_string(), words.into());
    }
    view
}

fn collect_words(value: &serde_json::Value, is_ours: bool, words: &mut Vec<String>) {
    match value {
        serde_json::Value::String(text) if is_ours => words.push(text.clone()),
        serde_json::Value::Array(items) => items.iter().for_each(|item| collect_words(item, is_ours, words)),
        serde_json::Value::Object(fields) => {
            let fields = fields.iter().filter(|(key, _)| !PATH_NOTES.contains(&key.as_str()));
            fields.for_each(|(key, field)| collect_words(field, OUR_FIELDS.contains(&key.as_str()), words));
        }
        _ => {}
    }
}

/// Prints a value of a template of the user's: what a filter quoted as it is, words of
/// ours and of the template itself too, and everything else in a code span.
fn write_quoted(out: &mut Output, state: &mut State, value: &Value, source: &str) -> Result<(), Error> {
    if let Some(quoted) = value.downcast_object_ref::<Quoted>() {
        return out.write_str(&quoted.0).map_err(Error::from);
    }
    match (value.kind(), value.as_str()) {
        (ValueKind::Undefined | ValueKind::None, _) => Ok(()),
        (ValueKind::Bool | ValueKind::Number, _) => minijinja::escape_formatter(out, state, value),
        (_, Some("")) => Ok(()),
        (_, Some(text)) if is_word(state, text, source) => out.write_str(text).map_err(Error::from),
        _ => out.write_str(&text::span(&value.to_string())).map_err(Error::from),
    }
}

fn is_word(state: &State, text: &str, source: &str) -> bool {
    let is_date = text.chars().all(|c| c.is_ascii_digit() || matches!(c, '-' | ':' | 'T' | 'Z'));
    let is_literal = ['"', '\''].iter().any(|quote| source.contains(&format!("{quote}{text}{quote}")));
    let is_ours = || {
        let words = state.lookup(WORDS).and_then(|words| words.try_iter().ok());
        words.into_iter().flatten().any(|word| word.as_str() == Some(text))
    };
    is_date || is_literal || is_ours()
}

fn bare_environment() -> Environment<'static> {
    let mut environment = Environment::new();
    environment.set_auto_escape_callback(|_| AutoEscape::None);
    environment.set_undefined_behavior(UndefinedBehavior::Lenient);
    let syntax = SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build();
    environment.set_syntax(syntax.expect("the default delimiters are valid"));
    environment
}

/// The filters; `made` marks what they give as quoted.
fn add_filters(environment: &mut Environment<'static>, made: fn(String) -> Value) {
    environment.add_filter("span", move |value: String| made(text::span(&value)));
    environment.add_filter("fenced", move |value: String| made(text::fenced(&value)));
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

    fn full() -> View {
        crate::render::view::tests::full()
    }

    fn own(name: &str, text: &str) -> Templates {
        let template = OwnTemplate { path: format!("/home/{name}").into(), text: text.to_string() };
        Templates::new(BTreeMap::from([(name.to_string(), template)]))
    }

    #[test]
    fn every_template_renders_an_empty_and_a_full_view() {
        for file in TEMPLATES.files() {
            let name = file.path().to_str().unwrap();
            for view in [&View::default(), &full()] {
                let text = Templates::embedded().render(name, view).unwrap();
                assert!(text.ends_with('\n') && !text.contains("\n\n\n"), "{name}:\n{text}");
            }
        }
    }

    /// What `eject` writes makes the same pages until somebody edits it.
    #[test]
    fn a_copy_of_a_template_makes_the_same_page() {
        // A comment makes it another text.
        let copy = |(name, text): (&str, &str)| {
            (name.to_string(), OwnTemplate { path: name.into(), text: format!("{{# mine #}}{text}") })
        };
        let copies = Templates::new(built_in().into_iter().map(copy).collect());
        assert!(copies.own().count() > 20);
        for file in TEMPLATES.files() {
            let name = file.path().to_str().unwrap();
            for view in [&View::default(), &full()] {
                let expected = Templates::embedded().render(name, view).unwrap();
                assert_eq!(copies.render(name, view).unwrap(), expected, "{name}");
            }
        }
    }

    #[test]
    fn what_a_template_forgets_to_quote_is_quoted() {
        let view = View { name: crate::model::SafeText::constant("a`](x) **b**"), ..full() };
        for (text, expected) in [
            ("{{ name }}", "``a`](x) **b**``\n"),
            ("{{ name|span }}", "``a`](x) **b**``\n"),
            ("{{ name|safe }}", "``a`](x) **b**``\n"),
            ("{{ (name|span)|replace('`', '') }}", "`a](x) **b**`\n"),
            ("{% autoescape 'html' %}{{ name }}{% endautoescape %}", "``a`](x) **b**``\n"),
            ("{% set x = name|upper %}{{ x }}", "``A`](X) **B**``\n"),
            ("{% set x %}{{ name }}{% endset %}{{ x }}", "``` ``a`](x) **b**`` ```\n"),
            ("{{ about }}", "`['about']`\n"),
            ("{% for p, n in entry_points|items %}{{ p }} {{ n }}{% endfor %}", "`a.rs` `a`\n"),
            ("{{ commands[0].purpose }}, {{ 1 + 1 }}{{ nothing }}", "test, 2\n"),
        ] {
            assert_eq!(
                own("handoff.md.j2", text).render("handoff.md.j2", &view).unwrap(),
                expected,
                "{text}"
            );
        }
    }

    #[test]
    fn an_error_names_file_and_line() {
        let check = |text: &str, line: Option<usize>, why: &str| {
            let error = own("now.md.j2", text).render("now.md.j2", &full()).unwrap_err();
            assert_eq!((error.path.to_str(), error.line), (Some("/home/now.md.j2"), line), "{error}");
            assert!(error.to_string().contains(why), "{error}");
        };
        check("a\n{% if %}\n", Some(2), "syntax error");
        check("a\n\n{{ name|spam }}\n", Some(3), "spam");
        check("{% include 'no.md.j2' %}", Some(1), "no.md.j2");
        check(
            "{% for a in range(9999) %}{% for b in range(9999) %}{% endfor %}{% endfor %}",
            Some(1),
            "does not end",
        );
        check("{% for a in range(9999) %}{{ 'x' * 10000 }}{% endfor %}", None, "more than 4 MB");
    }

    #[test]
    fn a_template_that_says_the_same_is_none() {
        let same = own("now.md.j2", built_in()["now.md.j2"]);
        assert_eq!((same.own().count(), same.mark().as_str(), same.key().as_str()), (0, "", ""));
        let prompt = own("prompt-human-handoff.md.j2", "x");
        assert!(prompt.mark().is_empty() && !prompt.key().is_empty(), "the handoff is as it was");
        assert_eq!(own("sections/goal.md.j2", "x").mark().len(), 16);
    }
}
