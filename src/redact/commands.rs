//! Passwords in command lines: `curl -u me:secret`, `mysql -psecret`, `sshpass
//! -p secret`. One table of commands and of the options that carry a password.
//!
//! Not here: `--password value` and `NAME=value`, which `assigned` finds by the
//! name in whatever command.

use super::{SecretSpan, assigned, escape};

/// What an option of a command carries.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Carries {
    /// `user:password`, for `smbclient` with a `%`.
    Pair(char),
    Password,
    /// A password that stands directly behind the option: `-psecret`.
    Glued,
    /// The same, or behind a blank.
    Either,
    /// Behind a word of its own: `pass:secret`.
    Marked(&'static str),
    /// The second of two values: `add_user name password`.
    Second,
    /// The third: `-b file name password`.
    Third,
}
use Carries::{Either, Glued, Marked, Pair, Password, Second, Third};

struct KnownCommand {
    /// How it is written, in lower case; the next character is a blank.
    name: &'static str,
    options: &'static [(&'static str, Carries)],
}

const fn command(name: &'static str, options: &'static [(&'static str, Carries)]) -> KnownCommand {
    KnownCommand { name, options }
}

#[rustfmt::skip]
static COMMANDS: &[KnownCommand] = &[
    command("curl", &[("-u", Pair(':')), ("--user", Pair(':')), ("-U", Pair(':')), ("--proxy-user", Pair(':')), ("--pass", Password)]),
    command("http", &[("-a", Pair(':')), ("--auth", Pair(':'))]),
    command("https", &[("-a", Pair(':')), ("--auth", Pair(':'))]),
    command("mysql", &[("-p", Glued)]),
    command("mysqldump", &[("-p", Glued)]),
    command("mysqladmin", &[("-p", Glued)]),
    command("mysqlimport", &[("-p", Glued)]),
    command("mysqlcheck", &[("-p", Glued)]),
    command("mysqlshow", &[("-p", Glued)]),
    command("mysqlsh", &[("-p", Glued)]),
    command("mysqlslap", &[("-p", Glued)]),
    command("mysqlpump", &[("-p", Glued)]),
    command("mysqlbinlog", &[("-p", Glued)]),
    command("mysql_upgrade", &[("-p", Glued)]),
    command("mariadb", &[("-p", Glued)]),
    command("mariadb-dump", &[("-p", Glued)]),
    command("mariadb-admin", &[("-p", Glued)]),
    command("mycli", &[("-p", Glued)]),
    command("xtrabackup", &[("-p", Glued)]),
    command("sshpass", &[("-p", Either)]),
    command("redis-cli", &[("-a", Either), ("--pass", Password)]),
    command("redis-server", &[("--masterauth", Password)]),
    command("redis-benchmark", &[("-a", Password)]),
    command("docker login", &[("-p", Either)]),
    command("podman login", &[("-p", Either)]),
    command("buildah login", &[("-p", Either)]),
    command("nerdctl login", &[("-p", Either)]),
    command("oc login", &[("-p", Either)]),
    command("az login", &[("-p", Password)]),
    command("az acr login", &[("-p", Password)]),
    command("registry login", &[("-p", Password)]),
    command("auth login", &[("-p", Password)]),
    command("oras login", &[("-p", Password)]),
    command("cf login", &[("-p", Password)]),
    command("skopeo", &[("--creds", Pair(':')), ("--src-creds", Pair(':')), ("--dest-creds", Pair(':'))]),
    command("etcdctl", &[("--user", Pair(':'))]),
    command("ldapsearch", &[("-w", Either)]),
    command("ldapadd", &[("-w", Either)]),
    command("ldapmodify", &[("-w", Either)]),
    command("ldapdelete", &[("-w", Either)]),
    command("ldappasswd", &[("-w", Either), ("-s", Either)]),
    command("ldapwhoami", &[("-w", Either)]),
    command("sqlcmd", &[("-P", Either)]),
    command("bcp", &[("-P", Either)]),
    command("isql", &[("-P", Either)]),
    command("tsql", &[("-P", Either)]),
    command("mongo", &[("-p", Either)]),
    command("mongosh", &[("-p", Either)]),
    command("mongodump", &[("-p", Either)]),
    command("mongorestore", &[("-p", Either)]),
    command("mongoexport", &[("-p", Either)]),
    command("mongoimport", &[("-p", Either)]),
    command("cqlsh", &[("-p", Password)]),
    command("cypher-shell", &[("-p", Password)]),
    command("mosquitto_pub", &[("-P", Either)]),
    command("mosquitto_sub", &[("-P", Either)]),
    command("twine upload", &[("-p", Password)]),
    command("ipmitool", &[("-P", Password)]),
    command("rdesktop", &[("-p", Password)]),
    command("xfreerdp", &[("/p:", Glued)]),
    command("plink", &[("-pw", Password)]),
    command("pscp", &[("-pw", Password)]),
    command("psexec", &[("-p", Password)]),
    command("smbclient", &[("-U", Pair('%'))]),
    command("rpcclient", &[("-U", Pair('%'))]),
    command("ssh-keygen", &[("-N", Password), ("-P", Password)]),
    command("openssl", &[("-passin", Marked("pass:")), ("-passout", Marked("pass:")), ("-pass", Marked("pass:")), ("-k", Password)]),
    command("rabbitmqctl", &[("add_user", Second), ("change_password", Second), ("authenticate_user", Second)]),
    command("htpasswd", &[("-nb", Second), ("-bn", Second), ("-nbB", Second), ("-bnB", Second), ("-nbm", Second), ("-b", Third), ("-bc", Third), ("-cb", Third)]),
    command("zip", &[("-P", Either)]),
    command("unzip", &[("-P", Either)]),
    command("7z", &[("-p", Glued)]),
    command("7za", &[("-p", Glued)]),
    command("rar", &[("-hp", Glued), ("-p", Glued)]),
    command("unrar", &[("-p", Glued)]),
];

/// Bytes of a command line that are read.
const MAX_LINE: usize = 1_000;

/// Commands in one line that are read: `sudo docker run mysql mysqldump ...`.
const MAX_COMMANDS: u8 = 16;

/// The names of the commands, each with its place in the table.
pub(super) fn words() -> impl Iterator<Item = (&'static str, u16)> {
    (0..).zip(COMMANDS).map(|(index, command)| (command.name, index))
}

/// The command lines of a text, in order.
#[derive(Default)]
pub(super) struct CommandLines {
    /// Where the current line ends, and how many commands were read in it.
    end: usize,
    commands: u8,
}

impl CommandLines {
    /// The passwords in the command whose name stands at `bytes[at..end]`.
    pub(super) fn passwords(
        &mut self,
        bytes: &[u8],
        at: usize,
        end: usize,
        index: u16,
        found: &mut Vec<SecretSpan>,
    ) {
        let is_part = at > 0 && matches!(bytes[at - 1], b'-' | b'.') || !escape::starts_word(bytes, at);
        if is_part || !matches!(bytes.get(end), Some(b' ' | b'\t')) {
            return;
        }
        if at >= self.end {
            *self = Self { end: line(bytes, end), commands: 0 };
        }
        if self.commands < MAX_COMMANDS {
            self.commands += 1;
            passwords(bytes, end, self.end, index, found);
        }
    }
}

fn passwords(bytes: &[u8], end: usize, line: usize, index: u16, found: &mut Vec<SecretSpan>) {
    let options = COMMANDS[usize::from(index)].options;
    let mut words = Words { bytes, at: end, end: line };
    while let Some((start, stop)) = words.next() {
        let word = &bytes[start..stop];
        for (option, carries) in options {
            let Some(rest) = word.strip_prefix(option.as_bytes()) else { continue };
            let long = option.starts_with("--");
            let value = match carries {
                Glued if rest.is_empty() => None,
                Glued | Either if !rest.is_empty() => Some((start + option.len(), stop)),
                Marked(mark) if rest.is_empty() => words.next().and_then(|(from, to)| {
                    let at = from + usize::from(matches!(bytes[from], b'"' | b'\''));
                    bytes[at..to].starts_with(mark.as_bytes()).then_some((at + mark.len(), to))
                }),
                Second if rest.is_empty() => words.next().and_then(|_| words.next()),
                Third if rest.is_empty() => {
                    words.next().and_then(|_| words.next()).and_then(|_| words.next())
                }
                _ if rest.is_empty() => words.next(),
                _ if long => rest.starts_with(b"=").then_some((start + option.len() + 1, stop)),
                // `-ume:secret`; a longer option is another one.
                Pair(sign) if rest.contains(&(*sign as u8)) => Some((start + option.len(), stop)),
                _ => None,
            };
            if let Some((from, to)) = value {
                found.extend(password(bytes, from, to, *carries));
                break;
            }
        }
    }
}

fn password(bytes: &[u8], from: usize, to: usize, carries: Carries) -> Option<SecretSpan> {
    let (mut from, mut to) = (from, to);
    // Quotes, also escaped ones.
    while from < to && matches!(bytes[from], b'"' | b'\'' | b'\\' | b'=') {
        from += 1;
    }
    while from < to && matches!(bytes[to - 1], b'"' | b'\'' | b'\\' | b'`' | b',' | b';' | b')') {
        to -= 1;
    }
    if let Pair(sign) = carries {
        let colon = bytes[from..to].iter().position(|b| *b == sign as u8)?;
        let user = bytes[from..from + colon].to_ascii_lowercase();
        // A key in the user's place, as services with keys alone want it.
        if from + colon + 1 == to {
            let is_key = user.len() >= 10 && user.iter().any(u8::is_ascii_digit) && !user.starts_with(b"$");
            return is_key.then_some(SecretSpan {
                start: from,
                end: to - 1,
                kind: "PASSWORD",
                strong: false,
            });
        }
        if user.starts_with(b"<") {
            return None;
        }
        from += colon + 1;
        let stands_in = matches!(user.as_slice(), b"user" | b"username" | b"name" | b"login")
            && assigned::stands_in(&bytes[from..to]);
        if stands_in {
            return None;
        }
    }
    let value = &bytes[from..to];
    let is_name = value.iter().all(|b| b.is_ascii_uppercase() || *b == b'_');
    let kept = value.len() < 3
        || is_name
        || value[0] == b'-'
        || assigned::is_template(value)
        || !matches!(carries, Pair(_)) && assigned::stands_in(value);
    (!kept).then_some(SecretSpan { start: from, end: to, kind: "PASSWORD", strong: false })
}

/// Where the command ends: at the line's end that no backslash takes back, or
/// at a sign that starts another command.
fn line(bytes: &[u8], start: usize) -> usize {
    let limit = bytes.len().min(start + MAX_LINE);
    let mut at = start;
    while at < limit {
        match bytes[at] {
            b'\n' if at > start && bytes[at - 1] == b'\\' => {}
            b'\n' => return at,
            b'|' | b';' if bytes[at - 1] == b' ' => return at,
            _ => {}
        }
        at += 1;
    }
    limit
}

/// The words of a command line, quotes and all.
struct Words<'a> {
    bytes: &'a [u8],
    at: usize,
    end: usize,
}

impl Words<'_> {
    fn next(&mut self) -> Option<(usize, usize)> {
        let blank = |b: u8| b.is_ascii_whitespace() || b == b'\\';
        while self.at < self.end
            && blank(self.bytes[self.at])
            && !matches!(self.bytes.get(self.at + 1), Some(b'"' | b'\''))
            || self.at < self.end && self.bytes[self.at].is_ascii_whitespace()
        {
            self.at += 1;
        }
        let start = self.at;
        let mut quote = None;
        while self.at < self.end {
            let byte = self.bytes[self.at];
            match quote {
                Some(open) if byte == open => quote = None,
                Some(_) => {}
                None if matches!(byte, b'"' | b'\'') => quote = Some(byte),
                None if byte.is_ascii_whitespace() => break,
                None => {}
            }
            self.at += 1;
        }
        // Only a quote that is closed holds a word together.
        if quote.is_some() {
            self.at =
                start + self.bytes[start..self.end].iter().take_while(|b| !b.is_ascii_whitespace()).count();
        }
        (self.at > start).then_some((start, self.at))
    }
}
