// The walk over an R value: depth first, with a stack of its own. It alone knows what is
// around a value; what a value becomes, the other headers of this room say. R API: enters
// protect() itself.
#pragma once

#include <optional>

#include "r/origin.h"
#include "r/write/former.h"
#include "r/write/object.h"
#include "r/write/plain_list.h"
#include "r/write/plan.h"
#include "r/write/repeated.h"
#include "r/write/write.h"

namespace mmappickle::write {

class Walk final : private Where {
 public:
  Walk(const Flags& flags, Warnings& warnings, const Called& called, Origin* origin)
      : context_(flags, warnings, *this),
        objects_(context_),
        called_(called),
        origin_(origin) {}
  numpy::StoredValue run(SEXP x);

 private:
  // A value whose parts are being encoded.
  struct Step {
    explicit Step(Plan&& plan) : plan(std::move(plan)) {}

    Plan plan;
    std::vector<Encoded> items{}, attributes{};  // those of the plan that are done
    bool in_attribute = false;
    Repeated::Key repeated = 0;  // 0: not to be shared
    pickle::Extent extent = pickle::Extent::container();

    const Part* next() const;  // null: all are done
    void take(const Encoded& part);
  };

  bool advance(const Part& root, Encoded& out);
  // False: it has parts, which are to be encoded first.
  bool open(const Part& part, Encoded& out);
  Encoded close(Step& step);
  Plan plan(const Part& part, bool in_attribute);
  Plan plan_value(SEXP x, SEXP attributes, const Part& part);
  pickle::Id metadata_of(const Step& step, const Encoded& encoded);

  std::string path() const override;
  bool in_attribute() const;
  // `around`: steps below that of the value.
  void require_extent(std::size_t around, const pickle::Extent& extent) const;
  // An attribute that cannot be stored is left out. False: it is the value itself.
  bool drop_attribute(const Error& error);

  Context context_;
  Objects objects_;
  PlainLists plain_lists_{context_};
  const Called called_;
  Origin* const origin_;
  std::optional<Former> former_;  // where there is an origin
  Repeated repeated_;
  std::vector<Step> steps_;
  pickle::Limits limits_;
  pickle::Extent last_;  // of the value that was encoded last
  double opened_ = 0;    // values, each as often as it was encoded
  static constexpr int kBetweenPolls = 1024;
  int until_poll_ = kBetweenPolls;
};

}  // namespace mmappickle::write
