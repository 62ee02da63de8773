//! Imports resolved in small trees, written as `path: source`.

use super::*;
use crate::extract::{language_of, outline};
use crate::model::RelPath;

/// `files` are paths with their text; `expected` is `from -> to` by path.
fn check(files: &[(&str, &str)], expected: &[(&str, &str)]) {
    let mut files = files.to_vec();
    files.sort();
    let paths: Vec<RelPath> = files.iter().map(|(path, _)| RelPath::new(path).unwrap()).collect();
    let read = |text: &str| SafeText::from_redacted(text.to_string());
    let languages: Vec<_> = paths.iter().map(|path| language_of(path, b"")).collect();
    let outlines: Vec<Outline> = files
        .iter()
        .zip(&languages)
        .map(|((_, text), language)| match language {
            Some(language) => outline(language, &read(text)).outline,
            None => Outline::default(),
        })
        .collect();
    let sources: Vec<ImportSource> = (0..files.len())
        .map(|index| ImportSource {
            path: &paths[index],
            language: languages[index].map(|language| language.name()),
            outline: &outlines[index],
        })
        .collect();
    let text_of = |path: &RelPath| {
        let file = files.iter().find(|(name, _)| *name == path.as_str());
        file.map(|(_, text)| read(text))
    };
    let edges = resolve(&sources, &text_of);
    for own in 0..files.len() {
        let found = by_what_is_needed(&sources, own, &|file| files[file as usize].1, &text_of);
        assert_eq!(found, edges[own], "{} alone", files[own].0);
    }
    let mut actual: Vec<(&str, &str)> = Vec::new();
    for (from, targets) in edges.iter().enumerate() {
        actual.extend(targets.iter().map(|&to| (files[from].0, files[to as usize].0)));
    }
    let mut expected = expected.to_vec();
    expected.sort();
    assert_eq!(actual, expected);
}

/// What a file imports, with only those others read that are [`needed`].
fn by_what_is_needed<'t>(
    files: &[ImportSource<'_>],
    own: usize,
    source: &dyn Fn(u32) -> &'t str,
    text_of: &dyn Fn(&RelPath) -> Option<SafeText>,
) -> Vec<u32> {
    let unread = Outline::default();
    let mut known: Vec<ImportSource<'_>> =
        files.iter().map(|file| ImportSource { outline: &unread, ..*file }).collect();
    let mut reads = std::collections::BTreeSet::from([own as u32]);
    let search = |among: &[u32], passes: &(dyn Fn(&str) -> bool + Sync)| {
        among.iter().copied().filter(|&file| passes(source(file))).collect()
    };
    loop {
        reads.iter().for_each(|&file| known[file as usize].outline = files[file as usize].outline);
        let before = reads.len();
        reads.extend(needed(&known, own as u32, text_of, &search));
        if reads.len() == before {
            return resolve(&known, text_of).swap_remove(own);
        }
    }
}

#[test]
fn nested_braces_become_one_import_each() {
    let check = |tree: &str, expected: &[&str]| {
        let tree = SafeText::from_redacted(tree.to_string());
        let shown: Vec<String> = flatten(&tree, "::")
            .into_iter()
            .map(|(module, names)| format!("{module}: [{}]", SafeText::join(&names, ",")))
            .collect();
        assert_eq!(shown, expected);
    };
    check("a", &["a: []"]);
    check("a::b", &["a: [b]"]);
    check("a::{b, c::{d as e, self}, f::*}", &["a: [b]", "a::c: [d]", "a: [c]", "a::f: [*]"]);
    check("{a, b::c}", &["a: []", "b: [c]"]);
    check("a::{}", &[]);
    check("a::{b, c,}", &["a: [b]", "a: [c]"]);
    check("a::{b", &[]);
}

const CARGO: &str = "[package]\nname = \"my-tool\"\n[dependencies]\nother = { path = \"other\" }\nrenamed = { package = \"third-one\", path = \"third\" }\n";

#[test]
fn rust_modules_are_found_from_their_declarations() {
    check(
        &[
            ("Cargo.toml", CARGO),
            (
                "src/lib.rs",
                "mod a;\nmod b;\n#[path = \"odd/place.rs\"]\nmod c;\npub use a::Thing;\nmod r#move;",
            ),
            ("src/a.rs", "mod deep;\nuse crate::b::Item;\nuse self::deep::X;"),
            ("src/a/deep.rs", "use super::super::b;\nuse crate::c::Y;"),
            ("src/b/mod.rs", "use std::path::Path;\nmod tests { use super::*; use crate::Thing; }"),
            ("src/odd/place.rs", "use super::a::deep::X as Z;"),
            ("tests/all.rs", "mod common;\nuse my_tool::{Thing, b::Item};"),
            ("src/move.rs", ""),
            ("tests/common/mod.rs", ""),
        ],
        &[
            ("src/lib.rs", "src/a.rs"),
            ("src/lib.rs", "src/b/mod.rs"),
            ("src/lib.rs", "src/move.rs"),
            ("src/lib.rs", "src/odd/place.rs"),
            ("src/a.rs", "src/a/deep.rs"),
            ("src/a.rs", "src/b/mod.rs"),
            ("src/a/deep.rs", "src/b/mod.rs"),
            ("src/a/deep.rs", "src/odd/place.rs"),
            ("src/b/mod.rs", "src/a.rs"),
            ("src/odd/place.rs", "src/a/deep.rs"),
            ("tests/all.rs", "tests/common/mod.rs"),
            ("tests/all.rs", "src/a.rs"),
            ("tests/all.rs", "src/b/mod.rs"),
        ],
    );
}

#[test]
fn rust_crates_are_found_by_package_name() {
    check(
        &[
            ("Cargo.toml", CARGO),
            ("src/main.rs", "use other::x::Y;\nuse renamed::Z;\nuse fourth::Q;"),
            ("other/Cargo.toml", "[package]\nname = \"other\"\n[lib]\npath = \"code/root.rs\""),
            ("other/code/root.rs", "pub mod x;"),
            ("other/code/x.rs", ""),
            ("third/Cargo.toml", "[package]\nname = \"third-one\""),
            ("third/src/lib.rs", ""),
            ("fourth/Cargo.toml", "[package]\nname = \"fourth\""),
            ("fourth/src/lib.rs", ""),
        ],
        &[
            ("src/main.rs", "other/code/x.rs"),
            ("src/main.rs", "third/src/lib.rs"),
            ("other/code/root.rs", "other/code/x.rs"),
        ],
    );
}

#[test]
fn rust_paths_in_inline_modules_count_from_there() {
    check(
        &[
            ("Cargo.toml", CARGO),
            ("src/lib.rs", "pub mod outer { pub mod inner; }\nmod user;"),
            ("src/outer/inner.rs", ""),
            ("src/user.rs", "mod tests { use super::super::outer::inner::X; }"),
        ],
        &[
            ("src/lib.rs", "src/outer/inner.rs"),
            ("src/lib.rs", "src/user.rs"),
            ("src/user.rs", "src/outer/inner.rs"),
        ],
    );
}

#[test]
fn python_modules_are_found_relative_and_absolute() {
    check(
        &[
            ("src/pkg/__init__.py", "from .app import App as App\nfrom . import views"),
            ("src/pkg/app.py", "import os\nfrom .. import nothing\nimport pkg.views as v"),
            ("src/pkg/views.py", "from pkg import App, app\nfrom .sub.deep import *"),
            ("src/pkg/sub/__init__.py", ""),
            ("src/pkg/sub/deep.py", "from ..app import App\nfrom ...pkg import x"),
            ("tests/test_app.py", "import pkg\nfrom helpers import h"),
            ("tests/helpers.py", "def f():\n    from pkg.sub import deep"),
        ],
        &[
            ("src/pkg/__init__.py", "src/pkg/app.py"),
            ("src/pkg/__init__.py", "src/pkg/views.py"),
            ("src/pkg/app.py", "src/pkg/views.py"),
            ("src/pkg/sub/deep.py", "src/pkg/__init__.py"),
            ("src/pkg/sub/deep.py", "src/pkg/app.py"),
            ("src/pkg/views.py", "src/pkg/__init__.py"),
            ("src/pkg/views.py", "src/pkg/app.py"),
            ("src/pkg/views.py", "src/pkg/sub/deep.py"),
            ("tests/helpers.py", "src/pkg/sub/deep.py"),
            ("tests/test_app.py", "src/pkg/__init__.py"),
            ("tests/test_app.py", "tests/helpers.py"),
        ],
    );
}

#[test]
fn csharp_namespaces_lead_to_what_is_mentioned_of_them() {
    check(
        &[
            (
                "src/App.cs",
                "using Acme.Money;\nusing Acme.Text;\nusing Known = Acme.Text.Words;\n\nnamespace Acme.App;\nclass App { Coin a; void F() { \"x\".Shout(); } }",
            ),
            ("src/Money/Coin.cs", "namespace Acme.Money { public class Coin {} }"),
            ("src/Money/Note.cs", "namespace Acme.Money { public class Note {} }"),
            (
                "src/Text/Loud.cs",
                "namespace Acme.Text;\nstatic class Loud { public static string Shout(this string s) => s; }",
            ),
            ("src/Text/Words.cs", "namespace Acme.Text;\nclass Words {}"),
            ("src/Other/Coin.cs", "namespace Acme.Other;\nclass Coin {}"),
        ],
        &[
            ("src/App.cs", "src/Money/Coin.cs"),
            ("src/App.cs", "src/Text/Loud.cs"),
            ("src/App.cs", "src/Text/Words.cs"),
        ],
    );
}

#[test]
fn ruby_files_are_found_on_the_load_path() {
    check(
        &[
            ("lib/queue.rb", "require 'queue/job'\nrequire \"json\"\nautoload :Runner, 'queue/runner'"),
            ("lib/queue/job.rb", "require_relative '../errors'\nrequire_relative 'missing'"),
            ("lib/queue/runner.rb", ""),
            ("lib/errors.rb", ""),
            ("test/test_helper.rb", "require 'queue'"),
            ("test/unit/job_test.rb", "require 'test_helper'"),
            ("app/models/user.rb", "class User < ApplicationRecord; end"),
            ("app/models/application_record.rb", "class ApplicationRecord; end"),
        ],
        &[
            ("lib/queue.rb", "lib/queue/job.rb"),
            ("lib/queue.rb", "lib/queue/runner.rb"),
            ("lib/queue/job.rb", "lib/errors.rb"),
            ("test/test_helper.rb", "lib/queue.rb"),
            ("test/unit/job_test.rb", "test/test_helper.rb"),
            ("app/models/user.rb", "app/models/application_record.rb"),
        ],
    );
}

#[test]
fn php_classes_are_found_by_composers_prefixes() {
    check(
        &[
            (
                "composer.json",
                r#"{"autoload": {"psr-4": {"Acme\\": "src/", "Acme\\Deep\\": ["deep", "more/"]}}}"#,
            ),
            (
                "src/App.php",
                "<?php\nnamespace Acme;\nuse Acme\\Deep\\{One, Sub\\Two as T};\nuse Acme\\Log;\nuse Other\\Odd;\nuse function Odd\\place;\nrequire __DIR__ . '/../bootstrap.php';",
            ),
            ("src/Log.php", "<?php\nnamespace Acme;\nclass Log {}"),
            ("deep/One.php", "<?php"),
            ("more/Sub/Two.php", "<?php"),
            ("bootstrap.php", "<?php"),
            ("odd/functions.php", "<?php\nnamespace Odd;\nfunction place() {}"),
        ],
        &[
            ("src/App.php", "src/Log.php"),
            ("src/App.php", "deep/One.php"),
            ("src/App.php", "more/Sub/Two.php"),
            ("src/App.php", "bootstrap.php"),
            ("src/App.php", "odd/functions.php"),
        ],
    );
}

#[test]
fn kotlin_and_scala_packages_need_not_be_folders() {
    check(
        &[
            (
                "app/Main.kt",
                "package app\nimport acme.io.open\nimport acme.io.Source.Kind\nimport acme.time.*\nfun main() { Clock() }",
            ),
            ("io/Files.kt", "package acme.io\nfun open() {}"),
            ("io/Source.kt", "package acme.io\nclass Source { enum class Kind { A } }"),
            ("time/Time.kt", "package acme.time\nclass Clock"),
            ("time/Zone.kt", "package acme.time\nclass Zone"),
            (
                "core/Stream.scala",
                "package acme\npackage stream\nimport io.{Source => S}\nimport syntax._\nobject Stream { val x = Id }",
            ),
            ("core/Syntax.scala", "package acme\npackage object syntax { type Id = Int }"),
        ],
        &[
            ("app/Main.kt", "io/Files.kt"),
            ("app/Main.kt", "io/Source.kt"),
            ("app/Main.kt", "time/Time.kt"),
            ("core/Stream.scala", "io/Source.kt"),
            ("core/Stream.scala", "core/Syntax.scala"),
        ],
    );
}

#[test]
fn swift_modules_are_targets() {
    check(
        &[
            (
                "Package.swift",
                "let package = Package(targets: [.target(name: \"Kit\", path: \"Source\"), .target(name: \"Tool\")])",
            ),
            ("Source/Session.swift", "public class Session {}"),
            ("Source/Unused.swift", "public class Unused {}"),
            ("Sources/Tool/main.swift", "import Kit\nimport Foundation\nlet s = Session()"),
            (
                "Tests/KitTests/SessionTests.swift",
                "@testable import Kit\nimport class Kit.Unused\nfunc test() { Session() }",
            ),
        ],
        &[
            ("Sources/Tool/main.swift", "Source/Session.swift"),
            ("Tests/KitTests/SessionTests.swift", "Source/Session.swift"),
            ("Tests/KitTests/SessionTests.swift", "Source/Unused.swift"),
        ],
    );
}

#[test]
fn shell_scripts_are_sourced_from_the_folders_above() {
    check(
        &[
            (
                "bin/run.sh",
                ". \"$(dirname \"$0\")/../lib/common.sh\"\nsource \"${ROOT}/lib/colors.sh\"\nsource \"$HOME/.profile\"\n. /etc/profile\n. ./here.sh",
            ),
            ("bin/here.sh", ""),
            ("lib/common.sh", ""),
            ("lib/colors.sh", ""),
        ],
        &[("bin/run.sh", "lib/common.sh"), ("bin/run.sh", "lib/colors.sh"), ("bin/run.sh", "bin/here.sh")],
    );
}

#[test]
fn javascript_paths_are_found_with_their_endings_guessed() {
    check(
        &[
            (
                "src/a.ts",
                "import b from './b'\nimport './c.js'\nexport * from '../lib'\nimport('./d?raw')\nimport 'react'",
            ),
            ("src/b/index.tsx", "const x = require('..')"),
            ("src/c.ts", ""),
            ("src/d.vue", ""),
            ("lib/index.js", "import './style.css'; import y from './nowhere'"),
            ("lib/style.css", ""),
        ],
        &[
            ("lib/index.js", "lib/style.css"),
            ("src/a.ts", "lib/index.js"),
            ("src/a.ts", "src/b/index.tsx"),
            ("src/a.ts", "src/c.ts"),
            ("src/a.ts", "src/d.vue"),
        ],
    );
}

#[test]
fn javascript_packages_are_found_by_workspace_paths_and_exports() {
    check(
        &[
            ("package.json", r#"{"name": "root", "workspaces": ["packages/*"]}"#),
            (
                "packages/a/package.json",
                r##"{"name": "@x/a", "main": "dist/index.cjs", "imports": {"#in/*": "./src/in/*.ts"}}"##,
            ),
            ("packages/a/src/index.ts", "import '#in/one'\nimport 'b/deep'\nimport 'b'\nimport '@app/t'"),
            ("packages/a/src/in/one.ts", ""),
            (
                "packages/b/package.json",
                r#"{"name": "b", "exports": {".": {"types": "./dist/b.d.ts", "import": "./dist/b.mjs"}, "./deep": "./lib/deep.js"}}"#,
            ),
            ("packages/b/src/b.ts", "import '@x/a'\nimport 'left'"),
            ("packages/b/lib/deep.js", ""),
            ("fixtures/left/package.json", r#"{"name": "left", "main": "i.js"}"#),
            ("fixtures/left/i.js", ""),
            (
                "tsconfig.base.json",
                "{ // shared\n \"compilerOptions\": {\"baseUrl\": \".\", \"paths\": {\"@app/*\": [\"apps/*/main\"],}}}",
            ),
            ("packages/a/tsconfig.json", r#"{"extends": "../../tsconfig.base.json"}"#),
            ("apps/t/main.ts", ""),
        ],
        &[
            ("packages/a/src/index.ts", "apps/t/main.ts"),
            ("packages/a/src/index.ts", "packages/a/src/in/one.ts"),
            ("packages/a/src/index.ts", "packages/b/lib/deep.js"),
            ("packages/a/src/index.ts", "packages/b/src/b.ts"),
            ("packages/b/src/b.ts", "packages/a/src/index.ts"),
        ],
    );
}

#[test]
fn go_packages_are_found_by_module_and_narrowed_to_what_is_used() {
    check(
        &[
            ("go.mod", "module example.com/app // v2\n"),
            (
                "main.go",
                "package main\nimport (\n\"fmt\"\nst \"example.com/app/store\"\n\"example.com/app/tools/x\"\n)\nfunc main() { st.Open(); x.Nothing() }",
            ),
            ("store/open.go", "package store\nfunc Open() {}"),
            ("store/close.go", "package store\nfunc Close() {}"),
            ("store/open_test.go", "package store\nfunc Open2() {}"),
            ("tools/go.mod", "module example.com/app/tools"),
            ("tools/x/a.go", "package x"),
            ("tools/x/x.go", "package x"),
        ],
        &[("main.go", "store/open.go"), ("main.go", "tools/x/x.go")],
    );
}

#[test]
fn java_types_are_found_by_package() {
    check(
        &[
            (
                "core/src/main/java/a/Main.java",
                "package a;\nimport a.b.Thing;\nimport a.b.Outer.Inner;\nimport static a.c.Util.help;\nimport a.d.*;\nimport java.util.List;\nclass Main { Used u; }",
            ),
            ("core/src/main/java/a/b/Thing.java", "package a.b; class Thing {}"),
            ("old/src/main/java/a/b/Thing.java", "package a.b; class Thing {}"),
            ("core/src/main/java/a/b/Outer.java", "package a.b; class Outer { class Inner {} }"),
            ("core/src/main/java/a/c/Util.java", "package a.c; class Util {}"),
            ("core/src/main/java/a/d/Used.java", "package a.d; class Used {}"),
            ("core/src/main/java/a/d/Unused.java", "package a.d; class Unused {}"),
        ],
        &[
            ("core/src/main/java/a/Main.java", "core/src/main/java/a/b/Outer.java"),
            ("core/src/main/java/a/Main.java", "core/src/main/java/a/b/Thing.java"),
            ("core/src/main/java/a/Main.java", "core/src/main/java/a/c/Util.java"),
            ("core/src/main/java/a/Main.java", "core/src/main/java/a/d/Used.java"),
        ],
    );
}

#[test]
fn an_include_that_several_folders_could_mean_is_none() {
    check(
        &[
            ("arch/arm/include/asm/io.h", ""),
            ("arch/x86/include/asm/io.h", ""),
            ("arch/x86/kernel/a.c", "#include <asm/io.h>"),
            ("drivers/b.c", "#include <asm/io.h>"),
        ],
        &[("arch/x86/kernel/a.c", "arch/x86/include/asm/io.h")],
    );
}

#[test]
fn includes_are_found_beside_then_below() {
    check(
        &[
            (
                "src/a.c",
                "#include \"a.h\"\n#include \"../lib/b.h\"\n#include <pub/c.h>\n#include <string.h>\n#include \"none.h\"",
            ),
            ("src/a.h", ""),
            ("other/a.h", ""),
            ("lib/b.h", ""),
            ("include/pub/c.h", ""),
            ("lib/string.h", ""),
        ],
        &[("src/a.c", "include/pub/c.h"), ("src/a.c", "lib/b.h"), ("src/a.c", "src/a.h")],
    );
}
