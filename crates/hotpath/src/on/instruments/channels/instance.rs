//! The state of one channel: its sites, and the number of messages in it.
//!
//! Counters of an instance are shared by its endpoints, as the channel itself is; senders and receivers write different
//! cache lines. Invariant: whatever was added to the gauge of the queue is taken off again, by the receiver of the message or
//! by the end of the last receiver.

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering},
};

use hotpath_lane::{Site, clock, event, gate, memory::pause_tracking};

use super::{
    super::resource::{Resource, ResourceInfo},
    shape::Shape,
};

/// Kinds of events of a channel: the index of their site.
///
/// A message was sent. The gauge counts the messages that went into queues.
pub(crate) const SENT: usize = 0;
/// A message was received; the duration is the time since it was sent. The gauge counts, below zero, the messages that came out of
/// queues.
pub(crate) const RECEIVED: usize = 1;
/// A sender waited for room; the duration is that wait.
pub(crate) const WAITED: usize = 3;
/// A channel was closed. The gauge is the number of open channels.
pub(crate) const CLOSED: usize = 2;
pub(crate) const EVENT_KINDS: u8 = 4;

/// Writes a message as text.
pub(crate) type Write<T> = fn(&T, &mut String);

/// The state that all endpoints of one channel share.
pub(crate) struct Instance<T> {
    sites: &'static [Site],
    resource: &'static Resource,
    /// The most messages that can be in it.
    capacity: u64,
    write: Option<Write<T>>,
    senders: AtomicUsize,
    receivers: AtomicUsize,
    is_closed: AtomicBool,
    sent: Line<Sent>,
    received: Line<AtomicU64>,
}

/// A cache line, and the one that the processor fetches along with it.
#[repr(align(128))]
struct Line<C>(C);

struct Sent {
    /// Messages sent, and [`GONE`].
    count: AtomicU64,
    /// A number of received messages that a sender once saw: with it most sends need not read the receivers' line.
    received: AtomicU64,
}

/// Set once no receiver is left: a message that is sent from then on is in no queue.
const GONE: u64 = 1 << 63;

/// The moment and text of a message that is being sent.
#[derive(Default)]
pub struct Ticket {
    stamp: u64,
    text: Option<String>,
}

impl Ticket {
    /// The moment; 0 if the message is only counted.
    #[inline]
    pub(crate) fn stamp(&self) -> u64 {
        self.stamp
    }

    /// The present moment; 0 if the message is only counted.
    pub(crate) fn now(&self) -> u64 {
        if self.stamp == 0 { 0 } else { clock::now() }
    }
}

/// A share in an instance. The last one frees, untracked, what was allocated untracked.
pub(crate) struct Share<T>(Option<Arc<Instance<T>>>);

impl<T> Share<T> {
    pub(crate) fn new(resource: &'static Resource, shape: Shape, write: Option<Write<T>>) -> Self {
        Self::of(resource, shape, write, false)
    }

    /// Makes a share in a channel whose messages a proxy carries and counts.
    pub(crate) fn proxied(resource: &'static Resource, shape: Shape, write: Option<Write<T>>) -> Self {
        Self::of(resource, shape, write, true)
    }

    fn of(resource: &'static Resource, shape: Shape, write: Option<Write<T>>, is_proxied: bool) -> Self {
        let _untracked = pause_tracking();
        let capacity = shape.capacity.filter(|_| shape.is_strict).unwrap_or(u64::MAX);
        let info = ResourceInfo {
            description: shape.description,
            capacity: shape.capacity,
            type_size: size_of::<T>(),
            is_proxied,
        };
        resource.describe(info);
        event::gauge_add(&resource.sites[CLOSED], 1);
        Self(Some(Arc::new(Instance {
            sites: resource.sites,
            resource,
            capacity,
            write,
            senders: AtomicUsize::new(0),
            receivers: AtomicUsize::new(0),
            is_closed: AtomicBool::new(false),
            sent: Line(Sent { count: AtomicU64::new(0), received: AtomicU64::new(0) }),
            received: Line(AtomicU64::new(0)),
        })))
    }

    /// Returns a share in no instance.
    #[cfg(feature = "futures")]
    pub(crate) fn none() -> Self {
        Self(None)
    }

    #[inline]
    pub(crate) fn get(&self) -> Option<&Instance<T>> {
        self.0.as_deref()
    }
}

impl<T> Clone for Share<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<T> Drop for Share<T> {
    fn drop(&mut self) {
        let instance = self.0.take();
        let _untracked = pause_tracking();
        drop(instance);
    }
}

impl<T> Instance<T> {
    /// Takes the moment at which a message is sent, and its text if texts are kept. To be called before it is: a receiver may be
    /// instant.
    #[inline]
    pub(crate) fn ticket(&self, value: &T) -> Ticket {
        let stamp = event::stamp(&self.sites[RECEIVED]);
        let text = self.write.filter(|_| stamp != 0).map(|write| as_text(write, value));
        Ticket { stamp, text }
    }

    /// The present moment, if a wait for room that begins now is to be timed; else 0.
    pub(crate) fn moment(&self) -> u64 {
        event::stamp(&self.sites[WAITED])
    }

    /// Counts a message that was sent without waiting for room.
    #[inline]
    pub(crate) fn sent(&self, ticket: Ticket) {
        match ticket.text {
            None => self.enter(|site| event::count_and_gauge_add(site, 1)),
            Some(text) => self.enter_logged(ticket.stamp, text),
        }
    }

    /// Counts a message whose sender waited for room since `since` (see [`event::stamp`]); 0 if that is not known.
    pub(crate) fn sent_since(&self, since: u64, ticket: Ticket) {
        if since != 0 {
            event::record(&self.sites[WAITED], since);
        }
        self.sent(ticket);
    }

    /// Counts a message in the queue of which nothing else is known.
    pub(crate) fn carried(&self) {
        self.enter(|site| event::gauge_add(site, 1));
    }

    /// Records a message in the queue; `record` also adds to the gauge.
    #[inline]
    fn enter(&self, record: impl FnOnce(&'static Site)) {
        let site = &self.sites[SENT];
        let before = self.sent.0.count.fetch_add(1, Ordering::Relaxed); // one order with the `fetch_or` in `abandoned`
        if before & GONE != 0 {
            return event::count(site); // it went nowhere
        }
        record(site);
        if gate::is_open() {
            self.raise_peak(before + 1);
        }
    }

    /// Counts a message whose text is kept: an event with a moment, and without a duration.
    #[cold]
    fn enter_logged(&self, stamp: u64, text: String) {
        self.enter(|site| {
            event::record_at(site, stamp, 0);
            event::note(site, |kept| kept.push_str(&text));
            event::gauge_add(site, 1);
        });
        let _untracked = pause_tracking();
        drop(text);
    }

    /// Raises the peak to the length of the queue: the messages sent less those received, and at most its capacity, since a message
    /// is counted as received a moment after it came out.
    #[inline]
    fn raise_peak(&self, sent: u64) {
        let length = |received: u64| sent.saturating_sub(received).min(self.capacity);
        let seen = &self.sent.0.received;
        let peak = self.resource.peak.get();
        if peak.is_some_and(|peak| length(seen.load(Ordering::Relaxed)) <= peak) {
            return; // it was received at least as much since
        }
        let received = self.received.0.load(Ordering::Relaxed);
        seen.store(received, Ordering::Relaxed); // numbers that stand alone: no order is needed
        self.resource.peak.raise(length(received));
    }

    /// Counts a message that was received.
    #[inline]
    pub(crate) fn received(&self, stamp: u64, value: &T) {
        self.passed(stamp);
        if let Some(write) = self.write.filter(|_| stamp != 0) {
            event::note(&self.sites[RECEIVED], |text| write(value, text));
        }
    }

    #[inline]
    fn passed(&self, stamp: u64) {
        self.received.0.fetch_add(1, Ordering::Relaxed); // `left_side` orders it before the last receiver's end
        event::record_and_gauge_add(&self.sites[RECEIVED], stamp, -1);
    }

    /// Counts a message that was received and stays in the queue.
    #[cfg(feature = "tokio")]
    pub(crate) fn delivered(&self, stamp: u64, value: &T) {
        event::record(&self.sites[RECEIVED], stamp);
        if let Some(write) = self.write.filter(|_| stamp != 0) {
            event::note(&self.sites[RECEIVED], |text| write(value, text));
        }
    }

    /// Counts a value that a receiver saw, where there is no queue.
    pub(crate) fn seen(&self) {
        event::count(&self.sites[RECEIVED]);
    }

    /// Counts a value that was set, where there is no queue.
    pub(crate) fn set(&self, ticket: Ticket) {
        let site = &self.sites[SENT];
        match ticket.text {
            Some(text) => {
                event::record_at(site, ticket.stamp, 0);
                event::note(site, |kept| kept.push_str(&text));
                let _untracked = pause_tracking();
                drop(text);
            }
            None => event::count(site),
        }
    }

    /// Counts a message that left the queue and was not received.
    pub(crate) fn displaced(&self) {
        self.received.0.fetch_add(1, Ordering::Relaxed); // as in `received`
        event::gauge_add(&self.sites[SENT], -1);
    }

    /// Counts one more endpoint on this side.
    pub(crate) fn entered_side(&self, side: Side) {
        self.count_of(side).fetch_add(1, Ordering::Relaxed); // who makes an endpoint has one
    }

    /// Counts one endpoint less on this side; the last one closes the channel.
    pub(crate) fn left_side(&self, side: Side) {
        // AcqRel: the last one sees what all others counted.
        if self.count_of(side).fetch_sub(1, Ordering::AcqRel) == 1 {
            self.close();
            if matches!(side, Side::Receiver) {
                self.abandoned();
            }
        }
    }

    fn count_of(&self, side: Side) -> &AtomicUsize {
        match side {
            Side::Sender => &self.senders,
            Side::Receiver => &self.receivers,
        }
    }

    /// Counts the channel as closed, by the program or by the end of one side; once.
    pub(crate) fn close(&self) {
        if !self.is_closed.swap(true, Ordering::Relaxed) {
            event::count(&self.sites[CLOSED]);
            event::gauge_add(&self.sites[CLOSED], -1);
        }
    }

    /// Takes the messages in the queue off the gauge: nobody receives them any more.
    fn abandoned(&self) {
        let sent = self.sent.0.count.fetch_or(GONE, Ordering::Relaxed); // one order with the `fetch_add` in `enter`
        if sent & GONE == 0 {
            let left = sent.saturating_sub(self.received.0.load(Ordering::Relaxed));
            event::gauge_add(&self.sites[SENT], -i64::try_from(left).unwrap_or(0));
        }
    }
}

/// The two sides of a channel.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Side {
    Sender,
    Receiver,
}

#[cold]
fn as_text<T>(write: Write<T>, value: &T) -> String {
    let _untracked = pause_tracking();
    let mut text = String::new();
    write(value, &mut text);
    text
}
