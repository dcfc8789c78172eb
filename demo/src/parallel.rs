//! One function over many jobs on some threads.

use std::panic::resume_unwind;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::thread;

/// The results of `work` for each of `jobs`, in the order of the jobs.
///
/// `threads` threads, the calling one among them, take the jobs from the front; long ones belong
/// there.
pub(crate) fn map<J: Sync, R: Send>(
    threads: usize,
    jobs: &[J],
    work: impl Fn(&J) -> R + Sync,
) -> Vec<R> {
    let next = AtomicUsize::new(0);
    let run = || {
        let mut done = Vec::new();
        loop {
            let index = next.fetch_add(1, Relaxed);
            let Some(job) = jobs.get(index) else {
                return done;
            };
            done.push((index, work(job)));
        }
    };
    let mut results = thread::scope(|scope| {
        let helpers: Vec<_> = (1..threads.min(jobs.len()))
            .map(|_| scope.spawn(run))
            .collect();
        let mut results = run();
        for helper in helpers {
            results.extend(helper.join().unwrap_or_else(|panic| resume_unwind(panic)));
        }
        results
    });
    results.sort_unstable_by_key(|&(index, _)| index);
    results.into_iter().map(|(_, result)| result).collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn results_keep_the_order_of_the_jobs() {
        let jobs: Vec<usize> = (0..1000).collect();
        for threads in [0, 1, 2, 7] {
            let doubled = super::map(threads, &jobs, |job| job * 2);
            assert!(doubled.iter().enumerate().all(|(i, &d)| d == i * 2));
            assert_eq!(doubled.len(), jobs.len());
        }
    }
}
