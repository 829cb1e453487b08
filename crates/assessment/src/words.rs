//! The words that a book may use, one list each.

use declaration::words;

words! {
    /// Which way is better (方向).
    Better {
        /// The more the better.
        Higher = "higher", "越高越好", "higher is better";
        /// The less the better.
        Lower = "lower", "越低越好", "lower is better";
    }
}

words! {
    /// What an adjustment does (加减分).
    AdjustmentKind {
        /// Points on top.
        Bonus = "bonus", "加分", "bonus";
        /// Points taken off.
        Deduction = "deduction", "扣分", "deduction";
    }
}
