//! Looks made by hand.
