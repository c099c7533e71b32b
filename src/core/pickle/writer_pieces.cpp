// The single pieces of writer.h.
#include "opcodes.h"
#include "writer.h"

namespace mmappickle::pickle {

namespace {

void put_head(Draft& draft, std::uint64_t size, std::uint8_t short_form,
              std::uint8_t form, std::uint8_t long_form) {
  if (size < 256) {
    draft.put(short_form);
    draft.put_le(size, 1);
  } else if (size <= UINT32_MAX) {
    draft.put(form);
    draft.put_le(size, 4);
  } else {
    draft.put(long_form);
    draft.put_le(size, 8);
  }
}

void put_slot(Draft& draft, std::uint32_t slot, std::uint8_t form,
              std::uint8_t long_form) {
  draft.put(slot < 256 ? form : long_form);
  draft.put_le(slot, slot < 256 ? 1 : 4);
}

}  // namespace

void put_text_head(Draft& draft, std::uint64_t n) {
  put_head(draft, n, op::SHORT_BINUNICODE, op::BINUNICODE, op::BINUNICODE8);
}

void put_text(Draft& draft, std::string_view utf8) {
  put_text_head(draft, utf8.size());
  draft.put(utf8);
}

void put_bytes_head(Draft& draft, std::uint64_t n) {
  put_head(draft, n, op::SHORT_BINBYTES, op::BINBYTES, op::BINBYTES8);
}

void put_integer(Draft& draft, std::int64_t value) {
  const auto bits = static_cast<std::uint64_t>(value);
  if (value >= 0 && value <= 0xff) {
    draft.put(op::BININT1);
    draft.put_le(bits, 1);
  } else if (value >= 0 && value <= 0xffff) {
    draft.put(op::BININT2);
    draft.put_le(bits, 2);
  } else if (value >= INT32_MIN && value <= INT32_MAX) {
    draft.put(op::BININT);
    draft.put_le(bits, 4);
  } else {
    int n = 5;  // the least that holds the value and its sign
    while (n < 8 && value >> (8 * n - 1) != (value < 0 ? -1 : 0)) ++n;
    draft.put(op::LONG1);
    draft.put_le(static_cast<std::uint64_t>(n), 1);
    draft.put_le(bits, n);
  }
}

void put_memo(Draft& draft, std::uint32_t slot) {
  put_slot(draft, slot, op::BINPUT, op::LONG_BINPUT);
}

void get_memo(Draft& draft, std::uint32_t slot) {
  put_slot(draft, slot, op::BINGET, op::LONG_BINGET);
}

void put_global(Draft& draft, std::string_view module, std::string_view name) {
  put_text(draft, module);
  put_text(draft, name);
  draft.put(op::STACK_GLOBAL);
}

}  // namespace mmappickle::pickle
