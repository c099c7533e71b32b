#include "brief.h"

#include <algorithm>

#include "../base/error.h"
#include "../numpy/array_form.h"
#include "../pickle/opcodes.h"
#include "../pickle/reader.h"
#include "../python/object.h"
#include "describer.h"

namespace mmappickle::plan {

using pickle::Begun;
using pickle::Tag;

namespace op = pickle::op;

namespace {

// What pandas' objects say is checked element by element: of larger ones the class tells.
constexpr std::uint64_t kMostOfPandas = std::uint64_t{1} << 20;

// R metadata, or what else stands behind a value, as an entry of no key and None.
Bytes behind_none(pickle::Tree& tree, std::string_view opcodes) {
  return tree.keep(std::string("\x8c\0N", 3).append(opcodes));
}

// In Python's words, as far as they are certain.
Brief in_python(const pickle::Tree& tree, Id first, bool marked, std::uint8_t last) {
  Brief out;
  const Tag tag = first == kNoId ? Tag::none : tree[first].tag;
  const bool called = tag == Tag::object || tag == Tag::global;
  const auto ends_in = [last](std::initializer_list<std::uint8_t> opcodes) {
    return std::find(opcodes.begin(), opcodes.end(), last) != opcodes.end();
  };
  if (marked ? ends_in({op::TUPLE, op::LIST, op::FROZENSET})
             : tag == Tag::list || tag == Tag::set) {
    out.text = "sequence";
  } else if (marked) {
    return out;
  } else if (tag == Tag::dict && ends_in({op::SETITEM, op::SETITEMS})) {
    out.text = "dict";
  } else if (called && ends_in({op::BUILD, op::REDUCE, op::NEWOBJ, op::NEWOBJ_EX,
                                op::APPENDS, op::SETITEMS})) {
    out.text = python::class_name(tree, first);
  }
  return out;
}

// The R metadata at the end of a long entry, and the opcode before them, by which the
// value ends (0: not known). They are found by their mark, backwards: a text that holds
// what looks like such may pass for them.
struct End {
  std::uint8_t opcode = 0;
  Id metadata = kNoId;
};
End read_end(pickle::Tree& tree, const Image& body, std::uint64_t most) {
  constexpr std::string_view kMark("\x8c\x0cmmappickle:RK\x01", 16);
  most = std::min(most, body.size());
  const std::string_view end = body.bytes(body.size() - most, most).text();
  std::size_t at = end.size();
  End out;
  if (end.size() > 2 && end.back() == static_cast<char>(op::POP)) {
    at = end.rfind(kMark);
    if (at == std::string_view::npos) return out;
    try {
      out.metadata = pickle::read_entry(tree, behind_none(tree, end.substr(at))).metadata;
    } catch (const Error&) {  // they refer to texts of the value
    }
  }
  // MEMOIZE and PUT may stand behind.
  const auto is_put = [&](std::size_t size, std::uint8_t opcode) {
    return at > size && static_cast<std::uint8_t>(end[at - size]) == opcode;
  };
  if (is_put(2, op::BINPUT)) {
    at -= 2;
  } else if (is_put(5, op::LONG_BINPUT)) {
    at -= 5;
  }
  if (at > 0) out.opcode = static_cast<std::uint8_t>(end[at - 1]);
  return out;
}

bool has_pandas(const pickle::Tree& tree) {
  for (Id id = 0; id < tree.size(); ++id) {
    if (tree[id].tag != Tag::global) continue;
    const std::string_view module = tree.text_of(tree[id].first);
    if (module.substr(0, 6) == "pandas" || module.substr(0, 7) == "pyarrow") return true;
  }
  return false;
}

Brief brief_of_array(const numpy::ArrayEntry& entry, const BriefOptions& options) {
  pickle::Tree tree;
  if (entry.metadata.size > options.most) {
    Brief out;
    out.text = Made{text(entry.array.dtype), Made::elements, entry.array.shape}.text();
    return out;
  }
  const Id metadata =
      entry.metadata.size == 0
          ? kNoId
          : pickle::read_entry(tree, behind_none(tree, entry.metadata.text())).metadata;
  return Describer(tree, options).brief(kNoId, metadata, &entry.array);
}

Brief brief_of_value(const Image& body, const BriefOptions& options) {
  pickle::Tree tree;
  const Begun begun = pickle::begin_entry(tree, body, options.most);
  if (begun.reach == Begun::broken) {
    Brief out;
    out.damaged = true;
    return out;
  }
  if (begun.reach == Begun::begun) {
    const End end = read_end(tree, body, options.most);
    const Brief out = in_python(tree, begun.first, begun.marked, end.opcode);
    return end.metadata == kNoId ? out
                                 : Describer(tree, options).brief(out, end.metadata);
  }
  if (body.size() > kMostOfPandas && has_pandas(tree)) {
    return in_python(tree, begun.entry.value, false, op::BUILD);
  }
  return Describer(tree, options).brief(begun.entry.value, begun.entry.metadata);
}

}  // namespace

Brief brief_of(const Image& body, const BriefOptions& options) {
  try {
    numpy::ArrayEntry entry;
    std::string problem;
    switch (numpy::read_array_entry(body, entry, problem)) {
      case numpy::HeadKind::array:
        return brief_of_array(entry, options);
      case numpy::HeadKind::none:
        return brief_of_value(body, options);
      case numpy::HeadKind::damaged:
        break;
    }
    throw Error(ErrorKind::format, problem);
  } catch (const Error& error) {
    Brief out;
    out.damaged = error.kind == ErrorKind::format;
    return out;
  }
}

}  // namespace mmappickle::plan
