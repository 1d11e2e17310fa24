// What GCC's static library of C++ expects of a glibc newer than the one that wheels ask for.
#include <unistd.h>

#define HIDDEN __attribute__((visibility("hidden")))

extern int __cxa_atexit(void (*function)(void*), void* argument, void* library);
extern void* __dso_handle;

// Whether there is but one thread: it is said not to be so, and counters are atomic.
HIDDEN char __libc_single_threaded = 0;

HIDDEN int atexit(void (*function)(void)) {
  return __cxa_atexit((void (*)(void*))function, 0, &__dso_handle);
}

HIDDEN unsigned arc4random(void) {
  unsigned drawn;
  while (getentropy(&drawn, sizeof drawn) != 0) {
  }
  return drawn;
}
