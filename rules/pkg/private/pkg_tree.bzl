# SPDX-FileCopyrightText: 2026 The materialize authors
# SPDX-License-Identifier: Apache-2.0
#
# pkg_tree: what targets of rules_pkg describe, as a directory in the build.

load("@materialize//rules:defs.bzl", "MATERIALIZE_TOOLCHAINS", "materialize_tree_action")
load(":private/contents.bzl", "PKG_SRCS", "pkg_contents")

_MAX_LINKS = 40  # of links to links, as Linux has it

# Where a link leads, from the top of the tree; None when that is outside.
def _led_to(path, link):
    if link.startswith("/"):
        return None
    parts = path.split("/")[:-1]
    for part in link.split("/"):
        if part == "..":
            if not parts:
                return None
            parts.pop()
        elif part not in ["", "."]:
            parts.append(part)
    return "/".join(parts)

# What is at `path` and below it: paths below it to Files.
def _found(files, path):
    if path in files:
        return {"": files[path]}
    start = path + "/" if path else ""
    return {at[len(start):]: file for at, file in files.items() if at.startswith(start)}

# Whether one of `links` is at `target`, below it or above it: then not all is known of what is there.
def _has_link_near(links, target, path):
    for other in links:
        if other == path:
            continue
        if not target or other == target or other.startswith(target + "/") or target.startswith(other + "/"):
            return True
    return False

def _add(entries, files, path, file, link_path):
    there = files.get(path)
    if there and there != file:
        fail("%s: the link %s brings another file to %s than %s, which is there" %
             (entries[link_path].origin, link_path, path, there.owner))
    files[path] = file

def _follow(entries, files, links):
    """One round: links to what is known become that. Answers the others."""
    left = {}
    for path, link in links.items():
        target = _led_to(path, link)
        if target == None:
            fail("%s: the link %s leads out of the tree, to \"%s\"; a directory of the build has no such links" %
                 (entries[path].origin, path, link))
        found = {} if _has_link_near(links, target, path) else _found(files, target)
        if not found:
            left[path] = link
        for below, file in found.items():
            _add(entries, files, path + "/" + below if below else path, file, path)
    return left

def _files_of(entries):
    files = {path: entry.file for path, entry in entries.items() if entry.file}
    links = {path: entry.link for path, entry in entries.items() if entry.link}
    for _ in range(_MAX_LINKS):
        left = _follow(entries, files, links) if links else {}
        if len(left) == len(links):
            break
        links = left
    for path, link in links.items():
        fail("%s: the link %s leads to \"%s\", where no file of the tree is, or in a circle" %
             (entries[path].origin, path, link))
    return files

def _pkg_tree_impl(ctx):
    tree = ctx.actions.declare_directory(ctx.attr.out or ctx.label.name)
    files = _files_of(pkg_contents(ctx.attr.srcs))
    materialize_tree_action(
        ctx,
        name = ctx.label.name,
        dst = tree,
        include_external_repositories = ["**"],
        places = [struct(file = file, path = path) for path, file in files.items()],
        hardlink = ctx.attr.hardlink,
        methods = ctx.attr.methods,
    )
    return [DefaultInfo(files = depset([tree]), runfiles = ctx.runfiles(files = [tree]))]

pkg_tree = rule(
    implementation = _pkg_tree_impl,
    attrs = {
        "hardlink": attr.string(
            doc = "As in `materialize_tree`.",
            default = "auto",
            values = ["auto", "off", "on"],
        ),
        "methods": attr.string_list(
            doc = "As in `materialize_tree`.",
        ),
        "out": attr.string(
            doc = "The output directory, relative to this package. Empty means the target's name.",
        ),
        "srcs": PKG_SRCS,
    },
    doc = "The files of rules_pkg's targets as one directory (a TreeArtifact).",
    toolchains = MATERIALIZE_TOOLCHAINS,
)
