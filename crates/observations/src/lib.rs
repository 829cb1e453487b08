//! Values with their revisions and source packets: packed rows, one reading function.
