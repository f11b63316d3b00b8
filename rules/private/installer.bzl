# SPDX-FileCopyrightText: 2026 The materialize authors
# SPDX-License-Identifier: Apache-2.0
#
# The program that `bazel run` of an installer starts: a POSIX shell script that runs the command `materialize` with a
# manifest. For rules that make manifests of their own.

load(":literal_glob.bzl", "literal_glob")
load(":toolchain.bzl", "command")

_METHODS = ["reflink", "hardlink", "symlink", "copy"]

INSTALLER_ATTRS = {
    "delete": attr.bool(
        doc = "Whether what is in the destination and not among the sources is taken away; `--nodelete` keeps it.",
    ),
    "delete_only": attr.string_list(
        doc = "With `delete`: globs of files that may be taken away; others stay, and directories that hold one. A " +
              "glob with a `/` begins at the destination. Empty: all.",
    ),
    "destdir": attr.string(
        doc = "The destination where neither `--destdir` nor the variable DESTDIR names one. Relative ones are below " +
              "the workspace.",
    ),
    "group": attr.string(
        doc = "Name or number of the group that everything gets; where root installs.",
    ),
    "into": attr.string(
        doc = "`merge`: what is there and unchanged is left alone, the rest replaced file by file. `swap`: the whole " +
              "destination is exchanged in one step. `new`: the destination must be absent or empty.",
        default = "merge",
        values = ["merge", "new", "swap"],
    ),
    "methods": attr.string_list(
        doc = "`reflink`, `hardlink`, `symlink`, `copy` in order of preference. A hardlink is the build's own file: " +
              "it is made only where the mode that is wanted is the source's, see `mode`.",
        default = ["reflink", "copy"],
    ),
    "mode": attr.string(
        doc = "The mode of files, octal. Empty: 0755 for what can be executed, else 0644. Bazel makes everything it " +
              "builds executable, so that only this or `modes` can tell data from programs. `source`: the source's " +
              "own, in which what Bazel built cannot be written.",
    ),
    "modes": attr.string_dict(
        doc = "Globs to octal modes of the files that match, or are below a directory that does; the last counts. A glob " +
              "with a `/` begins at `prefix`, one without matches a name anywhere; `**` crosses directories.",
    ),
    "owner": attr.string(
        doc = "Name or number of the user who gets everything; where root installs.",
    ),
    "_launcher": attr.label(
        default = Label("//rules/private:install.sh.tpl"),
        allow_single_file = True,
    ),
}

def quoted(text):
    """One word for a POSIX shell, whatever is in it."""
    return "'" + text.replace("'", "'\\''") + "'"

def _octal(mode, where):
    for digit in mode.elems():
        if digit not in "01234567":
            fail("%s: \"%s\" is not an octal mode" % (where, mode))
    if not mode or len(mode) > 4:
        fail("%s: \"%s\" is not an octal mode" % (where, mode))
    return mode

# A glob that begins at `prefix`, as one that begins at the destination.
def _anchored(prefix, glob):
    if not prefix or "/" not in glob.rstrip("/"):
        return glob
    return literal_glob(prefix) + "/" + glob.lstrip("/")

# The last that matches counts.
def _modes(ctx, prefix, modes):
    changes = [] if ctx.attr.mode == "source" else ["--chmod=u=rwX,go=rX"]
    if ctx.attr.mode not in ["", "source"]:
        changes.append("--chmod=" + _octal(ctx.attr.mode, "mode"))
    for glob, mode in modes.items():
        changes.append("--chmod=%s:%s" % (glob, _octal(mode, "modes")))
    for glob, mode in ctx.attr.modes.items():
        changes.append("--chmod=%s:%s" % (_anchored(prefix, glob), _octal(mode, "modes")))
    return changes

def _check(ctx, write_to_source):
    for method in ctx.attr.methods:
        if method not in _METHODS:
            fail("methods: \"%s\" is none of %s" % (method, ", ".join(_METHODS)))
    if ctx.attr.delete and ctx.attr.into != "merge":
        fail("delete: goes with into = \"merge\" only")
    if ctx.attr.delete_only and not ctx.attr.delete:
        fail("delete_only: says what `delete` takes away")
    if not write_to_source:
        return
    if ctx.attr.destdir:
        fail("destdir: write_to_source names the destination already")
    if ctx.attr.into != "merge":
        fail("into: a directory of the workspace is merged, never exchanged")
    if write_to_source.startswith("/") or ".." in write_to_source.split("/"):
        fail("write_to_source: \"%s\" is not below the workspace" % write_to_source)

def installer(ctx, manifest, files, write_to_source = "", prefix = "", modes = {}):
    """Declares the program, for a rule whose attributes hold INSTALLER_ATTRS and whose toolchains MATERIALIZE_TOOLCHAINS.

    Args:
        ctx: The rule's context; the program gets the target's name.
        manifest: An mtree(5) file whose content= paths are relative to the main repository's runfiles.
        files: Runfiles that hold all that is named there.
        write_to_source: A directory of the workspace, or "".
        prefix: Where globs of the attribute `modes` begin, below the destination.
        modes: As the attribute, which goes before; the globs begin at the destination.

    Returns:
        The target's DefaultInfo.
    """
    _check(ctx, write_to_source)
    tool = command(ctx)
    program = ctx.actions.declare_file(ctx.label.name)
    ctx.actions.expand_template(
        template = ctx.file._launcher,
        output = program,
        is_executable = True,
        substitutions = {
            "%{chmod}": " ".join([quoted(change) for change in _modes(ctx, prefix, modes)]),
            "%{command}": quoted(tool[DefaultInfo].files_to_run.executable.short_path),
            "%{delete}": "yes" if ctx.attr.delete else "no",
            "%{delete_only}": " ".join([quoted("--delete_only=" + glob) for glob in ctx.attr.delete_only]),
            "%{destdir}": quoted(ctx.attr.destdir),
            "%{group}": quoted(ctx.attr.group),
            "%{into}": ctx.attr.into,
            "%{label}": quoted("//%s:%s" % (ctx.label.package, ctx.label.name)),
            "%{manifest}": quoted(manifest.short_path),
            "%{methods}": ",".join(ctx.attr.methods),
            "%{owner}": quoted(ctx.attr.owner),
            "%{workspace}": quoted(ctx.workspace_name),
            "%{write_to_source}": quoted(write_to_source),
        },
    )
    runfiles = ctx.runfiles(files = [manifest]).merge(files).merge(tool[DefaultInfo].default_runfiles)
    return DefaultInfo(
        executable = program,
        files = depset([program]),
        runfiles = runfiles.merge(ctx.runfiles(files = [tool[DefaultInfo].files_to_run.executable])),
    )
