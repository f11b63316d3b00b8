// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0

#include "materialize/digest.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <cerrno>
#include <memory>
#include <mutex>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/escaping.h"
#include "materialize/os/status.h"

namespace materialize {
namespace {

constexpr size_t kReadBytes = size_t{128} * 1024;

struct Algorithm {
  absl::string_view name;
  size_t bytes;
  const char* fetched;          // what OpenSSL calls it
  const EVP_MD* (*fallback)();  // where no provider has it by that name
};

// Indexed by DigestAlgorithm.
constexpr Algorithm kAlgorithms[kDigestAlgorithmCount] = {
    {"md5", 16, "MD5", EVP_md5},          {"sha1", 20, "SHA1", EVP_sha1},
    {"sha256", 32, "SHA256", EVP_sha256}, {"sha384", 48, "SHA384", EVP_sha384},
    {"sha512", 64, "SHA512", EVP_sha512},
};

const Algorithm& RowOf(DigestAlgorithm algorithm) {
  return kAlgorithms[static_cast<size_t>(algorithm)];
}

// Looking an algorithm up by name is most of the cost of a small digest in
// OpenSSL 3: once per process. (std::call_once: the thread sanitizer knows it,
// abseil's of a Debian library it does not.)
const EVP_MD* ByOpenSsl(DigestAlgorithm algorithm) {
  struct Fetched {
    std::once_flag once;
    const EVP_MD* digest = nullptr;
  };
  static Fetched all[kDigestAlgorithmCount];
  Fetched& fetched = all[static_cast<size_t>(algorithm)];
  std::call_once(fetched.once, [&] {
    const Algorithm& row = RowOf(algorithm);
    fetched.digest = EVP_MD_fetch(nullptr, row.fetched, nullptr);
    if (fetched.digest == nullptr) fetched.digest = row.fallback();
  });
  return fetched.digest;
}

struct FreeContext {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};

// OpenSSL's calls fail only for want of memory or of the algorithm.
class Hasher {
 public:
  explicit Hasher(DigestAlgorithm algorithm) : context_(EVP_MD_CTX_new()) {
    EVP_DigestInit_ex(context_.get(), ByOpenSsl(algorithm), nullptr);
  }
  void Add(absl::string_view bytes) {
    EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size());
  }
  std::string Finish() {
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    EVP_DigestFinal_ex(context_.get(), digest, &size);
    return absl::BytesToHexString(
        absl::string_view(reinterpret_cast<char*>(digest), size));
  }

 private:
  std::unique_ptr<EVP_MD_CTX, FreeContext> context_;
};

}  // namespace

void UseDigestsOnly() {
  OPENSSL_init_crypto(
      OPENSSL_INIT_NO_LOAD_CONFIG | OPENSSL_INIT_NO_LOAD_CRYPTO_STRINGS |
          OPENSSL_INIT_NO_ADD_ALL_CIPHERS | OPENSSL_INIT_NO_ADD_ALL_DIGESTS,
      nullptr);
}

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
