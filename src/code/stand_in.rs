//! Files that a snapshot left out although the project's commit has them: a new folder gets them as the commit has them, so that git there does
//! not take them for deleted.

use std::os::fd::AsFd;
use std::path::Path;

use super::Error;
use super::below::{Below, Obstacle};
use super::checkout::place;
use super::head::HeadFiles;
use super::trees::Kept;
use crate::git::project::Project;

/// Writes them into a folder whose history stands at the snapshot's commit. Gives their paths.
pub(super) fn stand_in(kept: &Kept, folder: &Path) -> Result<Vec<Vec<u8>>, Error> {
    let project = Project::open(folder);
    let mut head = HeadFiles::of(&project);
    let below = Below::open(folder).map_err(Error::io("look into", folder))?;
    let mut written = Vec::new();
    for left in &kept.snapshot.left_out {
        let end = left.path.iter().rposition(|byte| *byte == b'/');
        let (above, name) = (&left.path[..end.unwrap_or(0)], &left.path[end.map_or(0, |end| end + 1)..]);
        let Some((mode, id)) = head.file(above, name) else { continue };
        let Some(bytes) = project.blob(id) else { continue };
        let (parent, name) = below.parent(&left.path, true).map_err(|obstacle| match obstacle {
            Obstacle::System(error) => Error::io("make a folder in", folder)(error),
            _ => Error::Hostile(left.path.clone()),
        })?;
        place(parent.as_fd(), name, (mode, &bytes), false).map_err(Error::io("write a file in", folder))?;
        written.push(left.path.clone());
    }
    Ok(written)
}
