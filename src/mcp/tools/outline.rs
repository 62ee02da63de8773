//! `outline`: what files declare, with lines.

use std::path::Path;

use super::answer;
use super::arguments::ToolArguments;
use crate::app::outline::{self, Report};
use crate::app::{App, Error, Result, budget};
use crate::mcp::message::shortened;

/// Files of one call.
const MOST: usize = 50;

/// Answers `outline` for several files; fails if only one was named and it cannot be outlined.
pub fn call(app: &App, arguments: &ToolArguments) -> Result<String> {
    let paths = arguments.texts("paths")?;
    let budget = arguments.budget()?;
    if paths.is_empty() || paths.len() > MOST {
        return Err(Error::new(format!("`paths` must name 1 to {MOST} files")));
    }
    let files: Vec<&Path> = paths.iter().map(Path::new).collect();
    let reports = outline::outlines(app, &files)?;
    if let [Err(error)] = &reports[..] {
        return Err(Error::new(error.to_string()));
    }
    let files: Vec<Vec<String>> =
        paths.iter().zip(&reports).map(|(path, report)| lines(path, report)).collect();
    let all = fair(&files, budget);
    answer::within(budget, &all, "fresh: read now", "raise `budget` or name fewer files")
}

fn lines(path: &str, report: &Result<Report>) -> Vec<String> {
    let report = match report {
        Ok(report) => report,
        Err(error) => return vec![format!("{}: {}", shortened(path), error.without_secrets().message())],
    };
    let mut lines = vec![format!("{} ({} lines)", report.path, report.lines)];
    lines.extend(report.remark().map(|remark| format!("  {remark}")));
    for symbol in &report.symbols {
        let indent = "  ".repeat(symbol.depth);
        lines.push(format!("  {indent}:{}-{} {}", symbol.line, symbol.end_line, symbol.signature));
    }
    lines
}

/// The lines of all files, of the longer ones only the first where not all have
/// room: a large file takes nothing from a small one.
fn fair(files: &[Vec<String>], tokens: usize) -> Vec<String> {
    let longest = files.iter().map(Vec::len).max().unwrap_or_default();
    let shown = |most: usize| -> Vec<String> { files.iter().flat_map(|lines| first(lines, most)).collect() };
    let fits =
        |most: usize| budget::fits(&shown(most).join("\n"), answer::bound(tokens - answer::REMARK * 2));
    let (mut least, mut most) = (1, longest.max(1));
    while least < most {
        let middle = (least + most).div_ceil(2);
        match fits(middle) {
            true => least = middle,
            false => most = middle - 1,
        }
    }
    shown(least)
}

fn first(lines: &[String], most: usize) -> Vec<String> {
    match lines.len() > most {
        true => {
            let more = format!("  ... {} more declarations", lines.len() - most);
            lines[..most].iter().cloned().chain([more]).collect()
        }
        false => lines.to_vec(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_large_file_takes_nothing_from_a_small_one() {
        let file = |name: &str, symbols: usize| -> Vec<String> {
            [name.to_string()]
                .into_iter()
                .chain((0..symbols).map(|n| format!("  :{n}-{n} fn f{n}()")))
                .collect()
        };
        let shown = fair(&[file("large", 5_000), file("small", 12)], 600);
        let small = shown.iter().position(|line| line == "small").unwrap();
        assert_eq!(shown.len() - small, 13);
        assert!(shown[small - 1].ends_with("more declarations"), "{}", shown[small - 1]);
        assert_eq!(fair(&[file("a", 3), file("b", 2)], 400).len(), 7);
    }
}
