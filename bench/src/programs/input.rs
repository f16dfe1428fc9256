//! The input of a program, written beside it.

use std::{
    fs,
    path::{Path, PathBuf},
};

use super::program::Input;

/// Writes the input to `file`; `crate_folder` has the sources of the program.
pub fn write(
    input: &Input,
    file: &Path,
    crate_folder: impl FnOnce() -> Result<PathBuf, String>,
) -> Result<(), String> {
    let bytes = match input {
        Input::None => return Ok(()),
        Input::Random(size) => random(*size),
        Input::Own { file, times } => {
            let own = crate_folder()?.join(file);
            fs::read(&own).map_err(|error| format!("{}: {error}", own.display()))?.repeat(*times)
        }
    };
    fs::write(file, bytes).map_err(|error| format!("{}: {error}", file.display()))
}

/// The same bytes each time, by xorshift64.
fn random(size: usize) -> Vec<u8> {
    let mut word = 0x9e37_79b9_7f4a_7c15_u64;
    let next = || {
        word ^= word << 13;
        word ^= word >> 7;
        word ^= word << 17;
        (word >> 56) as u8
    };
    std::iter::repeat_with(next).take(size).collect()
}

#[cfg(test)]
mod tests {
    use super::random;

    #[test]
    fn random_bytes_are_the_same_each_time_and_all_occur() {
        let bytes = random(10_000);
        assert_eq!(bytes, random(10_000));
        assert!((0..=255).all(|byte| bytes.contains(&byte)));
    }
}
