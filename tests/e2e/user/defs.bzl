# SPDX-FileCopyrightText: 2026 The materialize authors
# SPDX-License-Identifier: Apache-2.0
#
# A directory that an action makes: links inside, a deep file, an executable.

def _made_impl(ctx):
    tree = ctx.actions.declare_directory(ctx.label.name)
    ctx.actions.run_shell(
        outputs = [tree],
        arguments = [tree.path],
        command = "cd \"$1\" && mkdir -p deep/er 'sp ace' && head -c 70000 /dev/zero >deep/er/zeros && " +
                  "printf 2 >'sp ace/@two' && printf 3 >tool && chmod +x tool && ln -s deep/er/zeros link && " +
                  "ln -s ../../tool deep/er/tool && : >nothing",
    )
    return [DefaultInfo(files = depset([tree]))]

made = rule(
    implementation = _made_impl,
    doc = "A directory made by an action.",
)
