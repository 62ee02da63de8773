//! The contract of a search over records: the same records are found in the same
//! order, whichever engine keeps them. Each test runs on all engines that are there.

use super::*;
use crate::memory::Record;
use crate::model::Stamp;
use crate::project::Database;
use crate::records::index_words;
use crate::redact::Redactor;
use crate::store::NewRecord;

/// Runs a test on every engine, each with these records alone.
fn on_every_engine(records: &[Record], mut test: impl FnMut(&dyn RecordIndex)) {
    let folder = tempfile::tempdir().unwrap();
    test(&sqlite(folder.path(), records));
    #[cfg(feature = "team")]
    match std::env::var("WAYPOST_TEST_POSTGRES_ALONE") {
        Ok(url) => on_server(&url, records, &mut test),
        Err(_) => eprintln!("not on PostgreSQL: WAYPOST_TEST_POSTGRES_ALONE names no server"),
    }
}

fn sqlite(folder: &std::path::Path, records: &[Record]) -> Store {
    let mut store = Store::create(&Database::unchecked(&folder.join("waypost.db"), folder)).unwrap();
    let mut transaction = store.write().unwrap();
    for record in records {
        let (title, body) = index_words(record);
        let new = NewRecord {
            record,
            file: &format!("{}.md", record.id),
            stamp: Stamp::default(),
            read_ns: 0,
            at: "2026-01-01T00:00:00Z",
            title: &title,
            body: &body,
        };
        transaction.put_record(&new).unwrap();
    }
    transaction.commit().unwrap();
    store
}

/// A database in which the role of the URL sees no records but those of this test: it
/// takes all that it may see away first.
#[cfg(feature = "team")]
fn on_server(url: &str, records: &[Record], test: &mut impl FnMut(&dyn RecordIndex)) {
    use crate::store::postgres::{Address, RecordLine, RecordText, Setup, TeamIndex, TeamStore};
    let address = Address::parse(url, &|_, _, _, _| None).unwrap();
    let patience = std::time::Duration::from_secs(60);
    // Two projects, since a question is asked over all of them.
    for (at, project) in ["search-one", "search-two"].into_iter().enumerate() {
        let mut team = TeamStore::connect(&address, project, Setup::Create, patience).unwrap();
        let gone =
            team.records().unwrap().into_iter().map(|old| RecordLine { revision: old.revision + 1, ..old });
        team.put_records(&gone.collect::<Vec<_>>()).unwrap();
        let known = team.records().unwrap();
        let line = |record: &Record| {
            let (title, body) = index_words(record);
            let before = known.iter().find(|known| known.id == record.id).map_or(0, |known| known.revision);
            let said = crate::memory::text(record);
            let text = Some(RecordText { said, title, body });
            RecordLine {
                id: record.id.clone(),
                revision: before + 1,
                line: "{}".to_string(),
                erased: false,
                text,
            }
        };
        let own = records.iter().skip(at).step_by(2).map(line);
        team.put_records(&own.collect::<Vec<_>>()).unwrap();
    }
    let team = TeamStore::connect(&address, "search-one", Setup::Use, patience).unwrap();
    let redactor = Redactor::new(&[]).unwrap();
    let read = |text: &str| crate::memory::parse(text, &redactor).ok();
    let index = TeamIndex::new(&team, &read, &counted_words("deploy max_count serv")).unwrap();
    assert_eq!(index.totals.records, records.len() as u64);
    test(&index);
}

fn record(number: usize, title: &str, body: &str, more: &str) -> Record {
    let text = format!(
        "+++\nid = \"1m8p3mhjxec3e{number:03}\"\nkind = \"fact\"\n{more}title = \"{title}\"\n+++\n\n{body}\n"
    );
    crate::memory::parse(&text, &Redactor::new(&[]).unwrap()).unwrap()
}

/// Number and score of what is found, the best first.
fn found(index: &dyn RecordIndex, question: &str) -> Vec<(usize, String)> {
    let query = Query::new(index, question).unwrap();
    let hits = search_records(index, &query, 50).unwrap();
    let told = hits.iter().map(|hit| match &hit.found {
        HitKind::Record(found) => {
            (found.record.id[13..].parse().unwrap(), format!("{:.9} {:?}", hit.score, hit.why))
        }
        other => panic!("{other:?}"),
    });
    told.collect()
}

#[test]
fn records_are_found_by_words_names_beginnings_and_misspellings_in_one_order() {
    let records = [
        record(0, "Deploy with blue and green servers", "The old one stays for an hour.", ""),
        record(1, "Servers are rented", "We deploy to them by hand, and deploy again.", ""),
        record(2, "Retry limits", "max_count says how often src/net/retry.rs tries; it's five \\\\ six.", ""),
        record(3, "Überlauf der Größe", "naïve 検索 of words", ""),
        record(4, "Deploy by hand", "Not any more.", "status = \"superseded\"\n"),
        record(5, "Deploy secretly", "Nobody is told.", "status = \"suppressed\"\n"),
        record(6, "Quotes ' and \\\\ and & | ! <-> :* (", "tsquery", "slug = \"odd-one\"\n"),
    ];
    let mut first: Option<Vec<_>> = None;
    on_every_engine(&records, |index| {
        let ids = |question: &str| found(index, question).into_iter().map(|(id, _)| id).collect::<Vec<_>>();
        // Whose title it is, then what says it; what is superseded counts half, what is suppressed not at all.
        assert_eq!(ids("deploy"), [0, 4, 1]);
        for (question, best) in [
            ("deploying servers", 0),
            ("max_count", 2),
            ("src/net/retry.rs", 2),
            ("retr*", 2),
            ("uberlauf", 3),
            ("検索", 3),
            ("odd-one", 6),
            ("tsqery", 6),
        ] {
            assert_eq!(ids(question).first(), Some(&best), "{question}");
        }
        let mut quoted = ids("\"by hand\"");
        quoted.sort_unstable();
        assert_eq!(quoted, [1, 4]);
        for nothing in ["", "' OR 1=1; --", "\\", "a:* & b", "!", "'", "zzzz", "\0", "(((", ":*"] {
            assert!(ids(nothing).iter().all(|id| *id != 5), "{nothing}");
        }
        let questions = [
            "deploy",
            "deploying servers",
            "depoly",
            "it's",
            "odd-one",
            "or words",
            "'",
            "( & |",
            "hand* serv*",
        ];
        let all: Vec<_> = questions.iter().map(|question| found(index, question)).collect();
        assert_eq!(first.get_or_insert_with(|| all.clone()), &all);
    });
}

#[test]
fn every_engine_gives_the_same_scores_in_the_same_order() {
    const WORDS: [&str; 24] = [
        "deploy",
        "server",
        "retry",
        "limit",
        "parser",
        "token",
        "budget",
        "index",
        "search",
        "record",
        "claim",
        "session",
        "maxCount",
        "src/a/b.rs",
        "it's",
        "naïve",
        "timeout",
        "cache",
        "shard",
        "lease",
        "vector",
        "anchor",
        "drift",
        "検索",
    ];
    let mut state = 7_u64;
    let mut below = |most: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % most
    };
    // The first words are common, the last ones rare.
    let mut words = |count: usize| {
        let word = |_| WORDS[below(WORDS.len()).min(below(WORDS.len()))];
        (0..count).map(word).collect::<Vec<_>>().join(" ")
    };
    let records: Vec<Record> =
        (0..300).map(|number| record(number, &words(1 + number % 5), &words(3 + number % 40), "")).collect();
    let mut questions: Vec<String> = (0..60).map(|number| words(1 + number % 4)).collect();
    questions.extend(["serv* limit", "serach tokn", "de*", "\"retry limit\" cache"].map(str::to_string));
    let mut first: Option<Vec<_>> = None;
    on_every_engine(&records, |index| {
        let all: Vec<_> = questions.iter().map(|question| found(index, question)).collect();
        assert!(all.iter().filter(|hits| !hits.is_empty()).count() > 50);
        let Some(first) = &first else { return first = Some(all) };
        for ((question, expected), found) in questions.iter().zip(first).zip(&all) {
            assert_eq!(expected, found, "{question}");
        }
    });
}
