//! Measured functions in all their shapes, compared with the plain ones.

mod drop_order;
mod future_layers;
mod shapes;
