# SPDX-FileCopyrightText: 2026 The materialize authors
# SPDX-License-Identifier: Apache-2.0
#
# materialize_tree: files and directories of other targets as one directory (a TreeArtifact).
# Starlark only writes down what there is; what goes where is decided by //materialize/action, which reads it.

load("//rules/private:toolchain.bzl", "MATERIALIZE_TOOLCHAINS", "action_tool", "action_toolchain", "may_be_worker")

_GLOBS = "Globs: `*` and `?` stay within one path segment, `**` crosses them, `[a-z]` is a class, `{a,b}` are alternatives."

_DEFAULT_EXCLUDES = [
    "**/.DS_Store",
    "**/Thumbs.db",
    "**/desktop.ini",
]

_ATTRS = {
    "add_directory_to_runfiles": attr.bool(
        doc = "Whether the directory is in this target's runfiles.",
        default = True,
    ),
    "allow_overwrites": attr.bool(
        doc = "Of two files for one path the last in `srcs` counts. Without it that is an error, unless their " +
              "contents are equal.",
    ),
    "default_excludes": attr.string_list(
        doc = "As `exclude_srcs_patterns`, beside it: what file managers leave behind. `[]` takes everything.",
        default = _DEFAULT_EXCLUDES,
    ),
    "exclude_srcs_packages": attr.string_list(
        doc = "Files of these packages stay out. A first `.` is this target's package. " + _GLOBS,
    ),
    "exclude_srcs_patterns": attr.string_list(
        doc = "Files whose path in the output directory matches one of these stay out. " + _GLOBS,
    ),
    "hardlink": attr.string(
        doc = "`auto`: generated files of the main repository may be hardlinked, where there are no reflinks and " +
              "the sandbox lets it. Sources and files of external repositories never are: Bazel would take their " +
              "write permission away. `off`: nothing is hardlinked. `on` means `auto`, and warns.",
        default = "auto",
        values = ["auto", "off", "on"],
    ),
    "include_external_repositories": attr.string_list(
        doc = "External repositories whose files are wanted; others' files stay out, " +
              "unless the repository is this target's own. " + _GLOBS,
    ),
    "include_srcs_packages": attr.string_list(
        doc = "Only files of these packages are wanted. A first `.` is this target's package. " + _GLOBS,
        default = ["**"],
    ),
    "include_srcs_patterns": attr.string_list(
        doc = "Only files whose path in the output directory matches one of these are wanted. " + _GLOBS,
        default = ["**"],
    ),
    "methods": attr.string_list(
        doc = "`reflink`, `hardlink`, `copy` in order of preference; `copy` is added where it is not named. Empty " +
              "means all three in this order. The content of the output does not depend on it.",
    ),
    "out": attr.string(
        doc = "The output directory, relative to this package. Empty means the target's name.",
    ),
    "preserve_mtime": attr.bool(
        doc = "The times of the files matter: the action is neither run remotely nor cached, since that loses them. " +
              "(On disk files always have the times of their sources.)",
    ),
    "private": attr.string_list(
        doc = "Files whose final path matches one of these never share an inode, whatever `hardlink` and `methods` " +
              "say. " + _GLOBS,
    ),
    "replace_prefixes": attr.string_dict(
        doc = "The last step: what a key matches at the beginning of a file's path in the output directory is " +
              "replaced by its value. A match may end within a path segment; the longest counts. A key must not end " +
              "with `**`. " + _GLOBS,
    ),
    "root_paths": attr.string_list(
        doc = "Directories that become the root of the output directory: where one of them is a parent of a file, " +
              "the file's path starts below it; the longest one counts. Other files keep their path in the " +
              "workspace (or in their external repository). `.` is this target's package. " + _GLOBS,
        default = ["."],
    ),
    "srcs": attr.label_list(
        doc = "Files and directories (TreeArtifacts). Symlinks are followed. " +
              "Two files for one path are an error, unless their contents are equal (see `allow_overwrites`).",
        allow_files = True,
    ),
    "strict": attr.bool(
        doc = "Only `methods`, not `copy` beside them: what they cannot do is an error.",
    ),
    "subdirectories": attr.label_keyed_string_dict(
        doc = "Targets whose only output is a directory, and a path in it: as if the directory there were one of `srcs`. " +
              "It keeps its path, `tree/lib`, unless `root_paths` names that.",
    ),
    "verbose": attr.bool(
        doc = "The action says on stderr how many files were placed by which method, and why not by a better one.",
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
        ("" if file.is_source else "generated_") + ("directory" if file.is_directory else "file"),
        _escape(file.path),
        _escape(file.short_path),
        _escape(owner.package),
        _repository(owner),
        _escape(owner.name),
    ])

# The tool takes the second for the file's path in its workspace: where it goes, when there are no root_paths.
def _placed_line(placed):
    fields = _source_line(placed.file).split("\t")
    fields[2] = _escape(placed.path)
    return "\t".join(fields)

def _yarn_lock_line(file):
    return "yarn_lock\t" + _escape(file.path)

def _subdirectory_line(subdirectory):
    fields = _source_line(subdirectory.directory).split("\t")
    for field in [1, 2]:
        fields[field] += "/" + _escape(subdirectory.path)
    return "\t".join(fields)

# From 7.1 on parameter files hold names as they are; from 7.2 on paths in `map_each` are mapped, as
# --experimental_output_paths=strip wants it. What ctx.actions.write() writes is not.
def _maps_paths(ctx):
    return hasattr(ctx.label, "repo_name")

def _check_subdirectory(subdirectory):
    for part in subdirectory.path.split("/"):
        if part in ["", ".", ".."]:
            fail("subdirectories: \"%s\" is not a path below %s" % (subdirectory.path, subdirectory.directory.owner))
    if not subdirectory.directory.is_directory:
        fail("subdirectories: %s is not a directory" % subdirectory.directory.owner)

def _header_lines(ctx, lists, pairs, switches, hardlink):
    lines = [
        "materialize_tree\t1",
        "repository\t" + _repository(ctx.label),
        "package\t" + _escape(ctx.label.package),
        "hardlink\t" + hardlink,
    ]
    for name in sorted(lists):
        lines.extend([name + "\t" + _escape(value) for value in lists[name]])
    lines.extend(["replace_prefixes\t%s\t%s" % (_escape(key), _escape(value)) for key, value in pairs.items()])
    lines.extend([name + "\tyes" for name in sorted(switches) if switches[name]])
    return lines

# What would leave nothing, or is an error in copy_to_directory, is one before anything runs.
def _check(include_srcs_packages, exclude_srcs_packages, include_srcs_patterns, exclude_srcs_patterns, replace_prefixes):
    if not include_srcs_packages:
        fail("include_srcs_packages: an empty list leaves nothing")
    if not include_srcs_patterns:
        fail("include_srcs_patterns: an empty list leaves nothing")
    if "**" in exclude_srcs_packages:
        fail("exclude_srcs_packages: \"**\" leaves nothing")
    if "**" in exclude_srcs_patterns:
        fail("exclude_srcs_patterns: \"**\" leaves nothing")
    for prefix in replace_prefixes:
        if prefix.endswith("**"):
            fail("replace_prefixes: \"%s\" must not end with **" % prefix)

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
        exclude_srcs_patterns = [],
        replace_prefixes = {},
        allow_overwrites = False,
        hardlink = "auto",
        preserve_mtime = False,
        verbose = False,
        methods = [],
        strict = False,
        private = [],
        default_excludes = [],
        places = [],
        subdirectories = [],
        yarn_lock = None):
    """Declares the action that fills a directory; for authors of other rules.

    Takes what `copy_to_directory_bin_action` of bazel-lib takes, but for the tool, and more. The rule needs
    `toolchains = MATERIALIZE_TOOLCHAINS`.

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
        replace_prefixes: See `root_paths`.
        allow_overwrites: See `root_paths`.
        hardlink: See `root_paths`.
        preserve_mtime: See `root_paths`.
        verbose: See `root_paths`.
        methods: See `root_paths`.
        strict: See `root_paths`.
        private: See `root_paths`.
        default_excludes: See `root_paths`; none by default here.
        places: Structs of `file`, a file or TreeArtifact, and `path`, where it goes; the patterns see that path. Instead
            of `files`, `targets` and `root_paths`.
        subdirectories: Structs of `directory`, a TreeArtifact, and `path`, below it.
        yarn_lock: A File. The directory is the offline mirror of this lock file, as `yarn_offline_mirror` says;
            `root_paths` do not count.

    Returns:
        The request file: what the action is told, for whoever wants to look.
    """
    _check(include_srcs_packages, exclude_srcs_packages, include_srcs_patterns, exclude_srcs_patterns, replace_prefixes)
    if places and (files or targets or root_paths != ["."]):
        fail("places: they come without files, targets and root_paths")
    for subdirectory in subdirectories:
        _check_subdirectory(subdirectory)
    sources = depset(
        [placed.file for placed in places] + ([] if type(files) == "depset" else files),
        transitive = ([files] if type(files) == "depset" else []) + [target[DefaultInfo].files for target in targets],
    )

    lines = ctx.actions.args()
    lines.set_param_file_format("multiline")
    lines.add_all(_header_lines(
        ctx,
        lists = {
            "exclude_srcs_packages": exclude_srcs_packages,
            "exclude_srcs_patterns": exclude_srcs_patterns + default_excludes,
            "include_external_repositories": include_external_repositories,
            "include_srcs_packages": include_srcs_packages,
            "include_srcs_patterns": include_srcs_patterns,
            "methods": methods,
            "private": private,
            "root_paths": [] if places else root_paths,
        },
        pairs = replace_prefixes,
        switches = {
            "allow_overwrites": allow_overwrites,
            "strict": strict,
            "verbose": verbose,
        },
        hardlink = hardlink,
    ))

    locks = [yarn_lock] if yarn_lock else []
    lines.add_all(locks, map_each = _yarn_lock_line)

    # Expanded when the file is written, never here: a target may have ten thousand sources.
    if places:
        lines.add_all(places, map_each = _placed_line)
    else:
        lines.add_all(sources, map_each = _source_line, expand_directories = False)
    lines.add_all(subdirectories, map_each = _subdirectory_line)
    request = ctx.actions.declare_file(name + ".materialize")
    ctx.actions.write(request, lines)

    is_worker = may_be_worker(ctx)
    is_mapped = _maps_paths(ctx) and not is_worker
    arguments = ctx.actions.args()
    requirements = {"no-cache": "1", "no-remote": "1"} if preserve_mtime else {}
    if is_mapped:
        # The same lines once more, as a file that Bazel writes when the action runs.
        lines.use_param_file("%s", use_always = True)
        requirements["supports-path-mapping"] = "1"
    else:
        arguments.add(request)
    if is_worker:
        arguments.set_param_file_format("multiline")
        arguments.use_param_file("@%s", use_always = True)
        requirements["supports-workers"] = "1"
        requirements["requires-worker-protocol"] = "json"
    arguments.add_all([dst], expand_directories = False)
    ctx.actions.run(
        executable = action_tool(ctx),
        arguments = [lines, arguments] if is_mapped else [arguments],
        inputs = depset(
            ([] if is_mapped else [request]) + locks + [subdirectory.directory for subdirectory in subdirectories],
            transitive = [sources],
        ),
        outputs = [dst],
        execution_requirements = requirements,
        mnemonic = "MaterializeTree",
        progress_message = "Laying out %s" % dst.short_path,
        **action_toolchain(ctx)
    )
    return request

def _only_output(target):
    outputs = target[DefaultInfo].files.to_list()
    if len(outputs) != 1:
        fail("subdirectories: %s has %d outputs, not one" % (target.label, len(outputs)))
    return outputs[0]

def _materialize_tree_impl(ctx):
    tree = ctx.actions.declare_directory(ctx.attr.out or ctx.label.name)
    request = materialize_tree_action(
        ctx,
        name = ctx.label.name,
        dst = tree,
        files = ctx.files.srcs,
        root_paths = ctx.attr.root_paths,
        include_external_repositories = ctx.attr.include_external_repositories,
        include_srcs_packages = ctx.attr.include_srcs_packages,
        exclude_srcs_packages = ctx.attr.exclude_srcs_packages,
        include_srcs_patterns = ctx.attr.include_srcs_patterns,
        exclude_srcs_patterns = ctx.attr.exclude_srcs_patterns,
        replace_prefixes = ctx.attr.replace_prefixes,
        allow_overwrites = ctx.attr.allow_overwrites,
        hardlink = ctx.attr.hardlink,
        preserve_mtime = ctx.attr.preserve_mtime,
        verbose = ctx.attr.verbose,
        methods = ctx.attr.methods,
        strict = ctx.attr.strict,
        private = ctx.attr.private,
        default_excludes = ctx.attr.default_excludes,
        subdirectories = [
            struct(directory = _only_output(target), path = path)
            for target, path in ctx.attr.subdirectories.items()
        ],
    )
    runfiles = [tree] if ctx.attr.add_directory_to_runfiles else []
    return [
        DefaultInfo(files = depset([tree]), runfiles = ctx.runfiles(files = runfiles)),
        OutputGroupInfo(request = depset([request])),
    ]

materialize_tree = rule(
    implementation = _materialize_tree_impl,
    attrs = _ATTRS,
    doc = "Lays files and directories out as one directory: by reflink where the filesystem can, else by hardlink " +
          "(see `hardlink`) or copy. In this order: include_external_repositories, include_srcs_packages, " +
          "exclude_srcs_packages, root_paths, include_srcs_patterns, exclude_srcs_patterns, replace_prefixes.",
    provides = [DefaultInfo],
    toolchains = MATERIALIZE_TOOLCHAINS,
)
