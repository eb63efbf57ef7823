//! Calls, outputs and events that belong together, each told once: where the event stands, or else the call.

use std::collections::{HashMap, HashSet};

use super::call::Call;
use super::entry::Entry;
use super::output::Output;
use crate::model::{Item, What};

/// The items of a chunk in the making.
#[derive(Default)]
pub(super) struct Pairing {
    slots: Vec<Slot>,
    /// Where the calls stand, and the outputs that have none yet.
    calls: HashMap<String, usize>,
    outputs: HashMap<String, usize>,
    /// The calls that an event told.
    told: HashSet<String>,
    /// What an event and an item tell alike without an id in common: searches and commands of the person's.
    twins: HashMap<String, Twins>,
}

enum Slot {
    Told(Item),
    Call(Box<Call>),
    /// An output whose call did not come.
    Output(Place, Output),
    Gone,
}

/// An output's id, time and line.
struct Place(Option<String>, Option<i64>, usize);

#[derive(Default)]
struct Twins {
    /// How many events came whose item did not.
    events: usize,
    /// Where the items stand whose events did not come.
    items: Vec<usize>,
}

impl Pairing {
    /// Tells what stands by itself.
    pub fn tell(&mut self, entry: &Entry<'_>, what: What) {
        self.slots.push(Slot::Told(Item { at: entry.at(), line: entry.line, what }));
    }

    /// Whether an image that the model looked at was told last.
    pub fn ends_with_image(&self) -> bool {
        match self.slots.iter().rev().find(|slot| !matches!(slot, Slot::Gone)) {
            Some(Slot::Told(item)) => matches!(item.what, What::Image(_)),
            Some(Slot::Call(call)) => call.is_image(),
            _ => false,
        }
    }

    /// Tells an event, which stands for the call of its id; `what` is handed that call, if it was there.
    pub fn event(&mut self, entry: &Entry<'_>, id: Option<&str>, what: impl FnOnce(Option<Call>) -> What) {
        let mut call = None;
        if let Some(id) = id {
            if let Some(at) = self.calls.remove(id)
                && let Slot::Call(found) = std::mem::replace(&mut self.slots[at], Slot::Gone)
            {
                call = Some(*found);
            }
            if let Some(at) = self.outputs.remove(id) {
                self.slots[at] = Slot::Gone;
            }
            self.told.insert(id.to_owned());
        }
        self.tell(entry, what(call));
    }

    /// Takes a call; its output may have come, or an event that told it.
    pub fn call(&mut self, mut call: Call) {
        let Some(id) = call.id.clone() else { return self.slots.push(Slot::Call(Box::new(call))) };
        if self.told.contains(&id) {
            return;
        }
        if let Some(at) = self.outputs.remove(&id)
            && let Slot::Output(_, output) = std::mem::replace(&mut self.slots[at], Slot::Gone)
        {
            call.output = Some(output);
        }
        self.calls.insert(id, self.slots.len());
        self.slots.push(Slot::Call(Box::new(call)));
    }

    /// Takes an output, and gives it to its call.
    pub fn output(&mut self, entry: &Entry<'_>) {
        let id = entry.text("call_id");
        if id.as_ref().is_some_and(|id| self.told.contains(id)) {
            return;
        }
        let mut output = Output::of(&entry.record.payload);
        output.text = entry.keep.text(output.text);
        let call = id.as_ref().and_then(|id| self.calls.get(id)).and_then(|at| self.slots.get_mut(*at));
        match call {
            Some(Slot::Call(call)) if call.output.is_none() => call.output = Some(output),
            _ => {
                self.outputs.extend(id.clone().map(|id| (id, self.slots.len())));
                self.slots.push(Slot::Output(Place(id, entry.at(), entry.line), output));
            }
        }
    }

    /// Tells what an event says and an item may repeat, which have only their text in common.
    pub fn twin_event(&mut self, entry: &Entry<'_>, key: String, what: What) {
        let twins = self.twins.entry(key).or_default();
        match twins.items.is_empty() {
            true => twins.events += 1,
            false => self.slots[twins.items.remove(0)] = Slot::Gone,
        }
        self.tell(entry, what);
    }

    /// Tells what an item says, unless an event does.
    pub fn twin_item(&mut self, entry: &Entry<'_>, key: String, what: What) {
        let twins = self.twins.entry(key).or_default();
        if twins.events > 0 {
            twins.events -= 1;
            return;
        }
        twins.items.push(self.slots.len());
        self.tell(entry, what);
    }

    /// The items, in the order of their lines.
    pub fn into_items(self) -> Vec<Item> {
        let item = |slot| match slot {
            Slot::Told(item) => Some(item),
            Slot::Output(Place(id, at, line), output) => {
                let what = What::Tool { id, name: None, arguments: String::new(), output: Some(output.text) };
                Some(Item { at, line, what })
            }
            Slot::Call(call) => Some(Item { at: call.at, line: call.line, what: call.what() }),
            Slot::Gone => None,
        };
        self.slots.into_iter().filter_map(item).collect()
    }
}
