//! What a file is in the project: by its name before it is opened, then by its
//! first bytes. Tables as data, in one place.
//!
//! Not here: the language (that is a grammar's own manifest) and reading.

use super::encoding::{decode, utf16};
use crate::limits;
use crate::model::{Class, RelPath};

/// What a name alone tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Named {
    /// Content must not be taken.
    Secret,
    Lock,
    Vendored,
    /// Minified by name: `x.min.js`, source maps.
    Minified,
    /// Written by a tool by name: `x_pb2.py`.
    Generated,
    /// Content decides.
    Open,
}

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

/// Endings of copies that editors and people make of the above.
const COPY_ENDS: &[&str] =
    &["~", ".bak", ".old", ".orig", ".save", ".swp", ".swo", ".backup", ".copy", ".tmp"];

/// Parts of names of templates of the above, made to be shared.
const TEMPLATES: &[&str] =
    &["example", "sample", "template", ".dist", "-dist", ".tmpl", ".tpl", ".j2", ".schema", ".defaults"];

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

const LOCK_NAMES: &[&str] = &[
    "cargo.lock",
    "package-lock.json",
    "npm-shrinkwrap.json",
    "yarn.lock",
    "pnpm-lock.yaml",
    "bun.lock",
    "bun.lockb",
    "deno.lock",
    "poetry.lock",
    "pdm.lock",
    "uv.lock",
    "pipfile.lock",
    "pixi.lock",
    "conda-lock.yml",
    "composer.lock",
    "gemfile.lock",
    "podfile.lock",
    "pubspec.lock",
    "mix.lock",
    "flake.lock",
    "go.sum",
    "go.work.sum",
    "package.resolved",
    "packages.lock.json",
    "gradle.lockfile",
    ".terraform.lock.hcl",
];

/// Folders of other people's code, at any depth.
const VENDORED_FOLDERS: &[&str] = &[
    "node_modules",
    "bower_components",
    "jspm_packages",
    "site-packages",
    "third_party",
    "third-party",
    "thirdparty",
    "3rdparty",
    "_vendor",
    "_vendored",
    "vendored",
    "pods",
    "carthage",
];

/// Folders of assets: a `vendor` below one holds other people's code.
const ASSET_FOLDERS: &[&str] = &[
    "static",
    "assets",
    "public",
    "js",
    "css",
    "scss",
    "javascript",
    "javascripts",
    "stylesheets",
    "lib",
    "libs",
    "www",
];

const MINIFIED_NAMES: &[&str] =
    &["*.min.js", "*.min.mjs", "*.min.css", "*.bundle.js", "*.js.map", "*.css.map", "*.mjs.map"];

const GENERATED_NAMES: &[&str] = &[
    "*_pb2.py",
    "*_pb2.pyi",
    "*_pb2_grpc.py",
    "*.pb.go",
    "*.pb.cc",
    "*.pb.h",
    "*.g.dart",
    "*.freezed.dart",
    "*.designer.cs",
    "*.g.cs",
];

/// Judges by name alone, before anything is opened.
pub fn by_name(path: &RelPath) -> Named {
    let lower = path.as_str().to_ascii_lowercase();
    let name = name_of(&lower);
    if is_secret(&lower, name) {
        Named::Secret
    } else if LOCK_NAMES.contains(&name) {
        Named::Lock
    } else if is_vendored(&lower) {
        Named::Vendored
    } else if any_fits(MINIFIED_NAMES, name) {
        Named::Minified
    } else if any_fits(GENERATED_NAMES, name) {
        Named::Generated
    } else {
        Named::Open
    }
}

fn is_secret(lower: &str, name: &str) -> bool {
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
    if !any_fits(SECRET_NAMES, name) {
        return false;
    }
    let extension = extension_of(name);
    // `.env.ts` declares variables, it holds none.
    let is_code = SOURCE_EXTENSIONS.contains(&extension) || PROSE_EXTENSIONS.contains(&extension);
    let is_prose = extension == "txt" && folders(lower).any(|folder| DOC_FOLDERS.contains(&folder));
    // Public halves, and templates made to be shared; a chart's are filled in
    // when it is installed, and a shell completes commands by their names.
    let is_shared = extension == "pub"
        || TEMPLATES.iter().any(|part| name.contains(part))
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
        && !TEMPLATES.iter().any(|part| name.contains(part));
    is_value && folders(lower).last() == Some("secrets")
}

/// `vendor` is also a word of business (suppliers), so it counts only where
/// tools put it: at the top, below assets, or above a folder that is a host
/// name, as Go lays it out.
fn is_vendored(lower: &str) -> bool {
    let folders: Vec<&str> = folders(lower).collect();
    let is_vendor = |at: usize| {
        matches!(folders[at], "vendor" | "vendors")
            && (at == 0
                || folders[..at].iter().any(|folder| ASSET_FOLDERS.contains(folder))
                || folders.get(at + 1).is_some_and(|next| next.contains('.')))
    };
    folders.iter().any(|folder| VENDORED_FOLDERS.contains(folder)) || (0..folders.len()).any(is_vendor)
}

/// Judges by name and content. `head` is the whole content, or its first bytes
/// where `is_whole` says that the file is larger than what is read.
pub fn class(path: &RelPath, named: Named, head: &[u8], is_whole: bool) -> Class {
    match named {
        Named::Secret => return Class::Secret,
        Named::Lock => return Class::Lock,
        Named::Vendored => return Class::Vendored,
        Named::Minified => return Class::Minified,
        _ if is_binary(head) => return Class::Binary,
        _ if !is_whole => return Class::Oversized,
        Named::Generated => return Class::Generated,
        Named::Open => {}
    }
    if has_long_line(head) {
        Class::Minified
    } else if is_generated(head) {
        Class::Generated
    } else {
        kind_of_text(path, head)
    }
}

/// As git does: a NUL among the first bytes. UTF-16 says so by its mark.
fn is_binary(bytes: &[u8]) -> bool {
    let sniffed = &bytes[..bytes.len().min(limits::SNIFF)];
    match utf16(sniffed) {
        Some((_, text)) => text.chunks_exact(2).any(|unit| unit == [0, 0]),
        None => sniffed.contains(&0),
    }
}

fn has_long_line(bytes: &[u8]) -> bool {
    bytes.split(|&byte| byte == b'\n').any(|line| line.len() > limits::MAX_LINE)
}

/// What tools write at the top of what they make.
const GENERATED_MARKS: &[&str] = &[
    "@generated",
    "code generated by",
    "do not edit",
    "do not modify",
    "automatically generated",
    "auto-generated",
    "autogenerated",
    "this file was generated",
];

/// What a comment may start with; text that only talks about the mark has
/// something else before it.
const COMMENT_STARTS: &[&str] = &["//", "/*", "*", "#", "--", ";", "<!--", "%", "\"\"\"", "{-", "(*"];

/// Among the first lines, as a comment of its own.
fn is_generated(bytes: &[u8]) -> bool {
    const LINES: usize = 20;
    let head = &bytes[..bytes.len().min(limits::SNIFF)];
    let head = decode(head);
    head.lines().take(LINES).any(|line| {
        let line = line.trim_start();
        let Some(start) = COMMENT_STARTS.iter().find(|start| line.starts_with(**start)) else {
            return false;
        };
        let comment = line[start.len()..].trim_start_matches(['/', '*', '#', '!', '-', ' ', '\t']);
        says_generated(&comment.to_ascii_lowercase())
    })
}

fn says_generated(comment: &str) -> bool {
    let Some(mark) = GENERATED_MARKS.iter().find(|mark| comment.contains(**mark)) else {
        return false;
    };
    // Quoted, or an order about a part: "do not edit the lines below".
    let at = comment.find(mark).unwrap_or(0);
    let before = comment[..at].chars().next_back();
    if matches!(before, Some('"' | '\'' | '`')) {
        return false;
    }
    match *mark {
        "@generated" | "code generated by" | "this file was generated" => true,
        "do not edit" | "do not modify" => {
            let rest = comment[at + mark.len()..].trim_start();
            let whole = rest.trim_start_matches(['.', '!', '-', '*', '/', ' ', ',', ';', ':']);
            let is_order = whole.is_empty()
                || ["this file", "by hand", "manually", "directly", "it ", "the file"]
                    .iter()
                    .any(|order| rest.starts_with(order));
            is_order && (before.is_none() || comment.contains("generated") || comment.contains("this file"))
        }
        _ => comment.contains("file") || comment.contains(" by ") || comment.contains(" from "),
    }
}

const DOC_EXTENSIONS: &[&str] =
    &["md", "markdown", "mdx", "rst", "adoc", "asciidoc", "org", "textile", "pod", "rdoc", "tex"];

/// Names, without extension, of prose at any place.
const DOC_STEMS: &[&str] = &[
    "readme",
    "changelog",
    "changes",
    "history",
    "news",
    "authors",
    "contributors",
    "contributing",
    "copying",
    "license",
    "licence",
    "unlicense",
    "notice",
    "security",
    "todo",
    "code_of_conduct",
    "maintainers",
];

const DOC_FOLDERS: &[&str] = &["doc", "docs", "documentation", "man", "manual", "guide"];

const CONFIG_EXTENSIONS: &[&str] = &[
    "toml",
    "yaml",
    "yml",
    "ini",
    "cfg",
    "conf",
    "properties",
    "editorconfig",
    "env",
    "plist",
    "nix",
    "mk",
    "cmake",
    "gradle",
    "bazel",
    "bzl",
    "gn",
    "gni",
    "service",
    "csproj",
    "sln",
    "desktop",
];

const CONFIG_NAMES: &[&str] = &[
    "makefile",
    "gnumakefile",
    "dockerfile",
    "containerfile",
    "justfile",
    "procfile",
    "vagrantfile",
    "jenkinsfile",
    "rakefile",
    "gemfile",
    "brewfile",
    "caddyfile",
    "build",
    "workspace",
    "cmakelists.txt",
    "meson.build",
    "meson_options.txt",
    "package.json",
    "deno.json",
    "composer.json",
    "bower.json",
    "lerna.json",
    "nx.json",
    "turbo.json",
    "angular.json",
    "vercel.json",
    "renovate.json",
    "manifest.json",
    "manifest.in",
    "requirements.txt",
    "constraints.txt",
    "pom.xml",
    "build.xml",
    "go.mod",
    "go.work",
    "codeowners",
    "kconfig",
    "setup.cfg",
];

/// Ends of names that mark settings whatever stands before.
const CONFIG_ENDS: &[&str] = &[
    "rc",
    "rc.json",
    "rc.js",
    "ignore",
    "config.json",
    ".code-workspace",
    "settings.json",
    ".config",
    "attributes",
    "-requirements.txt",
];

const SOURCE_EXTENSIONS: &[&str] = &[
    "rs", "py", "pyi", "pyx", "pxd", "js", "mjs", "cjs", "jsx", "ts", "mts", "cts", "tsx", "vue", "svelte",
    "astro", "go", "java", "kt", "kts", "scala", "sc", "groovy", "clj", "cljs", "cljc", "edn", "c", "h",
    "cc", "cpp", "cxx", "c++", "hh", "hpp", "hxx", "h++", "inl", "ipp", "tcc", "m", "mm", "cs", "fs", "fsi",
    "fsx", "vb", "swift", "rb", "rake", "gemspec", "erb", "php", "phtml", "pl", "pm", "t", "raku", "lua",
    "r", "jl", "hs", "lhs", "elm", "ml", "mli", "re", "res", "ex", "exs", "erl", "hrl", "zig", "nim", "d",
    "v", "sv", "svh", "vhd", "vhdl", "dart", "sol", "cairo", "move", "sh", "bash", "zsh", "fish", "ps1",
    "psm1", "bat", "cmd", "awk", "sql", "proto", "thrift", "graphql", "gql", "capnp", "fbs", "asm", "s", "f",
    "f90", "f95", "pas", "ada", "adb", "ads", "tcl", "lisp", "el", "scm", "rkt", "css", "scss", "sass",
    "less", "html", "htm", "cu", "glsl", "wgsl", "hlsl", "vert", "frag", "comp", "metal", "cl", "cob", "cbl",
    "coffee", "cr", "gd", "gleam", "hx", "idr", "agda", "lean", "purs", "rego", "jinja", "j2", "tf", "hcl",
    "bicep", "wat", "typ",
];

/// Folders that hold tests and what they need, at any depth.
const TEST_FOLDERS: &[&str] = &[
    "test",
    "tests",
    "__tests__",
    "spec",
    "specs",
    "testdata",
    "test_data",
    "test-data",
    "fixtures",
    "__fixtures__",
    "__mocks__",
    "__snapshots__",
    "e2e",
    "unittests",
    "integration_tests",
    "integration-tests",
    "benches",
    "fuzz_targets",
];

/// Names of tests. `*` stands for any run.
const TEST_NAMES: &[&str] = &[
    "test_*.py",
    "*_test.py",
    "tests.py",
    "test.py",
    "conftest.py",
    "*_test.go",
    "*_test.rs",
    "*_tests.rs",
    "tests.rs",
    "test.rs",
    "*.test.*",
    "*.spec.*",
    "*_spec.rb",
    "*_test.rb",
    "*_test.dart",
    "*_test.exs",
    "*_test.cc",
    "*_test.cpp",
    "*_test.c",
    "*_unittest.cc",
    "test_*.c",
    "*.snap",
];

/// As [`TEST_NAMES`], but only in this spelling: `Latest.java` is no test.
const TEST_NAMES_CASED: &[&str] = &[
    "*Test.java",
    "*Tests.java",
    "Test*.java",
    "*IT.java",
    "*Test.kt",
    "*Tests.cs",
    "*Test.cs",
    "*Tests.swift",
    "*Test.php",
    "*Spec.scala",
];

fn kind_of_text(path: &RelPath, head: &[u8]) -> Class {
    let lower = path.as_str().to_ascii_lowercase();
    let name = name_of(&lower);
    let extension = extension_of(name);
    if is_test(path, &lower, name) && !is_readme(name) {
        return Class::Test;
    }
    if is_doc(&lower, name, extension) {
        return Class::Doc;
    }
    if is_config(&lower, name, extension) {
        return Class::Config;
    }
    let is_code = SOURCE_EXTENSIONS.contains(&extension);
    let is_script = extension.is_empty() && head.starts_with(b"#!");
    if is_code || is_script { Class::Source } else { Class::Data }
}

fn is_test(path: &RelPath, lower: &str, name: &str) -> bool {
    // `test` inside a Python package may be its product (`django/test`): there
    // the name of the file has to say so as well.
    let by_folder = |(depth, folder): (usize, &str)| {
        let is_product = folder == "test" && depth > 0 && name.ends_with(".py");
        TEST_FOLDERS.contains(&folder) && !is_product
    };
    folders(lower).enumerate().any(by_folder)
        || any_fits(TEST_NAMES, name)
        || any_fits(TEST_NAMES_CASED, path.name())
}

fn is_readme(name: &str) -> bool {
    name == "readme" || name.starts_with("readme.")
}

fn is_doc(lower: &str, name: &str, extension: &str) -> bool {
    let stem = name.split(['.', '-']).next().unwrap_or(name);
    let is_plain = matches!(extension, "" | "txt");
    DOC_EXTENSIONS.contains(&extension)
        || (is_plain && DOC_STEMS.contains(&stem))
        || (extension == "txt" && folders(lower).any(|folder| DOC_FOLDERS.contains(&folder)))
        || is_man_page(lower, extension)
}

fn is_man_page(lower: &str, extension: &str) -> bool {
    let section = extension.len() == 1 && extension.bytes().all(|byte| byte.is_ascii_digit());
    section && folders(lower).any(|folder| DOC_FOLDERS.contains(&folder))
}

fn is_config(lower: &str, name: &str, extension: &str) -> bool {
    let in_ci = folders(lower).any(|folder| {
        matches!(
            folder,
            ".github" | ".circleci" | ".gitlab" | ".ci" | ".vscode" | ".idea" | ".cargo" | ".config"
        )
    });
    let is_code = SOURCE_EXTENSIONS.contains(&extension);
    CONFIG_NAMES.contains(&name)
        || CONFIG_EXTENSIONS.contains(&extension)
        || name.starts_with("dockerfile.")
        || name.starts_with("makefile.")
        || (name.starts_with("tsconfig") && extension == "json")
        || (name.starts_with("requirements") && extension == "txt")
        || (name.contains(".config.") && is_code)
        || (name.starts_with('.') && !is_code)
        || CONFIG_ENDS.iter().any(|end| name.ends_with(end) && name.starts_with('.'))
        || matches!(name, "settings.json" | "config.json" | "appsettings.json" | "mkdocs.yml")
        || (in_ci && !is_code)
}

fn name_of(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

fn extension_of(name: &str) -> &str {
    match name.rsplit_once('.') {
        Some((stem, extension)) if !stem.is_empty() => extension,
        _ => "",
    }
}

/// The components before the name.
fn folders(path: &str) -> impl Iterator<Item = &str> {
    path.rsplit_once('/').map_or("", |(folders, _)| folders).split('/').filter(|folder| !folder.is_empty())
}

fn any_fits(globs: &[&str], name: &str) -> bool {
    globs.iter().any(|glob| fits(glob, name))
}

/// A `*` stands for any run of characters.
fn fits(glob: &str, name: &str) -> bool {
    let Some((start, rest)) = glob.split_once('*') else {
        return glob == name;
    };
    let Some(name) = name.strip_prefix(start) else {
        return false;
    };
    match rest.split_once('*') {
        None => name.ends_with(rest),
        // At most two stars: the last part stands at the end.
        Some((middle, end)) => name.find(middle).is_some_and(|at| name[at + middle.len()..].ends_with(end)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(path: &str, text: &str, expected: Class) {
        let path = RelPath::new(path).expect("a path");
        let named = by_name(&path);
        assert_eq!(class(&path, named, text.as_bytes(), true), expected, "`{path}`");
    }

    #[test]
    fn names_decide_first() {
        check(".env.production", "", Class::Secret);
        check(".env.example", "", Class::Config);
        check("home/.ssh/config", "", Class::Secret);
        check("id_rsa.pub", "", Class::Data);
        check("a/Cargo.lock", "", Class::Lock);
        check("x/node_modules/a.js", "", Class::Vendored);
        check("svc/vendor/github.com/a/b.go", "", Class::Vendored);
        check("shop/vendor/models.py", "", Class::Source);
        check("secrets.py", "", Class::Source);
    }

    #[test]
    fn secret_by_name_in_any_spelling_and_copy() {
        for path in [
            ".ENV",
            "app/.env.production",
            "prod.env",
            ".env.bak",
            ".env~",
            ".env.swp",
            "TLS/Server.PEM",
            "a.key",
            "x.p12",
            "id_rsa",
            "ID_ED25519.old",
            "deploy_rsa",
            ".Netrc",
            "_netrc",
            ".npmrc",
            ".yarnrc.yml",
            ".pgpass",
            ".my.cnf",
            ".git-credentials",
            "home/.docker/config.json",
            ".aws/credentials",
            ".aws/config",
            "u/.ssh/known_hosts",
            ".kube/config",
            "prod.kubeconfig",
            "infra/terraform.tfstate",
            "terraform.tfstate.backup",
            "prod.tfvars",
            "secrets.yml",
            "config/secrets.json",
            "Credentials.csv",
            "aws-credentials.yaml",
            "credentials",
            "my-service-account-prod.json",
            "x-firebase-adminsdk-1a.json",
            ".htpasswd",
            ".bash_history",
            ".psql_history",
            "profile/key4.db",
            ".vault-token",
            ".s3cfg",
            ".boto",
            ".config/gcloud/x.db",
            ".config/rclone/rclone.conf",
            "terraform.rc",
            ".gem/credentials",
            ".cargo/credentials.toml",
            ".m2/settings.xml",
            ".chef/me.pem",
            ".secrets.yml.swp",
            ".gnupg/secring.gpg",
            "vault.yml",
            ".vault_pass.txt",
            "age-key.txt",
            "group.secrets.yaml",
            ".envs/.production/.django",
            ".env1",
            "env.prod",
            ".dev.vars",
            ".secrets.toml",
            "k8s/secret.yaml",
            "app-secret.json",
            "appsecrets.json",
            "usersecrets.json",
            "my-secrets.toml",
            "prod.secrets.ini",
            "deploy/secrets/db_password",
            "secrets/api.txt",
            "secrets/prod.yaml",
            "private_key",
            "secret_key",
            "deploy_key",
            "private.key.txt",
            "private.pem.txt",
            "key.asc",
            "backup.gpg",
            "signing.jwk",
            "vagrant_private_key",
            "android/keystore.properties",
            "android/key.properties",
            "vault-keys.json",
            "unseal.keys",
            "netrc",
            "git-credentials",
            ".aws-credentials",
            "aws_credentials",
            "pip.conf",
            "my.cnf",
            ".config/glab-cli/config.yml",
            ".config/hcloud/cli.toml",
            ".config/scw/config.yaml",
            "ngrok.yml",
            ".muttrc",
            "oauth_creds.json",
            "azureProfile.json",
            "msal_token_cache.bin",
            "kube.config",
            "kube_config_cluster.yml",
            "k3s.yaml",
            "admin.conf",
            "talosconfig",
            "etc/passwd",
            "etc/shadow",
            "password.txt",
            "chap-secrets",
            "wg0.conf",
            "home.nmconnection",
            "login.keyring",
            ".vnc/passwd",
            "office.rdp",
        ] {
            check(path, "", Class::Secret);
        }
    }

    #[test]
    fn what_only_speaks_of_secrets_is_read() {
        for path in [
            ".env.example",
            ".env.sample",
            ".env.template",
            ".env.dist",
            "env.example.env",
            "secrets.py",
            "credentials.rs",
            "keys.go",
            "secrets.test.ts",
            "docs/secrets.md",
            "docs/howto/credentials.txt",
            "secrets.yml.example",
            "credentials.example.json",
            "id_rsa.pub",
            "environment.yml",
            "src/env/mod.rs",
            "keyboard.json",
            "tokens.json",
            "monkey.toml",
            "wp-config.php",
            ".sops.yaml",
            "secrets.tf",
            "authorized_users.md",
            "history.txt",
            "cookies.py",
            "secret.rs",
            "charts/x/templates/secret.yaml",
            "secrets/mod.rs",
            "secrets/README.md",
            "packages/secrets/package.json",
            "packages/secrets/tsconfig.json",
            "crates/secrets/Cargo.toml",
            "secrets/.gitignore",
            "completions/passwd",
            "nginx.conf",
            "gradle.properties",
            "k8s/config.yaml",
            "private_key.py",
            "keystore.java",
            "env.go",
            "env.d.ts",
            "shadow.css",
            "password.html",
        ] {
            let path = RelPath::new(path).expect("a path");
            assert_ne!(by_name(&path), Named::Secret, "`{path}`");
        }
    }

    #[test]
    fn tests_docs_and_settings_are_told_from_code() {
        check("src/walk/tests.rs", "", Class::Test);
        check("pkg/a_test.go", "", Class::Test);
        check("web/a.spec.ts", "", Class::Test);
        check("django/test/client.py", "", Class::Source);
        check("tests/README.md", "", Class::Doc);
        check("docs/ref/settings.txt", "", Class::Doc);
        check("requirements.txt", "", Class::Config);
        check(".github/workflows/ci.yml", "", Class::Config);
        check("bin/run", "#!/bin/sh\n", Class::Source);
        check("data.csv", "", Class::Data);
    }

    #[test]
    fn generated_is_said_in_a_comment_and_not_talked_about() {
        check("a.go", "// Code generated by x. DO NOT EDIT.\n", Class::Generated);
        check("a.py", "# This file is @generated\n", Class::Generated);
        check("a.rs", "const MARK: &str = \"@generated\";\n", Class::Source);
        check("a.rs", "// Looks for \"@generated\" in files.\n", Class::Source);
        check("a.py", "# do not edit the cache while it is locked\n", Class::Source);
    }

    #[test]
    fn text_in_utf16_is_not_binary() {
        assert!(!is_binary(b"\xfe\xff\0a"));
        assert!(is_binary(b"a\0"));
        check("a.js", &"x".repeat(20_000), Class::Minified);
    }
}
