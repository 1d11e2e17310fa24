// Which targets were built and can run on this machine, asked once.
#include <cstring>

#include "compiler.h"
#include "kernels.h"
#include "processor.h"

namespace gatework {

namespace base {
extern const Target TARGET;
}
namespace avx2 {
extern const Target TARGET;
}
namespace avx512 {
extern const Target TARGET;
}
namespace neon {
extern const Target TARGET;
}

namespace {

const Features& features() {
  static const Features found;
  return found;
}

}  // namespace

int available_targets(const Target* const** targets) {
  struct Found {
    const Target* list[4];
    int count = 0;
    Found() {
#if defined(GATEWORK_HAS_AVX512)
      if (features().avx512) list[count++] = &avx512::TARGET;
#endif
#if defined(GATEWORK_HAS_AVX2)
      if (features().avx2) list[count++] = &avx2::TARGET;
#endif
#if defined(GATEWORK_HAS_NEON)
      list[count++] = &neon::TARGET;
#endif
      list[count++] = &base::TARGET;
    }
  };
  static const Found found;
  *targets = found.list;
  return found.count;
}

const Target* find_target(const char* name) {
  const Target* const* targets;
  const int count = available_targets(&targets);
  if (name == nullptr || *name == 0) return targets[0];
  for (int i = 0; i < count; ++i) {
    if (std::strcmp(name, targets[i]->name) == 0) return targets[i];
  }
  return nullptr;
}

// Those of AVX-512 need VNNI.
bool can_run_int8(const Target& target) {
  return target.int8 && (target.lanes < 16 || features().vnni);
}

bool can_run_bfloat16(const Target& target) { return target.bfloat16 && features().bfloat16; }

}  // namespace gatework
