# SPDX-FileCopyrightText: 2026 The materialize authors
# SPDX-License-Identifier: Apache-2.0
#
# A yarn.lock of Yarn 1, read: pure functions, which answer what is wrong instead of failing. Names in the mirror are those
# of materialize/verify/yarn_lock.cc, which checks the tarballs later on.

# From the weakest to the strongest.
_ALGORITHMS = ["sha1", "sha256", "sha384", "sha512"]

_FIELDS = ["version", "resolved", "integrity"]

# Ranges (and `resolved`) that no tarball of a server stands behind.
_LOCAL = ("file:", "link:")
_GIT = ("git+", "git:", "git@", "ssh:")

_BASE64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_HEXADECIMAL = "0123456789abcdef"

def _unquoted(text):
    quoted = len(text) >= 2 and text.startswith("\"") and text.endswith("\"")
    return text[1:-1] if quoted else text

def _first_spec(line):
    """Of `"a@1", "a@2"` the first, without its quotes."""
    return line[1:].partition("\"")[0] if line.startswith("\"") else line.partition(", ")[0]

def split_spec(spec):
    """(name, range) of "@scope/name@^1.0.0"; of "alias@npm:name@^1.0.0" the name that counts."""
    name, versions = _at(spec)
    return _at(versions[len("npm:"):]) if versions.startswith("npm:") else (name, versions)

def _at(spec):
    at = spec.find("@", 1)
    return (spec, "") if at < 0 else (spec[:at], spec[at + 1:])

def _is_hexadecimal(text, letters):
    return len(text) == letters and not [1 for letter in text.elems() if letter not in _HEXADECIMAL]

def sri_of_sha1(text):
    """The SHA-1 that `text` is in hexadecimal as "sha1-BASE64"; None when it is none."""
    text = text.lower()
    if not _is_hexadecimal(text, 40):
        return None

    # Three digits of hexadecimal are two of base64; 160 bits and two more are 27 of these. Not by int(text, 16), to which
    # 0b6 is a prefix of something else.
    digits = [_HEXADECIMAL.index(digit) for digit in (text + "00").elems()]
    encoded = []
    for start in range(0, len(text), 3):
        bits = digits[start] * 256 + digits[start + 1] * 16 + digits[start + 2]
        encoded.append(_BASE64[bits // 64] + _BASE64[bits % 64])
    return "sha1-" + "".join(encoded)[:27] + "="

def strongest(integrity):
    """Of "sha512-BASE64 sha1-BASE64?option" the words of the strongest algorithm, without options."""
    best, words = -1, []
    for word in integrity.split(" "):
        word = word.partition("?")[0]
        algorithm, dash, _ = word.partition("-")
        if not dash or algorithm not in _ALGORITHMS:
            continue
        rank = _ALGORITHMS.index(algorithm)
        if rank > best:
            best, words = rank, []
        if rank == best:
            words.append(word)
    return words

def _path_of_url(url):
    url = url.partition("#")[0].partition("?")[0]
    _, scheme, rest = url.partition("://")
    if not scheme:
        return url
    _, slash, path = rest.partition("/")
    return slash + path

def is_git(resolved):
    """Whether `resolved` is a commit and not a tarball."""
    return resolved.startswith(_GIT) or _path_of_url(resolved).endswith(".git")

def is_url(resolved):
    return "://" in resolved

def _scope_before(components, marker):
    name = components[marker - 1]
    if name.startswith("@") and "%2f" in name:
        return name.partition("%2f")[0]
    above = components[marker - 2] if marker >= 2 else ""
    return above if above.startswith("@") else ""

def mirror_name(resolved):
    """The name that Yarn gives what `resolved` points at in its offline mirror."""
    components = _path_of_url(resolved).split("/")
    last = components[-1]
    if is_git(resolved):
        commit = resolved.partition("#")[2]
        return last + ("-" + commit if commit else "")

    # ".../NAME/-/BASE", or ".../NAME/-/@scope/BASE".
    marker = len(components) - 2
    if marker > 0 and components[marker].startswith("@"):
        marker -= 1
    scope = _scope_before(components, marker) if marker > 0 and components[marker] in ["-", "_attachments"] else ""
    return scope + "-" + last if scope else last

def _entry(fields):
    """The struct of one entry, and what is wrong with it (or None)."""
    name, versions = split_spec(fields["spec"])
    resolved, version = fields["resolved"], fields["version"]
    fragment = "" if is_git(resolved) else resolved.partition("#")[2]
    integrity = strongest(fields["integrity"])
    file = mirror_name(resolved) if resolved else "%s-%s.tgz" % (name.replace("/", "-"), version)
    problem = None
    if not version:
        problem = "%s: no version" % fields["spec"]
    elif file in ["", ".", ".."] or "/" in file:
        problem = "%s: no file name" % (file or resolved)
    elif fields["integrity"] and not integrity:
        problem = "integrity %s: nothing in it can be checked" % fields["integrity"]
    sha1 = sri_of_sha1(fragment)
    return struct(
        line = fields["line"],
        name = name,
        version = version,
        resolved = resolved,
        is_local = versions.startswith(_LOCAL) or resolved.startswith(_LOCAL),
        file = file,
        # Any of them will do.
        integrity = integrity or ([sha1] if sha1 else []),
    ), problem

def parse_yarn_lock(text):
    """Reads a lock file.

    Args:
        text: What it says.

    Returns:
        A struct of `entries` and `problem`. An entry has `line`, `name` (of the package, aliases followed), `version`,
        `resolved` (as written, "" without), `file` (its name in the mirror) and `integrity` (of equal strength, maybe
        none). Entries of `file:` and `link:` are left out. `problem` is "LINE: text" or None.
    """
    entries = []
    fields = None
    lines = text.split("\n")
    for number, line in enumerate(lines + ["end:"]):
        line = line.rstrip("\r")
        if not line or line.startswith("#"):
            continue
        if line.startswith("   "):
            continue  # dependencies
        if line.startswith("  "):
            key, _, value = line[2:].partition(" ")
            if fields and key in _FIELDS:
                fields[key] = _unquoted(value)
            continue
        if fields:
            entry, problem = _entry(fields)
            if not entry.is_local:
                if problem:
                    return struct(entries = [], problem = "%d: %s" % (entry.line, problem))
                entries.append(entry)
        if not line.endswith(":"):
            return struct(entries = [], problem = "%d: not of a yarn.lock" % (number + 1))
        if line == "__metadata:":
            return struct(entries = [], problem = "%d: of Yarn 2 or later, whose checksums are of no tarball" % (number + 1))
        fields = dict(line = number + 1, spec = _first_spec(line[:-1]), version = "", resolved = "", integrity = "")
    return struct(entries = entries, problem = None)

def registry_url(registry, name, version):
    """Where npm registries have the tarball of a package."""
    return "%s/%s/-/%s-%s.tgz" % (registry.rstrip("/"), name, name.rpartition("/")[2], version)
