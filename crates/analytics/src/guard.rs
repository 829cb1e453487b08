//! What a question may do: read. Everything else is refused with a word about why.

use datafusion::execution::context::SQLOptions;
use datafusion::logical_expr::LogicalPlan;
use datafusion::sql::parser::Statement;
use datafusion::sql::sqlparser::ast::Statement as Ast;
use datafusion::sql::sqlparser::dialect::PostgreSqlDialect;
use datafusion::sql::sqlparser::keywords::Keyword;
use datafusion::sql::sqlparser::tokenizer::{Token, Tokenizer};
use operations::sql::{Trouble, TroubleKind};
use rulebook::Text;

/// Operators in one question. They nest as deep as there are of them, and whoever walks over them
/// goes as deep.
const OPERATORS_MAX: usize = 400;
/// The longest question in bytes, whichever way it comes.
const BYTES_MAX: usize = 100_000;

/// Lets a text pass that is no longer and no deeper than what the engine can walk over.
pub(crate) fn measure(text: &str) -> Result<(), Trouble> {
    if text.len() > BYTES_MAX {
        return Err(too_large(
            format!("查询语句超过 {BYTES_MAX} 字节"),
            format!("the question has more than {BYTES_MAX} bytes"),
        ));
    }
    // What cannot be cut into words is for the parser to complain about.
    let words = Tokenizer::new(&PostgreSqlDialect {}, text).tokenize().unwrap_or_default();
    let operators = words.iter().filter(|word| is_operator(word)).count();
    if operators <= OPERATORS_MAX {
        return Ok(());
    }
    Err(too_large(
        format!("查询语句有 {operators} 个运算符,最多 {OPERATORS_MAX} 个"),
        format!("the question has {operators} operators, and {OPERATORS_MAX} are the most"),
    ))
}

fn is_operator(word: &Token) -> bool {
    match word {
        Token::Word(word) => matches!(
            word.keyword,
            Keyword::AND
                | Keyword::OR
                | Keyword::NOT
                | Keyword::UNION
                | Keyword::EXCEPT
                | Keyword::INTERSECT
                | Keyword::JOIN
                | Keyword::CASE
                | Keyword::IS
                | Keyword::LIKE
                | Keyword::BETWEEN
        ),
        Token::Plus
        | Token::Minus
        | Token::Mul
        | Token::Div
        | Token::Mod
        | Token::StringConcat
        | Token::Eq
        | Token::Neq
        | Token::Lt
        | Token::Gt
        | Token::LtEq
        | Token::GtEq
        | Token::DoubleColon
        | Token::LParen
        | Token::LBracket
        | Token::Arrow
        | Token::LongArrow
        | Token::Ampersand
        | Token::Pipe
        | Token::Caret
        | Token::Tilde => true,
        _ => false,
    }
}

fn too_large(zh: String, en: String) -> Trouble {
    Trouble {
        kind: TroubleKind::TooMuch,
        what: Text::new(zh, en),
        cure: Text::fixed(
            "多个取值请用 IN (…) 或 VALUES 表,其余请拆成几个查询",
            "put many values into IN (…) or a list of VALUES, and the rest into several questions",
        ),
        place: None,
    }
}

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
