// Packed weights, kept from call to call for as long as the weights stay what they are.
//
// torch is not asked whether they do: its version counters do not see what is written through
// `.data`, numpy or another process. Every call takes the fingerprint of all weights, which costs a
// small part of the time of packing them.
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdint>
#include <iterator>
#include <list>
#include <memory>
#include <mutex>
#include <new>
#include <optional>
#include <utility>
#include <vector>

#if !defined(_WIN32)
#include <unistd.h>
#endif

#include "fingerprint.h"
#include "kernels.h"
#include "torch_tensors.h"
#include "torch_threads.h"

namespace gatework::torch_ops {

// The arrays of the weights of a cell, and how many values each has.
template <class T>
auto parts_of(const Shape& s) {
  using W = Weights<T>;
  const int64_t G = s.gates() * s.H;
  return std::array<std::pair<const T * W::*, int64_t>, 9>{{{&W::weight_ih, G * s.I},
                                                            {&W::weight_hh, G * s.P},
                                                            {&W::bias, G},
                                                            {&W::weight_hr, s.P * s.H},
                                                            {&W::peephole, (s.gates() - 1) * s.H},
                                                            {&W::input_gain, G},
                                                            {&W::recurrent_gain, G},
                                                            {&W::cell_gain, s.H},
                                                            {&W::cell_shift, s.H}}};
}

template <class T>
Fingerprint fingerprint_of(const Shape& s, const Weights<T>& w, const Target& target) {
  Fingerprint found(target.lanes >= 8);  // every such target of x86 has AVX2
  for (const auto& [part, count] : parts_of<T>(s)) {
    if (w.*part != nullptr) found.add(w.*part, count * sizeof(T));
  }
  return found;
}

// Weights as they are now. What is packed has to be what the fingerprint is of, and others may
// write into the weights meanwhile.
template <class T>
class Snapshot {
 public:
  Snapshot(const Shape& s, const Weights<T>& w) : weights_(w) {
    int64_t all = 0;
    for (const auto& [part, count] : parts_of<T>(s)) all += w.*part == nullptr ? 0 : count;
    values_.reserve(all);
    for (const auto& [part, count] : parts_of<T>(s)) {
      if (w.*part == nullptr) continue;
      weights_.*part = values_.data() + values_.size();
      values_.insert(values_.end(), w.*part, w.*part + count);
    }
  }
  const Weights<T>& weights() const { return weights_; }

 private:
  Weights<T> weights_;
  std::vector<T> values_;
};

// Which process this is; where processes do not fork, all are one.
inline int64_t this_process() {
#if defined(_WIN32)
  return 0;
#else
  return getpid();
#endif
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
  explicit PackedWeights(int64_t process) : process_(process) {}

  template <class T>
  static std::shared_ptr<const Packing> of(const Kernel<T>& kernel, const Target& target,
                                           const Shape& s, const Weights<T>& w,
                                           Storage storage = Storage::same) {
    PackedWeights& all = PackedWeights::all();
    const Key key{&kernel,   w.weight_ih,   w.weight_hh,  storage,      s.I,        s.H,   s.P,
                  s.coupled, s.exponential, s.projection, s.layer_norm, s.peephole, s.bias};
    if (auto found = all.find(key, fingerprint_of(s, w, target))) return found;
    const Snapshot<T> now(s, w);
    std::shared_ptr<Packing> packing = all.take(key);
    // Where no other run is at it, the memory serves again.
    if (packing == nullptr || packing.use_count() > 1) {
      packing = std::make_shared<Packing>(kernel.packed_size(s, storage));
    }
    Crew crew = torch_crew(packing_work(s), Kind::packing);
    kernel.pack(s, now.weights(), storage, packing->get(), crew.parallel());
    all.put({key, fingerprint_of(s, now.weights(), target), packing});
    return packing;
  }

 private:
  // Those of this process. A fork may have come while another thread held the lock, which that
  // thread, gone in the child, never gives back. Never destroyed: a thread may still be at it when
  // the program ends.
  static PackedWeights& all() {
    static std::atomic<PackedWeights*> current{nullptr};
    const int64_t process = this_process();
    PackedWeights* found = current.load(std::memory_order_acquire);
    while (found == nullptr || found->process_ != process) {
      auto fresh = std::make_unique<PackedWeights>(process);
      if (current.compare_exchange_strong(found, fresh.get())) return *fresh.release();
    }
    return *found;
  }

  static constexpr size_t MOST_BYTES = size_t{1} << 26, MOST_CELLS = 256;

  struct Key {
    const void *kernel, *weight_ih, *weight_hh;
    Storage storage;
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

  const int64_t process_;
  std::mutex mutex_;
  std::list<Cell> cells_;  // the last one first
  size_t bytes_ = 0;
};

}  // namespace gatework::torch_ops
