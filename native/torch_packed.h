// Packed weights, kept from call to call for as long as the weights stay what they are.
//
// torch is not asked whether they do: its version counters do not see what is written through
// `.data`, numpy or another process. Every call takes the fingerprint of all weights, which costs a
// small part of the time of packing them.
#pragma once

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <list>
#include <memory>
#include <mutex>
#include <new>
#include <optional>
#include <utility>

#include "fingerprint.h"
#include "kernels.h"
#include "torch_tensors.h"
#include "torch_threads.h"

namespace gatework::torch_ops {

template <class T>
Fingerprint fingerprint_of(const Shape& s, const Weights<T>& w, const Target& target) {
  const int64_t G = s.gates() * s.H;
  const std::pair<const T*, int64_t> parts[] = {{w.weight_ih, G * s.I},
                                                {w.weight_hh, G * s.P},
                                                {w.bias, G},
                                                {w.weight_hr, s.P * s.H},
                                                {w.peephole, (s.gates() - 1) * s.H},
                                                {w.input_gain, G},
                                                {w.recurrent_gain, G},
                                                {w.cell_gain, s.H},
                                                {w.cell_shift, s.H}};
  Fingerprint found(target.lanes >= 8);  // every such target of x86 has AVX2
  for (const auto& [values, count] : parts) {
    if (values != nullptr) found.add(values, count * sizeof(T));
  }
  return found;
}

// The packed weights of one cell.
class Packing {
 public:
  explicit Packing(size_t bytes) : bytes_(bytes), memory_(::operator new(bytes, ALIGNMENT)) {
    expect_writes(memory_.get(), bytes);
  }
  size_t bytes() const { return bytes_; }
  void* get() const { return memory_.get(); }

 private:
  static constexpr std::align_val_t ALIGNMENT{64};
  struct Free {
    void operator()(void* memory) const { ::operator delete(memory, ALIGNMENT); }
  };
  size_t bytes_;
  std::unique_ptr<void, Free> memory_;
};

// Those of the cells that ran last, in the whole process.
class PackedWeights {
 public:
  template <class T>
  static std::shared_ptr<const Packing> of(const Kernel<T>& kernel, const Target& target,
                                           const Shape& s, const Weights<T>& w) {
    // Never destroyed: a thread may still be at it when the program ends.
    static PackedWeights& all = *new PackedWeights;
    const Key key{&kernel,   w.weight_ih,   w.weight_hh,  s.I,          s.H,        s.P,
                  s.coupled, s.exponential, s.projection, s.layer_norm, s.peephole, s.bias};
    const Fingerprint now = fingerprint_of(s, w, target);
    if (auto found = all.find(key, now)) return found;
    std::shared_ptr<Packing> packing = all.take(key);
    // Where no other run is at it, the memory serves again.
    if (packing == nullptr || packing.use_count() > 1) {
      packing = std::make_shared<Packing>(kernel.packed_size(s, Storage::same));
    }
    Crew crew(packing_work(s), Kind::packing);
    kernel.pack(s, w, Storage::same, packing->get(), crew.parallel());
    // Unless somebody wrote into the weights meanwhile.
    if (fingerprint_of(s, w, target) == now) all.put({key, now, packing});
    return packing;
  }

 private:
  static constexpr size_t MOST_BYTES = size_t{1} << 26, MOST_CELLS = 256;

  struct Key {
    const void *kernel, *weight_ih, *weight_hh;
    int64_t I, H, P;
    bool coupled, exponential, projection, layer_norm, peephole, bias;
    bool operator==(const Key&) const = default;
  };
  struct Cell {
    Key key;
    Fingerprint weights;
    std::shared_ptr<Packing> packing;
  };
  using Place = std::list<Cell>::iterator;

  std::shared_ptr<const Packing> find(const Key& key, const Fingerprint& weights) {
    const std::lock_guard lock(mutex_);
    const Place place = at(key);
    if (place == cells_.end() || !(place->weights == weights)) return nullptr;
    cells_.splice(cells_.begin(), cells_, place);
    return place->packing;
  }

  std::shared_ptr<Packing> take(const Key& key) {
    const std::lock_guard lock(mutex_);
    const Place place = at(key);
    return place == cells_.end() ? nullptr : remove(place);
  }

  void put(Cell cell) {
    const std::lock_guard lock(mutex_);
    if (const Place place = at(cell.key); place != cells_.end()) remove(place);
    bytes_ += cell.packing->bytes();
    cells_.push_front(std::move(cell));
    while (bytes_ > MOST_BYTES || cells_.size() > MOST_CELLS) remove(std::prev(cells_.end()));
  }

  Place at(const Key& key) {
    return std::find_if(cells_.begin(), cells_.end(),
                        [&](const Cell& cell) { return cell.key == key; });
  }

  std::shared_ptr<Packing> remove(Place place) {
    std::shared_ptr<Packing> packing = std::move(place->packing);
    bytes_ -= packing->bytes();
    cells_.erase(place);
    return packing;
  }

  std::mutex mutex_;
  std::list<Cell> cells_;  // the last one first
  size_t bytes_ = 0;
};

}  // namespace gatework::torch_ops
