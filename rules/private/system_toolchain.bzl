# SPDX-FileCopyrightText: 2026 The materialize authors
# SPDX-License-Identifier: Apache-2.0
#
# A repository of the binaries that are installed on this machine, as a toolchain. A repository rather than a target that
# runs an absolute path: so Bazel sees what the binaries are, runs actions again when they change, and sends them along.

_BUILD = """\
# Made by materialize_system_toolchain from {path} and {command_path}.
load("{rule}", "materialize_toolchain")

package(default_visibility = ["//visibility:public"])

exports_files([
    "materialize",
    "materialize_action",
])

materialize_toolchain(
    name = "installed",
    command = ":materialize",
    tool = ":materialize_action",
)

toolchain(
    name = "toolchain",
    exec_compatible_with = ["{linux}"],
    toolchain = ":installed",
    toolchain_type = "{type}",
)
"""

# Bazel 4 writes labels of its main repository without the @ that makes them mean that elsewhere.
def _label(label):
    text = str(label)
    return text if text.startswith("@") else "@" + text

def _link(repository_ctx, path, name):
    installed = repository_ctx.path(path)
    if not path.startswith("/"):
        fail("%s: an absolute path is wanted" % path)
    if not installed.exists:
        fail("%s does not exist" % path)
    repository_ctx.symlink(installed, name)

def _materialize_system_toolchain_impl(repository_ctx):
    path = repository_ctx.attr.path
    command_path = repository_ctx.attr.command_path
    _link(repository_ctx, path, "materialize_action")
    _link(repository_ctx, command_path, "materialize")
    repository_ctx.file("WORKSPACE", "", executable = False)
    repository_ctx.file("BUILD", _BUILD.format(
        path = path,
        command_path = command_path,
        linux = _label(Label("@platforms//os:linux")),
        rule = _label(Label("//rules:toolchain.bzl")),
        type = _label(Label("//rules:toolchain_type")),
    ), executable = False)

materialize_system_toolchain = repository_rule(
    implementation = _materialize_system_toolchain_impl,
    attrs = {
        "command_path": attr.string(
            doc = "Where the command `materialize` is installed.",
            default = "/usr/bin/materialize",
        ),
        "path": attr.string(
            doc = "Where the binary is installed that actions run.",
            default = "/usr/bin/materialize_action",
        ),
    },
    doc = "Installed binaries as a toolchain, `@NAME//:toolchain`: nothing is compiled.",
    local = True,
)
