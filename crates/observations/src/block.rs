//! The form of a block of raw packets and of the list of rows that its commit touched.

use crate::error::{ObservationError, PackingError};
use crate::model::{Origin, RawPacket, RowKey};
use crate::varint::{Reader, put, put_bytes, put_signed};
use jiff::Timestamp;
use registry::PointId;
use rulebook::Period;

/// zstd over index and packets together.
pub(crate) const ZSTD: i64 = 1;
const LEVEL: i32 = 1;
/// No block is larger than this once unpacked: the recorder commits long before.
const SIZE_MAX: usize = 1 << 30;

/// One packet on its way into a block.
pub(crate) struct Packet {
    pub(crate) raw: Vec<u8>,
    pub(crate) received_ms: i64,
    pub(crate) origin: Origin,
}

/// Compresses packets with their origins and times.
pub(crate) fn compress(packets: &[Packet]) -> std::io::Result<Vec<u8>> {
    let size: usize = packets.iter().map(|packet| packet.raw.len()).sum();
    let mut plain = Vec::with_capacity(size + packets.len() * 64);
    put(&mut plain, packets.len() as u64);
    let mut before = 0;
    for packet in packets {
        put(&mut plain, packet.raw.len() as u64);
        put_signed(&mut plain, packet.received_ms - before);
        before = packet.received_ms;
        put_bytes(&mut plain, packet.origin.device.as_deref().unwrap_or_default().as_bytes());
        put_bytes(&mut plain, packet.origin.peer.as_bytes());
    }
    for packet in packets {
        plain.extend_from_slice(&packet.raw);
    }
    zstd::bulk::compress(&plain, LEVEL)
}

/// The packets of a block, in their order.
pub(crate) fn decompress(
    block: i64,
    codec: i64,
    bytes: &[u8],
) -> Result<Vec<RawPacket>, ObservationError> {
    if codec != ZSTD {
        return Err(PackingError { offset: 0, what: "an unknown compression" }.into());
    }
    let damaged = |source| ObservationError::Block { block, source };
    let plain = zstd::stream::Decoder::new(bytes).map_err(damaged)?;
    let mut text = Vec::new();
    std::io::Read::read_to_end(&mut std::io::Read::take(plain, SIZE_MAX as u64), &mut text)
        .map_err(damaged)?;
    Ok(packets(&text)?)
}

fn packets(plain: &[u8]) -> Result<Vec<RawPacket>, PackingError> {
    let mut reader = Reader::new(plain);
    let count = reader.count()?;
    let mut lengths = Vec::new();
    let mut packets = Vec::new();
    let mut received_ms = 0_i64;
    for _ in 0..count {
        lengths.push(reader.number()? as usize);
        received_ms = received_ms.wrapping_add(reader.signed()?);
        let device = reader.text()?;
        packets.push(RawPacket {
            bytes: Vec::new(),
            received_at: instant_ms(received_ms)
                .ok_or_else(|| reader.error("a time of receipt beyond all years"))?,
            device: (!device.is_empty()).then(|| device.to_owned()),
            peer: reader.text()?.to_owned(),
        });
    }
    for (packet, length) in packets.iter_mut().zip(lengths) {
        packet.bytes = reader.take(length)?.to_vec();
    }
    reader.end()?;
    Ok(packets)
}

/// Packs the keys of the rows that a commit added or changed; they must be sorted.
pub(crate) fn pack_keys(keys: &[RowKey]) -> Vec<u8> {
    let mut out = Vec::with_capacity(4 + keys.len() * 4);
    put(&mut out, keys.len() as u64);
    let (mut point, mut time) = (0, 0);
    for key in keys {
        put_signed(&mut out, key.point.0.wrapping_sub(point));
        out.push(key.period.code() as u8);
        put_signed(&mut out, key.observed_at.as_second() - time);
        (point, time) = (key.point.0, key.observed_at.as_second());
    }
    out
}

/// Unpacks what [`pack_keys`] wrote.
pub(crate) fn unpack_keys(bytes: &[u8]) -> Result<Vec<RowKey>, PackingError> {
    let mut reader = Reader::new(bytes);
    let count = reader.count()?;
    let mut keys = Vec::with_capacity(count.min(65_536));
    let (mut point, mut time) = (0_i64, 0_i64);
    for _ in 0..count {
        point = point.wrapping_add(reader.signed()?);
        let period = Period::from_code(i64::from(reader.byte()?))
            .ok_or_else(|| reader.error("an unknown period"))?;
        time = time.wrapping_add(reader.signed()?);
        let observed_at =
            Timestamp::from_second(time).map_err(|_| reader.error("a time beyond all years"))?;
        keys.push(RowKey { point: PointId(point), period, observed_at });
    }
    reader.end()?;
    Ok(keys)
}

/// The instant of a number of milliseconds since 1970.
pub(crate) fn instant_ms(milliseconds: i64) -> Option<Timestamp> {
    Timestamp::from_millisecond(milliseconds).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn arbitrary_packet() -> impl Strategy<Value = (Vec<u8>, i64, Option<String>, String)> {
        (
            proptest::collection::vec(any::<u8>(), 0..300),
            0_i64..4_000_000_000_000,
            proptest::option::of("[0-9A-F]{1,24}"),
            "[0-9.:]{0,20}",
        )
    }

    proptest! {
        #[test]
        fn packets_come_back(given in proptest::collection::vec(arbitrary_packet(), 0..20)) {
            let packets: Vec<_> = given.iter().map(|(raw, received_ms, device, peer)| Packet {
                raw: raw.clone(),
                received_ms: *received_ms,
                origin: Origin {
                    device: device.as_deref().map(Into::into),
                    peer: peer.as_str().into(),
                },
            }).collect();
            let back = decompress(1, ZSTD, &compress(&packets).unwrap()).unwrap();
            let back: Vec<_> = back.into_iter().map(|packet| {
                (packet.bytes, packet.received_at.as_millisecond(), packet.device, packet.peer)
            }).collect();
            prop_assert_eq!(back, given);
        }

        #[test]
        fn any_block_is_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..100)) {
            let _ = packets(&bytes);
            let _ = unpack_keys(&bytes);
            prop_assert!(decompress(1, ZSTD + 1, &bytes).is_err());
        }

        #[test]
        fn keys_come_back(given in proptest::collection::vec(
            (any::<i64>(), 0_i64..4, -10_000_000_000_i64..10_000_000_000), 0..50,
        )) {
            let keys: Vec<_> = given.iter().map(|(point, period, second)| RowKey {
                point: PointId(*point),
                period: Period::from_code(*period).unwrap(),
                observed_at: Timestamp::from_second(*second).unwrap(),
            }).collect();
            prop_assert_eq!(unpack_keys(&pack_keys(&keys)).unwrap(), keys);
        }
    }
}
