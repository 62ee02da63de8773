//! Make rules whose target is a file of the tree.
//!
//! Not here: tasks, which are offered as commands (`tasks`).

use std::collections::HashMap;

use super::{Found, SourceText, named, shell};
use crate::model::{SafeText, resolve_path};

/// Makefiles that are read, and characters of an expanded list.
const MAX_FILES: usize = 12;
const MAX_EXPANDED: usize = 4_000;

/// Levels of variables that stand for variables.
const LEVELS: usize = 3;

pub(super) fn read(found: &mut Found) {
    let is_makefile = |name: &str| matches!(name, "Makefile" | "GNUmakefile" | "makefile" | "Makefile.am");
    let near = |path: &str| path.matches('/').count() <= 1;
    let paths = found.files.paths.iter().filter(|path| is_makefile(path.name()) && near(path.as_str()));
    for path in paths.take(MAX_FILES) {
        if let Some(source) = found.files.open(path.as_str()) {
            rules_of(&source, found);
        }
    }
}

/// A rule with its variables expanded.
struct Rule {
    targets: Vec<String>,
    needs: Vec<String>,
    recipe: String,
}

fn rules_of(source: &SourceText, found: &mut Found) {
    let rules = rules(source.str());
    let folder = source.path.parent().to_string();
    let phony: Vec<&String> = rules
        .iter()
        .filter(|rule| rule.targets.iter().any(|t| t == ".PHONY"))
        .flat_map(|r| &r.needs)
        .collect();
    for rule in rules.iter().filter(|rule| makes(&rule.recipe)) {
        for target in rule.targets.iter().filter(|target| !phony.contains(target)) {
            let is_there = |path: &String| found.files.has(path) && !is_prose(path);
            let Some(path) = resolve_path(&folder, target).filter(is_there) else { continue };
            let origin = rule.needs.iter().find_map(|need| {
                found
                    .resolve(&folder, need)
                    .filter(|need| !super::is_script(need.as_str()) || need.as_str() == path)
            });
            let told = alias(&rules, target).unwrap_or(target);
            let line = source.quote(&format!("make {told}")).or_else(|| in_text(source, told));
            let line = line.and_then(|line| super::super::in_folder(source, line, &folder));
            found.add(&path, origin, line.unwrap_or_default(), &source.path);
        }
    }
}

/// `make NAME`, for a name that stands in the text.
fn in_text(source: &SourceText, name: &str) -> Option<SafeText> {
    let name = source.quote(name).filter(|_| shell::is_plain_path(name))?;
    Some(SafeText::join(&[SafeText::constant("make"), name], " "))
}

/// Documents are often written in part only.
fn is_prose(path: &str) -> bool {
    [".md", ".rst", ".txt", ".adoc"].iter().any(|end| path.ends_with(end))
}

/// A recipe that only sets a time makes no content; one that publishes is none to offer.
fn makes(recipe: &str) -> bool {
    let mut lines =
        recipe.lines().map(|line| line.trim().trim_start_matches(['@', '-'])).filter(|line| !line.is_empty());
    lines.any(|line| !line.starts_with("touch ") && !line.starts_with("echo ")) && !named::is_harmful(recipe)
}

/// A rule without a recipe whose name stands for this target.
fn alias<'r>(rules: &'r [Rule], target: &String) -> Option<&'r str> {
    let is_name =
        |name: &str| name.len() > 3 && name.chars().all(|c| c.is_ascii_alphanumeric() || "-_".contains(c));
    let stands =
        |rule: &&Rule| rule.recipe.is_empty() && rule.needs.len() <= 4 && rule.needs.contains(target);
    rules.iter().filter(stands).flat_map(|rule| &rule.targets).find(|name| is_name(name)).map(String::as_str)
}

fn rules(text: &str) -> Vec<Rule> {
    let joined = text.replace("\\\n", " ");
    let variables = variables(&joined);
    let mut found: Vec<Rule> = Vec::new();
    for line in joined.lines() {
        if line.starts_with('\t') {
            if let Some(rule) = found.last_mut() {
                rule.recipe.push_str(line);
                rule.recipe.push('\n');
            }
            continue;
        }
        let Some((targets, needs)) =
            line.split_once(':').filter(|(t, n)| !t.contains(['=', '#']) && !n.starts_with('='))
        else {
            continue;
        };
        let words = |text: &str| expanded(text, &variables).split_whitespace().map(str::to_string).collect();
        let needs = needs.trim_start_matches(':').split(['|', '#', ';']).next().unwrap_or_default();
        found.push(Rule { targets: words(targets), needs: words(needs), recipe: String::new() });
    }
    found
}

fn variables(text: &str) -> HashMap<&str, &str> {
    let lines = text.lines().filter(|line| !line.starts_with(['\t', '#']));
    let pairs = lines
        .filter_map(|line| line.split_once('='))
        .map(|(name, value)| (name.trim_end_matches([':', '?', '+', ' ', '\t']), value.trim()));
    pairs.filter(|(name, _)| shell::is_plain_path(name)).collect()
}

fn expanded(text: &str, variables: &HashMap<&str, &str>) -> String {
    let mut text = text.to_string();
    for _ in 0..LEVELS {
        let Some(next) = once(&text, variables) else { break };
        text = next;
    }
    text
}

/// `None` where nothing is to expand, or too much.
fn once(text: &str, variables: &HashMap<&str, &str>) -> Option<String> {
    let mut parts = text.split("$(");
    let mut out = parts.next()?.to_string();
    let mut is_changed = false;
    for part in parts {
        let (name, rest) = part.split_once(')').unwrap_or((part, ""));
        is_changed |= variables.contains_key(name);
        out.push_str(variables.get(name).copied().unwrap_or_default());
        out.push_str(rest);
    }
    (is_changed && out.len() <= MAX_EXPANDED).then_some(out)
}
