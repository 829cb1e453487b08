//! HJ 212, the protocol between monitoring devices and platforms
//! (污染物自动监测监控系统数据传输技术要求), sans-I/O: bytes in, frames and answers out.
//!
//! Three editions are in use side by side: HJ/T 212-2005, HJ 212-2017 and HJ 212-2025. The version
//! bits of `Flag` tell them apart, never the port.
//!
//! ```
//! let bytes = b"##0087QN=20160801085857223;ST=32;CN=2011;PW=123456;\
//!     MN=010000A8900016F000169DC0;Flag=5;CP=&&&&30C0\r\n";
//! let frame = hj212::decode_whole(bytes).unwrap();
//! assert_eq!(frame.packet.mn(), "010000A8900016F000169DC0");
//! assert_eq!(frame.packet.edition(), hj212::Edition::Hj2017);
//! let answer = hj212::answer::to(&frame.packet).unwrap();
//! assert!(answer.starts_with(b"##0087QN=20160801085857223;ST=91;CN=9014;"));
//! ```

pub mod answer;
pub mod cipher;
pub mod conversation;
pub mod crc;
mod decoder;
pub mod encode;
pub mod field;
mod frame;
pub mod gathering;
mod packet;
mod quirk;
mod rejection;
pub mod request;
pub mod tables;

pub use decoder::{Decoder, LONGEST_FRAME};
pub use encode::Draft;
pub use field::Field;
pub use frame::{Frame, decode_whole};
pub use packet::{Edition, Packet};
pub use quirk::Quirk;
pub use rejection::{Reason, Rejection};
pub use request::Request;
