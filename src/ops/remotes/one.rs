//! One conversation by a remote: put where its commit can be fetched by its id, and told nobody of but who gets that.

use std::collections::BTreeSet;

use super::Exchange;
use super::outgoing::check_project;
use super::push::check_branches;
use super::settings::{Remote, transport};
use crate::model::ObjectId;
use crate::model::repository_address::without_login;
use crate::ops::import::damaged;
use crate::ops::{Error, Imported, Point, Workspace};
use crate::store::Part;

impl Workspace {
    /// Puts a conversation up to a point at a remote. Gives what `import` takes to get it.
    ///
    /// # Errors
    /// When the remote can't be reached, or does not take it.
    pub fn share_at(
        &self,
        remote: &Remote,
        point: &Point,
        exchange: &Exchange,
        progress: &mut dyn FnMut(usize, usize),
    ) -> Result<String, Error> {
        // Before it is there: nothing may take it out again that does not know of it.
        self.note_link(&remote.name, point.id)?;
        self.move_there(remote, exchange, |there| {
            check_branches(remote, there)?;
            check_project(remote, self.project_in(point.tree)?.as_deref().into_iter())?;
            let kept = BTreeSet::from([point.id]);
            let keep = there.side.write_keep(there.keep, &kept, |_| point.author.ended)?;
            let shortcut = self.shortcut(there, &kept)?;
            there.side.settle()?;
            let answer = there.move_all(&[there.moved(Part::Keep, keep)], shortcut.as_ref(), progress)?;
            Ok((answer, format!("{}#{}", without_login(&remote.address), point.id)))
        })
    }

    /// Fetches a conversation that ends with a commit, and takes it in as an import does.
    ///
    /// # Errors
    /// When the repository can't be reached, and those of [`Workspace::import`].
    pub fn import_from(
        &self,
        address: &str,
        commit: ObjectId,
        exchange: &Exchange,
        progress: &mut dyn FnMut(usize, usize),
    ) -> Result<Imported, Error> {
        let transport = transport(address, false, exchange.asks)?;
        let incoming = self.store.fetch_in(&transport, &[commit], &[], progress)?;
        let head = incoming.side().commit(commit).map_err(damaged)?;
        self.take_one(incoming, head, exchange.effect)
    }
}
