//! The check of the protocol: not the Modbus CRC that its name suggests, and with 256 values only.
//!
//! It finds one corrupted packet in 256 unnoticed; plausibility and duplicate checks must follow.

/// The check of a data segment (数据段校验).
///
/// # Standard
/// HJ 212-2017 annex A; the worked value is 1C80 (the prose prints 1C08, which cannot occur).
///
/// # Formula
/// Register 0xFFFF; for each byte `r = (r >> 8) ^ byte`, then eight times: shift right, and XOR
/// 0xA001 when a one fell out.
///
/// # Example
/// ```
/// let segment = b"QN=20240601085857223;ST=32;CN=1011;PW=123456;MN=010000A8900016F000169DC0;\
///     Flag=9;CP=&&&&";
/// assert_eq!(hj212::crc::of(segment), 0x2200);
/// ```
pub fn of(segment: &[u8]) -> u16 {
    segment.iter().fold(0xFFFF, |register: u16, byte| {
        let index = (register >> 8) ^ u16::from(*byte);
        SHIFTED[usize::from(index & 0xFF)]
    })
}

/// The CRC-16 of Modbus, which many devices send in place of the protocol's own.
pub fn modbus(segment: &[u8]) -> u16 {
    segment.iter().fold(0xFFFF, |register: u16, byte| {
        let index = (register ^ u16::from(*byte)) & 0xFF;
        (register >> 8) ^ SHIFTED[usize::from(index)]
    })
}

/// What eight shifts make of a register below 256.
static SHIFTED: [u16; 256] = {
    let mut table = [0_u16; 256];
    let mut index = 0;
    while index < 256 {
        let mut register = index as u16;
        let mut step = 0;
        while step < 8 {
            let carry = register & 1 == 1;
            register >>= 1;
            if carry {
                register ^= 0xA001;
            }
            step += 1;
        }
        table[index] = register;
        index += 1;
    }
    table
};

/// Reads four hexadecimal digits.
pub(crate) fn parse(digits: &[u8]) -> Option<u16> {
    if digits.len() != 4 || !digits.iter().all(u8::is_ascii_hexdigit) {
        return None;
    }
    u16::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The same by the letter of the annex, shift by shift.
    fn by_the_letter(segment: &[u8]) -> u16 {
        let mut register = 0xFFFF_u16;
        for byte in segment {
            register = (register >> 8) ^ u16::from(*byte);
            for _ in 0..8 {
                let carry = register & 1;
                register >>= 1;
                if carry == 1 {
                    register ^= 0xA001;
                }
            }
        }
        register
    }

    #[test]
    fn worked_value_of_annex_a() {
        let segment = b"QN=20160801085857223;ST=32;CN=1062;PW=100000;\
            MN=010000A8900016F000169DC0;Flag=5;CP=&&RtdInterval=30&&";
        assert_eq!(of(segment), 0x1C80);
    }

    #[test]
    fn modbus_check_value() {
        assert_eq!(modbus(b"123456789"), 0x4B37);
    }

    proptest::proptest! {
        #[test]
        fn table_and_letter_agree(segment: Vec<u8>) {
            proptest::prop_assert_eq!(of(&segment), by_the_letter(&segment));
        }
    }
}
