//! The budget of a session: applied when it starts, and when a client changes it.

use hotpath_lane::{
    budget::{Budget, set},
    gate,
};

use crate::imp::{cost, settings::Settings};
#[cfg(feature = "serve")]
use {
    super::{State, shared},
    crate::imp::settings::FUNCTIONS,
    hotpath_lane::memory::pause_tracking,
};

/// Applies the budget of a session that does not record yet.
pub(super) fn prepare(settings: &Settings) {
    if let Some(percent) = settings.budget {
        gate::open(); // for the measurement of costs; what others record meanwhile is in an epoch of its own
        apply(percent);
        gate::shut();
    }
}

fn apply(percent: f64) {
    let (timed, counted) = cost::budget_costs();
    set(Budget { share: percent / 100.0, timed, counted });
}

/// The reason why a session's budget cannot be changed.
#[cfg(feature = "serve")]
pub(crate) enum BudgetRefusal {
    /// No session is running.
    NoSession,
    /// Functions have this sampling rate, which wins over a budget.
    HasRate(f64),
}

/// Sets the budget of the running session, in percent; `None` times every call again. Counting goes on.
#[cfg(feature = "serve")]
pub(crate) fn set_budget(percent: Option<f64>) -> Result<(), BudgetRefusal> {
    let _untracked = pause_tracking();
    let mut shared = shared();
    let State::Running(running) = &mut shared.state else { return Err(BudgetRefusal::NoSession) };
    if let Some(rate) = running.settings.rate(FUNCTIONS) {
        return Err(BudgetRefusal::HasRate(rate));
    }
    running.settings.set_budget(percent);
    if let Some(percent) = percent {
        apply(percent);
    }
    hotpath_lane::set_filter(running.settings.site_filter());
    Ok(())
}
