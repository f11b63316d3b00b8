# SPDX-FileCopyrightText: 2026 The materialize authors
# SPDX-License-Identifier: Apache-2.0
#
# What an .npmrc says of registries and of who may read them: pure functions.

# Last word of a key to the scheme of its value.
_LOGINS = {"_auth": "Basic", "_authToken": "Bearer"}

def parse_npmrc(text, environ):
    """Keys to values of an .npmrc; `${NAME}` is taken from `environ`, and left as it is where that has none."""
    settings = {}
    for line in text.split("\n"):
        key, equals, value = line.strip().partition("=")
        key, value = key.strip(), value.strip()
        if not equals or key.startswith(("#", ";")):
            continue
        if len(value) >= 2 and value[0] == value[-1] and value[0] in "\"'":
            value = value[1:-1]
        settings[_expanded(key, environ)] = _expanded(value, environ)
    return settings

def _expanded(text, environ):
    parts = text.split("${")
    expanded = parts[0]
    for part in parts[1:]:
        name, brace, rest = part.partition("}")
        known = brace and name in environ
        expanded += environ[name] + rest if known else "${" + part
    return expanded

def registry_of(package, settings, default):
    """The registry that has `package`.

    Args:
        package: Its name.
        settings: What .npmrc files say, the one that counts more last.
        default: The registry for packages whose scope has none of its own; may be "".
    """
    scope = package.partition("/")[0] if package.startswith("@") else ""
    scoped = settings.get(scope + ":registry", "") if scope else ""
    return scoped or default or settings.get("registry", "")

def authorization_of(url, settings):
    """What `download` wants to know of `url` to log in there; None where .npmrc says nothing."""
    nerfed = "//" + url.partition("://")[2]
    best, found = "", None
    for key, value in settings.items():
        place, colon, word = key.rpartition(":")
        if not colon or word not in _LOGINS or not place.startswith("//"):
            continue
        place = place.rstrip("/") + "/"
        if nerfed.startswith(place) and len(place) > len(best):
            best = place
            found = {"type": "pattern", "pattern": _LOGINS[word] + " <password>", "login": "", "password": value}
    return found
