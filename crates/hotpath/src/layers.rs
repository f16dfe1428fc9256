//! Layers and hooks that other versions give to web and database libraries. They hand everything through and record nothing yet.

#[cfg(any(feature = "sqlx", feature = "toasty"))]
use tracing_core::Subscriber;
#[cfg(any(feature = "sqlx", feature = "toasty"))]
use tracing_subscriber::{Layer, layer::Identity, registry::LookupSpan};

/// A layer for the events of sqlx. It records nothing in this version, and changes nothing.
///
/// ```
/// use tracing_subscriber::layer::SubscriberExt;
///
/// let _subscriber = tracing_subscriber::registry().with(hotpath::sqlx_tracing_layer());
/// ```
#[cfg(feature = "sqlx")]
pub fn sqlx_tracing_layer<S>() -> impl Layer<S>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    Identity::new()
}

/// A layer for the events of toasty. It records nothing in this version, and changes nothing.
///
/// ```
/// use tracing_subscriber::layer::SubscriberExt;
///
/// let _subscriber = tracing_subscriber::registry().with(hotpath::toasty_tracing_layer());
/// ```
#[cfg(feature = "toasty")]
pub fn toasty_tracing_layer<S>() -> impl Layer<S>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    Identity::new()
}

/// Watches the queries of diesel. It does nothing in this version.
///
/// ```
/// hotpath::instrument_diesel_sql();
/// ```
#[cfg(feature = "diesel")]
pub fn instrument_diesel_sql() {}

/// A layer for an axum router, or any other tower service. It records nothing in this version: the service stays as it is.
///
/// ```
/// use tower_layer::Layer;
///
/// assert_eq!(hotpath::AxumLayer::new().layer("service"), "service");
/// ```
#[cfg(feature = "axum-0-8")]
#[derive(Clone, Copy, Debug, Default)]
pub struct AxumLayer(());

#[cfg(feature = "axum-0-8")]
impl AxumLayer {
    /// A layer that changes nothing.
    #[must_use]
    pub fn new() -> Self {
        Self(())
    }
}

#[cfg(feature = "axum-0-8")]
impl<S> tower_layer::Layer<S> for AxumLayer {
    type Service = S;

    fn layer(&self, service: S) -> S {
        service
    }
}
