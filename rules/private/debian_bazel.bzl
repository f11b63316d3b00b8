# SPDX-FileCopyrightText: 2026 The materialize authors
# SPDX-License-Identifier: Apache-2.0
#
# Repositories for Bazel's own rules out of Debian's bazel-* packages.

_ROOT = "/usr/share/bazel"

# rules_cc 0.0.4 loads a function that Bazel 4 lacks, in files that we do not otherwise need.
_NEW_IN_BAZEL_5 = [
    "cc/private/rules_impl/cc_flags_supplier.bzl",
    "cc/private/rules_impl/compiler_flag.bzl",
]

def _patch(repository_ctx, name):
    text = repository_ctx.read(name)
    text = text.replace(", \"use_cpp_toolchain\"", "")
    text = text.replace("use_cpp_toolchain()", "[\"@bazel_tools//tools/cpp:toolchain_type\"]")
    repository_ctx.delete(name)
    repository_ctx.file(name, text, executable = False)

def _debian_bazel_repository_impl(repository_ctx):
    source = repository_ctx.path("%s/%s" % (_ROOT, repository_ctx.attr.folder))
    if not source.exists:
        fail("%s does not exist: run ./setup" % source)
    copied = repository_ctx.execute(["cp", "-RL", "--no-preserve=mode", "%s/." % source, "."])
    if copied.return_code:
        fail(copied.stderr)
    repository_ctx.file("WORKSPACE", "", executable = False)
    for name in _NEW_IN_BAZEL_5:
        if repository_ctx.path(name).exists:
            _patch(repository_ctx, name)

debian_bazel_repository = repository_rule(
    implementation = _debian_bazel_repository_impl,
    attrs = {
        "folder": attr.string(doc = "Where it is below /usr/share/bazel.", mandatory = True),
    },
    doc = "A copy of one of the rule sets in Debian's bazel-* packages.",
    local = True,
)

def _stub_repository_impl(repository_ctx):
    repository_ctx.file("WORKSPACE", "", executable = False)
    repository_ctx.file("BUILD", "".join([
        "filegroup(name = \"%s\", visibility = [\"//visibility:public\"])\n" % name
        for name in repository_ctx.attr.targets
    ]), executable = False)

stub_repository = repository_rule(
    implementation = _stub_repository_impl,
    attrs = {"targets": attr.string_list(doc = "Names of empty filegroups.")},
    doc = "A repository that is asked for, but whose content is never used.",
)
