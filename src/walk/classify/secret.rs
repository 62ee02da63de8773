//! Names of files whose content is never taken: private keys, settings of one
//! machine, logins of tools.
//!
//! Not here: secrets in what is read, which are replaced (`redact`).

use std::sync::LazyLock;

use super::kind::{CONFIG_NAMES, DOC_FOLDERS, DOC_STEMS, SOURCE_EXTENSIONS};
use super::name_globs::NameGlobs;
use super::{extension_of, folders};

/// Names whose content is never taken, in any spelling of the letters. `*`
/// stands for any run. Where the name ends in a language's extension, it is
/// source (`secrets.py` reads secrets, it holds none) and is read and redacted.
#[rustfmt::skip]
const SECRET_NAMES: &[&str] = &[
    // settings for one machine
    ".env", ".env.*", ".env-*", ".env_*", ".env1", ".env2", "*.env", "*.env.local", "env.prod", "env.production", "env.local",
    "env.staging", ".envrc", ".flaskenv", ".secrets", ".credentials", ".dev.vars", ".dev.vars.*",
    // private keys and stores of keys
    "*.pem", "*.key", "*.p8", "*.p12", "*.pfx", "*.pk8", "*.pkcs8", "*.pkcs12", "*.jks", "*.jceks", "*.bks", "*.keystore",
    "*.ppk", "*.kdb", "*.kdbx", "*.keytab", "*.keychain", "*.keychain-db", "*.agilekeychain", "*.opvault", "*.1pif",
    "*.kwallet", "*.ovpn", "*.agekey", "*.asc.key", "wallet.dat", "secring.*", "pubring.kbx", "trustdb.gpg", "age-key.txt",
    "age.key.txt", "id_rsa*", "id_dsa*", "id_ecdsa*", "id_ed25519*", "id_xmss*", "ssh_host_*_key", "master.key", "*_rsa",
    "*_dsa", "*_ecdsa", "*_ed25519", "*.gpg-key", "*.sshkey", ".erlang.cookie",
    "private_key", "private-key", "privatekey", "secret_key", "secret-key", "deploy_key", "deploy-key", "host_key",
    "*.private_key", "*_private_key", "*-private-key", "*.key.txt", "*.pem.txt", "private*key.asc", "secret*key.asc",
    "key.asc", "*.gpg", "*.jwk", "keystore.properties", "key.properties", "vault-keys.json", "vault_keys.json",
    "unseal.keys", "unseal-keys*", "wg0.conf", "wg1.conf", "*.keyring",
    // logins of tools
    ".netrc", "_netrc", ".authinfo", ".npmrc", "_npmrc", ".yarnrc", ".yarnrc.yml", ".pypirc", ".pgpass", "pgpass.conf", ".my.cnf",
    ".mylogin.cnf", ".git-credentials", ".gitcredentials", ".dockercfg", ".dockerconfigjson", "dockerconfig.json", ".s3cfg",
    ".boto", ".passwd-s3fs", ".curlrc", ".wgetrc", ".esmtprc", ".msmtprc", ".fetchmailrc", ".offlineimaprc", ".mbsyncrc",
    ".ftpconfig", ".ftppass", ".remote-sync.json", "sftp-config.json", "sftp.json", "filezilla.xml", "recentservers.xml",
    "sitemanager.xml", "proftpdpasswd", ".tugboat", ".databrickscfg", ".snowsqlrc", ".vault-token", ".vault_pass*",
    ".vault-pass*", "vault_pass*", "vault-pass*", "vault_password*", "vault-password*", ".vault_password*", "vault.yml",
    "vault.yaml", "rclone.conf", ".rclone.conf", ".terraformrc", "terraform.rc", "credentials.tfrc.json", "kaggle.json",
    "robomongo.json", "robo3t.json", "dbeaver-data-sources.xml", "datasources.local.xml", "webservers.xml",
    ".smbcredentials", "smbcredentials", "auth.json", "settings-security.xml", "netrc", "git-credentials",
    ".aws-credentials", "aws_credentials", "aws-credentials", "pip.conf", "my.cnf", "ngrok.yml", ".ngrok.yml", ".muttrc",
    "oauth_creds.json", "oauth-creds.json", "chap-secrets", "pap-secrets", "*.nmconnection", "*.rdp",
    // clouds
    "kubeconfig", "*.kubeconfig", "kubeconfig.*", "kubeconfig-*", "*-kubeconfig", "*.tfstate", "*.tfstate.*", "*.tfvars",
    "*.tfvars.json", "*service-account*.json", "*service_account*.json", "*serviceaccount*.json", "*adminsdk*.json",
    "gha-creds-*.json", "gcp-key*.json", "gcp_key*.json", "client_secret*.json", "client-secret*.json",
    "application_default_credentials.json", "gcloud-key*.json", "*.publishsettings", "*.azureprofile", "accesstokens.json",
    "*accesskeys.csv", "rootkey.csv", "azureprofile.json", "msal_token_cache.*", "kube.config", "kube_config_*.yml",
    "kube_config_*.yaml", "kube_config", "k3s.yaml", "admin.conf", "talosconfig",
    // password files
    ".htpasswd", ".htpasswd.*", "htpasswd", ".htdigest", "htdigest", "master.passwd", "gshadow", "passwords.*",
    "passwd", "passwd-", "shadow", "shadow-", "password.txt", "pass.txt", "passwd.txt",
    "secret.yml", "secret.yaml", "secret.json", "secret.txt", "secret.toml", "app-secret*.json", "appsecret*.json",
    "usersecrets.json", "*-secrets.toml", "*_secrets.toml", "*.secrets.toml", "*.secrets.ini", "*.secrets.env",
    ".secrets.*", "secrets.*", "*.secrets", "*.secret", "*.secrets.yml", "*.secrets.yaml", "*.secrets.json", "*-secrets.yml",
    "*-secrets.yaml", "*_secrets.yml", "*_secrets.yaml", "*_secrets.json", "*-secrets.json", "secrets", "credentials",
    "credentials.*", "credentials-*", "credentials_*", "*-credentials.*", "*_credentials.*", "*.credentials", ".credentials.*",
    // what was typed and browsed
    ".*_history", ".histfile", ".zhistory", "fish_history", "consolehost_history.txt", ".viminfo", ".lesshst",
    "logins.json", "key3.db", "key4.db", "signons.sqlite", "cookies.sqlite", "login data", "web data", "cookies",
];
static SECRETS: LazyLock<NameGlobs> = LazyLock::new(|| NameGlobs::new(SECRET_NAMES));

/// Endings of copies that editors and people make of the above.
const COPY_ENDS: &[&str] =
    &["~", ".bak", ".old", ".orig", ".save", ".swp", ".swo", ".backup", ".copy", ".tmp"];

/// Words in names of templates of the above, made to be shared.
const TEMPLATES: &[&str] =
    &["example", "sample", "template", "dist", "tmpl", "tpl", "j2", "schema", "defaults"];

/// What makes `example` a part of a host's name.
const DOMAINS: &[&str] = &["com", "org", "net", "edu", "test", "local", "io", "dev", "de", "co"];

/// Endings of keys and stores of keys: of these, only an ending of its own makes
/// a template (`server.key.example`), since keys are named by their host.
const KEY_EXTENSIONS: &[&str] = &[
    "pem", "key", "p8", "p12", "pfx", "pk8", "pkcs8", "pkcs12", "jks", "jceks", "bks", "keystore", "ppk",
    "kdbx", "keytab", "ovpn", "gpg", "jwk", "agekey", "asc",
];

/// Folders whose whole content is secret.
#[rustfmt::skip]
const SECRET_FOLDERS: &[&str] = &[
    ".aws", ".ssh", ".gnupg", ".kube", ".azure", ".oci", ".chef", ".snowflake", ".password-store", ".mozilla", ".thunderbird",
    "private-keys-v1.d", ".secrets", ".envs", ".vnc",
];

/// Whole paths, at the end of a path.
#[rustfmt::skip]
const SECRET_PATHS: &[&str] = &[
    ".docker/config.json", ".m2/settings.xml", ".bundle/config", ".dbt/profiles.yml", ".huggingface/token",
    "huggingface/token", ".config/gh/hosts.yml", ".config/hub", ".config/doctl/config.yaml", ".snowsql/config",
    "etc/shadow", "sops/age/keys.txt", "etc/kubernetes/admin.conf", ".vscode/sftp.json", ".jupyter/jupyter_server_config.json",
    ".config/glab-cli/config.yml", ".config/hcloud/cli.toml", ".config/scw/config.yaml", "kubernetes/admin.conf",
    ".config/ngrok/ngrok.yml", ".config/pip/pip.conf",
];

/// Folders below `.config` and elsewhere, with everything in them.
const SECRET_FOLDER_PATHS: &[&str] =
    &[".config/gcloud/", ".config/google-chrome/", ".config/chromium/", ".config/rclone/", ".config/op/"];

/// What the files of a folder `secrets` end with when they hold one.
const MOUNTED_EXTENSIONS: &[&str] = &[
    "",
    "txt",
    "json",
    "yml",
    "yaml",
    "ini",
    "conf",
    "cfg",
    "properties",
    "xml",
    "enc",
    "token",
    "password",
];

/// Extensions of prose: `secrets.md` tells of them.
const PROSE_EXTENSIONS: &[&str] =
    &["md", "markdown", "mdx", "rst", "adoc", "html", "htm", "tex", "svg", "png", "gif", "jpg"];

pub(super) fn is_secret(lower: &str, name: &str) -> bool {
    let in_folder = folders(lower).any(|folder| SECRET_FOLDERS.contains(&folder))
        || SECRET_FOLDER_PATHS
            .iter()
            .any(|path| lower.find(path).is_some_and(|at| at == 0 || lower.as_bytes()[at - 1] == b'/'));
    let by_path = SECRET_PATHS
        .iter()
        .any(|end| lower.strip_suffix(end).is_some_and(|rest| rest.is_empty() || rest.ends_with('/')));
    in_folder || by_path || is_mounted(lower, name) || is_secret_name(lower, name)
}

fn is_secret_name(lower: &str, name: &str) -> bool {
    // A copy is what it copies; an editor's begins with a dot of its own.
    for end in COPY_ENDS {
        if let Some(original) = name.strip_suffix(end).filter(|original| !original.is_empty()) {
            let of_editor = end.starts_with(".sw").then(|| original.strip_prefix('.')).flatten();
            return is_secret_name(lower, original)
                || of_editor.is_some_and(|original| is_secret_name(lower, original));
        }
    }
    if !SECRETS.fit(name) {
        return false;
    }
    let extension = extension_of(name);
    // `.env.ts` declares variables, it holds none.
    let is_code = SOURCE_EXTENSIONS.contains(&extension) || PROSE_EXTENSIONS.contains(&extension);
    let is_prose = extension == "txt" && folders(lower).any(|folder| DOC_FOLDERS.contains(&folder));
    // Public halves, and templates made to be shared; a chart's are filled in
    // when it is installed, and a shell completes commands by their names.
    let is_shared = extension == "pub"
        || is_template(name)
        || folders(lower).any(|folder| matches!(folder, "templates" | "completions" | "pam.d"));
    !is_code && !is_prose && !is_shared
}

/// A file in a folder that is mounted as `/run/secrets`: a value, or settings.
/// A package may have that name too; its manifest and its prose are read.
fn is_mounted(lower: &str, name: &str) -> bool {
    let stem = name.split(['.', '-']).next().unwrap_or(name);
    let is_value = MOUNTED_EXTENSIONS.contains(&extension_of(name))
        && !CONFIG_NAMES.contains(&name)
        && !DOC_STEMS.contains(&stem)
        && !name.starts_with(['.', '_'])
        && !matches!(stem, "tsconfig" | "project" | "index" | "kustomization" | "codeowners")
        && !is_template(name);
    is_value && folders(lower).last() == Some("secrets")
}

/// Whether a name says that nothing in the file is real: a word between dots,
/// dashes or underscores, and none that stands in the name of a host.
fn is_template(name: &str) -> bool {
    let words: Vec<&str> = name.split(['.', '-', '_']).collect();
    let is_marked = |at: usize| {
        let word = words[at].trim_end_matches(|c: char| c.is_ascii_digit());
        let is_word = TEMPLATES.iter().any(|template| word.strip_suffix('s').unwrap_or(word) == *template);
        let is_host = words.get(at + 1).is_some_and(|next| DOMAINS.contains(next));
        (is_word || TEMPLATES.contains(&words[at])) && !is_host
    };
    !KEY_EXTENSIONS.contains(&extension_of(name)) && (0..words.len()).any(is_marked)
}
