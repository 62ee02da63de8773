use super::*;

fn redactor() -> Redactor {
    Redactor::new(&[]).unwrap()
}

/// The only record of a note in a folder of decisions.
#[track_caller]
fn one(path: &str, text: &str) -> Record {
    let notes =
        read(path, text, false, &redactor()).unwrap_or_else(|reason| panic!("{path}: {reason}:\n{text}"));
    assert_eq!(notes.len(), 1, "{text}");
    notes.into_iter().next().unwrap().record
}

#[track_caller]
fn check(path: &str, text: &str, expected: (RecordKind, RecordStatus, &str)) {
    let record = one(path, text);
    assert_eq!((record.kind, record.status, record.title.as_str()), expected, "{path}:\n{text}");
    assert_eq!(record.body.as_str(), text.trim());
}

/// The status of a decision whose text is this below its title.
#[track_caller]
fn status(expected: RecordStatus, texts: &[&str]) {
    for text in texts {
        let text = format!("# Title of it\n\n{text}\n\n## Decision\n\nWe do it.\n");
        assert_eq!(one("docs/adr/0001-x.md", &text).status, expected, "{text}");
    }
}

#[test]
fn kind_and_status_are_read_off_place_and_headings() {
    let adr = "# 3. Use SQLite\n\n## Status\n\nSuperseded by 7\n\n## Context\n\nfiles\n\n## Decision\n\nx\n";
    check("docs/adr/0003-use-sqlite.md", adr, (RecordKind::Decision, RecordStatus::Superseded, "Use SQLite"));
    check("notes/x.md", adr, (RecordKind::Decision, RecordStatus::Superseded, "Use SQLite"));
    check("adr/ADR-7.md", "# ADR-0007: No ORM\n", (RecordKind::Decision, RecordStatus::Accepted, "No ORM"));
    check(
        "memory-bank/progress.md",
        "# Progress\n- a\n",
        (RecordKind::Observation, RecordStatus::Accepted, "Progress"),
    );
    check(
        ".serena/memories/code_style.md",
        "Tabs.\n",
        (RecordKind::Fact, RecordStatus::Accepted, "code style"),
    );
    check(
        "adr/1.md",
        "---\nstatus: proposed\n---\n# T\n",
        (RecordKind::Decision, RecordStatus::Proposed, "T"),
    );
    check(
        "notes/quadrant.md",
        "# Address\n\nStatus: Rejected\n",
        (RecordKind::Fact, RecordStatus::Rejected, "Address"),
    );
}

#[test]
fn a_status_is_read_in_every_form_in_which_it_is_written() {
    for (written, status_of) in [
        ("Accepted", RecordStatus::Accepted),
        ("Proposed", RecordStatus::Proposed),
        ("Rejected", RecordStatus::Rejected),
        ("Superseded by [ADR-9](0009-x.md)", RecordStatus::Superseded),
        ("Deprecated", RecordStatus::Superseded),
    ] {
        let forms = [
            "- Status: S",
            "* Status: S",
            "Status: S",
            "**Status:** S",
            "**Status**: S",
            "- **Status:** S",
            "_Status_: S",
            "* __Status__: S",
            "> Status: S",
            "1. Status: S",
            "Status:: S",
            "Status = S",
            "**Status** S",
            "Status - S",
            "- Date: 2020-01-02\n- Status: S",
            "**Date:** 2020-01-02 **Status:** S",
            "Date: 2020-01-02 | Status: S",
            "**Status:** S | **Date:** 2020-01-02",
            "**Status:** S  \n**Date:** 2020-01-02",
            "## Status\n\nS",
            "## Status\nS",
            "# Status\n\nS",
            "### Status\n\nS",
            "## 2. Status\n\nS",
            "## 2) Status\n\nS",
            "## II. Status\n\nS",
            "## Status:\n\nS",
            "## **Status**\n\nS",
            "## 📌 Status\n\nS",
            "## Status: S",
            "## Status - S",
            "## Status (S)",
            "Status\n------\n\nS",
            "Status\n======\n\nS",
            "## Status ##\n\nS",
            "## Current Status\n\nS",
            "## ADR Status\n\nS",
            "## Status\n\n**S**",
            "## Status\n\n* S",
            "## Status\n\n- [ ] Banana\n- [x] S",
            "## Status\n\n✅ S",
            "## Status\n\n> S",
            "## Status\n\n_S_.",
            "## Status\n\n<!-- one of them -->\nS",
            "<!-- Status: Banana -->\n\nStatus: S",
            "## Status\n\nStatus: S",
            "| Status | Date |\n|---|---|\n| S | 2020-01-02 |",
            "| Status | S |\n|---|---|\n| Date | 2020-01-02 |",
            "| Field | Value |\n|---|---|\n| **Status** | S |\n| Date | 2020-01-02 |",
            "<table><tr><td>Status</td><td>S</td></tr></table>",
            "<b>Status:</b> S",
            "**Status:**&nbsp;S",
            "## Status\n\nS\n---",
            "Status:\n\n- S",
            "**Status**\n\nS",
            "## Metadata\n\n- Status: S",
            "## Status\n\n| Status |\n|---|\n| S |",
            "## Status\n\n~~Banana~~ S",
            "## Status\n\nS (2020-01-02)",
            "## Status\n\nS on 2020-01-02 by the board",
            "- STATUS: S",
            "- status: S",
            "## STATUS\n\nS",
            "## Status\n\n`S`",
            "Statut : S",
            "- Estado: S",
            "**状态**：S",
        ];
        let with = forms.map(|form| form.replace('S', written).replace(&format!("{written}tat"), "Stat"));
        let with = with.map(|form| form.replace(&format!("{written}TATU{written}"), "STATUS"));
        let with: Vec<&str> = with.iter().map(String::as_str).collect();
        status(status_of, &with);
        for matter in [
            "---\nstatus: S\n---\n",
            "---\nstatus: \"S\"\n---\n",
            "---\ntitle: x\nStatus: 'S' # now\n...\n",
            "---\nadr:\n  status: S\n---\n",
            "+++\nstatus = \"S\"\n+++\n",
            "---\nstatus:\n  - S\n---\n",
        ] {
            let written = written.split(" by ").next().unwrap();
            let text = format!(
                "{}# Use it\n\n## Decision\n\nx\n",
                matter.replace('S', written).replace(&format!("{written}tat"), "Stat")
            );
            assert_eq!(one("adr/1.md", &text).status, status_of, "{text}");
        }
    }
}

#[test]
fn an_end_counts_only_where_it_is_the_status() {
    status(
        RecordStatus::Accepted,
        &[
            "## Status\n\nAccepted\n\nAmended by [9](9.md) - the older framing is\nsuperseded for this layer.",
            "## Status\n\nAccepted\n\nReplaces the rejected idea of ADR-3.",
            "## Status\n\nAccepted\n\nSupersedes [3. Other](3.md)",
            "## Status\n\nAccepted. Partially superseded by [33](33.md)",
            "## Status\n\nAccepted (may be superseded by the next one)",
            "## Status\n\nAccepted, since ADR-4 was superseded by this one",
            "Status: accepted\n\nThe superseded ADR-2 was rejected.",
            "- Status: accepted\n- Supersedes: ADR-3\n- Superseded by: none",
            "## Status\n\nApproved by the board; deprecated options are below",
            "## Status\n\n- Proposed: 2020-01-01\n- Accepted: 2020-02-01",
            "## Status\n\nProposed -> Accepted",
            "## Change Log\n\n- [pending](x) (2022-07-01)\n- [approved](y) (2022-07-12)",
            "## Status\n\n![Accepted](https://img.shields.io/badge/adr-accepted-green)",
        ],
    );
    status(
        RecordStatus::Superseded,
        &[
            "## Status\n\nAccepted\n\nSuperseded by [9. Other](0009.md)",
            "## Status\n\nSuperceded by [9. Other](0009.md)",
            "## Status\n\nAccepted, superseded by ADR-7",
            "Status: Accepted (replaced by ADR-7)",
            "## Status\n\n~~Accepted~~\n\nDeprecated",
            "- Status: accepted\n- Superseded by: [ADR-9](9.md)",
            "## Status\n\nProposed on 2020-01-01\n\nThis decision was superseded by ADR-7",
            "## Status\n\n- 2020-01-01: Accepted\n- 2021-01-01: Superseded by 9",
            "## Status\n\n2020-01-01: Accepted\n2021-01-01: Deprecated",
            "## Status\n\n| Date | Status | By |\n|---|---|---|\n| 2020-01-01 | Accepted | us |\n| 2021-01-01 | Deprecated | us |",
            "## Status\n\n- 2021-01-01: Superseded by 9\n- 2020-01-01: Accepted",
            "## Status\n\nNo longer valid",
            "## Status\n\n![status](https://img.shields.io/badge/adr-superseded-orange)",
        ],
    );
    status(
        RecordStatus::Rejected,
        &["## Status\n\nRejected in favour of [ADR-3](3.md)", "## Status\n\nWithdrawn", "Status: Declined."],
    );
}

#[test]
fn what_is_no_known_status_is_proposed_and_never_accepted() {
    status(
        RecordStatus::Proposed,
        &[
            "## Status\n\nUnder review",
            "## Status\n\nNot accepted",
            "## Status\n\nNot yet accepted",
            "Status: Banana",
            "- Status: on hold",
            "Status: pending acceptance",
            "## Status\n\nTo be accepted by the board",
            "Status: Unaccepted",
            "## Status\n\nWill be superseded by 9",
            "- Status: ",
            "## Status\n\n",
            "Status: TBD",
            "## Status\n\nDraft, accepted options below",
            "Status: acceptedish",
            "Status: Conditionally accepted",
            "## Status\n\n- [ ] Accepted\n- [ ] Rejected",
            "状态：未批准",
            "Status: 🤷",
            "## Status\n\nProposed\n\nWas partially implemented in v2.",
            "Status: nicht akzeptiert",
            "Status: in discussion",
            "| Status | Owner |\n|---|---|\n| Banana | me |",
        ],
    );
    assert_eq!(one("adr/1.md", "---\nstatus: banana\n---\n# T\n\ntext\n").status, RecordStatus::Proposed);
    assert_eq!(one("adr/1.md", "---\nstatus:\n---\n# T\n\ntext\n").status, RecordStatus::Proposed);
}

#[test]
fn a_status_in_code_or_in_a_table_of_others_is_not_that_of_the_note() {
    let text = "# T of it\n\n## Status\n\nAccepted\n\n```yaml\nstatus: rejected\n```\n\n## Decision\n\nx\n";
    assert_eq!(one("adr/1.md", text).status, RecordStatus::Accepted);
    let text = "# T of it\n\n```\nStatus: rejected\n```\n\n## Decision\n\n| Status | n |\n|---|---|\n| Rejected | 1 |\n| Open | 2 |\n";
    assert_eq!(one("adr/1.md", text).status, RecordStatus::Accepted);
}

#[test]
fn the_day_of_a_decision_is_taken() {
    for text in [
        "- Date: 2020-05-06",
        "Date: 2020-05-06",
        "**Date:** 2020/05/06",
        "* Date: 6 May 2020",
        "## Date\n\n2020-05-06",
        "## Status\n\nAccepted (2020-05-06)",
        "## Status\n\nAccepted on May 6, 2020",
        "- Decision date: 06.05.2020",
        "| Status | Date |\n|---|---|\n| Accepted | 2020-05-06 |",
        "**Status:** Accepted | **Date:** 2020-05-06",
        "- Date: 2021-01-01\n- Created: 2020-05-06",
        "## Changelog\n\n- 2020-05-06: first draft\n- 2020-07-01: more",
    ] {
        let text = format!("# Title of it\n\n{text}\n\n## Decision\n\nWe do it.\n");
        assert_eq!(one("adr/1.md", &text).created, "2020-05-06T00:00:00Z", "{text}");
    }
    let matter = "---\ndate: 2020-05-06\nupdated: 2021-01-01\n---\n# Use it\n";
    let record = one("adr/1.md", matter);
    assert_eq!(
        (record.created.as_str(), record.updated.as_str()),
        ("2020-05-06T00:00:00Z", "2021-01-01T00:00:00Z")
    );
    assert_eq!(one("adr/20200506-use-x.md", "# Use it\n").created, "2020-05-06T00:00:00Z");
    assert_eq!(one("adr/1.md", "# Use it\n\nOn 2020-05-06 we met.\n").created, "");
}

#[test]
fn titles_lose_their_numbers_and_nothing_else() {
    for (written, title) in [
        ("1. Use SQLite", "Use SQLite"),
        ("ADR-0003: Use SQLite", "Use SQLite"),
        ("ADR 3 - Use SQLite", "Use SQLite"),
        ("ADR001 — Use SQLite", "Use SQLite"),
        ("0003 Use SQLite", "Use SQLite"),
        ("[ADR-3] Use SQLite", "Use SQLite"),
        ("ADR: Use SQLite", "Use SQLite"),
        ("2FA is mandatory", "2FA is mandatory"),
        ("3 reasons for Go", "3 reasons for Go"),
        ("12-factor apps", "12-factor apps"),
        ("ADRs are kept here", "ADRs are kept here"),
        ("`x_y` is [used](z.md)", "x_y is used"),
    ] {
        assert_eq!(one("adr/1.md", &format!("# {written}\n\ntext\n")).title.as_str(), title);
    }
    assert_eq!(one("adr/1.md", "Use SQLite\n==========\n\ntext\n").title.as_str(), "Use SQLite");
    assert_eq!(one("adr/0007-no-orm.md", "Text alone.\n").title.as_str(), "no orm");
    assert_eq!(one("adr/7.md", "---\ntitle: \"No ORM\"\n---\ntext\n").title.as_str(), "No ORM");
    assert_eq!(
        one("adr/7.md", "# Architecture Decision Record\n\n- Title: No ORM\n").title.as_str(),
        "No ORM"
    );
}

#[test]
fn indexes_and_templates_are_no_records() {
    let index = "# Architecture decisions\n\n* [1. X](0001-x.md)\n* [2. Y](0002-y.md)\n";
    let table = "# ADRs\n\n| ADR | Title | Status |\n|---|---|---|\n| [1](0001-x.md) | X | Accepted |\n| [2](0002-y.md) | Y | Rejected |\n";
    let template = "# [short title of solved problem]\n\n* Status: [proposed | rejected | accepted]\n\n## Decision Outcome\n\nx\n";
    for (path, text, reason) in [
        ("adr/README.md", index, "it is an index of others"),
        ("docs/adr/index.md", table, "it is an index of others"),
        ("adr/SUMMARY.md", "Our decisions.\n", "it is an index of others"),
        ("adr/all.md", index, "it is an index of others"),
        (
            ".claude/memory/MEMORY.md",
            "- [x](x.md) - about x\n- [y](y.md) - about y\n",
            "it is an index of others",
        ),
        ("adr/template.md", "# Title\n\n## Status\n\nAccepted\n", "it is a template"),
        ("adr/0000-adr-template.md", "# Title\n", "it is a template"),
        ("adr/_template.md", "# Title\n", "it is a template"),
        ("adr/templates/short.md", "# Any\n\n## Decision\n", "it is a template"),
        ("adr/form.md", template, "it is a template"),
        ("adr/form.md", "# NUMBER. TITLE\n\n## Status\n\nProposed\n", "it is a template"),
        ("adr/form.md", "# {short title}\n\n## Decision\n\nx\n", "it is a template"),
        ("adr/.SDK-TEMPLATE.md", "# Use it\n\n## Status\n\nDraft\n", "it is a template"),
        ("adr/template-by-nygard/index.md", "# Use it\n\n## Status\n\nAccepted\n", "it is a template"),
        (
            "docs/architecture/README.md",
            "About.\n\n- [1](adr-1.md)\n- [2](adr-2.md)\n- [3](adr-3.md)\n\nMore.\n\nAnd more.\n",
            "it is an index of others",
        ),
        ("adr/1.md", " \n", "it is empty"),
    ] {
        assert_eq!(read(path, text, false, &redactor()), Err(reason), "{path}:\n{text}");
    }
    // What was asked for by name is taken.
    assert!(read("adr/README.md", index, true, &redactor()).is_ok());
    // A decision about templates, and one that a README holds.
    assert!(
        read(
            "adr/0014-project-templates.md",
            "# Project templates\n\n## Status\n\nAccepted\n",
            false,
            &redactor()
        )
        .is_ok()
    );
    let inside = "# Use X\n\n## Status\n\nAccepted\n\n## Decision\n\nx\n";
    assert!(read("decisions/use-x/README.md", inside, false, &redactor()).is_ok());
    assert!(read(".serena/memories/README.md", "# Rules\n\nTabs.\n", false, &redactor()).is_ok());
}

/// Title, status and day of each decision of a log.
#[track_caller]
fn log(path: &str, text: &str, expected: &[(&str, RecordStatus, &str)]) {
    let notes = read(path, text, false, &redactor()).unwrap();
    let day = |record: &Record| record.created.get(..10).unwrap_or_default().to_string();
    let found: Vec<_> =
        notes.iter().map(|n| (n.record.title.to_string(), n.record.status, day(&n.record))).collect();
    let expected: Vec<_> = expected.iter().map(|(t, s, d)| (t.to_string(), *s, d.to_string())).collect();
    assert_eq!(found, expected, "{text}");
    assert!(notes.iter().all(|noted| noted.record.kind == RecordKind::Decision));
    let sources: BTreeSet<_> = notes.iter().map(|n| n.record.source.as_ref().unwrap().to_string()).collect();
    assert_eq!(sources.len(), notes.len());
}

#[test]
fn a_decision_log_is_split() {
    let accepted = RecordStatus::Accepted;
    log(
        "memory-bank/decisionLog.md",
        "# Decision Log\n\n[2026-01-02 10:00:00] - Use Postgres over MySQL.\n[2026-01-03 11:30:00] - Drop Redis.\n\n## Decision: Use pnpm workspaces\nRationale: one lockfile.\n",
        &[
            ("Use Postgres over MySQL.", accepted, "2026-01-02"),
            ("Drop Redis.", accepted, "2026-01-03"),
            ("Use pnpm workspaces", accepted, ""),
        ],
    );
    log(
        "docs/DECISIONS.md",
        "# Decisions\n\n## ADR-001: Use Rust\n\n**Status:** Accepted\n**Date:** 2025-01-02\n\n## ADR-002: Use XML\n\n**Status:** Rejected\n\n### Context\n\nx\n",
        &[("Use Rust", accepted, "2025-01-02"), ("Use XML", RecordStatus::Rejected, "")],
    );
    log(
        "decision-log.md",
        "# Decision log\n\n## 2025-01-02 - Use Rust\n\nBecause.\n\n## 2025-01-03: Use XML (superseded)\n\nBecause.\n",
        &[
            ("Use Rust", accepted, "2025-01-02"),
            ("Use XML (superseded)", RecordStatus::Superseded, "2025-01-03"),
        ],
    );
    log(
        "memory-bank/decisionLog.md",
        "# Decision Log\n\nThis file records decisions.\n2025-05-01 10:00:00 - Log of updates made.\n\n*\n\n## Decision\n\n* [2025-05-02] Use Rust\n  because it is fast\n* Use XML\n\n## Rationale \n\n* it is fast\n\n## Implementation Details\n\n*\n",
        &[("Use Rust", accepted, "2025-05-02"), ("Use XML", accepted, "")],
    );
    log(
        "DECISIONS.md",
        "# Decisions\n\n| Date | Decision | Rationale | Status |\n|---|---|---|---|\n| 2025-01-02 | Use Rust | fast | Accepted |\n| 2025-01-03 | Use XML | old | Rejected |\n",
        &[("Use Rust", accepted, "2025-01-02"), ("Use XML", RecordStatus::Rejected, "2025-01-03")],
    );
    log(
        "docs/decisions.md",
        "# Decisions\n\n## 2025-01-02\n\n- Use Rust\n- Use Rust\n\n## 2025-01-03\n\nUse XML.\n",
        &[
            ("Use Rust", accepted, "2025-01-02"),
            ("Use Rust", accepted, "2025-01-02"),
            ("Use XML.", accepted, "2025-01-03"),
        ],
    );
    log(
        "docs/architecture.md",
        "# Architecture decisions\n\n## Decision 1: Use Rust\n\nStatus: accepted\n\n## Decision 2: Use XML\n\nStatus: draft\n",
        &[("Use Rust", accepted, ""), ("Use XML", RecordStatus::Proposed, "")],
    );
    log(
        "docs/decisions.md",
        "# Decisions\n\n## Storage\n\n### Use SQLite\n\n#### Context\n\nx\n\n### No ORM\n\ny\n\n## Web\n\n### Use axum\n\nz\n",
        &[("Use SQLite", accepted, ""), ("No ORM", accepted, ""), ("Use axum", accepted, "")],
    );
}

#[test]
fn one_decision_is_no_log() {
    let text = "# Use X\n\n## Status\n\nAccepted\n\n## Context\n\nx\n\n## Decision\n\n- one\n- two\n\n## Changelog\n\n- 2020-01-01: a\n- 2020-02-01: b\n";
    let own = "# ADR-60: Bugs\n\n**Status:** Accepted\n\n## ADR-57: storage\n\nx\n\n## ADR-58: web\n\ny\n";
    assert_eq!(read("adrs/ADR-060.md", own, false, &redactor()).unwrap().len(), 1);
    for path in ["adr/0001-x.md", "docs/decisions.md", "adr/0001-keep-a-decision-log.md"] {
        assert_eq!(read(path, text, false, &redactor()).unwrap().len(), 1, "{path}");
    }
}

#[test]
fn the_text_is_kept_with_its_front_matter() {
    let text = "---\nname: spec\ndescription: Constraints for (A/B): read spec-schemas.md\ntype: feedback\n---\n# Spec\nBody text.\n";
    let record = one(".serena/memories/spec.md", text);
    assert_eq!((record.title.as_str(), record.body.as_str()), ("Spec", text.trim()));
    assert_eq!(record.status, RecordStatus::Accepted);
    for text in ["---\nnot data at all\n---\ntext\n", "---\n\ntext\n", "---\nname: x\n"] {
        assert_eq!(one("notes/x.md", text).body.as_str(), text.trim());
    }
}

#[test]
fn any_text_is_read_in_a_moment() {
    let hostile = [
        "[",
        "# ",
        "**",
        "|",
        "~~",
        "<td>",
        "- [",
        "![",
        "---\n",
        "2020-",
        "a: ",
        "## Status\n",
        "> ",
        "`",
        "<!--",
        "1 May ",
    ];
    for piece in hostile {
        for text in [piece.repeat(10_000), format!("{piece}\n").repeat(3_000)] {
            let _ = read("docs/decisions.md", &text, false, &redactor());
            let _ = read("adr/1.md", &text, false, &redactor());
        }
    }
}
