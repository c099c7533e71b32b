#include "r/write/call.h"

#include "core/pickle/inert.h"
#include "core/python/new_object.h"
#include "core/store/plain_pickle.h"
#include "r/write/write.h"

namespace mmappickle {

using pickle::kNoId;

namespace {

constexpr int kFlags = 8;  // as handles have them by default (R/flags.R)

}  // namespace

std::string pickle_of_call(const std::string& callable, const std::string& how,
                           SEXP parts) {
  Warnings ignored;
  numpy::StoredValue stored_value = encode(parts, Flags(kFlags), ignored, "x");
  pickle::Tree& tree = stored_value.tree;
  const auto given = [&](const char* name) {
    return pickle::member(tree, stored_value.value, name);
  };
  python::NewObject object;
  object.how = how == "new" ? pickle::How::new_object : pickle::How::call;
  object.callable = python::global_of(tree, callable);
  object.args = given("args");
  object.keywords = given("keywords");
  object.state = given("state");
  object.items = given("items");
  object.dict_items = given("dict_items");
  stored_value.value =
      how == "global" ? object.callable : python::new_object(tree, object);
  stored_value.metadata = kNoId;
  Output output(0);
  store::put_plain_pickle(output, stored_value);
  std::string bytes(output.size(), '\0');
  output.copy_to(reinterpret_cast<std::uint8_t*>(bytes.data()));
  return python::rewritten(bytes);
}

}  // namespace mmappickle
