// SPDX-License-Identifier: Apache-2.0
//! Between Arrow's types and Delta's. Three steps, the first two before anything is written:
//! `canonical_schema` folds Arrow's spellings of one Delta type into one (large_utf8 is utf8, any
//! zone is UTC) and refuses what Delta lacks; `check_fits` compares that with the table by name;
//! `conform` brings each batch into the table's order and spelling.

use std::sync::Arc;

use delta_kernel::arrow::array::types::TimestampMicrosecondType;
use delta_kernel::arrow::array::{
    new_null_array, Array, ArrayRef, AsArray, ListArray, MapArray, RecordBatch, RecordBatchOptions,
    StructArray,
};
use delta_kernel::arrow::compute::{cast_with_options, CastOptions};
use delta_kernel::arrow::datatypes::{DataType, Field, FieldRef, Fields, Schema, TimeUnit};
use delta_kernel::engine::arrow_conversion::{TryFromArrow, TryIntoArrow};
use delta_kernel::schema::{DataType as DeltaType, StructField, StructType};

use crate::failure::{arrow, Failure, Outcome};

/// The Arrow schema in the one spelling that the kernel uses, without metadata.
pub fn canonical_schema(input: &Schema) -> Outcome<Schema> {
    Ok(Schema::new(canonical_fields(input.fields(), "")?))
}

/// The Delta schema of a canonical Arrow schema.
pub fn delta_schema(canonical: &Schema) -> Outcome<StructType> {
    StructType::try_from_arrow(canonical).map_err(arrow)
}

/// The Arrow schema that the rows of a table have outside, without the metadata of the columns.
pub fn arrow_schema(table: &StructType) -> Outcome<Schema> {
    let schema: Schema = table.try_into_arrow().map_err(arrow)?;
    Ok(Schema::new(schema.fields().iter().map(|field| without_metadata(field)).collect::<Fields>()))
}

fn without_metadata(field: &Field) -> FieldRef {
    let of = |inner: &FieldRef| without_metadata(inner);
    let data_type = match field.data_type() {
        DataType::Struct(fields) => DataType::Struct(fields.iter().map(of).collect()),
        DataType::List(element) => DataType::List(of(element)),
        DataType::Map(entries, sorted) => DataType::Map(of(entries), *sorted),
        other => other.clone(),
    };
    Arc::new(Field::new(field.name(), data_type, field.is_nullable()))
}

fn join(path: &str, name: &str) -> String {
    match path {
        "" => name.to_string(),
        _ => format!("{path}.{name}"),
    }
}

fn canonical_fields(fields: &Fields, path: &str) -> Outcome<Fields> {
    fields
        .iter()
        .map(|field| {
            let path = join(path, field.name());
            canonical_field(field, field.name(), &path, field.is_nullable())
        })
        .collect()
}

fn canonical_field(field: &Field, name: &str, path: &str, nullable: bool) -> Outcome<FieldRef> {
    let data_type = canonical_type(field.data_type(), path)?;
    Ok(Arc::new(Field::new(name, data_type, nullable)))
}

fn canonical_type(input: &DataType, path: &str) -> Outcome<DataType> {
    use DataType::*;
    Ok(match input {
        Boolean | Int8 | Int16 | Int32 | Int64 | Float32 | Float64 | Date32 => input.clone(),
        Utf8 | LargeUtf8 | Utf8View => Utf8,
        Binary | LargeBinary | BinaryView | FixedSizeBinary(_) => Binary,
        Decimal128(_, scale) if *scale >= 0 => input.clone(),
        Timestamp(TimeUnit::Microsecond, None) => input.clone(),
        Timestamp(TimeUnit::Microsecond, Some(_)) => {
            Timestamp(TimeUnit::Microsecond, Some("UTC".into()))
        }
        Struct(fields) => Struct(canonical_fields(fields, path)?),
        List(element) | LargeList(element) | FixedSizeList(element, _) => {
            let path = join(path, "element");
            List(canonical_field(element, "element", &path, element.is_nullable())?)
        }
        Map(entries, _) => canonical_map(entries, path)?,
        Dictionary(_, values) => canonical_type(values, path)?,
        other => {
            return Err(Failure::invalid(format!(
                "column '{path}' has Arrow type {other}, which has no Delta type of the same \
                 values; cast it first (times to timestamp[us], unsigned to a wider signed type)"
            )))
        }
    })
}

fn canonical_map(entries: &Field, path: &str) -> Outcome<DataType> {
    let DataType::Struct(pair) = entries.data_type() else {
        return Err(Failure::invalid(format!("column '{path}' is not a proper Arrow map")));
    };
    if pair.len() != 2 {
        return Err(Failure::invalid(format!("column '{path}' is not a proper Arrow map")));
    }
    let key = canonical_field(&pair[0], "key", &join(path, "key"), false)?;
    let value = canonical_field(&pair[1], "value", &join(path, "value"), pair[1].is_nullable())?;
    let entries = Field::new("key_value", DataType::Struct(vec![key, value].into()), false);
    Ok(DataType::Map(Arc::new(entries), false))
}

/// Compares a canonical input schema with the table's, by name, at every depth.
pub fn check_fits(table: &StructType, input: &Schema) -> Outcome<()> {
    check_fields(table, input.fields(), "")
}

fn check_fields(table: &StructType, input: &Fields, path: &str) -> Outcome<()> {
    for column in table.fields() {
        let name = column.name();
        let at = join(path, name);
        match input.iter().filter(|field| field.name() == name).count() {
            0 => return Err(missing(column, input, &at)),
            1 => {}
            _ => return Err(Failure::invalid(format!("the rows have column '{at}' twice"))),
        }
    }
    for field in input {
        let at = join(path, field.name());
        match table.field(field.name()) {
            Some(column) => check_type(column.data_type(), field.data_type(), &at)?,
            None => {
                return Err(Failure::invalid(format!(
                    "the rows have column '{at}' of type {}, which the table does not have",
                    type_name(field.data_type())
                )))
            }
        }
    }
    Ok(())
}

/// Whether rows of `stored` can be read as rows of `wanted`, which may have more fields. Both are
/// canonical.
pub fn check_readable(stored: &Schema, wanted: &Schema) -> Outcome<()> {
    check_stored_fields(stored.fields(), wanted.fields(), "")
}

fn check_stored_fields(stored: &Fields, wanted: &Fields, path: &str) -> Outcome<()> {
    for field in stored {
        let at = join(path, field.name());
        match wanted.iter().find(|other| other.name() == field.name()) {
            Some(other) => check_stored_type(field.data_type(), other.data_type(), &at)?,
            None => return Err(Failure::invalid(format!("column '{at}' is not wanted"))),
        }
    }
    Ok(())
}

fn check_stored_type(stored: &DataType, wanted: &DataType, path: &str) -> Outcome<()> {
    match (stored, wanted) {
        (DataType::Struct(stored), DataType::Struct(wanted)) => {
            check_stored_fields(stored, wanted, path)
        }
        (DataType::List(stored), DataType::List(wanted)) => {
            check_stored_type(stored.data_type(), wanted.data_type(), &join(path, "element"))
        }
        (DataType::Map(stored, _), DataType::Map(wanted, _)) => {
            check_stored_type(stored.data_type(), wanted.data_type(), path)
        }
        _ if stored == wanted => Ok(()),
        _ => Err(Failure::invalid(format!(
            "column '{path}' is {} in the table, and {} is wanted",
            type_name(stored),
            type_name(wanted)
        ))),
    }
}

fn missing(column: &StructField, input: &Fields, at: &str) -> Failure {
    let same = |field: &&FieldRef| field.name().eq_ignore_ascii_case(column.name());
    let hint = match input.iter().find(same) {
        Some(field) => format!("; they have '{}' (names are compared exactly)", field.name()),
        None => String::new(),
    };
    Failure::invalid(format!(
        "the table has column '{at}' of type {}, which the rows do not have{hint}",
        column.data_type()
    ))
}

pub fn check_type(table: &DeltaType, input: &DataType, path: &str) -> Outcome<()> {
    match (table, input) {
        (DeltaType::Struct(table), DataType::Struct(fields)) => check_fields(table, fields, path),
        (DeltaType::Array(table), DataType::List(element)) => {
            check_type(table.element_type(), element.data_type(), &join(path, "element"))
        }
        (DeltaType::Map(table), DataType::Map(entries, _)) => {
            let DataType::Struct(pair) = entries.data_type() else {
                return Err(Failure::new(crate::failure::Code::Internal, "map is not canonical"));
            };
            check_type(table.key_type(), pair[0].data_type(), &join(path, "key"))?;
            check_type(table.value_type(), pair[1].data_type(), &join(path, "value"))
        }
        _ if DeltaType::try_from_arrow(input).is_ok_and(|input| input == *table) => Ok(()),
        _ => Err(Failure::invalid(format!(
            "column '{path}' is {table} in the table and {} in the rows",
            type_name(input)
        ))),
    }
}

fn type_name(canonical: &DataType) -> String {
    match DeltaType::try_from_arrow(canonical) {
        Ok(delta) => delta.to_string(),
        Err(_) => canonical.to_string(),
    }
}

/// Brings `batch`, whose types passed a check, into the order and types of `target`. What it lacks
/// is null, at every depth: whether it may lack anything was for the check to say.
pub fn conform(batch: &RecordBatch, target: &Arc<Schema>) -> Outcome<RecordBatch> {
    let mut columns = Vec::with_capacity(target.fields().len());
    for field in target.fields() {
        let column = match batch.column_by_name(field.name()) {
            Some(column) => column.clone(),
            None => new_null_array(field.data_type(), batch.num_rows()),
        };
        columns.push(conform_column(&column, field, field.name())?);
    }
    let options = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
    RecordBatch::try_new_with_options(target.clone(), columns, &options).map_err(arrow)
}

fn conform_column(column: &ArrayRef, field: &Field, path: &str) -> Outcome<ArrayRef> {
    let column = conform_array(column, field.data_type(), path)?;
    if !field.is_nullable() && path == field.name() && column.null_count() > 0 {
        return Err(Failure::invalid(format!(
            "column '{path}' must not be null in the table, but {} of {} rows are",
            column.null_count(),
            column.len()
        )));
    }
    Ok(column)
}

fn conform_array(array: &ArrayRef, target: &DataType, path: &str) -> Outcome<ArrayRef> {
    let at = |failure: Failure| failure.context(&format!("column '{path}'"));
    Ok(match target {
        DataType::Struct(fields) => {
            Arc::new(conform_struct(array.as_struct(), fields, path).map_err(at)?)
        }
        DataType::List(field) => {
            let list = as_plain_list(array)?;
            let (_, offsets, values, nulls) = list.as_list::<i32>().clone().into_parts();
            let values = conform_array(&values, field.data_type(), &join(path, "element"))?;
            let list = ListArray::try_new(field.clone(), offsets, values, nulls);
            Arc::new(list.map_err(arrow).map_err(at)?)
        }
        DataType::Map(field, _) => {
            let DataType::Struct(pair) = field.data_type() else {
                return Err(Failure::new(crate::failure::Code::Internal, "map is not canonical"));
            };
            let (_, offsets, entries, nulls, _) = array.as_map().clone().into_parts();
            let key = conform_array(entries.column(0), pair[0].data_type(), &join(path, "key"))?;
            let value =
                conform_array(entries.column(1), pair[1].data_type(), &join(path, "value"))?;
            let entries = StructArray::try_new(pair.clone(), vec![key, value], None);
            let entries = entries.map_err(arrow).map_err(at)?;
            let map = MapArray::try_new(field.clone(), offsets, entries, nulls, false);
            Arc::new(map.map_err(arrow).map_err(at)?)
        }
        leaf => conform_leaf(array, leaf).map_err(at)?,
    })
}

fn conform_struct(array: &StructArray, fields: &Fields, path: &str) -> Outcome<StructArray> {
    let mut children = Vec::with_capacity(fields.len());
    for field in fields {
        let child = match array.column_by_name(field.name()) {
            Some(child) => child.clone(),
            None => new_null_array(field.data_type(), array.len()),
        };
        let path = join(path, field.name());
        children.push(conform_array(&child, field.data_type(), &path)?);
    }
    let nulls = array.nulls().cloned();
    StructArray::try_new_with_length(fields.clone(), children, nulls, array.len()).map_err(arrow)
}

/// large_list and fixed_size_list become list; the elements keep their type.
fn as_plain_list(array: &ArrayRef) -> Outcome<ArrayRef> {
    match array.data_type() {
        DataType::LargeList(element) | DataType::FixedSizeList(element, _) => {
            convert(array, &DataType::List(element.clone()))
        }
        _ => Ok(array.clone()),
    }
}

fn conform_leaf(array: &ArrayRef, target: &DataType) -> Outcome<ArrayRef> {
    match (array.data_type(), target) {
        (same, target) if same == target => Ok(array.clone()),
        // An Arrow timestamp with a zone counts from the epoch in UTC whatever the zone is.
        (DataType::Timestamp(TimeUnit::Microsecond, Some(_)), DataType::Timestamp(_, Some(_))) => {
            let column = array.as_primitive::<TimestampMicrosecondType>().clone();
            Ok(Arc::new(column.with_timezone("UTC")))
        }
        _ => convert(array, target),
    }
}

fn convert(array: &ArrayRef, target: &DataType) -> Outcome<ArrayRef> {
    let options = CastOptions { safe: false, ..Default::default() };
    cast_with_options(array, target, &options).map_err(arrow)
}

/// The columns of `batch` with exactly the types of `target`: what a scan hands out.
pub fn relabel(batch: &RecordBatch, target: &Arc<Schema>) -> Outcome<RecordBatch> {
    let mut columns = Vec::with_capacity(batch.num_columns());
    for (column, field) in batch.columns().iter().zip(target.fields()) {
        columns.push(conform_array(column, field.data_type(), field.name())?);
    }
    let options = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
    RecordBatch::try_new_with_options(target.clone(), columns, &options).map_err(arrow)
}
