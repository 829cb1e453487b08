//! What can go wrong with a case, and how to mend it.

use authority::{AuthorityError, Denial};
use caseflow::Refusal;
use jiff::Timestamp;
use rulebook::{Text, beijing_offset};

/// A failure of the engine, or its refusal.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CaseError {
    /// The store failed.
    #[error("cases cannot be read or written")]
    Store(#[from] ::store::StoreError),
    /// The database refused.
    #[error("cases cannot be read or written")]
    Database(#[from] sqlx::Error),
    /// People cannot be looked up, or the audit record was not written.
    #[error("people cannot be looked up or the audit record was not written")]
    Authority(#[from] AuthorityError),
    /// The file is not kept.
    #[error("{0}")]
    Evidence(#[from] evidence::EvidenceError),
    /// The message is not queued.
    #[error("the message cannot be queued")]
    Delivery(#[from] delivery::DeliveryError),
    /// The group in which the change stood failed; nothing of it is stored.
    #[error("the commit failed and nothing was stored; try again: {0}")]
    NotStored(#[source] Box<CaseError>),
    /// Another program changed the same at the same moment.
    #[error("another program changed the same at the same moment; try again")]
    Contended,
    /// The engine has stopped.
    #[error("the engine has stopped; nothing was stored")]
    Stopped,
    /// The system gives no random bytes.
    #[error("the system gives no random bytes: {0}")]
    Random(String),
    /// The key of sealed identities cannot be read or made.
    #[error("the key file {file} cannot be used: {why}; restore it from the backup of the folder")]
    Key {
        /// The file.
        file: String,
        /// Why.
        why: String,
    },
    /// What is sealed does not open with the key.
    #[error("{what} was sealed with another key; restore the key file from its backup")]
    Sealed {
        /// What.
        what: String,
    },
    /// What is stored makes no sense.
    #[error("the store holds what this program does not know: {0}")]
    Stored(String),
    /// Declarations of kinds that cannot be used, one problem a line.
    #[error("{} problems in the declarations of case kinds:\n{}", .0.len(), .0.join("\n"))]
    Kinds(Vec<String>),
    /// There is no such kind.
    #[error("there is no kind of case {0:?}")]
    UnknownKind(String),
    /// There is no such case, or not for them: which of both is not told.
    #[error("there is no such case")]
    Unknown,
    /// The number and the code do not belong together.
    #[error("the number and the code do not belong together")]
    WrongCode,
    /// They may not.
    #[error("{}", .0.texts().1)]
    Denied(Denial),
    /// The kind's rules do not let them: why, and what to do.
    #[error("{} {}", .0.what.en, .0.cure.en)]
    Refused(Box<Refusal>),
    /// Somebody else was faster.
    #[error("{}", .0.text().en)]
    Conflict(Box<Conflict>),
    /// What was given makes no sense: why.
    #[error("{}", .0.en)]
    Input(Text),
}

/// Somebody else was faster: who did what when (办理冲突).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conflict {
    /// The case.
    pub number: String,
    /// The version that the case has now.
    pub version: i64,
    /// Who did the last thing; empty where it is not told.
    pub who: String,
    /// What they did.
    pub what: Text,
    /// When.
    pub at: Timestamp,
}

impl Conflict {
    /// The message.
    pub fn text(&self) -> Text {
        let at = beijing_offset().to_datetime(self.at).strftime("%Y-%m-%d %H:%M:%S");
        let (number, who) = (&self.number, &self.who);
        let (who_zh, who_en) = if who.is_empty() {
            ("其他人", "somebody else")
        } else {
            (who.as_str(), who.as_str())
        };
        Text::new(
            format!(
                "{who_zh} 已于 {at} 先对 {number} 做了“{}”,您的操作没有保存;请查看最新情况后再决定",
                self.what.zh
            ),
            format!(
                "{who_en} did \"{}\" to {number} at {at}, before you: nothing of yours was stored; \
                 look at the case again and decide",
                self.what.en
            ),
        )
    }
}

impl CaseError {
    pub(crate) fn input(zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self::Input(Text::new(zh.into(), en.into()))
    }

    /// Whether the disk of the platform is full: nothing was stored, and it may be sent again.
    pub fn says_full(&self) -> bool {
        ::store::says_full(self)
    }

    /// What to tell whoever asked, in Chinese and English; `None` when the failure is none of
    /// theirs.
    pub fn texts(&self) -> Option<(String, String)> {
        if self.says_full() {
            return None;
        }
        let of = |text: &Text| (text.zh.to_string(), text.en.to_string());
        Some(match self {
            Self::Unknown => ("没有这个事项,或您无权查看".into(), self.to_string()),
            Self::UnknownKind(kind) => (format!("没有事项类型 {kind}"), self.to_string()),
            Self::WrongCode => ("编号与查询码不符,请核对后再试".into(), self.to_string()),
            Self::Denied(why) => {
                let (zh, en) = why.texts();
                (zh.into(), en.into())
            }
            Self::Refused(refusal) => (
                format!("{} {}", refusal.what.zh, refusal.cure.zh),
                format!("{} {}", refusal.what.en, refusal.cure.en),
            ),
            Self::Conflict(conflict) => of(&conflict.text()),
            Self::Input(text) => of(text),
            Self::NotStored(_) | Self::Contended => {
                ("提交失败,没有保存任何内容,请再试一次".into(), self.to_string())
            }
            Self::Stopped => ("服务正在停止,没有保存任何内容".into(), self.to_string()),
            _ => return None,
        })
    }

    /// A stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Store(_) | Self::Database(_) => "cases.store",
            Self::Authority(_) => "cases.authority",
            Self::Evidence(_) => "cases.evidence",
            Self::Delivery(_) => "cases.delivery",
            Self::NotStored(_) => "cases.not_stored",
            Self::Contended => "cases.contended",
            Self::Stopped => "cases.stopped",
            Self::Random(_) => "cases.random",
            Self::Key { .. } => "cases.key",
            Self::Sealed { .. } => "cases.sealed",
            Self::Stored(_) => "cases.stored",
            Self::Kinds(_) => "cases.kinds",
            Self::UnknownKind(_) => "cases.unknown_kind",
            Self::Unknown => "cases.unknown",
            Self::WrongCode => "cases.wrong_code",
            Self::Denied(why) => why.code(),
            Self::Refused(refusal) => refusal.code,
            Self::Conflict(_) => "cases.conflict",
            Self::Input(_) => "cases.input",
        }
    }
}
