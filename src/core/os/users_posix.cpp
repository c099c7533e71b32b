// Who else has a file open or mapped: Linux tells by /proc, others do not.
#ifndef _WIN32

#include "native.h"

#ifdef __linux__

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <memory>

namespace mmappickle::os {
namespace {

// The names in a folder; none if it may not be read or is gone (a process that ended).
std::vector<std::string> names_in(const std::string& folder) {
  std::vector<std::string> names;
  const std::unique_ptr<DIR, int (*)(DIR*)> open(::opendir(folder.c_str()), &::closedir);
  if (!open) return names;
  while (const dirent* entry = ::readdir(open.get())) names.emplace_back(entry->d_name);
  return names;
}

bool is_number(const std::string& name) {
  return !name.empty() && name.find_first_not_of("0123456789") == std::string::npos;
}

bool names_file(const std::string& path, const Identity& identity) {
  Status status;
  return real_system_calls().status(path, status).error == 0 &&
         status.identity == identity;
}

bool has_open(const std::string& process, const Identity& identity) {
  const std::string folder = process + "/fd";
  for (const std::string& name : names_in(folder)) {
    if (is_number(name) && names_file(folder + "/" + name, identity)) return true;
  }
  return false;
}

std::string read_all(const std::string& path) {
  std::string text;
  struct Descriptor {
    int file;
    ~Descriptor() {
      if (file >= 0) ::close(file);
    }
  } const open{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
  if (open.file < 0) return text;
  char buffer[16384];
  for (;;) {
    const ssize_t count = ::read(open.file, buffer, sizeof buffer);
    if (count <= 0) break;
    text.append(buffer, static_cast<std::size_t>(count));
  }
  return text;
}

// A line of maps: "begin-end rwxp offset major:minor inode    path", numbers but the
// inode in hexadecimal.
bool maps_file(const std::string& line, const Identity& identity) {
  const char* at = line.c_str();
  for (int field = 0; field < 3; ++field) {
    while (*at != ' ' && *at != '\0') ++at;
    while (*at == ' ') ++at;
  }
  char* next = nullptr;
  const unsigned long major = std::strtoul(at, &next, 16);
  if (*next != ':') return false;
  const unsigned long minor = std::strtoul(next + 1, &next, 16);
  const std::uint64_t inode = std::strtoull(next, &next, 10);
  if (inode == 0 || inode != identity.inode) return false;
  const auto device = makedev(static_cast<unsigned>(major), static_cast<unsigned>(minor));
  if (static_cast<std::uint64_t>(device) == identity.device) return true;
  // btrfs shows another device number here than in stat().
  while (*next == ' ') ++next;
  return *next == '/' && names_file(next, identity);
}

bool has_mapped(const std::string& process, const Identity& identity) {
  const std::string text = read_all(process + "/maps");
  for (std::size_t begin = 0; begin < text.size();) {
    std::size_t end = text.find('\n', begin);
    if (end == std::string::npos) end = text.size();
    if (maps_file(text.substr(begin, end - begin), identity)) return true;
    begin = end + 1;
  }
  return false;
}

bool uses(const std::string& process, const Identity& identity) {
  return has_open(process, identity) || has_mapped(process, identity);
}

}  // namespace

// A process that ran another program since would have neither descriptor nor map of ours:
// to ask which one it runs takes a hundredth of the time.
bool native::is_used_by_forks(const Identity& identity) {
  Status own, status;
  SystemCalls& system = real_system_calls();
  if (system.status("/proc/self/exe", own).error != 0) return true;
  for (const std::string& name : names_in("/proc")) {
    if (!is_number(name)) continue;
    const std::string process = "/proc/" + name;
    if (std::strtoull(name.c_str(), nullptr, 10) == process_id() ||
        system.status(process + "/exe", status).error != 0 ||
        status.identity != own.identity) {
      continue;
    }
    if (uses(process, identity)) return true;
  }
  return false;
}

std::vector<std::uint64_t> users_of(const Identity& identity) {
  std::vector<std::uint64_t> users;
  for (const std::string& name : names_in("/proc")) {
    if (!is_number(name)) continue;
    const std::uint64_t id = std::strtoull(name.c_str(), nullptr, 10);
    if (id == process_id()) continue;
    if (uses("/proc/" + name, identity)) users.push_back(id);
  }
  std::sort(users.begin(), users.end());
  return users;
}

}  // namespace mmappickle::os

#else

namespace mmappickle::os {

bool native::is_used_by_forks(const Identity&) { return true; }

std::vector<std::uint64_t> users_of(const Identity&) { return {}; }

}  // namespace mmappickle::os

#endif
#endif
