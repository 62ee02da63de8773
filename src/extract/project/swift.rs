//! Swift packages. The manifest is a program: its name is read by simple text,
//! programs are known by their main file.
//!
//! Not here: targets, products, Xcode projects.

use super::source::{SourceFiles, SourceText};
use super::{FactsDraft, MAX_NAME, Purpose};
use crate::model::SafeText;

pub(super) fn read(files: &SourceFiles, draft: &mut FactsDraft) {
    let Some(source) = files.open("Package.swift") else { return };
    let none = SafeText::default();
    draft.identify(name(&source).unwrap_or_default().one_line(MAX_NAME), none.clone(), none.clone(), none);
    draft.convention(Purpose::Build, "swift build", &source.path);
    draft.convention(Purpose::Test, "swift test", &source.path);
    let is_main = |name: &str| matches!(name, "main.swift" | "entrypoint.swift" | "App.swift");
    for main in files.below("Sources").iter().filter(|path| is_main(path.name())).take(6) {
        let target = main.parent().split('/').nth(1).unwrap_or_default();
        if main.parent().matches('/').count() == 1 {
            draft.entry_point(SafeText::of_path(main, target), main, true);
        }
    }
}

/// The first `name: "..."`, which is the package's.
fn name(source: &SourceText) -> Option<SafeText> {
    let (_, package) = source.str().split_once("Package(")?;
    let (_, rest) = package.split_once("name:")?;
    source.quote(rest.trim_start().strip_prefix('"')?.split('"').next()?)
}
