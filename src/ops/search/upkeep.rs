//! Upkeep of the text log: compacted when the store is, and forgotten where it may hold what the store no longer does.

use super::corpus::is_there;
use crate::ops::Workspace;

impl Workspace {
    /// Compacts the text log, if there is one and nobody adds to it just now. Text of sessions that are gone goes. What can't be done now is done
    /// another time.
    pub(in crate::ops) fn compact_text_log(&self) {
        if !self.store.has_text_log() {
            return;
        }
        let compacted = self.store.text_log_to_write().map_err(|error| error.to_string()).and_then(|opened| {
            let Some((log, mut writer)) = opened else { return Ok(false) };
            let heads = self.store.all_heads().map_err(|error| error.to_string())?;
            writer.compact(&log, &|row| is_there(&heads, row)).map_err(|error| error.to_string())
        });
        match compacted {
            Ok(compacted) => tracing::info!(compacted, "looked after the text log"),
            Err(error) => {
                tracing::info!(error, "the text log is damaged");
                self.forget_text_log();
            }
        }
    }

    /// Forgets the text log: the next search makes it anew.
    pub(in crate::ops) fn forget_text_log(&self) {
        if let Err(error) = self.store.forget_text_log() {
            tracing::info!(%error, "the text log stays");
        }
    }
}
