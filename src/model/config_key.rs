//! The keys that a person can set for a store: what each is called, what it does, and which values it takes. This table is all that is known of
//! them; `docs/config.md` says the same.

use super::machine::label;
use super::moves::Move;
use super::text::nearest;

/// The section of git's settings that they stand in.
pub const CONFIG_SECTION: &str = "codexgit";

/// A key.
#[derive(Debug)]
#[non_exhaustive]
pub struct ConfigKey {
    /// Its name in the section.
    pub name: &'static str,
    /// What counts where nothing is set, or what is set makes no sense.
    pub default: Option<&'static str>,
    /// What it does, in a line.
    pub about: &'static str,
    /// Whether it holds any number of values.
    pub is_list: bool,
    takes: Takes,
}

/// What a value can be.
#[derive(Debug)]
enum Takes {
    /// Yes or no, in git's words.
    Flag,
    /// One of some words.
    Word(&'static [&'static str]),
    /// A whole path.
    Path,
    /// Two whole paths.
    Move,
    /// An address of the web.
    Address,
    /// A word that is a machine's name.
    Label,
    /// A fingerprint, and why it is allowed.
    Allowed,
    /// An id, and a regular expression.
    Rule,
    /// A number, with `k`, `m` or `g` after it if you like.
    Number,
    /// `on`, `off` or `light`, and a whole path.
    Here,
}

/// Secrets that may leave.
pub static ALLOW: ConfigKey = ConfigKey {
    name: "allow",
    default: None,
    about: "findings that are no secrets, a fingerprint and a note each; `codex-git secrets allow` adds one",
    is_list: true,
    takes: Takes::Allowed,
};

/// Whether the store packs itself as it grows.
pub static AUTOGC: ConfigKey = ConfigKey {
    name: "autogc",
    default: Some("true"),
    about: "pack the store as it grows, and free evicted rollouts after a day; else only `codex-git gc` does",
    is_list: false,
    takes: Takes::Flag,
};

/// Whether the files of projects are kept.
pub static CODE: ConfigKey = ConfigKey {
    name: "code",
    default: Some("off"),
    about: "keep the project's files at each turn, or with `light` only which commit it was at; `codex-git code on` sets it",
    is_list: false,
    takes: Takes::Word(&["off", "on", "light"]),
};

/// How long they are kept.
pub static CODE_DAYS: ConfigKey = ConfigKey {
    name: "code.days",
    default: Some("30"),
    about: "for how many days `codex-git code prune`, and the store as it grows, keeps code snapshots",
    is_list: false,
    takes: Takes::Number,
};

/// How many files a project may have.
pub static CODE_COUNT: ConfigKey = ConfigKey {
    name: "code.files",
    default: Some("300000"),
    about: "how many files a project in git may have; of one that has more, only the directory that Codex works in is kept",
    is_list: false,
    takes: Takes::Number,
};

/// How large a file may be.
pub static CODE_FILE: ConfigKey = ConfigKey {
    name: "code.filesize",
    default: Some("10m"),
    about: "how large a file may be that code snapshots store; what the project's commit has is never stored",
    is_list: false,
    takes: Takes::Number,
};

/// Projects that are not as the others.
pub static CODE_HERE: ConfigKey = ConfigKey {
    name: "code.here",
    default: None,
    about: "projects for which `code` is something else; `codex-git code on --here` adds one",
    is_list: true,
    takes: Takes::Here,
};

/// How much may be new.
pub static CODE_NEW: ConfigKey = ConfigKey {
    name: "code.newsize",
    default: Some("200m"),
    about: "how much may be new in one code snapshot",
    is_list: false,
    takes: Takes::Number,
};

/// How long a look may take.
pub static CODE_SECONDS: ConfigKey = ConfigKey {
    name: "code.seconds",
    default: Some("20"),
    about: "how long a look at the project's files may take",
    is_list: false,
    takes: Takes::Number,
};

/// How large a code store may be.
pub static CODE_STORE: ConfigKey = ConfigKey {
    name: "code.storesize",
    default: Some("2g"),
    about: "how large a project's code store may be",
    is_list: false,
    takes: Takes::Number,
};

/// How times are told.
pub static DATE: ConfigKey = ConfigKey {
    name: "date",
    default: Some("relative"),
    about: "how `list`, `saves`, `log` and `search` tell times where --date does not say it",
    is_list: false,
    takes: Takes::Word(&["relative", "iso", "local"]),
};

/// What keeps a session from leaving.
pub static GATE: ConfigKey = ConfigKey {
    name: "gate",
    default: Some("sure"),
    about: "what holds a session back that would leave: secrets for sure, or with `strict` also what may be one",
    is_list: false,
    takes: Takes::Word(&["sure", STRICT]),
};

/// The word for a gate that holds back what may be a secret, too.
pub const STRICT: &str = "strict";

/// What this machine is called.
pub static LABEL: ConfigKey = ConfigKey {
    name: "label",
    default: None,
    about: "what this machine is called by others that share a remote with it; else it is the host's name",
    is_list: false,
    takes: Takes::Label,
};

/// Directories that were moved.
pub static MAP: ConfigKey = ConfigKey {
    name: "map",
    default: None,
    about: "directories that were moved, OLD=NEW each; `codex-git moved OLD NEW` adds one",
    is_list: true,
    takes: Takes::Move,
};

/// Where what is shared by a link is sent.
pub static POST: ConfigKey = ConfigKey {
    name: "post",
    default: None,
    about: "the address that `codex-git share --post` sends to: a server that keeps what it is sent and says where",
    is_list: false,
    takes: Takes::Address,
};

/// The program that plain git prints conversations with.
pub static PROGRAM: ConfigKey = ConfigKey {
    name: "program",
    default: None,
    about: "the codex-git that plain git prints conversations with; `codex-git init` sets it",
    is_list: false,
    takes: Takes::Path,
};

/// What is looked for besides.
pub static RULE: ConfigKey = ConfigKey {
    name: "rule",
    default: None,
    about: "what `codex-git secrets` looks for besides its own rules, an id and a regular expression each",
    is_list: true,
    takes: Takes::Rule,
};

/// All keys, by their names.
pub static CONFIG_KEYS: [&ConfigKey; 17] = [
    &ALLOW,
    &AUTOGC,
    &CODE,
    &CODE_DAYS,
    &CODE_COUNT,
    &CODE_FILE,
    &CODE_HERE,
    &CODE_NEW,
    &CODE_SECONDS,
    &CODE_STORE,
    &DATE,
    &GATE,
    &LABEL,
    &MAP,
    &POST,
    &PROGRAM,
    &RULE,
];

impl ConfigKey {
    /// The key of a name, with or without its section. As in git, letter case makes no difference.
    pub fn named(name: &str) -> Option<&'static Self> {
        let name = bare(name);
        CONFIG_KEYS.into_iter().find(|key| key.name == name)
    }

    /// The key that a name was most likely meant to be.
    pub fn nearest(name: &str) -> Option<&'static Self> {
        nearest(&bare(name), CONFIG_KEYS.iter().map(|key| key.name)).and_then(Self::named)
    }

    /// The key in git's settings.
    pub fn in_git(&self) -> String {
        format!("{CONFIG_SECTION}.{}", self.name)
    }

    /// The words that it can be set to, where these are few.
    pub fn words(&self) -> &'static [&'static str] {
        match self.takes {
            Takes::Flag => &["true", "false"],
            Takes::Word(words) => words,
            Takes::Path
            | Takes::Move
            | Takes::Address
            | Takes::Label
            | Takes::Allowed
            | Takes::Rule
            | Takes::Number
            | Takes::Here => &[],
        }
    }

    /// What a value means, as it is written down.
    ///
    /// # Errors
    /// Why it makes no sense.
    pub fn check(&self, value: &str) -> Result<String, String> {
        match self.takes {
            Takes::Flag => match value.to_ascii_lowercase().as_str() {
                "true" | "yes" | "on" | "1" => Ok("true".to_owned()),
                "false" | "no" | "off" | "0" | "" => Ok("false".to_owned()),
                _ => Err("it must be true or false".to_owned()),
            },
            Takes::Word(words) => match words.iter().find(|word| **word == value) {
                Some(word) => Ok((*word).to_owned()),
                None => Err(format!("it must be one of {}", words.join(", "))),
            },
            Takes::Path if std::path::Path::new(value).is_absolute() => Ok(value.to_owned()),
            Takes::Path => Err("it must be a whole path".to_owned()),
            Takes::Address if ["https://", "http://"].iter().any(|scheme| value.starts_with(scheme)) => {
                Ok(value.to_owned())
            }
            Takes::Label => match label(value).filter(|label| label == value) {
                Some(label) => Ok(label),
                None => Err("it must be a word of letters, digits, `-`, `_` and `.`".to_owned()),
            },
            Takes::Address => Err("it must begin with https://".to_owned()),
            Takes::Move => Move::parse(value).map(|one| one.to_string()).map_err(|error| error.to_string()),
            Takes::Allowed => match is_fingerprint(value.split(' ').next().unwrap_or_default()) {
                true => Ok(value.trim().to_owned()),
                false => {
                    Err("it must be a fingerprint of twelve digits from 0 to f, and a note if you like".to_owned())
                }
            },
            Takes::Number => match number(value) {
                Some(_) => Ok(value.to_ascii_lowercase()),
                None => Err("it must be a number such as 30 or 10m".to_owned()),
            },
            Takes::Here => match value.split_once(' ') {
                Some(("on" | "off" | "light", path)) if std::path::Path::new(path).is_absolute() => {
                    Ok(value.to_owned())
                }
                _ => Err("it must be on, off or light, a space, and a whole path".to_owned()),
            },
            // Whether the expression is one is looked at where it is used.
            Takes::Rule => match value.trim().split_once(' ') {
                Some(_) => Ok(value.trim().to_owned()),
                None => Err("it must be an id, a space, and a regular expression".to_owned()),
            },
        }
    }

    /// The same of a value as a person types it: paths are made whole.
    ///
    /// # Errors
    /// As [`ConfigKey::check`].
    pub fn check_typed(&self, value: &str, whole: impl Fn(&str) -> String) -> Result<String, String> {
        match self.takes {
            Takes::Path if !value.is_empty() => self.check(&whole(value)),
            Takes::Move => match value.split_once('=').filter(|(old, new)| !old.is_empty() && !new.is_empty()) {
                // Of two whole paths, names can have a `=`.
                _ if Move::parse(value).is_ok() => self.check(value),
                Some((old, new)) => self.check(&format!("{}={}", whole(old), whole(new))),
                None => Err("it must be OLD=NEW".to_owned()),
            },
            _ => self.check(value),
        }
    }
}

/// The number that a value is, as git writes numbers: `k`, `m` and `g` are powers of 1024.
pub fn number(value: &str) -> Option<u64> {
    let value = value.to_ascii_lowercase();
    let units = [('k', 1 << 10), ('m', 1 << 20), ('g', 1 << 30)];
    let unit = units.into_iter().find_map(|(unit, factor)| Some((value.strip_suffix(unit)?, factor)));
    let (digits, factor) = unit.unwrap_or((value.as_str(), 1));
    digits.parse::<u64>().ok().filter(|number| *number > 0)?.checked_mul(factor)
}

fn is_fingerprint(word: &str) -> bool {
    word.len() == 12 && word.bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn bare(name: &str) -> String {
    let name = name.to_ascii_lowercase();
    name.strip_prefix(CONFIG_SECTION).and_then(|name| name.strip_prefix('.')).map(str::to_owned).unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_default_is_a_value() {
        for key in CONFIG_KEYS {
            assert!(key.default.is_none_or(|value| key.check(value).as_deref() == Ok(value)), "{}", key.name);
            assert!(key.words().iter().all(|word| key.check(word).is_ok()), "{}", key.name);
        }
    }

    #[test]
    fn a_key_is_found_by_any_of_its_names() {
        for name in ["autogc", "AutoGC", "codexgit.autogc"] {
            assert_eq!(ConfigKey::named(name).unwrap().name, "autogc", "{name}");
        }
        assert!(ConfigKey::named("format").is_none() && ConfigKey::named("codexgit").is_none());
        assert_eq!(ConfigKey::nearest("maps").unwrap().name, "map");
        assert_eq!(ConfigKey::nearest("codexgit.autgc").unwrap().name, "autogc");
    }

    #[test]
    fn values_are_written_down_in_one_way() {
        let whole = |path: &str| format!("/here/{path}");
        assert_eq!(AUTOGC.check_typed("Off", whole).unwrap(), "false");
        assert_eq!(MAP.check_typed("a=b", whole).unwrap(), "/here/a=/here/b");
        assert_eq!(MAP.check_typed("/a=x=/b", whole).unwrap(), "/a=x=/b");
        for (key, value) in [
            (&AUTOGC, "maybe"),
            (&DATE, "Iso"),
            (&MAP, "a"),
            (&MAP, "=b"),
            (&PROGRAM, ""),
            (&ALLOW, "test"),
            (&RULE, "a"),
            (&CODE_DAYS, "0"),
            (&CODE_FILE, "10mm"),
            (&CODE_HERE, "on here"),
            (&CODE_HERE, "maybe /here"),
        ] {
            assert!(key.check_typed(value, whole).is_err(), "{value}");
        }
    }
}
