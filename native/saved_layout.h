// How the values that a forward run saves lie in one flat buffer. Whoever makes or cuts such a
// buffer asks here; Python asks through gatework_saved_layout.
#pragma once

#include <array>
#include <cstdint>

#include "kernels.h"

namespace gatework {

// What a forward run keeps: nothing, the states (the low-memory mode), or everything.
enum class Save : int64_t { nothing = 0, states = 1, all = 2 };

// One member of Saved, of (T, B, cells * H + gates * K * H + ones) values.
struct SavedPart {
  const char* name;
  bool there;
  int64_t cells, gates, ones;

  int64_t length(const Shape& s) const {
    return there ? s.T * s.B * (cells * s.H + gates * s.gates() * s.H + ones) : 0;
  }
};

// The parts, one behind the other, in the order of Saved's members.
inline std::array<SavedPart, 9> saved_layout(Save save, bool exponential, bool layer_norm) {
  const bool states = save != Save::nothing, all = save == Save::all;
  return {{{"gates", all, 4, 0, 0},
           {"cells", states, 1, 0, 0},
           {"normalisers", states && exponential, 1, 0, 0},
           {"stabilisers", states && exponential, 1, 0, 0},
           {"forget_rest", all && exponential, 1, 0, 0},
           {"input_hat", all && layer_norm, 0, 1, 0},
           {"input_rstd", all && layer_norm, 0, 0, 1},
           {"hidden_hat", all && layer_norm, 0, 1, 0},
           {"hidden_rstd", all && layer_norm, 0, 0, 1}}};
}

inline std::array<SavedPart, 9> saved_layout(Save save, const Shape& s) {
  return saved_layout(save, s.exponential, s.layer_norm);
}

inline int64_t saved_length(Save save, const Shape& s) {
  int64_t length = 0;
  for (const SavedPart& part : saved_layout(save, s)) length += part.length(s);
  return length;
}

// Pointers into a buffer, or none where there is no buffer. Empty parts point somewhere, too,
// where a run of no steps has them.
template <class T, class Pointer>
Saved<T, Pointer> cut_saved(Save save, const Shape& s, Pointer at) {
  Saved<T, Pointer> saved;
  if (at == nullptr) return saved;
  const auto layout = saved_layout(save, s);
  Pointer* const members[] = {&saved.gates,       &saved.cells,       &saved.normalisers,
                              &saved.stabilisers, &saved.forget_rest, &saved.input_hat,
                              &saved.input_rstd,  &saved.hidden_hat,  &saved.hidden_rstd};
  for (size_t i = 0; i < layout.size(); ++i) {
    if (layout[i].there) *members[i] = at;
    at += layout[i].length(s);
  }
  return saved;
}

}  // namespace gatework
