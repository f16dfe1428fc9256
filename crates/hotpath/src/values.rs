//! The handles behind `val!` and `gauge!`: the same in both modes, with nothing behind them when off.

use std::fmt::Debug;

use crate::imp::values::{Gauge, Val};

/// A value under a key: what [`val!`](crate::val!) gives.
#[derive(Clone, Copy, Debug)]
pub struct ValHandle {
    val: Val,
}

impl ValHandle {
    #[doc(hidden)]
    pub fn of(val: Val) -> Self {
        Self { val }
    }

    /// Keeps the value as text, as long as `HOTPATH_MAX_LOG_LEN` allows.
    ///
    /// ```
    /// hotpath::val!("user").set(&("ann", 7));
    /// ```
    pub fn set<T: Debug + ?Sized>(&self, value: &T) {
        self.val.set(value);
    }
}

/// A number under a key: what [`gauge!`](crate::gauge!) gives.
///
/// A gauge is one number for the whole program: several threads may move it, and none of their steps is lost.
#[derive(Clone, Copy, Debug)]
pub struct GaugeHandle {
    gauge: Gauge,
}

impl GaugeHandle {
    #[doc(hidden)]
    pub fn of(gauge: Gauge) -> Self {
        Self { gauge }
    }

    /// Sets the number.
    ///
    /// ```
    /// hotpath::gauge!("queue").set(10).inc(5).dec(2.5);
    /// ```
    pub fn set(&self, value: impl IntoF64) -> &Self {
        self.gauge.set(value.into_f64());
        self
    }

    /// Adds to the number.
    pub fn inc(&self, by: impl IntoF64) -> &Self {
        self.gauge.add(by.into_f64());
        self
    }

    /// Takes from the number.
    pub fn dec(&self, by: impl IntoF64) -> &Self {
        self.gauge.add(-by.into_f64());
        self
    }
}

/// A number that a gauge can be set to. Large integers are rounded to an `f64`.
///
/// ```
/// use hotpath::IntoF64;
/// assert_eq!((3_u8.into_f64(), 0.5_f32.into_f64()), (3.0, 0.5));
/// ```
#[diagnostic::on_unimplemented(
    message = "a gauge is a number, and `{Self}` cannot be one",
    note = "integers of up to 64 bits, `f32` and `f64` can"
)]
pub trait IntoF64 {
    /// The number.
    fn into_f64(self) -> f64;
}

macro_rules! into_f64 {
    ($($number:ty)+) => {
        $(
            impl IntoF64 for $number {
                fn into_f64(self) -> f64 {
                    self as f64
                }
            }
        )+
    };
}

into_f64!(f32 f64 i8 i16 i32 i64 isize u8 u16 u32 u64 usize);
