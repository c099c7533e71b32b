// From R to a recipe (private to encode*.cpp). See values.h for what it promises.
//
// Rooms: encode.cpp walks; encode_attributes.cpp says what an attribute list means;
// encode_metadata.cpp writes R metadata, and reports; encode_list.cpp has lists, data
// frames and language; encode_array.cpp vectors; encode_time.cpp dates, times and
// differences; encode_text.cpp strings and factors; encode_ndarray.cpp what users mark;
// encode_view.cpp views; encode_python.cpp Python objects.
#pragma once

#include <deque>
#include <unordered_map>
#include <vector>

#include "core/numpy/recognise.h"
#include "core/pickle/reader.h"
#include "core/pickle/writer.h"
#include "core/plan/simplify.h"
#include "r/build.h"
#include "r/call.h"
#include "r/error.h"
#include "r/text.h"
#include "r/trusted_classes.h"
#include "r/vector.h"
#include "r/view/view.h"
#include "r/write/write.h"

namespace mmappickle {

using plan::is_r_text;
using plan::Simple;
using plan::simplified;

// Keeps R objects from the garbage collector until it is destroyed.
class Anchor {
 public:
  Anchor();
  ~Anchor();
  Anchor(const Anchor&) = delete;
  SEXP operator()(SEXP x);  // returns x; R API (protects itself)

 private:
  SEXP cell_;
};

// Of lists in lists, as R has them.
pickle::Extent extent_of(SEXP x);
// attributes(x) as a list with names, or NULL.
SEXP attributes_of(SEXP x);
// The attribute of that name, or NULL.
SEXP get_attribute(SEXP attributes, const char* name);
// class(x) is just this.
bool is_class(SEXP classes, const char* name);
// A connection and the like: a number that names something of this session.
bool is_of_session(SEXP x, SEXP attributes);
bool same_text(SEXP x, std::initializer_list<const char*> texts);
// What numbers of this class are: Date, POSIXct, difftime, by their class attribute.
numpy::Meaning meaning_of(SEXP x);
double seconds_per_unit(SEXP difftime);

// Walks the value depth first with a stack of its own. A frame is whatever has parts: a
// list's items, and attributes.
class Encoder {
 public:
  Encoder(const Flags& flags, Warnings& warnings, Origin* origin = nullptr)
      : flags_(flags),
        warnings_(warnings),
        origin_(origin),
        borrowed_(std::make_shared<Borrowed>()) {
    recipe_.owner = borrowed_;
  }
  numpy::Recipe run(SEXP x);

 private:
  // A value, and what R metadata has to say of it beside its attributes and children.
  struct Encoded {
    pickle::Id value = pickle::kNoId;  // kNoId: an attribute that was dropped
    pickle::Id meta = pickle::kNoId;   // the finished dict
    const char* type = nullptr;        // kMetaType
    pickle::Id own = pickle::kNoId;    // kMetaValue
    pickle::Id bytes = pickle::kNoId;  // kMetaBytes
  };
  enum class Form : std::uint8_t {
    atomic,
    ndarray,
    list,
    dict,
    pairs,
    objects,
    object,
    python_dict,
    tuple
  };
  // What a python_object carries.
  struct Object {
    pickle::Id node = pickle::kNoId;
    Bytes all, opcodes;  // its pickle, and the value's part of it
    pickle::Standing standing = pickle::Standing::nowhere;
    std::uint32_t memo = 0;
    bool comes_back = false;  // read again, it has this very pickle
  };
  struct Part {
    SEXP value;
    SEXP name;          // of an attribute: a CHARSXP; of an item: R_NilValue
    bool column;        // of a data frame: never a scalar
    bool rows = false;  // the number of automatic row names
  };
  struct Frame {
    Form form = Form::atomic;
    SEXP x = R_NilValue;        // what is encoded: of an ndarray() the vector inside
    SEXP ndarray = R_NilValue;  // the fields of the ndarray() around it
    std::vector<Part> parts{};  // items first, attributes behind
    std::size_t items = 0;
    std::vector<Encoded> done{};
    bool inside_attribute = false;  // code may stand here
    const char* type = nullptr;     // "call", "list" ...
    bool is_factor = false;
    // Dates, times and differences whose values fit their dtype.
    numpy::Meaning meaning = numpy::Meaning::plain;
    bool column = false;  // of a data frame: an array or a list
    bool scalar = false;  // one element, and no attribute but what the value says itself
    bool bare = false;    // class, zone and units are not those that the dtype gives
    Object object{};
    pickle::Id origin = pickle::kNoId;       // what stood here in the file
    std::vector<pickle::Id> item_origins{};  // and at the items' places
    std::uintptr_t shared = 0;               // in often_; 0: not to be shared
    pickle::Extent extent = pickle::Extent::container();
  };

  // encode.cpp
  // False: a frame was pushed. `origin`: what stood there in the file, or kNoId.
  bool open(SEXP x, bool column, pickle::Id origin, Encoded& out);
  bool share(SEXP x, Frame& frame, Encoded& out);
  Encoded finish(Frame& frame);
  bool inside_attribute() const;
  void require_extent(std::size_t around, const pickle::Extent& extent) const;

  // encode_attributes.cpp
  void add_attributes(Frame& frame, SEXP attributes);
  bool is_natural(const Frame& frame, SEXP attributes) const;

  // encode_list.cpp
  void open_list(Frame& frame, SEXP attributes);
  void open_language(Frame& frame);
  Encoded list(const Frame& frame);
  Encoded pairs(const Frame& frame);
  Encoded objects(Frame& frame);
  Encoded symbol(SEXP x);
  bool environment(SEXP x, Encoded& out);

  // encode_array.cpp
  Encoded atomic(const Frame& frame);
  Encoded scalar(SEXP x);
  // `plain`: numbers as they are, whatever the class says.
  Encoded as_array(SEXP x, const numpy::Dtype& dtype, bool maskable, bool fortran,
                   bool plain = false);
  Encoded array_of(SEXP x, const numpy::RValues& values, const numpy::Dtype& dtype,
                   bool masked, bool fortran);  // values that fit
  // A vector's elements as items of a dtype, where `in_r_order` as R has them, else in
  // the order of C.
  struct Elements {
    numpy::Dtype dtype;  // S, U and V with their length
    numpy::Shape dims;   // R's; of V without the first, an item's bytes
    std::shared_ptr<const Source> data, mask;
  };
  // NA is masked where the dtype has none. `subject`: what errors are about.
  Elements elements(SEXP x, const numpy::Dtype& dtype, bool maskable, bool in_r_order,
                    const std::string& subject, bool plain = false);
  Elements void_elements(SEXP x, const numpy::Dtype& dtype, bool in_r_order,
                         const std::string& subject) const;
  Encoded add_array(Elements elements, bool fortran);
  Encoded add_array(numpy::NewArray array);
  numpy::Shape shape_of(SEXP x) const;

  // encode_time.cpp
  bool fits_time(SEXP x, numpy::Meaning meaning, bool column);
  Encoded time_array(const Frame& frame);
  Encoded time_scalar(const Frame& frame);
  pickle::Id python_time(double value, numpy::Meaning meaning, double offset);

  // encode_text.cpp
  Encoded character(SEXP x, SEXP dim);
  Encoded factor(const Frame& frame);
  static bool is_factor(SEXP x, SEXP attributes);
  pickle::Id text_of(SEXP charsxp);  // None for NA
  pickle::Id new_text(SEXP charsxp);
  pickle::Id byte_positions(SEXP x);

  // encode_ndarray.cpp
  // What stands for something else, by its class. True: `out` is all of it.
  bool open_marked(SEXP x, Frame& frame, Encoded& out);
  SEXP mark_fields(SEXP x, const char* first);
  Encoded ndarray(SEXP x, SEXP fields);
  bool is_fortran(SEXP marker) const;
  Encoded structured(SEXP x, SEXP fields);  // encode_structured.cpp
  Elements records(SEXP x, SEXP dtypes, bool in_r_order, const std::string& subject,
                   int depth);
  Encoded stub(SEXP fields);

  // encode_view.cpp
  const View* own_view(SEXP x) const;  // null unless x holds just what its file holds
  bool view(SEXP x, Encoded& out);
  numpy::Array new_array(const View& view) const;
  Encoded copy(SEXP x, const View& view, bool fortran);

  // encode_python.cpp
  bool open_python(Frame& frame, SEXP attributes);
  bool is_said(const Frame& frame, SEXP attributes, const std::string& name) const;
  void open_object(Frame& frame, SEXP attributes);
  Object read_object(SEXP raw);
  bool comes_back(const Object& object);
  void open_dict(Frame& frame);
  bool is_key() const;
  void open_tuple(Frame& frame);
  Encoded tuple(Frame& frame);
  void check_key(const Encoded& key, const std::string& what);
  Encoded dict(const Frame& frame);

  // encode_nested.cpp
  bool untouched(SEXP x, Encoded& out) const;
  void find_origins(Frame& frame);
  bool is_sequence(pickle::Id id) const;
  bool sequence(const Frame& frame, Encoded& out);
  pickle::Id element(SEXP x, R_xlen_t i, pickle::Id before);
  void keep_kind(const Frame& frame, Encoded& out);
  void finish_nested();

  // encode_metadata.cpp
  pickle::Id meta_of(const Frame& frame, const Encoded& encoded);
  pickle::Id word(const char* literal);  // one node for all
  [[noreturn]] void refuse(ErrorKind kind, const std::string& why,
                           const std::string& hint = {});
  std::string where() const;    // "x$a[[2]]"
  std::string subject() const;  // the same to begin a sentence with
  bool drop(const Error& error);

  Flags flags_;
  Warnings& warnings_;
  Origin* origin_;
  numpy::Recipe recipe_;
  std::vector<Frame> frames_;
  std::unordered_map<SEXP, pickle::Id> shared_;  // strings and raw vectors by identity
  std::unordered_map<const char*, pickle::Id> words_;
  // Values with parts, by identity. R's are values, so each place gets one of its own;
  // but what stands in very many places (lists within lists, each twice, say) is shared.
  struct Often {
    std::uint32_t count = 0;
    Encoded encoded;
    pickle::Extent extent;
  };
  static constexpr std::uint32_t kOften = 1000;
  std::unordered_map<std::uintptr_t, Often> often_;
  pickle::Limits limits_;
  pickle::Extent last_;                       // of the value that was encoded last
  double opened_ = 0;                         // values, each as often as it was encoded
  std::unordered_map<SEXP, Object> objects_;  // by the raw vector
  std::unique_ptr<pickle::ManyWriter> object_writer_;
  struct Borrowed {  // what the recipe's tree and arrays point into
    Anchor anchor;
    std::deque<std::vector<Bytes>> strings;
    std::deque<std::string> kept;
    std::deque<std::vector<double>> doubles;
    std::shared_ptr<os::Mapping> mapping;  // of an origin
  };
  std::shared_ptr<Borrowed> borrowed_;
  std::vector<std::shared_ptr<const Watch>> watches_;  // of what is borrowed
};

// Error of kind value that names the first element of `what` that does not fit.
void check_values(const numpy::Dtype& dtype, const numpy::RValues& values, bool maskable,
                  const std::string& what, const std::string& hint = {});

// The dtype that a mark names: a string, or a list of strings and lists, by field.
numpy::Dtype marked_dtype(SEXP dtype);

}  // namespace mmappickle
