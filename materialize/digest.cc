// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0

#include "materialize/digest.h"

#include <openssl/evp.h>

#include <cerrno>
#include <cstddef>
#include <memory>

#include "absl/strings/escaping.h"
#include "materialize/os/status.h"

namespace materialize {
namespace {

constexpr size_t kReadBytes = size_t{128} * 1024;

// Looking the algorithm up by name is most of the cost of a small digest in
// OpenSSL 3: once per process.
const EVP_MD* Algorithm() {
  static const EVP_MD* const algorithm =
      EVP_MD_fetch(nullptr, "SHA256", nullptr);
  return algorithm != nullptr ? algorithm : EVP_sha256();
}

struct FreeContext {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};

// OpenSSL's calls fail only for want of memory or of the algorithm.
class Hasher {
 public:
  Hasher() : context_(EVP_MD_CTX_new()) {
    EVP_DigestInit_ex(context_.get(), Algorithm(), nullptr);
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

std::string Sha256(absl::string_view bytes) {
  Hasher hasher;
  hasher.Add(bytes);
  return hasher.Finish();
}

absl::StatusOr<std::string> Sha256OfFd(Sys& sys, int fd,
                                       absl::string_view path) {
  Hasher hasher;
  const auto buffer = std::make_unique_for_overwrite<char[]>(kReadBytes);
  while (true) {
    const int64_t bytes = sys.Read(fd, buffer.get(), kReadBytes);
    if (bytes == -EINTR) continue;
    if (bytes < 0) return ErrnoStatus(static_cast<int>(-bytes), "read", path);
    if (bytes == 0) return hasher.Finish();
    hasher.Add({buffer.get(), static_cast<size_t>(bytes)});
  }
}

}  // namespace materialize
