// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0

#include "tests/uninstall/uninstalled.h"

#include <fstream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/tree_text.h"

namespace materialize {
namespace {

constexpr TreeTextOptions kWhat = {
    .root = false, .modes = false, .times = false};

}  // namespace

std::string AnswerText(const UninstallRequest& request,
                       const absl::StatusOr<UninstallReport>& report) {
  std::string text;
  if (report.ok()) {
    absl::StrAppend(&text, report->files, " files, ", report->symlinks,
                    " links, ", report->directories, " directories; ",
                    report->gone, " gone, ", report->kept_directories,
                    " kept, ", report->unreached, " unreached\n");
    for (const Failure& failure : report->changed)
      absl::StrAppend(&text, failure.text, "\n");
    for (const Failure& failure : report->failures)
      absl::StrAppend(&text, "! ", failure.text, "\n");
  } else {
    absl::StrAppend(&text, "!! ", report.status().message(), "\n");
  }
  return absl::StrReplaceAll(
      text, {{request.destination, "DST"}, {request.receipt, "RECEIPT"}});
}

void UninstallScene::Arrange(std::string_view tree,
                             std::string_view receipt) const {
  (void)RemoveTree(dst_);
  ASSERT_OK(ArrangeTree(dst_, tree));
  std::ofstream(receipt_) << receipt;
}

std::string UninstallScene::Run(Sys& sys, Changed changed) const {
  UninstallRequest request = Request();
  request.changed = changed;
  return AnswerText(request, Uninstall(request, sys));
}

std::string UninstallScene::Now() const { return TreeText(dst_, kWhat); }

std::string UninstallScene::Text(std::string_view tree) {
  return TreeTextOf(tree, kWhat);
}

}  // namespace materialize
