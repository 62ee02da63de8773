//! Tokens are put together here at run time: no complete one stands in the
//! source, so that scanners of this repository stay quiet.

use super::*;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

fn redactor() -> Redactor {
    Redactor::new(&[]).expect("no patterns")
}

/// `raw` becomes `expected`, and stays that when it comes by again.
fn check(raw: &str, expected: &str) {
    let redactor = redactor();
    let safe = redactor.text(raw);
    assert_eq!(safe.as_str(), expected, "{raw:?}");
    assert_eq!(redactor.text(safe.as_str()), safe, "not idempotent");
}

fn stays(raw: &str) {
    check(raw, raw);
}

/// `count` characters of `alphabet` in an order that looks random.
fn body(alphabet: &str, count: usize) -> String {
    let alphabet: Vec<char> = alphabet.chars().collect();
    let mut state = 0x2545_f491_u32;
    (0..count)
        .map(|_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            alphabet[(state >> 16) as usize % alphabet.len()]
        })
        .collect()
}

fn alnum(count: usize) -> String {
    body("abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789", count)
}

fn upper(count: usize) -> String {
    body("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", count)
}

fn hex(count: usize) -> String {
    body("0123456789abcdef", count)
}

/// Tokens as their services hand them out, written down without a look at the
/// table.
fn known_tokens() -> Vec<(&'static str, String)> {
    let join = |parts: &[&str]| parts.concat();
    vec![
        ("AWS_ACCESS_KEY", join(&["AK", "IA", &upper(16)])),
        ("AWS_ACCESS_KEY", join(&["AS", "IA", &upper(16)])),
        ("GITHUB_TOKEN", join(&["gh", "p_", &alnum(36)])),
        ("GITHUB_TOKEN", join(&["gh", "s_", &alnum(36)])),
        ("GITHUB_TOKEN", join(&["github", "_pat_", &alnum(22), "_", &alnum(59)])),
        ("GITLAB_TOKEN", join(&["gl", "pat-", &alnum(20)])),
        ("SLACK_TOKEN", join(&["xo", "xb-", "123456789012-1234567890123-", &alnum(24)])),
        (
            "SLACK_WEBHOOK",
            join(&["hooks.slack", ".com/services/T", &upper(8), "/B", &upper(8), "/", &alnum(24)]),
        ),
        ("STRIPE_KEY", join(&["sk", "_live_", &alnum(24)])),
        ("TWILIO_KEY", join(&["S", "K", &hex(32)])),
        ("SENDGRID_KEY", join(&["S", "G.", &alnum(22), ".", &alnum(43)])),
        ("NPM_TOKEN", join(&["np", "m_", &alnum(36)])),
        ("PYPI_TOKEN", join(&["py", "pi-AgEIcHlwaS5vcmc", &alnum(70)])),
        ("CARGO_TOKEN", join(&["ci", "o", &alnum(32)])),
        ("DOCKER_TOKEN", join(&["dckr", "_pat_", &alnum(27)])),
        ("HUGGINGFACE_TOKEN", join(&["h", "f_", &alnum(34)])),
        ("OPENAI_KEY", join(&["s", "k-", &alnum(20), "T3Blbk", "FJ", &alnum(20)])),
        ("OPENAI_KEY", join(&["s", "k-proj-", &alnum(74), "T3Blbk", "FJ", &alnum(74)])),
        ("ANTHROPIC_KEY", join(&["sk", "-ant-", "api03-", &alnum(93), "AA"])),
        ("TELEGRAM_TOKEN", join(&["123456789", ":A", "A", &alnum(33)])),
        ("SHOPIFY_TOKEN", join(&["shp", "at_", &hex(32)])),
        ("SQUARE_TOKEN", join(&["sq0", "atp-", &alnum(22)])),
        ("MAILGUN_KEY", join(&["ke", "y-", &hex(32)])),
        ("MAILCHIMP_KEY", join(&[&hex(32), "-u", "s12"])),
        ("DIGITALOCEAN_TOKEN", join(&["do", "p_v1_", &hex(64)])),
        ("HEROKU_API_KEY", join(&["HR", "KU-AA", &alnum(58)])),
        ("DATABRICKS_TOKEN", join(&["da", "pi", &hex(32)])),
        ("VAULT_TOKEN", join(&["hv", "s.", &alnum(95)])),
        ("TERRAFORM_TOKEN", join(&[&alnum(14), ".atlas", "v1.", &alnum(67)])),
        ("GRAFANA_TOKEN", join(&["gl", "sa_", &alnum(32), "_", &hex(8)])),
        ("NEWRELIC_KEY", join(&["NR", "AK-", &upper(27)])),
        ("SENTRY_TOKEN", join(&["sntr", "yu_", &hex(64)])),
        ("LINEAR_KEY", join(&["lin", "_api_", &alnum(40)])),
        ("NOTION_TOKEN", join(&["nt", "n_12345678901", &alnum(35)])),
        ("ATLASSIAN_TOKEN", join(&["ATAT", "T3xFfGF0", &alnum(180)])),
        ("GCP_API_KEY", join(&["AI", "za", &alnum(35)])),
        ("GCP_OAUTH_SECRET", join(&["GOC", "SPX-", &alnum(28)])),
        ("AZURE_CLIENT_SECRET", join(&["abc", "8Q", "~", &alnum(34)])),
        ("AGE_KEY", join(&["AGE-SECRET", "-KEY-1", &body("QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L", 58)])),
        ("JWT", join(&["ey", "JhbGciOiJIUzI1NiJ9.", "ey", "JzdWIiOiIxMjM0NTY3ODkwIn0.", &alnum(43)])),
        ("PASSWORD_HASH", join(&["$2", "b$12$", &alnum(53)])),
        ("TAILSCALE_KEY", join(&["tskey", "-auth-", &alnum(12), "CNTRL-", &alnum(32)])),
        ("TAVILY_KEY", join(&["tv", "ly-dev-", &alnum(32)])),
        ("NVIDIA_KEY", join(&["nva", "pi-", &alnum(64)])),
        ("CIRCLECI_TOKEN", join(&["CCIP", "AT_", &alnum(22), "_", &hex(40)])),
        ("BUILDKITE_TOKEN", join(&["bk", "ua_", &hex(40)])),
        ("GITLAB_TOKEN", join(&["gl", "rtr-", &alnum(27)])),
        ("GITLAB_TOKEN", join(&["gl", "wt-", &alnum(27)])),
        ("RESEND_KEY", join(&["r", "e_", &alnum(8), "_", &alnum(24)])),
        ("LANGSMITH_KEY", join(&["lsv2", "_pt_", &hex(32), "_", &hex(10)])),
        ("PINECONE_KEY", join(&["pc", "sk_", &alnum(6), "_", &alnum(62)])),
        ("DEEPSEEK_KEY", join(&["s", "k-", &hex(32)])),
        ("ELEVENLABS_KEY", join(&["s", "k_", &hex(48)])),
        ("CEREBRAS_KEY", join(&["cs", "k-", &alnum(48)])),
        ("JINA_KEY", join(&["ji", "na_", &alnum(60)])),
        ("FIREWORKS_KEY", join(&["f", "w_", &alnum(24)])),
        ("RENDER_KEY", join(&["rn", "d_", &alnum(32)])),
        ("WOOCOMMERCE_KEY", join(&["c", "s_", &hex(40)])),
        ("OPENAI_KEY", join(&["se", "ss-", &alnum(40)])),
        ("GCP_API_KEY", join(&["A", "Q.Ab8", &alnum(45)])),
        ("FCM_KEY", join(&["AAAA", &alnum(7), ":APA", "91b", &alnum(134)])),
        ("NEWRELIC_KEY", join(&[&hex(36), "NR", "AL"])),
        ("GITHUB_TOKEN", join(&["v", "1.", &hex(40)])),
        ("PASSWORD_HASH", join(&["pbkdf2", "_sha256$600000$", &alnum(22), "$", &alnum(43), "="])),
        (
            "PASSWORD_HASH",
            join(&["SCRAM", "-SHA-256$4096:", &alnum(22), "==$", &alnum(43), "=:", &alnum(43), "="]),
        ),
        ("PASSWORD_HASH", join(&["{SS", "HA}", &alnum(38), "=="])),
    ]
}

#[test]
fn tokens_of_services_are_found_wherever_they_stand() {
    let redactor = redactor();
    for (kind, token) in known_tokens() {
        for (before, after) in [
            ("", ""),
            ("let x = \"", "\";"),
            ("# see ", " for more"),
            ("{\\\"a\\\":\\\"", "\\\"}"),
            ("first\\n", "\\nlast"),
            ("f(x, '", "')"),
            ("<a>", "</a>"),
            ("https://h/?t=", "&b=c"),
        ] {
            let raw = format!("{before}{token}{after}");
            let safe = redactor.text(&raw);
            assert!(!safe.as_str().contains(&token), "{kind}: {raw}");
            assert!(safe.as_str().contains(&format!("REDACTED_{kind}")), "{kind}: {raw} -> {safe}");
            assert!(redactor.scan(safe.as_str()).is_empty(), "{safe}");
            assert_eq!(redactor.scan(&raw).first().map(|finding| finding.kind), Some(kind), "{raw}");
        }
        let shown = redactor.name(&format!("docs/{}.txt", token.replace('/', "_")));
        let kept = token.contains('/') || shown.as_str().contains("REDACTED_");
        assert!(kept, "{shown}");
    }
}

/// What may stand directly before a token, as the text spells it: quotes, signs,
/// line ends and colours in the escapes of languages, formats and terminals.
#[rustfmt::skip]
const ESCAPES: &[&str] = &[
    "\\n", "\\t", "\\r\\n", "\\\\n", "\\0", "\\u0022", "\\u003d", "\\u0026", "\\u003c", "\\u{22}", "\\U00000022", "\\x22",
    "\\x3D", "\\x{22}", "\\042", "\\22", "\\000022", "\\'22", "\\(dq", "\\fB", "\\cJ", "\\\\u0022", "\\u005cn", "%3D", "%3d",
    "%22", "%20", "%0A", "%253D", "%u0022", "%5Cn", "%n", "=3D", "=0A", "&#34;", "&#34", "&#x22;", "&#x22", "&quot;", "&quot",
    "&lt", "&amp;quot;", "&amp;#34", "&nbsp", "&#92;n", "^M", "`n", "~n", "\x1b[32m", "\x1b[0m", "\x1b[m", "\x1b[1;31m", "\x1b[K",
    "\x1b(B", "\\033[32m", "\\033[0m", "\\033[m", "\\033[38;5;82m", "\\x1b[32m", "\\x1B[1;32m", "\\e[32m", "\\e[0m",
    "\\E[32m", "\\u001b[32m", "\\u001B[0m", "\\u{1b}[32m", "\\x9b32m", "%1B[32m", "%1B%5B32m", "&#27;[32m", "&#x1b;[0m",
    "^[[32m", "[32m", "\u{9b}32m", "\u{a7}a",
];

/// Every kind of token, behind every escape: on the way in and in the last look.
#[test]
fn a_token_behind_an_escape_is_found() {
    let redactor = redactor();
    let tokens = known_tokens();
    for (kind, token) in &tokens {
        for escape in ESCAPES {
            for before in ["", "deployed with ", "x = \""] {
                let raw = format!("{before}{escape}{token} and more");
                let safe = redactor.text(&raw);
                assert!(!safe.as_str().contains(token.as_str()), "{kind}: {raw:?} -> {safe}");
                assert!(safe.as_str().ends_with(" and more"), "{kind}: {raw:?} -> {safe}");
                let line = redactor.line(&raw);
                assert!(!line.as_str().contains(token.as_str()), "{kind}: {raw:?} -> {line}");
                let shown = crate::visible::line(&raw);
                assert!(!redactor.scan(&raw).is_empty(), "{kind}: {raw:?}");
                assert!(first_known(&shown).is_some(), "{kind}: {raw:?}");
                assert!(!message(&shown).contains(token.as_str()), "{kind}: {raw:?}");
            }
        }
    }
    assert!(tokens.len() >= 33 && ESCAPES.len() >= 40);
}

/// An escape that stands for a letter makes the token part of a word.
#[test]
fn a_word_that_only_holds_a_token_stays() {
    let (_, openai) = &known_tokens()[16];
    for before in ["x", "\\u0061", "\\x61", "%61", "&#97", "&#97;b", "abc1"] {
        stays(&format!("{before}{openai}"));
    }
}

#[test]
fn a_token_in_a_name_is_found() {
    let redactor = redactor();
    let key = ["AK", "IA", "Q4T7ZL2MWX9BV5RD"].concat();
    let jwt = known_tokens().into_iter().find(|(kind, _)| *kind == "JWT").expect("one").1;
    let telegram = ["123456789", ":A", "A", &alnum(33)].concat();
    let openai = ["s", "k-", &alnum(48)].concat();
    for raw in [
        format!("scripts/rotate_{key}.py"),
        format!("class Key_{key}:"),
        format!("rotate_{key}"),
        format!("fix/drop_{key}_now"),
        format!("def rotate{key}(): ..."),
        format!("x_{jwt}"),
        format!("my_{openai}"),
        format!("https://api.telegram.org/bot{telegram}/sendMessage"),
    ] {
        for safe in [redactor.text(&raw), redactor.name(&raw), redactor.line(&raw)] {
            for token in [&key, &jwt, &telegram, &openai] {
                assert!(!safe.as_str().contains(token.as_str()), "{raw}");
            }
        }
        assert!(!redactor.scan(&raw).is_empty(), "{raw}");
    }
    for raw in [
        "MY_ASIAPACIFICREGIONXX",
        "self.fw_update_device_firmware_version",
        "re_compile_and_match_all_of_the_patterns",
        "rnd_generator_with_a_seed_of_some_kind",
        "csk-some-long-css-class-name-that-goes-on-and-on",
        "https://example.org/webhooks/incoming/settings",
    ] {
        stays(raw);
    }
}

/// A token of every shape, made from its pattern, with what triggers it.
fn made(shape: &Shape, runner: &mut TestRunner) -> (String, String) {
    let strategy = proptest::string::string_regex(shape.pattern).expect("a plain pattern");
    let context = match shape.place {
        TokenContext::Anywhere => format!("{} ", shape.words[0]),
        _ => String::new(),
    };
    // `(?i:k)` describes the Kelvin sign too, which the table does not mean. A
    // short repetition of one letter may fall below the entropy asked for.
    loop {
        let token = strategy.new_tree(runner).expect("a token").current();
        if token.is_ascii() && entropy(token.as_bytes()) >= shape.entropy {
            return (context, token);
        }
    }
}

#[test]
fn every_shape_matches_what_its_pattern_describes() {
    let redactor = redactor();
    let mut runner = TestRunner::deterministic();
    for shape in SHAPES {
        for _ in 0..5 {
            let (context, token) = made(shape, &mut runner);
            let raw = format!("{context}x '{token}' y");
            let safe = redactor.text(&raw);
            assert!(!safe.as_str().contains(&token), "{}: {raw} -> {safe}", shape.kind);
        }
    }
}

#[test]
fn near_misses_of_every_shape_stay() {
    let redactor = redactor();
    let mut runner = TestRunner::deterministic();
    for shape in SHAPES {
        let (context, token) = made(shape, &mut runner);
        let word = shape.words.iter().find(|word| token.to_ascii_lowercase().contains(**word));
        let Some(word) = word else { continue };
        let at = token.to_ascii_lowercase().find(word).expect("just found");
        let cut = (at + word.len() + 4).min(token.len() - 1);
        let flat: String = token[..at + word.len()].to_string() + &"a".repeat(80);
        let broken = token.replacen(&token[at..at + word.len()], "#", 9);
        let mut misses = vec![broken];
        if shape.place == TokenContext::Prefix {
            misses.push(token[..cut].to_string());
            // No entropy asked for: the prefix is enough.
            misses.extend((shape.entropy > 0.0).then_some(flat));
        }
        for miss in misses {
            let findings = redactor.located(&format!("{context}x '{miss}' y"), FindingsWanted::Known);
            let found = findings.iter().any(|finding| finding.kind == shape.kind);
            assert!(!found, "{}: {miss}", shape.kind);
        }
    }
}

#[test]
fn equal_secrets_have_equal_names_and_others_do_not() {
    let (_, one) = &known_tokens()[2];
    let (_, other) = &known_tokens()[3];
    let redactor = redactor();
    let safe = redactor.text(&format!("{one}\n\"{one}\"\n{other}\n"));
    let lines: Vec<&str> = safe.as_str().lines().collect();
    assert_eq!(lines[0], lines[1].trim_matches('"'));
    assert_ne!(lines[0], lines[2]);
    assert_eq!(lines[0].len(), "REDACTED_GITHUB_TOKEN_".len() + 8);
}

#[test]
fn weak_secrets_have_no_hash() {
    check("DB_PASSWORD=letmein1\n", "DB_PASSWORD=REDACTED_PASSWORD\n");
    check("postgres://app:s3cr3t@db/x", "postgres://app:REDACTED_URL_PASSWORD@db/x");
}

#[test]
fn passwords_in_settings_go() {
    check("DB_PASSWORD=hunter2\nx = 1\n", "DB_PASSWORD=REDACTED_PASSWORD\nx = 1\n");
    check("export MLAB_PASS='swordfish9'", "export MLAB_PASS='REDACTED_PASSWORD'");
    check("  password: letmein\n", "  password: REDACTED_PASSWORD\n");
    check("\"password\": \"swordfish\",\n", "\"password\": \"REDACTED_PASSWORD\",\n");
    check("AdminPassword=AdminPassword123", "AdminPassword=REDACTED_PASSWORD");
    check("<Pass>Winter2019</Pass>", "<Pass>REDACTED_PASSWORD</Pass>");
    check("define('DB_PASSWORD', 'admin');", "define('DB_PASSWORD', 'REDACTED_PASSWORD');");
    check("machine h login me password pass123\n", "machine h login me password REDACTED_PASSWORD\n");
    check("Server=h;Password=Xy12abc9;Db=x", "Server=h;Password=REDACTED_PASSWORD;Db=x");
    check(
        "<add key=\"Password\" value=\"h8Kd!2xx\"/>",
        "<add key=\"Password\" value=\"REDACTED_PASSWORD\"/>",
    );
}

#[test]
fn passwords_in_code_go_when_no_one_would_type_them_in_an_example() {
    check("connect(user='x', password='Tr0ub4dor&3')", "connect(user='x', password='REDACTED_PASSWORD')");
    check("if password == \"s3cr3t!x\" {", "if password == \"REDACTED_PASSWORD\" {");
    check("$dbpasswd = 'pass123';", "$dbpasswd = 'REDACTED_PASSWORD';");
    check("let db_pass: &str = \"q9!Lm2x0\";", "let db_pass: &str = \"REDACTED_PASSWORD\";");
}

#[test]
fn machine_made_secrets_go() {
    let key = hex(32);
    for raw in [
        "API_KEY=@",
        "api_key: @",
        "\"apiKey\": \"@\"",
        "const apiKey = '@';",
        "SECRET_KEY = \"@\"",
        "client_secret => '@'",
        "x[\"auth_token\"] = \"@\"",
        "setenv(\"APP_TOKEN\", \"@\")",
        "Authorization: Bearer @",
        "'Authorization': 'Token @'",
        "-H \"X-Api-Key: @\"",
        "tool --token @ --verbose",
        "?access_token=@&x=1",
        "let s: String = f(); let token: &'static str = \"@\";",
        "os.environ.get(\"API_KEY\", \"@\")",
        "{\\\"secret\\\": \\\"@\\\"}",
        "let secret = String::from(\"@\");",
        "access_key: Some(\"@\")",
    ] {
        let safe = redactor().text(&raw.replace('@', &key));
        assert!(!safe.as_str().contains(&key), "{raw}");
        let (before, after) = raw.split_once('@').expect("one @");
        assert!(safe.as_str().starts_with(before) && safe.as_str().ends_with(after), "{raw} -> {safe}");
    }
}

#[test]
fn what_only_looks_like_a_secret_stays() {
    for raw in [
        "password = get_password()",
        "password: str",
        "password: String,",
        "pub token: Token,",
        "token = self.token",
        "password=password,",
        "PASSWORD=${DB_PASSWORD}",
        "secret: {{ vault.secret }}",
        "api_key = os.environ[\"API_KEY\"]",
        "API_KEY=your-api-key-here",
        "token = \"xxxxxxxxxxxxxxxxxxxx\"",
        "password=\"secret\"",
        "password = \"password\"",
        "key = \"django.contrib.auth.tokens.v2\"",
        "password_file: /run/secrets/db_password_1",
        "token_url = \"https://example.org/oauth2/token\"",
        "TOKEN_EXPIRED = \"token_expired_2\"",
        "password_hashers = ['django.contrib.auth.hashers.Argon2']",
        "\"Enter your password: \"",
        "raise ValueError(\"password: too short 123\")",
        "integrity sha512-z4PhNX7vuL3xVChQ1m2AB9Yg5AULVxXcg/SpIdNs6c5H0NE8XYXysP+DGNKHfuwvY7kxvUdBeoGlODJ6+SfaPg==",
        "checksum = \"9a1c8f1dfb4d1f5c8b6b6d3f9f8e7d6c5b4a39281706f5e4d3c2b1a098765432\"",
        "commit 192b9bdd22ab9ed4d12e236c78afcb9a393ec15f",
        "id: 550e8400-e29b-41d4-a716-446655440000",
        "keyboard=\"de-latin1-nodeadkeys-105\"",
        "the key: a long explanation in prose",
        "http://user@example.com/x",
        "http://localhost:8000/a@b",
        "https://example.com/@scope/pkg",
        "http://user:password@example.com",
        "git@github.com:owner/repo.git",
        "ssh://git@host:22/x",
        "author = \"Jane 2f8Kd93jf03kdF9f\"",
        "monkey = \"a8f3kd92lf83kd92lf83\"",
        "--password-file secrets.txt",
        "-----BEGIN CERTIFICATE-----\nMIIB\n",
        "if line.startswith(\"-----BEGIN RSA PRIVATE KEY-----\"):\n    return parse(line)\n",
        "tokenizer = AutoTokenizer.from_pretrained(\"gpt2-xl-1558M-v2\")",
        "primary_key = \"a8f3kd92lf83kd92lf83kd92\"",
    ] {
        stays(raw);
    }
}

/// Base64 of a text, as `base64` prints it.
fn base64(text: &str) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for chunk in text.as_bytes().chunks(3) {
        let bits =
            chunk.iter().fold(0u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
        for at in 0..4 {
            let digit = DIGITS[(bits >> (18 - 6 * at)) as usize & 63] as char;
            out.push(if at <= chunk.len() { digit } else { '=' });
        }
    }
    out
}

#[test]
fn secrets_in_base64_go() {
    let redactor = redactor();
    let key = base64(&pem("RSA PRIVATE KEY", "RSA PRIVATE KEY", "\n"));
    let account = base64(&format!("{{\n  \"type\": \"x\",\n  \"api_key\": \"{}\"\n}}", hex(32)));
    let docker = base64(&format!("{{\"auths\":{{\"h\":{{\"auth\":\"{}\"}}}}}}", base64("me:Pa55word!x7")));
    let twice = base64(&known_tokens().iter().find(|(kind, _)| *kind == "JWT").expect("one").1);
    for code in [&key, &account, &docker, &twice] {
        let safe = redactor.text(&format!("x: {code}\n"));
        assert!(!safe.as_str().contains(&code[..20]), "{safe}");
        assert!(safe.as_str().starts_with("x: REDACTED_") && safe.as_str().ends_with('\n'), "{safe}");
    }
    stays(&format!("x: {}\n", base64("{\n  \"a\": [1, 2, 3], \"b\": \"some harmless settings\"\n}")));
}

#[test]
fn basic_credentials_go_whatever_stands_before() {
    let code = base64("api:key-5f1");
    check(&format!("    - Basic {code}\n"), "    - Basic REDACTED_AUTHORIZATION\n");
    check(&format!("\"Basic {code}\","), "\"Basic REDACTED_AUTHORIZATION\",");
    stays("Basic authentication is used");
    stays("the Basic Programming Language");
}

#[test]
fn passwords_in_command_lines_go() {
    check("curl -u me:Xk29 https://h", "curl -u me:REDACTED_PASSWORD https://h");
    check("curl -sSL --user 'me:a b!c' h", "curl -sSL --user 'me:REDACTED_PASSWORD' h");
    check("$ curl -X POST \\\n  -u me:Xk29f h", "$ curl -X POST \\\n  -u me:REDACTED_PASSWORD h");
    check("mysql -u root -pXk29f db", "mysql -u root -pREDACTED_PASSWORD db");
    check("sshpass -p 'Xk29f' ssh h", "sshpass -p 'REDACTED_PASSWORD' ssh h");
    check("docker login -u me -p Xk29f h", "docker login -u me -p REDACTED_PASSWORD h");
    check("redis-cli -a Xk29f ping", "redis-cli -a REDACTED_PASSWORD ping");
    check("tool --user me --password s3cr3t! --x", "tool --user me --password REDACTED_PASSWORD --x");
    check("PGPASSWORD=test-pw1 psql", "PGPASSWORD=REDACTED_PASSWORD psql");
    check("CREATE USER x IDENTIFIED BY 'letmeinx'", "CREATE USER x IDENTIFIED BY 'REDACTED_PASSWORD'");
    check("ConvertTo-SecureString 'user1pw' -As", "ConvertTo-SecureString 'REDACTED_PASSWORD' -As");
    for raw in [
        "curl -u \"$USER:$PASS\" https://h",
        "curl -u user:password https://h",
        "curl -u <user:password> https://h",
        "curl --user ${NAME}:${PW} h",
        "mysql -p db < x.sql",
        "mysql -u root -p",
        "docker run -p 8080:80 image",
        "sshpass -p \"$PW\" ssh h",
        "the http -a flag takes one",
        "PASSWORD=$(cat file) tool",
    ] {
        stays(raw);
    }
}

#[test]
fn values_of_kubernetes_secrets_go() {
    check(
        "kind: Secret\ndata:\n  user: YWRtaW4=\n  note: eHl6\nstringData:\n  a: |\n    one\n    two\ntype: Opaque\n",
        "kind: Secret\ndata:\n  user: REDACTED_SECRET\n  note: REDACTED_SECRET\nstringData:\n  a: |\n    REDACTED_SECRET\n    REDACTED_SECRET\ntype: Opaque\n",
    );
    check(
        "{\"kind\": \"Secret\", \"data\": {\"a\": \"eHl6enk=\"}, \"x\": \"y\"}",
        "{\"kind\": \"Secret\", \"data\": {\"a\": \"REDACTED_SECRET\"}, \"x\": \"y\"}",
    );
    stays("kind: ConfigMap\ndata:\n  a: plain\n---\nkind: SecretStore\ndata:\n  b: plain\n");
    stays("kind: Secret\ndata:\n  a: {{ .Values.a }}\n---\nkind: ConfigMap\ndata:\n  b: plain\n");
}

#[test]
fn values_that_stand_apart_from_their_names_go() {
    let key = hex(32);
    for raw in [
        "var apiToken string = \"@\"",
        "$apiToken .= \"@\"",
        "<apiToken>\n    @\n</apiToken>",
        "- name: API_TOKEN\n  value: @\n",
        "- name: \"API_TOKEN\"\n  value: \"@\"\n",
        "{\"name\": \"api_token\", \"value\": \"@\"}",
        "api_token: |\n  @\n",
        "api_token: >-\n  @\n",
        "consumer_key = \"@\"",
        "Authorization: Api-Token @",
        "Cookie: PHPSESSID=@; path=/",
    ] {
        let safe = redactor().text(&raw.replace('@', &key));
        assert!(!safe.as_str().contains(&key), "{raw}");
        let (before, after) = raw.split_once('@').expect("one @");
        assert!(safe.as_str().starts_with(before) && safe.as_str().ends_with(after), "{raw} -> {safe}");
    }
    let jwk = format!("{{\"kty\": \"EC\", \"x\": \"{}\", \"d\": \"{}\"}}", alnum(40), alnum(43));
    let safe = redactor().text(&jwk);
    assert!(safe.as_str().contains(&alnum(40)) && !safe.as_str().contains(&alnum(43)), "{safe}");
}

#[test]
fn what_a_page_says_of_passwords_stays() {
    for raw in [
        "\"LABEL_PASSWORD\": \"Passwort\",",
        "\"MANDATORY_PASSWORD\": \"Enterit\",",
        "\"PASSWORD\": \"\u{e23}\u{e2b}\u{e31}\u{e2a}\u{e1c}\u{e48}\u{e32}\u{e19}\",",
        "\"REMOVE_TWO_FACTOR_AUTH\": \"Poista 2FA k\u{e4}yt\u{f6}st\u{e4} tilill\u{e4}si.\",",
        "('username', 'password', 'message')",
        "user creation and password change pages\n",
        "'Cannot pass \"subdomain\" here'",
        "csrf_token = \"a8f3kd92lf83kd92lf83kd92\"",
        "key = \"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789\"",
        "- (id)hf_requiredCharacteristicTypesForDisplayMetadata;",
        "<div>Password: <div class=\"helptext\">x</div>",
    ] {
        stays(raw);
    }
    check("postgres://postgres:password@db/x", "postgres://postgres:REDACTED_URL_PASSWORD@db/x");
    stays("https://user:password@example.com/x");
}

#[test]
fn a_message_loses_known_tokens_and_nothing_else() {
    let (_, token) = &known_tokens()[2];
    assert!(!message(&format!("no record `{token}`")).contains(token));
    assert_eq!(message("password = hunter2"), "password = hunter2");
    assert_eq!(first_known(&format!("a\n{token}")).map(|found| found.line), Some(2));
}

fn pem(begin: &str, end: &str, separator: &str) -> String {
    let lines = [alnum(64), alnum(64), alnum(20) + "=="];
    let head = format!("-----BEGIN {begin}-----");
    let foot = if end.is_empty() { String::new() } else { format!("-----END {end}-----") };
    format!("{head}{separator}{}{separator}{foot}", lines.join(separator))
}

#[test]
fn private_keys_go_and_their_lines_stay() {
    for label in ["RSA ", "OPENSSH ", "EC ", "ENCRYPTED ", ""] {
        let label = format!("{label}PRIVATE KEY");
        let raw = format!("a\n{}\nb\n", pem(&label, &label, "\n"));
        let safe = redactor().text(&raw);
        let lines: Vec<&str> = safe.as_str().split('\n').collect();
        assert!(lines[1].starts_with("REDACTED_PRIVATE_KEY_"), "{safe}");
        assert_eq!(lines.len(), raw.split('\n').count());
        assert_eq!((lines[0], &lines[2..6], lines[6]), ("a", &["", "", "", ""][..], "b"));
    }
}

#[test]
fn a_private_key_without_its_end_goes_too() {
    let raw = pem("RSA PRIVATE KEY", "", "\n");
    let safe = redactor().text(&raw);
    assert!(!safe.as_str().contains(&alnum(64)), "{safe}");
    let cut = format!("{}\n\nfn main() {{ body(); }}\n", &raw[..100]);
    let safe = redactor().text(&cut);
    assert!(safe.as_str().ends_with("\n\nfn main() { body(); }\n"), "{safe}");
    assert!(!safe.as_str().contains(&alnum(20)), "{safe}");
}

#[test]
fn a_private_key_in_a_string_leaves_the_string_closed() {
    let raw = format!("k = \"{}\\n\"\nx = 1\n", pem("PRIVATE KEY", "PRIVATE KEY", "\\n"));
    let safe = redactor().text(&raw);
    assert!(safe.as_str().starts_with("k = \"REDACTED_PRIVATE_KEY_"), "{safe}");
    assert!(safe.as_str().ends_with("\\n\"\nx = 1\n"), "{safe}");
    let raw = format!("k = (\"{}\\n\")\n", pem("PRIVATE KEY", "PRIVATE KEY", "\\n\"\n  \""));
    let safe = redactor().text(&raw);
    assert_eq!(safe.as_str().matches('"').count() % 2, 0, "{safe}");
    for line in safe.as_str().lines().filter(|line| line.contains('"')) {
        assert_eq!(line.matches('"').count(), 2, "{safe}");
    }
}

#[test]
fn an_invisible_character_does_not_hide_a_secret() {
    let (_, token) = &known_tokens()[2];
    let split = format!("{}\u{200b}{}", &token[..10], &token[10..]);
    let safe = redactor().text(&format!("a {split} b"));
    assert!(safe.as_str().starts_with("a REDACTED_GITHUB_TOKEN_") && safe.as_str().ends_with(" b"), "{safe}");
    check("pass\u{ad}word=hunter22", "pass\\u{ad}word=REDACTED_PASSWORD");
}

#[test]
fn a_line_shows_line_breaks_and_a_path_keeps_its_name() {
    let redactor = redactor();
    assert_eq!(redactor.line("fix\nme\t\x1b[31m").as_str(), "fix\\u{a}me\\u{9}\\u{1b}[31m");
    let path = "a/password=hunter22/b\n\u{202e}.rs";
    assert_eq!(redactor.name(path).as_str(), path);
}

#[test]
fn user_patterns_are_obeyed_and_bad_ones_named() {
    let redactor = Redactor::new(&["ACME-[0-9]+".into(), "(?i)codename \\w+".into()]).expect("good patterns");
    assert_eq!(redactor.text("x ACME-42 Codename Ölfass\n").as_str(), "x REDACTED_CUSTOM REDACTED_CUSTOM\n");
    assert_eq!(redactor.scan("a\nACME-1\n"), [SecretFinding { kind: "CUSTOM", line: 2 }]);
    for bad in ["(unclosed", "(a{1000}){1000}"] {
        let error = Redactor::new(&["fine".into(), bad.into()]).err().expect("an error");
        assert_eq!(error.pattern, bad);
        assert!(error.to_string().starts_with("cannot use the redaction pattern `"), "{error}");
    }
}

#[test]
fn hostile_user_patterns_end() {
    for pattern in ["", ".*", "(?s).+", "REDACTED", "C", "\\w", "_CUSTOM."] {
        let redactor = Redactor::new(&[pattern.into()]).expect("a pattern");
        let safe = redactor.text("one two\nthree C REDACTED_CUSTOM x\n");
        assert_eq!(safe.as_str().matches('\n').count(), 2, "{pattern}: {safe}");
    }
}

#[test]
fn the_scan_names_the_line() {
    let (kind, token) = &known_tokens()[0];
    let text = format!("one\ntwo {token}\nthree\nhttps://u:{}@h\n", "zK3");
    let kinds: Vec<_> = redactor().scan(&text).iter().map(|found| (found.kind, found.line)).collect();
    assert_eq!(kinds, [(*kind, 2), ("URL_PASSWORD", 4)]);
}

#[test]
fn a_text_that_uncovers_secrets_pass_by_pass_is_not_kept() {
    let begin = "-----BEGIN RSA ";
    let raw = format!(
        "token: vironment, REDACTED_sets it.\n{}",
        format!("fn {begin}PRIVATE KEY-----\nis_token: varets it.\n").repeat(40)
    );
    let clean = redactor().text(&raw);
    assert!(redactor().scan(clean.as_str()).is_empty(), "{clean:?}");
    assert_eq!(redactor().text(clean.as_str()), clean);
    assert_eq!(clean.as_str().matches('\n').count(), raw.matches('\n').count());
}

/// The values of `raws` go, whatever stands around them.
fn all_go(raws: &[&str], value: &str) {
    for raw in raws {
        let safe = redactor().text(&raw.replace('@', value));
        assert!(!safe.as_str().contains(value), "{raw} -> {safe}");
        assert!(safe.as_str().contains("REDACTED_"), "{raw} -> {safe}");
        assert_eq!(redactor().text(safe.as_str()), safe, "not idempotent");
    }
}

#[test]
fn values_go_in_the_syntax_of_any_language() {
    all_go(
        &[
            "#define API_KEY \"@\"",
            "char password[] = \"@\";",
            "static const char auth_token[64] = \"@\";",
            "std::string password{\"@\"};",
            "public string Password { get; set; } = \"@\";",
            "val pw: String = System.getenv(\"P\") ?: \"@\"",
            "password = ENV['P'] || '@'",
            "password = os.getenv(\"P\") or \"@\"",
            "const password = process.env.X ?? \"@\";",
            "password: process.env.X || \"@\",",
            "x = os.environ.get(\"DB_PASS\", default=\"@\")",
            "$pass = X . \"@\";",
            "def f(auth=(\"admin\", \"@\")):",
            "tokens=[\"@\"]",
            "{\"tokens\": [\"@\"]}",
            "ENV DB_PASSWORD @",
            "API_KEY ?= @",
            "variable \"db_password\" {\n  type = string\n  default = \"@\"\n}",
            "api_key <- \"@\"",
            "| password | @ |",
            "| password | `@` | x |",
            "**Password:** @",
            "**Password**: @",
            "Token is @",
            "log in with admin:@",
            "password:\n  @\n",
            "password: &a @",
            "password: !!str @",
            "passwords:\n - @\n",
            "{\"password\":{\"value\":\"@\"}}",
            "<key>Password</key>\n<string>@</string>",
            "<string name=\"api_secret\">@</string>",
            "Environment=\"DB_PASSWORD=@\"",
            "setx DB_PASSWORD @",
            "setenv DB_PASSWORD @",
            "set -x DB_PASSWORD @",
            "${DB_PASSWORD:-@}",
            "keytool -storepass @",
            "Set-Cookie: session=@; path=/",
            "aws configure set aws_secret_access_key @",
            "export SSHPASS=@",
            "pswd = \"@\"",
            "privkey = \"@\"",
            "wifi_psk = \"@\"",
            "password_salt = \"@\"",
            "kennwort: @",
            "contrase\u{f1}a: @",
            "mot_de_passe = \"@\"",
            "\u{5bc6}\u{7801}\u{ff1a}@",
            "Authorization: SSWS @",
            "let password = env::var(\"P\").unwrap_or_else(|_| \"@\".to_string());",
            "String pw = System.getenv(\"P\") != null ? System.getenv(\"P\") : \"@\";",
            "password = os.environ[\"P\"] if \"P\" in os.environ else \"@\"",
            "my $password = $ENV{P} // \"@\";",
            "| Password: | @ |",
            "Use the password `@` to log in.",
            "auth: [\"admin\", \"@\"]",
            "auth = HTTPBasicAuth(\"admin\", \"@\")",
            "<password value=\"@\"/>",
            "<Password><![CDATA[@]]></Password>",
            "(setq api-key \"@\")",
        ],
        &alnum(40),
    );
}

#[test]
fn a_secret_that_looks_like_a_template_or_a_stand_in_goes() {
    for value in ["$Xk29fmZ1q!", "{Xk29fmZ1q}", "Xk29example7Q", "Gr33n-here77!", "dummyXk29!fmZ"] {
        all_go(&["password = '@'"], value);
    }
    for value in ["%24ecretQ", "$ecretQ9", "#ecretQ9", "[ecretQ9", "{ecretQ9"] {
        let safe = redactor().text(&format!("https://u:{value}@h/"));
        assert_eq!(safe.as_str(), "https://u:REDACTED_URL_PASSWORD@h/");
    }
    for value in ["Xk29fm,Z1qQ8", "Xk29fm;Z1qQ8", "Xk29fm(Z1qQ8", "Xk29fm&Z1qQ8"] {
        let safe = redactor().text(&format!("DB_PASSWORD={value}\nX=1"));
        assert_eq!(safe.as_str(), "DB_PASSWORD=REDACTED_PASSWORD\nX=1");
    }
}

#[test]
fn code_and_prose_about_secrets_stay() {
    for raw in [
        "if password == x or \"admin\":",
        "password: $password",
        "$password = $_POST[\"password\"];",
        "| password | string | The password |",
        "the password is wrong",
        "The token is `utf-8-x`.",
        "log in with your account",
        "passwords:\n - one\n - two\n",
        "tokens = [\"let\", \"ident\"]",
        "auth = (\"user\", \"password\")",
        "auth = (\"basic\", \"digest\")",
        "password: !secret db",
        "password:\n  type: string\n",
        "password:\n  required",
        "${DB_PASSWORD:-password}",
        "session = requests.Session()",
        "https://user:${PASS}@h",
        "https://u:{password}@h",
        "https://u:<password>@h",
        "https://u:$PASS@h",
        "postgres://%(user)s:%(password)s@h",
        "password=pw,user=u",
        "password = \"your-password-here1\"",
        "api_key = \"dummy_key_1a2b\"",
        "password = config.get(\"password\", \"default\")",
        "token = data[\"token\"] + \"suffix\"",
        "#define KEY_ENTER 0x1b",
        "#define TOKEN_COMMA \",\"",
        "char token[64] = \"\";",
        "public string Token { get; set; } = \"\";",
        "ENV PASSWORD_FILE /run/x",
        "set -x PATH /usr/bin",
        "\"key\": \"Content-Type\"",
    ] {
        stays(raw);
    }
}

#[test]
fn only_a_placeholder_of_ours_hides_what_it_covers() {
    let (_, token) = &known_tokens()[2];
    for raw in [
        format!("REDACTED_{token}"),
        format!("REDACTED_TOKEN_{token}"),
        format!("xREDACTED_TOKEN_1a2b3c4d_{token}"),
    ] {
        assert!(!redactor().text(&raw).as_str().contains(token.as_str()), "{raw}");
        assert!(!redactor().scan(&raw).is_empty(), "{raw}");
    }
    stays("REDACTED_GITHUB_TOKEN_1a2b3c4d");
}

#[test]
fn base64_of_any_text_with_a_secret_goes_with_all_its_lines() {
    let (_, token) = &known_tokens()[2];
    let env = format!("# settings\nDB_HOST=db.example.org\nDB_PASSWORD=Xk29fmZ1q\nAPI_TOKEN={}\n", hex(32));
    let dsn = "postgres://app:Xk29fmZ1q@db/x".to_string();
    for text in [token, &env, &dsn] {
        let code = base64(text);
        let safe = redactor().text(&format!("x: {code}\n"));
        assert!(!safe.as_str().contains(&code[..16]), "{safe}");
    }
    let config = format!(
        "apiVersion: v1\n{}users:\n- name: a\n  user:\n    token: {}\n",
        "# comment\n".repeat(20),
        alnum(40)
    );
    let code = base64(&config);
    for indent in ["", "    "] {
        let lines: Vec<&str> =
            code.as_bytes().chunks(76).map(|l| std::str::from_utf8(l).expect("ASCII")).collect();
        let raw = format!("config: |\n{indent}{}\nend: 1\n", lines.join(&format!("\n{indent}")));
        let safe = redactor().text(&raw);
        assert!(lines.iter().all(|line| !safe.as_str().contains(line)), "{safe}");
        assert_eq!(safe.as_str().matches('\n').count(), raw.matches('\n').count());
        assert!(safe.as_str().ends_with("\nend: 1\n"), "{safe}");
    }
    stays(&format!("x: {}\n", base64("this is some ordinary text that is encoded, 12 times over")));
}

#[test]
fn a_bot_token_is_known_by_its_number() {
    let token = format!("{}.Cl2FMQ.{}", base64("198622483471925248").trim_end_matches('='), alnum(27));
    all_go(&["client.run(\"@\")", "@"], &token);
}

#[test]
fn keys_in_other_wrappings_go() {
    let lines = format!("{}\n{}==", alnum(64), alnum(40));
    all_go(&["PuTTY-User-Key-File-2: ssh-rsa\nPrivate-Lines: 2\n@\nPrivate-MAC: 00"], &lines);
    all_go(
        &[
            "---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----\nComment: \"x\"\n@\n---- END SSH2 ENCRYPTED PRIVATE KEY ----",
        ],
        &lines,
    );
    all_go(
        &["<RSAKeyValue><Modulus>AAAA</Modulus><Exponent>AQAB</Exponent><D>@</D></RSAKeyValue>"],
        &alnum(172),
    );
}

/// A docstring, a sentence, a comment and a goal that end with the first line of
/// a key, before whatever a page has next.
#[test]
fn a_mention_of_a_key_does_not_make_a_key_of_the_next_line() {
    let redactor = redactor();
    let head = ["-----BEGIN ", "PRIVATE KEY-----"].concat();
    for before in ["Whether it starts with ", "// A file begins with `", "Parse files that begin with "] {
        for next in [
            "src/pipeline/last_look/page_of_the_handoff.rs",
            "- `crates/Server2/src/main/java/com/example/KeyLoader.java` 120 lines",
            "9a1c8f1dfb4d1f5c8b6b6d3f9f8e7d6c5b4a39281706f5e4d3c2b1a098765432",
            "def load_private_key(path):",
            "```",
            "",
        ] {
            let page = format!("{before}{head}\n{next}\n{next}\n");
            assert!(redactor.scan(&page).is_empty(), "{page}");
            stays(&page);
        }
    }
    stays(&format!("{head} opens a file, and then follow lines of base64 until the last\n"));
    let token = alnum(70);
    let foot = ["-----END ", "PRIVATE KEY-----"].concat();
    assert!(redactor.scan(&format!("{head}\n{token}\n{foot}\n")).is_empty(), "three texts of three files");
    assert!(redactor.scan(&format!("{head}\n{token}\n{token}\n")).is_empty(), "two tokens of one length");
    let escaped = pem("EC PRIVATE KEY", "EC PRIVATE KEY", "\\n");
    assert_eq!(redactor.scan(&escaped).len(), 1);
}

/// Where a key was not seen in its own text, it is seen on the page: each kind
/// begins in its own way.
#[test]
fn a_key_on_a_page_is_told_by_how_it_begins() {
    let redactor = redactor();
    let rest = |begin: &str| format!("{begin}{}", alnum(64 - begin.len()));
    let check = |label: &str, above: &str, lines: &[String], found: bool| {
        let (begin, end) = (format!("-----BEGIN {label}-----"), format!("-----END {label}-----"));
        let page = format!("a\n- `{begin}`\n{above}{}\n{end}\n", lines.join("\n"));
        assert_eq!(redactor.scan(&page).first().map(|found| found.line), found.then_some(2), "{page}");
    };
    for (label, begin) in [
        ("RSA PRIVATE KEY", "MIIEpAIBAAKCAQEA"),
        ("PRIVATE KEY", "MIIEvQIBADANBgkqhkiG9w0BAQ"),
        ("PRIVATE KEY", "MC4CAQAwBQYDK2VwBCIEI"),
        ("EC PRIVATE KEY", "MHcCAQEEI"),
        ("EC PRIVATE KEY", "MIGkAgEBBD"),
        ("ENCRYPTED PRIVATE KEY", "MIIFHDBOBgkqhkiG9w0BBQ0w"),
        ("OPENSSH PRIVATE KEY", "b3BlbnNzaC1rZXktdjEA"),
    ] {
        check(label, "", &[rest(begin), alnum(64)], true);
        check(label, "", &[rest(begin)], true);
        check(label, "", &[rest("x7"), alnum(64)], false);
    }
    let encrypted = "Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,0011\n\n";
    check("RSA PRIVATE KEY", encrypted, &[rest("x7"), alnum(64)], true);
    check("PGP PRIVATE KEY BLOCK", "\n", &[rest("lQdGBF"), alnum(64)], true);
}

/// The service is named in one file, and another one has what its tokens look
/// like.
#[test]
fn a_word_in_one_file_says_nothing_of_another_file() {
    let redactor = redactor();
    let old_vault = ["s", ".", "8Kd2fQ9xLm4VbN7sTf3GhJ6p"].concat();
    let discord = ["M", &alnum(24), ".Xa1b2C.", &alnum(27)].concat();
    let mailgun = format!("{}-{}-{}", hex(32), hex(8), hex(8));
    let asana = format!("1/{}:{}", "1234567890123456", hex(32));
    for (word, token) in [("vault", old_vault), ("discord", discord), ("mailgun", mailgun), ("asana", asana)]
    {
        let together = redactor.text(&format!("{word}: {token}"));
        assert!(!together.as_str().contains(&token), "{together}");
        let (one, other) = (redactor.text(word), redactor.text(&token));
        let page = format!("Client talks to {one}.\n{other}\n");
        assert!(redactor.scan(&page).is_empty(), "{page}");
    }
    stays("// Client talks to vault.\ns.validateTokenExpirations()\ns.convertUtf8StringToUtf16Le\n");
}

#[test]
fn a_user_pattern_over_lines_does_not_join_texts() {
    let redactor = Redactor::new(&["(?s)BEGIN ACME.*END ACME".into()]).expect("a pattern");
    assert_eq!(redactor.text("a BEGIN ACME\nx\nEND ACME b").as_str(), "a REDACTED_CUSTOM\n\n b");
    assert!(redactor.scan("what BEGIN ACME means\nand END ACME\n").is_empty());
    assert_eq!(redactor.scan("a\nBEGIN ACME x END ACME\n").len(), 1);
}

/// The longest of these took 0.3 s in an optimised build; a quadratic one
/// takes minutes.
#[test]
fn hostile_repetitions_take_linear_time() {
    let redactor = redactor();
    for unit in [
        "password=",
        "password=\"",
        "AKIA",
        "ABCDefgh0123+/xy",
        "eyJaaaaaaaa-",
        "-eyJaaaaaaaa",
        "-----BEGIN PRIVATE KEY-----\n",
        "a://a:b@",
        "xoxb-",
        "key: ",
        "token(",
        "$1$.",
        "\u{200b}a",
        "secret={",
        "key=\"\\",
        "Authorization: bearer ",
        "curl -u a:b ",
        "mysql ",
        "kind: secret\ndata:\n a: b\n",
        "eyJhIjoi",
        " ewogICJhIjog",
        "Basic dTpw ",
        "\"kty\":\"d\":\"",
        "password = (\"",
        "tokens = [\"a\",",
        "password:\n - a\n",
        "variable \"password\" {",
        "| password ",
        "YWJjZGVmZ2hpamtsbW5vcHFy",
        "YWJjZGVmZ2hpamtsbW5vcHFyYWJjZGVmZ2hpamtsbW5vcHFyYWJjZGVmZ2hpamtsbW5v\n",
        "- name: token\n  value: ",
    ] {
        let raw = unit.repeat(200_000 / unit.len());
        let started = std::time::Instant::now();
        redactor.text(&raw);
        assert!(started.elapsed().as_secs() < 20, "{unit}: {:?}", started.elapsed());
    }
}

/// Text in which secrets, placeholders and hidden characters meet.
fn stew() -> impl Strategy<Value = String> {
    let tokens: Vec<String> = known_tokens().into_iter().map(|(_, token)| token).collect();
    let pieces = prop::sample::select(vec![
        "password",
        "token",
        "api_key",
        "=",
        ": ",
        "\"",
        "'",
        "\n",
        "\t",
        " ",
        "\\",
        "://",
        "@",
        "user:",
        "-----BEGIN RSA PRIVATE KEY-----",
        "-----END RSA PRIVATE KEY-----",
        "REDACTED_PASSWORD",
        "REDACTED_TOKEN_1a2b3c4d",
        "REDACTED_",
        "Bearer ",
        "<pass>",
        "</pass>",
        "{",
        "}",
        "(",
        ")",
        ",",
        ";",
        "\u{200b}",
        "\u{202e}",
        "\u{e0041}",
        "\x1b",
        "\r\n",
        "\u{fe0f}",
        "é",
        "文",
        "a8f3kd92lf83kd92",
        "hunter22",
        "$",
        "%",
        "discord ",
        "vault",
        "s.8Kd2fQ9xLm4VbN7sTf3GhJ6p",
        "\"kty\"",
        "'d': '",
    ]);
    let piece = prop_oneof![
        6 => pieces.prop_map(str::to_string),
        2 => prop::sample::select(tokens),
        1 => any::<String>(),
        1 => "[A-Za-z0-9+/=]{1,70}",
    ];
    prop::collection::vec(piece, 0..24).prop_map(|parts| parts.concat())
}

proptest! {
    #[test]
    fn redaction_is_idempotent(raw in stew()) {
        let redactor = redactor();
        let once = redactor.text(&raw);
        prop_assert_eq!(redactor.text(once.as_str()), once);
        let line = redactor.line(&raw);
        prop_assert_eq!(redactor.line(line.as_str()), line);
    }

    #[test]
    fn the_number_of_lines_stays(raw in stew()) {
        let lines = |text: &str| text.matches('\n').count();
        prop_assert_eq!(lines(redactor().text(&raw).as_str()), lines(&raw));
        prop_assert_eq!(lines(redactor().line(&raw).as_str()), 0);
    }

    #[test]
    fn nothing_hidden_and_no_known_token_comes_through(raw in stew()) {
        let redactor = redactor();
        let safe = redactor.text(&raw);
        prop_assert_eq!(visible::text(safe.as_str()), safe.as_str());
        prop_assert!(redactor.scan(safe.as_str()).is_empty());
        prop_assert!(safe.as_str().chars().all(|c| c == '\n' || c == '\t' || !c.is_control()));
    }

    #[test]
    fn texts_that_are_clean_alone_are_clean_together(raws in prop::collection::vec(stew(), 2..6)) {
        let redactor = redactor();
        let clean: Vec<String> = raws.iter().map(|raw| redactor.text(raw).to_string()).collect();
        let lines = raws.iter().map(|raw| redactor.line(raw).to_string());
        let page = clean.into_iter().chain(lines).collect::<Vec<_>>().join("\n");
        prop_assert_eq!(redactor.scan(&page), []);
    }

    #[test]
    fn clean_text_comes_through_as_it_is(raw in "[a-z0-9 .,(){}\t\n]{0,200}") {
        let safe = redactor().text(&raw);
        prop_assert_eq!(safe.as_str(), raw);
    }
}

/// A Secret in every spelling, and what only looks like one.
#[test]
fn values_of_secrets_of_kubernetes_go_in_every_spelling() {
    for raw in [
        "apiVersion: v1\nkind:   Secret\ndata:\n  a: @\n",
        "kind: 'Secret'\ndata:\n  a: '@'\n",
        "\"kind\" : \"Secret\"\n\"data\" :\n  \"a\" : \"@\"\n",
        "kind: Secret # of the app\nstringData:   # plain\n  a: @ # it\n",
        "kind: !!str Secret\ndata: &d\n  a: !!binary @\n",
        "data:\n  a: @\nkind: Secret\n",
        "stringData:\n\n  # note\n  a: \"@\"\n\nkind: Secret\n",
        "stringData:\n  a: |\n    one @\n    two\nkind: Secret\n",
        "stringData:\n  a: >-\n    @\nkind: Secret\n",
        "stringData:\n  a:\n    @\nkind: Secret\n",
        "{apiVersion: v1, kind: Secret, data: {a: @}}",
        "{kind: Secret, stringData: {\"a\": \"@\", b: c}}",
        "kind: Secret\nstringData: {a: @, 'b': 'x'}\n",
        "kind: Secret\nstringData: {\n  a: @,\n}\n",
        "{\"kind\":\"Secret\",\"data\":{\"a\":\"@\"}}",
        "{\n  \"data\": {\n    \"a\": \"@\"\n  },\n  \"kind\": \"Secret\"\n}",
        "x: |\n  {\"data\":{\"a\":\"@\"},\"kind\":\"Secret\"}\n",
        "s := \"{\\\"kind\\\":\\\"Secret\\\",\\\"data\\\":{\\\"a\\\":\\\"@\\\"}}\"",
        "kind: List\nitems:\n  - kind: Secret\n    data:\n      a: @\n",
        "- data:\n    a: @\n  kind: Secret\n",
        "kind: ConfigMap\ndata:\n  x: y\n---\nkind: Secret\ndata:\n  a: @\n",
        "resource \"kubernetes_secret\" \"x\" {\n  data = {\n    a = \"@\"\n  }\n}\n",
        "resource \"kubernetes_secret_v1\" \"x\" {\n  data = { \"a\" = \"@\" }\n}\n",
        "secretGenerator:\n- name: x\n  literals:\n  - a=@\n",
        "secretGenerator:\n  - name: x\n    literals:\n      - \"a=@\"\n",
        "kubectl create secret generic x --from-literal=a=@",
        "kubectl create secret generic x --from-literal 'a=@' --dry-run",
        "kubectl create secret generic x --from-literal=a='@'",
    ] {
        // A value without form and under a name that tells nothing.
        for value in ["b3BlbnNlc2FtZQ==", "opensesame"] {
            let raw = raw.replace('@', value);
            let safe = redactor().text(&raw);
            assert!(!safe.as_str().contains(value), "{raw} -> {safe}");
            assert_eq!(redactor().text(safe.as_str()), safe, "not idempotent");
            assert_eq!(safe.as_str().matches('\n').count(), raw.matches('\n').count());
        }
    }
    for raw in [
        "kind: ConfigMap\ndata:\n  a: opensesame\n",
        "kind: SecretStore\nspec:\n  data:\n    a: opensesame\n",
        "kind: SealedSecret\nspec:\n  data: {a: opensesame}\n",
        "kind: Secret\nmetadata:\n  name: opensesame\n---\ndata:\n  b: opensesame\n",
        "kind: Secret\ndata:\n  a: {{ .Values.a }}\n  b: \"{{ .Values.b }}\"\n",
        "a kind of Secret data: none\n",
        "data = {\n  a = \"opensesame\"\n}\n",
        "configMapGenerator:\n- name: x\n  literals:\n  - a=opensesame\n",
        "kubectl create secret generic x --from-literal=a=$VALUE",
    ] {
        stays(raw);
    }
}

/// What each form becomes: the value goes, what stands around it stays.
fn all_go_and_the_rest_stays(raws: &[&str], values: &[&str]) {
    for raw in raws {
        for value in values {
            let whole = raw.replace('@', value);
            let safe = redactor().text(&whole);
            assert!(!safe.as_str().contains(value), "{whole} -> {safe}");
            let (before, after) = raw.split_once('@').expect("one @");
            assert!(safe.as_str().starts_with(before) && safe.as_str().ends_with(after), "{whole} -> {safe}");
            assert_eq!(redactor().text(safe.as_str()), safe, "not idempotent: {whole}");
        }
    }
}

const PASSWORD: &str = "Kq7vRt2mZp9xWc4n";

#[test]
fn a_value_on_the_line_below_its_name_goes() {
    all_go_and_the_rest_stays(
        &[
            "{\n  \"password\":\n    \"@\"\n}",
            "{\n  \"password\"\n    : \"@\"\n}",
            "password:\n  @\n",
            "password:\n  '@'\n",
            "password:\n  \"@\"\n",
            "password: # of the database\n  @\n",
            "password: |2-\n    @\n",
            "DB_PASSWORD=\\\n@\n",
            "DB_PASSWORD=\\\n  \"@\"\n",
            "tool --password \\\n  @ \\\n  --x",
            "tool --password \\\n  '@'\n",
            "let password =\n    \"@\";",
            "String password =\n        \"@\";",
            "password = \\\n    '@'\n",
            "password = (\n    \"@\"\n)",
            "db.password=\\\n    @\n",
            "password = <<EOF\n@\nEOF\n",
            "password = <<-EOT\n    @\n  EOT\n",
            "password = <<~'EOS'\n  @\nEOS\n",
            "$password = <<<EOT\n@\nEOT;\n",
            "PASSWORD=$(cat <<EOF\n@\nEOF\n)",
            "password = \"\"\"\n@\n\"\"\"\n",
            "password = '''\n  @\n  '''\n",
            "<password>\n  @\n</password>",
        ],
        &[PASSWORD],
    );
}

#[test]
fn values_in_the_literals_of_any_language_go() {
    all_go_and_the_rest_stays(
        &[
            "PASSWORD=$'@'",
            "PASSWORD=$\"@\"",
            "my $password = q(@);",
            "my $password = qq{@};",
            "my $password = q/@/;",
            "password = %q(@)",
            "password = %Q[@]",
            "password = ~s(@)",
            "password = ~S|@|",
            "password = \"\"\"@\"\"\"",
            "password = '''@'''",
            "password = r#\"@\"#;",
            "password = br##\"@\"##;",
            "auto password = R\"(@)\";",
            "auto password = LR\"x(@)x\";",
            "local password = [[@]]",
            "local password = [==[@]==]",
            "password := $$@$$;",
            "password := $x$@$x$;",
            "password = ''@'';",
            "Password = <<\"@\">>",
            "let password = #\"@\"#",
            "password := []byte(\"@\")",
            "char[] password = new String(\"@\")",
            "String password = \"@\".toString();",
            "password = bytes(\"@\", 'utf-8')",
            "wchar_t password[] = L\"@\";",
            "Const PASSWORD As String = \"@\"",
            "password VARCHAR2(20) := '@';",
            "password = `@`",
            "SecretString::from(\"@\")"
                .replace("SecretString", "password: SecretString = SecretString")
                .leak(),
        ]
        .map(|raw| if raw.matches('@').count() == 1 { raw } else { "password = u\"@\"" }),
        &[PASSWORD],
    );
}

#[test]
fn values_that_are_compared_or_stand_in_go() {
    all_go_and_the_rest_stays(
        &[
            "if ('@' === password) {}",
            "if (\"@\" == user.password) {}",
            "if \"@\" != $password {",
            "class A { boolean x() { return \"@\".equals(password); } }",
            "\"@\".equalsIgnoreCase(user.getPassword())",
            "password.equals(\"@\")",
            "int x(void) { return strcmp(password, \"@\") == 0; }",
            "strncmp(\"@\", password, 16)",
            "assert_eq!(password, \"@\");",
            "assertEquals(\"@\", password);",
            "hmac.compare_digest(password, \"@\")",
            "hash_equals($password, '@')",
            "if ($password -eq '@') {",
            "if ($password eq '@') {",
            "if [ \"$PASSWORD\" = \"@\" ]; then",
            "[[ $PASSWORD == \"@\" ]]",
            "getPassword() == \"@\"",
            "request.getParameter(\"password\").equals(\"@\")",
            "expect(user.password).toBe('@')",
            "expect(password).to eq('@')",
            "assertThat(password).isEqualTo(\"@\")",
            "const k = process.env.API_KEY || '@';",
            "const k = process.env['API_KEY'] ?? '@';",
            "k = os.getenv(\"API_KEY\") or \"@\"",
            "val k = System.getenv(\"API_KEY\") ?: \"@\"",
            "let k = env::var(\"API_KEY\").unwrap_or_else(|_| \"@\".into());",
            "k = ENV['API_KEY'] || \"@\"",
            "Optional.of(apiKey).orElse(\"@\")",
            "password: ${DB_PASSWORD:@}",
            "x: \"${spring.password:@}\"",
            "parser.add_argument(\"--password\", type=str, default=\"@\")",
            "@click.option('--password', default='@')".replacen('@', "", 1).leak(),
        ],
        &[PASSWORD],
    );
}

#[test]
fn values_in_markup_and_pairs_go() {
    all_go_and_the_rest_stays(
        &[
            "<property name=\"password\"><value>@</value></property>",
            "<property name=\"password\">\n  <value>@</value>\n</property>",
            "<property value=\"@\" name=\"password\"/>",
            "<property name=\"password\" value=\"@\"/>",
            "<entry key=\"password\"><value>@</value></entry>",
            "<entry key='password'>@</entry>",
            "<setting name=\"Password\" serializeAs=\"String\"><value>@</value></setting>",
            "<param-name>password</param-name>\n<param-value>@</param-value>",
            "<property><name>fs.password</name><value>@</value></property>",
            "<Data Name=\"Password\">@</Data>",
            "<add value=\"@\" key=\"Password\"/>",
            "[\n {\n  \"Key\": \"DB_PASSWORD\",\n  \"Value\": \"@\"\n }\n]",
            "{\"value\": \"@\", \"name\": \"DB_PASSWORD\"}",
            "{\n  \"Value\": \"@\",\n  \"Key\": \"DB_PASSWORD\"\n}",
            "env:\n  - value: @\n    name: DB_PASSWORD\n",
            "env:\n  - value: \"@\"\n    name: \"DB_PASSWORD\"\n",
            "set(API_SECRET \"@\")",
            "requirepass @\nport 1\n",
            "masterauth @\n",
            "redis-server --requirepass @ --port 1",
            "rootpw @\n",
        ],
        &[PASSWORD],
    );
}

#[test]
fn passphrases_and_short_keys_go() {
    check("db:\n  password: 'my avQJA76rNi'\n", "db:\n  password: 'REDACTED_PASSWORD'\n");
    check("password = \"correct horse R2Y6HIeBH staple\"\n", "password = \"REDACTED_PASSWORD\"\n");
    check("passphrase: \"correct horse battery staple\"\n", "passphrase: \"REDACTED_PASSWORD\"\n");
    check("password: my avQJA76rNi\n", "password: REDACTED_PASSWORD\n");
    check("PASSPHRASE=\"tulip 9xWc4nKq lamp\"\n", "PASSPHRASE=\"REDACTED_PASSWORD\"\n");
    for name in
        ["secret", "auth_secret", "jwt_secret", "auth_key", "rootpw", "bindpw", "api_secret", "dbpass"]
    {
        for value in ["2815d2802827283e", "cd566647b5aa6663", "71590d292a283a20", "f4c54977656cf2d1"] {
            let safe = redactor().text(&format!("{name}={value}\n"));
            assert!(safe.as_str().starts_with(&format!("{name}=REDACTED_")), "{safe}");
        }
    }
}

#[test]
fn passwords_glued_to_options_go() {
    for raw in [
        "mysql -uroot -p@ db",
        "mysqlcheck -u root -p@ db",
        "mysqldump -p'@' db",
        "sshpass -p@ ssh h",
        "docker login -u me -p@ h",
        "redis-cli -a@ ping",
        "redis-cli --pass @ ping",
        "ldapsearch -x -w@ -b dc=x",
        "mongo -u me -p@ db",
        "sqlcmd -S h -U me -P@",
        "7z a -p@ x.7z y",
        "unrar x -p@ a.rar",
        "zip -P@ a.zip b",
        "openssl rsa -passin pass:@ -in k",
        "openssl genrsa -aes256 -passout \"pass:@\" -out k",
        "rabbitmqctl add_user me @",
        "htpasswd -nb me @",
        "htpasswd -bc file me @",
        "skopeo copy --src-creds me:@ a b",
        "xfreerdp /u:me /p:@ /v:h",
    ] {
        let raw = raw.replace('@', "Xk29fmZ1");
        let safe = redactor().text(&raw);
        assert!(!safe.as_str().contains("Xk29fmZ1") && safe.as_str().contains("REDACTED_PASSWORD"), "{safe}");
    }
    for raw in [
        "mysql -p db",
        "docker run -p 80:80 x",
        "openssl rsa -passin env:PW",
        "htpasswd -c file me",
        "zip -r a.zip b",
    ] {
        stays(raw);
    }
}

#[test]
fn references_bindings_and_sentences_stay() {
    for raw in [
        "password: !vault-ref path/to/secret#key\n",
        "password: !vault-ref secret/data/db2#password1\n",
        "password: !secret db_password2\n",
        "password: !Ref DatabasePassword2\n",
        "password: !GetAtt Db2.Password1\n",
        "password: !env DB_PASSWORD2\n",
        "password: path/to/secret2#key\n",
        "<PasswordInput v-model=\"form.password\" :rules=\"passwordRules2024\" />",
        "<input v-model=\"password\" :class=\"inputClass2024x\" @change=\"check2024Now\">",
        "<input type=\"password\" :value=\"passwordValue2024\" />",
        "<input :password=\"dbPassword2024\" />",
        "<x [password]=\"dbPassword2024\" (change)=\"setPassword2024()\"></x>",
        "password: 'must not be empty'",
        "\"password\": \"Enter your password\",",
        "password = \"the password is too short\"",
        "password: see the docs for it\n",
        "PASSWORD_HINT = \"my avQJA76rNi\"",
        "if (a == password) {}",
        "x = token || next",
        "password || 'password'",
        "\"label\".equals(token)",
        "check(\"name\", password)",
        "strcmp(password, other)",
        "password.equals(other)",
        "<property name=\"password\"><ref bean=\"x\"/></property>",
        "value: plain\nname: PORT\n",
        "name: DB_PASSWORD\nvalueFrom:\n  secretKeyRef: x\n",
        "password = <<EOF\nfirst line\nsecond line\nEOF\n",
        "bypass = \"Kq7vRt2mZp\"",
    ] {
        stays(raw);
    }
}

#[test]
fn neighbours_in_lists_and_markup_are_no_values() {
    for raw in [
        "dependencies = [\n \"password-hash\",\n \"rand_core2\",\n \"secret-service\",\n \"zbus 4.4.0\",\n]\n",
        "{\n  \"LABEL\": \"your password\",\n  \"OTHER_2\": \"x\"\n}\n",
        "<a class=\"token\" href=\"#/s:9Alamofire7SessionC\">Session</a>",
        "<a class=\"token\" href=\"#/s:9Alamofire25AuthenticationInterceptorC10Credentiala\">Credential</a>",
        "\"*2\\r\\n$12\\r\\nkey:00000123\\r\\n$9\\r\\nstr:hello\\r\\n\"",
        "val signKey = \"0102030405060708\"",
    ] {
        stays(raw);
    }
    check("\"A=1\\nDB_PASSWORD=hunter22\\nB=2\"", "\"A=1\\nDB_PASSWORD=REDACTED_PASSWORD\\nB=2\"");
}

/// Bounds are in bytes, and what is cut at one may be a character.
#[test]
fn a_bound_within_a_character_stops_nothing() {
    let redactor =
        Redactor::with(&RedactionRules { personal: true, ..RedactionRules::default() }).expect("no patterns");
    for unit in ["\u{ff47}", "\u{e9}", "\u{1f600}", "a\u{ff47}1"] {
        for lead in ["", "x", "xy", "xyz"] {
            let long = format!("{lead}{}", unit.repeat(4_000));
            for raw in [
                format!("{long}@gmail.com"),
                format!("a@{long}.com"),
                format!("password: {long}"),
                format!("PASSWORD={long}1"),
                format!("value: {long}\nname: DB_PASSWORD\n"),
                format!("password = \"{long}1\""),
                format!("'{long}1' == password"),
                format!("password = <<EOF\n{long}1\nEOF\n"),
                format!("kind: Secret\ndata:\n  a: {long}\n"),
                format!("{{kind: Secret, data: {{a: {long}, b: '{long}'}}}}"),
                format!("mysql -p{long}"),
                format!("curl -u me:{long} https://h"),
                format!("kubectl create secret generic x --from-literal=a={long}"),
                format!("https://me:{long}@h/"),
                format!("<password>{long}1</password>"),
                format!("password: my {long} avQJA76rNi"),
            ] {
                redactor.text(&raw);
                redactor.line(&raw);
                redactor.leaks(&raw);
            }
        }
    }
}
