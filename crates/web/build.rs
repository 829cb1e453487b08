//! Lets cargo see that the front end was built anew: its files are embedded.

fn main() {
    println!("cargo::rerun-if-changed=assets");
}
