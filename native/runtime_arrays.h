// numpy's arrays, read without numpy's headers and without a call.
//
// The buffer protocol costs more than a step of a small network. What a step needs to know of an
// array lies in the first fields of the object, which every module built against numpy reads
// directly, so that numpy cannot move them. They are compared with what numpy says when the module
// is loaded; where they differ, it refuses to load.
#pragma once

#include <Python.h>

#include <cstdint>
#include <cstring>
#include <initializer_list>

namespace gatework::runtime {

struct ArrayFields {
  PyObject_HEAD char* data;
  int dimensions_count;
  Py_ssize_t* dimensions;
  Py_ssize_t* strides;
  PyObject* base;
  PyObject* dtype;
  int flags;
};

enum ArrayFlags { contiguous = 0x0001, behaved = 0x0100, writeable = 0x0400 };

// What was looked up once: numpy's types and functions, and where errors are told.
struct Numpy {
  PyTypeObject* array = nullptr;  // numpy.ndarray
  PyObject* empty = nullptr;      // numpy.empty
  PyObject* float32 = nullptr;    // numpy.dtype("float32"), of which there is one
  PyObject* float64 = nullptr;
  PyObject* int64 = nullptr;
};

inline Numpy numpy;

inline const ArrayFields* fields(PyObject* array) {
  return reinterpret_cast<const ArrayFields*>(array);
}

// The values of an array (rows, width), or (width) where there is one row; null unless the array
// is of this dtype, contiguous, and, to write, writeable. Raises nothing.
inline void* values(PyObject* object, PyObject* dtype, int64_t rows, int64_t width, int flags) {
  if (!PyObject_TypeCheck(object, numpy.array)) return nullptr;
  const ArrayFields* array = fields(object);
  if (array->dtype != dtype || (array->flags & flags) != flags) return nullptr;
  const Py_ssize_t* size = array->dimensions;
  if (array->dimensions_count == 2 ? size[0] != rows || size[1] != width
                                   : array->dimensions_count != 1 || rows != 1 || size[0] != width)
    return nullptr;
  return array->data;
}

// The values of any array of whole numbers (n), which are n = count afterwards; else null.
inline const int64_t* indices(PyObject* object, int64_t& count) {
  if (!PyObject_TypeCheck(object, numpy.array)) return nullptr;
  const ArrayFields* array = fields(object);
  constexpr int flags = contiguous | behaved;
  if (array->dtype != numpy.int64 || array->dimensions_count != 1 ||
      (array->flags & flags) != flags)
    return nullptr;
  count = array->dimensions[0];
  return reinterpret_cast<const int64_t*>(array->data);
}

}  // namespace gatework::runtime
