// The runtime's module: networks of packed weights, and steppers, for numpy's arrays.
//
// Python checks what a file holds and words the errors; what reaches this module and does not fit
// is refused here too, so that no argument can make it read or write beyond an array.
#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/tuple.h>
#include <nanobind/stl/vector.h>

#include "crew.h"
#include "runtime_arrays.h"
#include "runtime_building.h"
#include "runtime_helpers.h"
#include "runtime_network.h"
#include "runtime_stepper.h"
#include "runtime_tokens.h"

using namespace nanobind::literals;

namespace gatework::runtime {

std::vector<std::string> targets() {
  const Target* const* found = nullptr;
  const int count = available_targets(&found);
  std::vector<std::string> names;
  for (int i = 0; i < count; ++i) names.emplace_back(found[i]->name);
  return names;
}

template <class T>
TokenStepper<T>* make_token_stepper(Network<T>& network, int64_t rows) {
  check_words(network);
  network.whole = true;
  return new TokenStepper<T>(network, rows);
}

// tokens (T, B), targets (T, B) or none, states and ended (B, S); logs (T, B), or (T * B, V).
template <class T>
void run_tokens(Network<T>& network, const TokenRows& tokens,
                const std::optional<TokenRows>& targets, const Matrix<T>& states,
                nb::ndarray<T, nb::ndim<2>, nb::c_contig, nb::device::cpu> logs,
                nb::ndarray<T, nb::ndim<2>, nb::c_contig, nb::device::cpu> ended, int threads) {
  check_words(network);
  network.whole = true;
  const auto steps = static_cast<int64_t>(tokens.shape(0));
  const auto rows = static_cast<int64_t>(tokens.shape(1));
  const auto fit = [](const auto& array, int64_t height, int64_t width) {
    return static_cast<int64_t>(array.shape(0)) == height &&
           static_cast<int64_t>(array.shape(1)) == width;
  };
  const int64_t width = network.state_size(), V = network.words->count;
  if (!fit(states, rows, width) || !fit(ended, rows, width) || threads < 1 ||
      !(targets ? fit(*targets, steps, rows) && fit(logs, steps, rows)
                : fit(logs, steps * rows, V)))
    throw nb::value_error("the arrays do not fit the network");
  if (!network.words->has(tokens.data(), steps * rows) ||
      (targets && !network.words->has(targets->data(), steps * rows)))
    throw nb::index_error("a token is not in the vocabulary");
  long_or_short(network.products() * steps * rows, [&] {
    read_tokens(network, steps, rows, tokens.data(), targets ? targets->data() : nullptr,
                states.data(), logs.data(), ended.data(), threads);
  });
}

template <class T, int64_t (Network<T>::*size)() const>
int64_t size_of(const Network<T>& network) {
  network.words ? check_words(network) : check_whole(network);
  return (network.*size)();
}

// x (T, B, I), states (B, S), lengths (B) or none; y (T, B, O) and ended (B, S) are written.
template <class T, class Value>
void run(Network<T>& network,
         const nb::ndarray<const Value, nb::ndim<3>, nb::c_contig, nb::device::cpu>& x,
         const Matrix<T>& states, const std::optional<Vector<int64_t>>& lengths,
         nb::ndarray<Value, nb::ndim<3>, nb::c_contig, nb::device::cpu> y,
         nb::ndarray<T, nb::ndim<2>, nb::c_contig, nb::device::cpu> ended, int threads) {
  check_whole(network);
  network.whole = true;
  const auto steps = static_cast<int64_t>(x.shape(0)), rows = static_cast<int64_t>(x.shape(1));
  const auto state_size = static_cast<size_t>(network.state_size());
  bool fits = network.scaling.has_value() == !std::is_same_v<T, Value> || sizeof(T) == 8;
  fits = fits && static_cast<int64_t>(x.shape(2)) == network.input_size() &&
         y.shape(0) == x.shape(0) && y.shape(1) == x.shape(1) &&
         static_cast<int64_t>(y.shape(2)) == network.output_size() &&
         states.shape(0) == x.shape(1) && states.shape(1) == state_size &&
         ended.shape(0) == x.shape(1) && ended.shape(1) == state_size && threads >= 1;
  if (lengths) {
    fits = fits && lengths->shape(0) == x.shape(1);
    for (int64_t b = 0; fits && b < rows; ++b) fits = (*lengths)(b) >= 0 && (*lengths)(b) <= steps;
  }
  if (!fits) throw nb::value_error("the arrays do not fit the network");
  long_or_short(network.products() * steps * rows, [&] {
    Crew crew(Helpers::run, threads, network.products() * steps * rows);
    Runner<T> runner(network, crew.parallel());
    runner.resize(steps, rows);
    runner.load(states.data());
    runner.run(x.data(), y.data(), lengths ? lengths->data() : nullptr);
    runner.store(ended.data());
  });
}

// Look up what the steppers need of numpy, and check that its arrays lie as they are read here.
void bind_numpy() {
  nb::object module = nb::module_::import_("numpy");
  nb::object dtype = module.attr("dtype");
  numpy.array = reinterpret_cast<PyTypeObject*>(nb::object(module.attr("ndarray")).release().ptr());
  numpy.empty = nb::object(module.attr("empty")).release().ptr();
  numpy.float32 = dtype("float32").release().ptr();
  numpy.float64 = dtype("float64").release().ptr();
  numpy.int64 = dtype("int64").release().ptr();
  nb::object whole = module.attr("zeros")(nb::make_tuple(3, 4), dtype("float32"));
  nb::object part = whole[nb::make_tuple(nb::slice(1, 3, 1), nb::slice(0, 4, 2))];
  part.attr("setflags")(nb::arg("write") = false);
  for (const nb::object& array : {whole, part}) {
    const ArrayFields* found = fields(array.ptr());
    nb::object flags = array.attr("flags"), shape = array.attr("shape");
    nb::object strides = array.attr("strides");
    const bool same =
        nb::cast<uintptr_t>(array.attr("ctypes").attr("data")) ==
            reinterpret_cast<uintptr_t>(found->data) &&
        found->dimensions_count == 2 && found->dtype == numpy.float32 &&
        nb::cast<Py_ssize_t>(shape[0]) == found->dimensions[0] &&
        nb::cast<Py_ssize_t>(shape[1]) == found->dimensions[1] &&
        nb::cast<Py_ssize_t>(strides[0]) == found->strides[0] &&
        nb::cast<Py_ssize_t>(strides[1]) == found->strides[1] &&
        nb::cast<bool>(flags.attr("c_contiguous")) == ((found->flags & contiguous) != 0) &&
        nb::cast<bool>(flags.attr("aligned")) == ((found->flags & behaved) != 0) &&
        nb::cast<bool>(flags.attr("writeable")) == ((found->flags & writeable) != 0);
    if (!same) throw nb::import_error("this numpy lays out its arrays in an unknown way");
  }
}

template <class T>
void bind_stepper(nb::module_& m, const char* name) {
  static PyMethodDef methods[] = {
      {"step", reinterpret_cast<PyCFunction>(reinterpret_cast<void*>(&step<T>)),
       METH_FASTCALL | METH_KEYWORDS, "step(x, out=None): one step of all rows."},
      {"step_rows", reinterpret_cast<PyCFunction>(reinterpret_cast<void*>(&step_rows<T>)),
       METH_FASTCALL | METH_KEYWORDS,
       "step_rows(states, rows, x, out=None): one step of some rows of states."},
      {nullptr, nullptr, 0, nullptr}};
  static PyType_Slot slots[] = {{Py_tp_methods, methods}, {0, nullptr}};
  nb::class_<Stepper<T>>(m, name, nb::type_slots(slots),
                         "Steps of some rows, from the state where they stand.")
      .def("read", &Stepper<T>::read, "states"_a.noconvert(),
           "Write the state of all rows into (B, S).")
      .def("write", &Stepper<T>::write, "states"_a, "Set the state of all rows from (B, S).")
      .def("write_row", &Stepper<T>::write_row, "row"_a, "state"_a,
           "Set the state of one row from (1, S).");
}

template <class T>
void bind_token_stepper(nb::module_& m, const char* name) {
  using S = TokenStepper<T>;
  nb::class_<S>(m, name, "Rows of tokens, from the state where they stand.")
      .def("step", &S::step, "tokens"_a.noconvert(), "logs"_a.noconvert(),
           "Read tokens (B); log-probabilities of the next into logs (B, V).")
      .def(
          "write", &S::write, "tokens"_a.noconvert(), "recent"_a.noconvert(), "draws"_a.noconvert(),
          "chosen"_a.noconvert(), "settings"_a, "forbid_unknown"_a, "allow_end"_a,
          "Read tokens (B), choose by draws (B, N) and recent (B, W) into chosen (B, N). settings: "
          "temperature, top_k, top_p, min_p, typical, penalty; 0 leaves a filter out. Returns the "
          "row whose log-probabilities are not numbers, else -1.")
      .def("keep", &S::keep, "rows"_a.noconvert(), "Go on with these rows.")
      .def("hidden", &S::hidden, "out"_a.noconvert(),
           "Write what the last step handed to the head into (B, O).")
      .def("read", &S::read, "states"_a.noconvert(), "Write the state of all rows into (B, S).")
      .def("set", &S::write_states, "states"_a, "Set the state of all rows from (B, S).");
}

template <class T>
void bind_building(nb::class_<Network<T>>& network) {
  using N = Network<T>;
  network
      .def("__init__", &make_network<T>, "target"_a, "storage"_a = "same", "scaling"_a = nb::none(),
           "target: see targets. storage: same, float16 or int8. scaling: mean, deviation, "
           "logarithmic, lowest.")
      .def(
          "add_member",
          [](N& self) {
            if (self.whole || self.words)
              throw nb::value_error(self.words ? "a network of words has one member"
                                               : "the network has steppers already");
            self.members.emplace_back();
          },
          "Begin a stack of layers.")
      .def("add_cell", &add_cell<T>, "weight_ih"_a, "weight_hh"_a, "bias"_a = nb::none(),
           "weight_hr"_a = nb::none(), "peephole"_a = nb::none(), "input_gain"_a = nb::none(),
           "recurrent_gain"_a = nb::none(), "cell_gain"_a = nb::none(), "cell_shift"_a = nb::none(),
           nb::kw_only(), "coupled"_a = false, "exponential"_a = false, "zoneout_cell"_a = 0.0,
           "zoneout_hidden"_a = 0.0, "reverse"_a = false,
           "Begin a layer with a cell, or, in reverse, end it with its second one.")
      .def("add_head", &add_head<T>, "weight"_a, "bias"_a = nb::none(),
           "End a member with a linear layer.")
      .def("add_words", &add_words<T>, "embedding"_a,
           "Begin a network of words with their embedding (V, E), before any cell.")
      .def("add_scores", &add_scores<T>, "weight"_a, "bias"_a = nb::none(),
           "End it with the scores of all words, or of the frequent ones and each tail.")
      .def("add_tail", &add_tail<T>, "inner"_a, "outer"_a,
           "Add the scores of rarer words, through inner (n, O) and outer (words, n).");
}

template <class T>
void bind_running(nb::class_<Network<T>>& network) {
  using N = Network<T>;
  network
      .def("token_stepper", &make_token_stepper<T>, "rows"_a, nb::keep_alive<0, 1>(),
           "Return a stepper of some rows of tokens; their state is not set.")
      .def("run_tokens", &run_tokens<T>, "tokens"_a.noconvert(), "targets"_a.none(), "states"_a,
           "logs"_a.noconvert(), "ended"_a.noconvert(), "threads"_a = 1,
           "Read tokens (T, B), states into ended (B, S). logs: (T, B) of the targets (T, B), or "
           "(T * B, V) of all words.")
      .def("run", &run<T, T>, "x"_a.noconvert(), "states"_a, "lengths"_a.none(), "y"_a.noconvert(),
           "ended"_a.noconvert(), "threads"_a = 1,
           "Run x (T, B, I) into y (T, B, O), states into ended (B, S).")
      .def(
          "stepper",
          [](N& self, int64_t rows, int threads) {
            check_whole(self);
            if (self.members[0].layers[0].size() > 1)
              throw nb::value_error("a network of two directions cannot step");
            self.whole = true;
            return new Stepper<T>(self, rows, threads);
          },
          "rows"_a, "threads"_a = 1, nb::keep_alive<0, 1>(),
          "Return a stepper of some rows; their state is not set.");
  if constexpr (sizeof(T) == 4)
    network.def("run", &run<T, double>, "x"_a.noconvert(), "states"_a, "lengths"_a.none(),
                "y"_a.noconvert(), "ended"_a.noconvert(), "threads"_a = 1,
                "The same for a network that scales, in the units of its user.");
}

template <class T>
void bind_network(nb::module_& m, const char* name) {
  using N = Network<T>;
  auto network = nb::class_<N>(m, name, "A network of packed weights.");
  bind_building<T>(network);
  bind_running<T>(network);
  network.def_prop_ro("input_size", &size_of<T, &N::input_size>)
      .def_prop_ro("output_size", &size_of<T, &N::output_size>)
      .def_prop_ro("state_size", &size_of<T, &N::state_size>)
      .def_prop_ro("packed_bytes", &N::packed_bytes)
      .def_prop_ro("target", [](const N& self) { return self.target->name; });
}

}  // namespace gatework::runtime

NB_MODULE(_runtime, m) {
  using namespace gatework::runtime;
  m.doc() = "Networks of packed weights for numpy's arrays, run and stepped by the kernels.";
  bind_numpy();
  m.def("targets", &targets, "Return the names of the targets that this machine runs, best first.");
  m.def("choose", &choose, "target"_a, "logs"_a.noconvert(), "recent"_a.noconvert(),
        "draws"_a.noconvert(), "chosen"_a.noconvert(), "chances"_a.noconvert(), "settings"_a,
        "forbid_unknown"_a, "allow_end"_a,
        "Choose a token after each row of log-probabilities (B, V), as a token stepper does.");
  bind_stepper<float>(m, "Stepper32");
  bind_stepper<double>(m, "Stepper64");
  bind_token_stepper<float>(m, "TokenStepper32");
  bind_token_stepper<double>(m, "TokenStepper64");
  bind_network<float>(m, "Network32");
  bind_network<double>(m, "Network64");
}
