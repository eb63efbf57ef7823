//! Whether a project's files are kept: nowhere, until a person asks for it. That is read from the settings alone; no project is looked at for it, but for
//! which work tree a linked one belongs to.

use std::path::Path;
use std::time::Duration;

use crate::code::Bounds;
use crate::git::project::{common_folder, main_work_tree, top_level};
use crate::model::code::Budget;
use crate::model::config_key::{
    CODE, CODE_COUNT, CODE_DAYS, CODE_FILE, CODE_HERE, CODE_NEW, CODE_SECONDS, CODE_STORE, ConfigKey, number,
};
use crate::ops::{Error, Workspace};

/// What is kept of a project.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Switch {
    /// Nothing.
    Off,
    /// Its files, at each turn.
    On,
    /// Which commit it was at, at each turn.
    Light,
}

const WORDS: [(Switch, &str); 3] = [(Switch::Off, "off"), (Switch::On, "on"), (Switch::Light, "light")];

impl Switch {
    fn parse(word: &str) -> Self {
        WORDS.iter().find(|(_, known)| *known == word).map_or(Self::Off, |(switch, _)| *switch)
    }

    /// Its word in the settings.
    pub fn word(self) -> &'static str {
        WORDS.iter().find(|(switch, _)| *switch == self).map_or("", |(_, word)| word)
    }
}

impl Workspace {
    /// What is kept of the project that a directory is in, by its path alone: the setting of the longest path above it counts.
    pub fn code_switch(&self, directory: &Path) -> Switch {
        self.own_code_switch(directory).map_or_else(|| self.general_code_switch(), |(switch, _)| switch)
    }

    /// What is kept of projects that nothing else is said of.
    pub fn general_code_switch(&self) -> Switch {
        self.configured(&CODE).map_or(Switch::Off, |word| Switch::parse(&word))
    }

    /// What is said of a directory, or of one above it, by name; and that name. Of a linked work tree what is said of the one that it is linked to counts, if
    /// nothing is said of itself.
    pub fn own_code_switch(&self, directory: &Path) -> Option<(Switch, String)> {
        let said = self.setting(&CODE_HERE).values;
        self.switch_among(&said, directory).or_else(|| {
            let root = (!said.is_empty()).then(|| top_level(directory)).flatten()?;
            let common = common_folder(root)?;
            let main = main_work_tree(&common).filter(|main| *main != root)?;
            self.switch_among(&said, &main.join(directory.strip_prefix(root).ok()?))
        })
    }

    fn switch_among(&self, said: &[String], directory: &Path) -> Option<(Switch, String)> {
        let read = |value: &String| {
            let (word, path) =
                CODE_HERE.check(value).ok()?.split_once(' ').map(|(word, path)| (word.to_owned(), path.to_owned()))?;
            let is_here = directory.starts_with(&path) || directory.starts_with(self.directory_now(&path));
            is_here.then(|| (Switch::parse(&word), path))
        };
        said.iter().filter_map(read).max_by_key(|(_, path)| path.len())
    }

    /// The roots whose files are kept whatever is said of all projects.
    pub fn code_roots(&self) -> Vec<String> {
        let read = |value: &String| {
            let (word, path) = value.split_once(' ')?;
            (Switch::parse(word) != Switch::Off).then(|| path.to_owned())
        };
        self.setting(&CODE_HERE).values.iter().filter_map(read).collect()
    }

    /// Has the files of all projects be kept from now on, or of none; or of one, whose root is given.
    ///
    /// # Errors
    /// When the settings can't be written.
    pub fn switch_code(&self, switch: Switch, here: Option<&Path>) -> Result<(), Error> {
        let Some(root) = here else { return self.configure(&CODE, switch.word()) };
        let root = root.to_string_lossy();
        let is_it = |value: &&String| value.split_once(' ').is_some_and(|(_, path)| path == root);
        let before = self.setting(&CODE_HERE).values;
        before.iter().filter(is_it).try_for_each(|value| self.unconfigure(&CODE_HERE, Some(value)).map(drop))?;
        self.configure_more(&CODE_HERE, &format!("{} {root}", switch.word()))
    }

    /// What a look at a project's files may cost.
    pub fn code_budget(&self) -> Budget {
        let set = |key: &ConfigKey| self.configured(key).and_then(|value| number(&value));
        let mut budget = Budget::default();
        budget.time = set(&CODE_SECONDS).map_or(budget.time, Duration::from_secs);
        budget.files = set(&CODE_COUNT).unwrap_or(budget.files);
        budget.file = set(&CODE_FILE).unwrap_or(budget.file);
        budget.new = set(&CODE_NEW).unwrap_or(budget.new);
        budget.loose_new = budget.loose_new.max(budget.new);
        budget.store = set(&CODE_STORE).unwrap_or(budget.store);
        budget
    }

    /// For how many seconds snapshots are kept.
    pub(super) fn code_lifetime(&self) -> i64 {
        let days = self.configured(&CODE_DAYS).and_then(|value| number(&value)).unwrap_or(30);
        i64::try_from(days).unwrap_or(i64::MAX).saturating_mul(86_400)
    }

    /// The bounds, with what a person said of a directory by name.
    pub(super) fn bounds_of(&self, directory: &Path, bounds: &Bounds) -> Bounds {
        let network = self.own_code_switch(directory).is_some_and(|(switch, _)| switch != Switch::Off);
        Bounds { network: bounds.network || network, moves: self.moves(), ..bounds.clone() }
    }
}
