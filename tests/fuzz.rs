//! Inputs of anybody's making, mutated at random from real ones, against what
//! takes them first: ignore rules, decoding, redaction, Markdown fencing, record
//! files, exports, conversations, settings. Nothing panics, nothing takes long,
//! and each target holds its promise.
//!
//! Runs on stable Rust without a corpus: 250 inputs a target in the normal
//! suite, longer with `WAYPOST_FUZZ_SECONDS=300 cargo test --release --test fuzz`
//! (`-- --nocapture` prints the counts). `WAYPOST_FUZZ_SEED` begins elsewhere.

use std::io::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

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

/// Inputs of a run without a time: the same ones on every machine.
const LEAST: u64 = 250;

/// SplitMix64 (Steele et al. 2014): small, and any seed does.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, end: usize) -> usize {
        (self.next() % end.max(1) as u64) as usize
    }

    fn one_of<'a, T: ?Sized>(&mut self, all: &[&'a T]) -> &'a T {
        all[self.below(all.len())]
    }
}

/// Runs a target until its time is up. `seeds` are inputs as they come, `words`
/// what its syntax is made of.
fn fuzz(name: &str, seeds: &[Vec<u8>], words: &[&str], check: impl Fn(&mut Random, &[u8])) {
    let number = |variable: &str| std::env::var(variable).ok().and_then(|text| text.parse::<f64>().ok());
    let budget = Duration::from_secs_f64(number("WAYPOST_FUZZ_SECONDS").unwrap_or(0.0));
    let seed = number("WAYPOST_FUZZ_SEED").unwrap_or(1.0) as u64;
    let mut random = Random(seed);
    let start = Instant::now();
    let (mut runs, mut longest) = (0_u64, Duration::ZERO);
    while start.elapsed() < budget || runs < LEAST {
        let input = mutated(&mut random, seeds, words);
        let began = Instant::now();
        let done = catch_unwind(AssertUnwindSafe(|| check(&mut random, &input)));
        let took = began.elapsed();
        assert!(done.is_ok(), "{name}, seed {seed}, run {runs}: {:?}", String::from_utf8_lossy(&input));
        assert!(
            took < BOUND,
            "{name}, seed {seed}, run {runs}: {took:?} for {:?}",
            String::from_utf8_lossy(&input)
        );
        longest = longest.max(took);
        runs += 1;
    }
    println!("fuzz {name}: {runs} inputs in {:.0?}, the longest took {longest:.1?}", start.elapsed());
}

/// A seed or a piece of one, changed a few times.
fn mutated(random: &mut Random, seeds: &[Vec<u8>], words: &[&str]) -> Vec<u8> {
    let seed = &seeds[random.below(seeds.len())];
    let start = random.below(seed.len());
    let mut bytes = match random.below(3) {
        0 => Vec::new(),
        1 => seed[start..seed.len().min(start + 400)].to_vec(),
        _ => seed[..seed.len().min(MOST)].to_vec(),
    };
    for _ in 0..random.below(12) {
        let at = random.below(bytes.len() + 1);
        let end = (at + random.below(60)).min(bytes.len());
        match random.below(9) {
            0 => bytes.truncate(at),
            1 => drop(bytes.drain(at..end)),
            2 if at < bytes.len() => bytes[at] = random.next() as u8,
            3 if at < bytes.len() => bytes[at] ^= 1 << random.below(8),
            4 => {
                let copy = bytes[at..end].to_vec();
                let times = 1 + random.below(30);
                bytes.splice(at..at, copy.repeat(times));
            }
            5 => {
                let other = &seeds[random.below(seeds.len())];
                let from = random.below(other.len());
                let piece = other[from..other.len().min(from + 120)].to_vec();
                bytes.splice(at..end, piece);
            }
            6 => {
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
                bytes.splice(at..at, random.one_of(ODD).bytes());
            }
            _ => {
                let word = random.one_of(words);
                bytes.splice(at..at, word.bytes());
            }
        }
        bytes.truncate(MOST);
    }
    bytes
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
    let seeds = [
        b"/target\n*.pyc\n!keep.pyc\nbuild/\ndoc/**/*.txt\n".to_vec(),
        b"# comment\n\\#not\n\\!bang\na?c\n[a-c]x\n**/deep\ntrailing \\ \n".to_vec(),
        b"/*\n!/src/\n/src/*\n!/src/a.rs\n".to_vec(),
    ];
    let words = [
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
    let names = [
        "a", "b", "c", "ab", "a.rs", "b.pyc", "keep.pyc", " a", "a ", "#a", "!a", "[a]", "{a,b}", "a\\b",
        "é", ".",
    ];
    let check = |random: &mut Random, rules: &[u8]| {
        // What git reads as lines is cut by a NUL, which no text has.
        let rules: Vec<u8> = rules.iter().copied().filter(|byte| *byte != 0 && *byte != b'\r').collect();
        let rules: Vec<u8> = lossy(&rules).replace('\u{fffd}', "").into_bytes();
        std::fs::write(folder.path().join(".gitignore"), &rules).expect("a file");
        let mut paths: Vec<RelPath> = (0..60)
            .filter_map(|_| {
                let depth = 1 + random.below(4);
                let parts: Vec<&str> = (0..depth).map(|_| random.one_of(&names)).collect();
                RelPath::new(&parts.join("/"))
            })
            .collect();
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
    fuzz("ignore rules", &seeds, &words, check);
}

#[test]
fn decoding_loses_nothing_that_is_text() {
    let mut seeds = real(&["fixtures", "README.md"], "md");
    seeds.push(b"\xff\xfeh\0i\0\r\0\n\0".to_vec());
    seeds.push(b"\xfe\xff\0h\0i".to_vec());
    let words = ["\r\n", "\r", "\u{feff}", "\n"];
    let check = |_: &mut Random, bytes: &[u8]| {
        let text = walk::decode(bytes);
        assert!(text.len() <= 3 * bytes.len() + 3, "it grew");
        if let Ok(plain) = std::str::from_utf8(bytes) {
            let plain = plain.strip_prefix('\u{feff}').unwrap_or(plain);
            assert_eq!(text, plain.replace("\r\n", "\n"));
            let units: Vec<u8> =
                "\u{feff}".encode_utf16().chain(plain.encode_utf16()).flat_map(u16::to_le_bytes).collect();
            assert_eq!(walk::decode(&units), text, "as UTF-16");
        }
    };
    fuzz("decoding", &seeds, &words, check);
}

#[test]
fn redaction_is_final_and_keeps_lines() {
    let redactor = redactor();
    let mut seeds = real(&["src/redact"], "rs");
    seeds.extend(real(&["fixtures"], "py"));
    let words = [
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
    let before = std::cell::RefCell::new(String::new());
    let check = |_: &mut Random, bytes: &[u8]| {
        let raw = lossy(bytes);
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
        let page = format!("{}\n{once}\n{}", before.borrow(), before.borrow());
        assert!(redactor.scan(&page).is_empty(), "two clean texts would be refused together: {page:?}");
        before.replace(once.to_string());
        let line = redactor.line(&raw);
        assert!(!line.as_str().contains(['\n', '\r', '\t']) && is_quiet(line.as_str()));
        assert!(redactor.scan(redactor.name(&raw).as_str()).iter().all(|found| !found.kind.is_empty()));
    };
    fuzz("redaction", &seeds, &words, check);
}

#[test]
fn no_text_closes_its_fence_or_its_span() {
    use pulldown_cmark::{CodeBlockKind, Event, Parser, Tag, TagEnd};
    let mut seeds = real(&["fixtures", "README.md"], "md");
    seeds.extend(real(&["src/render"], "rs"));
    let words = [
        "```", "````", "~~~", "`", "``", "\n", "\n\n", "# H", "<!--", "-->", "<b>", "[a](b)", "    ", "- ",
        "> ", "|", "\\`", "\t", "---\n",
    ];
    let redactor = redactor();
    let check = |_: &mut Random, bytes: &[u8]| {
        let safe = redactor.text(&lossy(bytes));
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
    fuzz("fencing", &seeds, &words, check);
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
    let seeds = [RECORD.as_bytes().to_vec(), RECORD.replace('\n', "\r\n").into_bytes()];
    let words = [
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
    let check = |_: &mut Random, bytes: &[u8]| {
        let raw = lossy(bytes);
        let Ok(record) = memory::parse(&raw, &redactor) else { return };
        let text = memory::text(&record);
        let again = memory::parse(&text, &redactor).unwrap_or_else(|why| panic!("{why}: {text:?}"));
        assert_eq!(again, record, "{text:?}");
        assert_eq!(memory::text(&again), text);
        assert!(is_quiet(&text), "{text:?}");
    };
    fuzz("record files", &seeds, &words, check);
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
    let seeds = [
        export.into_bytes(),
        b"user: Decision: we use SQLite.\nassistant: Next steps:\n- tests\n- docs\n".to_vec(),
        b"{\"type\":\"user\",\"message\":{\"content\":\"Decision: x\"}}\n".to_vec(),
    ];
    let words = [
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
    let check = |_: &mut Random, bytes: &[u8]| {
        if let Ok(records) = transfer::read(bytes, u64::MAX, &redactor) {
            for incoming in records {
                assert!(memory::is_id(&incoming.id));
            }
        }
        for format in [chat::ChatFormat::Auto, chat::ChatFormat::Text] {
            if let Ok(findings) = chat::read(bytes, format, &redactor) {
                assert!(findings.found.len() <= bytes.len());
            }
        }
        for (path, named) in [("docs/adr/0001-a.md", false), ("docs/decisions.md", true)] {
            for noted in memory::markdown::read(path, &lossy(bytes), named, &redactor).unwrap_or_default() {
                assert!(is_quiet(noted.record.title.as_str()));
                assert!(noted.date.is_none_or(|date| date.text() == noted.record.created));
            }
        }
    };
    fuzz("imports and conversations", &seeds, &words, check);
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
    let seeds = [waypost::config::template().into_bytes(), uncommented.into_bytes()];
    let words = [
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
    let check = |_: &mut Random, bytes: &[u8]| {
        let text = String::from_utf8_lossy(bytes).into_owned();
        let layer = Layer { file: path.clone(), text, whose: Whose::Trusted };
        match Settings::load(&[layer], &|_| None) {
            Ok(settings) => {
                let budget = settings.handoff_budget();
                assert!((300..=200_000).contains(&budget), "{budget}");
            }
            Err(error) => assert!(error.to_string().contains("config.toml"), "{error}"),
        }
    };
    fuzz("settings", &seeds, &words, check);
}
