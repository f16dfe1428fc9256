//! Words that this project does not use, and the standard word for each.

/// A home-made word and the word that readers know.
pub struct Entry {
    /// A regular expression for whole words, any case.
    pub word: &'static str,
    /// The standard word.
    pub instead: &'static str,
    /// The places that are checked.
    pub places: Places,
}

/// Places in which a word is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Places {
    /// Names of public items, in which words are separated by `_` or capitals.
    Names,
    /// Doc comments, documents and messages.
    Prose,
    /// Both.
    Everywhere,
}

const fn entry(places: Places, word: &'static str, instead: &'static str) -> Entry {
    Entry { word, instead, places }
}

use Places::{Everywhere, Names, Prose};

/// The vocabulary. A word that is good English elsewhere is refused in names only.
pub const VOCABULARY: &[Entry] = &[
    entry(Names, "judge|verdict", "evaluate, outcome or interest"),
    entry(Names, "deal|deals|dealt", "permutation"),
    entry(Everywhere, "hold extremes|held extremes", "winsorize"),
    entry(Names, "freed speed|or freed|without speed", "adjusted for the run effect"),
    entry(Names, "family p", "family-wise error rate"),
    entry(Names, "look|looks", "poll, sample or interim analysis"),
    entry(
        Prose,
        "(?:every|per|between two|two|ten|last|first|next|one) looks?",
        "poll, sample or interim analysis",
    ),
    entry(Names, "told|untold|tell|tells|telling", "report"),
    entry(
        Prose,
        "(?:is|are|was|were|be|been|not) told|told apart|tells? apart",
        "reported, or distinguished",
    ),
    entry(Names, "taken", "snapshot"),
    entry(Everywhere, "wish|wishes|wished", "option"),
    entry(Names, "news", "update"),
    entry(Everywhere, "knobs?", "setting"),
    entry(Everywhere, "complaints?|complains?|complain", "warning"),
    entry(Names, "strangers?", "unknown variables"),
    entry(Everywhere, "greetings?|farewells?", "on_thread_start, on_thread_exit"),
    entry(Everywhere, "strays?", "unattributed"),
    entry(Names, "apart", "detached"),
    entry(Prose, "timed apart|measured apart", "detached"),
    entry(Names, "spot|spots", "resource"),
    entry(Names, "aspects?", "event kind"),
    entry(Everywhere, "blame|blamed|blames", "lock-holder attribution"),
    entry(Names, "way|ways", "lock mode"),
    entry(Everywhere, "sharers?", "reader"),
    entry(Names, "level|levels", "gauge"),
    entry(Names, "spend|spent", "record_alloc, AllocDelta"),
    entry(Everywhere, "aloud|hushed", "resume_tracking, pause_tracking"),
    entry(Names, "quiet", "pause_tracking"),
    entry(Names, "door|house|talk|admit", "access policy, server, connection, authorize"),
    entry(Names, "keeper|keepers", "observer"),
    entry(Names, "slowly", "slow"),
    entry(Prose, "own times?", "self time"),
    entry(Prose, "processor times?", "CPU time"),
    entry(Prose, "(?:measured )?callees (?:included|left out)", "inclusive, exclusive"),
    entry(Prose, "cannot tell", "inconclusive"),
    entry(Prose, "not slower", "no regression"),
    entry(Prose, "is no (?:command|json|number|folder|directory|url|setting|metric)", "unknown, or not a …"),
    entry(Prose, "cannot be listened at", "cannot bind"),
    entry(Prose, "so many|so long as", "this many, as long as"),
];

/// Doc comments that replace a noun by a clause: their first words.
pub const OPENINGS: &[(&str, &str)] = &[
    ("What ", "begin with the noun: \"The …\""),
    ("Whether ", "begin with a verb: \"Returns true if …\", or \"True if …\""),
    ("How many ", "begin with the noun: \"The number of …\""),
    ("How ", "begin with the noun"),
    ("Where ", "begin with the noun: \"The place …\""),
    ("The same.", "put both items under one comment, or say what it is"),
    ("The same of", "say what it is"),
    ("As there", "say what it is, or mirror the library without comments"),
];
