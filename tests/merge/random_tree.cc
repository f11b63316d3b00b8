// SPDX-FileCopyrightText: 2026 The materialize authors
// SPDX-License-Identifier: Apache-2.0

#include "tests/merge/random_tree.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace materialize {
namespace {

using Inode = std::shared_ptr<const Node>;

bool IsIn(const std::string& path, const std::string& above) {
  return above.empty() || path == above || absl::StartsWith(path, above + "/");
}

bool IsSameContent(const Node& a, const Node& b) {
  return a.size == b.size &&
         (a.size == 0 || (a.bytes == b.bytes && a.is_hole == b.is_hole));
}

bool LooksTheSame(const Node& a, const Node& b) {
  return a.size == b.size && a.mode == b.mode &&
         a.mtime.tv_sec == b.mtime.tv_sec && a.mtime.tv_nsec == b.mtime.tv_nsec;
}

// Makes a tree grow and change.
class Gardener {
 public:
  Gardener(NodeTree tree, Random& random, const TreeWish& wish)
      : tree_(std::move(tree)), random_(random), wish_(wish) {}

  NodeTree& tree() { return tree_; }
  void Grow();
  void Edit(bool changes_show);

 private:
  std::string NewName();
  std::string NewPath();
  timespec NewTime();
  size_t NewSize();
  Node NewNode(NodeKind kind);
  Node NewFile();
  void Add();

  std::vector<std::string> Paths(NodeKind kind) const;
  // Anything but the root; "" where there is nothing.
  std::string AnyPath();
  std::string AnyFile();
  NodeTree Take(const std::string& path);
  void Put(const NodeTree& taken, const std::string& path);
  void Change(const std::string& path, void (*change)(Node&, Random&));

  void Rename();
  void Swap();
  void Rotate();
  void ChangeKind();
  void JoinNames();

  NodeTree tree_;
  Random& random_;
  const TreeWish wish_;
};

std::string Gardener::NewName() {
  static constexpr char kPlain[] = "abcdefghijklmnopqrstuvwxyz0123456789";
  static const std::vector<std::string> kOdd = {
      "-rf", "--",   "a b",         "new\nline", "\xff\xfe",     "#",  "\\",
      "\"",  "[*?]", "caf\xc3\xa9", "\x01",      "...",          "~",  " ",
      "'",   "@x",   "Name",        "name",      "cafe\xcc\x81", "%s", "$(x)",
      "=",   "a\r",  "\t"};
  std::string name;
  if (wish_.any_bytes && random_.Chance(25)) {
    name = random_.Pick(kOdd);
  } else if (wish_.any_bytes && random_.Chance(20)) {
    const size_t length = random_.Chance(10) ? 255 : 1 + random_.Below(12);
    while (name.size() < length) {
      const char byte = static_cast<char>(1 + random_.Below(255));
      if (byte != '/') name.push_back(byte);
    }
  } else {
    const size_t length = random_.Chance(3) ? 255 : 1 + random_.Below(3);
    while (name.size() < length)
      name.push_back(kPlain[random_.Below(sizeof(kPlain) - 1)]);
  }
  return name == "." || name == ".." ? "dot" : name;
}

std::string Gardener::NewPath() {
  const std::string directory = random_.Pick(Paths(NodeKind::kDirectory));
  while (true) {
    const std::string name = NewName();
    std::string path =
        directory.empty() ? name : absl::StrCat(directory, "/", name);
    if (!tree_.contains(path)) return path;
  }
}

timespec Gardener::NewTime() {
  timespec time = {
      .tv_sec = 1'000'000'000 + static_cast<time_t>(random_.Below(700'000'000)),
      .tv_nsec = 0};
  if (random_.Chance(50)) return time;
  time.tv_nsec = static_cast<long>(random_.Below(1'000'000'000));  // NOLINT
  if (random_.Chance(30)) time.tv_nsec = time.tv_nsec / 1000 * 1000;
  return time;
}

size_t Gardener::NewSize() {
  const size_t kind = random_.Below(100);
  if (kind < 15) return 0;
  if (kind < 70) return 1 + random_.Below(100);
  if (kind < 95) return 1 + random_.Below(9000);
  return 1 + random_.Below(300'000);
}

Node Gardener::NewNode(NodeKind kind) {
  static const std::vector<mode_t> kDirectoryModes = {0755, 0755, 0700, 0555,
                                                      0750, 0777, 0000};
  Node node = {.kind = kind, .mtime = NewTime()};
  if (kind == NodeKind::kDirectory) node.mode = random_.Pick(kDirectoryModes);
  if (kind == NodeKind::kSymlink) {
    node.mode = 0777;
    node.target = random_.Chance(50) ? AnyPath() : NewName();
    if (node.target.empty()) node.target = "..";
  }
  return node;
}

Node Gardener::NewFile() {
  static const std::vector<mode_t> kModes = {0644, 0644, 0644, 0755,
                                             0444, 0600, 0000, 0666};
  Node node = NewNode(NodeKind::kFile);
  node.mode = random_.Pick(kModes);
  const std::string twin = random_.Chance(25) ? AnyFile() : "";
  if (!twin.empty()) {
    node.size = tree_[twin]->size;
    node.bytes = tree_[twin]->bytes;
    node.is_hole = tree_[twin]->is_hole;
    if (random_.Chance(30)) node.mtime = tree_[twin]->mtime;
    if (random_.Chance(50)) node.mode = tree_[twin]->mode;
    return node;
  }
  node.size = NewSize();
  node.bytes = random_.Word();
  node.is_hole = random_.Chance(4);
  return node;
}

void Gardener::Add() {
  const size_t kind = random_.Below(100);
  const std::string path = NewPath();
  if (kind < 20) {
    tree_[path] = std::make_shared<Node>(NewNode(NodeKind::kDirectory));
  } else if (kind < 30) {
    tree_[path] = std::make_shared<Node>(NewNode(NodeKind::kSymlink));
  } else if (const std::string twin = AnyFile(); kind < 38 && !twin.empty()) {
    tree_[path] = Inode(tree_[twin]);
  } else {
    tree_[path] = std::make_shared<Node>(NewFile());
  }
}

void Gardener::Grow() {
  if (tree_.empty())
    tree_[""] = std::make_shared<Node>(NewNode(NodeKind::kDirectory));
  const size_t entries = 1 + random_.Below(wish_.entries);
  for (size_t added = 0; added < entries; ++added) Add();
}

std::vector<std::string> Gardener::Paths(NodeKind kind) const {
  std::vector<std::string> paths;
  for (const auto& [path, node] : tree_)
    if (node->kind == kind) paths.push_back(path);
  return paths;
}

std::string Gardener::AnyPath() {
  auto at = tree_.begin();
  std::advance(at, static_cast<std::ptrdiff_t>(
                       tree_.empty() ? 0 : random_.Below(tree_.size())));
  return at == tree_.end() ? "" : at->first;
}

std::string Gardener::AnyFile() {
  const std::vector<std::string> files = Paths(NodeKind::kFile);
  return files.empty() ? "" : random_.Pick(files);
}

// With what is below it; the paths of what is taken begin at `path`.
NodeTree Gardener::Take(const std::string& path) {
  NodeTree taken;
  for (auto at = tree_.begin(); at != tree_.end();) {
    if (!IsIn(at->first, path)) {
      ++at;
      continue;
    }
    taken[at->first.substr(path.size())] = at->second;
    at = tree_.erase(at);
  }
  return taken;
}

void Gardener::Put(const NodeTree& taken, const std::string& path) {
  for (const auto& [below, node] : taken) tree_[path + below] = node;
}

void Gardener::Change(const std::string& path, void (*change)(Node&, Random&)) {
  if (!tree_.contains(path)) return;
  auto changed = std::make_shared<Node>(*tree_[path]);
  change(*changed, random_);
  tree_[path] = std::move(changed);
}

void Gardener::Rename() {
  const std::string from = AnyPath();
  if (from.empty()) return;
  const NodeTree taken = Take(from);
  Put(taken, NewPath());
}

void Gardener::Swap() {
  const std::string a = AnyPath();
  const std::string b = AnyPath();
  if (IsIn(a, b) || IsIn(b, a)) return;
  const NodeTree taken_a = Take(a);
  const NodeTree taken_b = Take(b);
  Put(taken_a, b);
  Put(taken_b, a);
}

void Gardener::Rotate() {
  const std::vector<std::string> files = Paths(NodeKind::kFile);
  if (files.size() < 2) return;
  const size_t count = std::min(files.size(), 2 + random_.Below(4));
  const size_t first = random_.Below(files.size() - count + 1);
  const Inode last = tree_[files[first + count - 1]];
  for (size_t at = first + count - 1; at > first; --at)
    tree_[files[at]] = tree_[files[at - 1]];
  tree_[files[first]] = last;
}

void Gardener::ChangeKind() {
  const std::string path = AnyPath();
  if (path.empty()) return;
  (void)Take(path);
  const size_t kind = random_.Below(4);
  if (kind == 0) {
    tree_[path] = std::make_shared<Node>(NewFile());
  } else if (kind == 1) {
    tree_[path] = std::make_shared<Node>(NewNode(NodeKind::kSymlink));
  } else if (kind == 2) {
    tree_[path] = std::make_shared<Node>(NewNode(NodeKind::kFifo));
  } else {
    tree_[path] = std::make_shared<Node>(NewNode(NodeKind::kDirectory));
    for (size_t inside = random_.Below(3); inside > 0; --inside)
      tree_[absl::StrCat(path, "/in", inside)] =
          std::make_shared<Node>(NewFile());
  }
}

void Gardener::JoinNames() {
  const std::string a = AnyFile();
  const std::string b = AnyFile();
  if (!a.empty()) tree_[a] = Inode(tree_[b]);
}

void Gardener::Edit(bool changes_show) {
  switch (random_.Below(12)) {
    case 0:
      return Rename();
    case 1:
      return Swap();
    case 2:
      return Rotate();
    case 3:
    case 4:
      return ChangeKind();
    case 5:
      return JoinNames();
    case 6:  // other bytes of the same length
      return Change(AnyFile(), [](Node& node, Random& random) {
        node.bytes = random.Word();
        node.is_hole = false;
      });
    case 7:  // one name less of its inode, or other bytes that do not show
      return Change(AnyFile(), [](Node&, Random&) {});
    case 8:
      return Change(AnyPath(), [](Node& node, Random& random) {
        if (node.kind != NodeKind::kSymlink)
          node.mode ^= random.Chance(50) ? 0100 : 0022;
      });
    case 9:
      return Change(AnyPath(), [](Node& node, Random& random) {
        const bool by_little = random.Chance(50);
        (by_little ? node.mtime.tv_nsec : node.mtime.tv_sec) ^= 1;
      });
    case 10:
      if (const std::string path = AnyPath(); !path.empty()) (void)Take(path);
      return;
    default:
      return changes_show ? Add() : Change(AnyFile(), [](Node& n, Random& r) {
        n.bytes = r.Word();
      });
  }
}

std::string LineOf(const NodeTree& tree, const std::string& path,
                   std::map<const Node*, size_t>* numbers) {
  const auto at = tree.find(path);
  if (at == tree.end()) return "-";
  static constexpr const char* kKinds[] = {"dir", "file", "link", "fifo"};
  const Node& node = *at->second;
  const size_t number =
      numbers->try_emplace(&node, numbers->size()).first->second;
  return absl::StrCat("inode ", number, " ",
                      kKinds[static_cast<int>(node.kind)], " 0",
                      absl::Hex(node.mode >> 6), absl::Hex(node.mode >> 3 & 7),
                      absl::Hex(node.mode & 7), " @", node.mtime.tv_sec, ".",
                      node.mtime.tv_nsec, " size ", node.size, " bytes ",
                      absl::Hex(node.bytes), node.is_hole ? " hole" : "");
}

std::string Escaped(const std::string& path) {
  std::string text;
  for (const char byte : path) {
    const bool plain = byte > ' ' && byte < 127 && byte != '\\';
    plain ? text.push_back(byte)
          : absl::StrAppend(&text, "\\x",
                            absl::Hex(static_cast<unsigned char>(byte)));
  }
  return text;
}

}  // namespace

NodeTree MakeTree(Random& random, const TreeWish& wish) {
  Gardener gardener({}, random, wish);
  gardener.Grow();
  return std::move(gardener.tree());
}

NodeTree Edited(const NodeTree& source, Random& random, const EditWish& wish) {
  Gardener gardener(source, random, wish.tree);
  const size_t edits = random.Below(wish.edits + 1);
  for (size_t edit = 0; edit < edits; ++edit) gardener.Edit(wish.changes_show);
  NodeTree& tree = gardener.tree();
  // Inodes of its own, but for a share.
  std::map<Inode, Inode> own;
  for (auto& [path, node] : tree) {
    const auto [at, is_new] = own.try_emplace(node, node);
    const bool keeps =
        node->kind == NodeKind::kFile && random.Chance(wish.shared_inodes);
    if (is_new && !keeps) at->second = std::make_shared<Node>(*node);
    node = at->second;
  }
  if (!wish.changes_show) return std::move(tree);
  for (auto& [path, node] : tree) {
    const auto wanted = source.find(path);
    const bool hides = wanted != source.end() &&
                       node->kind == NodeKind::kFile &&
                       wanted->second->kind == NodeKind::kFile &&
                       LooksTheSame(*node, *wanted->second) &&
                       !IsSameContent(*node, *wanted->second);
    if (!hides) continue;
    auto shown = std::make_shared<Node>(*node);
    ++shown->mtime.tv_sec;
    node = std::move(shown);
  }
  return std::move(tree);
}

std::string Describe(const NodeTree& source, const NodeTree& destination) {
  std::map<std::string, int> paths;
  for (const auto& [path, node] : source) paths[path] = 1;
  for (const auto& [path, node] : destination) paths[path] = 1;
  std::map<const Node*, size_t> numbers;
  std::string text;
  for (const auto& [path, one] : paths) {
    absl::StrAppend(&text, "  ", path.empty() ? "." : Escaped(path),
                    "\n    src ", LineOf(source, path, &numbers), "\n    dst ",
                    LineOf(destination, path, &numbers), "\n");
  }
  return text;
}

}  // namespace materialize
