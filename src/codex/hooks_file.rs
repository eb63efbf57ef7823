//! Codex's hooks, `hooks.json` in the codex home: codex-git's entries are put beside whatever stands there, and taken out again.
//!
//! The file is the user's. It is edited as text, between the values that JSON finds in it, so that what is not ours keeps its bytes,
//! blanks and order included; and it is replaced as a whole, by a rename, so that Codex reads the old one or the new one.

use std::fs;
use std::io::{ErrorKind, Write};
use std::ops::Range;
use std::path::{Path, PathBuf};

use serde_json::value::RawValue;

use super::{Error, HookCommand};
use crate::rollout::Object;

/// Our entries, one for each event that Codex runs them at. The same file is the plugin's.
const TEMPLATE: &str = include_str!("../../hooks/codex/hooks.json");

/// What a file that codex-git makes holds without its entries. The blank tells it from one that was there, which stays.
const MADE: &str = "{\n} \n";

/// The hooks file of a codex home.
#[derive(Clone, Debug)]
pub struct HooksFile {
    path: PathBuf,
    /// Whether the home has only a link to it.
    is_linked: bool,
    /// What the file holds; `None` where there is none.
    text: Option<String>,
}

impl HooksFile {
    /// Reads the hooks file of the codex home at `home`.
    ///
    /// # Errors
    /// When it can't be read, or is not JSON of the shape that Codex reads.
    pub fn read(home: &Path) -> Result<Self, Error> {
        let link = home.join("hooks.json");
        // Where the name is a link to a file kept elsewhere, that file is the one to replace.
        let is_linked = link.is_symlink();
        let path = link.canonicalize().unwrap_or(link);
        let text = match fs::read_to_string(&path) {
            Ok(text) => Some(text).filter(|text| !text.trim().is_empty()),
            Err(error) if error.kind() == ErrorKind::NotFound => None,
            Err(error) => return Err(Error::io("read", &path)(error)),
        };
        let file = Self { path, is_linked, text };
        match &file.text {
            Some(text) if !is_well_formed(text) => Err(Error::Hooks { path: file.path }),
            _ => Ok(file),
        }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Whether it is the file at a path.
    pub fn is_at(&self, path: &Path) -> bool {
        path == self.path || path.canonicalize().is_ok_and(|path| self.path.canonicalize().is_ok_and(|own| own == path))
    }

    /// The events at which codex-git is run, and the events at which it is to be run.
    pub fn events(&self) -> (Vec<String>, Vec<String>) {
        let all: Vec<String> = template(&HookCommand::of_plugin()).into_iter().map(|(event, _)| event).collect();
        let ours = self.commands();
        (all.iter().filter(|event| ours.iter().any(|(ours, _)| ours == *event)).cloned().collect(), all)
    }

    /// Our entries: the event and the command of each.
    pub fn commands(&self) -> Vec<(String, HookCommand)> {
        let text = self.text.as_deref().unwrap_or_default();
        let mut ours = Vec::new();
        for (event, _) in template(&HookCommand::of_plugin()) {
            for group in groups(text, &event) {
                let commands = our_handlers(&event, &text[group]).into_iter().map(|(_, command)| command);
                ours.extend(commands.map(|command| (event.clone(), command)));
            }
        }
        ours
    }

    /// Puts our entries in, with this command. Entries of ours that differ are replaced. Whether anything changed.
    ///
    /// # Errors
    /// When the file can't be written.
    pub fn install(&mut self, command: &HookCommand) -> Result<bool, Error> {
        let new = if self.path.exists() { "{\n}\n" } else { MADE };
        let mut text = self.text.clone().unwrap_or_else(|| new.to_owned());
        for (event, group) in template(command) {
            let is_ours = |place: &Range<usize>| !our_handlers(&event, &text[place.clone()]).is_empty();
            let ours: Vec<_> = groups(&text, &event).into_iter().filter(is_ours).collect();
            let same = |place: &Range<usize>| same_json(&text[place.clone()], &group);
            if ours.len() != 1 || !ours.iter().all(same) {
                text = add(without(text, Some(&event)), &event, &group);
            }
        }
        self.replace(Some(text))
    }

    /// Takes our entries out. Whether anything changed.
    ///
    /// # Errors
    /// When the file can't be written.
    pub fn remove(&mut self) -> Result<bool, Error> {
        let text = self.text.clone().map(|text| without(text, None));
        // A file that a link leads to is somebody's, whoever wrote it.
        self.replace(text.filter(|text| self.is_linked || text != MADE))
    }

    fn replace(&mut self, text: Option<String>) -> Result<bool, Error> {
        if text == self.text {
            return Ok(false);
        }
        match &text {
            None => fs::remove_file(&self.path).map_err(Error::io("remove", &self.path))?,
            Some(text) => write(&self.path, text).map_err(Error::io("write", &self.path))?,
        }
        self.text = text;
        Ok(true)
    }
}

fn write(path: &Path, text: &str) -> std::io::Result<()> {
    let mut aside = tempfile::NamedTempFile::new_in(path.parent().unwrap_or(Path::new(".")))?;
    if let Ok(data) = fs::metadata(path) {
        aside.as_file().set_permissions(data.permissions())?;
    }
    aside.write_all(text.as_bytes())?;
    aside.as_file().sync_all()?;
    aside.persist(path).map(drop).map_err(|error| error.error)
}

/// Each event of the template with its entry, which runs `command`.
fn template(command: &HookCommand) -> Vec<(String, String)> {
    let quoted = |command: &HookCommand| serde_json::Value::from(command.render()).to_string();
    let (from, to) = (quoted(&HookCommand::of_plugin()), quoted(command));
    let events = Object::parse(TEMPLATE.as_bytes()).and_then(|top| top.object("hooks"));
    let group = |places: &str| places.trim_start_matches('[').trim_end_matches(']').trim().replace(&from, &to);
    events.iter().flat_map(Object::entries).map(|(event, raw)| (event.to_owned(), group(raw))).collect()
}

fn is_well_formed(text: &str) -> bool {
    let Some(top) = Object::parse(text.as_bytes()) else { return false };
    let Some(hooks) = top.raw("hooks") else { return true };
    let Some(events) = Object::parse(hooks.as_bytes()) else { return false };
    events.entries().all(|(_, list)| serde_json::from_str::<Vec<Object<'_>>>(list).is_ok())
}

fn same_json(a: &str, b: &str) -> bool {
    let value = |text| serde_json::from_str::<serde_json::Value>(text).ok();
    value(a) == value(b)
}

/// Which of a group's handlers are ours, and what they run. One is ours only if it is, whole, what codex-git writes at this event.
fn our_handlers(event: &str, group: &str) -> Vec<(usize, HookCommand)> {
    let handlers = Object::parse(group.as_bytes()).and_then(|group| group.array("hooks")).unwrap_or_default();
    let ours = |handler: &RawValue| {
        let command = HookCommand::parse(&Object::parse(handler.get().as_bytes())?.str("command")?)?;
        let (_, written) = template(&command).into_iter().find(|(known, _)| known == event)?;
        let written = Object::parse(written.as_bytes())?.array("hooks")?.first()?.get().to_owned();
        same_json(handler.get(), &written).then_some(command)
    };
    handlers.iter().enumerate().filter_map(|(at, handler)| Some((at, ours(handler)?))).collect()
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

/// The text without our entries, of one event or of all; and without the lists that this leaves empty.
fn without(mut text: String, event: Option<&str>) -> String {
    while let Some(less) = one_less(&text, event) {
        text = less;
    }
    text
}

fn one_less(text: &str, event: Option<&str>) -> Option<String> {
    let top = Container::top(text)?;
    let hooks_place = hooks(text)?;
    let events = Container::object(text, hooks_place.clone())?;
    for (at, list) in events.items.iter().enumerate() {
        let name = Object::parse(text[hooks_place.clone()].as_bytes())?.entries().nth(at)?.0.to_owned();
        if event.is_some_and(|event| event != name.as_str()) {
            continue;
        }
        let list = Container::array(text, list.clone())?;
        for (group_at, group) in list.items.iter().enumerate() {
            let ours = our_handlers(&name, &text[group.clone()]);
            let Some((handler, _)) = ours.first() else { continue };
            let inner = Object::parse(text[group.clone()].as_bytes())?.raw("hooks").map(|raw| place(text, raw))?;
            let handlers = Container::array(text, inner)?;
            return Some(match (handlers.items.len(), list.items.len(), events.items.len()) {
                (2.., ..) => handlers.without(text, *handler),
                (_, 2.., _) => list.without(text, group_at),
                (_, _, 2..) => events.without(text, at),
                _ => top.without(text, top.items.iter().position(|item| *item == hooks_place)?),
            });
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn command(program: &str) -> HookCommand {
        HookCommand { program: program.to_owned(), store: None }
    }

    fn home(text: &str) -> (tempfile::TempDir, HooksFile) {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("hooks.json"), text).unwrap();
        let file = HooksFile::read(folder.path()).unwrap();
        (folder, file)
    }

    fn text(folder: &tempfile::TempDir) -> String {
        fs::read_to_string(folder.path().join("hooks.json")).unwrap()
    }

    #[test]
    fn what_is_not_ours_keeps_its_bytes() {
        for before in [
            "{\"description\": \"mine\" ,\n\t\"hooks\" : { \"Stop\":[ {\"hooks\":[{\"type\":\"command\",\"command\":\"say done\"}]} ] } }\n",
            "{\n  \"hooks\": {\n    \"PreToolUse\": [\n      {\"matcher\": \"Bash\", \"hooks\": [{\"type\": \"command\", \"command\": \"x\"}]}\n    ]\n  }\n}",
            "{\"hooks\":{\"Stop\":[{\"hooks\":[]}]},\"z\":\"\u{e9}, {[\\\"\"}",
            "{ \"a\" : 1 }",
        ] {
            let (folder, mut file) = home(before);
            assert!(file.install(&command("/opt/my tools/codex-git")).unwrap());
            let with = text(&folder);
            assert!(!file.install(&command("/opt/my tools/codex-git")).unwrap(), "twice is once");
            assert_eq!(text(&folder), with);
            let (ours, all) = HooksFile::read(folder.path()).unwrap().events();
            assert_eq!((ours.len(), ours), (7, all), "{with}");
            assert!(file.remove().unwrap());
            assert_eq!(text(&folder), before);
            assert!(!file.remove().unwrap());
        }
    }

    #[test]
    fn a_file_that_was_ours_alone_goes_away() {
        let folder = tempfile::tempdir().unwrap();
        let mut file = HooksFile::read(folder.path()).unwrap();
        assert!(file.install(&command("/opt/my tools/codex-git")).unwrap());
        let written = text(&folder);
        assert!(
            serde_json::from_str::<serde_json::Value>(&written).unwrap()["hooks"]["Stop"][0]["hooks"][0]["command"]
                == "'/opt/my tools/codex-git' hook || true"
        );
        assert!(file.remove().unwrap());
        assert!(!folder.path().join("hooks.json").exists());
    }

    #[test]
    fn a_file_that_was_there_stays() {
        for before in ["{ \"hooks\": { } }", "{\n}\n", "{\n  \"hooks\": {\n  }\n}\n", "{}", "\n"] {
            let (folder, mut file) = home(before);
            assert!(!file.remove().unwrap(), "{before}: none of ours is in it");
            assert!(file.install(&command("/opt/codex-git")).unwrap());
            assert!(HooksFile::read(folder.path()).unwrap().remove().unwrap());
            assert!(same_json(&text(&folder), "{}"), "{before}: {}", text(&folder));
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_file_that_a_link_leads_to_stays() {
        let (folder, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        HooksFile::read(elsewhere.path()).unwrap().install(&command("/opt/codex-git")).unwrap();
        std::os::unix::fs::symlink(elsewhere.path().join("hooks.json"), folder.path().join("hooks.json")).unwrap();
        assert!(HooksFile::read(folder.path()).unwrap().remove().unwrap());
        assert!(folder.path().join("hooks.json").is_symlink());
        assert!(same_json(&text(&elsewhere), "{}"));
    }

    #[test]
    fn an_entry_of_ours_that_differs_is_replaced_where_others_stay() {
        let mixed = r#"{"hooks":{"Stop":[{"hooks":[{"type":"command","command":"a"},{"type":"command","command":"/old/codex-git hook || true","timeout":10},{"type":"command","command":"b"}]}]}}"#;
        let (folder, mut file) = home(mixed);
        file.install(&command("/opt/my tools/codex-git")).unwrap();
        assert!(!text(&folder).contains("/old/"));
        file.remove().unwrap();
        assert_eq!(
            text(&folder),
            r#"{"hooks":{"Stop":[{"hooks":[{"type":"command","command":"a"},{"type":"command","command":"b"}]}]}}"#
        );
    }

    #[test]
    fn what_codex_would_not_read_is_left_alone() {
        for bad in ["{", "[]", "{\"hooks\": 1}", "{\"hooks\": {\"Stop\": {}}}", "{\"hooks\": {\"Stop\": [1]}} x"] {
            let folder = tempfile::tempdir().unwrap();
            fs::write(folder.path().join("hooks.json"), bad).unwrap();
            assert!(matches!(HooksFile::read(folder.path()), Err(Error::Hooks { .. })), "{bad}");
        }
    }

    #[test]
    fn hooks_of_a_person_that_run_codex_git_stay() {
        let own = r#"{"hooks":{"Stop":[{"hooks":[{"type":"command","command":"notify-send done; nice -n 19 /opt/codex-git hook"}]},{"hooks":[{"type":"command","command":"/opt/codex-git hook || true","timeout":99}]}]}}"#;
        let (folder, mut file) = home(own);
        assert_eq!(file.commands(), []);
        file.install(&command("/opt/codex-git")).unwrap();
        assert_eq!(file.commands().len(), 7);
        file.remove().unwrap();
        assert_eq!(text(&folder), own);
    }
}
