// SPDX-License-Identifier: Apache-2.0
#include "values.h"

#include <nanobind/stl/string.h>

#include <string>

#include "moments.h"

namespace hfpy {

namespace {

nb::object Own(PyObject* made) {
  if (made == nullptr) {
    throw nb::python_error();
  }
  return nb::steal(made);
}

nb::object TextToPython(std::string_view text) {
  return Own(PyUnicode_DecodeUTF8(text.data(), static_cast<Py_ssize_t>(text.size()), "replace"));
}

nb::object BytesToPython(std::string_view bytes) {
  return Own(PyBytes_FromStringAndSize(bytes.data(), static_cast<Py_ssize_t>(bytes.size())));
}

std::string Digits(__int128 number) {
  const bool negative = number < 0;
  auto rest = static_cast<unsigned __int128>(negative ? -number : number);
  std::string digits;
  do {
    digits.insert(digits.begin(), static_cast<char>('0' + static_cast<int>(rest % 10)));
    rest /= 10;
  } while (rest != 0);
  return negative ? "-" + digits : digits;
}

// Python's own, for ever; looked up at the import: a static of a function would be waited for with the interpreter's
// lock held.
PyObject* decimal_class = nullptr;
PyObject* new_tuple = nullptr;

nb::object DecimalToPython(__int128 unscaled, int scale) {
  return nb::borrow(decimal_class)(Digits(unscaled) + "E" + std::to_string(-scale));
}

nb::object DictOf(const hf::Row& fields, const hf::DataType& type, const Reading& reading) {
  nb::dict made;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    made[TextToPython(type.children()[i].name)] = ToPython(fields[i], type.children()[i].type, reading);
  }
  return made;
}

nb::object MapToPython(const hf::MapValue& map, const hf::DataType& type, const Reading& reading) {
  const hf::DataType& key_type = type.children()[0].type;
  const hf::DataType& value_type = type.children()[1].type;
  if (reading.style == ValueStyle::kState) {
    nb::dict made;
    for (const auto& [key, value] : map.entries) {
      made[ToPython(key, key_type, reading)] = ToPython(value, value_type, reading);
    }
    return made;
  }
  nb::list made;
  for (const auto& [key, value] : map.entries) {
    made.append(nb::make_tuple(ToPython(key, key_type, reading), ToPython(value, value_type, reading)));
  }
  return made;
}

struct ToPythonVisitor {
  const hf::DataType& type;
  const Reading& reading;

  nb::object operator()(std::monostate) const { return nb::none(); }
  nb::object operator()(bool value) const { return nb::bool_(value); }
  nb::object operator()(std::int8_t value) const { return Own(PyLong_FromLong(value)); }
  nb::object operator()(std::int16_t value) const { return Own(PyLong_FromLong(value)); }
  nb::object operator()(std::int32_t value) const { return Own(PyLong_FromLong(value)); }
  nb::object operator()(std::int64_t value) const { return Own(PyLong_FromLongLong(value)); }
  nb::object operator()(float value) const { return Own(PyFloat_FromDouble(static_cast<double>(value))); }
  nb::object operator()(double value) const { return Own(PyFloat_FromDouble(value)); }
  nb::object operator()(const hf::Decimal& value) const { return DecimalToPython(value.unscaled, value.scale); }
  nb::object operator()(const std::string& value) const { return TextToPython(value); }
  nb::object operator()(const hf::Binary& value) const { return BytesToPython(value.bytes); }
  nb::object operator()(hf::Date value) const { return DateToPython(value.days); }
  nb::object operator()(hf::Timestamp value) const {
    return reading.style == ValueStyle::kState ? LocalMomentToPython(value.micros)
                                               : ZonedMomentToPython(value.micros, reading.zone);
  }
  nb::object operator()(hf::TimestampNtz value) const { return NaiveMomentToPython(value.micros); }
  nb::object operator()(const hf::ArrayValue& value) const {
    const hf::DataType& element = type.children()[0].type;
    nb::list made;
    for (const hf::Value& each : value.elements) {
      made.append(ToPython(each, element, reading));
    }
    return made;
  }
  nb::object operator()(const hf::MapValue& value) const { return MapToPython(value, type, reading); }
  nb::object operator()(const hf::StructValue& value) const {
    return reading.style == ValueStyle::kState ? RowToNamed(value.fields, hf::Schema(type), reading)
                                               : DictOf(value.fields, type, reading);
  }
};

}  // namespace

void ImportClasses() {
  ImportMoments();
  decimal_class = nb::object(nb::module_::import_("decimal").attr("Decimal")).release().ptr();
  new_tuple = nb::object(nb::module_::import_("builtins").attr("tuple").attr("__new__")).release().ptr();
}

nb::object ToPython(const hf::Value& value, const hf::DataType& type, const Reading& reading) {
  return std::visit(ToPythonVisitor{type, reading}, static_cast<const hf::ValueVariant&>(value));
}

PyObject* CellToPython(const hf::Column& column, std::int64_t row, const Reading& reading) {
  if (column.IsNull(row)) {
    return nb::none().release().ptr();
  }
  switch (column.type.kind()) {
    case hf::TypeKind::kBoolean: return PyBool_FromLong(column.Bool(row) ? 1 : 0);
    case hf::TypeKind::kInt: return PyLong_FromLong(column.Fixed<std::int32_t>(row));
    case hf::TypeKind::kLong: return PyLong_FromLongLong(column.Fixed<std::int64_t>(row));
    case hf::TypeKind::kDouble: return PyFloat_FromDouble(column.Fixed<double>(row));
    case hf::TypeKind::kString: return TextToPython(column.Bytes(row)).release().ptr();
    case hf::TypeKind::kTimestamp:
      return ToPythonVisitor{column.type, reading}(hf::Timestamp{column.Fixed<std::int64_t>(row)}).release().ptr();
    default: return ToPython(hf::ValueAt(column, row), column.type, reading).release().ptr();
  }
}

nb::object RowToTuple(const hf::Row& row, const hf::Schema& schema, const Reading& reading) {
  nb::object made = Own(PyTuple_New(static_cast<Py_ssize_t>(row.size())));
  for (std::size_t i = 0; i < row.size(); ++i) {
    PyTuple_SET_ITEM(made.ptr(), static_cast<Py_ssize_t>(i),
                     ToPython(row[i], schema.field(i).type, reading).release().ptr());
  }
  return made;
}

nb::object RowToNamed(const hf::Row& row, const hf::Schema& schema, const Reading& reading) {
  return nb::borrow(new_tuple)(RowClass(schema.type()), RowToTuple(row, schema, reading));
}

nb::object RowClass(const hf::DataType& structure) {
  nb::list names;
  for (const hf::StructField& field : structure.children()) {
    names.append(TextToPython(field.name));
  }
  return nb::module_::import_("holdfast.sql.row").attr("row_class")(nb::tuple(names));
}

}  // namespace hfpy
