//! Which projects are connected with which server: a list in the user's own state
//! folder, where no repository can bring anything along. It holds no password.

use std::fs;
use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::super::{App, Error, Result};
use crate::fs::{atomic, confined};
use crate::limits;
use crate::pipeline::Context;
use crate::store::postgres::Address;

/// What is said where there is no address.
pub(super) const HOW: &str =
    "`waypost team connect 'postgres://ROLE@HOST/DATABASE?sslmode=verify-full'`, or `--env NAME`";

/// A project and the server that it is connected with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema, Deserialize)]
pub(super) struct Link {
    /// The folder that the work trees of a clone share.
    pub place: String,
    /// The project's name at the server.
    pub project: String,
    /// The address, without a password.
    pub url: Option<String>,
    /// Or the variable that holds it.
    pub variable: Option<String>,
}

/// The list, as it is on disk.
pub(super) struct Links {
    /// `None` for a user without a home folder, who is connected with nobody.
    file: Option<PathBuf>,
    entries: Vec<Link>,
}

impl Links {
    /// Reads the list, a JSON object a line. One that is not there, or that others
    /// could have written, connects nobody.
    pub fn of(app: &App, context: &Context) -> Self {
        let file = app.host().state_folder(&context.project.root).map(|folder| folder.join("teams.jsonl"));
        let private = file.as_ref().filter(|file| confined::is_private(file));
        let text = private.and_then(|file| confined::read_text(file, limits::MAX_OWN_FILE).ok());
        let text = text.unwrap_or_default();
        let entries = text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
        Self { file, entries }
    }

    /// The server that this project is connected with.
    pub fn here(&self, context: &Context) -> Option<Link> {
        let place = place(context);
        self.entries.iter().find(|link| link.place == place).cloned()
    }

    /// Connects a project, instead of what it was connected with.
    pub fn put(mut self, link: Link) -> Result<()> {
        self.entries.retain(|known| known.place != link.place);
        self.entries.push(link);
        self.save()
    }

    /// Connects a project with nobody; `false` if it was not connected.
    pub fn remove(mut self, context: &Context) -> Result<bool> {
        let (place, before) = (place(context), self.entries.len());
        self.entries.retain(|known| known.place != place);
        let was_there = self.entries.len() < before;
        if was_there {
            self.save()?;
        }
        Ok(was_there)
    }

    fn save(&self) -> Result<()> {
        let file = self.file.as_ref().ok_or_else(|| Error::new("there is no home folder"))?;
        if let Some(folder) = file.parent() {
            atomic::create_users_folder(folder)?;
        }
        let lines = self.entries.iter().filter_map(|entry| serde_json::to_string(entry).ok());
        let text: String = lines.map(|line| line + "\n").collect();
        Ok(atomic::write(file, text.as_bytes()).map(drop)?)
    }
}

impl Link {
    /// The address with its password, from where it is kept.
    pub fn address(&self, app: &App) -> Result<Address> {
        match (&self.variable, &self.url) {
            (Some(name), _) => address(app, &variable(app, name)?),
            (None, Some(url)) => address(app, url),
            (None, None) => Err(Error::new("the address of the team's server is not known").with_hint(HOW)),
        }
    }
}

/// What a project is told apart by on this machine.
pub(super) fn place(context: &Context) -> String {
    context.project.shared.to_string_lossy().into_owned()
}

/// The value of a variable of the environment.
pub(super) fn variable(app: &App, name: &str) -> Result<String> {
    let unset = || Error::new(format!("the variable `{name}` is not set")).with_hint(HOW);
    app.variable(name).filter(|value| !value.is_empty()).ok_or_else(unset)
}

/// Reads an address, with a password from the variable or the file that every
/// client of PostgreSQL reads.
pub(super) fn address(app: &App, url: &str) -> Result<Address> {
    let password = |host: &str, port: u16, database: &str, role: &str| {
        let kept = || of_file(app, &[host, &port.to_string(), database, role]);
        app.variable("PGPASSWORD").or_else(kept)
    };
    Ok(Address::parse(url, &password)?)
}

/// The password in `~/.pgpass`, if nobody else can read that.
fn of_file(app: &App, wanted: &[&str; 4]) -> Option<String> {
    let home = || app.host().folders.as_ref().map(|folders| folders.home.join(".pgpass"));
    let file = app.variable("PGPASSFILE").map(PathBuf::from).or_else(home)?;
    if !confined::is_private(&file) {
        return None;
    }
    let text = fs::read_to_string(file).ok()?;
    text.lines().find_map(|line| password_in(line, wanted))
}

/// The password of a line `host:port:database:role:password`, in which `*` is
/// anything and `\` keeps the meaning of what follows it.
fn password_in(line: &str, wanted: &[&str; 4]) -> Option<String> {
    let mut fields = vec![String::new()];
    let mut chars = line.chars();
    while let Some(c) = chars.next() {
        let last = fields.len() - 1;
        match c {
            '\\' => fields[last].extend(chars.next()),
            ':' if fields.len() < 5 => fields.push(String::new()),
            c => fields[last].push(c),
        }
    }
    let fits = |(field, wanted): (&String, &&str)| field == "*" || field == wanted;
    let is_it = !line.starts_with('#') && fields.len() == 5 && fields.iter().zip(wanted).all(fits);
    is_it.then(|| fields.swap_remove(4))
}

/// The name of a project that all its clones have: its root commit, and where it
/// lies in the repository.
pub(super) fn project_of(context: &Context) -> Result<String> {
    let hint = "`--project NAME` names the project, the same for all who work on it";
    let repository = context.repository.as_ref();
    let repository =
        repository.ok_or_else(|| Error::new("without git the project has no name").with_hint(hint))?;
    let root = repository.root_commit()?;
    let root =
        root.ok_or_else(|| Error::new("a repository without its first commit has no name").with_hint(hint))?;
    Ok(match repository.prefix.trim_end_matches('/') {
        "" => root,
        prefix => format!("{root}:{prefix}"),
    })
}

#[cfg(test)]
mod tests {
    use super::password_in;

    #[test]
    fn a_line_of_the_password_file_fits_by_its_first_four_fields() {
        let wanted = ["db", "5432", "team", "ann"];
        let check = |line: &str, password: Option<&str>| {
            assert_eq!(password_in(line, &wanted).as_deref(), password, "{line}");
        };
        check("db:5432:team:ann:s3cret", Some("s3cret"));
        check("*:*:*:ann:with\\:colon\\\\and:more", Some("with:colon\\and:more"));
        for other in
            ["db:5433:team:ann:x", "db:5432:team:bob:x", "# db:5432:team:ann:x", "", "db:5432:team:ann"]
        {
            check(other, None);
        }
    }
}
