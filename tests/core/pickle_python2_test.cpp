#include <doctest/doctest.h>

#include <string>

#include "pickle/python2.h"

namespace mmappickle::pickle {
namespace {

std::string renamed(std::string_view module, std::string_view name, int protocol) {
  const GlobalName now = python3_name({module, name}, protocol);
  return std::string(now.module) + "." + std::string(now.name);
}

TEST_CASE("modules and names of Python 2 are those of Python 3 below protocol 3") {
  // the first and the last of each table, which are sorted
  CHECK(renamed("BaseHTTPServer", "X", 2) == "http.server.X");
  CHECK(renamed("xmlrpclib", "X", 0) == "xmlrpc.client.X");
  CHECK(renamed("UserDict", "IterableUserDict", 1) == "collections.UserDict");
  CHECK(renamed("whichdb", "whichdb", 2) == "dbm.whichdb");
  // single names come before whole modules
  CHECK(renamed("urllib2", "HTTPError", 2) == "urllib.error.HTTPError");
  CHECK(renamed("urllib2", "Request", 2) == "urllib.request.Request");
  CHECK(renamed("itertools", "izip", 2) == "builtins.zip");
  CHECK(renamed("itertools", "chain", 2) == "itertools.chain");
  CHECK(renamed("", "", 0) == ".");
}

TEST_CASE("later protocols name what is there, but for modules that cannot be") {
  for (int protocol = 3; protocol <= 5; ++protocol) {
    CHECK(renamed("Queue", "Empty", protocol) == "Queue.Empty");
    CHECK(renamed("itertools", "izip", protocol) == "itertools.izip");
    CHECK(renamed("__builtin__", "xrange", protocol) == "builtins.range");
    CHECK(renamed("copy_reg", "_reconstructor", protocol) == "copyreg._reconstructor");
    CHECK(renamed("exceptions", "KeyError", protocol) == "builtins.KeyError");
  }
}

}  // namespace
}  // namespace mmappickle::pickle
