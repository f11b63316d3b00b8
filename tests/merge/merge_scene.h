// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// A tree that is there and one that is to come over it, in which everything
// that a merge does has to be done; and the questions that every interruption
// leaves.

#ifndef MATERIALIZE_TESTS_MERGE_MERGE_SCENE_H_
#define MATERIALIZE_TESTS_MERGE_MERGE_SCENE_H_

#include <string>
#include <string_view>
#include <vector>

#include "materialize/materialize.h"
#include "tests/merge/entries.h"
#include "tests/testing/temp_dir.h"

namespace materialize {

// One way to merge, for the library and for the command alike.
struct MergeWay {
  const char* name;
  std::vector<Method> methods = {};
  bool delay_updates = false;
  bool dedupe = false;
  bool units = false;  // from a manifest of tags=unit directories
  bool hardlinks = false;
};

class MergeScene {
 public:
  MergeScene(std::string_view place, const MergeWay& way);

  const std::string& source() const { return source_; }
  const std::string& destination() const { return destination_; }
  const TempDir& dir() const { return dir_; }

  // The old tree, and nothing beside it.
  void Prepare() const;
  // By one worker, with all that is surplus deleted.
  Request MakeRequest() const;
  // The command's words for the same.
  std::vector<std::string> Words() const;

  // Expects the source as it was, every file of the destination old or new and
  // every unit as a whole, and with delay_updates no update before all that is
  // new. Answers whether anything is new already.
  bool ExpectOldOrNew() const;
  // Expects the source's tree in the destination, and nothing beside it.
  void ExpectDone() const;
  // Expects what is not told of in `failures`, nor above or below it, to be
  // new, and the rest old or new.
  void ExpectDoneBut(const std::vector<Failure>& failures) const;

 private:
  void ExpectWhole(const Entries& now) const;
  void ExpectUnitsWhole(const Entries& now) const;
  void ExpectUpdatesLast(const Entries& now) const;

  TempDir dir_;
  const MergeWay way_;
  const std::string source_;
  const std::string destination_;
  std::string source_text_;
  std::string done_text_;
  Entries before_;
  Entries after_;
};

}  // namespace materialize

#endif  // MATERIALIZE_TESTS_MERGE_MERGE_SCENE_H_
