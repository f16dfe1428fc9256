//! Truncation of text to a number of terminal cells, never inside a character.

use hotpath_report::render::is_printable;
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

use super::theme::Theme;

/// Returns the cells that a text occupies.
pub(crate) fn width(text: &str) -> usize {
    text.width()
}

/// Returns a text on one line, without control, bidirectional and invisible characters.
pub(crate) fn one_line(text: &str) -> String {
    text.chars().map(|c| if is_printable(c) { c } else { ' ' }).collect()
}

/// Truncates a text to `room` cells, at its end.
pub(crate) fn cut_end(text: &str, room: usize, theme: Theme) -> String {
    if width(text) <= room {
        return text.to_owned();
    }
    format!("{}{}", head(text, room.saturating_sub(1)), ellipsis(room, theme))
}

/// Truncates a text to `room` cells, in its middle, because paths differ at both ends.
pub(crate) fn cut_middle(text: &str, room: usize, theme: Theme) -> String {
    if width(text) <= room {
        return text.to_owned();
    }
    let left = room.saturating_sub(1);
    let tail = tail(text, left.div_ceil(2));
    let head = head(text, left - width(&tail));
    format!("{head}{}{tail}", ellipsis(room, theme))
}

fn ellipsis(room: usize, theme: Theme) -> &'static str {
    if room == 0 { "" } else { theme.ellipsis() }
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

    const THEME: Theme = Theme { colour: false, unicode: true };

    #[test]
    fn names_are_truncated_in_the_middle_and_texts_at_the_end() {
        assert_eq!(cut_middle("abcdefghij", 5, THEME), "ab…ij");
        assert_eq!(cut_middle("abcdefghij", 10, THEME), "abcdefghij");
        assert_eq!(cut_end("abcdefghij", 5, THEME), "abcd…");
    }

    #[test]
    fn no_text_is_wider_than_its_room() {
        for text in
            ["", "a", "日本語のテキスト", "e\u{301}e\u{301}e\u{301}e\u{301}", "👩‍👩‍👧‍👦 family", "plain text"]
        {
            for room in 0..20 {
                assert!(width(&cut_middle(text, room, THEME)) <= room, "{text} in {room}");
                assert!(width(&cut_end(text, room, THEME)) <= room, "{text} in {room}");
            }
        }
    }

    #[test]
    fn control_characters_do_not_reach_the_terminal() {
        assert_eq!(one_line("a\n\x1b[31mb"), "a  [31mb");
        assert_eq!(one_line("load\u{202e}resu\u{2028}\u{200b}"), "load resu  ");
    }
}
