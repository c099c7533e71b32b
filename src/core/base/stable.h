// Values that stay where they are while others are added.
#pragma once

#include <cstddef>
#include <deque>
#include <memory>
#include <utility>

namespace mmappickle {

// A std::deque that takes memory from its first value on: most have none.
template <class T>
class Stable {
 public:
  template <class... Arguments>
  T& emplace_back(Arguments&&... arguments) {
    if (!values_) values_ = std::make_unique<std::deque<T>>();
    return values_->emplace_back(std::forward<Arguments>(arguments)...);
  }
  void pop_back() { values_->pop_back(); }
  std::size_t size() const { return values_ ? values_->size() : 0; }
  bool empty() const { return size() == 0; }
  T& back() { return values_->back(); }
  T& operator[](std::size_t i) { return (*values_)[i]; }
  const T& operator[](std::size_t i) const { return (*values_)[i]; }
  using Iterator = typename std::deque<T>::const_iterator;
  Iterator begin() const { return values_ ? values_->cbegin() : Iterator{}; }
  Iterator end() const { return values_ ? values_->cend() : Iterator{}; }
  void clear() {
    if (values_) values_->clear();
  }

 private:
  std::unique_ptr<std::deque<T>> values_;
};

}  // namespace mmappickle
