#[hotpath::measure(lable = "a")]
fn misspelt() {}

#[hotpath::measure(percentiles = [50])]
fn unknown() {}

#[hotpath::measure(log = true, label = "a", log = false)]
fn twice() {}

#[hotpath::measure(label = "")]
fn empty_label() {}

#[hotpath::measure(impl_type = " ")]
fn empty_impl_type() {}

#[hotpath::measure(label = name)]
fn label_not_text() {}

#[hotpath::measure(label = 3)]
fn label_a_number() {}

#[hotpath::measure(log = "true")]
fn log_not_bool() {}

#[hotpath::measure(log)]
fn log_without_value() {}

#[hotpath::measure(log = )]
fn log_with_nothing() {}

#[hotpath::measure("label")]
fn no_name() {}

#[hotpath::measure(log = true label = "a")]
fn no_comma() {}

#[hotpath::measure(lable = "a", future = 1)]
fn two_errors() {}

#[hotpath::measure(sample = 1.5)]
fn sample_above_one() {}

#[hotpath::measure(sample = -0.1)]
fn sample_below_zero() {}

#[hotpath::measure(sample = 2)]
fn sample_not_a_share() {}

#[hotpath::measure(sample = "1%")]
fn sample_not_a_number() {}

#[hotpath::measure(sample = RATE)]
fn sample_not_a_literal() {}

#[hotpath::measure(sample = 1e400)]
async fn sample_of_a_future() {}

fn main() {
    misspelt();
    unknown();
    twice();
    empty_label();
    empty_impl_type();
    label_not_text();
    label_a_number();
    log_not_bool();
    log_without_value();
    log_with_nothing();
    no_name();
    no_comma();
    two_errors();
    sample_above_one();
    sample_below_zero();
    sample_not_a_share();
    sample_not_a_number();
    sample_not_a_literal();
    let _ = sample_of_a_future();
}
