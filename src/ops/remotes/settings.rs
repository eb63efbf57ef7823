//! The remotes of a store: which there are, where, and which sessions go there.

use crate::model::repository_address::shown_address;
use crate::model::{MachineId, RemoteName, ShareRule, text};
use crate::ops::retry::retry;
use crate::ops::{Error, Workspace};
use crate::store::{Namespace, Pace, RemoteSettings, Transport};

/// What is set for a remote.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Remote {
    /// Its name.
    pub name: RemoteName,
    /// Its address.
    pub address: String,
    /// Which sessions go there.
    pub share: Vec<ShareRule>,
    /// Which of them don't.
    pub exclude: Vec<ShareRule>,
    /// Which are taken from there; all, where nothing is said.
    pub take: Vec<ShareRule>,
    /// Whether protocols may be spoken that anybody on the way can read.
    pub is_open: bool,
    /// Whether it is meant to be a project's own repository.
    pub is_project: bool,
    /// When sessions go there, or come from there, by themselves.
    pub auto: Auto,
    pub(super) namespace: Namespace,
}

/// What happens by itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Auto {
    /// Nothing.
    #[default]
    Off,
    /// Sessions go there after a turn.
    Push,
    /// They go there and come from there.
    Sync,
}

impl Auto {
    /// The words for it.
    pub const WORDS: [&'static str; 3] = ["off", "push", "sync"];

    /// Reads the word for it.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Off, Self::Push, Self::Sync].into_iter().find(|auto| auto.word() == word)
    }

    /// The word for it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Push => "push",
            Self::Sync => "sync",
        }
    }
}

/// A key of a remote that holds rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rules {
    /// Which sessions go there.
    Share,
    /// Which of them don't.
    Exclude,
    /// Which are taken from there.
    Take,
}

impl Rules {
    const ALL: [Self; 3] = [Self::Share, Self::Exclude, Self::Take];

    /// The word for it, which is its key in the settings.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Share => "share",
            Self::Exclude => "exclude",
            Self::Take => "take",
        }
    }
}

impl Remote {
    fn read(name: RemoteName, settings: &RemoteSettings) -> Result<Self, Error> {
        let rules = |rules: Rules| -> Result<Vec<ShareRule>, Error> {
            let bad = |text: &str| Error::BadShareRule(text.to_owned());
            settings.values(rules.word()).map(|text| ShareRule::parse(text).ok_or_else(|| bad(text))).collect()
        };
        Ok(Self {
            address: settings.last("url").unwrap_or_default().to_owned(),
            share: rules(Rules::Share)?,
            exclude: rules(Rules::Exclude)?,
            take: rules(Rules::Take)?,
            is_open: settings.flag("insecure"),
            is_project: settings.flag("samerepository"),
            auto: settings.last("auto").and_then(Auto::parse).unwrap_or_default(),
            namespace: match settings.last("namespace") {
                Some(word) if word == Namespace::Heads.word() => Namespace::Heads,
                _ => Namespace::Own,
            },
            name,
        })
    }

    /// The way there. `asks`: whether git may ask the person for names and passwords.
    pub(super) fn transport(&self, asks: bool) -> Result<Transport, Error> {
        transport(&self.address, self.is_open, asks)
    }
}

/// The way to an address.
pub(super) fn transport(address: &str, is_open: bool, asks: bool) -> Result<Transport, Error> {
    Transport::new(address, is_open, asks)
        .map_err(|reason| Error::BadAddress { address: shown_address(address), reason })
}

impl Workspace {
    /// The remotes, by their names.
    ///
    /// # Errors
    /// When a rule of one is none: what it was to keep back would go.
    pub fn remotes(&self) -> Result<Vec<Remote>, Error> {
        self.store.remotes().into_iter().map(|(name, settings)| Remote::read(name, &settings)).collect()
    }

    /// The remote of a name; without one the only remote, or `origin`.
    ///
    /// # Errors
    /// When there is none, or several and none is named.
    pub fn remote(&self, name: Option<&str>) -> Result<Remote, Error> {
        let mut remotes = self.remotes()?;
        let is_meant = |remote: &Remote| match name {
            Some(name) => remote.name.as_str() == name,
            None => remote.name.as_str() == "origin",
        };
        match (remotes.iter().position(is_meant), name) {
            (Some(at), _) => Ok(remotes.swap_remove(at)),
            (None, Some(name)) => {
                let names = remotes.iter().map(|remote| remote.name.as_str());
                Err(Error::NoSuchRemote { near: text::nearest(name, names).map(str::to_owned), name: name.to_owned() })
            }
            (None, None) if remotes.len() == 1 => Ok(remotes.remove(0)),
            (None, None) if remotes.is_empty() => Err(Error::NoRemote),
            (None, None) => Err(Error::SeveralRemotes(remotes.into_iter().map(|remote| remote.name).collect())),
        }
    }

    /// Adds a remote that shares nothing yet.
    ///
    /// # Errors
    /// When the name or the address can't be one, or there is a remote of that name.
    pub fn add_remote(&self, name: &str, address: &str, is_open: bool) -> Result<Remote, Error> {
        let parsed = RemoteName::parse(name).ok_or_else(|| Error::BadRemoteName(name.to_owned()))?;
        transport(address, is_open, false)?;
        if self.store.remotes().contains_key(&parsed) {
            return Err(Error::RemoteExists(parsed));
        }
        // A store from before there were remotes has no hook for that.
        self.store.refuse_plain_pushes()?;
        // What was known of another that had the name says nothing of this one.
        self.forget_known(&parsed)?;
        if is_open {
            self.set_remote_flag(&parsed, "insecure")?;
        }
        self.write_settings(|store| store.set_of_remote(&parsed, "url", address))?;
        self.remote(Some(name))
    }

    /// Says that a remote is meant to be a project's own repository.
    ///
    /// # Errors
    /// When the settings can't be written.
    pub fn mean_project(&self, remote: &RemoteName) -> Result<(), Error> {
        self.set_remote_flag(remote, "samerepository")
    }

    /// Has protocols be spoken with a remote that anybody on the way can read.
    ///
    /// # Errors
    /// When the settings can't be written.
    pub fn speak_openly(&self, remote: &RemoteName) -> Result<(), Error> {
        self.set_remote_flag(remote, "insecure")
    }

    fn set_remote_flag(&self, remote: &RemoteName, key: &str) -> Result<(), Error> {
        self.write_settings(|store| store.set_of_remote(remote, key, "true"))
    }

    /// Gives a remote another address. What was known of the old one is forgotten.
    ///
    /// # Errors
    /// When it can't be one, or the settings can't be written.
    pub fn move_remote(&self, remote: &Remote, address: &str) -> Result<(), Error> {
        transport(address, remote.is_open, false)?;
        let told = self.tellers(&remote.name)?;
        self.forget_known(&remote.name)?;
        told.iter().try_for_each(|machine| self.take_saves(machine).map(drop))?;
        self.write_settings(|store| store.set_of_remote(&remote.name, "url", address))
    }

    /// Says what happens by itself.
    ///
    /// # Errors
    /// When the settings can't be written.
    pub fn set_auto(&self, remote: &RemoteName, auto: Auto) -> Result<(), Error> {
        self.write_settings(|store| store.set_of_remote(remote, "auto", auto.word()))
    }

    /// Gives a remote one more rule. Tells whether it had none such.
    ///
    /// # Errors
    /// When the settings can't be written, or what comes in can't be told by the rule.
    pub fn add_rule(&self, remote: &Remote, rules: Rules, rule: &ShareRule) -> Result<bool, Error> {
        if matches!((rules, rule), (Rules::Take, ShareRule::Directory(_) | ShareRule::Save(_))) {
            return Err(Error::BadTakeRule(rule.to_string()));
        }
        let has = match rules {
            Rules::Share => &remote.share,
            Rules::Exclude => &remote.exclude,
            Rules::Take => &remote.take,
        };
        if has.contains(rule) {
            return Ok(false);
        }
        self.write_settings(|store| store.add_of_remote(&remote.name, rules.word(), &rule.to_string()))?;
        self.store.side(&remote.name)?.forget_seen()?;
        Ok(true)
    }

    /// Takes a rule out, wherever it stands. Tells whether it stood somewhere.
    ///
    /// # Errors
    /// When the settings can't be written.
    pub fn drop_rule(&self, remote: &RemoteName, rule: &ShareRule) -> Result<bool, Error> {
        let settings = self.store.remotes().remove(remote).unwrap_or_default();
        let mut is_there = false;
        for rules in Rules::ALL {
            for text in settings.values(rules.word()).filter(|text| ShareRule::parse(text).as_ref() == Some(rule)) {
                is_there = true;
                self.write_settings(|store| store.remove_of_remote(remote, rules.word(), text))?;
            }
        }
        self.store.side(remote)?.forget_seen()?;
        Ok(is_there)
    }

    /// Removes a remote from the settings, and saves of other machines that it alone told of. What is at the remote stays there.
    ///
    /// # Errors
    /// When the settings can't be written.
    pub fn remove_remote(&self, remote: &RemoteName) -> Result<(), Error> {
        let told = self.tellers(remote)?;
        for (key, value) in self.store.remotes().remove(remote).unwrap_or_default().all() {
            self.write_settings(|store| store.remove_of_remote(remote, key, value))?;
        }
        told.iter().try_for_each(|machine| self.take_saves(machine).map(drop))?;
        self.forget_known(remote)
    }

    /// Forgets what is known of a remote, but for its settings.
    fn forget_known(&self, remote: &RemoteName) -> Result<(), Error> {
        self.store.drop_side(remote)?;
        self.note_held(remote, 0);
        self.forget_links(remote, None)
    }

    /// Waits until something may happen by itself with a remote again; `None` if somebody else waits for that.
    ///
    /// # Errors
    /// When the lock for that can't be taken.
    pub fn wait_for_turn(&self, remote: &Remote) -> Result<Option<Pace>, Error> {
        Ok(self.store.wait_for_turn(&remote.name)?)
    }

    /// Which machine this is at a remote.
    pub(super) fn machine(&self, remote: &RemoteName) -> Result<MachineId, Error> {
        retry(|| Ok(self.store.machine(remote)?))
    }

    /// Has this be another machine at a remote.
    pub(super) fn new_machine(&self, remote: &RemoteName) -> Result<MachineId, Error> {
        retry(|| Ok(self.store.new_machine(remote)?))
    }

    /// Remembers where a remote takes what this machine pushes.
    pub(super) fn set_namespace(&self, remote: &Remote) -> Result<(), Error> {
        let known = self.remote(Some(remote.name.as_str()))?.namespace;
        if known == remote.namespace {
            return Ok(());
        }
        self.write_settings(|store| store.set_of_remote(&remote.name, "namespace", remote.namespace.word()))
    }
}
