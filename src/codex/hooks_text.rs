//! The text of a hooks file: which entries in it are ours, and the text with them and without them.
//!
//! It is edited between the values that JSON finds in it, so that what is not ours keeps its bytes, blanks and order included. It keeps its place as well:
//! Codex knows a hook that it trusts by the event, the entry and the place in the entry, and would not run it at another.

use std::ops::Range;

use serde_json::value::RawValue;

use super::HookCommand;
use crate::rollout::Object;

/// Our entries, one for each event that Codex runs them at. The same file is the plugin's.
const TEMPLATE: &str = include_str!("../../hooks/codex/hooks.json");

/// An entry without a hook, which keeps the place of one of ours that was taken out before others. The blank tells it from a person's own.
const KEPT: &str = "{\"hooks\": [ ]}";

/// The events at which codex-git is to be run.
pub fn events() -> Vec<String> {
    template(&HookCommand::of_plugin()).into_iter().map(|(event, _)| event).collect()
}

/// Our entries: the event and the command of each.
pub fn commands(text: &str) -> Vec<(String, HookCommand)> {
    let at = |event: String| {
        let commands = groups(text, &event).into_iter().flat_map(|group| our_handlers(&event, &text[group]));
        commands.map(|ours| (event.clone(), ours.command)).collect::<Vec<_>>()
    };
    events().into_iter().flat_map(at).collect()
}

/// Whether Codex can read the text.
pub fn is_well_formed(text: &str) -> bool {
    let Some(top) = Object::parse(text.as_bytes()) else { return false };
    let Some(hooks) = top.raw("hooks") else { return true };
    let Some(events) = Object::parse(hooks.as_bytes()) else { return false };
    events.entries().all(|(_, list)| serde_json::from_str::<Vec<Object<'_>>>(list).is_ok())
}

/// The text with our entries, which run `command`. One that is there stays where it is; others come behind all that stand at their event.
pub fn with_ours(mut text: String, command: &HookCommand) -> String {
    for (event, group) in template(command) {
        let stays = groups(&text, &event).iter().enumerate().find_map(|(at, place)| {
            let group = &text[place.clone()];
            let ours = our_handlers(&event, group).into_iter().next()?;
            is_bare(group).then_some((at, ours.at, place.start + ours.place.start..place.start + ours.place.end))
        });
        text = match stays {
            Some((at, handler, place)) => {
                let new = first_handler(&group).filter(|new| !same_json(&text[place.clone()], new));
                let text = new.map_or_else(|| text.clone(), |new| splice(&text, place, new));
                less(text, Some(&event), Some((at, handler))).0
            }
            None => add(less(text, Some(&event), None).0, &event, &group),
        };
    }
    text
}

/// The text without our entries, and without the lists that this leaves empty; and the events at which hooks of others have another place now.
/// That is only where they share an entry with one of ours: else an entry without a hook keeps the place of ours.
pub fn without_ours(text: String) -> (String, Vec<String>) {
    less(text, None, None)
}

/// The events at which an entry without a hook keeps the place of one of ours.
pub fn kept_places(text: &str) -> Vec<String> {
    let is_kept = |event: &String| groups(text, event).iter().any(|place| text[place.clone()] == *KEPT);
    events().into_iter().filter(is_kept).collect()
}

/// Each event of the template with its entry, which runs `command`.
fn template(command: &HookCommand) -> Vec<(String, String)> {
    let quoted = |command: &HookCommand| serde_json::Value::from(command.render()).to_string();
    let (from, to) = (quoted(&HookCommand::of_plugin()), quoted(command));
    let events = Object::parse(TEMPLATE.as_bytes()).and_then(|top| top.object("hooks"));
    let group = |places: &str| places.trim_start_matches('[').trim_end_matches(']').trim().replace(&from, &to);
    events.iter().flat_map(Object::entries).map(|(event, raw)| (event.to_owned(), group(raw))).collect()
}

fn first_handler(group: &str) -> Option<&str> {
    Some(Object::parse(group.as_bytes())?.array("hooks")?.first()?.get())
}

/// Whether an entry says nothing but which hooks it has, so that these always run.
fn is_bare(group: &str) -> bool {
    Object::parse(group.as_bytes()).is_some_and(|group| group.entries().all(|(key, _)| key == "hooks"))
}

fn same_json(a: &str, b: &str) -> bool {
    let value = |text| serde_json::from_str::<serde_json::Value>(text).ok();
    value(a) == value(b)
}

/// A hook of ours in an entry.
struct OurHandler {
    /// The how manieth of the entry's hooks it is.
    at: usize,
    /// Where it stands in the entry's text.
    place: Range<usize>,
    command: HookCommand,
}

/// Which of a group's handlers are ours. One is ours only if it is, whole, what codex-git writes at this event.
fn our_handlers(event: &str, group: &str) -> Vec<OurHandler> {
    let handlers = Object::parse(group.as_bytes()).and_then(|group| group.array("hooks")).unwrap_or_default();
    let ours = |handler: &RawValue| {
        let command = HookCommand::parse(&Object::parse(handler.get().as_bytes())?.str("command")?)?;
        let (_, written) = template(&command).into_iter().find(|(known, _)| known == event)?;
        same_json(handler.get(), first_handler(&written)?).then_some(command)
    };
    let found = handlers.iter().enumerate();
    found
        .filter_map(|(at, handler)| {
            Some(OurHandler { at, place: place(group, handler.get()), command: ours(handler)? })
        })
        .collect()
}

/// A value that holds others: its own place in the text, and theirs.
struct Container {
    whole: Range<usize>,
    items: Vec<Range<usize>>,
}

impl Container {
    fn top(text: &str) -> Option<Self> {
        Self::object(text, text.find('{')?..text.rfind('}')? + 1)
    }

    fn object(text: &str, whole: Range<usize>) -> Option<Self> {
        let object = Object::parse(text[whole.clone()].as_bytes())?;
        Some(Self { items: object.entries().map(|(_, raw)| place(text, raw)).collect(), whole })
    }

    fn array(text: &str, whole: Range<usize>) -> Option<Self> {
        let items: Vec<&RawValue> = serde_json::from_str(&text[whole.clone()]).ok()?;
        Some(Self { items: items.iter().map(|item| place(text, item.get())).collect(), whole })
    }

    /// The text with one more item at the end, on lines of its own that are indented by `depth`.
    fn with(&self, text: &str, item: &str, depth: usize) -> String {
        let indent = "  ".repeat(depth);
        match self.items.last() {
            Some(last) => splice(text, last.end..last.end, &format!(",\n{indent}{item}")),
            None if text[self.whole.clone()].contains('\n') => splice(text, self.open(), &format!("\n{indent}{item}")),
            None => splice(text, self.open(), item),
        }
    }

    /// The text without one of the items.
    fn without(&self, text: &str, at: usize) -> String {
        let item = &self.items[at];
        let cut = match at.checked_sub(1) {
            Some(before) => self.items[before].end..item.end,
            None => match text[item.end..].find(',').filter(|_| self.items.len() > 1) {
                Some(comma) => self.open().start..item.end + comma + 1,
                None => self.open().start..item.end,
            },
        };
        splice(text, cut, "")
    }

    /// Just inside of its opening bracket.
    fn open(&self) -> Range<usize> {
        self.whole.start + 1..self.whole.start + 1
    }
}

/// Where a part of a text stands in it.
fn place(text: &str, part: &str) -> Range<usize> {
    let start = part.as_ptr() as usize - text.as_ptr() as usize;
    start..start + part.len()
}

fn splice(text: &str, at: Range<usize>, with: &str) -> String {
    format!("{}{with}{}", &text[..at.start], &text[at.end..])
}

/// Where the list of events stands, if there is one.
fn hooks(text: &str) -> Option<Range<usize>> {
    Object::parse(text.as_bytes())?.raw("hooks").map(|raw| place(text, raw))
}

/// Where an event's list of groups stands, if it has one.
fn list(text: &str, event: &str) -> Option<Range<usize>> {
    let events = Object::parse(text[hooks(text)?].as_bytes())?;
    events.raw(event).map(|raw| place(text, raw))
}

fn groups(text: &str, event: &str) -> Vec<Range<usize>> {
    list(text, event).and_then(|list| Container::array(text, list)).map(|list| list.items).unwrap_or_default()
}

fn add(text: String, event: &str, group: &str) -> String {
    if let Some(kept) = groups(&text, event).into_iter().find(|place| text[place.clone()] == *KEPT) {
        return splice(&text, kept, group);
    }
    let listed = format!("\"{event}\": [\n      {group}\n    ]");
    let added = || {
        if let Some(list) = list(&text, event) {
            return Some(Container::array(&text, list)?.with(&text, group, 3));
        }
        if let Some(hooks) = hooks(&text) {
            return Some(Container::object(&text, hooks)?.with(&text, &listed, 2));
        }
        let first = format!("\"hooks\": {{\n    {listed}\n  }}");
        Some(Container::top(&text)?.with(&text, &first, 1))
    };
    added().unwrap_or(text)
}

/// The text without our entries, of one event or of all, but the hook at the place `but`; and the events at which hooks of others moved.
fn less(mut text: String, event: Option<&str>, but: Option<(usize, usize)>) -> (String, Vec<String>) {
    let mut moved = Vec::new();
    while let Some((less, at)) = one_less(&text, event, but) {
        text = less;
        moved.extend(at);
    }
    (text, moved)
}

/// The text without the last of our entries, and the event if this moves hooks of others there.
fn one_less(text: &str, event: Option<&str>, but: Option<(usize, usize)>) -> Option<(String, Option<String>)> {
    let top = Container::top(text)?;
    let hooks_place = hooks(text)?;
    let events = Container::object(text, hooks_place.clone())?;
    for (at, list) in events.items.iter().enumerate() {
        let name = Object::parse(text[hooks_place.clone()].as_bytes())?.entries().nth(at)?.0.to_owned();
        if event.is_some_and(|event| event != name.as_str()) {
            continue;
        }
        let list = Container::array(text, list.clone())?;
        for (group_at, group) in list.items.iter().enumerate().rev() {
            let is_last = group_at + 1 == list.items.len();
            let ours = our_handlers(&name, &text[group.clone()]);
            let Some(handler) = ours.iter().rfind(|ours| but != Some((group_at, ours.at))) else {
                if is_last && text[group.clone()] == *KEPT {
                    return Some((list_less(text, &top, &events, at, &list, group_at), None));
                }
                continue;
            };
            let inner = Object::parse(text[group.clone()].as_bytes())?.raw("hooks").map(|raw| place(text, raw))?;
            let handlers = Container::array(text, inner)?;
            if handlers.items.len() > 1 {
                let moves = handler.at + 1 < handlers.items.len();
                return Some((handlers.without(text, handler.at), moves.then_some(name)));
            }
            if !is_last {
                return Some((splice(text, group.clone(), KEPT), None));
            }
            return Some((list_less(text, &top, &events, at, &list, group_at), None));
        }
    }
    None
}

/// The text without an entry, the last of its list; the list goes if that was all of it, and so does what holds the lists.
fn list_less(text: &str, top: &Container, events: &Container, at: usize, list: &Container, group_at: usize) -> String {
    match (list.items.len(), events.items.len()) {
        (2.., _) => list.without(text, group_at),
        (_, 2..) => events.without(text, at),
        _ => match top.items.iter().position(|item| *item == events.whole) {
            Some(hooks) => top.without(text, hooks),
            None => text.to_owned(),
        },
    }
}
