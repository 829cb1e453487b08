//! Running the platform: devices, refused packets, raw packets, history; users, accounts, the
//! audit; questions in SQL; and the standards for everyone.

pub mod account;
pub mod audit;
pub mod backups;
pub mod catalogue;
pub mod device_commands;
pub mod devices;
pub mod history;
pub mod raw_packets;
pub mod refused_packets;
pub mod sql;
pub mod transparency_log;
pub mod users;

use web::Slice;

/// The slices of this area.
pub fn slices() -> Vec<Slice> {
    vec![
        devices::slice(),
        device_commands::slice(),
        refused_packets::slice(),
        raw_packets::slice(),
        history::slice(),
        users::slice(),
        account::slice(),
        audit::slice(),
        transparency_log::slice(),
        catalogue::slice(),
        sql::slice(),
        backups::slice(),
    ]
}
