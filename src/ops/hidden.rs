//! Sessions that Codex's picker does not show here, or can't go on with: their provider is not set up, or their directory is gone.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use super::{Error, Listed, Place, Workspace};
use crate::codex::Settings;
use crate::model::SessionId;
use crate::rollout::SessionMeta;

/// A session that Codex does not show here.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Hidden {
    /// The session.
    pub session: SessionId,
    /// Its provider, if Codex does not have that here.
    pub provider: Option<String>,
    /// Its directory, if that is gone.
    pub directory: Option<PathBuf>,
}

impl Workspace {
    /// The sessions in the codex home that Codex does not show, newest first; nothing is recorded first. Those that others started are left out.
    ///
    /// # Errors
    /// When the store or Codex's settings can't be read.
    pub fn hidden(&self) -> Result<Vec<Hidden>, Error> {
        let settings = Settings::read(self.home())?;
        let mut there: HashMap<String, bool> = HashMap::new();
        let mut hidden = Vec::new();
        for listed in self.listing(None)?.sessions {
            if listed.origin.is_subagent() || matches!(listed.place, Place::StoreOnly | Place::Unknown) {
                continue;
            }
            let provider = self.unknown_provider(&listed, &settings)?;
            let is_gone = |cwd: &String| !*there.entry(cwd.clone()).or_insert_with(|| Path::new(cwd).is_dir());
            let directory = listed.cwd.clone().filter(is_gone).map(PathBuf::from);
            if provider.is_some() || directory.is_some() {
                hidden.push(Hidden { session: listed.id, provider, directory });
            }
        }
        Ok(hidden)
    }

    /// A session's provider, if Codex does not have it. The first line is asked, and only if that names an unknown one, all of the session.
    fn unknown_provider(&self, listed: &Listed, settings: &Settings) -> Result<Option<String>, Error> {
        let is_unknown = |name: &String| !settings.knows_provider(name);
        let first = self.look().session(listed.id).and_then(|found| SessionMeta::of(&found).ok()?.model_provider);
        if first.filter(is_unknown).is_none() {
            return Ok(None);
        }
        Ok(self.surroundings_of(listed.id)?.and_then(|was| was.provider).filter(is_unknown))
    }
}
