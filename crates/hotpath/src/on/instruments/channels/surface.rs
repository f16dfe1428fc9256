//! The methods and types that several libraries have in common, each written once.
//!
//! The macros find the library under the name `original`, and everything else by the imports of the file that uses them.

/// Methods that are handed on to the library and count nothing.
macro_rules! forward {
    ($($name:ident($($argument:ident: $type:ty),*) $(-> $result:ty)?;)+) => {
        $(
            #[inline]
            pub fn $name(&self $(, $argument: $type)*) $(-> $result)? {
                self.raw.$name($($argument),*)
            }
        )+
    };
}

/// Errors that give a message back, without its stamp: those that are the message, and those that have reasons.
macro_rules! unstamp {
    ($($error:ident $({ $($reason:ident),+ })?;)+) => {
        $(unstamp!(@one $error $({ $($reason),+ })?);)+
    };
    (@one $error:ident) => {
        unstamp!(@impl $error, |error| $error(error.0.value));
    };
    (@one $error:ident { $($reason:ident),+ }) => {
        unstamp!(@impl $error, |error| match error {
            $($error::$reason(message) => $error::$reason(message.value)),+
        });
    };
    (@impl $error:ident, |$own:ident| $plain:expr) => {
        impl<T> Unstamp for $error<Stamped<T>> {
            type Plain = $error<T>;

            fn unstamp(self) -> $error<T> {
                let $own = self;
                $plain
            }
        }
    };
}

/// The error of an attempt to send: its reason if the channel is closed, beside `Full`.
macro_rules! attempts {
    ($closed:ident) => {
        impl<T> Attempt<T> for TrySendError<Stamped<T>> {
            fn only_full(self) -> Result<Stamped<T>, Stamped<T>> {
                match self {
                    Self::Full(message) => Ok(message),
                    Self::$closed(message) => Err(message),
                }
            }
        }
    };
}

/// The iterators of a receiver.
macro_rules! iterators {
    () => {
        impl<T> Receiver<T> {
            #[must_use]
            pub fn iter(&self) -> Iter<'_, T> {
                Iter(self)
            }

            #[must_use]
            pub fn try_iter(&self) -> TryIter<'_, T> {
                TryIter(self)
            }
        }

        pub struct Iter<'a, T>(&'a Receiver<T>);
        pub struct TryIter<'a, T>(&'a Receiver<T>);
        pub struct IntoIter<T>(Receiver<T>);

        iterators!(Iter<'_, T>, recv);
        iterators!(TryIter<'_, T>, try_recv);
        iterators!(IntoIter<T>, recv);

        impl<'a, T> IntoIterator for &'a Receiver<T> {
            type Item = T;
            type IntoIter = Iter<'a, T>;

            fn into_iter(self) -> Iter<'a, T> {
                self.iter()
            }
        }

        impl<T> IntoIterator for Receiver<T> {
            type Item = T;
            type IntoIter = IntoIter<T>;

            fn into_iter(self) -> IntoIter<T> {
                IntoIter(self)
            }
        }
    };
    ($name:ident $generics:tt $($rest:tt)+) => {
        iterators!(@one $name, $name $generics $($rest)+);
    };
    (@one $name:ident, $iterator:ty, $receive:ident) => {
        impl<T> Iterator for $iterator {
            type Item = T;

            fn next(&mut self) -> Option<T> {
                self.0.$receive().ok()
            }
        }

        impl<T> fmt::Debug for $iterator {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_tuple(stringify!($name)).field(&self.0).finish()
            }
        }
    };
}

/// A sender that does not keep its channel open: `downgrade` and `upgrade`.
macro_rules! weak_senders {
    ($($sender:ident, $weak:ident;)+) => {
        $(
            impl<T> $sender<T> {
                #[must_use]
                pub fn downgrade(&self) -> $weak<T> {
                    Weak { raw: self.raw.downgrade(), share: self.side.share().clone() }
                }
            }

            impl<T> $weak<T> {
                #[must_use]
                pub fn upgrade(&self) -> Option<$sender<T>> {
                    let side = TxSide::new(self.share.clone()); // first: while there is a sender the channel counts as open
                    Some(Tx { raw: self.raw.upgrade()?, side })
                }
            }
        )+
    };
}

/// Everything that crossbeam-channel and flume have in common.
macro_rules! mpmc {
    () => {
        pub type Sender<T> = Tx<original::Sender<Stamped<T>>, T>;
        pub type Receiver<T> = Rx<original::Receiver<Stamped<T>>, T>;

        unstamp! {
            SendError;
            TrySendError { Full, Disconnected };
            SendTimeoutError { Timeout, Disconnected };
        }
        attempts!(Disconnected);
        iterators!();

        impl<T> Sender<T> {
            #[inline]
            pub fn send(&self, value: T) -> Result<(), SendError<T>> {
                self.push_waiting(value, original::Sender::try_send, SendError, original::Sender::send)
            }

            #[inline]
            pub fn try_send(&self, value: T) -> Result<(), TrySendError<T>> {
                self.push(value, original::Sender::try_send)
            }

            pub fn send_timeout(&self, value: T, timeout: Duration) -> Result<(), SendTimeoutError<T>> {
                let wait = |raw: &original::Sender<_>, message| raw.send_timeout(message, timeout);
                self.push_waiting(value, original::Sender::try_send, SendTimeoutError::Disconnected, wait)
            }

            pub fn send_deadline(&self, value: T, deadline: Instant) -> Result<(), SendTimeoutError<T>> {
                let wait = |raw: &original::Sender<_>, message| raw.send_deadline(message, deadline);
                self.push_waiting(value, original::Sender::try_send, SendTimeoutError::Disconnected, wait)
            }
        }

        impl<T> Receiver<T> {
            #[inline]
            pub fn recv(&self) -> Result<T, RecvError> {
                self.pull(original::Receiver::recv)
            }

            #[inline]
            pub fn try_recv(&self) -> Result<T, TryRecvError> {
                self.pull(original::Receiver::try_recv)
            }

            pub fn recv_timeout(&self, timeout: Duration) -> Result<T, RecvTimeoutError> {
                self.pull(|raw| raw.recv_timeout(timeout))
            }

            pub fn recv_deadline(&self, deadline: Instant) -> Result<T, RecvTimeoutError> {
                self.pull(|raw| raw.recv_deadline(deadline))
            }
        }

        both_ends!(Sender, Receiver);
    };
}

/// The methods that both ends of a multi-producer, multi-consumer channel have.
macro_rules! both_ends {
    ($($end:ident),+) => {
        $(
            impl<T> $end<T> {
                #[must_use]
                pub fn same_channel(&self, other: &Self) -> bool {
                    self.raw.same_channel(&other.raw)
                }

                forward! {
                    is_empty() -> bool;
                    is_full() -> bool;
                    len() -> usize;
                    capacity() -> Option<usize>;
                }
            }
        )+
    };
}

/// A channel of one message, whose receiver is a future.
macro_rules! oneshot {
    ($error:ident) => {
        pub type Sender<T> = Tx<original::Sender<Stamped<T>>, T>;
        pub type Receiver<T> = Rx<original::Receiver<Stamped<T>>, T>;

        impl<T> Channel for (original::Sender<T>, original::Receiver<T>) {
            type Message = T;
            type Capacity = KnownCapacity;
            type Instrumented = (Sender<T>, Receiver<T>);

            fn instrument(self, builder: ChannelBuilder<Self>) -> Self::Instrumented {
                let (tx, rx) = original::channel();
                builder.ends(Shape::oneshot(), tx, rx)
            }
        }

        impl<T> Sender<T> {
            pub fn send(self, value: T) -> Result<(), T> {
                let (message, ticket) = self.side.stamp(value);
                self.raw.send(message).map_err(Stamped::into_inner)?;
                self.side.sent(ticket);
                Ok(())
            }
        }

        impl<T> Receiver<T> {
            pub fn close(&mut self) {
                self.raw.close();
                self.side.close();
            }
        }

        impl<T> Future for Receiver<T> {
            type Output = Result<T, $error>;

            #[inline]
            fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
                Pin::new(&mut self.raw).poll(context).map(|received| received.received_by(&self.side))
            }
        }
    };
}
