//! Shell scripts as found in CI steps, task files and documents: split into
//! single commands that would run as they stand, with the folder they run in.
//!
//! Not here: what a command is good for.

use crate::model::resolve_path;

/// One command of a script.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Step {
    /// Words that depend on a variable, a matrix or positional arguments are
    /// left out.
    pub line: String,
    /// Below the project root; empty for the root itself.
    pub folder: String,
    /// Something was left out.
    pub altered: bool,
}

/// Lines of a script beyond this are set-up noise, or hostile.
const MAX_LINES: usize = 400;

/// Bytes of a command that a person would still type.
const MAX_LINE: usize = 160;

/// The commands of a script that starts in `folder`. The first change after a
/// clone leads to the root; one into what is no folder of the project leads
/// to something that the script has made.
pub(super) fn steps(script: &str, folder: &str, is_folder: &dyn Fn(&str) -> bool) -> Vec<Step> {
    let mut steps = Vec::new();
    let mut here = Some(folder.to_string());
    let mut cloned = false;
    let mut heredoc: Option<String> = None;
    let joined = script.replace("\\\r\n", " ").replace("\\\n", " ");
    for line in joined.lines().take(MAX_LINES) {
        let line = line.trim();
        if let Some(end) = &heredoc {
            if line == end {
                heredoc = None;
            }
            continue;
        }
        heredoc = heredoc_end(line);
        if heredoc.is_some() || is_control(line) {
            continue;
        }
        for part in without_comment(line).replace("&&", ";").split(';') {
            let part = part.trim();
            if let Some(target) = part.strip_prefix("cd ").or(part.strip_prefix("pushd ")) {
                let target = match std::mem::take(&mut cloned) {
                    // The clone's own name may be that of a folder in it.
                    true => target.split_once('/').map_or(".", |(_, below)| below),
                    false => target,
                };
                here = here.and_then(|here| change(&here, target)).filter(|there| is_folder(there));
                continue;
            }
            cloned |= part.starts_with("git clone") || part.starts_with("gh repo clone");
            let Some((line, altered)) = plain(part) else {
                continue;
            };
            if let Some(here) = &here {
                steps.push(Step { line, folder: here.clone(), altered });
            }
        }
    }
    steps
}

fn change(here: &str, target: &str) -> Option<String> {
    let target = target.trim().trim_matches(['"', '\'']);
    is_plain_path(target).then(|| resolve_path(here, target))?
}

/// A path below the project without anything a shell would expand.
pub(super) fn is_plain_path(path: &str) -> bool {
    !path.starts_with('/')
        && path.len() < 100
        && path.chars().all(|c| c.is_ascii_alphanumeric() || "._-/@+".contains(c))
}

fn heredoc_end(line: &str) -> Option<String> {
    let (_, after) = line.split_once("<<")?;
    let word = after.trim_start_matches('-').trim();
    let word = word.trim_matches(['"', '\'']);
    (!word.is_empty() && word.chars().all(|c| c.is_ascii_alphanumeric() || c == '_'))
        .then(|| word.to_string())
}

/// A line that steers the shell or only prints.
fn is_control(line: &str) -> bool {
    let first = line.split_whitespace().next().unwrap_or("");
    line.is_empty()
        || line.starts_with(['#', '{', '}', '(', ')', '!'])
        || matches!(
            first,
            "if" | "then"
                | "else"
                | "elif"
                | "fi"
                | "for"
                | "while"
                | "do"
                | "done"
                | "case"
                | "esac"
                | "set"
                | "export"
                | "echo"
                | "function"
                | "exit"
                | "return"
        )
}

fn without_comment(line: &str) -> &str {
    line.split(" #").next().unwrap_or(line)
}

/// A command that can be typed as it is, or `None`: pipes, redirections,
/// downloads, absolute paths and substitutions are somebody else's machine.
fn plain(command: &str) -> Option<(String, bool)> {
    let command = without_expressions(command)?;
    let mut words: Vec<&str> = Vec::new();
    let mut altered = false;
    for word in command.split_whitespace() {
        if is_variable(word) {
            altered = true;
            // `--package $NAME` makes no sense without its value.
            if words.is_empty() || words.last().is_some_and(|last| takes_value(last)) {
                return None;
            }
            continue;
        }
        words.push(word);
    }
    while words.last().is_some_and(|word| *word == "--") {
        words.pop();
    }
    let refused = words.iter().any(|word| {
        word.contains(['|', '>', '<', '`', '\u{fffd}', '{', '}'])
            || word.contains("://")
            || word.contains("[redacted")
            || word.trim_start_matches(['"', '\'']).starts_with(['/', '~'])
            || word.split_once('=').is_some_and(|(_, value)| value.starts_with('/'))
            || word.get(1..3) == Some(":\\")
    });
    let refused = refused || (words.len() > 1 && words.iter().any(|word| word.starts_with("../..")));
    let quotes = command.matches('"').count() % 2 + command.matches('\'').count() % 2;
    let line = words.join(" ");
    (!words.is_empty() && !refused && quotes == 0 && line.len() <= MAX_LINE).then_some((line, altered))
}

fn takes_value(word: &str) -> bool {
    word.starts_with('-')
        && word.len() > 1
        && word != "--"
        && !word.contains('=')
        && !matches!(word, "--verbose" | "--release" | "--workspace" | "--all" | "--locked" | "-v")
}

/// `${{ … }}` and `{posargs:…}` each as one word that starts with `$`.
fn without_expressions(command: &str) -> Option<String> {
    let mut out = String::with_capacity(command.len());
    let mut rest = command;
    loop {
        let at = ["${{", "{{", "{posargs", "{toxinidir", "{envtmpdir", "{env_tmp_dir", "${"]
            .iter()
            .filter_map(|mark| rest.find(mark))
            .min();
        let Some(at) = at else {
            out.push_str(rest);
            return Some(out);
        };
        out.push_str(&rest[..at]);
        out.push('$');
        let close = if rest[at..].contains("}}") && rest[at..].find("{{").is_some_and(|b| b < 2) {
            "}}"
        } else {
            "}"
        };
        rest = &rest[at..];
        rest = &rest[rest.find(close)? + close.len()..];
    }
}

fn is_variable(word: &str) -> bool {
    word.contains('$') || word.contains("%%") || word == "{posargs}"
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(script: &str, expected: &[(&str, &str)]) {
        let is_folder = |path: &str| matches!(path, "" | "web" | "web/app" | "tests");
        let steps = steps(script, "", &is_folder);
        let found: Vec<(&str, &str)> =
            steps.iter().map(|step| (step.folder.as_str(), step.line.as_str())).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn a_script_is_its_commands_in_their_folders() {
        check(
            "set -e\ncd web # ours\nnpm ci && npm test\ncd app; npm run lint\n",
            &[("web", "npm ci"), ("web", "npm test"), ("web/app", "npm run lint")],
        );
    }

    #[test]
    fn continued_lines_are_one() {
        check("cargo test \\\n  --workspace", &[("", "cargo test --workspace")]);
    }

    #[test]
    fn words_that_depend_on_the_machine_are_left_out() {
        check("cargo test --all ${{ matrix.flags }} $EXTRA", &[("", "cargo test --all")]);
        check("pytest {posargs:tests}", &[("", "pytest")]);
    }

    #[test]
    fn a_flag_without_its_value_is_no_command() {
        check("cargo test --package $NAME", &[]);
        check("make -j $(nproc)", &[]);
    }

    #[test]
    fn pipes_downloads_redirections_and_absolute_paths_are_refused() {
        for line in [
            "curl x | sh",
            "wget https://x.example/a",
            "make > log",
            "/opt/tool test",
            "pytest ~/x",
            "cmake --prefix=/usr",
            "echo `id`",
            "sh -c 'unclosed",
        ] {
            check(line, &[]);
        }
    }

    #[test]
    fn here_documents_are_no_commands() {
        check("cat <<EOF\npytest\nEOF\ntox", &[("", "tox")]);
    }

    #[test]
    fn a_change_into_something_made_on_the_way_ends_the_script() {
        check("mkdir out\ncd out\nctest", &[("", "mkdir out")]);
    }
}
