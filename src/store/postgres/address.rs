//! Where a team's server is, how it is spoken to and by whom, from a URL. What is
//! kept and told of it holds no password.

use std::net::IpAddr;
use std::sync::Arc;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use tokio_postgres::Config;
use tokio_postgres::config::{Host, SslMode};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::error::TeamError;

/// A server, a database and a role.
pub struct Address {
    pub(super) config: Config,
    /// `ROLE@HOST:PORT/DATABASE`.
    pub shown: String,
    /// The same as a URL without a password, to be kept.
    pub kept: String,
    pub has_password: bool,
    encrypted: bool,
    certificates: Option<String>,
}

/// A URL that is none of PostgreSQL, or asks for what is not done. No message
/// repeats it.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum BadAddress {
    #[error(
        "that is no address of PostgreSQL\nhint: `postgres://ROLE@HOST:5432/DATABASE?sslmode=verify-full`"
    )]
    NoUrl,
    #[error("the address names no {0}\nhint: `postgres://ROLE@HOST:5432/DATABASE?sslmode=verify-full`")]
    Without(&'static str),
    #[error(
        "`sslmode={0}` is none that is known\nhint: verify-full, or disable for a server on this machine"
    )]
    Mode(String),
    #[error("without TLS only a server on this machine is spoken to\nhint: `sslmode=verify-full`")]
    InTheClear,
}

/// What TLS an address asks for.
struct Wanted {
    mode: Option<String>,
    certificates: Option<String>,
}

impl Address {
    /// Reads a URL. `password` is asked for one where the URL has none, by host,
    /// port, database and role.
    pub fn parse(
        url: &str,
        password: &dyn Fn(&str, u16, &str, &str) -> Option<String>,
    ) -> Result<Self, BadAddress> {
        let (plain, wanted) = without_tls(url).ok_or(BadAddress::NoUrl)?;
        let mut config: Config = plain.parse().map_err(|_| BadAddress::NoUrl)?;
        let role = config.get_user().ok_or(BadAddress::Without("role"))?.to_string();
        let database = config.get_dbname().ok_or(BadAddress::Without("database"))?.to_string();
        let (host, is_here) = host(&config).ok_or(BadAddress::Without("host"))?;
        let port = config.get_ports().first().copied().unwrap_or(5432);
        let has_password = config.get_password().is_some();
        if let Some(password) = password(&host, port, &database, &role).filter(|_| !has_password) {
            config.password(password);
        }
        let encrypted = wanted.is_encrypted(is_here)?;
        config.ssl_mode(if encrypted { SslMode::Require } else { SslMode::Disable });
        config.application_name("waypost");
        let mode = if encrypted { "verify-full" } else { "disable" };
        let trusted = wanted.certificates.as_ref().map(|path| format!("&sslrootcert={}", escaped(path)));
        let trusted = trusted.unwrap_or_default();
        Ok(Self {
            config,
            shown: format!("{role}@{host}:{port}/{database}"),
            kept: format!(
                "postgres://{}@{}:{port}/{}?sslmode={mode}{trusted}",
                escaped(&role),
                escaped(&host),
                escaped(&database)
            ),
            has_password,
            encrypted,
            certificates: wanted.certificates,
        })
    }

    /// How the connection is encrypted; `None` for one that is not.
    pub(super) fn tls(&self) -> Result<Option<MakeRustlsConnect>, TeamError> {
        if !self.encrypted {
            return Ok(None);
        }
        let path = self.certificates.clone();
        let Some(path) = path.filter(|path| path != "system") else {
            let found = MakeRustlsConnect::with_native_certs().map(|(tls, _)| Some(tls));
            let none = "this machine has none".to_string();
            return found.map_err(|_| TeamError::Certificates { path: "system".to_string(), why: none });
        };
        let bad = |why: String| TeamError::Certificates { path: path.clone(), why };
        let mut roots = RootCertStore::empty();
        let read = CertificateDer::pem_file_iter(&path).map_err(|error| bad(error.to_string()))?;
        for certificate in read {
            let certificate = certificate.map_err(|error| bad(error.to_string()))?;
            roots.add(certificate).map_err(|error| bad(error.to_string()))?;
        }
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
        let builder = builder.map_err(|error| bad(error.to_string()))?;
        let config = builder.with_root_certificates(roots).with_no_client_auth();
        Ok(Some(MakeRustlsConnect::new(config)))
    }
}

impl Wanted {
    fn is_encrypted(&self, is_here: bool) -> Result<bool, BadAddress> {
        match self.mode.as_deref() {
            None => Ok(!is_here),
            Some("disable") if is_here => Ok(false),
            Some("disable" | "allow" | "prefer") => Err(BadAddress::InTheClear),
            Some("require" | "verify-ca" | "verify-full") => Ok(true),
            Some(other) => Err(BadAddress::Mode(other.chars().take(20).collect())),
        }
    }
}

/// The first host, and whether it is this machine.
fn host(config: &Config) -> Option<(String, bool)> {
    match config.get_hosts().first()? {
        Host::Tcp(name) => {
            let address: Option<IpAddr> = name.parse().ok();
            Some((name.clone(), name == "localhost" || address.is_some_and(|it| it.is_loopback())))
        }
        #[cfg(unix)]
        Host::Unix(path) => Some((path.to_string_lossy().into_owned(), true)),
    }
}

/// The URL without what it says of TLS, since this client names fewer modes.
fn without_tls(url: &str) -> Option<(String, Wanted)> {
    if !url.starts_with("postgres://") && !url.starts_with("postgresql://") {
        return None;
    }
    let (front, query) = url.split_once('?').unwrap_or((url, ""));
    let mut wanted = Wanted { mode: None, certificates: None };
    let mut rest = Vec::new();
    for part in query.split('&').filter(|part| !part.is_empty()) {
        match part.split_once('=') {
            Some(("sslmode", mode)) => wanted.mode = Some(mode.to_string()),
            Some(("sslrootcert", path)) => wanted.certificates = Some(unescaped(path)?),
            _ => rest.push(part),
        }
    }
    let query = if rest.is_empty() { String::new() } else { format!("?{}", rest.join("&")) };
    Some((format!("{front}{query}"), wanted))
}

/// A text as a part of a URL.
fn escaped(text: &str) -> String {
    let keep = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    text.bytes()
        .map(|byte| if keep(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect()
}

fn unescaped(text: &str) -> Option<String> {
    let (mut bytes, mut rest) = (Vec::new(), text.as_bytes());
    while let Some((first, behind)) = rest.split_first() {
        rest = behind;
        bytes.push(match first {
            b'%' => {
                let (digits, behind) = rest.split_at_checked(2)?;
                rest = behind;
                u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?
            }
            byte => *byte,
        });
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(url: &str) -> Result<Address, BadAddress> {
        Address::parse(url, &|_, _, _, _| None)
    }

    #[test]
    fn what_is_kept_and_told_of_an_address_holds_no_password() {
        let address = parse("postgresql://ann:s3cret%40@db.example.org/team?connect_timeout=9").unwrap();
        assert_eq!(address.shown, "ann@db.example.org:5432/team");
        assert_eq!(address.kept, "postgres://ann@db.example.org:5432/team?sslmode=verify-full");
        assert!(address.has_password && address.encrypted);
        let again = parse(&address.kept).unwrap();
        assert_eq!((again.shown, again.kept), (address.shown, address.kept));
    }

    #[test]
    fn a_socket_and_a_file_of_certificates_are_kept_as_they_are() {
        let url = "postgres://ann@%2Frun%2Fpg/team?sslrootcert=%2Fetc%2Fteam%20ca.pem&sslmode=require";
        let address = parse(url).unwrap();
        assert_eq!(address.certificates.as_deref(), Some("/etc/team ca.pem"));
        assert_eq!(parse(&address.kept).unwrap().kept, address.kept);
    }

    #[test]
    fn only_a_server_on_this_machine_is_spoken_to_in_the_clear() {
        assert!(!parse("postgres://ann@127.0.0.1/team").unwrap().encrypted);
        assert!(!parse("postgres://ann@localhost/team?sslmode=disable").unwrap().encrypted);
        assert!(parse("postgres://ann@10.0.0.1/team").unwrap().encrypted);
        for mode in ["disable", "allow", "prefer"] {
            let refused = parse(&format!("postgres://ann@10.0.0.1/team?sslmode={mode}"));
            assert_eq!(refused.err(), Some(BadAddress::InTheClear));
        }
        for (url, without) in [("postgres://ann@h", "database"), ("postgres://h/team", "role")] {
            assert_eq!(parse(url).err(), Some(BadAddress::Without(without)), "{url}");
        }
        assert_eq!(parse("mysql://ann@h/team").err(), Some(BadAddress::NoUrl));
        assert!(matches!(parse("postgres://a@h/t?sslmode=odd").err(), Some(BadAddress::Mode(_))));
    }
}
