//! Text that has to fit: cut by what the terminal shows, never inside a character, never wrapped.

use hotpath_report::render::is_printable;
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

use super::look::Look;

/// Cells that `text` takes.
pub(crate) fn width(text: &str) -> usize {
    text.width()
}

/// One line of what may be several, without what drives the terminal, turns the direction of text or hides in it.
pub(crate) fn one_line(text: &str) -> String {
    text.chars().map(|c| if is_printable(c) { c } else { ' ' }).collect()
}

/// `text` in at most `room` cells; what is too long loses its end.
pub(crate) fn cut_end(text: &str, room: usize, look: Look) -> String {
    if width(text) <= room {
        return text.to_owned();
    }
    format!("{}{}", head(text, room.saturating_sub(1)), ellipsis(room, look))
}

/// `text` in at most `room` cells; what is too long loses its middle, since paths differ at both ends.
pub(crate) fn cut_middle(text: &str, room: usize, look: Look) -> String {
    if width(text) <= room {
        return text.to_owned();
    }
    let left = room.saturating_sub(1);
    let tail = tail(text, left.div_ceil(2));
    let head = head(text, left - width(&tail));
    format!("{head}{}{tail}", ellipsis(room, look))
}

fn ellipsis(room: usize, look: Look) -> &'static str {
    if room == 0 { "" } else { look.ellipsis() }
}

fn head(text: &str, room: usize) -> String {
    fitting(text.graphemes(true), room).concat()
}

fn tail(text: &str, room: usize) -> String {
    let mut parts = fitting(text.graphemes(true).rev(), room);
    parts.reverse();
    parts.concat()
}

fn fitting<'a>(graphemes: impl Iterator<Item = &'a str>, room: usize) -> Vec<&'a str> {
    let mut used = 0;
    let fits = |grapheme: &&str| {
        used += width(grapheme);
        used <= room
    };
    graphemes.take_while(fits).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOOK: Look = Look { colour: false, unicode: true };

    #[test]
    fn names_lose_their_middle_and_texts_their_end() {
        assert_eq!(cut_middle("abcdefghij", 5, LOOK), "ab…ij");
        assert_eq!(cut_middle("abcdefghij", 10, LOOK), "abcdefghij");
        assert_eq!(cut_end("abcdefghij", 5, LOOK), "abcd…");
    }

    #[test]
    fn nothing_is_ever_wider_than_its_room() {
        for text in
            ["", "a", "日本語のテキスト", "e\u{301}e\u{301}e\u{301}e\u{301}", "👩‍👩‍👧‍👦 family", "plain text"]
        {
            for room in 0..20 {
                assert!(width(&cut_middle(text, room, LOOK)) <= room, "{text} in {room}");
                assert!(width(&cut_end(text, room, LOOK)) <= room, "{text} in {room}");
            }
        }
    }

    #[test]
    fn control_characters_do_not_reach_the_terminal() {
        assert_eq!(one_line("a\n\x1b[31mb"), "a  [31mb");
        assert_eq!(one_line("load\u{202e}resu\u{2028}\u{200b}"), "load resu  ");
    }
}
