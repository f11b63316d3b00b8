// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0

#include "materialize/exec/attributes.h"

#include <cerrno>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "materialize/quantity.h"

namespace materialize {
namespace {

// XATTR_LIST_MAX and XATTR_SIZE_MAX of linux/limits.h.
constexpr size_t kLargest = 64 * 1024;
constexpr size_t kUsual = 1024;

enum class Class : uint8_t { kNone, kUser, kPrivileged, kLabel, kAcl };

struct ClassOf {
  absl::string_view prefix;
  Class of;
};

// The first that fits. Everything else (system.*, btrfs.*) is the filesystem's
// own business.
constexpr ClassOf kClasses[] = {
    {"user.", Class::kUser},
    {"security.selinux", Class::kLabel},
    {"security.", Class::kPrivileged},
    {"trusted.SGI_ACL_", Class::kNone},  // xfs shows root its ACLs once more
    {"trusted.", Class::kPrivileged},
    {"system.posix_acl_access", Class::kAcl},
    {"system.posix_acl_default", Class::kAcl},
};

Class Classify(absl::string_view name) {
  for (const ClassOf& row : kClasses) {
    if (absl::StartsWith(name, row.prefix)) return row.of;
  }
  return Class::kNone;
}

bool IsAsked(absl::string_view name, const Preserve& preserve) {
  const Class of = Classify(name);
  if (of == Class::kNone) return false;
  return of == Class::kAcl ? preserve.acls : preserve.xattrs;
}

bool IsDenied(int64_t result) { return result == -EPERM || result == -EACCES; }

using Attributes = std::map<std::string, std::string>;

// Calls `ask(buffer, size)` with room for what is usual, and once more with
// room for what is possible. The bytes, or -errno.
template <typename Ask>
int64_t Fetch(const Ask& ask, std::string* out) {
  char usual[kUsual];
  int64_t bytes = ask(usual, sizeof(usual));
  if (bytes != -ERANGE) {
    if (bytes > 0) out->assign(usual, static_cast<size_t>(bytes));
    return bytes;
  }
  const auto largest = std::make_unique_for_overwrite<char[]>(kLargest);
  bytes = ask(largest.get(), kLargest);
  if (bytes > 0) out->assign(largest.get(), static_cast<size_t>(bytes));
  return bytes;
}

class Reader {
 public:
  Reader(Sys& sys, int fd, const Preserve& preserve)
      : sys_(sys), fd_(fd), preserve_(preserve) {}

  // 0 or -errno; a filesystem without attributes has none.
  int Read(Attributes* attributes);
  const char* call() const { return call_; }

 private:
  int ReadOne(const char* name, Attributes* attributes);

  Sys& sys_;
  const int fd_;
  const Preserve& preserve_;
  const char* call_ = "";
};

int Reader::Read(Attributes* attributes) {
  std::string names;
  call_ = "listxattr";
  const int64_t bytes =
      Fetch([&](char* buffer,
                size_t size) { return sys_.ListXattr(fd_, buffer, size); },
            &names);
  if (bytes == -EOPNOTSUPP) return 0;
  if (bytes < 0) return static_cast<int>(bytes);
  for (size_t at = 0; at < names.size();) {
    const char* const name = names.c_str() + at;
    at += std::char_traits<char>::length(name) + 1;
    if (!IsAsked(name, preserve_)) continue;
    if (const int result = ReadOne(name, attributes); result < 0) return result;
  }
  return 0;
}

int Reader::ReadOne(const char* name, Attributes* attributes) {
  std::string value;
  call_ = "getxattr";
  const int64_t bytes =
      Fetch([&](char* buffer,
                size_t size) { return sys_.GetXattr(fd_, name, buffer, size); },
            &value);
  // ENODATA: taken away since it was listed.
  const bool is_hidden = IsDenied(bytes) && Classify(name) != Class::kUser;
  if (bytes == -ENODATA || is_hidden) return 0;
  if (bytes < 0) return static_cast<int>(bytes);
  attributes->emplace(name, std::move(value));
  return 0;
}

class Writer {
 public:
  Writer(Sys& sys, int fd) : sys_(sys), fd_(fd) {}

  AttributesCopied Write(const Attributes& wanted, const Attributes& there);

 private:
  // 0 or -errno, what cannot be had being no error.
  int Set(const std::string& name, const std::string& value);
  int Remove(const std::string& name);
  int Forgive(int result, const std::string& name);
  template <typename Change>
  int Insist(const Change& change);

  Sys& sys_;
  const int fd_;
  AttributesCopied done_;
};

// user.* goes by the file's mode, not by how it was opened (xattr(7)).
template <typename Change>
int Writer::Insist(const Change& change) {
  const int result = change();
  if (result != -EACCES || sys_.ChangeMode(fd_, S_IRWXU) < 0) return result;
  done_.needs_mode = true;
  return change();
}

int Writer::Forgive(int result, const std::string& name) {
  const Class of = Classify(name);
  if (result >= 0 || of == Class::kLabel) return 0;
  const bool is_lost =
      result == -EOPNOTSUPP || (of == Class::kPrivileged && IsDenied(result));
  if (!is_lost) return result;
  (of == Class::kAcl ? done_.lost.acls : done_.lost.xattrs) = 1;
  return 0;
}

int Writer::Set(const std::string& name, const std::string& value) {
  done_.call = "setxattr";
  const int result = Insist([&] {
    return sys_.SetXattr(fd_, name.c_str(), value.data(), value.size());
  });
  if (result >= 0 && Classify(name) == Class::kAcl) done_.needs_mode = true;
  return Forgive(result, name);
}

int Writer::Remove(const std::string& name) {
  done_.call = "removexattr";
  const int result =
      Insist([&] { return sys_.RemoveXattr(fd_, name.c_str()); });
  if (result >= 0 && Classify(name) == Class::kAcl) done_.needs_mode = true;
  return result == -ENODATA ? 0 : Forgive(result, name);
}

AttributesCopied Writer::Write(const Attributes& wanted,
                               const Attributes& there) {
  for (const auto& [name, value] : there) {
    if (wanted.contains(name)) continue;
    done_.result = Remove(name);
    if (done_.result < 0) return done_;
  }
  for (const auto& [name, value] : wanted) {
    const auto at = there.find(name);
    if (at != there.end() && at->second == value) continue;
    done_.result = Set(name, value);
    if (done_.result < 0) return done_;
  }
  return done_;
}

void Warn(absl::string_view what, int64_t entries, absl::string_view why,
          Report* report) {
  if (entries == 0) return;
  report->warnings.push_back(
      {.text =
           absl::StrCat(what, " of ", CountText(entries, "entry", "entries"),
                        " could not be kept: ", why)});
}

}  // namespace

AttributesCopied CopyAttributes(Sys& sys, int from, int to,
                                const Preserve& preserve, Former former) {
  Attributes wanted;
  Attributes there;
  Reader source(sys, from, preserve);
  if (const int result = source.Read(&wanted); result < 0)
    return {.result = result, .call = source.call()};
  if (former == Former::kReplaced) {
    Reader target(sys, to, preserve);
    if (const int result = target.Read(&there); result < 0)
      return {.result = result, .call = target.call()};
  }
  return Writer(sys, to).Write(wanted, there);
}

bool SameAttributes(Sys& sys, int a, int b, const Preserve& preserve) {
  if (!KeepsAttributes(preserve)) return true;
  Attributes of_a;
  Attributes of_b;
  return Reader(sys, a, preserve).Read(&of_a) == 0 &&
         Reader(sys, b, preserve).Read(&of_b) == 0 && of_a == of_b;
}

bool IsOwnerRefused(int result) {
  return result == -EPERM || result == -EINVAL || result == -EOPNOTSUPP;
}

void WarnOfNotKept(Report* report) {
  const NotKept& lost = report->not_kept;
  Warn("owner", lost.owners, "not permitted here; they are ours", report);
  Warn("extended attributes", lost.xattrs,
       "the destination cannot store them, or it is not permitted", report);
  Warn("ACLs", lost.acls, "the destination cannot store them", report);
}

}  // namespace materialize
