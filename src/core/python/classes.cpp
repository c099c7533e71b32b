#include "classes.h"

#include <iterator>

#include "../numpy/dtype.h"
#include "call.h"
#include "object.h"

namespace mmappickle::python {

using pickle::Id;
using pickle::kNoId;
using pickle::Node;
using pickle::Tag;
using pickle::Tree;

namespace {

// complex(real, imaginary)
Recognised complex_number(const Call& call) {
  Recognised k;
  if (call.untouched() && call.count() == 2 && call.real(0, k.number) &&
      call.real(1, k.imaginary)) {
    k.kind = Recognised::scalar;
    k.type = numpy::RType::complex;
  }
  return k;
}

Recognised same_as(Id node) {
  Recognised k;
  k.kind = Recognised::same;
  k.node = node;
  return k;
}

// A node made of another one: once, however many objects are made from that.
template <class Make>
Id made_once(const Call& call, Id from, Made what, Make&& make) {
  const std::uint64_t key = std::uint64_t{from} * 4 + static_cast<std::uint64_t>(what);
  const auto before = call.made.find(key);
  if (before != call.made.end()) return before->second;
  const Id id = make();
  call.made[key] = id;
  return id;
}

// The bytes of a list of ints from 0 to 255.
Id bytes_of_ints(const Call& call, Id list) {
  std::string made;
  for (Id id : call.tree.items(list)) {
    const Node& node = call.tree[id];
    if (node.tag != Tag::integer || node.integer < 0 || node.integer > 255) return kNoId;
    made += static_cast<char>(node.integer);
  }
  return call.tree.bytes(call.tree.keep(std::move(made)));
}

// bytes(), bytes(b"..."), bytes([97, 98]), bytes("text", "latin-1"), _codecs.encode():
// the same
Recognised byte_string(const Call& call) {
  if (!call.untouched() || call.count() > 2) return {};
  Tree& tree = call.tree;
  Id node = kNoId;
  Bytes bytes;
  if (call.count() == 0) {
    node = tree.bytes(Bytes());
  } else if (call.count() == 2) {
    if (!call.recogniser.encoded(call[0], call[1], bytes)) return {};
    const bool as_it_is = bytes.data == tree.bytes_of(call[0]).data;
    node = made_once(call, call[0], as_it_is ? Made::bytes : Made::latin1,
                     [&] { return tree.bytes(bytes); });
  } else if (call.tag(0) == Tag::bytes || call.tag(0) == Tag::byte_array) {
    node = call[0];
  } else if (call.recogniser.bytes(call[0], bytes)) {
    node = made_once(call, call[0], Made::bytes, [&] { return tree.bytes(bytes); });
  } else if (call.tag(0) == Tag::list || call.tag(0) == Tag::tuple) {
    node = made_once(call, call[0], Made::bytes,
                     [&] { return bytes_of_ints(call, call[0]); });
  }
  return node == kNoId ? Recognised() : same_as(node);
}

// int(1), str("a"), bool(): a plain value of just that type, or that of no arguments.
Recognised builtin(const Call& call, Tag tag, Id none_given) {
  if (!call.untouched() || call.count() > 1) return {};
  const Id value = call.count() == 0 ? none_given : call[0];
  return call.tree[value].tag == tag ? same_as(value) : Recognised();
}
Recognised integer(const Call& call) {
  return builtin(call, Tag::integer, call.tree.integer(0));
}
Recognised boolean(const Call& call) {
  return builtin(call, Tag::boolean, call.tree.boolean(false));
}
Recognised real(const Call& call) { return builtin(call, Tag::real, call.tree.real(0)); }
Recognised text(const Call& call) {
  return builtin(call, Tag::text, call.tree.text(std::string_view()));
}

bool is_sequence(const Tree& tree, Id id) {
  if (id == kNoId) return false;
  const Tag tag = tree[id].tag;
  return tag == Tag::list || tag == Tag::tuple || tag == Tag::set ||
         tag == Tag::frozenset;
}

// What was appended, where nothing else was done; kNoId for nothing. False: inert.
bool appended(const Call& call, Id& items) {
  items = call.after().items;
  return call.after().state == kNoId && call.after().dict_items == kNoId;
}

// set([...]), frozenset([...]), list(...), tuple(...), and items appended to them.
Recognised sequence(const Call& call, Tag container) {
  Id items = kNoId;
  if (!appended(call, items) || call.count() > 1) return {};
  if (call.count() == 0) {
    if (items == kNoId) items = call.tree.container(Tag::list);
  } else {
    if (!is_sequence(call.tree, call[0])) return {};
    if (items == kNoId)
      items = call[0];
    else if (call.tree[call[0]].size != 0)
      return {};
  }
  Recognised k = same_as(items);
  k.container = container;
  return k;
}
Recognised list(const Call& call) { return sequence(call, Tag::list); }
Recognised tuple(const Call& call) { return sequence(call, Tag::tuple); }
Recognised set(const Call& call) { return sequence(call, Tag::set); }
Recognised frozenset(const Call& call) { return sequence(call, Tag::frozenset); }

// deque([...][, maxlen]) + items: an append to a full one drops the first.
Recognised deque(const Call& call) {
  Id items = kNoId;
  if (!appended(call, items) || call.count() > 2) return {};
  if (call.count() > 0 && !is_sequence(call.tree, call[0])) return {};
  const Id given = call.count() > 0 ? call[0] : kNoId;
  if (items == kNoId)
    items = given == kNoId ? call.tree.container(Tag::list) : given;
  else if (given != kNoId && call.tree[given].size != 0)
    return {};
  std::int64_t most = INT64_MAX;
  if (call.count() == 2 && call.tag(1) != Tag::none && !call.integer(1, most)) return {};
  if (most < 0 || call.tree[items].size > static_cast<std::uint64_t>(most)) return {};
  return same_as(items);
}

// [[key, value], ...] as a dict; kNoId for any other list.
Id dict_of_pairs(Tree& tree, Id list) {
  std::vector<Id> pairs;
  return append_pairs(tree, list, pairs) ? tree.container(Tag::dict, pairs) : kNoId;
}

// What a dict is made from (the argument `first`, if there is one) and set to.
Recognised mapping_from(const Call& call, std::uint64_t first) {
  if (call.after().state != kNoId || call.after().items != kNoId) return {};
  if (call.count() > first + 1) return {};
  const Id set = call.after().dict_items;
  Id given = call[first];
  if (call.tag(first) == Tag::list) {
    given = made_once(call, given, Made::dict,
                      [&] { return dict_of_pairs(call.tree, call[first]); });
    if (given == kNoId) return {};
  }
  if (given != kNoId && call.tree[given].tag != Tag::dict) return {};
  if (set == kNoId) {
    return same_as(given == kNoId ? call.tree.container(Tag::dict) : given);
  }
  return given == kNoId || call.tree[given].size == 0 ? same_as(set) : Recognised();
}

// dict(), OrderedDict([[key, value], ...]), Counter({...}), and items set in them.
Recognised mapping(const Call& call) { return mapping_from(call, 0); }

// defaultdict(factory[, {...}]) and items set in it.
Recognised mapping_with_factory(const Call& call) {
  const bool factory =
      call.count() == 0 || call.tag(0) == Tag::none || pickle::is_inert(call.tag(0));
  return factory ? mapping_from(call, 1) : Recognised();
}

// -- arrays of Python's own -----------------------------------------------------------

// Bytes as an array of NumPy's: reshape(fromstring(bytes, dtype), (n,)).
Recognised typed_bytes(const Call& call, Id bytes, std::string_view dtype) {
  numpy::Dtype type;
  Bytes data;
  if (!numpy::parse_dtype(dtype, type) || !call.recogniser.bytes(bytes, data) ||
      data.size % type.itemsize != 0) {
    return {};
  }
  Tree& tree = call.tree;
  const Id shape = tree.container(
      Tag::tuple, {tree.integer(static_cast<std::int64_t>(data.size / type.itemsize))});
  const Id vector =
      tree.object(pickle::How::call, tree.global("numpy.core.multiarray", "fromstring"),
                  tree.container(Tag::tuple, {bytes, tree.text(dtype)}));
  return same_as(tree.object(pickle::How::call,
                             tree.global("numpy.core.fromnumeric", "reshape"),
                             tree.container(Tag::tuple, {vector, shape})));
}

// array.array(typecode[, items]), as protocols 0 to 2 have it.
Recognised typed_array(const Call& call) {
  if (!call.untouched() || call.count() < 1 || call.count() > 2) return {};
  const bool is_text = pickle::is_text_tag(call.tag(0));
  const std::string_view code = is_text ? call.tree.text_of(call[0]) : std::string_view();
  static const std::unordered_map<std::string_view, std::string_view> dtypes = {
      {"b", "i1"}, {"B", "u1"}, {"h", "i2"}, {"H", "u2"}, {"i", "i4"},
      {"I", "u4"}, {"l", "i8"}, {"L", "u8"}, {"q", "i8"}, {"Q", "u8"},
      {"f", "f4"}, {"d", "f8"}, {"u", "U1"}, {"w", "U1"}};
  const auto dtype = dtypes.find(code);
  if (dtype == dtypes.end()) return {};
  if (call.count() == 2) {
    if (call.tag(1) != Tag::list) return {};
    if (call.tree[call[1]].size != 0) {
      Recognised k = same_as(call[1]);
      k.container = Tag::array;
      return k;
    }
  }
  return typed_bytes(call, call.tree.bytes(Bytes()), dtype->second);
}

// array._array_reconstructor(array.array, typecode, format, bytes): the format says all
// of an item. Text of 16 bits (18, 19) is that of Windows alone.
Recognised typed_array_bytes(const Call& call) {
  static constexpr const char* kFormats[] = {
      "|u1", "|i1", "<u2", ">u2", "<i2", ">i2", "<u4", ">u4",   "<i4",   ">i4", "<u8",
      ">u8", "<i8", ">i8", "<f4", ">f4", "<f8", ">f8", nullptr, nullptr, "<U1", ">U1"};
  std::int64_t format = 0;
  if (!call.untouched() || call.count() != 4 || !call.integer(2, format) || format < 0 ||
      format >= static_cast<std::int64_t>(std::size(kFormats)) || !kFormats[format] ||
      !call.tree.is_global(call[0], "array", "array")) {
    return {};
  }
  return typed_bytes(call, call[3], kFormats[format]);
}

// numpy.dtype(...) as the text that NumPy has for it, where that says all.
Recognised dtype_text(const Call& call) {
  numpy::Dtype dtype;
  if (!call.recogniser.dtype(call.id, dtype) || !dtype.whole || !dtype.subshape.empty() ||
      (dtype.kind == numpy::Kind::structured && !numpy::is_packed(dtype))) {
    return {};
  }
  return same_as(call.tree.text(call.tree.keep(numpy::text(dtype))));
}

Recognised range(const Call& call) {
  Recognised k;
  std::int64_t v[3] = {0, 0, 1};
  if (call.count() == 1) {
    if (!call.integer(0, v[1])) return k;
  } else if (call.count() < 1 || call.count() > 3) {
    return k;
  } else {
    for (std::uint64_t i = 0; i < call.count(); ++i) {
      if (!call.integer(i, v[i])) return k;
    }
  }
  constexpr std::int64_t exact = std::int64_t{1} << 53;
  for (std::int64_t x : v) {
    if (x < -exact || x > exact) return k;
  }
  if (v[2] == 0) return k;
  const std::int64_t span = v[2] > 0 ? v[1] - v[0] : v[0] - v[1];
  const std::int64_t step = v[2] > 0 ? v[2] : -v[2];
  k.count = span <= 0 ? 0 : static_cast<double>((span - 1) / step + 1);
  // A step of one costs no memory in R; others are written out.
  if (v[2] != 1 && k.count > 1e6) return k;
  k.start = static_cast<double>(v[0]);
  k.step = static_cast<double>(v[2]);
  k.kind = Recognised::range;
  return k;
}

using Reader = Recognised (*)(const Call&);
const std::unordered_map<std::string, Reader>& table() {
  static const std::unordered_map<std::string, Reader> readers = {
      {"_codecs.encode", byte_string},
      {"array._array_reconstructor", typed_array_bytes},
      {"array.array", typed_array},
      {"builtins.bool", boolean},
      {"builtins.bytearray", byte_string},
      {"builtins.bytes", byte_string},
      {"builtins.complex", complex_number},
      {"builtins.dict", mapping},
      {"builtins.float", real},
      {"builtins.frozenset", frozenset},
      {"builtins.int", integer},
      {"builtins.list", list},
      {"builtins.memoryview", byte_string},
      {"builtins.range", range},
      {"builtins.set", set},
      {"builtins.str", text},
      {"builtins.tuple", tuple},
      {"collections.Counter", mapping},
      {"collections.OrderedDict", mapping},
      {"collections.defaultdict", mapping_with_factory},
      {"collections.deque", deque},
      {"datetime.date", read_date},
      {"datetime.datetime", read_datetime},
      {"datetime.time", read_time},
      {"datetime.timedelta", read_timedelta},
      {"datetime.timezone", read_timezone},
      {"numpy.dtype", dtype_text},
  };
  return readers;
}

}  // namespace

Recognised Recogniser::recognise(Id object) {
  const Call call(tree_, numpy_, made_, object);
  const Id callable = call.callable();
  if (callable == kNoId || call.keywords() != kNoId) return {};
  const auto found = table().find(tree_.global_name(callable));
  return found == table().end() ? Recognised() : found->second(call);
}

}  // namespace mmappickle::python
