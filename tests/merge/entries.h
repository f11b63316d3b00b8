// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// A tree that somebody is at work in, entry by entry: what each shows, and
// whether it is the old one or the new one.

#ifndef MATERIALIZE_TESTS_MERGE_ENTRIES_H_
#define MATERIALIZE_TESTS_MERGE_ENTRIES_H_

#include <map>
#include <string>
#include <vector>

namespace materialize {

// By path relative to the root; the root itself is not in it.
using Entries = std::map<std::string, std::string>;

// Kind, and of files mode, mtime and content, of symlinks the target; of
// directories nothing more. What has the prefix of our temporaries is left out.
Entries EntriesOf(const std::string& root);

// Every path at which `now` shows neither `before` nor `after`, or nothing
// though both have something: one line each. A file that must become a
// directory, or the other way round, may be on its way.
std::vector<std::string> Harmed(const Entries& now, const Entries& before,
                                const Entries& after);

// Inode, ctime, mtime, mode, size and links of all that is below `root`, and of
// the root: what changes when anything is written.
std::string Identities(const std::string& root);

// Paths below `root`, and names beside it, that begin with the prefix of our
// temporaries.
std::vector<std::string> AllLeftovers(const std::string& root);

}  // namespace materialize

#endif  // MATERIALIZE_TESTS_MERGE_ENTRIES_H_
