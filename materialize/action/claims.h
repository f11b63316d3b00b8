// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// Which sources want which places: a directory is laid out as a whole only
// where nobody else has anything.

#ifndef MATERIALIZE_ACTION_CLAIMS_H_
#define MATERIALIZE_ACTION_CLAIMS_H_

#include <cstddef>
#include <map>
#include <string>

#include "absl/strings/string_view.h"

namespace materialize {

class Claims {
 public:
  // Of a file, or of a directory with everything below it.
  void Add(const std::string& place) { ++places_[place]; }
  // Of a directory whose files may go anywhere.
  void AddAnywhere() { anywhere_ = true; }

  // Whether `place`, which was added, is nobody else's, and neither is anything
  // below or a directory above it.
  bool IsAlone(const std::string& place) const;

 private:
  std::map<std::string, size_t, std::less<>> places_;
  bool anywhere_ = false;
};

}  // namespace materialize

#endif  // MATERIALIZE_ACTION_CLAIMS_H_
