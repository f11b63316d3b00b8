// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0
//
// The command: reads the command line, runs one command, and maps its Status to
// an exit code. Nobody else exits.

#include <unistd.h>

#include <atomic>
#include <csignal>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "materialize/cli/arguments.h"
#include "materialize/cli/commands.h"
#include "materialize/cli/files.h"
#include "materialize/cli/help.h"
#include "materialize/cli/run.h"
#include "materialize/cli/tell.h"
#include "materialize/os/status.h"
#include "materialize/os/sys.h"

namespace materialize::cli {
namespace {

std::atomic<bool> cancelled{false};
static_assert(std::atomic<bool>::is_always_lock_free,
              "a signal handler sets it");

void HandleSignal(int) { cancelled.store(true, std::memory_order_relaxed); }

// The first signal asks the run to clean up and stop; a second one kills.
void CatchSignals() {
  struct sigaction action = {};
  action.sa_handler = HandleSignal;
  action.sa_flags = static_cast<int>(SA_RESETHAND);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
    struct sigaction before = {};
    // Whoever started us with a signal ignored (nohup) wants it ignored.
    if (sigaction(signal, nullptr, &before) == 0 &&
        before.sa_handler == SIG_IGN)
      continue;
    (void)sigaction(signal, &action,
                    nullptr);  // Fails only for numbers that are no signals.
  }
  // A reader that went away is a write error, not a reason to leave staging
  // behind.
  (void)std::signal(SIGPIPE, SIG_IGN);
}

struct Runner {
  CommandSet command;
  absl::StatusOr<Completion> (*run)(const Run&);
};

constexpr Runner kRunners[] = {
    {kPlace, Place},   {kMove, Move},     {kProbe, Probe},
    {kVerify, Verify}, {kStatus, Status}, {kUninstall, Uninstall},
};

// Indexed by Completion.
constexpr ExitCode kExitCodes[] = {ExitCode::kDone, ExitCode::kPartial,
                                   ExitCode::kDiffers, ExitCode::kFailed};

// What the kernel said is a failure, whatever code abseil gives it (EINVAL is
// InvalidArgument to it).
ExitCode ExitCodeOf(const absl::Status& status) {
  if (absl::IsCancelled(status)) return ExitCode::kInterrupted;
  if (ErrnoOf(status).has_value()) return ExitCode::kFailed;
  return absl::IsInvalidArgument(status) ? ExitCode::kUsage : ExitCode::kFailed;
}

ExitCode Fail(const absl::Status& status) {
  Complain(RealSys(), status.message());
  return ExitCodeOf(status);
}

ExitCode Print(const std::string& text) {
  Output output = Output::Standard(RealSys(), STDOUT_FILENO);
  output.Append(text);
  const absl::Status status = output.Commit();
  return status.ok() ? ExitCode::kDone : Fail(status);
}

ExitCode RunCommand(const Arguments& arguments) {
  if (const absl::Status status = ApplyFlags(arguments); !status.ok())
    return Fail(status);
  for (const Runner& runner : kRunners) {
    if (runner.command != arguments.command->bit) continue;
    CatchSignals();
    const absl::StatusOr<Completion> completion =
        runner.run({RealSys(), arguments, cancelled});
    if (!completion.ok()) return Fail(completion.status());
    return kExitCodes[static_cast<size_t>(*completion)];
  }
  return Fail(absl::InternalError(
      absl::StrCat("nobody runs ", arguments.command->name)));
}

ExitCode Main(const std::vector<std::string>& words) {
  const absl::StatusOr<Arguments> arguments = ParseArguments(words);
  if (!arguments.ok()) return Fail(arguments.status());
  if (arguments->version) return Print(VersionText());
  if (arguments->help) {
    return Print(arguments->command == nullptr ? OverviewText()
                                               : HelpText(*arguments->command));
  }
  return RunCommand(*arguments);
}

}  // namespace
}  // namespace materialize::cli

int main(int argc, char** argv) {
  return static_cast<int>(materialize::cli::Main(
      std::vector<std::string>(argv + (argc > 0 ? 1 : 0), argv + argc)));
}
