# SPDX-FileCopyrightText: 2026 The materialize authors
# SPDX-License-Identifier: Apache-2.0
#
# The tool that the rules run: how to declare another one, and how a WORKSPACE registers ours. Only re-exports.

load("//rules/private:system_toolchain.bzl", _materialize_system_toolchain = "materialize_system_toolchain")
load(
    "//rules/private:toolchain.bzl",
    _MATERIALIZE_TOOLCHAINS = "MATERIALIZE_TOOLCHAINS",
    _materialize_register_toolchains = "materialize_register_toolchains",
    _materialize_toolchain = "materialize_toolchain",
)

materialize_system_toolchain = _materialize_system_toolchain
materialize_toolchain = _materialize_toolchain
materialize_register_toolchains = _materialize_register_toolchains
MATERIALIZE_TOOLCHAINS = _MATERIALIZE_TOOLCHAINS
