//! What `--json` prints against the schemas that the program gives of it.
//!
//! Not here: the commands that are run for it, which `contract` lists.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use jsonschema::Validator;
use serde_json::{Value, json};

use crate::project::Project;
use crate::watch::watch;

/// All schemas, and which forms of each were met.
pub struct Schemas {
    schemas: BTreeMap<String, OfName>,
    met: RefCell<BTreeSet<String>>,
}

/// A schema, and the forms that it allows by itself.
struct OfName {
    whole: Validator,
    forms: Vec<Validator>,
}

/// One for all tests: it is the program's, whatever the project.
pub static SCHEMAS: LazyLock<BTreeMap<String, Value>> = LazyLock::new(|| {
    let project = Project::empty();
    let list = project.json(&["schema"]);
    let names =
        list["schemas"].as_array().expect("a list").iter().map(|one| one["name"].as_str().expect("a name"));
    let schema = |name: &str| {
        let words: Vec<&str> = ["schema"].into_iter().chain(name.split(' ')).collect();
        (name.to_string(), project.ok(&words).json())
    };
    names.map(schema).collect()
});

impl Schemas {
    pub fn new() -> Self {
        let of = |schema: &Value| OfName {
            whole: jsonschema::validator_for(schema).expect("a schema"),
            forms: forms(schema)
                .iter()
                .map(|form| jsonschema::validator_for(form).expect("a schema"))
                .collect(),
        };
        let schemas = SCHEMAS.iter().map(|(name, schema)| (name.clone(), of(schema))).collect();
        Self { schemas, met: RefCell::default() }
    }

    /// Fails unless the output of a command is as its schema says.
    #[track_caller]
    pub fn check(&self, arguments: &[&str], output: &Value) {
        let name = self.name_of(arguments);
        let of = self.schemas.get(&name).unwrap_or_else(|| panic!("{arguments:?} has no schema"));
        let errors: Vec<String> =
            of.whole.iter_errors(output).map(|error| format!("{}: {error}", error.instance_path())).collect();
        assert!(errors.is_empty(), "{arguments:?}: {}\n{output:#}", errors.join("\n"));
        let mut met = self.met.borrow_mut();
        met.insert(name.clone());
        met.extend(
            (0..of.forms.len())
                .filter(|at| of.forms[*at].is_valid(output))
                .map(|at| format!("{name} [{at}]")),
        );
    }

    /// Fails unless every schema, and every form of it, was met.
    #[track_caller]
    pub fn assert_all_were_met(&self, but: &[&str]) {
        let forms = |(name, of): (&String, &OfName)| {
            let forms = (0..of.forms.len()).map(|at| format!("{name} [{at}]"));
            forms.chain([name.clone()]).collect::<Vec<_>>()
        };
        let all = self.schemas.iter().filter(|(name, _)| !but.contains(&name.as_str())).flat_map(forms);
        let met = self.met.borrow();
        let unmet: Vec<String> = all.filter(|name| !met.contains(name)).collect();
        assert!(unmet.is_empty(), "no command printed: {unmet:?}");
    }

    /// The schema that a command's output has: the most words that are a name.
    fn name_of(&self, arguments: &[&str]) -> String {
        match (arguments[0], arguments) {
            ("handoff", all) if all.contains(&"--stdout") => return "handoff".to_string(),
            ("handoff", all) if all.contains(&"--now") => return "now".to_string(),
            ("handoff", _) => return "handoff-report".to_string(),
            _ => {}
        }
        let of_two = arguments.get(1).map(|second| format!("{} {second}", arguments[0]));
        of_two.filter(|name| self.schemas.contains_key(name)).unwrap_or_else(|| arguments[0].to_string())
    }
}

/// The alternatives of a schema as schemas of their own.
fn forms(schema: &Value) -> Vec<Value> {
    let alternatives = schema["anyOf"].as_array().cloned().unwrap_or_default();
    let with_definitions = |mut form: Value| {
        form["$defs"] = schema["$defs"].clone();
        form
    };
    alternatives.into_iter().map(with_definitions).collect()
}

/// An error is what its schema says.
#[track_caller]
pub fn check_error(output: &Value) {
    static ERROR: LazyLock<Validator> =
        LazyLock::new(|| jsonschema::validator_for(&SCHEMAS["error"]).expect("a schema"));
    assert!(ERROR.is_valid(output), "{output}");
}

#[test]
fn each_is_a_schema_of_its_draft_and_the_same_every_time() {
    let list = Project::empty().json(&["schema"]);
    for (name, schema) in SCHEMAS.iter() {
        assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema", "{name}");
        jsonschema::meta::validate(schema).unwrap_or_else(|error| panic!("{name}: {error}"));
        let listed =
            list["schemas"].as_array().unwrap().iter().find(|one| one["name"] == json!(name)).unwrap();
        assert_eq!((&listed["id"], &listed["title"]), (&schema["$id"], &schema["title"]));
    }
    let ids: BTreeSet<String> = SCHEMAS.values().map(|schema| schema["$id"].to_string()).collect();
    assert_eq!(ids.len(), SCHEMAS.len());
    let again = |name: &str| Project::fixture("tally").ok(&["schema", name]).stdout;
    assert_eq!(again("sitrep"), again("sitrep"));
    assert_eq!(serde_json::from_str::<Value>(&again("sitrep")).unwrap(), SCHEMAS["sitrep"]);
}

/// Keys that are not known are refused, and no value is free but these.
#[test]
fn schemas_say_something() {
    let mut free = BTreeSet::new();
    for (name, schema) in SCHEMAS.iter() {
        walk(schema, name, &mut free);
    }
    let free: Vec<&String> = free.iter().collect();
    // What the log holds beside its text is the client's own.
    assert_eq!(free, ["EventReport.data"]);
}

/// Collects places where anything goes; fails at an object that is not closed.
fn walk(schema: &Value, at: &str, free: &mut BTreeSet<String>) {
    let Some(fields) = schema.as_object() else { return };
    if let Some(properties) = fields.get("properties").and_then(Value::as_object) {
        assert_eq!(schema["additionalProperties"], false, "{at}: {schema:#}");
        for (key, value) in properties {
            let says = ["type", "$ref", "anyOf", "oneOf", "const", "enum"]
                .iter()
                .any(|word| value.get(word).is_some());
            if !says {
                free.insert(format!("{at}.{key}"));
            }
            walk(value, &format!("{at}.{key}"), free);
        }
    }
    for (name, definition) in fields.get("$defs").and_then(Value::as_object).into_iter().flatten() {
        walk(definition, name, free);
    }
    for list in ["anyOf", "oneOf", "allOf"] {
        let forms = fields.get(list).and_then(Value::as_array).into_iter().flatten();
        forms.for_each(|form| walk(form, at, free));
    }
    for single in ["items", "additionalProperties"] {
        if let Some(one) = fields.get(single) {
            assert_ne!(one, true, "{at}");
            walk(one, at, free);
        }
    }
}

#[test]
fn a_spoilt_output_is_no_longer_what_the_schema_says() {
    let project = Project::fixture("tally");
    project.ok(&["snapshot", "--goal", "count comment lines"]);
    let valid =
        |name: &str, value: &Value| jsonschema::validator_for(&SCHEMAS[name]).unwrap().is_valid(value);
    let (_, handoff) = project.handoff();
    let handoff: Value = serde_json::from_str(&handoff).unwrap();
    assert!(valid("handoff", &handoff), "the committed file");
    let status = project.json(&["status"]);
    assert!(valid("status", &status));
    for (name, whole, key, value) in [
        ("handoff", &handoff, "format", json!("waypost-handoff/0")),
        ("handoff", &handoff, "now", json!({})),
        ("handoff", &handoff, "start", json!("src/lib.rs")),
        ("status", &status, "tokens", json!("many")),
        ("status", &status, "extra", json!(1)),
    ] {
        let mut spoilt = whole.clone();
        spoilt[key] = value;
        assert!(!valid(name, &spoilt), "{name}: {key}");
    }
    let mut spoilt = status;
    spoilt.as_object_mut().unwrap().remove("tokens");
    assert!(!valid("status", &spoilt));
}

#[test]
fn an_unknown_name_names_the_nearest() {
    let project = Project::empty();
    let told = project.run(&["schema", "snapshto", "--json"]).expect(2).json();
    check_error(&told);
    assert_eq!(told["error"], "there is no schema `snapshto`");
    assert!(told["hint"].as_str().unwrap().contains("`snapshot`"), "{told}");
    let told = project.run(&["schema", "session"]).expect(2).stderr;
    assert!(told.contains("`session end`"), "{told}");
}

#[test]
fn each_line_of_a_watch_is_an_event_of_its_schema() {
    let project = Project::fixture("tally");
    let schemas = Schemas::new();
    let mut watching = watch(&project, &["--once"]);
    schemas.check(&["watch"], &watching.next_of("ready"));
    project.write("src/n.rs", "pub fn late() {}\n");
    let mut seen = BTreeSet::new();
    for event in watching.events.iter() {
        schemas.check(&["watch"], &event);
        seen.insert(event["event"].as_str().expect("a name").to_string());
    }
    watching.child.wait().unwrap();
    assert!(["changed", "snapshot", "stopped"].iter().all(|name| seen.contains(*name)), "{seen:?}");
    let validator = jsonschema::validator_for(&SCHEMAS["watch"]).unwrap();
    assert!(validator.is_valid(&json!({ "event": "dropped", "dropped": 3 })));
    assert!(!validator.is_valid(&json!({ "event": "slept" })));
}
