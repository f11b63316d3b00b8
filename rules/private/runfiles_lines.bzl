# SPDX-FileCopyrightText: 2026 The materialize authors
# SPDX-License-Identifier: Apache-2.0
#
# The runfiles of a program as lines of a manifest: beside the program, where it looks for them. Nothing is flattened:
# a program may have a hundred thousand.

load(":mtree.bzl", "source_words", "vis")

_EXTERNAL = "../"

# Each answers one line without its beginning, which format_each adds, or None for what the other one takes.

def _main_line(file):
    if file.short_path.startswith(_EXTERNAL):
        return None
    return vis(file.short_path) + " " + source_words(file)

def _external_line(file):
    if not file.short_path.startswith(_EXTERNAL):
        return None
    return vis(file.short_path[len(_EXTERNAL):]) + " " + source_words(file)

def _main_empty(path):
    return None if path.startswith(_EXTERNAL) else vis(path) + " type=file size=0"

def _external_empty(path):
    return vis(path[len(_EXTERNAL):]) + " type=file size=0" if path.startswith(_EXTERNAL) else None

def _link_line(entry):
    return vis(entry.path) + " " + source_words(entry.target_file)

# In what format_each takes "%%" stays what it is, but mtree(5) has another way.
def _format(text):
    return text.replace("%", "\\045")

def add_runfiles(lines, runfiles, workspace, program):
    """Adds a program's runfiles to a manifest.

    Args:
        lines: An Args, one line each.
        runfiles: Of the program.
        workspace: The main repository's name in runfiles.
        program: Where the program will be, below the destination.
    """
    root = "./" + _format(vis(program + ".runfiles")) + "/"
    main = root + _format(vis(workspace)) + "/"
    for prefix, of_file, of_empty, links in [
        (main, _main_line, _main_empty, runfiles.symlinks),
        (root, _external_line, _external_empty, runfiles.root_symlinks),
    ]:
        form = prefix + "%s"
        lines.add_all(runfiles.files, map_each = of_file, format_each = form, expand_directories = False)
        lines.add_all(runfiles.empty_filenames, map_each = of_empty, format_each = form)
        lines.add_all(links, map_each = _link_line, format_each = form, expand_directories = False)
