//! Codex's hooks, `hooks.json` in the codex home: codex-git's entries are put beside whatever stands there, and taken out again.
//!
//! The file is the user's. It is edited as text, between the values that JSON finds in it, so that what is not ours keeps its bytes,
//! blanks and order included; and it is replaced as a whole, by a rename, so that Codex reads the old one or the new one.

use std::fs;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use super::hooks_text::{commands, events, is_well_formed, kept_places, with_ours, without_ours};
use super::{Error, HookCommand};

/// What a file that codex-git makes holds without its entries. The blank tells it from one that was there, which stays.
const MADE: &str = "{\n} \n";

/// The hooks file of a codex home.
#[derive(Clone, Debug)]
pub struct HooksFile {
    path: PathBuf,
    /// Whether the home has only a link to it.
    is_linked: bool,
    /// What the file holds; `None` where there is none.
    text: Option<String>,
}

/// What taking our entries out came to. Codex knows a hook that it trusts by its place.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Removed {
    /// Whether there were any.
    pub changed: bool,
    /// The events at which an entry without a hook keeps the place of ours, as hooks of others stand behind it.
    pub kept: Vec<String>,
    /// The events at which hooks of others stood behind ours in one entry, and have another place now.
    pub moved: Vec<String>,
}

impl HooksFile {
    /// Reads the hooks file of the codex home at `home`.
    ///
    /// # Errors
    /// When it can't be read, or is not JSON of the shape that Codex reads.
    pub fn read(home: &Path) -> Result<Self, Error> {
        let link = home.join("hooks.json");
        // Where the name is a link to a file kept elsewhere, that file is the one to replace.
        let is_linked = link.is_symlink();
        let path = link.canonicalize().unwrap_or(link);
        let text = match fs::read_to_string(&path) {
            Ok(text) => Some(text).filter(|text| !text.trim().is_empty()),
            Err(error) if error.kind() == ErrorKind::NotFound => None,
            Err(error) => return Err(Error::io("read", &path)(error)),
        };
        let file = Self { path, is_linked, text };
        match &file.text {
            Some(text) if !is_well_formed(text) => Err(Error::Hooks { path: file.path }),
            _ => Ok(file),
        }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Whether it is the file at a path.
    pub fn is_at(&self, path: &Path) -> bool {
        path == self.path || path.canonicalize().is_ok_and(|path| self.path.canonicalize().is_ok_and(|own| own == path))
    }

    /// The events at which codex-git is run, and the events at which it is to be run.
    pub fn events(&self) -> (Vec<String>, Vec<String>) {
        let (all, ours) = (events(), self.commands());
        (all.iter().filter(|event| ours.iter().any(|(ours, _)| ours == *event)).cloned().collect(), all)
    }

    /// Our entries: the event and the command of each.
    pub fn commands(&self) -> Vec<(String, HookCommand)> {
        commands(self.text.as_deref().unwrap_or_default())
    }

    /// Puts our entries in, with this command, behind those of others. Entries of ours that differ are replaced where they stand. Whether anything changed.
    ///
    /// # Errors
    /// When the file can't be written.
    pub fn install(&mut self, command: &HookCommand) -> Result<bool, Error> {
        let new = if self.path.exists() { "{\n}\n" } else { MADE };
        let text = self.text.clone().unwrap_or_else(|| new.to_owned());
        self.replace(Some(with_ours(text, command)))
    }

    /// Takes our entries out.
    ///
    /// # Errors
    /// When the file can't be written.
    pub fn remove(&mut self) -> Result<Removed, Error> {
        let (text, moved) = self.text.clone().map(without_ours).unzip();
        // A file that a link leads to is somebody's, whoever wrote it.
        let changed = self.replace(text.filter(|text| self.is_linked || text != MADE))?;
        let kept = kept_places(self.text.as_deref().unwrap_or_default());
        Ok(Removed { changed, kept, moved: moved.unwrap_or_default() })
    }

    fn replace(&mut self, text: Option<String>) -> Result<bool, Error> {
        if text == self.text {
            return Ok(false);
        }
        match &text {
            None => fs::remove_file(&self.path).map_err(Error::io("remove", &self.path))?,
            Some(text) => write(&self.path, text).map_err(Error::io("write", &self.path))?,
        }
        self.text = text;
        Ok(true)
    }
}

fn write(path: &Path, text: &str) -> std::io::Result<()> {
    let mut aside = tempfile::NamedTempFile::new_in(path.parent().unwrap_or(Path::new(".")))?;
    if let Ok(data) = fs::metadata(path) {
        aside.as_file().set_permissions(data.permissions())?;
    }
    aside.write_all(text.as_bytes())?;
    aside.as_file().sync_all()?;
    aside.persist(path).map(drop).map_err(|error| error.error)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn command(program: &str) -> HookCommand {
        HookCommand { program: program.to_owned(), store: None }
    }

    fn home(text: &str) -> (tempfile::TempDir, HooksFile) {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("hooks.json"), text).unwrap();
        let file = HooksFile::read(folder.path()).unwrap();
        (folder, file)
    }

    fn text(folder: &tempfile::TempDir) -> String {
        fs::read_to_string(folder.path().join("hooks.json")).unwrap()
    }

    fn is_empty(text: &str) -> bool {
        serde_json::from_str::<serde_json::Value>(text).unwrap() == serde_json::json!({})
    }

    #[test]
    fn what_is_not_ours_keeps_its_bytes() {
        for before in [
            "{\"description\": \"mine\" ,\n\t\"hooks\" : { \"Stop\":[ {\"hooks\":[{\"type\":\"command\",\"command\":\"say done\"}]} ] } }\n",
            "{\n  \"hooks\": {\n    \"PreToolUse\": [\n      {\"matcher\": \"Bash\", \"hooks\": [{\"type\": \"command\", \"command\": \"x\"}]}\n    ]\n  }\n}",
            "{\"hooks\":{\"Stop\":[{\"hooks\":[]}]},\"z\":\"\u{e9}, {[\\\"\"}",
            "{ \"a\" : 1 }",
        ] {
            let (folder, mut file) = home(before);
            assert!(file.install(&command("/opt/my tools/codex-git")).unwrap());
            let with = text(&folder);
            assert!(!file.install(&command("/opt/my tools/codex-git")).unwrap(), "twice is once");
            assert_eq!(text(&folder), with);
            let (ours, all) = HooksFile::read(folder.path()).unwrap().events();
            assert_eq!((ours.len(), ours), (7, all), "{with}");
            assert!(file.remove().unwrap().changed);
            assert_eq!(text(&folder), before);
            assert!(!file.remove().unwrap().changed);
        }
    }

    #[test]
    fn a_file_that_was_ours_alone_goes_away() {
        let folder = tempfile::tempdir().unwrap();
        let mut file = HooksFile::read(folder.path()).unwrap();
        assert!(file.install(&command("/opt/my tools/codex-git")).unwrap());
        let written = text(&folder);
        assert!(
            serde_json::from_str::<serde_json::Value>(&written).unwrap()["hooks"]["Stop"][0]["hooks"][0]["command"]
                == "'/opt/my tools/codex-git' hook || true"
        );
        assert!(file.remove().unwrap().changed);
        assert!(!folder.path().join("hooks.json").exists());
    }

    #[test]
    fn a_file_that_was_there_stays() {
        for before in ["{ \"hooks\": { } }", "{\n}\n", "{\n  \"hooks\": {\n  }\n}\n", "{}", "\n"] {
            let (folder, mut file) = home(before);
            assert!(!file.remove().unwrap().changed, "{before}: none of ours is in it");
            assert!(file.install(&command("/opt/codex-git")).unwrap());
            assert!(HooksFile::read(folder.path()).unwrap().remove().unwrap().changed);
            assert!(is_empty(&text(&folder)), "{before}: {}", text(&folder));
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_file_that_a_link_leads_to_stays() {
        let (folder, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        HooksFile::read(elsewhere.path()).unwrap().install(&command("/opt/codex-git")).unwrap();
        std::os::unix::fs::symlink(elsewhere.path().join("hooks.json"), folder.path().join("hooks.json")).unwrap();
        assert!(HooksFile::read(folder.path()).unwrap().remove().unwrap().changed);
        assert!(folder.path().join("hooks.json").is_symlink());
        assert!(is_empty(&text(&elsewhere)));
    }

    #[test]
    fn an_entry_of_ours_that_differs_is_replaced_where_others_stay() {
        let mixed = r#"{"hooks":{"Stop":[{"hooks":[{"type":"command","command":"a"},{"type":"command","command":"/old/codex-git hook || true","timeout":10},{"type":"command","command":"b"}]}]}}"#;
        let (folder, mut file) = home(mixed);
        file.install(&command("/opt/my tools/codex-git")).unwrap();
        assert!(!text(&folder).contains("/old/"));
        assert_eq!(file.remove().unwrap().moved, ["Stop"], "`b` moves up");
        assert_eq!(
            text(&folder),
            r#"{"hooks":{"Stop":[{"hooks":[{"type":"command","command":"a"},{"type":"command","command":"b"}]}]}}"#
        );
    }

    /// A home whose file has a hook of another before each of ours and one behind.
    fn between_others() -> (tempfile::TempDir, HooksFile) {
        let (folder, mut file) = home(r#"{"hooks":{"Stop":[{"hooks":[{"type":"command","command":"a"}]}]}}"#);
        file.install(&command("/opt/codex-git")).unwrap();
        let mut value: serde_json::Value = serde_json::from_str(&text(&folder)).unwrap();
        for event in ["Stop", "SessionEnd"] {
            let other = serde_json::json!({ "hooks": [{ "type": "command", "command": "b" }] });
            value["hooks"][event].as_array_mut().unwrap().push(other);
        }
        fs::write(folder.path().join("hooks.json"), value.to_string()).unwrap();
        let file = HooksFile::read(folder.path()).unwrap();
        (folder, file)
    }

    /// What stands at each place of an event, `-` being nothing.
    fn at(folder: &tempfile::TempDir, event: &str) -> Vec<String> {
        let value: serde_json::Value = serde_json::from_str(&text(folder)).unwrap();
        let groups = value["hooks"][event].as_array().cloned().unwrap_or_default();
        groups.iter().map(|group| group["hooks"][0]["command"].as_str().unwrap_or("-").to_owned()).collect()
    }

    #[test]
    fn hooks_of_others_keep_their_place_when_ours_go_and_come_again() {
        let (folder, mut file) = between_others();
        let removed = file.remove().unwrap();
        assert_eq!((removed.kept, removed.moved.len()), (vec!["Stop".to_owned(), "SessionEnd".to_owned()], 0));
        assert_eq!((at(&folder, "Stop"), at(&folder, "SessionEnd")), (list(&["a", "-", "b"]), list(&["-", "b"])));
        assert_eq!(at(&folder, "Interrupt"), list(&[]), "where none of others stands, nothing is left");
        assert!(!file.remove().unwrap().changed);
        file.install(&command("/opt/codex-git")).unwrap();
        let ours = "/opt/codex-git hook || true";
        assert_eq!((at(&folder, "Stop"), at(&folder, "SessionEnd")), (list(&["a", ours, "b"]), list(&[ours, "b"])));
        assert_eq!(at(&folder, "Interrupt"), list(&[ours]));
    }

    #[test]
    fn an_entry_of_ours_that_differs_is_replaced_where_it_stands() {
        let (folder, mut file) = between_others();
        assert!(file.install(&command("/new/codex-git")).unwrap());
        assert_eq!(at(&folder, "Stop"), list(&["a", "/new/codex-git hook || true", "b"]));
    }

    #[test]
    fn an_entry_that_keeps_no_place_any_more_goes() {
        let (folder, mut file) =
            home(r#"{"hooks":{"Stop":[{"hooks":[{"type":"command","command":"a"}]},{"hooks": [ ]}]}}"#);
        assert!(file.remove().unwrap().changed);
        assert_eq!(at(&folder, "Stop"), list(&["a"]));
    }

    fn list(commands: &[&str]) -> Vec<String> {
        commands.iter().map(|&command| command.to_owned()).collect()
    }

    #[test]
    fn what_codex_would_not_read_is_left_alone() {
        for bad in ["{", "[]", "{\"hooks\": 1}", "{\"hooks\": {\"Stop\": {}}}", "{\"hooks\": {\"Stop\": [1]}} x"] {
            let folder = tempfile::tempdir().unwrap();
            fs::write(folder.path().join("hooks.json"), bad).unwrap();
            assert!(matches!(HooksFile::read(folder.path()), Err(Error::Hooks { .. })), "{bad}");
        }
    }

    #[test]
    fn hooks_of_a_person_that_run_codex_git_stay() {
        let own = r#"{"hooks":{"Stop":[{"hooks":[{"type":"command","command":"notify-send done; nice -n 19 /opt/codex-git hook"}]},{"hooks":[{"type":"command","command":"/opt/codex-git hook || true","timeout":99}]}]}}"#;
        let (folder, mut file) = home(own);
        assert_eq!(file.commands(), []);
        file.install(&command("/opt/codex-git")).unwrap();
        assert_eq!(file.commands().len(), 7);
        file.remove().unwrap();
        assert_eq!(text(&folder), own);
    }
}
