// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0

#include "materialize/action/worker.h"

#include <cstdint>
#include <utility>

#include "nlohmann/json.hpp"

namespace materialize {
namespace {

using Json = nlohmann::json;

// The value at `key`, or `otherwise` where it is absent or of another type.
int64_t IntegerAt(const Json& object, const char* key, int64_t otherwise) {
  const auto found = object.find(key);
  return found != object.end() && found->is_number_integer()
             ? found->get<int64_t>()
             : otherwise;
}

bool IsTrue(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_boolean() && found->get<bool>();
}

ActionEnd Wrong(const char* why) {
  return {.exit_code = kActionUsage,
          .output = std::string("materialize: work request: ") + why + "\n"};
}

ActionEnd Answer(
    const Json& request,
    absl::FunctionRef<ActionEnd(const std::vector<std::string>& arguments)>
        run) {
  if (!request.is_object()) return Wrong("not a JSON object");
  const auto found = request.find("arguments");
  if (found == request.end() || !found->is_array())
    return Wrong("arguments: not a list");
  std::vector<std::string> arguments;
  for (const Json& argument : *found) {
    if (!argument.is_string()) return Wrong("arguments: not a list of strings");
    arguments.push_back(argument.get<std::string>());
  }
  return run(arguments);
}

// The next object, or a line that is none; false at the end. Bazel 4 ends an
// object with nothing but its brace.
bool ReadRequest(std::istream& in, std::string* text) {
  text->clear();
  int depth = 0;
  bool in_string = false;
  bool escaped = false;
  for (char c = 0; in.get(c) && c != '\n';) {
    text->push_back(c);
    const bool was_escaped = std::exchange(escaped, false);
    if (in_string) {
      escaped = c == '\\' && !was_escaped;
      in_string = c != '"' || was_escaped;
      continue;
    }
    in_string = c == '"';
    if (c == '{' || c == '[') ++depth;
    if ((c == '}' || c == ']') && --depth <= 0) return true;
  }
  return !text->empty() || in.good();
}

}  // namespace

void ServeRequests(
    std::istream& in, std::ostream& out,
    absl::FunctionRef<ActionEnd(const std::vector<std::string>& arguments)>
        run) {
  std::string line;
  while (ReadRequest(in, &line)) {
    if (line.empty()) continue;
    const Json request = Json::parse(line, nullptr, /*allow_exceptions=*/false);
    const bool is_object = request.is_object();
    if (is_object && IsTrue(request, "cancel")) continue;
    const ActionEnd end = Answer(request, run);
    const Json answer = {
        {"exitCode", end.exit_code},
        {"output", end.output},
        {"requestId", is_object ? IntegerAt(request, "requestId", 0) : 0}};
    // Paths in a message need not be UTF-8.
    out << answer.dump(-1, ' ', false, Json::error_handler_t::replace)
        << std::endl;
  }
}

}  // namespace materialize
