// DataFrame and Series: blocks of columns under a manager.
#include "../numpy/kernels.h"
#include "readers.h"

namespace mmappickle::pandas {

using pickle::Tag;

namespace {
constexpr std::uint64_t kMostColumns = INT32_MAX;
}

// BlockManager((block, ...), [columns, index]) from pandas 1.3 on; else an instance with
// a state, of a series always.
bool FrameReader::manager(Id id, Manager& manager) {
  const Call made = call(id);
  if (global_of(tree_, made.callable()) == Global::block_manager && made.count() == 2 &&
      made.untouched()) {
    const Id blocks = made[0];
    std::uint64_t n = 0;
    manager.axes = made[1];
    if (!is_sequence(tree_, blocks, n) || !all_.charge(n)) return false;
    for (Id id : tree_.items(blocks)) {
      const Call block = call(id);
      if (!block.untouched() ||
          global_of(tree_, block.callable()) != Global::unpickle_block) {
        return false;
      }
      manager.blocks.push_back({block[0], block[1]});
    }
    return true;
  }
  const Global cls = global_of(tree_, made.instance_of());
  manager.single = cls == Global::single_block_manager;
  if (cls != Global::block_manager && !manager.single) return false;
  return old_manager(made.state(), manager);
}

// (axes, block values, block items, {"0.14.1": {"axes", "blocks": [{"values",
// "mgr_locs"}]}}): the last says all.
bool FrameReader::old_manager(Id state, Manager& manager) {
  const Id whole = member(tree_, item(tree_, state, 3), "0.14.1");
  const Id blocks = member(tree_, whole, "blocks");
  std::uint64_t n = 0;
  manager.axes = member(tree_, whole, "axes");
  if (!is_sequence(tree_, blocks, n) || !all_.charge(n)) return false;
  for (Id block : tree_.items(blocks)) {
    manager.blocks.push_back(
        {member(tree_, block, "values"), member(tree_, block, "mgr_locs")});
  }
  return true;
}

bool FrameReader::frame(Id id, Object& value) {
  Manager manager;
  const Id state = call(id).state();
  Id managed = member(tree_, state, "_mgr");
  if (managed == kNoId) managed = member(tree_, state, "_data");  // before pandas 1.1
  if (!this->manager(managed, manager) || manager.single) return false;
  const Id columns = item(tree_, manager.axes, 0), index = item(tree_, manager.axes, 1);
  const Object* labels = all_.part(columns);
  const Object* rows = all_.part(index);
  if (labels && (labels->kind > Type::levels || labels->series)) labels = nullptr;
  if (columns == kNoId || index == kNoId || tree_[columns].tag != Tag::object ||
      tree_[index].tag != Tag::object) {
    return false;
  }
  std::uint64_t n = 0;
  if (labels) {
    n = labels->count;
  } else if (!count_placed(manager, n)) {
    return false;
  }

  value.kind = Type::frame;
  if (n > all_.budget_.left() / Recogniser::kColumnCost) return false;
  value.parts.assign(static_cast<std::size_t>(n), kNoId);
  value.count = UINT64_MAX;
  if (rows) value.count = rows->count;
  for (const Manager::Block& block : manager.blocks) {
    if (!this->block(block.values, block.placement, value)) return false;
  }
  if (!complete(value)) return false;
  if (labels) {
    bool named = labels->kind == Type::strings;
    if (named) {
      for (Id text : tree_.items(labels->list)) named = named && !all_.is_missing(text);
    }
    (named ? value.column_texts : value.columns) = named ? labels->list : columns;
  }
  if (!all_.label(index, value)) return false;
  attributes(state, value);
  return true;
}

// How many columns the blocks have, where no labels say it.
bool FrameReader::count_placed(const Manager& manager, std::uint64_t& n) {
  for (const Manager::Block& block : manager.blocks) {
    std::vector<std::uint64_t> places;
    if (!placed(block.placement, kMostColumns, places)) return false;
    n += places.size();
  }
  return true;
}

// The columns of one block, each a part of the frame at its place.
bool FrameReader::block(Id values, Id placement, Object& frame) {
  Object whole;
  const bool known = all_.array(values, whole) && whole.kind != Type::range &&
                     whole.kind != Type::levels;
  if (!known) return foreign_block(values, placement, frame);
  const numpy::Array& array = whole.array;
  const bool is_array = whole.kind == Type::vector || whole.kind == Type::factor;
  const bool flat = !is_array || array.shape.size() == 1;
  const std::uint64_t n = flat ? 1 : array.shape[0];
  const std::uint64_t rows = is_array ? array.shape.back() : whole.count;
  if (frame.count == UINT64_MAX) frame.count = rows;
  std::vector<std::uint64_t> places;
  if (rows != frame.count || n > frame.parts.size()) return false;
  if (!placed(placement, frame.parts.size(), places) || places.size() != n) return false;

  std::vector<Id> objects;
  if (!flat && array.objects != kNoId) {
    // NumPy's pickles have objects in C order, so a column's stand together.
    if (!array.c_order() || !all_.charge(array.count())) return false;
    for (Id item : tree_.items(array.objects)) objects.push_back(item);
  }
  for (std::uint64_t i = 0; i < n; ++i) {
    Object column = whole;
    if (!flat) {
      column.array.shape = {rows};
      column.array.strides = {array.strides[1]};
      if (array.objects != kNoId) {
        const auto from = objects.begin() + static_cast<std::ptrdiff_t>(i * rows);
        const std::vector<Id> items(from, from + static_cast<std::ptrdiff_t>(rows));
        column.array.strides = {1};
        column.array.objects = tree_.container(Tag::list, items);
      } else if (rows > 0) {
        column.array.data += static_cast<std::int64_t>(i) * array.strides[0];
      }
    }
    Id& part = frame.parts[static_cast<std::size_t>(places[i])];
    if (part != kNoId) return false;
    const bool settled = all_.normalize(column);
    part = settled ? all_.add(std::move(column)) : all_.foreign(values, UINT64_MAX);
  }
  return true;
}

// An array without a counterpart: the cells of its column, or columns, are all of it. How
// long it is the other columns or the index say; where none does, there is no frame.
bool FrameReader::foreign_block(Id values, Id placement, Object& frame) {
  std::vector<std::uint64_t> places;
  if (values == kNoId || tree_[values].tag != Tag::object ||
      !placed(placement, frame.parts.size(), places)) {
    return false;
  }
  for (const std::uint64_t place : places) {
    Id& part = frame.parts[static_cast<std::size_t>(place)];
    if (part != kNoId) return false;
    part = all_.foreign(values, UINT64_MAX);
  }
  return true;
}

// Sets the length of the columns that did not say theirs.
bool FrameReader::complete(Object& frame) {
  if (frame.count == UINT64_MAX) return false;
  for (const Id column : frame.parts) {
    if (column == kNoId) return false;
    Object& value = all_.values_[static_cast<std::size_t>(tree_[column].integer)];
    if (value.kind != Type::foreign) continue;
    if (!all_.charge_cells(frame.count)) return false;
    value.count = frame.count;
  }
  return true;
}

// The columns of a block: a slice, or an array of their numbers.
bool FrameReader::placed(Id placement, std::uint64_t columns,
                         std::vector<std::uint64_t>& places) {
  const auto n = static_cast<std::int64_t>(columns);
  const Call slice = call(placement);
  if (slice.is_of("builtins", "slice") || slice.is_of("__builtin__", "slice")) {
    if (!slice.untouched() || slice.count() != 3) return false;
    std::int64_t step = 1;
    if (slice.tag(2) != Tag::none && !slice.integer(2, step)) return false;
    if (step == 0 || step == INT64_MIN) return false;
    // As Python's slice.indices().
    const std::int64_t low = step > 0 ? 0 : -1, high = step > 0 ? n : n - 1;
    std::int64_t ends[2] = {step > 0 ? low : high, step > 0 ? high : low};
    for (std::uint64_t i = 0; i < 2; ++i) {
      if (slice.tag(i) == Tag::none) continue;
      std::int64_t at = 0;
      if (!slice.integer(i, at)) return false;
      if (at < 0) at = at < -n ? -1 : at + n;
      ends[i] = at < low ? low : at > high ? high : at;
    }
    const std::int64_t by_step = step > n ? n + 1 : step < -n ? -n - 1 : step;
    for (std::int64_t at = ends[0]; by_step > 0 ? at < ends[1] : at > ends[1];
         at += by_step) {
      if (at < 0 || at >= n || !all_.charge(1)) return false;
      places.push_back(static_cast<std::uint64_t>(at));
    }
    return true;
  }
  numpy::Array array;
  if (!all_.array_of(placement, array) || array.shape.size() != 1 ||
      array.dtype.kind != numpy::Kind::integer || array.shape[0] > columns) {
    return false;
  }
  std::vector<std::int64_t> values(static_cast<std::size_t>(array.shape[0]));
  bool inexact = false;
  numpy::decoder(array.dtype, numpy::RType::integer64)(
      array.dtype, array.data, array.strides[0], values.size(), values.data(), &inexact);
  for (std::int64_t at : values) {
    if (at < 0 || at >= n) return false;
    places.push_back(static_cast<std::uint64_t>(at));
  }
  return all_.charge(places.size());
}

bool FrameReader::series(Id id, Object& value) {
  Manager manager;
  const Id state = call(id).state();
  Id managed = member(tree_, state, "_mgr");
  if (managed == kNoId) managed = member(tree_, state, "_data");
  if (!this->manager(managed, manager) || !manager.single || manager.blocks.size() != 1) {
    return false;
  }
  const Id index = item(tree_, manager.axes, 0);
  if (index == kNoId || tree_[index].tag != Tag::object) return false;
  if (!all_.array(manager.blocks[0].values, value) || !all_.normalize(value))
    return false;
  const bool known = value.kind == Type::vector || value.kind == Type::strings ||
                     value.kind == Type::objects || value.kind == Type::factor ||
                     value.kind == Type::lists || value.kind == Type::frame ||
                     value.kind == Type::intervals;
  const Object* rows = all_.part(index);
  if (!known || (rows && rows->count != value.count)) return false;
  value.series = value.kind != Type::frame;  // of structures: rows
  Id name = member(tree_, state, "_name");
  if (name == kNoId) name = member(tree_, state, "name");  // before pandas 2
  value.name = name == kNoId || is_none(tree_, name) ? kNoId : name;
  if (!all_.label(index, value)) return false;
  attributes(state, value);
  return true;
}

void FrameReader::attributes(Id state, Object& value) const {
  const Id attributes = member(tree_, state, "attrs");
  if (attributes != kNoId && tree_[attributes].tag == Tag::dict &&
      tree_[attributes].size > 0) {
    value.attributes = attributes;
  }
}

}  // namespace mmappickle::pandas
