//! Deliveries as bytes, for the way from a receiver to the recorder through a stream.

use crate::error::PackingError;
use crate::model::{Delivery, NewRow, Origin};
use crate::packing::{pack, unpack};
use crate::prepare::whole_second;
use crate::varint::{Reader, put, put_bytes, put_signed};
use jiff::Timestamp;
use registry::PointId;
use rulebook::Period;
use std::sync::Arc;

/// How a message begins: what it is, and the edition of its form.
const HEAD: &[u8; 4] = b"LDI\x01";
const LEVEL: i32 = 1;
/// No message is larger than this once unpacked: a receiver gathers far less.
const SIZE_MAX: u64 = 256 << 20;

/// Whether a message is of a receiver whose release is later than this program: it can wait.
pub fn is_of_later_release(message: &[u8]) -> bool {
    let (name, edition) = HEAD.split_at(3);
    message.strip_prefix(name).is_some_and(|rest| rest.first() > edition.first())
}

/// Packs deliveries into one message.
///
/// # Errors
/// When they cannot be compressed: the machine has no memory left.
pub fn pack_deliveries(deliveries: &[Delivery]) -> std::io::Result<Vec<u8>> {
    let size: usize = deliveries.iter().map(|delivery| delivery.raw.len()).sum();
    let mut plain = Vec::with_capacity(size + deliveries.len() * 256);
    put(&mut plain, deliveries.len() as u64);
    let mut before = 0;
    for delivery in deliveries {
        let received_ms = delivery.received_at.as_millisecond();
        put(&mut plain, delivery.raw.len() as u64);
        put_signed(&mut plain, received_ms - before);
        before = received_ms;
        put_bytes(&mut plain, delivery.origin.device.as_deref().unwrap_or_default().as_bytes());
        put_bytes(&mut plain, delivery.origin.peer.as_bytes());
        put(&mut plain, delivery.rows.len() as u64);
        for row in &delivery.rows {
            put_signed(&mut plain, row.point.0);
            plain.push(row.period.code() as u8);
            put_signed(&mut plain, whole_second(row.observed_at).as_second());
            put_bytes(&mut plain, &pack(&row.values));
        }
    }
    for delivery in deliveries {
        plain.extend_from_slice(&delivery.raw);
    }
    let mut message = HEAD.to_vec();
    message.extend_from_slice(&zstd::bulk::compress(&plain, LEVEL)?);
    Ok(message)
}

/// Unpacks what [`pack_deliveries`] wrote.
///
/// # Errors
/// When the bytes are none of it, or damaged.
pub fn unpack_deliveries(message: &[u8]) -> Result<Vec<Delivery>, PackingError> {
    let wrong = |what| PackingError { offset: 0, what };
    let compressed = message
        .strip_prefix(HEAD)
        .ok_or(wrong("no message of a receiver of this edition of Lucid"))?;
    let damaged = |_| wrong("the message cannot be decompressed");
    let plain = zstd::stream::Decoder::new(compressed).map_err(damaged)?;
    let mut text = Vec::new();
    std::io::Read::read_to_end(&mut std::io::Read::take(plain, SIZE_MAX), &mut text)
        .map_err(damaged)?;
    deliveries(&text)
}

fn deliveries(plain: &[u8]) -> Result<Vec<Delivery>, PackingError> {
    let mut reader = Reader::new(plain);
    let count = reader.count()?;
    let mut lengths = Vec::new();
    let mut deliveries = Vec::new();
    let mut received_ms = 0_i64;
    for _ in 0..count {
        lengths.push(reader.number()? as usize);
        received_ms = received_ms.wrapping_add(reader.signed()?);
        let received_at = Timestamp::from_millisecond(received_ms)
            .map_err(|_| reader.error("a time of receipt beyond all years"))?;
        let device = reader.text()?;
        let device = (!device.is_empty()).then(|| Arc::from(device));
        let origin = Origin { device, peer: reader.text()?.into() };
        let mut rows = Vec::new();
        for _ in 0..reader.count()? {
            rows.push(row(&mut reader)?);
        }
        deliveries.push(Delivery { raw: Vec::new(), received_at, origin, rows });
    }
    for (delivery, length) in deliveries.iter_mut().zip(lengths) {
        delivery.raw = reader.take(length)?.to_vec();
    }
    reader.end()?;
    Ok(deliveries)
}

fn row(reader: &mut Reader<'_>) -> Result<NewRow, PackingError> {
    let point = PointId(reader.signed()?);
    let period = Period::from_code(i64::from(reader.byte()?))
        .ok_or_else(|| reader.error("an unknown period"))?;
    let observed_at = Timestamp::from_second(reader.signed()?)
        .map_err(|_| reader.error("a time beyond all years"))?;
    let length = reader.number()? as usize;
    Ok(NewRow { point, period, observed_at, values: unpack(reader.take(length)?)? })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{FactorValue, Marks};
    use proptest::prelude::*;
    use registry::FactorId;
    use rulebook::Decimal;

    fn value() -> impl Strategy<Value = FactorValue> {
        let number = proptest::option::of((any::<i32>(), 0_u32..6));
        (1_u16..500, number.clone(), number, proptest::option::of(65_u8..91), 0_u32..32).prop_map(
            |(factor, value, sum, flag, marks)| {
                let mut all = FactorValue::empty(FactorId(factor));
                let decimal = |(number, scale)| Decimal::new(i64::from(number), scale);
                all.value = value.map(decimal);
                all.sum = sum.map(decimal);
                all.flag = flag;
                all.marks = Marks(marks);
                all
            },
        )
    }

    fn row() -> impl Strategy<Value = NewRow> {
        let values = proptest::collection::vec(value(), 0..4);
        (any::<i64>(), 0_i64..4, 0_i64..4_000_000_000, values).prop_map(
            |(point, period, second, values)| NewRow {
                point: PointId(point),
                period: Period::from_code(period).expect("a period"),
                observed_at: Timestamp::from_second(second).expect("a time"),
                values,
            },
        )
    }

    fn delivery() -> impl Strategy<Value = Delivery> {
        let raw = proptest::collection::vec(any::<u8>(), 0..200);
        let rows = proptest::collection::vec(row(), 0..3);
        let device = proptest::option::of("[0-9A-F]{1,24}");
        (raw, 0_i64..4_000_000_000_000, device, "[0-9.:]{0,20}", rows).prop_map(
            |(raw, received_ms, device, peer, rows)| Delivery {
                raw,
                received_at: Timestamp::from_millisecond(received_ms).expect("a time"),
                origin: Origin { device: device.map(Into::into), peer: peer.into() },
                rows,
            },
        )
    }

    proptest! {
        #[test]
        fn deliveries_come_back(given in proptest::collection::vec(delivery(), 0..6)) {
            let back = unpack_deliveries(&pack_deliveries(&given).unwrap()).unwrap();
            prop_assert_eq!(format!("{back:?}"), format!("{given:?}"));
        }

        #[test]
        fn what_a_later_release_packs_is_told_apart(
            rest in proptest::collection::vec(any::<u8>(), 0..8),
        ) {
            prop_assert!(is_of_later_release(&[b"LDI\x02", &rest[..]].concat()));
            prop_assert!(!is_of_later_release(&[b"LDI\x01", &rest[..]].concat()));
            prop_assert!(!is_of_later_release(&[b"other", &rest[..]].concat()));
        }

        #[test]
        fn any_message_is_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..80)) {
            let _ = deliveries(&bytes);
            prop_assert!(unpack_deliveries(&bytes).is_err());
        }
    }
}
