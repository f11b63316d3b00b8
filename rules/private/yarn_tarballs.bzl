# SPDX-FileCopyrightText: 2026 The materialize authors
# SPDX-License-Identifier: Apache-2.0
#
# yarn_tarballs: a repository of the tarballs that a yarn.lock of Yarn 1 names, under the names that Yarn gives them in its
# offline mirror.

load("//rules/private:npmrc.bzl", "authorization_of", "parse_npmrc", "registry_of")
load("//rules/private:yarn_lock.bzl", "is_git", "is_url", "parse_yarn_lock", "registry_url")

# As npm reads it.
_ENVIRON = ["npm_config_registry", "NPM_CONFIG_REGISTRY"]

YARN_TARBALLS_ATTRS = {
    "extra": attr.label_keyed_string_dict(
        doc = "Tarballs that are not downloaded but here already, each with its name in the mirror; " +
              "for git dependencies (`repo.git-COMMIT`), which are no downloads.",
        allow_files = True,
    ),
    "integrity": attr.string_dict(
        doc = "Name in the mirror to `sha512-BASE64` (or sha256, sha384, sha1), for entries of which the lock file " +
              "says none. Without one they are an error, which tells what it would be now.",
    ),
    "lock": attr.label(
        doc = "The `yarn.lock` of Yarn 1.",
        allow_single_file = True,
        mandatory = True,
    ),
    "registry": attr.string(
        doc = "Of packages whose `resolved` is only a file's name, or left out. Empty: what `npm_config_registry` " +
              "in the environment says, else `registry=` in the `.npmrc` beside the lock file, else in `~/.npmrc`. " +
              "`@scope:registry=` there counts more for its scope.",
    ),
}

_BUILD = """# {title}
package(default_visibility = ["//visibility:public"])

exports_files({files})

filegroup(
    name = "tarballs",
    srcs = {files},
)
"""

def _read_npmrc(repository_ctx, path, environ):
    return parse_npmrc(repository_ctx.read(path), environ) if path.exists else {}

def _settings(repository_ctx):
    """What both .npmrc files say; the one beside the lock file counts more."""
    environ = repository_ctx.os.environ
    settings = {}
    if environ.get("HOME"):
        settings.update(_read_npmrc(repository_ctx, repository_ctx.path(environ["HOME"] + "/.npmrc"), environ))
    beside = repository_ctx.path(repository_ctx.attr.lock).dirname.get_child(".npmrc")
    settings.update(_read_npmrc(repository_ctx, beside, environ))
    return settings

def _default_registry(repository_ctx):
    for registry in [repository_ctx.attr.registry] + [repository_ctx.os.environ.get(name) for name in _ENVIRON]:
        if registry:
            return registry
    return ""

def _url(repository_ctx, entry, settings):
    if is_url(entry.resolved):
        return entry.resolved.partition("#")[0]
    registry = registry_of(entry.name, settings, _default_registry(repository_ctx))
    if not registry:
        fail(("%s: %s: no URL in `resolved`, and no registry: give yarn_tarballs a `registry`, set npm_config_registry " +
              "in the environment, or write registry= into the .npmrc beside the lock file or in your home") %
             (_origin(repository_ctx, entry), entry.file))
    return registry_url(registry, entry.name, entry.version)

def _origin(repository_ctx, entry):
    return "%s:%d" % (repository_ctx.attr.lock.name, entry.line)

def _checked(repository_ctx, entry):
    """What the file must be: alternatives, from the lock file or the attribute."""
    given = repository_ctx.attr.integrity.get(entry.file)
    return entry.integrity or ([given] if given else [])

def _plan(repository_ctx, entries, extra):
    """Name in the mirror to struct(url, integrity, origin), one for each file that has to be downloaded."""
    settings = _settings(repository_ctx)
    plan = {}
    for entry in entries:
        if entry.file in extra:
            continue
        origin = _origin(repository_ctx, entry)
        if is_git(entry.resolved):
            fail(("%s: %s is a git commit, which is not downloaded: let Yarn pack it into a mirror, and give yarn_tarballs " +
                  "extra = {\"//label/of:it\": \"%s\"}") % (origin, entry.resolved, entry.file))
        wanted = struct(
            url = _url(repository_ctx, entry, settings),
            integrity = _checked(repository_ctx, entry),
            origin = origin,
        )
        there = plan.setdefault(entry.file, wanted)
        if there.url != wanted.url and there.integrity != wanted.integrity:
            fail("%s and %s: two packages have the name %s in the mirror: %s and %s" %
                 (there.origin, origin, entry.file, there.url, wanted.url))
    return plan, settings

def _auth(url, settings):
    found = authorization_of(url, settings)
    return {url: found} if found else {}

def _fetch_unchecked(repository_ctx, file, wanted, settings):
    """Fails, with the integrity that somebody has to look at; Bazel takes nothing from http without one."""
    integrity = "sha512-..."
    if not wanted.url.startswith("http://"):
        integrity = repository_ctx.download([wanted.url], "unchecked", auth = _auth(wanted.url, settings)).integrity
    fail(("%s: %s: the lock file says nothing about its content. If %s is right as it is now, give yarn_tarballs " +
          "integrity = {\"%s\": \"%s\"}") % (wanted.origin, file, wanted.url, file, integrity))

def _fetch_one_of(repository_ctx, output, wanted, settings):
    """Several digests of equal strength: as for Yarn, any one will do."""
    auth = _auth(wanted.url, settings)
    for integrity in wanted.integrity[:-1]:
        if repository_ctx.download([wanted.url], output, integrity = integrity, auth = auth, allow_fail = True).success:
            return
    repository_ctx.download([wanted.url], output, integrity = wanted.integrity[-1], auth = auth)

def _fetch(repository_ctx, plan, settings):
    # Bazel 7.1 got it together with download(block), which cannot be asked for.
    in_parallel = {"block": False} if hasattr(repository_ctx, "watch") else {}
    pending = []
    for file, wanted in plan.items():
        output = "tarballs/" + file
        if not wanted.integrity:
            _fetch_unchecked(repository_ctx, file, wanted, settings)
        if len(wanted.integrity) > 1:
            _fetch_one_of(repository_ctx, output, wanted, settings)
            continue
        pending.append(repository_ctx.download(
            [wanted.url],
            output,
            integrity = wanted.integrity[0],
            auth = _auth(wanted.url, settings),
            **in_parallel
        ))
    if in_parallel:
        for download in pending:
            download.wait()

def _yarn_tarballs_impl(repository_ctx):
    lock = repository_ctx.path(repository_ctx.attr.lock)
    parsed = parse_yarn_lock(repository_ctx.read(lock))
    if parsed.problem:
        fail("%s:%s" % (repository_ctx.attr.lock.name, parsed.problem))
    extra = {name: label for label, name in repository_ctx.attr.extra.items()}
    plan, settings = _plan(repository_ctx, parsed.entries, extra)
    _fetch(repository_ctx, plan, settings)
    for name, label in extra.items():
        repository_ctx.symlink(repository_ctx.path(label), "tarballs/" + name)
    files = sorted(["tarballs/" + name for name in plan.keys() + extra.keys()])
    repository_ctx.file("WORKSPACE", "", executable = False)
    repository_ctx.file("BUILD.bazel", _BUILD.format(
        title = "What yarn.lock names, under its names in Yarn's offline mirror.",
        files = repr(files),
    ), executable = False)

yarn_tarballs = repository_rule(
    implementation = _yarn_tarballs_impl,
    attrs = YARN_TARBALLS_ATTRS,
    doc = "Downloads each tarball that a yarn.lock of Yarn 1 names, checked by the integrity it says, into the filegroup " +
          "`@NAME//:tarballs`.",
    environ = _ENVIRON,
)
