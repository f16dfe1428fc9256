//! Draws two sparklines with the history of the selected row.

use hotpath_report::{Unit, Value};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::write;
use crate::commands::console::app::App;
use crate::commands::console::fit::{cut_end, width};
use crate::commands::console::theme::Theme;

/// The cells of the name of a line and of its last value.
const NAME: usize = 12;
const VALUE: usize = 12;

/// Draws both lines, if there are samples.
pub(super) fn draw(app: &App, area: Rect, buffer: &mut Buffer) {
    let Some((trend, samples)) = app.samples() else { return };
    let main: Vec<f32> = samples.iter().map(|sample| sample.main).collect();
    line(
        app,
        Rect { height: area.height.min(1), ..area },
        &trend.main_header,
        trend.main_unit,
        &main,
        buffer,
    );
    let Some(header) = &trend.percentile_header else { return };
    let percentile: Vec<f32> = samples.iter().map(|sample| sample.percentile).collect();
    let below = Rect { y: area.y + 1, height: area.height.saturating_sub(1), ..area };
    line(app, below, header, trend.percentile_unit, &percentile, buffer);
}

fn line(app: &App, area: Rect, name: &str, unit: Unit, values: &[f32], buffer: &mut Buffer) {
    let now = values.last().map_or_else(|| "-".to_owned(), |&value| formatted(unit, value));
    let most = values.iter().copied().filter(|value| value.is_finite()).fold(f32::NAN, f32::max);
    let most = format!("max {}", formatted(unit, most));
    write(buffer, area, 0, &cut_end(name, NAME - 1, app.theme), app.theme.bold(), app);
    let x = NAME + VALUE.saturating_sub(width(&now));
    write(buffer, area, x, &now, Style::new(), app);
    let start = NAME + VALUE + 1;
    let room = usize::from(area.width).saturating_sub(start + width(&most) + 1);
    let shown = &values[values.len().saturating_sub(room)..];
    write(buffer, area, start + room - shown.len(), &heights(shown, app.theme), Style::new(), app);
    write(buffer, area, usize::from(area.width).saturating_sub(width(&most)), &most, app.theme.dim(), app);
}

/// Returns a character per value, by its share of the largest; a blank for an unknown one.
fn heights(values: &[f32], theme: Theme) -> String {
    let most = values.iter().copied().filter(|value| value.is_finite()).fold(0.0, f32::max);
    let steps = theme.heights();
    let height = |&value: &f32| {
        if !value.is_finite() {
            return ' ';
        }
        let share = if most > 0.0 { value / most } else { 0.0 };
        steps[((share * 7.0).round() as usize).min(7)]
    };
    values.iter().map(height).collect()
}

fn formatted(unit: Unit, value: f32) -> String {
    let value = match unit {
        _ if !value.is_finite() => Value::Nothing,
        Unit::Rate => Value::Rate(value.into()),
        unit => unit.value(value.max(0.0) as u64),
    };
    value.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heights_are_shares_of_the_largest_and_unknowns_are_gaps() {
        let theme = Theme { colour: false, unicode: true };
        assert_eq!(heights(&[0.0, 5.0, f32::NAN, 10.0], theme), "▁▅ █");
        assert_eq!(heights(&[0.0, 0.0], theme), "▁▁");
    }
}
