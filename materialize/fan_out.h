// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// Several watchers of one run, behind one Progress.

#ifndef MATERIALIZE_FAN_OUT_H_
#define MATERIALIZE_FAN_OUT_H_

#include <vector>

#include "materialize/progress.h"

namespace materialize {

// Passes everything on; entries only to those who want them. Watchers are not
// owned, are added before the run, and outlive it.
class FanOut : public Progress {
 public:
  void Add(Progress* watcher) {  // null is nobody
    if (watcher == nullptr) return;
    watchers_.push_back(watcher);
    if (watcher->wants_entries()) readers_.push_back(watcher);
  }

  void Advanced(int worker, int64_t files, int64_t bytes) override {
    for (Progress* watcher : watchers_) watcher->Advanced(worker, files, bytes);
  }
  void Placed(int worker, const Outcome& outcome) override {
    for (Progress* reader : readers_) reader->Placed(worker, outcome);
  }
  bool wants_entries() const override { return !readers_.empty(); }
  bool empty() const { return watchers_.empty(); }

 private:
  std::vector<Progress*> watchers_;
  std::vector<Progress*> readers_;
};

}  // namespace materialize

#endif  // MATERIALIZE_FAN_OUT_H_
