//! `lucid sql`: a question over the store, read-only; also while the server runs.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::arguments::Common;
use crate::exit::Outcome;

/// The longest question may take so long, unless somebody says otherwise.
const SECONDS: u64 = 3_600;
/// Rows of an answer, unless somebody says otherwise.
const ROWS: usize = 10_000_000;

#[derive(Args, Debug)]
pub(crate) struct Sql {
    /// The question; from standard input when neither it nor --file is given
    pub(crate) query: Option<String>,
    /// Read the question from a file
    #[arg(short, long, value_name = "FILE", conflicts_with = "query")]
    pub(crate) file: Option<PathBuf>,
    /// The form of the answer; else by the ending of --output, else a table
    #[arg(long, value_enum)]
    pub(crate) format: Option<Form>,
    /// The file to write; standard output when left out
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// Stop after so long
    #[arg(long, value_name = "N", default_value_t = SECONDS)]
    pub(crate) seconds: u64,
    /// Refuse answers of more rows
    #[arg(long, value_name = "N", default_value_t = ROWS)]
    pub(crate) rows: usize,
}

/// The form of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Form {
    /// Columns for people.
    Table,
    /// Comma-separated, UTF-8.
    Csv,
    /// An array of objects; decimals are texts.
    Json,
    /// Apache Parquet.
    Parquet,
    /// The stream format of Apache Arrow.
    Arrow,
}

#[cfg(not(feature = "sql"))]
pub(crate) fn run(_: &Sql, _: &Common) -> Outcome {
    Err(crate::sql::absent("this build has no SQL"))
}

#[cfg(feature = "sql")]
pub(crate) fn run(asked: &Sql, common: &Common) -> Outcome {
    with_engine::run(asked, common)
}

#[cfg(feature = "sql")]
mod with_engine {
    use std::io::Read as _;

    use analytics::{Answer, SqlEngine};
    use operations::sql::{Limits, Trouble};
    use registry::Registry;
    use serde_json::{Map, Value};

    use super::{Form, Sql};
    use crate::arguments::Common;
    use crate::commands::backup::existing;
    use crate::commands::files::{self, Csv};
    use crate::configuration::Settings;
    use crate::exit::{Exit, Failure, Outcome};
    use crate::terminal::{note, say};
    use crate::{clock, opened, sql};

    pub(super) fn run(asked: &Sql, common: &Common) -> Outcome {
        let settings = Settings::load(&common.given())?;
        let question = question(asked)?;
        let form = form(asked, common)?;
        existing(&settings)?;
        let limits = Limits {
            seconds: asked.seconds,
            rows: asked.rows,
            at_once: 1,
            ..sql::limits(&settings)
        };
        let answer = opened::block_on(async {
            let store = opened::store(&settings).await?;
            let registry = Registry::open(&store).await.map_err(|error| {
                Failure::caused(error.code(), &error, "Load a city with `lucid init`.")
            })?;
            let engine = SqlEngine::new(store.clone(), registry, limits, clock::now);
            let engine = engine.map_err(|error| sql::no_threads(&error))?;
            let answer = engine.ask_at_the_console(&question).await;
            drop(engine);
            store.close().await;
            answer.map_err(|trouble| failed(&trouble))
        })??;
        write(&answer, form, asked)?;
        Ok(Exit::Ok)
    }

    fn question(asked: &Sql) -> Result<String, Failure> {
        let unreadable = |what: String| {
            Failure::of_use("sql.file", what, "Name a text file in UTF-8, or give the question.")
        };
        if let Some(query) = &asked.query {
            return Ok(query.clone());
        }
        if let Some(file) = &asked.file {
            return std::fs::read_to_string(file)
                .map_err(|error| unreadable(format!("cannot read {}: {error}", file.display())));
        }
        let mut text = String::new();
        std::io::stdin()
            .read_to_string(&mut text)
            .map_err(|error| unreadable(format!("cannot read standard input: {error}")))?;
        Ok(text)
    }

    fn form(asked: &Sql, common: &Common) -> Result<Form, Failure> {
        if let Some(form) = asked.format {
            return Ok(form);
        }
        if common.json {
            return Ok(Form::Json);
        }
        let Some(output) = &asked.output else { return Ok(Form::Table) };
        match output.extension().and_then(|ending| ending.to_str()) {
            Some("csv") => Ok(Form::Csv),
            Some("json") => Ok(Form::Json),
            Some("parquet") => Ok(Form::Parquet),
            Some("arrow" | "arrows") => Ok(Form::Arrow),
            _ => {
                let what = format!("the ending of {} names no form", output.display());
                let cure = "Use .csv, .json, .parquet or .arrow, or say --format.";
                Err(Failure::of_use("sql.format", what, cure))
            }
        }
    }

    fn failed(trouble: &Trouble) -> Failure {
        let place = trouble
            .place
            .map_or_else(String::new, |(line, column)| format!("line {line}, column {column}: "));
        let what = format!("{place}{}", trouble.what.en);
        Failure::of_use(trouble.kind.code(), what, trouble.cure.en.to_string())
    }

    fn write(answer: &Answer, form: Form, asked: &Sql) -> Result<(), Failure> {
        let output = asked.output.as_deref();
        let broken = |error| {
            let cure = "Ask for fewer or simpler columns, or for another --format.";
            Failure::caused("sql.write", &error, cure)
        };
        match form {
            Form::Table if output.is_none() => {
                say!("{}", answer.pretty().map_err(broken)?);
                let seconds = answer.took.as_secs_f64();
                note!("{} rows, {seconds:.3} s; times are Beijing time", answer.rows);
                Ok(())
            }
            Form::Table => {
                files::write(output, format!("{}\n", answer.pretty().map_err(broken)?).as_bytes())
            }
            Form::Csv => {
                let columns = answer.columns();
                let heads: Vec<&str> = columns.iter().map(|column| column.0.as_str()).collect();
                let mut table = Csv::new(&heads);
                for row in answer.texts().map_err(broken)? {
                    let cells: Vec<String> =
                        row.into_iter().map(Option::unwrap_or_default).collect();
                    table.row(&cells);
                }
                files::write(output, &table.into_bytes())
            }
            Form::Json => {
                let rows = json(answer).map_err(broken)?;
                files::write(output, format!("{rows}\n").as_bytes())
            }
            Form::Parquet => files::write(output, &answer.parquet().map_err(broken)?),
            Form::Arrow => files::write(output, &answer.arrow().map_err(broken)?),
        }
    }

    /// The rows as objects: whole numbers and truths as JSON has them, all else as texts.
    fn json(answer: &Answer) -> analytics::Result<Value> {
        let columns = answer.columns();
        let value = |kind: &str, text: Option<String>| match text {
            None => Value::Null,
            Some(text) if matches!(kind, "bigint" | "boolean" | "double precision") => {
                serde_json::from_str(&text).unwrap_or(Value::String(text))
            }
            Some(text) => Value::String(text),
        };
        let object = |row: Vec<Option<String>>| {
            let cells = columns.iter().zip(row);
            let named = cells.map(|((name, kind, _), text)| (name.clone(), value(kind, text)));
            Value::Object(named.collect::<Map<_, _>>())
        };
        Ok(answer.texts()?.into_iter().map(object).collect())
    }
}
