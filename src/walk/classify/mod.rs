//! What a file is in the project: by its name before it is opened, then by its
//! first bytes. Tables as data, one file a subject.
//!
//! Not here: the language (that is a grammar's own manifest) and reading.

mod generated;
mod kind;
mod name_globs;
mod secret;
mod test;
mod vendored;

use super::encoding::utf16;
use crate::limits;
use crate::model::{Class, RelPath};

/// What a name alone tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NameClass {
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

/// Judges by name alone, before anything is opened.
pub fn by_name(path: &RelPath) -> NameClass {
    let lower = path.as_str().to_ascii_lowercase();
    let name = name_of(&lower);
    if secret::is_secret(&lower, name) {
        NameClass::Secret
    } else if LOCK_NAMES.contains(&name) {
        NameClass::Lock
    } else if vendored::is_vendored(&lower) {
        NameClass::Vendored
    } else if generated::is_minified_by_name(name) {
        NameClass::Minified
    } else if generated::is_generated_by_name(&lower, name) {
        NameClass::Generated
    } else {
        NameClass::Open
    }
}

/// Judges by name and content. `head` is the whole content, or its first bytes
/// where `is_whole` says that the file is larger than what is read.
pub fn class(path: &RelPath, named: NameClass, head: &[u8], is_whole: bool) -> Class {
    match named {
        NameClass::Secret => return Class::Secret,
        NameClass::Lock => return Class::Lock,
        NameClass::Vendored => return Class::Vendored,
        NameClass::Minified => return Class::Minified,
        _ if is_binary(head) => return Class::Binary,
        _ if !is_whole => return Class::Oversized,
        NameClass::Generated => return Class::Generated,
        NameClass::Open => {}
    }
    if generated::has_long_line(head) {
        Class::Minified
    } else if generated::is_generated(head) {
        Class::Generated
    } else {
        kind::of_text(path, head)
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
            "example.com.key",
            "www.example.com.pem",
            "sample.p12",
            "tls/example.org.crt.key",
            "secrets.example.com.yml",
            "credentials-example.net.json",
            "templates-of-mine.key",
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
            "example.env",
            "server.key.example",
            "id_rsa.sample",
            "my-service-account.example1.json",
            "secrets_template.yml",
            "credentials-samples.json",
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
            assert_ne!(by_name(&path), NameClass::Secret, "`{path}`");
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
        check(
            "lexer.c",
            "#line 2 \"lexer.c\"\n\n/* A lexical scanner generated by flex */\n",
            Class::Generated,
        );
        check("parser.c", "/* A Bison parser, made by GNU Bison 3.8.2.  */\n", Class::Generated);
        check("parser.h", "/* A Bison parser, made by GNU Bison 3.8.2.  */\n", Class::Generated);
        check("x.c", "/* Generated by Cython 3.0.10 */\n", Class::Generated);
        check("app/migrations/0001_initial.py", "# Generated by Django 5.0 on 2026-01-01\n", Class::Source);
        check("a.py", "# The list is generated by the build.\n", Class::Source);
        check("single_include/kit/kit.hpp", "class Kit {};\n", Class::Generated);
        check("src/lexer.l", "%%\n", Class::Source);
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
