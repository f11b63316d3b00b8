# SPDX-FileCopyrightText: 2026 The materialize authors
# SPDX-License-Identifier: Apache-2.0
#
# Tests on the filesystems of the lab.

load("//rules/private:cc.bzl", "mz_cc_test")

_COMMON = [
    "//tests/testing:faulty_sys",
    "//tests/testing:lab",
    "//tests/testing:status_matchers",
    "//tests/testing:temp_dir",
    "//tests/testing:tree_text",
]

def mz_lab_test(name, deps = [], tags = [], **kwargs):
    """An mz_cc_test that sees the lab, and may mount: never in Bazel's sandbox."""
    mz_cc_test(
        name = name,
        linkopts = ["-pthread"],
        tags = tags + ["local"],
        deps = deps + [dep for dep in _COMMON if dep not in deps],
        **kwargs
    )
