//! Commands to devices (反控): asked for with a reason, agreed to by a second person where they
//! change what is measured, sent when the device is there, followed to their end.
//!
//! A command is a row before anything is sent. The session that holds the device's connection
//! takes it from there, so that a restart loses none and sends none twice.

mod gaps;
pub(crate) mod store;

pub use gaps::{GapRules, fill_gaps};

use crate::devices::Devices;
use crate::keys::{DeviceKeys, KeyProblem, draw_key, read_key};
use ::hj212::conversation::End;
use ::hj212::request::RequestProblem;
use ::hj212::{Edition, Request};
use ::store::{Store, StoreError};
use jiff::{SignedDuration, Timestamp};
use registry::Registry;

/// The parameter by which a new key is handed out.
const NEW_KEY: &str = "NewSK";

/// A command in the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CommandId(pub i64);

/// Who asks: a person, or the platform itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asker {
    /// The name shown.
    pub name: String,
    /// The number of the user, where it is one; a token may be nobody's own.
    pub user: Option<i64>,
    /// Whether the platform asks by itself: nobody else has to agree then.
    pub is_platform: bool,
}

impl Asker {
    /// The platform itself: a device has asked for the time, or a gap is to be filled.
    pub fn platform() -> Self {
        Self { name: "platform".to_owned(), user: None, is_platform: true }
    }
}

/// A command to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewCommand {
    /// To which device.
    pub mn: String,
    /// CN.
    pub cn: String,
    /// The parameters. `SystemTime=now` stands for the time at which it is sent.
    pub parameters: Vec<(String, String)>,
    /// Why, in words.
    pub reason: String,
    /// It is given up when the device does not come within so long.
    pub patience: SignedDuration,
}

/// How far a command has come (指令状态).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CommandState {
    /// A second person has to agree.
    Waiting,
    /// To be sent as soon as the device is there.
    Queued,
    /// Sent; the answer is awaited.
    Sent,
    /// The device has accepted it.
    Accepted,
    /// Done.
    Done,
    /// Refused by the device.
    Refused,
    /// Tried by the device, in vain.
    Failed,
    /// The device did not answer.
    NoAnswer,
    /// Accepted, and then silence; or the platform was restarted meanwhile.
    NoResult,
    /// Taken back, or not agreed to.
    Withdrawn,
    /// The device did not come in time.
    Expired,
}

impl CommandState {
    /// Every state, in the order of a command's life.
    pub const ALL: [Self; 11] = [
        Self::Waiting,
        Self::Queued,
        Self::Sent,
        Self::Accepted,
        Self::Done,
        Self::Refused,
        Self::Failed,
        Self::NoAnswer,
        Self::NoResult,
        Self::Withdrawn,
        Self::Expired,
    ];

    /// The word under which it is stored.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Queued => "queued",
            Self::Sent => "sent",
            Self::Accepted => "accepted",
            Self::Done => "done",
            Self::Refused => "refused",
            Self::Failed => "failed",
            Self::NoAnswer => "no_answer",
            Self::NoResult => "no_result",
            Self::Withdrawn => "withdrawn",
            Self::Expired => "expired",
        }
    }

    /// What it is called in Chinese and English.
    pub const fn names(self) -> (&'static str, &'static str) {
        match self {
            Self::Waiting => ("待第二人同意", "waits for a second person"),
            Self::Queued => ("待下发", "queued"),
            Self::Sent => ("已下发", "sent"),
            Self::Accepted => ("设备已接受", "accepted"),
            Self::Done => ("已完成", "done"),
            Self::Refused => ("设备拒绝", "refused"),
            Self::Failed => ("执行失败", "failed"),
            Self::NoAnswer => ("无应答", "no answer"),
            Self::NoResult => ("无结果", "no result"),
            Self::Withdrawn => ("已撤回", "withdrawn"),
            Self::Expired => ("已过期", "expired"),
        }
    }

    /// The state of a word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == word)
    }

    /// Whether nothing more will come of it.
    pub const fn is_final(self) -> bool {
        !matches!(self, Self::Waiting | Self::Queued | Self::Sent | Self::Accepted)
    }

    pub(crate) const fn of(end: End) -> Self {
        match end {
            End::Done => Self::Done,
            End::Refused(_) => Self::Refused,
            End::Failed(_) => Self::Failed,
            End::NoAnswer => Self::NoAnswer,
            End::NoResult => Self::NoResult,
        }
    }
}

/// A command as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceCommand {
    /// Its number.
    pub id: CommandId,
    /// To which device.
    pub mn: String,
    /// CN.
    pub cn: String,
    /// The edition in which it is spoken.
    pub edition: Edition,
    /// The parameters; passwords and keys are blank when it has ended.
    pub parameters: Vec<(String, String)>,
    /// Who asked.
    pub asked_by: Asker,
    /// Why.
    pub reason: String,
    /// When.
    pub asked_at: Timestamp,
    /// When it is given up.
    pub expires_at: Timestamp,
    /// Who agreed, where somebody had to.
    pub agreed_by: Option<String>,
    /// How far it has come.
    pub state: CommandState,
    /// QN, the number of the exchange.
    pub qn: Option<String>,
    /// When it was first sent.
    pub sent_at: Option<Timestamp>,
    /// How often.
    pub sent_times: i64,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// QnRtn or ExeRtn, where the device gave one.
    pub result: Option<u16>,
    /// How many packets brought what was asked for.
    pub contents: i64,
}

/// What a device answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommandAnswer {
    /// When.
    pub at: Timestamp,
    /// CN of the packet.
    pub cn: String,
    /// Its data area.
    pub content: String,
}

/// Which commands to list.
#[derive(Clone, Debug, Default)]
pub struct CommandFilter {
    /// To this device; empty: to all.
    pub mn: String,
    /// In this state.
    pub state: Option<CommandState>,
    /// Before this number.
    pub before: Option<i64>,
    /// At most so many.
    pub limit: u32,
}

/// Why a command is not taken.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CommandError {
    /// The store failed.
    #[error("commands cannot be read or written")]
    Store(#[from] StoreError),
    /// There is no such device.
    #[error("no device with the MN {0} is registered")]
    Device(String),
    /// The command or a parameter is wrong.
    #[error("{0}")]
    Request(#[from] RequestProblem),
    /// A key is none, or cannot be kept.
    #[error("{0}")]
    Key(#[from] KeyProblem),
    /// A new key would go to a device in the clear.
    #[error(
        "no key is kept for the device {0}: a new one (1014) would go to it unencrypted; \
             set its first key on its page"
    )]
    NoKey(String),
    /// No reason was given.
    #[error("say why the command is sent: it is kept with the command")]
    Reason,
    /// There is no such command, or it is past the point.
    #[error("the command {0} is not in a state in which this can be done")]
    State(i64),
    /// Who asked may not agree as well.
    #[error("a second person has to agree, not the one who asked")]
    SamePerson,
}

impl CommandError {
    /// A stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Store(_) => "command.store",
            Self::Device(_) => "command.device",
            Self::Request(problem) => problem.code(),
            Self::NoKey(_) => "command.no_key",
            Self::Key(problem) => problem.code(),
            Self::Reason => "command.reason",
            Self::State(_) => "command.state",
            Self::SamePerson => "command.same_person",
        }
    }

    /// The same in Chinese; `None` when the failure is none of the asker's.
    pub fn zh(&self) -> Option<String> {
        Some(match self {
            Self::Store(_) => return None,
            Self::Device(mn) => format!("没有登记 MN 为 {mn} 的设备"),
            Self::Request(problem) => problem.zh(),
            Self::Key(problem) => problem.zh()?,
            Self::NoKey(mn) => {
                format!(
                    "设备 {mn} 没有登记密钥,新密钥(1014)将以明文下发:请先在设备页面登记初始密钥"
                )
            }
            Self::Reason => "请写明下发原因:它与指令一同保存".to_owned(),
            Self::State(id) => format!("指令 {id} 当前状态不允许此操作"),
            Self::SamePerson => "须由申请人以外的第二人同意".to_owned(),
        })
    }
}

/// Takes commands and tells how they fare. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Commands {
    store: Store,
    registry: Registry,
    devices: Devices,
    keys: DeviceKeys,
}

impl Commands {
    pub(crate) fn new(
        store: &Store,
        registry: &Registry,
        devices: &Devices,
        keys: &DeviceKeys,
    ) -> Self {
        let (registry, devices, keys) = (registry.clone(), devices.clone(), keys.clone());
        Self { store: store.clone(), registry, devices, keys }
    }

    /// The keys by which devices encrypt.
    pub const fn keys(&self) -> &DeviceKeys {
        &self.keys
    }

    /// The edition in which a device is spoken to: the one of its last packet, else 2017.
    pub fn edition_of(&self, mn: &str) -> Edition {
        let heard = self.devices.state(mn).map(|state| state.edition).unwrap_or_default();
        [Edition::Hj2005, Edition::Hj2025]
            .into_iter()
            .find(|edition| edition.as_str() == heard)
            .unwrap_or(Edition::Hj2017)
    }

    /// Checks a command and keeps it; it is sent as soon as the device is there, or, where the
    /// table asks for a second person, when somebody else has agreed. The caller has made sure
    /// that the asker may, and writes the audit record in the transaction.
    ///
    /// # Errors
    /// When the device is unknown, the command or a parameter is wrong, no reason is given, or
    /// the store fails.
    pub async fn ask(
        &self,
        transaction: &mut ::store::Transaction,
        by: &Asker,
        new: &NewCommand,
        now: Timestamp,
    ) -> Result<(CommandId, CommandState), CommandError> {
        if self.registry.snapshot().device(&new.mn).is_none() {
            return Err(CommandError::Device(new.mn.clone()));
        }
        if new.reason.trim().is_empty() {
            return Err(CommandError::Reason);
        }
        if new.cn == "1014" && !self.keys.binds(&new.mn) {
            return Err(CommandError::NoKey(new.mn.clone()));
        }
        let edition = self.edition_of(&new.mn);
        let request = checked(&new.cn, edition, &new.parameters, now)?;
        // What the platform itself does needs nobody else: it gives the time, fills gaps, and
        // hands a new key to a device that has asked for one by its old key.
        let state = if request.askable().needs_second_person && !by.is_platform {
            CommandState::Waiting
        } else {
            CommandState::Queued
        };
        let kept = self.with_sealed_key(new)?;
        let id = store::insert(transaction, by, &kept, edition, state, now).await?;
        Ok((id, state))
    }

    /// The command with the key in it sealed, where it hands one out: it may wait for long.
    fn with_sealed_key(&self, new: &NewCommand) -> Result<NewCommand, CommandError> {
        let mut kept = new.clone();
        for (_, value) in kept.parameters.iter_mut().filter(|(name, _)| name == NEW_KEY) {
            *value = self.keys.sealed_text(&new.mn, &read_key(value)?)?;
        }
        Ok(kept)
    }

    /// Hands a new key to a device that has asked for one (1014), unless that is under way.
    ///
    /// # Errors
    /// As [`Commands::ask`].
    pub(crate) async fn renew_key(&self, mn: &str, now: Timestamp) -> Result<(), CommandError> {
        let latest = CommandFilter { mn: mn.to_owned(), limit: 50, ..CommandFilter::default() };
        let is_open = |one: &DeviceCommand| one.cn == "1014" && !one.state.is_final();
        if self.list(&latest).await?.iter().any(is_open) {
            return Ok(());
        }
        let new = NewCommand {
            mn: mn.to_owned(),
            cn: "1014".to_owned(),
            parameters: vec![
                ("SKCreateTime".to_owned(), beijing(now)),
                (NEW_KEY.to_owned(), draw_key()?),
            ],
            reason: "设备请求新密钥（1014） / the device asked for a new key (1014)".to_owned(),
            patience: SignedDuration::from_mins(10),
        };
        self.ask_by_itself(&new, now).await?;
        Ok(())
    }

    /// As [`Commands::ask`] by the platform itself, in a transaction of its own.
    ///
    /// # Errors
    /// As [`Commands::ask`].
    pub async fn ask_by_itself(
        &self,
        new: &NewCommand,
        now: Timestamp,
    ) -> Result<CommandId, CommandError> {
        let mut transaction = self.store.begin().await?;
        let (id, _) = self.ask(&mut transaction, &Asker::platform(), new, now).await?;
        transaction.commit().await.map_err(StoreError::from)?;
        self.devices.poke(&new.mn);
        Ok(id)
    }

    /// Tells the session of a device that a command waits; to be called after the commit.
    pub fn hurry(&self, mn: &str) {
        self.devices.poke(mn);
    }

    /// Initialises a device: clock, timeout and repeats, the intervals that are registered for it,
    /// real-time data and states on. What is not registered is left as the device has it.
    ///
    /// # Standard
    /// HJ 212-2017 6.7; the text of 2025 has not been seen, its commands are the same by number.
    ///
    /// # Errors
    /// As [`Commands::ask`].
    pub async fn initialise(
        &self,
        transaction: &mut ::store::Transaction,
        by: &Asker,
        mn: &str,
        reason: &str,
        now: Timestamp,
    ) -> Result<Vec<CommandId>, CommandError> {
        let snapshot = self.registry.snapshot();
        let device = snapshot.device(mn).ok_or_else(|| CommandError::Device(mn.to_owned()))?;
        let edition = self.edition_of(mn);
        let number = |value: u32| value.to_string();
        let mut steps = vec![
            ("1012", vec![("SystemTime", "now".to_owned())]),
            ("1000", vec![("OverTime", number(10)), ("ReCount", number(3))]),
        ];
        if let Some(seconds) = device.realtime_interval_s {
            steps.push(("1062", vec![("RtdInterval", number(seconds))]));
        }
        if let Some(minutes) = device.minute_interval_min {
            steps.push(("1064", vec![("MinInterval", number(minutes))]));
        }
        steps.extend([("2011", Vec::new()), ("2021", Vec::new())]);
        let mut asked = Vec::with_capacity(steps.len());
        for (cn, parameters) in steps {
            if !::hj212::request::askable(edition).any(|one| one.cn == cn) {
                continue;
            }
            let owned = parameters.into_iter().map(|(name, value)| (name.to_owned(), value));
            let new = NewCommand {
                mn: mn.to_owned(),
                cn: cn.to_owned(),
                parameters: owned.collect(),
                reason: reason.to_owned(),
                patience: SignedDuration::from_hours(1),
            };
            asked.push(self.ask(transaction, by, &new, now).await?.0);
        }
        Ok(asked)
    }

    /// Agrees to a command that waits for a second person.
    ///
    /// # Errors
    /// When it does not wait, the same person asked for it, or the store fails.
    pub async fn agree(
        &self,
        transaction: &mut ::store::Transaction,
        id: CommandId,
        by: &Asker,
        now: Timestamp,
    ) -> Result<(), CommandError> {
        let command = self.command(id).await?.ok_or(CommandError::State(id.0))?;
        if command.asked_by.user.is_none() || command.asked_by.user == by.user {
            return Err(CommandError::SamePerson);
        }
        if store::agree(transaction, id, by, now).await? { Ok(()) } else { Err(state(id)) }
    }

    /// Takes back a command that was not sent yet.
    ///
    /// # Errors
    /// When it was sent, or the store fails.
    pub async fn withdraw(
        &self,
        transaction: &mut ::store::Transaction,
        id: CommandId,
        now: Timestamp,
    ) -> Result<(), CommandError> {
        if store::withdraw(transaction, id, now).await? { Ok(()) } else { Err(state(id)) }
    }

    /// Commands, the newest first.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn list(&self, filter: &CommandFilter) -> Result<Vec<DeviceCommand>, CommandError> {
        Ok(store::list(&self.store, filter).await?)
    }

    /// A command.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn command(&self, id: CommandId) -> Result<Option<DeviceCommand>, CommandError> {
        Ok(store::one(&self.store, id).await?)
    }

    /// What the device answered to it, in order.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn answers(&self, id: CommandId) -> Result<Vec<CommandAnswer>, CommandError> {
        Ok(store::answers(&self.store, id).await?)
    }
}

const fn state(id: CommandId) -> CommandError {
    CommandError::State(id.0)
}

/// The parameters of a command with its passwords and keys blank.
pub(crate) fn covered(command: &DeviceCommand) -> Vec<(String, String)> {
    let known = ::hj212::request::askable(command.edition).find(|one| one.cn == command.cn);
    let is_secret = |name: &str| {
        let mut parameters = known.iter().flat_map(|one| &one.parameters);
        parameters.any(|(parameter, _)| parameter.is_secret && parameter.name == name)
    };
    let cover = |(name, value): &(String, String)| {
        (name.clone(), if is_secret(name) { "••••••".to_owned() } else { value.clone() })
    };
    command.parameters.iter().map(cover).collect()
}

/// The parameters of a command with the key in them opened: as they are sent.
pub(crate) fn opened(
    command: &DeviceCommand,
    keys: &DeviceKeys,
) -> Result<Vec<(String, String)>, KeyProblem> {
    let open = |(name, value): &(String, String)| {
        let value = if name == NEW_KEY {
            let key = keys.opened_text(&command.mn, value)?;
            String::from_utf8(key.to_vec()).map_err(|_| KeyProblem::Form)?
        } else {
            value.clone()
        };
        Ok((name.clone(), value))
    };
    command.parameters.iter().map(open).collect()
}

/// The request of a command, the time filled in where it stands for now.
pub(crate) fn checked(
    cn: &str,
    edition: Edition,
    parameters: &[(String, String)],
    now: Timestamp,
) -> Result<Request, RequestProblem> {
    let filled: Vec<_> = parameters
        .iter()
        .map(|(name, value)| {
            let is_now = name == "SystemTime" && value == "now";
            (name.clone(), if is_now { beijing(now) } else { value.clone() })
        })
        .collect();
    Request::new(cn, edition, &filled)
}

/// Fourteen digits of Beijing time.
pub(crate) fn beijing(at: Timestamp) -> String {
    rulebook::beijing_offset().to_datetime(at).strftime("%Y%m%d%H%M%S").to_string()
}
