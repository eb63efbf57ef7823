//! What the project's HEAD has at a path, looked up folder by folder as a walk goes: each tree is read once, and only where somebody asks.

use std::collections::HashMap;
use std::rc::Rc;

use crate::git::project::{Project, ProjectHead};
use crate::git::tree::{FOLDER_MODE, GITLINK_MODE, RawEntry};
use crate::model::ObjectId;

type Entries = Rc<HashMap<Vec<u8>, (u32, ObjectId)>>;

/// HEAD's files.
pub(super) struct HeadFiles<'p> {
    project: &'p Project,
    head: ProjectHead,
    /// The folders on the way to the one that was asked about last, by their paths.
    way: Vec<(Vec<u8>, Entries)>,
}

impl<'p> HeadFiles<'p> {
    pub fn of(project: &'p Project) -> Self {
        let head = project.head();
        let root = head.tree.and_then(|tree| project.tree(tree)).unwrap_or_default();
        Self { project, head, way: vec![(Vec::new(), by_name(root))] }
    }

    pub fn head(&self) -> &ProjectHead {
        &self.head
    }

    /// The blob that HEAD has at a name in a folder, if the project's own objects hold it.
    pub fn blob(&mut self, folder: &[u8], name: &[u8]) -> Option<ObjectId> {
        let (mode, id) = *self.entries(folder).get(name)?;
        (mode != FOLDER_MODE && mode != GITLINK_MODE && self.project.has(id)).then_some(id)
    }

    /// Whether HEAD has a file at a name in a folder.
    pub fn has(&mut self, folder: &[u8], name: &[u8]) -> bool {
        self.entries(folder).get(name).is_some_and(|(mode, _)| *mode != FOLDER_MODE)
    }

    /// How many bytes a blob has.
    pub fn size(&self, id: ObjectId) -> Option<u64> {
        self.project.size(id)
    }

    fn entries(&mut self, folder: &[u8]) -> Entries {
        while self.way.len() > 1 && self.way.last().is_some_and(|(path, _)| !is_at_or_above(path, folder)) {
            self.way.pop();
        }
        loop {
            let Some((path, entries)) = self.way.last() else { return Entries::default() };
            if path == folder {
                return Rc::clone(entries);
            }
            let begin = if path.is_empty() { 0 } else { path.len() + 1 };
            let rest = folder.get(begin..).unwrap_or_default();
            let name = rest.split(|byte| *byte == b'/').next().unwrap_or_default();
            let below = match entries.get(name) {
                Some((FOLDER_MODE, id)) => self.project.tree(*id).unwrap_or_default(),
                _ => Vec::new(),
            };
            let path = folder.get(..begin + name.len()).unwrap_or(folder).to_vec();
            self.way.push((path, by_name(below)));
        }
    }
}

fn by_name(entries: Vec<RawEntry>) -> Entries {
    Rc::new(entries.into_iter().map(|entry| (entry.name, (entry.mode, entry.id))).collect())
}

/// Whether a folder is another, or above it.
fn is_at_or_above(folder: &[u8], other: &[u8]) -> bool {
    folder.is_empty() || other.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest[0] == b'/')
}
