# SPDX-FileCopyrightText: 2026 The materialize authors
# SPDX-License-Identifier: Apache-2.0
#
# yarn_offline_mirror: the tarballs that a yarn.lock of Yarn 1 names as the directory that `yarn install --offline` reads.
# What is a mirror is decided by //materialize/action, which reads the lock file.

load(":materialize_install.bzl", "materialize_install")
load(":materialize_tree.bzl", "materialize_tree_action")
load(":toolchain.bzl", "MATERIALIZE_TOOLCHAINS")

def _yarn_mirror_impl(ctx):
    tree = ctx.actions.declare_directory(ctx.attr.out or ctx.label.name)
    materialize_tree_action(
        ctx,
        name = ctx.label.name,
        dst = tree,
        targets = ctx.attr.srcs,
        hardlink = ctx.attr.hardlink,
        include_external_repositories = ["**"],
        methods = ctx.attr.methods,
        verbose = ctx.attr.verbose,
        yarn_lock = ctx.file.lock,
    )
    return [DefaultInfo(files = depset([tree]), runfiles = ctx.runfiles(files = [tree]))]

_yarn_mirror = rule(
    implementation = _yarn_mirror_impl,
    attrs = {
        "hardlink": attr.string(doc = "As of materialize_tree.", default = "auto", values = ["auto", "off", "on"]),
        "lock": attr.label(doc = "The yarn.lock.", allow_single_file = True, mandatory = True),
        "methods": attr.string_list(doc = "As of materialize_tree."),
        "out": attr.string(doc = "The output directory, relative to this package. Empty means the target's name."),
        "srcs": attr.label_list(doc = "Tarballs, and directories of them.", allow_files = True, mandatory = True),
        "verbose": attr.bool(doc = "As of materialize_tree."),
    },
    doc = "The mirror as a directory; what the lock file asks for is checked while it is built.",
    toolchains = MATERIALIZE_TOOLCHAINS,
)

# Of the mirror itself, not of prebuilt/, where other platforms' packages are: what Yarn prunes, and git's.
_PRUNED = ["/*.tgz", "/*.tar.gz", "/*.git-*"]

def yarn_offline_mirror(
        name,
        srcs,
        lock = "//:yarn.lock",
        update = "",
        out = "",
        hardlink = "auto",
        methods = [],
        verbose = False,
        **kwargs):
    """The offline mirror of a yarn.lock of Yarn 1, and with `update` a program that writes it into the workspace.

    Args:
        name: Of the directory.
        srcs: Tarballs, and directories of them: `["@NAME//:tarballs"]` of `yarn_tarballs`, or what Yarn downloaded.
        lock: The `yarn.lock`.
        update: A directory of the workspace. `bazel run :NAME.update` brings it up to date: takes what is new or
            differs, and removes tarballs that the lock file does not name any more; other files stay. With `-- --check`
            it changes nothing, lists what differs, and exits 3 if anything does.
        out: The output directory, relative to this package; the target's name, where it is empty.
        hardlink: As of `materialize_tree`.
        methods: As of `materialize_tree`.
        verbose: As of `materialize_tree`.
        **kwargs: Attributes that all rules have.
    """
    _yarn_mirror(
        name = name,
        srcs = srcs,
        out = out,
        hardlink = hardlink,
        lock = lock,
        methods = methods,
        verbose = verbose,
        **kwargs
    )
    if update:
        materialize_install(
            name = name + ".update",
            srcs = [":" + name],
            delete = True,
            delete_only = _PRUNED,
            mode = "0644",
            write_to_source = update,
            **kwargs
        )
