//! The parameters of `#[hotpath::measure]`, `#[hotpath::measure_all]` and `#[hotpath::future_fn]`.

use proc_macro2::{Literal, Span, TokenStream};
use syn::{LitStr, Result, parse::ParseStream};

use super::{
    args::{bool_value, number_value, parse_each, text_value},
    krate::Krate,
    tokens::own,
};

/// The parameters of `#[hotpath::measure]` and `#[hotpath::future_fn]`.
pub struct MeasureArgs {
    pub krate: Krate,
    pub log: bool,
    pub label: Option<LitStr>,
    pub impl_type: Option<LitStr>,
    /// The position of `future = true`.
    pub future: Option<Span>,
    /// The share of calls to time, from 0 to 1.
    pub sample: Option<Literal>,
}

impl MeasureArgs {
    pub fn parse(args: TokenStream) -> Result<Self> {
        Self::parse_known(args, "measure", &["log", "label", "impl_type", "future", "sample", "crate"])
    }

    /// Returns the parameters that hold for all functions of a block.
    pub fn parse_all(args: TokenStream) -> Result<Self> {
        Self::parse_known(args, "measure_all", &["log", "future", "sample", "crate"])
    }

    pub fn parse_future_fn(args: TokenStream) -> Result<Self> {
        Self::parse_known(args, "future_fn", &["log", "crate"])
    }

    fn parse_known(args: TokenStream, attribute: &str, known: &[&str]) -> Result<Self> {
        let (mut krate, mut log, mut label, mut impl_type) = (None, false, None, None);
        let (mut future, mut sample) = (None, None);
        parse_each(args, &format!("#[hotpath::{attribute}]"), known, |name, input| {
            let at = input.span();
            match name {
                "crate" => krate = Some(Krate::parse(input)?),
                "log" => log = bool_value(name, input)?,
                "label" => label = Some(text_value(name, input)?),
                "impl_type" => impl_type = Some(text_value(name, input)?),
                "sample" => sample = Some(sampling_rate(input)?),
                _ => future = bool_value(name, input)?.then_some(at),
            }
            Ok(())
        })?;
        Ok(Self { krate: Krate::or_found(krate, attribute)?, log, label, impl_type, future, sample })
    }
}

/// The share of calls to time, as a float that stands where the user's number does.
fn sampling_rate(input: ParseStream) -> Result<Literal> {
    let expected = "`sample` must be a number from 0 to 1, the share of calls to time: write `sample = 0.01`";
    let (rate, at) = number_value(input, 0.0..=1.0, expected)?;
    let mut literal = Literal::f64_unsuffixed(rate);
    literal.set_span(own(at));
    Ok(literal)
}
