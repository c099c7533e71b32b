#include "writer.h"

#include "../base/error.h"
#include "../base/utf8.h"
#include "integers.h"
#include "write_walk.h"

namespace mmappickle::pickle {

namespace {

// From this size on bytes go into the output by reference.
constexpr std::uint64_t kByReference = 64 * 1024;

}  // namespace

bool Writer::write(Id value, Output& output, Memo& memo, std::uint64_t limit) {
  if (marks_.size() < tree_.size()) marks_.resize(tree_.size(), 0);
  output_ = &output;
  memo_ = &memo;
  limit_ = limit;
  begin_ = output.size();
  visits_ = repeated_ = 0;
  const auto put_back = [&](std::uint8_t kept) {
    for (Id id : touched_) marks_[id] &= kept;
  };
  bool whole = false;
  writing_ = false;
  try {
    if (walk(value)) {
      put_back(kMetAgain);
      writing_ = true;
      whole = walk(value);
    }
  } catch (...) {
    put_back(0);
    touched_.clear();
    tasks_.clear();
    throw;
  }
  put_back(0);
  touched_.clear();
  return whole;
}

// Each visit comes to a byte at least.
bool Writer::walk(Id root) {
  visit(root);
  while (!tasks_.empty()) {
    if (is_beyond_limit()) {
      tasks_.clear();
      return false;
    }
    Task& task = tasks_.back();  // stays where it is when tasks are added behind it
    (this->*task.advance)(task);
  }
  return !writing_ || !is_beyond_limit();
}

void Writer::visit_node(Id id) {
  if (is_memoised(id)) return get(id);
  const Node& node = tree_[id];
  switch (node.tag) {
    case Tag::none:
    case Tag::boolean:
    case Tag::integer:
    case Tag::real:
      if (writing_) put_scalar(id);
      return;
    case Tag::big_integer:
      return put_big_integer(id);
    case Tag::text:
    case Tag::string:
    case Tag::bytes:
      return begin_text(id);
    case Tag::byte_array:
      return begin_byte_array(id);
    case Tag::list:
    case Tag::dict:
    case Tag::set:
      return begin_filled(id);
    case Tag::tuple:
      return begin_tuple(id);
    case Tag::frozenset:
      return begin_frozenset(id);
    case Tag::global:
      return begin_global(id);
    case Tag::object:
      return begin_object(id);
    case Tag::array:
      return begin_array(id);
    case Tag::persistent:
      refuse("A persistent id");
    case Tag::extension:
      refuse("An extension code of copyreg");
    case Tag::buffer:
      refuse("An out-of-band buffer");
  }
}

void Writer::refuse(const char* what) {
  throw Error(ErrorKind::unsupported, std::string(what) + " cannot be stored.",
              "Python's pickle.load() could not load it.");
}

// -- memo ----------------------------------------------------------------------------

void Writer::memoise(Id id) {
  set_mark(id, kMemoised);
  if (!writing_ || (marks_[id] & kMetAgain) == 0) return;
  const std::uint32_t slot = memo_->take();
  slots_[id] = slot;
  put_memo(*output_, slot);
}

void Writer::get(Id id) {
  if (writing_) {
    get_memo(*output_, slots_[id]);
  } else {
    set_mark(id, kMetAgain);
  }
}

// -- values without children ---------------------------------------------------------

void Writer::put_payload(Bytes bytes) {
  if (bytes.size < kByReference) {
    output_->put(bytes);
  } else {
    output_->put(std::shared_ptr<const Source>(memory_source(bytes)));
  }
}

void Writer::put_scalar(Id id) {
  const Node& node = tree_[id];
  switch (node.tag) {
    case Tag::none:
      return output_->put(op::NONE);
    case Tag::boolean:
      return output_->put(node.flag ? op::NEWTRUE : op::NEWFALSE);
    case Tag::integer:
      return put_integer(*output_, node.integer);
    default: {  // real
      std::uint64_t bits;
      std::memcpy(&bits, &node.real, sizeof bits);
      std::uint8_t* const bytes = output_->room(9);
      bytes[0] = op::BINFLOAT;
      for (int i = 0; i < 8; ++i) {
        bytes[1 + i] = static_cast<std::uint8_t>(bits >> (8 * (7 - i)));
      }
    }
  }
}

void Writer::put_big_integer(Id id) {
  std::string converted;
  Bytes integer = tree_.bytes_of(id);
  if (!writing_ && integer.size <= kMaxDecimalDigits) return;
  if (tree_[id].flag) {
    converted = decimal_to_twos_complement(integer);
    integer = Bytes(std::string_view(converted));
  }
  integer = minimal_twos_complement(integer);
  if (integer.size > INT32_MAX) refuse("An integer of more than 2 GiB");
  if (!writing_) return;
  if (integer.size <= 8) return put_integer(*output_, load_twos_complement(integer));
  output_->put(integer.size < 256 ? op::LONG1 : op::LONG4);
  output_->put_le(integer.size, integer.size < 256 ? 1 : 4);
  output_->put(integer);
}

void Writer::begin_text(Id id) {
  const Bytes bytes = tree_.bytes_of(id);
  if (tree_[id].tag == Tag::string && !is_ascii(bytes)) {
    refuse("A Python 2 string that is not ASCII");
  }
  if (writing_) {
    if (tree_[id].tag == Tag::bytes) {
      put_bytes_head(*output_, bytes.size);
    } else {
      put_text_head(*output_, bytes.size);
    }
    put_payload(bytes);
  }
  memoise(id);
}

void Writer::begin_byte_array(Id id) {
  // Protocol 4 has no opcode for it: bytearray(b"...").
  const Bytes bytes = tree_.bytes_of(id);
  if (writing_) {
    put_global(*output_, "builtins", "bytearray");
    if (bytes.size != 0) {
      put_bytes_head(*output_, bytes.size);
      put_payload(bytes);
    }
    output_->put(bytes.size != 0 ? op::TUPLE1 : op::EMPTY_TUPLE);
    output_->put(op::REDUCE);
  }
  memoise(id);
}

void write_value(const Tree& tree, Id value, Output& output, Memo& memo,
                 const WriteArray& write_array) {
  Writer(tree, write_array).write(value, output, memo, UINT64_MAX);
}

ManyWriter::ManyWriter(const Tree& tree, WriteArray write_array)
    : writer_(std::make_unique<Writer>(tree, std::move(write_array))) {}
ManyWriter::~ManyWriter() = default;

bool ManyWriter::write(Id value, Output& output, Memo& memo, std::uint64_t limit) {
  return writer_->write(value, output, memo, limit);
}

}  // namespace mmappickle::pickle
