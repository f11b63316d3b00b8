// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0

#include "materialize/digest.h"

// Deprecated by OpenSSL 3, since providers can give no algorithm this way, and
// named here on purpose: to fetch one by EVP takes a millisecond, as long as
// all else of a small run, and links 4 MB of tables that are relocated at each
// start.
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/md5.h>
#include <openssl/sha.h>

#include <cerrno>
#include <memory>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/escaping.h"
#include "materialize/os/status.h"

namespace materialize {
namespace {

constexpr size_t kReadBytes = size_t{128} * 1024;

union Context {
  MD5_CTX md5;
  SHA_CTX sha1;
  SHA256_CTX sha256;
  SHA512_CTX sha512;
};

// They return 1, whatever they are given.
struct Algorithm {
  absl::string_view name;
  size_t bytes;
  int (*start)(Context* context);
  int (*add)(Context* context, const void* bytes, size_t size);
  int (*finish)(unsigned char* digest, Context* context);
};

template <auto Member, auto Start, auto Add, auto Finish>
constexpr Algorithm Row(absl::string_view name, size_t bytes) {
  return {
      .name = name,
      .bytes = bytes,
      .start = [](Context* context) { return Start(&(context->*Member)); },
      .add = [](Context* context, const void* added,
                size_t size) { return Add(&(context->*Member), added, size); },
      .finish =
          [](unsigned char* digest, Context* context) {
            return Finish(digest, &(context->*Member));
          }};
}

// Indexed by DigestAlgorithm.
constexpr Algorithm kAlgorithms[kDigestAlgorithmCount] = {
    Row<&Context::md5, MD5_Init, MD5_Update, MD5_Final>("md5", 16),
    Row<&Context::sha1, SHA1_Init, SHA1_Update, SHA1_Final>("sha1", 20),
    Row<&Context::sha256, SHA256_Init, SHA256_Update, SHA256_Final>("sha256",
                                                                    32),
    Row<&Context::sha512, SHA384_Init, SHA384_Update, SHA384_Final>("sha384",
                                                                    48),
    Row<&Context::sha512, SHA512_Init, SHA512_Update, SHA512_Final>("sha512",
                                                                    64),
};

const Algorithm& RowOf(DigestAlgorithm algorithm) {
  return kAlgorithms[static_cast<size_t>(algorithm)];
}

class Hasher {
 public:
  explicit Hasher(DigestAlgorithm algorithm) : algorithm_(&RowOf(algorithm)) {
    algorithm_->start(&context_);
  }
  void Add(absl::string_view bytes) {
    algorithm_->add(&context_, bytes.data(), bytes.size());
  }
  std::string Finish() {
    std::string digest(algorithm_->bytes, '\0');
    algorithm_->finish(reinterpret_cast<unsigned char*>(digest.data()),
                       &context_);
    return absl::BytesToHexString(digest);
  }

 private:
  const Algorithm* algorithm_;
  Context context_;
};

}  // namespace

absl::string_view DigestName(DigestAlgorithm algorithm) {
  return RowOf(algorithm).name;
}

std::optional<DigestAlgorithm> FindDigest(absl::string_view name) {
  for (size_t i = 0; i < kDigestAlgorithmCount; ++i) {
    if (kAlgorithms[i].name == name) return static_cast<DigestAlgorithm>(i);
  }
  return std::nullopt;
}

size_t DigestBytes(DigestAlgorithm algorithm) { return RowOf(algorithm).bytes; }

std::string Sha256(absl::string_view bytes) {
  Hasher hasher(DigestAlgorithm::kSha256);
  hasher.Add(bytes);
  return hasher.Finish();
}

absl::StatusOr<std::string> Sha256OfFd(Sys& sys, int fd,
                                       absl::string_view path) {
  absl::StatusOr<std::vector<std::string>> digests =
      DigestsOfFd(sys, fd, {DigestAlgorithm::kSha256}, path);
  if (!digests.ok()) return digests.status();
  return std::move(digests->front());
}

absl::StatusOr<std::vector<std::string>> DigestsOfFd(
    Sys& sys, int fd, absl::Span<const DigestAlgorithm> algorithms,
    absl::string_view path, const std::atomic<bool>* cancel) {
  std::vector<Hasher> hashers;
  hashers.reserve(algorithms.size());
  for (const DigestAlgorithm one : algorithms) hashers.emplace_back(one);
  const auto buffer = std::make_unique_for_overwrite<char[]>(kReadBytes);
  while (cancel == nullptr || !cancel->load(std::memory_order_relaxed)) {
    const int64_t bytes = sys.Read(fd, buffer.get(), kReadBytes);
    if (bytes == -EINTR) continue;
    if (bytes < 0) return ErrnoStatus(static_cast<int>(-bytes), "read", path);
    for (Hasher& hasher : hashers)
      hasher.Add({buffer.get(), static_cast<size_t>(bytes)});
    if (bytes > 0) continue;
    std::vector<std::string> digests;
    digests.reserve(hashers.size());
    for (Hasher& hasher : hashers) digests.push_back(hasher.Finish());
    return digests;
  }
  return absl::CancelledError("interrupted");
}

}  // namespace materialize
