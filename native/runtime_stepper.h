// The steppers: methods that Python calls without nanobind's dispatch, and what they stand on.
#pragma once

#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>

#if defined(__GLIBCXX__)
#include <cxxabi.h>
#endif
#include <chrono>
#include <thread>

#include "crew.h"
#include "runtime_arrays.h"
#include "runtime_helpers.h"
#include "runtime_network.h"

namespace gatework::runtime {

namespace nb = nanobind;

// A run of more multiplications than this, some 50 us of them, lets other Python threads go on. A
// shorter one keeps the lock: to give it away and wait for it again, up to 5 ms where another
// thread computes in Python, would cost far more than the run.
constexpr int64_t short_run = int64_t{1} << 20;

// Python's lock, given away for as long as this lives. Where the program has ended meanwhile,
// Python before 3.14 ends a thread that wants the lock by unwinding it, which would end the whole
// process by a signal: the thread waits for the end here instead, as with 3.14.
class Unlocked {
 public:
  Unlocked() = default;
  Unlocked(const Unlocked&) = delete;
  Unlocked& operator=(const Unlocked&) = delete;
  ~Unlocked() {
#if defined(__GLIBCXX__)
    try {
      PyEval_RestoreThread(state_);
    } catch (const abi::__forced_unwind&) {
      while (true) std::this_thread::sleep_for(std::chrono::hours(1));
    }
#else
    PyEval_RestoreThread(state_);
#endif
  }

 private:
  PyThreadState* const state_ = PyEval_SaveThread();
};

// Call a function, without Python's lock where it takes long.
template <class Function>
void long_or_short(int64_t products, Function function) {
  if (products <= short_run) {
    function();
    return;
  }
  const Unlocked unlocked;
  function();
}

// Steps of some rows. One thread at a time: busy is read and set under Python's lock, which a long
// step gives away.
template <class T>
struct Stepper {
  using States = nb::ndarray<T, nb::ndim<2>, nb::c_contig, nb::device::cpu>;
  using ConstStates = nb::ndarray<const T, nb::ndim<2>, nb::c_contig, nb::device::cpu>;

  Stepper(const Network<T>& owner, int64_t rows, int most)
      : network(owner), runner(owner, {most, nullptr, Helpers::run, nullptr}), threads(most) {
    if (rows < 0) throw nb::value_error("the rows of a batch must be at least 0");
    if (most < 1) throw nb::value_error("a step takes a thread at least");
    runner.resize(1, rows);
  }

  PyObject* dtype() const {
    return network.scaling || sizeof(T) == 8 ? numpy.float64 : numpy.float32;
  }

  void step(const void* x, void* y) {
    busy = true;
    const int64_t work = products * runner.rows();
    long_or_short(work, [&] {
      if (threads == 1) return runner.run(x, y, nullptr);
      Crew crew(Helpers::run, threads, work);
      runner.use(crew.parallel());
      runner.run(x, y, nullptr);
    });
    busy = false;
  }

  void read(States states) const {
    check(states.shape(0), states.shape(1));
    runner.store(states.data());
  }
  void write(ConstStates states) {
    check(states.shape(0), states.shape(1));
    runner.load(states.data());
  }
  void write_row(int64_t row, ConstStates state) {
    check(static_cast<size_t>(runner.rows()), state.shape(1));
    if (row < 0 || row >= runner.rows() || state.shape(0) != 1)
      throw nb::index_error("the row is not in the batch");
    runner.load_row(row, state.data());
  }

  const Network<T>& network;
  Runner<T> runner;
  const int threads;
  const int64_t inputs = network.input_size(), outputs = network.output_size();
  const int64_t states = network.state_size(), products = network.products();
  bool busy = false;

 private:
  void check(size_t rows, size_t width) const {
    if (busy) throw std::runtime_error("another thread is in a step of this stepper");
    if (static_cast<int64_t>(rows) != runner.rows() || static_cast<int64_t>(width) != states)
      throw nb::value_error("the state does not fit the network");
  }
};

// Let Python say what is wrong with the arguments of a step; always null.
inline PyObject* refuse(PyObject* x, PyObject* out, int64_t rows, int64_t inputs, int64_t outputs,
                        PyObject* dtype, bool busy) {
  PyObject* module = PyImport_ImportModule("gatework.runtime.refusals");
  if (!module) return nullptr;
  PyObject* answer =
      PyObject_CallMethod(module, "refuse_step", "OOLLLOO", x, out ? out : Py_None,
                          static_cast<long long>(rows), static_cast<long long>(inputs),
                          static_cast<long long>(outputs), dtype, busy ? Py_True : Py_False);
  Py_DECREF(module);
  if (answer) {
    Py_DECREF(answer);
    PyErr_SetString(PyExc_RuntimeError, "a step was refused without a reason");
  }
  return nullptr;
}

inline bool overlap(const void* a, int64_t a_size, const void* b, int64_t b_size) {
  const auto* first = static_cast<const char*>(a);
  const auto* second = static_cast<const char*>(b);
  return first < second + b_size && second < first + a_size;
}

// A new array (rows, width), or (width) where x is (I).
inline PyObject* new_array(PyObject* x, int64_t rows, int64_t width, PyObject* dtype) {
  const bool single = fields(x)->dimensions_count == 1;
  PyObject* shape =
      single ? Py_BuildValue("(L)", static_cast<long long>(width))
             : Py_BuildValue("(LL)", static_cast<long long>(rows), static_cast<long long>(width));
  if (!shape) return nullptr;
  PyObject* arguments[] = {shape, dtype};
  PyObject* array = PyObject_Vectorcall(numpy.empty, arguments, 2, nullptr);
  Py_DECREF(shape);
  return array;
}

// Step x (rows, I) into out (rows, O), or into a new array where out is null; return the result.
template <class T, class Before, class After>
PyObject* step_into(Stepper<T>& stepper, PyObject* x, PyObject* out, int64_t rows, Before before,
                    After after) {
  PyObject* const dtype = stepper.dtype();
  const int64_t item = dtype == numpy.float32 ? 4 : 8;
  const void* const input = values(x, dtype, rows, stepper.inputs, contiguous | behaved);
  if (!input || stepper.busy)
    return refuse(x, out, rows, stepper.inputs, stepper.outputs, dtype, stepper.busy);
  PyObject* result = out;
  if (out)
    Py_INCREF(out);
  else if (!(result = new_array(x, rows, stepper.outputs, dtype)))
    return nullptr;
  void* const output =
      values(result, dtype, rows, stepper.outputs, contiguous | behaved | writeable);
  if (!output ||
      overlap(input, rows * stepper.inputs * item, output, rows * stepper.outputs * item)) {
    Py_DECREF(result);
    return refuse(x, out, rows, stepper.inputs, stepper.outputs, dtype, false);
  }
  before();
  stepper.step(input, output);
  after();
  return result;
}

// The argument out, given by place or by name, null where it is None or not given; false: refused.
inline bool parse(PyObject* const* arguments, Py_ssize_t count, PyObject* names, Py_ssize_t needed,
                  PyObject*& out) {
  const Py_ssize_t named = names ? PyTuple_Size(names) : 0;
  const bool known =
      !named || PyUnicode_CompareWithASCIIString(PyTuple_GetItem(names, 0), "out") == 0;
  if (count < needed || count + named > needed + 1 || !known) {
    PyErr_SetString(PyExc_TypeError, "a step takes an input and, if wanted, out");
    return false;
  }
  out = count + named > needed ? arguments[needed] : nullptr;
  if (out == Py_None) out = nullptr;
  return true;
}

template <class T>
Stepper<T>* stepper_of(PyObject* self) {
  if (nb::inst_ready(self)) return nb::inst_ptr<Stepper<T>>(self);
  PyErr_SetString(PyExc_TypeError, "this stepper was not made by a network");
  return nullptr;
}

// step(x, out=None)
template <class T>
PyObject* step(PyObject* self, PyObject* const* arguments, Py_ssize_t count, PyObject* names) {
  PyObject* out = nullptr;
  Stepper<T>* const stepper = stepper_of<T>(self);
  if (!stepper || !parse(arguments, count, names, 1, out)) return nullptr;
  auto nothing = [] {};
  return step_into(*stepper, arguments[0], out, stepper->runner.rows(), nothing, nothing);
}

// step_rows(states, rows, x, out=None): rows (n) tell which rows of states (capacity, S) step.
template <class T>
PyObject* step_rows(PyObject* self, PyObject* const* arguments, Py_ssize_t count, PyObject* names) {
  PyObject* out = nullptr;
  Stepper<T>* const stepper = stepper_of<T>(self);
  if (!stepper || !parse(arguments, count, names, 3, out)) return nullptr;
  int64_t capacity =
      PyObject_TypeCheck(arguments[0], numpy.array) && fields(arguments[0])->dimensions_count == 2
          ? fields(arguments[0])->dimensions[0]
          : 0;
  int64_t rows = 0;
  const int64_t* const index = indices(arguments[1], rows);
  PyObject* const kept = sizeof(T) == 4 ? numpy.float32 : numpy.float64;
  T* const states = static_cast<T*>(
      values(arguments[0], kept, capacity, stepper->states, contiguous | behaved | writeable));
  bool sound = index && states;
  for (int64_t i = 0; sound && i < rows; ++i) sound = index[i] >= 0 && index[i] < capacity;
  if (!sound) {
    PyErr_SetString(PyExc_ValueError, "the states or rows do not fit the network");
    return nullptr;
  }
  try {
    if (!stepper->busy) stepper->runner.resize(1, rows);
  } catch (const std::bad_alloc&) {
    return PyErr_NoMemory();
  }
  return step_into(
      *stepper, arguments[2], out, rows, [&] { stepper->runner.load(states, index); },
      [&] { stepper->runner.store(states, index); });
}

}  // namespace gatework::runtime
