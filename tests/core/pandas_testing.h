// For the tests of pandas/: what pickles of pandas' objects say, without the pickles.
#pragma once

#include <doctest/doctest.h>

#include "pandas/pandas.h"

namespace mmappickle::pandas {

using pickle::How;
using pickle::Tag;

struct Builder {
  pickle::Tree tree;
  numpy::Recogniser numpy{tree};
  Recogniser pandas{tree, numpy};

  const Object* recognise(Id id) { return pandas.recognise(id); }

  Id none() { return tree.none(); }
  Id tuple(const std::vector<Id>& items) { return tree.container(Tag::tuple, items); }
  Id list(const std::vector<Id>& items) { return tree.container(Tag::list, items); }
  Id integer(std::int64_t v) { return tree.integer(v); }
  Id text(std::string_view s) { return tree.text(s); }
  // {"key": value, ...}
  Id dict(const std::vector<std::pair<std::string_view, Id>>& members) {
    std::vector<Id> items;
    for (const auto& member : members) {
      items.push_back(text(member.first));
      items.push_back(member.second);
    }
    return tree.container(Tag::dict, items);
  }
  // "module.name"
  Id global(std::string_view whole) {
    const std::size_t point = whole.rfind('.');
    return tree.global(whole.substr(0, point), whole.substr(point + 1));
  }
  Id call(std::string_view what, const std::vector<Id>& arguments) {
    return tree.object(How::call, global(what), tuple(arguments));
  }
  // cls.__new__(cls) with a state
  Id instance(std::string_view cls, Id state) {
    const Id object = tree.object(How::new_object, global(cls), tuple({}));
    tree.extra(object).state = state;
    return object;
  }

  Id array(const std::vector<std::int64_t>& extents, std::string_view dtype, Id data,
           bool fortran = false) {
    std::vector<Id> shape;
    for (std::int64_t extent : extents) shape.push_back(integer(extent));
    const Id made =
        call("numpy.core.multiarray._reconstruct",
             {global("numpy.ndarray"), tuple({integer(0)}), tree.bytes(Bytes(sv()))});
    tree.extra(made).state =
        tuple({integer(1), tuple(shape), call("numpy.dtype", {text(dtype)}),
               tree.boolean(fortran), data});
    return made;
  }
  static std::string_view sv() { return "b"; }
  Id bytes_array(const std::vector<std::int64_t>& extents, std::string_view dtype,
                 std::string data, bool fortran = false) {
    return array(extents, dtype, tree.bytes(tree.keep(std::move(data))), fortran);
  }
  Id int8s(std::string data) {
    const auto n = static_cast<std::int64_t>(data.size());
    return bytes_array({n}, "i1", std::move(data));
  }
  Id objects(const std::vector<Id>& items) {
    return array({static_cast<std::int64_t>(items.size())}, "O", list(items));
  }

  Id index(Id data, std::string_view cls = "pandas.core.indexes.base.Index") {
    return call("pandas.core.indexes.base._new_Index",
                {global(cls), dict({{"data", data}, {"name", none()}})});
  }
  Id texts(const std::vector<std::string>& labels) {
    std::vector<Id> items;
    for (const std::string& label : labels) items.push_back(tree.text(tree.keep(label)));
    return index(objects(items));
  }
  Id range(std::int64_t start, std::int64_t stop, std::int64_t step = 1) {
    return call(
        "pandas.core.indexes.base._new_Index",
        {global("pandas.core.indexes.range.RangeIndex"), dict({{"start", integer(start)},
                                                               {"stop", integer(stop)},
                                                               {"step", integer(step)},
                                                               {"name", none()}})});
  }
  Id slice_by(Id start, Id stop, Id step) {
    return call("builtins.slice", {start, stop, step});
  }
  Id slice(std::int64_t start, std::int64_t stop, std::int64_t step = 1) {
    return slice_by(integer(start), integer(stop), integer(step));
  }
  Id block(Id values, Id placement) {
    return call("pandas._libs.internals._unpickle_block",
                {values, placement, integer(2)});
  }
  Id manager(const std::vector<Id>& blocks, Id columns, Id index) {
    return call("pandas.core.internals.managers.BlockManager",
                {tuple(blocks), list({columns, index})});
  }
  Id framed(Id manager, std::string_view cls = "pandas.core.frame.DataFrame") {
    return instance(cls, dict({{"_mgr", manager}, {"_typ", text("dataframe")}}));
  }
  Id frame(const std::vector<Id>& blocks, Id columns, Id index) {
    return framed(manager(blocks, columns, index));
  }
};

}  // namespace mmappickle::pandas
