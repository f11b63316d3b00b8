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
        "0 done; 1 failed or 130 interrupted: DST is as it was, but for merge, "
        "which keeps what is in place by then, and where the error says that "
        "the files are in their place; 2 usage; 3 --check found differences; 4 "
        "partial, some entries failed or were missing",
    },
    {
        kMove,
        "move",
        "Move a file or a tree, also to another filesystem.",
        {
            {"SRC DST", "DST names the result; missing parents are made"},
            {"", ""},
        },
        "On one filesystem it is one rename. Across filesystems DST is laid "
        "out with all that SRC has (owners, hardlinks, extended attributes, "
        "ACLs), synced and renamed into place; only then is SRC removed, as "
        "far as it is what was copied: what changed or came meanwhile stays. "
        "Whatever goes wrong, SRC or DST is whole; what was killed is "
        "finished by the next run. A symlink named as SRC is moved itself. "
        "Nothing that is there is replaced, but an empty directory by a "
        "directory.",
        {
            "materialize move build/out /srv/releases/7",
            "materialize move --fork=symlink ~/disk.img /mnt/big/disk.img",
        },
        "0 done, or SRC and DST are one inode; 1 failed, SRC is whole (or the "
        "error says that the move is done); 2 usage; 4 DST is whole, but "
        "something of SRC is left, and what to do is told; 130 interrupted, "
        "SRC is whole",
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
             "an mtree(5), a list by sha256sum(1), or a yarn.lock of DST"},
            {"", ""},
        },
        "Prints one line for each difference, in mtree(8)'s words, wanted "
        "before found. What MANIFEST says of an entry is compared, nothing "
        "else; of a yarn.lock, DST is the offline mirror. What it does not "
        "list is a difference for an mtree(5) only. No "
        "symlink below DST is followed, and no file is read that has no digest "
        "in MANIFEST.",
        {
            "materialize verify mirror.mtree build/mirror",
            "materialize verify --quiet yarn.lock ~/.cache/mirror",
        },
        "0 equal; 1 failed, or something could not be looked at; 2 usage; 3 "
        "different; 130 interrupted",
    },
    {
        kUninstall,
        "uninstall",
        "Take away what a receipt names, as far as it is unchanged.",
        {
            {"RECEIPT DST", "an mtree(5) of DST, as place --receipt writes it"},
            {"", ""},
        },
        "A file goes if it has the digest that RECEIPT names; without one, its "
        "size and time; a symlink, its target. What was changed stays, and is "
        "told. What RECEIPT does not name is never touched. A directory that "
        "it names goes when nothing is left in it; DST itself stays. No "
        "symlink below DST is followed and nothing that is mounted there is "
        "entered. What is gone already is counted, so that the same command "
        "again finishes what was interrupted.",
        {
            "materialize uninstall /var/lib/tool.mtree /usr/local",
            "materialize uninstall --dry_run tool.mtree ~/.local",
        },
        "0 done; 1 failed, nothing was removed; 2 usage; 4 partial, something "
        "was changed or could not be removed, and stays; 130 interrupted, the "
        "same command again does the rest",
    },
    {
        kStatus,
        "status",
        "Tell which entries of a tree are a cache's, and what was changed.",
        {
            {"DST --cache=DIR", "DST was laid out from the cache DIR"},
            {"", ""},
        },
        "Prints JSON: files, links with the entry of the cache that each is, "
        "linked directories; with --against also what is modified, missing and "
        "added since. The summary goes to standard error. With --report=FILE "
        "the JSON goes there, and a list for people to standard output. No "
        "symlink is followed out of DST, and only regular files are opened.",
        {
            "materialize status --cache=~/.cache/mirror build/mirror",
            "materialize status --cache=/srv/cache --against=m.mtree "
            "--checksum --repair m",
        },
        "0 nothing modified nor missing, or all repaired; 1 failed; 2 usage; 3 "
        "something modified or missing; 4 something could not be repaired; 130 "
        "interrupted",
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
