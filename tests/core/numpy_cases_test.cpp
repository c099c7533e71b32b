// Dtypes, values, pickles and entries against NumPy itself. numpy_cases.py makes the
// files; MMAPPICKLE_CORPUS names their folder.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <iterator>

#include "base/error.h"
#include "numpy/array_form.h"
#include "numpy/recognise.h"
#include "numpy_testing.h"
#include "pickle/reader.h"

namespace mmappickle::numpy {
namespace {

class Records {
 public:
  explicit Records(const char* file) {
    const char* folder = std::getenv("MMAPPICKLE_CORPUS");
    if (folder == nullptr) {
      MESSAGE("MMAPPICKLE_CORPUS is not set: skipped");
      return;
    }
    std::ifstream in(std::string(folder) + "/" + file, std::ios::binary);
    all_.assign(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
    REQUIRE_MESSAGE(!all_.empty(), "numpy_cases.py has not made " << file);
  }
  bool more() const { return at_ < all_.size(); }
  std::string next() {
    const auto n = load_u32(reinterpret_cast<const std::uint8_t*>(all_.data()) + at_);
    at_ += 4 + n;
    return all_.substr(at_ - n, n);
  }

 private:
  std::string all_;
  std::size_t at_ = 0;
};

const std::uint8_t* bytes_of(const std::string& s) {
  return reinterpret_cast<const std::uint8_t*>(s.data());
}

RType type_of(char letter) {
  switch (letter) {
    case 'l':
      return RType::logical;
    case 'i':
      return RType::integer;
    case 'c':
      return RType::complex;
    case 'w':
      return RType::integer64;
    case 's':
      return RType::string;
    default:
      return RType::real;
  }
}

// Equal but for so many units in the last place; of NaN only that it is one, and whether
// it is R's NA.
bool same_doubles(const std::string& a, const std::string& b, std::int64_t ulps) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); i += 8) {
    const double x = load_native<double>(bytes_of(a) + i);
    const double y = load_native<double>(bytes_of(b) + i);
    const bool na_x = std::isnan(x) && load_u32(bytes_of(a) + i) == 1954;
    const bool na_y = std::isnan(y) && load_u32(bytes_of(b) + i) == 1954;
    // Modulo 2^64, so that no pair of signs overflows.
    const auto apart =
        static_cast<std::int64_t>(load_native<std::uint64_t>(bytes_of(a) + i) -
                                  load_native<std::uint64_t>(bytes_of(b) + i));
    const bool same = std::isnan(x) ? std::isnan(y) && na_x == na_y
                                    : !std::isnan(y) && apart >= -ulps && apart <= ulps;
    if (!same) {
      MESSAGE("item " << i / 8 << ": " << x << " is not " << y);
      return false;
    }
  }
  return true;
}

std::string decoded_strings(const Dtype& dtype, const std::string& items) {
  std::string out;
  for (std::size_t i = 0; i < items.size(); i += dtype.itemsize) {
    const std::string s = decode_string(dtype, bytes_of(items) + i, nullptr);
    std::uint8_t size[4];
    store_le(size, s.size(), 4);
    out.append(reinterpret_cast<char*>(size), 4);
    out += s;
  }
  return out;
}

// Decodes, at every stride from the item's own on, and in blocks and rests.
std::string decoded(const Dtype& dtype, RType type, const std::string& items,
                    std::size_t gap) {
  const std::size_t n = items.size() / dtype.itemsize, stride = dtype.itemsize + gap;
  std::string spread;
  for (std::size_t i = 0; i < n; ++i) {
    spread += items.substr(i * dtype.itemsize, dtype.itemsize) + std::string(gap, '\xee');
  }
  std::string out(n * r_size(type), '\0');
  const Decode decode = decoder(dtype, type);
  REQUIRE(static_cast<bool>(decode));
  decode(dtype, bytes_of(spread), static_cast<std::int64_t>(stride), n, &out[0], nullptr);
  return out;
}

TEST_CASE("values are what NumPy says") {
  Records records("numpy_values.bin");
  while (records.more()) {
    const std::string name = records.next(), str = records.next(), code_ = records.next();
    const RType type = type_of(records.next()[0]);
    const std::string items = records.next(), expected = records.next();
    CAPTURE(name);
    Dtype dtype, again;
    REQUIRE(parse_dtype(str, dtype));
    REQUIRE(parse_dtype(code_, again));
    CHECK(dtype == again);
    CHECK(text(dtype) == str);
    CHECK(code(dtype) == code_);
    if (type == RType::string) {
      CHECK(decoded_strings(dtype, items) == expected);
      continue;
    }
    Choice choice;
    choice.exact_int64 = type == RType::integer64;
    Target target;
    REQUIRE(target_of(dtype, choice, target));
    CHECK(target.type == type);
    for (std::size_t gap : {0, 1, 7}) {
      const std::string got = decoded(dtype, type, items, gap);
      if (type == RType::real || type == RType::complex) {
        CHECK(same_doubles(got, expected, 0));
        const bool bits = dtype.itemsize == (type == RType::real ? 8u : 16u);
        const bool float64 = dtype.kind == Kind::floating || dtype.kind == Kind::complex;
        if (bits && float64) CHECK(got == expected);
      } else {
        CHECK(got == expected);
      }
    }
  }
}

// ---------------------------------------------------------------------------------------
// NumPy's pickles become native on loading; here they stay as they are.
void swap_items(const Dtype& d, std::string& items) {
  const std::size_t part = d.kind == Kind::complex   ? d.itemsize / 2
                           : d.kind == Kind::unicode ? 4
                                                     : d.itemsize;
  for (std::size_t i = 0; i + part <= items.size(); i += part) {
    std::reverse(items.begin() + static_cast<std::ptrdiff_t>(i),
                 items.begin() + static_cast<std::ptrdiff_t>(i + part));
  }
}

void clear_padding(const Dtype& d, std::string& items) {
  const bool extended = (d.kind == Kind::floating && d.itemsize == 16) ||
                        (d.kind == Kind::complex && d.itemsize == 32);
  for (std::size_t i = 0; extended && i + 16 <= items.size(); i += 16) {
    items.replace(i + 10, 6, 6, '\0');
  }
}

struct Expected {
  std::string dtype, shape, data, mask;
};

void check_array(const Array& a, const Expected& expected) {
  std::string shape;
  for (std::uint64_t extent : a.shape) {
    shape += (shape.empty() ? "" : ",") + std::to_string(extent);
  }
  CHECK(shape == expected.shape);
  std::string data = read_all(*copy_source(a, false));
  std::string dtype = describe(a.dtype);
  if (dtype == "|b1" && a.shape.empty()) data[0] = data[0] != 0;  // as NumPy's scalars
  if (dtype != expected.dtype && has_byte_order(a.dtype)) {
    Dtype swapped = a.dtype;
    swapped.big_endian = !swapped.big_endian;
    dtype = describe(swapped);
    swap_items(a.dtype, data);
  }
  clear_padding(a.dtype, data);
  CHECK(dtype == expected.dtype);
  if (expected.data[0] == '+') {
    const std::string head = expected.data.substr(1);
    CHECK(hex(data).substr(0, head.size()) == head);
  } else if (expected.data != "-") {
    CHECK(hex(data) == expected.data);
  }
  if (expected.mask == "-") return;
  REQUIRE(a.masked);
  CHECK(hex(read_all(*copy_source(a, false, true))) == expected.mask);
}

// nothing, or what there is, of an entry or a pickle.
Recognised found_in(pickle::Tree& tree, char form, const std::string& bytes) {
  const Bytes all(bytes);
  try {
    if (form == 'P') return recognise(tree, pickle::read_pickle(tree, all).root);
    Recognised r;
    ArrayEntry entry;
    switch (read_array_entry(all, entry, r.problem)) {
      case HeadKind::array:
        r.found = Found::array;
        r.array = entry.array;
        return r;
      case HeadKind::damaged:
        r.found = Found::damaged;
        return r;
      case HeadKind::none:
        return recognise(tree, pickle::read_entry(tree, all).value);
    }
  } catch (const Error& error) {
    Recognised r;
    r.problem = error.message;
    return r;
  }
  return {};
}

TEST_CASE("pickled arrays, and those of files, are what NumPy says") {
  Records records("numpy_arrays.bin");
  int arrays = 0;
  while (records.more()) {
    const std::string name = records.next();
    const char form = records.next()[0];
    const std::string bytes = records.next();
    const char expectation = records.next()[0];
    Expected expected;
    expected.dtype = records.next();
    expected.shape = records.next();
    expected.data = records.next();
    expected.mask = records.next();
    CAPTURE(name);
    CAPTURE(form);
    pickle::Tree tree;
    const Recognised r = found_in(tree, form, bytes);
    CAPTURE(r.problem);
    const bool is_array = r.found == Found::array || r.found == Found::scalar;
    CHECK((r.found != Found::damaged || r.problem.back() == '.'));
    if (expectation == 'V' || expectation == 'S') {
      CHECK(r.found == (expectation == 'V' ? Found::array : Found::scalar));
    }
    // NumPy knows nothing of the Python library's structured arrays.
    const bool is_ours = name == "array/dtype_deep";
    if (expectation == 'R' && !is_ours) CHECK(!is_array);
    if (!is_array || expectation == 'R') continue;
    ++arrays;
    if (r.array.objects == pickle::kNoId) check_array(r.array, expected);
  }
  MESSAGE(arrays << " arrays read");
}

}  // namespace
}  // namespace mmappickle::numpy
