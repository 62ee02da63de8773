use super::*;

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

#[test]
fn an_assigned_password_goes_and_the_line_stays() {
    check(
        "DB_PASSWORD=hunter2\nx = 1\n",
        "DB_PASSWORD=REDACTED_PASSWORD\nx = 1\n",
    );
}
