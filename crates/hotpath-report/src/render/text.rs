//! Names and values of somebody else as text that is safe to show: what a terminal would obey, what turns the reading direction and
//! what nobody sees is replaced, and what would make a table too wide is cut. JSON has all of it, unchanged.

/// Characters of a name in a table; a longer one loses its middle.
pub const MAX_NAME: usize = 120;

/// Text in which every character is seen and stands where it was written: a name must not break a grid or a message, drive the
/// terminal, or look like another one. Anything else is replaced by U+FFFD.
///
/// ```
/// use hotpath_report::render::printable;
/// assert_eq!(printable("a\nb"), "a\u{fffd}b");
/// assert_eq!(printable("ab\u{202e}cd"), "ab\u{fffd}cd");
/// assert_eq!(printable("größe 計算"), "größe 計算");
/// ```
pub fn printable(text: &str) -> String {
    text.chars().map(|c| if is_printable(c) { c } else { char::REPLACEMENT_CHARACTER }).collect()
}

/// Returns true if a character is seen, and leaves the others where they are: no control character, no line or paragraph separator,
/// nothing that changes the direction of text, nothing without width that hides in a name.
///
/// ```
/// use hotpath_report::render::is_printable;
/// assert!(is_printable('é') && is_printable(' '));
/// assert!(!is_printable('\u{1b}') && !is_printable('\u{2066}') && !is_printable('\u{200b}'));
/// ```
pub fn is_printable(c: char) -> bool {
    !c.is_control()
        && !matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{180e}' | '\u{feff}'
            // Blanks and joiners without width, marks and embeddings of direction, separators.
            | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            // Isolates of direction, invisible operators, what Unicode advises against.
            | '\u{2060}'..='\u{206f}'
            // Letters that are blank.
            | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{3164}' | '\u{ffa0}'
            // Annotations, tags.
            | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

/// A name as it stands in a cell of a table: [`printable`], and at most [`MAX_NAME`] characters. The middle goes, since paths
/// differ at both ends.
///
/// ```
/// use hotpath_report::render::{MAX_NAME, name_cell};
/// assert_eq!(name_cell("app::load"), "app::load");
/// let cell = name_cell(&"x".repeat(5_000));
/// assert_eq!((cell.chars().count(), cell.contains('…')), (MAX_NAME, true));
/// ```
pub fn name_cell(name: &str) -> String {
    let name = printable(name);
    let count = name.chars().count();
    if count <= MAX_NAME {
        return name;
    }
    let head: String = name.chars().take(MAX_NAME / 2).collect();
    let tail: String = name.chars().skip(count - (MAX_NAME - MAX_NAME / 2 - 1)).collect();
    format!("{head}…{tail}")
}
