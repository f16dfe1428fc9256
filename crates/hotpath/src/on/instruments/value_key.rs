//! The key of a `val!` or `gauge!` as text, which is not copied if it is text.

use std::ops::Deref;

use super::options::{Label, label};

/// The key of a macro as text. Text is taken as it is; [`OtherKey`] makes text of everything else.
#[doc(hidden)]
pub struct KeyText<'a, K: ?Sized>(OtherKey<'a, K>);

/// A key that has to be made text first.
#[doc(hidden)]
pub struct OtherKey<'a, K: ?Sized> {
    key: &'a K,
    make_text: fn(&K) -> Label,
}

/// Borrows the key of a macro.
#[doc(hidden)]
pub fn key<K: ToString + ?Sized>(key: &K) -> KeyText<'_, K> {
    KeyText(OtherKey { key, make_text: label })
}

// Where a type has a `text` of its own, a call finds it before the one behind `Deref`.
macro_rules! text_as_it_is {
    ($($text:ty),+) => {
        $(
            impl<'a> KeyText<'a, $text> {
                pub fn text(&self) -> &'a str {
                    self.0.key
                }
            }
        )+
    };
}

text_as_it_is!(str, &str, String, &String);

impl<'a, K: ?Sized> Deref for KeyText<'a, K> {
    type Target = OtherKey<'a, K>;

    fn deref(&self) -> &OtherKey<'a, K> {
        &self.0
    }
}

// Without a bound: a key that cannot be text is one error, at `key`.
impl<K: ?Sized> OtherKey<'_, K> {
    pub fn text(&self) -> Label {
        (self.make_text)(self.key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_a_key_as_it_is_and_everything_else_is_made_text() {
        let (owned, borrowed) = ("text".to_owned(), "text");
        let nested = &owned;
        let texts: [&str; 4] =
            [key(&owned).text(), key(&borrowed).text(), key(borrowed).text(), key(&nested).text()];
        assert_eq!(texts, ["text"; 4]);
        assert!(std::ptr::eq(texts[0], &raw const *owned));
        let made: Label = key(&7).text();
        assert_eq!(made.as_ref(), "7");
    }
}
