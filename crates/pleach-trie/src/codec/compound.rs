//! Values made of values.

use super::{Decode, DecodeError, Encode, Reader};
use std::cmp::Reverse;

impl<T: Encode + ?Sized> Encode for &T {
    fn encode_into(&self, out: &mut Vec<u8>) {
        T::encode_into(self, out);
    }
}

impl<T: Encode> Encode for Option<T> {
    fn encode_into(&self, out: &mut Vec<u8>) {
        self.is_some().encode_into(out);
        if let Some(value) = self {
            value.encode_into(out);
        }
    }
}

impl<'k, T: Decode<'k>> Decode<'k> for Option<T> {
    fn decode_from(reader: &mut Reader<'k>) -> Result<Self, DecodeError> {
        match bool::decode_from(reader)? {
            true => T::decode_from(reader).map(Some),
            false => Ok(None),
        }
    }
}

impl<T: Encode> Encode for Reverse<T> {
    fn encode_into(&self, out: &mut Vec<u8>) {
        let from = out.len();
        self.0.encode_into(out);
        for byte in out.iter_mut().skip(from) {
            *byte = !*byte;
        }
    }
}

impl<'k, T: Decode<'k>> Decode<'k> for Reverse<T> {
    fn decode_from(reader: &mut Reader<'k>) -> Result<Self, DecodeError> {
        reader.reversed(T::decode_from).map(Self)
    }
}

impl Encode for () {
    fn encode_into(&self, _: &mut Vec<u8>) {}
}

impl Decode<'_> for () {
    fn decode_from(_: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(())
    }
}

/// Tuples, from their fields' types and numbers.
macro_rules! tuples {
    ($($($field:ident $i:tt),+;)+) => {$(
        impl<$($field: Encode),+> Encode for ($($field,)+) {
            fn encode_into(&self, out: &mut Vec<u8>) {
                $(self.$i.encode_into(out);)+
            }
        }

        impl<'k, $($field: Decode<'k>),+> Decode<'k> for ($($field,)+) {
            fn decode_from(reader: &mut Reader<'k>) -> Result<Self, DecodeError> {
                Ok(($($field::decode_from(reader)?,)+))
            }
        }
    )+};
}

tuples! {
    A 0;
    A 0, B 1;
    A 0, B 1, C 2;
    A 0, B 1, C 2, D 3;
    A 0, B 1, C 2, D 3, E 4;
    A 0, B 1, C 2, D 3, E 4, F 5;
    A 0, B 1, C 2, D 3, E 4, F 5, G 6;
    A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7;
}
