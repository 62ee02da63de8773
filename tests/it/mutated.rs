//! Inputs of anybody's making, mutated at random from real ones, against what
//! takes them first: ignore rules, decoding, redaction, Markdown fencing, record
//! files, exports, conversations, settings. Nothing panics, nothing takes long,
//! and each target holds its promise.
//!
//! `PROPTEST_CASES=20000 cargo test --release --test it mutated` tries more.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use proptest::prelude::*;
use proptest::sample::Index;
use proptest::test_runner::TestRunner;
use waypost::config::{Layer, Settings, Whose};
use waypost::memory::{self, chat, transfer};
use waypost::model::RelPath;
use waypost::redact::Redactor;
use waypost::render::text;
use waypost::walk::{self, WalkRules};

/// Bytes of an input, at most: enough for everything but plain size.
const MOST: usize = 6_000;

/// One input may take this long, in a build without optimisation on a machine
/// that does something else as well.
const BOUND: Duration = Duration::from_secs(5);

/// Tries inputs, and shows the smallest that breaks the promise.
fn holds<S: Strategy>(inputs: &S, check: impl Fn(S::Value)) {
    let config = ProptestConfig { failure_persistence: None, ..ProptestConfig::default() };
    let tried = TestRunner::new(config).run(inputs, |input| {
        let began = Instant::now();
        check(input);
        prop_assert!(began.elapsed() < BOUND, "it took {:?}", began.elapsed());
        Ok(())
    });
    if let Err(broken) = tried {
        panic!("{broken}");
    }
}

/// Pieces that texts of all kinds may hold and few programs expect.
const ODD: &[&str] = &[
    "\u{202e}",
    "\u{200b}",
    "\u{feff}",
    "\0",
    "\x1b]52;c;",
    "\u{9b}",
    "\r\n",
    "\r",
    "\u{2028}",
    "\u{e0041}",
    "\u{1f468}\u{200d}\u{1f469}",
    "é",
    "e\u{301}",
    "漢",
    "\u{fffd}",
    "ß",
    "İ",
];

/// One change of an input: what, where, over how many bytes, and with which of
/// the pieces at hand.
type Change = (u8, Index, usize, Index, u8);

/// A seed or a piece of one, changed a few times. `seeds` are inputs as they
/// come, `words` what their syntax is made of.
fn mutated(seeds: Vec<Vec<u8>>, words: &'static [&'static str]) -> impl Strategy<Value = Vec<u8>> {
    let change = (0..9_u8, any::<Index>(), 0..60_usize, any::<Index>(), any::<u8>());
    let start = (any::<Index>(), 0..3_u8, any::<Index>());
    (start, prop::collection::vec(change, 0..12)).prop_map(move |((seed, part, from), changes)| {
        let seed = seed.get(&seeds);
        let from = from.index(seed.len());
        let mut bytes = match part {
            0 => Vec::new(),
            1 => seed[from..seed.len().min(from + 400)].to_vec(),
            _ => seed[..seed.len().min(MOST)].to_vec(),
        };
        for change in changes {
            apply(change, &mut bytes, &seeds, words);
            bytes.truncate(MOST);
        }
        bytes
    })
}

fn apply(change: Change, bytes: &mut Vec<u8>, seeds: &[Vec<u8>], words: &[&str]) {
    let (kind, at, length, pick, byte) = change;
    let at = at.index(bytes.len() + 1);
    let end = (at + length).min(bytes.len());
    match kind {
        0 => bytes.truncate(at),
        1 => drop(bytes.drain(at..end)),
        2 if at < bytes.len() => bytes[at] = byte,
        3 if at < bytes.len() => bytes[at] ^= 1 << (byte % 8),
        4 => {
            let copy = bytes[at..end].to_vec();
            bytes.splice(at..at, copy.repeat(1 + usize::from(byte % 30)));
        }
        5 => {
            let other = &seeds[usize::from(byte) % seeds.len()];
            let from = pick.index(other.len());
            bytes.splice(at..end, other[from..other.len().min(from + 120)].to_vec());
        }
        6 => drop(bytes.splice(at..at, pick.get(ODD).bytes())),
        _ => drop(bytes.splice(at..at, pick.get(words).bytes())),
    }
}

/// Every text below some of our own folders: real inputs.
fn real(folders: &[&str], extension: &str) -> Vec<Vec<u8>> {
    let mut found = Vec::new();
    let mut pending: Vec<PathBuf> =
        folders.iter().map(|folder| Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)).collect();
    while let Some(next) = pending.pop() {
        if next.is_dir() {
            let entries = std::fs::read_dir(&next).expect("a folder of ours");
            pending.extend(entries.map(|entry| entry.expect("an entry").path()));
            pending.sort();
        } else if next.extension().is_some_and(|e| e == extension) {
            found.push(std::fs::read(&next).expect("a file of ours"));
        }
    }
    assert!(!found.is_empty(), "{folders:?} hold no .{extension}");
    found
}

fn lossy(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn redactor() -> Redactor {
    Redactor::new(&["internal-[0-9]{6}".to_string()]).expect("a pattern that compiles")
}

/// Whether a text may be shown on a terminal: `\n` and `\t` and nothing else
/// that steers.
fn is_quiet(text: &str) -> bool {
    !text.chars().any(|c| c.is_control() && c != '\n' && c != '\t' || ('\u{202a}'..='\u{202e}').contains(&c))
}

#[test]
fn ignore_rules_answer_as_git_does() {
    let folder = tempfile::tempdir().expect("a folder");
    let git = |arguments: &[&str]| {
        let mut command = Command::new("git");
        command.args(arguments).current_dir(folder.path());
        command
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("HOME", folder.path());
        command
    };
    assert!(git(&["init", "-q"]).status().expect("git runs").success());
    let seeds = vec![
        b"/target\n*.pyc\n!keep.pyc\nbuild/\ndoc/**/*.txt\n".to_vec(),
        b"# comment\n\\#not\n\\!bang\na?c\n[a-c]x\n**/deep\ntrailing \\ \n".to_vec(),
        b"/*\n!/src/\n/src/*\n!/src/a.rs\n".to_vec(),
    ];
    const WORDS: &[&str] = &[
        "*",
        "**",
        "/",
        "!",
        "?",
        "[",
        "]",
        "[!a]",
        "[^a-c]",
        "[[:alpha:]]",
        "\\",
        " ",
        "\n",
        "a",
        "b",
        "a/b",
        "**/",
        "/**",
        "#",
        "{a,b}",
        "\t",
        ".",
    ];
    // Each file with its folders, as far as they can be made on any system.
    const NAMES: &[&str] = &[
        "a", "b", "c", "ab", "a.rs", "b.pyc", "keep.pyc", " a", "a ", "#a", "!a", "[a]", "{a,b}", "a\\b",
        "é", ".",
    ];
    let paths = prop::collection::vec(prop::collection::vec(prop::sample::select(NAMES), 1..5), 60);
    let check = |(rules, paths): (Vec<u8>, Vec<Vec<&str>>)| {
        // What git reads as lines is cut by a NUL, which no text has.
        let rules: Vec<u8> = rules.iter().copied().filter(|byte| *byte != 0 && *byte != b'\r').collect();
        let rules: Vec<u8> = lossy(&rules).replace('\u{fffd}', "").into_bytes();
        std::fs::write(folder.path().join(".gitignore"), &rules).expect("a file");
        let mut paths: Vec<RelPath> =
            paths.iter().filter_map(|parts| RelPath::new(&parts.join("/"))).collect();
        paths.sort();
        paths.dedup();
        // A file is no folder.
        let all = paths.clone();
        paths.retain(|path| !all.iter().any(|file| file != path && path.is_below(file.as_str())));
        let mut child = git(&["check-ignore", "--no-index", "--stdin", "-z"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("git runs");
        let asked: String = paths.iter().map(|path| format!("{path}\0")).collect();
        child.stdin.take().expect("a pipe").write_all(asked.as_bytes()).expect("git reads");
        let answer = child.wait_with_output().expect("git ends");
        let ignored: Vec<String> = lossy(&answer.stdout).split('\0').map(str::to_string).collect();
        let own = RelPath::new(".waypostignore").expect("a path");
        let asked: Vec<&RelPath> = paths.iter().collect();
        let takes = walk::chosen(&asked, &[(&own, rules)], &WalkRules::default());
        for (path, takes) in paths.iter().zip(takes) {
            assert_eq!(!takes, ignored.iter().any(|known| known == path.as_str()), "`{path}`");
        }
    };
    holds(&(mutated(seeds, WORDS), paths), check);
}

#[test]
fn decoding_loses_nothing_that_is_text() {
    let mut seeds = real(&["fixtures", "README.md"], "md");
    seeds.push(b"\xff\xfeh\0i\0\r\0\n\0".to_vec());
    seeds.push(b"\xfe\xff\0h\0i".to_vec());
    const WORDS: &[&str] = &["\r\n", "\r", "\u{feff}", "\n"];
    let check = |bytes: Vec<u8>| {
        let text = walk::decode(&bytes);
        assert!(text.len() <= 3 * bytes.len() + 3, "it grew");
        if let Ok(plain) = std::str::from_utf8(&bytes) {
            let plain = plain.strip_prefix('\u{feff}').unwrap_or(plain);
            assert_eq!(text, plain.replace("\r\n", "\n"));
            let units: Vec<u8> =
                "\u{feff}".encode_utf16().chain(plain.encode_utf16()).flat_map(u16::to_le_bytes).collect();
            assert_eq!(walk::decode(&units), text, "as UTF-16");
        }
    };
    holds(&mutated(seeds, WORDS), check);
}

#[test]
fn redaction_is_final_and_keeps_lines() {
    let redactor = redactor();
    let mut seeds = real(&["src/redact"], "rs");
    seeds.extend(real(&["fixtures"], "py"));
    const WORDS: &[&str] = &[
        "password = \"",
        "token: ",
        "secret",
        "API_KEY=",
        "\"",
        "'",
        "`",
        "AKIA",
        "ghp_",
        "xoxb-",
        "-----BEGIN RSA PRIVATE KEY-----\n",
        "-----END RSA PRIVATE KEY-----",
        "https://user:pass@host/",
        "eyJhbGciOi",
        "0123456789abcdefABCDEF",
        "internal-123456",
        "\\n",
        "<redacted",
        "REDACTED_",
        "\n",
        " = ",
        ": ",
        "${X}",
        "vault",
        "discord",
        "s.8Kd2fQ9xLm4VbN7sTf3GhJ6p",
    ];
    let check = |(bytes, before): (Vec<u8>, Vec<u8>)| {
        let raw = lossy(&bytes);
        let before = redactor.text(&lossy(&before));
        let once = redactor.text(&raw);
        let twice = redactor.text(once.as_str());
        // A key block that ends nowhere is judged by what follows it, which may have been redacted.
        let whole = !once.as_str().contains("-----BEGIN");
        if let Some((once, twice)) =
            once.as_str().lines().zip(twice.as_str().lines()).find(|(once, twice)| whole && once != twice)
        {
            panic!("redacting again makes {twice:?} of {once:?}");
        }
        let lines = |text: &str| text.bytes().filter(|byte| *byte == b'\n').count();
        assert_eq!(lines(&raw), lines(once.as_str()), "lines");
        assert!(is_quiet(once.as_str()), "it steers a terminal");
        assert!(redactor.scan(once.as_str()).is_empty(), "what is published would be refused");
        let page = format!("{before}\n{once}\n{before}");
        assert!(redactor.scan(&page).is_empty(), "two clean texts would be refused together: {page:?}");
        let line = redactor.line(&raw);
        assert!(!line.as_str().contains(['\n', '\r', '\t']) && is_quiet(line.as_str()));
        assert!(redactor.scan(redactor.name(&raw).as_str()).iter().all(|found| !found.kind.is_empty()));
    };
    let inputs = (mutated(seeds.clone(), WORDS), mutated(seeds, WORDS));
    holds(&inputs, check);
}

#[test]
fn no_text_closes_its_fence_or_its_span() {
    use pulldown_cmark::{CodeBlockKind, Event, Parser, Tag, TagEnd};
    let mut seeds = real(&["fixtures", "README.md"], "md");
    seeds.extend(real(&["src/render"], "rs"));
    const WORDS: &[&str] = &[
        "```", "````", "~~~", "`", "``", "\n", "\n\n", "# H", "<!--", "-->", "<b>", "[a](b)", "    ", "- ",
        "> ", "|", "\\`", "\t", "---\n",
    ];
    let redactor = redactor();
    let check = |bytes: Vec<u8>| {
        let safe = redactor.text(&lossy(&bytes));
        let (fenced, span) = (text::fenced(safe.as_str()), text::span(safe.as_str()));
        let page = format!("before\n\n{fenced}\n\n- x: {span} (y)\n\nafter\n");
        let (mut block, mut code, mut told) = (String::new(), String::new(), String::new());
        let mut in_block = false;
        for event in Parser::new(&page) {
            match event {
                Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(_))) => in_block = true,
                Event::End(TagEnd::CodeBlock) => in_block = false,
                Event::Text(text) if in_block => block.push_str(&text),
                Event::Text(text) => told.push_str(&text),
                Event::Code(text) => code.push_str(&text),
                Event::Start(Tag::Paragraph | Tag::List(_) | Tag::Item) | Event::End(_) => {}
                other => panic!("{other:?} in {page:?}"),
            }
        }
        assert_eq!(told, "beforex:  (y)after", "{page:?}");
        assert_eq!(block.trim_end_matches('\n'), safe.as_str().trim_end_matches('\n'));
        assert_eq!(code, text::line(safe.as_str()).into_owned_or_space(), "{page:?}");
    };
    holds(&mutated(seeds, WORDS), check);
}

/// An empty span cannot be written: it holds spaces.
trait OrSpace {
    fn into_owned_or_space(self) -> String;
}

impl OrSpace for String {
    fn into_owned_or_space(self) -> String {
        if self.is_empty() { "  ".to_string() } else { self }
    }
}

const RECORD: &str = "+++
id = \"0a1b2c3d4e5f6g7h\"
kind = \"decision\"
status = \"accepted\"
title = \"Retries back off\"
slug = \"backoff\"
tags = [\"network\", \"io\"]
confidence = 0.85
created = \"2026-01-02T03:04:05Z\"
next = \"the clock\"
links = [
  { relation = \"supersedes\", id = \"0a1b2c3d4e5f6g7i\" },
]
anchors = [
  { path = \"src/a.rs\", symbol = \"f\", hash = \"00\" },
]
focus = [
  { path = \"src/b.rs\", rank = 1, why = \"names it\", symbols = [\"g\"] },
]
+++
Body.

## Rationale

Fixed delays hit the server in waves.

## Alternatives

- A token bucket
- Nothing
";

#[test]
fn a_record_that_can_be_read_is_written_and_read_the_same() {
    let redactor = redactor();
    let seeds = vec![RECORD.as_bytes().to_vec(), RECORD.replace('\n', "\r\n").into_bytes()];
    const WORDS: &[&str] = &[
        "+++\n",
        "id = ",
        "\"\"\"",
        "title = ''",
        "\\u0000",
        "\\n",
        "[",
        "]",
        "{",
        "}",
        "## Impact\n\n",
        "## Done\n",
        "\n## ",
        "- ",
        "\\## ",
        "kind = \"goal\"",
        "kind = \"pin\"",
        "confidence = 1.0",
        "confidence = 1e-9",
        "nan",
        "../",
        "2026-01-02T03:04:05Z",
        "#",
        "\\",
    ];
    let check = |bytes: Vec<u8>| {
        let raw = lossy(&bytes);
        let Ok(record) = memory::parse(&raw, &redactor) else { return };
        let text = memory::text(&record);
        let again = memory::parse(&text, &redactor).unwrap_or_else(|why| panic!("{why}: {text:?}"));
        assert_eq!(again, record, "{text:?}");
        assert_eq!(memory::text(&again), text);
        assert!(is_quiet(&text), "{text:?}");
    };
    holds(&mutated(seeds, WORDS), check);
}

#[test]
fn an_import_or_a_conversation_of_any_bytes_is_read_or_refused() {
    let redactor = redactor();
    let line = |record: &str| {
        let record = serde_json::to_string(record).expect("a string");
        format!(
            "{{\"id\":\"0a1b2c3d4e5f6g7h\",\"record\":{record},\"history\":[{{\"revision\":1,\"event\":\"added\",\"at\":\"2026-01-02T03:04:05Z\",\"hash\":null,\"text\":null}}]}}"
        )
    };
    let export = format!("{}\n{}\n{}\n", transfer::HEAD, line(RECORD), transfer::end(1));
    let seeds = vec![
        export.into_bytes(),
        b"user: Decision: we use SQLite.\nassistant: Next steps:\n- tests\n- docs\n".to_vec(),
        b"{\"type\":\"user\",\"message\":{\"content\":\"Decision: x\"}}\n".to_vec(),
    ];
    const WORDS: &[&str] = &[
        "{",
        "}",
        "[",
        "]",
        "\"",
        ":",
        ",",
        "\n",
        "null",
        "1e999",
        "\\ud800",
        "[[[[[[[[",
        "Decision: ",
        "\"id\":",
        "\"history\":",
    ];
    let check = |bytes: Vec<u8>| {
        if let Ok(records) = transfer::read(&bytes[..], u64::MAX, &redactor) {
            for incoming in records {
                assert!(memory::is_id(&incoming.id));
            }
        }
        for format in [chat::ChatFormat::Auto, chat::ChatFormat::Text] {
            if let Ok(findings) = chat::read(&bytes[..], format, &redactor) {
                assert!(findings.found.len() <= bytes.len());
            }
        }
        for (path, named) in [("docs/adr/0001-a.md", false), ("docs/decisions.md", true)] {
            for noted in memory::markdown::read(path, &lossy(&bytes), named, &redactor).unwrap_or_default() {
                assert!(is_quiet(noted.record.title.as_str()));
                assert!(noted.date.is_none_or(|date| date.text() == noted.record.created));
            }
        }
    };
    holds(&mutated(seeds, WORDS), check);
}

#[test]
fn settings_of_any_bytes_are_read_or_refused_by_name_and_line() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("config.toml");
    let uncommented: String = waypost::config::template()
        .lines()
        .map(|line| {
            format!("{}\n", line.strip_prefix("# ").filter(|line| line.contains(" = ")).unwrap_or(line))
        })
        .collect();
    let seeds = vec![waypost::config::template().into_bytes(), uncommented.into_bytes()];
    const WORDS: &[&str] = &[
        "=",
        "[",
        "]",
        "[[",
        "\"",
        "'''",
        "\n",
        "#",
        "handoff_budget = ",
        "exclude = [\"*\"]",
        "99999999999999999999",
        "-1",
        "1.5",
        "true",
        "nan",
        "\\u",
        ".",
    ];
    let check = |bytes: Vec<u8>| {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let layer = Layer { file: path.clone(), text, whose: Whose::Trusted };
        match Settings::load(&[layer], &|_| None) {
            Ok(settings) => {
                let budget = settings.handoff_budget();
                assert!((300..=200_000).contains(&budget), "{budget}");
            }
            Err(error) => assert!(error.to_string().contains("config.toml"), "{error}"),
        }
    };
    holds(&mutated(seeds, WORDS), check);
}
