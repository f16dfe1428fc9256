use std::time::Duration;

struct Sieve {
    limit: usize,
}

#[hotpath::measure_all]
impl Sieve {
    // Only computes.
    fn primes(&self) -> usize {
        let mut composite = vec![false; self.limit];
        for n in (2..).take_while(|n| n * n < self.limit) {
            for multiple in (n * n..self.limit).step_by(n) {
                composite[multiple] = true;
            }
        }
        composite.iter().skip(2).filter(|composite| !**composite).count()
    }
}

// Only waits: much wall time, no CPU time.
#[hotpath::measure]
fn wait_for_disk() {
    std::thread::sleep(Duration::from_millis(20));
}

#[hotpath::main]
fn main() {
    let mut primes = 0;
    for round in 1..=20 {
        primes += Sieve { limit: round * 50_000 }.primes();
        wait_for_disk();
    }
    println!("{primes} primes");
}
