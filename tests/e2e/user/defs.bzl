# SPDX-FileCopyrightText: 2026 The materialize authors
# SPDX-License-Identifier: Apache-2.0
#
# What actions of users make: a directory with links, a deep file and an executable; what a tool has answered.

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

def _answer_impl(ctx):
    answer = ctx.actions.declare_file(ctx.label.name + ".txt")
    ctx.actions.run_shell(
        outputs = [answer],
        tools = [ctx.executable.tool],
        arguments = [ctx.executable.tool.path, answer.path],
        command = "\"$1\"; echo $? >\"$2\"",
    )
    return [DefaultInfo(files = depset([answer]))]

answer = rule(
    implementation = _answer_impl,
    attrs = {
        "tool": attr.label(
            doc = "What is run.",
            cfg = "exec",
            executable = True,
        ),
    },
    doc = "How a tool ended.",
)
