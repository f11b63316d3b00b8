// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0

#include "tests/rows/files.h"

#include <filesystem>
#include <fstream>
#include <sstream>
#include <utility>

#include "gtest/gtest.h"

namespace materialize {

bool Exists(const std::string& path) {
  Stat facts;
  return RealSys().StatAt(AT_FDCWD, path.c_str(), AT_SYMLINK_NOFOLLOW,
                          &facts) == 0;
}

Stat StatOf(const std::string& path) {
  Stat facts;
  EXPECT_EQ(
      RealSys().StatAt(AT_FDCWD, path.c_str(), AT_SYMLINK_NOFOLLOW, &facts), 0)
      << path;
  return facts;
}

bool IsOneInode(const std::string& a, const std::string& b) {
  const Stat one = StatOf(a);
  const Stat other = StatOf(b);
  return one.inode == other.inode && one.device == other.device;
}

std::string ReadFile(const std::string& path) {
  std::stringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

void WriteFile(const std::string& path, const std::string& text) {
  std::ofstream file(path, std::ios::in | std::ios::out);
  file << text;
  EXPECT_TRUE(file.flush().good()) << path;
}

std::string ReadLink(const std::string& path) {
  return std::filesystem::read_symlink(path);
}

std::vector<std::string> Leftovers(const std::string& directory) {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(directory)) {
    const std::string name = entry.path().filename();
    if (name.starts_with(".materialize")) names.push_back(name);
  }
  return names;
}

Request FromTo(const std::string& source, const std::string& destination,
               std::vector<Method> methods) {
  Request request;
  request.source = source;
  request.destination = destination;
  request.methods = std::move(methods);
  return request;
}

Request Merging(const std::string& source, const std::string& destination,
                std::vector<Method> methods) {
  Request request = FromTo(source, destination, std::move(methods));
  request.into = Into::kMerge;
  return request;
}

Request MergingExactly(const std::string& source,
                       const std::string& destination,
                       std::vector<Method> methods) {
  Request request = Merging(source, destination, std::move(methods));
  request.deletion.enabled = true;
  return request;
}

void Recorder::Placed(int worker, const Outcome& outcome) {
  (void)worker;
  std::string path(outcome.directory);
  if (!path.empty() && !outcome.name.empty()) path += '/';
  path += std::string(outcome.name);
  const std::lock_guard<std::mutex> lock(mutex_);
  const bool is_new = entries_.emplace(path, outcome.how).second;
  EXPECT_TRUE(is_new) << path << " was told twice";
}

std::vector<std::string> Recorder::Lines() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  std::vector<std::string> lines;
  for (const auto& [path, how] : entries_) {
    lines.push_back(std::string(HowName(how)) + " " +
                    (path.empty() ? "." : path));
  }
  return lines;
}

}  // namespace materialize
