//! An attribute of another crate below ours reads the parameters as they were written, in every form of function.

use crate::package::Package;

/// `#[reads("..")]` compares the parameters with its text, without white space and `mut`, and takes its own attributes out.
const READER: &str = r#"
    use proc_macro::{Delimiter, Group, TokenStream, TokenTree};

    #[proc_macro_attribute]
    pub fn reads(text: TokenStream, item: TokenStream) -> TokenStream {
        let TokenTree::Literal(text) = text.into_iter().next().unwrap() else { panic!("a text") };
        let plain = |text: &str| text.replace("mut ", "").replace([' ', '\n', '"', ','], "");
        let mut is_read = false;
        let read = |token: TokenTree| match token {
            TokenTree::Group(group) if group.delimiter() == Delimiter::Parenthesis && !is_read => {
                is_read = true;
                let found = group.stream().to_string();
                assert_eq!(plain(&found), plain(&text.to_string()));
                let mut kept = Vec::new();
                for token in group.stream() {
                    if token.to_string() == "[case]" {
                        kept.pop();
                    } else {
                        kept.push(token);
                    }
                }
                TokenTree::Group(Group::new(Delimiter::Parenthesis, kept.into_iter().collect()))
            }
            token => token,
        };
        item.into_iter().map(read).collect()
    }
"#;

/// Each function by the attribute `MEASURE`.
const FUNCTIONS: &str = r##"
    #[MEASURE]
    #[reader::reads("#[case] n: u8, (left, _): (u8, Vec<u8>), _: String, Point { x, y: mut z }: Point")]
    ASYNC fn patterns(#[case] n: u8, (left, _): (u8, Vec<u8>), _: String, Point { x, y: mut z }: Point) -> u8 {
        z += 1;
        n + left + x + z
    }

    #[MEASURE]
    #[reader::reads("mut n: u8, _unused: u8, ref borrowed: String, whole @ [first, ..]: [u8; 2]")]
    ASYNC fn bindings(mut n: u8, _unused: u8, ref borrowed: String, whole @ [first, ..]: [u8; 2]) -> usize {
        n += first;
        usize::from(n) + borrowed.len() + whole.len()
    }

    #[MEASURE]
    #[reader::reads("#[case] #[allow(unused_variables)] never: u8, #[cfg(any())] gone: Gone, #[cfg(all())] kept: u8")]
    ASYNC fn levels(#[case] #[allow(unused_variables)] never: u8, #[cfg(any())] gone: Gone, #[cfg(all())] kept: u8) -> u8 {
        kept
    }

    struct Method(u8);

    impl Method {
        #[MEASURE]
        #[reader::reads("mut self, #[case] list: Vec<u8>")]
        ASYNC fn consume(mut self, #[case] list: Vec<u8>) -> u8 {
            self.0 += 1;
            self.0 + list[0]
        }

        #[MEASURE]
        #[reader::reads("&self, #[case] (n, m): (u8, u8)")]
        ASYNC fn borrow(&self, #[case] (n, m): (u8, u8)) -> u8 {
            self.0 + n + m
        }
    }
"##;

const MAIN: &str = r#"
    #![deny(warnings)]

    #[derive(Debug)]
    struct Point {
        x: u8,
        y: u8,
    }

    struct At(std::rc::Rc<std::cell::RefCell<Vec<u8>>>, u8);

    impl Drop for At {
        fn drop(&mut self) {
            self.0.borrow_mut().push(self.1);
        }
    }

    fn block_on<T>(future: impl Future<Output = T>) -> T {
        let mut context = std::task::Context::from_waker(std::task::Waker::noop());
        match std::pin::pin!(future).poll(&mut context) {
            std::task::Poll::Ready(value) => value,
            std::task::Poll::Pending => unreachable!(),
        }
    }

    MODULES

    fn main() {
        CALLS
    }
"#;

const CALLS: &str = r#"{
    use MODULE::{Method, bindings, levels, order, patterns};
    let point = crate::Point { x: 3, y: 4 };
    assert_eq!(GET(patterns(1, (2, vec![0]), String::new(), point)), 11);
    assert_eq!(GET(bindings(1, 9, "ab".to_owned(), [3, 4])), 8);
    assert_eq!(GET(levels(1, 2)), 2);
    assert_eq!(GET(Method(1).consume(vec![5])), 7);
    assert_eq!(GET(Method(1).borrow((2, 3))), 6);
    let dropped = std::rc::Rc::default();
    let at = |n| crate::At(std::rc::Rc::clone(&dropped), n);
    GET(order(at(1), at(2), at(3)));
    assert_eq!(*dropped.borrow(), [3, 2, 1]);
}"#;

/// Arguments are dropped in the order of a plain function.
const ORDER: &str = r#"
    #[MEASURE]
    #[reader::reads("_one: At, two: At, mut _three: At")]
    ASYNC fn order(_one: At, two: At, mut _three: At) {
        assert_eq!(two.1, 2);
    }
"#;

#[test]
fn parameters_are_as_they_were_written() {
    let forms = [
        ("sync", "hotpath::measure", "", ""),
        ("logged", "hotpath::measure(log = true)", "", ""),
        ("later", "hotpath::measure", "async", "block_on"),
        ("later_logged", "hotpath::measure(log = true)", "async", "block_on"),
        ("watched", "hotpath::future_fn", "async", "block_on"),
    ];
    let (mut modules, mut calls) = (String::new(), String::new());
    for (name, attribute, word, get) in forms {
        let functions = (FUNCTIONS.to_owned() + ORDER).replace("MEASURE", attribute).replace("ASYNC", word);
        let functions = functions.replace("    fn", "    pub fn").replace("async fn", "pub async fn");
        let functions = functions.replace("struct Method(", "pub struct Method(pub ");
        modules += &format!("mod {name} {{ use crate::{{At, Point}}; {functions} }}\n");
        calls += &CALLS.replace("MODULE", name).replace("GET", get);
    }
    let main = MAIN.replace("MODULES", &modules).replace("CALLS", &calls);
    let manifest = "[package]\nname = \"app\"\nversion = \"1.0.0\"\nedition = \"2024\"\n\n[workspace]\n\n\
                    [features]\nhotpath = [\"hotpath/hotpath\"]\n\n\
                    [dependencies]\nhotpath = { HOTPATH }\nreader = { path = \"reader\" }\n";
    let reader =
        "[package]\nname = \"reader\"\nversion = \"1.0.0\"\nedition = \"2024\"\n\n[lib]\nproc-macro = true\n";
    let package = Package::new(&[
        ("Cargo.toml", manifest),
        ("reader/Cargo.toml", reader),
        ("reader/src/lib.rs", READER),
        ("src/main.rs", &main),
    ]);
    assert_eq!(package.run(""), Vec::<String>::new());
    assert_eq!(package.run("hotpath"), Vec::<String>::new());
}
