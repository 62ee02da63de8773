//! Turns a command line that cannot be parsed into an error like every other.

use std::ffi::OsString;

use clap::error::{ContextKind, ContextValue};

use crate::app::Error;

/// Whether the command line asks for JSON. It could not be parsed, so this looks
/// for the flag alone, up to `--`.
pub fn asks_for_json(arguments: impl Iterator<Item = OsString>) -> bool {
    arguments.skip(1).take_while(|argument| argument != "--").any(|argument| argument == "--json")
}

/// Whether a client calls a hook. It could not be parsed, so this looks for the
/// command alone.
pub fn is_hook(arguments: impl Iterator<Item = OsString>) -> bool {
    let mut arguments = arguments.skip(1).map(|argument| argument.to_string_lossy().into_owned());
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--project-root" | "-C" => _ = arguments.next(),
            flag if flag.starts_with('-') => {}
            command => return command == "hook",
        }
    }
    false
}

/// The command line as it is logged, without the path of the program.
pub fn command_line(arguments: impl Iterator<Item = OsString>) -> String {
    let words: Vec<String> = arguments
        .skip(1)
        .map(|argument| crate::visible::shell_word(&argument.to_string_lossy()).into_owned())
        .collect();
    format!("waypost {}", words.join(" "))
}

/// The message of clap's error without its usage lines, and its advice.
pub fn error(error: &clap::Error) -> Error {
    let text = error.to_string();
    let message = text.split("\n\n").next().unwrap_or_default();
    let message = message.strip_prefix("error: ").unwrap_or(message);
    let message = message.split_whitespace().collect::<Vec<_>>().join(" ");
    Error::new(message).with_hint(hint(error, &text))
}

/// clap's tip if there is one, else the command's usage.
fn hint(error: &clap::Error, text: &str) -> String {
    let tip = text.lines().find_map(|line| line.trim().strip_prefix("tip: "));
    let usage = text.lines().find_map(|line| line.trim().strip_prefix("Usage: "));
    let values = match error.get(ContextKind::ValidValue) {
        Some(ContextValue::Strings(values)) if !values.is_empty() => {
            Some(format!("one of {}", values.join(", ")))
        }
        _ => None,
    };
    let usage = usage.map(|usage| format!("usage: {usage}"));
    tip.map(str::to_string).or(values).or(usage).unwrap_or_else(|| "see `waypost --help`".to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_flag_is_seen_wherever_it_stands() {
        let asks = |line: &str| asks_for_json(line.split(' ').map(OsString::from));
        assert!(asks("waypost --json nonsense") && asks("waypost prune --json"));
        assert!(!asks("waypost prune") && !asks("waypost search -- --json"));
    }

    #[test]
    fn a_hook_is_told_by_its_command() {
        let is = |line: &str| is_hook(line.split(' ').map(OsString::from));
        assert!(is("waypost hook later --client claude") && is("waypost -q --project-root hook hook x"));
        assert!(!is("waypost note --summary hook") && !is("waypost search hook") && !is("waypost --json"));
    }
}
