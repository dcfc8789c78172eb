//! Numbers, `bool` and `char`: a fixed count of bytes each, the weightiest first.

use super::{Decode, DecodeError, Encode, Reader};

/// Integers, as `$as`: the least value has all bits zero.
macro_rules! integers {
    ($($int:ty as $as:ty),+ $(,)?) => {$(
        impl Encode for $int {
            fn encode_into(&self, out: &mut Vec<u8>) {
                let from_least = *self as $as ^ <$as>::MIN;
                out.extend_from_slice(&from_least.to_be_bytes());
            }
        }

        impl Decode<'_> for $int {
            fn decode_from(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
                reader.value(stringify!($int), |bytes| {
                    (<$as>::from_be_bytes(bytes) ^ <$as>::MIN).try_into().ok()
                })
            }
        }
    )+};
}

integers! {
    u8 as u8, u16 as u16, u32 as u32, u64 as u64, u128 as u128, usize as u64,
    i8 as i8, i16 as i16, i32 as i32, i64 as i64, i128 as i128, isize as i64,
}

/// Floats of bits `$bits`, in total order.
macro_rules! floats {
    ($($float:ty as $bits:ty),+) => {$(
        impl Encode for $float {
            fn encode_into(&self, out: &mut Vec<u8>) {
                let (bits, sign) = (self.to_bits(), 1 << (<$bits>::BITS - 1));
                let flipped = if bits & sign == 0 { sign } else { <$bits>::MAX };
                (bits ^ flipped).encode_into(out);
            }
        }

        impl Decode<'_> for $float {
            fn decode_from(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
                let (bits, sign) = (<$bits>::decode_from(reader)?, 1 << (<$bits>::BITS - 1));
                let flipped = if bits & sign == 0 { <$bits>::MAX } else { sign };
                Ok(Self::from_bits(bits ^ flipped))
            }
        }
    )+};
}

floats!(f32 as u32, f64 as u64);

impl Encode for bool {
    fn encode_into(&self, out: &mut Vec<u8>) {
        out.push(u8::from(*self));
    }
}

impl Decode<'_> for bool {
    fn decode_from(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        reader.value("bool", |[byte]| (byte <= 1).then_some(byte == 1))
    }
}

impl Encode for char {
    fn encode_into(&self, out: &mut Vec<u8>) {
        let [_, bytes @ ..] = u32::from(*self).to_be_bytes();
        out.extend_from_slice(&bytes);
    }
}

impl Decode<'_> for char {
    fn decode_from(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        reader.value("char", |[a, b, c]| {
            Self::from_u32(u32::from_be_bytes([0, a, b, c]))
        })
    }
}
