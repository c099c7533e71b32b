// Objects that Python makes when it loads the pickle: nothing is called here.
#pragma once

#include <string>

#include "../pickle/tree.h"

namespace mmappickle::python {

// What Python is to do: make = callable(*args, **keywords) (`call`) or
// callable.__new__(callable, *args, **keywords) (`new_object`), and to it the rest.
// kNoId: nothing of that kind.
struct NewObject {
  pickle::How how = pickle::How::call;
  pickle::Id callable = pickle::kNoId;
  pickle::Id args = pickle::kNoId;      // a list or tuple node
  pickle::Id keywords = pickle::kNoId;  // a dict node, as is dict_items
  pickle::Id state = pickle::kNoId, items = pickle::kNoId, dict_items = pickle::kNoId;
};
pickle::Id new_object(pickle::Tree& tree, const NewObject& parts);

// "module.name" as a global; what is before the last dot is the module. Of what is inside
// of a class "module:Class.name".
pickle::Id global_of(pickle::Tree& tree, const std::string& dotted);

// A pickle as it comes out where what was read from it is written inside of a value: in
// protocol 4, arrays as calls, no frames.
std::string rewritten(const std::string& pickle);

}  // namespace mmappickle::python
