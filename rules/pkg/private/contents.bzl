# SPDX-FileCopyrightText: 2026 The materialize authors
# SPDX-License-Identifier: Apache-2.0
#
# The providers of rules_pkg as one dictionary: what is at each path. Two that differ for one path are an error.

load(
    "@rules_pkg//pkg:providers.bzl",
    "PackageDirsInfo",
    "PackageFilegroupInfo",
    "PackageFilesInfo",
    "PackageSymlinkInfo",
)

PKG_SRCS = attr.label_list(
    doc = "Targets of rules_pkg: `pkg_files`, `pkg_mkdirs`, `pkg_mklink`, `pkg_filegroup`.",
    mandatory = True,
    providers = [
        [PackageDirsInfo],
        [PackageFilegroupInfo],
        [PackageFilesInfo],
        [PackageSymlinkInfo],
    ],
)

def _clean(path, origin):
    parts = [part for part in path.split("/") if part not in ["", "."]]
    if ".." in parts:
        fail("%s: \"%s\" would be outside of the destination" % (origin, path))
    return "/".join(parts)

def _add(entries, path, entry):
    there = entries.get(path)
    if there and _facts(there) != _facts(entry):
        fail("%s: both %s and %s want to be there" % (path or ".", there.origin, entry.origin))
    entries[path] = entry

def _facts(entry):
    return [entry.attributes, entry.file, entry.link]

def _add_files(entries, provider, origin):
    for path, file in provider.dest_src_map.items():
        _add(entries, _clean(path, origin), struct(
            attributes = provider.attributes,
            file = file,
            link = None,
            origin = origin,
        ))

def _add_directories(entries, provider, origin):
    for path in provider.dirs:
        _add(entries, _clean(path, origin), struct(
            attributes = provider.attributes,
            file = None,
            link = None,
            origin = origin,
        ))

def _add_link(entries, provider, origin):
    _add(entries, _clean(provider.destination, origin), struct(
        attributes = provider.attributes,
        file = None,
        link = str(provider.target),
        origin = origin,
    ))

def pkg_contents(targets):
    """What the targets describe.

    Args:
        targets: Those of an attribute PKG_SRCS.

    Returns:
        Paths, without a first slash, to structs: `file` (a File, also a directory), `link` (a symlink's text), or neither
        for an empty directory; `attributes` (rules_pkg's: mode, user, group); `origin` (the label).
    """
    entries = {}
    for target in targets:
        if PackageFilesInfo in target:
            _add_files(entries, target[PackageFilesInfo], target.label)
        if PackageDirsInfo in target:
            _add_directories(entries, target[PackageDirsInfo], target.label)
        if PackageSymlinkInfo in target:
            _add_link(entries, target[PackageSymlinkInfo], target.label)
        if PackageFilegroupInfo in target:
            group = target[PackageFilegroupInfo]
            for provider, origin in group.pkg_files:
                _add_files(entries, provider, origin)
            for provider, origin in group.pkg_dirs:
                _add_directories(entries, provider, origin)
            for provider, origin in group.pkg_symlinks:
                _add_link(entries, provider, origin)
    return entries
