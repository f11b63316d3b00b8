# SPDX-FileCopyrightText: 2026 The materialize authors
# SPDX-License-Identifier: Apache-2.0
#
# materialize_tree: files and directories of other targets as one directory (a TreeArtifact).
# Starlark only writes down what there is; what goes where is decided by //materialize/action, which reads it.

load("//rules/private:toolchain.bzl", "MATERIALIZE_TOOLCHAINS", "action_tool")

_GLOBS = "Globs: `*` and `?` stay within one path segment, `**` crosses them, `[a-z]` is a class."

_ATTRS = {
    "add_directory_to_runfiles": attr.bool(
        doc = "Whether the directory is in this target's runfiles.",
        default = True,
    ),
    "exclude_srcs_packages": attr.string_list(
        doc = "Files of these packages stay out. `.` is this target's package. " + _GLOBS,
    ),
    "exclude_srcs_patterns": attr.string_list(
        doc = "Files whose path in the output directory matches one of these stay out. " + _GLOBS,
    ),
    "include_external_repositories": attr.string_list(
        doc = "External repositories whose files are wanted; others' files stay out, " +
              "unless the repository is this target's own. " + _GLOBS,
    ),
    "include_srcs_packages": attr.string_list(
        doc = "Only files of these packages are wanted. `.` is this target's package. " + _GLOBS,
        default = ["**"],
    ),
    "include_srcs_patterns": attr.string_list(
        doc = "Only files whose path in the output directory matches one of these are wanted. " + _GLOBS,
        default = ["**"],
    ),
    "out": attr.string(
        doc = "The output directory, relative to this package. Empty means the target's name.",
    ),
    "root_paths": attr.string_list(
        doc = "Directories that become the root of the output directory: where one of them is a parent of a file, " +
              "the file's path starts below it; the longest one counts. Other files keep their path in the " +
              "workspace (or in their external repository). `.` is this target's package. " + _GLOBS,
        default = ["."],
    ),
    "srcs": attr.label_list(
        doc = "Files and directories (TreeArtifacts). Symlinks are followed. " +
              "Two files for one path are an error, unless their contents are equal.",
        allow_files = True,
    ),
}

# The request file is one line per fact: a word, then fields, separated by tabs. Never a word that begins with `@`.
def _escape(text):
    return text.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n")

# Newer Bazel deprecates workspace_name, older Bazel has nothing else.
def _repository(label):
    return label.repo_name if hasattr(label, "repo_name") else label.workspace_name

def _source_line(file):
    owner = file.owner
    return "\t".join([
        "directory" if file.is_directory else "file",
        _escape(file.path),
        _escape(file.short_path),
        _escape(owner.package),
        _repository(owner),
        _escape(owner.name),
    ])

def _header_lines(ctx, values):
    lines = [
        "materialize_tree\t1",
        "repository\t" + _repository(ctx.label),
        "package\t" + _escape(ctx.label.package),
    ]
    for name in sorted(values):
        lines.extend([name + "\t" + _escape(value) for value in values[name]])
    return lines

def materialize_tree_action(
        ctx,
        name,
        dst,
        files = [],
        targets = [],
        root_paths = ["."],
        include_external_repositories = [],
        include_srcs_packages = ["**"],
        exclude_srcs_packages = [],
        include_srcs_patterns = ["**"],
        exclude_srcs_patterns = []):
    """Declares the action that fills a directory; for authors of other rules.

    The rule needs `toolchains = MATERIALIZE_TOOLCHAINS`.

    Args:
        ctx: The rule's context.
        name: Prefix of the request file's name; the target's name, where a target has one such action.
        dst: The directory to fill, from `ctx.actions.declare_directory`.
        files: Files and TreeArtifacts, a list or a depset.
        targets: Targets whose default outputs are wanted too.
        root_paths: As the attribute of `materialize_tree`, like all that follow.
        include_external_repositories: See `root_paths`.
        include_srcs_packages: See `root_paths`.
        exclude_srcs_packages: See `root_paths`.
        include_srcs_patterns: See `root_paths`.
        exclude_srcs_patterns: See `root_paths`.

    Returns:
        The request file: what the action is told, for whoever wants to look.
    """
    sources = depset(
        [] if type(files) == "depset" else files,
        transitive = ([files] if type(files) == "depset" else []) + [target[DefaultInfo].files for target in targets],
    )

    lines = ctx.actions.args()
    lines.set_param_file_format("multiline")
    lines.add_all(_header_lines(ctx, {
        "exclude_srcs_packages": exclude_srcs_packages,
        "exclude_srcs_patterns": exclude_srcs_patterns,
        "include_external_repositories": include_external_repositories,
        "include_srcs_packages": include_srcs_packages,
        "include_srcs_patterns": include_srcs_patterns,
        "root_paths": root_paths,
    }))

    # Expanded when the file is written, never here: a target may have ten thousand sources.
    lines.add_all(sources, map_each = _source_line, expand_directories = False)
    request = ctx.actions.declare_file(name + ".materialize")
    ctx.actions.write(request, lines)

    arguments = ctx.actions.args()
    arguments.add(request)
    arguments.add_all([dst], expand_directories = False)
    ctx.actions.run(
        executable = action_tool(ctx),
        arguments = [arguments],
        inputs = depset([request], transitive = [sources]),
        outputs = [dst],
        mnemonic = "MaterializeTree",
        progress_message = "Laying out %s" % dst.short_path,
    )
    return request

def _materialize_tree_impl(ctx):
    tree = ctx.actions.declare_directory(ctx.attr.out or ctx.label.name)
    request = materialize_tree_action(
        ctx,
        name = ctx.label.name,
        dst = tree,
        targets = ctx.attr.srcs,
        root_paths = ctx.attr.root_paths,
        include_external_repositories = ctx.attr.include_external_repositories,
        include_srcs_packages = ctx.attr.include_srcs_packages,
        exclude_srcs_packages = ctx.attr.exclude_srcs_packages,
        include_srcs_patterns = ctx.attr.include_srcs_patterns,
        exclude_srcs_patterns = ctx.attr.exclude_srcs_patterns,
    )
    runfiles = [tree] if ctx.attr.add_directory_to_runfiles else []
    return [
        DefaultInfo(files = depset([tree]), runfiles = ctx.runfiles(files = runfiles)),
        OutputGroupInfo(request = depset([request])),
    ]

materialize_tree = rule(
    implementation = _materialize_tree_impl,
    attrs = _ATTRS,
    doc = "Lays files and directories out as one directory: by reflink where the filesystem can, else by copy.",
    provides = [DefaultInfo],
    toolchains = MATERIALIZE_TOOLCHAINS,
)
