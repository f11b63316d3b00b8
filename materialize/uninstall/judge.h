// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// Whether an entry still is what its receipt says. Changes nothing, and when in
// doubt it was changed: what is judged the same is going to be removed.

#ifndef MATERIALIZE_UNINSTALL_JUDGE_H_
#define MATERIALIZE_UNINSTALL_JUDGE_H_

#include <atomic>
#include <cstdint>
#include <string>

#include "materialize/exec/rename.h"
#include "materialize/os/sys.h"
#include "materialize/plan/mtree.h"

namespace materialize {

enum class Sight : uint8_t { kSame, kChanged, kGone, kUnknown };

struct Judgement {
  Sight sight = Sight::kUnknown;
  std::string why = {};  // of kChanged: a clause; of kUnknown: the error's text
  Stat facts = {};       // of kSame and kChanged
};

class Judge {
 public:
  // `grain`: the step of the destination's times (verify/compare.h). `cancel`
  // may be null.
  Judge(Sys& sys, int64_t grain, const std::atomic<bool>* cancel)
      : sys_(sys), grain_(grain), cancel_(cancel) {}

  // `said` is of no directory; `path` is what people call it.
  Judgement Look(const NameIn& at, const MtreeEntry& said,
                 const std::string& path);

  int64_t files_read() const { return files_read_; }
  int64_t bytes_read() const { return bytes_read_; }

 private:
  void LookAtFile(const NameIn& at, const MtreeEntry& said,
                  const std::string& path, Judgement* judgement);
  void LookAtLink(const NameIn& at, const MtreeEntry& said,
                  const std::string& path, Judgement* judgement);
  void Read(const NameIn& at, const MtreeEntry& said, const std::string& path,
            Judgement* judgement);

  Sys& sys_;
  const int64_t grain_;
  const std::atomic<bool>* cancel_;
  int64_t files_read_ = 0;
  int64_t bytes_read_ = 0;
};

}  // namespace materialize

#endif  // MATERIALIZE_UNINSTALL_JUDGE_H_
