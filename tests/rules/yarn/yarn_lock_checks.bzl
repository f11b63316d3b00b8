# SPDX-FileCopyrightText: 2026 The materialize authors
# SPDX-License-Identifier: Apache-2.0
#
# yarn.lock as the repository rule reads it; tests/verify/yarn_lock_test.cc says the same of what checks the tarballs.

load(
    "//rules/private:yarn_lock.bzl",
    "mirror_name",
    "parse_yarn_lock",
    "registry_url",
    "split_spec",
    "sri_of_sha1",
    "strongest",
)
load(":expect.bzl", "expect")

# resolved to name in the mirror
_NAMES = {
    "https://r.example/a/-/a-1.2.3.tgz": "a-1.2.3.tgz",
    "https://r.example/deep/way/a/-/a-1.tgz?x=/y": "a-1.tgz",
    "https://r.example/@s/a/-/a-1.2.3.tgz": "@s-a-1.2.3.tgz",
    "https://r.example/@s%2fa/-/a-1.2.3.tgz": "@s-a-1.2.3.tgz",
    "https://r.example/@s/a/-/@s/a-1.2.3.tgz": "@s-a-1.2.3.tgz",
    "https://r.example/@s/a/_attachments/a-1.tgz": "@s-a-1.tgz",
    "https://r.example/@s/a/download/a-1.tgz": "a-1.tgz",
    "https://r.example/a-1.tgz": "a-1.tgz",
    "a-1.tgz": "a-1.tgz",
    "@s-a-1.tgz#0123": "@s-a-1.tgz",
    "https://git.example/u/r/tar.gz/0123abcd": "0123abcd",
    "git+https://git.example/u/r.git#0123abcd": "r.git-0123abcd",
    "https://git.example/u/r.git#0123abcd": "r.git-0123abcd",
    "git@git.example:u/r.git#0123abcd": "r.git-0123abcd",
}

_LOCK = """# yarn lockfile v1


"@s/b@^1.0.0", "@s/b@~1.2.0":
  version "1.2.3"
  integrity sha1-AAAA sha512-BBBB sha512-CCCC?opt
  dependencies:
    version "^9"
    integrity "1"

a@^1, a@2:
  version "1.0.0"
  resolved "https://r.example/a/-/a-1.0.0.tgz#a94a8fe5ccb19ba61c4c0873d391e987982fbbd3"

"alias@npm:@t/c@^1.0.0":
  version "1.2.3"

"linked@link:../x":
  version "0.0.0"

"local@file:./local":
  version "0.0.0"

"r@git+https://g.example/u/r.git":
  version "2.0.0"
  resolved "git+https://g.example/u/r.git#a94a8fe5ccb19ba61c4c0873d391e987982fbbd3"
"""

# Text to what is wrong with it.
_PROBLEMS = {
    "a@1:\n  version \"1\"\n  integrity md5-AAAA\n": "1: integrity md5-AAAA: nothing in it can be checked",
    "\na@1:\n  version \"1\"\n  resolved \"https://r.example/a/-/..\"\n": "2: ..: no file name",
    "a@1:\n  version \"1\"\n  resolved \"git+https://g.example/r.git#x/y\"\n": "1: r.git-x/y: no file name",
    "a@1:\n  version \"1\"\n  resolved \"https://r.example/\"\n": "1: https://r.example/: no file name",
    "a@1:\n  resolved \"x\"\n": "1: a@1: no version",
    "<<<<<<< HEAD\n": "1: not of a yarn.lock",
    "__metadata:\n  version: 6\n": "1: of Yarn 2 or later, whose checksums are of no tarball",
}

def _shown(entry):
    return (entry.line, entry.name, entry.version, entry.file, entry.integrity)

def yarn_lock_checks():
    for resolved, name in _NAMES.items():
        expect(resolved, mirror_name(resolved), name)
    for text, problem in _PROBLEMS.items():
        expect(text, parse_yarn_lock(text).problem, problem)

    sha1 = "sha1-qUqP5cyxm6YcTAhz05Hph5gvu9M="
    entries = [
        (4, "@s/b", "1.2.3", "@s-b-1.2.3.tgz", ["sha512-BBBB", "sha512-CCCC"]),
        (11, "a", "1.0.0", "a-1.0.0.tgz", [sha1]),
        (15, "@t/c", "1.2.3", "@t-c-1.2.3.tgz", []),
        (24, "r", "2.0.0", "r.git-a94a8fe5ccb19ba61c4c0873d391e987982fbbd3", []),
    ]
    for text in [_LOCK, _LOCK.replace("\n", "\r\n")]:
        expect("entries", [_shown(entry) for entry in parse_yarn_lock(text).entries], entries)
    expect("no entries", parse_yarn_lock("# yarn lockfile v1\n").entries, [])

    expect("sha1", sri_of_sha1("A94A8FE5CCB19BA61C4C0873D391E987982FBBD3"), sha1)
    expect("sha1 with 0b", sri_of_sha1("0b6" + "0b" * 18 + "f"), "sha1-C2CwsLCwsLCwsLCwsLCwsLCwsL8=")
    expect("no sha1", sri_of_sha1("a94a8fe5ccb19ba61c4c0873d391e987982fbbdg"), None)
    expect("strongest", strongest("sha384-x sha256-y md5-z"), ["sha384-x"])
    expect("alias", split_spec("b@npm:c@^1"), ("c", "^1"))
    expect("no range", split_spec("@s/b"), ("@s/b", ""))
    expect("URL", registry_url("https://r.example/npm/", "@s/b", "1.0.0"), "https://r.example/npm/@s/b/-/b-1.0.0.tgz")
