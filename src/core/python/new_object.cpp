#include "new_object.h"

#include "../pickle/opcodes.h"
#include "../pickle/reader.h"
#include "../pickle/writer.h"

namespace mmappickle::python {

using pickle::How;
using pickle::Id;
using pickle::kNoId;
using pickle::Tag;
using pickle::Tree;

namespace {

// A call with keywords, which REDUCE has no place for: functools.partial(callable,
// **keywords)(*args), as Python spells it in protocols below 4.
Id with_keywords(Tree& tree, Id callable, Id keywords) {
  const Id partial = tree.object(How::call, tree.global("functools", "partial"),
                                 tree.container(Tag::tuple, {callable}));
  tree.extra(partial).state = tree.container(
      Tag::tuple, {callable, tree.container(Tag::tuple), keywords, tree.none()});
  return partial;
}

}  // namespace

Id new_object(Tree& tree, const NewObject& parts) {
  std::vector<Id> args;
  for (Id item : tree.items(parts.args)) args.push_back(item);
  How how = parts.how;
  Id callable = parts.callable;
  pickle::Extra extra;
  if (parts.keywords != kNoId && how == How::call) {
    callable = with_keywords(tree, callable, parts.keywords);
  } else if (parts.keywords != kNoId) {
    how = How::new_object_ex;
    extra.keywords = parts.keywords;
  }
  extra.state = parts.state;
  extra.items = parts.items;
  extra.dict_items = parts.dict_items;
  const Id object = tree.object(how, callable, tree.container(Tag::tuple, args));
  tree.extra(object) = extra;
  return object;
}

Id global_of(Tree& tree, const std::string& dotted) {
  std::size_t dot = dotted.find(':');  // "pandas:Categorical.from_codes"
  if (dot == std::string::npos) dot = dotted.rfind('.');
  return tree.global(tree.text(tree.keep(dotted.substr(0, dot))),
                     tree.text(tree.keep(dotted.substr(dot + 1))));
}

std::string rewritten(const std::string& pickle) {
  Tree tree;
  const Id root = pickle::read_pickle(tree, Bytes(pickle)).root;
  Output output(0);
  output.put(pickle::op::PROTO);
  output.put(std::uint8_t{4});
  pickle::Memo memo(1);
  pickle::ManyWriter(tree).write(root, output, memo);
  output.put(pickle::op::STOP);
  std::string bytes(output.size(), '\0');
  output.copy_to(reinterpret_cast<std::uint8_t*>(bytes.data()));
  return bytes;
}

}  // namespace mmappickle::python
