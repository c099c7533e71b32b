#include "array_file.h"

#include "../base/error.h"
#include "../base/output.h"
#include "../files/npy.h"
#include "../pickle/opcodes.h"
#include "entry_form.h"
#include "replace.h"

namespace mmappickle::store {

namespace op = pickle::op;

namespace {

const numpy::NewArray& array_of(const numpy::StoredValue& stored_value) {
  const pickle::Node& root = stored_value.tree[stored_value.value];
  if (root.tag != pickle::Tag::array) {
    throw Error(ErrorKind::value, "Only an array can be a .npy file.",
                "write_pickle() writes any value.");
  }
  const auto& array = stored_value.arrays[static_cast<std::size_t>(root.integer)];
  if (array.mask) {
    throw Error(ErrorKind::value,
                "A .npy file cannot say which elements are missing (NA).",
                "Store NaN: ndarray(x, \"float64\"); or use write_pickle().");
  }
  return array;
}

}  // namespace

void write_npy(const std::string& path, const numpy::StoredValue& stored_value,
               const std::function<void()>& poll, os::SystemCalls& system) {
  const numpy::NewArray& array = array_of(stored_value);
  Output output(0);
  files::put_npy_head(output, array.dtype, array.shape, array.fortran);
  if (array.dtype.kind == numpy::Kind::object) {
    output.put(op::PROTO);
    output.put(std::uint8_t{4});
    pickle::Memo memo;
    ValueWriter(stored_value).write(stored_value.value, output, memo);
    output.put(op::STOP);
  } else {
    output.put(array.data);
  }
  const auto put = [&](Appender& out) {
    out.put(output);
    if (stored_value.confirm) stored_value.confirm();
  };
  replace_file(path, system, poll, put, {}, Sync::for_old);
}

}  // namespace mmappickle::store
