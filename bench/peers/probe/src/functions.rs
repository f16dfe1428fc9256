//! The measured functions, written once and instrumented by each peer in its own way.

/// Implements `Functions` for a type.
///
/// `plain`, `logged` and `future` are the attributes of a function, of one whose return value is kept, and of an
/// async one; `begin` is what stands at the beginning of each body.
#[macro_export]
macro_rules! functions {
    (
        for: $peer:ty,
        plain: $plain:tt,
        logged: { $($logged:tt)* },
        future: { $($future:tt)* },
        begin: { $($begin:tt)* },
    ) => {
        mod measured {
            use std::hint::black_box;

            $crate::function! { $plain empty(value) { $($begin)* black_box(value) } }
            $crate::function! { $plain inner(value) { $($begin)* black_box(value) } }
            $crate::function! { $plain middle(value) { $($begin)* black_box(inner(value)) } }
            $crate::function! { $plain outer(value) { $($begin)* black_box(middle(value)) } }
            $($logged)* #[inline(never)] pub fn logged(value: u64) -> i32 { $($begin)* black_box(value as i32) }
            $($future)* pub async fn ready(value: u64) -> u64 { $($begin)* std::future::ready(value).await }
            $($future)* pub async fn yields(value: u64) -> u64 {
                $($begin)*
                $crate::Yield::default().await;
                value
            }
            $crate::function! { $plain one_box(value) { $($begin)* $crate::heap::one_box(value) } }
            $crate::function! { $plain boxes(times) { $($begin)* $crate::heap::boxes(times) } }
            $crate::function! { $plain growths(times) { $($begin)* $crate::heap::growths(times) } }
            $crate::function! { $plain parse(text: &str) -> $crate::Value { $($begin)* $crate::document::parse(text) } }
            $crate::function! { $plain walk(value: &$crate::Value) -> u64 { $($begin)* $crate::document::walk(value) } }
            $crate::function! { $plain print(value: &$crate::Value) -> String { $($begin)* $crate::document::print(value) } }
            pub mod thousand { $crate::thousand! { $plain { $($begin)* } c0 c1 c2 c3 c4 c5 c6 c7 c8 c9 } }
        }

        impl $crate::Functions for $peer {
            fn empty(value: u64) -> u64 { measured::empty(value) }
            fn logged(value: u64) -> i32 { measured::logged(value) }
            fn nested(value: u64) -> u64 { measured::outer(value) }
            fn ready(value: u64) -> impl Future<Output = u64> { measured::ready(value) }
            fn yields(value: u64) -> impl Future<Output = u64> { measured::yields(value) }
            fn one_box(value: u64) -> u64 { measured::one_box(value) }
            fn boxes(times: u64) -> u64 { measured::boxes(times) }
            fn growths(times: u64) -> u64 { measured::growths(times) }
            fn parse(text: &str) -> $crate::Value { measured::parse(text) }
            fn walk(value: &$crate::Value) -> u64 { measured::walk(value) }
            fn print(value: &$crate::Value) -> String { measured::print(value) }
            fn distinct() -> Vec<fn(u64) -> u64> { measured::thousand::all() }
            fn one_of_ten(index: u64, value: u64) -> u64 { measured::thousand::c0::d0::TEN[index as usize % 10](value) }
        }
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! function {
    ($attributes:tt $name:ident($value:ident) $body:block) => {
        $crate::function! { $attributes $name($value: u64) -> u64 $body }
    };
    ({ $($attributes:tt)* } $name:ident($value:ident: $from:ty) -> $to:ty $body:block) => {
        $($attributes)* #[inline(never)] pub fn $name($value: $from) -> $to $body
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! thousand {
    ($plain:tt $begin:tt $($module:ident)*) => {
        $(pub mod $module { $crate::hundred! { $plain $begin d0 d1 d2 d3 d4 d5 d6 d7 d8 d9 } })*
        pub fn all() -> Vec<fn(u64) -> u64> { [$($module::all()),*].concat() }
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! hundred {
    ($plain:tt $begin:tt $($module:ident)*) => {
        $(pub mod $module { $crate::ten! { $plain $begin f0 f1 f2 f3 f4 f5 f6 f7 f8 f9 } })*
        pub fn all() -> Vec<fn(u64) -> u64> { [$($module::TEN),*].concat() }
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! ten {
    ($plain:tt { $($begin:tt)* } $($name:ident)*) => {
        $crate::ten! { @each $plain { { $($begin)* std::hint::black_box(1) } } $($name)* }
        pub const TEN: [fn(u64) -> u64; 10] = [$($name),*];
    };
    (@each $plain:tt { $body:tt } $($name:ident)*) => {
        $($crate::function! { $plain $name(_value) $body })*
    };
}
