// Arrays of every form in a tree: which become portable, and what they are then.
#include <doctest/doctest.h>

#include "../../src/core/numpy/portable.h"
#include "../../src/core/numpy/recognise.h"
#include "numpy_form_testing.h"
#include "pickle_testing.h"

namespace mmappickle::numpy {
namespace {

using namespace std::string_literals;
using pickle::Id;
using pickle::kNoId;
using pickle::raw;
using pickle::Tag;

// -- opcodes ----------------------------------------------------------------------------

std::string bytes(const std::string& s) { return "B" + pickle::le(s.size(), 4) + s; }
std::string text(const std::string& s) { return "X" + pickle::le(s.size(), 4) + s; }
std::string global(const std::string& module, const std::string& name) {
  return "c" + module + "\n" + name + "\n";
}
std::string number(int n) { return "K" + std::string(1, static_cast<char>(n)); }
std::string tuple(std::initializer_list<std::string> items) {
  std::string s = "(";
  for (const std::string& item : items) s += item;
  return s + "t";
}
std::string call(const std::string& callable, std::initializer_list<std::string> items) {
  return callable + tuple(items) + "R";
}
std::string shape(std::initializer_list<int> extents) {
  std::string s = "(";
  for (const int extent : extents) s += number(extent);
  return s + "t";
}
const std::string kFalse = "\x89"s, kTrue = "\x88"s, kNone = "N"s;

// numpy.dtype as NumPy pickles it: little-endian, plain.
std::string dtype(const std::string& name) {
  return call(global("numpy", "dtype"), {text(name), kFalse, kTrue}) +
         tuple({number(3), text("<"), kNone, kNone, kNone, "J\xff\xff\xff\xff",
                "J\xff\xff\xff\xff", number(0)}) +
         "b";
}
// One field "a" of float64, with what `field` and `rest` add to tuple and state.
std::string record_dtype(const std::string& scalar, const std::string& title = "",
                         const std::string& metadata = "") {
  const std::string field = tuple({dtype("f8"), number(0), title});
  const std::string state =
      tuple({number(metadata.empty() ? 3 : 4), text("|"), kNone, tuple({text("a")}),
             "}" + text("a") + field + "s", number(8), number(1), number(16), metadata});
  return call(global("numpy", "dtype"), {scalar, kFalse, kTrue}) + state + "b";
}
std::string reconstruct(const std::string& cls, const std::string& state,
                        const std::string& module = "numpy.core.multiarray") {
  return call(global(module, "_reconstruct"), {cls, shape({0}), bytes("b")}) + state +
         "b";
}
const std::string kNdarrayClass = global("numpy", "ndarray");
const std::string kEight = "\1\2\3\4\5\6\7\x08"s;

std::string state(const std::string& extents, const std::string& dtype,
                  const std::string& data, bool fortran = false) {
  return tuple({number(1), extents, dtype, fortran ? kTrue : kFalse, data});
}
std::string array_of(const std::string& module = "numpy.core.multiarray") {
  return reconstruct(kNdarrayClass, state(shape({1}), dtype("f8"), bytes(kEight)),
                     module);
}
std::string old_array(const std::string& data, const std::string& dtype_name,
                      const std::string& extents) {
  return call(global("numpy.core.fromnumeric", "reshape"),
              {call(global("numpy.core.multiarray", "fromstring"),
                    {bytes(data), text(dtype_name)}),
               extents});
}
std::string from_buffer(const std::string& data, const std::string& dtype,
                        std::initializer_list<std::string> layout) {
  std::string s = global("numpy.core.numeric", "_frombuffer") + "(" + data + dtype;
  for (const std::string& part : layout) s += part;
  return s + "tR";
}
std::string masked_array(const std::string& fill, bool fortran = false) {
  return call(global("numpy.ma.core", "_mareconstruct"),
              {global("numpy.ma.core", "MaskedArray"), kNdarrayClass, shape({0}),
               bytes("b")}) +
         tuple({number(1), shape({2, 2}), dtype("i2"), fortran ? kTrue : kFalse,
                bytes(kEight), bytes("\0\1\0\0"s), fill}) +
         "b";
}

// -- looking ----------------------------------------------------------------------------

constexpr std::uint64_t kPlenty = 1 << 20;

struct Made {
  explicit Made(const std::string& opcodes, std::uint64_t budget = kPlenty)
      : input(opcodes + ".") {
    stored_value.value = pickle::read_pickle(stored_value.tree, Bytes(input)).root;
    changed = make_portable(
        stored_value, [](Bytes part) { return memory_source(part); }, budget);
  }
  Tag tag(Id id) const { return stored_value.tree[id].tag; }
  Id item(std::uint64_t i) const { return stored_value.tree.item(stored_value.value, i); }
  const NewArray& array(Id id) const {
    REQUIRE(tag(id) == Tag::array);
    return stored_value.arrays[static_cast<std::size_t>(stored_value.tree[id].integer)];
  }
  const NewArray& array() const { return array(stored_value.value); }
  std::string callable(Id id) const {
    return stored_value.tree.global_name(stored_value.tree[id].first);
  }
  std::string data() const { return read_all(*array().data); }

  std::string input;
  StoredValue stored_value;
  bool changed = false;
};

TEST_CASE("arrays of every form become portable") {
  for (const std::string& opcodes :
       {array_of(), array_of("numpy._core.multiarray"),
        old_array(kEight, "float64", shape({1})),
        from_buffer(bytes(kEight), dtype("f8"), {shape({1}), text("C")})}) {
    const Made made(opcodes);
    CHECK(made.changed);
    CHECK(made.data() == kEight);
    CHECK(made.array().shape == Shape{1});
    CHECK(code(made.array().dtype) == "<f8");
    CHECK_FALSE(made.array().fortran);
    CHECK(!made.array().mask);
    CHECK(made.array().fill == kNoId);
  }
  const Made portable(
      call(kNdarrayClass, {shape({0})}) +
      state(shape({1}), call(global("numpy", "dtype"), {text("f8")}), bytes(kEight)) +
      "b");
  CHECK_FALSE(portable.changed);
  CHECK(portable.data() == kEight);
}

TEST_CASE("order stays; what is neither C nor Fortran is gathered") {
  const Made fortran(
      reconstruct(kNdarrayClass, state(shape({2, 2}), dtype("i2"), bytes(kEight), true)));
  CHECK(fortran.array().fortran);
  CHECK(fortran.data() == kEight);
  const Made buffer(from_buffer(bytes(kEight), dtype("i2"), {shape({2, 2}), text("F")}));
  CHECK(buffer.array().fortran);
  // The buffer is (2, 2, 2) in C order, the array has its first two axes swapped.
  const Made turned(from_buffer(bytes(kEight), dtype("i1"),
                                {shape({2, 2, 2}), text("K"), shape({1, 0, 2})}));
  CHECK_FALSE(turned.array().fortran);
  CHECK(turned.array().shape == Shape{2, 2, 2});
  CHECK(turned.data() == "\1\2\5\6\3\4\7\x08"s);
}

TEST_CASE("what is shared stays shared, cycles stay, and what holds arrays is walked") {
  // [a, a, (a,), {"k": a}, the list itself]
  const Made made("]q\1(" + array_of() + "q\2h\2h\2\x85}" + text("k") + "h\2s" + "h\1e");
  CHECK(made.stored_value.arrays.size() == 1);
  CHECK(made.tag(made.item(0)) == Tag::array);
  CHECK(made.item(0) == made.item(1));
  CHECK(made.stored_value.tree.item(made.item(2), 0) == made.item(0));
  CHECK(made.stored_value.tree.item(made.item(3), 1) == made.item(0));
  CHECK(made.item(4) == made.stored_value.value);
  // In the arguments, the state and the items of objects.
  const Made object(call(global("m", "C"), {array_of()}) + array_of() + "b(" +
                    array_of() + "e");
  CHECK(object.stored_value.arrays.size() == 3);
  // What nothing leads to is left alone.
  const Made popped(array_of() + "0" + number(1));
  CHECK(popped.stored_value.arrays.empty());
}

TEST_CASE("arrays of objects keep their list, made by numpy.ndarray") {
  const std::string list = "](" + number(1) + array_of() + "e";
  const Made made(reconstruct(kNdarrayClass, state(shape({2}), dtype("O8"), list),
                              "numpy._core.multiarray"));
  const pickle::Tree& tree = made.stored_value.tree;
  CHECK(made.changed);
  CHECK(made.callable(made.stored_value.value) == "numpy.ndarray");
  CHECK(made.stored_value.arrays.size() == 1);
  const Id items = tree.item(tree.extra_of(made.stored_value.value)->state, 4);
  CHECK(made.tag(items) == Tag::list);
  CHECK(made.tag(tree.item(items, 1)) == Tag::array);
  pickle::Tree& changeable = const_cast<pickle::Tree&>(tree);
  CHECK(recognise(changeable, made.stored_value.value).array.objects == items);
  // One that holds itself.
  const Made cycle(call(global("numpy.core.multiarray", "_reconstruct"),
                        {kNdarrayClass, shape({0}), bytes("b")}) +
                   "q\1" + state(shape({1}), dtype("O8"), "](h\1e") + "b");
  const pickle::Extra* extra = cycle.stored_value.tree.extra_of(cycle.stored_value.value);
  CHECK(cycle.stored_value.tree.item(cycle.stored_value.tree.item(extra->state, 4), 0) ==
        cycle.stored_value.value);
}

TEST_CASE("masked arrays, with their fill value") {
  const Made none(masked_array(kNone));
  CHECK(none.changed);
  CHECK(none.data() == kEight);
  CHECK(read_all(*none.array().mask) == "\0\1\0\0"s);
  REQUIRE(none.array().fill != kNoId);
  CHECK(none.tag(none.array().fill) == Tag::none);
  const std::string fill =
      reconstruct(kNdarrayClass, state(shape({}), dtype("i4"), bytes("\7\0\0\0"s)));
  const Made filled(masked_array(fill));
  CHECK(filled.array(filled.array().fill).shape.empty());
  CHECK(read_all(*filled.array(filled.array().fill).data) == "\7\0\0\0"s);
  // The Python library's own form says nothing of a fill value.
  const Made old(call(
      global("numpy.ma.core", "MaskedArray"),
      {old_array(kEight, "int32", shape({2})), old_array("\0\1"s, "bool", shape({2}))}));
  CHECK(old.array().fill == kNoId);
  CHECK(read_all(*old.array().mask) == "\0\1"s);
}

TEST_CASE("masked arrays that stay calls; what they are made of does not") {
  const std::string data = old_array(kEight, "int32", shape({2}));
  const std::string mask = old_array("\0\1"s, "bool", shape({2}));
  const std::string masked = global("numpy.ma.core", "MaskedArray");
  for (const std::string& opcodes :
       {call(masked, {data, kFalse}), call(masked, {data, mask, kNone}),
        call(masked, {data, mask, kNone, kFalse, kTrue, number(0), number(9)})}) {
    const Made made(opcodes);
    CHECK(made.changed);
    CHECK(made.tag(made.stored_value.value) == Tag::object);
    const Id arguments = made.stored_value.tree[made.stored_value.value].second;
    CHECK(made.tag(made.stored_value.tree.item(arguments, 0)) == Tag::array);
  }
  // A fill value that is neither None nor an array of rank 0, or leads back.
  for (const std::string& fill :
       {number(7), array_of(), reconstruct(kNdarrayClass, "(h\1t"), "](h\1e"s,
        masked_array(kNone)}) {
    const std::string whole = masked_array(fill);
    const std::size_t made_at = whole.find("R") + 1;
    const Made made(whole.substr(0, made_at) + "q\1" + whole.substr(made_at));
    CHECK(made.tag(made.stored_value.value) == Tag::object);
  }
}

TEST_CASE("subclasses, scalars and damaged arrays stay; old names give way") {
  struct {
    const char *module, *name, *now;
  } const kClasses[] = {
      {"numpy.core.records", "recarray", "numpy.recarray"},
      {"numpy._core.records", "recarray", "numpy.recarray"},
      {"numpy.rec", "recarray", "numpy.recarray"},
      {"numpy", "recarray", "numpy.recarray"},
      {"numpy.matrixlib.defmatrix", "matrix", "numpy.matrixlib.defmatrix.matrix"},
      {"numpy.core.defmatrix", "matrix", "numpy.matrix"},
      {"numpy.core.memmap", "memmap", "numpy.memmap"},
      {"numpy.core.defchararray", "chararray", "numpy.char.chararray"},
      {"numpy.core.multiarray", "ndarray", nullptr},
      {"foreign", "recarray", "foreign.recarray"},
  };
  for (const auto& c : kClasses) {
    CAPTURE(c.module);
    const Made made(reconstruct(global(c.module, c.name),
                                state(shape({1}), dtype("f8"), bytes(kEight))));
    if (c.now == nullptr) {
      CHECK(made.tag(made.stored_value.value) == Tag::array);
      continue;
    }
    const pickle::Tree& tree = made.stored_value.tree;
    REQUIRE(made.tag(made.stored_value.value) == Tag::object);
    CHECK(tree.global_name(tree.item(tree[made.stored_value.value].second, 0)) == c.now);
    CHECK(made.changed == (c.module + "."s + c.name != c.now));
  }
  for (const std::string& opcodes :
       {call(global("numpy.core.multiarray", "scalar"), {dtype("f8"), bytes(kEight)}),
        old_array(kEight, "float64", shape({2})), old_array("", "|S0", shape({0})),
        array_of() + kNone + "b"}) {
    const Made made(opcodes);
    CHECK_FALSE(made.changed);
    CHECK(made.stored_value.arrays.empty());
  }
}

TEST_CASE("dtypes that say more than the form can hold stay in the state") {
  const std::string titled = record_dtype(text("V8"), text("title"));
  const std::string record = record_dtype(global("numpy.core.records", "record"));
  const std::string noted = record_dtype(text("V8"), "", "}" + text("k") + kNone + "s");
  const std::string whole = record_dtype(text("V8"), kNone, "}");
  for (const std::string& d : {titled, record, noted}) {
    const Made made(reconstruct(kNdarrayClass, state(shape({1}), d, bytes(kEight))));
    CHECK(made.changed);
    CHECK(made.callable(made.stored_value.value) == "numpy.ndarray");
    const Made buffer(from_buffer(bytes(kEight), d, {shape({1}), text("C")}));
    CHECK(buffer.callable(buffer.stored_value.value) == "numpy.ndarray");
    StoredValue& stored_value = const_cast<StoredValue&>(buffer.stored_value);
    const Recognised found = recognise(stored_value.tree, stored_value.value);
    CHECK(found.found == Found::array);
    CHECK_FALSE(found.array.dtype.whole);
    CHECK(Bytes(found.array.data, 8).text() == kEight);
  }
  const Made made(reconstruct(kNdarrayClass, state(shape({1}), whole, bytes(kEight))));
  CHECK(made.array().dtype.fields.size() == 1);
  const pickle::Tree& tree = Made(record).stored_value.tree;
  bool renamed = false;
  for (Id id = 0; id < tree.size(); ++id) {
    renamed = renamed || tree.global_name(id) == "numpy.record";
    CHECK(tree.global_name(id) != "numpy.core.records.record");
  }
  CHECK(renamed);
}

TEST_CASE("nodes that are shared cannot make the file grow without bounds") {
  // Arrays that share one state, each of ten bytes of opcodes.
  const std::string data(10000, 'x');
  std::string many = state(shape({100, 100}), dtype("i1"), bytes(data)) + "q\1" + "0" +
                     call(global("numpy.core.multiarray", "_reconstruct"),
                          {kNdarrayClass, shape({0}), bytes("b")}) +
                     "0](";
  for (int i = 0; i < 1000; ++i) {
    many += global("numpy.core.multiarray", "_reconstruct") +
            tuple({kNdarrayClass, shape({0}), bytes("b")}) + "Rh\1b";
  }
  const Made made(many + "e", 100000);
  CHECK(made.stored_value.arrays.size() == 9);
  CHECK(made.tag(made.item(500)) == Tag::object);
}

TEST_CASE("a fill value is written in the head's trailer and in nested arrays") {
  const std::string fill =
      reconstruct(kNdarrayClass, state(shape({}), dtype("i4"), bytes("\7\0\0\0"s)));
  for (const std::string& given : {fill, kNone}) {
    for (const bool fortran : {false, true}) {
      const Made made(masked_array(given, fortran));
      const NewArray& array = made.array();
      const auto write_fill = [&](Output& output) {
        return [&](Id id) {
          CHECK(id == array.fill);
          if (made.tag(id) == Tag::none) return output.put("N");
          write_nested_head(output, made.array(id));
          write_nested_tail(output, made.array(id));
        };
      };
      Output entry(0), nested(0);
      pickle::Memo memo;
      write_array_entry(entry, "key", array, memo, write_fill(entry));
      const std::string written = bytes_of(entry);
      ArrayEntry found;
      std::string problem;
      REQUIRE(read_array_entry(Bytes(written), found, problem) == HeadKind::array);
      CHECK(found.portable);
      check_same(found.array, array);
      write_nested_head(nested, array);
      CHECK(node_inside(array) == array.fill);
      write_fill(nested)(array.fill);
      write_nested_tail(nested, array);
      const std::string inside = bytes_of(nested) + ".";
      pickle::Tree tree;
      // As an entry without its padding, and as a value.
      for (const Id id : {pickle::read_entry(tree, Bytes(written)).value,
                          pickle::read_pickle(tree, Bytes(inside)).root}) {
        const Recognised r = recognise(tree, id);
        REQUIRE(r.found == Found::array);
        check_same(r.array, array);
        const Recognised f = recognise(tree, r.array.fill);
        CHECK((f.found == Found::array) == (given == fill));
        if (given == fill) CHECK(*f.array.data == 7);
      }
      // A trailer that contradicts its head is damaged, one cut short is no array.
      for (std::size_t n = written.size() - 40; n < written.size(); ++n) {
        CHECK(read_array_entry(Bytes(written).slice(0, n), found, problem) !=
              HeadKind::array);
      }
    }
  }
}

}  // namespace
}  // namespace mmappickle::numpy
