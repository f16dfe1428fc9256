//! `debug`: the last values of `dbg!`, `val!` and `gauge!`.

use crate::column::{Column, Merge, Show};
use crate::interface::{Compat, Interface};
use crate::logs::{DbgLogs, KeyLogs};
use crate::section::{Envelope, LogDeclaration, SectionSchema, Spec};
use crate::value::Source;

/// The macro of a value.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ValueKind {
    /// `dbg!`: an expression.
    #[default]
    Dbg,
    /// `val!`: a key.
    Val,
    /// `gauge!`: a key with a number.
    Gauge,
}

impl ValueKind {
    fn name(self) -> &'static str {
        match self {
            Self::Dbg => "dbg",
            Self::Val => "val",
            Self::Gauge => "gauge",
        }
    }
}

/// The statistics of one expression or key.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ValueStats {
    /// Number of the row, stable within a run.
    pub id: u32,
    /// The macro.
    pub kind: ValueKind,
    /// The expression, or the key.
    pub expression: String,
    /// Its place in the source; of a key, of its first use.
    pub source: Option<Source>,
    /// The number of updates.
    pub updates: u64,
    /// The last value as text.
    pub last: Option<String>,
    /// The last value of a gauge.
    pub number: Option<f64>,
    /// The lowest value of a gauge.
    pub min: Option<f64>,
    /// The highest value of a gauge.
    pub max: Option<f64>,
}

impl ValueStats {
    fn place(&self) -> Option<String> {
        self.source.as_ref().map(|source| format!("{}:{}", source.file, source.line))
    }

    /// The place with the file's name alone.
    fn short_place(&self) -> Option<String> {
        let place = self.place()?;
        Some(place.rsplit(['/', '\\']).next().unwrap_or(&place).to_owned())
    }
}

type Col = Column<ValueStats>;

/// Values that a program shows.
pub struct Debug;

impl SectionSchema for Debug {
    type Stats = ValueStats;
    type Totals = ();

    const SPEC: &'static Spec = &Spec {
        name: "debug",
        short: "debug",
        scope: None,
        title: "Value",
        description: "Debug last values (dbg!, val!, gauge!).",
        stem: "debug",
        default_limit: 0,
        envelope: Envelope::Named("entries"),
        sort: &[],
        base: "",
        pinned: None,
        outside: None,
        compat: Some(Interface::V0_16),
        ambient: false,
    };

    const COLUMNS: &'static [Column<ValueStats>] = &[
        Col::count("id", "", |v| Some(v.id.into()))
            .compat(Compat::V0_16)
            .json_only()
            .merged(Merge::Renumber)
            .about("Number of the row in this report."),
        Col::text("entry_type", "Type", |v| Some(v.kind.name().to_owned()))
            .compat(Compat::V0_16)
            .merged(Merge::Key)
            .about("Macro: dbg, val or gauge."),
        Col::text("expression", "Key/Expr", |v| Some(v.expression.clone()))
            .compat(Compat::V0_16)
            .merged(Merge::Key)
            .about("Expression of dbg!, key of val! and gauge!."),
        Col::text("last_value", "Value", |v| v.last.clone())
            .compat(Compat::V0_16.or_null())
            .about("Last value as text; of merged runs the one that sorts first."),
        Col::count("log_count", "Updates", |v| Some(v.updates))
            .compat(Compat::V0_16)
            .about("Number of updates."),
        Col::float("value", "", |v| v.number)
            .json_only()
            .about("Last value of a gauge; of merged runs the smallest."),
        Col::float("min", "Min", |v| v.min)
            .merged(Merge::Min)
            .shown(Show::WhenAny)
            .about("Lowest value of a gauge."),
        Col::float("max", "Max", |v| v.max)
            .merged(Merge::Max)
            .shown(Show::WhenAny)
            .about("Highest value of a gauge."),
        Col::text("source", "", ValueStats::place)
            .compat(Compat::V0_16)
            .json_only()
            .about("File and line; of a key, of its first use."),
        Col::text("source_display", "Source", ValueStats::short_place)
            .compat(Compat::V0_16)
            .about("File name and line, without the folder."),
        Col::place("location", true, |v| v.source.clone())
            .compat(Compat::V0_30.or_left_out())
            .merged(Merge::Key)
            .about("File, line and column; of a key, of its first use."),
    ];

    const LOGS: &'static [LogDeclaration] = &[
        LogDeclaration::of::<DbgLogs>(&["logs"]).only("entry_type", "dbg"),
        LogDeclaration::of::<KeyLogs>(&["logs"]).only("entry_type", "val"),
        LogDeclaration::of::<KeyLogs>(&["logs"]).only("entry_type", "gauge"),
    ];

    const FIELDS: &'static [Column<()>] = &[];
}
