use std::sync::mpsc;

fn main() {
    let _unknown = hotpath::channel!(mpsc::channel::<u8>(), lable = "jobs");
    let _twice = hotpath::channel!(mpsc::channel::<u8>(), log = true, log = false);
    let _no_bool = hotpath::channel!(mpsc::channel::<u8>(), iter = 1);
    let _nothing = hotpath::channel!();
}
