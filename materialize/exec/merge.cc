// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0

#include "materialize/exec/merge.h"

#include <cerrno>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "materialize/exec/remove.h"
#include "materialize/os/fd.h"
#include "materialize/os/path.h"
#include "materialize/os/status.h"
#include "materialize/plan/source.h"

namespace materialize {
namespace {

constexpr char kProbe[] = "probe";

// The largest step of which `stored` may be the rounding down.
int64_t StepOf(const Time& stored, const Time& asked) {
  constexpr int64_t kSecond = 1'000'000'000;
  if (stored == asked) return 1;
  if (stored.seconds != asked.seconds) return 2 * kSecond;  // FAT
  for (int64_t step = 10; step < kSecond; step *= 10) {
    if (stored.nanoseconds == asked.nanoseconds / step * step) return step;
  }
  return kSecond;
}

int ExchangeNames(Sys& sys, const Naming& naming) {
  const auto exchange = [&] {
    return sys.RenameAt(naming.aside, naming.from, naming.directory, naming.to,
                        RENAME_EXCHANGE);
  };
  int result = exchange();
  if (result != -EACCES) return result;
  // A directory that gets another parent must be writable itself.
  const Fd old(sys, OpenPatiently(sys, naming.directory, naming.to,
                                  O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0));
  Stat facts;
  if (!old.ok() || sys.StatAt(old.get(), "", 0, &facts) < 0 ||
      sys.ChangeMode(old.get(), facts.permissions() | S_IRWXU) < 0)
    return result;
  result = exchange();
  if (result < 0) (void)sys.ChangeMode(old.get(), facts.permissions());
  return result;
}

}  // namespace

bool Merge::IsKept(absl::string_view directory, absl::string_view name,
                   Kind kind) const {
  if (directory.empty() && name == options_.aside) return true;
  if (!options_.deletion.only.empty() && kind != Kind::kDirectory &&
      !options_.deletable->Matches(directory, name, kind))
    return true;
  return !options_.deletion.excluded &&
         !options_.selection->Takes(directory, name, kind);
}

bool Merge::IsLeftover(absl::string_view name) const {
  return name.size() > options_.aside.size() &&
         absl::StartsWith(name, options_.aside) &&
         name[options_.aside.size()] == '.';
}

absl::StatusOr<bool> Merge::IsTooMuch() {
  const std::optional<int64_t>& limit = options_.deletion.limit;
  if (!limit.has_value()) return false;
  const std::lock_guard<std::mutex> lock(doomed_mutex_);
  if (!doomed_.has_value()) {
    const absl::StatusOr<int64_t> count = options_.count_doomed();
    if (!count.ok()) return count.status();
    doomed_ = *count;
  }
  return *doomed_ > *limit;
}

absl::StatusOr<Precision> Merge::AskPrecision() {
  if (options_.rehearses) return Precision();
  const absl::StatusOr<int> aside = permit_.Get();
  if (!aside.ok()) return aside.status();
  const std::lock_guard<std::mutex> lock(mutex_);
  if (precision_.has_value()) return *precision_;
  // An odd second, and a digit in every place.
  constexpr Time kOdd = {.seconds = 1234567891, .nanoseconds = 123456789};
  constexpr mode_t kUnusual = 0641;
  (void)sys_.UnlinkAt(*aside, kProbe, 0);
  Stat shown;
  int result = 0;
  {
    const Fd fd(sys_, OpenPatiently(sys_, *aside, kProbe,
                                    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW,
                                    kUnusual));
    if (!fd.ok()) return ErrnoStatus(-fd.get(), "create", kProbe);
    (void)sys_.ChangeMode(fd.get(), kUnusual);  // EPERM says enough
    result = sys_.SetTimesAt(fd.get(), nullptr, kOdd, 0);
    if (result == 0) result = sys_.StatAt(fd.get(), "", 0, &shown);
  }
  (void)sys_.UnlinkAt(*aside, kProbe, 0);
  if (result < 0) return ErrnoStatus(-result, "utimensat", kProbe);
  precision_ = {.time_step = StepOf(shown.mtime, kOdd),
                .modes = shown.permissions() == kUnusual};
  return *precision_;
}

std::string Merge::PrecisionText() const {
  if (!precision_.has_value()) return "";
  constexpr double kNanoseconds = 1e9;
  std::string text;
  if (precision_->time_step > 1) {
    text =
        absl::StrCat("times are kept to ",
                     static_cast<double>(precision_->time_step) / kNanoseconds,
                     " s there, and not compared any closer");
  }
  if (!precision_->modes) {
    absl::StrAppend(&text, text.empty() ? "" : "; ",
                    "modes are not kept there, and not compared");
  }
  return text;
}

absl::Status GiveName(Sys& sys, const Naming& naming, absl::string_view path) {
  const auto fail = [&](int result) {
    return ErrnoStatus(-result, "rename", JoinPath(path, naming.to));
  };
  if (naming.exchange == Exchange::kYes) {
    Stat made;
    int result =
        sys.StatAt(naming.aside, naming.from, AT_SYMLINK_NOFOLLOW, &made);
    if (result < 0)
      return ErrnoStatus(-result, "stat", JoinPath(path, naming.to));
    result = ExchangeNames(sys, naming);
    if (result == 0) {
      // xfs changes the mtime of a directory that is exchanged.
      result = sys.SetTimesAt(naming.directory, naming.to, made.mtime,
                              AT_SYMLINK_NOFOLLOW);
      if (result < 0)
        return ErrnoStatus(-result, "utimensat", JoinPath(path, naming.to));
      return RemoveTree(sys, naming.aside, naming.from, path);
    }
    if (result != -EINVAL && result != -ENOSYS) return fail(result);
    absl::Status status = RemoveTree(sys, naming.directory, naming.to, path);
    if (!status.ok()) return status;
  }
  const int result =
      sys.RenameAt(naming.aside, naming.from, naming.directory, naming.to, 0);
  return result < 0 ? fail(result) : absl::OkStatus();
}

}  // namespace materialize
