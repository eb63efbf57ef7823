//! Reads chunk after chunk of a session.

use super::entry::Entry;
use super::pairing::Pairing;
use super::settings::Settings;
use super::{event, response};
use crate::model::{Item, What};
use crate::rollout::record::RecordType;

/// What the summary of a compaction comes after, for the model's eyes.
const BEFORE_SUMMARY: &str = "your own analysis:\n";

/// Reads the chunks of a session one after the other, so that it can tell what a turn runs under that the turn before did not. A chunk
/// that stands alone is read as well.
#[derive(Clone, Debug, Default)]
pub struct Reader {
    settings: Settings,
}

impl Reader {
    /// The items in the whole lines of a chunk, in their order.
    pub fn items(&mut self, chunk: &[u8]) -> Vec<Item> {
        let mut pairing = Pairing::default();
        let ends = memchr::memchr_iter(b'\n', chunk).chain([chunk.len()]);
        let mut start = 0;
        for (number, end) in (1..).zip(ends) {
            if let Some(entry) = Entry::read(&chunk[start..end], number) {
                self.take(&entry, &mut pairing);
            }
            start = end + 1;
        }
        pairing.into_items()
    }

    fn take(&mut self, entry: &Entry<'_>, pairing: &mut Pairing) {
        match entry.record.kind {
            RecordType::Response if entry.unknown.is_none() => response::take(entry, &mut self.settings, pairing),
            RecordType::Event => event::take(entry, &self.settings, pairing),
            RecordType::TurnContext => {
                let switched = self.settings.take(&entry.record.payload);
                switched.into_iter().for_each(|what| pairing.tell(entry, what));
            }
            RecordType::Compacted => {
                let message = entry.text("message").unwrap_or_default();
                let summary = message.split_once(BEFORE_SUMMARY).map_or(message.as_str(), |(_, summary)| summary);
                pairing.tell(entry, What::Compaction { summary: entry.keep.text(summary.to_owned()) });
            }
            _ => {
                let unknown = entry.unknown.clone().into_iter();
                unknown.for_each(|kind| pairing.tell(entry, What::Unknown { kind }));
            }
        }
    }
}
