# SPDX-FileCopyrightText: 2026 The materialize authors
# SPDX-License-Identifier: Apache-2.0
#
# What a MODULE.bazel uses. The only file that mentions module_extension: Bazel before 6 cannot load it.

load("//rules/private:yarn_tarballs.bzl", "YARN_TARBALLS_ATTRS", "yarn_tarballs")

def _yarn_impl(module_ctx):
    for module in module_ctx.modules:
        for tag in module.tags.tarballs:
            yarn_tarballs(
                name = tag.name,
                extra = tag.extra,
                integrity = tag.integrity,
                lock = tag.lock,
                registry = tag.registry,
            )

yarn = module_extension(
    implementation = _yarn_impl,
    tag_classes = {
        "tarballs": tag_class(
            attrs = dict(YARN_TARBALLS_ATTRS, name = attr.string(
                doc = "Of the repository.",
                mandatory = True,
            )),
            doc = "A repository of yarn_tarballs.",
        ),
    },
    doc = "Repositories for projects that use Yarn.",
)
