#include "r/write/python_buffer.h"

#include "core/numpy/portable.h"
#include "core/pickle/reader.h"
#include "r/vector.h"

namespace mmappickle::write {

namespace {

SEXP buffer_tag() { return Rf_install("mmappickle_python_buffer"); }

// The pointer keeps a list: the owner, and the size.
Bytes bytes_of_buffer(Context& context, SEXP buffer) {
  const bool ours = TYPEOF(buffer) == EXTPTRSXP &&
                    R_ExternalPtrTag(buffer) == buffer_tag() &&
                    R_ExternalPtrAddr(buffer) != nullptr;
  if (!ours) context.refuse(ErrorKind::value, "its bytes are Python's, and gone");
  SEXP size = vector_elt(R_ExternalPtrProtected(buffer), 1);
  return Bytes(static_cast<const std::uint8_t*>(R_ExternalPtrAddr(buffer)),
               static_cast<std::uint64_t>(REAL(size)[0]));
}

}  // namespace

SEXP new_python_buffer(SEXP owner, std::uint64_t address, std::uint64_t size) {
  return protect([&] {
    SEXP kept = PROTECT(Rf_allocVector(VECSXP, 2));
    SET_VECTOR_ELT(kept, 0, owner);
    SET_VECTOR_ELT(kept, 1, Rf_ScalarReal(static_cast<double>(size)));
    SEXP pointer =
        R_MakeExternalPtr(reinterpret_cast<void*>(address), buffer_tag(), kept);
    UNPROTECT(1);
    return pointer;
  });
}

Plan plan_pickled(Context& context, SEXP x) {
  SEXP raw = Rf_xlength(x) == 2 ? vector_elt(x, 0) : R_NilValue;
  SEXP buffers = Rf_xlength(x) == 2 ? vector_elt(x, 1) : R_NilValue;
  if (TYPEOF(raw) != RAWSXP || TYPEOF(buffers) != VECSXP) {
    context.refuse(ErrorKind::value, "it is not what Python pickled");
  }
  const Bytes bytes(static_cast<const std::uint8_t*>(read_pointer(raw)),
                    static_cast<std::uint64_t>(Rf_xlength(raw)));
  pickle::Tree& tree = context.tree;
  const auto begin = static_cast<pickle::Id>(tree.size());
  pickle::Pickle found;
  try {
    found = pickle::read_pickle(tree, bytes);
  } catch (const Error& error) {
    if (error.kind != ErrorKind::format) throw;
  }
  if (found.root == pickle::kNoId) {
    context.refuse(ErrorKind::value, "it is not what Python pickled");
  }
  context.pickled_bytes += bytes.size;
  const auto end = static_cast<pickle::Id>(tree.size());
  R_xlen_t next = 0;
  for (pickle::Id id = begin; id < end && next < Rf_xlength(buffers); ++id) {
    if (tree[id].tag != pickle::Tag::buffer) continue;
    const Bytes memory = bytes_of_buffer(context, vector_elt(buffers, next++));
    context.pickled_bytes += memory.size;
    tree.become(id, tree.bytes(memory));
  }
  Plan plan = plan_of(x, [node = found.root](SEXP) {
    Encoded out;
    out.value = node;
    return out;
  });
  plan.is_opaque = true;
  plan.said = {"names", "class"};
  return plan;
}

void finish_pickled(Context& context) {
  if (context.pickled_bytes == 0) return;
  // What several places share is written for each of them; beyond this it keeps its form.
  constexpr std::uint64_t kMultiple = 16, kAtLeast = 1 << 20;
  numpy::make_portable(context.stored_value, memory_source,
                       kMultiple * context.pickled_bytes + kAtLeast);
}

}  // namespace mmappickle::write
