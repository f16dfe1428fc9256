//! One bounded map from a key to a row, for every instrument that looks rows up while the program runs.
//!
//! A known key is found without a lock, an allocation or a write to memory that threads share. Only the first use of a key takes
//! a lock, under which nothing is allocated and none of the program's code runs. Rows are never moved or freed. A map has a
//! bound: keys past it share one row, `<other>`.
//!
//! Memory: beside what its rows hold, a map takes at most 200 bytes per row, in tables that grow with it by the factor four; 55 kB
//! with 1,000 rows. A table that was outgrown is kept, because another thread may be reading it.
//!
//! [`Key`] borrows what it is made of, so that nothing is copied for a look-up: the text of a key, or the query, source and
//! route of a statement.

use std::{
    hash::{Hash, Hasher},
    sync::{
        OnceLock,
        atomic::{AtomicUsize, Ordering},
    },
};

use hotpath_lane::memory::pause_tracking;

use crate::imp::shared_list::SharedList;

/// A key that borrows what it compares; its row owns what it needs.
pub(crate) trait Key: Hash {
    /// The row that a key finds.
    type Row: 'static;

    /// Tells if `row` was made for an equal key.
    fn is_of(&self, row: &Self::Row) -> bool;
}

/// The rows of an instrument by their keys.
pub(crate) struct Keyed<R: 'static> {
    /// The most rows that are made, not counting `<other>`.
    bound: usize,
    /// Every row in order of making. Its lock is held to insert.
    rows: SharedList<&'static Entry<R>>,
    /// The hash tables so far. The newest has every row with a key.
    tables: [OnceLock<Table<R>>; LEVELS],
    /// Number of `tables`.
    len: AtomicUsize,
    /// The row of the keys past the bound; set once the map is full.
    other: OnceLock<&'static R>,
}

/// A row, and whether this look-up made it.
#[derive(Debug)]
pub(crate) struct Found<R: 'static> {
    pub(crate) row: &'static R,
    pub(crate) is_new: bool,
}

struct Entry<R> {
    hash: u64,
    row: R,
}

/// Open addressing with linear probing: at least half of the slots are free, and a slot that was taken stays so.
type Table<R> = &'static [Slot<R>];
type Slot<R> = OnceLock<&'static Entry<R>>;

/// Slots of the first table; each further one has [`GROWTH`] times as many.
const FIRST_SLOTS: usize = 16;
const GROWTH: usize = 4;
/// With 16,384 slots in the last table.
const LEVELS: usize = 6;
const MAX_BOUND: usize = FIRST_SLOTS * GROWTH.pow(LEVELS as u32 - 1) / 2;

impl<R> Keyed<R> {
    /// A map of at most `bound` rows.
    pub(crate) const fn new(bound: usize) -> Self {
        assert!(bound <= MAX_BOUND, "the last table must stay half empty");
        Self {
            bound,
            rows: SharedList::new(),
            tables: [const { OnceLock::new() }; LEVELS],
            len: AtomicUsize::new(0),
            other: OnceLock::new(),
        }
    }

    /// The row of a key that is known.
    #[inline]
    pub(crate) fn get<K: Key<Row = R>>(&self, key: &K) -> Option<&'static R> {
        self.find(hash(key), key)
    }

    /// The row of a key: made by `make` at its first use, or by `other` for all keys past the bound.
    ///
    /// `None` if this thread is inside the profiler already (see [`hotpath_lane::inside`]) and the key is new.
    #[inline]
    pub(crate) fn get_or_insert<K: Key<Row = R>>(
        &self,
        key: &K,
        make: impl Fn(&K) -> R,
        other: impl Fn() -> R,
    ) -> Option<Found<R>> {
        let hash = hash(key);
        if let Some(row) = self.find(hash, key) {
            return Some(Found { row, is_new: false });
        }
        self.insert(Some(hash), || self.find(hash, key), |_| make(key), other)
    }

    /// A new row without a key, made by `make` from the number of rows before it.
    ///
    /// `None` as for [`Keyed::get_or_insert`].
    pub(crate) fn push(&self, make: impl Fn(usize) -> R, other: impl Fn() -> R) -> Option<Found<R>> {
        self.insert(None, || None, make, other)
    }

    /// The row of the keys past the bound, if there was one.
    pub(crate) fn other(&self) -> Option<&'static R> {
        self.other.get().copied()
    }

    #[inline]
    fn find<K: Key<Row = R>>(&self, hash: u64, key: &K) -> Option<&'static R> {
        let table = self.newest()?;
        let mut at = hash as usize;
        loop {
            let entry = table[at & (table.len() - 1)].get()?;
            if entry.hash == hash && key.is_of(&entry.row) {
                return Some(&entry.row);
            }
            at = at.wrapping_add(1);
        }
    }

    #[cold]
    #[inline(never)]
    fn insert(
        &self,
        hash: Option<u64>,
        find: impl Fn() -> Option<&'static R>,
        make: impl Fn(usize) -> R,
        other: impl Fn() -> R,
    ) -> Option<Found<R>> {
        let _untracked = pause_tracking();
        let known = |row| Found { row, is_new: false };
        loop {
            if let Some(other) = self.other.get() {
                // Once more: a thread that sees that the map is full sees all rows of it.
                return Some(known(find().unwrap_or(other)));
            }
            let len = self.rows.read(<[_]>::len)?;
            if len >= self.bound {
                return self.insert_other(&find, &other);
            }
            // Allocated before the lock is taken, and freed after it if another thread was first.
            let mut spare = self.table_for(len + 1);
            let mut fresh = Some(Box::new(Entry { hash: hash.unwrap_or_default(), row: make(len) }));
            let found = self.rows.change(|rows| {
                if let Some(row) = find() {
                    return Some(known(row));
                }
                if rows.len() != len {
                    return None; // once more: the table, and perhaps the row, depend on the number
                }
                let entry: &'static Entry<R> = Box::leak(fresh.take()?);
                if let Some(table) = spare.take() {
                    self.grow(Box::leak(table));
                }
                rows.push(entry);
                if hash.is_some() {
                    put(self.newest()?, entry);
                }
                Some(Found { row: &entry.row, is_new: true })
            })?;
            if found.is_some() {
                return found;
            }
        }
    }

    #[cold]
    fn insert_other(
        &self,
        find: &impl Fn() -> Option<&'static R>,
        other: &impl Fn() -> R,
    ) -> Option<Found<R>> {
        let mut fresh = Some(Box::new(Entry { hash: 0, row: other() }));
        self.rows.change(|rows| {
            if let Some(row) = find().or_else(|| self.other()) {
                return Some(Found { row, is_new: false });
            }
            let entry: &'static Entry<R> = Box::leak(fresh.take()?);
            rows.push(entry);
            let _is_first = self.other.set(&entry.row);
            Some(Found { row: &entry.row, is_new: true })
        })?
    }

    #[inline]
    fn newest(&self) -> Option<Table<R>> {
        let newest = self.len.load(Ordering::Acquire).checked_sub(1)?; // pairs with the Release in `grow`
        self.tables.get(newest)?.get().copied()
    }

    /// A larger table, if that many rows need one.
    fn table_for(&self, rows: usize) -> Option<Box<[Slot<R>]>> {
        let now = self.newest().map_or(0, <[_]>::len);
        let wanted = (now * GROWTH).min((self.bound * 2).next_power_of_two()).max(FIRST_SLOTS);
        (rows * 2 > now).then(|| (0..wanted).map(|_| OnceLock::new()).collect())
    }

    /// Puts a larger table in the place of the newest, with the same entries. The lock of `rows` is held.
    fn grow(&self, table: Table<R>) {
        let entries = self.newest().unwrap_or_default().iter().filter_map(OnceLock::get);
        entries.for_each(|entry| put(table, entry));
        let len = self.len.load(Ordering::Relaxed); // written under the lock only
        if let Some(place) = self.tables.get(len) {
            let _is_first = place.set(table);
            self.len.store(len + 1, Ordering::Release); // pairs with the Acquire in `newest`
        }
    }
}

/// The hash of a key. It starts at an address, so that it is another one in each run.
#[inline]
fn hash(key: &impl Hash) -> u64 {
    static START: u8 = 0;
    let mut hasher = Fold((&raw const START).addr() as u64);
    key.hash(&mut hasher);
    hasher.finish()
}

/// Takes the first free slot for an entry. The lock of the rows is held, and half of the slots are free.
fn put<R>(table: Table<R>, entry: &'static Entry<R>) {
    let first = entry.hash as usize & (table.len() - 1);
    let (before, from) = table.split_at(first);
    let _slot = from.iter().chain(before).find(|slot| slot.set(entry).is_ok());
}

/// Up to 16 bytes as two numbers, which overlap if there are fewer.
#[inline]
fn words(bytes: &[u8]) -> (u64, u64) {
    if let (Some(first), Some(last)) = (bytes.first_chunk(), bytes.last_chunk()) {
        return (u64::from_le_bytes(*first), u64::from_le_bytes(*last));
    }
    if let (Some(first), Some(last)) = (bytes.first_chunk(), bytes.last_chunk()) {
        return (u32::from_le_bytes(*first).into(), u32::from_le_bytes(*last).into());
    }
    (bytes.iter().fold(0, |word, byte| word << 8 | u64::from(*byte)), 0)
}

impl<R> std::fmt::Debug for Keyed<R> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Keyed")
    }
}

/// A hash of 16 bytes per multiplication (as in wyhash), for keys of some ten bytes. It withstands no attack: with keys chosen to
/// collide a look-up compares the hashes of all rows, of which there are few.
struct Fold(u64);

/// Digits of π, odd.
const MULTIPLIER: u64 = 0x2437_4a40_9382_2299;

impl Fold {
    #[inline]
    fn add(&mut self, (low, high): (u64, u64)) {
        let product = u128::from(self.0 ^ low) * u128::from(MULTIPLIER ^ high);
        self.0 = (product as u64) ^ ((product >> 64) as u64);
    }
}

impl Hasher for Fold {
    #[inline]
    fn write(&mut self, bytes: &[u8]) {
        self.write_u64(bytes.len() as u64);
        for pair in bytes.chunks_exact(16) {
            self.add(words(pair));
        }
        self.add(words(&bytes[bytes.len().saturating_sub(16)..]));
    }

    #[inline]
    fn write_u8(&mut self, number: u8) {
        self.write_u64(u64::from(number));
    }

    #[inline]
    fn write_u32(&mut self, number: u32) {
        self.write_u64(u64::from(number));
    }

    #[inline]
    fn write_u64(&mut self, number: u64) {
        self.0 = self.0.rotate_left(5) ^ number.wrapping_mul(MULTIPLIER);
    }

    #[inline]
    fn write_usize(&mut self, number: usize) {
        self.write_u64(number as u64);
    }

    #[inline]
    fn finish(&self) -> u64 {
        self.0 ^ (self.0 >> 32) // the tables use the low bits
    }
}

#[cfg(test)]
mod tests {
    use std::{
        collections::{HashMap, HashSet},
        sync::Barrier,
    };

    use hotpath_lane::inside;
    use proptest::prelude::*;

    use super::*;

    #[derive(Hash)]
    struct Name<'a>(&'a str);

    /// The name, and the number that it was made with.
    type Row = (String, usize);

    impl Key for Name<'_> {
        type Row = Row;

        fn is_of(&self, row: &Row) -> bool {
            row.0 == self.0
        }
    }

    fn find(map: &Keyed<Row>, name: &str) -> Found<Row> {
        let other = || ("<other>".to_owned(), 0);
        map.get_or_insert(&Name(name), |name| (name.0.to_owned(), 0), other).expect("not inside")
    }

    fn rows(map: &Keyed<Row>) -> Vec<String> {
        map.rows.copied().into_iter().map(|entry| entry.row.0.clone()).collect()
    }

    proptest! {
        #[test]
        fn a_map_finds_what_a_hash_map_of_the_same_bound_finds(
            names in proptest::collection::vec("[ab]{0,3}|[a-z]{0,40}", 0..300),
            bound in 0_usize..200,
        ) {
            let map = Keyed::new(bound);
            let mut model: HashMap<&str, *const Row> = HashMap::new();
            for name in &names {
                prop_assert_eq!(map.get(&Name(name)).map(std::ptr::from_ref), model.get(name.as_str()).copied());
                let found = find(&map, name);
                let is_new = !model.contains_key(name.as_str()) && model.len() < bound;
                if is_new {
                    model.insert(name, found.row);
                }
                let other = || std::ptr::from_ref(map.other().expect("a full map"));
                prop_assert_eq!(std::ptr::from_ref(found.row), model.get(name.as_str()).copied().unwrap_or_else(other));
                prop_assert!(found.is_new || !is_new);
            }
            let others = usize::from(map.other().is_some());
            prop_assert_eq!(rows(&map).len(), model.len() + others);
        }

        #[test]
        fn texts_that_differ_have_hashes_that_differ(text in ".{1,64}", at in 0_usize..64) {
            let hash = |bytes: &[u8]| {
                let mut hasher = Fold(0);
                hasher.write(bytes);
                hasher.finish()
            };
            let mut other = text.clone().into_bytes();
            let at = at % other.len();
            other[at] ^= 1;
            prop_assert_ne!(hash(text.as_bytes()), hash(&other));
            prop_assert_ne!(hash(text.as_bytes()), hash(&text.as_bytes()[..at]));
        }
    }

    #[test]
    fn rows_without_a_key_count_and_are_not_found() {
        let map: Keyed<Row> = Keyed::new(3);
        let push =
            || map.push(|len| (format!("row {len}"), len), || ("<other>".to_owned(), 0)).expect("not inside");
        assert_eq!((push().row.1, find(&map, "named").row.1, push().row.1), (0, 0, 2));
        assert!(map.get(&Name("row 0")).is_none());
        assert_eq!((push().row.0.as_str(), find(&map, "late").row.0.as_str()), ("<other>", "<other>"));
        assert_eq!(find(&map, "named").row.0, "named");
        assert_eq!(rows(&map), ["row 0", "named", "row 2", "<other>"]);
    }

    #[test]
    fn a_thread_that_is_inside_finds_rows_and_makes_none() {
        let map: Keyed<Row> = Keyed::new(3);
        let known = find(&map, "known").row;
        let _inside = inside::enter().expect("not inside");
        let found =
            |name| map.get_or_insert(&Name(name), |_| unreachable!("{name}"), || unreachable!("{name}"));
        assert!(std::ptr::eq(found("known").expect("known").row, known));
        assert_eq!(map.get(&Name("new")), None);
    }

    #[test]
    fn threads_that_insert_at_once_find_the_same_rows() {
        const THREADS: usize = 4;
        const BOUND: usize = 700;
        for _ in 0..20 {
            let (map, start) = (Keyed::new(BOUND), Barrier::new(THREADS));
            let found: Vec<Vec<(String, usize, bool)>> = std::thread::scope(|scope| {
                let work = |thread: usize| {
                    let (map, start) = (&map, &start);
                    move || {
                        start.wait();
                        let names = (0..1_000).map(|n| format!("row {}", (n * 7 + thread * 250) % 1_000));
                        names
                            .map(|name| {
                                let Found { row, is_new } = find(map, &name);
                                (name, std::ptr::from_ref(row).addr(), is_new)
                            })
                            .collect()
                    }
                };
                let threads: Vec<_> = (0..THREADS).map(|thread| scope.spawn(work(thread))).collect();
                threads.into_iter().map(|thread| thread.join().expect("no panic")).collect()
            });
            let other = std::ptr::from_ref(map.other().expect("a full map")).addr();
            let named: HashSet<_> = found
                .iter()
                .flatten()
                .filter(|found| found.1 != other)
                .map(|found| (&found.0, found.1))
                .collect();
            let names: HashSet<_> = named.iter().map(|(name, _)| name).collect();
            assert_eq!((names.len(), named.len()), (BOUND, BOUND));
            assert_eq!(found.iter().flatten().filter(|found| found.2).count(), BOUND + 1);
            assert_eq!(rows(&map).iter().collect::<HashSet<_>>().len(), BOUND + 1);
            for (name, row) in named {
                assert_eq!(map.get(&Name(name)).map(|row| std::ptr::from_ref(row).addr()), Some(row));
            }
        }
    }
}
