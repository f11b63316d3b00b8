// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0

#include "materialize/move_mark.h"

#include <chrono>
#include <climits>
#include <thread>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "materialize/os/fd.h"
#include "materialize/os/path.h"
#include "materialize/os/status.h"
#include "materialize/plan/source.h"

namespace materialize {
namespace {

constexpr char kMark[] = "move";

std::string TextOf(const std::optional<Identity>& source,
                   const std::string& destination) {
  const std::string end = absl::StrCat("\n", destination, "\n");
  return source.has_value()
             ? absl::StrCat(source->device, ":", source->inode, end)
             : end;
}

}  // namespace

absl::Status WriteMark(Sys& sys, const Staging& staging, const Identity& source,
                       const std::string& destination) {
  const std::string path = JoinPath(staging.path(), kMark);
  const std::string text = TextOf(source, destination);
  const Fd fd(sys, OpenPatiently(sys, staging.fd(), kMark,
                                 O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW,
                                 S_IRUSR | S_IWUSR));
  if (!fd.ok()) return ErrnoStatus(-fd.get(), "create", path);
  size_t done = 0;
  while (done < text.size()) {
    const int64_t wrote =
        sys.Write(fd.get(), text.data() + done, text.size() - done);
    if (wrote < 0) return ErrnoStatus(static_cast<int>(-wrote), "write", path);
    done += static_cast<size_t>(wrote);
  }
  return absl::OkStatus();
}

bool HasMark(Sys& sys, const MoveEnd& source,
             const std::optional<Identity>& identity,
             const std::string& destination) {
  const std::string path = JoinPath(StagingName(source.name), kMark);
  const Fd fd(sys, OpenPatiently(sys, source.dir, path.c_str(),
                                 O_RDONLY | O_NOFOLLOW | O_NONBLOCK, 0));
  if (!fd.ok()) return false;
  std::string text;
  char buffer[PATH_MAX];
  int64_t bytes = 0;
  while ((bytes = sys.Read(fd.get(), buffer, sizeof(buffer))) > 0 &&
         text.size() < 4 * sizeof(buffer))
    text.append(buffer, static_cast<size_t>(bytes));
  const std::string wanted = TextOf(identity, destination);
  return identity.has_value() ? text == wanted : absl::EndsWith(text, wanted);
}

std::optional<Time> MarkMoment(Sys& sys, const Staging& staging) {
  constexpr int kTries = 2500;  // of a millisecond: vfat counts two seconds
  const Fd fd(
      sys, OpenPatiently(sys, staging.fd(), kMark, O_RDONLY | O_NOFOLLOW, 0));
  Stat first;
  Stat now;
  if (!fd.ok() || sys.StatAt(fd.get(), "", 0, &first) < 0) return std::nullopt;
  for (int nth = 0; nth < kTries; ++nth) {
    if (sys.ChangeMode(fd.get(), S_IRUSR | S_IWUSR) < 0 ||
        sys.StatAt(fd.get(), "", 0, &now) < 0)
      return std::nullopt;
    if (now.ctime != first.ctime) return now.ctime;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return std::nullopt;
}

}  // namespace materialize
