//! Work on many sessions that several threads share, each with the store opened for itself.

use super::{Error, Store};

/// So many sessions are worth a thread.
const WORTH: usize = 500;

impl Store {
    /// What `act` gives for the parts of a list, in its order. A list that is not worth it is one part.
    ///
    /// # Errors
    /// When the store can't be opened once more.
    pub(super) fn by_parts<T: Sync, A: Send>(
        &self,
        items: &[T],
        act: impl Fn(&Self, &[T]) -> Vec<A> + Sync,
    ) -> Result<Vec<A>, Error> {
        let threads = std::thread::available_parallelism().map_or(1, usize::from).min(items.len() / WORTH);
        if threads < 2 {
            return Ok(act(self, items));
        }
        let parts = items.chunks(items.len().div_ceil(threads));
        let parts = parts.map(|part| Ok((part, Self::open(self.path())?))).collect::<Result<Vec<_>, Error>>()?;
        let act = &act;
        Ok(std::thread::scope(|scope| {
            let threads: Vec<_> =
                parts.into_iter().map(|(part, store)| scope.spawn(move || act(&store, part))).collect();
            let join = |thread: std::thread::ScopedJoinHandle<'_, Vec<A>>| {
                thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
            };
            threads.into_iter().flat_map(join).collect()
        }))
    }
}
