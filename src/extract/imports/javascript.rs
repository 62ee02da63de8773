//! JavaScript's and TypeScript's imports: relative paths with their endings
//! guessed, `paths` of `tsconfig.json`, packages of the workspace by the names
//! and `exports` of their `package.json`.
//!
//! Not here: `node_modules`, aliases in the settings of bundlers but for the
//! usual `@/`. What a package builds is followed to its source by the usual
//! names of the folders.

use std::collections::HashMap;

use serde_json::Value;

use super::super::globs::Folders;
use super::{FileTree, above};
use crate::model::{join_path, resolve_path};

/// Endings that an import may leave out, as TypeScript and as Node try them.
const TYPED: [&str; 12] =
    [".ts", ".tsx", ".mts", ".cts", ".js", ".jsx", ".mjs", ".cjs", ".vue", ".svelte", ".d.ts", ".json"];
const PLAIN: [&str; 12] =
    [".js", ".jsx", ".mjs", ".cjs", ".ts", ".tsx", ".mts", ".cts", ".vue", ".svelte", ".d.ts", ".json"];

/// What TypeScript compiles to what stands in an import.
const COMPILED: [(&str, &[&str]); 4] = [
    (".js", &[".ts", ".tsx", ".d.ts", ".jsx"]),
    (".jsx", &[".tsx"]),
    (".mjs", &[".mts", ".d.mts"]),
    (".cjs", &[".cts", ".d.cts"]),
];

/// Conditions of `exports`, those first that lead nearest to the source.
const CONDITIONS: [&str; 9] =
    ["source", "development", "import", "module", "default", "node", "browser", "require", "types"];

/// Folders that a package is built into.
const BUILT: [&str; 8] = ["dist", "lib", "build", "out", "es", "esm", "cjs", "types"];

/// `extends` and `references` that are followed.
const MAX_HOPS: u8 = 5;

pub(super) fn resolve(tree: &FileTree<'_>, files: &[u32], edges: &mut [Vec<u32>]) {
    let project = NodeProject::new(tree);
    for &file in files {
        let source = tree.file(file);
        let endings = match source.path.extension() {
            "js" | "jsx" | "mjs" | "cjs" => &PLAIN,
            _ => &TYPED,
        };
        let resolver = Resolver { project: &project, folder: source.path.parent(), endings };
        for import in &source.outline.imports {
            edges[file as usize].extend(resolver.target(import.module.as_str()));
        }
    }
}

struct NodeProject<'t> {
    tree: &'t FileTree<'t>,
    /// By folder.
    packages: HashMap<&'t str, NodePackage>,
    /// Folders of the workspace's packages by name.
    members: HashMap<String, &'t str>,
    /// By folder.
    configs: HashMap<&'t str, TsconfigPaths>,
}

/// A `package.json`.
struct NodePackage {
    manifest: Value,
}

/// `paths` of a `tsconfig.json`, each target from the root.
#[derive(Clone, Default)]
struct TsconfigPaths {
    patterns: Vec<(String, Vec<String>)>,
    base: Option<String>,
}

impl<'t> NodeProject<'t> {
    fn new(tree: &'t FileTree<'t>) -> Self {
        let mut project =
            NodeProject { tree, packages: HashMap::new(), members: HashMap::new(), configs: HashMap::new() };
        for file in tree.files.iter().filter(|file| file.path.name() == "package.json") {
            if let Some(manifest) = tree.text(file).and_then(|text| json(text.as_str())) {
                project.packages.insert(file.path.parent(), NodePackage { manifest });
            }
        }
        let globs = project.workspace_globs();
        let workspaces = Folders::named_by(globs.iter().map(String::as_str));
        let mut folders: Vec<&str> = project.packages.keys().copied().collect();
        folders.sort_unstable();
        for folder in folders {
            let name = project.packages[folder].manifest.get("name").and_then(Value::as_str);
            let is_member = workspaces.contains(folder);
            if let Some(name) = name.filter(|_| is_member || folder.is_empty()) {
                project.members.entry(name.to_string()).or_insert(folder);
            }
        }
        for file in tree.files {
            if matches!(file.path.name(), "tsconfig.json" | "jsconfig.json") {
                let paths = project.paths(file.path.as_str(), MAX_HOPS);
                project.configs.insert(file.path.parent(), paths);
            }
        }
        project
    }

    /// All that package manifests and pnpm name, from the project's root.
    fn workspace_globs(&self) -> Vec<String> {
        let mut globs = Vec::new();
        for (folder, package) in &self.packages {
            let workspaces = package.manifest.get("workspaces");
            let list = workspaces.and_then(|it| it.as_array().or_else(|| it.get("packages")?.as_array()));
            let list = list.into_iter().flatten().filter_map(Value::as_str);
            globs.extend(list.filter_map(|glob| from_root(folder, glob)));
        }
        for file in self.tree.files.iter().filter(|file| file.path.name() == "pnpm-workspace.yaml") {
            let text = self.tree.text(file).unwrap_or_default();
            let after = text.as_str().lines().skip_while(|line| line.trim_end() != "packages:").skip(1);
            let items = after
                .take_while(|line| line.starts_with([' ', '-', '#']) || line.is_empty())
                .filter_map(|line| line.trim().strip_prefix('-'));
            let glob = |item: &str| item.trim().trim_matches(['"', '\'']).to_string();
            globs.extend(items.filter_map(|item| from_root(file.path.parent(), &glob(item))));
        }
        globs
    }

    /// What a `tsconfig.json` says, itself or by those that it builds on.
    fn paths(&self, path: &str, hops: u8) -> TsconfigPaths {
        let file = self.tree.find(path).map(|file| self.tree.file(file));
        let config = file.and_then(|file| self.tree.text(file)).and_then(|text| json(text.as_str()));
        let (Some(config), Some(hops)) = (config, hops.checked_sub(1)) else {
            return TsconfigPaths::default();
        };
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        let options = config.get("compilerOptions");
        let option = |key: &str| options.and_then(|options| options.get(key));
        let base = option("baseUrl").and_then(Value::as_str).and_then(|base| resolve_path(folder, base));
        let from = base.as_deref().unwrap_or(folder);
        let own =
            option("paths").and_then(Value::as_object).into_iter().flatten().map(|(pattern, targets)| {
                let targets = targets.as_array().into_iter().flatten().filter_map(Value::as_str);
                (pattern.clone(), targets.filter_map(|target| resolve_path(from, target)).collect())
            });
        let mut paths = TsconfigPaths { patterns: own.collect(), base };
        let other = |target: &str| {
            let target = resolve_path(folder, target)?;
            let ends = ["", ".json", "/tsconfig.json"];
            ends.iter().map(|end| format!("{target}{end}")).find(|path| self.tree.find(path).is_some())
        };
        let extended: Vec<&Value> = match config.get("extends") {
            Some(Value::Array(targets)) => targets.iter().collect(),
            target => target.into_iter().collect(),
        };
        let references = config.get("references").and_then(Value::as_array).into_iter().flatten();
        let references = references.filter_map(|reference| reference.get("path"));
        for target in extended.into_iter().chain(references).filter_map(Value::as_str) {
            if !paths.patterns.is_empty() {
                break;
            }
            if let Some(found) = other(target) {
                let inherited = self.paths(&found, hops);
                paths.patterns = inherited.patterns;
                paths.base = paths.base.or(inherited.base);
            }
        }
        paths
    }

    /// The folder of the nearest `package.json` above.
    fn package_above(&self, folder: &str) -> Option<&'t str> {
        let mut candidate = Some(folder);
        while let Some(here) = candidate {
            if let Some((folder, _)) = self.packages.get_key_value(here) {
                return Some(folder);
            }
            candidate = above(here);
        }
        None
    }
}

struct Resolver<'p, 't> {
    project: &'p NodeProject<'t>,
    /// Of the importing file.
    folder: &'p str,
    endings: &'static [&'static str],
}

impl Resolver<'_, '_> {
    fn target(&self, module: &str) -> Option<u32> {
        // `./logo.svg?raw` is for the bundler.
        let module = module.split('?').next().unwrap_or(module);
        if module.starts_with("./") || module.starts_with("../") || matches!(module, "." | "..") {
            return self.at(&resolve_path(self.folder, module)?);
        }
        if let Some(path) = module.strip_prefix('/') {
            return self.at(&join_path(self.project.package_above(self.folder)?, path));
        }
        if module.starts_with('#')
            && let Some(found) = self.internal(module)
        {
            return Some(found);
        }
        self.by_paths(module).or_else(|| self.member(module)).or_else(|| self.by_habit(module))
    }

    /// The file that an import of `path` means.
    fn at(&self, path: &str) -> Option<u32> {
        let tree = self.project.tree;
        if let Some(file) = tree.find(path) {
            return Some(file);
        }
        for (ending, sources) in COMPILED {
            if let Some(stem) = path.strip_suffix(ending) {
                let found = sources.iter().find_map(|source| tree.find(&format!("{stem}{source}")));
                if found.is_some() {
                    return found;
                }
            }
        }
        let ended = |path: &str| self.endings.iter().find_map(|ending| tree.find(&format!("{path}{ending}")));
        ended(path).or_else(|| self.main(path)).or_else(|| ended(&join_path(path, "index")))
    }

    /// What the `package.json` in a folder calls its main file.
    fn main(&self, folder: &str) -> Option<u32> {
        let manifest = &self.project.packages.get(folder)?.manifest;
        let entries =
            ["source", "module", "main", "types"].iter().filter_map(|key| manifest.get(key)?.as_str());
        entries.into_iter().find_map(|entry| self.built(folder, entry))
    }

    /// `imports` of the package around: `#internal/*`.
    fn internal(&self, module: &str) -> Option<u32> {
        let folder = self.project.package_above(self.folder)?;
        let imports = self.project.packages[folder].manifest.get("imports")?;
        let (target, rest) = entry(imports, module)?;
        self.conditional(folder, target, rest)
    }

    /// `paths` and `baseUrl` of the nearest configurations.
    fn by_paths(&self, module: &str) -> Option<u32> {
        let mut candidate = Some(self.folder);
        while let Some(folder) = candidate {
            if let Some(paths) = self.project.configs.get(folder) {
                let matched = |pattern: &str| star(pattern, module).map(str::to_string);
                let found = paths.patterns.iter().find_map(|(pattern, targets)| {
                    let rest = matched(pattern)?;
                    targets.iter().find_map(|target| self.at(&target.replace('*', &rest)))
                });
                let below_base = || self.at(&join_path(paths.base.as_deref()?, module));
                if let Some(found) = found.or_else(below_base) {
                    return Some(found);
                }
            }
            candidate = above(folder);
        }
        None
    }

    /// A package of the workspace, or what it exports by that path.
    fn member(&self, module: &str) -> Option<u32> {
        let parts = if module.starts_with('@') { 2 } else { 1 };
        let end = module.match_indices('/').nth(parts - 1).map_or(module.len(), |(at, _)| at);
        let folder = *self.project.members.get(&module[..end])?;
        let manifest = &self.project.packages.get(folder)?.manifest;
        let path = module[end..].trim_start_matches('/');
        let wanted = if path.is_empty() { ".".to_string() } else { format!("./{path}") };
        let exported = manifest.get("exports").and_then(|exports| {
            let is_root = !exports.as_object().is_some_and(|map| map.keys().any(|key| key.starts_with('.')));
            let (target, rest) =
                if is_root && path.is_empty() { (exports, "") } else { entry(exports, &wanted)? };
            self.conditional(folder, target, rest)
        });
        let places = ["src", ""].map(|place| join_path(folder, place));
        let by_place = || match path.is_empty() {
            true => places.iter().find_map(|place| self.at(&join_path(place.trim_end_matches('/'), "index"))),
            false => {
                places.iter().rev().find_map(|place| self.at(&join_path(place.trim_end_matches('/'), path)))
            }
        };
        exported.or_else(|| self.main(folder).filter(|_| path.is_empty())).or_else(by_place)
    }

    /// The first of the conditions that leads to a file.
    fn conditional(&self, folder: &str, target: &Value, rest: &str) -> Option<u32> {
        match target {
            Value::String(path) => self.built(folder, &path.replace('*', rest)),
            Value::Array(targets) => targets.iter().find_map(|target| self.conditional(folder, target, rest)),
            Value::Object(targets) => {
                let known = CONDITIONS.iter().filter_map(|condition| targets.get(*condition));
                known.into_iter().find_map(|target| self.conditional(folder, target, rest))
            }
            _ => None,
        }
    }

    /// A file that a package names, or the source that it is built from.
    fn built(&self, folder: &str, path: &str) -> Option<u32> {
        let path = resolve_path("", path)?;
        if let Some(found) = self.at(&join_path(folder, &path)) {
            return Some(found);
        }
        let (first, rest) = path.split_once('/')?;
        if !BUILT.contains(&first) {
            return None;
        }
        let ends = [".d.ts", ".d.mts", ".d.cts", ".mjs", ".cjs", ".js"];
        let stem = ends.iter().find_map(|end| rest.strip_suffix(end)).unwrap_or(rest);
        self.at(&join_path(&join_path(folder, "src"), stem))
    }

    /// `@/x` is `src/x` in most projects that have no other word for it.
    fn by_habit(&self, module: &str) -> Option<u32> {
        let path = module.strip_prefix("@/").or_else(|| module.strip_prefix("~/"))?;
        let package = self.project.package_above(self.folder)?;
        self.at(&join_path(&join_path(package, "src"), path)).or_else(|| self.at(&join_path(package, path)))
    }
}

/// The target of a key of `exports` or `imports`, and what its `*` stands for.
fn entry<'v, 'm>(map: &'v Value, wanted: &'m str) -> Option<(&'v Value, &'m str)> {
    let map = map.as_object()?;
    if let Some(target) = map.get(wanted) {
        return Some((target, ""));
    }
    let mut matching: Vec<(&str, &Value, &str)> =
        map.iter().filter_map(|(key, target)| Some((key.as_str(), target, star(key, wanted)?))).collect();
    matching.sort_by_key(|(key, ..)| std::cmp::Reverse(key.len()));
    matching.first().map(|(_, target, rest)| (*target, *rest))
}

/// What the one `*` of a pattern stands for; empty where there is none and
/// both are equal.
fn star<'t>(pattern: &str, text: &'t str) -> Option<&'t str> {
    match pattern.split_once('*') {
        None => (pattern == text).then_some(""),
        Some((start, end)) => text.strip_prefix(start)?.strip_suffix(end),
    }
}

/// A glob that counts from `folder`, as one that counts from the root; `None`
/// when it leaves the project.
fn from_root(folder: &str, glob: &str) -> Option<String> {
    let (mark, glob) = glob.strip_prefix('!').map_or(("", glob), |glob| ("!", glob));
    Some(format!("{mark}{}", resolve_path(folder, glob)?))
}

/// JSON as `tsconfig.json` has it: with comments and commas at the end.
fn json(text: &str) -> Option<Value> {
    if let Ok(value) = serde_json::from_str(text) {
        return Some(value);
    }
    let mut out = String::with_capacity(text.len());
    let mut chars = text.trim_start_matches('\u{feff}').chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '"' => {
                out.push(c);
                while let Some(c) = chars.next() {
                    out.push(c);
                    match c {
                        '\\' => out.extend(chars.next()),
                        '"' => break,
                        _ => {}
                    }
                }
            }
            '/' if chars.peek() == Some(&'/') => while chars.next_if(|c| *c != '\n').is_some() {},
            '/' if chars.peek() == Some(&'*') => {
                let mut before = ' ';
                chars.next();
                while let Some(c) = chars.next().filter(|c| !(before == '*' && *c == '/')) {
                    before = c;
                }
            }
            ']' | '}' => {
                let end = out.trim_end().len();
                if out[..end].ends_with(',') {
                    out.truncate(end - 1);
                }
                out.push(c);
            }
            _ => out.push(c),
        }
    }
    serde_json::from_str(&out).ok()
}
