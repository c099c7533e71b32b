#include "r/write/object.h"

#include <cstring>

#include "core/base/output.h"
#include "r/text.h"
#include "r/trusted_classes.h"
#include "r/vector.h"
#include "r/write/attributes.h"

namespace mmappickle::write {

using pickle::kNoId;
using pickle::Placement;

namespace {

const char* const kWhole =
    "Store the whole object that it is a part of. python_object() makes objects that can "
    "be stored.";

std::string without_stop(std::string sentence) {
  if (!sentence.empty() && sentence.back() == '.') sentence.pop_back();
  return sentence;
}

bool is_same(const Output& output, Bytes bytes) {
  if (output.size() != bytes.size) return false;
  bool same = true;
  output.visit([&](std::uint64_t at, const auto& piece) {
    Bytes there;
    if constexpr (std::is_same_v<std::decay_t<decltype(piece)>, Bytes>) {
      there = piece;
    } else {
      there = piece.in_memory();
    }
    same = same &&
           std::memcmp(there.data, bytes.data + (at - output.origin()), there.size) == 0;
  });
  return same;
}

// Why there is no pickle.
[[noreturn]] void refuse_bare(Context& context, SEXP x, SEXP attributes) {
  if (TYPEOF(x) == VECSXP && Rf_xlength(x) == 2 && is_class(vector_elt(x, 1), "cycle")) {
    context.refuse(
        ErrorKind::value,
        "it stands for a value that it is itself a part of, which R cannot hold");
  }
  SEXP why = get_attribute(attributes, "unstorable");
  if (TYPEOF(why) == STRSXP && Rf_xlength(why) == 1) {
    context.refuse(ErrorKind::value, "this Python object cannot be pickled: " +
                                         without_stop(utf8_of(string_elt(why, 0))));
  }
  context.refuse(ErrorKind::value, "this Python object carries no pickle of its own",
                 kWhole);
}

}  // namespace

Plan Objects::plan(SEXP x, SEXP attributes, bool is_root) {
  SEXP raw = get_attribute(attributes, "pickle");
  if (TYPEOF(raw) != RAWSXP) refuse_bare(context_, x, attributes);
  const Object& object = read(raw, is_root);
  const bool is_simple = is_class(get_attribute(attributes, "class"), "python_object");
  if (is_root && object.placement == Placement::anywhere) {
    context_.stored_value.opcodes = object.opcodes;
    context_.stored_value.memo = object.memo;
  }
  // Names, class and pickle: there is nothing to add.
  if (is_root && object.placement != Placement::nowhere && is_simple &&
      Rf_xlength(attributes) == 3) {
    context_.stored_value.pickle = object.all;
  }
  Plan plan = plan_of(x, [node = object.node](SEXP) {
    Encoded out;
    out.value = node;
    return out;
  });
  plan.is_opaque = true;
  plan.said = {"names"};
  if (is_simple) plan.said.push_back("class");
  if (object.comes_back) plan.said.push_back("pickle");
  return plan;
}

const Objects::Object& Objects::read(SEXP raw, bool is_root) {
  const auto cached = objects_.find(raw);
  if (cached != objects_.end()) return cached->second;
  Object object;
  object.all = Bytes(static_cast<const std::uint8_t*>(read_pointer(raw)),
                     static_cast<std::uint64_t>(Rf_xlength(raw)));
  pickle::Pickle found;
  try {
    found = pickle::read_pickle(context_.tree, object.all);
  } catch (const Error& error) {
    if (error.kind != ErrorKind::format) throw;
  }
  if (found.root == kNoId || found.consumed != object.all.size ||
      found.metadata != kNoId) {
    context_.refuse(ErrorKind::value, "its attribute \"pickle\" is no pickle");
  }
  object.node = found.root;
  object.placement = found.placement;
  object.opcodes = found.opcodes;
  object.memo = found.memo;
  object.comes_back = comes_back(object, is_root);
  return objects_.emplace(raw, object).first->second;
}

// Whether reading gives the object with this very pickle: by itself it is stored byte for
// byte, inside of other values it is written anew. Else the pickle rides behind it.
bool Objects::comes_back(const Object& object, bool is_root) {
  if (!object.all.starts_with("\x80\x04")) return false;
  if (is_root && object.placement == Placement::anywhere) return true;
  if (!writer_) writer_ = std::make_unique<pickle::ManyWriter>(context_.tree);
  Output output(0);
  pickle::Memo memo(1);
  try {
    writer_->write(object.node, output, memo);
  } catch (const Error& error) {
    context_.refuse(
        error.kind,
        "this Python object cannot be pickled: " + without_stop(error.message),
        error.hint);
  }
  return is_same(output, object.opcodes);
}

}  // namespace mmappickle::write
