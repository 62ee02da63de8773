//! Ends records that no longer hold, from the mildest way to the hardest.

use schemars::JsonSchema;
use serde::Serialize;

use super::fields::title;
use super::record::{self, CheckedRecord, Report as RecordReport};
use super::{App, Result, clean};
use crate::memory::{RecordKind, RecordStatus};
use crate::records::RecordStore;
use crate::{backup, search, visible};

/// Which records to remove, and whether to do it or only preview it.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// Ids, beginnings of ids, or slugs.
    pub ids: Vec<String>,
    /// Instead of ids: the records that contain every word of this query.
    pub query: Option<String>,
    /// Without it nothing is changed, and the report is a preview.
    pub yes: bool,
}

/// The record that was ended, and the id of the one that holds instead.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Superseded {
    pub id: String,
    pub by: String,
    pub status: &'static str,
}

/// Ids of the records that are now hidden but kept.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Suppressed {
    pub suppressed: Vec<String>,
}

/// What forgetting did, or would do.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum Forget {
    Preview(ForgetPreview),
    Done(Forgotten),
}

/// What `forget` would remove; nothing was changed.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ForgetPreview {
    pub preview: bool,
    pub records: Vec<String>,
    /// Always empty, so that a preview has the keys of the real report.
    pub forgotten: [String; 0],
    #[serde(skip)]
    pub shown: Vec<RecordReport>,
}

/// Ids of the records whose files were removed.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Forgotten {
    pub forgotten: Vec<String>,
    /// For each record, the revision to roll back to.
    #[serde(skip)]
    pub revisions: Vec<u32>,
}

/// Records that were erased, which no import brings back.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Marks {
    pub marks: Vec<Mark>,
}

/// The mark that an erased record leaves, so that no import brings it back.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Mark {
    pub id: String,
    /// When it was erased: RFC 3339, UTC.
    pub at: String,
}

/// Ids whose marks were lifted, so that imports may bring the records back.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Lifted {
    pub lifted: Vec<String>,
}

/// What erasing did, or would do.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum Erase {
    Preview(ErasePreview),
    Done(Erased),
}

/// What `erase` would remove; nothing was changed.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ErasePreview {
    pub preview: bool,
    pub records: Vec<String>,
    /// Always empty, so that a preview has the keys of the real report.
    pub erased: [String; 0],
    #[serde(skip)]
    pub shown: Vec<RecordReport>,
}

/// Ids of the erased records, and where their text may still be.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Erased {
    pub erased: Vec<String>,
    /// Whether the database's log could be emptied, so that no word is left in
    /// it.
    pub log_emptied: bool,
    /// Files that git tracks or once tracked; the history still holds their
    /// text.
    pub in_git_history: Vec<String>,
    /// What became of the words at the team's server, in a project that is connected
    /// with one.
    #[cfg(feature = "team")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub team: Option<super::team::ErasedThere>,
}

/// Ends a record in favour of another one, given by its id or as the summary of
/// a new decision.
pub fn supersede(app: &App, name: &str, by: &str) -> Result<Superseded> {
    let context = app.context()?;
    let mut record_store = app.record_store(&context)?;
    let old = record_store.get(name)?;
    let by = match record_store.get(by) {
        Ok(new) => new,
        // A sentence is no id.
        Err(_) if by.trim().contains(char::is_whitespace) => {
            let mut record = record_store.draft(RecordKind::Decision, "");
            record.kind = old.record.kind;
            record.title = title(&context, by)?;
            record_store.add(record)?.0
        }
        Err(error) => return Err(error.into()),
    };
    let (old, new) = record_store.supersede(&old.record.id, &by.record.id)?;
    Ok(Superseded { id: old.record.id, by: new.record.id, status: RecordStatus::Superseded.name() })
}

/// Hides records and keeps them.
pub fn suppress(app: &App, names: &[String]) -> Result<Suppressed> {
    let context = app.context()?;
    let mut record_store = app.record_store(&context)?;
    // All are there, or none is changed.
    let suppressed = resolve(&record_store, names)?;
    record_store.set_status(&suppressed, RecordStatus::Suppressed)?;
    Ok(Suppressed { suppressed })
}

/// Deletes the files of records; their revisions bring them back.
pub fn forget(app: &App, request: &Request) -> Result<Forget> {
    let context = app.context()?;
    let mut record_store = app.record_store(&context)?;
    let ids = match &request.query {
        Some(query) => search::records_with_all(record_store.store(), query)?,
        None => resolve(&record_store, &request.ids)?,
    };
    let records = ids.iter().map(|id| record_store.get(id)).collect::<std::result::Result<Vec<_>, _>>()?;
    if !request.yes {
        let shown = record::reports(&record_store, records)?;
        return Ok(Forget::Preview(ForgetPreview { preview: true, records: ids, forgotten: [], shown }));
    }
    record_store.forget(&ids)?;
    let revisions = records.iter().map(|indexed| indexed.revision).collect();
    Ok(Forget::Done(Forgotten { forgotten: ids, revisions }))
}

/// Deletes every word of records, for good.
pub fn erase(app: &App, request: &Request) -> Result<Erase> {
    let context = app.context()?;
    let mut record_store = app.record_store(&context)?;
    let ids = match &request.query {
        Some(query) => search::records_with_all(record_store.store(), query)?,
        None => erasable(&record_store, &request.ids)?,
    };
    if !request.yes {
        let there: Vec<_> = ids.iter().filter_map(|id| record_store.get(id).ok()).collect();
        let checked = record::check(&record_store, there)?;
        let records = checked.iter().map(|checked| checked.indexed.record.id.clone()).collect();
        let shown = checked.iter().map(CheckedRecord::report).collect();
        return Ok(Erase::Preview(ErasePreview { preview: true, records, erased: [], shown }));
    }
    let (files, log_emptied) = record_store.erase(&ids)?;
    clean::renew_artefacts(&context, &record_store)?;
    let in_git_history = clean::in_git(context.repository.as_ref(), &files);
    if !log_emptied {
        app.warn(
            "the database's log is in use by another process: run `waypost erase` again when it has ended",
        );
    }
    for kept in backup::replaced(&context.project) {
        let shown = kept.display().to_string();
        app.warn(&format!(
            "`{shown}` keeps what a backup replaced, perhaps with the same words\nhint: `rm -rf {}`, unless somebody needs it",
            visible::shell_word(&shown)
        ));
    }
    Ok(Erase::Done(Erased {
        #[cfg(feature = "team")]
        team: super::team::erase(app, &context, &record_store, &ids)?,
        erased: ids,
        log_emptied,
        in_git_history,
    }))
}

/// The marks that erased records leave.
pub fn marks(app: &App) -> Result<Marks> {
    let context = app.context()?;
    let erased = app.record_store(&context)?.erased()?;
    Ok(Marks { marks: erased.into_iter().map(|(id, at)| Mark { id, at }).collect() })
}

/// Lets imports bring back records that were erased.
pub fn lift(app: &App, ids: &[String]) -> Result<Lifted> {
    let context = app.context()?;
    app.record_store(&context)?.lift_erased(ids)?;
    Ok(Lifted { lifted: ids.to_vec() })
}

fn resolve(record_store: &RecordStore, names: &[String]) -> Result<Vec<String>> {
    let mut ids = Vec::new();
    for name in names {
        let id = record_store.get(name)?.record.id;
        if !ids.contains(&id) {
            ids.push(id);
        }
    }
    Ok(ids)
}

/// Finds existing records, and forgotten ones by their full id, since their
/// revisions still hold the text.
fn erasable(record_store: &RecordStore, names: &[String]) -> Result<Vec<String>> {
    names.iter().map(|name| Ok(record_store.history(name)?.0)).collect()
}
