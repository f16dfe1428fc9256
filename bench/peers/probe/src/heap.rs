//! What the measured functions that allocate do. The loops are compiled here, once for all peers, so that no difference
//! between two peers is one of the loops.

use std::hint::black_box;

/// Allocations of one growth: the first, and four larger ones in its place.
pub const ALLOCATIONS: u64 = 5;

/// From four to 64 elements, doubling: 32 to 512 bytes.
const PUSHES: u64 = 64;

/// Allocates 32 bytes and frees them.
#[inline(always)]
pub fn one_box(value: u64) -> u64 {
    // The compiler leaves out what it sees nobody using.
    black_box(Box::new([value; 4]))[0]
}

/// The same `times` times.
#[inline(never)]
pub fn boxes(times: u64) -> u64 {
    (0..times).fold(0, |sum, value| sum ^ one_box(value))
}

/// Grows a `Vec` push by push, `times` times.
#[inline(never)]
pub fn growths(times: u64) -> u64 {
    (0..times).fold(0, |sum, _| sum ^ one_growth(|_| ()))
}

/// Tells the capacity after each push.
#[inline(always)]
fn one_growth(mut told: impl FnMut(usize)) -> u64 {
    let mut values = Vec::new();
    for value in 0..PUSHES {
        values.push(black_box(value));
        told(values.capacity());
    }
    black_box(values)[0]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_growth_makes_the_allocations_that_are_counted_for_it() {
        let mut capacities = Vec::new();
        one_growth(|capacity| capacities.push(capacity));
        capacities.dedup();
        assert_eq!(capacities, [4, 8, 16, 32, 64]);
        assert_eq!(capacities.len() as u64, ALLOCATIONS);
    }
}
