// SPDX-License-Identifier: Apache-2.0
// Python objects as data of a schema.
#include <nanobind/stl/string.h>

#include <cmath>
#include <limits>
#include <string>

#include "gil.h"
#include "moments.h"
#include "values.h"

namespace hfpy {

namespace {

std::string ShortRepr(nb::handle object) {
  constexpr Py_ssize_t kLengthMax = 80;
  const nb::object text = nb::repr(object);
  const bool is_short = PyUnicode_GetLength(text.ptr()) <= kLengthMax;
  const nb::object shown = is_short ? text : nb::steal(PyUnicode_Substring(text.ptr(), 0, kLengthMax));
  const nb::object bytes = nb::steal(PyUnicode_AsEncodedString(shown.ptr(), "utf-8", "backslashreplace"));
  return PyBytes_AsString(bytes.ptr()) + std::string(is_short ? "" : "...");
}

std::string TypeName(nb::handle object) { return nb::cast<std::string>(object.type().attr("__name__")); }

[[noreturn]] void Refuse(nb::handle object, const hf::DataType& type, std::string_view path) {
  throw hf::StatusError(hf::Invalid(std::string(path) + " takes " + type.ToString() + ", but got " + ShortRepr(object) +
                                        " of type " + TypeName(object),
                                    "CANNOT_ACCEPT_OBJECT_IN_TYPE"));
}

// numpy's scalars and pandas' own types as what they stand for in Python.
nb::object Plain(nb::handle object) {
  PyTypeObject* type = Py_TYPE(object.ptr());
  const std::string_view name(type->tp_name);
  if (name.starts_with("numpy.") && nb::hasattr(object, "tolist")) {
    return object.attr("tolist")();
  }
  if (name == "NaTType" || name == "NAType" || name.ends_with(".NaTType") || name.ends_with(".NAType")) {
    return nb::none();
  }
  return nb::borrow(object);
}

template <typename T>
T Integer(nb::handle object, const hf::DataType& type, std::string_view path) {
  if (!PyLong_Check(object.ptr()) || PyBool_Check(object.ptr())) {
    Refuse(object, type, path);
  }
  int overflow = 0;
  const long long value = PyLong_AsLongLongAndOverflow(object.ptr(), &overflow);
  if (overflow != 0 || value < std::numeric_limits<T>::min() || value > std::numeric_limits<T>::max()) {
    throw hf::StatusError(hf::Invalid(
        std::string(path) + " is " + type.ToString() + ", which " + ShortRepr(object) + " does not fit into",
        "FIELD_TYPE_VALUE_OUT_OF_RANGE"));
  }
  return static_cast<T>(value);
}

// An int is taken where a double holds it exactly.
double Floating(nb::handle object, const hf::DataType& type, std::string_view path) {
  if (PyFloat_Check(object.ptr())) {
    return PyFloat_AS_DOUBLE(object.ptr());
  }
  if (std::string_view(Py_TYPE(object.ptr())->tp_name) == "decimal.Decimal" &&
      nb::cast<bool>(object.attr("is_nan")())) {
    return std::numeric_limits<double>::quiet_NaN();
  }
  if (!PyLong_Check(object.ptr()) || PyBool_Check(object.ptr())) {
    Refuse(object, type, path);
  }
  constexpr long long kExactMax = 1LL << 53;
  int overflow = 0;
  const long long value = PyLong_AsLongLongAndOverflow(object.ptr(), &overflow);
  if (overflow != 0 || value > kExactMax || value < -kExactMax) {
    Refuse(object, type, path);
  }
  return static_cast<double>(value);
}

hf::Decimal DecimalOf(nb::handle object, const hf::DataType& type, std::string_view path) {
  const nb::object decimal_type = nb::module_::import_("decimal").attr("Decimal");
  const bool is_int = PyLong_Check(object.ptr()) && !PyBool_Check(object.ptr());
  if (!is_int && !nb::isinstance(object, decimal_type)) {
    Refuse(object, type, path);
  }
  const nb::object decimal = decimal_type(object);
  const auto parts = nb::cast<nb::tuple>(decimal.attr("as_tuple")());
  if (!PyLong_Check(nb::object(parts[2]).ptr())) {
    Refuse(object, type, path);  // NaN, Infinity
  }
  const auto exponent = nb::cast<int>(parts[2]);
  const int zeros = exponent + type.scale();
  std::string digits;
  for (const nb::handle digit : nb::cast<nb::tuple>(parts[1])) {
    digits += static_cast<char>('0' + nb::cast<int>(digit));
  }
  for (int zero = 0; zero < zeros && digits.size() <= 40; ++zero) {
    digits += '0';
  }
  for (int cut = 0; cut > zeros; --cut) {
    if (!digits.empty() && digits.back() != '0') {
      Refuse(object, type, path);  // a digit would be lost
    }
    if (!digits.empty()) {
      digits.pop_back();
    }
  }
  const std::size_t first = std::min(digits.find_first_not_of('0'), digits.size());
  if (digits.size() - first > static_cast<std::size_t>(type.precision())) {
    Refuse(object, type, path);
  }
  __int128 unscaled = 0;
  for (const char digit : digits.substr(first)) {
    unscaled = unscaled * 10 + (digit - '0');
  }
  return {.unscaled = nb::cast<int>(parts[0]) == 0 ? unscaled : -unscaled, .scale = type.scale()};
}

// Numbers and booleans as Java prints them: Spark keeps them so.
std::string TextOf(nb::handle object, const hf::DataType& type, std::string_view path) {
  if (PyBool_Check(object.ptr())) {
    return object.ptr() == Py_True ? "true" : "false";
  }
  if (PyLong_Check(object.ptr())) {
    return nb::cast<std::string>(nb::str(object));
  }
  if (PyFloat_Check(object.ptr())) {
    return nb::cast<std::string>(nb::module_::import_("holdfast.sql.table_text").attr("double_text")(object));
  }
  if (!PyUnicode_Check(object.ptr())) {
    Refuse(object, type, path);
  }
  Py_ssize_t size = 0;
  const char* text = PyUnicode_AsUTF8AndSize(object.ptr(), &size);
  if (text == nullptr) {
    PyErr_Clear();
    throw hf::StatusError(hf::Invalid(std::string(path) + " is a text that is no UTF-8: " + ShortRepr(object),
                                      "CANNOT_ACCEPT_OBJECT_IN_TYPE"));
  }
  return {text, static_cast<std::size_t>(size)};
}

hf::Binary BytesOf(nb::handle object, const hf::DataType& type, std::string_view path) {
  if (PyUnicode_Check(object.ptr())) {
    return {TextOf(object, type, path)};
  }
  if (PyBytes_Check(object.ptr())) {
    return {std::string(PyBytes_AS_STRING(object.ptr()), static_cast<std::size_t>(PyBytes_GET_SIZE(object.ptr())))};
  }
  if (PyByteArray_Check(object.ptr())) {
    return {
        std::string(PyByteArray_AS_STRING(object.ptr()), static_cast<std::size_t>(PyByteArray_GET_SIZE(object.ptr())))};
  }
  Refuse(object, type, path);
}

hf::ArrayValue ArrayOf(nb::handle object, const hf::DataType& type, std::string_view path) {
  const nb::object list = nb::hasattr(object, "tolist") ? object.attr("tolist")() : nb::borrow(object);
  if (!PyList_Check(list.ptr()) && !PyTuple_Check(list.ptr())) {
    Refuse(object, type, path);
  }
  hf::ArrayValue made;
  const std::string element = std::string(path) + "[]";
  for (const nb::handle each : list) {
    FromPython(each, type.children()[0].type, element, &made.elements.emplace_back());
  }
  return made;
}

hf::MapValue MapOf(nb::handle object, const hf::DataType& type, std::string_view path) {
  if (!PyDict_Check(object.ptr())) {
    Refuse(object, type, path);
  }
  hf::MapValue made;
  const std::string entry = std::string(path) + "{}";
  for (const auto& [key, value] : nb::borrow<nb::dict>(object)) {
    auto& [made_key, made_value] = made.entries.emplace_back();
    FromPython(key, type.children()[0].type, entry + ".key", &made_key);
    FromPython(value, type.children()[1].type, entry, &made_value);
  }
  return made;
}

void FieldsByName(nb::handle object, const hf::Schema& schema, std::string_view path, hf::Row* row) {
  const auto given = nb::borrow<nb::dict>(object);
  std::size_t found = 0;
  for (std::size_t i = 0; i < schema.size(); ++i) {
    const hf::StructField& field = schema.field(i);
    const nb::str name(field.name.c_str());
    if (given.contains(name)) {
      ++found;
      FromPython(given[name], field.type, std::string(path) + "." + field.name, &(*row)[i]);
    } else {
      (*row)[i] = hf::Value();
    }
  }
  if (found < given.size()) {
    throw hf::StatusError(hf::Invalid(
        std::string(path) + " has the fields " + schema.ToDdl() + ", but got a dict with others: " + ShortRepr(object),
        "UNEXPECTED_FIELD"));
  }
}

void FieldsByPlace(nb::handle object, const hf::Schema& schema, std::string_view path, hf::Row* row) {
  // A tuple, also of a list: what is done with its items may run Python code, which could change a list.
  const nb::object items = nb::steal(PySequence_Tuple(object.ptr()));
  if (!items.is_valid()) {
    throw nb::python_error();
  }
  const auto count = static_cast<std::size_t>(PyTuple_GET_SIZE(items.ptr()));
  if (count != schema.size()) {
    throw hf::StatusError(hf::Invalid(std::string(path) + " has " + std::to_string(schema.size()) + " fields (" +
                                          schema.ToDdl() + "), but got " + std::to_string(count) +
                                          " values: " + ShortRepr(object),
                                      "AXIS_LENGTH_MISMATCH"));
  }
  for (std::size_t i = 0; i < count; ++i) {
    const hf::StructField& field = schema.field(i);
    PyObject* item = PyTuple_GET_ITEM(items.ptr(), static_cast<Py_ssize_t>(i));
    if (item == Py_None) {
      (*row)[i] = hf::Value();
    } else {
      FromPython(item, field.type, field.name, &(*row)[i]);
    }
  }
}

template <typename T, typename Optional>
T Given(const Optional& found, nb::handle object, const hf::DataType& type, std::string_view path) {
  if (!found.has_value()) {
    Refuse(object, type, path);
  }
  return T{*found};
}

}  // namespace

void RowFromPython(nb::handle object, const hf::Schema& schema, std::string_view what, hf::Row* row) {
  row->resize(schema.size());
  try {
    if (PyDict_Check(object.ptr())) {
      FieldsByName(object, schema, what, row);
    } else if (PyTuple_Check(object.ptr()) || PyObject_HasAttrString(object.ptr(), "__iter__") == 1) {
      FieldsByPlace(object, schema, what, row);  // as PySpark: whatever can be walked, a text too
    } else {
      throw hf::StatusError(hf::Invalid(std::string(what) + " is a tuple of " + std::to_string(schema.size()) +
                                            " values (" + schema.ToDdl() + "), but got " + ShortRepr(object) +
                                            " of type " + TypeName(object),
                                        "NOT_TUPLE"));
    }
  } catch (const hf::StatusError& error) {
    // Fields name themselves; whose they are is said here, where it costs nothing when all is well.
    const bool is_field = !std::string_view(error.status().message()).starts_with(what);
    throw hf::StatusError(is_field ? error.status().WithContext(what) : error.status());
  }
}

void FromPython(nb::handle given, const hf::DataType& type, std::string_view path, hf::Value* value) {
  const nb::object object = Plain(given);
  if (object.is_none()) {
    *value = hf::Value();
    return;
  }
  switch (type.kind()) {
    case hf::TypeKind::kNull: Refuse(object, type, path);
    case hf::TypeKind::kBoolean:
      if (!PyBool_Check(object.ptr())) {
        Refuse(object, type, path);
      }
      *value = object.ptr() == Py_True;
      return;
    case hf::TypeKind::kByte: *value = Integer<std::int8_t>(object, type, path); return;
    case hf::TypeKind::kShort: *value = Integer<std::int16_t>(object, type, path); return;
    case hf::TypeKind::kInt: *value = Integer<std::int32_t>(object, type, path); return;
    case hf::TypeKind::kLong: *value = Integer<std::int64_t>(object, type, path); return;
    case hf::TypeKind::kFloat: *value = static_cast<float>(Floating(object, type, path)); return;
    case hf::TypeKind::kDouble: *value = Floating(object, type, path); return;
    case hf::TypeKind::kDecimal: *value = DecimalOf(object, type, path); return;
    case hf::TypeKind::kString: *value = TextOf(object, type, path); return;
    case hf::TypeKind::kBinary: *value = BytesOf(object, type, path); return;
    case hf::TypeKind::kDate: *value = Given<hf::Date>(DateFromPython(object), object, type, path); return;
    case hf::TypeKind::kTimestamp: *value = Given<hf::Timestamp>(MomentFromPython(object), object, type, path); return;
    case hf::TypeKind::kTimestampNtz:
      *value = Given<hf::TimestampNtz>(WallClockFromPython(object), object, type, path);
      return;
    case hf::TypeKind::kArray: *value = ArrayOf(object, type, path); return;
    case hf::TypeKind::kMap: *value = MapOf(object, type, path); return;
    case hf::TypeKind::kStruct: {
      if (PyUnicode_Check(object.ptr()) || PyBytes_Check(object.ptr()) || PyByteArray_Check(object.ptr())) {
        Refuse(object, type, path);
      }
      hf::StructValue made;
      RowFromPython(object, hf::Schema(type), path, &made.fields);
      *value = std::move(made);
      return;
    }
  }
}

}  // namespace hfpy
