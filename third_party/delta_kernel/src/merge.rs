// SPDX-License-Identifier: Apache-2.0
//! What a table lacks of the rows that are to be appended with mergeSchema: columns and fields of
//! structs, which are added at the end, nullable throughout. Nothing is ever removed or changed.

use std::sync::Arc;

use delta_kernel::arrow::datatypes::{DataType, Field, FieldRef, Fields, Schema};
use delta_kernel::engine::arrow_conversion::TryFromArrow;
use delta_kernel::expressions::ColumnName;
use delta_kernel::schema::{DataType as DeltaType, StructField, StructType};

use crate::failure::{arrow, Failure, Outcome};
use crate::schema::check_type;

/// A field that a struct gets; the empty path is the table itself.
#[derive(Clone)]
pub struct Addition {
    pub parent: ColumnName,
    pub field: StructField,
}

/// Compares a canonical input schema with the table's. What the rows lack must be nullable in the
/// table; what both have must be of one type.
pub fn additions(table: &StructType, input: &Schema) -> Outcome<Vec<Addition>> {
    let mut found = Vec::new();
    merge_fields(table, input.fields(), &mut Vec::new(), &mut found)?;
    Ok(found)
}

fn merge_fields(
    table: &StructType,
    input: &Fields,
    path: &mut Vec<String>,
    found: &mut Vec<Addition>,
) -> Outcome<()> {
    for column in table.fields() {
        let given = input.iter().any(|field| field.name() == column.name());
        if !given && !column.is_nullable() {
            return Err(Failure::invalid(format!(
                "the table has column '{}' that must not be null, which the rows do not have",
                shown(path, column.name())
            )));
        }
    }
    for (index, field) in input.iter().enumerate() {
        let at = shown(path, field.name());
        if input.iter().take(index).any(|before| before.name() == field.name()) {
            return Err(Failure::invalid(format!("the rows have column '{at}' twice")));
        }
        match table.field(field.name()) {
            Some(column) => {
                path.push(field.name().clone());
                merge_type(column.data_type(), field.data_type(), path, found)?;
                path.pop();
            }
            None => {
                let same = |column: &&StructField| column.name().eq_ignore_ascii_case(field.name());
                if let Some(column) = table.fields().find(same) {
                    return Err(Failure::invalid(format!(
                        "the rows have column '{at}' and the table has '{}' (names are compared \
                         exactly, and may not differ by case alone)",
                        column.name()
                    )));
                }
                let field = StructField::try_from_arrow(nullable(field).as_ref()).map_err(arrow)?;
                found.push(Addition { parent: ColumnName::new(path.iter()), field });
            }
        }
    }
    Ok(())
}

fn merge_type(
    table: &DeltaType,
    input: &DataType,
    path: &mut Vec<String>,
    found: &mut Vec<Addition>,
) -> Outcome<()> {
    match (table, input) {
        (DeltaType::Struct(table), DataType::Struct(fields)) => {
            merge_fields(table, fields, path, found)
        }
        (DeltaType::Array(table), DataType::List(element)) => {
            path.push("element".to_string());
            merge_type(table.element_type(), element.data_type(), path, found)?;
            path.pop();
            Ok(())
        }
        // Within maps nothing is added: the key is what entries are found by.
        _ => check_type(table, input, &path.join(".")),
    }
}

fn shown(path: &[String], name: &str) -> String {
    match path.is_empty() {
        true => name.to_string(),
        false => format!("{}.{name}", path.join(".")),
    }
}

/// Old data files have nothing for the column, at no depth.
fn nullable(field: &Field) -> FieldRef {
    let of = |inner: &FieldRef| nullable(inner);
    let data_type = match field.data_type() {
        DataType::Struct(fields) => DataType::Struct(fields.iter().map(of).collect()),
        DataType::List(element) => DataType::List(of(element)),
        other => other.clone(),
    };
    Arc::new(Field::new(field.name(), data_type, true))
}
