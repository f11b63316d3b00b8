# SPDX-FileCopyrightText: 2026 The materialize authors
# SPDX-License-Identifier: Apache-2.0
#
# Every external repository as a Debian package: what our own WORKSPACE builds and tests with, offline.
# Libraries have the central registry's labels, so that BUILD files do not know where they come from.

load("//rules/private:abseil.bzl", "ABSEIL_MODULES")
load("//rules/private:debian_bazel.bzl", "debian_bazel_repository", "stub_repository")
load("//rules/private:pkg_config.bzl", "pkg_config_repository")

# name: folder below /usr/share/bazel
_BAZEL_REPOSITORIES = {
    "bazel_skylib": "tools/skylib",
    "platforms": "tools/platforms",
    "rules_cc": "rules/cc",
    "rules_java": "rules/java",
    "rules_proto": "rules/proto",
    "rules_python": "rules/python",  # asked for by Bazel 7 only, whose Debian has it
}

# name: (Debian package, {label: pkg-config module})
_LIBRARIES = {
    "com_google_absl": ("libabsl-dev", ABSEIL_MODULES),
    "com_github_gflags_gflags": ("libgflags-dev", {"//:gflags": "gflags"}),
    "com_google_googletest": ("libgmock-dev", {
        "//:gtest": "gmock",  # which requires gtest
        "//:gtest_main": "gmock_main",
    }),
    "nlohmann_json": ("nlohmann-json3-dev", {"//:json": "nlohmann_json"}),
    "openssl": ("libssl-dev", {"//:crypto": "libcrypto"}),
}

def debian_dependencies():
    """Declares the dependencies of //materialize as repositories made of installed Debian packages.

    Repositories that the caller has declared already are left alone.
    """
    for name, folder in _BAZEL_REPOSITORIES.items():
        _maybe(debian_bazel_repository, name = name, folder = folder)
    for name, (package, modules) in _LIBRARIES.items():
        _maybe(pkg_config_repository, name = name, package = package, modules = modules)

    # Bazel 4 wants it for every cc_test, though coverage is off.
    _maybe(stub_repository, name = "remote_coverage_tools", targets = ["coverage_report_generator"])

def system_openssl():
    """Declares `@openssl` only."""
    package, modules = _LIBRARIES["openssl"]
    _maybe(pkg_config_repository, name = "openssl", package = package, modules = modules)

def _maybe(repository_rule, name, **kwargs):
    if not native.existing_rule(name):
        repository_rule(name = name, **kwargs)
