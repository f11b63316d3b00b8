// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// What each errno of each system call of each method leads to, at the first,
// the middle and the last file. The tables say what must happen, whatever the
// code's own tables say.

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/faults/scene.h"
#include "tests/testing/faulty_sys.h"
#include "tests/testing/lab.h"
#include "tests/testing/status_matchers.h"

namespace materialize {
namespace {

using ::testing::AllOf;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

// Large enough for copy_file_range on xfs.
constexpr char kTree[] = R"(
  first size=40K
  sub/middle 0755 size=40K
  sub/deep/last 0600 size=40K
)";

// With one worker they are placed in this order.
constexpr const char* kFiles[] = {"first", "sub/middle", "sub/deep/last"};
constexpr int64_t kFileCount = std::size(kFiles);

// Real: another method would only hide them. FACTS: never copy instead.
constexpr int kReal[] = {ENOSPC, EDQUOT, EIO,          ENOMEM, EROFS,
                         ENOENT, ELOOP,  ENAMETOOLONG, EISDIR, EBADF};
// Of the two mounts, or of the kernel: never again.
constexpr int kPair[] = {EXDEV, EOPNOTSUPP, ENOTTY, ENOSYS};

const std::vector<Method> kReflinkElseCopy = {Method::kReflink, Method::kCopy};
const std::vector<Method> kHardlinkElseCopy = {Method::kHardlink,
                                               Method::kCopy};
const std::vector<Method> kSymlinkElseCopy = {Method::kSymlink, Method::kCopy};

enum class Side { kSource, kTarget };

class ErrnoTest : public testing::Test {
 protected:
  // Reflinks need xfs, the rest runs there as well.
  void SetUp() override {
    REQUIRE_LAB("xfs");
    scene_.emplace(Lab("xfs"), kTree);
  }
  // Part of the path that only this side of the file has.
  std::string PathOf(const char* file, Side side) const {
    return absl::StrCat(side == Side::kSource ? "/from/" : "/tree/", file);
  }
  // "<call> a -> b: <strerror>".
  void ExpectSaid(const absl::Status& status, const char* call,
                  const char* file, int error) const {
    EXPECT_THAT(std::string(status.message()),
                StartsWith(absl::StrCat(call, " ", scene_->source(), "/", file,
                                        " -> ", scene_->destination(), "/",
                                        file, ": ", strerror(error))));
  }
  void ExpectFailure(const std::vector<Method>& methods, const char* call,
                     Side side, int error, const char* said,
                     Scene::Times times = Scene::Times::kSame,
                     void (*arm)(FaultySys&) = nullptr) const {
    for (const char* file : kFiles) {
      SCOPED_TRACE(absl::StrCat(call, " ", file, ": ", strerror(error)));
      FaultySys sys(RealSys());
      if (arm != nullptr) arm(sys);
      sys.Fail(call, error, {.path = PathOf(file, side)});
      const absl::StatusOr<Report> report = scene_->Run(sys, methods);
      ASSERT_FALSE(report.ok());
      ExpectSaid(report.status(), said, file, error);
      scene_->ExpectNothingLeft();
      scene_->ExpectSourceUntouched(times);
    }
  }

  std::optional<Scene> scene_;
};

// Rows C5, R2-R6: the methods that can be refused, and the errnos that refuse.
struct Refusal {
  const char* call;
  std::vector<Method> methods;
  Side side;
  std::vector<int> pair;
  std::vector<int> file;
};
const Refusal kRefusals[] = {
    {"CloneFile",
     kReflinkElseCopy,
     Side::kSource,
     {EXDEV, EOPNOTSUPP, ENOTTY, ENOSYS},
     {EINVAL, ETXTBSY, EAGAIN}},
    {"LinkAt",
     kHardlinkElseCopy,
     Side::kSource,
     {EXDEV, EOPNOTSUPP, ENOTTY, ENOSYS},
     {EPERM, EACCES, EMLINK}},
    {"SymlinkAt", kSymlinkElseCopy, Side::kTarget, {EPERM, EOPNOTSUPP}, {}},
};

// Rows C1, C3, C5, R2-R6.
TEST_F(ErrnoTest, ARefusedMethodIsFollowedByTheNext) {
  for (const Refusal& refusal : kRefusals) {
    for (size_t at = 0; at < std::size(kFiles); ++at) {
      const auto run = [&](int error, bool is_pair) {
        SCOPED_TRACE(
            absl::StrCat(refusal.call, " ", kFiles[at], ": ", strerror(error)));
        FaultySys sys(RealSys());
        sys.Fail(refusal.call, error,
                 {.path = PathOf(kFiles[at], refusal.side)});
        const absl::StatusOr<Report> report = scene_->Run(sys, refusal.methods);
        ASSERT_OK(report);
        // A pair that is known from its first file is never asked again.
        const bool known = is_pair && at == 0;
        EXPECT_EQ(report->of(Method::kCopy).files, known ? kFileCount : 1);
        EXPECT_EQ(report->of(refusal.methods[0]).files,
                  known ? 0 : kFileCount - 1);
        const int tries = error == EAGAIN ? 4 : 3;  // once more, not for ever
        EXPECT_EQ(sys.Calls(refusal.call), known ? 1 : tries);
        ASSERT_EQ(report->downgrades.size(), 1U);
        EXPECT_EQ(report->downgrades[0].error, error);
        EXPECT_EQ(report->downgrades[0].method, refusal.methods[0]);
        EXPECT_EQ(report->downgrades[0].used, Method::kCopy);
        EXPECT_EQ(report->downgrades[0].files, known ? kFileCount : 1);
        EXPECT_EQ(report->downgrades[0].example, kFiles[at]);
        EXPECT_THAT(Leftovers(scene_->dir() / "made/parent"), IsEmpty());
        scene_->ExpectSourceUntouched(Scene::Times::kLinked);
        scene_->Clear();
      };
      for (const int error : refusal.pair) run(error, true);
      for (const int error : refusal.file) run(error, false);
    }
  }
}

// Row C2: without a next method a refusal is an error, and nothing is left.
TEST_F(ErrnoTest, AnExactListFailsInsteadOfDowngrading) {
  for (const Refusal& refusal : kRefusals) {
    std::vector<int> errors = refusal.pair;
    errors.insert(errors.end(), refusal.file.begin(), refusal.file.end());
    for (const int error : errors) {
      for (const char* file : kFiles) {
        SCOPED_TRACE(
            absl::StrCat(refusal.call, " ", file, ": ", strerror(error)));
        FaultySys sys(RealSys());
        sys.Fail(refusal.call, error, {.path = PathOf(file, refusal.side)});
        const absl::StatusOr<Report> report =
            scene_->Run(sys, {refusal.methods[0]});
        ASSERT_FALSE(report.ok());
        ExpectSaid(report.status(),
                   std::string(MethodName(refusal.methods[0])).c_str(), file,
                   error);
        EXPECT_THAT(std::string(report.status().message()),
                    HasSubstr("--methods"));
        scene_->ExpectNothingLeft();
        scene_->ExpectSourceUntouched(Scene::Times::kLinked);
      }
    }
  }
}

// Rows C5, R7, R10.
TEST_F(ErrnoTest, ARealErrorIsToldAndNeverCopiedAround) {
  for (const int error : kReal) {
    ExpectFailure(kReflinkElseCopy, "CloneFile", Side::kSource, error,
                  "ficlone");
    ExpectFailure(kSymlinkElseCopy, "SymlinkAt", Side::kTarget, error,
                  "symlink");
  }
}

TEST_F(ErrnoTest, ARealErrorOfALinkIsToldAndNeverCopiedAround) {
  for (const int error : kReal) {
    ExpectFailure(kHardlinkElseCopy, "LinkAt", Side::kSource, error, "link",
                  Scene::Times::kLinked);
  }
}

struct Step {
  const char* call;
  Side side;
  const char* said;
  std::vector<int> more;  // beside the real ones
  void (*arm)(FaultySys&);
};
void WithoutCopyRange(FaultySys& sys) { sys.Fail("CopyRange", ENOSYS); }
void WithUmask(FaultySys& sys) { sys.Fail("ClearThreadUmask", EPERM); }
const Step kCopySteps[] = {
    {"OpenAt", Side::kSource, "open", {EACCES, EPERM, ENXIO}, nullptr},
    {"StatAt", Side::kSource, "stat", {EACCES}, nullptr},
    {"OpenAt", Side::kTarget, "create", {EACCES, EPERM, EEXIST}, nullptr},
    // Row H4: after one retry.
    {"CopyRange", Side::kSource, "copy_file_range", {EAGAIN, EFBIG}, nullptr},
    {"Read", Side::kSource, "read", {EAGAIN}, WithoutCopyRange},
    {"Write", Side::kTarget, "write", {EFBIG, EPERM}, WithoutCopyRange},
    {"ChangeMode", Side::kTarget, "chmod", {EPERM}, WithUmask},
    {"SetTimesAt", Side::kTarget, "utimensat", {EPERM, EACCES}, nullptr},
    {"Close", Side::kTarget, "close", {}, nullptr},
};

// Rows R7, R10, H4.
TEST_F(ErrnoTest, AnyStepOfACopyFailsTheRun) {
  for (const Step& step : kCopySteps) {
    std::vector<int> errors(std::begin(kReal), std::end(kReal));
    errors.insert(errors.end(), step.more.begin(), step.more.end());
    for (const int error : errors) {
      ExpectFailure({Method::kCopy}, step.call, step.side, error, step.said,
                    Scene::Times::kSame, step.arm);
    }
  }
}

// The steps that a reflink shares with a copy are real for it, too.
TEST_F(ErrnoTest, AStepOfAReflinkIsNoReasonToCopy) {
  for (const Step& step : kCopySteps) {
    const std::string_view call = step.call;
    if (step.arm == WithoutCopyRange || call == "CopyRange") continue;
    for (const int error : {EIO, ENOSPC, EROFS, EACCES}) {
      ExpectFailure(kReflinkElseCopy, step.call, step.side, error, step.said,
                    Scene::Times::kSame, step.arm);
    }
  }
}

// Rows H3, H14: read and write, for that file.
TEST_F(ErrnoTest, ARefusedCopyRangeIsReadAndWritten) {
  for (const int error :
       {ENOSYS, EXDEV, EOPNOTSUPP, ENOTTY, EINVAL, EPERM, ETXTBSY}) {
    for (const char* file : kFiles) {
      SCOPED_TRACE(absl::StrCat(file, ": ", strerror(error)));
      FaultySys sys(RealSys());
      sys.Fail("CopyRange", error, {.path = PathOf(file, Side::kSource)});
      ASSERT_OK_AND_ASSIGN(const Report report,
                           scene_->Run(sys, {Method::kCopy}));
      EXPECT_EQ(report.of(Method::kCopy).files, kFileCount);
      EXPECT_THAT(report.downgrades, IsEmpty());
      scene_->ExpectPlaced();
      scene_->ExpectSourceUntouched(Scene::Times::kSame);
      scene_->Clear();
    }
  }
}

// Row H4: once is not now.
TEST_F(ErrnoTest, NotNowIsAskedOnceMore) {
  for (const char* call : {"CloneFile", "CopyRange"}) {
    const Method method = std::string_view(call) == "CloneFile"
                              ? Method::kReflink
                              : Method::kCopy;
    for (const char* file : kFiles) {
      FaultySys sys(RealSys());
      sys.Fail(call, EAGAIN, {.count = 1, .path = PathOf(file, Side::kSource)});
      ASSERT_OK_AND_ASSIGN(const Report report,
                           scene_->Run(sys, {method, Method::kCopy}));
      EXPECT_EQ(report.of(method).files, kFileCount) << call << file;
      scene_->ExpectPlaced();
      scene_->Clear();
    }
  }
}

// A file's own refusals are the mount's way only when nothing ever worked, and
// permissions never are.
TEST_F(ErrnoTest, SeveralRefusalsInARowAreTheMounts) {
  std::string tree;
  for (int file = 0; file < 40; ++file)
    absl::StrAppend(&tree, "file", file, " \"x\"\n");
  const Scene scene(Lab("xfs"), tree);
  const auto calls = [&](const char* call, Method method, int error) {
    FaultySys sys(RealSys());
    sys.Fail(call, error);
    EXPECT_OK(scene.Run(sys, {method, Method::kCopy}));
    scene.Clear();
    return sys.Calls(call);
  };
  EXPECT_LT(calls("CloneFile", Method::kReflink, EINVAL), 20);
  EXPECT_LT(calls("LinkAt", Method::kHardlink, EPERM), 20);
  EXPECT_EQ(calls("LinkAt", Method::kHardlink, EACCES), 40);
  EXPECT_EQ(calls("LinkAt", Method::kHardlink, EMLINK), 40);
}

// Directories and kept links, where the message names what there is.
struct Other {
  const char* call;
  const char* path;
  const char* said;
  int count = When{}.count;
};
constexpr Other kOthers[] = {
    {"MakeDirectoryAt", "/tree/sub/deep", "mkdir DST/sub/deep"},
    {"OpenAt", "/from/sub/deep", "open SRC/sub/deep"},
    {"OpenAt", "/tree/sub", "open DST/sub", 1},  // it is removed after that
    {"StatAt", "/from/sub/deep", "stat SRC/sub/deep"},
    {"ReadDirectory", "/from/sub/deep", "list SRC/sub/deep"},
    {"SetTimesAt", "/tree/sub/deep", "utimensat DST/sub/deep"},
    {"ChangeMode", "/tree/sub/deep", "chmod DST/sub/deep"},
    {"ReadLinkAt", "/from/link", "readlink SRC/link -> DST/link"},
    {"StatAt", "/from/link", "stat SRC/link -> DST/link"},
    {"SymlinkAt", "/tree/link", "symlink SRC/link -> DST/link"},
    {"SetTimesAt", "/tree/link", "utimensat SRC/link -> DST/link"},
};

TEST_F(ErrnoTest, DirectoriesAndKeptLinks) {
  const Scene scene(Lab("xfs"), "sub/deep/ 0700\nsub/file \"x\"\nlink -> sub");
  for (const Other& other : kOthers) {
    for (const int error : {EIO, ENOSPC, EDQUOT, ENOMEM, EROFS, EACCES}) {
      SCOPED_TRACE(absl::StrCat(other.said, ": ", strerror(error)));
      FaultySys sys(RealSys());
      sys.Fail(other.call, error, {.count = other.count, .path = other.path});
      const absl::StatusOr<Report> report = scene.Run(sys, {Method::kCopy});
      ASSERT_FALSE(report.ok());
      std::string said = other.said;
      for (const auto& [word, path] :
           {std::pair("SRC", scene.source()), {"DST", scene.destination()}}) {
        const size_t at = said.find(word);
        if (at != std::string::npos) said.replace(at, 3, path);
      }
      EXPECT_EQ(std::string(report.status().message()),
                absl::StrCat(said, ": ", strerror(error)));
      scene.ExpectNothingLeft();
      scene.ExpectSourceUntouched(Scene::Times::kSame);
    }
  }
}

// Row C11: the last step of all.
TEST_F(ErrnoTest, ACommitThatFailsLeavesNothing) {
  for (const int error : {EBUSY, EXDEV, EPERM, ENOTEMPTY, EEXIST, ENOSPC, EIO,
                          EROFS, EACCES, EDQUOT}) {
    FaultySys sys(RealSys());
    sys.Fail("RenameAt", error, {.path = "made/parent/to"});
    const absl::StatusOr<Report> report = scene_->Run(sys, {Method::kCopy});
    ASSERT_FALSE(report.ok());
    EXPECT_THAT(std::string(report.status().message()),
                AllOf(StartsWith("rename "),
                      HasSubstr(absl::StrCat(" -> ", scene_->destination())),
                      EndsWith(strerror(error))));
    scene_->ExpectNothingLeft();
    scene_->ExpectSourceUntouched(Scene::Times::kSame);
  }
}

}  // namespace
}  // namespace materialize
