# SPDX-FileCopyrightText: 2026 The materialize authors
# SPDX-License-Identifier: Apache-2.0
#
# A directory made by an action.

def _made_impl(ctx):
    tree = ctx.actions.declare_directory(ctx.label.name)
    ctx.actions.run_shell(
        outputs = [tree],
        arguments = [tree.path],
        command = "cd \"$1\" && mkdir deep && printf 1 >deep/one && printf 2 >'t wo'",
    )
    return [DefaultInfo(files = depset([tree]))]

made = rule(
    implementation = _made_impl,
    doc = "A directory made by an action.",
)
