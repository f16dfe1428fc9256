//! What the environment says about the console. A bad value is told in one line, and the console goes on without it.

use std::time::Duration;

use super::look::Look;
use super::tabs::TABS;

/// Milliseconds between two looks at the program.
pub(crate) const DEFAULT_REFRESH_MS: u64 = 1000;
/// No look comes sooner after another.
pub(crate) const MIN_REFRESH_MS: u64 = 50;

/// How often the program is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Refresh {
    pub(crate) interval: Duration,
    /// Nobody asked for this interval, so that a large report may have a longer one.
    pub(crate) may_be_longer: bool,
}

/// Making and reading reports may take this part of the time at most, unless an interval was asked for: what looks on must
/// not be what is seen.
const PART: u32 = 50;
/// Whatever a report takes, the next one is not later.
const LONGEST: Duration = Duration::from_secs(3);

impl Refresh {
    /// The interval after a report that came `taken` after it was asked for.
    pub(crate) fn after(self, taken: Duration) -> Duration {
        let longer = taken.saturating_mul(PART).min(LONGEST);
        if self.may_be_longer { self.interval.max(longer) } else { self.interval }
    }
}

/// Settings of the console.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Settings {
    /// Position of the first tab.
    pub(crate) tab: usize,
    pub(crate) refresh: Refresh,
    /// Number of the row whose logs are shown from the start, from 1.
    pub(crate) expand_logs: Option<usize>,
}

impl Settings {
    /// The settings that the environment and the flag for the refresh say, and what is wrong with them.
    pub(crate) fn read(refresh_ms: Option<u64>, var: impl Fn(&str) -> Option<String>) -> (Self, Vec<String>) {
        let mut wrong = Vec::new();
        let mut number = |name: &str, range: std::ops::RangeInclusive<u64>, instead: &str| {
            let text = var(name)?;
            let number = text.trim().parse().ok().filter(|number| range.contains(number));
            if number.is_none() {
                let (least, most) = range.into_inner();
                let range =
                    if most == u64::MAX { format!("{least} or more") } else { format!("{least} to {most}") };
                wrong.push(format!("{name}={text} is no number of {range}: {instead}"));
            }
            number
        };
        let tab = number("HOTPATH_TUI_TAB", 1..=TABS.len() as u64, "starting with tab 1");
        let env_refresh =
            number("HOTPATH_TUI_REFRESH_INTERVAL_MS", MIN_REFRESH_MS..=u64::MAX, "refreshing every 1000 ms");
        let expand_logs = number("HOTPATH_TUI_AUTO_EXPAND_LOGS", 1..=u64::MAX, "logs stay closed");
        let wanted = refresh_ms.or(env_refresh);
        let settings = Self {
            tab: tab.map_or(0, |tab| tab as usize - 1),
            refresh: Refresh {
                interval: Duration::from_millis(wanted.unwrap_or(DEFAULT_REFRESH_MS)),
                may_be_longer: wanted.is_none(),
            },
            expand_logs: expand_logs.map(|row| row as usize),
        };
        (settings, wrong)
    }
}

/// What the environment says about the terminal; an error says why the console cannot be shown there.
pub(crate) fn look(var: impl Fn(&str) -> Option<String>) -> Result<Look, String> {
    let set = |name: &str| var(name).filter(|value| !value.is_empty());
    let term = set("TERM").unwrap_or_default();
    if term == "dumb" || (cfg!(unix) && term.is_empty()) {
        return Err(format!("the terminal cannot move its cursor (TERM={term})"));
    }
    let is_monochrome = term.starts_with("vt") || term.ends_with("-m") || term.ends_with("-mono");
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().find_map(set).unwrap_or_default();
    let locale = locale.to_lowercase();
    Ok(Look {
        colour: set("NO_COLOR").is_none() && !is_monochrome,
        unicode: cfg!(windows) || locale.contains("utf-8") || locale.contains("utf8"),
    })
}

/// A variable of the environment; one that is not Unicode is as good as none.
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
    fn settings_are_read_and_the_flag_wins() {
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
    fn a_report_that_takes_long_is_asked_for_less_often_unless_an_interval_was_asked_for() {
        let ms = Duration::from_millis;
        let usual = Settings::read(None, env(&[])).0.refresh;
        assert_eq!([1, 20, 40, 9_000].map(|taken| usual.after(ms(taken))), [1000, 1000, 2000, 3000].map(ms));
        assert_eq!(Settings::read(Some(100), env(&[])).0.refresh.after(ms(30)), ms(100));
    }

    #[test]
    fn a_wrong_value_is_told_and_left_aside() {
        let (settings, wrong) = Settings::read(
            None,
            env(&[("HOTPATH_TUI_TAB", "7"), ("HOTPATH_TUI_REFRESH_INTERVAL_MS", "fast")]),
        );
        assert_eq!(settings, Settings::read(None, env(&[])).0);
        assert_eq!(
            wrong,
            [
                "HOTPATH_TUI_TAB=7 is no number of 1 to 6: starting with tab 1",
                "HOTPATH_TUI_REFRESH_INTERVAL_MS=fast is no number of 50 or more: refreshing every 1000 ms"
            ]
        );
    }

    #[test]
    fn the_look_follows_terminal_and_locale() {
        let full = look(env(&[("TERM", "xterm-256color"), ("LANG", "C.UTF-8")]));
        assert_eq!(full, Ok(Look { colour: true, unicode: true }));
        let plain = look(env(&[("TERM", "vt220"), ("LANG", "de_DE.UTF-8"), ("LC_ALL", "C")]));
        assert_eq!(plain, Ok(Look { colour: false, unicode: false }));
        let no_colour = look(env(&[("TERM", "xterm"), ("NO_COLOR", "1"), ("LC_CTYPE", "en_US.utf8")]));
        assert_eq!(no_colour, Ok(Look { colour: false, unicode: true }));
        assert!(look(env(&[("TERM", "dumb")])).is_err());
    }
}
