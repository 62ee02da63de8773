//! Files that are named on the command line, `-` for the standard streams.

use std::io;
use std::path::Path;

use super::Out;
use crate::app::{App, Error, Input, Output, Result};

/// The input that a path or `-` names.
pub fn input(path: &Path) -> Input {
    match path == Path::new("-") {
        true => Input::Stream(Box::new(io::stdin())),
        false => Input::File(path.to_path_buf()),
    }
}

/// The output that a path or `-` names. Fails if `--json` needs standard output
/// too.
pub fn output(path: &Path, out: &Out) -> Result<Output> {
    match path == Path::new("-") {
        true if out.json => {
            let error = Error::new("`--json` and `-` both want standard output");
            Err(error.with_hint("write to a file, or leave `--json` out"))
        }
        true => Ok(Output::Stream(out.stream())),
        false => Ok(Output::File(path.to_path_buf())),
    }
}

/// The given text, or that of the given file; `-` for either reads standard
/// input. `None` if neither was given.
pub fn body(app: &App, text: Option<&str>, file: Option<&Path>) -> Result<Option<String>> {
    match (text, file) {
        (None, None) => Ok(None),
        (Some("-"), _) => app.read_body(input(Path::new("-"))).map(Some),
        (Some(text), _) => Ok(Some(text.to_string())),
        (None, Some(file)) => app.read_body(input(file)).map(Some),
    }
}
