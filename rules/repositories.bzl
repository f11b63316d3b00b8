# SPDX-FileCopyrightText: 2026 The materialize authors
# SPDX-License-Identifier: Apache-2.0
#
# External repositories for WORKSPACE users. Only re-exports.

load("//rules/private:archives.bzl", _materialize_dependencies = "materialize_dependencies")
load("//rules/private:debian.bzl", _debian_dependencies = "debian_dependencies")
load("//rules/private:yarn_tarballs.bzl", _yarn_tarballs = "yarn_tarballs")

materialize_dependencies = _materialize_dependencies
debian_dependencies = _debian_dependencies
yarn_tarballs = _yarn_tarballs
