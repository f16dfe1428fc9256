//! `hotpath history` in a build without its feature: `cargo test -p hotpath-cli --no-default-features --test it history_off`.
#![cfg(not(feature = "history"))]

use crate::common::Folder;

#[test]
fn a_build_without_a_history_says_so_whatever_the_arguments_are() {
    for arguments in [&["history"][..], &["history", "list", "--csv"], &["history", "--db", "a.db", "save"]] {
        let message = Folder::new().failure(arguments);
        assert!(message.starts_with("hotpath: this build of hotpath has no history: "), "{message}");
    }
}
