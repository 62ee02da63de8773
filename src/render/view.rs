//! What a handoff says, as plain data: the JSON file is this view, and the
//! Markdown file is made from the same view by a template.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use crate::model::SafeText;
use crate::visible;

/// Fields in the order of the file; what is empty is left out.
#[derive(Clone, Debug, Default, PartialEq, Serialize, JsonSchema)]
pub struct View {
    /// Name and version of this format.
    #[schemars(extend("const" = super::FORMAT))]
    #[serde(skip_serializing_if = "str::is_empty")]
    pub format: &'static str,
    /// Which templates of the user's the page was made with; left out for those that
    /// come with waypost.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub templates: String,
    #[serde(skip_serializing_if = "SafeText::is_empty")]
    pub name: SafeText,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub about: Vec<SafeText>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub languages: Vec<SafeText>,
    /// Where programs and libraries start: path to name.
    #[serde(skip_serializing_if = "PathNotes::is_empty")]
    pub entry_points: PathNotes,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub goal: Option<GoalView>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub commands: Vec<CommandView>,
    /// Versions of tools and services that the project asks for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tools: Vec<ToolView>,
    /// What tools write and nobody edits.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub generated: Vec<GeneratedView>,
    /// Packages, crates and other parts: folder to name and description.
    #[serde(skip_serializing_if = "PathNotes::is_empty")]
    pub parts: PathNotes,
    /// Folder to purpose, which may be empty.
    #[serde(skip_serializing_if = "PathNotes::is_empty")]
    pub layout: PathNotes,
    /// The first files for the goal, best first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub start: Vec<FileView>,
    /// The other files for the goal, sorted by path.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub focus: Vec<FileView>,
    /// The tests of the first files.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tests: Vec<TestView>,
    /// The central files beyond those, sorted by path.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub map: Vec<FileView>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub records: Vec<RecordView>,
    /// The live part: in prompts, never in the handoff.
    #[schemars(skip)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub now: Option<NowView>,
    /// What to do for a goal: in prompts.
    #[schemars(skip)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub act: Option<ActView>,
    /// The best of `focus`, best first: in prompts.
    #[schemars(skip)]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub attach: Vec<SafeText>,
    /// What the budget left out, one constant sentence each.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub left_out: Vec<&'static str>,
    /// What the page left out and the JSON has room for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub more: Option<Box<View>>,
}

/// What is told of paths, sorted by path: one pair costs fewer tokens than an
/// object with named fields.
pub type PathNotes = BTreeMap<SafeText, SafeText>;

/// Adds a pair; a second text for the same path is put behind the first.
pub fn tell(told: &mut PathNotes, path: SafeText, text: SafeText) {
    let entry = told.entry(path).or_default();
    *entry = match entry.is_empty() {
        true => text,
        false => SafeText::join(&[entry.clone(), text], ", "),
    };
}

/// The recorded goal, line by line, and its next step.
#[derive(Clone, Debug, Default, PartialEq, Serialize, JsonSchema)]
pub struct GoalView {
    pub text: Vec<SafeText>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<SafeText>,
    /// The open goals around it, two spaces a level; empty where it stands alone.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub open: Vec<SafeText>,
}

/// The files to edit for a goal, and what stands around them.
#[derive(Clone, Debug, Default, PartialEq, Serialize, JsonSchema)]
pub struct ActView {
    /// The goal's first line.
    pub task: SafeText,
    /// How sure the order is, in one word.
    pub gap: &'static str,
    /// What that word means for the reader.
    pub means: &'static str,
    /// Says that the tree already is as the goal asks, as far as its names
    /// show.
    pub settled: Option<SettledView>,
    pub edit: Vec<EditView>,
    pub hits: Vec<HitsView>,
    pub tests: Vec<TestView>,
    pub also: Vec<AlsoView>,
    /// Changed files that have nothing to do with these.
    pub others_changed: usize,
}

/// A name that suggests that the goal is already met.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct SettledView {
    pub name: SafeText,
    pub says: &'static str,
}

/// A file to edit for the goal, and where in it.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct EditView {
    pub path: SafeText,
    /// `:10-34,40-60`: the places that decide most.
    pub spans: String,
    /// `:70-90`: places whose code is shown and which `spans` does not name.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub code_spans: String,
    /// The reasons in a few words.
    pub why: SafeText,
    /// Those whose code is not shown.
    pub places: Vec<PlaceView>,
    /// The code of the first places as lines with their numbers.
    pub code: Vec<SafeText>,
}

/// A place in a file to edit.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct PlaceView {
    /// Lines of the place, as `:10-34`.
    pub span: String,
    /// What is declared there; may be empty.
    pub signature: SafeText,
    /// The lines of the whole declaration, of which this is a part.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub part_of: String,
}

/// The lines that hold something that the goal spells out.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct HitsView {
    pub text: SafeText,
    /// The file that declares it, where these lines are uses of it.
    #[serde(skip_serializing_if = "SafeText::is_empty")]
    pub declared_in: SafeText,
    /// How many of all lines these are, in words.
    pub share: String,
    /// `path:line: text`; several of one file as `:line text` below its path.
    pub lines: Vec<SafeText>,
}

/// A file to look at beside those to edit.
#[derive(Clone, Debug, Default, PartialEq, Serialize, JsonSchema)]
pub struct AlsoView {
    pub path: SafeText,
    /// `:10-34`: the place that holds most.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub spans: String,
    /// The reason in a few words; may be empty.
    #[serde(skip_serializing_if = "SafeText::is_empty")]
    pub why: SafeText,
}

/// A test file of the files to edit.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct TestView {
    pub path: SafeText,
    pub how: &'static str,
    /// The command that runs just these tests.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub command: Option<SafeText>,
}

/// A tool that the project needs, with the version it asks for and the file that says so.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct ToolView {
    pub name: SafeText,
    pub version: SafeText,
    pub source: SafeText,
}

/// Files that a tool writes from the same source by the same command.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct GeneratedView {
    pub paths: Vec<SafeText>,
    /// How many more there are.
    #[serde(skip_serializing_if = "is_zero")]
    pub more: usize,
    #[serde(skip_serializing_if = "SafeText::is_empty")]
    pub origin: SafeText,
    #[serde(skip_serializing_if = "SafeText::is_empty")]
    pub command: SafeText,
    pub source: SafeText,
}

fn is_zero(count: &usize) -> bool {
    *count == 0
}

/// A command that the project itself names, and where.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct CommandView {
    pub purpose: &'static str,
    pub command: SafeText,
    pub source: SafeText,
}

/// A file worth knowing, with its most important symbols.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct FileView {
    pub path: SafeText,
    /// Why it matters for the goal, or what the file says of itself.
    #[serde(skip_serializing_if = "SafeText::is_empty")]
    pub note: SafeText,
    /// Signatures in order of appearance, two spaces a level of nesting.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub symbols: Vec<SafeText>,
}

/// A record, with the state of the code that it is about.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct RecordView {
    /// How much it is worth saying, 0 before 1; in the handoff it decides only
    /// whether the record is there.
    #[serde(skip)]
    pub place: u32,
    /// A pin, or the newest of its kind: said before others.
    #[serde(skip)]
    pub keeps: bool,
    pub kind: &'static str,
    #[serde(skip_serializing_if = "SafeText::is_empty")]
    pub title: SafeText,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub anchors: Vec<AnchorView>,
}

/// The code that a record is about, and whether it still is as it was.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct AnchorView {
    pub path: SafeText,
    pub state: &'static str,
}

/// What moves with every save and commit.
#[derive(Clone, Debug, Default, PartialEq, Serialize, JsonSchema)]
pub struct NowView {
    pub branch: Option<SafeText>,
    /// Short commit id.
    pub head: Option<String>,
    /// A merge, rebase or the like that is in progress.
    pub state: Option<&'static str>,
    /// What `changed` is compared with: `HEAD` or a snapshot.
    pub since: Option<String>,
    pub changed: Vec<ChangedView>,
    /// Subjects, newest first.
    pub commits: Vec<SafeText>,
}

/// A file that changed since the state compared with.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct ChangedView {
    pub status: &'static str,
    pub path: SafeText,
    /// `+name`, `-name` and `~name`: added, removed, changed signature or body.
    pub symbols: Vec<SafeText>,
}

impl View {
    /// Canonical JSON: one fact a line, so that line merges work, and no
    /// indentation, which would cost tokens and say nothing.
    pub fn to_json(&self) -> String {
        let value = serde_json::to_value(self).expect("plain data in memory always serialises");
        let mut out = String::new();
        write_value(&value, false, &mut out);
        out.push('\n');
        visible::json(&out).into_owned()
    }
}

/// The page and what is told of paths break into lines, so do all lists; an
/// object inside a list stays on one.
fn write_value(value: &Value, in_list: bool, out: &mut String) {
    match value {
        Value::Object(fields) => {
            let (first, next, end) = if in_list { ("", ",", "}") } else { ("\n", ",\n", "\n}") };
            out.push('{');
            for (n, (key, value)) in fields.iter().enumerate() {
                out.push_str(if n == 0 { first } else { next });
                out.push_str(&format!("{}:", Value::from(key.as_str())));
                write_value(value, in_list, out);
            }
            out.push_str(end);
        }
        Value::Array(items) => {
            out.push('[');
            for (n, item) in items.iter().enumerate() {
                out.push_str(if n == 0 { "\n" } else { ",\n" });
                write_value(item, true, out);
            }
            out.push_str("\n]");
        }
        scalar => out.push_str(&scalar.to_string()),
    }
}

#[cfg(test)]
pub mod tests {
    use super::*;

    /// A view with something in every field.
    pub fn full() -> View {
        let text = SafeText::constant;
        let file = FileView { path: text("a.rs"), note: text("note"), symbols: vec![text("fn a()")] };
        View {
            format: "f",
            templates: "t".into(),
            name: text("n"),
            about: vec![text("about")],
            languages: vec![text("Rust")],
            entry_points: PathNotes::from([(text("a.rs"), text("a"))]),
            goal: Some(GoalView {
                text: vec![text("goal")],
                next: Some(text("next")),
                open: vec![text("goal")],
            }),
            commands: vec![CommandView { purpose: "test", command: text("c"), source: text("s") }],
            tools: vec![ToolView { name: text("t"), version: text("1"), source: text("s") }],
            generated: vec![GeneratedView {
                paths: vec![text("g.rs")],
                more: 1,
                origin: text("g.in"),
                command: text("make g"),
                source: text("s"),
            }],
            parts: PathNotes::from([(text("p/"), text("part"))]),
            layout: PathNotes::from([(text("l/"), SafeText::default())]),
            start: vec![file.clone()],
            focus: vec![file.clone()],
            tests: vec![TestView { path: text("t.rs"), how: "imports it", command: None }],
            map: vec![file],
            records: vec![RecordView {
                place: 0,
                keeps: true,
                kind: "pin",
                title: text("t"),
                anchors: vec![AnchorView { path: text("a.rs"), state: "drifted" }],
            }],
            now: Some(NowView {
                branch: Some(text("main")),
                head: Some("abc".into()),
                state: Some("merge"),
                since: Some("HEAD".into()),
                changed: vec![ChangedView {
                    status: "modified",
                    path: text("a.rs"),
                    symbols: vec![text("~a")],
                }],
                commits: vec![text("subject")],
            }),
            act: Some(ActView {
                task: text("goal"),
                gap: "close",
                means: "several",
                settled: Some(SettledView { name: text("x"), says: "is there" }),
                edit: vec![EditView {
                    path: text("a.rs"),
                    spans: ":1-2".into(),
                    code_spans: ":5-6".into(),
                    why: text("why"),
                    places: vec![PlaceView {
                        span: ":1-2".into(),
                        signature: text("fn a()"),
                        part_of: "1-90".into(),
                    }],
                    code: vec![text("1| a"), text("2| b")],
                }],
                hits: vec![HitsView {
                    text: text("x"),
                    share: "all".into(),
                    declared_in: text("a.rs"),
                    lines: vec![text("a.rs:1: x")],
                }],
                tests: vec![TestView {
                    path: text("t.rs"),
                    how: "imports it",
                    command: Some(text("test t")),
                }],
                also: vec![AlsoView { path: text("b.rs"), spans: ":3-4".into(), why: text("why") }],
                others_changed: 2,
            }),
            attach: vec![text("a.rs")],
            left_out: vec!["more"],
            more: None,
        }
    }

    #[test]
    fn json_has_one_fact_a_line_and_comes_back_the_same() {
        let json = full().to_json();
        let parsed: Value = serde_json::from_str(&json).unwrap();
        assert_eq!(parsed, serde_json::to_value(full()).unwrap());
        assert!(
            json.contains("\n{\"path\":\"a.rs\",\"note\":\"note\",\"symbols\":[\n\"fn a()\"\n]}\n]"),
            "{json}"
        );
    }
}
