// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// Lists entry by entry what was done, for people and in the JSON report.

#ifndef MATERIALIZE_CLI_ENTRIES_H_
#define MATERIALIZE_CLI_ENTRIES_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "materialize/cli/files.h"
#include "materialize/entry_log.h"

namespace materialize::cli {

// What of the entries goes where. Null pointers: not there.
struct Listing {
  EntryLog* log = nullptr;
  Output* lines = nullptr;  // a line per entry
  Output* json = nullptr;   // `report`, with "entries" as its last member
};

// Writes `report`, a JSON object, to listing.json; with the entries where there
// is a log and `with_entries`.
absl::Status TellEntries(const Listing& listing, const std::string& report,
                         bool with_entries);

// With --check: a line for each entry that differs; answers how many do.
absl::StatusOr<int64_t> TellDifferences(EntryLog& log, Output* people);

}  // namespace materialize::cli

#endif  // MATERIALIZE_CLI_ENTRIES_H_
