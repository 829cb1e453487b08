//! Running the platform: devices, refused packets, raw packets. For operators.

pub mod devices;
pub mod raw_packets;
pub mod refused_packets;

use web::Slice;

/// The slices of this area.
pub fn slices() -> Vec<Slice> {
    vec![devices::slice(), refused_packets::slice(), raw_packets::slice()]
}
