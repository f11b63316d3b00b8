// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// What sha256sum(1) and its siblings print: digests and names.

#ifndef MATERIALIZE_VERIFY_DIGEST_LIST_H_
#define MATERIALIZE_VERIFY_DIGEST_LIST_H_

#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "materialize/plan/mtree.h"

namespace materialize {

// Whether the first line that is neither empty nor a comment is one of these.
bool LooksLikeDigestList(absl::string_view text);

// `DIGEST  NAME`, `DIGEST *NAME`, or `SHA256 (NAME) = DIGEST` as by --tag; the
// algorithm is known by the digest's length, or named (MD5, SHA1, SHA256,
// SHA384, SHA512). With a backslash before the line, NAME holds `\\`, `\n` and
// `\r` for those bytes. Each line is a file with a digest, nothing else.
// InvalidArgument, naming `file`:LINE, for other lines and for names as in
// plan/entry_path.h ("./" in front is normal).
absl::StatusOr<std::vector<MtreeEntry>> ParseDigestList(absl::string_view text,
                                                        absl::string_view file);

}  // namespace materialize

#endif  // MATERIALIZE_VERIFY_DIGEST_LIST_H_
