//! The words of a text as the table has them: runs of Latin letters in lower
//! case without accents, a name in its parts.

use crate::search_terms::fold;

/// The words of a text in their order.
pub fn words(text: &str) -> Vec<String> {
    let folded = fold(text);
    let mut found = Vec::new();
    for run in folded.split(|c: char| !c.is_ascii_alphabetic()).filter(|run| !run.is_empty()) {
        parts(run.as_bytes(), &mut found);
    }
    found
}

/// A name's parts: `HTTPServer` is `http` and `server`.
fn parts(run: &[u8], found: &mut Vec<String>) {
    let mut start = 0;
    for at in 1..=run.len() {
        let is_end = match (run.get(at), run.get(at + 1)) {
            (None, _) => true,
            (Some(this), after) => {
                let begins = this.is_ascii_uppercase();
                begins && (run[at - 1].is_ascii_lowercase() || after.is_some_and(u8::is_ascii_lowercase))
            }
        };
        if is_end {
            found.push(run[start..at].iter().map(|byte| char::from(byte.to_ascii_lowercase())).collect());
            start = at;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_cut_into_their_parts() {
        assert_eq!(
            words("Why the HTTPServer2 of parse_URLs?"),
            ["why", "the", "http", "server", "of", "parse", "ur", "ls"]
        );
        assert_eq!(words("Café oauthToken 42 日本"), ["cafe", "oauth", "token"]);
    }
}
