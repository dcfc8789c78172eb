//! Oracles, generators and biting values for Pleach's own tests.
//!
//! What a map of byte strings is, said as plainly as possible, so that a failing comparison is the
//! map's fault and not the oracle's:
//!
//! - [`Model`] is the map: a prefix-closed set of locations in a `BTreeMap`. [`ModelZipper`] is a
//!   zipper over it: a root path and a path, each movement a few lines of search.
//! - [`Rule`] is set algebra of two maps, location by location.
//! - [`Op`] is the map's API as data, [`Move`], [`Jump`] and [`Edit`] the zippers'. Each applies
//!   itself to the oracle and says what came back as an [`Outcome`]; a test does the same with the
//!   real thing and compares.
//! - [`keys`] and the `*_script` functions are the proptest strategies behind them.
//! - `MapScript::decode` and its like make a script of any bytes, for fuzzing.
//! - [`values`] bite: they count their clones and drops, panic on demand, are large, empty, or
//!   widely aligned.
//! - [`deep`] has long keys and a small stack; [`stress`] has how long the tests of many threads run and
//!   what their threads draw.
//!
//! No crate of the library is a dependency here: an oracle that calls what it judges is none.

#![forbid(unsafe_code)]

mod algebra;
mod calls;
mod decode;
pub mod deep;
mod expression;
pub mod keys;
mod map_ops;
mod model;
pub mod stress;
pub mod values;
mod zipper;
mod zipper_ops;

pub use algebra::{RULES, Rule};
pub use expression::Step;
pub use keys::Key;
pub use map_ops::{MapScript, Op, Outcome, map_script};
pub use model::Model;
pub use zipper::ModelZipper;
pub use zipper_ops::{
    Edit, EditScript, Jump, Move, Origin, ReadScript, ReadStep, edit_script, read_script,
};
