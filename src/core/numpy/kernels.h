// Elements of every dtype to the vector types of R and back. Plain loops over memory; no
// R here, but R's conventions: NA, NaN payloads, integer64.
#pragma once

#include <functional>
#include <vector>

#include "array.h"

namespace mmappickle::numpy {

// How R holds elements. integer64 is bit64's: int64 in the bits of a double.
enum class RType : std::uint8_t {
  logical,
  integer,
  real,
  complex,
  raw,
  integer64,
  string
};

constexpr std::int32_t kNaInteger = INT32_MIN;  // R's NA_integer_ and NA (logical)
constexpr std::int64_t kNaInteger64 = INT64_MIN;
// R's NA_real_: a NaN whose lower word is 1954; R knows it by that word alone.
constexpr std::uint64_t kNaRealBits = 0x7ff00000000007a2;
double na_real();
std::uint64_t r_size(RType type);  // bytes an element; string: 0

struct Choice {  // the user's options for types with more than one counterpart
  bool exact_int64 = false;  // int64, uint64 as integer64
  bool raw_uint8 = false;
};

// What an element becomes, and the class that R gives it.
enum class Meaning : std::uint8_t { plain, date, datetime, difftime };
struct Target {
  RType type = RType::real;
  Meaning meaning = Meaning::plain;
  const char* units = "";  // difftime: "secs", "mins", "hours", "days", "weeks"
};
// False for structured, object and void (V) dtypes: they have no vector of one type.
// Dates are days since 1970 (units Y, M, W, D), times seconds since then in UTC. Years
// and months of timedelta64, which have no counterpart, are days of the mean Gregorian
// year, 365.2425.
bool target_of(const Dtype& dtype, const Choice& choice, Target& target);

// True if the file's bytes are R's bytes (where `data` is aligned to R's item): then a
// view may hand out the pointer itself.
bool same_layout(const Dtype& dtype, RType type);

// Decodes n elements, the first at `from`, `stride` bytes apart, into `to` (int32_t,
// double, complex as two doubles, uint8_t or int64_t, as `type` says). `inexact` is set
// if a 64-bit integer was rounded (or uint64 had no integer64). Null where there is no
// such decoder: for strings, or a type that target_of() never gives for the dtype (but
// that any integer is decoded as real and integer64, too).
using Decode = void (*)(const Dtype& dtype, const std::uint8_t* from, std::int64_t stride,
                        std::uint64_t n, void* to, bool* inexact);
Decode decoder(const Dtype& dtype, RType type);

// One element of S or U as UTF-8, trailing NULs dropped; what R cannot hold (inner NUL,
// surrogates, invalid) escaped, and `escaped` set. S is taken as UTF-8; what encode()
// gets in the escaped form is those bytes again.
std::string decode_string(const Dtype& dtype, const std::uint8_t* from, bool* escaped);

// Values of R on their way to a file. `data` as in Decode; strings: UTF-8 bytes by
// element, data null for NA.
struct RValues {
  RType type = RType::real;
  std::uint64_t count = 0;
  const void* data = nullptr;
  const std::vector<Bytes>* strings = nullptr;
  Meaning meaning = Meaning::plain;  // Date: days, POSIXct: seconds, difftime:
  double seconds_per_unit = 1;       //   seconds a unit
};

// Why a value does not fit.
enum class CastError : std::uint8_t {
  none,
  fraction,
  range,
  missing /* NA in a type without */,
  not_a_number /* NaN in a type without */,
  too_long,
  not_text,
  type
};
struct Check {
  CastError cast_error = CastError::none;
  std::uint64_t index = 0;  // of the first value that does not fit
};
// A value fits if it comes back the same, save rounding to nearest in float16, float32,
// complex64 (overflow to infinity does not fit). So int32 does not take -2^31, which is
// NA in R; Date, POSIXct and difftime fit only datetime64 and timedelta64, plain numbers
// all but these; text only S and U. `maskable`: NA is allowed, and masks (NaN does not).
// `poll` (may be empty) is called now and then; it may throw Interrupted.
Check check_fit(const Dtype& dtype, const RValues& values, bool maskable,
                const std::function<void()>& poll = {});
// Encodes values[index[i]] for i in [0, n) (index null: begin + i) into n contiguous
// elements; `mask` gets 1 for NA. Either may be null: not wanted. The values have passed
// check_fit(); others are encoded as something, within the bytes of the dtype.
void encode(const Dtype& dtype, const RValues& values, const std::uint64_t* index,
            std::uint64_t begin, std::uint64_t n, std::uint8_t* to, std::uint8_t* mask);

// The dtype that R's values get without being asked: float64, int32, bool, complex128,
// uint8 (raw), int64 (integer64), datetime64[D], datetime64[ns], timedelta64[ns].
Dtype natural_dtype(RType type, Meaning meaning = Meaning::plain);

}  // namespace mmappickle::numpy
