// A file that is read piece by piece is seen as one that is mapped.
#include <doctest/doctest.h>

#include "os/pieces.h"
#include "store/load.h"
#include "store/walk.h"
#include "store_testing.h"

namespace mmappickle::store {
namespace {

using test::contents;
using test::Scratch;

std::string seen(const Image& image, const Index& index) {
  std::string out;
  for (const Index::Slot slot : index.live()) {
    const Frame frame = index[slot].frame();
    out += std::string(index.key(slot)) + "@" + std::to_string(frame.at) + "+" +
           std::to_string(index[slot].padding) + ":";
    numpy::ArrayEntry entry;
    std::string problem;
    const Image body = image.slice(frame.body(), frame.body_size());
    const numpy::HeadKind kind = read_array_entry(body, entry, problem);
    out += std::to_string(static_cast<int>(kind)) + problem;
    if (kind == numpy::HeadKind::array) {
      out += text(entry.array.dtype) + std::to_string(entry.data_at) + "/" +
             std::to_string(entry.mask_at) + std::string(entry.metadata.text());
    }
    out += ";";
  }
  return out;
}

TEST_CASE("a walk piece by piece finds what a walk over a map finds") {
  const Scratch scratch;
  const auto store = Store::open(scratch.path(), Options{});
  for (int i = 0; i < 3000; ++i) {
    const std::string key = "key " + std::to_string(i % 2000);
    if (i % 3 == 0) {
      put(*store, key, text_value(std::string(static_cast<std::size_t>(i % 700), 'x')));
    } else {
      put(*store, key,
          doubles_value(std::vector<double>(static_cast<std::size_t>(i), 1)));
    }
  }
  put(*store, "large", array_value("float64", {1 << 27}, hole_source(8ull << 27)));
  const os::File file = os::File::open(scratch.path(), os::Access::read);
  const std::uint64_t size = file.status().size;
  const auto map = os::Mapping::of(file, size);
  Index mapped, pieced;
  const Image whole(Bytes(map->data(), size));
  const Walk a = walk(whole, mapped);
  os::Pieces pieces;
  pieces.begin(file, size);
  const Image image(pieces, size);
  const Walk b = walk(image, pieced);
  CHECK(a.terminator == b.terminator);
  CHECK(a.dead_bytes == b.dead_bytes);
  CHECK(a.bare_heads == b.bare_heads);
  CHECK(mapped.count() == pieced.count());
  CHECK(seen(whole, mapped) == seen(image, pieced));
}

TEST_CASE("a damaged file is told as such piece by piece, too") {
  const Scratch scratch;
  const auto store = Store::open(scratch.path(), Options{});
  put(*store, "a", text_value("text"));
  put(*store, "b", doubles_value({1, 2, 3}));
  const std::string sound = contents(scratch.path());
  for (std::size_t at = 0; at < sound.size(); ++at) {
    std::string bytes = sound;
    bytes[at] = static_cast<char>(bytes[at] ^ 0x5a);
    const os::File file =
        os::File::open(scratch.file(bytes, "damaged"), os::Access::read);
    os::Pieces pieces;
    pieces.begin(file, bytes.size());
    const auto outcome = [](const Image& image) {
      Index index;
      try {
        walk(image, index);
      } catch (const Error& error) {
        return error.message;
      }
      return seen(image, index);
    };
    CHECK(outcome(Bytes(bytes)) == outcome(Image(pieces, bytes.size())));
  }
}

}  // namespace
}  // namespace mmappickle::store
