//! JSON Schema (draft 2020-12) of what every command prints with `--json`, of the
//! error object and of both handoff formats, made from the types themselves.
//!
//! Not here: validation. Whoever reads the output brings a validator.

use std::borrow::Cow;

use schemars::generate::SchemaSettings;
use schemars::transform::{Transform, transform_subschemas};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Serialize;
use serde_json::{Map, Value};

use super::{Error, Result};
use super::{
    bench, bench_companions, changes, check_text, checkpoint, claims, clean, companions, compare,
    consolidate, dedup, doctor, gc, goal, goals, handoff, history, impact, ingest, init, jobs, known_lessons,
    languages, lessons, log_entry, man, merge, note, outline, pin, prompt, rank, receipts, record, records,
    remove, report, resume_report, review, run, search, search_eval, session_detail, session_start, sessions,
    settings, setup, signals, sitrep, snapshot, snapshots, status, templates, test_plan, transfer, trust,
    uninstall, vectors, verify, watch, why,
};
use crate::render::{self, view};

/// Version of the reports. It grows when a key goes or means something else; a key
/// that is new changes the schema of its release and not this number.
pub const JSON_VERSION: u32 = 1;

/// The dialect of all schemas.
const DIALECT: &str = "https://json-schema.org/draft/2020-12/schema";

/// One name with everything that may be printed under it.
struct Output {
    name: &'static str,
    /// What it is, where it is not a command's `--json`.
    title: Option<&'static str>,
    forms: &'static [fn(&mut SchemaGenerator) -> Schema],
}

/// A command and the reports that it may print; with several, its flags decide.
macro_rules! output {
    ($name:literal: $($form:ty),+) => {
        Output { name: $name, title: None, forms: &[$(form::<$form>),+] }
    };
    ($name:literal = $title:literal: $($form:ty),+) => {
        Output { name: $name, title: Some($title), forms: &[$(form::<$form>),+] }
    };
}

/// Every output. `handoff` is the committed file, as `handoff --stdout --json` prints
/// it; what the command says when it writes or checks is `handoff-report`.
const OUTPUTS: &[Output] = &[
    output!("handoff" = ".waypost/handoff.json, and `waypost handoff --stdout --json`": view::View),
    output!("now" = "The live part, `waypost handoff --now --json`": view::NowView),
    output!("error" = "What any command prints with `--json` when it fails": Error),
    output!("handoff-report" = "`waypost handoff --json`, but for --stdout and --now":
        handoff::WrittenHandoff, handoff::CheckedHandoff, handoff::StagedHandoff, merge::Merged),
    output!("bench": bench::Report, bench_companions::Report),
    output!("backup": transfer::BackedUp),
    output!("brief": goal::Brief),
    output!("brief history": history::RecordHistory),
    output!("brief set": note::ChangeReport),
    output!("brief show": goal::Brief),
    output!("changes": changes::Report),
    output!("check-text": check_text::Report),
    output!("checkpoint": note::AddReport),
    output!("checkpoint list": checkpoint::Checkpoints),
    output!("checkpoint show": checkpoint::CheckpointReport),
    output!("claim": claims::ClaimOutcome),
    output!("claim check": claims::ClaimCheck),
    output!("claims": claims::ClaimList),
    output!("companions": companions::Report),
    output!("compare-snapshots": compare::SnapshotDifference),
    output!("completions": man::Script),
    output!("config": settings::SettingList),
    output!("config edit": settings::SettingList),
    output!("config get": settings::One),
    output!("config path": settings::SettingPaths),
    output!("config set": settings::SetReport),
    output!("config unset": settings::UnsetReport),
    output!("consolidate": consolidate::Report),
    output!("context": search::ContextReport),
    output!("decisions": records::Decisions),
    output!("dedup": dedup::Report),
    output!("diff": history::RevisionDifference),
    output!("diff-summary": compare::ChangeSummary),
    output!("doctor": doctor::Report),
    output!("edit": note::ChangeReport),
    output!("erase": remove::Erase, remove::Marks, remove::Lifted),
    output!("explain": rank::Explanation),
    output!("export": transfer::Exported),
    output!("fetch": receipts::Fetched),
    output!("forget": remove::Forget),
    output!("gc": gc::Report),
    output!("goal": goal::GoalReport),
    output!("goal add": goals::GoalItem),
    output!("goal block": goals::GoalChanged),
    output!("goal done": goals::GoalChanged),
    output!("goal drop": goals::GoalChanged),
    output!("goal list": goals::GoalList),
    output!("goal set": goals::GoalChanged),
    output!("history": history::RecordHistory),
    output!("hook" = "`waypost hook session-start --preview --json`": session_start::Report),
    output!("impact": impact::Report),
    output!("import": transfer::ImportReport, jobs::Queued),
    output!("ingest-chat": ingest::Ingested),
    output!("init": init::Report, merge::SetUp),
    output!("jobs": jobs::JobList),
    output!("jobs drop": jobs::Changed),
    output!("jobs list": jobs::JobList),
    output!("jobs retry": jobs::Changed),
    output!("jobs run": jobs::JobRun),
    output!("languages": languages::Report),
    output!("lessons accept": record::Report),
    output!("lessons list": lessons::LessonList),
    output!("lessons match": known_lessons::MatchedLessons),
    output!("lessons mine": lessons::MineReport),
    output!("lessons reject": record::Report),
    output!("lessons report": lessons::LessonsReport),
    output!("log": sessions::Log),
    output!("log add": log_entry::Logged),
    output!("man": man::ManPage, man::WrittenPages),
    output!("note": note::AddReport),
    output!("notes": records::Notes),
    output!("outline": outline::Report, outline::FolderReport),
    output!("pin": pin::Pinned),
    output!("pins": pin::Pins),
    output!("prompt": prompt::Report),
    output!("proposals": ingest::Proposals, record::Report, ingest::Decided),
    output!("prune": snapshots::Pruned),
    output!("rank": rank::FileRanking, rank::SymbolRanking),
    output!("receipts list": receipts::ReceiptList),
    output!("receipts stats": receipts::ReceiptStats),
    output!("receipts verify": receipts::Verified),
    output!("redact": clean::Report),
    output!("release": claims::Released),
    output!("report": report::Report),
    output!("restore": compare::Restored),
    output!("restore-backup": transfer::RestorePreview),
    output!("resume": resume_report::ResumeReport),
    output!("review": review::Report),
    output!("rollback": note::ChangeReport),
    output!("run": run::RunReport),
    Output { name: "schema", title: None, forms: &[form::<SchemaList>, schema_of_schemas] },
    output!("search": search::Report, search_eval::Report),
    output!("session end": sessions::Ended),
    output!("session heartbeat": sessions::Beaten),
    output!("session list": sessions::SessionList),
    output!("session show": session_detail::SessionDetail),
    output!("session signals": signals::SignalsReport),
    output!("session start": sessions::Started),
    output!("session transcript": session_detail::SessionDetail),
    output!("setup": setup::Report, setup::List, setup::PluginReport),
    output!("show": record::Report),
    output!("show-snapshot": snapshots::Report),
    output!("sitrep": sitrep::SitrepReport),
    output!("snapshot": snapshot::Report),
    output!("snapshots": snapshots::SnapshotList),
    output!("stats failures": signals::FailuresReport),
    output!("status": status::Report),
    output!("supersede": remove::Superseded),
    output!("suppress": remove::Suppressed),
    #[cfg(feature = "team")]
    output!("team connect": super::team::Connected),
    #[cfg(feature = "team")]
    output!("team disconnect": super::team::Disconnected),
    #[cfg(feature = "team")]
    output!("team pull": super::team::Pulled),
    #[cfg(feature = "team")]
    output!("team push": super::team::Pushed),
    #[cfg(feature = "team")]
    output!("team share": super::team::Shared),
    #[cfg(feature = "team")]
    output!("team status": super::team::TeamStatus),
    output!("templates eject": templates::Ejected),
    output!("templates list": templates::TemplateList),
    output!("templates show": templates::TemplateText),
    output!("tests": test_plan::Report),
    output!("trust": trust::Trusted, trust::Revoked, trust::TrustList),
    output!("uninstall": uninstall::Report),
    output!("unpin": pin::Unpinned),
    output!("vectors": vectors::Report),
    output!("vectors rebuild": vectors::Report),
    output!("vectors status": vectors::Report),
    output!("vectors use": vectors::Report),
    output!("verify": verify::Report),
    output!("watch" = "Each line of `waypost watch --json`": watch::WatchUpdate),
    output!("why": why::Report),
];

/// All schemas by name.
#[derive(Debug, Serialize, JsonSchema)]
pub struct SchemaList {
    /// Of the reports; the handoff's format has a version of its own.
    pub version: u32,
    pub schemas: Vec<SchemaName>,
}

/// What a schema is of.
#[derive(Debug, Serialize, JsonSchema)]
pub struct SchemaName {
    /// A command, a format, or `error`.
    pub name: &'static str,
    /// The schema's `$id`.
    pub id: String,
    pub title: Cow<'static, str>,
}

/// The list of all schemas, the formats first.
pub fn list() -> SchemaList {
    let name = |output: &Output| SchemaName { name: output.name, id: output.id(), title: output.title() };
    SchemaList { version: JSON_VERSION, schemas: OUTPUTS.iter().map(name).collect() }
}

/// The schema of an output by its name; fails for an unknown one, with the nearest.
pub fn schema(name: &str) -> Result<Value> {
    match OUTPUTS.iter().find(|output| output.name == name) {
        Some(output) => Ok(output.schema()),
        None => Err(unknown(name)),
    }
}

fn unknown(name: &str) -> Error {
    // A command whose parts are told alone is far from them by letters.
    let of_group = OUTPUTS.iter().find(|output| output.name.starts_with(&format!("{name} ")));
    let distance = |output: &&Output| strsim::damerau_levenshtein(name, output.name);
    let nearest =
        of_group.or_else(|| OUTPUTS.iter().min_by_key(distance)).map_or("error", |output| output.name);
    let hint = format!("did you mean `{nearest}`? `waypost schema` lists all");
    Error::new(format!("there is no schema `{name}`")).with_hint(hint)
}

impl Output {
    fn title(&self) -> Cow<'static, str> {
        match self.title {
            Some(title) => title.into(),
            None => format!("`waypost {} --json`", self.name).into(),
        }
    }

    fn id(&self) -> String {
        match self.name {
            "handoff" => format!("urn:waypost:{}", render::FORMAT),
            name => format!("urn:waypost:json/{JSON_VERSION}/{}", name.replace(' ', "/")),
        }
    }

    fn schema(&self) -> Value {
        let mut generator = SchemaSettings::draft2020_12().for_serialize().into_generator();
        let mut forms: Vec<Schema> = self.forms.iter().map(|form| form(&mut generator)).collect();
        let mut definitions = generator.take_definitions(true);
        let mut root = Map::new();
        root.insert("$schema".into(), DIALECT.into());
        root.insert("$id".into(), self.id().into());
        root.insert("title".into(), self.title().into());
        match forms.len() {
            1 => root.extend(of_one_form(&forms.remove(0), &mut definitions)),
            _ => _ = root.insert("anyOf".into(), forms.into()),
        }
        if !definitions.is_empty() {
            root.insert("$defs".into(), definitions.clone().into());
        }
        let mut schema = Schema::from(root);
        Closed { definitions }.transform(&mut schema);
        schema.to_value()
    }
}

/// A reference to a type, which goes to the definitions.
fn form<T: JsonSchema>(generator: &mut SchemaGenerator) -> Schema {
    generator.subschema_for::<T>()
}

/// `schema NAME` prints a schema.
fn schema_of_schemas(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "$ref": DIALECT })
}

/// The definition that the only form refers to, in its place, unless it refers to
/// itself.
fn of_one_form(form: &Schema, definitions: &mut Map<String, Value>) -> Map<String, Value> {
    let reference = form.get("$ref").and_then(Value::as_str).unwrap_or_default();
    let name = reference.trim_start_matches("#/$defs/");
    let is_recursive =
        definitions.get(name).is_some_and(|of| of.to_string().contains(&format!("{reference:?}")));
    let inlined = if is_recursive { None } else { definitions.shift_remove(name) };
    let mut fields = match inlined {
        Some(Value::Object(fields)) => fields,
        _ => form.as_object().cloned().unwrap_or_default(),
    };
    // It is the type's name, which tells a reader nothing.
    fields.shift_remove("title");
    fields
}

/// Forbids keys that a type does not have. What a variant of an enumeration adds to
/// the type that it holds is put together first, since each half would forbid the other.
struct Closed {
    definitions: Map<String, Value>,
}

impl Transform for Closed {
    fn transform(&mut self, schema: &mut Schema) {
        transform_subschemas(self, schema);
        let Some(fields) = schema.as_object_mut() else { return };
        if fields.contains_key("properties")
            && let Some(held) = self.take_held(fields)
        {
            join(fields, held);
        }
        let is_open =
            ["additionalProperties", "unevaluatedProperties"].iter().all(|key| !fields.contains_key(*key));
        if fields.contains_key("properties") && is_open {
            fields.insert("additionalProperties".into(), false.into());
        }
    }
}

impl Closed {
    fn take_held(&self, fields: &mut Map<String, Value>) -> Option<Map<String, Value>> {
        let reference = fields.shift_remove("$ref")?;
        let name = reference.as_str()?.strip_prefix("#/$defs/")?;
        self.definitions.get(name)?.as_object().cloned()
    }
}

/// Adds the properties of one object to those of another.
fn join(fields: &mut Map<String, Value>, held: Map<String, Value>) {
    for (key, value) in held {
        match (fields.get_mut(&key), value) {
            (Some(Value::Object(ours)), Value::Object(theirs)) => ours.extend(theirs),
            (Some(Value::Array(ours)), Value::Array(theirs)) => ours.extend(theirs),
            (Some(_), _) => {}
            (None, value) => _ = fields.insert(key, value),
        }
    }
}
