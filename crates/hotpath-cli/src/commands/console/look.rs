//! What the terminal can show, and the few styles there are.
//!
//! The console paints no background and takes colours from the terminal's own palette, so that it is readable on light and dark
//! ones alike. What must stay true: a colour never says anything that the text does not say too, so that nothing is lost
//! without colours.

use ratatui::style::{Color, Modifier, Style};

/// What the terminal can show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Look {
    /// Whether there are colours.
    pub(crate) colour: bool,
    /// Whether there are characters beyond ASCII.
    pub(crate) unicode: bool,
}

/// A share of the whole from which on it is hot, in percent.
const HOT: f64 = 25.0;

/// The smallest share that is not written as 0.00 %.
const SHOWN: f64 = 0.005;

impl Look {
    pub(crate) fn bold(self) -> Style {
        Style::new().add_modifier(Modifier::BOLD)
    }

    pub(crate) fn dim(self) -> Style {
        Style::new().add_modifier(Modifier::DIM)
    }

    /// Where the cursor is.
    pub(crate) fn selected(self) -> Style {
        Style::new().add_modifier(Modifier::REVERSED)
    }

    /// All is well.
    pub(crate) fn good(self) -> Style {
        self.bold().patch(self.coloured(Color::Green))
    }

    /// Something the user should know.
    pub(crate) fn attention(self) -> Style {
        self.bold().patch(self.coloured(Color::Magenta))
    }

    /// Something is wrong.
    pub(crate) fn wrong(self) -> Style {
        self.bold().patch(self.coloured(Color::Red))
    }

    /// The style of a share; the hot ones stand out.
    pub(crate) fn share(self, percent: f64) -> Style {
        if percent >= HOT { self.coloured(Color::Red) } else { Style::new() }
    }

    fn coloured(self, colour: Color) -> Style {
        if self.colour { Style::new().fg(colour) } else { Style::new() }
    }

    /// What stands for something left out.
    pub(crate) fn ellipsis(self) -> &'static str {
        if self.unicode { "…" } else { "~" }
    }

    /// Mark of the column that rows are sorted by.
    pub(crate) fn sorted(self, descending: bool) -> &'static str {
        match (self.unicode, descending) {
            (true, true) => "▼",
            (true, false) => "▲",
            (false, true) => "v",
            (false, false) => "^",
        }
    }

    /// Mark of a node of the tree.
    pub(crate) fn fold(self, is_open: bool) -> &'static str {
        match (self.unicode, is_open) {
            (true, true) => "▾ ",
            (true, false) => "▸ ",
            (false, true) => "- ",
            (false, false) => "+ ",
        }
    }

    /// What stands between words of one line.
    pub(crate) fn dot(self) -> &'static str {
        if self.unicode { " · " } else { " | " }
    }

    /// Eight heights, from low to high.
    pub(crate) fn heights(self) -> [char; 8] {
        if self.unicode {
            ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█']
        } else {
            ['_', '.', '-', ':', '=', '+', '*', '#']
        }
    }

    /// A bar of `width` cells, `percent` of it filled; whatever is told as more than nothing shows.
    pub(crate) fn bar(self, percent: f64, width: usize) -> String {
        let eighths = (percent.clamp(0.0, 100.0) / 100.0 * width as f64 * 8.0).round() as usize;
        let eighths = if percent >= SHOWN { eighths.max(1) } else { 0 };
        if !self.unicode {
            return "#".repeat(eighths.div_ceil(8));
        }
        let parts = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];
        format!("{}{}", "█".repeat(eighths / 8), parts[eighths % 8])
    }
}

#[cfg(test)]
mod tests {
    use super::Look;

    const UNICODE: Look = Look { colour: true, unicode: true };

    #[test]
    fn a_bar_is_as_long_as_its_share_and_never_longer_than_its_cell() {
        assert_eq!(UNICODE.bar(0.0, 4), "");
        assert_eq!((UNICODE.bar(0.01, 4), UNICODE.bar(0.004, 4)), ("▏".into(), String::new()));
        assert_eq!(UNICODE.bar(50.0, 4), "██");
        assert_eq!(UNICODE.bar(1000.0, 4), "████");
        assert_eq!(UNICODE.bar(-3.0, 4), "");
        let plain = Look { colour: false, unicode: false };
        assert_eq!(plain.bar(60.0, 4), "###");
    }

    #[test]
    fn without_colours_no_style_has_one() {
        let plain = Look { colour: false, unicode: true };
        for style in [plain.good(), plain.attention(), plain.wrong(), plain.share(99.0), plain.selected()] {
            assert_eq!((style.fg, style.bg), (None, None));
        }
        assert!(UNICODE.share(99.0).fg.is_some() && UNICODE.share(1.0).fg.is_none());
    }
}
