//! Functions with something for a lint each, to be seen alike by rustc and clippy with profiling off and on. The test makes
//! variants of this file: sync, logged, `async`, by `measure_all`.

use std::fmt::Write as _;

#[hotpath::measure]
fn never_called() {}

#[expect(dead_code)]
#[hotpath::measure]
fn expected_dead() {}

#[hotpath::measure]
#[expect(dead_code)]
fn expected_dead_below() {}

#[hotpath::measure]
pub fn needless_return(n: u8) -> u8 {
    return n;
}

#[hotpath::measure]
pub fn needless_return_at_the_end_of_statements(n: u8) -> u8 {
    let n = n.wrapping_add(1);
    if n > 3 {
        return 3;
    } else {
        return n;
    }
}

#[hotpath::measure]
pub fn needless_return_of_nothing(list: &mut Vec<u8>) {
    list.push(1);
    return;
}

#[hotpath::measure]
pub fn unused_unit() -> () {}

#[hotpath::measure]
pub fn unit_at_the_end(list: &mut Vec<u8>) {
    list.push(1);
    ()
}

#[hotpath::measure]
pub fn useless_format() -> String {
    format!("text")
}

#[hotpath::measure]
pub fn uninlined(n: u8) -> String {
    format!("{}", n)
}

#[hotpath::measure]
pub fn uninlined_after_a_statement(n: u8) -> String {
    let mut text = String::new();
    let _ = write!(text, "{}", n);
    println!("{}", n);
    format!("{} {}", n, text)
}

#[hotpath::measure]
pub fn result_unit_err(n: u8) -> Result<u8, ()> {
    if n > 3 { Err(()) } else { Ok(n) }
}

#[hotpath::measure]
pub fn too_many_arguments(a: u8, b: u8, c: u8, d: u8, e: u8, f: u8, g: u8, h: u8) -> u8 {
    a ^ b ^ c ^ d ^ e ^ f ^ g ^ h
}

#[hotpath::measure]
pub fn let_and_return(n: u8) -> u8 {
    let m = n.wrapping_mul(2);
    m
}

#[hotpath::measure]
pub fn unused_names(unused: u8, mut never_changed: u8, (left, _right): (u8, u8), #[allow(unused_variables)] allowed: u8) -> u8 {
    let unused_too = never_changed;
    never_changed
}

#[hotpath::measure]
pub fn unused_results(list: &[u8]) {
    list.first().is_some();
    let mut text = String::new();
    write!(text, "x");
}

#[hotpath::measure]
pub fn unreachable(n: u8) -> u8 {
    return n;
    n.wrapping_add(1)
}

#[hotpath::measure]
pub fn NotSnakeCase(NotSnake: u8) -> u8 {
    let NorThis = NotSnake;
    NorThis
}

#[hotpath::measure]
pub fn parentheses_and_braces(n: u8) -> u8 {
    if (n > 3) {
        let m = { n };
        (m)
    } else {
        (n)
    }
}

#[rustfmt::skip]
#[hotpath::measure]
pub fn one_line(n: u8) -> u8 { return n; }

#[rustfmt::skip]
#[hotpath::measure]
pub fn one_line_without_a_semicolon(n: u8) -> u8 { return n }

#[rustfmt::skip]
#[hotpath::measure]
pub fn braces_on_one_line(n: u8) -> u8 { { n } }

#[hotpath::measure]
pub fn reference_to_a_vector(list: &Vec<u8>, text: &String, boxed: Box<u8>) -> usize {
    list.len() + text.len() + usize::from(*boxed)
}

#[hotpath::measure]
pub fn needless_lifetime<'a>(text: &'a str) -> usize {
    text.len()
}

#[hotpath::measure]
pub fn complex_type(_: &Option<Box<dyn Fn(Vec<Option<Result<u8, String>>>) -> Vec<Vec<Option<Result<u8, String>>>>>>) {}

#[hotpath::measure]
pub fn clones_what_is_copied(n: u8) -> u8 {
    n.clone()
}

#[hotpath::measure]
pub fn compares_with_true(flag: bool) -> bool {
    if flag == true { true } else { false }
}

#[hotpath::measure]
pub fn loops(list: &[u8]) -> usize {
    let mut sum = 0;
    for i in 0..list.len() {
        sum += usize::from(list[i]);
    }
    sum
}

#[hotpath::measure]
pub fn matches(n: Option<u8>) -> u8 {
    match n {
        Some(n) => return n,
        None => return 0,
    }
}

#[hotpath::measure]
pub fn question(text: &str) -> Result<u8, std::num::ParseIntError> {
    Ok(text.parse::<u8>()?)
}

#[hotpath::measure]
pub fn borrows_needlessly(text: &str) -> usize {
    count(&text)
}

fn count(text: &str) -> usize {
    text.len()
}

#[hotpath::measure]
pub unsafe fn without_a_safety_section(n: *const u8) -> u8 {
    unsafe { *n }
}

#[hotpath::measure]
pub fn reads_a_pointer(n: *const u8) -> u8 {
    unsafe { *n }
}

#[must_use]
#[hotpath::measure]
pub fn must_use_unit() {}

#[must_use]
#[hotpath::measure]
pub fn double_must_use() -> Result<u8, String> {
    Ok(1)
}

#[hotpath::measure]
#[inline(always)]
pub fn deprecated_callers(n: u8) -> u8 {
    drop(old(n));
    n
}

#[deprecated]
#[hotpath::measure]
pub fn old(n: u8) -> u8 {
    n
}

#[hotpath::measure]
pub fn items_of_its_own(n: u8) -> u8 {
    fn unused_inside() {}
    const NEVER: u8 = 3;
    n
}

#[hotpath::measure]
pub fn assigned_in_vain(n: u8) -> u8 {
    let mut m = 1;
    m = n;
    m
}

#[hotpath::measure]
pub fn a_future() -> std::future::Ready<u8> {
    std::future::ready(1)
}

#[hotpath::measure]
pub fn yields_a_future_inside(n: u8) -> u8 {
    drop(async { std::future::ready(n) });
    n
}

#[hotpath::measure]
pub fn boxed_future(n: u8) -> Box<std::future::Ready<u8>> {
    return Box::new(std::future::ready(n));
}

#[derive(Debug)]
pub struct Counter(u8);

impl Counter {
    #[hotpath::measure(impl_type = "Counter")]
    fn never_called(&self) {}

    #[expect(dead_code)]
    #[hotpath::measure(impl_type = "Counter")]
    fn expected_dead(&self) {}

    #[hotpath::measure(impl_type = "Counter")]
    pub fn new() -> u8 {
        0
    }

    #[hotpath::measure(impl_type = "Counter")]
    pub fn of(n: u8) -> Self {
        Self(n)
    }

    #[hotpath::measure(impl_type = "Counter")]
    pub fn next(&mut self) -> Option<u8> {
        self.0 += 1;
        Some(self.0)
    }

    #[must_use]
    #[hotpath::measure(impl_type = "Counter")]
    pub fn wanted(&self) -> u8 {
        self.0
    }

    #[hotpath::measure(impl_type = "Counter")]
    pub fn does_not_want_it(&self) {
        drop(self.wanted());
        self.wanted();
    }

    #[hotpath::measure(impl_type = "Counter")]
    pub fn to_other(self: &Self) -> String {
        return self.0.to_string();
    }

    #[hotpath::measure(impl_type = "Counter")]
    pub fn into_number(&self) -> u8 {
        self.0
    }

    #[hotpath::measure(impl_type = "Counter")]
    pub fn add(self, other: Self) -> Self {
        let sum = Self(self.0 + other.0);
        return sum;
    }

    #[hotpath::measure(impl_type = "Counter")]
    pub fn len(&self) -> usize {
        usize::from(self.0)
    }

    #[hotpath::measure(impl_type = "Counter")]
    pub fn too_many(&self, a: u8, b: u8, c: u8, d: u8, e: u8, f: u8, g: u8) -> u8 {
        a ^ b ^ c ^ d ^ e ^ f ^ g ^ self.0
    }
}
