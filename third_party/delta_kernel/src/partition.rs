// SPDX-License-Identifier: Apache-2.0
//! The rows of one batch sorted by the values of the partition columns: every distinct combination
//! is a group, in the order in which they first appear, and a group keeps the order of its rows.

use std::collections::HashMap;
use std::sync::Arc;

use delta_kernel::arrow::array::types::{
    Date32Type, Decimal128Type, Float32Type, Float64Type, Int16Type, Int32Type, Int64Type,
    Int8Type, TimestampMicrosecondType,
};
use delta_kernel::arrow::array::{Array, ArrayRef, AsArray, RecordBatch, UInt32Array};
use delta_kernel::arrow::compute::take_record_batch;
use delta_kernel::arrow::datatypes::{DataType, Field, Schema};
use delta_kernel::arrow::row::{OwnedRow, RowConverter, SortField};
use delta_kernel::engine::arrow_conversion::TryFromArrow;
use delta_kernel::expressions::Scalar;
use delta_kernel::schema::DataType as DeltaType;

use crate::failure::{arrow, checking, Code, Failure, Outcome};
use crate::schema;

pub struct Group {
    /// By the logical name of the column.
    pub values: HashMap<String, Scalar>,
    pub pieces: Vec<RecordBatch>,
}

pub struct Groups {
    keys: Arc<Schema>,
    converter: RowConverter,
    known: HashMap<OwnedRow, usize>,
    groups: Vec<Group>,
}

impl Groups {
    /// `keys` are the partition columns as the table has them.
    pub fn new(keys: Vec<Field>) -> Outcome<Self> {
        let fields = keys.iter().map(|key| SortField::new(key.data_type().clone())).collect();
        let converter = RowConverter::new(fields).map_err(arrow)?;
        let keys = Arc::new(Schema::new(keys));
        Ok(Self { keys, converter, known: HashMap::new(), groups: Vec::new() })
    }

    pub fn add(&mut self, batch: &RecordBatch) -> Outcome<()> {
        let keys = schema::conform(batch, &self.keys)?;
        let rows = self.converter.convert_columns(keys.columns()).map_err(arrow)?;
        let mut rows_of: Vec<(usize, Vec<u32>)> = Vec::new();
        let mut place_of: HashMap<usize, usize> = HashMap::new();
        for (index, row) in rows.iter().enumerate() {
            let group = match self.known.get(&row.owned()) {
                Some(group) => *group,
                None => self.begin(row.owned(), &keys, index)?,
            };
            let place = *place_of.entry(group).or_insert_with(|| {
                rows_of.push((group, Vec::new()));
                rows_of.len() - 1
            });
            let index = u32::try_from(index)
                .map_err(|_| Failure::invalid("a piece of a batch has more than 4 billion rows"))?;
            rows_of[place].1.push(index);
        }
        for (group, indices) in rows_of {
            let piece = take_record_batch(batch, &UInt32Array::from(indices)).map_err(arrow)?;
            self.groups[group].pieces.push(piece);
        }
        Ok(())
    }

    fn begin(&mut self, key: OwnedRow, keys: &RecordBatch, row: usize) -> Outcome<usize> {
        let mut values = HashMap::new();
        for (field, column) in self.keys.fields().iter().zip(keys.columns()) {
            values.insert(field.name().clone(), scalar(field, column, row)?);
        }
        self.groups.push(Group { values, pieces: Vec::new() });
        self.known.insert(key, self.groups.len() - 1);
        Ok(self.groups.len() - 1)
    }

    pub fn take(self) -> Vec<Group> {
        self.groups
    }
}

fn scalar(field: &Field, column: &ArrayRef, row: usize) -> Outcome<Scalar> {
    if column.is_null(row) {
        let of = DeltaType::try_from_arrow(field.data_type()).map_err(arrow)?;
        return Ok(Scalar::Null(of));
    }
    Ok(match field.data_type() {
        DataType::Boolean => Scalar::Boolean(column.as_boolean().value(row)),
        DataType::Int8 => Scalar::Byte(column.as_primitive::<Int8Type>().value(row)),
        DataType::Int16 => Scalar::Short(column.as_primitive::<Int16Type>().value(row)),
        DataType::Int32 => Scalar::Integer(column.as_primitive::<Int32Type>().value(row)),
        DataType::Int64 => Scalar::Long(column.as_primitive::<Int64Type>().value(row)),
        DataType::Float32 => Scalar::Float(column.as_primitive::<Float32Type>().value(row)),
        DataType::Float64 => Scalar::Double(column.as_primitive::<Float64Type>().value(row)),
        DataType::Utf8 => Scalar::String(column.as_string::<i32>().value(row).to_string()),
        DataType::Binary => Scalar::Binary(column.as_binary::<i32>().value(row).to_vec()),
        DataType::Date32 => Scalar::Date(column.as_primitive::<Date32Type>().value(row)),
        DataType::Timestamp(_, zone) => {
            let micros = column.as_primitive::<TimestampMicrosecondType>().value(row);
            match zone {
                Some(_) => Scalar::Timestamp(micros),
                None => Scalar::TimestampNtz(micros),
            }
        }
        DataType::Decimal128(precision, scale) => {
            let bits = column.as_primitive::<Decimal128Type>().value(row);
            let scale = u8::try_from(*scale).unwrap_or(0);
            Scalar::decimal(bits, *precision, scale).map_err(checking)?
        }
        other => {
            return Err(Failure::new(
                Code::Invalid,
                format!(
                    "the partition column '{}' has type {other}, which none can have",
                    field.name()
                ),
            ))
        }
    })
}
