use std::{rc::Rc, sync::mpsc};

struct Silent;

fn main() {
    let _not_a_channel = hotpath::channel!(5);
    let _no_capacity = hotpath::channel!(mpsc::sync_channel::<u8>(2));
    let _silent = hotpath::channel!(mpsc::channel::<Silent>(), log = true);
    let _stays_here = hotpath::channel!(mpsc::channel::<Rc<u8>>(), proxy = true);
}
