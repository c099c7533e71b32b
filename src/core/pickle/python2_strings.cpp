#include "python2_strings.h"

#include "../base/utf8.h"

namespace mmappickle::pickle {

namespace {

// The node that a string is, or kNoId if it stays one.
Id decoded(Tree& tree, Bytes bytes, Encoding encoding) {
  switch (encoding) {
    case Encoding::bytes:
      return tree.bytes(bytes);
    case Encoding::latin1:
      return tree.text(is_ascii(bytes) ? bytes : tree.keep(latin1_to_utf8(bytes)));
    case Encoding::utf8: {
      const TextKind kind = classify_text(bytes);
      const bool valid = kind != TextKind::surrogates && kind != TextKind::invalid;
      return valid ? tree.text(bytes) : kNoId;
    }
    default:
      return kNoId;
  }
}

}  // namespace

bool decode_strings(Tree& tree, Encoding encoding) {
  if (encoding == Encoding::ascii) return false;
  bool any = false;
  const auto size = static_cast<Id>(tree.size());
  for (Id id = 0; id < size; ++id) {
    if (tree[id].tag != Tag::string) continue;
    const Id now = decoded(tree, tree.bytes_of(id), encoding);
    if (now == kNoId) continue;
    tree.become(id, now);
    any = true;
  }
  return any;
}

}  // namespace mmappickle::pickle
