//! What the documents say not to run: "do not run `x`", "use `y` instead of
//! `x`", "`x` is no longer supported".
//!
//! Not here: warnings that name no command.

/// Words before a command that rule it out.
#[rustfmt::skip]
const BEFORE: &[&str] = &[
    "do not", "don't", "don’t", "never", "avoid", "must not", "mustn't", "should not", "shouldn't", "cannot", "can't",
    "instead of", "rather than", "no longer", "stop",
];

/// Words that may stand between those and the command.
#[rustfmt::skip]
const BETWEEN: &[&str] = &[
    "run", "running", "use", "using", "invoke", "invoking", "call", "calling", "execute", "executing", "plain", "bare",
    "raw", "directly", "the", "a", "just", "simply", "try", "to", "ever", "run:", "use:", "or", "and", "global", "ever",
    "manually", "commands", "command", "like", "type", "typing", "with", "either",
];

/// What follows a command that is ruled out.
#[rustfmt::skip]
const AFTER: &[&str] = &[
    "is not supported", "is no longer", "is deprecated", "is forbidden", "must not be", "should not be", "does not work",
    "doesn't work", "is broken", "will not work", "won't work", "is not allowed", "is unsupported", "cannot be used",
];

/// The commands that a text rules out, and all others that it names.
#[derive(Default)]
pub(super) struct NamedCommands {
    pub forbidden: Vec<String>,
    pub named: Vec<String>,
}

impl NamedCommands {
    /// What one document says.
    pub fn add(&mut self, text: &str) {
        for paragraph in paragraphs(text) {
            self.add_paragraph(&paragraph);
        }
    }

    fn add_paragraph(&mut self, paragraph: &str) {
        let parts: Vec<&str> = paragraph.split('`').collect();
        let mut was_forbidden = false;
        for index in (1..parts.len()).step_by(2) {
            let command = parts[index].trim().trim_start_matches("$ ");
            let before = parts[index - 1];
            let after = parts.get(index + 1).copied().unwrap_or_default();
            // `a` or `b` share their verdict.
            let goes_on =
                matches!(before.trim().to_lowercase().as_str(), "or" | "and" | "," | ", or" | "/" | "nor");
            let is_forbidden = rules_out(before) || rejects(after) || (goes_on && was_forbidden);
            was_forbidden = is_forbidden;
            if command.is_empty() || command.len() > 120 {
                continue;
            }
            match is_forbidden {
                true => self.forbidden.push(command.to_string()),
                false => self.named.push(command.to_string()),
            }
        }
    }

    /// A command that is ruled out, and not named elsewhere as it stands.
    pub fn forbids(&self, line: &str) -> bool {
        let is_it = |forbidden: &String| {
            line == forbidden
                || line.strip_prefix(forbidden.as_str()).is_some_and(|rest| rest.starts_with(' '))
        };
        let exactly = self.forbidden.iter().any(|forbidden| forbidden == line);
        exactly || (self.forbidden.iter().any(is_it) && !self.named.iter().any(|named| named == line))
    }
}

/// The text of each paragraph and list item outside of blocks of code.
pub(super) fn paragraphs(text: &str) -> Vec<String> {
    let mut found = vec![String::new()];
    let mut in_block = false;
    for line in text.lines() {
        let line = line.trim();
        if line.starts_with("```") || line.starts_with("~~~") {
            in_block = !in_block;
        }
        if in_block || line.is_empty() || line.starts_with(['#', '|']) || line.starts_with("```") {
            found.push(String::new());
            continue;
        }
        if ["- ", "* ", "+ "].iter().any(|mark| line.starts_with(mark)) {
            found.push(String::new());
        }
        if let Some(last) = found.last_mut() {
            last.push_str(&line.replace("``", "`"));
            last.push(' ');
        }
    }
    found
}

/// The sentence up to a command forbids it.
fn rules_out(before: &str) -> bool {
    let before = before.to_lowercase().replace("**", "").replace(['*', '_'], "");
    let sentence = before.rsplit(['.', ';', '!', '?', '(']).next().unwrap_or_default();
    BEFORE.iter().any(|mark| {
        let Some(at) = sentence.rfind(mark) else { return false };
        let is_word = at == 0 || sentence[..at].ends_with([' ', ',', '"', ':']);
        let between = sentence[at + mark.len()..].trim_end_matches([' ', '"', ':']);
        is_word && between.split_whitespace().all(|word| BETWEEN.contains(&word.trim_matches(',')))
    })
}

/// What follows a command rejects it.
fn rejects(after: &str) -> bool {
    let after = after.trim_start().to_lowercase();
    AFTER.iter().any(|mark| after.starts_with(mark))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, line: &str, expected: bool) {
        let mut said = NamedCommands::default();
        said.add(text);
        assert_eq!(said.forbids(line), expected, "{text}: {line}");
    }

    #[test]
    fn a_sentence_that_forbids_or_replaces_does_what_it_says() {
        check("Do not run `npm test` here.", "npm test", true);
        check("Use `pnpm test` instead of `npm test`.", "npm test", true);
        check("Use `pnpm test` instead of `npm test`.", "pnpm test", false);
        check("**Never** use `yarn` or `npm`.", "npm install", true);
        check("Please don't run\n`cargo test` directly; use `./x test`.", "cargo test --all", true);
        check("Avoid using ``make all``, it takes hours.", "make all", true);
        check("`setup.py test` is no longer supported.", "setup.py test", true);
        check("Do not run `cargo test`, but `cargo test --workspace`.", "cargo test --workspace", false);
    }

    #[test]
    fn other_sentences_forbid_nothing() {
        check("Do not forget to run `make test`.", "make test", false);
        check("Do not open a request before `make test` passes.", "make test", false);
        check("Don't worry. Run `make test`.", "make test", false);
        check("Never commit without `make lint`.", "make lint", false);
        check("```\nnever run\n`make test`\n```", "make test", false);
    }
}
