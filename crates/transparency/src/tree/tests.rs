//! The tree against published vectors, a second implementation, and everything one may tamper.
//!
//! Vectors: the reference tree of RFC 6962's authors, eight leaves, as transparency-dev/merkle
//! publishes it (Apache-2.0).

use super::*;
use ct_merkle::mem_backed_tree::MemoryBackedTree;
use proptest::prelude::*;
use sha2::Sha256;

const LEAVES: [&str; 8] = [
    "",
    "00",
    "10",
    "2021",
    "3031",
    "40414243",
    "5051525354555657",
    "606162636465666768696a6b6c6d6e6f",
];

const ROOTS: [&str; 8] = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
];

const NODE_1_1: &str = "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e";
const NODE_2_1: &str = "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4";
const NODE_1_3: &str = "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0";
const NODE_1_2: &str = "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a";
const LEAF_1: &str = "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7";
const LEAF_4: &str = "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b";
const LEAF_6: &str = "b08693ec2e721597130641e8211e7eedccb4c26413963eee6c1e2ed16ffb1a5f";

/// Every leaf in memory.
struct Leaves(Vec<Hash>);

impl Nodes for Leaves {
    fn node(&self, node: Node) -> Option<Hash> {
        if node.level == 0 {
            return self.0.get(node.index as usize).copied();
        }
        let child = |index| self.node(Node { level: node.level - 1, index });
        Some(Hash::of_children(child(node.index * 2)?, child(node.index * 2 + 1)?))
    }
}

fn hash(digits: &str) -> Hash {
    Hash::from_hex(digits).expect("a hash")
}

fn reference() -> Leaves {
    let byte = |pair: &[u8]| {
        let digits = std::str::from_utf8(pair).expect("digits");
        u8::from_str_radix(digits, 16).expect("a byte")
    };
    let leaf =
        |digits: &str| Hash::of_leaf(&digits.as_bytes().chunks(2).map(byte).collect::<Vec<_>>());
    Leaves(LEAVES.into_iter().map(leaf).collect())
}

fn hashes(ranges: Vec<Range<u64>>, leaves: &Leaves) -> Vec<Hash> {
    ranges.into_iter().map(|range| hash_of(range, leaves).expect("the leaves are there")).collect()
}

#[test]
fn roots_are_those_of_the_reference() {
    let leaves = reference();
    assert_eq!(
        hash_of(0..0, &leaves).map(Hash::to_hex).as_deref(),
        Some("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
    );
    for (size, root) in (1..).zip(ROOTS) {
        assert_eq!(hash_of(0..size, &leaves), Some(hash(root)), "of {size} leaves");
    }
    assert_eq!(hash_of(0..9, &leaves), None, "there is no ninth leaf");
}

#[test]
fn inclusion_proofs_are_those_of_the_reference() {
    let leaves = reference();
    let table: [(u64, u64, &[&str]); 5] = [
        (0, 1, &[]),
        (0, 8, &[LEAF_1, NODE_1_1, NODE_2_1]),
        (5, 8, &[LEAF_4, NODE_1_3, ROOTS[3]]),
        (2, 3, &[ROOTS[1]]),
        (1, 5, &[ROOTS[0], NODE_1_1, LEAF_4]),
    ];
    for (index, size, wanted) in table {
        let wanted: Vec<Hash> = wanted.iter().map(|digits| hash(digits)).collect();
        assert_eq!(hashes(inclusion(index, size), &leaves), wanted, "{index} of {size}");
    }
    assert_eq!(inclusion(3, 3), Vec::<Range<u64>>::new(), "there is no such leaf");
    assert_eq!(inclusion(0, 0), Vec::<Range<u64>>::new());
}

#[test]
fn consistency_proofs_are_those_of_the_reference() {
    let leaves = reference();
    let table: [(u64, u64, &[&str]); 6] = [
        (1, 1, &[]),
        (0, 5, &[]),
        (1, 8, &[LEAF_1, NODE_1_1, NODE_2_1]),
        (6, 8, &[NODE_1_2, NODE_1_3, ROOTS[3]]),
        (2, 5, &[NODE_1_1, LEAF_4]),
        (6, 7, &[NODE_1_2, LEAF_6, ROOTS[3]]),
    ];
    for (old, new, wanted) in table {
        let wanted: Vec<Hash> = wanted.iter().map(|digits| hash(digits)).collect();
        assert_eq!(hashes(consistency(old, new), &leaves), wanted, "{old} in {new}");
    }
}

fn some_leaves(count: u64) -> Leaves {
    Leaves((0..count).map(|number| Hash::of_leaf(&number.to_be_bytes())).collect())
}

/// The same tree by the crate ct-merkle.
fn second(count: u64) -> MemoryBackedTree<Sha256, Vec<u8>> {
    let mut tree = MemoryBackedTree::new();
    for number in 0..count {
        tree.push(number.to_be_bytes().to_vec());
    }
    tree
}

/// A path with one thing wrong, in every way that `which` and `bit` choose.
fn tampered(path: &[Hash], which: usize, bit: usize) -> Vec<Hash> {
    let mut path = path.to_vec();
    let stranger = Hash::of(&[b"stranger"]);
    match which % 4 {
        0 if !path.is_empty() => {
            let place = bit % path.len();
            path[place].0[bit % 32] ^= 1 << (bit % 8);
        }
        1 if !path.is_empty() => drop(path.pop()),
        2 => path.insert(0, stranger),
        _ => path.push(stranger),
    }
    path
}

proptest! {
    #[test]
    fn proofs_prove_and_tampered_proofs_do_not(
        size in 1_u64..600, index in any::<u64>(), which in any::<usize>(), bit in any::<usize>(),
    ) {
        let (leaves, index) = (some_leaves(size), index % size);
        let root = hash_of(0..size, &leaves).expect("a root");
        let path = hashes(inclusion(index, size), &leaves);
        let leaf = leaves.0[index as usize];
        prop_assert!(proves_inclusion(index, size, leaf, &path, root));
        prop_assert!(!proves_inclusion(index, size, leaf, &tampered(&path, which, bit), root));
        prop_assert!(!proves_inclusion(index, size, Hash::of(&[b"x"]), &path, root));
        let other = (index + 1 + bit as u64 % size) % size;
        if other != index {
            prop_assert!(!proves_inclusion(other, size, leaf, &path, root));
        }
        prop_assert!(!proves_inclusion(size, size, leaf, &path, root));
    }

    #[test]
    fn an_older_tree_is_proven_and_no_other(
        new in 2_u64..600, old in any::<u64>(), which in any::<usize>(), bit in any::<usize>(),
    ) {
        let (leaves, old) = (some_leaves(new), 1 + old % (new - 1));
        let head = |size| TreeHead { size, root: hash_of(0..size, &leaves).expect("a root") };
        let path = hashes(consistency(old, new), &leaves);
        prop_assert!(proves_consistency(head(old), head(new), &path));
        prop_assert!(!proves_consistency(head(old), head(new), &tampered(&path, which, bit)));
        let mut rewritten = some_leaves(new);
        rewritten.0[bit % old as usize] = Hash::of_leaf(b"rewritten");
        let root = hash_of(0..new, &rewritten).expect("a root");
        let other = hashes(consistency(old, new), &rewritten);
        let forged = TreeHead { size: new, root };
        prop_assert!(!proves_consistency(head(old), forged, &other));
        prop_assert!(!proves_consistency(head(new), head(old), &path));
    }

    #[test]
    fn another_implementation_agrees(
        size in 1_u64..300, index in any::<u64>(), old in any::<u64>(),
    ) {
        let (leaves, index) = (some_leaves(size), index % size);
        let other = second(size);
        let root = hash_of(0..size, &leaves).expect("a root");
        let other_root = other.root();
        prop_assert_eq!(&other_root.as_bytes()[..], &root.0[..]);
        let ours: Vec<u8> =
            hashes(inclusion(index, size), &leaves).iter().flat_map(|hash| hash.0).collect();
        let proof = other.prove_inclusion(index as usize);
        prop_assert_eq!(proof.as_bytes(), &ours[..]);
        let old = 1 + old % size;
        let ours: Vec<u8> =
            hashes(consistency(old, size), &leaves).iter().flat_map(|hash| hash.0).collect();
        let proof = other.prove_consistency((size - old) as usize);
        prop_assert_eq!(proof.as_bytes(), &ours[..]);
    }
}

#[test]
fn trees_of_the_same_size_are_the_same_or_not() {
    let one = TreeHead { size: 3, root: hash(ROOTS[2]) };
    let other = TreeHead { size: 3, root: hash(ROOTS[3]) };
    let nothing = TreeHead { size: 0, root: Hash::of_nothing() };
    let false_nothing = TreeHead { size: 0, root: hash(ROOTS[0]) };
    assert!(proves_consistency(one, one, &[]));
    assert!(!proves_consistency(one, other, &[]));
    assert!(!proves_consistency(one, one, &[hash(ROOTS[0])]));
    assert!(proves_consistency(nothing, one, &[]));
    assert!(!proves_consistency(false_nothing, one, &[]));
    assert!(!proves_consistency(one, nothing, &[]));
}
