//! Running the platform: devices, refused packets, raw packets.
