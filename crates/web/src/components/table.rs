//! Tables: captioned, with headed columns; on a phone each row becomes a card.

use maud::{Markup, html};

/// How a column stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Align {
    /// Words.
    Start,
    /// Numbers.
    End,
}

/// A column.
#[derive(Clone, Debug)]
pub struct Column {
    title: String,
    align: Align,
}

impl Column {
    /// A column of words.
    pub fn words(title: impl Into<String>) -> Self {
        Self { title: title.into(), align: Align::Start }
    }

    /// A column of numbers.
    pub fn numbers(title: impl Into<String>) -> Self {
        Self { title: title.into(), align: Align::End }
    }
}

/// A table being built.
#[derive(Clone, Debug)]
pub struct Table {
    caption: String,
    columns: Vec<Column>,
    rows: Vec<Row>,
}

#[derive(Clone, Debug)]
struct Row {
    key: Option<String>,
    class: Option<&'static str>,
    cells: Vec<Markup>,
}

impl Table {
    /// A table with a caption and columns.
    pub fn new(caption: impl Into<String>, columns: Vec<Column>) -> Self {
        Self { caption: caption.into(), columns, rows: Vec::new() }
    }

    /// Adds a row; its first cell names it.
    pub fn row(&mut self, cells: Vec<Markup>) -> &mut Self {
        self.rows.push(Row { key: None, class: None, cells });
        self
    }

    /// Adds a row that stands out.
    pub fn marked_row(&mut self, class: Option<&'static str>, cells: Vec<Markup>) -> &mut Self {
        self.rows.push(Row { key: None, class, cells });
        self
    }

    /// Adds a row that live events can find by its key.
    pub fn keyed_row(&mut self, key: impl Into<String>, cells: Vec<Markup>) -> &mut Self {
        self.rows.push(Row { key: Some(key.into()), class: None, cells });
        self
    }

    /// True when it has no rows: show the empty state instead.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The table.
    pub fn render(&self) -> Markup {
        html! {
            div class="table-frame" role="region" aria-label=(self.caption) tabindex="0" {
                table {
                    caption { (self.caption) }
                    thead {
                        tr {
                            @for column in &self.columns {
                                th scope="col" class=[class(column)] { (column.title) }
                            }
                        }
                    }
                    tbody {
                        @for row in &self.rows { (self.render_row(row)) }
                    }
                }
            }
        }
    }

    fn render_row(&self, row: &Row) -> Markup {
        html! {
            tr data-key=[row.key.as_deref()] class=[row.class] {
                @for (index, (cell, column)) in row.cells.iter().zip(&self.columns).enumerate() {
                    @if index == 0 {
                        th scope="row" class=[class(column)] { (cell) }
                    } @else {
                        td data-label=(column.title) class=[class(column)] { (cell) }
                    }
                }
            }
        }
    }
}

fn class(column: &Column) -> Option<&'static str> {
    (column.align == Align::End).then_some("end")
}
