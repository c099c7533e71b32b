#include "r/read/read.h"

#include <cmath>

#include "r/build.h"
#include "r/call.h"
#include "r/error.h"
#include "r/interrupt.h"
#include "r/progress.h"
#include "r/slice/array_entry.h"
#include "r/slice/records.h"
#include "r/slice/slice.h"
#include "r/slice/subscripts.h"
#include "r/text.h"
#include "r/vector.h"
#include "r/view/entry_watch.h"

namespace mmappickle {

namespace {

// R may not run under a lock, which making a vector may lead to: what is small is held
// here until the lock is gone. For what is large the vector is made between two looks; if
// by then the entry is another one, once more.
constexpr std::uint64_t kHeld = 1 << 20;

class SliceReader {
 public:
  explicit SliceReader(const Asked& asked) : asked_(asked) {}

  SEXP run() {
    constexpr int kAttempts = 100;
    for (int attempt = 0; attempt < kAttempts; ++attempt) {
      {
        store::Reading reading(*asked_.handle.store);
        chosen_ = std::make_unique<Chosen>(reading, asked_);
        if (look(reading)) break;
      }
      if (needs_vector_) make_vector();
    }
    if (!done_) {
      throw Error(ErrorKind::stale,
                  "The entry" + of_key(asked_.name) +
                      " was replaced again and again while it was read.",
                  "Try again when the other processes have finished.");
    }
    Shield out(finish());
    warnings_.insert(warnings_.end(), asked_.handle.warnings.begin(),
                     asked_.handle.warnings.end());
    asked_.handle.warnings.clear();
    raise_warnings(warnings_);
    return out;
  }

 private:
  // False: the session has to end first.
  bool look(const store::Reading& reading) {
    const ArrayOf& found = chosen_->found;
    count_ = chosen_->selection.count();
    needs_vector_ = inexact_ = escaped_ = false;  // of another entry, maybe
    if (count_ > static_cast<std::uint64_t>(R_XLEN_T_MAX)) {
      throw Error(ErrorKind::limit, "The slice has more elements than an R vector.");
    }
    const SessionFile file(reading, chosen_->loaded.frame);
    InterruptPoll poll;
    double done = 0;
    const double all =
        static_cast<double>(count_) * static_cast<double>(found.stored.dtype.itemsize);
    const numpy::Tick tick = [&](std::uint64_t bytes) {
      note_progress((done += static_cast<double>(bytes)) / all);
      poll.after(bytes);
    };
    if (found.is_records) {
      const numpy::Stored stored{found.stored, found.place, file};
      rows_ = std::make_unique<RecordRows>(stored, chosen_->selection.axes[0], tick);
    } else if (found.is_dressed) {
      chosen_->loaded = reading.load(chosen_->slot);
      watch_ = EntryWatch::of(chosen_->loaded);
    } else {
      const numpy::Stored stored{found.array, found.place, file};
      if (found.target.type == numpy::RType::string) {
        read_strings(stored, tick);
      } else if (!read_numbers(stored, tick)) {
        return false;
      }
    }
    file.check();
    return done_ = true;
  }

  bool read_numbers(const numpy::Stored& stored, const numpy::Tick& tick) {
    const numpy::RType type = chosen_->found.target.type;
    const std::uint64_t size = count_ * numpy::r_size(type);
    void* to = nullptr;
    needs_vector_ = size > kHeld;
    if (!needs_vector_) {
      held_.resize(size + 1);
      to = held_.data();
    } else if (pointer_ != nullptr && TYPEOF(vector_) == sexp_type(type) &&
               static_cast<std::uint64_t>(Rf_xlength(vector_)) == count_) {
      to = pointer_;
    } else {
      return false;
    }
    const numpy::Selection& chosen = chosen_->selection;
    if (chosen.is_linear) {
      fetch_linear(stored, chosen.linear.data(), count_, type, to, &inexact_, tick);
    } else {
      fetch(stored, chosen.axes, type, to, &inexact_, tick);
    }
    return true;
  }

  void read_strings(const numpy::Stored& stored, const numpy::Tick& tick) {
    strings_.assign(count_, std::string());
    missing_.assign(count_, false);
    const numpy::VisitText take = [&](std::uint64_t i, std::string* text) {
      missing_[i] = text == nullptr;
      if (text != nullptr) strings_[i] = std::move(*text);
    };
    const numpy::Visit visit = as_text(stored.array.dtype, take, &escaped_);
    const numpy::Selection& chosen = chosen_->selection;
    if (chosen.is_linear) {
      fetch_elements_linear(stored, chosen.linear.data(), count_, visit, tick);
    } else {
      fetch_elements(stored, chosen.axes, visit, tick);
    }
  }

  void make_vector() {
    const int type = sexp_type(chosen_->found.target.type);
    vector_ = protect([&] {
      SEXP x = Rf_allocVector(type, static_cast<R_xlen_t>(count_));
      if (type != STRSXP) pointer_ = data_pointer(x);
      return x;
    });
  }

  // The lock is gone.
  SEXP finish() {
    const ArrayOf& found = chosen_->found;
    if (found.is_records) {
      return decode_elements(rows_->array(), asked_.handle.store->path(), asked_.name,
                             asked_.flags, warnings_);
    }
    if (found.is_dressed) return subset_of_whole();
    if (!needs_vector_) make_vector();
    protect([&] {
      if (found.target.type == numpy::RType::string) {
        for (std::uint64_t i = 0; i < count_; ++i) {
          const std::string& s = strings_[i];
          SET_STRING_ELT(vector_, static_cast<R_xlen_t>(i),
                         missing_[i] ? NA_STRING : r_text(Bytes(std::string_view(s))));
        }
      } else if (!needs_vector_ && count_ > 0) {
        std::memcpy(pointer_, held_.data(), count_ * numpy::r_size(found.target.type));
      }
      set_meaning(vector_, found.target.type, found.target.meaning, found.target.units);
      return R_NilValue;
    });
    if (inexact_) warnings_.push_back(rounded(asked_.name));
    if (escaped_) warnings_.push_back(mmappickle::escaped(asked_.name));
    if (chosen_->loaded.metadata != pickle::kNoId) return dressed();
    set_dims();
    return vector_;
  }

  void set_dims() {
    const numpy::Selection& chosen = chosen_->selection;
    if (chosen.is_linear || chosen.axes.size() < 2) return;
    std::vector<int> dims;
    const bool drop = drop_ && !chosen.whole;
    for (const numpy::Axis& axis : chosen.axes) {
      if (axis.count > INT32_MAX) {
        throw Error(ErrorKind::limit,
                    "The slice has an extent of 2^31 or more, which no dimension of an R "
                    "array can have.");
      }
      if (!drop || axis.count != 1) dims.push_back(static_cast<int>(axis.count));
    }
    if (drop && dims.size() < 2) return;
    protect([&] {
      SEXP dim = PROTECT(Rf_allocVector(INTSXP, static_cast<R_xlen_t>(dims.size())));
      std::copy(dims.begin(), dims.end(), INTEGER(dim));
      Rf_setAttrib(vector_, R_DimSymbol, dim);
      UNPROTECT(1);
      return R_NilValue;
    });
  }

  // The attributes that R's `[` would leave; the array's own, without its elements.
  SEXP dressed() {
    store::Loaded& loaded = chosen_->loaded;
    if (loaded.is_array) loaded.file = hole_source(0);  // of which nothing is read
    Warnings ignored;
    Shield like(decode(loaded, asked_.handle.store->path(), asked_.name, asked_.flags,
                       R_NilValue, ignored));
    return call("dress", vector_, like);
  }

  SEXP subset_of_whole() {
    Shield value(decode(chosen_->loaded, asked_.handle.store->path(), asked_.name,
                        asked_.flags, R_NilValue, warnings_));
    Shield out(call("take", value, R_NilValue));
    require_current(watch_.get());
    return out;
  }

  // function(x, like, at, drop, whole): `at` the positions on each axis, NULL for all of
  // it; or linear ones.
  SEXP call(const char* function, SEXP x, SEXP like) {
    const numpy::Selection& chosen = chosen_->selection;
    std::vector<Kept> positions;
    if (chosen.is_linear) {
      numpy::Axis axis;
      axis.count = chosen.linear.size();
      axis.list = chosen.linear.data();
      positions.emplace_back(positions_of(axis));
    } else {
      const numpy::Shape& shape = chosen_->found.array.shape;
      for (std::size_t k = 0; k < shape.size(); ++k) {
        const numpy::Axis& axis = chosen.axes[k];
        const bool all = !axis.list && axis.start == 0 && axis.count == shape[k] &&
                         (axis.step == 1 || axis.count == 1);
        positions.emplace_back(all ? R_NilValue : positions_of(axis));
      }
    }
    return protect([&] {
      SEXP at = PROTECT(Rf_allocVector(VECSXP, static_cast<R_xlen_t>(positions.size())));
      for (std::size_t i = 0; i < positions.size(); ++i) {
        SET_VECTOR_ELT(at, static_cast<R_xlen_t>(i), positions[i]);
      }
      SEXP drop = PROTECT(Rf_ScalarLogical(drop_ && !chosen.whole));
      SEXP linear = PROTECT(Rf_ScalarLogical(chosen.is_linear));
      SEXP out = call_own(function, {x, like, at, drop, linear});
      UNPROTECT(3);
      return out;
    });
  }

 public:
  bool drop_ = true;

 private:
  const Asked& asked_;
  std::unique_ptr<Chosen> chosen_;
  std::unique_ptr<RecordRows> rows_;
  std::shared_ptr<const EntryWatch> watch_;
  Warnings warnings_;
  std::uint64_t count_ = 0;
  bool done_ = false, needs_vector_ = false, inexact_ = false, escaped_ = false;
  std::vector<std::uint8_t> held_;
  std::vector<std::string> strings_;
  std::vector<bool> missing_;
  Kept vector_;
  void* pointer_ = nullptr;
};

}  // namespace

SEXP read_slice(const Asked& asked, bool drop) {
  SliceReader reader(asked);
  reader.drop_ = drop;
  return reader.run();
}

}  // namespace mmappickle
