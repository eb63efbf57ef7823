//! The bytes of files, from whichever code store, or from the project that one borrows from.

use std::cell::OnceCell;
use std::collections::BTreeMap;

use crate::code::{CodeStore, Error as CodeError, Lender};
use crate::model::ObjectId;

/// Where bytes are looked for: first what is new, then the root's own store, then all others.
pub(super) struct Bytes<'s> {
    new: &'s BTreeMap<ObjectId, Vec<u8>>,
    lenders: Vec<(&'s CodeStore, OnceCell<Lender<'s>>)>,
}

impl<'s> Bytes<'s> {
    pub fn of(new: &'s BTreeMap<ObjectId, Vec<u8>>, stores: &'s [CodeStore], own: usize) -> Self {
        let others = stores.iter().enumerate().filter(|(at, _)| *at != own).map(|(_, store)| store);
        let all = stores.get(own).into_iter().chain(others);
        Self { new, lenders: all.map(|store| (store, OnceCell::new())).collect() }
    }

    /// The bytes of a file with a path, which is named if they are gone.
    pub fn get(&self, path: &[u8], id: ObjectId) -> Result<Vec<u8>, CodeError> {
        if let Some(bytes) = self.new.get(&id) {
            return Ok(bytes.clone());
        }
        let mut found =
            self.lenders.iter().map(|(store, lender)| lender.get_or_init(|| store.lender()).bytes(path, id));
        found.find_map(Result::ok).ok_or_else(|| CodeError::Gone(path.to_vec()))
    }
}
