#include "r/write/call.h"

#include "core/pickle/opcodes.h"
#include "core/pickle/reader.h"
#include "core/pickle/writer.h"
#include "core/store/plain.h"
#include "r/write/write.h"

namespace mmappickle {

using pickle::How;
using pickle::Id;
using pickle::kNoId;
using pickle::Tag;
using pickle::Tree;

namespace {

constexpr int kFlags = 8;  // as handles have them by default (R/flags.R)

// What was given as `name`, kNoId if nothing.
Id part(const Tree& tree, Id parts, std::string_view name) {
  for (std::uint64_t i = 0; i < tree[parts].size; i += 2) {
    if (tree.is_text(tree.item(parts, i), name)) return tree.item(parts, i + 1);
  }
  return kNoId;
}

// A call with keywords, which REDUCE has no place for: functools.partial(callable,
// **keywords)(*args), as Python spells it in protocols below 4.
Id with_keywords(Tree& tree, Id callable, Id keywords) {
  const Id partial = tree.object(How::call, tree.global("functools", "partial"),
                                 tree.container(Tag::tuple, {callable}));
  tree.extra(partial).state = tree.container(
      Tag::tuple, {callable, tree.container(Tag::tuple), keywords, tree.none()});
  return partial;
}

Id object_of(Tree& tree, Id callable, bool is_new, Id parts) {
  const Id keywords = part(tree, parts, "keywords");
  std::vector<Id> args;
  for (Id item : tree.items(part(tree, parts, "args"))) args.push_back(item);
  How how = is_new ? How::new_object : How::call;
  if (keywords != kNoId) {
    if (is_new) how = How::new_object_ex;
    if (!is_new) callable = with_keywords(tree, callable, keywords);
  }
  const Id object = tree.object(how, callable, tree.container(Tag::tuple, args));
  pickle::Extra extra;
  if (how == How::new_object_ex) extra.keywords = keywords;
  extra.state = part(tree, parts, "state");
  extra.items = part(tree, parts, "items");
  extra.dict_items = part(tree, parts, "dict_items");
  tree.extra(object) = extra;
  return object;
}

std::string bytes_of(const Draft& draft) {
  std::string bytes(draft.size(), '\0');
  draft.copy_to(reinterpret_cast<std::uint8_t*>(bytes.data()));
  return bytes;
}

// Read and written once more: arrays come as nodes of the tree.
std::string as_written_again(const std::string& pickle) {
  Tree tree;
  const Id root = pickle::read_pickle(tree, Bytes(pickle)).root;
  Draft draft(0);
  draft.put(pickle::op::PROTO);
  draft.put(std::uint8_t{4});
  pickle::Memo memo(1);
  pickle::ManyWriter(tree).write(root, draft, memo);
  draft.put(pickle::op::STOP);
  return bytes_of(draft);
}

}  // namespace

std::string pickle_of_call(const std::string& callable, const std::string& how,
                           SEXP parts) {
  Warnings ignored;
  numpy::Recipe recipe = encode(parts, Flags(kFlags), ignored);
  Tree& tree = recipe.tree;
  const std::size_t dot = callable.rfind('.');
  const std::string_view name(callable);
  const Id global = tree.global(name.substr(0, dot), name.substr(dot + 1));
  recipe.value =
      how == "global" ? global : object_of(tree, global, how == "new", recipe.value);
  recipe.metadata = kNoId;
  Draft draft(0);
  store::put_plain(draft, recipe);
  return as_written_again(bytes_of(draft));
}

}  // namespace mmappickle
