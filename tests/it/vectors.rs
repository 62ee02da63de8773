//! Records that are asked for in other words, and what is kept for that.

use serde_json::Value;

use crate::project::Project;

const QUESTION: &str = "how do people sign in";

fn project() -> Project {
    let project = Project::fixture("porch");
    for summary in [
        "The password is checked by the identity provider",
        "Charts are drawn in the browser",
        "Queues keep their order",
        "Backups lie in another region",
    ] {
        project.ok(&["note", "--summary", summary]);
    }
    project
}

/// Titles of the records that are found.
fn found(project: &Project, question: &str) -> Vec<String> {
    let answer = project.run(&["search", question, "--in", "records", "--json"]).json();
    let hits = answer["hits"].as_array().unwrap().clone();
    hits.iter().map(|hit| hit["title"].as_str().unwrap().to_string()).collect()
}

fn status(project: &Project) -> Value {
    project.json(&["vectors"])
}

#[test]
fn a_record_is_found_by_a_question_that_shares_no_word_with_it() {
    let project = project();
    assert_eq!(
        found(&project, QUESTION).first().map(String::as_str),
        Some("The password is checked by the identity provider")
    );
    let answer = project.json(&["search", QUESTION, "--in", "records"]);
    assert!(answer["hits"][0]["why"][0].as_str().unwrap().starts_with("near in meaning"), "{answer}");
    // Nothing says that it answers: no word of the question is covered.
    assert_eq!(answer["quality"], "weak");
    assert_eq!(answer["hits"][0]["coverage"].to_string(), "0.0");
    project.write(".waypost/config.toml", "vectors = false\n");
    assert!(found(&project, QUESTION).is_empty());
    assert_eq!(status(&project)["on"], false);
}

#[test]
fn words_that_answer_are_not_outdone_by_meaning() {
    let project = project();
    for (question, title) in
        [("queues order", "Queues keep their order"), ("\"another region\"", "Backups lie in another region")]
    {
        let answer = project.json(&["search", question, "--in", "records"]);
        assert_eq!(answer["hits"][0]["title"], title);
        assert!(!answer.to_string().contains("near in meaning"), "{answer}");
    }
}

#[test]
fn a_few_records_come_behind_the_best_file() {
    let project = project();
    let answer = project.json(&["search", "how do people sign in to the queue broker"]);
    let hits = answer["hits"].as_array().unwrap();
    let by_meaning = |hit: &&Value| hit["why"].to_string().contains("near in meaning");
    assert!((1..=3).contains(&hits.iter().filter(by_meaning).count()), "{answer}");
    assert_ne!(hits[0]["kind"], "record");
}

#[test]
fn a_vector_is_that_of_the_text_as_it_is_now() {
    let project = project();
    let known = status(&project);
    assert_eq!((&known["records"], &known["vectors"], &known["missing"]), (&4.into(), &4.into(), &0.into()));
    let id =
        project.json(&["search", "charts", "--in", "records"])["hits"][0]["id"].as_str().unwrap().to_string();
    project.ok(&["edit", &id, "--summary", "Visitors log on with a one-time code"]);
    assert!(found(&project, QUESTION).iter().take(2).any(|title| title.starts_with("Visitors")));
    let known = status(&project);
    assert_eq!((&known["vectors"], &known["stale"]), (&4.into(), &0.into()));
    project.ok(&["erase", &id, "--yes"]);
    let known = status(&project);
    assert_eq!((&known["records"], &known["vectors"], &known["stale"]), (&3.into(), &3.into(), &0.into()));
}

/// A table of two words that say the same.
fn table() -> Vec<u8> {
    let mut bytes = b"waypost-meaning1".to_vec();
    [2u32, 2, 12, 6, 12].iter().for_each(|number| bytes.extend(number.to_le_bytes()));
    bytes.extend(b"chartspeople");
    [1f32, 1.0].iter().for_each(|factor| bytes.extend(factor.to_le_bytes()));
    bytes.extend([1, 0, 1, 0]);
    bytes
}

#[test]
fn a_table_of_ones_own_is_used_and_given_up_again() {
    let project = project();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("own.table");
    let path = file.to_str().unwrap();
    std::fs::write(&file, "waypost-meaning1 but not quite").unwrap();
    let refused = project.run(&["vectors", "use", path]);
    assert_eq!(refused.code, 2, "{}", refused.stderr);
    assert!(refused.stderr.contains("is no table of vectors"), "{}", refused.stderr);
    assert_eq!(status(&project)["table"], "bundled");

    std::fs::write(&file, table()).unwrap();
    let used = project.json(&["vectors", "use", path]);
    assert_eq!((&used["table"], &used["pieces"], &used["vectors"]), (&"own".into(), &2.into(), &4.into()));
    assert_eq!(
        found(&project, QUESTION).first().map(String::as_str),
        Some("Charts are drawn in the browser")
    );
    // What is new is compared by it too.
    project.ok(&["note", "--summary", "Timers are kept in the database"]);
    assert_eq!(status(&project)["missing"], 0);

    let back = project.json(&["vectors", "use", "--bundled"]);
    assert_eq!((&back["table"], &back["vectors"], &back["stale"]), (&"bundled".into(), &5.into(), &0.into()));
    assert!(found(&project, QUESTION)[0].starts_with("The password"));
}

#[test]
fn records_without_a_vector_are_told_and_mended() {
    let project = project();
    project.write(".waypost/config.toml", "vectors = false\n");
    project.ok(&["vectors", "rebuild"]);
    project.write(".waypost/config.toml", "");
    assert_eq!(status(&project)["missing"], 4);
    let asked = project.run(&["search", QUESTION, "--in", "records"]);
    assert!(asked.stderr.contains("4 records have no vector yet"), "{}", asked.stderr);
    project.ok(&["vectors", "rebuild"]);
    assert_eq!(status(&project)["missing"], 0);
    assert!(found(&project, QUESTION)[0].starts_with("The password"));
}
