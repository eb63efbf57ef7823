//! The system is asked about many files at once, by several threads.

use std::num::NonZero;
use std::thread;

/// What `ask` says of each of many things, in their order; by several threads where there are more than `worth` for each.
pub(crate) fn of_each<T: Sync, A: Send>(things: &[T], worth: usize, ask: impl Fn(&T) -> A + Sync) -> Vec<A> {
    let threads = thread::available_parallelism().map_or(1, NonZero::get).min(things.len() / worth);
    if threads < 2 {
        return things.iter().map(ask).collect();
    }
    let mut answers: Vec<Option<A>> = Vec::with_capacity(things.len());
    answers.resize_with(things.len(), || None);
    let part = |(things, answers): (&[T], &mut [Option<A>])| {
        things.iter().zip(answers).for_each(|(thing, answer)| *answer = Some(ask(thing)));
    };
    let size = things.len().div_ceil(threads);
    thread::scope(|scope| {
        let mut parts = things.chunks(size).zip(answers.chunks_mut(size));
        let own = parts.next();
        parts.for_each(|rest| drop(scope.spawn(|| part(rest))));
        own.into_iter().for_each(part);
    });
    answers.into_iter().flatten().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_stand_in_the_order_of_what_was_asked() {
        for count in [0, 1, 7, 1000] {
            let things: Vec<usize> = (0..count).collect();
            assert_eq!(
                of_each(&things, 3, |thing| thing * 2),
                things.iter().map(|thing| thing * 2).collect::<Vec<_>>()
            );
        }
    }
}
