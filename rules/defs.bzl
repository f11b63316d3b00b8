# SPDX-FileCopyrightText: 2026 The materialize authors
# SPDX-License-Identifier: Apache-2.0
#
# The rules for users' BUILD files, and the actions for authors of other rules. Only re-exports.

load("//rules/private:materialize_install.bzl", _materialize_install = "materialize_install")
load(
    "//rules/private:materialize_tree.bzl",
    _materialize_tree = "materialize_tree",
    _materialize_tree_action = "materialize_tree_action",
)
load("//rules/private:toolchain.bzl", _MATERIALIZE_TOOLCHAINS = "MATERIALIZE_TOOLCHAINS")
load("//rules/private:yarn_offline_mirror.bzl", _yarn_offline_mirror = "yarn_offline_mirror")

materialize_install = _materialize_install
materialize_tree = _materialize_tree
materialize_tree_action = _materialize_tree_action
MATERIALIZE_TOOLCHAINS = _MATERIALIZE_TOOLCHAINS
yarn_offline_mirror = _yarn_offline_mirror
