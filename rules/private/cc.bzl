# SPDX-FileCopyrightText: 2026 The materialize authors
# SPDX-License-Identifier: Apache-2.0
#
# C++ targets of this project: the one place that names the language standard and how binaries are linked.

load("@rules_cc//cc:defs.bzl", "cc_binary", "cc_library", "cc_test")

_COPTS = ["-std=c++20"]

# Nothing dynamic but glibc and libm. Bazel's toolchain appends -lstdc++, which then has nothing left to resolve.
# The sanitizers intercept the C++ runtime, so it stays dynamic there.
_STATIC_RUNTIME = select({
    "//rules/private:sanitized": [],
    "//conditions:default": ["-Wl,--as-needed", "-l:libstdc++.a", "-static-libgcc"],
})

def mz_cc_library(name, copts = [], **kwargs):
    cc_library(name = name, copts = _COPTS + copts, **kwargs)

def mz_cc_binary(name, copts = [], linkopts = [], **kwargs):
    """A binary that needs only glibc and libm of the machine it runs on."""
    cc_binary(
        name = name,
        copts = _COPTS + copts,
        linkopts = linkopts + _STATIC_RUNTIME,
        linkstatic = True,
        **kwargs
    )

def mz_cc_test(name, size = "small", copts = [], deps = [], **kwargs):
    """A GoogleTest; main() and the matchers of gmock come with it."""
    cc_test(
        name = name,
        size = size,
        copts = _COPTS + copts,
        linkstatic = True,
        deps = deps + ["@com_google_googletest//:gtest_main"],
        **kwargs
    )
