//! A program with channels and locks that are instrumented, built with the oldest versions of their libraries.

#[hotpath::main]
fn main() {
    let (sender, receiver) = hotpath::channel!(std::sync::mpsc::channel::<u8>());
    let numbers = hotpath::mutex!(std::sync::Mutex::new(vec![1_u8]));
    sender.send(7).expect("the receiver is there");
    numbers.lock().expect("nobody panicked").extend(receiver.try_recv());
    assert_eq!(*numbers.lock().expect("nobody panicked"), [1, 7]);
}
