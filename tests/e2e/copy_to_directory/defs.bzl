# SPDX-FileCopyrightText: 2026 The materialize authors
# SPDX-License-Identifier: Apache-2.0
#
# One directory by bazel-lib's rule and one, with the same attributes, by ours.

load("@bazel_lib//lib:copy_to_directory.bzl", "copy_to_directory")
load("@materialize//rules:defs.bzl", "materialize_tree")

def both(name, **attributes):
    copy_to_directory(name = name, out = "theirs/" + name, **attributes)
    materialize_tree(name = "our_" + name, out = "ours/" + name, **attributes)

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
