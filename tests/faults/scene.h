// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// One source and one destination in a directory of their own, and the questions
// that every fault leaves: is the source as it was, is anything left behind, is
// every descriptor closed?

#ifndef MATERIALIZE_TESTS_FAULTS_SCENE_H_
#define MATERIALIZE_TESTS_FAULTS_SCENE_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "materialize/materialize.h"
#include "tests/testing/temp_dir.h"

namespace materialize {

// Names in `directory` that begin with the prefix of all stagings.
std::vector<std::string> Leftovers(const std::string& directory);

// Name, ctime and link count of everything below `root`: what no placement but
// a hardlink may change.
std::string Ctimes(const std::string& root);

int OpenDescriptors();

class Scene {
 public:
  // `place`: a directory of the filesystem that is wanted, "" for any. The
  // source is what `tree` describes.
  Scene(std::string_view place, std::string_view tree);

  std::string source() const { return dir_ / "from"; }
  // Its parent is missing until a run makes it.
  std::string destination() const { return dir_ / "made/parent/to"; }
  const TempDir& dir() const { return dir_; }

  // From source() to destination() by one worker, so that the order of calls is
  // always the same.
  Request RequestBy(std::vector<Method> methods) const;
  absl::StatusOr<Report> Run(Sys& sys, std::vector<Method> methods) const;

  // Expects the source as it was when the scene was set; with kSame also the
  // ctimes.
  enum class Times { kSame, kLinked };
  void ExpectSourceUntouched(Times times) const;
  // Expects that there is nothing but the source: no made parent, no staging,
  // no open descriptor.
  void ExpectNothingLeft() const;
  // Expects the whole tree in its place and nothing beside it.
  void ExpectPlaced() const;
  // Takes the destination and its parents away for the next run.
  void Clear() const;

 private:
  TempDir dir_;
  std::string tree_;
  std::string ctimes_;
  int descriptors_;
};

}  // namespace materialize

#endif  // MATERIALIZE_TESTS_FAULTS_SCENE_H_
