# SPDX-FileCopyrightText: 2026 The materialize authors
# SPDX-License-Identifier: Apache-2.0
#
# The binaries as the rules run them (optimised, as tools are), side by side: what a user has installed.

def _installed_impl(ctx):
    copies = []
    for tool in ctx.files.tools:
        copy = ctx.actions.declare_file(ctx.label.name + "/" + tool.basename)
        ctx.actions.run_shell(
            outputs = [copy],
            inputs = [tool],
            command = "cp -L \"$1\" \"$2\"",
            arguments = [tool.path, copy.path],
        )
        copies.append(copy)
    return [DefaultInfo(files = depset(copies))]

installed = rule(
    implementation = _installed_impl,
    attrs = {
        # Compiled already, where a test of the rules was built.
        "tools": attr.label_list(cfg = "exec"),
    },
)
