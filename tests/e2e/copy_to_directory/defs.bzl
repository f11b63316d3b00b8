# SPDX-FileCopyrightText: 2026 The materialize authors
# SPDX-License-Identifier: Apache-2.0
#
# One directory by bazel-lib's rule and one, with the same attributes, by ours; the same for rules of users, by the
# actions that both have for them.

load("@bazel_lib//lib:copy_to_directory.bzl", "copy_to_directory", "copy_to_directory_bin_action")
load("@bazel_lib//lib:directory_path.bzl", "DirectoryPathInfo")
load("@materialize//rules:defs.bzl", "MATERIALIZE_TOOLCHAINS", "materialize_tree", "materialize_tree_action")

def both(name, **attributes):
    copy_to_directory(name = name, out = "theirs/" + name, **attributes)
    materialize_tree(name = "our_" + name, out = "ours/" + name, **attributes)

_THEIR_TOOLCHAIN = "@bazel_lib//lib:copy_to_directory_toolchain_type"

def _what(ctx):
    return {
        "include_srcs_patterns": ["**/*.js", "made/**"],
        "name": ctx.label.name,
        "replace_prefixes": {"lib/src": "source"},
    }

def _their_action_impl(ctx):
    tree = ctx.actions.declare_directory(ctx.attr.out)
    copy_to_directory_bin_action(
        ctx,
        dst = tree,
        copy_to_directory_bin = ctx.toolchains[_THEIR_TOOLCHAIN].copy_to_directory_info.bin,
        files = ctx.files.srcs,
        targets = [ctx.attr.part],
        **_what(ctx)
    )
    return [DefaultInfo(files = depset([tree]))]

def _our_action_impl(ctx):
    tree = ctx.actions.declare_directory(ctx.attr.out)
    part = ctx.attr.part[DirectoryPathInfo]
    materialize_tree_action(
        ctx,
        dst = tree,
        files = depset(ctx.files.srcs[:1]),
        targets = ctx.attr.srcs,
        subdirectories = [struct(directory = part.directory, path = part.path)],
        **_what(ctx)
    )
    return [DefaultInfo(files = depset([tree]))]

_ACTION_ATTRS = {
    "out": attr.string(doc = "The directory."),
    "part": attr.label(doc = "A directory_path.", providers = [DirectoryPathInfo]),
    "srcs": attr.label_list(doc = "Files and directories.", allow_files = True),
}

_their_action = rule(
    implementation = _their_action_impl,
    attrs = _ACTION_ATTRS,
    doc = "A user's rule, as bazel-lib has it.",
    toolchains = [_THEIR_TOOLCHAIN],
)

_our_action = rule(
    implementation = _our_action_impl,
    attrs = _ACTION_ATTRS,
    doc = "The same rule with our action.",
    toolchains = MATERIALIZE_TOOLCHAINS,
)

def both_actions(name, **attributes):
    _their_action(name = name, out = "theirs/" + name, **attributes)
    _our_action(name = "our_" + name, out = "ours/" + name, **attributes)

def _made_impl(ctx):
    tree = ctx.actions.declare_directory(ctx.label.name)
    ctx.actions.run_shell(
        outputs = [tree],
        arguments = [tree.path],
        command = "cd \"$1\" && mkdir -p deep/er 'sp ace' && printf 1 >deep/er/one && printf 2 >'sp ace/@two' && " +
                  "printf 3 >tool && chmod +x tool && ln -s deep/er/one link && : >nothing && printf 4 >ä.js",
    )
    return [DefaultInfo(files = depset([tree]))]

made = rule(implementation = _made_impl, doc = "A directory made by an action.")
