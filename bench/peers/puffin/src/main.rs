//! puffin, as its documentation says: switched on once, `profile_function!` at the beginning of each function, and
//! `new_frame` once per frame. A frame is a batch of calls inside one outer scope; a frame view keeps the latest
//! frames as its viewers do, and reading them is the report.
#![forbid(unsafe_code)]

use std::process::ExitCode;

use probe::Case;
use puffin::{GlobalFrameView, GlobalProfiler};

struct Puffin;

probe::functions! {
    for: crate::Puffin,
    plain: {},
    logged: {},
    future: {},
    begin: { puffin::profile_function!(); },
}

impl probe::Profiler for Puffin {
    type Session = GlobalFrameView;

    // A scope belongs to one thread and may not live across an await; return values are not recorded.
    const LACKS: &[Case] = &[Case::Log, Case::AsyncPoll, Case::AsyncYield, Case::TwoReads, Case::TwoInstants];

    fn start() -> GlobalFrameView {
        puffin::set_scopes_on(true);
        GlobalFrameView::default()
    }

    fn batch(work: impl FnOnce()) {
        {
            puffin::profile_scope!("batch");
            work();
        }
        GlobalProfiler::lock().new_frame();
    }

    fn finish(session: GlobalFrameView) {
        let view = session.lock();
        let read = view.recent_frames().filter_map(|frame| frame.unpacked().ok()).count();
        std::hint::black_box(read);
    }
}

fn main() -> ExitCode {
    probe::run::<Puffin>()
}
