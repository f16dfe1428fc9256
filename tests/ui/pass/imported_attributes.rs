//! Attributes imported by name, those of other crates around them, and functions inside functions.

#![deny(warnings)]
#![forbid(unsafe_code)]

use hotpath::{measure, measure_all, skip};

struct Stack(Vec<u32>);

#[measure_all]
impl Stack {
    #[measure(label = "push")]
    fn push(&mut self, n: u32) {
        self.0.push(n);
    }

    #[skip]
    fn len(&self) -> usize {
        self.0.len()
    }

    #[::hotpath::measure]
    fn pop(&mut self) -> Option<u32> {
        self.0.pop()
    }

    #[cfg_attr(all(), measure(log = true))]
    fn first(&self) -> Option<&u32> {
        self.0.first()
    }
}

fn outer() -> u32 {
    #[measure]
    fn inner(#[allow(unused_variables)] unused: u32, #[cfg(any())] absent: Absent) -> u32 {
        1
    }

    #[measure]
    async fn inner_async(#[allow(unused_variables)] unused: u32, #[cfg(any())] absent: Absent) -> u32 {
        2
    }

    inner(0) + futures::executor::block_on(inner_async(0))
}

macro_rules! define {
    ($vis:vis $name:ident($argument:ident: $ty:ty) -> $output:ty $body:block) => {
        #[measure]
        $vis fn $name($argument: $ty) -> $output $body
    };
}

define!(pub(crate) from_macro(n: &str) -> usize { n.len() });

fn main() {
    let mut stack = Stack(Vec::new());
    stack.push(1);
    assert_eq!((stack.len(), stack.first().copied(), stack.pop()), (1, Some(1), Some(1)));
    assert_eq!(outer(), 3);
    assert_eq!(from_macro("abc"), 3);
}
