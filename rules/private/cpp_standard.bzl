# SPDX-FileCopyrightText: 2026 The materialize authors
# SPDX-License-Identifier: Apache-2.0
#
# An executable whose dependencies, abseil first of all, are compiled by one C++ standard, whatever the caller's flags
# are. Our own targets say it by copts (cc.bzl); a library of a registry does not know it unless the command line says it.

_FLAG = "-std=c++20"
_CXXOPT = "//command_line_option:cxxopt"

# In an exec configuration this option has the value of host_cxxopt already. The last flag counts for the compiler;
# where it is ours already nothing changes, and nothing is compiled a second time.
def _with_standard(settings, _attr):
    flags = settings[_CXXOPT]
    return {_CXXOPT: flags if flags and flags[-1] == _FLAG else flags + [_FLAG]}

_cpp_standard = transition(
    implementation = _with_standard,
    inputs = [_CXXOPT],
    outputs = [_CXXOPT],
)

def _cpp_standard_binary_impl(ctx):
    actual = ctx.attr.actual[0] if type(ctx.attr.actual) == "list" else ctx.attr.actual
    binary = actual[DefaultInfo].files_to_run.executable
    link = ctx.actions.declare_file(ctx.label.name)
    ctx.actions.symlink(output = link, target_file = binary, is_executable = True)
    return [DefaultInfo(
        executable = link,
        files = depset([link]),
        runfiles = actual[DefaultInfo].default_runfiles,
    )]

cpp_standard_binary = rule(
    implementation = _cpp_standard_binary_impl,
    attrs = {
        "actual": attr.label(
            doc = "The executable.",
            cfg = _cpp_standard,
            executable = True,
            mandatory = True,
        ),
        "_allowlist_function_transition": attr.label(
            default = "@bazel_tools//tools/allowlists/function_transition_allowlist",
        ),
    },
    doc = "The executable `actual`, it and its dependencies compiled as C++20.",
    executable = True,
)
