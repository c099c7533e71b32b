// Bytes, and the calls by which protocols 0 to 2 spell them.
#include "../base/utf8.h"
#include "names.h"
#include "recognise.h"

namespace mmappickle::numpy {

using pickle::How;
using pickle::Node;
using pickle::Tag;

bool Recogniser::bytes(Id id, Bytes& bytes) {
  const Node& node = tree_[id];
  switch (node.tag) {
    case Tag::bytes:
    case Tag::byte_array:
    case Tag::string:
      bytes = tree_.bytes_of(id);
      return true;
    case Tag::object:
      break;
    default:
      return false;
  }
  const Call call(tree_, id);
  if (node.how != How::call || !call.is_positional()) return false;
  const Global name = global_of(tree_, call.callable());
  if ((name == Global::empty_bytes || name == Global::bytearray) && call.count() == 0) {
    bytes = Bytes();
    return true;
  }
  if (name == Global::bytearray && call.count() == 1) {
    if (!call.untouched()) return false;
    const Id inner = call[0];
    const bool called = tree_[inner].tag == Tag::object &&
                        global_of(tree_, Call(tree_, inner).callable()) == Global::encode;
    return (called || tree_[inner].tag == Tag::bytes) && this->bytes(inner, bytes);
  }
  const bool both = name == Global::encode || name == Global::bytearray;
  return both && call.count() == 2 && encoded(call[0], call[1], bytes);
}

bool Recogniser::encoded(Id text, Id codec, Bytes& bytes) {
  if (tree_[text].tag != Tag::text) return false;
  const auto is = [&](const auto&... names) {
    return (tree_.is_text(codec, names) || ...);
  };
  if (is("utf-8", "utf8", "ascii")) {
    bytes = tree_.bytes_of(text);
    if (is("ascii")) return is_ascii(bytes);
    return classify_text(bytes) != TextKind::surrogates;
  }
  return is("latin1", "latin-1", "iso-8859-1") && latin1(text, bytes);
}

bool Recogniser::data(Id id, Bytes& bytes) {
  return this->bytes(id, bytes) || (tree_[id].tag == Tag::text && latin1(id, bytes));
}

bool Recogniser::latin1(Id text, Bytes& bytes) {
  const auto known = texts_.find(text);
  if (known == texts_.end()) {
    std::string encoded;
    const bool fits = utf8_to_latin1(tree_.bytes_of(text), encoded);
    texts_[text] =
        fits ? std::optional<Bytes>(tree_.keep(std::move(encoded))) : std::nullopt;
  }
  const std::optional<Bytes>& made = texts_[text];
  if (made) bytes = *made;
  return made.has_value();
}

}  // namespace mmappickle::numpy
