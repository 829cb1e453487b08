//! What a question may do: read. Everything else is refused with a word about why.

use datafusion::execution::context::SQLOptions;
use datafusion::logical_expr::LogicalPlan;
use datafusion::sql::parser::Statement;
use datafusion::sql::sqlparser::ast::Statement as Ast;
use operations::sql::{Trouble, TroubleKind};
use rulebook::Text;

/// Lets a statement pass that reads.
pub(crate) fn check(statement: &Statement) -> Result<(), Trouble> {
    match statement {
        Statement::Statement(ast) => check_ast(ast),
        Statement::Explain(explained) => check(&explained.statement),
        Statement::CopyTo(_) => Err(refused("COPY")),
        Statement::CreateExternalTable(_) => Err(refused("CREATE EXTERNAL TABLE")),
        Statement::Reset(_) => Err(refused("RESET")),
    }
}

/// The same for a statement of the standard grammar.
pub(crate) fn check_ast(ast: &Ast) -> Result<(), Trouble> {
    match ast {
        Ast::Query(_)
        | Ast::ShowTables { .. }
        | Ast::ShowColumns { .. }
        | Ast::ShowFunctions { .. }
        | Ast::ExplainTable { .. } => Ok(()),
        Ast::Explain { statement, .. } => check_ast(statement),
        other => {
            let text = other.to_string();
            let words: Vec<&str> = text.split_whitespace().take(2).collect();
            Err(refused(&words.join(" ")))
        }
    }
}

/// Lets a plan pass that reads, whatever its statement looked like.
pub(crate) fn check_plan(plan: &LogicalPlan) -> Result<(), Trouble> {
    let reading =
        SQLOptions::new().with_allow_ddl(false).with_allow_dml(false).with_allow_statements(false);
    reading.verify_plan(plan).map_err(|_| refused("this statement"))
}

fn refused(what: &str) -> Trouble {
    Trouble {
        kind: TroubleKind::Refused,
        what: Text::new(
            format!("只读:不接受 {what}"),
            format!("SQL here is read-only: {what} is refused"),
        ),
        cure: Text::fixed(
            "只可用 SELECT、WITH … SELECT、EXPLAIN、DESCRIBE 与 SHOW TABLES;数据的更改在各页面上办理",
            "ask with SELECT, WITH … SELECT, EXPLAIN, DESCRIBE or SHOW TABLES; what is to change \
             is changed on the pages",
        ),
        place: None,
    }
}
