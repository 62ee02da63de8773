//! Scala: sbt and Mill builds, by simple text.
//!
//! Not here: settings and plugins, which are programs.

use super::source::{SourceFiles, SourceText};
use super::{FactsDraft, MAX_LINE, MAX_NAME, Purpose};
use crate::model::SafeText;

pub(super) fn read(files: &SourceFiles, draft: &mut FactsDraft) {
    if let Some(source) = files.open("build.sbt") {
        sbt(&source, draft);
    }
    if let Some(source) = files.open_first(&["build.mill", "build.sc"]) {
        let wrapped = files.has("mill");
        let (build, test) = if wrapped {
            ("./mill __.compile", "./mill __.test")
        } else {
            ("mill __.compile", "mill __.test")
        };
        draft.convention(Purpose::Build, build, &source.path);
        draft.convention(Purpose::Test, test, &source.path);
    }
    if let Some(format) = files.find(".scalafmt.conf").filter(|_| files.has("build.sbt")) {
        draft.convention(Purpose::Format, "sbt scalafmtAll", format);
    }
}

fn sbt(source: &SourceText, draft: &mut FactsDraft) {
    let setting = |name: &str| {
        // What is indented belongs to one project of several.
        let line = source.str().lines().find_map(|line| {
            let line = line.strip_prefix("ThisBuild / ").unwrap_or(line);
            line.strip_prefix(name)?.trim_start().strip_prefix(":=")
        })?;
        let value = line.trim_start().strip_prefix('"')?.split('"').next()?;
        source.quote(value)
    };
    draft.identify(
        setting("name").unwrap_or_default().one_line(MAX_NAME),
        setting("description").unwrap_or_default().one_line(MAX_LINE * 2),
        setting("version").unwrap_or_default(),
        SafeText::default(),
    );
    draft.convention(Purpose::Build, "sbt compile", &source.path);
    draft.convention(Purpose::Test, "sbt test", &source.path);
}
