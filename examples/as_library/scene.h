// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// What the programs here show themselves with: a folder for their trees, files
// made and looked at, facts said aloud. Nothing of the library; not to copy.

#ifndef AS_LIBRARY_SCENE_H_
#define AS_LIBRARY_SCENE_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

class Scene {
 public:
  // Makes a folder below $TMPDIR (or /tmp), and one below $ELSEWHERE (or
  // /dev/shm) if that is another filesystem; both go with the scene.
  Scene();
  ~Scene();
  Scene(const Scene&) = delete;
  Scene& operator=(const Scene&) = delete;

  // An absolute path below the folder.
  std::string Here(absl::string_view path) const;
  // On the other filesystem, if there is one.
  std::string Elsewhere(absl::string_view path) const;
  bool has_elsewhere() const { return !elsewhere_.empty(); }

  void Say(absl::string_view text) const;
  // Says it, and remembers if it is not so.
  void Expect(bool is_so, absl::string_view what);
  void ExpectOk(const absl::Status& status, absl::string_view what);
  // An error is what is wanted; its text is shown.
  void ExpectError(const absl::Status& status, absl::StatusCode code,
                   absl::string_view what);
  void Skip(absl::string_view what, absl::string_view why);

  // Prints a sum. The exit code of a program.
  int End() const;

 private:
  // Without the folder's own name, which is another one each time.
  std::string Short(absl::string_view text) const;

  std::string here_;
  std::string elsewhere_;
  int passed_ = 0;
  int failed_ = 0;
  int skipped_ = 0;
};

// Parents are made; mtime is the time of writing, or `seconds` since 1970.
void WriteFile(const std::string& path, absl::string_view text,
               long seconds = 0);
// "" where there is none.
std::string ReadFile(const std::string& path);
bool Exists(const std::string& path);
bool IsOneInode(const std::string& a, const std::string& b);
bool IsSymlinkTo(const std::string& path, const std::string& target);

#endif  // AS_LIBRARY_SCENE_H_
