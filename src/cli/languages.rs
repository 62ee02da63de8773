//! `waypost languages`: what waypost speaks, and how many files of each the
//! project has.

use serde_json::{Value, json};

use super::{Global, Out, Outcome, open};
use crate::pipeline;

pub fn run(global: &Global, out: &Out) -> anyhow::Result<Outcome> {
    let context = open::context(global, out)?;
    let languages = pipeline::languages(&context)?;
    if out.json {
        let languages = languages.iter().map(|language| {
            json!({
                "name": language.name,
                "tier": language.tier,
                "compiled_in": language.compiled_in,
                "own": language.of_user,
                "files": language.files,
                "extensions": language.extensions,
                "filenames": language.filenames,
            })
        });
        out.object(&json!({ "languages": languages.collect::<Vec<Value>>() }))?;
        return Ok(Outcome::Done);
    }
    out.line("language         tier   files  known by")?;
    for language in &languages {
        let known_by: Vec<String> = language
            .extensions
            .iter()
            .map(|it| format!(".{it}"))
            .chain(language.filenames.to_vec())
            .collect();
        let files = if language.files > 0 { language.files.to_string() } else { String::new() };
        let absent = if language.compiled_in { "" } else { "  (not compiled in)" };
        let line =
            format!("{:<17}{:<7}{files:>5}  {}{absent}", language.name, language.tier, known_by.join(" "));
        out.line(line.trim_end())?;
    }
    Ok(Outcome::Done)
}
