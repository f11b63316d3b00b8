// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// Packages that Yarn 1 has built and packed again, in `prebuilt/` of its
// offline mirror: what a yarn.lock says of them.

#ifndef MATERIALIZE_VERIFY_YARN_PREBUILT_H_
#define MATERIALIZE_VERIFY_YARN_PREBUILT_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace materialize {

// `name "sha1"` below `prebuiltVariants:`; one per platform, so that some may
// well be missing. The file is `prebuilt/NAME.tgz`.
struct YarnPrebuilt {
  std::string name;
  std::string sha1;  // lower-case hexadecimal
  int line = 0;
};

// Those whose SHA-1 can be read.
std::vector<YarnPrebuilt> ReadYarnPrebuilt(absl::string_view text);

}  // namespace materialize

#endif  // MATERIALIZE_VERIFY_YARN_PREBUILT_H_
