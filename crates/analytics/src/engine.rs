//! Answers questions: one gate, one runtime of its own, a record of each question.

use crate::answer::Answer;
use crate::guard;
use crate::guide;
use crate::halt::{Halt, Halted, interruptible};
use crate::session;
use crate::sight::Sight;
use crate::tables::{Ground, TABLES};
use crate::trouble;
use authority::audit::{Actor, Record, record};
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::error::DataFusionError;
use datafusion::execution::context::SessionContext;
use datafusion::execution::memory_pool::MemoryConsumer;
use datafusion::logical_expr::LogicalPlan;
use datafusion::physical_plan::execute_stream;
use futures_util::StreamExt as _;
use jiff::Timestamp;
use operations::sql::{ColumnFile, Engine, Guide, Limits, Question, Shown, Trouble};
use registry::Registry;
use std::sync::Arc;
use std::time::{Duration, Instant};
use store::Store;
use tokio::runtime::Runtime;
use tokio::sync::Semaphore;
use web::Later;

/// Questions answered, by how it went.
const QUESTIONS: &str = "lucid_sql_questions_total";
/// How long questions took.
const SECONDS: &str = "lucid_sql_seconds";

/// What the engine's walks over a question may take of a thread's stack.
const STACK: usize = 64 << 20;
/// So long a question waits for its turn.
const TURN: Duration = Duration::from_secs(5);

/// Answers questions in SQL. Cheap to clone.
#[derive(Clone)]
pub struct SqlEngine {
    inner: Arc<Inner>,
}

struct Inner {
    store: Store,
    registry: Registry,
    limits: Limits,
    guide: Arc<Guide>,
    clock: fn() -> Timestamp,
    gate: Semaphore,
    /// Questions compute on threads of their own, so that devices and pages are answered meanwhile.
    runtime: Option<Runtime>,
}

impl Drop for Inner {
    fn drop(&mut self) {
        // A runtime may not be waited for where futures run.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

/// Ends a task when nobody waits for it any more.
struct Awaited<T>(tokio::task::JoinHandle<T>);

impl<T> Drop for Awaited<T> {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// A question at work. One that is given up (the client cancels it or is gone) has no answer, and
/// leaves a record nevertheless.
struct Begun {
    told: Option<(SqlEngine, String, Actor, &'static str)>,
    started: Instant,
}

/// How a question went that was given up.
const GIVEN_UP: &str = "sql.given_up";

impl Begun {
    fn new(engine: &SqlEngine, text: &str, actor: &Actor, way: &'static str) -> Self {
        let told = Some((engine.clone(), text.to_owned(), actor.clone(), way));
        Self { told, started: Instant::now() }
    }

    fn answered(mut self) {
        self.told = None;
    }
}

impl Drop for Begun {
    fn drop(&mut self) {
        let Some((engine, text, actor, way)) = self.told.take() else { return };
        metrics::counter!(QUESTIONS, "outcome" => GIVEN_UP).increment(1);
        let took = self.started.elapsed();
        let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
        runtime.spawn(async move {
            if let Err(trouble) = engine.remember(&text, &actor, way, GIVEN_UP, 0, took).await {
                let problem = trouble.what.en;
                tracing::error!(%problem, "a question that was given up left no record");
            }
        });
    }
}

/// How an answer is asked for.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Most {
    /// The first rows are enough.
    First(usize),
    /// All of it, or trouble.
    All(usize),
}

impl SqlEngine {
    /// An engine over a store.
    ///
    /// # Errors
    /// When the machine gives no threads.
    pub fn new(
        store: Store,
        registry: Registry,
        limits: Limits,
        clock: fn() -> Timestamp,
    ) -> std::io::Result<Self> {
        let threads = std::thread::available_parallelism().map_or(1, usize::from).div_ceil(2);
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(threads)
            .thread_name("sql")
            .thread_stack_size(STACK)
            .enable_all()
            .build()?;
        let inner = Inner {
            store,
            registry,
            limits,
            guide: Arc::new(guide::guide(limits)),
            clock,
            gate: Semaphore::new(limits.at_once),
            runtime: Some(runtime),
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// What a question may take.
    pub fn limits(&self) -> Limits {
        self.inner.limits
    }

    /// Asks as whoever may write into the data folder: sees everything, and leaves a record.
    ///
    /// # Errors
    /// Why there is no answer.
    pub async fn ask_at_the_console(&self, text: &str) -> Result<Answer, Trouble> {
        let actor = Actor::console();
        let context = self.session(Sight::EVERYTHING)?;
        let most = Most::All(self.inner.limits.rows);
        self.answer(&context, text.to_owned(), &actor, "command", most).await
    }

    /// The tables as somebody sees them.
    pub(crate) fn session(&self, sight: Sight) -> Result<SessionContext, Trouble> {
        let (store, snapshot) = (self.inner.store.clone(), self.inner.registry.snapshot());
        let ground = Ground { store, snapshot, sight };
        session::open(&ground, self.inner.limits)
            .map_err(|error| trouble::told(&error, self.inner.limits))
    }

    async fn asked(&self, question: Question, most: Most) -> Result<Answer, Trouble> {
        let context = self.session(Sight::of(&question.principal))?;
        self.answer(&context, question.text, &question.actor, question.way, most).await
    }

    /// Reads, checks and answers a question, and leaves a record of it.
    pub(crate) async fn answer(
        &self,
        context: &SessionContext,
        text: String,
        actor: &Actor,
        way: &'static str,
        most: Most,
    ) -> Result<Answer, Trouble> {
        let (reader, limits) = (context.clone(), self.inner.limits);
        let asked = text.clone();
        let planned = async move { plan(&reader, &asked, limits).await };
        self.answered(context, planned, &text, actor, way, most).await
    }

    /// Answers a question whose plan is made by `planned`.
    pub(crate) async fn answered(
        &self,
        context: &SessionContext,
        planned: impl Future<Output = Result<LogicalPlan, Trouble>> + Send + 'static,
        text: &str,
        actor: &Actor,
        way: &'static str,
        most: Most,
    ) -> Result<Answer, Trouble> {
        let started = Instant::now();
        let limits = self.inner.limits;
        let pass = tokio::time::timeout(TURN, self.inner.gate.acquire()).await;
        let Ok(Ok(_pass)) = pass else { return Err(trouble::busy(limits)) };
        let context = context.clone();
        let halt = Halt::default();
        let halted = halt.halted();
        let work = async move {
            let plan = planned.await?;
            guard::check_plan(&plan)?;
            let is_ours = reads_our_tables(&plan);
            let collected = collect(&context, plan, limits, most, &halted).await;
            Ok((is_ours, collected))
        };
        let begun = Begun::new(self, text, actor, way);
        let answer = self.apart(work).await;
        drop(halt);
        begun.answered();
        let (is_ours, answer) = match answer {
            Ok((is_ours, answer)) => (is_ours, answer),
            Err(trouble) => (true, Err(trouble)),
        };
        let took = started.elapsed();
        let outcome = answer.as_ref().map_or_else(|trouble| trouble.kind.code(), |_| "answered");
        metrics::counter!(QUESTIONS, "outcome" => outcome).increment(1);
        metrics::histogram!(SECONDS).record(took.as_secs_f64());
        if is_ours {
            let rows = answer.as_ref().map_or(0, |answer| answer.rows);
            self.remember(text, actor, way, outcome, rows, took).await?;
        }
        answer.map(|answer| Answer { took, ..answer })
    }

    /// Does something on the threads of questions, as long as a question may take.
    pub(crate) async fn apart<T: Send + 'static>(
        &self,
        work: impl Future<Output = Result<T, Trouble>> + Send + 'static,
    ) -> Result<T, Trouble> {
        let limits = self.inner.limits;
        let Some(runtime) = self.inner.runtime.as_ref() else { return Err(trouble::busy(limits)) };
        let mut task = Awaited(runtime.spawn(work));
        let patience = Duration::from_secs(limits.seconds);
        match tokio::time::timeout(patience, &mut task.0).await {
            Ok(Ok(done)) => done,
            Ok(Err(broken)) => Err(trouble::failed(&broken)),
            Err(_) => Err(trouble::too_long(limits)),
        }
    }

    /// Writes down who asked what, before the answer is given out.
    async fn remember(
        &self,
        text: &str,
        actor: &Actor,
        way: &'static str,
        outcome: &str,
        rows: usize,
        took: Duration,
    ) -> Result<(), Trouble> {
        let after = serde_json::json!({ "query": text, "by": way, "outcome": outcome,
            "rows": rows, "milliseconds": took.as_millis() as u64 });
        let kept = async {
            let mut transaction = self.inner.store.begin().await?;
            let asked = Record {
                at: (self.inner.clock)(),
                actor,
                action: "sql.query",
                subject: "sql".to_owned(),
                before: None,
                after: Some(after.to_string()),
            };
            record(&mut transaction, asked).await?;
            transaction.commit().await?;
            Ok::<_, authority::AuthorityError>(())
        };
        kept.await.map_err(|error| trouble::failed(&error))
    }
}

/// The plan of a question that may be asked.
pub(crate) async fn plan(
    context: &SessionContext,
    text: &str,
    limits: Limits,
) -> Result<LogicalPlan, Trouble> {
    guard::measure(text)?;
    let state = context.state();
    let dialect = datafusion::config::Dialect::PostgreSQL;
    let told = |error: DataFusionError| trouble::told(&error, limits);
    let statement = state.sql_to_statement(text, &dialect).map_err(told)?;
    guard::check(&statement)?;
    state.statement_to_plan(statement).await.map_err(told)
}

/// Whether a plan reads one of the tables, and not the catalogue alone.
fn reads_our_tables(plan: &LogicalPlan) -> bool {
    let mut found = false;
    let looked = plan.apply_with_subqueries(|node| {
        if let LogicalPlan::TableScan(scan) = node {
            let (schema, name) = (scan.table_name.schema(), scan.table_name.table());
            let is_catalogue = matches!(schema, Some("pg_catalog" | "information_schema"));
            found |= !is_catalogue && TABLES.iter().any(|table| table.name == name);
        }
        Ok(TreeNodeRecursion::Continue)
    });
    looked.is_err() || found
}

/// Runs a plan and gathers its rows within the limits.
async fn collect(
    context: &SessionContext,
    plan: LogicalPlan,
    limits: Limits,
    most: Most,
    halted: &Halted,
) -> Result<Answer, Trouble> {
    let told = |error: DataFusionError| trouble::told(&error, limits);
    let mut frame = context.execute_logical_plan(plan).await.map_err(told)?;
    let (Most::First(rows_max) | Most::All(rows_max)) = most;
    let is_plain_query = !matches!(
        frame.logical_plan(),
        LogicalPlan::Explain(_) | LogicalPlan::Analyze(_) | LogicalPlan::DescribeTable(_)
    );
    if is_plain_query {
        frame = frame.limit(0, Some(rows_max + 1)).map_err(told)?;
    }
    let schema = Arc::new(frame.schema().as_arrow().clone());
    let task = Arc::new(frame.task_ctx());
    let plan = frame.create_physical_plan().await.map_err(told)?;
    let plan = interruptible(plan, halted).map_err(told)?;
    let mut stream = execute_stream(plan, task).map_err(told)?;
    let pool = &context.runtime_env().memory_pool;
    let reservation = MemoryConsumer::new("answer").register(pool);
    let (mut batches, mut rows, mut is_cut) = (Vec::new(), 0, false);
    while let Some(batch) = stream.next().await {
        let batch = batch.map_err(told)?;
        reservation.try_grow(batch.get_array_memory_size()).map_err(told)?;
        let room = rows_max - rows;
        if batch.num_rows() > room {
            if let Most::All(_) = most {
                return Err(trouble::too_many(rows_max));
            }
            batches.push(batch.slice(0, room));
            rows = rows_max;
            is_cut = true;
            break;
        }
        rows += batch.num_rows();
        batches.push(batch);
    }
    Ok(Answer { schema, batches, rows, is_cut, took: Duration::ZERO })
}

impl Engine for SqlEngine {
    fn guide(&self) -> Arc<Guide> {
        Arc::clone(&self.inner.guide)
    }

    fn show(&self, question: Question, most: usize) -> Later<Result<Shown, Trouble>> {
        let engine = self.clone();
        Box::pin(async move {
            let answer = engine.asked(question, Most::First(most)).await?;
            Ok(Shown {
                columns: answer.columns(),
                rows: answer.texts().map_err(|error| trouble::failed(&error))?,
                is_cut: answer.is_cut,
                milliseconds: answer.took.as_millis(),
            })
        })
    }

    fn file(&self, question: Question, form: ColumnFile) -> Later<Result<Vec<u8>, Trouble>> {
        let engine = self.clone();
        Box::pin(async move {
            let most = Most::All(engine.inner.limits.rows);
            let answer = engine.asked(question, most).await?;
            let bytes = match form {
                ColumnFile::Parquet => answer.parquet(),
                ColumnFile::Arrow => answer.arrow(),
            };
            bytes.map_err(|error| trouble::told(&error, engine.inner.limits))
        })
    }
}
