//! The page of a project: what is on it, that it stays text and below two
//! megabytes, where it is written, and who its server lets in.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Stdio};

use serde_json::Value;

use crate::project::{Project, files_below, strings};

/// The data of a page.
#[track_caller]
fn data(page: &str) -> Value {
    let block = page.split("<script type=\"application/json\" id=\"data\">").nth(1).expect("a block of data");
    serde_json::from_str(block.split("</script>").next().unwrap()).expect("JSON")
}

/// A page without what a browser does not run: the data, and the names of XML.
fn own_text(page: &str) -> String {
    let (before, rest) = page.split_once("<script type=\"application/json\" id=\"data\">").unwrap();
    let after = rest.split_once("</script>").unwrap().1;
    format!("{before}{after}").replace("http://www.w3.org/", "")
}

#[test]
fn the_page_tells_of_everything_there_is() {
    let project = Project::fixture("tally");
    project.ok(&["snapshot", "--goal", "count comment lines"]);
    project.write("src/extra.rs", "pub fn extra() -> u32 {\n    1\n}\n");
    project.ok(&["snapshot"]);
    project.ok(&["note", "--summary", "Keep one pass", "--slug", "one", "--anchor", "src/extra.rs#extra"]);
    project.ok(&["edit", "one", "--summary", "Keep a single pass"]);
    project.write("src/extra.rs", "pub fn extra() -> u32 {\n    2\n}\n");
    let session = project.json(&["session", "start", "--agent", "ann"])["id"].as_str().unwrap().to_string();
    project.ok(&["claim", "src/lib.rs", "--session", &session]);
    let run = project.ok(&["report"]);
    assert!(run.stdout.contains("wrote") && run.stdout.contains("report.html"), "{}", run.stdout);
    let page = project.read(".waypost/local/report.html");
    let told = data(&page);
    assert_eq!(told["format"], "waypost-report/1");
    assert_eq!(told["goal"]["text"], "count comment lines");
    let files = told["files"].as_array().unwrap();
    let first = files.iter().find(|file| file["rank"] == 1).expect("a first file");
    assert!(!first["why"].as_array().unwrap().is_empty(), "{first}");
    let extra = files.iter().find(|file| file["path"] == "src/extra.rs").unwrap();
    assert_eq!(extra["symbols"][0], serde_json::json!(["extra", "function", 1]));
    let pairs = told["imports"].as_array().unwrap();
    assert!(pairs.iter().all(|pair| pair[0].as_u64().unwrap() < files.len() as u64));
    let newest = &told["snapshots"][0];
    assert_eq!(newest["changes"]["files"][0], serde_json::json!(["added", "src/extra.rs"]));
    assert_eq!(newest["changes"]["symbols"][0], serde_json::json!(["added", "extra", "src/extra.rs"]));
    let is_note = |record: &&Value| record["title"] == "Keep a single pass";
    let record = told["records"].as_array().unwrap().iter().find(is_note).unwrap();
    assert_eq!((record["state"].as_str(), record["history"].as_array().unwrap().len()), (Some("drifted"), 2));
    assert_eq!(told["sessions"][0]["agent"], "ann");
    assert_eq!(told["claims"][0]["resource"], "src/lib.rs");
    // `--json` is the same, and writes no page.
    project.remove(".waypost/local/report.html");
    assert_eq!(project.json(&["report"]), told);
    assert!(!project.exists(".waypost/local/report.html"));
}

#[test]
fn another_goal_is_of_this_page_alone() {
    let project = Project::fixture("tally");
    project.ok(&["snapshot", "--goal", "count comment lines"]);
    let told = project.json(&["report", "--goal", "read the command line"]);
    assert_eq!(
        (told["goal"]["text"].as_str(), &told["goal"]["asked"]),
        (Some("read the command line"), &Value::Bool(true))
    );
    assert_eq!(project.json(&["status"])["goal"], "count comment lines");
}

#[test]
fn the_same_state_is_the_same_page_and_nothing_else_is_written() {
    let project = Project::fixture("tally");
    project.ok(&["snapshot", "--goal", "count comment lines"]);
    project.ok(&["note", "--summary", "one", "--anchor", "src/lib.rs"]);
    let outside = |project: &Project| -> Vec<(String, Vec<u8>)> {
        let files = files_below(&project.root).into_iter();
        files.filter(|(path, _)| !path.starts_with(".git/") && !path.starts_with(".waypost/local/")).collect()
    };
    let before = outside(&project);
    project.ok(&["report"]);
    let first = project.read(".waypost/local/report.html");
    assert!(project.ok(&["report"]).stdout.contains("unchanged"));
    assert_eq!(project.ok(&["report", "-o", "-"]).stdout, first);
    project.ok(&["report", "-o", "../page.html"]);
    assert_eq!(std::fs::read_to_string(project.root.join("../page.html")).unwrap(), first);
    assert_eq!(outside(&project), before);
}

#[test]
fn without_a_folder_it_is_written_where_one_says() {
    let project = Project::fixture("tally");
    let run = project.run(&["report"]).expect(2);
    assert!(run.stderr.contains("hint: `waypost snapshot` creates it, `-o FILE` writes the page elsewhere"));
    project.ok(&["report", "-o", "../page.html"]);
    assert!(!project.exists(".waypost"));
    for wrong in [
        &["report", "-o", "-", "--json"] as &[&str],
        &["report", "--port", "1"],
        &["report", "-o", "src"],
        &["report", "--serve", "--json"],
    ] {
        project.run(wrong).expect(2);
    }
}

/// Names, records and goals that would be markup, break out of the data or turn
/// the text around.
#[test]
fn what_is_hostile_stays_data() {
    let evil = "</script><script>alert(1)</script><!-- \u{2028} \u{202e}";
    let name = "src/<img src=x onerror=alert(1)>\u{202e}&amp;.rs";
    let project =
        Project::committed(&[("README.md", &format!("# {evil}\n\n{evil}\n")), (name, "pub fn evil() {}\n")]);
    project.ok(&["snapshot", "--goal", evil]);
    project.ok(&["note", "--summary", evil, "--anchor", name]);
    project.ok(&["report"]);
    let page = project.read(".waypost/local/report.html");
    let block = page.split("id=\"data\">").nth(1).unwrap().split("</script>").next().unwrap();
    assert!(!block.contains(['<', '>', '&', '\u{2028}', '\u{202e}']));
    let told = data(&page);
    let paths: Vec<&str> =
        told["files"].as_array().unwrap().iter().filter_map(|it| it["path"].as_str()).collect();
    assert!(paths.contains(&name), "{paths:?}");
    // What stands outside of the data is the program's own.
    let plain = Project::committed(&[("a.rs", "fn a() {}\n")]);
    let of_plain = plain.ok(&["report", "-o", "-"]).stdout;
    let without_revision = |page: &str| {
        let text = own_text(page);
        let (before, rest) = text.split_once("data-revision=\"").unwrap();
        before.to_string() + &rest[16..]
    };
    assert_eq!(without_revision(&page), without_revision(&of_plain));
}

#[test]
fn the_page_asks_for_nothing() {
    let project = Project::fixture("tally");
    let page = project.ok(&["report", "-o", "-"]).stdout;
    let policy =
        page.split("Content-Security-Policy\" content=\"").nth(1).unwrap().split('"').next().unwrap();
    assert!(policy.starts_with("default-src 'none'; script-src 'sha256-"), "{policy}");
    assert!(
        !policy.contains("unsafe") && !policy.contains("http") && !policy.contains("connect-src"),
        "{policy}"
    );
    let own = own_text(&page);
    for fetch in [
        "http://",
        "https://",
        "<img",
        "<iframe",
        "@import",
        "url(",
        " src=",
        ".innerHTML",
        "insertAdjacentHTML",
        "document.write",
    ] {
        // The library can set HTML, and nothing here asks it to.
        let times = own.matches(fetch).count();
        let of_library = usize::from(fetch == ".innerHTML") * 9;
        assert!(times <= of_library, "{fetch}: {times}");
    }
}

#[test]
fn secrets_are_not_on_the_page() {
    let project = Project::fixture("tally");
    let secret = format!("ghp_{}", "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8");
    project.write("src/key.rs", format!("/// {secret}\npub const KEY: &str = \"{secret}\";\n"));
    project.ok(&["snapshot", "--goal", &format!("rotate {secret}")]);
    project.ok(&["note", "--summary", &format!("the key was {secret}"), "--anchor", "src/key.rs"]);
    assert!(!project.ok(&["report", "-o", "-"]).stdout.contains(&secret));
}

/// Many long names and symbols: what there is no room for is counted.
#[test]
fn a_large_project_keeps_to_two_megabytes() {
    let project = Project::empty();
    for folder in 0..10 {
        for file in 0..100 {
            let path =
                format!("{}/{}_{folder}_{file}.py", format!("a_{folder}").repeat(12), "long_name".repeat(12));
            let names =
                (0..45).map(|n| format!("def a_function_with_a_long_name_{folder}_{file}_{n}(): pass\n"));
            project.write(&path, names.collect::<String>());
        }
    }
    let page = project.ok(&["report", "-o", "-"]).stdout;
    assert!(page.len() < 2_000_000, "{}", page.len());
    let left = &data(&page)["left_out"];
    assert!(left["symbols"].as_u64().unwrap() > 0, "{left}");
    let told = data(&page)["files"].as_array().unwrap().len() as u64;
    assert_eq!(told + left["files"].as_u64().unwrap(), 1_000);
}

/// A server that ends with the test.
struct Server {
    child: Child,
    port: u16,
    token: String,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Server {
    fn of(project: &Project) -> Self {
        let mut command = project.command(&["report", "--serve"]);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let rest = line.trim().strip_prefix("http://127.0.0.1:").expect("an address").to_string();
        let (port, token) = rest.split_once("/?token=").expect("a token");
        Self { child, port: port.parse().unwrap(), token: token.to_string() }
    }

    /// Status, headers and body.
    fn ask(&self, target: &str, headers: &[&str]) -> (u16, String, String) {
        let host = format!("Host: 127.0.0.1:{}", self.port);
        self.say(&format!(
            "GET {target} HTTP/1.1\r\n{}\r\n\r\n",
            [&[host.as_str()], headers].concat().join("\r\n")
        ))
    }

    fn say(&self, request: &str) -> (u16, String, String) {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").expect("an answer");
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        (status, head.to_string(), body.to_string())
    }

    /// The cookie that the token gets.
    fn cookie(&self) -> String {
        let (status, head, _) = self.ask(&format!("/?token={}", self.token), &[]);
        assert_eq!(status, 303, "{head}");
        let cookie = head.lines().find_map(|line| line.strip_prefix("Set-Cookie: ")).expect("a cookie");
        assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"), "{cookie}");
        format!("Cookie: {}", cookie.split(';').next().unwrap())
    }
}

#[test]
fn the_server_lets_in_who_has_its_address_once() {
    let project = Project::fixture("tally");
    project.snapshot();
    let server = Server::of(&project);
    assert_eq!(server.ask("/", &[]).0, 403);
    assert_eq!(server.ask("/revision", &[]).0, 403);
    assert_eq!(server.ask("/?token=", &[]).0, 403);
    assert_eq!(server.ask(&format!("/?token={}", "0".repeat(32)), &[]).0, 403);
    let cookie = server.cookie();
    assert_eq!(server.ask(&format!("/?token={}", server.token), &[]).0, 403, "it is good for one request");
    let (status, head, page) = server.ask("/", &[&cookie]);
    assert_eq!(status, 200);
    assert!(
        page.contains("data-live") && head.contains("Content-Security-Policy: default-src 'none'"),
        "{head}"
    );
    assert!(head.contains("frame-ancestors 'none'") && head.contains("Cache-Control: no-store"), "{head}");
    assert_eq!(strings(&data(&page)["project"]["languages"]), ["Rust"]);
    assert_eq!(server.ask("/../Cargo.toml", &[&cookie]).0, 404);
    assert_eq!(server.ask("/", &[&cookie.replace('=', "=0")]).0, 403);
    // A name that resolves to this machine, no name, and two of them.
    let port = server.port;
    for hosts in [
        format!("Host: evil.example:{port}\r\n"),
        String::new(),
        format!("Host: 127.0.0.1:{port}\r\nHost: x\r\n"),
    ] {
        let (status, _, body) = server.say(&format!("GET / HTTP/1.1\r\n{hosts}{cookie}\r\n\r\n"));
        assert_eq!((status, body.contains("<html")), (403, false), "{hosts}");
    }
    assert_eq!(server.say(&format!("POST / HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n{cookie}\r\n\r\n")).0, 405);
    assert_eq!(server.say("nonsense\r\n\r\n").0, 400);
}

#[test]
fn the_server_has_another_revision_after_a_snapshot() {
    let project = Project::fixture("tally");
    project.snapshot();
    let server = Server::of(&project);
    let cookie = server.cookie();
    let before = server.ask("/revision", &[&cookie]).2;
    let page = server.ask("/", &[&cookie]).2;
    assert!(page.contains(&format!("data-revision=\"{}\"", before.trim())), "the page says which it is");
    assert_eq!(server.ask("/revision", &[&cookie]).2, before);
    project.write("src/extra.rs", "pub fn extra() {}\n");
    project.snapshot();
    assert_ne!(server.ask("/revision", &[&cookie]).2, before);
    assert!(server.ask("/", &[&cookie]).2.contains("src/extra.rs"));
}
