#!/usr/bin/env python3
"""Plants fresh fake secrets of known shapes everywhere and looks for their bytes in
everything that waypost writes or says.

    secrets.py --binary target/release/waypost [--secrets 2000] [--seed N]

Places: literals, comments, docs, configuration, base64, names of files and
folders, branch names, commit subjects, bodies and authors, symbols, goals,
notes in all their fields, edited and superseded notes, checkpoints, briefs,
conversations, imports, files of records changed by hand, settings, questions,
and wrong command lines. Then every command is run, and the raw bytes of
`.waypost/` (artefacts, prompts, memory, database, log), exports, and all output
are searched for each secret, as it is and in lower case.

Not searched: the files of records that a person changed by hand (until
`redact --retro` cleans them) and `config.toml`, which are the user's own.

The second part proves by `strace` that no file that is secret by its name is
opened.

The secrets are made here, at random, from the forms that services document;
none was ever valid. They are put together at run time.
"""

import base64
import json
import os
import pathlib
import random
import shutil
import string
import subprocess
import sys
import tempfile

import trial

LOWER, UPPER, DIGITS = string.ascii_lowercase, string.ascii_uppercase, string.digits
ALNUM = LOWER + UPPER + DIGITS
HEX = DIGITS + "abcdef"
B32 = UPPER + "234567"
URL = ALNUM + "-_"


class Maker:
    """Fake secrets; each is made once."""

    def __init__(self, seed):
        self.random = random.Random(seed)

    def of(self, alphabet, length):
        return "".join(self.random.choices(alphabet, k=length))

    def uuid(self):
        return "-".join(self.of(HEX, n) for n in (8, 4, 4, 4, 12))

    def json(self, text):
        return base64.urlsafe_b64encode(json.dumps(text).encode()).decode().rstrip("=")

    def shapes(self):
        r = self.of
        return {
            "aws": lambda: "AK" + "IA" + r(B32, 16),
            "aws-temporary": lambda: "AS" + "IA" + r(B32, 16),
            "github": lambda: "gh" + self.random.choice("pousr") + "_" + r(ALNUM, 36),
            "github-fine": lambda: "github" + "_pat_" + r(ALNUM, 22) + "_" + r(ALNUM, 59),
            "gitlab": lambda: "gl" + "pat-" + r(URL, 20),
            "gitlab-runner": lambda: "gl" + "rt-" + r(URL, 20),
            "slack-bot": lambda: "xo" + "xb-" + r(DIGITS, 12) + "-" + r(DIGITS, 13) + "-" + r(ALNUM, 24),
            "slack-user": lambda: "xo" + "xp-" + r(DIGITS, 12) + "-" + r(DIGITS, 12) + "-" + r(DIGITS, 12) + "-" + r(HEX, 32),
            "slack-app": lambda: "xa" + "pp-1-A" + r(B32, 10) + "-" + r(DIGITS, 13) + "-" + r(HEX, 64),
            "stripe": lambda: "sk" + "_live_" + r(ALNUM, 24),
            "stripe-restricted": lambda: "rk" + "_live_" + r(ALNUM, 99),
            "stripe-webhook": lambda: "wh" + "sec_" + r(ALNUM, 32),
            "twilio": lambda: "S" + "K" + r(HEX, 32),
            "sendgrid": lambda: "S" + "G." + r(URL, 22) + "." + r(URL, 43),
            "npm": lambda: "np" + "m_" + r(ALNUM, 36),
            "pypi": lambda: "py" + "pi-AgEIcHlwaS5vcmc" + r(URL, 70),
            "cargo": lambda: "ci" + "o" + r(ALNUM, 32),
            "docker": lambda: "dckr" + "_pat_" + r(URL, 27),
            "huggingface": lambda: "h" + "f_" + r(LOWER + UPPER, 34),
            "openai": lambda: "s" + "k-proj-" + r(URL, 74) + "T3Blbk" + "FJ" + r(URL, 74),
            "openai-old": lambda: "s" + "k-" + r(ALNUM, 20) + "T3Blbk" + "FJ" + r(ALNUM, 20),
            "anthropic": lambda: "sk" + "-ant-api03-" + r(URL, 93) + "AA",
            "telegram": lambda: r("123456789", 1) + r(DIGITS, 9) + ":A" + "A" + r(URL, 33),
            "shopify": lambda: "shp" + "at_" + r(HEX, 32),
            "square": lambda: "sq0" + "csp-" + r(URL, 43),
            "mailgun": lambda: "ke" + "y-" + r(HEX, 32),
            "mailchimp": lambda: r(HEX, 32) + "-u" + "s" + r("123456789", 1),
            "digitalocean": lambda: "do" + "p_v1_" + r(HEX, 64),
            "heroku": lambda: "HR" + "KU-AA" + r(URL, 58),
            "databricks": lambda: "da" + "pi" + r(HEX, 32),
            "vault": lambda: "hv" + "s." + r(URL, 95),
            "terraform": lambda: r(ALNUM, 14) + ".atlas" + "v1." + r(URL, 67),
            "grafana": lambda: "gl" + "sa_" + r(ALNUM, 32) + "_" + r(HEX, 8),
            "newrelic": lambda: "NR" + "AK-" + r(UPPER + DIGITS, 27),
            "sentry": lambda: "sntr" + "yu_" + r(HEX, 64),
            "linear": lambda: "lin" + "_api_" + r(ALNUM, 40),
            "notion": lambda: "nt" + "n_" + r(DIGITS, 11) + r(ALNUM, 35),
            "atlassian": lambda: "ATAT" + "T3xFfGF0" + r(URL, 180),
            "gcp": lambda: "AI" + "za" + r(URL, 35),
            "gcp-oauth": lambda: "GOC" + "SPX-" + r(URL, 28),
            "azure": lambda: r(ALNUM, 3) + r(DIGITS, 1) + "Q" + "~" + r(ALNUM, 34),
            "age": lambda: "AGE-SECRET" + "-KEY-1" + r("QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L", 58),
            "jwt": lambda: self.json({"alg": "HS256", "typ": "JWT"}) + "." + self.json({"sub": r(DIGITS, 10)}) + "." + r(URL, 43),
            "bcrypt": lambda: "$2" + "b$12$" + r(ALNUM, 53),
            "planetscale": lambda: "pscale" + "_tkn_" + r(URL, 43),
            "postman": lambda: "PM" + "AK-" + r(HEX, 24) + "-" + r(HEX, 34),
            "pulumi": lambda: "pu" + "l-" + r(HEX, 40),
            "rubygems": lambda: "ruby" + "gems_" + r(HEX, 48),
            "sendinblue": lambda: "xkey" + "sib-" + r(HEX, 64) + "-" + r(ALNUM, 16),
            "shippo": lambda: "shippo" + "_live_" + r(HEX, 40),
            "dynatrace": lambda: "dt0" + "c01." + r(B32, 24) + "." + r(B32, 64),
            "doppler": lambda: "dp" + ".pt." + r(ALNUM, 43),
            "easypost": lambda: "EZ" + "AK" + r(ALNUM, 54),
            "figma": lambda: "fig" + "d_" + r(URL, 43),
            "plaid": lambda: "access" + "-production-" + self.uuid(),
            "prefect": lambda: "pn" + "u_" + r(ALNUM, 36),
            "readme": lambda: "rd" + "me_" + r(LOWER + DIGITS, 70),
            "launchdarkly": lambda: "sd" + "k-" + self.uuid(),
            "alibaba": lambda: "LT" + "AI" + r(ALNUM, 20),
            "netlify": lambda: "nf" + "p_" + r(ALNUM, 36),
            "clojars": lambda: "CLO" + "JARS_" + r(ALNUM, 60),
            "supabase": lambda: "sb" + "p_" + r(HEX, 40),
            "nuget": lambda: "oy" + "2" + r(LOWER + DIGITS, 43),
            "groq": lambda: "gs" + "k_" + r(ALNUM, 52),
            "perplexity": lambda: "ppl" + "x-" + r(ALNUM, 48),
            "replicate": lambda: "r" + "8_" + r(ALNUM, 37),
            "mapbox": lambda: "sk" + ".eyJ" + r(ALNUM, 80) + "." + r(ALNUM, 22),
        }


# Shapes with characters that may stand in the name of a file or a branch.
def is_name(secret):
    return not set(secret) & set("/:~^?*[\\$")


# What surrounds a secret in a text of each kind; `@` is its place.
SOURCE = [
    ("a{n}.py", '"""Doc with @."""\n\n\ndef call{n}():\n    """Runs."""\n'),
    ("b{n}.py", 'TOKEN = "@"\n'),
    ("c{n}.py", 'def call{n}(key="@"):\n    pass\n'),
    ("d{n}.py", "# see @ for more\nX = 1\n"),
    ("e{n}.rs", '/// Calls with @.\npub const KEY: &str = "x";\n'),
    ("f{n}.rs", 'pub const KEY_{n}: &str = "@";\n'),
    ("g{n}.ts", "export const k{n} = `@`; // done\n"),
    ("h{n}.ts", "/* @ */\nexport function f{n}(a: string) {}\n"),
    ("i{n}.go", 'package a\n\n// F{n} uses @.\nfunc F{n}() {}\n'),
    ("j{n}.go", 'package a\n\nvar K{n} = []string{"@"}\n'),
    ("k{n}.java", 'class K{n} { String a = f("@"); }\n'),
    ("l{n}.rb", "class L{n}\n  KEY = '@'.freeze\nend\n"),
    ("m{n}.sh", "export T=@\ncurl -H \"X: @\" https://example.org\n"),
]
DOCS = [
    ("a{n}.md", "# Use @\n\nText.\n"),
    ("b{n}.md", "# Page\n\nRun `@` now.\n"),
    ("c{n}.md", "# Page\n\n```sh\ntool @\n```\n"),
    ("d{n}.rst", "Title\n=====\n\n@ is the key.\n"),
    ("e{n}.txt", "one\ntwo @ three\n"),
    ("f{n}.html", "<p title='@'>x</p>\n"),
]
CONFIG = [
    ("a{n}.toml", 'token = "@" # old\n'),
    ("b{n}.json", '{"a": {"k": "@"}}\n'),
    ("c{n}.yml", "env:\n  - name: K\n    value: @\n"),
    ("d{n}.yaml", "key: |\n  @\n"),
    ("e{n}.ini", "[a]\nk = @\n"),
    ("f{n}.xml", "<a k='@'><b>@</b></a>\n"),
    ("g{n}.properties", "a.b=@\n"),
    ("Dockerfile.{n}", "FROM x\nENV K=@\n"),
]


class Plant:
    def __init__(self, maker, root, home):
        self.shapes = list(maker.shapes().items())
        self.maker, self.root, self.home = maker, root, home
        self.secrets = []
        self.turn = 0

    def new(self, place, named=False):
        """The next secret: all shapes in turn."""
        while True:
            kind, make = self.shapes[self.turn % len(self.shapes)]
            self.turn += 1
            secret = make()
            if not named or is_name(secret):
                self.secrets.append((place, kind, secret))
                return secret

    def write(self, path, text):
        path = pathlib.Path(self.root) / path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def texts(self, folder, templates, count):
        for n in range(count):
            name, text = templates[n % len(templates)]
            place = f"{folder}/{name}"
            self.write(f"{folder}/{n // 40}/" + name.replace("{n}", str(n)),
                       text.replace("{n}", str(n)).replace("@", self.new(place)))

    def encoded(self, count):
        for n in range(count):
            secret = self.new("base64 of JSON")
            text = json.dumps({"type": "account", "private_key": secret}, indent=2)
            code = base64.b64encode(text.encode()).decode()
            self.secrets.append(("base64 of JSON, encoded", "encoded", code[20:]))
            self.write(f"deploy/enc{n}.yml", f"data: {code}\n")

    def symbols(self, count):
        for n in range(count):
            while True:
                secret = self.new("symbol", named=True)
                if secret.replace("_", "").isalnum() and not secret[0].isdigit():
                    break
                self.secrets.pop()
            self.write(f"symbols/s{n}.py", f"class {secret}:\n    def {secret}(self): ...\n\n{secret} = 1\n")

    def names(self, count):
        for n in range(count):
            if n % 2:
                self.write(f"names/{self.new('file name', named=True)}.py", "def f(): ...\n")
            else:
                self.write(f"names/{self.new('folder name', named=True)}/f.py", "def f(): ...\n")
        os.symlink("nowhere", pathlib.Path(self.root) / "names" / self.new("link name", named=True))

    def commits(self, count):
        for n in range(count):
            self.write("log.txt", f"{n}\n")
            trial.git(self.root, "add", "-A")
            author = f"{self.new('author')} <a@example.org>".replace("<", "<")
            subject, body = self.new("commit subject"), self.new("commit body")
            trial.git(self.root, "commit", "-q", "-m", f"Rotate {subject}\n\nOld: {body}", "--author", author)

    def branches(self, count):
        for n in range(count):
            trial.git(self.root, "branch", f"fix/{self.new('branch', named=True)}")
        trial.git(self.root, "switch", "-q", "-c", f"now-{self.new('current branch', named=True)}")


def below(folder):
    for path in sorted(pathlib.Path(folder).rglob("*")):
        if path.is_file():
            yield str(path.relative_to(folder)), path.read_bytes()


def say(said, binary, plant, *arguments, expect=0, secret=None):
    name = " ".join(arguments[:2])[:40]
    arguments = [*arguments, secret] if secret else arguments
    done = subprocess.run(
        [binary, *arguments, "--project-root", str(plant.root)], capture_output=True, cwd=plant.root,
        env=trial.environment(plant.home), stdin=subprocess.DEVNULL,
    )
    if expect is not None and done.returncode != expect:
        sys.exit(f"{arguments}\nended with {done.returncode}, not {expect}\n{done.stderr.decode()}")
    said.append((name, done.stdout + done.stderr))
    return done.stdout.decode()


def memory(said, binary, plant, count):
    """Notes in every field, changed, superseded, forgotten, erased; and all other ways in."""
    run = lambda *arguments, **more: say(said, binary, plant, *arguments, **more)
    for n in range(count):
        s = lambda field: plant.new(f"note {field}")
        run("note", "--summary", f"Use {s('title')}", "--rationale", s("why"), "--body", s("body"), "--tag", s("tag"), "--section", s("section"),
                  "--author", s("author"), "--alternative", s("alternative"), "--impact", s("impact"), "--slug", f"n{n}")
        run("edit", f"n{n}", "--summary", f"Now {s('edited title')}", "--rationale", s("edited why"))
    run("supersede", "n0", "--by", f"Rather {plant.new('superseded by')} than that")
    run("forget", "n1", "--yes")
    run("rollback", "n2", "1", expect=None)
    run("goal", f"Replace {plant.new('goal')}")
    run("snapshot", "--goal", f"Revoke {plant.new('snapshot goal')} at once")
    run("checkpoint", "--done", f"a {plant.new('checkpoint done')}", "--next", f"b {plant.new('checkpoint next')}")
    run("brief", "set", f"All about {plant.new('brief')}", expect=None)
    run("pin", "src/0/a0.py", "--note", plant.new("pin note"))
    chat = [{"role": "user", "content": f"We decided to use {plant.new('chat')} because it works. TODO: remove {plant.new('chat')}."},
            {"role": "assistant", "content": f"Decision: keep {plant.new('chat')}.\nLesson: never print {plant.new('chat')}."}]
    file = pathlib.Path(plant.home) / "chat.json"
    file.write_text(json.dumps(chat))
    run("ingest-chat", "--file", str(file))
    folder = pathlib.Path(plant.home) / "adr"
    folder.mkdir()
    (folder / "0001-x.md").write_text(f"# Use {plant.new('imported Markdown')}\n\n## Context\n\n{plant.new('imported Markdown')}\n")
    run("import", "--file", str(folder))
    # An export of a version that redacted nothing.
    export = pathlib.Path(plant.home) / "export.jsonl"
    run("export", "--output", str(export))
    lines = export.read_text().splitlines()
    said.append(("export", export.read_bytes()))
    run("import", "--file", str(dirty_export(plant, lines)), expect=None)
    # A record's file changed by hand.
    record = sorted((pathlib.Path(plant.root) / ".waypost/memory").glob("*-n3*.md"))
    by_hand = record[:1]
    for path in by_hand:
        path.write_text(path.read_text() + f"\nBy hand: {plant.new('record by hand')}\n")
    return by_hand


def dirty_export(plant, lines):
    """With a secret where none was; its hashes no longer fit, so nothing may come of it."""
    path = pathlib.Path(plant.home) / "dirty.jsonl"
    text = "\n".join(lines).replace("All about", f"All {plant.new('import file')} about")
    path.write_text(text + "\n")
    return path


COMMANDS = [
    ["snapshot", "-v"], ["snapshot", "--json"], ["status"], ["status", "--json"], ["handoff"], ["handoff", "--stdout"],
    ["handoff", "--stdout", "--format", "json"], ["handoff", "--check"], ["restore"], ["restore", "--json"],
    ["rank", "--json", "--limit", "100"], ["rank"], ["snapshots"], ["snapshots", "--json"], ["show-snapshot", "--json"],
    ["show-snapshot"], ["diff-summary"], ["diff-summary", "--json"], ["prompt", "--token-budget", "32000"],
    ["prompt", "--mode", "human-handoff", "--token-budget", "16000"], ["pins"], ["decisions"], ["notes"], ["notes", "--json"],
    ["proposals"], ["verify"], ["history", "n0"], ["history", "n3", "--json"], ["diff", "n3"], ["show", "n3"],
    ["show", "n3", "--json"], ["brief", "show"], ["goal"], ["search", "rotate revoke token key"],
    ["search", "token", "--json", "--limit", "50"], ["context", "how is the token used"],
    ["context", "rotate", "--format", "md", "--budget", "8000"], ["outline", "src/0/a0.py", "--json"],
    ["outline", "symbols/s0.py", "--json"], ["explain", "src/0/b1.py"], ["languages"], ["config"], ["doctor"],
    ["doctor", "--json"], ["compare-snapshots"], ["export", "--output", "{home}/all.jsonl"],
]


def hunt(tally, plant, said, skip):
    """Each secret in everything that was written or said, in two cases."""
    written = [(f".waypost/{name}", data) for name, data in below(pathlib.Path(plant.root) / ".waypost")
               if name != "config.toml" and pathlib.Path(plant.root, ".waypost", name) not in skip]
    written += [(f"terminal: {name}", data) for name, data in said]
    written.append(("export", (pathlib.Path(plant.home) / "all.jsonl").read_bytes()))
    whole = [(name, data.lower(), name.lower().encode()) for name, data in written]
    size = sum(len(data) for _, data, _ in whole)
    joined = b"\0".join(data + b"\0" + name for _, data, name in whole)
    for place, kind, secret in plant.secrets:
        needle = secret.lower().encode()
        if needle in joined:
            where = [name for name, data, lower in whole if needle in data or needle in lower]
            tally.check(False, f"{kind} planted in {place} is in {where[:4]}")
        else:
            tally.check(True, "")
    return size


NEVER_OPENED = [
    ".env", ".env.local", "app/.ENV.production", "prod.env", "server.pem", "tls/Site.KEY", "a.p12", "b.pfx", "c.jks",
    "d.ppk", "e.kdbx", "id_rsa", "ssh/id_ed25519", ".netrc", "_netrc", ".npmrc", ".yarnrc", ".yarnrc.yml", ".pypirc",
    ".pgpass", ".my.cnf", ".git-credentials", ".dockercfg", ".docker/config.json", ".aws/credentials", ".ssh/config",
    ".kube/config", "kubeconfig", "x.tfstate", "x.tfstate.backup", "x.tfvars", "x.tfvars.json", "secrets.yml",
    "secrets.json", "credentials", "credentials.json", "my-service-account.json", ".htpasswd", ".bash_history",
    ".zsh_history", "key4.db", "logins.json", ".vault-token", ".s3cfg", ".boto", ".config/gcloud/x.json", "rclone.conf",
    "terraform.rc", ".gem/credentials", ".cargo/credentials.toml", ".m2/settings.xml", ".chef/knife.pem", "age-key.txt",
    ".gnupg/secring.gpg", "vault.yml", ".vault_pass", ".env.bak", ".env~", "secrets.toml", "db-credentials.yaml",
]


def never_opened(tally, binary, folder):
    """strace over every command: no open of such a file, and its text is nowhere."""
    if not shutil.which("strace"):
        print("no strace: left out")
        return
    root, home = folder / "named", folder / "named-home"
    root.mkdir(), home.mkdir()
    for n, name in enumerate(NEVER_OPENED):
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"PLAINWORD{n} = x\n")
    (root / "main.py").write_text("def main(): ...\n")
    trial.git(root, "init", "-q", "-b", "main")
    trial.git(root, "add", "-A", "-f")
    trial.git(root, "commit", "-q", "-m", "All")
    for path in NEVER_OPENED:
        (root / path).write_text("PLAINWORDCHANGED\n")
    for arguments in (["snapshot", "--goal", "main"], ["search", "main"], ["prompt"], ["restore"], ["bench"], ["context", "main"],
                      ["outline", ".env"], ["diff-summary"], ["doctor"]):
        log = folder / "strace.log"
        command = ["strace", "-f", "-o", str(log), "-e", "trace=open,openat,openat2", binary, *arguments, "--project-root", str(root)]
        done = subprocess.run(command, capture_output=True, env=trial.environment(home), cwd=root)
        text = log.read_text(errors="replace")
        opened = [name for name in NEVER_OPENED if any(f'"{form}"' in line for form in
                  (str(root / name), name, os.path.basename(name)) for line in text.splitlines())]
        tally.check(not opened, f"{arguments}: opened {opened}")
        tally.check(b"PLAINWORD" not in done.stdout + done.stderr, f"{arguments} shows a secret file's text")
    data = b"".join(data for _, data in below(root / ".waypost"))
    tally.check(b"PLAINWORD" not in data and b"plainword" not in data, "a secret file's text is stored")
    listed = trial.report(binary, root, home, "snapshot")
    skipped = json.dumps(listed)
    tally.check("secrets by name" in skipped, "secret files are not listed with their reason")


def main():
    parser = trial.parser(__doc__)
    parser.add_argument("--secrets", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=None, help="default: another one each time")
    options = parser.parse_args()
    binary = options.binary
    seed = options.seed if options.seed is not None else random.SystemRandom().randrange(1 << 32)
    print(f"seed {seed}")
    tally = trial.Tally()
    with tempfile.TemporaryDirectory() as top:
        top = pathlib.Path(top)
        root, home = top / "project", top / "home"
        root.mkdir(), home.mkdir()
        trial.git(root, "init", "-q", "-b", "main")
        plant = Plant(Maker(seed), root, home)
        part = max(options.secrets // 20, 2)
        plant.texts("src", SOURCE, 6 * part)
        plant.texts("docs", DOCS, 3 * part)
        plant.texts("config", CONFIG, 4 * part)
        plant.encoded(part // 2)
        plant.symbols(part)
        plant.names(part)
        plant.write("README.md", f"# Project {plant.new('README')}\n\nIt uses {plant.new('README')} a lot.\n")
        plant.write("pyproject.toml", f'[project]\nname = "x"\ndescription = "Uses {plant.new("manifest")}"\n')
        plant.write("package.json", json.dumps({"name": "x", "scripts": {"build": f"tool {plant.new('script')}"}}))
        plant.write("Makefile", f"# {plant.new('Makefile')}\nbuild:\n\tcurl -u me:{plant.new('Makefile')} x\n")
        plant.commits(part)
        plant.branches(part // 4)
        said = []
        by_hand = memory(said, binary, plant, max((options.secrets - len(plant.secrets)) // 9, 4))
        while len(plant.secrets) < options.secrets:
            plant.texts(f"more{len(plant.secrets)}", SOURCE, 13)
        for arguments in COMMANDS:
            arguments = [part.replace("{home}", str(home)) for part in arguments]
            say(said, binary, plant, *arguments, expect=None)
        for command in (["show"], ["search"], ["search", "--json"], ["context"], ["explain"], ["outline"], ["config", "get"],
                        ["prompt", "--goal"], ["rank", "--goal"], ["snapshot", "--no-such"], []):
            say(said, binary, plant, *command, expect=None, secret=plant.new("command line"))
        failed = [(name, data[-200:]) for name, data in said if b"withheld" in data or b"is not written" in data]
        tally.check(not failed, f"the last look had to step in: {failed[:2]}")
        sources = b"\0".join(data + name.encode() for name, data in below(root) if not name.startswith((".waypost", ".git/")))
        there = sum(secret.encode() in sources for _, _, secret in plant.secrets)
        tally.check(there > len(plant.secrets) // 2, f"only {there} secrets are in the work tree: the trial itself is broken")
        size = hunt(tally, plant, said, by_hand)
        places = {place for place, _, _ in plant.secrets}
        print(f"{len(plant.secrets)} secrets of {len(plant.shapes)} shapes in {len(places)} kinds of places, "
              f"{size} bytes searched")
        # What the user's own hand wrote is cleaned when asked.
        say(said, binary, plant, "redact", "--retro")
        again = json.loads(say(said, binary, plant, "redact", "--retro", "--json"))
        tally.check(again["changed"] == 0, f"a second cleaning changed something: {again}")
        hunt(tally, plant, said, [])
        never_opened(tally, binary, top)
    tally.end()


if __name__ == "__main__":
    main()
