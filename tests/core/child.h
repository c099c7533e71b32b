// Children made by fork, for tests with more than one process. POSIX only.
#pragma once

#ifndef _WIN32

#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>

#include "base/error.h"

// Address and thread sanitizer map so much that limits on memory hit them first.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define MMAPPICKLE_SANITIZED
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define MMAPPICKLE_SANITIZED
#endif
#endif

namespace mmappickle::test {

// Runs `body`, which gives the exit code, in a child: it says ready() when the parent may
// go on, and then may wait for release(). The destructor kills what still runs.
class Child {
 public:
  template <class Body>
  explicit Child(Body&& body) {
    if (::pipe(ready_) != 0 || ::pipe(go_) != 0) return;
    id_ = ::fork();
    if (id_ != 0) {
      ::close(ready_[1]);
      ::close(go_[0]);
      return;
    }
    ::close(ready_[0]);
    ::close(go_[1]);
    int code = 99;
    try {
      code = body(*this);
    } catch (const Error& error) {
      std::fprintf(stderr, "in a child: %s\n", error.message.c_str());
    } catch (...) {
    }
    ::_exit(code);
  }
  ~Child() {
    if (id_ > 0) {
      ::kill(id_, SIGKILL);
      finish();
    }
    ::close(ready_[0]);
    ::close(go_[1]);
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  pid_t id() const { return id_; }

  // In the child.
  void ready() { say(ready_[1]); }
  void wait_for_release() { hear(go_[0]); }

  // In the parent.
  void wait_until_ready() { hear(ready_[0]); }
  void release() { say(go_[1]); }
  // As waitpid() gives it.
  int finish() {
    int status = -1;
    ::waitpid(id_, &status, 0);
    id_ = -1;
    return status;
  }
  // Its exit code; minus the signal that ended it.
  int exit_code() {
    const int status = finish();
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
  }

 private:
  static void say(int pipe) {
    const char byte = 1;
    if (::write(pipe, &byte, 1) != 1) return;
  }
  static void hear(int pipe) {
    char byte = 0;
    if (::read(pipe, &byte, 1) != 1) return;
  }
  int ready_[2] = {-1, -1}, go_[2] = {-1, -1};
  pid_t id_ = -1;
};

}  // namespace mmappickle::test

#endif
