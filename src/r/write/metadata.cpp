// R metadata, errors that name the place, and attributes that are left out.
#include <cstring>

#include "core/metadata/names.h"
#include "r/write/encode.h"

namespace mmappickle {

using pickle::Id;
using pickle::kNoId;
using pickle::Tag;

Id Encoder::word(const char* literal) {
  Id& node = words_.emplace(literal, kNoId).first->second;
  if (node == kNoId) node = recipe_.tree.text(std::string_view(literal));
  return node;
}

// The dict, or none where there is nothing to say.
Id Encoder::meta_of(const Frame& frame, const Encoded& encoded) {
  pickle::Tree& tree = recipe_.tree;
  std::vector<Id> members;
  const auto add = [&](const char* name, Id value) {
    members.push_back(word(name));
    members.push_back(value);
  };
  if (encoded.type) add(kMetaType, word(encoded.type));
  if (encoded.own != kNoId) add(kMetaValue, encoded.own);
  if (encoded.bytes != kNoId) add(kMetaBytes, encoded.bytes);
  std::vector<Id> attributes;
  for (std::size_t i = frame.items; i < frame.done.size(); ++i) {
    const Encoded& value = frame.done[i];
    if (value.value == kNoId) continue;
    std::vector<Id> entry = {text_of(frame.parts[i].name), value.value};
    if (value.meta != kNoId) entry.push_back(value.meta);
    attributes.push_back(tree.container(Tag::list, entry));
  }
  if (!attributes.empty()) {
    add(kMetaAttributes, tree.container(Tag::list, attributes));
  }
  std::vector<Id> children;
  for (std::size_t i = 0; i < frame.items && i < frame.done.size(); ++i) {
    if (frame.done[i].meta == kNoId) continue;
    children.push_back(tree.integer(static_cast<std::int64_t>(i)));
    children.push_back(frame.done[i].meta);
  }
  if (!children.empty()) add(kMetaChildren, tree.container(Tag::dict, children));
  return members.empty() ? kNoId : tree.container(Tag::dict, members);
}

// Of a deep value the first and the last steps: an error may be made at each level.
std::string Encoder::where() const {
  constexpr std::size_t kShown = 8;
  std::string path;
  for (std::size_t level = 0; level < frames_.size(); ++level) {
    if (level == kShown && frames_.size() > 2 * kShown) {
      level = frames_.size() - kShown;
      path += " ... ";
    }
    const Frame& frame = frames_[level];
    const std::size_t i = frame.done.size();
    if (i >= frame.parts.size()) continue;
    if (path.empty()) path = "x";
    if (frame.parts[i].name != R_NilValue) {
      path = "attribute \"" + std::string(CHAR(frame.parts[i].name)) + "\" of " +
             (path == "x" ? "the value" : path);
      continue;
    }
    if (frame.form == Form::python_dict) {
      const std::size_t n = frame.items / 2;
      path += i < n ? "$values" : "$keys";
      path += "[[" + std::to_string(i % n + 1) + "]]";
      continue;
    }
    // those of a pairlist are made here
    SEXP names = protect([&] { return Rf_getAttrib(frame.x, R_NamesSymbol); });
    const std::string name =
        TYPEOF(names) != STRSXP || static_cast<R_xlen_t>(i) >= Rf_xlength(names)
            ? std::string()
            : std::string(CHAR(string_elt(names, static_cast<R_xlen_t>(i))));
    path += name.empty() ? "[[" + std::to_string(i + 1) + "]]" : "$" + name;
  }
  return path.empty() ? "the value" : path;
}

std::string Encoder::subject() const {
  std::string path = where();
  return path == "the value" ? "The value" : path;
}

void Encoder::refuse(ErrorKind kind, const std::string& why, const std::string& hint) {
  throw Error(kind, "Cannot store " + where() + ": " + why + ".", hint);
}

namespace {

// What says how a value is built; it is never left out.
bool is_structure(const char* name) {
  for (const char* one :
       {"names", "dim", "dimnames", "class", "levels", "row.names", "tsp"}) {
    if (std::strcmp(name, one) == 0) return true;
  }
  return false;
}

// What packages hang on values, and make anew where they need it.
bool is_scaffolding(const char* name) {
  return std::strcmp(name, "problems") == 0 ||
         std::strcmp(name, ".internal.selfref") == 0;
}

}  // namespace

// Where the error concerns an attribute, the innermost one is left out. False: it
// concerns the value itself.
bool Encoder::drop(const Error& error) {
  if (error.kind != ErrorKind::value && error.kind != ErrorKind::unsupported)
    return false;
  for (std::size_t i = frames_.size(); i > 0; --i) {
    const Frame& frame = frames_[i - 1];
    const std::size_t at = frame.done.size();
    if (at >= frame.parts.size() || frame.parts[at].name == R_NilValue) continue;
    const char* name = CHAR(frame.parts[at].name);
    if (is_structure(name)) return false;
    frames_.resize(i);
    if (!is_scaffolding(name)) {
      std::string what = where();
      what[0] = 'A';
      warnings_.push_back(
          {WarningKind::dropped, what + " cannot be stored and is left out."});
    }
    return true;
  }
  return false;
}

}  // namespace mmappickle
