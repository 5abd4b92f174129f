//! Work on all processors.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread;

use anyhow::Result;

/// Works through a list on all processors; each worker has a number. Results are taken one at a time, in any order.
pub(crate) fn in_parallel<'a, T: Sync, R: Send>(
    items: &'a [T],
    work: impl Fn(usize, &T) -> Result<R> + Sync,
    mut done: impl FnMut(&'a T, R) -> Result<()>,
) -> Result<()> {
    let workers = thread::available_parallelism()?.get().min(items.len());
    let (next, (sender, results)) = (AtomicUsize::new(0), mpsc::channel());
    thread::scope(|scope| {
        for worker in 0..workers {
            let (sender, next, work) = (sender.clone(), &next, &work);
            scope.spawn(move || {
                while let Some(item) = items.get(next.fetch_add(1, Ordering::Relaxed)) {
                    if sender.send((item, work(worker, item))).is_err() {
                        break;
                    }
                }
            });
        }
        drop(sender);
        results.into_iter().try_for_each(|(item, result)| done(item, result?))
    })
}
