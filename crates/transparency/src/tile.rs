//! The tree in tiles of 256 hashes, as C2SP tlog-tiles lays it out.

use crate::Hash;
use crate::tree::{Node, Nodes};
use std::collections::BTreeMap;
use std::fmt;

/// Hashes of a full tile, and entries of a full bundle.
pub const WIDTH: usize = 256;
/// A tile stands for eight levels of the tree.
const HEIGHT: u8 = 8;
/// Eight levels of tiles hold every tree whose size fits into sixty-four bits.
const LEVELS: u8 = 8;

/// The place of a tile (瓦片): level and number within it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TileId {
    /// 0 holds leaf hashes, each further level the roots of the full tiles below.
    pub level: u8,
    /// From 0.
    pub number: u64,
}

impl TileId {
    /// The tile from which the hash of a subtree is computed.
    pub const fn of(node: Node) -> Self {
        let below = node.level % HEIGHT;
        Self { level: node.level / HEIGHT, number: (node.index << below) / WIDTH as u64 }
    }

    /// How many hashes the tile holds in a tree of this size.
    pub fn width(self, size: u64) -> usize {
        let shift = u32::from(HEIGHT) * u32::from(self.level);
        let all = size.checked_shr(shift).unwrap_or(0);
        all.saturating_sub(self.number.saturating_mul(WIDTH as u64)).min(WIDTH as u64) as usize
    }
}

/// The hash over consecutive hashes of a tile; their number is a power of two.
fn folded(hashes: &[Hash]) -> Hash {
    let mut level = hashes.to_vec();
    while level.len() > 1 {
        level = level.chunks(2).map(|pair| Hash::of_children(pair[0], pair[1])).collect();
    }
    level[0]
}

/// Tiles that were read, as hashes.
#[derive(Clone, Debug, Default)]
pub struct Tiles(pub BTreeMap<TileId, Vec<Hash>>);

impl Nodes for Tiles {
    fn node(&self, node: Node) -> Option<Hash> {
        let tile = TileId::of(node);
        let below = node.level % HEIGHT;
        let first = ((node.index << below) - tile.number * WIDTH as u64) as usize;
        let hashes = self.0.get(&tile)?.get(first..first + (1 << below))?;
        Some(folded(hashes))
    }
}

/// A tree that grows by leaves and knows its rightmost tiles.
#[derive(Clone, Debug, Default)]
pub struct Growing {
    size: u64,
    edge: Tiles,
    changed: BTreeMap<TileId, Vec<Hash>>,
}

impl Growing {
    /// The partial tiles of a tree of this size: what must be read before it can grow.
    pub fn edge_of(size: u64) -> Vec<TileId> {
        (0..LEVELS)
            .map(|level| TileId {
                level,
                number: size.checked_shr(u32::from(HEIGHT) * (u32::from(level) + 1)).unwrap_or(0),
            })
            .filter(|tile| tile.width(size) > 0)
            .collect()
    }

    /// A tree of this size by its partial tiles; `None` where one is missing or too short.
    pub fn new(size: u64, mut edge: Tiles) -> Option<Self> {
        let wanted = Self::edge_of(size);
        for tile in &wanted {
            let hashes = edge.0.get_mut(tile)?;
            if hashes.len() < tile.width(size) {
                return None;
            }
            hashes.truncate(tile.width(size));
        }
        edge.0.retain(|tile, _| wanted.contains(tile));
        Some(Self { size, edge, changed: BTreeMap::new() })
    }

    /// How many leaves it has.
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// Appends a leaf.
    pub fn push(&mut self, leaf: Hash) {
        self.put(0, self.size, leaf);
        self.size += 1;
    }

    fn put(&mut self, level: u8, index: u64, hash: Hash) {
        let tile = TileId { level, number: index / WIDTH as u64 };
        let hashes = self.edge.0.entry(tile).or_default();
        hashes.push(hash);
        if hashes.len() == WIDTH {
            let root = folded(hashes);
            let full = self.edge.0.remove(&tile).unwrap_or_default();
            self.changed.insert(tile, full);
            self.put(level + 1, tile.number, root);
        }
    }

    /// The root over all leaves.
    pub fn root(&self) -> Hash {
        // The rightmost tiles hold every subtree of which the root is made.
        crate::tree::hash_of(0..self.size, &self.edge).unwrap_or_else(Hash::of_nothing)
    }

    /// The full tiles that were filled since they were last taken.
    pub fn take_full(&mut self) -> BTreeMap<TileId, Vec<Hash>> {
        std::mem::take(&mut self.changed)
    }

    /// The tiles that are partial now.
    pub const fn partial(&self) -> &BTreeMap<TileId, Vec<Hash>> {
        &self.edge.0
    }
}

/// What is asked for under `tile/`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TilePath {
    /// `tile/<L>/<N>[.p/<W>]`: hashes.
    Hashes {
        /// The tile.
        tile: TileId,
        /// How many hashes.
        width: usize,
    },
    /// `tile/entries/<N>[.p/<W>]`: entries.
    Entries {
        /// The bundle's number.
        number: u64,
        /// How many entries.
        width: usize,
    },
}

impl TilePath {
    /// Reads what stands behind `tile/`; `None` where it is not of the form.
    pub fn parse(path: &str) -> Option<Self> {
        let (kind, rest) = path.split_once('/')?;
        let (number, width) = match rest.split_once(".p/") {
            Some((number, width)) => (number, plain(width, 1..WIDTH as u64)? as usize),
            None => (rest, WIDTH),
        };
        let number = number_of(number)?;
        if kind == "entries" {
            return Some(Self::Entries { number, width });
        }
        let level = plain(kind, 0..64)? as u8;
        Some(Self::Hashes { tile: TileId { level, number }, width })
    }
}

impl fmt::Display for TilePath {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (number, width) = match self {
            Self::Hashes { tile, width } => {
                write!(formatter, "tile/{}/", tile.level)?;
                (tile.number, *width)
            }
            Self::Entries { number, width } => {
                formatter.write_str("tile/entries/")?;
                (*number, *width)
            }
        };
        let mut parts = vec![format!("{:03}", number % 1000)];
        let mut rest = number / 1000;
        while rest > 0 {
            parts.push(format!("x{:03}", rest % 1000));
            rest /= 1000;
        }
        parts.reverse();
        formatter.write_str(&parts.join("/"))?;
        if width < WIDTH { write!(formatter, ".p/{width}") } else { Ok(()) }
    }
}

/// A decimal number without leading zeroes, in a range.
fn plain(text: &str, range: std::ops::Range<u64>) -> Option<u64> {
    let number: u64 = text.parse().ok()?;
    (number.to_string() == text && range.contains(&number)).then_some(number)
}

/// `x001/x234/067` as 1234067; no more elements than needed.
fn number_of(text: &str) -> Option<u64> {
    let elements: Vec<&str> = text.split('/').collect();
    let (last, before) = elements.split_last()?;
    let mut number = 0_u64;
    for element in before.iter().map(|element| element.strip_prefix('x')).chain([Some(*last)]) {
        let digits = element.filter(|digits| digits.len() == 3)?;
        if !digits.bytes().all(|digit| digit.is_ascii_digit()) {
            return None;
        }
        number = number.checked_mul(1000)?.checked_add(digits.parse().ok()?)?;
    }
    let is_short = before.is_empty() || before[0] != "x000";
    is_short.then_some(number)
}

/// Entries as a bundle: each behind its length in two bytes, the larger first. `None` where one is
/// too long.
pub fn bundle<'entry>(entries: impl IntoIterator<Item = &'entry [u8]>) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    for entry in entries {
        bytes.extend(u16::try_from(entry.len()).ok()?.to_be_bytes());
        bytes.extend(entry);
    }
    Some(bytes)
}

/// Hashes as the bytes of a tile.
pub fn bytes_of(hashes: &[Hash]) -> Vec<u8> {
    hashes.iter().flat_map(|hash| hash.0).collect()
}

/// The hashes in the bytes of a tile; `None` where the length is wrong.
pub fn hashes_of(bytes: &[u8]) -> Option<Vec<Hash>> {
    let (hashes, rest) = bytes.as_chunks::<32>();
    rest.is_empty().then(|| hashes.iter().copied().map(Hash).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::{hash_of, inclusion, nodes_of, proves_inclusion};
    use proptest::prelude::*;

    fn leaf(number: u64) -> Hash {
        Hash::of_leaf(&number.to_be_bytes())
    }

    /// A tree of this size with all its tiles, grown in steps.
    fn grown(size: u64, step: u64) -> (Growing, Tiles) {
        let (mut tree, mut all) = (Growing::default(), Tiles::default());
        while tree.size() < size {
            // What a restart does: only the partial tiles are there.
            tree = Growing::new(tree.size(), all.clone()).expect("the edge is there");
            for _ in 0..step.min(size - tree.size()) {
                tree.push(leaf(tree.size()));
            }
            all.0.extend(tree.take_full());
            all.0.extend(tree.partial().clone());
        }
        (tree, all)
    }

    #[test]
    fn a_tree_of_seventy_thousand_has_the_tiles_of_the_specification() {
        let (tree, all) = grown(70_000, 9_999);
        let count = |level, width| {
            all.0.iter().filter(|(id, hashes)| id.level == level && hashes.len() == width).count()
        };
        assert_eq!((count(0, 256), count(0, 112)), (273, 1));
        assert_eq!((count(1, 256), count(1, 17)), (1, 1));
        assert_eq!((count(2, 1), all.0.len()), (1, 277));
        for (id, hashes) in &all.0 {
            assert_eq!(id.width(70_000), hashes.len(), "{id:?}");
        }
        assert_eq!(hash_of(0..70_000, &all), Some(tree.root()));
    }

    #[test]
    fn a_full_tile_stands_as_one_hash_above() {
        let (tree, all) = grown(256, 256);
        assert_eq!(all.0[&TileId { level: 1, number: 0 }], [tree.root()]);
        assert_eq!(Growing::edge_of(256), [TileId { level: 1, number: 0 }]);
        assert_eq!(Growing::edge_of(0), []);
        assert!(Growing::new(257, Tiles::default()).is_none(), "its edge is missing");
    }

    #[test]
    fn paths_come_back_and_others_are_refused() {
        let hashes =
            |level, number, width| TilePath::Hashes { tile: TileId { level, number }, width };
        let table = [
            ("0/000", hashes(0, 0, 256)),
            ("3/x001/x234/067", hashes(3, 1_234_067, 256)),
            ("63/005.p/255", hashes(63, 5, 255)),
            ("1/x001/000.p/1", hashes(1, 1000, 1)),
            ("entries/x123/456.p/7", TilePath::Entries { number: 123_456, width: 7 }),
        ];
        for (text, path) in table {
            assert_eq!(TilePath::parse(text), Some(path), "{text}");
            assert_eq!(path.to_string(), format!("tile/{text}"));
        }
        for wrong in [
            "",
            "0",
            "0/",
            "64/000",
            "00/000",
            "-1/000",
            "0/0",
            "0/1000",
            "0/x000/001",
            "0/000/001",
            "0/x001",
            "0/000.p/0",
            "0/000.p/256",
            "0/000.p/01",
            "0/000.p/",
            "entries/+12",
            "x/000",
            "0/x999/x999/x999/x999/x999/x999/x999/999",
        ] {
            assert_eq!(TilePath::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_bundle_gives_each_entry_behind_its_length() {
        let long = vec![7; 258];
        let bytes = bundle([&b"ab"[..], &b""[..], &long]).expect("short enough");
        assert_eq!(&bytes[..8], b"\x00\x02ab\x00\x00\x01\x02");
        assert_eq!(bytes.len(), 2 + 2 + 2 + 2 + 258);
        assert_eq!(bundle([&vec![0; 65_536][..]]), None);
    }

    proptest! {
        #[test]
        fn tiles_hold_every_hash_that_a_proof_needs(
            size in 1_u64..3000, step in 1_u64..700, index in any::<u64>(),
        ) {
            let (tree, all) = grown(size, step);
            prop_assert_eq!(hash_of(0..size, &all), Some(tree.root()));
            let index = index % size;
            let path: Option<Vec<Hash>> =
                inclusion(index, size).into_iter().map(|range| hash_of(range, &all)).collect();
            let path = path.expect("every hash is there");
            prop_assert!(proves_inclusion(index, size, leaf(index), &path, tree.root()));
            for node in nodes_of(0..size) {
                prop_assert!(Growing::edge_of(size).contains(&TileId::of(node)));
            }
        }

        #[test]
        fn any_path_is_read_or_refused(path in "[0-9a-z./]{0,20}") {
            if let Some(found) = TilePath::parse(&path) {
                prop_assert_eq!(found.to_string(), format!("tile/{path}"));
            }
        }
    }
}
