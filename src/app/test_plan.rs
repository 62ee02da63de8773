//! The tests that exercise a change, and the command that runs just those.

use schemars::JsonSchema;
use serde::Serialize;

use super::change::{ChangeRequest, OpenChange};
use super::{App, Result};
use crate::model::{RelPath, SafeText};
use crate::pipeline::{self, PlannedTest, TestPlan};

/// Which change is asked about, and how many tests are wanted at most.
pub struct Request {
    pub change: ChangeRequest,
    pub limit: usize,
}

/// What to run.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Report {
    pub changed: Vec<RelPath>,
    /// The best first.
    pub tests: Vec<TestReport>,
    /// Runs just those; `None` where nothing tells how, and where all should run.
    pub command: Option<SafeText>,
    /// Why all tests should run, and how.
    pub all: Option<AllTests>,
    /// Changed source files for which no test is known.
    pub untested: Vec<RelPath>,
}

/// A test that exercises the change.
#[derive(Debug, Serialize, JsonSchema)]
pub struct TestReport {
    pub path: RelPath,
    /// What tells that it does.
    pub why: &'static str,
    pub command: Option<SafeText>,
}

/// Why no choice of tests would do.
#[derive(Debug, Serialize, JsonSchema)]
pub struct AllTests {
    pub reason: SafeText,
    /// What the project runs its tests with, if it says so.
    pub command: Option<SafeText>,
}

impl Report {
    /// Why all should run, then a line for each test, then the command.
    pub fn lines(&self) -> Vec<String> {
        let mut lines = Vec::new();
        if let Some(all) = &self.all {
            lines.push(format!("all: {}", all.reason));
            lines.extend(all.command.iter().map(|command| format!("  {command}")));
        }
        for test in &self.tests {
            lines.push(format!("{}  ({})", test.path, test.why));
            let own = test.command.iter().filter(|_| self.command.is_none());
            lines.extend(own.map(|command| format!("  {command}")));
        }
        if let Some(command) = &self.command {
            lines.extend([String::new(), command.to_string()]);
        }
        lines
    }
}

/// The tests of a change.
pub fn test_plan(app: &App, request: Request) -> Result<Report> {
    let open = OpenChange::of(app, request.change)?;
    let report = of(&open, request.limit)?;
    app.warn_of_missing(&open.reading);
    Ok(report)
}

/// The tests of an open change.
pub(super) fn of(open: &OpenChange, limit: usize) -> Result<Report> {
    let plan = pipeline::test_plan(
        &open.context,
        &open.reading,
        open.history(),
        (&open.diff, &|| open.measured()),
        limit,
    )?;
    let TestPlan { tests, command, all, all_command, untested } = plan;
    let report = |test: PlannedTest| TestReport { path: test.path, why: test.how, command: test.command };
    Ok(Report {
        changed: open.paths(),
        tests: tests.into_iter().map(report).collect(),
        command,
        all: all.map(|reason| AllTests { reason, command: all_command }),
        untested,
    })
}
