// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// Digests, as lower-case hexadecimal text. SHA-256 is our own; the others are
// for what other programs have written down.

#ifndef MATERIALIZE_DIGEST_H_
#define MATERIALIZE_DIGEST_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "materialize/os/sys.h"

namespace materialize {

// From the weakest to the strongest.
enum class DigestAlgorithm : uint8_t { kMd5, kSha1, kSha256, kSha384, kSha512 };
constexpr size_t kDigestAlgorithmCount = 5;

// "md5", "sha1", "sha256", "sha384", "sha512".
absl::string_view DigestName(DigestAlgorithm algorithm);
std::optional<DigestAlgorithm> FindDigest(absl::string_view name);
// Of the digest itself; its text is twice as long.
size_t DigestBytes(DigestAlgorithm algorithm);

// SHA-256 of these bytes. Thread-safe.
std::string Sha256(absl::string_view bytes);

// SHA-256 of what `fd` reads from its offset to the end. An error names `path`,
// what people call the file. Thread-safe.
absl::StatusOr<std::string> Sha256OfFd(Sys& sys, int fd,
                                       absl::string_view path);

// The same by each of `algorithms`, in their order, in one reading. Cancelled
// when `cancel` (may be null) becomes true.
absl::StatusOr<std::vector<std::string>> DigestsOfFd(
    Sys& sys, int fd, absl::Span<const DigestAlgorithm> algorithms,
    absl::string_view path, const std::atomic<bool>* cancel = nullptr);

}  // namespace materialize

#endif  // MATERIALIZE_DIGEST_H_
