//! The Merkle tree of RFC 9162, section 2.1: which hashes a root or a proof is made of, and how a
//! proof is checked. Pure: where the hashes come from is the caller's affair.

use crate::Hash;
use std::ops::Range;

/// A complete subtree: `2^level` leaves, the `index`-th of its size.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Node {
    /// The height: 0 is a leaf.
    pub level: u8,
    /// The number among the complete subtrees of this height, from the left.
    pub index: u64,
}

/// Hands out the hashes of complete subtrees.
pub trait Nodes {
    /// The hash of a subtree, if it is there.
    fn node(&self, node: Node) -> Option<Hash>;
}

/// The complete subtrees that make up a range of leaves, from the left.
///
/// The range must be one that the recursion of RFC 9162 meets: it begins at a multiple of the
/// largest power of two that is not larger than its length.
pub fn nodes_of(range: Range<u64>) -> Vec<Node> {
    let mut nodes = Vec::new();
    let mut from = range.start;
    while from < range.end {
        let level = (range.end - from).ilog2() as u8;
        nodes.push(Node { level, index: from >> level });
        from += 1 << level;
    }
    nodes
}

/// The hash over a range of leaves (`MTH` of RFC 9162), or `None` where a subtree is missing.
pub fn hash_of(range: Range<u64>, nodes: &impl Nodes) -> Option<Hash> {
    let mut parts = nodes_of(range).into_iter().rev();
    let Some(last) = parts.next() else { return Some(Hash::of_nothing()) };
    let mut hash = nodes.node(last)?;
    for part in parts {
        hash = Hash::of_children(nodes.node(part)?, hash);
    }
    Some(hash)
}

/// The ranges of leaves whose hashes prove that a leaf is in the tree, from the leaf to the root
/// (`PATH` of RFC 9162, 2.1.3.1). Empty where there is no such leaf.
pub fn inclusion(index: u64, size: u64) -> Vec<Range<u64>> {
    let mut path = Vec::new();
    let mut range = 0..size;
    if index >= size {
        return path;
    }
    while range.end - range.start > 1 {
        let middle = range.start + largest_power_below(range.end - range.start);
        if index < middle {
            path.push(middle..range.end);
            range.end = middle;
        } else {
            path.push(range.start..middle);
            range.start = middle;
        }
    }
    path.reverse();
    path
}

/// The ranges of leaves whose hashes prove that a tree of `old` leaves is the beginning of one of
/// `new` leaves (`PROOF` of RFC 9162, 2.1.4.1). Empty where one is the other or nothing.
pub fn consistency(old: u64, new: u64) -> Vec<Range<u64>> {
    let mut path = Vec::new();
    if old == 0 || old >= new {
        return path;
    }
    let mut range = 0..new;
    let mut is_known = true;
    while old != range.end {
        let middle = range.start + largest_power_below(range.end - range.start);
        if old <= middle {
            path.push(middle..range.end);
            range.end = middle;
        } else {
            path.push(range.start..middle);
            range.start = middle;
            is_known = false;
        }
    }
    if !is_known {
        path.push(range);
    }
    path.reverse();
    path
}

fn largest_power_below(count: u64) -> u64 {
    1 << (count - 1).ilog2()
}

/// Whether the path leads from the leaf to the root (RFC 9162, 2.1.3.2).
pub fn proves_inclusion(index: u64, size: u64, leaf: Hash, path: &[Hash], root: Hash) -> bool {
    climb(index, size, leaf, path).is_some_and(|found| found == root)
}

/// The root to which the path leads from the leaf; `None` where the path has the wrong length.
pub fn climb(index: u64, size: u64, leaf: Hash, path: &[Hash]) -> Option<Hash> {
    if index >= size {
        return None;
    }
    let (mut node, mut last) = (index, size - 1);
    let mut hash = leaf;
    for step in path {
        if last == 0 {
            return None;
        }
        if node & 1 == 1 || node == last {
            hash = Hash::of_children(*step, hash);
            while node & 1 == 0 && node != 0 {
                node >>= 1;
                last >>= 1;
            }
        } else {
            hash = Hash::of_children(hash, *step);
        }
        node >>= 1;
        last >>= 1;
    }
    (last == 0).then_some(hash)
}

/// A tree as a checkpoint states it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TreeHead {
    /// How many leaves it has.
    pub size: u64,
    /// The hash over all of them.
    pub root: Hash,
}

/// Whether the path proves that the old tree is the beginning of the new one (RFC 9162, 2.1.4.2).
pub fn proves_consistency(old: TreeHead, new: TreeHead, path: &[Hash]) -> bool {
    if old.size == new.size {
        return path.is_empty() && old.root == new.root;
    }
    if old.size == 0 {
        return path.is_empty() && old.root == Hash::of_nothing();
    }
    if old.size > new.size {
        return false;
    }
    // A tree that is a complete subtree of the new one is itself the first hash.
    let whole: Vec<Hash>;
    let path = if old.size.is_power_of_two() {
        whole = std::iter::once(old.root).chain(path.iter().copied()).collect();
        &whole
    } else {
        path
    };
    let Some((first, rest)) = path.split_first() else { return false };
    let (mut node, mut last) = (old.size - 1, new.size - 1);
    while node & 1 == 1 {
        node >>= 1;
        last >>= 1;
    }
    let (mut old_root, mut new_root) = (*first, *first);
    for step in rest {
        if last == 0 {
            return false;
        }
        if node & 1 == 1 || node == last {
            old_root = Hash::of_children(*step, old_root);
            new_root = Hash::of_children(*step, new_root);
            while node & 1 == 0 && node != 0 {
                node >>= 1;
                last >>= 1;
            }
        } else {
            new_root = Hash::of_children(new_root, *step);
        }
        node >>= 1;
        last >>= 1;
    }
    last == 0 && old_root == old.root && new_root == new.root
}

#[cfg(test)]
mod tests;
