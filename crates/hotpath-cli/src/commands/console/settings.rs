//! The settings of the console, from the environment. An invalid value is reported in one line and ignored.

use std::time::Duration;

use hotpath_report::render::printable;

use super::pages::TABS;
use super::theme::Theme;

/// The refresh interval in milliseconds.
pub(crate) const DEFAULT_REFRESH_MS: u64 = 1000;
/// The shortest refresh interval in milliseconds.
pub(crate) const MIN_REFRESH_MS: u64 = 50;

/// The refresh interval.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Refresh {
    pub(crate) interval: Duration,
    /// True if it is the default, which is extended for a large report.
    pub(crate) may_be_longer: bool,
}

/// A default interval is at least this many times as long as it takes to get a report, so that the console does not distort the
/// profile.
const MIN_IDLE_RATIO: u32 = 50;
/// The longest extended interval.
const LONGEST: Duration = Duration::from_secs(3);

impl Refresh {
    /// Returns the interval after a report that took `elapsed`.
    pub(crate) fn after(self, elapsed: Duration) -> Duration {
        let longer = elapsed.saturating_mul(MIN_IDLE_RATIO).min(LONGEST);
        if self.may_be_longer { self.interval.max(longer) } else { self.interval }
    }
}

/// Settings of the console.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Settings {
    /// The index of the first tab.
    pub(crate) tab: usize,
    pub(crate) refresh: Refresh,
    /// The number of the row whose events are shown at the start, from 1.
    pub(crate) expand_logs: Option<usize>,
}

impl Settings {
    /// Reads the settings from the environment and the flag for the refresh, and returns warnings about invalid values.
    pub(crate) fn read(refresh_ms: Option<u64>, var: impl Fn(&str) -> Option<String>) -> (Self, Vec<String>) {
        let mut warnings = Vec::new();
        let mut number = |name: &str, range: std::ops::RangeInclusive<u64>, instead: &str| {
            let text = var(name)?;
            let number = text.trim().parse().ok().filter(|number| range.contains(number));
            if number.is_none() {
                let (least, most) = range.into_inner();
                let range =
                    if most == u64::MAX { format!("{least} or more") } else { format!("{least} to {most}") };
                warnings.push(format!(
                    "invalid {name}=`{}`: expected a number, {range}; {instead}",
                    printable(&text)
                ));
            }
            number
        };
        let tab = number("HOTPATH_TUI_TAB", 1..=TABS.len() as u64, "starting with tab 1");
        let env_refresh =
            number("HOTPATH_TUI_REFRESH_INTERVAL_MS", MIN_REFRESH_MS..=u64::MAX, "refreshing every 1000 ms");
        let expand_logs = number("HOTPATH_TUI_AUTO_EXPAND_LOGS", 1..=u64::MAX, "events stay hidden");
        let wanted = refresh_ms.or(env_refresh);
        let settings = Self {
            tab: tab.map_or(0, |tab| tab as usize - 1),
            refresh: Refresh {
                interval: Duration::from_millis(wanted.unwrap_or(DEFAULT_REFRESH_MS)),
                may_be_longer: wanted.is_none(),
            },
            expand_logs: expand_logs.map(|row| row as usize),
        };
        (settings, warnings)
    }
}

/// Returns the capabilities of the terminal, from the environment.
///
/// # Errors
///
/// If the console cannot be shown on this terminal.
pub(crate) fn theme(var: impl Fn(&str) -> Option<String>) -> Result<Theme, String> {
    let set = |name: &str| var(name).filter(|value| !value.is_empty());
    let term = set("TERM").unwrap_or_default();
    if term == "dumb" || (cfg!(unix) && term.is_empty()) {
        return Err(format!("the terminal cannot move its cursor (TERM={term})"));
    }
    let is_monochrome = term.starts_with("vt") || term.ends_with("-m") || term.ends_with("-mono");
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().find_map(set).unwrap_or_default();
    let locale = locale.to_lowercase();
    Ok(Theme {
        colour: set("NO_COLOR").is_none() && !is_monochrome,
        unicode: cfg!(windows) || locale.contains("utf-8") || locale.contains("utf8"),
    })
}

/// Returns an environment variable; `None` if it is not Unicode.
pub(crate) fn var(name: &str) -> Option<String> {
    #[expect(clippy::disallowed_methods, reason = "the settings of the command line are read here")]
    std::env::var(name).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn env(pairs: &'static [(&str, &str)]) -> impl Fn(&str) -> Option<String> {
        |name| pairs.iter().find(|pair| pair.0 == name).map(|pair| pair.1.to_owned())
    }

    #[test]
    fn the_flag_takes_precedence_over_the_environment() {
        let all = &[
            ("HOTPATH_TUI_TAB", "6"),
            ("HOTPATH_TUI_REFRESH_INTERVAL_MS", "250"),
            ("HOTPATH_TUI_AUTO_EXPAND_LOGS", "2"),
        ];
        let (settings, wrong) = Settings::read(None, env(all));
        let refresh = |ms| Refresh { interval: Duration::from_millis(ms), may_be_longer: false };
        assert_eq!(settings, Settings { tab: 5, refresh: refresh(250), expand_logs: Some(2) });
        assert_eq!(wrong, [""; 0]);
        assert_eq!(Settings::read(Some(700), env(all)).0.refresh, refresh(700));
    }

    #[test]
    fn a_slow_report_extends_the_default_interval_only() {
        let ms = Duration::from_millis;
        let usual = Settings::read(None, env(&[])).0.refresh;
        assert_eq!(
            [1, 20, 40, 9_000].map(|elapsed| usual.after(ms(elapsed))),
            [1000, 1000, 2000, 3000].map(ms)
        );
        assert_eq!(Settings::read(Some(100), env(&[])).0.refresh.after(ms(30)), ms(100));
    }

    #[test]
    fn an_invalid_value_is_reported_and_ignored() {
        let (settings, wrong) = Settings::read(
            None,
            env(&[("HOTPATH_TUI_TAB", "7"), ("HOTPATH_TUI_REFRESH_INTERVAL_MS", "fast")]),
        );
        assert_eq!(settings, Settings::read(None, env(&[])).0);
        assert_eq!(
            wrong,
            [
                "invalid HOTPATH_TUI_TAB=`7`: expected a number, 1 to 6; starting with tab 1",
                "invalid HOTPATH_TUI_REFRESH_INTERVAL_MS=`fast`: expected a number, 50 or more; refreshing every 1000 ms"
            ]
        );
    }

    #[test]
    fn the_theme_follows_terminal_and_locale() {
        let full = theme(env(&[("TERM", "xterm-256color"), ("LANG", "C.UTF-8")]));
        assert_eq!(full, Ok(Theme { colour: true, unicode: true }));
        let plain = theme(env(&[("TERM", "vt220"), ("LANG", "de_DE.UTF-8"), ("LC_ALL", "C")]));
        assert_eq!(plain, Ok(Theme { colour: false, unicode: false }));
        let no_colour = theme(env(&[("TERM", "xterm"), ("NO_COLOR", "1"), ("LC_CTYPE", "en_US.utf8")]));
        assert_eq!(no_colour, Ok(Theme { colour: false, unicode: true }));
        assert!(theme(env(&[("TERM", "dumb")])).is_err());
    }
}
