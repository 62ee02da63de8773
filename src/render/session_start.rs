//! The page for the start of a session: sections in order of importance, cut at
//! the end to stay within the bound.
//!
//! Not here: where the facts come from.

use serde::Serialize;

use super::template::{TemplateError, Templates};
use super::view::View;
use super::{Renderer, fit};
use crate::model::SafeText;

/// A part of the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Section {
    Checkpoint,
    Goal,
    Brief,
    Start,
    Tests,
    Commands,
    Now,
}

impl Section {
    /// The section's name in the note of what was left out.
    pub fn name(self) -> &'static str {
        match self {
            Section::Checkpoint => "checkpoint",
            Section::Goal => "goal and next step",
            Section::Brief => "brief",
            Section::Start => "start here",
            Section::Tests => "tests",
            Section::Commands => "commands",
            Section::Now => "now",
        }
    }

    fn template(self) -> &'static str {
        match self {
            Section::Checkpoint => "checkpoint",
            Section::Goal => "goal",
            Section::Brief => "brief",
            Section::Start => "first",
            Section::Tests => "covered",
            Section::Commands => "commands",
            Section::Now => "now",
        }
    }
}

/// The last checkpoint: what was done and what comes next.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct CheckpointView {
    pub created: String,
    pub title: SafeText,
    pub done: Vec<SafeText>,
    pub blockers: Vec<SafeText>,
    pub commands: Vec<SafeText>,
    pub next: Option<SafeText>,
}

/// Everything that there is to tell.
#[derive(Clone, Debug, Default, Serialize)]
pub struct StartFacts {
    pub order: Vec<&'static str>,
    pub checkpoint: Option<CheckpointView>,
    /// Paragraphs.
    pub brief: Vec<SafeText>,
    #[serde(flatten)]
    pub view: View,
    /// Changed files that are not in the view.
    pub others_changed: usize,
    /// How to get more.
    pub more: &'static str,
}

/// The page, and how much of each section is on it.
#[derive(Debug)]
pub struct StartPage {
    pub text: String,
    pub sections: Vec<SectionShare>,
}

/// How many lines of a section are told, of all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SectionShare {
    pub section: Section,
    pub told: usize,
    pub all: usize,
}

/// The longest page that `fits`. The shortest may not: the caller looks.
pub fn tell(
    templates: &Templates,
    facts: &StartFacts,
    order: &[Section],
    fits: &dyn Fn(&str) -> bool,
) -> Result<StartPage, TemplateError> {
    let renderer = Renderer::new(templates);
    let spell = |count: usize| {
        let mut shown = facts.clone();
        let sections = shown.cut(order, count);
        shown.order =
            sections.iter().filter(|share| share.told > 0).map(|share| share.section.template()).collect();
        shown.view.left_out = sections
            .iter()
            .filter(|share| share.told < share.all)
            .map(|share| share.section.name())
            .collect();
        (renderer.text("session-start.md.j2", &shown), sections)
    };
    let all = facts.clone().cut(order, usize::MAX).iter().map(|share| share.all).sum();
    let steps: Vec<usize> = (0..=all).collect();
    let count = fit::fit(&steps, 0, &|count| usize::from(!fits(&spell(count).0)));
    let (text, sections) = spell(count);
    renderer.end()?;
    Ok(StartPage { text, sections })
}

impl StartFacts {
    /// Leaves the first `count` lines, in the order of the sections.
    fn cut(&mut self, order: &[Section], mut count: usize) -> Vec<SectionShare> {
        let mut shares = Vec::new();
        for section in order {
            let mut lines = LineAllowance { left: count, told: 0, all: 0 };
            self.cut_section(*section, &mut lines);
            count -= lines.told;
            shares.push(SectionShare { section: *section, told: lines.told, all: lines.all });
        }
        shares
    }

    fn cut_section(&mut self, section: Section, lines: &mut LineAllowance) {
        let view = &mut self.view;
        match section {
            Section::Checkpoint => {
                let Some(checkpoint) = &mut self.checkpoint else { return };
                let is_told = lines.one();
                lines.option(&mut checkpoint.next);
                lines.list(&mut checkpoint.done);
                lines.list(&mut checkpoint.blockers);
                lines.list(&mut checkpoint.commands);
                self.checkpoint = self.checkpoint.take().filter(|_| is_told);
            }
            Section::Goal => {
                let Some(goal) = &mut view.goal else { return };
                lines.list(&mut goal.text);
                lines.option(&mut goal.next);
                lines.list(&mut goal.open);
            }
            Section::Brief => lines.list(&mut self.brief),
            Section::Start => {
                lines.list(&mut view.start);
                view.start.iter_mut().for_each(|file| lines.list(&mut file.symbols));
            }
            Section::Tests => lines.list(&mut view.tests),
            Section::Commands => {
                lines.list(&mut view.commands);
                lines.list(&mut view.tools);
                lines.list(&mut view.generated);
            }
            Section::Now => {
                let Some(now) = &mut view.now else { return };
                let is_told = lines.one();
                lines.list(&mut now.changed);
                lines.list(&mut now.commits);
                view.now = view.now.take().filter(|_| is_told);
            }
        }
    }
}

/// Lines that may still be added, and lines that were.
struct LineAllowance {
    left: usize,
    told: usize,
    all: usize,
}

impl LineAllowance {
    fn take(&mut self, wanted: usize) -> usize {
        let taken = wanted.min(self.left);
        self.left -= taken;
        self.told += taken;
        self.all += wanted;
        taken
    }

    fn one(&mut self) -> bool {
        self.take(1) == 1
    }

    fn list<T>(&mut self, list: &mut Vec<T>) {
        let taken = self.take(list.len());
        list.truncate(taken);
    }

    fn option<T>(&mut self, option: &mut Option<T>) {
        let taken = self.take(usize::from(option.is_some()));
        *option = option.take().filter(|_| taken == 1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::view;

    const ALL: [Section; 7] = [
        Section::Checkpoint,
        Section::Goal,
        Section::Brief,
        Section::Start,
        Section::Tests,
        Section::Commands,
        Section::Now,
    ];

    fn facts() -> StartFacts {
        let text = SafeText::constant;
        let checkpoint = CheckpointView {
            created: "2026-01-02".into(),
            title: text("parser works"),
            done: vec![text("all cases")],
            next: Some(text("wire it up")),
            ..CheckpointView::default()
        };
        StartFacts {
            checkpoint: Some(checkpoint),
            brief: vec![text("brief")],
            view: view::tests::full(),
            more: "More: x",
            ..StartFacts::default()
        }
    }

    #[test]
    fn the_sections_stand_in_their_order_and_the_last_lines_go_first() {
        let whole = tell(&Templates::embedded(), &facts(), &ALL, &|_| true).unwrap();
        assert!(whole.sections.iter().all(|share| share.told == share.all), "{:?}", whole.sections);
        let at =
            |heading: &str| whole.text.find(heading).unwrap_or_else(|| panic!("{heading}: {}", whole.text));
        let headings = [
            "## Open checkpoint",
            "## Goal",
            "## Brief",
            "## Start here",
            "## Tests",
            "## Commands",
            "## Now",
        ];
        assert!(headings.map(at).is_sorted(), "{}", whole.text);
        let mut before = 0;
        for bound in (0..=whole.text.len()).step_by(10) {
            let page = tell(&Templates::embedded(), &facts(), &ALL, &|text| text.len() <= bound).unwrap();
            let told: usize = page.sections.iter().map(|share| share.told).sum();
            assert!(page.text.len() <= bound || told == 0, "{bound}: {}", page.text);
            assert!(told >= before, "{bound}: {told} after {before}");
            let cut = page.sections.iter().position(|share| share.told < share.all);
            let after = page.sections[cut.unwrap_or(ALL.len() - 1) + 1..].iter();
            assert!(after.clone().all(|share| share.told == 0), "{bound}: {:?}", page.sections);
            let named = cut.is_none_or(|cut| page.text.contains(ALL[cut].name()));
            assert!(named, "{bound}: {}", page.text);
            before = told;
        }
        assert!(before > 0);
    }
}
