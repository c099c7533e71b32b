#ifdef _WIN32

#define WIN32_LEAN_AND_MEAN
#include <windows.h>

#include "wide.h"

namespace mmappickle::os::native {
namespace {

constexpr wchar_t kLong[] = L"\\\\?\\", kLongShare[] = L"\\\\?\\UNC\\";
constexpr wchar_t kDevice[] = L"\\\\.\\", kShare[] = L"\\\\";

bool starts_with(const std::wstring& text, const std::wstring& start) {
  return text.compare(0, start.size(), start) == 0;
}

std::wstring wide(const std::string& text) {
  const int size = static_cast<int>(text.size());
  const int length = ::MultiByteToWideChar(CP_UTF8, 0, text.data(), size, nullptr, 0);
  std::wstring out(static_cast<std::size_t>(length), L'\0');
  ::MultiByteToWideChar(CP_UTF8, 0, text.data(), size, out.data(), length);
  return out;
}

// Empty where the system knows none.
std::wstring full_path(const std::wstring& path) {
  std::wstring full(MAX_PATH, L'\0');
  for (;;) {
    const auto room = static_cast<DWORD>(full.size());
    // The length, or with too little room how much it takes.
    const DWORD length = ::GetFullPathNameW(path.c_str(), room, full.data(), nullptr);
    full.resize(length);
    if (length < room) return full;
  }
}

}  // namespace

std::string narrow(const std::wstring& text) {
  const int size = static_cast<int>(text.size());
  const int length =
      ::WideCharToMultiByte(CP_UTF8, 0, text.data(), size, nullptr, 0, nullptr, nullptr);
  std::string out(static_cast<std::size_t>(length), '\0');
  ::WideCharToMultiByte(CP_UTF8, 0, text.data(), size, out.data(), length, nullptr,
                        nullptr);
  return out;
}

// What stands behind "\\?\" is taken as it is: so it must be absolute, with backslashes
// and without "..", which GetFullPathName() sees to.
std::wstring wide_path(const std::string& path) {
  const std::wstring given = wide(path), full = full_path(given);
  if (full.empty()) return given;
  if (full.size() < MAX_PATH || starts_with(full, kLong) || starts_with(full, kDevice)) {
    return full;
  }
  return starts_with(full, kShare) ? kLongShare + full.substr(2) : kLong + full;
}

std::wstring plain_path(const std::wstring& path) {
  if (starts_with(path, kLongShare)) return kShare + path.substr(8);
  return starts_with(path, kLong) ? path.substr(4) : path;
}

}  // namespace mmappickle::os::native

#endif
