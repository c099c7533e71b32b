#include "r/slice/choice.h"

#include <optional>

#include "core/base/utf8.h"
#include "core/metadata/reader.h"
#include "r/error.h"
#include "r/interrupt.h"
#include "r/slice/subscripts.h"
#include "r/text.h"
#include "r/vector.h"

namespace mmappickle {

namespace {

std::string quoted(const std::string& key) {
  return "\"" + escape_text(Bytes(key)) + "\"";
}

// The names along the axes of an array, as its R metadata tell.
class EntryNames {
 public:
  EntryNames(const store::Loaded& loaded, std::size_t rank, bool reversed)
      : tree_(loaded.tree) {
    const metadata::Members said = metadata::read_members(tree_, loaded.metadata);
    if (said.attributes == pickle::kNoId) return;
    axes.assign(rank, nullptr);
    const pickle::Id names = metadata::attribute(tree_, said.attributes, "names");
    if (rank == 1 && names != pickle::kNoId) axes[0] = names_in(names);
    const pickle::Id dimnames = metadata::attribute(tree_, said.attributes, "dimnames");
    if (dimnames != pickle::kNoId) take_dimnames(dimnames, reversed);
  }
  EntryNames(const EntryNames&) = delete;
  std::vector<const numpy::AxisNames*> axes;

 private:
  // A list, or a dict where the dim names have names themselves.
  void take_dimnames(pickle::Id value, bool reversed) {
    std::vector<pickle::Id> items;
    const pickle::Tag tag = tree_[value].tag;
    if (tag != pickle::Tag::list && tag != pickle::Tag::dict) return;
    bool is_key = tag == pickle::Tag::dict;
    for (const pickle::Id id : tree_.items(value)) {
      if (!is_key) items.push_back(id);
      is_key = tag == pickle::Tag::dict && !is_key;
    }
    if (items.size() != axes.size()) return;
    for (std::size_t k = 0; k < items.size(); ++k) {
      axes[k] = names_in(items[reversed ? items.size() - 1 - k : k]);
    }
  }
  // A list of texts, or one text.
  const numpy::AxisNames* names_in(pickle::Id value) {
    const auto text = [&](pickle::Id id) {
      return tree_[id].tag == pickle::Tag::text ? std::string(tree_.text_of(id)) : "";
    };
    const pickle::Tag tag = tree_[value].tag;
    if (tag != pickle::Tag::list && tag != pickle::Tag::text) return nullptr;
    numpy::AxisNames& names = kept_.emplace_back();
    if (tag == pickle::Tag::text) {
      names.add(text(value));
    } else {
      for (const pickle::Id id : tree_.items(value)) names.add(text(id));
    }
    return &names;
  }

  const pickle::Tree& tree_;
  std::deque<numpy::AxisNames> kept_;
};

bool any_named(const std::vector<numpy::Subscript>& subscripts) {
  for (const numpy::Subscript& s : subscripts) {
    if (s.kind == numpy::Subscript::Type::names) return true;
  }
  return false;
}

// How an array is made larger, for who writes beyond its end.
std::string enlarging(const std::string& key, std::size_t rank) {
  return "A slice never enlarges an array: mmap_append(m, " + quoted(key) +
         ", value) adds " + (rank > 1 ? "rows to it" : "to it") + " in place.";
}

}  // namespace

Asked::Asked(SEXP ptr, SEXP key, SEXP subs, const Flags& flags, SEXP expected)
    : handle(handle_of(ptr)), name(key_of(key)), flags(flags) {
  subscripts = subscripts_of(subs, numpy::SubscriptWords());
  if (expected == R_NilValue) return;
  is_expected = true;
  const auto* extents = static_cast<const double*>(read_pointer(expected));
  for (R_xlen_t i = 0; i < Rf_xlength(expected); ++i) {
    this->expected.push_back(static_cast<std::uint64_t>(extents[i]));
  }
}

Chosen::Chosen(const store::Reading& reading, const Asked& asked, bool to_write)
    : slot(reading.require(asked.name)),
      loaded(reading.look(slot)),
      found(array_of(loaded, asked.flags)) {
  if (asked.is_expected && (!found.is_array || found.array.shape != asked.expected)) {
    throw Error(ErrorKind::stale,
                "The entry " + quoted(asked.name) + " is another array by now.",
                "Make the mmarray anew: mmarray(m, \"k\").");
  }
  if (!found.is_array && !found.is_records) not_an_array(asked.name, loaded);
  const numpy::Shape& shape = found.is_records ? found.stored.shape : found.array.shape;
  if (found.is_records && asked.subscripts.size() > 1) {
    throw Error(ErrorKind::index,
                quoted(asked.name) + " is a structured array, which has rows alone; " +
                    std::to_string(asked.subscripts.size()) + " subscripts were given.",
                "A column of some rows: m[\"k\", i]$column.");
  }
  std::optional<EntryNames> names;  // which may be many
  if (any_named(asked.subscripts)) {
    names.emplace(loaded, shape.size(), asked.flags.reversed);
  }
  static const std::vector<const numpy::AxisNames*> kNone;
  selection =
      select(asked.subscripts, shape, names ? names->axes : kNone, quoted(asked.name),
             to_write ? enlarging(asked.name, shape.size()) : "", poll_interrupt);
}

}  // namespace mmappickle
