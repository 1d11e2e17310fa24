// How a network of packed weights is built, cell by cell; what does not fit is refused, so that no
// argument can make the runtime read or write beyond an array.
#pragma once

#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>

#include <cstring>
#include <limits>
#include <optional>
#include <string>
#include <tuple>
#include <utility>

#include "runtime_network.h"

namespace gatework::runtime {

namespace nb = nanobind;

template <class T>
using Vector = nb::ndarray<const T, nb::ndim<1>, nb::c_contig, nb::device::cpu>;
template <class T>
using Matrix = nb::ndarray<const T, nb::ndim<2>, nb::c_contig, nb::device::cpu>;

inline Storage storage_of(const std::string& name, const Target& target) {
  if (name == "same") return Storage::same;
  if (name == "float16") return Storage::f16;
  if (name == "int8") return can_run_int8(target) ? Storage::int8 : Storage::int8_weights;
  throw nb::value_error("storage must be same, float16 or int8");
}

template <class T>
const Kernel<T>* kernel_of(const Target& target);
template <>
inline const Kernel<float>* kernel_of(const Target& target) {
  return &target.f32;
}
template <>
inline const Kernel<double>* kernel_of(const Target& target) {
  return &target.f64;
}

template <class T>
void make_network(Network<T>* place, const std::string& target, const std::string& storage,
                  const std::optional<std::tuple<double, double, bool, double>>& scaling) {
  const Target* found = find_target(target.c_str());
  if (!found) throw nb::value_error("this machine cannot run that target");
  const Storage kept = storage_of(storage, *found);
  if (sizeof(T) == 8 && kept != Storage::same)
    throw nb::value_error("float64 networks keep their weights as they are");
  auto* network = new (place) Network<T>();
  network->target = found;
  network->kernel = kernel_of<T>(*found);
  network->storage = kept;
  if (scaling) {
    const auto& [mean, deviation, log, lowest] = *scaling;
    network->scaling = Scaling{mean, deviation, log, lowest};
  }
}

template <class T>
const T* data_of(const std::optional<Vector<T>>& vector, int64_t size) {
  if (!vector) return nullptr;
  if (static_cast<int64_t>(vector->shape(0)) != size)
    throw nb::value_error("the weights of a cell do not fit each other");
  return vector->data();
}

template <class T>
const T* data_of(const std::optional<Matrix<T>>& matrix, int64_t rows, int64_t columns) {
  if (!matrix) return nullptr;
  if (static_cast<int64_t>(matrix->shape(0)) != rows ||
      static_cast<int64_t>(matrix->shape(1)) != columns)
    throw nb::value_error("the weights of a cell do not fit each other");
  return matrix->data();
}

// The most values of a table of the first layer's products; more are multiplied at each step.
constexpr int64_t most_looked_up = int64_t{1} << 24;

// Make a table of what the first layer makes of each token, unless it would be large; whether.
template <class T>
bool look_up_inputs(Network<T>& network, const Shape& shape, const Weights<T>& weights) {
  Words<T>& words = *network.words;
  const Kernel<T>& kernel = *network.kernel;
  words.table_width = kernel.table_width(shape);
  if (words.count * words.table_width > most_looked_up) return false;
  Memory packed(kernel.packed_size(shape, Storage::same));
  kernel.pack(shape, weights, Storage::same, packed.get(), Parallel{});
  words.table = Memory(static_cast<size_t>(words.count * words.table_width) * sizeof(T));
  kernel.project(shape, packed.get(), words.count, static_cast<const T*>(words.embedding.get()),
                 static_cast<T*>(words.table.get()));
  return true;
}

// The weights of a cell as Python gives them; none where the cell has no such weights.
template <class T>
struct Given {
  const Matrix<T>&weight_ih, &weight_hh;
  const std::optional<Vector<T>>& bias;
  const std::optional<Matrix<T>>&weight_hr, &peephole;
  const std::optional<Vector<T>>&input_gain, &recurrent_gain, &cell_gain, &cell_shift;
};

// The cell that these weights make; refuses those that do not fit each other.
template <class T>
Shape shape_of(const Given<T>& given, bool coupled, bool exponential) {
  Shape shape{};
  shape.T = shape.B = 1;
  shape.coupled = coupled;
  shape.exponential = exponential;
  shape.projection = given.weight_hr.has_value();
  shape.layer_norm = given.input_gain.has_value();
  shape.peephole = given.peephole.has_value();
  shape.bias = given.bias.has_value();
  shape.I = static_cast<int64_t>(given.weight_ih.shape(1));
  shape.P = static_cast<int64_t>(given.weight_hh.shape(1));
  const int64_t KH = static_cast<int64_t>(given.weight_ih.shape(0)), K = shape.gates();
  shape.H = KH / K;
  const bool normed = given.recurrent_gain.has_value() == shape.layer_norm &&
                      given.cell_gain.has_value() == shape.layer_norm &&
                      given.cell_shift.has_value() == (shape.layer_norm && shape.bias);
  if (!normed || shape.I < 1 || shape.P < 1 || shape.H < 1 || KH != K * shape.H ||
      static_cast<int64_t>(given.weight_hh.shape(0)) != KH ||
      (!shape.projection && shape.P != shape.H) || (exponential && (coupled || shape.peephole)))
    throw nb::value_error("the weights of a cell do not fit each other");
  return shape;
}

template <class T>
Weights<T> weights_of(const Given<T>& given, const Shape& shape) {
  const int64_t K = shape.gates(), KH = K * shape.H;
  return {given.weight_ih.data(),
          given.weight_hh.data(),
          data_of<T>(given.bias, KH),
          data_of<T>(given.weight_hr, shape.P, shape.H),
          data_of<T>(given.peephole, K - 1, shape.H),
          data_of<T>(given.input_gain, KH),
          data_of<T>(given.recurrent_gain, KH),
          data_of<T>(given.cell_gain, shape.H),
          data_of<T>(given.cell_shift, shape.H)};
}

// Refuse a cell that does not fit what is in the network before it.
template <class T>
void check_place(const Network<T>& network, const Shape& shape, bool reverse) {
  const Member<T>& member = network.members.back();
  const auto& layers = member.layers;
  if (reverse && (layers.empty() || layers.back().size() != 1))
    throw nb::value_error("the weights of a cell do not fit each other");
  if (network.words && (reverse || (layers.empty() && shape.I != network.words->size)))
    throw nb::value_error("a cell does not fit the embedding");
  const int64_t inputs = reverse          ? layers.back()[0].shape.I
                         : layers.empty() ? shape.I
                                          : member.width(layers.size() - 1);
  if (inputs != shape.I) throw nb::value_error("a cell does not fit the layer before it");
}

// Add a cell to the last layer of the last member, or, going forward, begin a layer with it.
template <class T>
void add_cell(Network<T>& network, const Matrix<T>& weight_ih, const Matrix<T>& weight_hh,
              const std::optional<Vector<T>>& bias, const std::optional<Matrix<T>>& weight_hr,
              const std::optional<Matrix<T>>& peephole, const std::optional<Vector<T>>& input_gain,
              const std::optional<Vector<T>>& recurrent_gain,
              const std::optional<Vector<T>>& cell_gain, const std::optional<Vector<T>>& cell_shift,
              bool coupled, bool exponential, double zoneout_cell, double zoneout_hidden,
              bool reverse) {
  if (network.whole || network.members.empty() || network.members.back().head)
    throw nb::value_error("a cell needs a member without a head");
  const Given<T> given{weight_ih,  weight_hh,      bias,      weight_hr, peephole,
                       input_gain, recurrent_gain, cell_gain, cell_shift};
  Shape shape = shape_of(given, coupled, exponential);
  check_place(network, shape, reverse);
  auto& layers = network.members.back().layers;
  shape.hidden_input = !layers.empty() && !(reverse && layers.size() == 1);
  const Weights<T> weights = weights_of(given, shape);
  if (network.words && layers.empty() && look_up_inputs(network, shape, weights)) {
    shape.I = 0;
    network.words->embedding = Memory();
  }
  Memory packed(network.kernel->packed_size(shape, network.storage));
  network.kernel->pack(shape, weights, network.storage, packed.get(), Parallel{});
  if (!reverse) layers.emplace_back();
  layers.back().push_back(Cell<T>{shape, reverse, static_cast<T>(zoneout_cell),
                                  static_cast<T>(zoneout_hidden), std::move(packed)});
}

// Begin the only member of a network of words with their embedding (V, E).
template <class T>
void add_words(Network<T>& network, const Matrix<T>& embedding) {
  if (network.whole || !network.members.empty() || network.scaling)
    throw nb::value_error("the words come first in a network");
  const auto count = static_cast<int64_t>(embedding.shape(0));
  const auto size = static_cast<int64_t>(embedding.shape(1));
  if (count < 1 || size < 1 || count > std::numeric_limits<int32_t>::max())
    throw nb::value_error("an embedding has a row for each word");
  network.words.emplace(count, size, Memory(embedding.nbytes()));
  std::memcpy(network.words->embedding.get(), embedding.data(), embedding.nbytes());
  network.members.emplace_back();
}

// A linear map in a storage; refuses one whose inputs are not those that are before it.
template <class T>
Head packed_head(const Network<T>& network, Storage storage, const Matrix<T>& weight,
                 const std::optional<Vector<T>>& bias, int64_t before, const char* misfit) {
  const auto outputs = static_cast<int64_t>(weight.shape(0));
  const auto inputs = static_cast<int64_t>(weight.shape(1));
  if (outputs < 1 || inputs < 1 || inputs != before) throw nb::value_error(misfit);
  const T* const shift = data_of<T>(bias, outputs);
  Memory packed(network.kernel->packed_linear_size(inputs, outputs, storage));
  network.kernel->pack_linear(inputs, outputs, weight.data(), shift, storage, packed.get());
  return Head{inputs, outputs, std::move(packed)};
}

// Of what stands before words, in the storage of the network.
template <class T>
Head scores_of(const Network<T>& network, const Matrix<T>& weight,
               const std::optional<Vector<T>>& bias, int64_t before) {
  return packed_head(network, network.storage, weight, bias, before,
                     "the head does not fit what is before it");
}

// The scores of words; with tails to come, of the frequent ones and then of each tail.
template <class T>
void add_scores(Network<T>& network, const Matrix<T>& weight,
                const std::optional<Vector<T>>& bias) {
  if (network.whole || !network.words || network.members[0].layers.empty() ||
      network.words->head.outputs != 0)
    throw nb::value_error("scores need a network of words with layers and without scores");
  const Member<T>& member = network.members[0];
  network.words->head = scores_of(network, weight, bias, member.width(member.layers.size() - 1));
}

template <class T>
void add_tail(Network<T>& network, const Matrix<T>& inner, const Matrix<T>& outer) {
  if (network.whole || !network.words || network.words->head.outputs == 0)
    throw nb::value_error("a tail needs a network of words with scores");
  const std::optional<Vector<T>> none;
  Head first = scores_of(network, inner, none, network.words->head.inputs);
  Head second = scores_of(network, outer, none, first.outputs);
  network.words->tails.push_back(Tail{std::move(first), std::move(second)});
}

// Refuse a network that does not read and write words, before anything runs it.
template <class T>
void check_words(const Network<T>& network) {
  bool whole = network.words && network.words->head.outputs != 0;
  if (whole) {
    const auto tails = static_cast<int64_t>(network.words->tails.size());
    int64_t told = network.words->head.outputs - tails;
    whole = tails == 0 || told >= 1;
    for (const Tail& tail : network.words->tails) told += tail.outer.outputs;
    whole = whole && told == network.words->count;
  }
  if (!whole) throw nb::value_error("the network of words is not whole");
}

template <class T>
void add_head(Network<T>& network, const Matrix<T>& weight, const std::optional<Vector<T>>& bias) {
  if (network.whole || network.words || network.members.empty() ||
      network.members.back().layers.empty() || network.members.back().head)
    throw nb::value_error("a head needs a member with layers");
  Member<T>& member = network.members.back();
  member.head =
      packed_head(network, Storage::same, weight, bias, member.width(member.layers.size() - 1),
                  "the head does not fit the last layer");
}

// Refuse a network that is not whole, before anything runs it.
template <class T>
void check_whole(const Network<T>& network) {
  bool whole = !network.words && !network.members.empty() &&
               (network.scaling || network.members.size() == 1);
  for (const Member<T>& member : network.members) {
    whole = whole && !member.layers.empty();
    for (const auto& layer : member.layers)
      whole = whole && layer.size() == member.layers[0].size();
    if (whole && network.scaling)
      whole = member.output_size() == 1 && member.layers[0][0].shape.I == 1;
  }
  if (!whole) throw nb::value_error("the network is not whole");
}

}  // namespace gatework::runtime
