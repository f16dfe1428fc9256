#[hotpath::main(percentiles = [101])]
fn too_large() {}

#[hotpath::main(percentiles = [50, -1, "95", 100.5])]
fn several_wrong() {}

#[hotpath::main(percentiles = [])]
fn none() {}

#[hotpath::main(percentiles = 95)]
fn not_an_array() {}

#[hotpath::main(format = "jsn")]
fn wrong_format() {}

#[hotpath::main(limit = -1)]
fn negative() {}

#[hotpath::main(limit = "10")]
fn limit_not_a_number() {}

#[hotpath::main(report = "functions-timing,thread")]
fn unknown_section() {}

#[hotpath::main(report = "")]
fn no_section() {}

#[hotpath::main(output_path = 1)]
fn path_not_text() {}

#[hotpath::main(timeout = 1.5)]
fn timeout_not_whole() {}

#[hotpath::main(allocator = "System")]
fn allocator_not_a_path() {}

#[hotpath::main(function_limit = 3)]
fn misspelt() {}

#[hotpath::main(limit = 1, limit = 2)]
fn twice() {}

#[hotpath::main(output = "a", output_path = "b")]
fn two_outputs() {}

#[hotpath::main(output = "")]
fn no_output() {}

#[hotpath::main(budget = "2 percent")]
fn budget_not_a_share() {}

#[hotpath::main(budget = 0)]
fn no_budget() {}

#[hotpath::main(budget = "101%")]
fn budget_too_large() {}

#[hotpath::main(budget = -1)]
fn budget_below_zero() {}

#[hotpath::main(budget = true)]
fn budget_not_a_number() {}

fn main() {
    too_large();
    several_wrong();
    none();
    not_an_array();
    wrong_format();
    negative();
    limit_not_a_number();
    unknown_section();
    no_section();
    path_not_text();
    timeout_not_whole();
    allocator_not_a_path();
    misspelt();
    twice();
    two_outputs();
    no_output();
    budget_not_a_share();
    no_budget();
    budget_too_large();
    budget_below_zero();
    budget_not_a_number();
}
