//! Whole reports and every path, decoded with the types of both published crates. What they read they must also write again
//! as it was: nothing is there that they do not know, and nothing is missing.

mod program;

use std::fmt::Debug;

use program::Program;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

/// Decodes and encodes again.
#[track_caller]
fn decoded<T: DeserializeOwned + Serialize>(what: &str, text: &str) -> T {
    let known: T = serde_json::from_str(text).unwrap_or_else(|error| panic!("{what}: {error}\n{text}"));
    let (again, before): (Value, Value) =
        (serde_json::to_value(&known).expect("JSON"), serde_json::from_str(text).expect("JSON"));
    assert_eq!(again, before, "{what}");
    known
}

/// The tests of one published crate, whose types are `$json`, for the form `$form`. What only one of them has comes last.
macro_rules! tests_of {
    ($name:ident, $json:path, $form:literal, $other:literal, { $($own:tt)* }) => {
        mod $name {
            use $json as json;
            use super::*;

            const FORM: &str = $form;
            const FORMAT: &str = concat!("json-", $form);

            #[test]
            fn the_report_at_the_end() {
                let report = Program::start(&[("HOTPATH_OUTPUT_FORMAT", FORMAT)]).end();
                let report: json::JsonReport = decoded("the report", &report);
                let timing = report.functions_timing.expect("the section");
                let calls = |name: &str| timing.data.iter().find(|row| row.name.ends_with(name)).map(|row| row.calls);
                assert_eq!((calls("::parse"), calls("all"), calls("::main")), (Some(30), Some(1), Some(1)));
                let row = timing.data.iter().find(|row| row.name.ends_with("::parse")).expect("the row");
                assert_eq!(row.percentiles.len(), 2, "{row:?}");
                let alloc = report.functions_alloc.expect("the section").data;
                assert!(alloc.iter().any(|row| row.name.ends_with("::inner") && row.calls == 30), "{alloc:?}");
                assert!(report.functions_cpu.is_some() && report.threads.is_some());
                let channels = report.channels.expect("the section").data;
                assert!(channels.iter().any(|row| row.label == "jobs" && row.sent_count == 9), "{channels:?}");
                assert_eq!(report.streams.expect("the section").data[0].items_yielded, 6);
                assert_eq!(report.futures.expect("the section").data[0].call_count, 3);
                assert_eq!(report.debug.expect("the section").entries.len(), 3);
                assert_eq!(report.label.as_deref(), Some("nightly"));
            }

            #[test]
            fn every_path() {
                let program = Program::start(&[]);
                let get = |path: &str| program.get(&format!("{path}?format={FORM}"));
                let decode = Decode { get: &get };
                decode.all();
            }

            /// The setting makes the form the one that is answered without asking; whoever asks is answered as asked.
            #[test]
            fn the_form_of_the_report_is_the_usual_one() {
                let program = Program::start(&[("HOTPATH_OUTPUT_FORMAT", FORMAT)]);
                decoded::<json::JsonReport>("/report", &program.get("/report"));
                decoded::<json::JsonFunctionsList>("/functions_timing", &program.get("/functions_timing"));
                let whole: Value = serde_json::from_str(&program.get("/report?format=json")).expect("JSON");
                assert_eq!(whole["schema_version"], 1);
                let others = program.get(concat!("/functions_timing?format=", $other));
                serde_json::from_str::<json::JsonFunctionsList>(&others).expect_err("it is for the other crate");
            }

            /// Paths as this crate makes them, answers as it reads them.
            struct Decode<'a> {
                get: &'a dyn Fn(&str) -> String,
            }

            impl Decode<'_> {
                #[track_caller]
                fn of<T: DeserializeOwned + Serialize + Debug>(&self, route: json::Route) -> T {
                    let path = route.to_path();
                    decoded(&path, &(self.get)(&path))
                }

                fn all(&self) {
                    use json::Route::*;
                    let timing: json::JsonFunctionsList = self.of(FunctionsTiming);
                    let function_id = timing.data.iter().find(|row| row.name.ends_with("::parse")).expect("the row").id;
                    let log: json::JsonFunctionTimingLogsList = self.of(FunctionTimingLogs { function_id });
                    assert_eq!((log.total_invocations, log.logs.len()), (30, 30));
                    self.of::<json::JsonFunctionsList>(FunctionsAlloc);
                    self.of::<json::JsonFunctionAllocLogsList>(FunctionAllocLogs { function_id });
                    let cpu: json::JsonFunctionsCpuEnvelope = self.of(FunctionsCpu);
                    assert!(cpu.report.is_some(), "{cpu:?}");
                    self.of::<json::JsonThreadsList>(Threads);
                    self.flows();
                    self.values();
                    let runtime: json::JsonRuntimeSnapshot = self.of(TokioRuntime);
                    assert_eq!((runtime.num_workers, runtime.workers.len()), (2, 2));
                    let status: json::JsonProfilerStatus = self.of(ProfilerStatus);
                    assert!(status.pid > 0);
                    decoded::<json::JsonReport>("/report", &(self.get)("/report"));
                    self.own();
                }

                fn flows(&self) {
                    use json::Route::*;
                    let channels: json::JsonChannelsList = self.of(Channels);
                    for row in &channels.data {
                        let log: json::JsonChannelLogsList = self.of(ChannelLogs { channel_id: row.id });
                        assert!(!log.received_logs.is_empty(), "{log:?}");
                    }
                    let streams: json::JsonStreamsList = self.of(Streams);
                    let log: json::JsonStreamLogsList = self.of(StreamLogs { stream_id: streams.data[0].id });
                    assert_eq!(log.logs[0].message.as_deref(), Some("\"b\""));
                    let futures: json::JsonFuturesList = self.of(Futures);
                    let log: json::JsonFutureLogsList = self.of(FutureLogs { future_id: futures.data[0].id });
                    assert_eq!(log.calls[0].result.as_deref(), Some("42"));
                }

                fn values(&self) {
                    use json::{DebugEntryType, Route::*};
                    let values: json::JsonDebugList = self.of(Debug);
                    assert_eq!(values.entries.len(), 3);
                    for row in &values.entries {
                        let id = row.id;
                        let logs = match row.entry_type {
                            DebugEntryType::Dbg => self.of::<json::JsonDebugDbgLogs>(DebugDbgLogs { id }).logs,
                            DebugEntryType::Val => self.of::<json::JsonDebugValLogs>(DebugValLogs { id }).logs,
                            DebugEntryType::Gauge => self.of::<json::JsonDebugGaugeLogs>(DebugGaugeLogs { id }).logs,
                        };
                        assert!(!logs.is_empty(), "{row:?}");
                    }
                }

                $($own)*
            }
        }
    };
}

tests_of!(v0_16, hotpath_0_16::json, "compat-0.16", "compat", {
    fn own(&self) {}
});

/// What 0.30 has beyond 0.16.
macro_rules! tests_of_0_30 {
    ($name:ident, $json:path) => {
        tests_of!($name, $json, "compat", "compat-0.16", {
            fn own(&self) {
                let mutexes: json::JsonMutexesList = self.of(json::Route::Mutexes);
                assert_eq!((mutexes.data[0].count, mutexes.data[0].wait_percentiles.len()), (3, 2));
                let locks: json::JsonRwLocksList = self.of(json::Route::RwLocks);
                assert_eq!((locks.data[0].read_count, locks.data[0].write_count), (3, 0));
                let report: json::JsonReport = decoded("/report", &(self.get)("/report"));
                let branch = report.user_metadata.and_then(|data| data.get("branch").cloned());
                assert_eq!(branch.as_deref(), Some("main"));
                assert!(report.meta.rustc.starts_with("rustc"), "{:?}", report.meta);
            }
        });
    };
}

tests_of_0_30!(v0_30, hotpath_0_30::json);
// Ours, with the feature `json`: what both decode and encode again as it was is the same for both.
tests_of_0_30!(ours, hotpath::json);

/// Why there are two forms: a number that one needs beside the percentiles is what the other takes for a percentile.
#[test]
fn no_row_of_a_function_is_for_both() {
    let row = |more: &str| {
        format!(r#"{{"id":1,"name":"f","calls":1,"avg":"-","total":"-","percent_total":"-"{more}}}"#)
    };
    let (with, without) = (row(r#","sampled_calls":1"#), row(""));
    serde_json::from_str::<hotpath_0_16::json::JsonFunctionEntry>(&without).expect("it is for 0.16");
    serde_json::from_str::<hotpath_0_16::json::JsonFunctionEntry>(&with).expect_err("it is not for 0.16");
    serde_json::from_str::<hotpath_0_30::json::JsonFunctionEntry>(&with).expect("it is for 0.30");
    serde_json::from_str::<hotpath_0_30::json::JsonFunctionEntry>(&without).expect_err("it is not for 0.30");
}
