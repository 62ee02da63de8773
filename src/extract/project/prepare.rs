//! What has to be done once before a project runs or is tested: settings from
//! their example, submodules, databases, services.
//!
//! Not here: dependencies of the code, which each ecosystem installs.

use super::source::{SourceFiles, SourceText, entries};
use super::{FactsDraft, choose};
use crate::model::{RelPath, SafeText};

/// Programs that a project needs beside it, by the name of their image.
#[rustfmt::skip]
const SERVICES: &[&str] = &[
    "postgres", "postgis", "mysql", "mariadb", "redis", "valkey", "mongo", "rabbitmq", "kafka", "zookeeper", "elasticsearch",
    "opensearch", "memcached", "minio", "nats", "cassandra", "mailhog", "mailpit", "localstack", "clickhouse", "etcd", "neo4j",
];

/// `bitnami/postgresql` is `postgres`.
pub(super) fn service_of(image: &str) -> Option<&'static str> {
    let name = image.rsplit('/').next().unwrap_or(image);
    SERVICES.iter().find(|known| name.starts_with(**known)).copied()
}

pub(super) fn read(files: &SourceFiles, draft: &mut FactsDraft) {
    if let Some(modules) = files.find(".gitmodules") {
        draft.preparation("git submodule update --init --recursive", modules);
    }
    for (example, line) in [
        (".env.example", "cp .env.example .env"),
        (".env.sample", "cp .env.sample .env"),
        (".env.dist", "cp .env.dist .env"),
        (".env.template", "cp .env.template .env"),
        ("env.example", "cp env.example .env"),
    ] {
        if let (Some(path), false) = (files.find(example), files.has(".env")) {
            draft.preparation(line, path);
            break;
        }
    }
    if let Some(setup) = files.find("bin/setup") {
        draft.preparation("bin/setup", setup);
    } else if let (Some(database), true) = (files.find("config/database.yml"), files.has("bin/rails")) {
        draft.preparation("bin/rails db:prepare", database);
    }
    if let Some(artisan) = files.find("artisan") {
        draft.preparation("php artisan key:generate", artisan);
        if !files.below("database/migrations").is_empty() {
            draft.preparation("php artisan migrate", artisan);
        }
    }
    let names = ["compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml"];
    if let Some(source) = files.open_first(&names) {
        compose(&source, draft);
    }
}

/// The services of a compose file that are there for the others.
fn compose(source: &SourceText, draft: &mut FactsDraft) {
    let value = source.yaml();
    let needed = entries(&value["services"]).filter(|(_, service)| {
        service["build"].is_null()
            && service["image"]
                .as_str()
                .is_some_and(|image| service_of(image.split(':').next().unwrap_or(image)).is_some())
    });
    let mut words = vec![SafeText::constant("docker compose up -d")];
    words.extend(needed.take(6).filter_map(|(name, _)| source.quote(name)));
    if words.len() > 1 && words.iter().skip(1).all(|word| super::shell::is_plain_path(word.as_str())) {
        draft
            .candidates
            .push(choose::CommandCandidate::preparation(SafeText::join(&words, " "), &source.path));
    }
}

impl FactsDraft<'_> {
    fn preparation(&mut self, line: &'static str, source: &RelPath) {
        self.candidates.push(choose::CommandCandidate::preparation(SafeText::constant(line), source));
    }
}
