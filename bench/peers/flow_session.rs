// How `ours-flow` and `published-flow` begin. What no section shows need not be recorded, so all sections are asked for.

fn start() -> hotpath::HotpathGuard {
    use hotpath::Section::{Channels, Futures, Mutexes, RwLocks, Streams};
    hotpath::HotpathGuardBuilder::new("bench")
        .sections(vec![Channels, Streams, Futures, Mutexes, RwLocks])
        .build()
}
