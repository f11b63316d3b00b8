// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// What is mounted where, by /proc/self/mountinfo.

#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "materialize/exec/destination.h"
#include "materialize/os/io.h"

namespace materialize {
namespace {

// mountinfo writes space, tab, newline and backslash as octal: proc(5).
std::string Unescape(absl::string_view text) {
  std::string plain;
  for (size_t at = 0; at < text.size(); ++at) {
    if (text[at] == '\\' && at + 3 < text.size()) {
      plain.push_back(static_cast<char>((text[at + 1] - '0') * 64 +
                                        (text[at + 2] - '0') * 8 +
                                        (text[at + 3] - '0')));
      at += 3;
    } else {
      plain.push_back(text[at]);
    }
  }
  return plain;
}

// The first mount of which the path is right.
std::string FindMount(Sys& sys,
                      absl::FunctionRef<bool(absl::string_view)> is_it) {
  const std::string text = ReadFile(sys, "/proc/self/mountinfo").value_or("");
  for (const absl::string_view line :
       absl::StrSplit(text, '\n', absl::SkipEmpty())) {
    const std::vector<absl::string_view> fields = absl::StrSplit(line, ' ');
    constexpr size_t kMountPoint = 4;  // proc(5)
    if (fields.size() <= kMountPoint) continue;
    std::string mounted = Unescape(fields[kMountPoint]);
    if (is_it(mounted)) return mounted;
  }
  return "";
}

bool IsMountBelow(absl::string_view mounted, absl::string_view path) {
  return mounted != path && (path == "/" || (absl::StartsWith(mounted, path) &&
                                             mounted[path.size()] == '/'));
}

}  // namespace

std::string MountBelow(Sys& sys, const std::string& path) {
  return FindMount(sys, [&path](absl::string_view mounted) {
    return IsMountBelow(mounted, path);
  });
}

std::string MountAtOrBelow(Sys& sys, const std::string& path) {
  return FindMount(sys, [&path](absl::string_view mounted) {
    return mounted == path || IsMountBelow(mounted, path);
  });
}

absl::Status RefuseMountsBelow(Sys& sys, const std::string& path) {
  // Mounted at the very place: the rehearsal knows more of that.
  const std::string mounted = MountBelow(sys, path);
  if (mounted.empty()) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat("exchange ", path, ": ", mounted,
                   " is mounted below it; unmount it first"));
}

}  // namespace materialize
