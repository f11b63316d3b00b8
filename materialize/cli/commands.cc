// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0

#include "materialize/cli/commands.h"

namespace materialize::cli {
namespace {

constexpr Command kCommands[] = {
    {
        kPlace,
        "place",
        "Lay out a tree by reflink, hardlink or copy.",
        {
            {"SRC DST", "SRC is a directory or a file; DST names the result"},
            {"--manifest=FILE DST", "what an mtree(5) manifest lists"},
        },
        "DST appears whole or not at all, and no file of SRC is changed. Each "
        "file comes by the first of --methods that works between the two "
        "mounts; what does not work is tried once and remembered.",
        {
            "materialize place ~/.cache/mirror build/mirror",
            "materialize place --into=swap --methods=reflink --exclude=.git "
            "src work",
        },
        "0 done; 1 failed, DST is as it was; 2 usage; 4 partial, some entries "
        "failed or were missing; 130 interrupted, DST is as it was",
    },
    {
        kProbe,
        "probe",
        "Show what a pair of directories can do, tried for real and timed.",
        {
            {"[SRC] DST", "two directories; one stands for both"},
            {"", ""},
        },
        "Tries every method with files that have no name in SRC, or with a "
        "file of SRC where that is not possible, and leaves nothing behind.",
        {
            "materialize probe ~/.cache/mirror build",
            "materialize probe --report=- /srv",
        },
        "0 done; 1 failed; 2 usage; 130 interrupted",
    },
    {
        kVerify,
        "verify",
        "Compare a tree with a manifest of it.",
        {
            {"MANIFEST DST",
             "an mtree(5), a list of sha256sum(1), or a yarn.lock; DST is the "
             "tree, or the offline mirror"},
            {"", ""},
        },
        "Prints one line for each difference, in mtree(8)'s words, wanted "
        "before found. What MANIFEST says of an entry is compared, nothing "
        "else. What it does not list is a difference for an mtree(5) only. No "
        "symlink below DST is followed, and no file is read that has no digest "
        "in MANIFEST.",
        {
            "materialize verify mirror.mtree build/mirror",
            "materialize verify --quiet yarn.lock ~/.cache/mirror",
        },
        "0 equal; 1 failed, or something could not be looked at; 2 usage; 3 "
        "different; 130 interrupted",
    },
};

}  // namespace

absl::Span<const Command> Commands() { return kCommands; }

const Command* FindCommand(absl::string_view name) {
  for (const Command& command : kCommands) {
    if (command.name == name) return &command;
  }
  return nullptr;
}

}  // namespace materialize::cli
