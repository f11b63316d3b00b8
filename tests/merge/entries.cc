// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0

#include "tests/merge/entries.h"

#include <sys/stat.h>
#include <unistd.h>

#include <climits>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "materialize/digest.h"
#include "materialize/exec/staging.h"

namespace materialize {
namespace {

namespace fs = std::filesystem;

bool IsOurs(const fs::path& path) {
  return absl::StartsWith(path.filename().string(), kStagingPrefix);
}

std::string ContentOf(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  const std::string bytes(std::istreambuf_iterator<char>(in), {});
  return bytes.size() <= 40 ? bytes : Sha256(bytes);
}

std::string Show(const fs::path& path) {
  struct stat facts = {};
  if (lstat(path.c_str(), &facts) != 0) return "gone";
  if (S_ISDIR(facts.st_mode)) return "dir";
  if (S_ISLNK(facts.st_mode))
    return absl::StrCat("link ", fs::read_symlink(path).string());
  if (!S_ISREG(facts.st_mode)) return "special";
  return absl::StrCat("file 0", facts.st_mode & 07777, " @",
                      facts.st_mtim.tv_sec, ".", facts.st_mtim.tv_nsec, " ",
                      facts.st_size, " ", ContentOf(path));
}

std::string ShownAt(const Entries& entries, const std::string& path) {
  const auto at = entries.find(path);
  return at == entries.end() ? "" : at->second;
}

}  // namespace

Entries EntriesOf(const std::string& root) {
  Entries entries;
  auto at = fs::recursive_directory_iterator(root);
  for (; at != fs::recursive_directory_iterator(); ++at) {
    if (IsOurs(at->path())) {
      at.disable_recursion_pending();
      continue;
    }
    entries[at->path().string().substr(root.size() + 1)] = Show(at->path());
  }
  return entries;
}

std::vector<std::string> Harmed(const Entries& now, const Entries& before,
                                const Entries& after) {
  std::vector<std::string> harmed;
  const auto judge = [&](const std::string& path) {
    const std::string shown = ShownAt(now, path);
    const std::string old_one = ShownAt(before, path);
    const std::string new_one = ShownAt(after, path);
    if (shown == old_one || shown == new_one) return;
    // It is in both, but under a name that changes its kind.
    for (size_t slash = path.find('/'); slash != std::string::npos;
         slash = path.find('/', slash + 1)) {
      const std::string above = path.substr(0, slash);
      if (shown.empty() && ShownAt(now, above) != "dir") return;
    }
    harmed.push_back(absl::StrCat(path, ": ", shown, ", neither ", old_one,
                                  " nor ", new_one));
  };
  Entries all = now;
  all.insert(before.begin(), before.end());
  all.insert(after.begin(), after.end());
  for (const auto& [path, shown] : all) judge(path);
  return harmed;
}

std::string Identities(const std::string& root) {
  std::map<std::string, std::string> lines;
  const auto add = [&](const fs::path& path) {
    struct stat facts = {};
    if (lstat(path.c_str(), &facts) != 0) return;
    lines[path.string()] = absl::StrCat(
        " ", facts.st_ino, " ", facts.st_mode, " ", facts.st_nlink, " ",
        facts.st_size, " ", facts.st_mtim.tv_sec, ".", facts.st_mtim.tv_nsec,
        " ", facts.st_ctim.tv_sec, ".", facts.st_ctim.tv_nsec);
  };
  add(root);
  for (const auto& entry : fs::recursive_directory_iterator(root))
    add(entry.path());
  std::string text;
  for (const auto& [path, facts] : lines)
    absl::StrAppend(&text, path, facts, "\n");
  return text;
}

std::vector<std::string> AllLeftovers(const std::string& root) {
  std::vector<std::string> found;
  for (const auto& entry : fs::directory_iterator(fs::path(root).parent_path()))
    if (IsOurs(entry.path())) found.push_back(entry.path());
  if (!fs::is_directory(fs::symlink_status(root))) return found;
  for (const auto& entry : fs::recursive_directory_iterator(root))
    if (IsOurs(entry.path())) found.push_back(entry.path());
  return found;
}

}  // namespace materialize
