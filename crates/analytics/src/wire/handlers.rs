//! Questions of a connection, in the simple and the extended form of the protocol.

use super::errors::{fatal, told};
use super::{Connection, Session, encode};
use crate::engine::Most;
use crate::{engine, guard, trouble};
use async_trait::async_trait;
use datafusion::arrow::datatypes::DataType;
use datafusion::common::ParamValues;
use datafusion::logical_expr::LogicalPlan;
use datafusion::sql::parser::Statement;
use datafusion::sql::sqlparser::ast::{Set, Statement as Ast};
use datafusion_postgres::arrow_pg::datatypes::df::deserialize_parameters_with_server_types;
use datafusion_postgres::datafusion_pg_catalog::sql::PostgresCompatibilityParser;
use datafusion_postgres::pgwire::api::portal::{Format, Portal};
use datafusion_postgres::pgwire::api::query::{ExtendedQueryHandler, SimpleQueryHandler};
use datafusion_postgres::pgwire::api::results::{FieldInfo, Response, Tag};
use datafusion_postgres::pgwire::api::stmt::QueryParser;
use datafusion_postgres::pgwire::api::store::PortalStore;
use datafusion_postgres::pgwire::api::{ClientInfo, ClientPortalStore, Type};
use datafusion_postgres::pgwire::error::{PgWireError, PgWireResult};
use datafusion_postgres::pgwire::messages::PgWireBackendMessage;
use datafusion_postgres::pgwire::types::format::FormatOptions;
use datafusion_postgres::{DfSessionService, Parser};
use futures_util::Sink;
use operations::sql::{Trouble as Unanswered, TroubleKind};
use std::fmt::Debug;
use std::sync::Arc;

/// A statement as the connection keeps it between its steps.
type Kept = <DfSessionService as ExtendedQueryHandler>::Statement;

/// Answers the questions of a connection.
pub(super) struct Asking(pub(super) Connection);

/// What a statement is to us.
enum Sort {
    /// What clients say about themselves.
    Manners,
    /// What clients say when they hand a connection on.
    Farewell,
    /// A question.
    Question,
}

fn sort(statement: &Ast, text: &str) -> PgWireResult<Sort> {
    match statement {
        Ast::Set(set) if !is_about_the_engine(set) => Ok(Sort::Manners),
        Ast::ShowVariable { .. }
        | Ast::StartTransaction { .. }
        | Ast::Commit { .. }
        | Ast::Rollback { .. } => Ok(Sort::Manners),
        Ast::Discard { .. } | Ast::Deallocate { .. } => Ok(Sort::Farewell),
        other => {
            guard::check_ast(other).map_err(|trouble| told(&trouble, text))?;
            Ok(Sort::Question)
        }
    }
}

/// Whether a setting is one of the engine: its limits are not for clients to change.
fn is_about_the_engine(set: &Set) -> bool {
    set.to_string().to_lowercase().contains("datafusion.")
}

impl Connection {
    fn session(&self) -> PgWireResult<&Session> {
        self.session.get().ok_or_else(|| {
            fatal("08P01", "nobody has said who they are", "begin with the password")
        })
    }

    /// The statements of a text.
    async fn statements(&self, text: &str) -> PgWireResult<Vec<Ast>> {
        let (asked, limits) = (text.to_owned(), self.engine.limits());
        let read = async move {
            guard::measure(&asked)?;
            PostgresCompatibilityParser::new().parse(&asked).map_err(|error| {
                let error = datafusion::error::DataFusionError::SQL(Box::new(error), None);
                trouble::told(&error, limits)
            })
        };
        self.engine.apart(read).await.map_err(|trouble| told(&trouble, text))
    }

    /// Trouble with its place: the parser that knows the ways of PostgreSQL's clients forgets where
    /// words stood, the plain one tells.
    async fn placed(&self, session: &Session, trouble: Unanswered, text: &str) -> PgWireError {
        if trouble.kind != TroubleKind::Wrong || trouble.place.is_some() {
            return told(&trouble, text);
        }
        let (context, limits) = (Arc::clone(&session.context), self.engine.limits());
        let asked = text.to_owned();
        let plain = async move { engine::plan(&context, &asked, limits).await };
        match self.engine.apart(plain).await {
            Err(plain) if plain.kind == TroubleKind::Wrong && plain.place.is_some() => {
                told(&plain, text)
            }
            _ => told(&trouble, text),
        }
    }

    /// Answers a question of which the plan is made by `planned`.
    async fn answer(
        &self,
        planned: impl Future<Output = Result<LogicalPlan, Unanswered>> + Send + 'static,
        text: &str,
        format: &Format,
        options: FormatOptions,
    ) -> PgWireResult<Response> {
        let session = self.session()?;
        let most = Most::All(self.engine.limits().rows);
        let (context, actor) = (&session.context, &session.actor);
        let answer = self.engine.answered(context, planned, text, actor, "postgres", most).await;
        let answer = match answer {
            Ok(answer) => answer,
            Err(trouble) => return Err(self.placed(session, trouble, text).await),
        };
        Ok(Response::Query(encode::rows(answer, format, options)?))
    }
}

#[async_trait]
impl SimpleQueryHandler for Asking {
    async fn do_query<C>(&self, client: &mut C, text: &str) -> PgWireResult<Vec<Response>>
    where
        C: ClientInfo + ClientPortalStore + Sink<PgWireBackendMessage> + Unpin + Send + Sync,
        C::PortalStore: PortalStore,
        C::Error: Debug,
        PgWireError: From<<C as Sink<PgWireBackendMessage>>::Error>,
    {
        let statements = self.0.statements(text).await?;
        if statements.is_empty() {
            return Ok(vec![Response::EmptyQuery]);
        }
        let mut answers = Vec::with_capacity(statements.len());
        for statement in statements {
            let session = self.0.session()?;
            match sort(&statement, text)? {
                Sort::Farewell => answers.push(farewell(&statement)),
                Sort::Manners => {
                    let said = statement.to_string();
                    let manners = &session.manners;
                    answers.extend(SimpleQueryHandler::do_query(manners, client, &said).await?);
                }
                Sort::Question => {
                    let options = FormatOptions::from_client_metadata(client.metadata());
                    let (context, limits) = (Arc::clone(&session.context), self.0.engine.limits());
                    let planned = async move {
                        let statement = Statement::Statement(Box::new(statement));
                        let planned = context.state().statement_to_plan(statement).await;
                        planned.map_err(|error| trouble::told(&error, limits))
                    };
                    let format = Format::UnifiedText;
                    let asked = Box::pin(self.0.answer(planned, text, &format, options));
                    answers.push(asked.await?);
                }
            }
        }
        Ok(answers)
    }
}

fn farewell(statement: &Ast) -> Response {
    let text = statement.to_string();
    let words: Vec<&str> = text.split_whitespace().take(2).collect();
    Response::Execution(Tag::new(&words.join(" ")))
}

/// Reads statements of the extended form.
pub(super) struct Reading {
    connection: Connection,
}

#[async_trait]
impl QueryParser for Reading {
    type Statement = Kept;

    async fn parse_sql<C>(
        &self,
        client: &C,
        text: &str,
        types: &[Option<Type>],
    ) -> PgWireResult<Option<Kept>>
    where
        C: ClientInfo + Unpin + Send + Sync,
    {
        let mut statements = self.connection.statements(text).await?;
        if statements.len() > 1 {
            let cure = "send one statement at a time";
            return Err(fatal("42601", "several statements in one prepared statement", cure));
        }
        let Some(statement) = statements.pop() else { return Ok(None) };
        let session = self.connection.session()?;
        match sort(&statement, text)? {
            Sort::Manners => self.parser()?.parse_sql(client, text, types).await,
            Sort::Farewell => {
                let nothing = LogicalPlan::default();
                Ok(Some((text.to_owned(), Some((statement, nothing)))))
            }
            Sort::Question => {
                let engine = &self.connection.engine;
                let (context, limits) = (Arc::clone(&session.context), engine.limits());
                let copy = Statement::Statement(Box::new(statement.clone()));
                let planned = async move {
                    let planned = context.state().statement_to_plan(copy).await;
                    planned.map_err(|error| trouble::told(&error, limits))
                };
                let plan = match engine.apart(planned).await {
                    Ok(plan) => plan,
                    Err(trouble) => {
                        return Err(self.connection.placed(session, trouble, text).await);
                    }
                };
                Ok(Some((text.to_owned(), Some((statement, plan)))))
            }
        }
    }

    fn get_parameter_types(&self, statement: &Kept) -> PgWireResult<Vec<Type>> {
        self.parser()?.get_parameter_types(statement)
    }

    fn get_result_schema(
        &self,
        statement: &Kept,
        format: Option<&Format>,
    ) -> PgWireResult<Vec<FieldInfo>> {
        self.parser()?.get_result_schema(statement, format)
    }
}

impl Reading {
    fn parser(&self) -> PgWireResult<Arc<Parser>> {
        Ok(ExtendedQueryHandler::query_parser(&self.connection.session()?.manners))
    }
}

#[async_trait]
impl ExtendedQueryHandler for Asking {
    type Statement = Kept;
    type QueryParser = Reading;

    fn query_parser(&self) -> Arc<Reading> {
        Arc::new(Reading { connection: self.0.clone() })
    }

    async fn do_query<C>(
        &self,
        client: &mut C,
        portal: &Portal<Kept>,
        most: usize,
    ) -> PgWireResult<Response>
    where
        C: ClientInfo + ClientPortalStore + Sink<PgWireBackendMessage> + Unpin + Send + Sync,
        C::PortalStore: PortalStore<Statement = Kept>,
        C::Error: Debug,
        PgWireError: From<<C as Sink<PgWireBackendMessage>>::Error>,
    {
        let (text, Some((statement, plan))) = &portal.statement.statement else {
            return Ok(Response::EmptyQuery);
        };
        let session = self.0.session()?;
        match sort(statement, text)? {
            Sort::Farewell => return Ok(farewell(statement)),
            Sort::Manners => {
                return ExtendedQueryHandler::do_query(&session.manners, client, portal, most)
                    .await;
            }
            Sort::Question => {}
        }
        let limits = self.0.engine.limits();
        let given = self.parameters(portal, plan).map_err(|error| match error {
            Trouble::Engine(error) => told(&trouble::told(&error, limits), text),
            Trouble::Wire(error) => error,
        })?;
        let filled = plan.clone().replace_params_with_values(&given);
        let planned = async move { filled.map_err(|error| trouble::told(&error, limits)) };
        let options = FormatOptions::from_client_metadata(client.metadata());
        self.0.answer(planned, text, &portal.result_column_format, options).await
    }
}

/// What can go wrong with parameters.
enum Trouble {
    Engine(datafusion::error::DataFusionError),
    Wire(PgWireError),
}

impl Asking {
    /// The parameters of a portal, of the types that the plan wants.
    fn parameters(
        &self,
        portal: &Portal<Kept>,
        plan: &LogicalPlan,
    ) -> Result<ParamValues, Trouble> {
        let mut wanted: Vec<(u32, Option<DataType>)> = plan
            .get_parameter_types()
            .map_err(Trouble::Engine)?
            .into_iter()
            .map(|(name, kind)| (name.trim_start_matches('$').parse().unwrap_or(u32::MAX), kind))
            .collect();
        wanted.sort_by_key(|(number, _)| *number);
        let wanted: Vec<Option<&DataType>> = wanted.iter().map(|(_, kind)| kind.as_ref()).collect();
        let reading = ExtendedQueryHandler::query_parser(self);
        let wire = reading.get_parameter_types(&portal.statement.statement);
        let wire = wire.map_err(Trouble::Wire)?;
        let wire: Vec<Option<&Type>> = wire.iter().map(Some).collect();
        deserialize_parameters_with_server_types(portal, &wanted, &wire).map_err(Trouble::Wire)
    }
}
