# SPDX-FileCopyrightText: 2026 The materialize authors
# SPDX-License-Identifier: Apache-2.0
#
# What rules_pkg's pkg_files, pkg_mkdirs, pkg_mklink and pkg_filegroup describe, as a directory of the build, and
# installed by the command. Only re-exports.

load(":private/pkg_install.bzl", _materialize_pkg_install = "materialize_pkg_install")
load(":private/pkg_tree.bzl", _pkg_tree = "pkg_tree")

materialize_pkg_install = _materialize_pkg_install
pkg_tree = _pkg_tree
