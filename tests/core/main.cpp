// The test binary of the core: no R. Built and run by `make test-core`.
#define DOCTEST_CONFIG_IMPLEMENT_WITH_MAIN
#include <doctest/doctest.h>

#include <algorithm>
#include <cstdio>
#include <map>
#include <string>
#include <vector>

namespace {

// Says at the end how long the cases of each file took.
class FileTimes : public doctest::IReporter {
 public:
  explicit FileTimes(const doctest::ContextOptions&) {}

  void test_case_start(const doctest::TestCaseData& test) override { enter(test); }
  void test_case_reenter(const doctest::TestCaseData& test) override { enter(test); }
  void test_case_end(const doctest::CurrentTestCaseStats& stats) override {
    seconds_[file_] += stats.seconds;
  }
  void test_run_end(const doctest::TestRunStats&) override {
    std::vector<std::pair<double, std::string>> files;
    for (const auto& file : seconds_) files.emplace_back(file.second, file.first);
    std::sort(files.rbegin(), files.rend());
    for (const auto& file : files) {
      std::printf("[time] %7.2f s  %s\n", file.first, file.second.c_str());
    }
  }

  void report_query(const doctest::QueryData&) override {}
  void test_run_start() override {}
  void test_case_exception(const doctest::TestCaseException&) override {}
  void subcase_start(const doctest::SubcaseSignature&) override {}
  void subcase_end() override {}
  void log_assert(const doctest::AssertData&) override {}
  void log_message(const doctest::MessageData&) override {}
  void test_case_skipped(const doctest::TestCaseData&) override {}

 private:
  void enter(const doctest::TestCaseData& test) {
    const std::string path = test.m_file.c_str();
    file_ = path.substr(path.find_last_of("/\\") + 1);
  }

  std::map<std::string, double> seconds_;
  std::string file_;
};

REGISTER_LISTENER("times", 1, FileTimes);

}  // namespace
