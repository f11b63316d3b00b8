# SPDX-FileCopyrightText: 2026 The materialize authors
# SPDX-License-Identifier: Apache-2.0
#
# The toolchain that names the two binaries: what actions run, and the command that installs.

load(":worker.bzl", "WorkerFlagInfo")

# A string, and a whole label: a plain "//rules:..." would be looked up in the user's workspace.
_TOOLCHAIN_TYPE = str(Label("//rules:toolchain_type"))

MATERIALIZE_TOOLCHAINS = [_TOOLCHAIN_TYPE]

def action_tool(ctx):
    """The FilesToRunProvider of the binary that fills trees, for a rule whose toolchains are MATERIALIZE_TOOLCHAINS."""
    return ctx.toolchains[_TOOLCHAIN_TYPE].materialize.tool

def may_be_worker(ctx):
    """Whether the flag `//rules:worker` is set and the registered toolchain heeds it."""
    return ctx.toolchains[_TOOLCHAIN_TYPE].materialize.worker

def action_toolchain(ctx):
    """What `ctx.actions.run` must be told of action_tool(), as keywords.

    --incompatible_auto_exec_groups asks for it; Bazel 4 does not know the word.

    Args:
        ctx: The rule's context.

    Returns:
        A dictionary.
    """
    return {"toolchain": _TOOLCHAIN_TYPE} if hasattr(ctx.label, "repo_name") else {}

def command(ctx):
    """The target of the command `materialize`, to be run by whoever runs what this rule makes."""
    return ctx.toolchains[_TOOLCHAIN_TYPE].materialize.command

def _materialize_toolchain_impl(ctx):
    return [
        DefaultInfo(files = ctx.attr.tool[DefaultInfo].files),
        platform_common.ToolchainInfo(materialize = struct(
            command = ctx.attr.command,
            tool = ctx.attr.tool[DefaultInfo].files_to_run,
            worker = ctx.attr._worker[WorkerFlagInfo].enabled,
        )),
    ]

materialize_toolchain = rule(
    implementation = _materialize_toolchain_impl,
    attrs = {
        "command": attr.label(
            doc = "The command `materialize`, which `bazel run` of an installer starts.",
            allow_files = True,
            cfg = "target",
            executable = True,
            mandatory = True,
        ),
        "tool": attr.label(
            doc = "The binary that actions run as `TOOL REQUEST_FILE OUTPUT_DIRECTORY`.",
            allow_files = True,
            cfg = "exec",
            executable = True,
            mandatory = True,
        ),
        "_worker": attr.label(
            doc = "The flag that makes actions offer themselves to a worker.",
            default = Label("//rules:worker"),
        ),
    },
    doc = "Names the binaries that the rules run.",
)

def materialize_register_toolchains():
    """Registers the tool built from source; for WORKSPACE files (MODULE.bazel does it by itself)."""
    native.register_toolchains(str(Label("//rules:linux_toolchain")))
