//! Ruby: gemspec, Gemfile, Rakefile, Rails, by simple text.
//!
//! Not here: what a Rakefile computes.

use super::source::{SourceFiles, SourceText};
use super::{FactsDraft, MAX_LINE, MAX_NAME, Part, PartKind, Purpose, choose};
use crate::model::{SafeText, resolve_path};

pub(super) fn read(files: &SourceFiles, draft: &mut FactsDraft) {
    let gemspecs: Vec<_> = files
        .paths
        .iter()
        .filter(|path| path.extension() == "gemspec" && path.as_str().matches('/').count() <= 1)
        .collect();
    for path in gemspecs.iter().take(60) {
        let Some(source) = files.open(path.as_str()) else {
            continue;
        };
        gem_(files, &source, draft);
    }
    if let Some(gemfile) = files.find("Gemfile") {
        draft.convention(Purpose::Setup, "bundle install", gemfile);
    }
    let rails = files.has("bin/rails") && files.has("config/application.rb");
    if let (true, Some(program)) = (rails, files.find("bin/rails")) {
        // Where the specs are RSpec's, there is nothing for it to run.
        if files.below("test").iter().any(|path| path.as_str().ends_with("_test.rb")) || !files.has(".rspec")
        {
            draft.convention(Purpose::Test, "bin/rails test", program);
        }
        draft.convention(Purpose::Run, "bin/rails server", program);
    }
    if let (Some(rspec), true) = (files.find(".rspec"), files.has("Gemfile")) {
        draft.convention(Purpose::Test, "bundle exec rspec", rspec);
    }
    if let (Some(rubocop), true) = (files.find(".rubocop.yml"), files.has("Gemfile")) {
        draft.convention(Purpose::Lint, "bundle exec rubocop", rubocop);
    }
    rakefile(files, draft);
}

fn gem_(files: &SourceFiles, source: &SourceText, draft: &mut FactsDraft) {
    let name =
        attribute(source, ".name").unwrap_or_else(|| SafeText::of_path(&source.path, source.path.stem()));
    let description =
        attribute(source, ".summary").or_else(|| attribute(source, ".description")).unwrap_or_default();
    if source.path.parent().is_empty() {
        let long = attribute(source, ".description").unwrap_or_else(|| description.clone());
        draft.identify(
            name.clone(),
            long.one_line(MAX_LINE * 2),
            attribute(source, ".version").unwrap_or_default(),
            attribute(source, ".license").unwrap_or_default(),
        );
    }
    let library = resolve_path(source.path.parent(), &format!("lib/{name}.rb"));
    if let Some(library) = library.and_then(|path| files.find(&path)) {
        draft.entry_point(name.clone(), library, false);
    }
    // Bundler's folder of programs; others lie in `bin` beside those for developers.
    let program = resolve_path(source.path.parent(), &format!("exe/{name}"));
    if let Some(program) = program.and_then(|path| files.find(&path)) {
        draft.entry_point(name.clone(), program, true);
    }
    draft.part(Part {
        name: name.one_line(MAX_NAME),
        manifest: source.path.clone(),
        description: description.one_line(MAX_LINE),
        kind: PartKind::Package,
    });
}

/// `s.summary = "..."` with a plain string.
fn attribute(source: &SourceText, name: &str) -> Option<SafeText> {
    source.str().lines().find_map(|line| {
        let line = line.trim();
        let (left, right) = line.split_once('=')?;
        if !left.trim().ends_with(name) {
            return None;
        }
        let right = right.trim().trim_start_matches("%q").trim_start_matches("%q");
        let quote = right.chars().next().filter(|c| matches!(c, '"' | '\'' | '{' | '('))?;
        let close = match quote {
            '{' => '}',
            '(' => ')',
            other => other,
        };
        let value = right[1..].split(close).next()?;
        (!value.contains("#{")).then(|| source.quote(value.trim()))?
    })
}

fn rakefile(files: &SourceFiles, draft: &mut FactsDraft) {
    let Some(source) = files.open_first(&["Rakefile", "rakefile"]) else {
        return;
    };
    for line in source.text.clone().as_str().lines() {
        let line = line.trim();
        let task = line.strip_prefix("task ").and_then(|rest| {
            rest.trim_start_matches([':', '\'', '"', '(']).split([' ', ':', '\'', '"', ',', ')', '=']).next()
        });
        let generated =
            [("TestTask", "test"), ("RSpec::Core::RakeTask", "spec"), ("RuboCop::RakeTask", "rubocop")]
                .into_iter()
                .find(|(mark, _)| line.contains(mark) && (line.contains(".new") || line.contains(".create")))
                .map(|(_, name)| name);
        if let Some(name) = task.filter(|name| !name.is_empty()) {
            draft.task(&source, "bundle exec rake", name, choose::TASK);
        } else if let (Some("test"), true) = (generated, files.has("Gemfile")) {
            draft.convention(Purpose::Test, "bundle exec rake test", &source.path);
        } else if let (Some("spec"), true) = (generated, files.has("Gemfile")) {
            draft.convention(Purpose::Test, "bundle exec rake spec", &source.path);
        }
    }
}
