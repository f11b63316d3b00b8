// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// A Sys that goes wrong when told to, and counts what was asked of it.
//   FaultySys sys(RealSys());
//   sys.Fail("CloneFile", EOPNOTSUPP);                            every call
//   sys.Fail("OpenAt", EIO, {.nth = 3, .count = 1, .path = "/b"});   the third
//   one whose path holds "/b", once

#ifndef MATERIALIZE_TESTS_TESTING_FAULTY_SYS_H_
#define MATERIALIZE_TESTS_TESTING_FAULTY_SYS_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "tests/testing/sys_wrapper.h"

namespace materialize {

// Which calls a rule is for, counted from the moment the rule was made.
struct When {
  int nth = 1;                                  // the first of them, from 1
  int count = std::numeric_limits<int>::max();  // how many in a row
  std::string path =
      "";  // only calls one of whose absolute paths contains this
};

// Thread-safe. Calls are named as the methods of Sys; a name that is none fails
// the test. Of several rules for one call the newest that applies decides.
class FaultySys : public SysWrapper {
 public:
  explicit FaultySys(Sys& real) : SysWrapper(real) {}

  // These calls answer -error and do nothing (but Close, which closes all the
  // same, as Linux does).
  void Fail(std::string_view call, int error, When when = {});
  // These calls answer `result` and do nothing: Return("CopyRange", 0).
  void Return(std::string_view call, int64_t result, When when = {});
  // These calls of CopyRange, Read or Write get at most `bytes` to do: the rest
  // is up to the caller.
  void Shorten(std::string_view call, size_t bytes, When when = {});
  // Runs `hook` before these calls, in the calling thread; it may use this Sys.
  void Before(std::string_view call, std::function<void()> hook,
              When when = {.count = 1});
  // Forgets all rules; counts stay.
  void Heal();

  // How often a method was called, failed calls included.
  int Calls(std::string_view call) const;
  int AllCalls() const;

  // From now on keeps a line per call, `OpenAt /a/b` or `LinkAt /a/b -> /c/d`.
  // Slow.
  void StartLog();
  std::vector<std::string> Log() const;

 private:
  struct Rule {
    std::string call;
    When when;
    int seen = 0;
    bool answers = false;
    int64_t result = 0;
    size_t most = std::numeric_limits<size_t>::max();
    std::function<void()> hook;
  };
  struct Decision {
    bool answered = false;
    int64_t result = 0;
    size_t most = std::numeric_limits<size_t>::max();
    std::vector<std::function<void()>> hooks;
  };

  int64_t Around(const Call& call, const RealCall& real) override;
  void Add(Rule rule);
  Decision Decide(const Call& call);

  mutable std::mutex mutex_;
  std::vector<Rule> rules_;
  std::map<std::string, int, std::less<>> calls_;
  bool logs_ = false;
  std::vector<std::string> log_;
};

}  // namespace materialize

#endif  // MATERIALIZE_TESTS_TESTING_FAULTY_SYS_H_
