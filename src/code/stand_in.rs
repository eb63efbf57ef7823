//! Files that a snapshot does without although the project's commit has them: those that it left out, and those that a person told codex-git to
//! leave out. A new folder gets them as the commit has them, so that git there does not take them for deleted.

use std::os::fd::AsFd;
use std::path::Path;

use super::Error;
use super::below::{Below, Obstacle};
use super::checkout::place;
use super::store::CodeStore;
use super::trees::Kept;
use crate::git::project::Project;
use crate::git::tree::{FOLDER_MODE, GITLINK_MODE, RawEntry};
use crate::model::ObjectId;

impl CodeStore {
    /// Writes them into a folder whose history stands at the snapshot's commit. Gives their paths, but for what was not looked at at all.
    pub(super) fn stand_in(&self, kept: &Kept, folder: &Path) -> Result<Vec<Vec<u8>>, Error> {
        let concealed = self.concealed(kept.root(), kept);
        let is_missing = |path: &[u8]| kept.snapshot.leaves_out(path) || concealed.is_forbidden(path);
        let project = Project::open(folder);
        let mut missing = Vec::new();
        if let Some(tree) = project.head().tree {
            self.missing_of(&project, (b"", tree, Some(kept.tree)), &is_missing, &mut missing)?;
        }
        let below = Below::open(folder).map_err(Error::io("look into", folder))?;
        let mut written = Vec::new();
        for (path, mode, id) in missing {
            let Some(bytes) = project.blob(id) else { continue };
            let (parent, name) = below.parent(&path, true).map_err(|obstacle| match obstacle {
                Obstacle::System(error) => Error::io("make a folder in", folder)(error),
                _ => Error::Hostile(path.clone()),
            })?;
            place(parent.as_fd(), name, (mode, &bytes), None).map_err(Error::io("write a file in", folder))?;
            if !kept.snapshot.is_beside(&path) {
                written.push(path);
            }
        }
        Ok(written)
    }

    /// Collects the files of a commit's tree that the snapshot's lacks, and that it is known to do without.
    fn missing_of(
        &self,
        project: &Project,
        (folder, tree, own): (&[u8], ObjectId, Option<ObjectId>),
        is_missing: &dyn Fn(&[u8]) -> bool,
        missing: &mut Vec<(Vec<u8>, u32, ObjectId)>,
    ) -> Result<(), Error> {
        if own == Some(tree) {
            return Ok(());
        }
        let own = own.map_or(Ok(Vec::new()), |own| self.entries(own))?;
        for RawEntry { mode, name, id } in project.tree(tree).unwrap_or_default() {
            let path = [folder, &name].concat();
            let same = own.iter().find(|entry| entry.name == name);
            match (mode, same) {
                (GITLINK_MODE, _) => {}
                (FOLDER_MODE, None) => {
                    self.missing_of(project, (&[&path[..], b"/"].concat(), id, None), is_missing, missing)?;
                }
                (FOLDER_MODE, Some(same)) if same.mode == FOLDER_MODE => {
                    self.missing_of(project, (&[&path[..], b"/"].concat(), id, Some(same.id)), is_missing, missing)?;
                }
                (_, None) if is_missing(&path) => missing.push((path, mode, id)),
                _ => {}
            }
        }
        Ok(())
    }
}
