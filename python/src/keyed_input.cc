// SPDX-License-Identifier: Apache-2.0
#include "keyed_input.h"

#include <nanobind/ndarray.h>
#include <nanobind/stl/string.h>

#include <array>
#include <string>
#include <vector>

#include "rows.h"
#include "values.h"

namespace hfpy {

namespace {

using Positions = nb::ndarray<nb::numpy, std::int64_t, nb::ndim<1>>;

// The texts of a column that were made last: keys repeat from row to row, and many columns have few values.
class TextCache {
 public:
  // A new reference. `text` views the column, which outlives the cache.
  PyObject* Get(std::string_view text) {
    Slot& slot = slots_[SlotOf(text)];
    if (slot.object.is_valid() && slot.text == text) {
      return nb::object(slot.object).release().ptr();
    }
    nb::object made = nb::steal(PyUnicode_DecodeUTF8(text.data(), static_cast<Py_ssize_t>(text.size()), "replace"));
    if (!made.is_valid()) {
      throw nb::python_error();
    }
    slot = {.text = text, .object = made};
    return made.release().ptr();
  }

 private:
  static constexpr std::size_t kSlots = 64;
  struct Slot {
    std::string_view text;
    nb::object object;
  };
  static std::size_t SlotOf(std::string_view text) {
    return text.empty() ? 0
                        : (text.size() * 31 + static_cast<unsigned char>(text.front()) * 7 +
                           static_cast<unsigned char>(text.back())) %
                              kSlots;
  }
  std::array<Slot, kSlots> slots_;
};

}  // namespace

struct KeyedInput::Held {
  std::vector<hf::ColumnBatch> batches;
  std::vector<hf::RowRef> rows;
  std::vector<TextCache> texts;  // by column
};

KeyedInput::KeyedInput(hf::RowSelection rows)
    : held_(std::make_shared<Held>(Held{.batches = {rows.batches.begin(), rows.batches.end()},
                                        .rows = {rows.rows.begin(), rows.rows.end()},
                                        .texts = {}})) {}

namespace {

// Where each row lies when the batches are put one behind the other.
Positions PositionsOf(const KeyedInput& input) {
  const KeyedInput::Held& held = *input.held();
  std::vector<std::int64_t> first(held.batches.size() + 1);
  for (std::size_t batch = 0; batch < held.batches.size(); ++batch) {
    first[batch + 1] = first[batch] + held.batches[batch].rows();
  }
  auto* positions = new std::vector<std::int64_t>(held.rows.size());
  for (std::size_t i = 0; i < held.rows.size(); ++i) {
    (*positions)[i] = first[held.rows[i].batch] + held.rows[i].row;
  }
  const nb::capsule owner(positions,
                          [](void* memory) noexcept { delete static_cast<std::vector<std::int64_t>*>(memory); });
  return Positions(positions->data(), {positions->size()}, owner);
}

Rows RowsOf(const KeyedInput& input) {
  return {.schema = input.held()->batches.front().schema(), .batches = input.held()->batches};
}

Zone ZoneOf(nb::object tzinfo) {
  const bool is_utc = nb::cast<std::string>(nb::str(tzinfo)) == "UTC";
  return {.tzinfo = std::move(tzinfo), .is_utc = is_utc};
}

// The values of some columns of a row, as the Row API has them.
nb::object KeyOf(const KeyedInput& input, std::size_t row, const nb::tuple& places, nb::object zone) {
  const hf::RowRef ref = input.held()->rows.at(row);
  const std::vector<hf::Column>& columns = input.held()->batches[ref.batch].columns();
  const Reading reading{.style = ValueStyle::kArrow, .zone = ZoneOf(std::move(zone))};
  nb::object key = nb::steal(PyTuple_New(static_cast<Py_ssize_t>(places.size())));
  if (!key.is_valid()) {
    throw nb::python_error();
  }
  for (std::size_t i = 0; i < places.size(); ++i) {
    PyObject* cell = CellToPython(columns.at(nb::cast<std::size_t>(places[i])), ref.row, reading);
    if (cell == nullptr) {
      throw nb::python_error();
    }
    PyTuple_SET_ITEM(key.ptr(), static_cast<Py_ssize_t>(i), cell);
  }
  return key;
}

// Makes one Row after the other, as somebody asks for it.
class RowIterator {
 public:
  RowIterator(std::shared_ptr<KeyedInput::Held> held, std::size_t begin, std::size_t end, nb::object row_class,
              nb::object zone)
      : held_(std::move(held)),
        at_(begin),
        end_(end),
        row_class_(std::move(row_class)),
        reading_{.style = ValueStyle::kArrow, .zone = ZoneOf(std::move(zone))} {
    held_->texts.resize(held_->batches.front().columns().size());
  }

  // nullptr behind the last.
  PyObject* Next() {
    if (at_ == end_) {
      return nullptr;
    }
    const hf::RowRef ref = held_->rows[at_++];  // moved on first: making cells may let another thread in here
    const std::vector<hf::Column>& columns = held_->batches[ref.batch].columns();
    auto* type = reinterpret_cast<PyTypeObject*>(row_class_.ptr());
    nb::object row = nb::steal(type->tp_alloc(type, static_cast<Py_ssize_t>(columns.size())));
    if (!row.is_valid()) {
      throw nb::python_error();
    }
    for (std::size_t i = 0; i < columns.size(); ++i) {
      PyTuple_SET_ITEM(row.ptr(), static_cast<Py_ssize_t>(i), Cell(columns[i], i, ref.row));
    }
    return row.release().ptr();
  }

 private:
  PyObject* Cell(const hf::Column& column, std::size_t number, std::int64_t row) {
    PyObject* cell = column.type.kind() == hf::TypeKind::kString && !column.IsNull(row)
                         ? held_->texts[number].Get(column.Bytes(row))
                         : CellToPython(column, row, reading_);
    if (cell == nullptr) {
      throw nb::python_error();
    }
    return cell;
  }

  const std::shared_ptr<KeyedInput::Held> held_;
  std::size_t at_;
  const std::size_t end_;
  const nb::object row_class_;
  const Reading reading_;
};

PyObject* IterateSelf(PyObject* self) {
  Py_INCREF(self);
  return self;
}

PyObject* IterateNext(PyObject* self) {
  try {
    return nb::inst_ptr<RowIterator>(self)->Next();
  } catch (nb::python_error& error) {
    error.restore();
  } catch (const std::exception& error) {
    PyErr_SetString(PyExc_RuntimeError, error.what());
  }
  return nullptr;
}

PyType_Slot kIteratorSlots[] = {{Py_tp_iter, reinterpret_cast<void*>(IterateSelf)},
                                {Py_tp_iternext, reinterpret_cast<void*>(IterateNext)},
                                {0, nullptr}};

}  // namespace

void BindKeyedInput(nb::module_& module) {
  nb::class_<RowIterator>(module, "RowIterator", nb::type_slots(kIteratorSlots));
  nb::class_<KeyedInput>(module, "KeyedInput", "The rows of many keys, key after key.")
      .def("rows", &RowsOf, "All rows of the batches that they lie in.")
      .def("positions", &PositionsOf, "Where in rows() the rows of the keys lie, in their order (numpy, int64).")
      .def("key", &KeyOf, nb::arg("row"), nb::arg("places"), nb::arg("zone"))
      .def(
          "row_iterator",
          [](const KeyedInput& input, std::size_t begin, std::size_t end, nb::object row_class, nb::object zone) {
            return RowIterator(input.held(), begin, end, std::move(row_class), std::move(zone));
          },
          nb::arg("begin"), nb::arg("end"), nb::arg("row_class"), nb::arg("zone"));
}

}  // namespace hfpy
