// UTF-8 to the UTF-16 that Windows takes, and back. Internal to the Windows twins.
#pragma once

#ifdef _WIN32

#include <string>

namespace mmappickle::os::native {

std::wstring wide(const std::string& text);
std::string narrow(const std::wstring& text);

}  // namespace mmappickle::os::native

#endif
