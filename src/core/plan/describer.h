// A planned value in words, with what R metadata make of it.
#pragma once

#include <string>
#include <vector>

#include "made.h"

namespace mmappickle::plan {

class Describer {
 public:
  Describer(pickle::Tree& tree, const BriefOptions& options)
      : tree_(tree), options_(options), planner_(tree, options.plan) {}

  // The arguments are those of Planner::run(), and its errors.
  Brief brief(Id value, Id metadata, const numpy::Array* array = nullptr);
  // Of a value of which only this is known, and its R metadata.
  Brief brief(const Brief& known, Id metadata);

 private:
  // Of the whole value; null if there is none.
  const Plan* attribute(std::string_view name) const;
  std::vector<std::string_view> texts(std::string_view name) const;
  // As r/read/attributes.cpp gives them to the value.
  std::vector<std::string_view> restored_classes(const Made& made) const;
  std::uint64_t rows() const;
  bool fits_rows(const Made& made) const;
  void set_dim(Made& made) const;
  void set_value(Brief& out, const Made& made,
                 const std::vector<std::string_view>& classes);
  std::string with_levels(const Made& made) const;
  std::string classed(Made made, const std::vector<std::string_view>& classes) const;

  pickle::Tree& tree_;
  const BriefOptions& options_;
  Planner planner_;
  const Plans& plans_ = planner_.plans();
  Maker maker_{plans_, tree_, options_};
  const Plan* root_ = nullptr;
};

}  // namespace mmappickle::plan
