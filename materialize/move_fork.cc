// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0

#include "materialize/move_fork.h"

#include <optional>
#include <vector>

#include "absl/strings/str_cat.h"
#include "materialize/exec/rename.h"
#include "materialize/materialize.h"
#include "materialize/os/fd.h"
#include "materialize/os/path.h"
#include "materialize/os/status.h"
#include "materialize/plan/source.h"
#include "materialize/strategy/strategy.h"

namespace materialize {
namespace {

// An empty file or directory, of the mode of `facts`.
absl::Status MakeEmpty(Sys& sys, const Stat& facts, const Staging& staging) {
  const std::string path = JoinPath(staging.path(), kStagedOld);
  const bool is_directory = facts.kind() == Kind::kDirectory;
  if (is_directory) {
    const int made = sys.MakeDirectoryAt(staging.fd(), kStagedOld, S_IRWXU);
    if (made < 0) return ErrnoStatus(-made, "mkdir", path);
  }
  const int flags = is_directory ? O_RDONLY | O_DIRECTORY | O_NOFOLLOW
                                 : O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW;
  const Fd fd(sys, OpenPatiently(sys, staging.fd(), kStagedOld, flags,
                                 S_IRUSR | S_IWUSR));
  if (!fd.ok()) return ErrnoStatus(-fd.get(), "create", path);
  const int result = sys.ChangeMode(fd.get(), facts.permissions() & 0777);
  return result < 0 ? ErrnoStatus(-result, "chmod", path) : absl::OkStatus();
}

// As it is across filesystems, so that a caller knows what to ask for instead.
bool CannotShare(Method method, int error) {
  if (method == Method::kCopy) return false;
  const Operation operation =
      method == Method::kReflink ? Operation::kClone : Operation::kLink;
  return Judge(operation, error) != Verdict::kFail;
}

// How a fork that holds what the source holds is laid out.
std::optional<Method> MethodOf(Fork fork) {
  switch (fork) {
    case Fork::kHardlink:
      return Method::kHardlink;
    case Fork::kReflink:
      return Method::kReflink;
    case Fork::kCopy:
      return Method::kCopy;
    case Fork::kNone:
    case Fork::kSymlink:
    case Fork::kEmpty:
      break;
  }
  return std::nullopt;
}

absl::Status LayOut(Sys& sys, const MoveRequest& request, const MoveEnd& source,
                    Method method, const std::string& staging) {
  Request layout;
  layout.source = source.path;
  layout.destination = JoinPath(staging, kStagedOld);
  layout.methods = {method};
  layout.preserve = {
      .owner = true, .hardlinks = true, .xattrs = true, .acls = true};
  layout.jobs = request.jobs;
  layout.durable = request.durable;
  layout.dry_run = request.dry_run;
  layout.cancel = request.cancel;
  absl::Status status = Materialize(layout, sys).status();
  const std::optional<int> error = ErrnoOf(status);
  return error.has_value() && CannotShare(method, *error)
             ? absl::FailedPreconditionError(absl::StrCat(
                   ErrnoStatus(*error, MethodName(method), source.path)
                       .message(),
                   "; --fork=copy and --fork=symlink can"))
             : WithoutAdvice(status);
}

absl::Status Link(Sys& sys, const std::string& target, const Staging& staging) {
  const int result = sys.SymlinkAt(target.c_str(), staging.fd(), kStagedOld);
  return result < 0 ? ErrnoStatus(-result, "symlink",
                                  JoinPath(staging.path(), kStagedOld))
                    : absl::OkStatus();
}

}  // namespace

absl::Status BuildFork(Sys& sys, const MoveRequest& request,
                       const MoveEnd& source, const Stat& facts,
                       const std::string& destination, const Staging& staging) {
  if (const std::optional<Method> method = MethodOf(request.fork))
    return LayOut(sys, request, source, *method, staging.path());
  if (request.fork == Fork::kSymlink) return Link(sys, destination, staging);
  return request.fork == Fork::kEmpty ? MakeEmpty(sys, facts, staging)
                                      : absl::OkStatus();
}

absl::Status RehearseFork(Sys& sys, const MoveRequest& request,
                          const MoveEnd& source) {
  const std::optional<Method> method = MethodOf(request.fork);
  if (!method.has_value()) return absl::OkStatus();
  return LayOut(
      sys, request, source, *method,
      JoinPath(Split(source.path).directory, StagingName(source.name)));
}

absl::Status PlaceFork(Sys& sys, const MoveEnd& source,
                       const Staging& staging) {
  Stat facts;
  int result =
      sys.StatAt(staging.fd(), kStagedOld, AT_SYMLINK_NOFOLLOW, &facts);
  if (result == 0) {
    result = RenameNoReplace(sys, {staging.fd(), kStagedOld},
                             {source.dir, source.name.c_str()}, facts.kind());
  }
  return result < 0
             ? ErrnoStatus(-result, "rename",
                           JoinPath(staging.path(), kStagedOld), source.path)
             : absl::OkStatus();
}

}  // namespace materialize
