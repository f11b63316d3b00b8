# SPDX-FileCopyrightText: 2026 The materialize authors
# SPDX-License-Identifier: Apache-2.0
#
# Rules as users write them: a directory by a command, a program with data, one that installs as its work.

def _command_tree_impl(ctx):
    tree = ctx.actions.declare_directory(ctx.label.name)
    ctx.actions.run_shell(
        outputs = [tree],
        inputs = ctx.files.srcs,
        arguments = [tree.path] + [file.path for file in ctx.files.srcs],
        command = ctx.attr.command,
        mnemonic = "CommandTree",
    )
    return [DefaultInfo(files = depset([tree]))]

command_tree = rule(
    implementation = _command_tree_impl,
    attrs = {
        "command": attr.string(mandatory = True),
        "srcs": attr.label_list(allow_files = True),
    },
)

def _program_impl(ctx):
    program = ctx.actions.declare_file(ctx.label.name)
    ctx.actions.expand_template(
        template = ctx.file.src,
        output = program,
        substitutions = {},
        is_executable = True,
    )
    runfiles = ctx.runfiles(
        files = ctx.files.data,
        symlinks = {"linked/" + file.basename: file for file in ctx.files.links},
        root_symlinks = {"top/" + file.basename: file for file in ctx.files.links},
    )
    for target in ctx.attr.data:
        runfiles = runfiles.merge(target[DefaultInfo].default_runfiles)
    return [DefaultInfo(executable = program, files = depset([program]), runfiles = runfiles)]

program = rule(
    implementation = _program_impl,
    attrs = {
        "data": attr.label_list(allow_files = True),
        "links": attr.label_list(allow_files = True),
        "src": attr.label(allow_single_file = True),
    },
    executable = True,
)

def _installed_impl(ctx):
    tree = ctx.actions.declare_directory(ctx.label.name)
    ctx.actions.run(
        executable = ctx.executable.installer,
        arguments = ["--destdir", tree.path, "--receipt=", "--quiet"],
        outputs = [tree],
        mnemonic = "Install",
    )
    return [DefaultInfo(files = depset([tree]))]

installed = rule(
    implementation = _installed_impl,
    attrs = {"installer": attr.label(executable = True, cfg = "exec")},
)
