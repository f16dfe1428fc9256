//! The theme: the capabilities of the terminal, and the styles.
//!
//! The console sets no background and uses the palette of the terminal, so that it is readable on light and dark ones. Invariant:
//! a colour never carries information that the text does not have, so that nothing is lost without colours.

use ratatui::style::{Color, Modifier, Style};

/// The capabilities of the terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Theme {
    /// True if it has colours.
    pub(crate) colour: bool,
    /// True if it has characters beyond ASCII.
    pub(crate) unicode: bool,
}

/// The smallest hot share, in percent.
const HOT: f64 = 25.0;

/// The smallest share that is not formatted as 0.00 %.
const SHOWN: f64 = 0.005;

impl Theme {
    pub(crate) fn bold(self) -> Style {
        Style::new().add_modifier(Modifier::BOLD)
    }

    pub(crate) fn dim(self) -> Style {
        Style::new().add_modifier(Modifier::DIM)
    }

    /// The style of the selected line.
    pub(crate) fn selected(self) -> Style {
        Style::new().add_modifier(Modifier::REVERSED)
    }

    /// The style of a good state.
    pub(crate) fn good(self) -> Style {
        self.bold().patch(self.coloured(Color::Green))
    }

    /// The style of a notice.
    pub(crate) fn attention(self) -> Style {
        self.bold().patch(self.coloured(Color::Magenta))
    }

    /// The style of an error.
    pub(crate) fn wrong(self) -> Style {
        self.bold().patch(self.coloured(Color::Red))
    }

    /// The style of a share; hot ones are red.
    pub(crate) fn share(self, percent: f64) -> Style {
        if percent >= HOT { self.coloured(Color::Red) } else { Style::new() }
    }

    fn coloured(self, colour: Color) -> Style {
        if self.colour { Style::new().fg(colour) } else { Style::new() }
    }

    /// The mark of omitted text.
    pub(crate) fn ellipsis(self) -> &'static str {
        if self.unicode { "…" } else { "~" }
    }

    /// The mark of the sort column.
    pub(crate) fn sorted(self, descending: bool) -> &'static str {
        match (self.unicode, descending) {
            (true, true) => "▼",
            (true, false) => "▲",
            (false, true) => "v",
            (false, false) => "^",
        }
    }

    /// The mark of a node of the tree.
    pub(crate) fn fold(self, is_open: bool) -> &'static str {
        match (self.unicode, is_open) {
            (true, true) => "▾ ",
            (true, false) => "▸ ",
            (false, true) => "- ",
            (false, false) => "+ ",
        }
    }

    /// The separator of phrases on a line.
    pub(crate) fn dot(self) -> &'static str {
        if self.unicode { " · " } else { " | " }
    }

    /// Eight bars, from low to high.
    pub(crate) fn heights(self) -> [char; 8] {
        if self.unicode {
            ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█']
        } else {
            ['_', '.', '-', ':', '=', '+', '*', '#']
        }
    }

    /// Draws a bar of `width` cells, `percent` of it filled. A share that is not formatted as 0 is visible.
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
    use super::Theme;

    const UNICODE: Theme = Theme { colour: true, unicode: true };

    #[test]
    fn a_bar_is_as_long_as_its_share_and_never_wider_than_its_cell() {
        assert_eq!(UNICODE.bar(0.0, 4), "");
        assert_eq!((UNICODE.bar(0.01, 4), UNICODE.bar(0.004, 4)), ("▏".into(), String::new()));
        assert_eq!(UNICODE.bar(50.0, 4), "██");
        assert_eq!(UNICODE.bar(1000.0, 4), "████");
        assert_eq!(UNICODE.bar(-3.0, 4), "");
        let plain = Theme { colour: false, unicode: false };
        assert_eq!(plain.bar(60.0, 4), "###");
    }

    #[test]
    fn without_colours_no_style_has_a_colour() {
        let plain = Theme { colour: false, unicode: true };
        for style in [plain.good(), plain.attention(), plain.wrong(), plain.share(99.0), plain.selected()] {
            assert_eq!((style.fg, style.bg), (None, None));
        }
        assert!(UNICODE.share(99.0).fg.is_some() && UNICODE.share(1.0).fg.is_none());
    }
}
