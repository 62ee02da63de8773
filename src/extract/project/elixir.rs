//! Elixir: mix.exs, by simple text.
//!
//! Not here: dependencies and environments.

use super::source::{SourceFiles, SourceText};
use super::{FactsDraft, MAX_LINE, MAX_NAME, Part, PartKind, Purpose};
use crate::model::{SafeText, resolve_path};

pub(super) fn read(files: &SourceFiles, draft: &mut FactsDraft) {
    for path in files.paths.iter().filter(|path| path.name() == "mix.exs" && is_main(path.parent())).take(40)
    {
        if let Some(source) = files.open(path.as_str()) {
            project(files, &source, draft);
        }
    }
    let Some(root) = files.open("mix.exs") else {
        return;
    };
    draft.convention(Purpose::Setup, "mix deps.get", &root.path);
    draft.convention(Purpose::Build, "mix compile", &root.path);
    draft.convention(Purpose::Test, "mix test", &root.path);
    if let Some(format) = files.find(".formatter.exs") {
        draft.convention(Purpose::Format, "mix format", format);
    }
    if let Some(credo) = files.find(".credo.exs") {
        draft.convention(Purpose::Lint, "mix credo", credo);
    }
    if root.str().contains("{:phoenix,") {
        draft.convention(Purpose::Run, "mix phx.server", &root.path);
    }
}

fn is_main(folder: &str) -> bool {
    folder.matches('/').count() <= 1
        && !folder.split('/').any(|part| part.contains("test") || part == "templates" || part == "deps")
}

fn project(files: &SourceFiles, source: &SourceText, draft: &mut FactsDraft) {
    let app = after(source, "app: :").unwrap_or_default();
    let description =
        quoted(source, "description: \"").or_else(|| quoted(source, "@description \"")).unwrap_or_default();
    if source.path.parent().is_empty() {
        let version =
            quoted(source, "@version \"").or_else(|| quoted(source, " version: \"")).unwrap_or_default();
        let licence = quoted(source, "licenses: [\"").unwrap_or_default();
        draft.identify(app.clone(), description.one_line(MAX_LINE * 2), version, licence);
    }
    let library = resolve_path(source.path.parent(), &format!("lib/{app}.ex"));
    if let Some(library) = library.and_then(|path| files.find(&path)) {
        draft.entry_point(app.clone(), library, false);
    }
    draft.part(Part {
        name: app.one_line(MAX_NAME),
        manifest: source.path.clone(),
        description: description.one_line(MAX_LINE),
        kind: PartKind::Package,
    });
}

fn after(source: &SourceText, mark: &str) -> Option<SafeText> {
    let (_, rest) = source.str().split_once(mark)?;
    source.quote(rest.split(|c: char| !c.is_alphanumeric() && c != '_').next()?)
}

fn quoted(source: &SourceText, mark: &str) -> Option<SafeText> {
    let (_, rest) = source.str().split_once(mark)?;
    source.quote(rest.split('"').next()?)
}
