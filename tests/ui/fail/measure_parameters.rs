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
}
