//! Heads with macros, and what is left of them.

use super::*;

#[track_caller]
fn check(text: &str, expected: &str) {
    assert_eq!(mended(text, true).as_deref().unwrap_or(text), expected);
}

#[test]
fn of_the_words_before_a_class_name_one_is_kept() {
    check("class MyExport Two : Base {};", "class          Two : Base {};");
    check("class my_api(1) Two final {};", "class           Two final {};");
    check("class Two MY_FINAL : Base {};", "class Two          : Base {};");
    check("struct a b{1, 2};", "struct a b{1, 2};");
    check("struct a *b(int c) { return d; }", "struct a *b(int c) { return d; }");
    check("struct a b(int c) { return d; }", "struct a b(int c) { return d; }");
    check("class my_export Two;", "class           Two;");
    check("struct a b;", "struct a b;");
}

#[test]
fn of_the_words_before_a_name_as_many_are_kept_as_have_a_place() {
    check("my_export int f(void);", "          int f(void);");
    check("MY_API T *MY_CC f(T *t);", "       T *      f(T *t);");
    check("static T my_call f() {}", "static T         f() {}");
    check("API(int) f(void);", "    int  f(void);");
    check("int x __packed;", "int x         ;");
    check("void (MY_CC *f)(int);", "void (      *f)(int);");
    check("u8 __aligned(8) b[4];", "u8              b[4];");
    check("static FAST int F_A(int x) { y; }", "static      int F_A(int x) { y; }");
    check("const char *a MY_ATTR(weak);", "const char *a              ;");
    check("int f(void) my_attribute;", "int f(void)             ;");
    for text in [
        "T f(U u);",
        "std::vector<int> a::f() const noexcept;",
        "int f(a, b) T a; U b; { }",
        "struct a b = { .c = 1 };",
        "unsigned long long x;",
        "typedef struct a b;",
        "T A::operator()(int x) const { y z; }",
        "A::A(int x) : y(x), z{x} {}",
        "auto f() -> T;",
        "DWORD x = MAX;",
        "T x(1), y;",
        "LIST(a) b;",
        "typedef LIST(a) b;",
    ] {
        check(text, text);
    }
}

#[test]
fn calls_on_lines_of_their_own_are_hidden() {
    check("GEN(a)\nGEN(b)\nint f(void);", "      \n      \nint f(void);");
    check("struct s {\n  gen(a)\n  int x;\n};", "struct s {\n        \n  int x;\n};");
    check("class A {\n  M(A)\n  A();\n  N(A)\n};", "class A {\n      \n  A();\n      \n};");
    for text in
        ["main(a, b)\nint b;\n{ }", "BOOL\nf(int x);", "A::A(int x)\n  : y(x) {}", "TEST(a, b) { c d; }"]
    {
        check(text, text);
    }
}

#[test]
fn comments_in_macros_are_hidden() {
    check(
        "#define A(x) \\\n  f(x) /* why */ \\\n  g(x) /* end */\nint x;",
        "#define A(x) \\\n  f(x)           \\\n  g(x) /* end */\nint x;",
    );
}

#[test]
fn labels_of_qt_are_labels() {
    check(
        "class A {\nsignals:\n  void s();\npublic slots:\n};",
        "class A {\npublic :\n  void s();\npublic      :\n};",
    );
}

#[test]
fn modules_are_read_as_what_the_grammar_knows() {
    check("export module a.b;\nimport c.d;", "                 ;\nusing  c_d;");
    check("export { int f(); }", "         int f();  ");
    check("import \"x.h\";\nimport <y>;", "using   x_h ;\nusing  _y_;");
    assert_eq!(mended("export int x;", false).as_deref(), Some("       int x;"));
}

#[test]
fn a_macro_before_else_is_an_if() {
    check("int f() { IF_A(p) { a(); } else { b(); } }", "int f() { if  (p) { a(); } else { b(); } }");
    check("int f() { FOR_A(p) { a(); } b(); }", "int f() { FOR_A(p) { a(); } b(); }");
}

#[test]
fn a_raw_string_keeps_its_length() {
    let text = "x = R\"0123456789abcdef(y)0123456789abcdef\";";
    check(text, "x =  R\"123456789abcdef(y )123456789abcdef\";");
    for prefix in ["R", "LR", "uR", "UR", "u8R"] {
        for inside in ["", "y", "a(b)c)", "line\nline", "\")0123456789abcde\""] {
            let [long, short] = ["0123456789abcdef", "123456789abcdef"];
            check(
                &format!("x = {prefix}\"{long}({inside}){long}\";"),
                &format!("x =  {prefix}\"{short}({inside} ){short}\";"),
            );
        }
    }
    check("x = R\"0123456789abcde(y)0123456789abcde\";", "x = R\"0123456789abcde(y)0123456789abcde\";");
}

#[test]
fn brackets_that_do_not_match_up_are_left_alone() {
    for text in ["int f(", "}}}} my_export int x;", "class A { ( };"] {
        assert!(mended(text, true).is_none() || text.starts_with('}'), "{text}");
    }
    assert!(mended(&"{".repeat(1_000), true).is_none());
    assert!(mended(&"f(".repeat(1_000), true).is_none());
}
