//! The macros behind `wrap::crossbeam_channel::{select, select_biased}`.

/// crossbeam-channel's `select!` over watched and plain endpoints.
#[doc(hidden)]
#[macro_export]
macro_rules! __hotpath_select {
    ($($arms:tt)*) => {
        $crate::__hotpath_select_arms!([select] [] $($arms)*)
    };
}

/// crossbeam-channel's `select_biased!` over watched and plain endpoints.
#[doc(hidden)]
#[macro_export]
macro_rules! __hotpath_select_biased {
    ($($arms:tt)*) => {
        $crate::__hotpath_select_arms!([select_biased] [] $($arms)*)
    };
}

/// Rewrites the arms one by one: each names its endpoint, and takes the stamp off before its body. Every step has its own names.
#[doc(hidden)]
#[macro_export]
macro_rules! __hotpath_select_arms {
    ([$select:ident] [$($done:tt)*]) => {
        $crate::private::crossbeam_channel::$select! { $($done)* }
    };
    ($select:tt [$($done:tt)*] recv($receiver:expr $(,)?) -> $result:pat => $body:block $(, $($rest:tt)*)?) => {
        $crate::__hotpath_select_arms!(@recv $select [$($done)*] $receiver, $result, $body, $($($rest)*)?)
    };
    ($select:tt [$($done:tt)*] recv($receiver:expr $(,)?) -> $result:pat => $body:block $($rest:tt)+) => {
        $crate::__hotpath_select_arms!(@recv $select [$($done)*] $receiver, $result, $body, $($rest)+)
    };
    ($select:tt [$($done:tt)*] recv($receiver:expr $(,)?) -> $result:pat => $body:expr $(, $($rest:tt)*)?) => {
        $crate::__hotpath_select_arms!(@recv $select [$($done)*] $receiver, $result, $body, $($($rest)*)?)
    };
    ($select:tt [$($done:tt)*] send($sender:expr, $value:expr $(,)?) -> $result:pat => $body:block $(, $($rest:tt)*)?) => {
        $crate::__hotpath_select_arms!(@send $select [$($done)*] $sender, $value, $result, $body, $($($rest)*)?)
    };
    ($select:tt [$($done:tt)*] send($sender:expr, $value:expr $(,)?) -> $result:pat => $body:block $($rest:tt)+) => {
        $crate::__hotpath_select_arms!(@send $select [$($done)*] $sender, $value, $result, $body, $($rest)+)
    };
    ($select:tt [$($done:tt)*] send($sender:expr, $value:expr $(,)?) -> $result:pat => $body:expr $(, $($rest:tt)*)?) => {
        $crate::__hotpath_select_arms!(@send $select [$($done)*] $sender, $value, $result, $body, $($($rest)*)?)
    };
    ($select:tt [$($done:tt)*] default $(($($timeout:tt)*))? => $body:block $(, $($rest:tt)*)?) => {
        $crate::__hotpath_select_arms!(
            $select [$($done)* default $(($($timeout)*))? => $body,] $($($rest)*)?
        )
    };
    ($select:tt [$($done:tt)*] default $(($($timeout:tt)*))? => $body:block $($rest:tt)+) => {
        $crate::__hotpath_select_arms!(
            $select [$($done)* default $(($($timeout)*))? => $body,] $($rest)+
        )
    };
    ($select:tt [$($done:tt)*] default $(($($timeout:tt)*))? => $body:expr $(, $($rest:tt)*)?) => {
        $crate::__hotpath_select_arms!(
            $select [$($done)* default $(($($timeout)*))? => $body,] $($($rest)*)?
        )
    };
    (@recv $select:tt [$($done:tt)*] $receiver:expr, $result:pat, $body:expr, $($rest:tt)*) => {
        match $receiver {
            ref receiver => {
                #[allow(unused_imports)]
                use $crate::private::{Receives as _, Sends as _};
                $crate::__hotpath_select_arms!(
                    $select
                    [$($done)* recv(receiver.raw_receiver()) -> received => {
                        let $result = receiver.take_received(received);
                        $body
                    },]
                    $($rest)*
                )
            }
        }
    };
    (@send $select:tt [$($done:tt)*] $sender:expr, $value:expr, $result:pat, $body:expr, $($rest:tt)*) => {
        match ($crate::private::no_ticket(), &$sender) {
            (ref ticket, sender) => {
                #[allow(unused_imports)]
                use $crate::private::{Receives as _, Sends as _};
                $crate::__hotpath_select_arms!(
                    $select
                    [$($done)* send(sender.raw_sender(), sender.put_message($value, ticket)) -> sent => {
                        let $result = sender.take_sent(sent, ticket);
                        $body
                    },]
                    $($rest)*
                )
            }
        }
    };
}
