# SPDX-FileCopyrightText: 2026 The materialize authors
# SPDX-License-Identifier: Apache-2.0
#
# materialize_pkg_install: what targets of rules_pkg describe, installed by the command.

load("@materialize//rules:defs.bzl", "MATERIALIZE_TOOLCHAINS")
load("@materialize//rules/private:installer.bzl", "INSTALLER_ATTRS", "installer")
load("@materialize//rules/private:literal_glob.bzl", "literal_glob")
load("@materialize//rules/private:mtree.bzl", "directory_words", "link_words", "path_word", "source_words")
load(":private/contents.bzl", "PKG_SRCS", "pkg_contents")

_ROOT = "root"

# A number, or root: other names are known only where it is installed.
def _number(attribute, value, origin):
    if value == _ROOT:
        return 0
    if not value.isdigit():
        fail("%s: %s \"%s\": only root and numbers; names go into `owner` and `group` of the installer" %
             (origin, attribute, value))
    return value

def _owner_words(entry):
    words = ""
    for attribute, word in [("user", "uid"), ("group", "gid")]:
        value = entry.attributes.get(attribute)
        if value:
            words += " %s=%s" % (word, _number(attribute, value, entry.origin))
    return words

def _words(entry):
    mode = entry.attributes.get("mode")
    if entry.link:
        return link_words(entry.link) + _owner_words(entry)
    if not entry.file:
        return directory_words(mode) + _owner_words(entry)
    if entry.file.is_directory:
        for attribute in ["user", "group"]:
            if entry.attributes.get(attribute) not in [None, "", _ROOT, "0"]:
                fail("%s: %s of a directory of the build: say `owner` and `group` of the installer" %
                     (entry.origin, attribute))
        return source_words(entry.file)
    return source_words(entry.file) + (" mode=" + mode if mode else "") + _owner_words(entry)

def _materialize_pkg_install_impl(ctx):
    entries = pkg_contents(ctx.attr.srcs)
    lines = ctx.actions.args()
    lines.set_param_file_format("multiline")
    lines.add("#mtree")
    lines.add_all(["%s %s" % (path_word(path), _words(entry)) for path, entry in entries.items()])
    manifest = ctx.actions.declare_file(ctx.label.name + ".mtree")
    ctx.actions.write(manifest, lines)

    # A directory's mode is that of the files in it.
    modes = {
        literal_glob(path) + "/**" if path else "**": entry.attributes["mode"]
        for path, entry in entries.items()
        if entry.file and entry.file.is_directory and entry.attributes.get("mode")
    }
    files = ctx.runfiles(files = [entry.file for entry in entries.values() if entry.file])
    return [
        installer(ctx, manifest, files, modes = modes),
        OutputGroupInfo(manifest = depset([manifest])),
    ]

materialize_pkg_install = rule(
    implementation = _materialize_pkg_install_impl,
    attrs = dict(INSTALLER_ATTRS, **{"srcs": PKG_SRCS}),
    doc = "A program that installs what rules_pkg's targets describe: `bazel run //:install -- --destdir D`.",
    executable = True,
    toolchains = MATERIALIZE_TOOLCHAINS,
)
