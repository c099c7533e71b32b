// Linux as a Mac, for src/core/os alone (see SYSTEM in the Makefile): what only Linux has
// is not there, and what only macOS has is made of it.
#pragma once

#ifdef __linux__
#error "wants -U__linux__"
#endif

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#undef F_OFD_SETLK
#undef F_OFD_GETLK
#undef MADV_HUGEPAGE

#define __APPLE__ 1
#define st_mtimespec st_mtim
#define st_ctimespec st_ctim

#define F_FULLFSYNC 51
#define F_PUNCHHOLE 99
struct fpunchhole_t {
  unsigned int fp_flags;
  unsigned int reserved;
  off_t fp_offset;
  off_t fp_length;
};

// Whole blocks only, as on APFS.
inline int fcntl_of_mac(int file, int command, fpunchhole_t* hole = nullptr) {
  if (command == F_FULLFSYNC) return ::fsync(file);
  struct stat s;
  if (::fstat(file, &s) != 0) return -1;
  if (hole->fp_offset % s.st_blksize != 0 || hole->fp_length % s.st_blksize != 0) {
    errno = EINVAL;
    return -1;
  }
  return ::fallocate(file, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, hole->fp_offset,
                     hole->fp_length);
}
#define fcntl fcntl_of_mac

#define RENAME_EXCL 4
inline int renamex_np(const char* from, const char* to, unsigned int) {
  return ::renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE);
}
