//! Secrets planted in every place that is read appear nowhere in what is
//! written: handoff, prompts, memory, database and its log, terminal.
//!
//! One exception: a path is an address, and an address that was changed leads
//! nowhere. So the name of a file is masked on every page, but exact in the
//! database, in the records that point to it and in lists of paths.

use std::process::Stdio;

use crate::project::Project;

/// Shapes of tokens, spelled in halves so that no scanner takes this file for
/// a leak. None of them ever opened anything.
const SHAPES: [(&str, &str); 8] = [
    ("ghp_", "k7Qw2ZrT9xLm4VbN8sDf3GhJ6pYc1RtUa5Ee"),
    ("AKIA", "Q4T7ZL2MWX9BV5RD"),
    ("xoxb-", "482913764520-918273645012-Hq7TzLw2MxV9bRd4KfGs6PnY"),
    ("sk_live_", "9dKf3Lq7TzWm2XvB5rNs8PyH"),
    ("glpat-", "Zx7Qw2LmVbN8sDf3GhJ6"),
    ("AIza", "SyD9kQ2ZrT7xLm4VbN8sDf3GhJ6pYc1RtUa"),
    ("npm_", "k7Qw2ZrT9xLm4VbN8sDf3GhJ6pYc1RtUa5Ee"),
    ("hunter2-", "Correct7Horse9Battery"),
];

/// Places from here on are in names of files.
const NAMES: usize = 100;

/// The n-th secret in its place: same shape, another value.
fn secret(shape: usize, place: usize) -> String {
    let (prefix, body) = SHAPES[shape];
    let letters: Vec<char> = "bcdfghjkmnpqrstvwxz".chars().collect();
    let upper = prefix == "AKIA";
    let mut digits = place;
    let mut vary = |n: usize, c: char| {
        let varies = c.is_ascii_lowercase() || (upper && c.is_ascii_uppercase());
        if !varies || n % 3 != 1 {
            return c;
        }
        let letter = letters[(n + digits) % letters.len()];
        digits /= letters.len();
        if upper { letter.to_ascii_uppercase() } else { letter }
    };
    let body: String = body.chars().enumerate().map(|(n, c)| vary(n, c)).collect();
    format!("{prefix}{body}")
}

/// Shapes that are known by themselves; the last one only by its name.
const KNOWN: usize = SHAPES.len() - 1;

#[test]
fn a_planted_secret_appears_nowhere() {
    let project = Project::fixture("porch");
    let mut planted = Vec::new();
    let mut plant = |shape: usize, place: usize| {
        let secret = secret(shape, place);
        planted.push((secret.clone(), place >= NAMES));
        secret
    };
    for shape in 0..KNOWN {
        let mut s = |place| plant(shape, place);
        project.write(&format!("src/a{shape}.py"), format!(
            "\"\"\"Doc with {} in it.\"\"\"\nTOKEN = \"{}\"\n\ndef call(key=\"{}\"):\n    \"\"\"Uses {}.\"\"\"\n    # comment {}\n    return f'{}'\n",
            s(1), s(2), s(3), s(4), s(5), s(6)
        ));
        project.write(&format!("src/b{shape}.rs"), format!(
            "//! Module of {}.\n\n/// Calls with {}.\npub const KEY: &str = \"{}\";\npub fn call() {{ go(\"{}\") }}\n",
            s(7), s(8), s(9), s(10)
        ));
        project.write(
            &format!("docs/c{shape}.md"),
            format!("# Use\n\nRun with `{}` and\n\n```sh\nexport T={}\n```\n", s(11), s(12)),
        );
        project.write(&format!("config/d{shape}.toml"), format!("# {}\ntoken = \"{}\"\n", s(13), s(14)));
        project.write(
            &format!("config/e{shape}.json"),
            format!("{{\"url\": \"https://user:{}@example.org/{}\"}}\n", s(15), s(16)),
        );
        project.write(&format!("names/{}.txt", s(NAMES)), "x\n");
        project.write(&format!("{}/f.py", s(NAMES + 1)), "def f(): ...\n");
        project.commit(&format!("Rotate {}\n\nThe old one was {}", s(19), s(20)));
    }
    project.write(
        "README.md",
        format!("# Porch {}\n\nA queue with the key {} in it.\n", plant(0, 31), plant(1, 32)),
    );
    project.write(
        "settings.py",
        format!("DB_PASSWORD = \"{}\"\npassword: str = '{}'\n", plant(KNOWN, 33), plant(KNOWN, 34)),
    );
    project.write("deploy.yml", format!("env:\n  API_SECRET: {}\n", plant(KNOWN, 35)));
    project.write(".env", format!("SECRET_KEY={}\n", plant(KNOWN, 36)));
    let body = "MIIEpAIBAAKCAQEA7Q2ZrT9xLm4VbN8sDf3GhJ6pYc1RtUa5EeWqXz0OiKjHgFd";
    project.write(
        "key.txt",
        format!("-----BEGIN RSA PRIVATE {0}-----\n{body}\n{body}\n-----END RSA PRIVATE {0}-----\n", "KEY"),
    );
    project.commit("More");
    project.git(&["switch", "-q", "-c", &format!("fix/{}", plant(0, 37))]);
    let mut said = String::new();
    let goal = format!("Revoke {} and the password: {}", plant(0, 38), plant(3, 39));
    project.write("src/a0.py", format!("KEY = '{}'\n", plant(0, 40)));
    project.write(&format!("new-{}.py", plant(4, NAMES + 2)), "def new(): ...\n");
    let note = plant(5, 42);
    for arguments in [
        &["snapshot", "--goal", &goal, "-v"] as &[&str],
        &["snapshot", "--json"],
        &["status"],
        &["status", "--json"],
        &["pin", "settings.py", "--note", &note],
        &["pins"],
        &["handoff"],
        &["restore", "--json"],
        &["rank", "--json", "--limit", "100"],
        &["rank", "--goal", &goal],
        &["show-snapshot", "--json"],
        &["show-snapshot"],
        &["snapshots"],
        &["diff-summary"],
        &["outline", "src/a1.py", "--json"],
        &["outline", "src/b1.rs", "--json"],
        &["outline", "settings.py", "--json"],
        &["prompt", "--token-budget", "16000"],
        &["prompt", "--mode", "human-handoff", "--token-budget", "16000"],
        &["doctor"],
    ] {
        let output = project.command(arguments).stdin(Stdio::null()).output().unwrap();
        assert_eq!(
            output.status.code(),
            Some(0),
            "{arguments:?}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        said += &format!(
            "{}{}",
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        );
    }
    let distinct: std::collections::BTreeSet<&String> = planted.iter().map(|(secret, _)| secret).collect();
    assert_eq!(distinct.len(), planted.len(), "one secret, one place");
    planted.push((body.to_string(), false));
    let mut leaks = Vec::new();
    let mut written = project.own_files();
    written.push(("(terminal)".to_string(), said.into_bytes()));
    for (path, bytes) in &written {
        let text = String::from_utf8_lossy(bytes);
        let is_page = path.ends_with("handoff.md")
            || path.ends_with("handoff.json")
            || path.contains("local/prompts/")
            || path.ends_with("now.md");
        for (secret, _) in
            planted.iter().filter(|(secret, in_name)| (is_page || !in_name) && text.contains(&**secret))
        {
            let at = text.find(&**secret).unwrap_or(0);
            let around: String =
                text[..at].chars().rev().take(60).collect::<Vec<_>>().into_iter().rev().collect();
            leaks.push(format!("{path}: …{around}[{}…]", &secret[..6]));
        }
    }
    assert!(leaks.is_empty(), "{} leaks of {} secrets:\n{}", leaks.len(), planted.len(), leaks.join("\n"));
    assert!(written.iter().any(|(path, _)| path == "local/waypost.db"));
    let (markdown, _) = project.handoff();
    assert!(markdown.contains("REDACTED"), "what was taken out is marked");
}

#[test]
fn files_that_are_secret_by_name_are_never_read() {
    let project = Project::with(&[
        (".env.production", "PLAINWORD_A=1\n"),
        ("id_ed25519", "PLAINWORD_B\n"),
        (".netrc", "machine PLAINWORD_C\n"),
        ("server.pem", "PLAINWORD_D\n"),
        (".env.example", "API_KEY=\n"),
    ]);
    project.ok(&["snapshot", "--project-root", "."]);
    for (path, bytes) in project.own_files() {
        assert!(!String::from_utf8_lossy(&bytes).contains("PLAINWORD"), "{path}");
    }
}

/// What an older version stored: with the pattern that it lacked, everything
/// is found again and cleaned.
#[test]
fn what_an_older_version_stored_is_cleaned_for_good() {
    let project = Project::fixture("porch");
    let word = |n: usize| format!("QZXMARK{n}END");
    project.write("src/old.py", format!("\"\"\"Talks to {}.\"\"\"\n\ndef f_{}(): ...\n", word(1), word(2)));
    project.write(&format!("docs/{}.md", word(3)), "# A page\n");
    project.commit(&format!("Use {}\n\nBody {}", word(4), word(5)));
    project.git(&["switch", "-q", "-c", &format!("b-{}", word(6))]);
    project.ok(&["snapshot", "--goal", &format!("Goal {}", word(7))]);
    project.ok(&[
        "note",
        "--summary",
        &format!("Use {} here", word(8)),
        "--slug",
        "s",
        "--rationale",
        &word(9),
    ]);
    project.ok(&[
        "note",
        "--summary",
        &format!("Use {} there", word(10)),
        "--slug",
        "s",
        "--rationale",
        "because",
    ]);
    project.ok(&["search", "talks"]);
    project.ok(&["prompt"]);
    project.ok(&["pin", "src/old.py", "--note", &word(11)]);
    let backup = project.outside("old.tar.zst");
    project.ok(&["backup", "--output", backup.to_str().unwrap()]);
    let count = || {
        let files = project.own_files();
        let holds = |bytes: &[u8]| bytes.windows(7).any(|part| part.eq_ignore_ascii_case(b"QZXMARK"));
        let named = files.iter().filter(|(path, _)| path.to_lowercase().contains("qzxmark")).count();
        let dirty: Vec<&String> = files
            .iter()
            .filter(|(path, bytes)| !path.ends_with("config.toml") && holds(bytes))
            .map(|(path, _)| path)
            .collect();
        (named, format!("{dirty:?}"))
    };
    assert_ne!(count(), (0, "[]".to_string()));

    project.write(".waypost/config.toml", "redact_patterns = ['(?i)QZXMARK[0-9]+END']\n");
    let would = project.json(&["redact", "--retro", "--dry-run"]);
    assert!(would["changed"].as_u64() > Some(8), "{would}");
    assert_ne!(count(), (0, "[]".to_string()), "a dry run changes nothing");
    let done = project.json(&["redact", "--retro"]);
    assert_eq!(done["cleaned"], would["cleaned"]);
    assert_eq!(done["log_emptied"], true);
    assert_eq!(count(), (0, "[]".to_string()));
    let again = project.json(&["redact", "--retro"]);
    assert_eq!(again["changed"], 0, "{again}");
    let revisions = project.json(&["history", "s"]);
    assert_eq!(revisions["history"].as_array().map(Vec::len), Some(2), "{revisions}");
    project.ok(&["doctor"]);
    project.ok(&["handoff", "--check"]);

    // An old backup is cleaned by the patterns of today.
    let back = project.json(&["restore-backup", backup.to_str().unwrap(), "--yes"]);
    assert!(back["cleaned"].as_u64() > Some(8), "{back}");
    assert_eq!(count(), (0, "[]".to_string()));
}

#[test]
fn an_artefact_with_a_secret_is_not_published_and_the_last_one_stays() {
    let project = Project::fixture("porch");
    project.ok(&["snapshot", "--goal", "Something"]);
    let before = project.handoff();
    // Words of the page itself: nothing takes them out on the way in.
    project.write(".waypost/config.toml", "redact_patterns = ['Layout']\n");
    project.ok(&["trust"]);
    project.write("src/new.py", "def new(): ...\n");
    let refused = project.run(&["snapshot"]).expect(2);
    assert!(refused.stderr.contains("handoff.md is not written: its line "), "{}", refused.stderr);
    assert!(refused.stderr.contains("CUSTOM") && refused.stderr.contains("hint: "), "{}", refused.stderr);
    project.run(&["handoff"]).expect(2);
    assert_eq!(project.handoff(), before);
}

/// A clone brings its settings along: they may take out what comes in, and not
/// stop anything.
#[test]
fn a_pattern_of_an_untrusted_project_that_matches_our_own_words_stops_no_handoff() {
    for pattern in ["data", "Layout", ".", "\"", "(?i)goal", "[#]+ "] {
        let project = Project::fixture("porch");
        let settings = format!("redact_patterns = ['{pattern}']\n");
        project.write(".waypost/config.toml", &settings);
        project.ok(&["snapshot", "--goal", "Something"]);
        project.ok(&["handoff", "--check"]);
        project.ok(&["prompt"]);
        project.ok(&["note", "--kind", "fact", "--summary", "one"]);
    }
}

#[test]
fn patterns_of_an_untrusted_project_have_a_bound_and_those_left_out_are_named() {
    let project = Project::fixture("porch");
    project.edit("src/porch/__init__.py", "\"\"\"", "\"\"\"ACME-4711 ");
    let many: Vec<String> = (0..5_000).map(|n| format!("'(?i){n}[a-z]{{3}}\\w{{12}}'")).collect();
    project
        .write(".waypost/config.toml", format!("redact_patterns = ['ACME-[0-9]+', {}]\n", many.join(", ")));
    let ran = project.run(&["snapshot"]).expect(0);
    assert!(
        ran.stderr.contains("cost more than") && ran.stderr.contains("hint: `waypost trust`"),
        "{}",
        ran.stderr
    );
    for (path, bytes) in project.own_files().into_iter().filter(|(path, _)| path != "config.toml") {
        assert!(!String::from_utf8_lossy(&bytes).contains("ACME-4711"), "{path}");
    }
}

/// Off by default, and a project may switch it on but not off.
#[test]
fn personal_data_is_replaced_where_it_is_asked_for() {
    let text = "\"\"\"Ask jane.doe@corp-mail.io, +49 170 1234567, DE89 3704 0044 0532 0130 00, 4111 1111 1111 1111; 10.2.0.1 of 1234567890. ";
    let values = ["jane.doe", "170 1234567", "3704 0044", "4111 1111"];
    let project = Project::fixture("porch");
    project.edit("src/porch/__init__.py", "\"\"\"", text);
    let holds = |value: &str| {
        let files = project.own_files();
        files.iter().any(|(_, bytes)| bytes.windows(value.len()).any(|part| part == value.as_bytes()))
    };
    project.ok(&["snapshot"]);
    assert!(values.iter().all(|value| holds(value)), "off");
    project.write(".waypost/config.toml", "redact_pii = true\n");
    project.ok(&["snapshot"]);
    project.ok(&["redact", "--retro"]);
    project.ok(&["snapshot"]);
    assert_eq!(values.iter().filter(|value| holds(value)).count(), 0);
    assert!(holds("10.2.0.1") && holds("1234567890"));
    let user = project.outside("home").join(".config/waypost/config.toml");
    std::fs::create_dir_all(user.parent().unwrap()).unwrap();
    std::fs::write(&user, "redact_pii = true\n").unwrap();
    project.write(".waypost/config.toml", "redact_pii = false\n");
    assert_eq!(project.json(&["config", "get", "redact_pii"])["value"], true);
}

#[test]
fn a_broken_pattern_is_named_with_its_file() {
    let project = Project::fixture("porch");
    project.write(".waypost/config.toml", "redact_patterns = [\n  'fine',\n  '(open',\n]\n");
    let refused = project.run(&["snapshot"]).expect(2);
    for part in ["`(open`", "config.toml:3: ", "redact_patterns"] {
        assert!(refused.stderr.contains(part), "{}", refused.stderr);
    }
}

#[test]
fn messages_hold_no_token_that_a_command_line_held() {
    let project = Project::fixture("porch");
    project.ok(&["snapshot"]);
    for shape in 0..KNOWN {
        let token = secret(shape, 77);
        for arguments in [
            vec!["show", &token],
            vec!["outline", &token],
            vec!["search", &token],
            vec!["search", &token, "--json"],
            vec!["context", &token],
            vec!["notes", &token],
            vec!["config", "get", &token],
            vec!["config", "set", "handoff_budget", &token],
            vec!["export", "--output", &token, "--unknown"],
            vec![&token],
            vec!["snapshot", "--unknown", &token],
            vec!["note", "--summary", "x", "--slug", &token],
            vec!["note", "--summary", "x", "--anchor", &token],
            vec!["goal", &token],
            vec!["explain", &token],
            vec!["import", "--file", &token],
        ] {
            let run = project.run(&arguments);
            let said = format!("{}{}", run.stdout, run.stderr);
            assert!(!said.contains(&token), "{arguments:?}: {said}");
        }
    }
    for (path, bytes) in project.own_files() {
        for shape in 0..KNOWN {
            assert!(!String::from_utf8_lossy(&bytes).contains(&secret(shape, 77)), "{path}");
        }
    }
}
