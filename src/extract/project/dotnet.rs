//! .NET: solutions and projects.
//!
//! Not here: targets, packages and MSBuild logic.

use super::source::{SourceFiles, SourceText};
use super::{FactsDraft, MAX_LINE, MAX_NAME, Part, PartKind, Purpose, choose};
use crate::model::{RelPath, SafeText, resolve_path};

pub(super) fn read(files: &SourceFiles, draft: &mut FactsDraft) {
    let solution = files
        .paths
        .iter()
        .find(|path| matches!(path.extension(), "sln" | "slnx") && path.as_str().matches('/').count() <= 1);
    let projects: Vec<&&RelPath> = files
        .paths
        .iter()
        .filter(|path| matches!(path.extension(), "csproj" | "fsproj" | "vbproj"))
        .take(80)
        .collect();
    for path in &projects {
        if let Some(source) = files.open(path.as_str()) {
            project(files, &source, draft);
        }
    }
    let root = solution.or(projects.first().copied().filter(|path| path.parent().is_empty()));
    let Some(root) = root else { return };
    if files.open(root.as_str()).is_some() && super::shell::is_plain_path(root.as_str()) {
        draft.identify(
            SafeText::of_path(root, root.stem()),
            SafeText::default(),
            SafeText::default(),
            SafeText::default(),
        );
        for (purpose, verb) in [(Purpose::Build, "dotnet build"), (Purpose::Test, "dotnet test")] {
            let mut words = vec![SafeText::constant(verb)];
            if !root.parent().is_empty() {
                words.push(SafeText::of_path(root, root.as_str()));
            }
            let line = SafeText::join(&words, " ");
            draft.candidates.push(choose::CommandCandidate::new(
                purpose,
                line,
                root,
                SafeText::default(),
                choose::CONVENTION,
            ));
        }
    }
}

fn project(files: &SourceFiles, source: &SourceText, draft: &mut FactsDraft) {
    let name = SafeText::of_path(&source.path, source.path.stem());
    let program = source.xml_text("OutputType").as_deref() == Some("Exe");
    let main = resolve_path(source.path.parent(), "Program.cs").and_then(|path| files.find(&path));
    if let (Some(main), false) = (main, name.as_str().to_lowercase().contains("test")) {
        draft.entry_point(name.clone(), main, true);
    }
    let description = source.xml_text("Description").and_then(|text| source.quote(&text));
    draft.part(Part {
        name: name.one_line(MAX_NAME),
        manifest: source.path.clone(),
        description: description.unwrap_or_default().one_line(MAX_LINE),
        kind: if program { PartKind::Program } else { PartKind::Package },
    });
}
