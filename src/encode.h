// From R to a recipe (private to encode*.cpp). See values.h for what it promises.
#pragma once

#include <deque>
#include <unordered_map>
#include <vector>

#include "simplify.h"
#include "values.h"
#include "views.h"

namespace mmappickle {

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

// attributes(x) as a list with names, or NULL.
SEXP attributes_of(SEXP x);
// R's data pointer for reading; may materialise an ALTREP vector.
const void* read_pointer(SEXP x);

// Walks the value depth first with a stack of its own. A frame is a list, or a vector
// with attributes, whose parts are being encoded.
class Encoder {
 public:
  explicit Encoder(const Flags& flags)
      : flags_(flags), borrowed_(std::make_shared<Borrowed>()) {
    recipe_.owner = borrowed_;
  }
  numpy::Recipe run(SEXP x);

 private:
  struct Encoded {
    pickle::Id value = pickle::kNoId;
    pickle::Id meta = pickle::kNoId;
  };
  enum class Form : std::uint8_t { atomic, ndarray, list, dict, objects };
  struct Part {
    SEXP value;
    SEXP name;  // of an attribute: a CHARSXP; of an item: R_NilValue
  };
  struct Frame {
    Form form;
    SEXP x;                   // what is encoded: of an ndarray() the vector inside
    SEXP ndarray;             // the ndarray object around it, or R_NilValue
    std::vector<Part> parts;  // items first, attributes behind
    std::size_t items = 0;
    std::vector<Encoded> done;
  };

  bool open(SEXP x, Encoded& out);  // false: a frame was pushed
  void open_list(SEXP x, SEXP attributes, Frame& frame);
  void add_attributes(Frame& frame, SEXP attributes, bool is_view);
  Encoded finish(Frame& frame);
  Encoded atomic(SEXP x, bool keep_array);
  Encoded scalar(SEXP x);
  Encoded character(SEXP x, SEXP dim);
  Encoded as_array(SEXP x, const numpy::Dtype& dtype, bool maskable, bool fortran);
  Encoded ndarray(SEXP x, SEXP marker);
  Encoded stub(SEXP x);
  const View* own_view(SEXP x) const;  // null unless x is just what its file holds
  bool view(SEXP x, Encoded& out);
  Encoded list(const Frame& frame);
  Encoded objects(const Frame& frame);
  Encoded add_array(numpy::NewArray array);
  numpy::Shape shape_of(SEXP x) const;

  pickle::Id meta_of(const char* type, const Frame* frame);
  pickle::Id text_of(SEXP charsxp);  // None for NA
  pickle::Id new_text(SEXP charsxp);
  [[noreturn]] void refuse(ErrorKind kind, const std::string& why,
                           const std::string& hint = {});
  std::string where() const;  // "x$a[[2]]"

  Flags flags_;
  numpy::Recipe recipe_;
  std::vector<Frame> frames_;
  std::unordered_map<SEXP, pickle::Id> shared_;  // strings and raw vectors by identity
  struct Borrowed {  // what the recipe's tree and arrays point into
    Anchor anchor;
    std::deque<std::vector<Bytes>> strings;
    std::deque<std::string> kept;
  };
  std::shared_ptr<Borrowed> borrowed_;
};

// Error of kind value that names the first element of `what` that does not fit.
void check_values(const numpy::Dtype& dtype, const numpy::RValues& values, bool maskable,
                  const std::string& what);

}  // namespace mmappickle
