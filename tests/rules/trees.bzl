# SPDX-FileCopyrightText: 2026 The materialize authors
# SPDX-License-Identifier: Apache-2.0
#
# Rules that only the tests need: a directory made by a command, and one laid out by the action helper.

load("//rules:defs.bzl", "MATERIALIZE_TOOLCHAINS", "materialize_tree_action")

def _command_tree_impl(ctx):
    tree = ctx.actions.declare_directory(ctx.label.name)
    ctx.actions.run_shell(
        outputs = [tree],
        arguments = [tree.path],
        command = "mkdir -p \"$1\" && cd \"$1\" && " + ctx.attr.command,
    )
    return [DefaultInfo(files = depset([tree]))]

command_tree = rule(
    implementation = _command_tree_impl,
    attrs = {"command": attr.string(doc = "Run by the shell in the empty directory.", mandatory = True)},
    doc = "A directory filled by a command.",
)

def _helper_tree_impl(ctx):
    tree = ctx.actions.declare_directory(ctx.label.name + ".d/below")
    materialize_tree_action(
        ctx,
        name = ctx.label.name,
        dst = tree,
        files = ctx.files.srcs,
        include_srcs_patterns = ["**/*.js"],
    )
    return [DefaultInfo(files = depset([tree]), runfiles = ctx.runfiles(files = [tree]))]

helper_tree = rule(
    implementation = _helper_tree_impl,
    attrs = {"srcs": attr.label_list(doc = "Files.", allow_files = True)},
    doc = "What another rule does that lays out a directory of its own.",
    toolchains = MATERIALIZE_TOOLCHAINS,
)
