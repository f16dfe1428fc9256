//! The paths of the metrics endpoint.

use std::str::FromStr;

/// Each route once: its name, its path, and before the path of a log the field that has the number of the row.
macro_rules! routes {
    (
        lists { $($(#[$list_doc:meta])* $list:ident = $path:literal,)+ }
        logs { $($(#[$log_doc:meta])* $log:ident { $id:ident } = $before:literal,)+ }
    ) => {
        /// A path of the metrics endpoint.
        ///
        /// ```
        /// use hotpath::json::Route;
        /// let route = Route::ChannelLogs { channel_id: 7 };
        /// assert_eq!(route.to_path(), "/channels/7/logs");
        /// assert_eq!("/channels/7/logs".parse(), Ok(route));
        /// ```
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub enum Route {
            $($(#[$list_doc])* $list,)+
            $(
                $(#[$log_doc])*
                $log {
                    /// Number of the row.
                    $id: u32,
                },
            )+
        }

        impl Route {
            /// The path.
            #[must_use]
            pub fn to_path(&self) -> String {
                match self {
                    $(Self::$list => $path.to_owned(),)+
                    $(Self::$log { $id } => format!("{}/{}/logs", $before, $id),)+
                }
            }
        }

        impl FromStr for Route {
            type Err = ();

            fn from_str(path: &str) -> Result<Self, ()> {
                match path {
                    $($path => return Ok(Self::$list),)+
                    _ => {}
                }
                let (before, id) = row(path).ok_or(())?;
                match before {
                    $($before => Ok(Self::$log { $id: id }),)+
                    _ => Err(()),
                }
            }
        }
    };
}

routes! {
    lists {
        /// The timing of functions.
        FunctionsTiming = "/functions_timing",
        /// The allocations of functions.
        FunctionsAlloc = "/functions_alloc",
        /// CPU samples of functions.
        FunctionsCpu = "/functions_cpu",
        /// Asks for new ones, with POST.
        FunctionsCpuSnapshot = "/functions_cpu/snapshot",
        /// Threads.
        Threads = "/threads",
        /// Values.
        Debug = "/debug",
        /// Channels.
        Channels = "/channels",
        /// Streams.
        Streams = "/streams",
        /// Futures.
        Futures = "/futures",
        /// Reader-writer locks.
        RwLocks = "/rw_locks",
        /// Mutexes.
        Mutexes = "/mutexes",
        /// Statements.
        Sql = "/sql",
        /// Requests made.
        Http = "/http",
        /// Requests answered.
        Server = "/server",
        /// Readers and writers.
        Io = "/io",
        /// The first tokio runtime.
        TokioRuntime = "/tokio_runtime",
        /// The process.
        ProfilerStatus = "/profiler_status",
    }
    logs {
        /// The last calls of a function.
        FunctionTimingLogs { function_id } = "/functions_timing",
        /// The allocations of the last calls of a function.
        FunctionAllocLogs { function_id } = "/functions_alloc",
        /// The last values of an expression.
        DebugDbgLogs { id } = "/debug/dbg",
        /// The last values of a key of `val!`.
        DebugValLogs { id } = "/debug/val",
        /// The last values of a key of `gauge!`.
        DebugGaugeLogs { id } = "/debug/gauge",
        /// The last messages of a channel.
        ChannelLogs { channel_id } = "/channels",
        /// The last items of a stream.
        StreamLogs { stream_id } = "/streams",
        /// The last calls of a future.
        FutureLogs { future_id } = "/futures",
        /// The last runs of a statement.
        SqlLogs { sql_id } = "/sql",
        /// The last requests to an endpoint.
        HttpLogs { http_id } = "/http",
        /// The last requests of a route.
        ServerLogs { server_id } = "/server",
    }
}

/// Splits the path of a row's log into what is before the number of the row, and the number.
fn row(path: &str) -> Option<(&str, u32)> {
    let (before, id) = path.strip_suffix("/logs")?.rsplit_once('/')?;
    Some((before, id.parse().ok()?))
}
