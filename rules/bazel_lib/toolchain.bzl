# SPDX-FileCopyrightText: 2026 The materialize authors
# SPDX-License-Identifier: Apache-2.0
#
# A toolchain of the type that bazel-lib's copy_to_directory asks for. The rule stays as it is; what it runs is ours.

def _copy_to_directory_tool_impl(ctx):
    tool = ctx.executable.tool
    return [
        DefaultInfo(files = depset([tool])),
        # The field that bazel-lib's rules read.
        platform_common.ToolchainInfo(
            copy_to_directory_info = struct(bin = tool),
            default = DefaultInfo(files = depset([tool]), runfiles = ctx.runfiles(files = [tool])),
        ),
    ]

copy_to_directory_tool = rule(
    implementation = _copy_to_directory_tool_impl,
    attrs = {
        "tool": attr.label(
            doc = "What copy_to_directory runs, as `TOOL CONFIG.json WORKSPACE`.",
            allow_files = True,
            cfg = "exec",
            default = "//rules:materialize_action",
            executable = True,
        ),
    },
    doc = "Names the binary that bazel-lib's copy_to_directory runs.",
)

def copy_to_directory_toolchain(
        name,
        toolchain_type = "@bazel_lib//lib:copy_to_directory_toolchain_type",
        exec_compatible_with = [str(Label("@platforms//os:linux"))],
        tool = None,
        **kwargs):
    """A toolchain to be registered before bazel-lib's own.

    A WORKSPACE registers `@materialize//rules/bazel_lib:toolchain`. A module that depends on bazel_lib calls this in a
    BUILD file of its own, where that name is known, and registers the target in its MODULE.bazel.

    Args:
        name: Of the toolchain; NAME_tool is declared as well.
        toolchain_type: Another one for releases of bazel-lib that had another name.
        exec_compatible_with: Where the tool runs.
        tool: Another binary of ours than that built from source, as of materialize_system_toolchain.
        **kwargs: Attributes that all rules have.
    """
    copy_to_directory_tool(name = name + "_tool", tool = tool, **kwargs)
    native.toolchain(
        name = name,
        exec_compatible_with = exec_compatible_with,
        toolchain = ":" + name + "_tool",
        toolchain_type = toolchain_type,
        **kwargs
    )
