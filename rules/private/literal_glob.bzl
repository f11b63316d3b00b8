# SPDX-FileCopyrightText: 2026 The materialize authors
# SPDX-License-Identifier: Apache-2.0
#
# Paths where the command reads globs.

def literal_glob(path):
    """The glob that matches this path alone."""
    for special in ["\\", "*", "?", "[", "{"]:
        path = path.replace(special, "\\" + special)
    return path
