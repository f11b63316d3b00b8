# SPDX-FileCopyrightText: 2026 The materialize authors
# SPDX-License-Identifier: Apache-2.0
#
# Lines of the mtree(5) manifest that an installer hands to the command: paths below the destination, and content=
# relative to the main repository's folder in the runfiles, as short_path is.

_ESCAPED = [
    ("\\", "\\134"),
    (" ", "\\040"),
    ("#", "\\043"),
    ("*", "\\052"),
    ("?", "\\077"),
    ("[", "\\133"),
    ("\t", "\\011"),
    ("\n", "\\012"),
    ("\r", "\\015"),
]

def vis(text):
    """A name as vis(3) writes it. Bytes that are not ASCII stand for themselves.

    Args:
        text: The name.

    Returns:
        The same without blanks and what else means something in a manifest.
    """
    for byte, escape in _ESCAPED:
        text = text.replace(byte, escape)
    return text

def path_word(path):
    """The first word of a line, for a path below the destination; "" is the destination itself."""
    return "./" + vis(path) if path else "."

def source_words(file):
    """The words behind the path, for a File, or a directory (TreeArtifact) with all that is in it."""
    return "type=%s content=%s" % ("dir" if file.is_directory else "file", vis(file.short_path))

def directory_words(mode):
    """The words behind the path, for an empty directory."""
    return "type=dir mode=" + (mode or "0755")

def link_words(target):
    """The words behind the path, for a symlink that is kept as it is."""
    return "type=link link=" + vis(target)
