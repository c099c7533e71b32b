// Paths in UTF-8 as the UTF-16 that Windows takes, and back. Internal to the Windows
// twins.
#pragma once

#ifdef _WIN32

#include <string>

namespace mmappickle::os::native {

// Every path that the system gets is made here: absolute, and one of 260 characters or
// more, which the system takes in no other way, begins with "\\?\".
std::wstring wide_path(const std::string& path);
// Without that beginning, which GetFinalPathNameByHandle() gives short ones, too.
std::wstring plain_path(const std::wstring& path);
std::string narrow(const std::wstring& text);

}  // namespace mmappickle::os::native

#endif
