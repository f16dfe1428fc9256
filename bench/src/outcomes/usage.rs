//! Who used the processors meanwhile: a table of outcomes says little without it.

use std::fs;

/// Processor time since the machine began, in ticks.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Usage {
    /// Of all processors, idle or not.
    all: u64,
    busy: u64,
    /// Of this process: the neighbour.
    own: u64,
    /// Of processes that this one has waited for, and theirs: the comparisons.
    children: u64,
    cpus: u64,
}

/// Processors used on average.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Shares {
    pub neighbour: f64,
    pub comparisons: f64,
    pub others: f64,
}

impl Usage {
    /// `None` where this system does not say.
    pub fn now() -> Option<Self> {
        let read = |file| fs::read_to_string(file).ok();
        Self::read(&read("/proc/stat")?, &read("/proc/self/stat")?)
    }

    fn read(machine: &str, process: &str) -> Option<Self> {
        let fields = machine.lines().next()?.strip_prefix("cpu ")?.split_whitespace();
        // user, nice, system, idle, iowait, irq, softirq, steal; what follows is counted in user already.
        let ticks: Vec<u64> = fields.take(8).map(|field| field.parse().ok()).collect::<Option<_>>()?;
        let cpus = machine.lines().skip(1).take_while(|line| line.starts_with("cpu")).count() as u64;
        // The command's name may hold spaces; it ends with the last bracket.
        let fields: Vec<&str> = process.rsplit_once(')')?.1.split_whitespace().collect();
        let field = |index: usize| fields.get(index)?.parse::<u64>().ok();
        let all = ticks.iter().sum();
        Some(Self {
            all,
            busy: all - ticks.get(3)? - ticks.get(4)?,
            own: field(11)? + field(12)?,
            children: field(13)? + field(14)?,
            cpus,
        })
    }

    /// What was used from now until `end`; `None` if that was no time.
    pub fn until(&self, end: &Self) -> Option<Shares> {
        let all = end.all.checked_sub(self.all).filter(|&all| all > 0)?;
        let share = |ticks: f64| ticks / all as f64 * self.cpus as f64;
        let (own, children) = (end.own - self.own, end.children - self.children);
        let others = end.busy.saturating_sub(self.busy).saturating_sub(own + children);
        Some(Shares {
            neighbour: share(own as f64),
            comparisons: share(children as f64),
            others: share(others as f64),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{Shares, Usage};

    fn usage(busy: u64, idle: u64, own: u64, children: u64) -> Usage {
        let machine = format!("cpu  {busy} 0 0 {idle} 0 0 0 0 0 0\ncpu0 1 0\ncpu1 1 0\nintr 5\n");
        let process = format!("7 (a (strange) name) S 1 2 3 4 5 6 7 8 9 10 {own} 0 {children} 0 20 0 3 0\n");
        Usage::read(&machine, &process).expect("well formed")
    }

    #[test]
    fn what_neither_the_neighbour_nor_the_comparisons_used_was_used_by_others() {
        let (begin, end) = (usage(100, 100, 10, 10), usage(180, 140, 40, 50));
        let shares = begin.until(&end);
        // 120 ticks of two processors are 60 of the clock.
        let expected = Shares { neighbour: 0.5, comparisons: 40.0 / 60.0, others: 10.0 / 60.0 };
        let close = |a: f64, b: f64| (a - b).abs() < 1e-9;
        assert!(shares.is_some_and(|shares| close(shares.neighbour, expected.neighbour)
            && close(shares.comparisons, expected.comparisons)
            && close(shares.others, expected.others)));
        assert_eq!(begin.until(&begin), None);
    }

    #[test]
    fn what_a_system_does_not_say_is_unknown() {
        assert_eq!(Usage::read("", ""), None);
        assert_eq!(Usage::read("cpu  1 2 3\n", "1 (a) S"), None);
    }
}
