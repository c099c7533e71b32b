#include "error.h"

namespace mmappickle {

const char* name(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::key:
      return "key";
    case ErrorKind::readonly:
      return "readonly";
    case ErrorKind::format:
      return "format";
    case ErrorKind::value:
      return "value";
    case ErrorKind::unsupported:
      return "unsupported";
    case ErrorKind::index:
      return "index";
    case ErrorKind::closed:
      return "closed";
    case ErrorKind::stale:
      return "stale";
    case ErrorKind::busy:
      return "busy";
    case ErrorKind::io:
      return "io";
    case ErrorKind::limit:
      return "limit";
  }
  return "io";
}

const char* name(WarningKind kind) {
  switch (kind) {
    case WarningKind::precision:
      return "precision";
    case WarningKind::inert:
      return "inert";
    case WarningKind::dropped:
      return "dropped";
    case WarningKind::metadata:
      return "metadata";
    case WarningKind::lock:
      return "lock";
    case WarningKind::repaired:
      return "repaired";
    case WarningKind::trailing:
      return "trailing";
    case WarningKind::upgrade:
      return "upgrade";
  }
  return "dropped";
}

}  // namespace mmappickle
