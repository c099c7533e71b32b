// The single pieces of writer.h.
#include "opcodes.h"
#include "writer.h"

namespace mmappickle::pickle {

namespace {

void put_head(Output& output, std::uint64_t size, std::uint8_t short_form,
              std::uint8_t form, std::uint8_t long_form) {
  if (size < 256) {
    output.put(short_form);
    output.put_le(size, 1);
  } else if (size <= UINT32_MAX) {
    output.put(form);
    output.put_le(size, 4);
  } else {
    output.put(long_form);
    output.put_le(size, 8);
  }
}

// The length is known where it is compiled: no loop over bytes.
template <int kBytes>
void put_number(Output& output, std::uint8_t opcode, std::uint64_t bits) {
  std::uint8_t* const bytes = output.room(kBytes + 1);
  bytes[0] = opcode;
  store_le(bytes + 1, bits, kBytes);
}

void put_slot(Output& output, std::uint32_t slot, std::uint8_t form,
              std::uint8_t long_form) {
  if (slot < 256) {
    put_number<1>(output, form, slot);
  } else {
    put_number<4>(output, long_form, slot);
  }
}

}  // namespace

void put_text_head(Output& output, std::uint64_t n) {
  put_head(output, n, op::SHORT_BINUNICODE, op::BINUNICODE, op::BINUNICODE8);
}

void put_text(Output& output, std::string_view utf8) {
  put_text_head(output, utf8.size());
  output.put(utf8);
}

void put_bytes_head(Output& output, std::uint64_t n) {
  put_head(output, n, op::SHORT_BINBYTES, op::BINBYTES, op::BINBYTES8);
}

void put_integer(Output& output, std::int64_t value) {
  const auto bits = static_cast<std::uint64_t>(value);
  if (bits <= 0xff) {
    put_number<1>(output, op::BININT1, bits);
  } else if (bits <= 0xffff) {
    put_number<2>(output, op::BININT2, bits);
  } else if (value >= INT32_MIN && value <= INT32_MAX) {
    put_number<4>(output, op::BININT, bits);
  } else {
    int n = 5;  // the least that holds the value and its sign
    while (n < 8 && value >> (8 * n - 1) != (value < 0 ? -1 : 0)) ++n;
    output.put(op::LONG1);
    output.put_le(static_cast<std::uint64_t>(n), 1);
    output.put_le(bits, n);
  }
}

void put_memo(Output& output, std::uint32_t slot) {
  put_slot(output, slot, op::BINPUT, op::LONG_BINPUT);
}

void get_memo(Output& output, std::uint32_t slot) {
  put_slot(output, slot, op::BINGET, op::LONG_BINGET);
}

void put_global(Output& output, std::string_view module, std::string_view name) {
  put_text(output, module);
  put_text(output, name);
  output.put(op::STACK_GLOBAL);
}

}  // namespace mmappickle::pickle
