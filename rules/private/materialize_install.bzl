# SPDX-FileCopyrightText: 2026 The materialize authors
# SPDX-License-Identifier: Apache-2.0
#
# materialize_install: a program that lays files, directories (TreeArtifacts) and runfiles out in any directory of the
# machine, or back in the workspace. Here is what goes where; how it is done is in installer.bzl and install.sh.tpl.

load(":installer.bzl", "INSTALLER_ATTRS", "installer")
load(":mtree.bzl", "directory_words", "link_words", "path_word", "source_words")
load(":runfiles_lines.bzl", "add_runfiles")
load(":toolchain.bzl", "MATERIALIZE_TOOLCHAINS")

_ATTRS = dict(INSTALLER_ATTRS, **{
    "manifest": attr.label(
        doc = "An mtree(5) file that says what goes where, with modes, owners, links and empty directories, instead " +
              "of the attributes here. Its content= is what `$(rootpath)` of a file of `srcs` says; its name has no blanks.",
        allow_single_file = True,
    ),
    "mkdirs": attr.string_dict(
        doc = "Directories to make, below `prefix`, to their octal modes (`\"\"` is 0755). Nothing needs to be in them.",
    ),
    "prefix": attr.string(
        doc = "The directory below the destination that everything goes to.",
    ),
    "renames": attr.label_keyed_string_dict(
        doc = "Sources to the paths they get, below `prefix`: one file or one directory each, in `srcs` or not.",
        allow_files = True,
    ),
    "root_paths": attr.string_list(
        doc = "Directories that become `prefix`: where one of them is a parent of a file, the file's path starts below " +
              "it; the longest one counts, and a directory (TreeArtifact) that is one itself gives its contents. Other " +
              "files keep their path in the workspace (or in their external repository). `.` is this target's " +
              "package. No globs.",
        default = ["."],
    ),
    "runfiles": attr.bool(
        doc = "Whether programs bring their runfiles along, as `PROGRAM.runfiles`.",
    ),
    "srcs": attr.label_list(
        doc = "Files and directories (TreeArtifacts). Two for one path are an error; two directories come together by " +
              "materialize_tree.",
        allow_files = True,
    ),
    "symlinks": attr.string_dict(
        doc = "Paths below `prefix` to the texts of symlinks, which need not lead anywhere yet.",
    ),
    "write_to_source": attr.string(
        doc = "A directory of the workspace that is the destination, always; `.` is the workspace. Directories " +
              "(TreeArtifacts) give their contents. With `--check` nothing is written, and what differs is told.",
    ),
})

# Without the mark that newer Bazels put before labels of the main repository.
def _text(label):
    text = str(label)
    return text.lstrip("@") if text.lstrip("@").startswith("//") else text

def _joined(directory, path):
    return directory + "/" + path if directory and path else directory or path

# The path of a file in its repository.
def _own_path(file):
    path = file.short_path
    return path.split("/", 2)[2] if path.startswith("../") else path

def _root(ctx, root):
    if root == "." or root.startswith("./"):
        root = _joined(ctx.label.package, root[2:])
    root = root.strip("/")
    return root + "/" if root else ""

def _roots(ctx):
    return sorted([_root(ctx, root) for root in ctx.attr.root_paths], key = len, reverse = True)

# Where `path` is when the longest of `roots` (each with a `/` behind it, or empty) that leads to it is taken off.
def _below(roots, path):
    for root in roots:
        if path.startswith(root):
            return path[len(root):]
        if path + "/" == root:
            return ""
    return path

def _checked(path, where):
    parts = path.split("/")
    if path.startswith("/") or ".." in parts or "" in parts or "." in parts:
        fail("%s: \"%s\" is not a path below the destination" % (where, path))
    return path

# What each path gets: a `file`, or the `words` of its line, and who wants it so.
def _add(entries, path, origin, file = None, words = None):
    if path in entries:
        fail("%s: both %s and %s want to be there" % (path or ".", _text(entries[path].origin), _text(origin)))
    entries[path] = struct(file = file, origin = origin, path = path, words = words)

# Run when the manifest is written.
def _line(entry):
    return path_word(entry.path) + " " + (entry.words or source_words(entry.file))

# A file has nothing below it, and a directory that is a source is laid out whole.
def _check_parents(entries):
    if len(entries) < 2:
        return
    parents = {}
    for path in entries:
        if path:
            parents[path.rpartition("/")[0]] = path
    for path, below in parents.items():
        for _ in range(path.count("/") + 2):
            entry = entries.get(path)
            if entry and (entry.file or not entry.words.startswith("type=dir")):
                fail("%s (%s) would be inside %s (%s); what shall be in one directory comes together by materialize_tree" %
                     (below, _text(entries[below].origin), path or ".", _text(entry.origin)))
            path = path.rpartition("/")[0]

def _renamed(ctx):
    paths = {}
    for target, path in ctx.attr.renames.items():
        files = target[DefaultInfo].files.to_list()
        if len(files) != 1:
            fail("renames: %s is %d files, not one" % (_text(target.label), len(files)))
        paths[files[0]] = _joined(ctx.attr.prefix, _checked(path, "renames"))
    return paths

# What decides where a file goes.
def _rules(ctx):
    return struct(
        gives_contents = bool(ctx.attr.write_to_source),
        prefix = ctx.attr.prefix and _checked(ctx.attr.prefix, "prefix"),
        renamed = _renamed(ctx),
        roots = _roots(ctx),
    )

def _place(rules, file):
    if file in rules.renamed:
        return rules.renamed[file]
    if rules.gives_contents and file.is_directory:
        return rules.prefix
    path = _below(rules.roots, _own_path(file))
    if not path and not file.is_directory:
        fail("root_paths: %s is a file, not a directory" % _text(file.owner))
    return _joined(rules.prefix, path)

def _sources(ctx):
    """Each file of the sources once, to the target that brings it first."""
    sources = {}
    for target in ctx.attr.srcs + ctx.attr.renames.keys():
        for file in target[DefaultInfo].files.to_list():
            if file not in sources:
                sources[file] = target.label
    return sources

# Until Bazel 7.4 there are no blanks in runfiles: such a file is there by another name.
def _in_runfiles(ctx, sources):
    by_name = {}
    for file in sources:
        if " " not in file.short_path:
            by_name[file] = file
            continue
        if ctx.file.manifest:
            fail("manifest: %s: a manifest cannot name it: what has a blank in its name gets another one in runfiles" %
                 _text(file.owner))
        name = "%s.sources/%d" % (ctx.label.name, len(by_name))
        alias = ctx.actions.declare_directory(name) if file.is_directory else ctx.actions.declare_file(name)
        ctx.actions.symlink(output = alias, target_file = file)
        by_name[file] = alias
    return by_name

def _entries(ctx, sources, found, rules):
    entries = {}
    for file, label in sources.items():
        _add(entries, _place(rules, file), label, file = found[file])
    for path, mode in ctx.attr.mkdirs.items():
        _add(entries, _joined(ctx.attr.prefix, _checked(path, "mkdirs")), "mkdirs", words = directory_words(mode))
    for path, text in ctx.attr.symlinks.items():
        if not text:
            fail("symlinks: \"%s\" leads nowhere" % path)
        _add(entries, _joined(ctx.attr.prefix, _checked(path, "symlinks")), "symlinks", words = link_words(text))
    _check_parents(entries)
    return entries

def _programs(ctx):
    programs = [target[DefaultInfo] for target in ctx.attr.srcs + ctx.attr.renames.keys()]
    return [one for one in programs if one.files_to_run and one.files_to_run.executable and one.default_runfiles]

def _written_manifest(ctx, sources, found):
    rules = _rules(ctx)
    lines = ctx.actions.args()
    lines.set_param_file_format("multiline")
    lines.add("#mtree")
    lines.add_all(_entries(ctx, sources, found, rules).values(), map_each = _line)
    if ctx.attr.runfiles:
        for program in _programs(ctx):
            place = _place(rules, program.files_to_run.executable)
            add_runfiles(lines, program.default_runfiles, ctx.workspace_name, place)
    manifest = ctx.actions.declare_file(ctx.label.name + ".mtree")
    ctx.actions.write(manifest, lines)
    return manifest

def _given_manifest(ctx):
    for name in ["mkdirs", "prefix", "renames", "runfiles", "symlinks"]:
        if getattr(ctx.attr, name):
            fail("%s: `manifest` says what goes where" % name)
    return ctx.file.manifest

def _materialize_install_impl(ctx):
    sources = _sources(ctx)
    found = _in_runfiles(ctx, sources)
    manifest = _given_manifest(ctx) if ctx.file.manifest else _written_manifest(ctx, sources, found)
    files = ctx.runfiles(files = found.values())
    if ctx.attr.runfiles:
        for program in _programs(ctx):
            files = files.merge(program.default_runfiles)
    return [
        installer(ctx, manifest, files, prefix = ctx.attr.prefix, write_to_source = ctx.attr.write_to_source),
        OutputGroupInfo(manifest = depset([manifest])),
    ]

materialize_install = rule(
    implementation = _materialize_install_impl,
    attrs = _ATTRS,
    doc = "A program that lays files, directories and runfiles out in a directory: `bazel run //:install -- --destdir D`.",
    executable = True,
    toolchains = MATERIALIZE_TOOLCHAINS,
)
