// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// s3cmd's sync where both sides are local: what is new comes, what differs is
// replaced file by file, what is gone goes last, equal contents are kept once.

#include <cstdint>
#include <filesystem>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "materialize/materialize.h"
#include "scene.h"

namespace {

using materialize::Into;
using materialize::Materialize;
using materialize::Method;
using materialize::Outcome;
using materialize::Progress;
using materialize::RealSys;
using materialize::Report;
using materialize::Request;

// What files with equal contents may share: space on the disk until one of them
// is written, or, where that is all the filesystem has, an inode. Of two sides
// on one filesystem the source's file may be that inode.
enum class Share { kNothing, kSpace, kInodes };

struct SyncOptions {
  bool remove = false;  // what the source does not have
  std::optional<int64_t> max_delete = {};
  Share share = Share::kNothing;
  bool dry_run = false;
  std::vector<std::string> exclude = {};
};

// Files that cannot be had do not stop the rest: Report::partial() says so. A
// full disk does, and is an error. `progress` hears of every file, also of a
// dry run.
absl::StatusOr<Report> Sync(const std::string& source,
                            const std::string& destination,
                            const SyncOptions& options = {},
                            Progress* progress = nullptr) {
  Request request;
  request.source = source;
  request.destination = destination;
  request.into = Into::kMerge;
  request.methods = {Method::kReflink, Method::kCopy};
  if (options.share == Share::kInodes)
    request.methods = {Method::kReflink, Method::kHardlink, Method::kCopy};
  request.dedupe = options.share != Share::kNothing;
  request.deletion = {.enabled = options.remove, .limit = options.max_delete};
  request.exclude = options.exclude;
  request.dry_run = options.dry_run;
  return Materialize(request, RealSys(), progress);
}

// --- Shown ------------------------------------------------------------------

// Says what happens to each file. Workers call it at the same time.
class Lister final : public Progress {
 public:
  explicit Lister(const Scene& scene) : scene_(scene) {}
  bool wants_entries() const override { return true; }
  void Placed(int /*worker*/, const Outcome& outcome) override {
    if (outcome.how == materialize::How::kDirectory) return;
    const std::lock_guard<std::mutex> lock(mutex_);
    scene_.Say(
        absl::StrCat(materialize::HowName(outcome.how), " ", outcome.directory,
                     outcome.directory.empty() ? "" : "/", outcome.name));
  }

 private:
  const Scene& scene_;
  std::mutex mutex_;
};

// All that a summary needs is in the report.
void Tell(const Scene& scene, const Report& report) {
  scene.Say(absl::StrCat(report.files() - report.unchanged.files, " placed, ",
                         report.unchanged.files, " unchanged, ", report.deleted,
                         " deleted; ", report.duplicates.files,
                         " duplicates share ", report.duplicates.bytes,
                         " bytes; ", report.failures.size(), " failed"));
  for (const std::string& line : materialize::DowngradeText(report))
    scene.Say(line);
  for (const materialize::Warning& warning : report.warnings)
    scene.Say(warning.text);
  for (const materialize::Failure& failure : report.failures)
    scene.Say(absl::StrCat(failure.path, ": ", failure.text));
}

// A failure leaves an empty report, which no expectation likes.
Report Told(Scene& scene, const absl::StatusOr<Report>& report,
            absl::string_view what) {
  scene.ExpectOk(report.status(), what);
  if (!report.ok()) return {};
  Tell(scene, *report);
  return *report;
}

void ShowSync(Scene& scene, const std::string& from, const std::string& to) {
  WriteFile(from + "/log.1", "Monday's log", 1500000000);
  WriteFile(from + "/log.2", "Tuesday's log", 1500000000);
  WriteFile(from + "/part.tmp", "not this one");
  const SyncOptions options = {.exclude = {"*.tmp"}};
  const Report first = Told(scene, Sync(from, to, options), "a first sync");
  scene.Expect(
      first.files() == 2 && Exists(to + "/log.2") && !Exists(to + "/part.tmp"),
      "brings all but what is excluded");
  const Report second = Told(scene, Sync(from, to, options), "a second sync");
  scene.Expect(second.unchanged.files == 2, "has nothing to do");
}

void ShowSharing(Scene& scene, const std::string& from, const std::string& to) {
  const char* const what = "equal contents are kept once";
  if (!scene.has_elsewhere()) {
    scene.Skip(what, "$ELSEWHERE is no other filesystem");
    return;
  }
  WriteFile(from + "/old/log.1", "Monday's log", 1500000000);
  WriteFile(from + "/old/copy", "Monday's log", 1500000000);
  const Report report = Told(
      scene, Sync(from, to, {.share = Share::kInodes, .exclude = {"*.tmp"}}),
      what);
  scene.Expect(report.duplicates.files == 2 && report.duplicates.bytes == 24,
               "two new files share what was there");
}

void ShowDeletion(Scene& scene, const std::string& from,
                  const std::string& to) {
  SyncOptions options = {.remove = true, .exclude = {"*.tmp"}};
  WriteFile(from + "/log.2", "Wednesday's log", 1600000000);
  WriteFile(to + "/stale/one", "1");
  WriteFile(to + "/stale/two", "2");
  Lister lister(scene);
  options.dry_run = true;
  const Report told =
      Told(scene, Sync(from, to, options, &lister), "a dry run tells");
  scene.Expect(told.deleted == 3 && Exists(to + "/stale/one") &&
                   ReadFile(to + "/log.2") == "Tuesday's log",
               "what would be replaced and deleted, and does neither");

  options.dry_run = false;
  options.max_delete = 2;
  const Report limited = Told(scene, Sync(from, to, options),
                              "where more would go than is allowed");
  scene.Expect(limited.partial() && Exists(to + "/stale/two"),
               "nothing is deleted, and the report says so");
  scene.Expect(ReadFile(to + "/log.2") == "Wednesday's log",
               "the rest is done");

  options.max_delete = 3;
  const Report done = Told(scene, Sync(from, to, options), "allowed to");
  scene.Expect(done.deleted == 3 && !done.partial() && !Exists(to + "/stale"),
               "it deletes as many as were foretold");
}

void ShowErrors(Scene& scene, const std::string& to) {
  const std::string empty = scene.Here("empty");
  std::filesystem::create_directory(empty);
  scene.ExpectError(Sync(empty, to, {.remove = true}).status(),
                    absl::StatusCode::kFailedPrecondition,
                    "an empty source does not empty the destination");
  scene.Expect(Exists(to + "/log.1"), "all is there still");
}

}  // namespace

int main() {
  Scene scene;
  // Far away, as a bucket would be.
  const std::string from =
      scene.has_elsewhere() ? scene.Elsewhere("from") : scene.Here("from");
  const std::string to = scene.Here("to");
  ShowSync(scene, from, to);
  ShowSharing(scene, from, to);
  ShowDeletion(scene, from, to);
  ShowErrors(scene, to);
  return scene.End();
}
