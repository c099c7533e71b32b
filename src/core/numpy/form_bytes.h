// The constant bytes of array entries (FORMAT, sections 2 and 3).
#pragma once

#include <string_view>

namespace mmappickle::numpy {

using namespace std::string_view_literals;

// 'numpy.core.fromnumeric' 'reshape' STACK_GLOBAL, 'numpy.core.multiarray' 'fromstring'
// STACK_GLOBAL: what the Python library looks for behind the key.
constexpr std::string_view kA =
    "\x8c\x16numpy.core.fromnumeric\x8c\x07reshape\x93"
    "\x8c\x15numpy.core.multiarray\x8c\x0a"
    "fromstring\x93"sv;
static_assert(kA.size() == 70, "FORMAT, section 2");

// 'numpy.ma.core' 'MaskedArray' STACK_GLOBAL
constexpr std::string_view kMaskedHead = "\x8c\x0dnumpy.ma.core\x8c\x0bMaskedArray\x93"sv;
static_assert(kMaskedHead.size() == 29, "FORMAT, section 3");

constexpr std::string_view kDropName = "\x88\x30"sv;  // NEWTRUE POP
constexpr std::string_view kDropShape = "00"sv;       // POP POP
constexpr std::string_view kSwallowA = "CF"sv;        // SHORT_BINBYTES of 70 bytes: A
constexpr std::string_view kDropHead = "0000"sv;      // POP x 4
constexpr std::string_view kDropMaskedHead = "00000"sv;

// array(): numpy.ndarray((0,)), MARK, version 1 (behind it: shape, dtype, order, data).
constexpr std::string_view kNdarray =
    "\x8c\x05numpy\x8c\x07ndarray\x93K\0\x85\x85R(K\x01"sv;
constexpr std::string_view kDtype =
    "\x8c\x05numpy\x8c\x05"
    "dtype\x93"sv;
constexpr std::string_view kMadeDtype = "\x85R"sv;  // TUPLE1 REDUCE
constexpr std::string_view kState = "tb"sv;         // TUPLE BUILD
constexpr std::string_view kMaskedArray = "\x8c\x08numpy.ma\x8c\x0bMaskedArray\x93"sv;
constexpr std::string_view kMasked = "\x86R"sv;  // TUPLE2 REDUCE
// With a fill value, after a MARK, what stands between the mask and that (dtype None,
// copy False, subok True, ndmin 0) and behind it (TUPLE REDUCE).
constexpr std::string_view kBeforeFill = "N\x89\x88K\0"sv;
constexpr std::string_view kFilled = "tR"sv;
// Behind kMaskedArray, where NumPy's own state follows, with a fill value: an array of
// nothing with a mask of nothing (DUP TUPLE2 REDUCE), MARK, version 1 (behind it: shape,
// dtype, order, data, mask, fill value).
constexpr std::string_view kMaskedState =
    "\x8c\x05numpy\x8c\x07ndarray\x93K\0\x85\x85R2\x86R(K\x01"sv;

// Of growing arrays: numpy.array(numpy.ndarray( (behind it: shape, dtype, bytes), a copy
// of as many of the bytes as the shape takes.
constexpr std::string_view kGrowing =
    "\x8c\x05numpy\x8c\x05"
    "array\x93\x8c\x05numpy\x8c\x07ndarray\x93"sv;
constexpr std::string_view kGrown = "\x87R\x85R"sv;  // TUPLE3 REDUCE TUPLE1 REDUCE

}  // namespace mmappickle::numpy
