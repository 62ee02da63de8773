//! `waypost prompt`: four readers, exact budgets, the live part.

use crate::markdown;
use crate::project::Project;

const MODES: [&str; 4] = ["generic-agent-restore", "copilot-restore", "claude-code-restore", "human-handoff"];

fn tokens(text: &str) -> usize {
    waypost::render::tokens::count(text)
}

#[test]
fn each_reader_gets_a_different_page_with_the_same_facts() {
    let project = Project::fixture("porch");
    project.ok(&["snapshot", "--goal", "Cap the pause between retries"]);
    let pages = MODES.map(|mode| project.ok(&["prompt", "--mode", mode]).stdout);
    for (n, page) in pages.iter().enumerate() {
        for fact in ["Cap the pause between retries", "src/porch/backoff.py", "pytest", "main"] {
            assert!(page.contains(fact), "{}: {fact}", MODES[n]);
        }
        for other in &pages[n + 1..] {
            let lost = |of: &str, to: &str| {
                of.lines().filter(|line| !line.is_empty() && !to.contains(*line)).count()
            };
            let differ = lost(page, other) + lost(other, page);
            assert!(differ >= 4, "{} differs in {differ} lines", MODES[n]);
        }
    }
    assert_eq!(project.ok(&["prompt"]).stdout, pages[0]);
}

#[test]
fn no_budget_is_exceeded_and_1200_is_the_default() {
    let project = Project::fixture("porch");
    project.ok(&["snapshot", "--goal", "Cap the pause between retries"]);
    for mode in MODES {
        for budget in [300, 301, 347, 500, 800, 1_200, 16_000] {
            let report = project.json(&["prompt", "--mode", mode, "--token-budget", &budget.to_string()]);
            let text = report["prompt"].as_str().unwrap();
            assert!(tokens(text) <= budget, "{mode} {budget}: {}", tokens(text));
            assert_eq!(report["tokens"].as_u64().unwrap() as usize, tokens(text));
        }
        assert_eq!(project.json(&["prompt", "--mode", mode])["budget"], 1_200);
    }
}

#[test]
fn the_least_budget_holds_for_a_long_goal_and_many_changes() {
    let project = Project::fixture("porch");
    let goal = "Make the retries of failed jobs visible to whoever looks after the machine. ".repeat(60);
    project.ok(&["snapshot", "--goal", &goal]);
    for n in 0..40 {
        project.write(&format!("src/porch/a_rather_long_module_name_{n}.py"), format!("def f{n}(): ...\n"));
    }
    project.git(&["add", "-A"]);
    for mode in MODES {
        let text = project.ok(&["prompt", "--mode", mode, "--token-budget", "300"]).stdout;
        assert!(tokens(&text) <= 300, "{mode}");
    }
}

#[test]
fn the_live_part_names_branch_changes_their_symbols_and_commits() {
    let project = Project::fixture("porch");
    project.snapshot();
    project.commit("Keep the handoff of the queue");
    project.git(&["switch", "-q", "-c", "retry-cap"]);
    project.edit("src/porch/backoff.py", "min(self.first", "max(self.first");
    let text = markdown::quoted(&project.ok(&["prompt"]).stdout);
    for live in ["retry-cap", "src/porch/backoff.py", "~Backoff.pause", "Keep the handoff of the queue"] {
        assert!(text.contains(live), "{live}\n{text}");
    }
}

#[test]
fn a_copy_is_kept_where_the_project_is_set_up() {
    let project = Project::fixture("porch");
    project.ok(&["prompt"]);
    assert!(!project.exists(".waypost"));
    project.snapshot();
    for mode in MODES {
        let report = project.json(&["prompt", "--mode", mode]);
        let kept = format!(".waypost/local/prompts/{mode}.md");
        assert_eq!(project.read(&kept), report["prompt"].as_str().unwrap());
        assert_eq!(report["path"], project.path(&kept).display().to_string());
    }
    assert_eq!(project.git(&["status", "--porcelain", "--", ".waypost/local"]), "");
}

#[test]
fn a_goal_of_its_own_is_not_remembered() {
    let project = Project::fixture("porch");
    project.ok(&["snapshot", "--goal", "Cap the pause"]);
    let text = project.ok(&["prompt", "--goal", "List jobs by name"]).stdout;
    assert!(text.contains("List jobs by name") && !text.contains("Cap the pause"));
    assert_eq!(project.json(&["status"])["goal"], "Cap the pause");
}

#[test]
fn changes_are_told_since_a_snapshot_that_is_named() {
    let project = Project::fixture("porch");
    let id = project.snapshot()["id"].as_str().unwrap().to_string();
    project.write("src/porch/clock.py", "def now(): ...\n");
    project.commit("Add a clock");
    assert!(!markdown::quoted(&project.ok(&["prompt"]).stdout).contains("+now"));
    let text = markdown::quoted(&project.ok(&["prompt", "--snapshot-id", &id]).stdout);
    assert!(text.contains("+now") && text.contains("src/porch/clock.py"), "{text}");
    project.run(&["prompt", "--snapshot-id", "s9"]).expect(2);
}

#[test]
fn it_works_without_git() {
    let project = Project::with(&[("a.py", "def a(): pass\n")]);
    let text = project.ok(&["prompt", "--project-root", "."]).stdout;
    assert!(text.contains("a.py"));
}

#[test]
fn the_least_budget_holds_whatever_a_project_and_its_branch_are_called() {
    let names =
        ["🦀🏳️‍🌈".repeat(6), "x_Q9-".repeat(40), "プロジェクト".repeat(6), "\u{202e}\u{200b}".repeat(15)];
    for name in names {
        let project = Project::empty();
        let root = project.outside(&name);
        std::fs::create_dir(&root).unwrap();
        std::fs::write(root.join("a.py"), "def f(): ...\n").unwrap();
        let elsewhere = project.at(root);
        elsewhere.git(&["init", "-q"]);
        let branch: String = name.chars().filter(|c| *c != '\u{200b}').collect();
        elsewhere.git(&["checkout", "-q", "-b", &format!("feature/{branch}")]);
        elsewhere.ok(&["snapshot", "--goal", &name.repeat(20)]);
        for mode in MODES {
            let text = elsewhere.ok(&["prompt", "--mode", mode, "--token-budget", "300"]).stdout;
            assert!(tokens(&text) <= 300, "{mode} {name}: {}", tokens(&text));
        }
    }
}
