#include "r/read/npy.h"

#include "core/base/utf8.h"
#include "core/files/npy.h"
#include "core/files/signature.h"
#include "core/files/zip.h"
#include "core/numpy/recognise.h"
#include "core/store/plain_pickle.h"
#include "r/error.h"
#include "r/interrupt.h"
#include "r/read/input.h"
#include "r/text.h"

namespace mmappickle {

namespace {

// An array of objects that is one object (what numpy.save makes of a dict) is that
// object: as .item() gives it.
void unwrap(store::Loaded& loaded) {
  const numpy::Array array = numpy::recognise(loaded.tree, loaded.value).array;
  if (array.objects == pickle::kNoId || !array.shape.empty()) return;
  loaded.value = loaded.tree.item(array.objects, 0);
}

// `end`: where the file ends.
store::Loaded load_npy(Bytes bytes, const Input& input, std::uint64_t& end) {
  files::Npy npy = files::read_npy(bytes);
  if (npy.objects) {
    store::PlainPickle pickle =
        store::read_plain_pickle(bytes, npy.data, input.mapping, poll_interrupt);
    end = pickle.end;
    unwrap(pickle.value);
    return std::move(pickle.value);
  }
  end = npy.end;
  store::Loaded loaded;
  loaded.is_array = true;
  loaded.array = std::move(npy.array);
  loaded.mapping = input.mapping;
  loaded.bytes = npy.end;
  return loaded;
}

// An array, or what else was put into the archive, as bytes.
store::Loaded load_member(Bytes content, const Input& input) {
  if (files::signature_of(content).format == files::Format::npy) {
    std::uint64_t end = 0;
    return load_npy(content, input, end);
  }
  store::Loaded loaded;
  loaded.value = loaded.tree.bytes(content);
  loaded.mapping = input.mapping;
  loaded.bytes = content.size;
  return loaded;
}

std::string name_of(const files::ZipMember& member) {
  constexpr std::string_view kSuffix = ".npy";
  const std::size_t size =
      member.name.size() - (member.ends_with(kSuffix) ? kSuffix.size() : 0);
  return member.name.substr(0, size);
}

}  // namespace

SEXP read_npy(SEXP source, const Flags& flags, SEXP readers) {
  return read_input(source, [&](const Input& input) {
    Warnings warnings;
    std::uint64_t end = 0;
    store::Loaded loaded = load_npy(input.bytes, input, end);
    if (end < input.bytes.size) {
      warnings.push_back(
          {WarningKind::trailing, std::to_string(input.bytes.size - end) +
                                      " bytes follow the array, from offset " +
                                      std::to_string(end) + " on: they were not read."});
    }
    Shield out(decode_input(loaded, input, "", flags, readers, warnings));
    input.require_current();
    raise_warnings(warnings);
    return static_cast<SEXP>(out);
  });
}

SEXP read_npz(SEXP source, const Flags& flags, SEXP readers) {
  return read_input(source, [&](const Input& input) {
    Warnings warnings;
    if (files::signature_of(input.bytes).format != files::Format::zip) {
      throw files::not_that(
          input.bytes, "an archive of NumPy arrays (.npz)",
          Error(ErrorKind::format, "this is no archive of NumPy arrays (.npz)",
                "Is this the right file?", 0));
    }
    const std::vector<files::ZipMember> members = files::read_zip(input.bytes);
    std::vector<std::string> names;
    Shield out(protect(
        [&] { return Rf_allocVector(VECSXP, static_cast<R_xlen_t>(members.size())); }));
    for (const files::ZipMember& member : members) {
      std::vector<std::uint8_t> made;
      const auto i = static_cast<R_xlen_t>(names.size());
      names.push_back(name_of(member));
      try {
        store::Loaded loaded =
            load_member(content_of(member, made, poll_interrupt), input);
        SET_VECTOR_ELT(
            out, i, decode_input(loaded, input, names.back(), flags, readers, warnings));
      } catch (Error& error) {
        error.message = "cannot read '" + escape_text(Bytes(member.name)) +
                        "' of the archive: " + error.message;
        throw;
      }
    }
    Shield texts(character_vector(names));
    protect([&] { return Rf_setAttrib(out, R_NamesSymbol, texts); });
    input.require_current();
    raise_warnings(warnings);
    return static_cast<SEXP>(out);
  });
}

}  // namespace mmappickle
