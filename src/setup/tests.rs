//! Random layouts of every dialect: put in, put in again, taken out, with and
//! without what the journal knows.

use std::path::Path;

use proptest::prelude::*;
use serde_json::Value;

use super::block::Marks;
use super::clients::{self, Part};
use super::edit::{self, Became, Target};
use super::journal::Journal;
use super::json::{self, Grammar};
use super::piece::Piece;

/// Writes one of many spellings, as chance has it.
struct Writer<'a> {
    chance: std::slice::Iter<'a, u8>,
    grammar: Grammar,
    end: &'static str,
    text: String,
}

impl Writer<'_> {
    /// A number below `n`; 0 when chance has run out, which ends everything.
    fn below(&mut self, n: u8) -> u8 {
        self.chance.next().map_or(0, |byte| byte % n)
    }

    fn space(&mut self) {
        for _ in 0..self.below(4) {
            match self.below(6) {
                0 => self.text.push(' '),
                1 => self.text += self.end,
                2 => self.text.push('\t'),
                3 => self.text += &format!("{}    ", self.end),
                4 if self.grammar.comments => self.text += &format!("// , }} \"x{}", self.end),
                5 if self.grammar.comments => self.text += "/* { , */",
                _ => {}
            }
        }
    }

    fn value(&mut self, depth: u8) {
        match self.below(if depth > 3 { 4 } else { 7 }) {
            0 => self.text += "1.0e3",
            1 => self.text += "\"\\u00e9\\/ é ,}\"",
            2 => self.text += "null",
            3 => self.text += "[]",
            4 => self.list(depth, '[', ']'),
            _ => self.list(depth, '{', '}'),
        }
    }

    fn list(&mut self, depth: u8, open: char, close: char) {
        self.text.push(open);
        let count = self.below(4);
        for at in 0..count {
            self.space();
            if open == '{' {
                let key = ["mcpServers", "hooks", "a", "b c", "SessionStart"][self.below(5) as usize];
                // Each key once: of two, clients take one.
                self.text += &format!(
                    "\"{key}{}\"",
                    if depth == 0 && at == 0 { String::new() } else { at.to_string() }
                );
                self.space();
                self.text.push(':');
                self.space();
            }
            self.value(depth + 1);
            self.space();
            if at + 1 < count || self.grammar.trailing_commas && self.below(2) == 1 {
                self.text.push(',');
            }
        }
        self.space();
        self.text.push(close);
    }
}

fn layout(chance: &[u8], grammar: Grammar) -> String {
    let end = if chance.first().is_some_and(|byte| byte % 2 == 0) { "\r\n" } else { "\n" };
    let mut writer = Writer { chance: chance.iter(), grammar, end, text: String::new() };
    writer.space();
    writer.list(0, '{', '}');
    writer.space();
    writer.text
}

fn target(path: &Path, piece: &Piece) -> Target {
    let wanted = vec![(Part::Mcp, vec![piece.clone()])];
    Target { path: path.to_path_buf(), root: None, client: "claude".to_string(), wanted }
}

/// Puts it in, in again, and takes it out; `false` when it was refused.
#[track_caller]
fn there_and_back(text: &str, piece: &Piece) -> bool {
    let folder = tempfile::tempdir().unwrap();
    let (file, journal) = (folder.path().join("file"), Journal { folder: folder.path().join("state") });
    std::fs::write(&file, text).unwrap();
    let _lock = journal.lock().unwrap();
    let target = target(&file, piece);
    let run = |plan: edit::Plan| {
        plan.carry_out(&journal, &target).unwrap();
        (plan.parts[0].1.clone(), std::fs::read_to_string(&file).unwrap())
    };
    let (became, after) = run(edit::plan(&journal, &target));
    if matches!(became, Became::Refused(_) | Became::Present) {
        assert_eq!(after, text);
        return false;
    }
    assert_eq!(run(edit::plan(&journal, &target)), (Became::Present, after.clone()), "{text:?}");
    assert_eq!(run(edit::plan_undo(&journal, &target)), (Became::Removed, text.to_string()));
    assert!(journal.all().is_empty(), "{text:?}");
    true
}

fn value(text: &str) -> Value {
    json::read_loosely(text).unwrap_or_else(|| panic!("{text}"))
}

fn pieces(grammar: Grammar) -> [Piece; 3] {
    let keys = |keys: &[&str]| keys.iter().map(|key| key.to_string()).collect();
    let server = serde_json::json!({"command": "waypost", "args": ["mcp"]});
    let hook = serde_json::json!({"hooks": [{"type": "command", "command": "waypost hook session-start"}]});
    [
        Piece::Server { grammar, at: keys(&["mcpServers"]), value: server },
        Piece::Hook { grammar, at: keys(&["hooks", "SessionStart"]), value: hook.clone() },
        Piece::Hook { grammar, at: keys(&["SessionStart"]), value: hook },
    ]
}

const GRAMMARS: [Grammar; 3] = [
    Grammar { comments: false, trailing_commas: false, bom: true },
    Grammar { comments: true, trailing_commas: false, bom: false },
    Grammar { comments: true, trailing_commas: true, bom: true },
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn any_layout_of_json_comes_back(chance in proptest::collection::vec(any::<u8>(), 0..200)) {
        for grammar in GRAMMARS {
            let text = layout(&chance, grammar);
            for piece in pieces(grammar) {
                there_and_back(&text, &piece);
                let Ok(Some((made, created))) = piece.put(text.as_bytes()) else { continue };
                let less = piece.take(&made, created).unwrap().expect("ours is there");
                let (made, less) = (String::from_utf8(made).unwrap(), String::from_utf8(less).unwrap());
                // Without the journal the spelling of an empty list may differ,
                // and nothing else.
                prop_assert_eq!(value(&less), value(&text), "{} -> {}", text, made);
                let bare = |text: &str| text.split_whitespace().collect::<String>();
                prop_assert_eq!(bare(&less).replace(",}", "}").replace(",]", "]"), bare(&text).replace(",}", "}").replace(",]", "]"));
            }
        }
    }

    #[test]
    fn any_layout_of_toml_comes_back(lines in proptest::collection::vec(0..9usize, 0..12), crlf in any::<bool>(), open in any::<bool>()) {
        const LINES: [&str; 9] = [
            "# a comment", "", "key{} = \"[mcp_servers.waypost]\"", "[table{}]", "[[list]]", "text{} = \"\"\"\n[mcp_servers.x]\n\"\"\"",
            "[mcp_servers.s{}]", "list{} = [\n  1, # one\n]", "[mcp_servers.s{}.env]",
        ];
        let lines: Vec<String> = lines.iter().enumerate().map(|(at, line)| LINES[*line].replace("{}", &at.to_string())).collect();
        let text = format!("{}{}", lines.join("\n"), if open { "" } else { "\n" });
        let text = if crlf { text.replace('\n', "\r\n") } else { text };
        let piece = Piece::Table { parent: "mcp_servers".into(), value: serde_json::json!({"command": "waypost", "args": ["mcp"]}) };
        let valid = piece.put(text.as_bytes()).is_ok();
        prop_assert_eq!(there_and_back(&text, &piece), valid, "{}", text);
        if let Ok(Some((made, _))) = piece.put(text.as_bytes()) {
            // Somebody appends a table, and no journal is there.
            let made = format!("{}\n[more]\nx = 1\n", String::from_utf8(made).unwrap());
            let less = String::from_utf8(piece.take(made.as_bytes(), 0).unwrap().expect("ours is there")).unwrap();
            prop_assert!(less.starts_with(text.trim_end()) && less.ends_with("\n[more]\nx = 1\n") && !less.contains("command"), "{}", less);
        }
    }

    #[test]
    fn any_layout_of_yaml_comes_back(lines in proptest::collection::vec(0..8usize, 0..10), place in 0..6usize, crlf in any::<bool>(), open in any::<bool>()) {
        const LINES: [&str; 8] = [
            "# a comment", "", "k{}: v", "k{}:\n  - a\n  - b: {c: d}", "k{}:\n- x\n# in between\n- y", "k{}: |\n  extensions:\n    waypost:",
            "k{}: 'ünï # code'   # why", "k{}: {a: [1, 2], b: ~}",
        ];
        const PLACES: [&str; 6] = [
            "", "extensions:\n  a:\n    cmd: x\n  # mine\n  b: {cmd: y}\n", "extensions: {}\n", "extensions: {a: {cmd: x}}  # why\n", "extensions:\n",
            "extensions:   # why\n    four:\n        cmd: x\n",
        ];
        let mut lines: Vec<String> = lines.iter().enumerate().map(|(at, line)| LINES[*line].replace("{}", &at.to_string()) + "\n").collect();
        lines.insert(lines.len() / 2, PLACES[place].to_string());
        let mut text = lines.concat();
        if open {
            text.truncate(text.trim_end().len());
        }
        let text = if crlf { text.replace('\n', "\r\n") } else { text };
        let goose = clients::client("goose").unwrap().spots[0].files[0].1[0].piece("waypost");
        let aider = Piece::Word { key: "k1".into(), word: "x.md".into() };
        prop_assert!(there_and_back(&text, &goose), "{}", text);
        there_and_back(&text, &aider);
    }

    #[test]
    fn any_text_with_a_block_comes_back(text in "(#! ?/bin/sh\n)?([a-z<>!#`~ \n\r-]{0,80})(```\n)?[a-z\n]{0,20}") {
        for marks in [Marks::Markdown, Marks::Shell, Marks::Script] {
            there_and_back(&text, &Piece::Block { marks, body: "one\ntwo\n".into() });
        }
    }
}

#[test]
fn two_clients_share_what_both_use() {
    let folder = tempfile::tempdir().unwrap();
    let (file, journal) = (folder.path().join("a/b/file"), Journal { folder: folder.path().join("state") });
    let _lock = journal.lock().unwrap();
    let piece = &pieces(GRAMMARS[0])[0];
    let one = target(&file, piece);
    let other = Target { client: "copilot".to_string(), ..one.clone() };
    let run = |target: &Target, plan: edit::Plan| {
        plan.carry_out(&journal, target).unwrap();
        plan.parts[0].1.clone()
    };
    assert_eq!(run(&one, edit::plan(&journal, &one)), Became::Added);
    assert_eq!(run(&other, edit::plan(&journal, &other)), Became::Present);
    assert_eq!(run(&one, edit::plan_undo(&journal, &one)), Became::Shared("copilot".to_string()));
    assert!(file.exists());
    assert_eq!(run(&other, edit::plan_undo(&journal, &other)), Became::Removed);
    assert!(!folder.path().join("a").exists(), "folders that were made for it go with it");
}

#[test]
fn a_run_that_was_killed_before_it_wrote_is_undone_as_one_that_did_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let (file, journal) = (folder.path().join("file"), Journal { folder: folder.path().join("state") });
    std::fs::write(&file, "{\"a\": 1}").unwrap();
    let _lock = journal.lock().unwrap();
    let target = target(&file, &pieces(GRAMMARS[0])[0]);
    edit::plan(&journal, &target).carry_out(&journal, &target).unwrap();
    std::fs::write(&file, "{\"a\": 1}").unwrap();
    edit::plan_undo(&journal, &target).carry_out(&journal, &target).unwrap();
    assert_eq!(std::fs::read(&file).unwrap(), b"{\"a\": 1}");
    assert!(journal.all().is_empty());
}
