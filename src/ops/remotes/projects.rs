//! Projects: the repository that each session began in, as its first line says. A note keeps them, because a first line is read once and never changes
//! what it says of that.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::path::Path;

use crate::model::repository_address::same_address;
use crate::model::{ObjectId, SessionId, text};
use crate::ops::project::repository_of;
use crate::ops::{Error, Workspace};
use crate::rollout::SessionMeta;
use crate::store::{Note, Row, work_tree};

impl Workspace {
    /// The projects of sessions, by what all addresses of each have in common. Those that began in none are left out.
    pub(super) fn projects(&self, rows: &[Row]) -> Result<BTreeMap<SessionId, String>, Error> {
        let mut known = self.noted_names(Note::Projects);
        let before = known.len();
        for row in rows {
            if let Entry::Vacant(new) = known.entry(row.id) {
                new.insert(self.project_in(row.tree)?.unwrap_or_default());
            }
        }
        if known.len() > before {
            self.note_names_as(Note::Projects, &known);
        }
        known.retain(|_, project| !project.is_empty());
        Ok(known)
    }

    /// The project that the first line of a tree names.
    pub(super) fn project_in(&self, tree: ObjectId) -> Result<Option<String>, Error> {
        let meta = self.store.read_blob(self.store.meta_blob(tree)?)?;
        let repository = SessionMeta::read(&meta).and_then(|meta| meta.repository);
        Ok(repository.map(|repository| text::plain(&same_address(&repository)).into_owned()))
    }

    /// The project that a directory is in, if that was cloned from elsewhere.
    pub fn project_at(&self, directory: &Path) -> Option<String> {
        let root = repository_of(directory)?;
        Some(text::plain(&same_address(&work_tree::origin(root)?)).into_owned())
    }
}
