// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// RomM's link_or_copy_file: one file into a library of its own. A hardlink
// where there can be one, else a copy; whatever file was there is replaced in
// one step.

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "materialize/materialize.h"
#include "scene.h"

namespace {

using materialize::Compare;
using materialize::Into;
using materialize::Materialize;
using materialize::Method;
using materialize::Report;
using materialize::Request;

// What is only read may share its inode; what will be written in place (covers
// are resized) must not.
enum class Use { kRead, kWrite };

struct Placed {
  Method method = Method::kHardlink;
  bool is_unchanged = false;  // it was there already
  std::string why;            // it is a copy, where a link was wished
};

// Missing parents of `destination` are made; they stay away when it fails.
absl::StatusOr<Placed> LinkOrCopyFile(const std::string& source,
                                      const std::string& destination,
                                      Use use = Use::kRead) {
  Request request;
  request.source = source;
  request.destination = destination;
  request.into = Into::kMerge;
  // A file of the same size and time may still be another edition.
  request.compare = Compare::kContent;
  request.methods = {Method::kHardlink, Method::kReflink, Method::kCopy};
  if (use == Use::kWrite) request.private_entries = {"**"};

  const absl::StatusOr<Report> report = Materialize(request);
  if (!report.ok()) return report.status();
  // Of many files one may fail and the rest go on; here it is the only one.
  if (report->partial())
    return absl::UnknownError(report->failures.front().text);

  Placed placed;
  placed.is_unchanged = report->unchanged.files == 1;
  for (const Method method : materialize::kAllMethods)
    if (report->of(method).files == 1) placed.method = method;
  if (!report->downgrades.empty()) placed.why = report->downgrades[0].reason;
  return placed;
}

// --- Shown ------------------------------------------------------------------

// "hardlinked", and why not where it is not.
std::string Text(const Placed& placed) {
  if (placed.is_unchanged) return "unchanged";
  std::string text(materialize::MethodDone(placed.method));
  return placed.why.empty() ? text : text + ": " + placed.why;
}

void Told(Scene& scene, const absl::StatusOr<Placed>& placed,
          absl::string_view what) {
  scene.ExpectOk(placed.status(), what);
  if (placed.ok()) scene.Say(Text(*placed));
}

void ShowLinks(Scene& scene) {
  const std::string rom = scene.Here("roms/game.rom");
  const std::string to = scene.Here("library/new/game.rom");
  WriteFile(rom, "2nd edition", 1500000000);
  WriteFile(to, "1st edition", 1500000000);
  Told(scene, LinkOrCopyFile(rom, to), "over a file that is there");
  scene.Expect(IsOneInode(rom, to), "both names are one inode");
  const absl::StatusOr<Placed> again = LinkOrCopyFile(rom, to);
  Told(scene, again, "a second time");
  scene.Expect(again.ok() && again->is_unchanged, "there is nothing to do");
}

void ShowCovers(Scene& scene) {
  const std::string cover = scene.Here("roms/cover.png");
  const std::string to = scene.Here("library/cover.png");
  WriteFile(cover, "large");
  Told(scene, LinkOrCopyFile(cover, to), "a cover");
  Told(scene, LinkOrCopyFile(cover, to, Use::kWrite),
       "is made a file of its own when it is to be resized");
  WriteFile(to, "small");
  scene.Expect(ReadFile(cover) == "large", "resizing leaves the source alone");
}

void ShowFilesystems(Scene& scene) {
  const char* const what = "from another filesystem it is copied";
  if (!scene.has_elsewhere()) {
    scene.Skip(what, "$ELSEWHERE is no other filesystem");
    return;
  }
  const std::string rom = scene.Elsewhere("game.rom");
  WriteFile(rom, "from far away");
  const absl::StatusOr<Placed> placed =
      LinkOrCopyFile(rom, scene.Here("library/far.rom"));
  Told(scene, placed, what);
  scene.Expect(placed.ok() && placed->method == Method::kCopy &&
                   ReadFile(scene.Here("library/far.rom")) == "from far away",
               "whole, and said to be a copy");
}

void ShowErrors(Scene& scene) {
  scene.ExpectError(
      LinkOrCopyFile(scene.Here("none.rom"), scene.Here("other/none.rom"))
          .status(),
      absl::StatusCode::kNotFound, "a missing source is an error of its own");
  scene.Expect(!Exists(scene.Here("other")), "and makes no folder");
}

}  // namespace

int main() {
  Scene scene;
  ShowLinks(scene);
  ShowCovers(scene);
  ShowFilesystems(scene);
  ShowErrors(scene);
  return scene.End();
}
