//! The keys by which devices encrypt what they send (设备密钥, HJ 212-2025): one for each device,
//! two while a new one is handed over, sealed at rest and never shown again.
//!
//! A device with a key has to use it: its plain data are refused, in whatever edition they come,
//! else whoever stands between could leave the cipher away.

mod seal;
mod store;

use ::hj212::cipher::{Key, Keys, is_regular};
use ::store::{Store, StoreError, Transaction};
use jiff::Timestamp;
use seal::Seal;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

/// Why a key is not kept.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KeyProblem {
    /// It is no key.
    #[error("a key is 16 letters, digits or signs, or 32 hexadecimal digits")]
    Form,
    /// Anybody could guess it.
    #[error("this key is one sign over and over or a plain sequence; draw one by lot")]
    Regular,
    /// There is no data folder in which the sealing key could stand.
    #[error("this receiver was started without a data folder: it keeps no keys")]
    NoFolder,
    /// There is nothing to change.
    #[error("no key is kept for the device {0}")]
    Unknown(String),
    /// The key file cannot be used.
    #[error("the key file {file} cannot be used: {why}; put it back from its backup")]
    File {
        /// The file.
        file: String,
        /// What is wrong with it.
        why: String,
    },
    /// A sealed key does not open.
    #[error("the key of the device {0} was sealed by another key file; put that file back")]
    Sealed(String),
    /// The store failed.
    #[error("keys cannot be read or written")]
    Store(#[from] StoreError),
}

impl KeyProblem {
    /// A stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Form => "device_key.form",
            Self::Regular => "device_key.regular",
            Self::NoFolder => "device_key.no_folder",
            Self::Unknown(_) => "device_key.unknown",
            Self::File { .. } => "device_key.file",
            Self::Sealed(_) => "device_key.sealed",
            Self::Store(_) => "device_key.store",
        }
    }

    /// The same in Chinese; `None` when the failure is none of the asker's.
    pub fn zh(&self) -> Option<String> {
        Some(match self {
            Self::Form => "密钥应为 16 个字母、数字或符号，或 32 位十六进制数字".to_owned(),
            Self::Regular => "密钥为重复字符或连续序列，容易被猜中，请随机生成".to_owned(),
            Self::NoFolder => "本接收服务未指定数据目录，不能保存密钥".to_owned(),
            Self::Unknown(mn) => format!("设备 {mn} 没有登记密钥"),
            Self::File { .. } | Self::Sealed(_) | Self::Store(_) => return None,
        })
    }
}

/// What may be shown of a device's key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyStanding {
    /// Who set it.
    pub set_by: String,
    /// When.
    pub set_at: Timestamp,
    /// Whether a new key was sent to the device (1014) and it has not used it yet.
    pub is_changing: bool,
}

struct Held {
    key: Key,
    pending: Option<Key>,
    /// Whether the device has said that it took the new key: from then on it is spoken to by it.
    /// The old one goes when a packet proves the new one: that a device says so proves nothing.
    is_taken: bool,
    standing: KeyStanding,
}

/// The keys of all devices. Cheap to clone; all clones see the same.
#[derive(Clone)]
pub struct DeviceKeys(Arc<Inner>);

struct Inner {
    store: Store,
    seal: Option<Seal>,
    /// Where the key file has to be copied to as soon as there are keys.
    awaits: Option<PathBuf>,
    held: RwLock<HashMap<String, Held>>,
    mark: RwLock<Option<(i64, i64)>>,
}

impl std::fmt::Debug for DeviceKeys {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("DeviceKeys(..)")
    }
}

/// How a sealed key in the parameters of a command begins.
const SEALED: &str = "sealed:";

/// Draws a key by lot, of letters and digits as command 1014 carries them.
pub(crate) fn draw_key() -> Result<String, KeyProblem> {
    const SIGNS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    let mut key = String::with_capacity(16);
    let mut bytes = [0; 64];
    while key.len() < 16 {
        let drawn = getrandom::fill(&mut bytes);
        drawn.map_err(|error| KeyProblem::File {
            file: "getrandom".into(),
            why: error.to_string(),
        })?;
        // What lies above the last whole round of signs would favour the first ones.
        let fair = bytes.iter().filter(|byte| **byte < 248);
        key.extend(fair.map(|byte| char::from(SIGNS[usize::from(byte % 62)])).take(16 - key.len()));
    }
    Ok(key)
}

/// Reads a key as somebody has typed it: sixteen signs, or thirty-two hexadecimal digits.
///
/// # Errors
/// When it is neither, or anybody could guess it.
pub fn read_key(text: &str) -> Result<Key, KeyProblem> {
    let text = text.trim();
    let key: Key = match text.len() {
        16 if text.bytes().all(|byte| byte.is_ascii_graphic()) => {
            text.as_bytes().try_into().map_err(|_| KeyProblem::Form)?
        }
        32 if text.bytes().all(|byte| byte.is_ascii_hexdigit()) => {
            let number = u128::from_str_radix(text, 16).map_err(|_| KeyProblem::Form)?;
            number.to_be_bytes()
        }
        _ => return Err(KeyProblem::Form),
    };
    if is_regular(&key) { Err(KeyProblem::Regular) } else { Ok(key) }
}

impl DeviceKeys {
    /// Opens the keys of a store; without a folder there are none and none can be set.
    ///
    /// # Errors
    /// When the key file is missing though keys were sealed by it, or is not that file.
    pub async fn open(store: &Store, folder: Option<&Path>) -> Result<Self, KeyProblem> {
        let is_fresh = store::mark(store).await?.0 == 0;
        let seal = folder.map(|folder| Seal::open(folder, is_fresh)).transpose()?;
        Self::of(store, seal, None).await
    }

    /// Opens the keys of a store by a copy of the server's key file; without it there must be no
    /// keys, and none can be set.
    ///
    /// # Errors
    /// When the copy is missing though keys were sealed, or is no copy of that file.
    pub async fn open_by_copy(store: &Store, folder: &Path) -> Result<Self, KeyProblem> {
        let file = folder.join(seal::FILE);
        if file.exists() {
            return Self::open(store, Some(folder)).await;
        }
        let this = Self::of(store, None, Some(file)).await?;
        this.follow().await?;
        Ok(this)
    }

    async fn of(
        store: &Store,
        seal: Option<Seal>,
        awaits: Option<PathBuf>,
    ) -> Result<Self, KeyProblem> {
        let this = Self(Arc::new(Inner {
            store: store.clone(),
            seal,
            awaits,
            held: RwLock::default(),
            mark: RwLock::default(),
        }));
        this.refresh().await?;
        Ok(this)
    }

    /// Opens every key of a store by the key file in `folder` and says how many there are. Changes
    /// nothing.
    ///
    /// # Errors
    /// When the key file is missing though keys were sealed by it, or a key does not open.
    pub async fn check(store: &Store, folder: &Path) -> Result<usize, KeyProblem> {
        let rows = store::all(store).await?;
        if rows.is_empty() {
            return Ok(0);
        }
        let seal = Seal::open(folder, false)?;
        for row in &rows {
            seal.reveal(&row.mn, &row.sealed)?;
            if let Some(pending) = row.pending.as_ref().filter(|sealed| !sealed.is_empty()) {
                seal.reveal(&row.mn, pending)?;
            }
        }
        Ok(rows.len())
    }

    /// Reads the keys anew where another program has changed them.
    ///
    /// # Errors
    /// As [`DeviceKeys::refresh`].
    pub(crate) async fn follow(&self) -> Result<(), KeyProblem> {
        if self.0.seal.is_none() && self.0.awaits.is_none() {
            return Ok(());
        }
        let mark = store::mark(&self.0.store).await?;
        if let Some(file) = self.0.awaits.as_ref().filter(|_| mark.0 > 0) {
            let why = "it is not there and devices have keys: copy it from the data folder of the \
                       server, and start this receiver again";
            return Err(KeyProblem::File { file: file.display().to_string(), why: why.to_owned() });
        }
        if *self.0.mark.read().unwrap_or_else(PoisonError::into_inner) == Some(mark) {
            return Ok(());
        }
        self.refresh().await
    }

    /// Reads the keys anew.
    ///
    /// # Errors
    /// When the store fails or a key does not open.
    pub async fn refresh(&self) -> Result<(), KeyProblem> {
        let Some(seal) = &self.0.seal else { return Ok(()) };
        let mark = store::mark(&self.0.store).await?;
        let mut held = HashMap::new();
        for row in store::all(&self.0.store).await? {
            let key = seal.reveal(&row.mn, &row.sealed)?;
            let pending = row.pending.filter(|sealed| !sealed.is_empty());
            let pending = pending.map(|sealed| seal.reveal(&row.mn, &sealed)).transpose()?;
            let standing = KeyStanding {
                set_by: row.set_by,
                set_at: row.set_at,
                is_changing: pending.is_some(),
            };
            held.insert(row.mn, Held { key, pending, is_taken: false, standing });
        }
        let mut shared = self.0.held.write().unwrap_or_else(PoisonError::into_inner);
        for (mn, one) in &mut held {
            let before = shared.get(mn).filter(|before| before.pending == one.pending);
            one.is_taken = before.is_some_and(|before| before.is_taken);
        }
        *shared = held;
        drop(shared);
        *self.0.mark.write().unwrap_or_else(PoisonError::into_inner) = Some(mark);
        Ok(())
    }

    /// What may be shown of a device's key; `None` where it has none.
    pub fn standing(&self, mn: &str) -> Option<KeyStanding> {
        let held = self.0.held.read().unwrap_or_else(PoisonError::into_inner);
        held.get(mn).map(|held| held.standing.clone())
    }

    /// Keeps a key, in place of any before. The caller has made sure that the person may, writes
    /// the audit record in the transaction, and calls [`DeviceKeys::refresh`] after the commit.
    ///
    /// # Errors
    /// When nothing can be sealed here or the store fails.
    pub async fn set(
        &self,
        transaction: &mut Transaction,
        mn: &str,
        key: &Key,
        by: &str,
        now: Timestamp,
    ) -> Result<(), KeyProblem> {
        let sealed = self.seal()?.close(mn, key)?;
        Ok(store::put(transaction, mn, sealed, by, now).await?)
    }

    /// Removes a key: the device speaks plainly again. As with [`DeviceKeys::set`].
    ///
    /// # Errors
    /// When there is none or the store fails.
    pub async fn remove(&self, transaction: &mut Transaction, mn: &str) -> Result<(), KeyProblem> {
        let is_removed = store::remove(transaction, mn).await?;
        if is_removed { Ok(()) } else { Err(KeyProblem::Unknown(mn.to_owned())) }
    }

    /// Whether a device has to encrypt.
    pub(crate) fn binds(&self, mn: &str) -> bool {
        self.0.held.read().unwrap_or_else(PoisonError::into_inner).contains_key(mn)
    }

    /// The key by which the device is spoken to.
    pub(crate) fn in_force(&self, mn: &str) -> Option<Key> {
        let held = self.0.held.read().unwrap_or_else(PoisonError::into_inner);
        held.get(mn).map(|held| held.pending.filter(|_| held.is_taken).unwrap_or(held.key))
    }

    /// The device says that it has taken the new key.
    pub(crate) fn taken(&self, mn: &str, key: &Key) {
        let mut held = self.0.held.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(held) = held.get_mut(mn).filter(|held| held.pending == Some(*key)) {
            held.is_taken = true;
        }
    }

    /// The keys as a decoder asks for them.
    pub(crate) fn for_decoder(&self) -> Keys {
        let keys = self.clone();
        Keys::new(move |mn| {
            let held = keys.0.held.read().unwrap_or_else(PoisonError::into_inner);
            let found = held.get(mn).map(|held| std::iter::once(held.key).chain(held.pending));
            found.map(Iterator::collect).unwrap_or_default()
        })
    }

    /// A new key is sent to a device (1014): from now on both are taken.
    pub(crate) async fn propose(&self, mn: &str, key: &Key, now: Timestamp) {
        let work = async {
            let sealed = self.seal()?.close(mn, key)?;
            let mut transaction = self.0.store.begin().await?;
            store::propose(&mut transaction, mn, sealed, now).await?;
            transaction.commit().await.map_err(StoreError::from)?;
            self.refresh().await
        };
        told(mn, work.await);
    }

    /// The device has proven the new key by a packet: the old one ends.
    pub(crate) async fn settle(&self, mn: &str, key: &Key, now: Timestamp) {
        let is_pending = {
            let held = self.0.held.read().unwrap_or_else(PoisonError::into_inner);
            held.get(mn).is_some_and(|held| held.pending == Some(*key))
        };
        if !is_pending {
            return;
        }
        let work = async {
            let sealed = self.seal()?.close(mn, key)?;
            let mut transaction = self.0.store.begin().await?;
            store::put(&mut transaction, mn, sealed, "HJ 212 1014", now).await?;
            transaction.commit().await.map_err(StoreError::from)?;
            self.refresh().await
        };
        told(mn, work.await);
    }

    /// A new key as a command that waits may keep it.
    pub(crate) fn sealed_text(&self, mn: &str, key: &Key) -> Result<String, KeyProblem> {
        let sealed = self.seal()?.close(mn, key)?;
        Ok(format!("{SEALED}{}", base16ct::lower::encode_string(&sealed)))
    }

    /// The key in such a text.
    pub(crate) fn opened_text(&self, mn: &str, text: &str) -> Result<Key, KeyProblem> {
        let broken = || KeyProblem::Sealed(mn.to_owned());
        let digits = text.strip_prefix(SEALED).ok_or_else(broken)?;
        let sealed = base16ct::mixed::decode_vec(digits).map_err(|_| broken())?;
        self.seal()?.reveal(mn, &sealed)
    }

    fn seal(&self) -> Result<&Seal, KeyProblem> {
        self.0.seal.as_ref().ok_or(KeyProblem::NoFolder)
    }
}

fn told(mn: &str, done: Result<(), KeyProblem>) {
    if let Err(problem) = done {
        tracing::error!(%mn, code = problem.code(), %problem, "a key was not changed");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_read_as_signs_or_as_digits() {
        let signs = read_key(" k7Qw2mZp9LxT4vBn ").expect("a key");
        assert_eq!(&signs, b"k7Qw2mZp9LxT4vBn");
        let digits = read_key("6b375177326D5a70394c785434764 26e".replace(' ', "").as_str());
        assert_eq!(digits.expect("a key"), signs);
        for (text, code) in [
            ("short", "device_key.form"),
            ("k7Qw2mZp9LxT4vB\u{4e2d}", "device_key.form"),
            ("0000000000000000", "device_key.regular"),
            ("00000000000000000000000000000000", "device_key.regular"),
        ] {
            let problem = read_key(text).expect_err(text);
            assert_eq!(problem.code(), code);
            assert!(problem.zh().is_some());
        }
    }

    #[test]
    fn drawn_keys_are_keys_and_differ() {
        let (one, other) = (draw_key().expect("drawn"), draw_key().expect("drawn"));
        assert!(read_key(&one).is_ok() && read_key(&other).is_ok());
        assert_ne!(one, other);
        assert!(one.bytes().all(|byte| byte.is_ascii_alphanumeric()));
    }

    #[tokio::test]
    async fn keys_are_kept_sealed_changed_and_removed() {
        testkit::on_both(crate::MIGRATIONS, |store| async move {
            let folder = tempfile::tempdir().expect("a temporary folder");
            let open = || DeviceKeys::open(&store, Some(folder.path()));
            let keys = open().await.expect("they open");
            let beside = open().await.expect("another program");
            let (first, second) = (*b"k7Qw2mZp9LxT4vBn", *b"another key 4711");
            let at = |second: i64| Timestamp::from_second(second).expect("a time");
            let mut transaction = store.begin().await.expect("a transaction");
            keys.set(&mut transaction, "A", &first, "Wang", at(1)).await.expect("set");
            transaction.commit().await.expect("committed");
            keys.refresh().await.expect("read");
            assert_eq!(keys.in_force("A"), Some(first));
            assert!(!beside.binds("A"));
            beside.follow().await.expect("read");
            assert!(beside.binds("A"), "the other program learns of it");
            keys.propose("A", &second, at(2)).await;
            assert_eq!(keys.for_decoder().of("A"), [first, second]);
            assert!(keys.standing("A").expect("a key").is_changing);
            keys.settle("A", &first, at(3)).await;
            assert_eq!(keys.in_force("A"), Some(first), "the old key proves nothing");
            keys.taken("A", &second);
            keys.refresh().await.expect("read");
            assert_eq!(keys.in_force("A"), Some(second), "it is spoken to by the new one");
            assert_eq!(keys.for_decoder().of("A"), [first, second], "and both are still taken");
            let text = keys.sealed_text("A", &second).expect("sealed");
            assert!(!text.contains("another"));
            assert_eq!(keys.opened_text("A", &text).expect("opened"), second);
            for wrong in ["another key 4711", "sealed:", "sealed:zz", &text[..40]] {
                assert!(keys.opened_text("A", wrong).is_err(), "{wrong}");
            }
            let again = open().await.expect("after a restart");
            again.settle("A", &second, at(4)).await;
            assert_eq!(again.for_decoder().of("A"), [second]);
            let mut transaction = store.begin().await.expect("a transaction");
            again.remove(&mut transaction, "A").await.expect("removed");
            let twice = again.remove(&mut transaction, "A").await;
            assert!(matches!(twice, Err(KeyProblem::Unknown(_))));
            transaction.commit().await.expect("committed");
            again.refresh().await.expect("read");
            assert!(!again.binds("A"));
            let without = DeviceKeys::open(&store, None).await.expect("none");
            let mut transaction = store.begin().await.expect("a transaction");
            let refused = without.set(&mut transaction, "A", &first, "Wang", at(5)).await;
            assert!(matches!(refused, Err(KeyProblem::NoFolder)));
        })
        .await;
    }
}
