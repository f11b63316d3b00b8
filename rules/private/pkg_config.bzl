# SPDX-FileCopyrightText: 2026 The materialize authors
# SPDX-License-Identifier: Apache-2.0
#
# A repository of installed C++ libraries: pkg-config's modules as cc_library targets that link the static archives.
# Headers come from /usr/include, where the compiler finds them anyway; each archive is a target's source, so that
# Bazel orders them as the modules require each other. Which modules a release has is read, not written down here.

# -l names that are no archive of a package.
_LINKOPTS = {
    "atomic": ["-l:libatomic.a"],  # the compiler's
    "c": [],
    "dl": [],
    "m": [],
    "pthread": ["-pthread"],
    "rt": [],
}
_MAX_MODULES = 10000

_HEADER = """\
# Made by pkg_config_repository from {package}.
load("@rules_cc//cc:defs.bzl", "cc_library")

package(default_visibility = ["//visibility:public"])
"""

_LIBRARY = """
cc_library(
    name = "{name}",
    srcs = {srcs},
    linkopts = {linkopts},
    deps = {deps},
)
"""

_ALIAS = """
alias(
    name = "{name}",
    actual = "{actual}",
)
"""

def _search_path(repository_ctx):
    tool = repository_ctx.which("pkg-config")
    if not tool:
        fail("pkg-config is not installed: run ./setup")
    result = repository_ctx.execute([tool, "--variable=pc_path", "pkg-config"])
    return result.stdout.strip().split(":")

def _words(text):
    return [word for word in text.replace("\t", " ").split(" ") if word]

def _expand(text, variables):
    for name, value in variables.items():
        text = text.replace("${%s}" % name, value)
    return text

def _parse(text):
    """The fields and variables of a .pc file; a variable only uses earlier ones."""
    fields = {}
    variables = {}
    for line in text.split("\n"):
        line = _expand(line.strip(), variables)
        for separator, into in (("=", variables), (":", fields)):
            key, found, value = line.partition(separator)
            if found and key.strip().replace("_", "").replace(".", "").isalnum():
                into[key.strip()] = value.strip()
                break
    return fields, variables

def _requires(fields):
    """Names out of `a >= 1, b`."""
    both = fields.get("Requires", "") + "," + fields.get("Requires.private", "")
    return [_words(entry)[0] for entry in both.split(",") if entry.strip()]

def _read_module(repository_ctx, path, name):
    for folder in path:
        file = repository_ctx.path(folder).get_child(name + ".pc")
        if file.exists:
            fields, variables = _parse(repository_ctx.read(file))
            flags = _words(fields.get("Libs", "") + " " + fields.get("Libs.private", ""))
            return struct(
                folders = [flag[2:] for flag in flags if flag.startswith("-L")] + [variables.get("libdir", "/usr/lib")],
                libraries = [flag[2:] for flag in flags if flag.startswith("-l")],
                requires = _requires(fields),
            )
    return None

def _read_modules(repository_ctx, wanted):
    """Every module of `wanted` that is installed, and what they require."""
    path = _search_path(repository_ctx)
    modules = {}
    queue = list(wanted)
    for _ in range(_MAX_MODULES):
        if not queue:
            break
        name = queue.pop()
        if name in modules:
            continue
        modules[name] = _read_module(repository_ctx, path, name)
        if modules[name]:
            queue.extend(modules[name].requires)
    return {name: module for name, module in modules.items() if module}

def _archive(repository_ctx, folders, library):
    file_name = "lib%s.a" % library
    for folder in folders:
        file = repository_ctx.path(folder).get_child(file_name)
        if file.exists:
            return file
    fail("%s has no static %s" % (repository_ctx.attr.package, file_name))

def _library(repository_ctx, name, module, modules):
    srcs = []
    linkopts = []
    for library in module.libraries:
        if library in _LINKOPTS:
            linkopts.extend(_LINKOPTS[library])
            continue
        archive = _archive(repository_ctx, module.folders, library)
        srcs.append(archive.basename)
        if not repository_ctx.path(archive.basename).exists:
            repository_ctx.symlink(archive, archive.basename)
    return _LIBRARY.format(
        name = "pc_" + name,
        srcs = repr(srcs),
        linkopts = repr(linkopts),
        deps = repr([":pc_" + required for required in module.requires if required in modules and required != name]),
    )

def _pkg_config_repository_impl(repository_ctx):
    wanted = repository_ctx.attr.modules
    modules = _read_modules(repository_ctx, wanted.values())
    if not modules:
        fail("%s is not installed: run ./setup" % repository_ctx.attr.package)

    packages = {"": [
        _library(repository_ctx, name, module, modules)
        for name, module in sorted(modules.items())
    ]}
    for label, module in sorted(wanted.items()):
        if module in modules:
            package, _, name = label[2:].partition(":")
            actual = "//:pc_" + module
            packages.setdefault(package, []).append(_ALIAS.format(name = name, actual = actual))

    header = _HEADER.format(package = repository_ctx.attr.package)
    for package, targets in packages.items():
        build = package + "/BUILD" if package else "BUILD"
        repository_ctx.file(build, header + "".join(targets), executable = False)
    repository_ctx.file("WORKSPACE", "", executable = False)

pkg_config_repository = repository_rule(
    implementation = _pkg_config_repository_impl,
    attrs = {
        "modules": attr.string_dict(
            doc = "Label in the repository to pkg-config module; modules that are not installed have no target.",
            mandatory = True,
        ),
        "package": attr.string(doc = "The Debian package to name when nothing is installed.", mandatory = True),
    },
    doc = "Installed static libraries under the labels of the central registry.",
    local = True,
)
