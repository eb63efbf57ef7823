//! Projects: the repository that each session began in, as its first line says. A note keeps them, because a first line is read once and never changes
//! what it says of that.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::path::{Path, PathBuf};

use crate::model::repository_address::{same_address, with_known_host};
use crate::model::{ObjectId, SessionId, text};
use crate::ops::list::Rows;
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
        known.values_mut().for_each(|project| *project = with_known_host(project));
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

    /// Where sessions of another clone of a directory's repository worked: of the directories that do not exist here the one nearest to a root; and the root
    /// here.
    pub fn in_another_clone(&self, directory: &Path) -> Option<(String, PathBuf)> {
        let (own, root) = (self.project_at(directory)?, repository_of(directory)?);
        let Rows { rows, .. } = self.all_rows().ok()?;
        let (projects, moves) = (self.projects(&rows).ok()?, self.moves());
        let is_own = |row: &Row| !row.origin.is_subagent() && projects.get(&row.id).is_some_and(|of| *of == own);
        let is_gone = |path: &String| moves.of(path).is_empty() && !Path::new(path).exists();
        let gone = rows.into_iter().filter(is_own).filter_map(|row| row.cwd).filter(is_gone);
        let nearest = gone.min_by_key(|path| Path::new(path).components().count())?;
        Some((nearest, root.to_owned()))
    }
}
