//! Nothing is here: see `tests`.
