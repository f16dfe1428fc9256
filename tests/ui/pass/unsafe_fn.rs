//! Unsafe functions stay unsafe, and their bodies stay unsafe code.

#![deny(warnings)]
#![allow(unsafe_op_in_unsafe_fn)]

#[hotpath::measure]
unsafe fn read(at: *const u8) -> u8 {
    *at
}

#[hotpath::measure(log = true)]
unsafe extern "C" fn read_logged(at: *const u8) -> u8 {
    *at
}

#[hotpath::measure]
async unsafe fn read_async(at: &u8) -> u8 {
    let at: *const u8 = at;
    std::ptr::read(at)
}

struct Reader;

trait Read {
    unsafe fn read(&self, at: *const u8) -> u8;
}

#[hotpath::measure_all]
impl Read for Reader {
    unsafe fn read(&self, at: *const u8) -> u8 {
        *at
    }
}

fn main() {
    let value = 7;
    unsafe {
        assert_eq!((read(&value), read_logged(&value)), (7, 7));
        assert_eq!(futures::executor::block_on(read_async(&value)), 7);
        assert_eq!(Reader.read(&value), 7);
    }
}
