#!/usr/bin/env python3
"""No command opens a socket to the internet, and none needs one.

Usage: offline.py --binary WAYPOST [--rounds N]

Every command that `--help` lists runs under `strace -f -e trace=network` in a
project whose git has a remote, a partial clone and a credential helper: no
socket of the families AF_INET, AF_INET6, AF_PACKET or AF_NETLINK is made by it
or by a process of its. Then all of them run again without any network
(`unshare -rn`) and end as before. The suite itself is run without a network by
`unshare -rn cargo test --offline`.
"""

import re

import every
import trial

INTERNET = re.compile(r"socket(?:pair)?\((AF_INET6?|AF_PACKET|AF_NETLINK|AF_VSOCK)")


def main():
    parser = trial.parser(__doc__)
    parser.add_argument("--rounds", type=int, default=1)
    arguments = parser.parse_args()
    binary = arguments.binary
    tally = trial.Tally()
    runs = sockets = 0
    with trial.scratch() as (temp, home):
        for round in range(arguments.rounds):
            codes = {}
            for how in ("traced", "alone"):
                root = every.tree(temp / f"{how}{round}")
                trial.git(root, "config", "remote.origin.url", "https://example.org/x.git")
                trial.git(root, "config", "remote.origin.promisor", "true")
                trial.git(root, "config", "extensions.partialClone", "origin")
                trial.git(root, "config", "core.repositoryFormatVersion", "1")
                outside = temp / f"{how}{round}-outside"
                outside.mkdir()
                for n, (name, rest) in enumerate(every.calls(binary, outside)):
                    log = temp / "log"
                    prefix = ["strace", "-f", "-qq", "-e", "trace=network", "-o", str(log)]
                    prefix = prefix if how == "traced" else ["unshare", "-rn"]
                    wrapper = temp / "wrapper"
                    wrapper.write_text("#!/bin/sh\nexec " + " ".join(prefix) + f" '{binary}' \"$@\"\n")
                    wrapper.chmod(0o755)
                    done = every.run(str(wrapper), root, home, name, rest, XDG_STATE_HOME=str(home))
                    tally.check(b"TIMED OUT" not in done.stderr, f"{name} {rest} hangs")
                    if how == "traced":
                        runs += 1
                        found = INTERNET.findall(log.read_text(errors="replace"))
                        sockets += len(found)
                        tally.check(not found, f"{name} {rest}: {found}")
                        codes[n] = done.returncode
                    else:
                        tally.check(done.returncode == codes[n], f"{name} {rest}: {codes[n]}, offline {done.returncode}: "
                                    + done.stderr.decode(errors="replace")[-200:])
    names = len(set(every.names(binary)))
    print(f"{runs} runs of {names} commands: {sockets} internet sockets; each ends alike without a network")
    tally.end()


if __name__ == "__main__":
    main()
