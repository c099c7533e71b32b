// The bare work beside which the store is measured: the same system calls, and the least
// that has to be done with the bytes. Linux, by Rcpp::sourceCpp().
#include <fcntl.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

// [[Rcpp::plugins(cpp17)]]
#include <Rcpp.h>

#include <cstring>
#include <string>
#include <string_view>
#include <vector>

// Steps from frame to frame of an mmapdict file, hashes each key, makes R's string of it.
// [[Rcpp::export]]
SEXP bare_names(std::string path, double keys) {
  const int file = open(path.c_str(), O_RDONLY);
  struct stat status;
  fstat(file, &status);
  const auto size = static_cast<std::size_t>(status.st_size);
  auto* bytes = static_cast<const unsigned char*>(
      mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file, 0));
  Rcpp::Shield<SEXP> out(Rf_allocVector(STRSXP, static_cast<R_xlen_t>(keys)));
  std::size_t hashes = 0;
  R_xlen_t n = 0;
  for (std::size_t at = 24; at + 11 < size && n < Rf_xlength(out);) {
    std::uint64_t length;
    std::memcpy(&length, bytes + at + 1, 8);
    at += 9 + length;
    // What is no entry fills up to the end of a page.
    if (bytes[at - length] != 0x8c || bytes[at - 2] != 0x88) continue;
    const auto* key = reinterpret_cast<const char*>(bytes + at - length + 2);
    const std::string_view name(key, bytes[at - length + 1]);
    hashes ^= std::hash<std::string_view>()(name);
    SET_STRING_ELT(out, n++,
                   Rf_mkCharLenCE(name.data(), static_cast<int>(name.size()), CE_UTF8));
  }
  Rf_setAttrib(out, Rf_install("hash"), Rf_ScalarReal(static_cast<double>(hashes)));
  munmap(const_cast<unsigned char*>(bytes), size);
  close(file);
  return out;
}

// n commits as a store makes them: lock, look, an entry of 64 bytes behind the end, and
// the three small writes that make it valid.
// [[Rcpp::export]]
void bare_inserts(std::string path, int n) {
  const int file = open(path.c_str(), O_RDWR | O_CREAT | O_TRUNC, 0666);
  char entry[64] = {};
  off_t end = 24;
  for (int i = 0; i < n; ++i) {
    struct stat status;
    flock(file, LOCK_EX);
    fstat(file, &status);
    bool written = pwrite(file, entry, sizeof entry, end + 11) > 0;
    written = pwrite(file, entry, 4, 18) > 0 && written;
    written = pwrite(file, entry, 11, end) > 0 && written;
    written = pwrite(file, entry, 1, end + 60) > 0 && written;
    fstat(file, &status);
    flock(file, LOCK_UN);
    end += written ? 64 : 0;
  }
  close(file);
}

// Writes x in chunks of 8 MB.
// [[Rcpp::export]]
void bare_write(std::string path, Rcpp::RObject x) {
  const int file = open(path.c_str(), O_RDWR | O_CREAT | O_TRUNC, 0666);
  const auto* bytes = static_cast<const char*>(DATAPTR_RO(x));
  const std::size_t size = static_cast<std::size_t>(Rf_xlength(x)) * 8;
  for (std::size_t at = 0; at < size;) {
    const ssize_t n = pwrite(file, bytes + at, std::min<std::size_t>(size - at, 8 << 20),
                             static_cast<off_t>(at));
    if (n <= 0) break;
    at += static_cast<std::size_t>(n);
  }
  close(file);
}

// n rows of 1,000 doubles, one pwrite each.
// [[Rcpp::export]]
void bare_appends(std::string path, int n) {
  const int file = open(path.c_str(), O_RDWR | O_CREAT | O_TRUNC, 0666);
  const std::vector<double> row(1000);
  for (int i = 0; i < n; ++i) {
    if (pwrite(file, row.data(), 8000, static_cast<off_t>(i) * 8000) < 0) break;
  }
  close(file);
}

// The R objects that read_pickle() makes of the lists in values.R.
// [[Rcpp::export]]
SEXP bare_objects(std::string what) {
  const int n = what == "10^6 strings" ? 1000000 : 100000;
  const auto text = [](const std::string& s) {
    return Rf_mkCharLenCE(s.data(), static_cast<int>(s.size()), CE_UTF8);
  };
  if (what == "10^6 strings") {
    Rcpp::Shield<SEXP> out(Rf_allocVector(STRSXP, n));
    for (int i = 0; i < n; ++i) {
      SET_STRING_ELT(out, i, text("text " + std::to_string(i)));
    }
    return out;
  }
  const bool nested = what == "10^5 nested lists";
  Rcpp::Shield<SEXP> out(Rf_allocVector(VECSXP, n)), names(Rf_allocVector(STRSXP, 4));
  for (int k = 0; k < 4; ++k) SET_STRING_ELT(names, k, text(std::string(1, "abcd"[k])));
  for (int i = 0; i < n; ++i) {
    SEXP item = Rf_allocVector(VECSXP, nested ? 2 : 4);
    SET_VECTOR_ELT(out, i, item);
    SET_VECTOR_ELT(item, 0, Rf_ScalarInteger(i));
    if (!nested) {
      Rf_namesgets(item, names);
      SET_VECTOR_ELT(item, 1, Rf_ScalarReal(i / 2.0));
      SET_VECTOR_ELT(item, 2, Rf_ScalarString(text("text")));
      SET_VECTOR_ELT(item, 3, Rf_ScalarLogical(1));
      continue;
    }
    SEXP inner = Rf_allocVector(VECSXP, 3);
    SET_VECTOR_ELT(item, 1, inner);
    SET_VECTOR_ELT(inner, 0, Rf_ScalarInteger(i));
    SET_VECTOR_ELT(inner, 1, Rf_ScalarString(text("a")));
    SET_VECTOR_ELT(inner, 2, Rf_ScalarLogical(1));
  }
  return out;
}

// memcpy into memory that has been touched.
// [[Rcpp::export]]
void bare_copy(Rcpp::RObject from, Rcpp::RObject to) {
  std::memcpy(const_cast<void*>(DATAPTR_RO(to)), DATAPTR_RO(from),
              static_cast<std::size_t>(Rf_xlength(to)) * 8);
}
